"""The power goes: what was written after the last sync is torn, and what was acknowledged before is all there.

A writer stops after each acknowledged commit, and the files are copied. Everything in the first copy had been synced.
What the next commit changed may have reached the disk in any part: the log is cut, zeroed, garbled, misses sectors, or
the database is half way through a checkpoint. Opened again, it has to be as at one of the two moments. That a commit
is synced before it is acknowledged is seen where a C compiler is (``disk.c``); that a drive keeps what it was told to
sync cannot be tested here.
"""

import asyncio
import itertools
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.store.sqlite import open_store
from tests.delivering import Platform
from tests.faults import child, shim, workload
from tests.faults.inspecting import Dump, dump, harm
from tests.faults.rows import Plan, Row
from tests.making import NOON

SECTOR = 512
COMMITS = 160
"""Enough for the log to be written back into the database, and begun anew."""


def run(plan: Plan) -> Iterator[Row]:
    chance, room = plan.chance("power"), plan.room("power")
    wanted, cuts = plan.pick(2, 12, 120), plan.pick(2, 6, 20)
    library = shim.built(room)
    moments, unsynced = _moments(room, library, chance, wanted)
    for kind, tear in TEARS.items():
        # There are few moments of that kind, so each is torn more often.
        torn = [m for m in moments if m.checkpoints] * 5 if kind == "torn checkpoint" else moments
        ends = [_end(room, moment, tear, chance) for moment in torn for _ in range(cuts)]
        yield Row(
            case=f"power cut: {kind}",
            size=f"{len(ends)} cuts",
            injected=len(ends),
            lost=sum(lost for lost, _ in ends),
            problems=(*(problem for _, found in ends for problem in found), *unsynced),
            note="" if library else f"syncs not seen: {shim.NO_COMPILER}",
        )


# --- what was on the disk ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Files:
    """The two files at a moment."""

    main: bytes
    wal: bytes

    def put(self, path: Path) -> Path:
        path.write_bytes(self.main)
        path.with_name(f"{path.name}-wal").write_bytes(self.wal)
        return path


@dataclass(frozen=True, slots=True)
class Moment:
    """Before and after one commit. ``acknowledged`` is everything that was before it."""

    before: Files
    after: Files
    states: tuple[Dump, Dump]
    acknowledged: list[str]

    @property
    def checkpoints(self) -> bool:
        return self.before.main != self.after.main


def _moments(room: Path, library: Path | None, chance: random.Random, wanted: int) -> tuple[list[Moment], list[str]]:
    """Commits chosen at random, with every one that wrote the log back or began it anew; and what was not synced."""
    chosen = set(chance.sample(range(2, COMMITS), wanted))
    moments: list[Moment] = []
    unsynced: list[str] = []
    acknowledged: list[str] = []
    with _writing(room, library) as (path, log, commit):
        before = _files(path)
        for number in range(COMMITS):
            certain = commit()
            after = _files(path)
            if log is not None and not log.read_text().endswith("s"):
                unsynced.append(f"commit {number} ({certain}) was acknowledged before it was synced")
            if number in chosen or after.main != before.main or len(after.wal) < len(before.wal):
                states = (_state(room, before), _state(room, after))
                moments.append(Moment(before, after, states, list(acknowledged)))
            acknowledged.append(certain)
            before = after
    return moments, unsynced


def _files(path: Path) -> Files:
    return Files(path.read_bytes(), path.with_name(f"{path.name}-wal").read_bytes())


def _state(room: Path, files: Files) -> Dump:
    return dump(files.put(_fresh(room)))


def _fresh(room: Path) -> Path:
    for file in room.glob("torn.db*"):
        file.unlink()
    return room / "torn.db"


@contextmanager
def _writing(room: Path, library: Path | None) -> Iterator[tuple[Path, Path | None, Callable[[], str]]]:
    """The path, the log of syncs where there is one, and a function that lets the writer make one more commit."""
    path, log = room / "paperboy.db", room / "log" if library else None
    environ = shim.loaded(library, "paperboy.db-wal", log=log) if library else dict(os.environ)
    command = child.command("tests.faults.power", "write", path=str(path))
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=child.ROOT, env=environ, text=True, **pipes) as writer:  # type: ignore[call-overload]
        assert writer.stdin is not None
        assert writer.stdout is not None
        assert writer.stdout.readline() == "open\n"

        def commit() -> str:
            writer.stdin.write("\n")
            writer.stdin.flush()
            return str(writer.stdout.readline().strip())

        try:
            yield path, log, commit
        finally:
            writer.kill()


def write(path: str) -> None:
    """The writer: one commit for each line it reads, and a line for each that is acknowledged."""
    asyncio.run(_write(Path(path)))


async def _write(path: Path) -> None:
    async with open_store(path, now=NOON) as store:
        await workload.furnish(store)
        print("open", flush=True)
        sys.stdin.readline()
        for number in itertools.count():
            async for certain in workload.day(store, number, Platform()):
                print(certain, flush=True)
                sys.stdin.readline()


# --- what is left of it -----------------------------------------------------------------------------------------------

Tear = Callable[[Moment, random.Random], Files]


def _end(room: Path, moment: Moment, tear: Tear, chance: random.Random) -> tuple[int, list[str]]:
    """Put torn files there and open them: how many acknowledged commits are lost, and what is wrong."""
    path = tear(moment, chance).put(_fresh(room))
    state, found = dump(path), harm(path)
    lost = len(workload.missing(path, moment.acknowledged))
    if state not in moment.states:
        found.append(f"neither before nor after the commit: {state.differs(moment.states[0])}")
    return lost, found


def _torn_log(moment: Moment, torn: Callable[[bytes, bytes], bytes]) -> Files:
    """The database as before; of the log's changed end, what ``torn`` makes of the old and the new one."""
    old, new = moment.before.wal, moment.after.wal
    start = _first_difference(old.ljust(len(new), b"\0"), new)
    return Files(moment.before.main, new[:start] + torn(old[start:], new[start:]))


def _first_difference(old: bytes, new: bytes) -> int:
    """To the byte: what was synced stays, also in a sector that is written again (SQLite's "powersafe overwrite")."""
    sectors = range(0, len(new), SECTOR)
    start = next((at for at in sectors if new[at : at + SECTOR] != old[at : at + SECTOR]), len(new))
    sector = zip(old[start : start + SECTOR], new[start : start + SECTOR], strict=False)
    return start + next((at for at, (was, now) in enumerate(sector) if was != now), 0)


def _cut(moment: Moment, chance: random.Random) -> Files:
    return _torn_log(moment, lambda old, new: new[: chance.randrange(len(new) + 1)] if len(old) <= len(new) else new)


def _zeroed(moment: Moment, chance: random.Random) -> Files:
    return _torn_log(moment, lambda old, new: _from(new, chance, bytes))


def _garbled(moment: Moment, chance: random.Random) -> Files:
    return _torn_log(moment, lambda old, new: _from(new, chance, chance.randbytes))


def _from(new: bytes, chance: random.Random, rest: Callable[[int], bytes]) -> bytes:
    at = chance.randrange(len(new) + 1)
    return new[:at] + rest(len(new) - at)


def _missing_sector(moment: Moment, chance: random.Random) -> Files:
    def torn(old: bytes, new: bytes) -> bytes:
        missing = chance.randrange(max(1, len(new) // SECTOR))
        return _mixed(old, new, lambda number: number != missing)

    return _torn_log(moment, torn)


def _out_of_order(moment: Moment, chance: random.Random) -> Files:
    return _torn_log(moment, lambda old, new: _mixed(old, new, lambda _: chance.random() < 0.5))


def _torn_checkpoint(moment: Moment, chance: random.Random) -> Files:
    """The commit is in the log, and some sectors of the database have been written back."""
    new = moment.after.main
    old = moment.before.main.ljust(len(new), b"\0")
    return Files(_mixed(old, new, lambda _: chance.random() < 0.5), moment.after.wal)


def _mixed(old: bytes, new: bytes, is_new: Callable[[int], bool]) -> bytes:
    """Sector by sector the new one or the old one; zeros where there was none."""
    parts = []
    for number, at in enumerate(range(0, len(new), SECTOR)):
        one = new if is_new(number) else old
        parts.append(one[at : at + SECTOR].ljust(min(SECTOR, len(new) - at), b"\0"))
    return b"".join(parts) + old[len(new) :]


TEARS: dict[str, Tear] = {
    "cut": _cut,
    "zeroed": _zeroed,
    "garbled": _garbled,
    "missing sector": _missing_sector,
    "out of order": _out_of_order,
    "torn checkpoint": _torn_checkpoint,
}
