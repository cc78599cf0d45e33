"""What goes wrong at Slack: planned faults by method, seeded weather, and how quickly it takes calls. Pure."""

import random
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

KINDS = (
    "500 before", "500 after", "reset before", "reset after", "silence before", "silence after", "ratelimited",
    "fatal_error", "internal_error", "cut", "wrong", "html", "slow", "late",
)  # fmt: skip
"""``before`` and ``after`` the call took effect. ``ratelimited`` and ``html`` come before; the rest after: errors that
may hide a success, JSON cut in the middle of a connection, JSON of a wrong type, the true answer a byte at a time.
``late``: the call takes effect only after a while, and is answered then.
``silence`` lasts until the client gives up or the stand-in ends. Any other error code of Slack's can be planned too: it
refuses."""

BEFORE = frozenset(kind for kind in KINDS if kind.endswith("before")) | {"ratelimited", "html"}
_CODE = re.compile(r"[a-z]+(_[a-z]+)+")


def is_before(kind: str) -> bool:
    """Whether a fault comes before the call takes effect."""
    return kind in BEFORE or (bool(kind) and kind not in KINDS)


@dataclass
class Plan:
    method: re.Pattern[str]
    kind: str
    times: int
    channel: str

    def fits(self, method: str, channel: str) -> bool:
        return self.times > 0 and self.channel in {"", channel} and bool(self.method.fullmatch(method))


class Faults:
    """``done`` counts what was done to whom as ``(method, kind)``."""

    retry_after = 1
    """Seconds a planned ``ratelimited`` asks to wait."""
    drip = 2.0
    """Seconds a ``slow`` answer takes in all, and a ``late`` call until it takes effect."""

    def __init__(self) -> None:
        self.done: Counter[tuple[str, str]] = Counter()
        self._plans: list[Plan] = []
        self._dice = random.Random(0)
        self._weather: dict[str, float] = {}
        self._where = re.compile("")

    def fail(self, method: str, kind: str, times: int = 1, channel: str = "") -> None:
        """The next ``times`` calls of methods that match the pattern whole fail; ``response_url`` is a method here.

        With a ``channel``, by id, only calls that name it.
        """
        assert kind in KINDS or _CODE.fullmatch(kind), f"{kind} is none of {KINDS} and no code"
        self._plans.append(Plan(re.compile(method), kind, times, channel))

    def weather(self, seed: int, chances: Mapping[str, float], method: str = ".*") -> None:
        """From now on each call of these methods meets a kind of fault by chance, the same for the same seed."""
        assert set(chances) <= set(KINDS), f"{chances} has a kind that is none of {KINDS}"
        self._dice, self._weather, self._where = random.Random(seed), dict(chances), re.compile(method)

    def calm(self) -> None:
        """No more faults."""
        self._weather, self._plans = {}, []

    def strike(self, method: str, channel: str = "") -> str:
        """The fault that a call of this method meets now; empty for none."""
        kind = self._planned(method, channel) or self._weathered(method)
        if kind:
            self.done[method, kind] += 1
        return kind

    def _planned(self, method: str, channel: str) -> str:
        for plan in self._plans:
            if plan.fits(method, channel):
                plan.times -= 1
                return plan.kind
        return ""

    def _weathered(self, method: str) -> str:
        if not self._weather or not self._where.fullmatch(method):
            return ""
        roll = self._dice.random()
        for kind, chance in self._weather.items():
            roll -= chance
            if roll < 0:
                return kind
        return ""


class Pace:
    """``burst`` at once, then ``per_second``, for each key on its own."""

    def __init__(self, per_second: float, burst: int) -> None:
        self.per_second, self.burst = per_second, burst
        self._left: dict[str, tuple[float, float]] = {}

    def take(self, key: str, now: float) -> float:
        """0 where it is taken, or for how many seconds it is not."""
        left, since = self._left.get(key, (float(self.burst), now))
        left = min(float(self.burst), left + (now - since) * self.per_second)
        self._left[key] = (left - 1 if left >= 1 else left, now)
        return 0.0 if left >= 1 else (1 - left) / self.per_second
