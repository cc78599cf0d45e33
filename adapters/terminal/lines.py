"""Lines from a pipe, read in a thread of their own so that the loop never waits for somebody to type.

The thread is a daemon that reads the descriptor itself: a process that ends does not wait for it, and no lock of a
buffered file is held when the interpreter goes.
"""

import asyncio
import io
import os
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import suppress
from threading import Event, Semaphore, Thread
from typing import IO

from bot.errors import CommandError

LONGEST = 65_536
"""Bytes in a line; a longer one arrives cut to one byte more, its rest is passed over."""

_CHUNK = 65_536


async def lines(source: IO[str] | IO[bytes]) -> AsyncGenerator[bytes, None]:
    """Every line without its end, until the source ends or cannot be read any more. Reads one line ahead at most."""
    arrived: asyncio.Queue[bytes | None] = asyncio.Queue()
    wanted, over = Semaphore(0), Event()
    loop = asyncio.get_running_loop()

    def pump() -> None:
        # A loop that was closed meanwhile takes no more lines: nobody is waiting for them.
        with suppress(RuntimeError):
            for line in _to_the_end(_reader(source)):
                wanted.acquire()
                if over.is_set():
                    return
                loop.call_soon_threadsafe(arrived.put_nowait, line)

    Thread(target=pump, name="terminal-lines", daemon=True).start()
    try:
        wanted.release()
        while (line := await arrived.get()) is not None:
            yield line
            wanted.release()
    finally:
        over.set()
        wanted.release()


def _to_the_end(read: Callable[[], bytes]) -> Iterator[bytes | None]:
    with suppress(OSError, ValueError):
        yield from _split(read)
    yield None


def text_of(line: bytes) -> str:
    """A line as text without the white space around it. Raises ``CommandError`` for a long one and for no UTF-8."""
    if len(line) > LONGEST:
        raise CommandError(f"That line is longer than {LONGEST // 1024} KB; it was not read.")
    try:
        return line.decode().strip()
    except UnicodeDecodeError as error:
        raise CommandError(f"That line is not UTF-8 (at byte {error.start + 1}); it was not read.") from error


def _reader(source: IO[str] | IO[bytes]) -> Callable[[], bytes]:
    try:
        descriptor = source.fileno()
    except (OSError, io.UnsupportedOperation):
        return lambda: _encoded(source.read(_CHUNK))
    return lambda: os.read(descriptor, _CHUNK)


def _encoded(text: str | bytes) -> bytes:
    return text.encode(errors="surrogateescape") if isinstance(text, str) else text


def _split(read: Callable[[], bytes]) -> Iterator[bytes]:
    rest, skipping = b"", False
    while chunk := read():
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            if not skipping:
                yield line[: LONGEST + 1]
            skipping = False
        if len(rest) > LONGEST:
            if not skipping:
                yield rest[: LONGEST + 1]
            rest, skipping = b"", True
    if rest and not skipping:
        yield rest
