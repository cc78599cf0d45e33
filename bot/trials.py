"""A place that took no posts is tried again by itself, from time to time. No SDK, no SQL.

A trial posts what waits there as if nothing had been: the first post that arrives ends the suspension, a refusal lets
everything wait for the next trial. Whether it went well is seen in ``deliver.py``; here is only that it begins.
"""

import logging
from collections.abc import Collection, Iterable
from itertools import islice

from bot.cadence import trial_after, tried_at
from bot.model import Target
from bot.ports import Store

log = logging.getLogger(__name__)

MOST = 20
"""Targets tried in one step: where hundreds rest for one reason, they are not all refused in the same second."""
PAUSE = 2 * 60_000
"""In ms: what was refused so lately is not tried again for a mere ``Asked``. A bot that crashes starts often."""


class Asked:
    """Targets to be tried sooner than they are due, since something changed where they are. Lost at a restart."""

    def __init__(self) -> None:
        self._targets: dict[int, Target] = {}

    def add(self, targets: Iterable[Target]) -> None:
        """What is tried no more by itself waits for a word from there, as ever."""
        self._targets |= {target.id: target for target in targets if target.suspended and target.trial_due}

    def take(self, platforms: Collection[str], now: int, limit: int) -> list[Target]:
        waiting = (t for t in self._targets.values() if t.address.platform in platforms and not _is_fresh(t, now))
        taken = list(islice(waiting, limit))
        for target in taken:
            del self._targets[target.id]
        return taken


def _is_fresh(target: Target, now: int) -> bool:
    return 0 <= now - tried_at(target.suspended_at, target.trial_due) < PAUSE


async def step(store: Store, platforms: Collection[str], now: int, asked: Asked | None = None) -> int:
    """Put on trial what is due on these platforms or asked for. Returns how many targets. Raises ``StoreError``."""
    due = await store.outbox.trials(platforms, now, MOST)
    due += asked.take(platforms, now, MOST - len(due)) if asked else []
    return sum([await begin(store, target, now) for target in due])


async def begin(store: Store, target: Target, now: int) -> bool:
    """Put one on trial, due or not. False when it takes posts, or is on trial already. Raises ``StoreError``."""
    begun = await store.outbox.try_out(target.id, trial_after(target.suspended_at, now))
    if begun:
        log.info("target.tried", extra={"to": str(target.address), "reason": target.suspended})
    return begun
