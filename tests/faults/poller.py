"""The process under test of the cases with hostile sources: a whole Paperboy that polls, posts, and watches itself.

It runs in a process of its own (``child.py``), so that its memory is nobody else's; the server is not in it.
"""

import asyncio
import logging
import os
import resource
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from bot import app, config
from bot.bot import Bot
from bot.errors import SourceError
from bot.model import MOST_CAP, Address, Cadence
from tests.faults.sources import MARK
from tests.making import NOON

ROOMS = {"#all": "*", "#well": f'title:"{MARK}"'}
"""Who reads what: a room for everything, with the usual cap, and one for the papers of the source that is well."""
_PAUSE = 0.002
_MEGABYTE = 1 << 20


class Pulse:
    """Beats while the loop is free. ``worst`` is the longest time, in seconds, in which it could not.

    Where a neighbour on this machine took the processor the loop stood still too, and we had no part in it: the time
    for which it could have gone on and was not let does not count. Whatever else it waited for does.
    """

    def __init__(self) -> None:
        self.worst = 0.0
        self._waits: int | None = None
        with suppress(OSError):  # only Linux tells
            self._waits = os.open("/proc/thread-self/schedstat", os.O_RDONLY)

    async def beat(self) -> None:
        while True:
            began = self._undisturbed()
            await asyncio.sleep(_PAUSE)
            self.worst = max(self.worst, self._undisturbed() - began - _PAUSE)

    def _undisturbed(self) -> float:
        """Seconds that have passed, without those for which this thread waited for a processor.

        The latter is the second number of ``schedstat`` (ns), https://docs.kernel.org/scheduler/sched-stats.html. One
        call, for with each the interpreter's lock may go to another thread for some milliseconds, which then counts.
        """
        waited = int(os.pread(self._waits, 100, 0).split()[1]) if self._waits is not None else 0
        return time.perf_counter() - waited / 1e9


class Peak:
    """How much memory this process had at most, in MiB, since the last ``reset``.

    Where the kernel does not tell (that is Linux), since the start.
    """

    def reset(self) -> float:
        """Begin again; what it has now."""
        with suppress(OSError):
            Path("/proc/self/clear_refs").write_text("5")
        return self.megabytes

    @property
    def megabytes(self) -> float:
        with suppress(OSError):
            for line in Path("/proc/self/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) / 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


class Complaints(logging.Handler):
    """Everything that was logged as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        error = repr(record.exc_info[1]) if record.exc_info else ""
        self.said.append(f"{record.getMessage()} {error}")


def watched(url: str, folder: str, rounds: int, settings: dict[str, str]) -> dict[str, Any]:
    """Poll once for each round; what every round cost and said, and what was complained of."""
    return asyncio.run(_watched(url, Path(folder), rounds, settings))


async def _watched(url: str, folder: Path, rounds: int, settings: dict[str, str]) -> dict[str, Any]:
    complaints, pulse, peak = Complaints(), Pulse(), Peak()
    logging.getLogger().addHandler(complaints)
    seen: list[dict[str, Any]] = []
    clock = [NOON]
    async with _opened(url, folder, clock, settings) as bot:
        await _round(bot, url, -1)
        usual = peak.megabytes
        beating = asyncio.create_task(pulse.beat())
        for number in range(rounds):
            pulse.worst, clock[0] = 0.0, clock[0] + 60_000
            before = peak.reset()
            errors = await _round(bot, url, number)
            seen.append({"errors": errors, "stall": pulse.worst, "grew": peak.megabytes - before})
        beating.cancel()
        unsound = await bot.store.check()
        kept = peak.reset() - usual
    return {"rounds": seen, "complaints": complaints.said, "unsound": unsound, "kept": kept}


@asynccontextmanager
async def _opened(url: str, folder: Path, clock: list[int], settings: dict[str, str]) -> AsyncIterator[Bot]:
    environ = {
        "DATABASE": str(folder / "paperboy.db"),
        "SOURCES": "huggingface,arxiv",
        "HUGGINGFACE_URL": url,
        "ARXIV_URL": f"{url}/api/query",
        "ARXIV_RSS_URL": f"{url}/rss",
        "ARXIV_INTERVAL": "0",
        **settings,
    }
    read = config.read({f"PAPERBOY_{name}": value for name, value in environ.items()})
    async with app.opened(read, lambda: clock[0], ("poll", "match", "deliver")) as bot:
        for room, query in ROOMS.items():
            cap = bot.desk.defaults.cap if room == "#all" else MOST_CAP
            defaults = replace(bot.desk.defaults, cap=cap)
            target = await bot.store.subscriptions.target(Address("terminal", "local", room), defaults)
            await bot.store.subscriptions.add(
                target.id, query, Cadence(), owner="you", now=clock[0], limit=9, space_limit=9
            )
        yield bot


async def _round(bot: Bot, url: str, number: int) -> dict[str, str]:
    """One poll and what follows it, and a few look-ups at the hostile source. What each source's report says."""
    hostile = await asyncio.to_thread(lambda: urlopen(f"{url}/round/{number}").read().decode())
    reports = await bot.poll()
    await bot.beat()
    if "arxiv" in hostile:
        await _looked_up(bot, "arxiv")
    elif hostile:
        await _looked_up(bot, "huggingface")
    return {report.source: report.error for report in reports}


async def _looked_up(bot: Bot, name: str) -> None:
    source = bot.sources[name]
    with suppress(SourceError):
        await source.search("word", 5)
    with suppress(SourceError):
        await source.lookup("arxiv:2601.00001")
