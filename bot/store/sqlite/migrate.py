"""Bringing a database file to this version's schema, one numbered step after the other, each in its own transaction.

The steps are the files ``schema/NNNN_name.sql``; the number of the last one taken is the file's ``user_version``.
"""

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import aiosqlite

from bot.errors import OutdatedError, StoreError
from bot.store.sqlite.connection import in_plain_words, uninterrupted
from bot.store.sqlite.copies import copy_into

APPLICATION_ID = 0x50415062
_FILE = re.compile(r"(\d{4})_\w+\.sql")


@dataclass(frozen=True, slots=True)
class Step:
    """One step: the version it leads to and its statements."""

    version: int
    sql: str


def read_steps(folder: Path = Path(__file__).parent / "schema") -> list[Step]:
    """All steps in order."""
    found = ((_FILE.fullmatch(file.name), file) for file in sorted(folder.iterdir()))
    return [Step(int(name[1]), file.read_text(encoding="utf-8")) for name, file in found if name]


def statements(sql: str) -> Iterator[str]:
    """The statements of a script, also where a text, a comment or a trigger holds a semicolon."""
    statement = ""
    for piece in sql.split(";")[:-1]:
        statement += piece + ";"
        if sqlite3.complete_statement(statement):
            yield statement.strip()
            statement = ""


def refuse_foreign(path: Path) -> None:
    """Raises ``StoreError`` for a file that is not ours, before it is locked, touched or put into WAL mode.

    An empty file is nobody's. The header's layout: https://sqlite.org/fileformat2.html#the_database_header
    """
    with in_plain_words(path):
        if path.is_dir():
            raise StoreError(f"{path} is a folder. Name a file in it, such as {path / 'paperboy.db'}.")
        if not path.exists() or not path.stat().st_size:
            return
        with path.open("rb") as file:
            header = file.read(100)
        if header[:16] != b"SQLite format 3\0":
            raise StoreError(
                f"{path} is not a database, or damaged. Name another file, or put a backup in the place of this one."
            )
        owner = int.from_bytes(header[68:72], "big")
        if owner != APPLICATION_ID and (owner or _has_tables(path)):
            raise StoreError(f"{path} is the database of another program. Give Paperboy a file of its own.")


def _has_tables(path: Path) -> bool:
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        return bool(connection.execute("select count(*) from sqlite_master").fetchone()[0])


async def version_of(connection: aiosqlite.Connection, path: Path, newest: int) -> int:
    """The schema version of a file, 0 for an empty one. Raises ``StoreError`` for a newer one."""
    with in_plain_words(path):
        # The header was looked at before, but tables of another program may still be in its write-ahead log.
        owner = await _number(connection, "pragma application_id")
        tables = await _number(connection, "select count(*) from sqlite_master")
        version = await _number(connection, "pragma user_version")
    if owner != APPLICATION_ID and (owner or tables):
        raise StoreError(f"{path} is the database of another program. Give Paperboy a file of its own.")
    if version > newest:
        raise StoreError(
            f"{path} has schema version {version}, but this Paperboy knows only up to {newest}. "
            f"Install the newer Paperboy again, or go back to the copy {path.name}.before-v{newest + 1}."
        )
    return version


async def migrate(connection: aiosqlite.Connection, path: Path, steps: Sequence[Step]) -> None:
    """Take every step the file lacks. A file with something in it is copied to ``<path>.before-vN`` before."""
    version = await version_of(connection, path, steps[-1].version)
    missing = [step for step in steps if step.version > version]
    if missing and version:
        await _keep_copy(connection, path, missing[0].version)
    for step in missing:
        await _take(connection, path, step)


async def _keep_copy(connection: aiosqlite.Connection, path: Path, version: int) -> None:
    copy = path.with_name(f"{path.name}.before-v{version}")
    unfinished = copy.with_name(copy.name + ".part")
    with in_plain_words(path):
        unfinished.unlink(missing_ok=True)
        await uninterrupted(copy_into(connection, unfinished))
        unfinished.replace(copy)


async def _take(connection: aiosqlite.Connection, path: Path, step: Step) -> None:
    with in_plain_words(path):
        # A step may rebuild a table that others refer to; the check below is stricter than the one it replaces.
        await connection.execute_fetchall("pragma foreign_keys = off")
        try:
            await _run(connection, path, step)
        finally:
            await uninterrupted(connection.rollback())
            await connection.execute_fetchall("pragma foreign_keys = on")


async def _run(connection: aiosqlite.Connection, path: Path, step: Step) -> None:
    await connection.execute_fetchall("begin immediate")
    for statement in statements(step.sql):
        await connection.execute_fetchall(statement)
    if list(await connection.execute_fetchall("pragma foreign_key_check")):
        raise StoreError(
            f"{path} has rows that refer to nothing after schema step {step.version}; it was left as it was."
        )
    await connection.execute_fetchall(f"pragma user_version = {step.version}")
    await connection.execute_fetchall("commit")


async def _number(connection: aiosqlite.Connection, sql: str) -> int:
    return int(next(iter(await connection.execute_fetchall(sql)))[0])


async def must_be_current(connection: aiosqlite.Connection, path: Path, steps: Sequence[Step]) -> None:
    """Raises ``OutdatedError`` for a file that lacks a step, which only somebody who may write can take."""
    version = await version_of(connection, path, steps[-1].version)
    if version < steps[-1].version:
        raise OutdatedError(
            f"{path} has the older schema version {version}. Start the bot once to bring it up to date."
        )
