"""The command line where its input or output is gone. What it does otherwise is in ``tests/flow/test_process.py``."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def shell(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """A line of shell in which ``paperboy`` is the program on the sample edition, with a database in ``folder``."""
    program = f'paperboy() {{ "{sys.executable}" -m bot "$@"; }}; {line}'
    own = {"PYTHONPATH": str(ROOT), "PAPERBOY_SOURCES": "sample", "PAPERBOY_DATABASE": str(folder / "paperboy.db")}
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", program],
        cwd=folder,
        env=own | kept,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_closed_input_is_an_input_that_has_ended(tmp_path: Path) -> None:
    done = shell("paperboy run <&-", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "SAMPLE EDITION" in done.stdout


@pytest.mark.parametrize("line", ["paperboy do today", "echo today | paperboy run"])
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_output_that_cannot_be_written_is_told_without_a_traceback(tmp_path: Path, line: str) -> None:
    done = shell(f"{line} > /dev/full", tmp_path)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "could not be read or written: No space left on device" in done.stderr.splitlines()[-1]


@pytest.mark.parametrize("line", ["paperboy do today", "echo today | paperboy run"])
def test_a_reader_that_leaves_early_is_no_error(tmp_path: Path, line: str) -> None:
    done = shell(f"{line} | head -n 1", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("\n") == 1


def test_an_export_that_fails_leaves_nothing_in_the_way_of_the_next_one(tmp_path: Path) -> None:
    (tmp_path / "taken.toml").write_text("mine")
    done = shell("paperboy export taken.toml", tmp_path)
    assert done.returncode == 1
    assert "is there already" in done.stderr
    assert (tmp_path / "taken.toml").read_text() == "mine"


def test_a_new_database_beside_old_posts_says_why_the_screen_stays_empty(tmp_path: Path) -> None:
    first = shell("paperboy run --once", tmp_path)
    (tmp_path / "paperboy.db").unlink()
    again = shell("paperboy run --once", tmp_path)
    assert "SAMPLE EDITION" in first.stdout
    assert "paperboy.db.terminal.jsonl is older than this database" in again.stdout
    assert "SAMPLE EDITION" not in again.stdout


@pytest.mark.parametrize("line", ["paperboy --version", "paperboy do today", "echo today | paperboy run"])
def test_a_closed_output_is_no_traceback(tmp_path: Path, line: str) -> None:
    done = shell(f"{line} >&-", tmp_path)
    assert "Traceback" not in done.stderr, done.stderr


@pytest.mark.parametrize(
    ("arguments", "word"),
    [("--url http://127.0.0.1:3000", "https://"), ("--url papers.example", "https://"), ("--many", "--url")],
)
def test_a_manifest_slack_would_not_take_is_one_line(tmp_path: Path, arguments: str, word: str) -> None:
    done = shell(f"paperboy slack manifest {arguments}", tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert word in done.stderr


def test_there_is_a_manifest_for_each_way(tmp_path: Path) -> None:
    for arguments, word in (("", "socket_mode_enabled"), ("--url https://papers.example --many", "redirect_urls")):
        done = shell(f"paperboy slack manifest {arguments}", tmp_path)
        assert (done.returncode, done.stderr) == (0, "")
        assert word in done.stdout
