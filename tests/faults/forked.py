"""Paperboy started from a process that has imported everything already: imports are all that is spared.

A launcher process imports Paperboy, both adapters and their SDKs, before it has any thread or event loop, and then
forks a child for every start. The child gets the environment, folder and files it is told, as a new process would, and
runs what ``tests/flow/launch.py`` runs, from ``main(["run"])`` on. It dies with the launcher, which dies with us.
"""

import contextlib
import ctypes
import gc
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import IO, Any

from tests.flow.running import PATIENCE, ROOT, Paperboy
from tests.planted import found_in

IMPORTED = ("bot.__main__", "bot.store.sqlite", "bot.sources.huggingface", "adapters.discord", "adapters.slack",
            "discord", "slack_bolt")  # fmt: skip
_DIE_WITH_PARENT = 1
"""PR_SET_PDEATHSIG, https://man7.org/linux/man-pages/man2/prctl.2.html."""
_LOOK = 0.002


# --- the harness's side -----------------------------------------------------------------------------------------------


class Launcher:
    """The other process: ask it for children, and what became of them."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, **said: Any) -> Any:
        """One line there, one line back."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(said) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "the launcher has ended"
        return json.loads(answer)


@contextmanager
def launcher() -> Iterator[Launcher]:
    """For as long as the block lasts; what it started and still runs at the end is killed."""
    command = [sys.executable, "-m", "tests.faults.forked"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as process:
        yield Launcher(process)


class Child:
    """A started Paperboy, with what is used of ``subprocess.Popen``."""

    stdin: IO[str] | None = None

    def __init__(self, launcher: Launcher, pid: int) -> None:
        self._launcher = launcher
        self.pid = pid
        self._code: int | None = None

    def poll(self) -> int | None:
        """The exit code, negative for a signal; None while it runs. Nobody else has its pid before this has told."""
        if self._code is None:
            self._code = self._launcher.ask(reap=self.pid)
        return self._code

    def wait(self, timeout: float | None = None) -> int:
        ends = time.monotonic() + (PATIENCE if timeout is None else timeout)
        while (code := self.poll()) is None:
            if time.monotonic() > ends:
                raise subprocess.TimeoutExpired("paperboy", timeout or PATIENCE)
            time.sleep(_LOOK)
        return code

    def send_signal(self, sig: int) -> None:
        if self._code is None:
            os.kill(self.pid, sig)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Forked(Paperboy):
    """A ``Paperboy`` started by a launcher; ``orders`` is the order of send and store of a peer, empty for ours."""

    def __init__(self, launcher: Launcher, folder: Path, now: datetime, orders: str = "", **settings: str) -> None:
        super().__init__(folder, now, **settings)
        self._launcher = launcher
        self._orders = orders

    def start(self, *arguments: str) -> None:
        self._process = self._child(arguments or ("run",), self._output, self._errors)

    def call(self, *arguments: str, said: str = "") -> subprocess.CompletedProcess[str]:
        assert not said, "nothing can be typed to a forked process"
        output, errors = self.folder / "called.stdout", self.folder / "called.stderr"
        output.write_text("")
        errors.write_text("")
        code = self._child(arguments, output, errors).wait(PATIENCE)
        return subprocess.CompletedProcess(list(arguments), code, output.read_text(), errors.read_text())

    def _child(self, arguments: tuple[str, ...], output: Path, errors: Path) -> Child:
        pid = self._launcher.ask(
            arguments=[str(self.clock), *arguments],
            environ=self.environ,
            folder=str(self.folder),
            output=str(output),
            errors=str(errors),
            orders=self._orders,
        )
        return Child(self._launcher, pid)

    def forget_errors(self) -> str:
        """What it wrote to stderr since the last time. A secret in it is kept, for whoever searches the folder."""
        said = self.errors
        if around := found_in(said):
            with (self.folder / "stderr with secrets").open("a") as kept:
                kept.write(f"{around}\n")
        self._errors.unlink(missing_ok=True)
        return said


# --- the launcher's side ----------------------------------------------------------------------------------------------


def _serve() -> None:
    """Answer until the harness's end of the pipe closes. Children return from here, to run Paperboy."""
    for name in IMPORTED:
        import_module(name)
    libc = ctypes.CDLL(None)
    gc.collect()
    gc.freeze()  # what is shared with the children stays shared
    for line in sys.stdin:
        told = json.loads(line)
        answer = _reaped(told["reap"]) if "reap" in told else _forked(told, libc)
        print(json.dumps(answer), flush=True)


def _reaped(pid: int) -> int | None:
    ended, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if ended else None


def _forked(told: Mapping[str, Any], libc: ctypes.CDLL) -> int:
    parent = os.getpid()
    if pid := os.fork():
        return pid
    libc.prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    _become(told)
    from tests.flow.launch import run  # imported with everything else; here for the child alone

    sys.exit(run(told["arguments"]))


def _become(told: Mapping[str, Any]) -> None:
    """What a new process would have been given."""
    appending = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    for number, path, flags in (
        (0, os.devnull, os.O_RDONLY),
        (1, told["output"], appending),
        (2, told["errors"], appending),
    ):
        opened = os.open(path, flags, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    os.chdir(told["folder"])
    os.environ.clear()
    os.environ.update(told["environ"])
    time.tzset()
    if told["orders"]:
        import_module("tests.faults.orders").take(told["orders"])


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        _serve()
