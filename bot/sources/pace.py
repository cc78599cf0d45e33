"""The pace a service wants: the headers in which it says so, and the gate that keeps to it.

No HTTP here: texts and seconds in, seconds out.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from datetime import UTC
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Self

from bot.errors import SourceError

_LONGEST_WAIT = 86_400.0
_RATE_PART = re.compile(r";\s*([rt])\s*=\s*(\d{1,9})(?=\s*(?:[;,]|$))")


class Gate:
    """One request at a time to a whole service, at least ``interval`` seconds between two starts.

    After a 429 it is closed for a minute, doubling to an hour while the service keeps refusing. Entering a closed gate
    raises ``SourceError`` at once instead of waiting, so that nothing else is held up.
    """

    def __init__(
        self,
        interval: float = 3.0,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._interval = interval
        self._clock = clock
        self._sleep = sleep
        self._turn = asyncio.Lock()
        self._next = float("-inf")
        self._closed_until = float("-inf")
        self._backoff = 60.0

    async def __aenter__(self) -> Self:
        await self._turn.acquire()
        try:
            self._refuse_while_closed()
            while (wait := self._next - self._clock()) > 0:
                await self._sleep(wait)
        except BaseException:
            self._turn.release()
            raise
        self._next = self._clock() + self._interval
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._turn.release()

    def refused(self, asked: float | None) -> float:
        """The service said 429 and perhaps for how long. Returns the seconds the gate stays closed."""
        wait = max(self._backoff, asked or 0.0)
        self._closed_until = self._clock() + wait
        self._backoff = min(self._backoff * 2, 3600.0)
        return wait

    def welcomed(self) -> None:
        """The service answered: the next refusal starts from a minute again."""
        self._backoff = 60.0

    def _refuse_while_closed(self) -> None:
        if (wait := self._closed_until - self._clock()) > 0:
            raise SourceError(f"the service asked for fewer requests; next try in {wait:.0f} s.", retry_after=wait)


def retry_after(said: str, wall: float) -> float | None:
    """Seconds from ``Retry-After`` (RFC 9110: a number or a date), at most a day, or None when it says nothing."""
    said = said.strip()
    if said.isascii() and said.isdigit():
        return min(float(said), _LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(said)
        seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - wall
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(seconds, 0.0), _LONGEST_WAIT)


def rate_limit(said: str) -> tuple[bool, float | None]:
    """``"api";r=0;t=123`` -> (True, 123.0): nothing remains for that many seconds.

    The header of https://huggingface.co/docs/hub/rate-limits, after an early draft of the IETF's httpapi group.
    """
    buckets = [dict(_RATE_PART.findall(bucket)) for bucket in said.split(",")]
    resets = [(bucket.get("r") == "0", float(bucket["t"])) for bucket in buckets if "t" in bucket]
    exhausted = [reset for spent, reset in resets if spent]
    longest = max(exhausted or [reset for _, reset in resets], default=None)
    return bool(exhausted), None if longest is None else min(longest, _LONGEST_WAIT)
