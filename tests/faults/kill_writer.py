"""Killed at any moment, the database is sound and has everything that was acknowledged."""

import asyncio
import itertools
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from bot.store.sqlite import open_store
from tests.delivering import Platform
from tests.faults import child, workload
from tests.faults.inspecting import harm
from tests.faults.rows import Plan, Row
from tests.making import NOON


def run(plan: Plan) -> Iterator[Row]:
    kills, chance = plan.pick(2, 8, 1000), plan.chance("kill writer")
    path = plan.room("writer") / "paperboy.db"
    acknowledged: list[str] = []
    problems: list[str] = []
    struck = 0
    for number in range(kills):
        editions = [int(said.split()[1]) for said in acknowledged if said.startswith("edition")]
        said, code = killed_after(chance.uniform(0, 0.2), path, max(editions, default=-2) + 2)
        acknowledged += said
        struck += bool(said) and code == -signal.SIGKILL
        problems += [f"kill {number}: {found}" for found in (*harm(path), *workload.halves(path))]
    yield Row(
        case="killed while writing",
        size=f"{kills} kills",
        injected=struck,
        lost=len(workload.missing(path, acknowledged)),
        problems=(
            *problems,
            *([f"{kills - struck} writers did nothing, or ended by themselves"] if struck < kills else []),
        ),
        note=f"{len(acknowledged)} acknowledged commits",
    )


def killed_after(seconds: float, path: Path, start: int) -> tuple[list[str], int]:
    """Let a writer run for that long after its first commit; what it acknowledged, and its exit code."""
    command = child.command("tests.faults.kill_writer", "write", path=str(path), start=start)
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=child.ROOT, text=True) as writer:
        assert writer.stdout is not None
        first = writer.stdout.readline()
        time.sleep(seconds)
        writer.send_signal(signal.SIGKILL)
        # The kill may cut the last line: only whole ones were acknowledged.
        lines = (first + writer.stdout.read()).splitlines(keepends=True)
    return [line.strip() for line in lines if line.endswith("\n")], writer.returncode


def write(path: str, start: int) -> None:
    """The writer: says what is acknowledged, for as long as it lives."""
    asyncio.run(_write(Path(path), start))


async def _write(path: Path, start: int) -> None:
    async with open_store(path, now=NOON) as store:
        await workload.furnish(store)
        for number in itertools.count(start):
            async for certain in workload.day(store, number, Platform()):
                print(certain, flush=True)
