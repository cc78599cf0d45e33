"""How often somebody may do something in a minute, counted in memory: cheap to refuse, and a restart loses nothing.

What a person asks for is counted in the database besides (``rights.py``); here is what a flood must not even get to.
"""

from collections import OrderedDict

MINUTE = 60_000
"""In ms."""
_MOST = 20_000
"""Counts that are kept. The one used longest ago goes first, which is full again anyway."""


class Rates:
    """A bucket for each name: full at first, and filled again evenly within a minute."""

    def __init__(self) -> None:
        self._buckets: OrderedDict[tuple[str, ...], tuple[float, int]] = OrderedDict()

    def take(self, name: tuple[str, ...], limit: int, now: int) -> bool:
        """Whether one more fits into ``limit`` a minute at ``now`` (ms); it is counted if so.

        A clock that was set back fills nothing and takes nothing.
        """
        left, at = self._buckets.pop(name, (float(limit), now))
        left = min(float(limit), left + max(0, now - at) * limit / MINUTE)
        fits = left >= 1
        self._buckets[name] = (left - 1 if fits else left, now)
        if len(self._buckets) > _MOST:
            self._buckets.popitem(last=False)
        return fits
