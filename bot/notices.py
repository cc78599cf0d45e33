"""What Paperboy says of its own accord, to the few who should know: that a channel takes no posts, or does again.

A notice is a message like any other, frozen with a slot, so that it is told once however often this runs.
"""

from dataclasses import replace

from bot import compose
from bot.cadence import local_day
from bot.cards import Post, notice, suspended_post
from bot.model import Address, Draft, Preferences, Target
from bot.ports import Adapter, Store

_DAY = 24 * 3600 * 1000
KEEP = 7 * _DAY
"""What could not be delivered for this long, in ms, is news no more."""
TOLD = 3
"""People who are told of one thing in one place."""


def written(adapter: Adapter, target: Target, post: Post, nonce: str) -> Draft:
    """A post as it will be frozen, without what it carries."""
    payload, plain = adapter.render(post), adapter.plain(post)
    return Draft(target=target.id, kind=post.kind, payload=payload, plain=plain, nonce=nonce, heading=post.heading)


async def suspend(store: Store, adapter: Adapter, target: Target, reason: str, now: int, defaults: Preferences) -> bool:
    """Stop posting to a target. Those who subscribed in a channel are told, once. Raises ``StoreError``.

    False when it was suspended already. The suspension and what tells of it are one transaction, so that a crash
    neither swallows the one nor repeats the other. ``defaults`` are those of a person never spoken to before.
    """
    post = suspended_post(target.address, reason, KEEP // _DAY)
    notices = [] if target.suspended else await _notices(store, adapter, target, post, reason, now, defaults)
    return await store.outbox.suspend(target.id, reason, now, notices)


async def resumed(store: Store, adapter: Adapter, target: Target, now: int, defaults: Preferences) -> list[Draft]:
    """What tells the same people that a target takes posts again, which it did not. Raises ``StoreError``."""
    return await _notices(store, adapter, target, _resumed_post(target.address), "resumed", now, defaults)


async def _notices(
    store: Store, adapter: Adapter, target: Target, post: Post, reason: str, now: int, defaults: Preferences
) -> list[Draft]:
    """A post for each of those who subscribed in a channel. Whom nothing reaches alone is not told so."""
    told = await owners(store, target) if target.address.kind == "channel" else []
    owns = [await store.subscriptions.target(adapter.private(target.address, owner), defaults) for owner in told]
    return [_notice(adapter, target, own, post, reason, now) for own in owns]


async def owners(store: Store, target: Target) -> list[str]:
    """The ids of people to tell: those who made the oldest subscriptions."""
    named = dict.fromkeys(s.owner for s in await store.subscriptions.at(target.id) if s.owner)
    return list(named)[:TOLD]


def _resumed_post(where: Address) -> Post:
    room = f"#{(where.name or where.room).removeprefix('#')}"
    said = f"I can post in {room} again: what matched in the last {KEEP // _DAY} days is on its way."
    return Post(kind="notice", cards=(notice(said, "good"),))


def _notice(adapter: Adapter, target: Target, own: Target, post: Post, reason: str, now: int) -> Draft:
    day = local_day(now, target.preferences.timezone)
    nonce = compose.notice_nonce(own.address, target.address, reason, day)
    # The slot makes it one a day, should a channel come and go.
    return replace(written(adapter, own, post, nonce), slot=f"notice {nonce}")
