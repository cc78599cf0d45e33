"""What Paperboy says of its own accord, to the few who should know: that a channel takes no posts, or does again.

A notice is a message like any other, frozen with a slot, so that it is told once however often this runs. What goes
wrong in composing one is logged and holds up nothing: what it tells of is noted all the same.
"""

import logging
from collections.abc import Awaitable
from dataclasses import replace

from bot import compose
from bot.cadence import KEEP, is_paused, known_zone, local_day
from bot.cards import Post, notice, suspended_post
from bot.model import Address, Draft, Preferences, Target
from bot.ports import Adapter, Store

log = logging.getLogger(__name__)

_KEEP_DAYS = KEEP // (24 * 3600 * 1000)
TOLD = 3
"""People who are told of one thing in one place."""


def written(adapter: Adapter, target: Target, post: Post, nonce: str) -> Draft:
    """A post as it will be frozen, without what it carries."""
    payload, plain = adapter.render(post), adapter.plain(post)
    return Draft(target=target.id, kind=post.kind, payload=payload, plain=plain, nonce=nonce, heading=post.heading)


def hears(target: Target, now: int) -> bool:
    """Whether a notice reaches somebody now: where posts rest it would come days late, when it is true no more."""
    return not target.suspended and not is_paused(target.preferences.paused_until, now)


async def suspend(store: Store, adapter: Adapter, target: Target, reason: str, now: int, defaults: Preferences) -> bool:
    """Stop posting to a target. Those who subscribed in a channel are told, once. Raises ``StoreError``.

    False when it was suspended already: then they are told if a trial failed and they do not know that posts rest
    there. The suspension and what tells of it are one transaction, so that a crash neither swallows the one nor
    repeats the other. ``defaults`` are those of a person never spoken to before.
    """
    post = suspended_post(target.address, reason, _KEEP_DAYS)
    day = local_day(now, known_zone(target.preferences.timezone))
    notices: list[Draft] = []
    # Whom nothing reaches alone is not told so.
    if target.address.kind == "channel" and (not target.suspended or target.on_trial):
        listeners = _listeners(store, adapter, target, now, defaults)
        # The day makes it one a day, should a channel come and go.
        notices = await _composed(adapter, target, listeners, post, "suspended", (reason, day))
    return await store.outbox.suspend(target.id, reason, now, notices)


async def resumed(store: Store, adapter: Adapter, target: Target) -> list[Draft]:
    """What tells those who heard that a suspended target takes no posts that it does again; the store knows which of
    them did hear when that is noted.
    """
    if not target.suspended or target.address.kind != "channel":
        return []
    told, post = store.outbox.told_of(f"suspended {target.id}"), _resumed_post(target.address)
    return await _composed(adapter, target, told, post, "resumed", ("resumed", str(target.suspended_at)))


async def _composed(
    adapter: Adapter,
    target: Target,
    listeners: Awaitable[list[Target]],
    post: Post,
    what: str,
    once: tuple[str, str],
) -> list[Draft]:
    """A post for each of them, of which the slot says about whom it is and what."""
    try:
        return [_notice(adapter, target, own, post, what, once) for own in await listeners]
    except Exception:
        log.exception("notice.not_composed", extra={"to": str(target.address)})
        return []


async def _listeners(store: Store, adapter: Adapter, target: Target, now: int, defaults: Preferences) -> list[Target]:
    """Where to tell it: to those who made the oldest subscriptions, a few of those who hear it now."""
    told: list[Target] = []
    for owner in dict.fromkeys(s.owner for s in await store.subscriptions.at(target.id) if s.owner):
        own = await store.subscriptions.target(adapter.private(target.address, owner), defaults)
        told += [own] if hears(own, now) else []
        if len(told) == TOLD:
            break
    return told


def _resumed_post(where: Address) -> Post:
    room = f"#{(where.name or where.room).removeprefix('#')}"
    said = f"I can post in {room} again: what matched in the last {_KEEP_DAYS} days is on its way."
    return Post(kind="notice", cards=(notice(said, "good"),))


def _notice(adapter: Adapter, target: Target, own: Target, post: Post, what: str, once: tuple[str, str]) -> Draft:
    nonce = compose.notice_nonce(own.address, target.address, *once)
    return replace(written(adapter, own, post, nonce), slot=f"{what} {target.id} {nonce}")
