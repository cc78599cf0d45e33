"""The store on one SQLite file: opening it, and the verbs that concern the file as a whole."""
# ruff: noqa: ASYNC240  a look at one local file is quicker than handing it to a thread

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiosqlite

from bot.errors import FullError, LockedError, OutdatedError, StoreError
from bot.ports import Notes, Outbox, Papers, People, Subscriptions
from bot.store.sqlite import connection, copies, fulltext, lock, migrate, soundness
from bot.store.sqlite.connection import Database
from bot.store.sqlite.notes import SqliteNotes
from bot.store.sqlite.outbox import SqliteOutbox
from bot.store.sqlite.papers import SqlitePapers
from bot.store.sqlite.people import SqlitePeople
from bot.store.sqlite.subscriptions import SqliteSubscriptions

__all__ = ["SqliteStore", "copy_store", "open_store"]


class SqliteStore:
    """The five domains over one database. See ``bot.ports.Store``; raises ``StoreError``."""

    papers: Papers
    subscriptions: Subscriptions
    outbox: Outbox
    people: People
    notes: Notes

    def __init__(self, database: Database) -> None:
        self._db = database
        self.papers = SqlitePapers(database)
        self.subscriptions = SqliteSubscriptions(database)
        self.outbox = SqliteOutbox(database)
        self.people = SqlitePeople(database)
        self.notes = SqliteNotes(database)

    async def backup(self, path: str) -> None:
        """A sound copy in a new file that only its owner can read. Works read-only too."""
        target = Path(path)
        if target.exists():
            raise StoreError(f"{path} is there already, and a backup never overwrites. Name a new file.")
        await self._db.alone(lambda connection: _copy(connection, target))

    async def check(self) -> list[str]:
        async with self._db.read() as session:
            if damage := soundness.problems(await session.rows("pragma quick_check")):
                return damage  # anything else that is asked of it may run into the same page
            dangling = await session.rows("pragma foreign_key_check")
        return [f"{row['table']} row {row['rowid']} refers to a {row['parent']} that is not there" for row in dangling]

    async def tidy(self, now: int) -> None:
        async with self._db.write() as session:
            await session.rows("delete from spent where until <= ?", (now,))
            await session.rows("delete from note where until > 0 and until <= ?", (now,))
            await fulltext.merge_segments(session)
        await self._db.upkeep("pragma optimize", "pragma wal_checkpoint(truncate)")


@asynccontextmanager
async def open_store(
    path: Path, *, now: int, read_only: bool = False, patience: float = 0.0
) -> AsyncIterator[SqliteStore]:
    """Open the database at ``path``, making or migrating it first, and hold its lock until the end.

    Somebody who holds it only for a look is waited for, at most ``patience`` seconds.
    ``read_only`` changes nothing: for a look while the bot runs. Only on a full disk it takes the lock. Raises
    ``StoreError`` when the file is in use, damaged, foreign or newer than this program, and ``OutdatedError`` when it
    is missing or older, and only to be read.
    """
    name, path = path, lock.resolved(path)
    async with AsyncExitStack() as stack:
        steps = migrate.read_steps()
        migrate.refuse_foreign(path)
        writer, marks = None, list[lock.Lock]()
        if not read_only:
            # Of a link both: one process a file, and what a name led to is known when it leads to an older copy.
            marks = [await _locked(stack, place, patience) for place in dict.fromkeys((path, name))]
            writer = await stack.enter_async_context(connection.writing(path))
            await migrate.migrate(writer, path, steps)
        elif not path.exists() or not path.stat().st_size:
            raise OutdatedError(f"There is no database at {path} yet. Start the bot once to make it.")
        # Entered last, so closed first: only the writer may checkpoint at the end.
        reader = await stack.enter_async_context(connection.reading(path))
        if read_only:
            try:
                await migrate.must_be_current(reader, path, steps)
            except FullError:
                if connection.has_log(path):
                    raise
                # Nobody has it open, for then the file that there is no room for would be there; nor may anybody now.
                stack.enter_context(lock.held(path))
                reader = await stack.enter_async_context(connection.reading(path, idle=True))
                await migrate.must_be_current(reader, path, steps)
        if not marks:
            yield SqliteStore(Database(path, reader, None))
            return

        def note_sent(message: int) -> None:
            for mark in marks:
                mark.sent(message)

        database = Database(path, reader, writer, note_sent)
        async with database.write() as session:
            await fulltext.renew(session)
            older = [await copies.put_in_place(session, now, mark.last, mark.highest) for mark in marks]
        if any(older):
            note_sent(0)  # a message of another time
        yield SqliteStore(database)


async def copy_store(path: Path, target: Path) -> None:
    """A copy of a database of any schema version, which is only read. Raises ``StoreError``."""
    async with connection.reading(path) as reader:
        await Database(path, reader, None).alone(lambda open_: _copy(open_, target))


async def _copy(connection_: aiosqlite.Connection, target: Path) -> None:
    """What could not be written is the copy: of the original it is only read."""
    try:
        await copies.copy_into(connection_, target)
    except sqlite3.Error as error:
        if connection.is_full(error) or error.sqlite_errorcode == sqlite3.SQLITE_IOERR_WRITE:
            raise connection.refusal(target, error) from error
        raise


async def _locked(stack: AsyncExitStack, path: Path, patience: float) -> lock.Lock:
    loop = asyncio.get_running_loop()
    ends = loop.time() + patience
    while True:
        try:
            return stack.enter_context(lock.held(path))
        except LockedError:
            if loop.time() >= ends:
                raise
            await asyncio.sleep(0.05)
