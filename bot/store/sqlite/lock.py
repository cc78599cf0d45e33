"""One Paperboy a database: a lock file beside it, held by the kernel for as long as its process lives."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.errors import LockedError, StoreError
from bot.store.sqlite.connection import in_plain_words


@contextmanager
def held(path: Path) -> Iterator[None]:
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
        yield
        os.truncate(descriptor, 0)
    finally:
        os.close(descriptor)


def _take(descriptor: int, path: Path, lock: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.pread(descriptor, 20, 0).decode(errors="replace").strip() or "unknown"
        raise LockedError(
            f"{path} is in use by process {holder}. Stop that one first, or give this one a database of its own."
        ) from error
    except OSError as error:
        raise StoreError(f"{lock} cannot be locked: {error.strerror}. Put the database on a local disk.") from error
    with in_plain_words(lock):
        os.truncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
