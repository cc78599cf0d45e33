"""A disk that is full, read-only or failing: nothing acknowledged is lost, and it goes on once the disk does.

A full and a read-only disk are real ones, a small tmpfs, where this user may mount one; a limit on the size of files
does nearly the same anywhere. Failed writes and syncs are injected where a C compiler is (``disk.c``).
"""

import asyncio
import os
import random
import re
import resource
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bot.errors import StoreError
from bot.store.sqlite import SqliteStore, open_store
from tests.delivering import Platform
from tests.faults import child, shim, workload
from tests.faults.inspecting import harm
from tests.faults.rows import NOT_INJECTED, Plan, Row
from tests.faults.scene import Scene, scene
from tests.making import NOON

_FULL = re.compile(r"is full\.|No space left")
_COMPLAINT = re.compile(r"Traceback| ERROR | CRITICAL ")
MEGABYTES = 4
"""Of the small disk."""
NO_DISK = f"{NOT_INJECTED}this user may not mount a tmpfs"


def run(plan: Plan) -> Iterator[Row]:
    yield _full(plan)
    yield _limited(plan)
    yield _read_only(plan)
    yield from _failing(plan)
    yield _posting(plan)


def _row(case: str, size: str, path: Path, seen: dict[str, Any]) -> Row:
    """What a process acknowledged against what is in its file."""
    problems = [*harm(path), *workload.halves(path)]
    problems += [f"said otherwise than in plain words: {said}" for said in seen["odd"]]
    if not seen["refused"]:
        problems.append("nothing was refused, so nothing was tried")
    lost = workload.missing(path, seen["acknowledged"])
    return Row(case=case, size=size, injected=seen["refused"], lost=len(lost), problems=tuple(problems))


# --- disks ------------------------------------------------------------------------------------------------------------


@contextmanager
def small_disk(folder: Path, megabytes: int = MEGABYTES) -> Iterator[bool]:
    """Whether ``folder`` is a disk of its own while the block lasts: only root may mount one, and not everywhere."""
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    mounted = os.geteuid() == 0 and subprocess.run(mount, capture_output=True, check=False).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path) -> None:
    """Leave no byte of room on a disk."""
    with (folder / "ballast").open("ab", buffering=0) as ballast:
        for size in (1 << 16, 1 << 12, 1):
            try:
                while True:
                    ballast.write(b"\0" * size)
            except OSError:
                continue


def _full(plan: Plan) -> Row:
    """Filled and freed again and again under a store that writes."""
    room, rounds = plan.room("full"), plan.pick(2, 15, 200)
    with small_disk(room) as mounted:
        if not mounted:
            return Row(case="disk full", size="-", injected=0, note=NO_DISK)
        seen = child.result("tests.faults.disk", "on_a_full_disk", path=str(room / "paperboy.db"), rounds=rounds)
        return _row("disk full", f"{rounds} times", room / "paperboy.db", seen)


def _limited(plan: Plan) -> Row:
    """No file may grow beyond a size, which is raised again and again."""
    path, rounds = plan.room("limited") / "paperboy.db", plan.pick(2, 10, 100)
    seen = child.result("tests.faults.disk", "below_a_limit", path=str(path), rounds=rounds)
    return _row("file size limit", f"{rounds} times", path, seen)


def _read_only(plan: Plan) -> Row:
    room, rounds = plan.room("readonly"), plan.pick(1, 5, 50)
    with small_disk(room, 32) as mounted:
        if not mounted:
            return Row(case="disk read-only", size="-", injected=0, note=NO_DISK)
        seen = child.result("tests.faults.disk", "on_a_read_only_disk", path=str(room / "paperboy.db"), rounds=rounds)
        return _row("disk read-only", f"{rounds} times", room / "paperboy.db", seen)


def _failing(plan: Plan) -> Iterator[Row]:
    """The n-th write (ENOSPC, half of it written) or sync (EIO) fails, of the log or of the database itself."""
    library = shim.built(plan.room("shim"))
    tries, chance = plan.pick(1, 4, 100), plan.chance("disk")
    for case, setting, most in (("failed write", "write", 400), ("failed sync", "sync", 40)):
        if library is None:
            yield Row(case=case, size="-", injected=0, note=NOT_INJECTED + shim.NO_COMPILER)
            continue
        ends: list[Row] = []
        struck = 0
        for number in range(tries):
            file = chance.choice(("paperboy.db", "paperboy.db-wal", "paperboy.db-wal"))
            # The database itself is written and synced once in a while only, when the log is written back.
            at = chance.randint(1, most) if file.endswith("wal") else 1
            path = plan.room(f"{setting} {number}") / "paperboy.db"
            log = path.with_name("log")
            environ = shim.loaded(library, file, log=log, **{setting: at})
            seen = child.result("tests.faults.disk", "undisturbed", environ=environ, path=str(path), editions=12)
            struck += log.read_text().count(setting[0].upper())
            ends.append(_row(case, "", path, seen))
        yield Row(
            case=case,
            size=f"{tries} processes",
            injected=struck,
            lost=sum(end.lost for end in ends),
            problems=(
                *(problem for end in ends for problem in end.problems),
                *([f"it failed in {struck} of {tries} processes"] if struck != tries else []),
            ),
            note=f"{sum(end.injected for end in ends)} verbs refused",
        )


def _posting(plan: Plan) -> Row:
    """A whole process, its database and its transcript on a disk that fills up while it posts."""
    rounds, chance, small = plan.pick(1, 2, 30), plan.chance("posting"), plan.room("small")
    # Room for all that is posted in the end; what is left of it is filled each time.
    with small_disk(small, plan.pick(8, 8, 64)) as mounted, scene(plan.room("posting"), plan.pick(3, 10, 10)) as on:
        if not mounted:
            return Row(case="disk full while posting", size="-", injected=0, note=NO_DISK)
        on.keep_in(small)
        on.set_up()
        on.paperboy.start()
        on.paperboy.type("/papers status")
        for _ in range(rounds):
            _filled_and_freed(on, small, chance)
        code = on.paperboy.terminate()
        refused, complaints = _complaints(on.paperboy.errors)
        lost, repeated = on.lost_and_repeated()
        return Row(
            case="disk full while posting",
            size=f"{rounds} times",
            injected=refused,
            lost=lost,
            repeated=repeated,
            problems=(*complaints, *([f"it ended with {code}"] if code else []), *harm(on.paperboy.database)),
            note=f"{len(on.rooms) * len(on.stand.papers)} posts",
        )


def _filled_and_freed(on: Scene, small: Path, chance: random.Random) -> None:
    """Fill the disk under a Paperboy that posts, and free it once that was refused something."""
    on.stand.publish(20)
    time.sleep(chance.uniform(0, 0.5))
    fill(small)
    before, _ = _complaints(on.paperboy.errors)
    on.stand.publish(1)  # whatever it has done by now, there is more to write
    on.paperboy.wait(lambda: _complaints(on.paperboy.errors)[0] > before, "a full disk refused nothing")
    time.sleep(chance.uniform(0, 1))
    (small / "ballast").unlink()
    on.settle()


def _complaints(errors: str) -> tuple[int, list[str]]:
    """In what a process wrote to stderr: how often it named a full disk, and the complaints about anything else."""
    records = [text for text in re.split(r"(?m)^(?=\d{4}-\d\d-\d\dT)", errors) if text]
    ours = [text for text in records if _FULL.search(text)]
    return len(ours), [text[-300:] for text in records if text not in ours and _COMPLAINT.search(text)]


# --- the process that writes ------------------------------------------------------------------------------------------


class Log:
    """What was acknowledged, how often it was refused, and what was said otherwise than by a ``StoreError``."""

    def __init__(self) -> None:
        self.acknowledged: list[str] = []
        self.refused = 0
        self.odd: list[str] = []
        self.number = 0

    async def days(self, store: SqliteStore, *, until_refused: bool, most: int = 10_000) -> None:
        """One edition after the other, until one is refused or there were so many."""
        for _ in range(most):
            self.number += 1
            if not await self._day(store) and until_refused:
                return

    async def _day(self, store: SqliteStore) -> bool:
        try:
            async for certain in workload.day(store, self.number, Platform()):
                self.acknowledged.append(certain)
        except StoreError:
            self.refused += 1
            return False
        except Exception as error:
            self.odd.append(repr(error))
            return False
        return True

    @property
    def said(self) -> dict[str, Any]:
        return {"acknowledged": self.acknowledged, "refused": self.refused, "odd": self.odd}


def on_a_full_disk(path: str, rounds: int) -> dict[str, Any]:
    ballast = Path(path).with_name("ballast")

    def heal() -> None:
        ballast.unlink()

    return asyncio.run(_hurt(Path(path), rounds, lambda: fill(ballast.parent), heal))


def below_a_limit(path: str, rounds: int) -> dict[str, Any]:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    files = [Path(path), Path(f"{path}-wal")]

    def limit() -> None:
        most = max(file.stat().st_size for file in files if file.exists())
        resource.setrlimit(resource.RLIMIT_FSIZE, (most + 30_000, resource.RLIM_INFINITY))

    def lift() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    said = asyncio.run(_hurt(Path(path), rounds, limit, lift))
    lift()
    return said


def on_a_read_only_disk(path: str, rounds: int) -> dict[str, Any]:
    """Between two runs: the kernel makes no disk read-only on which a file is open for writing."""
    folder = Path(path).parent

    def change(how: str) -> Callable[[], object]:
        return lambda: subprocess.run(["mount", "-o", f"remount,{how}", folder], check=True)

    return asyncio.run(_reopened(Path(path), rounds, change("ro"), change("rw")))


async def _hurt(path: Path, rounds: int, hurt: Callable[[], object], heal: Callable[[], object]) -> dict[str, Any]:
    """Hurt the disk under an open store until something is refused, heal it, go on with the same store."""
    log = Log()
    async with open_store(path, now=NOON) as store:
        await workload.furnish(store)
        for _ in range(rounds):
            await log.days(store, until_refused=False, most=2)
            hurt()
            await log.days(store, until_refused=True)
            heal()
        await log.days(store, until_refused=False, most=2)
    return log.said


async def _reopened(path: Path, rounds: int, hurt: Callable[[], object], heal: Callable[[], object]) -> dict[str, Any]:
    """Close the store, hurt the disk, be refused when opening it, heal the disk and go on."""
    log = Log()
    for _ in range(rounds):
        async with open_store(path, now=NOON) as store:
            await workload.furnish(store)
            await log.days(store, until_refused=False, most=2)
        hurt()
        log.refused += await _is_refused(path, log)
        heal()
    return log.said


async def _is_refused(path: Path, log: Log) -> bool:
    try:
        async with open_store(path, now=NOON) as store:
            await log.days(store, until_refused=True, most=1)
    except StoreError:
        return True
    except Exception as error:
        log.odd.append(repr(error))
    return False


def undisturbed(path: str, editions: int) -> dict[str, Any]:
    """Write on whatever happens. A store that cannot even be opened is opened once more."""
    return asyncio.run(_undisturbed(Path(path), editions))


async def _undisturbed(path: Path, editions: int) -> dict[str, Any]:
    log = Log()
    while log.number < editions:
        try:
            async with open_store(path, now=NOON) as store:
                await workload.furnish(store)
                await log.days(store, until_refused=False, most=editions - log.number)
        except StoreError:
            log.refused += 1
    return log.said
