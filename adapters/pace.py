"""How fast we may go: a token bucket and a count over a sliding window. In memory, one process; no platform word."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable

Clock = Callable[[], float]
Sleep = Callable[[float], Awaitable[object]]


class Bucket:
    """``rate`` turns a second, at most ``burst`` of them at once. Whoever asks first goes first.

    ``rate`` may be changed at any time, for a platform that asks to go slower.
    """

    def __init__(
        self, rate: float, burst: float = 1, *, clock: Clock = time.monotonic, sleep: Sleep = asyncio.sleep
    ) -> None:
        self.rate = rate
        self._burst = burst
        self._clock = clock
        self._sleep = sleep
        self._turns = burst
        self._counted = clock()
        self._closed_until = self._counted
        self._queue = asyncio.Lock()

    async def take(self) -> None:
        """Wait for a turn and use it up. Somebody who is cancelled while waiting has used none."""
        async with self._queue:
            while (wait := self._wait()) > 0:
                await self._sleep(wait)
            self._turns -= 1

    def pause(self, seconds: float) -> None:
        """Nobody goes for so long, those who wait already included. A shorter pause ends no longer one."""
        self._closed_until = max(self._closed_until, self._clock() + seconds)

    def _wait(self) -> float:
        """Seconds until somebody may go."""
        now = self._clock()
        self._turns = min(self._burst, self._turns + (now - self._counted) * self.rate)
        self._counted = now
        # A ten-millionth of a turn is what adding up floats leaves over: without it the last sleep would repeat.
        missing = 0.0 if self._turns > 1 - 1e-7 else (1 - self._turns) / self.rate
        return max(missing, self._closed_until - now)


class Window:
    """How many events there were in the last ``seconds``."""

    def __init__(self, seconds: float, *, clock: Clock = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._events: deque[float] = deque()

    def add(self) -> None:
        self._events.append(self._clock())

    def __len__(self) -> int:
        oldest = self._clock() - self._seconds
        while self._events and self._events[0] <= oldest:
            self._events.popleft()
        return len(self._events)
