"""A copy of the database, and what is different in it: it knows that it is one.

Whoever puts a copy in the place of the database goes back in time: what the copy holds as unsent may have been sent
since. So everything unfinished in it is unclear, to be asked about before it is sent, and a note says of when it is,
for ``bot/put_back.py``. A backup of ours is marked so from the start. Any other copy, by ``cp``, a snapshot or a
replicator, is noticed where the database was before, by the lock file that stayed there.
"""

# ruff: noqa: ASYNC240  a look at one local file is quicker than handing it to a thread

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import aiosqlite

from bot.model import Draft
from bot.store.sqlite import soundness
from bot.store.sqlite.connection import Session, is_full

_REMEMBERED = 14 * 24 * 60 * 60 * 1000
"""For how long after it was put back it matters that a database was a copy, in ms: older papers are read no more."""
_CLOCK = 3 * 60 * 60 * 1000
"""By how much a clock may have been ahead when something was written, in ms: so much further back rooms are read."""
_NOTE = "owner = '' and key = 'copied at'"
_MARK = (
    # It may have been sent at any time since it was frozen: it is looked for from then on.
    "update message set started = created where started = 0 and state not in ('sent', 'dead', 'expired')",
    "update message set state = 'ambiguous' where state in ('ready', 'sending')",
    "update message set unclear = 1 where state = 'suspended'",
    # Of when it is: the last thing that happened in it. A copy of what was put back lately is as old as that one.
    "insert into note (owner, key, text, until) select '', 'copied at', cast(max("
    " coalesce((select max(created) from message), 0), coalesce((select max(ended) from message), 0),"
    " coalesce((select max(last_try) from health), 0), coalesce((select max(first_seen) from paper), 0),"
    " coalesce((select max(created) from subscription), 0)) as text), 0"
    " where true on conflict (owner, key) do update set until = 0, text = coalesce(nullif(text, '0'), excluded.text)",
    # What rooms told by then: since then more was posted there.
    "delete from note where owner = '' and key like 'room %'",
)


async def copy_into(connection: aiosqlite.Connection, path: Path) -> None:
    """A compact copy in a new file with mode 0600. Raises ``OSError`` (also when it exists) and ``sqlite3.Error``.

    The name is taken at once; what stands under it is empty or a whole copy that is marked as one.
    """
    path.touch(mode=0o600, exist_ok=False)
    unfinished = path.with_name(f"{path.name}.new")
    try:
        unfinished.unlink(missing_ok=True)
        unfinished.touch(mode=0o600)
        await _vacuum(connection, unfinished)
        await asyncio.to_thread(_mark, unfinished)
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        path.unlink(missing_ok=True)
        raise


async def _vacuum(connection: aiosqlite.Connection, path: Path) -> None:
    """SQLite calls the disk full also where a page that it copies points to none, however much room there is."""
    try:
        await connection.execute_fetchall("vacuum into ?", (str(path),))
    except sqlite3.Error as error:
        if is_full(error) and await soundness.is_damaged(connection):
            raise soundness.damage() from error
        raise


def _mark(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as copy:
        copy.execute("begin")
        for statement in _MARK:
            copy.execute(statement)
        copy.execute("commit")


async def put_in_place(session: Session, now: int, last: int, highest: int) -> bool:
    """Somebody writes to a database that is a copy: from now on it is remembered for two weeks.

    ``last`` and ``highest`` are messages that were sent from here, last and with the highest id ever: a database that
    does not know of them is a copy of an older one, made without our help. Whether it is.
    """
    given = await _given(session)
    row = await session.row("select state from message where id = ?", (last,))
    is_older = given < highest or bool(row and row["state"] != "sent")
    for statement in _MARK if is_older else ():
        await session.rows(statement)
    if given < highest:
        await _give_above(session, highest)
    await session.rows(f"update note set until = ? where {_NOTE} and until = 0", (now + _REMEMBERED,))  # noqa: S608
    return is_older


async def _given(session: Session) -> int:
    """The highest id that a message got. Ids are never given again: one below it that is not there was deleted."""
    return int(await session.value("select coalesce(max(seq), 0) from sqlite_sequence where name = 'message'"))


async def _give_above(session: Session, highest: int) -> None:
    """What this database sends from now on has ids of its own, so that any other copy is noticed by them again."""
    await session.rows("delete from sqlite_sequence where name = 'message'")
    await session.rows("insert into sqlite_sequence (name, seq) values ('message', ?)", (highest,))


async def copied_at(session: Session, now: int) -> int:
    """Since when (ms) things may have happened that this database, a copy, does not know of; 0 when it is none.

    Some hours before the last thing that happened in it: the clock may have been ahead then. 0 too when it was put
    back long ago.
    """
    row = await session.row(f"select text from note where {_NOTE} and (until = 0 or until > ?)", (now,))  # noqa: S608
    return max(0, int(row["text"]) - _CLOCK) if row else 0


async def doubt(session: Session, draft: Draft, now: int) -> int:
    """Since when (ms) a message that is frozen now may have been sent already by the database it is a copy of.

    0 for surely never, or where ``bot/put_back.py`` saw to it: a room shows which papers were posted there. What else
    is said on an occasion of its own, a notice or that a watched paper changed, is looked for by its name.
    """
    watched = "select id from delivery where occasion <> '' and id in ({})"
    if draft.kind == "notice" or await session.among(watched, draft.shown):
        return await copied_at(session, now)
    return 0
