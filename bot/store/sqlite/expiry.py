"""The end of what will not be delivered: what waited too long or is wanted no more, and why, in plain words.

Only ``Outbox.expire``, ``Outbox.dead`` and ``Subscriptions.remove`` call this.
"""
# ruff: noqa: S608  the pieces of SQL put together here are our own, values are always parameters

from bot.store.sqlite.connection import Row, Session

UNFINISHED = "('ready', 'sending', 'ambiguous')"
UNENDED = "('ready', 'sending', 'ambiguous', 'suspended')"
FREE = f"m.state in {UNFINISHED} and m.lease_until <= :now"
"""Of a message m: nobody is at it, or somebody was and died. A target that was suspended and is back meanwhile does not
end a send that is under way."""
DAY = 24 * 60 * 60 * 1000

_PAUSED = "t.paused_until is not null and (t.paused_until = 0 or t.paused_until > :now)"
_SPACE_PAUSED = "exists (select 1 from space r where r.platform = t.platform and r.space = t.space and r.paused = 1)"
OPEN = "(t.suspended = '' or t.on_trial = 1)"
"""Of a target t: it takes posts, or it is being tried whether it does."""
TAKES_POSTS = f"{OPEN} and not ({_PAUSED}) and not {_SPACE_PAUSED}"
"""Of a target t: open and not paused, in a space that is not paused."""

_NO_REASON = "it could not be posted"
_WHY = (
    f"coalesce(nullif(t.suspended, ''), nullif({{}}, ''), case when {_PAUSED} then 'posts were paused here'"
    f" when {_SPACE_PAUSED} then 'all posts of the space were paused' else '{_NO_REASON}' end) as why"
)


async def expire(session: Session, before: int, now: int) -> int:
    """End what was planned before ``before``; returns how many deliveries that are. Raises ``sqlite3.Error``."""
    return await _expire_messages(session, before, now) + await _expire_pending(session, before, now)


async def _expire_messages(session: Session, before: int, now: int) -> int:
    """Frozen ones that nobody is sending right now. What answers a message is as old as it, and ends with it."""
    over = await session.rows(
        f"select m.id, m.created, {_WHY.format('m.error')}"
        " from message m join target t on t.id = m.target"
        f" where m.created < :before and (m.state = 'suspended' or ({FREE}))",
        {"before": before, "now": now},
    )
    await session.many(
        "update message set state = 'expired', error = ?, ended = ? where id = ?",
        [(_waited(row, now), now, row["id"]) for row in over],
    )
    carried = await session.among("select id from delivery where message in ({})", [row["id"] for row in over])
    await session.many(
        "update delivery set state = 'expired', detail = ? where message = ?",
        [(_waited(row, now), row["id"]) for row in over],
    )
    return len(carried)


async def give_up(session: Session, message: int, reason: str, now: int) -> None:
    """End a message that will not arrive as dead, with its deliveries and what waits for its place in its thread."""
    reason = reason.strip() or _NO_REASON
    ended = await session.rows(
        f"update message set state = 'dead', error = ?, ended = ? where id = ? and state in {UNENDED} returning id",
        (reason, now, message),
    )
    for row in ended:
        await session.rows("update delivery set state = 'dead', detail = ? where message = ?", (reason, row["id"]))
        await session.rows(
            f"update message set state = 'dead', error = ?, ended = ? where answers = ? and state in {UNENDED}",
            (f"what it answers did not arrive: {reason}", now, row["id"]),
        )


async def _expire_pending(session: Session, before: int, now: int) -> int:
    """Those that were due too long ago as well: a paper may wait a whole week for its weekly digest."""
    over = await session.rows(
        f"select d.id, d.created, {_WHY.format('d.detail')}"
        " from delivery d join target t on t.id = d.target"
        " where d.state = 'pending' and d.created < :before and d.due < :before",
        {"before": before, "now": now},
    )
    await session.many(
        "update delivery set state = 'expired', detail = ? where id = ?",
        [(_waited(row, now), row["id"]) for row in over],
    )
    return len(over)


async def end_orphans(session: Session, subscription: int, target: int) -> None:
    """End what waits only because of a subscription that is gone; it stays a reason of what has others too.

    Only what waits at its target is looked through, so this needs no index of reasons.
    """
    await session.rows(
        "update delivery set state = 'expired', detail = 'its subscription was removed before it was due'"
        " where state = 'pending' and target = ? and exists"
        " (select 1 from reason r where r.delivery = delivery.id and r.subscription = ?) and not exists"
        " (select 1 from reason r join subscription s on s.id = r.subscription where r.delivery = delivery.id)",
        (target, subscription),
    )


def _waited(row: Row, now: int) -> str:
    days = max(1, (now - row["created"]) // DAY)
    return f"waited {days} day{'s' if days > 1 else ''}: {row['why']}"
