"""A place that took no posts is tried again by itself, from time to time. No SDK, no SQL.

A trial posts what waits there as if nothing had been: the first post that arrives ends the suspension, a refusal lets
everything wait for the next trial. Whether it went well is seen in ``deliver.py``; here is only when.
"""

import logging
from collections.abc import Collection

from bot.model import Target
from bot.notices import KEEP
from bot.ports import Store

log = logging.getLogger(__name__)

DAY = 24 * 3600 * 1000
WEEK = 7 * DAY
AT_ONCE = 20
"""Targets tried in one step: where hundreds rest for one reason, they are not all refused in the same second."""


async def step(store: Store, platforms: Collection[str], now: int) -> int:
    """Put on trial what is due on these platforms. Returns how many targets. Raises ``StoreError``."""
    due = await store.outbox.trials(platforms, now, AT_ONCE)
    return sum([await begin(store, target, now) for target in due])


async def begin(store: Store, target: Target, now: int) -> bool:
    """Put one on trial, due or not. False when it takes posts, or is on trial already. Raises ``StoreError``."""
    begun = await store.outbox.try_out(target.id, next_trial(target.suspended_at, now), now)
    if begun:
        log.info("target.tried", extra={"to": str(target.address), "reason": target.suspended})
    return begun


def next_trial(since: int, now: int) -> int:
    """When a target that is tried ``now`` is tried next, if that fails; all in ms.

    Every day while something may still wait from before it was suspended, every week after that.
    """
    return now + (DAY if now < since + KEEP else WEEK)
