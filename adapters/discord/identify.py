"""How often we may begin a session: Discord resets the token of a bot that begins too many.

https://docs.discord.com/developers/events/gateway#session-start-limit-object. Starts of the process are kept in notes,
because a crash loop forgets everything else.
"""

import asyncio
import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.pace import Sleep, Window
from bot.ports import Notes

log = logging.getLogger(__name__)

OWNER = "discord"
"""Under which name Discord keeps its notes."""

HOUR = 3_600_000
MINUTE = 60_000
APART = MINUTE + 5_000
"""From the last session of one start to the next start, in ms: a minute at Discord's end too, where lines are slow."""
FREE_STARTS = 3
"""Starts within an hour that need not wait for the one before."""
_LOOK = 1.0
"""Seconds after which somebody who waits looks at the clock again: machines sleep, and clocks are set."""
RESERVE = 0.1
"""Part of a day's sessions that is never used up: for whoever has to mend something."""
_BETWEEN = 5.0
_BETWEEN_IN_TROUBLE = 50.0
"""Seconds between sessions; discord.py gives up waiting after 60."""
_DAY = 86_400.0
_STARTS = "starts"


class ExhaustedError(Exception):
    """No session is left to begin today."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What Discord allows: ``remaining`` of ``total`` sessions, until it fills up in ``reset_after`` seconds."""

    shards: int
    total: int
    remaining: int
    reset_after: float

    @property
    def usable(self) -> int:
        """Sessions that may be begun without touching the reserve."""
        return self.remaining - round(self.total * RESERVE)


def allowance(told: Mapping[str, Any]) -> Allowance:
    """From the answer of ``GET /gateway/bot``."""
    limit = told["session_start_limit"]
    return Allowance(told["shards"], limit["total"], limit["remaining"], limit["reset_after"] / 1000)


def recent(starts: Sequence[int], now: int) -> list[int]:
    """Those of the last hour. What lies ahead of ``now`` is from before the clock was set back, and counts as now."""
    return [min(at, now) for at in starts if at > now - HOUR]


def pause(starts: Sequence[int], now: int) -> int:
    """How long to wait, in ms, before starting once more after ``starts`` (times in ms)."""
    known = recent(starts, now)
    return max(0, max(known) + APART - now) if len(known) >= FREE_STARTS else 0


class Budget:
    """Counts starts over processes, and sessions within this one. ``clock`` is in ms UTC."""

    def __init__(self, notes: Notes, clock: Callable[[], int], sleep: Sleep = asyncio.sleep) -> None:
        self._notes = notes
        self._clock = clock
        self._sleep = sleep
        self._allowance = Allowance(1, 1, 1, 0)
        self._left = 0
        self._full_at = 0.0
        self._again = Window(3600.0)

    async def start(self) -> None:
        """Wait until one more start is no crash loop, and count it. Raises ``StoreError``."""
        starts = recent(_times(await self._notes.read(OWNER, _STARTS)), self._clock())
        if wait := pause(starts, self._clock()):
            log.warning("discord.starts_slowly", extra={"seconds": round(wait / 1000)})
        while wait := pause(starts, self._clock()):
            await self._sleep(min(wait / 1000, _LOOK))
            starts = recent(starts, self._clock())
        await self._notes.change(OWNER, _STARTS, lambda known: self._noted(_times(known)))

    async def admit(self, allowed: Allowance) -> None:
        """Wait until there is a session for every shard beside the reserve."""
        if allowed.usable < allowed.shards:
            extra = {"remaining": allowed.remaining, "shards": allowed.shards, "seconds": round(allowed.reset_after)}
            log.error("discord.no_sessions_left", extra=extra)
            await self._sleep(allowed.reset_after)
            allowed = Allowance(allowed.shards, allowed.total, allowed.total, _DAY)
        self._allowance = allowed
        self._left = max(allowed.usable, allowed.shards)  # a bot of many shards may have no more than it needs
        self._full_at = time.monotonic() + allowed.reset_after

    async def spend(self, *, first: bool) -> None:
        """Before every session: ``first`` of this start, or one more. Raises ``ExhaustedError``, ``StoreError``."""
        if time.monotonic() >= self._full_at:
            self._left, self._full_at = self._allowance.total, time.monotonic() + _DAY
        if self._left <= 0:
            raise ExhaustedError("no session is left to begin today")
        self._left -= 1
        if not first:
            self._again.add()
            trouble = len(self._again) > 3 * self._allowance.shards
            await self._sleep(_BETWEEN_IN_TROUBLE if trouble else _BETWEEN)
        # The next start counts from here, not from when this one began: the way to a session may be long.
        await self._notes.change(OWNER, _STARTS, lambda known: self._noted(_times(known)[:-1]))

    def _noted(self, before: Sequence[int]) -> str:
        """``before`` and a start now, as it is kept."""
        now = self._clock()
        return json.dumps([*recent(before, now), now])


def _times(known: str | None) -> list[int]:
    return list(json.loads(known)) if known else []
