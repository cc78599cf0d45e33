"""What waits for each platform, counted for whoever watches every few seconds: only by indexes of what is unfinished.

What ended long ago may be millions of rows and is not looked at; ``ledger.tally`` does that, for people who ask.
"""
# ruff: noqa: S608  the pieces of SQL put together here are our own, values are always parameters

from bot.model import Backlog, Queue
from bot.store.sqlite.connection import Row, Session
from bot.store.sqlite.expiry import FREE, TAKES_POSTS, UNFINISHED

_TARGETS = "select platform, count(*) as many, sum(suspended <> '') as resting from target group by platform"
_IS_RIPE = f"d.due <= :now and {TAKES_POSTS}"
_PENDING = (
    f"select t.platform, count(*) as many, sum({_IS_RIPE}) as due, min(case when {_IS_RIPE} then d.due end) as oldest"
    " from delivery d join target t on t.id = d.target where d.state = 'pending' group by t.platform"
)
_IS_FIRST = (
    f"not exists (select 1 from message o where o.target = m.target and o.id < m.id and o.state in {UNFINISHED})"
)
_IS_FREE = f"m.due <= :now and {FREE} and {TAKES_POSTS} and {_IS_FIRST}"
_MESSAGES = (
    f"select t.platform, m.state, count(*) as many, sum({_IS_FREE}) as due, min(case when {_IS_FREE} then m.due end)"
    f" as oldest from message m join target t on t.id = m.target where m.state in {UNFINISHED}"
    " group by t.platform, m.state"
)
_RESTING = (
    "select t.platform, count(*) as many from message m join target t on t.id = m.target"
    " where m.state = 'suspended' group by t.platform"
)


async def backlog(session: Session, now: int) -> Backlog:
    """See ``bot.ports.Outbox.backlog``. Raises ``sqlite3.Error``."""
    at = {"now": now}
    pending, messages = await session.rows(_PENDING, at), await session.rows(_MESSAGES, at)
    resting = {row["platform"]: row["many"] for row in await session.rows(_RESTING)}
    targets = await session.rows(_TARGETS)
    return Backlog(
        papers=await session.value("select count(*) from paper"),
        unmatched=await session.value("select count(*) from paper p where p.revision > p.matched_revision"),
        subscriptions=await session.value("select count(*) from subscription"),
        queues=tuple(_queue(row, pending, messages, resting.get(row["platform"], 0)) for row in targets),
    )


def _queue(target: Row, pending: list[Row], messages: list[Row], resting: int) -> Queue:
    platform = target["platform"]
    planned = [row for row in pending if row["platform"] == platform]
    framed = [row for row in messages if row["platform"] == platform]
    oldest = [row["oldest"] for row in (*planned, *framed) if row["oldest"] is not None]
    return Queue(
        platform=platform,
        targets=target["many"],
        suspended=target["resting"],
        pending=sum(row["many"] for row in planned),
        messages={row["state"]: row["many"] for row in framed} | ({"suspended": resting} if resting else {}),
        due=sum(row["due"] for row in (*planned, *framed)),
        oldest_due=min(oldest, default=0),
    )
