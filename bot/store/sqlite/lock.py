"""One Paperboy a database: a lock file beside it, held by the kernel for as long as its process lives.

Its first line names the process. Its second is the message that was sent last, its third the one with the highest id
that ever was: by them a plain copy of an older database is noticed that somebody put in the place of this one
(``copies.py``).
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bot.errors import LockedError, StoreError
from bot.store.sqlite.connection import in_plain_words

_LINE = 21
"""Bytes of a line, so that each is written in place."""


class Lock:
    """Held. ``last`` is the id of the message that was sent last, by any process before; 0 where nobody knows.

    ``highest`` is the highest one that was sent, in whatever database was here.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.last = _number(os.pread(descriptor, _LINE, _LINE))
        self.highest = max(self.last, _number(os.pread(descriptor, _LINE, 2 * _LINE)))

    def sent(self, message: int) -> None:
        """Note it. Not synced, for a power cut ends this machine's memory of it and not the database's.

        0 where the database knows of none that was sent last; the highest stays.
        """
        self.highest = max(self.highest, message)
        with suppress(OSError):  # without the note all is as well as without this file
            os.pwrite(self._descriptor, _line(message) + _line(self.highest), _LINE)


def resolved(path: Path) -> Path:
    """Where the file really is: what stands beside it is one for all links to it. Any other path stays as it is.

    Raises nothing: what cannot be looked at is told of when it is opened.
    """
    return Path(os.path.realpath(path)) if os.path.islink(path) else path


@contextmanager
def held(path: Path) -> Iterator[Lock]:
    """Hold ``<path>.lock``. Raises ``StoreError`` naming the process that has it.

    The file stays when the lock is given back: deleting it would let two processes lock two files of one name.
    """
    if not path.absolute().parent.is_dir():
        raise StoreError(f"{path} cannot be made: there is no folder {path.absolute().parent}. Make it first.")
    lock = path.with_name(path.name + ".lock")
    with in_plain_words(lock):
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _take(descriptor, path, lock)
        yield Lock(descriptor)
        os.pwrite(descriptor, _line(""), 0)
    finally:
        os.close(descriptor)


def _take(descriptor: int, path: Path, lock: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.pread(descriptor, _LINE, 0).decode(errors="replace").strip() or "unknown"
        raise LockedError(
            f"{path} is in use by process {holder}. Stop that one first, or give this one a database of its own."
        ) from error
    except OSError as error:
        raise StoreError(f"{lock} cannot be locked: {error.strerror}. Put the database on a local disk.") from error
    with in_plain_words(lock):
        os.pwrite(descriptor, _line(os.getpid()), 0)


def _number(line: bytes) -> int:
    """0 for what is no id: SQLite's have at most nineteen digits."""
    said = line.strip()
    return int(said) if said.isdigit() and len(said) < 19 else 0


def _line(said: object) -> bytes:
    return f"{said:<{_LINE - 1}}\n".encode()
