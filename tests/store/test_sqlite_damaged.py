"""A damaged database: what a copy of it and the daily check say of it."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import cast

import aiosqlite
import pytest

from bot.errors import FullError, StoreError
from bot.store.sqlite import copies, migrate, open_store
from bot.store.sqlite.connection import reading, writing
from tests.damaging import lead_astray, make
from tests.making import NOON


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "paperboy.db"


async def test_a_copy_of_a_damaged_database_blames_the_database_and_not_the_disk(path: Path) -> None:
    await make(path)
    lead_astray(path)
    target = path.with_name("copy")
    async with open_store(path, now=NOON, read_only=True) as store:
        with pytest.raises(StoreError, match=f"{path} is damaged.*docs/operating.md") as refused:
            await store.backup(str(target))
    assert not isinstance(refused.value, FullError)
    assert not [file.name for file in path.parent.iterdir() if file.name.startswith("copy")]


async def test_so_does_the_copy_before_a_schema_step(path: Path) -> None:
    await make(path)
    lead_astray(path)
    newer = [*migrate.read_steps(), migrate.Step(99, "create table more (id integer);")]
    with pytest.raises(StoreError, match=f"{path} is damaged"):
        async with writing(path) as writer:
            await migrate.migrate(writer, path, newer)


class NoRoom:
    """A connection whose copy finds no room, whatever else it answers."""

    def __init__(self, real: aiosqlite.Connection) -> None:
        self._real = real

    async def execute_fetchall(self, sql: str, *parameters: object) -> Iterable[sqlite3.Row]:
        if not sql.startswith("vacuum"):
            return await self._real.execute_fetchall(sql, *parameters)
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise error


async def test_where_a_sound_database_finds_no_room_it_is_the_disk(path: Path) -> None:
    await make(path)
    async with reading(path) as reader:
        with pytest.raises(sqlite3.OperationalError, match="full"):
            await copies.copy_into(cast("aiosqlite.Connection", NoRoom(reader)), path.with_name("copy"))


async def test_the_check_gives_each_thing_it_found_a_line_and_no_headline(path: Path) -> None:
    await make(path)
    lead_astray(path)
    async with open_store(path, now=NOON, read_only=True) as store:
        first, *more = await store.check()
    assert "invalid page number" in first
    assert more
    assert not [line for line in (first, *more) if "\n" in line or "***" in line]
