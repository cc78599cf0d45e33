"""The terminal in a real process: behind a pseudo terminal, and killed in the middle of posting."""

import contextlib
import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

_PROMPTED = """
import asyncio, sys
from pathlib import Path
from adapters.terminal import Terminal
from bot.cards import Button, Card, Post, Reply
from bot.model import Address, Outgoing

class Core:
    async def handle(self, request):
        if request.command == "forget":
            await terminal.forget(request.person.address)
        button = Button("Save", "/papers saved")
        return Reply(cards=(Card(title=f"did {request.command} in {request.where.room}", buttons=(button,)),))

async def main():
    global terminal
    terminal = Terminal(
        Path(sys.argv[1]),
        read=lambda text: (text.removeprefix("/papers "), {}),
        complete=lambda text: ["trending"] if text.endswith("tr") else [],
        status=lambda: "all is well",
    )
    async def post():
        await asyncio.sleep(0.3)
        said = Post(kind="instant", cards=(Card(title="A post while you type"),))
        where = Address("terminal", "local", "#papers")
        await terminal.send(Outgoing(where=where, payload=terminal.render(said), nonce="n1"))
    posting = asyncio.create_task(post())
    await terminal.run(Core())
    await posting
    print("ended well")

asyncio.run(main())
"""

_POSTING = """
import asyncio, io, sys
from pathlib import Path
from rich.console import Console
from adapters.terminal import Terminal
from bot.cards import Card, Post
from bot.model import Address, Outgoing

async def main():
    terminal = Terminal(Path(sys.argv[1]), read=None, console=Console(file=io.StringIO()))
    where = Address("terminal", "local", "#papers")
    print("started", flush=True)
    for n in range(int(sys.argv[2])):
        said = terminal.render(Post(kind="instant", cards=(Card(title="x" * 5000),)))
        await terminal.send(Outgoing(where=where, payload=said, nonce=f"n{n}"))

asyncio.run(main())
"""


class Typist:
    """Somebody at a pseudo terminal: types, and waits until something appears."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.seen = ""

    def type(self, text: str) -> None:
        os.write(self.descriptor, text.encode())

    def sees(self, text: str) -> None:
        self._wait(text, lambda: text in self.plain)

    def is_told(self, text: str) -> None:
        """Wait for an answer, and for the prompt behind it: keys pressed between prompts may be lost."""
        self._wait(text, lambda: text in self.plain and "›" in self.plain.rpartition(text)[2])

    def _wait(self, text: str, true: Callable[[], bool], *, within: float = 20) -> None:
        ends = time.monotonic() + within
        while not true():
            left = ends - time.monotonic()
            if left <= 0 or not self._read(left):
                pytest.fail(f"{text!r} never appeared in {self.plain[-2000:]!r}")

    @property
    def plain(self) -> str:
        return re.sub(r"\x1b(?:\[[0-9;?]*[a-zA-Z]|\][^\x1b\x07]*(?:\x07|\x1b\\)|[=>])", "", self.seen)

    def _read(self, wait: float) -> bool:
        if not select.select([self.descriptor], [], [], wait)[0]:
            return False
        try:
            chunk = os.read(self.descriptor, 65_536)
        except OSError:
            return False
        # prompt_toolkit asks where the cursor is; a terminal answers.
        if b"\x1b[6n" in chunk:
            os.write(self.descriptor, b"\x1b[1;1R")
        self.seen += chunk.decode(errors="replace")
        return bool(chunk)


@contextlib.contextmanager
def typing(folder: Path) -> Iterator[tuple[Typist, subprocess.Popen[bytes]]]:
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color"}
    process = subprocess.Popen(
        [sys.executable, "-c", _PROMPTED, str(folder / "transcript.jsonl")],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=ROOT,
        env=environment,
        start_new_session=True,
    )
    os.close(theirs)
    try:
        yield Typist(ours), process
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def test_a_prompt_takes_commands_while_posts_appear_above_it(tmp_path: Path) -> None:
    with typing(tmp_path) as (typist, process):
        typist.sees("/keys")
        typist.sees("#papers ›")
        typist.sees("all is well")
        typist.is_told("A post while you type")
        typist.type("today\r")
        typist.is_told("did today in #papers")
        typist.is_told("[1] Save")
        typist.type("1\r")
        typist.is_told("did saved in #papers")
        typist.type("tr\t")
        typist.sees("ending")  # the screen may draw only what is new
        typist.type("\r")
        typist.is_told("did trending in #papers")
        typist.type("/join #nlp\r")
        typist.sees("#nlp ›")
        typist.type("not sent\x03")
        typist.is_told("not sent")
        typist.type("week\r")
        typist.is_told("did week in #nlp")
        typist.type("\x04")
        typist.sees("ended well")
        assert process.wait(10) == 0
    assert "today" in (tmp_path / "transcript.jsonl.history").read_text()
    assert (tmp_path / "transcript.jsonl.history").stat().st_mode & 0o077 == 0


def test_forgotten_lines_are_nowhere_and_new_ones_stay_private(tmp_path: Path) -> None:
    history = tmp_path / "transcript.jsonl.history"
    history.write_text("\n# long ago\n+secret before\n")
    history.chmod(0o644)
    with typing(tmp_path) as (typist, process):
        typist.sees("#papers ›")
        typist.type("\x1b[A")
        typist.sees("secret before")
        assert history.stat().st_mode & 0o077 == 0
        typist.type("\x03")
        typist.is_told("secret before")
        typist.type("secret now\r")
        typist.is_told("did secret now in #papers")
        typist.type("forget\r")
        typist.is_told("did forget in #papers")
        assert not history.exists()
        typist.type("\x1b[A\x1b[Aafterwards\r")
        typist.is_told("did afterwards in #papers")
        typist.type("\x04")
        assert process.wait(10) == 0
    assert history.stat().st_mode & 0o077 == 0
    kept = [line for line in history.read_text().splitlines() if line.startswith("+")]
    assert kept == ["+afterwards"]


def test_killed_again_and_again_each_post_is_there_once_and_in_order(tmp_path: Path) -> None:
    transcript, posts = tmp_path / "transcript.jsonl", 200
    for patience in (0.0, 0.02, 0.05):
        process = subprocess.Popen(
            [sys.executable, "-c", _POSTING, str(transcript), str(posts)], cwd=ROOT, stdout=subprocess.PIPE
        )
        with process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(patience)
            process.send_signal(signal.SIGKILL)
    subprocess.run([sys.executable, "-c", _POSTING, str(transcript), str(posts)], cwd=ROOT, check=True, timeout=60)
    records = [json.loads(line) for line in transcript.read_text().splitlines()]
    assert [record["nonce"] for record in records if "post" in record] == [f"n{n}" for n in range(posts)]
    assert [record["post"] for record in records if "post" in record] == list(range(1, posts + 1))
