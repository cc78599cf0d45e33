"""Writing what matching decided: a paper once for each target and occasion, with every reason on it.

Only ``Outbox.plan`` calls this. The combining is plain code; the rows are written with few statements however many.
"""
# ruff: noqa: S608  the pieces of SQL put together here are our own, values are always parameters

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.errors import StoreError
from bot.model import Occasion, Planned, PostKind, Reason
from bot.store.sqlite.connection import Row, Session
from bot.store.sqlite.ingest import ids_of

# The sooner people see it one by one, the stronger: instant beats digest beats fold.
_STRENGTH: Mapping[PostKind, int] = {"instant": 0, "digest": 1, "fold": 2}

_WATCH = 0
"""The subscription of a reason that is a watch."""

Place = tuple[int, int, Occasion]
"""Target, row id of the paper, occasion: what a delivery is unique by."""


@dataclass(frozen=True, slots=True)
class When:
    """How and when a paper goes out."""

    kind: PostKind
    due: int
    slot: str


def sooner(one: When, other: When) -> When:
    """The stronger kind, of equal kinds the earlier due: one of the two as it is, since due and slot belong together.

    Pure. So a paper never goes out at the hour of one and under the slot of the other.
    """
    return min(one, other, key=lambda when: (_STRENGTH[when.kind], when.due))


async def write_planned(session: Session, planned: Sequence[Planned], now: int) -> int:
    """Write deliveries and their reasons; returns how many are new or open again.

    Raises ``StoreError`` for an unknown paper.
    """
    grouped = await _by_place(session, planned)
    known = await _standing(session, grouped)
    new = [place for place in grouped if place not in known]
    await session.many(
        "insert into delivery (target, paper, occasion, kind, due, slot, created, state)"
        " values (?, ?, ?, ?, ?, ?, ?, 'pending')",
        [(*place, *_when(grouped[place]), now) for place in new],
    )
    given_up = {place: row for place, row in known.items() if row["state"] == "expired" and row["message"] is None}
    await _open_again(session, {row["id"]: grouped[place] for place, row in given_up.items()}, now)
    open_places = {place: row for place, row in known.items() if row["state"] == "pending"}
    await session.many(
        "update delivery set kind = ?, due = ?, slot = ? where id = ?",
        [(*_when(grouped[place], _row_when(row)), row["id"]) for place, row in open_places.items()],
    )
    written = await _standing(session, new) if new else {}
    reached = open_places | given_up | written
    await _add_reasons(session, {row["id"]: grouped[place] for place, row in reached.items()})
    return len(new) + len(given_up)


async def _open_again(session: Session, plans: Mapping[int, Sequence[Planned]], now: int) -> None:
    """What ended before it was in any message has reached nobody: a new match plans it as if for the first time."""
    await session.many("delete from reason where delivery = ?", [(delivery,) for delivery in plans])
    await session.many(
        "update delivery set state = 'pending', detail = '', kind = ?, due = ?, slot = ?, created = ? where id = ?",
        [(*_when(several), now, delivery) for delivery, several in plans.items()],
    )


async def _by_place(session: Session, planned: Sequence[Planned]) -> dict[Place, list[Planned]]:
    """Plans by what a delivery is unique by, without those whose target or subscription went while it was matched."""
    papers = await ids_of(session, dict.fromkeys(p.paper for p in planned))
    targets = await _there(session, "target", (p.target for p in planned))
    subscriptions = await _there(session, "subscription", (p.reason.subscription for p in planned)) | {_WATCH}
    grouped: dict[Place, list[Planned]] = {}
    for plan in planned:
        if plan.paper not in papers:
            raise StoreError(f"{plan.paper} is not stored, so it cannot be sent.")
        if plan.target in targets and plan.reason.subscription in subscriptions:
            grouped.setdefault((plan.target, papers[plan.paper], plan.occasion), []).append(plan)
    return grouped


async def _there(session: Session, table: str, ids: Iterable[int]) -> set[int]:
    rows = await session.among(f"select id from {table} where id in ({{}})", dict.fromkeys(ids))
    return {row["id"] for row in rows}


async def _standing(session: Session, places: Iterable[Place]) -> dict[Place, Row]:
    """The rows at these places that are there already."""
    wanted = set(places)
    rows = await session.among(
        "select id, target, paper, occasion, state, kind, due, slot, message from delivery where paper in ({})",
        {paper for _, paper, _ in wanted},
    )
    found = {(row["target"], row["paper"], row["occasion"]): row for row in rows}
    return {place: row for place, row in found.items() if place in wanted}


def _when(plans: Sequence[Planned], start: When | None = None) -> tuple[PostKind, int, str]:
    first, *rest = [*([start] if start else []), *(When(plan.kind, plan.due, plan.slot) for plan in plans)]
    for when in rest:
        first = sooner(first, when)
    return first.kind, first.due, first.slot


def _row_when(row: Row) -> When:
    return When(row["kind"], row["due"], row["slot"])


async def _add_reasons(session: Session, plans: Mapping[int, Sequence[Planned]]) -> None:
    """Reasons after those that stand there; a subscription is named once."""
    rows = await session.among(
        "select delivery, max(position) as last from reason where delivery in ({}) group by delivery", plans
    )
    last = {row["delivery"]: row["last"] for row in rows}
    await session.many(
        "insert into reason (delivery, position, subscription, number, query, terms, mention, max)"
        " values (?, ?, ?, ?, ?, ?, ?, ?) on conflict (delivery, subscription) do nothing",
        [
            (delivery, last.get(delivery, 0) + place, *_columns(plan.reason))
            for delivery, several in plans.items()
            for place, plan in enumerate(several, 1)
        ],
    )


def _columns(reason: Reason) -> tuple[object, ...]:
    terms = json.dumps(reason.terms, ensure_ascii=False)
    return reason.subscription, reason.number, reason.query, terms, reason.mention, reason.max


def reason_of(row: Row) -> Reason:
    """The reason in a row of ``reason``."""
    plain = ("subscription", "number", "query", "mention", "max")
    return Reason(**{name: row[name] for name in plain}, terms=tuple(json.loads(row["terms"])))
