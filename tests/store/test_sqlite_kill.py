"""Killed at any moment, the database is sound and has everything that was acknowledged."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from bot.store.sqlite import open_store
from tests.making import NOON, paper

ROOT = Path(__file__).resolve().parents[2]
KILLS = 10
WRITER = """
import asyncio, sys
from pathlib import Path
from bot.store.sqlite import open_store
from tests.making import NOON, edition, paper

async def main(path, start):
    async with open_store(Path(path), now=NOON) as store:
        while True:
            papers = map(paper, range(start * 5, start * 5 + 5))
            await store.papers.ingest(edition(*papers, cursor={"last": str(start)}), NOON)
            print(start, flush=True)
            start += 1

asyncio.run(main(sys.argv[1], int(sys.argv[2])))
"""


async def test_a_kill_at_any_moment_loses_no_acknowledged_edition(tmp_path: Path) -> None:
    chance = random.Random(20261123)
    path, acknowledged = tmp_path / "paperboy.db", 0
    for _ in range(KILLS):
        acknowledged = max(acknowledged, killed_after(chance.uniform(0.01, 0.15), path, acknowledged))
        async with open_store(path, now=NOON) as store:
            assert await store.check() == []
            last = int((await store.papers.cursor("huggingface"))["last"])
            assert last in {acknowledged, acknowledged + 1}
            # Editions are whole: five papers each, none without its cursor.
            assert (await store.outbox.tally()).papers == 5 * (last + 1)
            assert await store.papers.get(paper(5 * acknowledged + 4).key) is not None
            acknowledged = last
    assert acknowledged > KILLS


def killed_after(seconds: float, path: Path, start: int) -> int:
    """Let a writer run for that long after its first edition; the last edition it acknowledged."""
    command = [sys.executable, "-c", WRITER, str(path), str(start)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, text=True) as writer:
        assert writer.stdout is not None
        first = writer.stdout.readline()
        time.sleep(seconds)
        writer.send_signal(signal.SIGKILL)
        # The kill may cut the last line: only whole ones were acknowledged.
        lines = [line for line in (first + writer.stdout.read()).splitlines(keepends=True) if line.endswith("\n")]
    return int(lines[-1])
