"""The terminal as a platform: channels and persons on one screen, with a transcript as its channel history."""

from adapters import Options
from adapters.terminal.platform import Terminal

__all__ = ["Terminal", "build"]


def build(options: Options) -> Terminal:
    """A terminal on the process's own input and output."""
    own = options.terminal
    return Terminal(
        own.beside.with_name(f"{own.beside.name}.terminal.jsonl"),
        read=own.read,
        complete=own.complete,
        user=own.user,
        room=own.room,
        status=own.status,
        clock=options.clock,
    )
