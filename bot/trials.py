"""A place that took no posts is tried again by itself, from time to time. No SDK, no SQL.

A trial posts what waits there as if nothing had been: the first post that arrives ends the suspension, a refusal lets
everything wait for the next trial. Whether it went well is seen in ``deliver.py``; here is only that it begins.
"""

import logging
from collections.abc import Collection, Iterable

from bot.cadence import trial_after, tried_at
from bot.model import Target
from bot.ports import Store

log = logging.getLogger(__name__)

MOST = 20
"""Targets tried in one step: where hundreds rest for one reason, they are not all refused in the same second."""
PAUSE = 2 * 60_000
"""In ms: what was refused so lately is not tried again for a mere ``Asked``. A bot that crashes starts often."""


class Asked:
    """Targets to be tried sooner than they are due, since something changed where they are. Lost at a restart.

    Only which ones: how they stand is read when it is their turn.
    """

    def __init__(self) -> None:
        self._ids: dict[int, None] = {}

    def add(self, targets: Iterable[Target]) -> None:
        """What is tried no more by itself waits for a word from there, as ever."""
        self._ids |= dict.fromkeys(target.id for target in targets if target.suspended and target.trial_due)

    def forget(self, target: int) -> None:
        self._ids.pop(target, None)

    async def waiting(self, store: Store, now: int) -> list[Target]:
        """In the order in which they were asked for. What is due by now is tried anyway, and forgotten with what takes
        posts again or is gone. Raises ``StoreError``.
        """
        asked = list(self._ids)
        known = {target.id: target for target in await store.subscriptions.targets()} if asked else {}
        rest = [known[target] for target in asked if target in known and _rests(known[target], now)]
        for target in {*asked} - {target.id for target in rest}:
            self.forget(target)
        return rest


def _rests(target: Target, now: int) -> bool:
    """Whether it is tried by itself, but not yet."""
    return bool(target.suspended) and not target.on_trial and target.trial_due > now


def _is_fresh(target: Target, now: int) -> bool:
    return 0 <= now - tried_at(target.suspended_at, target.trial_due) < PAUSE


async def step(store: Store, platforms: Collection[str], now: int, asked: Asked | None = None) -> int:
    """Put on trial what is due on these platforms or asked for. Returns how many targets. Raises ``StoreError``."""
    asked = asked or Asked()
    due = await store.outbox.trials(platforms, now, MOST)
    waiting = [target for target in await asked.waiting(store, now) if target.address.platform in platforms]
    ready = [target for target in waiting if not _is_fresh(target, now)]
    begun = 0
    for target in [*due, *ready[: MOST - len(due)]]:
        begun += await begin(store, target, now)
        asked.forget(target.id)
    return begun


async def begin(store: Store, target: Target, now: int) -> bool:
    """Put one on trial, due or not. False when it takes posts, or is on trial already. Raises ``StoreError``."""
    begun = await store.outbox.try_out(target.id, trial_after(target.suspended_at, now))
    if begun:
        log.info("target.tried", extra={"to": str(target.address), "reason": target.suspended})
    return begun
