"""Reading the outbox: rows as ``Delivery`` and ``Message``, and the counts for ``status``. Writes nothing."""
# ruff: noqa: S608  the pieces of SQL put together here are our own, values are always parameters

from collections.abc import Iterable, Mapping

from bot.model import Address, Delivery, Message, Reason, Tally
from bot.store.sqlite import codec
from bot.store.sqlite.connection import Row, Session, in_turns
from bot.store.sqlite.planning import reason_of

MESSAGE = (
    "m.*, t.platform, t.space, t.room, t.kind as target_kind, t.name as target_name,"
    " coalesce((select a.receipt from message a where a.id = m.answers), '') as reply_to"
)
"""What ``message_of`` reads, of a message m joined with its target t."""

IN_SPACE = "(:platform is null or t.platform = :platform) and (:space is null or t.space = :space)"
"""Of a target t: in the space given. An empty name is a space like any other."""
_IN_SCOPE = f"{IN_SPACE} and (:kind is null or t.kind = :kind) and (:room is null or t.room = :room)"

_DELIVERY = (
    f"select {codec.COLUMNS}, d.id as delivery, d.target, d.occasion, d.kind, d.due, d.created, d.slot, d.shown,"
    " d.state, d.detail, d.sent_at, d.message,"
    " (select count(*) from delivery o where o.message = d.message and o.shown = 1 and o.id <> d.id) as beside"
    " from delivery d join paper p on p.id = d.paper where "
)
_FOLDED = "d.state = 'pending' and d.kind = 'fold' and d.target in ({})"


async def deliveries(session: Session, where: str, values: Iterable[object], *first: object) -> list[Delivery]:
    """Deliveries by a condition that ends in ``in ({})`` for ``values``; ``first`` are the parameters before."""
    rows = await session.among(_DELIVERY + where, values, *first)
    reasons: dict[int, list[Reason]] = {}
    for row in await session.among(
        "select * from reason where delivery in ({}) order by delivery, position", [row["delivery"] for row in rows]
    ):
        reasons.setdefault(row["delivery"], []).append(reason_of(row))
    return [_delivery_of(row, reasons.get(row["delivery"], [])) async for row in in_turns(rows)]


async def folded(session: Session, target: int, day: str) -> list[Delivery]:
    """What stands behind "N more" on a local day; for an empty one what waits for a line, else the newest day."""
    if not day and (waiting := await deliveries(session, _FOLDED, [target])):
        return sorted(waiting, key=lambda delivery: delivery.id)
    if not day:
        newest = "select max(day) from delivery where target = ? and day <> '' and shown = 0"
        day = await session.value(newest, (target,)) or ""
    found = await deliveries(session, "d.shown = 0 and d.target = ? and d.day in ({})", [day], target)
    return sorted(found, key=lambda delivery: delivery.id)


async def problems(session: Session, target: int, limit: int) -> list[Message]:
    """Messages that are dead, expired, unclear, or waiting for another try, newest first.

    What ended untried with the message it answers is no problem of its own, nor is a notice that became untrue.
    """
    rows = await session.rows(
        f"select {MESSAGE} from message m join target t on t.id = m.target where m.target = ?"
        " and ((m.state in ('dead', 'expired') and (m.answers is null or m.attempt > 0)"
        " and (m.state = 'dead' or m.kind <> 'notice')) or m.state = 'ambiguous'"
        " or (m.state in ('ready', 'sending') and m.error <> ''))"
        " order by m.id desc limit ?",
        (target, limit),
    )
    return [message_of(row) for row in rows]


async def tally(session: Session, scope: Mapping[str, object]) -> Tally:
    """Counts of the targets that ``scope`` names: platform, space, kind and room, each None for any."""
    of = "select {} from {} x join target t on t.id = x.target where " + _IN_SCOPE
    open_due = [
        await session.value(of.format("min(x.due)", table) + f" and x.state in {states}", scope)
        for table, states in (("delivery", "('pending')"), ("message", "('ready', 'sending', 'ambiguous')"))
    ]
    by_state = [
        {
            row["state"]: row["many"]
            for row in await session.rows(of.format("x.state, count(*) as many", table) + " group by x.state", scope)
        }
        for table in ("delivery", "message")
    ]
    return Tally(
        papers=await session.value("select count(*) from paper"),
        subscriptions=await session.value(of.format("count(*)", "subscription"), scope),
        targets=await session.value(f"select count(*) from target t where {_IN_SCOPE}", scope),
        deliveries=by_state[0],
        messages=by_state[1],
        resent=await session.value(of.format("coalesce(sum(x.resent), 0)", "message"), scope),
        oldest_due=min((due for due in open_due if due is not None), default=0),
    )


def _delivery_of(row: Row, reasons: Iterable[Reason]) -> Delivery:
    plain = ("target", "occasion", "kind", "due", "created", "slot", "state", "detail", "sent_at", "message", "beside")
    return Delivery(
        **{name: row[name] for name in plain},
        id=row["delivery"],
        paper=codec.from_row(row),
        reasons=tuple(reasons),
        shown=bool(row["shown"]),
    )


def message_of(row: Row) -> Message:
    """The message in a row with ``MESSAGE``."""
    plain = ("id", "target", "kind", "payload", "plain", "nonce", "state", "attempt", "resent", "due", "started")
    return Message(
        **{name: row[name] for name in (*plain, "created", "receipt", "error", "reply_to")},
        address=Address(row["platform"], row["space"], row["room"], row["target_kind"], row["target_name"]),
        degraded=bool(row["degraded"]),
    )
