"""Paperboy forked from a process that has imported everything: it is as one that was started, and leaves no orphans."""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.chat_scene import NOW
from tests.faults.forked import Forked, Launcher, launcher
from tests.planted import found_under, planted


@pytest.fixture(scope="module")
def launched() -> Iterator[Launcher]:
    with launcher() as started:
        yield started


def runs(pid: int) -> bool:
    """Whether there is such a process; one that is dead and waits to be reaped is none."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


def test_it_gets_its_own_arguments_settings_and_exit_code(launched: Launcher, tmp_path: Path) -> None:
    paperboy = Forked(launched, tmp_path, NOW, SOURCES="sample")
    assert paperboy.call("--version").stdout.startswith("paperboy ")
    assert paperboy.call("run", "--once").returncode == 0
    assert paperboy.database.exists()
    paperboy.environ["PAPERBOY_TICK_SECONDS"] = "soon"
    wrong = paperboy.call("run", "--once")
    assert wrong.returncode == 2
    assert "PAPERBOY_TICK_SECONDS" in wrong.stderr


def test_a_kill_is_seen_and_leaves_nobody(launched: Launcher, tmp_path: Path) -> None:
    paperboy = Forked(launched, tmp_path, NOW, PLATFORMS="discord", DISCORD_TOKEN="none", SOURCES="sample")
    paperboy.environ["PAPERBOY_DISCORD_URL"] = "http://127.0.0.1:9"
    paperboy.start()
    pid = paperboy.pid
    assert runs(pid)
    paperboy.kill()
    assert not Path(f"/proc/{pid}").exists()


def test_a_secret_in_what_is_forgotten_is_still_found(launched: Launcher, tmp_path: Path) -> None:
    folder = tmp_path / "paperboy"
    folder.mkdir()
    paperboy = Forked(launched, folder, NOW)
    for said in ("nothing", f"token={planted('of-nobody')}", "nothing more"):
        (folder / "stderr").write_text(said)
        assert paperboy.forget_errors() == said
    assert found_under(folder)
    shutil.rmtree(folder)


def test_what_still_runs_ends_with_the_launcher(tmp_path: Path) -> None:
    with launcher() as ending:
        paperboy = Forked(ending, tmp_path, NOW, PLATFORMS="discord", DISCORD_TOKEN="none", SOURCES="sample")
        paperboy.environ["PAPERBOY_DISCORD_URL"] = "http://127.0.0.1:9"
        paperboy.start()
        pid = paperboy.pid
        assert runs(pid)
    ends = time.monotonic() + 10
    while runs(pid):
        assert time.monotonic() < ends, "it has become an orphan"
        time.sleep(0.01)
