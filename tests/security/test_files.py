"""Files that Paperboy makes: for whoever runs it alone, whatever the umask says, and never in place of another one."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.store.sqlite import connection, migrate, open_store
from tests.flow.running import Paperboy

OURS = {"clock", "stdout", "stderr"}
"""What the tests themselves put there."""


@contextmanager
def careless() -> Iterator[None]:
    """A umask that would let everybody read and write."""
    before = os.umask(0)
    try:
        yield
    finally:
        os.umask(before)


def open_to_others(folder: Path) -> list[str]:
    files = [path for path in folder.rglob("*") if path.is_file() and path.name not in OURS]
    assert files
    return [path.name for path in files if stat.S_IMODE(path.stat().st_mode) & 0o077]


def test_nobody_else_can_read_what_paperboy_keeps_copies_and_exports(tmp_path: Path) -> None:
    paperboy = Paperboy(tmp_path, datetime.now(UTC), SOURCES="sample", LOG_LEVEL="INFO")
    with careless():
        paperboy.start()
        paperboy.wait(paperboy.count_posts, "nothing was posted")
        for job in (("backup", "copy.db"), ("export", "all.toml"), ("do", "/papers today")):
            assert paperboy.call(*job).returncode == 0
        running = {path.name for path in tmp_path.iterdir()}
        open_while_running = open_to_others(tmp_path)
        paperboy.terminate()
    assert {"paperboy.db", "paperboy.db-wal", "paperboy.db.lock", "copy.db", "all.toml"} <= running
    assert open_while_running == []
    assert open_to_others(tmp_path) == []


async def test_the_copy_that_is_taken_before_a_new_schema_is_nobody_elses_either(tmp_path: Path) -> None:
    first, *later = migrate.read_steps()
    assert later, "there is one step only"
    path = tmp_path / "paperboy.db"
    with careless():
        async with connection.writing(path) as writer:
            await migrate.migrate(writer, path, [first])
        async with open_store(path, now=0):
            assert len([name for name in tmp_path.iterdir() if ".before-" in name.name]) == 1
            assert open_to_others(tmp_path) == []


@pytest.mark.parametrize("job", ["backup", "export"])
@pytest.mark.parametrize("there", ["a file", "a link", "a link to nowhere"])
def test_no_file_and_no_link_is_written_over_or_through(tmp_path: Path, job: str, there: str) -> None:
    inside, victim = tmp_path / "inside", tmp_path / "victim"
    inside.mkdir()
    paperboy = Paperboy(inside, datetime.now(UTC), SOURCES="sample")
    assert paperboy.call("run", "--once").returncode == 0
    named = inside / "named"
    if there == "a file":
        named.write_text("mine")
    else:
        named.symlink_to(victim)
        if there == "a link":
            victim.write_text("mine")
    done = paperboy.call(job, "named")
    assert done.returncode == 1, done
    assert len(done.stderr.splitlines()) == 1
    if there == "a link to nowhere":
        assert not victim.exists()
    else:
        assert named.read_text() == "mine"
