"""Whether a database is whole, as SQLite's own check sees it. Reads only; no table is named here."""

import sqlite3
from collections.abc import Iterable

import aiosqlite


def problems(answer: Iterable[sqlite3.Row]) -> list[str]:
    """One line for each thing that ``pragma quick_check`` complains of. None for a sound database.

    It puts several into one row, under a headline with the name of the schema.
    """
    lines = (line.strip() for row in answer for line in str(row[0]).splitlines())
    return [line for line in lines if line and line != "ok" and not line.startswith("***")]


async def is_damaged(connection: aiosqlite.Connection) -> bool:
    """Whether anything is wrong with it. False too where that cannot be found out. Reads all of it."""
    try:
        return bool(problems(await connection.execute_fetchall("pragma quick_check(1)")))
    except sqlite3.Error as error:
        return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_CORRUPT


def damage() -> sqlite3.DatabaseError:
    """What SQLite raises for a damaged page that it recognizes."""
    error = sqlite3.DatabaseError("database disk image is malformed")
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    return error
