"""Two connections to one file, a lock for each, transactions, and sqlite's errors in plain words.

No table is named here. One connection writes, another reads: SQLite before 3.51.3 can corrupt a file when two
connections commit and checkpoint at once (sqlite.org/wal.html#walresetbug), so the reader never does either.
"""
# ruff: noqa: ASYNC240  a look at one local file is quicker than handing it to a thread

import asyncio
import errno
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import aiosqlite

from bot.errors import FullError, ReadOnlyError, StoreError

Row = sqlite3.Row
Parameters = Sequence[object] | Mapping[str, object]

BUSY_TIMEOUT = 5.0
"""Seconds to wait for a lock of another process (somebody with the sqlite3 shell) before giving up."""
_BESIDE = ("-wal", "-shm", ".lock")
"""Ends of the names of the files beside it."""
_CHUNK = 500
"""Values in one ``in (...)``; SQLite takes 32,766, older builds 999."""

_WRITER = (
    "pragma foreign_keys = on",
    "pragma journal_mode = wal",
    # NORMAL lost acknowledged commits in power cuts; FULL never did.
    "pragma synchronous = full",
    # What a person asked us to forget must not stay in free pages.
    "pragma secure_delete = on",
)
# It is opened with mode=ro, stronger than query_only, which would forbid VACUUM INTO another file.
_READER = ("pragma wal_autocheckpoint = 0",)

_NO_ROOM = (
    "The disk under {path} is full. Nothing was half written. Free some room: a Paperboy that runs goes on by itself "
    "then, what ended has to be started again."
)
_SENTENCES = {
    sqlite3.SQLITE_READONLY: "{path} cannot be written: give this user the right to write the file and its folder.",
    sqlite3.SQLITE_NOTADB: "{path} is not a database, or damaged. Move it away and put a backup in its place.",
    sqlite3.SQLITE_CORRUPT: "{path} is damaged. Keep it aside and put a backup in its place: see docs/operating.md.",
    sqlite3.SQLITE_BUSY: "{path} is busy: another program holds it. Close that program; it is tried again.",
    sqlite3.SQLITE_LOCKED: "{path} is busy: another program holds it. Close that program; it is tried again.",
    sqlite3.SQLITE_CANTOPEN: "{path} cannot be opened: does it exist, and may this user read and write its folder?",
    sqlite3.SQLITE_PERM: "{path} cannot be opened: give this user the right to read and write it.",
    sqlite3.SQLITE_IOERR: "The disk under {path} failed to read or write. Check the disk and take a backup.",
}

_T = TypeVar("_T")


def refusal(path: Path, error: sqlite3.Error) -> StoreError:
    """What went wrong with the file at ``path`` and what to do, in a few sentences."""
    if is_full(error):
        return FullError(_NO_ROOM.format(path=path))
    known = _SENTENCES.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
    return StoreError(known.format(path=path) if known else f"The database {path} refused: {error}.")


def is_full(error: sqlite3.Error) -> bool:
    """Whether there was no room, be it only for the file (``-shm``) that SQLite makes even to read."""
    code = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF == sqlite3.SQLITE_FULL or code == sqlite3.SQLITE_IOERR_SHMSIZE


@contextmanager
def in_plain_words(path: Path) -> Iterator[None]:
    """Turn every error of sqlite3 and of the file system into a ``StoreError`` with its cause."""
    try:
        yield
    except sqlite3.Error as error:
        raise refusal(path, error) from error
    except FileNotFoundError as error:
        raise StoreError(f"There is no folder {path.absolute().parent}. Make it, or name another database.") from error
    except PermissionError as error:
        raise StoreError(
            f"{error.filename or path} may not be used by this user: give it the right to read and write there."
        ) from error
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise FullError(_NO_ROOM.format(path=error.filename or path)) from error
        raise StoreError(f"{error.filename or path}: {error.strerror or error}.") from error


async def in_turns(items: Iterable[_T]) -> AsyncIterator[_T]:
    """The items, with a turn for everybody else between two of them: a few thousand papers take seconds to work on."""
    for item in items:
        yield item
        await asyncio.sleep(0)


async def uninterrupted(work: Awaitable[_T]) -> _T:
    """Wait for ``work`` to its end even when cancelled meanwhile; the cancellation is raised after it.

    So it is when the work failed: from its error, for whoever cancels has to see that it was.
    """
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled from (None if task.cancelled() else task.exception())
    return task.result()


class Session:
    """What a verb may do inside its transaction. Raises ``sqlite3.Error``; the transaction translates it."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection

    async def rows(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        """Run one statement and return all its rows, none for a statement without any."""
        with _storable():
            return list(await self._connection.execute_fetchall(sql, parameters))

    async def row(self, sql: str, parameters: Parameters = ()) -> Row | None:
        found = await self.rows(sql, parameters)
        return found[0] if found else None

    async def value(self, sql: str, parameters: Parameters = ()) -> Any:
        """The first column of the only row."""
        return (await self.rows(sql, parameters))[0][0]

    async def many(self, sql: str, parameters: Iterable[Parameters]) -> None:
        """Run one statement for each set of parameters."""
        if wanted := list(parameters):
            with _storable():
                await self._connection.executemany(sql, wanted)

    async def among(self, sql: str, values: Iterable[object], *first: object) -> list[Row]:
        """Rows of a statement with ``in ({})`` in it, for any number of values; ``first`` are parameters before it."""
        wanted, found = list(values), []
        for start in range(0, len(wanted), _CHUNK):
            chunk = wanted[start : start + _CHUNK]
            found += await self.rows(sql.format(",".join("?" * len(chunk))), [*first, *chunk])
        return found


@contextmanager
def _storable() -> Iterator[None]:
    """A lone surrogate or a number over 64 bits is no database failure, but cannot be stored either."""
    try:
        yield
    except (UnicodeEncodeError, OverflowError) as error:
        raise StoreError(f"This cannot be stored: {error}.") from error


class Database:
    """The connections of one open store. ``writer`` is None when it was opened for reading only.

    ``note_sent`` is told each message that is known to be sent, once that is committed.
    """

    def __init__(
        self,
        path: Path,
        reader: aiosqlite.Connection,
        writer: aiosqlite.Connection | None,
        note_sent: Callable[[int], None] = lambda _: None,
    ) -> None:
        self.path = path
        self.note_sent = note_sent
        self._reader = reader
        self._writer = writer
        self._reading = asyncio.Lock()
        self._writing = asyncio.Lock()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Session]:
        """One transaction that writes: all of it or nothing, also when cancelled. Raises ``StoreError``."""
        writer = self._writable()
        async with self._writing, _transaction(self.path, writer, "begin immediate", "commit") as session:
            yield session

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Session]:
        """One consistent look at everything committed so far. Raises ``StoreError``."""
        async with self._reading, _transaction(self.path, self._reader, "begin", "rollback") as session:
            yield session

    async def upkeep(self, *statements: str) -> None:
        """Run statements that cannot be part of a transaction, while nobody reads or writes. Raises ``StoreError``.

        A statement that has begun is waited for, also when cancelled.
        """
        writer = self._writable()
        async with self._writing, self._reading:
            with in_plain_words(self.path):
                for statement in statements:
                    await uninterrupted(Session(writer).rows(statement))

    async def alone(self, work: Callable[[aiosqlite.Connection], Awaitable[None]]) -> None:
        """Let ``work`` have a connection to itself, the writing one where there is one. Raises ``StoreError``.

        Once begun it is waited for, also when cancelled.
        """
        lock, connection = (self._writing, self._writer) if self._writer else (self._reading, self._reader)
        async with lock:
            with in_plain_words(self.path):
                await uninterrupted(work(connection))

    def _writable(self) -> aiosqlite.Connection:
        if self._writer is None:
            raise ReadOnlyError(
                f"{self.path} is open for reading only here, because another Paperboy may hold it or the disk is full. "
                "Give this command to the running bot, or stop the bot first."
            )
        return self._writer


@asynccontextmanager
async def _transaction(path: Path, connection: aiosqlite.Connection, begin: str, end: str) -> AsyncIterator[Session]:
    session = Session(connection)
    with in_plain_words(path):
        _must_be_open(path, connection)
        try:
            await session.rows(begin)
            yield session
            await session.rows(end)
        except BaseException:
            # A cancelled await does not stop its statement: only after the rollback may the next one have the lock.
            await uninterrupted(_roll_back(connection))
            raise


async def _roll_back(connection: aiosqlite.Connection) -> None:
    # After a full disk SQLite has rolled back by itself.
    with suppress(sqlite3.Error, ValueError):
        await connection.rollback()


def _must_be_open(path: Path, connection: aiosqlite.Connection) -> None:
    try:
        _ = connection.in_transaction
    except ValueError as error:
        raise StoreError(f"{path} was closed already.") from error


@asynccontextmanager
async def writing(path: Path) -> AsyncIterator[aiosqlite.Connection]:
    """The one connection that writes. The file is its owner's alone: made so, or taken from others where it was put."""
    with in_plain_words(path):
        if not path.exists():
            path.touch(mode=0o600)
        for file in (path, *(path.with_name(path.name + end) for end in _BESIDE)):
            if file.exists() and file.stat().st_mode & 0o077:
                with suppress(PermissionError):  # another user's file that we may write to all the same
                    file.chmod(0o600)
    async with _connected(path, "rwc", _WRITER) as connection:
        yield connection


@asynccontextmanager
async def reading(path: Path, *, idle: bool = False) -> AsyncIterator[aiosqlite.Connection]:
    """A connection that can neither write nor checkpoint.

    ``idle`` reads the file alone, without locks or its log: only where nobody can have it open to write, and the log
    is empty (``has_log``). https://sqlite.org/uri.html#uriimmutable
    """
    async with _connected(path, "ro&immutable=1" if idle else "ro", _READER) as connection:
        yield connection


def has_log(path: Path) -> bool:
    """Whether something is written that stands beside the file only."""
    log = path.with_name(f"{path.name}-wal")
    return log.exists() and log.stat().st_size > 0


@asynccontextmanager
async def _connected(path: Path, mode: str, pragmas: Sequence[str]) -> AsyncIterator[aiosqlite.Connection]:
    address = f"{path.absolute().as_uri()}?mode={mode}"
    with in_plain_words(path):
        # A connect that fails leaves aiosqlite's thread talking to a loop that may be gone: fail before it starts.
        sqlite3.connect(address, uri=True).close()
        connection = await aiosqlite.connect(address, uri=True, isolation_level=None, timeout=BUSY_TIMEOUT)
    try:
        connection.row_factory = sqlite3.Row
        with in_plain_words(path):
            for pragma in pragmas:
                await connection.execute_fetchall(pragma)
        yield connection
    finally:
        await uninterrupted(connection.close())
