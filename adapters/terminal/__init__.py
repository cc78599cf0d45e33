"""The terminal as a platform: channels and persons on one screen, with a transcript as its channel history."""

from adapters import Options
from adapters.terminal.platform import Terminal

__all__ = ["Terminal", "build"]


def build(options: Options) -> Terminal:
    """A terminal on the process's own input and output."""
    return Terminal(
        options.beside.with_name(f"{options.beside.name}.terminal.jsonl"),
        read=options.read,
        complete=options.complete,
        user=options.user,
        room=options.room,
        status=options.status,
        clock=options.clock,
    )
