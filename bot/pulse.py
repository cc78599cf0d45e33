"""Whether everything that has to come round does: heartbeats, sending, connections. Books only; ``monitor.py`` asks.

Its time is that of the event loop and goes on only while the loop runs, in steps of a few seconds at most: neither a
clock that is set, nor a machine that sleeps, nor a process that was stopped makes anything look late. While the loop
itself hangs nobody can be answered, which tells as much.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot import meters

SPARE = 300.0
"""Seconds that anything may be late beside ``ROUNDS`` of its interval."""
ROUNDS = 3
LONGEST = 3600.0
"""Seconds that one round may take: a first poll after two weeks takes a quarter of an hour."""
CONNECTING = 600.0
"""Seconds without a connection that are no trouble: platforms ask for a new one every few hours."""
STEP = 0.5
_MOST = 5.0
"""Seconds of a step that count."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that should have come round and did not, since ``seconds`` ago."""

    what: str
    why: str
    seconds: float


@dataclass(slots=True)
class _Round:
    within: float
    came: float
    begun: float | None = None


class Pulse:
    """What is late. ``expect`` names something that must come round; ``begun`` and ``came`` tell of it."""

    def __init__(self) -> None:
        self._now = 0.0
        self._rounds: dict[str, _Round] = {}
        self._cut_off: dict[str, float] = {}

    def expect(self, what: str, seconds: float, delay: float = 0.0) -> None:
        """From now on ``what`` must come round every ``seconds``, first after ``delay``. A second call is nothing."""
        self._rounds.setdefault(what, _Round(ROUNDS * seconds + SPARE, self._now + delay))

    def begun(self, what: str) -> None:
        if what in self._rounds:
            self._rounds[what].begun = self._now

    def came(self, what: str) -> None:
        """It came round, or got on."""
        if what in self._rounds:
            self._rounds[what].came = self._now
            self._rounds[what].begun = None

    def failed(self, what: str) -> None:
        """It ended, but did not do what it should: the next one may."""
        if what in self._rounds:
            self._rounds[what].begun = None

    def forget(self) -> None:
        """Nothing is expected any more: it is stopped on purpose."""
        self._rounds.clear()

    def connected(self, lines: Mapping[str, bool]) -> None:
        """How the connections of platforms stand now."""
        for name, is_up in lines.items():
            if is_up:
                self._cut_off.pop(name, None)
            else:
                self._cut_off.setdefault(name, self._now)

    def goes_on(self, seconds: float) -> None:
        """So much time went by in which the loop could run."""
        self._now += min(seconds, _MOST)

    @property
    def stalled(self) -> list[Trouble]:
        """What has not come round for too long, or goes on for too long."""
        return [trouble for what, one in self._rounds.items() if (trouble := self._late(what, one))]

    @property
    def cut_off(self) -> list[Trouble]:
        """Platforms without a connection for too long."""
        away = {name: self._now - since for name, since in self._cut_off.items()}
        return [Trouble(name, "it is not connected", long) for name, long in away.items() if long > CONNECTING]

    def _late(self, what: str, one: _Round) -> Trouble | None:
        if one.begun is not None and self._now - one.begun > LONGEST:
            return Trouble(what, "it began and does not end", self._now - one.begun)
        if self._now - one.came > one.within:
            why = "it began and does not end" if one.begun is not None else "it does not succeed"
            return Trouble(what, why, self._now - one.came)
        return None


async def keep(pulse: Pulse, lines: Callable[[], Mapping[str, bool]], step: float = STEP) -> None:
    """Let the pulse go on, and measure how late the loop is. ``lines`` tells which platforms are connected.

    Ends only by cancellation.
    """
    loop = asyncio.get_running_loop()
    before = loop.time()
    while True:
        await asyncio.sleep(step)
        now = loop.time()
        meters.LAG.observe(max(0.0, now - before - step))
        pulse.goes_on(now - before)
        pulse.connected(lines())
        before = now
