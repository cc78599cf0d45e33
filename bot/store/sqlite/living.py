"""Posts that are shown anew, once: which wait for it, and what they carry now.

Only ``Outbox.plan``, ``Outbox.to_rework`` and ``Outbox.reworked`` call this.
"""
# ruff: noqa: S608  the pieces of SQL put together here are our own, values are always parameters

from collections.abc import Iterable, Sequence

from bot.model import Delivery, Rework
from bot.store.sqlite import ledger
from bot.store.sqlite.connection import Row, Session
from bot.store.sqlite.expiry import OPEN, UNENDED
from bot.store.sqlite.subscriptions import target_of


async def mark(session: Session, papers: Iterable[str]) -> None:
    """Let the messages that show one of these papers one by one wait to be shown anew, if they never were."""
    rows = await session.among(
        "select distinct d.message from delivery d join paper p on p.id = d.paper"
        " where d.message is not null and d.shown = 1 and p.key in ({})",
        papers,
    )
    await session.many(
        "update message set rework = 'waiting'"
        f" where id = ? and rework = '' and (state = 'sent' or state in {UNENDED})",
        [(row["message"],) for row in rows],
    )


async def waiting(session: Session, platform: str, since: int, limit: int) -> list[Rework]:
    """Those whose turn it is; what was sent before ``since`` waits no more."""
    await session.rows(
        "update message set rework = 'done' where rework = 'waiting' and state = 'sent' and ended < ?"
        " and target in (select id from target where platform = ?)",
        (since, platform),
    )
    rows = await session.rows(
        "select m.id as message, m.kind as sort, m.nonce, m.receipt, m.heading, t.*"
        " from message m join target t on t.id = m.target where m.rework = 'waiting' and m.state = 'sent'"
        f" and t.platform = ? and t.living = 1 and {OPEN} order by m.id limit ?",
        (platform, limit),
    )
    carried = await _carried(session, [row["message"] for row in rows])
    return [_rework(row, [d for d in carried if d.message == row["message"]]) for row in rows]


async def done(session: Session, message: int, payload: str) -> None:
    """It is shown as ``payload`` now; for an empty one it stays as it was."""
    await session.rows(
        "update message set rework = 'done', payload = coalesce(nullif(?, ''), payload) where id = ?",
        (payload, message),
    )


async def _carried(session: Session, messages: Sequence[int]) -> list[Delivery]:
    """What these messages carry, in the order in which it was framed."""
    places = await session.among("select id, place from delivery where message in ({})", messages)
    place = {row["id"]: row["place"] for row in places}
    found = await ledger.deliveries(session, "d.message in ({})", messages)
    return sorted(found, key=lambda delivery: place[delivery.id])


def _rework(row: Row, carried: Sequence[Delivery]) -> Rework:
    shown = tuple(delivery for delivery in carried if delivery.shown)
    plain = ("message", "nonce", "receipt", "heading")
    return Rework(
        **{name: row[name] for name in plain},
        kind=row["sort"],
        target=target_of(row),
        shown=shown,
        folded=len(carried) - len(shown),
    )
