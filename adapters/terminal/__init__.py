"""The terminal as a platform: channels and persons on one screen, with a transcript as its channel history."""

from adapters.terminal.platform import Terminal

__all__ = ["Terminal"]
