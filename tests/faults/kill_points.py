"""Killed between every two statements of a verb, a database has all of it or nothing, and doing it again ends well."""

import asyncio
import json
import logging
import multiprocessing
import os
import shutil
import signal
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.faults.inspecting import Dump, dump, harm
from tests.faults.kill_deeds import Deed, migrations, verbs
from tests.faults.rows import Plan, Row

FORK = multiprocessing.get_context("fork")
"""Everything is imported already: a fresh interpreter for each kill would take most of the time."""


def run(plan: Plan) -> Iterator[Row]:
    for name, deed in {**verbs(), **migrations()}.items():
        yield _row(plan, name, deed)


def _row(plan: Plan, name: str, deed: Deed) -> Row:
    room, chance = plan.room(name), plan.chance(name)
    before, after, heard = _reference(room, deed)
    points = list(range(len(heard) + 1))
    if plan.size == "small":
        # The commit and what follows it are always among them.
        points = sorted({chance.choice(points), *points[-2:]})
    repeats = plan.pick(1.0, 0.1, 1.0)
    ends = [_killed(room, deed, point, again=chance.random() < repeats) for point in points]
    counted = [_is_committed(heard, point) for point in points]
    lost = sum(committed and end.state == before for committed, end in zip(counted, ends, strict=True))
    return Row(
        case=f"killed in {name}",
        size=f"{len(points)} of {len(heard) + 1} points",
        injected=len(points),
        lost=lost,
        repeated=sum(not committed and end.state == after for committed, end in zip(counted, ends, strict=True)),
        problems=tuple(_problems(points, ends, before, after)),
    )


def _is_committed(heard: Sequence[str], point: int) -> bool:
    """Whether the kill came after the last commit that writes anything."""
    return point > max(number for number, sql in enumerate(heard) if sql.lower() == "commit")


@dataclass(frozen=True, slots=True)
class End:
    """What a kill left: the state, what is unsound in it, and the state once the deed was done again, if it was."""

    state: Dump
    harm: list[str]
    again: Dump | None


def _problems(points: Sequence[int], ends: Sequence[End], before: Dump, after: Dump) -> Iterator[str]:
    for point, end in zip(points, ends, strict=True):
        yield from (f"at {point}: {harm}" for harm in end.harm)
        if end.state not in (before, after):
            yield f"at {point}: half of it is there: {end.state.differs(before)}"
        if end.again not in (None, after):
            yield f"at {point}: done again it ends otherwise: {after.differs(end.again or after)}"


# --- processes --------------------------------------------------------------------------------------------------------


def _reference(room: Path, deed: Deed) -> tuple[Dump, Dump, list[str]]:
    """The states before and after, and the statements between, from a run that nobody interrupts."""
    _in_child(lambda: deed.furnish(room / "before.db"))
    before = dump(room / "before.db")
    whole, heard = _copied(room, "whole"), room / "heard"

    async def listening() -> None:
        said: list[str] = []
        await deed.do(whole, said.append)
        heard.write_text(json.dumps(said))

    _in_child(listening)
    after = dump(whole)
    assert before != after, "the deed does nothing"
    return before, after, json.loads(heard.read_text())


def _killed(room: Path, deed: Deed, point: int, *, again: bool) -> End:
    """Kill a process when so many statements have been run; look at what it left, perhaps after doing it ``again``."""
    path = _copied(room, str(point))

    async def until_killed() -> None:
        heard = 0

        def count(_: str) -> None:
            nonlocal heard
            if heard == point:
                os.kill(os.getpid(), signal.SIGKILL)
            heard += 1

        await deed.do(path, count)
        os.kill(os.getpid(), signal.SIGKILL)

    async def undisturbed() -> None:
        await deed.do(path, lambda _: None)

    _in_child(until_killed, ends=-signal.SIGKILL)
    state, found = dump(path), harm(path)
    if again:
        _in_child(undisturbed)
    end = End(state, found, dump(path) if again else None)
    shutil.rmtree(path.parent)
    return end


def _in_child(work: Callable[[], Awaitable[None]], ends: int = 0) -> None:
    async def awaited() -> None:
        await work()

    def quietly() -> None:
        logging.disable()  # what is told of in passing belongs to no table
        asyncio.run(awaited())

    process = FORK.Process(target=quietly)
    process.start()
    process.join(60)
    assert process.exitcode == ends, f"the process ended with {process.exitcode}"


def _copied(room: Path, name: str) -> Path:
    """The furnished database in a folder of its own, with the write-ahead log that a kill would leave too."""
    folder = room / name
    folder.mkdir()
    for file in room.glob("before.db*"):
        shutil.copy(file, folder)
    return folder / "before.db"
