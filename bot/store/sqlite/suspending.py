"""A target that takes no posts: it rests, is tried from time to time, and goes on. Its rows move with it.

Only ``SqliteOutbox`` calls this, each function within one transaction. When the next trial is due is decided in
``bot/cadence.py``; here is only that the first one is a day after the suspension began. The clock of subscriptions
stands still: matching goes on where posts rest.
"""
# ruff: noqa: S608  the pieces of SQL put together here are our own, values are always parameters

from collections.abc import Collection

from bot.model import Target
from bot.store.sqlite.connection import Session
from bot.store.sqlite.expiry import DAY, UNFINISHED
from bot.store.sqlite.subscriptions import target_of

_NO_REASON = "it takes no posts"
_LIVE = "suspended = '', suspended_at = 0, on_trial = 0, trial_due = 0"


async def suspend(session: Session, target: int, reason: str, now: int) -> tuple[bool, bool]:
    """Let a target and its rows rest. When it was suspended already, only a trial of it ends.

    Returns whether it is new, and whether a trial failed.

    A message under way may have arrived, so it comes back as ambiguous. A trial that took long to fail is not followed
    by another at once.
    """
    fresh = await session.rows(
        "update target set suspended = ?, suspended_at = ?, on_trial = 0, trial_due = ?"
        " where id = ? and suspended = '' returning id",
        (reason.strip() or _NO_REASON, now, now + DAY, target),
    )
    failed = await session.rows(
        "update target set on_trial = 0, trial_due = case when trial_due = 0 then 0 else max(trial_due, ?) end"
        " where id = ? and on_trial = 1 returning id",
        (now + DAY, target),
    )
    await session.rows(
        "update delivery set state = 'suspended', detail = (select t.suspended from target t where t.id = target)"
        f" where state = 'framed' and message in (select id from message where target = ? and state in {UNFINISHED})",
        (target,),
    )
    await session.rows(
        "update message set unclear = case state when 'ready' then 0 else 1 end, state = 'suspended'"
        f" where target = ? and state in {UNFINISHED}",
        (target,),
    )
    return bool(fresh), bool(failed)


async def resume(session: Session, target: int) -> bool:
    """Take posts again. False when it was not suspended."""
    resumed = await session.rows(f"update target set {_LIVE} where id = ? and suspended <> '' returning id", (target,))
    await _go_on(session, target)
    return bool(resumed)


async def trials(session: Session, platforms: Collection[str], now: int, limit: int) -> list[Target]:
    """Those whose turn it is to be tried, the one that waits longest first."""
    served = {f"platform{place}": name for place, name in enumerate(platforms)}
    if not served:
        return []
    rows = await session.rows(
        "select * from target where suspended <> '' and on_trial = 0 and trial_due > 0 and trial_due <= :now"
        f" and platform in ({', '.join(f':{name}' for name in served)}) order by trial_due, id limit :limit",
        {"now": now, "limit": limit, **served},
    )
    return [target_of(row) for row in rows]


async def try_out(session: Session, target: int, following: int) -> bool:
    """Post to it all the same. False when it is not suspended, or tried already."""
    tried = await session.rows(
        "update target set on_trial = 1, trial_due = ? where id = ? and suspended <> '' and on_trial = 0 returning id",
        (following, target),
    )
    if tried:
        await _go_on(session, target)
    return bool(tried)


async def arrived(session: Session, message: int) -> int | None:
    """A message reached its target: if that was a trial, the suspension is over. Returns the target if it was."""
    resumed = await session.rows(
        f"update target set {_LIVE} where on_trial = 1 and id = (select m.target from message m where m.id = ?)"
        " returning id",
        (message,),
    )
    return resumed[0]["id"] if resumed else None


async def _go_on(session: Session, target: int) -> None:
    """What rests at a target goes on where it was."""
    await session.rows(
        "update delivery set state = 'framed', detail = '' where state = 'suspended' and message in"
        " (select id from message where target = ? and state = 'suspended')",
        (target,),
    )
    await session.rows(
        "update message set state = case unclear when 1 then 'ambiguous' else 'ready' end"
        " where target = ? and state = 'suspended'",
        (target,),
    )
