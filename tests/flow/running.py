"""A real Paperboy process on the time of a file: started, typed at, waited for, killed, its files looked at."""

import contextlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Protocol

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60
"""Seconds after which something that should have happened never will."""


class Process(Protocol):
    """What is used of ``subprocess.Popen``."""

    pid: int
    stdin: IO[str] | None

    def poll(self) -> int | None: ...

    def wait(self, timeout: float | None = None) -> int: ...

    def send_signal(self, sig: int) -> None: ...

    def kill(self) -> None: ...


class Paperboy:
    """``folder`` has everything: database, transcript, clock. ``settings`` are without ``PAPERBOY_``."""

    def __init__(self, folder: Path, now: datetime, **settings: str) -> None:
        self.folder = folder
        self.database = folder / "paperboy.db"
        self.transcript = folder / "paperboy.db.terminal.jsonl"
        self.clock = folder / "clock"
        self._output, self._errors = folder / "stdout", folder / "stderr"
        self.environ = _environ(DATABASE=str(self.database), **settings)
        self.launcher = ROOT / "tests/flow/launch.py"
        self._process: Process | None = None
        self._marks = 0
        self.set_clock(now)

    # --- the process ---

    def start(self, *arguments: str) -> None:
        self._close()
        with self._errors.open("a") as errors, self._output.open("a") as output:
            self._process = subprocess.Popen(
                [*self._program, *(arguments or ("run",))],
                cwd=self.folder,
                env=self.environ,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=errors,
                text=True,
            )

    def call(self, *arguments: str, said: str = "") -> subprocess.CompletedProcess[str]:
        """Another process over the same files, with ``said`` piped in, to its end."""
        return subprocess.run(
            [*self._program, *arguments],
            cwd=self.folder,
            env=self.environ,
            input=said,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    @property
    def _program(self) -> list[str]:
        return [sys.executable, str(self.launcher), str(self.clock)]

    @property
    def pid(self) -> int:
        return self._alive().pid

    @property
    def said(self) -> str:
        return self._output.read_text() if self._output.exists() else ""

    @property
    def errors(self) -> str:
        return self._errors.read_text() if self._errors.exists() else ""

    def type(self, *lines: str) -> None:
        """Type lines and wait until the last one was answered."""
        self._marks += 1
        process = self._alive()
        assert process.stdin is not None
        process.stdin.write("\n".join([*lines, f"/join #mark{self._marks}", ""]))
        process.stdin.flush()
        self.wait(lambda: f"You are in #mark{self._marks}." in self.said, f"no answer to {lines}")

    def kill(self) -> None:
        process = self._alive()
        process.send_signal(signal.SIGKILL)
        process.wait(PATIENCE)
        self._close()

    def end(self) -> int:
        """Let it end as it does at the end of its input. Returns the exit code."""
        process = self._alive()
        self._close()
        return process.wait(PATIENCE)

    def terminate(self, number: signal.Signals = signal.SIGTERM) -> int:
        """End it by a signal. Returns the exit code."""
        process = self._alive()
        process.send_signal(number)
        code = process.wait(PATIENCE)
        self._close()
        return code

    def close(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait(PATIENCE)
        self._close()

    def _close(self) -> None:
        if self._process is not None and self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()

    def _alive(self) -> Process:
        assert self._process is not None
        assert self._process.poll() is None, f"it ended: {self.errors[-3000:]}"
        return self._process

    # --- time ---

    def set_clock(self, now: datetime) -> None:
        new = self.clock.with_name("clock.new")
        new.write_text(str(milliseconds(now)))
        new.replace(self.clock)
        self.now = now

    def wait(self, until: Callable[[], object], otherwise: str, seconds: float = PATIENCE) -> None:
        ends = time.monotonic() + seconds
        while not until():
            if self._process is not None:
                self._alive()
            assert time.monotonic() < ends, f"{otherwise}\nstdout: {self.said[-1500:]}\nstderr: {self.errors[-1500:]}"
            time.sleep(0.01)

    # --- its files ---

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        with contextlib.closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=10)) as connection:
            connection.execute("begin")
            yield connection

    @contextlib.contextmanager
    def reading_a_copy(self) -> Iterator[sqlite3.Connection]:
        """For when nobody runs: to look at the file itself would change what the next process finds."""
        with tempfile.TemporaryDirectory() as name:
            for file in self.folder.glob("paperboy.db*"):
                shutil.copy(file, name)
            with contextlib.closing(sqlite3.connect(Path(name) / "paperboy.db")) as connection:
                yield connection

    def work_left(self, connection: sqlite3.Connection) -> dict[str, int]:
        """How many rows wait for a step that is due."""
        now = milliseconds(self.now)
        counts = {
            "unmatched": "select count(*) from paper where revision > matched_revision",
            "due": f"select count(*) from delivery where state = 'pending' and due <= {now}",
            "unsent": "select count(*) from message where state in ('ready', 'sending', 'ambiguous')",
        }
        return {name: connection.execute(sql).fetchone()[0] for name, sql in counts.items()}

    def is_idle(self, *tags: str) -> bool:
        """Nothing is due, and the polls that took these ETags have stored what came with them."""
        with self.reading() as connection:
            taken = {value for (value,) in connection.execute("select value from cursor")}
            return set(tags) <= taken and not any(self.work_left(connection).values())

    @property
    def posts(self) -> list[dict[str, Any]]:
        """What stands in the transcript, in order, each payload decoded."""
        if not self.transcript.exists():
            return []
        lines = map(json.loads, self.transcript.read_text().splitlines())
        return [{**line, "payload": json.loads(line["payload"])} for line in lines if "post" in line]

    def count_posts(self) -> int:
        return self.transcript.read_bytes().count(b'{"post":') if self.transcript.exists() else 0


def milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def from_milliseconds(at: int) -> datetime:
    return datetime.fromtimestamp(at / 1000, UTC)


def _environ(**settings: str) -> dict[str, str]:
    """The environment of a process: ours without Paperboy's settings, with these."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PAPERBOY_")}
    return {**kept, "PYTHONPATH": str(ROOT), **{f"PAPERBOY_{name}": value for name, value in settings.items()}}
