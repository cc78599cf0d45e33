"""A place that took no posts is tried again by itself, from time to time. No SDK, no SQL.

A trial posts what waits there as if nothing had been: the first post that arrives ends the suspension, a refusal lets
everything wait for the next trial. Whether it went well is seen in ``deliver.py``; here is only that it begins.
"""

import logging
from collections.abc import Collection

from bot.cadence import trial_after
from bot.model import Target
from bot.ports import Store

log = logging.getLogger(__name__)

MOST = 20
"""Targets tried in one step: where hundreds rest for one reason, they are not all refused in the same second."""


async def step(store: Store, platforms: Collection[str], now: int) -> int:
    """Put on trial what is due on these platforms. Returns how many targets. Raises ``StoreError``."""
    due = await store.outbox.trials(platforms, now, MOST)
    return sum([await begin(store, target, now) for target in due])


async def begin(store: Store, target: Target, now: int) -> bool:
    """Put one on trial, due or not. False when it takes posts, or is on trial already. Raises ``StoreError``."""
    begun = await store.outbox.try_out(target.id, trial_after(target.suspended_at, now))
    if begun:
        log.info("target.tried", extra={"to": str(target.address), "reason": target.suspended})
    return begun
