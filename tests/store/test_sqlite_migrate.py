"""The schema's numbered steps: taken once, in order, whole, after a copy; a newer file is refused."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.errors import StoreError
from bot.store.sqlite import open_store
from bot.store.sqlite.connection import writing
from bot.store.sqlite.migrate import APPLICATION_ID, Step, migrate, read_steps, statements
from tests.making import NOON, edition, paper

STEPS = read_steps()
NEWEST = STEPS[-1].version
NEXT = Step(NEWEST + 1, "alter table paper add column mood text; create table mood (name text primary key);")


def ask(path: Path, sql: str) -> object:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchone()[0]


async def furnished(path: Path) -> Path:
    async with open_store(path, now=NOON) as store:
        await store.papers.ingest(edition(paper(1)), NOON)
    return path


async def take(path: Path, *steps: Step) -> None:
    async with writing(path) as connection:
        await migrate(connection, path, [*STEPS, *steps])


def test_steps_are_numbered_without_a_gap() -> None:
    assert [step.version for step in STEPS] == list(range(1, NEWEST + 1))


async def test_a_new_file_has_the_newest_schema_and_needs_no_copy(tmp_path: Path) -> None:
    path = await furnished(tmp_path / "a.db")
    assert ask(path, "pragma user_version") == NEWEST
    assert ask(path, "pragma application_id") == APPLICATION_ID
    assert ask(path, "pragma journal_mode") == "wal"
    assert not list(tmp_path.glob("*.before-*"))


async def test_a_step_is_taken_once_after_a_copy(tmp_path: Path) -> None:
    path = await furnished(tmp_path / "a.db")
    await take(path, NEXT)
    await take(path, NEXT)
    copy = tmp_path / f"a.db.before-v{NEXT.version}"
    assert ask(path, "pragma user_version") == NEXT.version
    assert ask(path, "select count(*) from mood") == 0
    assert ask(copy, "pragma user_version") == NEWEST
    assert ask(copy, "select count(*) from paper") == 1
    assert copy.stat().st_mode & 0o777 == 0o600


async def test_a_step_that_fails_is_undone_whole_and_can_be_taken_later(tmp_path: Path) -> None:
    path = await furnished(tmp_path / "a.db")
    with pytest.raises(StoreError):
        await take(path, Step(NEXT.version, NEXT.sql + " insert into nowhere values (1);"))
    assert ask(path, "pragma user_version") == NEWEST
    assert ask(path, "select count(*) from sqlite_master where name = 'mood'") == 0
    await take(path, NEXT)
    assert ask(path, "pragma user_version") == NEXT.version


async def test_a_step_that_leaves_dangling_rows_is_undone(tmp_path: Path) -> None:
    path = await furnished(tmp_path / "a.db")
    with pytest.raises(StoreError, match="refer to nothing"):
        await take(path, Step(NEXT.version, "delete from paper;"))
    assert ask(path, "select count(*) from paper") == 1


@pytest.mark.parametrize("read_only", [False, True])
async def test_a_newer_file_is_refused_with_both_versions(tmp_path: Path, read_only: bool) -> None:
    path = await furnished(tmp_path / "a.db")
    await take(path, NEXT)
    with pytest.raises(StoreError, match=f"version {NEXT.version}.* up to {NEWEST}.*before-v{NEXT.version}"):
        async with open_store(path, now=NOON, read_only=read_only):
            pass
    assert ask(path, "pragma user_version") == NEXT.version


async def test_an_older_file_is_not_migrated_by_somebody_who_only_looks(tmp_path: Path) -> None:
    path = await furnished(tmp_path / "a.db")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("pragma user_version = 0")
    with pytest.raises(StoreError, match="older schema"):
        async with open_store(path, now=NOON, read_only=True):
            pass


def test_a_script_is_split_at_its_statements_only() -> None:
    script = """
    -- a comment; with a semicolon
    create table a (b text default ';'); insert into a values ('x;y');
    create trigger t after insert on a begin delete from a; select 1; end;
    -- the end
    """
    found = list(statements(script))
    assert len(found) == 3
    assert found[1] == "insert into a values ('x;y');"
    assert found[2].endswith("end;")
