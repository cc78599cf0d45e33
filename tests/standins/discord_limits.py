"""The stand-in's rate limits, in real seconds: 50 a second in all, windows per route and channel, invalid requests.

See topics/rate-limits. Discord publishes no figure per route; 5 in 5 s a channel for messages is what bots observe.
"""

import time
from collections import Counter
from typing import Any

GLOBAL = 50
ROUTES: dict[tuple[str, str], tuple[int, float]] = {
    ("POST", "/channels/{channel_id}/messages"): (5, 5.0),
    ("PATCH", "/channels/{channel_id}/messages/{message_id}"): (5, 5.0),
    ("DELETE", "/channels/{channel_id}/messages/{message_id}"): (5, 1.0),
}
"""(method, template) to (requests, seconds), per channel."""
USUAL = (50, 1.0)
VIA = {"Via": "1.1 google"}
"""What shows that an answer came from Discord and not from Cloudflare in front of it."""


class Window:
    """``limit`` requests in ``seconds`` from the first one on, as Discord's buckets count."""

    def __init__(self, limit: int, seconds: float) -> None:
        self.limit, self.seconds = limit, seconds
        self._opened = 0.0
        self._used = 0

    def take(self) -> bool:
        if time.monotonic() >= self._opened + self.seconds:
            self._opened, self._used = time.monotonic(), 0
        if self._used >= self.limit:
            return False
        self._used += 1
        return True

    @property
    def remaining(self) -> int:
        return self.limit - self._used

    @property
    def reset_after(self) -> float:
        return max(0.0, round(self._opened + self.seconds - time.monotonic(), 3))


class Limits:
    """``routes`` and ``overall`` may be changed by tests before the first request; ``invalid`` counts 401, 403, 429."""

    def __init__(self) -> None:
        self.overall = Window(GLOBAL, 1.0)
        self.routes = dict(ROUTES)
        self.usual = USUAL
        self.invalid = 0
        self.refused: Counter[str] = Counter()
        self._windows: dict[tuple[str, str, str], Window] = {}

    def off(self) -> None:
        """No limits from here on, for tests of something else."""
        self.overall, self.usual = Window(1_000_000, 1.0), (1_000_000, 1.0)
        self.routes.clear()
        self._windows.clear()

    def renew(self) -> None:
        """As if a minute had gone by: every window is as good as new."""
        self.overall = Window(self.overall.limit, self.overall.seconds)
        self._windows.clear()

    def take(
        self, method: str, template: str, major: str, *, exempt: bool
    ) -> tuple[dict[str, str], dict[str, Any] | None]:
        """Headers for the answer, and the body of a 429 where a limit is hit. ``major``: channel, guild or webhook."""
        if not exempt and not self.overall.take():
            return too_many("global", self.overall.reset_after)
        window = self._window(method, template, major)
        passed = window.take()
        headers = {
            "X-RateLimit-Limit": str(window.limit),
            "X-RateLimit-Remaining": str(window.remaining),
            "X-RateLimit-Reset": f"{time.time() + window.reset_after:.3f}",
            "X-RateLimit-Reset-After": f"{window.reset_after:.3f}",
            "X-RateLimit-Bucket": f"{hash((method, template)) & 0xFFFFFFFF:08x}",
            **VIA,
        }
        if passed:
            return headers, None
        more, body = too_many("user", window.reset_after)
        return headers | more, body

    def _window(self, method: str, template: str, major: str) -> Window:
        key = (method, template, major)
        if key not in self._windows:
            self._windows[key] = Window(*self.routes.get((method, template), self.usual))
        return self._windows[key]

    def count(self, status: int, scope: str) -> None:
        """What Discord counts against an address: 10,000 in ten minutes ban it."""
        self.invalid += status in {401, 403} or (status == 429 and scope != "shared")
        if status == 429:
            self.refused[scope] += 1


def too_many(scope: str, seconds: float) -> tuple[dict[str, str], dict[str, Any]]:
    """Headers and body of a 429. ``scope``: user, global or shared."""
    headers = {"Retry-After": str(max(1, round(seconds))), "X-RateLimit-Scope": scope, **VIA}
    if scope == "global":
        headers["X-RateLimit-Global"] = "true"
    text = "The resource is being rate limited." if scope == "shared" else "You are being rate limited."
    return headers, {"message": text, "retry_after": seconds, "global": scope == "global"}
