"""The file as a whole: its lock, its rights, reading only, damage, a full disk, cancelled work, a backup."""

import asyncio
import os
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack, closing, contextmanager
from pathlib import Path
from typing import cast

import aiosqlite
import pytest

from bot.errors import ConfigError, FullError, PaperboyError, ReadOnlyError, StoreError
from bot.model import Person
from bot.store import STORES, opener
from bot.store.sqlite import _copy, open_store
from tests.full import no_room
from tests.making import NOON, ROOM, edition, paper, subscribe

ROOT = Path(__file__).resolve().parents[2]
HOLDER = """
import asyncio, sys
from pathlib import Path
from typing import cast
from bot.store.sqlite import _copy, open_store

async def hold():
    async with open_store(Path(sys.argv[1]), now=0):
        print("open", flush=True)
        await asyncio.sleep(60)

asyncio.run(hold())
"""


@contextmanager
def holder(path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Another process that has the database open."""
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(path)], stdout=subprocess.PIPE, cwd=ROOT) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"open\n"
            yield process
        finally:
            process.kill()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "paperboy.db"


# --- the lock ---------------------------------------------------------------------------------------------------------


async def test_a_second_bot_is_refused_and_told_who_holds_the_database(path: Path) -> None:
    with holder(path) as process, pytest.raises(StoreError, match=f"in use by process {process.pid}"):
        async with open_store(path, now=NOON):
            pass


async def test_the_same_process_cannot_open_it_twice_either(path: Path) -> None:
    async with open_store(path, now=NOON):
        with pytest.raises(StoreError, match=str(os.getpid())):
            async with open_store(path, now=NOON):
                pass


async def test_a_killed_bot_leaves_no_lock_and_its_work(path: Path) -> None:
    with holder(path) as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
        async with open_store(path, now=NOON) as store:
            assert await store.check() == []


async def test_a_closed_store_gives_the_lock_back_also_after_an_error(path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        async with open_store(path, now=NOON):
            raise ZeroDivisionError
    async with open_store(path, now=NOON):
        pass


async def test_an_error_of_the_program_inside_an_open_store_stays_what_it_is(path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        async with open_store(path, now=NOON):
            raise FileNotFoundError(2, "not here", "x")


async def test_only_the_owner_can_read_the_files(path: Path, tmp_path: Path) -> None:
    async with open_store(path, now=NOON) as store:
        await subscribe(store)
        await store.backup(str(tmp_path / "copy"))
        rights = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    assert set(rights) == {"paperboy.db", "paperboy.db-wal", "paperboy.db-shm", "paperboy.db.lock", "copy"}
    assert set(rights.values()) == {0o600}


# --- reading only -----------------------------------------------------------------------------------------------------


async def test_one_may_look_while_the_bot_runs_but_not_write(path: Path, tmp_path: Path) -> None:
    async with open_store(path, now=NOON) as bot, open_store(path, now=NOON, read_only=True) as visitor:
        await bot.papers.ingest(edition(paper(1)), NOON)
        target = await bot.subscriptions.target(ROOM)
        assert await visitor.papers.get(paper(1).key) is not None
        assert await visitor.subscriptions.target(ROOM) == target
        assert await visitor.check() == []
        await visitor.backup(str(tmp_path / "copy"))
        writes = [
            visitor.papers.ingest(edition(paper(2)), NOON),
            visitor.subscriptions.remove(1),
            visitor.outbox.claim("terminal", NOON, 1, 1),
            visitor.people.forget(Person("a", "b", "c"), ROOM),
            visitor.tidy(NOON),
        ]
        for write in writes:
            with pytest.raises(ReadOnlyError, match="reading only"):
                await write
        assert (await bot.outbox.tally()).papers == 1
    async with open_store(tmp_path / "copy", now=NOON) as copy:
        assert await copy.papers.get(paper(1).key) is not None


async def test_one_may_look_while_no_bot_runs(path: Path) -> None:
    async with open_store(path, now=NOON) as bot:
        await bot.papers.ingest(edition(paper(1)), NOON)
    async with open_store(path, now=NOON, read_only=True) as visitor:
        assert await visitor.papers.get(paper(1).key) is not None
    async with open_store(path, now=NOON) as bot:
        assert await bot.papers.get(paper(1).key) is not None


async def test_there_is_nothing_to_look_at_in_a_missing_file(path: Path) -> None:
    with pytest.raises(StoreError, match="no database"):
        async with open_store(path, now=NOON, read_only=True):
            pass
    assert not path.exists()


# --- bad files --------------------------------------------------------------------------------------------------------


async def refusal(path: Path, *, read_only: bool = False) -> str:
    with pytest.raises(StoreError) as refused:
        async with open_store(path, now=NOON, read_only=read_only):
            pass
    return str(refused.value)


@pytest.mark.parametrize("read_only", [False, True])
async def test_garbage_is_called_so_and_left_alone(path: Path, read_only: bool) -> None:
    garbage = bytes(range(256)) * 40
    path.write_bytes(garbage)
    before = path.stat().st_mtime_ns
    assert "not a database, or damaged" in await refusal(path, read_only=read_only)
    assert path.read_bytes() == garbage
    assert path.stat().st_mtime_ns == before
    assert list(path.parent.iterdir()) == [path]


async def test_the_database_of_another_program_is_refused(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("create table album (title text)")
    before = path.read_bytes()
    assert "another program" in await refusal(path)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


async def test_another_programs_tables_are_seen_also_in_its_write_ahead_log(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("pragma journal_mode = wal")
        other.execute("create table album (title text)")
        other.commit()
        assert "another program" in await refusal(path)
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("pragma application_id").fetchone() == (0,)


async def test_a_damaged_page_is_reported_in_plain_words(path: Path) -> None:
    async with open_store(path, now=NOON) as store:
        await store.papers.ingest(edition(*map(paper, range(1, 200))), NOON)
    content = bytearray(path.read_bytes())
    content[8192:] = os.urandom(len(content) - 8192)
    path.write_bytes(content)
    with pytest.raises(StoreError, match="damaged"):
        async with open_store(path, now=NOON) as store:
            await store.papers.listed("daily", edition().day, edition().day)


async def test_an_empty_file_becomes_a_database(path: Path) -> None:
    path.touch()
    async with open_store(path, now=NOON) as store:
        assert await store.check() == []


async def test_a_missing_folder_and_a_folder_in_its_place_are_named(tmp_path: Path) -> None:
    assert str(tmp_path / "nowhere") in await refusal(tmp_path / "nowhere" / "paperboy.db")
    (tmp_path / "folder").mkdir()
    assert str(tmp_path / "folder") in await refusal(tmp_path / "folder")


async def test_a_full_disk_loses_nothing_and_says_so(path: Path) -> None:
    """``max_page_count`` makes SQLite answer as on a full disk."""
    async with open_store(path, now=NOON) as store:
        await store.papers.ingest(edition(paper(1)), NOON)
        connection = store._db._writer
        assert connection is not None
        (pages,) = next(iter(await connection.execute_fetchall("pragma page_count")))
        await connection.execute_fetchall(f"pragma max_page_count = {pages}")
        big = edition(*(paper(n, abstract="word " * 2000) for n in range(2, 90)), cursor={"page": "2"})
        with pytest.raises(StoreError, match="full") as failure:
            await store.papers.ingest(big, NOON)
        assert isinstance(failure.value.__cause__, sqlite3.Error)
        assert (await store.outbox.tally()).papers == 1
        assert await store.papers.cursor("huggingface") == {}
        await connection.execute_fetchall("pragma max_page_count = 1000000")
        assert (await store.papers.ingest(big, NOON)).fresh == 88
        assert await store.check() == []


async def test_a_database_that_others_could_read_is_its_owners_alone_when_it_is_opened(path: Path) -> None:
    async with open_store(path, now=NOON):
        pass
    lock = path.with_name(f"{path.name}.lock")
    for file in (path, lock):
        file.chmod(0o664)  # as a restore by cp leaves it
    async with open_store(path, now=NOON) as store:
        await store.papers.ingest(edition(paper(1)), NOON)
        assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}


async def test_an_idle_database_on_a_full_disk_can_be_read_and_backed_up_to_another_one(path: Path) -> None:
    async with open_store(path, now=NOON) as store:
        await store.papers.ingest(edition(paper(1)), NOON)
    with no_room(), pytest.raises(FullError, match=f"disk under {path} is full"):
        async with open_store(path, now=NOON):
            pass
    async with AsyncExitStack() as stack:
        with no_room():
            store = await stack.enter_async_context(open_store(path, now=NOON, read_only=True))
        assert (await store.outbox.tally()).papers == 1
        await store.backup(f"{path}.copy")
        with pytest.raises(StoreError, match="in use"):
            async with open_store(path, now=NOON):
                pass
    async with open_store(Path(f"{path}.copy"), now=NOON) as copy:
        assert (await copy.outbox.tally()).papers == 1
    async with open_store(path, now=NOON) as store:
        assert await store.check() == []


async def test_what_stands_beside_the_file_only_is_not_left_out_on_a_full_disk(path: Path) -> None:
    async with open_store(path, now=NOON):
        pass
    path.with_name(f"{path.name}-wal").write_bytes(b"not empty")
    with no_room(), pytest.raises(FullError, match="is full"):
        async with open_store(path, now=NOON, read_only=True):
            pass


async def test_a_full_disk_for_the_backup_is_named_and_leaves_no_half_of_one(path: Path) -> None:
    target = path.with_name("backup.db")
    async with open_store(path, now=NOON) as store:
        await store.papers.ingest(edition(*map(paper, range(1, 30))), NOON)
        with no_room(), pytest.raises(StoreError, match=f"{target}"):
            await store.backup(str(target))
        assert [file.name for file in path.parent.iterdir() if file.name.startswith("backup")] == []
        with pytest.raises(FullError, match=f"disk under {target} is full"):
            await _copy(cast("aiosqlite.Connection", Full()), target)


class Full:
    """A connection whose copy finds no room."""

    async def execute_fetchall(self, *_: object) -> None:
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise error


async def test_somebody_elses_lock_on_the_file_is_named(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_store(path, now=NOON) as store:
        assert store._db._writer is not None
        await store._db._writer.execute_fetchall("pragma busy_timeout = 10")
        with closing(sqlite3.connect(path, isolation_level=None)) as shell:
            shell.execute("begin immediate")
            with pytest.raises(StoreError, match="busy"):
                await store.papers.mark_done("x")
            shell.execute("rollback")
        await store.papers.mark_done("x")


async def test_what_cannot_be_stored_is_refused_without_harm(path: Path) -> None:
    async with open_store(path, now=NOON) as store:
        with pytest.raises(StoreError, match="cannot be stored"):
            await store.papers.mark_done("\ud800")
        with pytest.raises(StoreError, match="cannot be stored"):
            await store.papers.ingest(edition(paper(1), paper(2, trending=1 << 70)), NOON)
        assert await store.papers.get(paper(1).key) is None


async def test_a_closed_store_says_so(path: Path) -> None:
    async with open_store(path, now=NOON) as store:
        pass
    with pytest.raises(StoreError, match="closed"):
        await store.papers.get("x")
    with pytest.raises(StoreError, match="closed"):
        await store.papers.mark_done("x")


# --- cancelled work ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("waits", range(0, 24, 2))
async def test_cancelled_work_happened_whole_or_not_at_all_and_blocks_nobody(path: Path, waits: int) -> None:
    """The task is cancelled after more and more turns of the loop, so inside every part of the transaction."""
    async with open_store(path, now=NOON) as store:
        task = asyncio.create_task(store.papers.ingest(edition(*map(paper, range(1, 30)), cursor={"a": "b"}), NOON))
        for _ in range(waits):
            await asyncio.sleep(0.0005)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        async with asyncio.timeout(5):
            papers = (await store.outbox.tally()).papers
            assert (papers, await store.papers.cursor("huggingface")) in [(0, {}), (29, {"a": "b"})]
            await store.papers.ingest(edition(paper(40)), NOON)
        assert store._db._writer is not None
        assert not store._db._writer.in_transaction


async def test_a_cancelled_reader_blocks_nobody(path: Path) -> None:
    async with open_store(path, now=NOON) as store:
        await store.papers.ingest(edition(*map(paper, range(1, 200))), NOON)
        for _ in range(20):
            task = asyncio.create_task(store.papers.listed("daily", edition().day, edition().day))
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        async with asyncio.timeout(5):
            assert len(await store.papers.listed("daily", edition().day, edition().day)) == 199


async def test_one_failed_task_takes_no_other_tasks_work_with_it(path: Path) -> None:
    async with open_store(path, now=NOON) as store:

        async def fail() -> None:
            async with store._db.write() as session:
                await session.rows("insert into job (name) values ('failed')")
                await asyncio.sleep(0.01)
                raise ZeroDivisionError

        results = await asyncio.gather(fail(), store.papers.mark_done("kept"), return_exceptions=True)
        assert isinstance(results[0], ZeroDivisionError)
        assert (await store.papers.done("kept"), await store.papers.done("failed")) == (True, False)


# --- backups and the table of stores ----------------------------------------------------------------------------------


async def test_a_backup_under_load_is_sound_and_a_whole_number_of_editions(path: Path, tmp_path: Path) -> None:
    async with open_store(path, now=NOON) as store:

        async def load() -> None:
            for start in range(0, 300, 10):
                await store.papers.ingest(edition(*map(paper, range(start, start + 10))), NOON)

        loading = asyncio.create_task(load())
        await asyncio.sleep(0.02)
        await store.backup(str(tmp_path / "copy"))
        await loading
    async with open_store(tmp_path / "copy", now=NOON) as copy:
        assert await copy.check() == []
        assert (await copy.outbox.tally()).papers % 10 == 0


async def test_a_backup_into_nowhere_fails_in_plain_words(path: Path, tmp_path: Path) -> None:
    async with open_store(path, now=NOON) as store:
        with pytest.raises(StoreError, match="nowhere"):
            await store.backup(str(tmp_path / "nowhere" / "copy"))


def test_every_store_in_the_table_opens() -> None:
    assert {scheme: opener(scheme) for scheme in STORES} == {"sqlite": open_store}
    with pytest.raises(ConfigError, match="sqlite") as refused:
        opener("gopher")
    assert isinstance(refused.value, PaperboyError)
