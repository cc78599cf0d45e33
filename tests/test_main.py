"""The command line where its input or output is gone, or where it breaks.

What it does otherwise is in ``tests/flow/test_process.py``.
"""

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


def test_a_user_whom_the_machine_does_not_know_can_have_slack(tmp_path: Path) -> None:
    """As in a container with an arbitrary uid and no HOME."""
    program = (
        "import pwd\n"
        "def nobody(uid): raise KeyError(uid)\n"
        "pwd.getpwuid = nobody\n"
        "import sys, bot.__main__\n"
        "sys.argv[1:] = ['slack', 'manifest']\n"
        "bot.__main__.entry()\n"
    )
    environ = {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]}
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "display_information" in done.stdout


def test_an_export_that_fails_leaves_nothing_in_the_way_of_the_next_one(tmp_path: Path) -> None:
    (tmp_path / "taken.toml").write_text("mine")
    done = shell("paperboy do help > help.txt && paperboy export taken.toml", tmp_path)
    assert done.returncode == 1
    assert "is there already" in done.stderr
    assert (tmp_path / "taken.toml").read_text() == "mine"


def test_an_export_to_a_dash_is_written_to_the_output_and_to_no_file(tmp_path: Path) -> None:
    done = shell(
        "paperboy run --once > seen.txt && paperboy export - && paperboy export same.toml > told.txt", tmp_path
    )
    assert done.returncode == 0
    assert done.stdout == (tmp_path / "same.toml").read_text(encoding="utf-8")
    assert "subscriptions at 1 place of" in done.stderr
    assert not (tmp_path / "-").exists()


def test_an_export_of_no_database_makes_none(tmp_path: Path) -> None:
    done = shell("paperboy export new.toml", tmp_path)
    assert (done.returncode, "There is no database at" in done.stderr) == (1, True)
    assert list(tmp_path.iterdir()) == []


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


# --- a mistake of ours ------------------------------------------------------------------------------------------------

TOKEN = "xoxb-" + "1234-5678-" + "planted"
CRASHING = """
import os, sys
from bot.__main__ import main

def clock():
    raise RuntimeError(f"{os.environ['PAPERBOY_SLACK_BOT_TOKEN']} and a second line\\nof what broke")

sys.exit(main(["run", "--once"], os.environ, clock))
"""
UNCAUGHT = """
import os, sys, threading, warnings
from bot import log

log.setup("WARNING", "text", sys.stderr, [os.environ["PAPERBOY_SLACK_BOT_TOKEN"]])
log.last_words()

def breaks():
    raise RuntimeError(os.environ["PAPERBOY_SLACK_BOT_TOKEN"])

class Ends:
    def __del__(self):
        breaks()

thread = threading.Thread(target=breaks)
thread.start()
thread.join()
del thread
Ends()
warnings.warn(os.environ["PAPERBOY_SLACK_BOT_TOKEN"])
breaks()
"""


def python(program: str, folder: Path) -> subprocess.CompletedProcess[str]:
    own = {"PYTHONPATH": str(ROOT), "PAPERBOY_SOURCES": "sample", "PAPERBOY_SLACK_BOT_TOKEN": TOKEN}
    command = [sys.executable, "-c", program]
    return subprocess.run(command, cwd=folder, env=own, capture_output=True, text=True, timeout=60, check=False)


def test_a_crash_is_logged_without_secrets_and_told_in_one_line(tmp_path: Path) -> None:
    done = python(CRASHING, tmp_path)
    assert done.returncode == 1
    first, *trace, last = done.stderr.splitlines()
    assert first.split("Z ", 1)[1].startswith('CRITICAL paperboy.crashed error="RuntimeError: ***')
    assert all(line.startswith("    ") for line in trace)
    assert any("RuntimeError: *** and a second line" in line for line in trace)
    assert last == "paperboy: a mistake of ours ended it; the line above tells where it happened."
    assert TOKEN not in done.stderr + done.stdout


def test_what_nobody_catches_is_logged_without_secrets_wherever_it_happens(tmp_path: Path) -> None:
    done = python(UNCAUGHT, tmp_path)
    assert done.returncode == 1
    heads = [line.split("Z ", 1)[1] for line in done.stderr.splitlines() if not line.startswith("    ")]
    thread, unraisable, warning, crash = heads
    assert thread.startswith('ERROR paperboy.thread_broke what="Thread-1 (breaks)"')
    assert unraisable.startswith("WARNING paperboy.unraisable")
    assert "UserWarning: ***" in warning
    assert crash == 'CRITICAL paperboy.crashed error="RuntimeError: ***"'
    assert TOKEN not in done.stderr
