"""The queue between matching and the platforms: the ``Outbox`` of ``bot.ports`` on SQLite.

The states and their arrows are drawn in ``schema/0001_first.sql``. What is planned is in ``planning.py``, what
waited too long in ``expiry.py``, what takes no posts in ``suspending.py``, what is shown anew in ``living.py``, what
people look at afterwards in ``ledger.py``.
"""
# ruff: noqa: S608  the pieces of SQL put together here are our own, values are always parameters

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from operator import itemgetter

from bot.errors import StaleError
from bot.model import (
    Backlog,
    Change,
    Delivery,
    Draft,
    Kind,
    Message,
    Planned,
    Receipt,
    Rework,
    Settled,
    SourceHealth,
    Tally,
    Target,
)
from bot.store.sqlite import backlog, codec, copies, expiry, ledger, living, suspending, telling
from bot.store.sqlite.connection import Database, Session
from bot.store.sqlite.expiry import FREE, TAKES_POSTS, UNFINISHED
from bot.store.sqlite.planning import write_planned
from bot.store.sqlite.subscriptions import target_of
from bot.store.sqlite.telling import Matter


class SqliteOutbox:
    """See ``bot.ports.Outbox``. Every verb is one transaction and raises ``StoreError``."""

    def __init__(self, database: Database) -> None:
        self._db = database

    # --- matching -----------------------------------------------------------------------------------------------------

    async def unmatched(self, limit: int) -> list[Change]:
        async with self._db.read() as session:
            rows = await session.rows(
                f"select {codec.COLUMNS}, p.before, p.revision from paper p"
                " where p.revision > p.matched_revision order by p.waiting limit ?",
                (limit,),
            )
        return [
            Change(
                paper=codec.from_row(row),
                before=codec.load(row["before"]) if row["before"] else None,
                revision=row["revision"],
            )
            for row in rows
        ]

    async def plan(
        self,
        changes: Sequence[Change],
        planned: Sequence[Planned],
        watched: Sequence[int],
        now: int,
        *,
        telling: Sequence[str] = (),
    ) -> int:
        async with self._db.write() as session:
            new = await write_planned(session, planned, now)
            await session.many(
                "update paper set matched_revision = revision, before = null where key = ? and revision = ?",
                [(change.paper.key, change.revision) for change in changes],
            )
            await session.many("update watch set done = 1 where id = ?", [(watch,) for watch in watched])
            await living.mark(session, telling)
        return new

    # --- composing ----------------------------------------------------------------------------------------------------

    async def ripe(self, platforms: Collection[str], now: int, limit: int) -> list[tuple[Target, list[Delivery]]]:
        if not platforms:
            return []
        served = {f"platform{place}": name for place, name in enumerate(platforms)}
        due = (
            f"d.state = 'pending' and d.due <= :now and {TAKES_POSTS}"
            f" and t.platform in ({', '.join(f':{name}' for name in served)})"
        )
        async with self._db.read() as session:
            rows = await session.rows(
                f"select d.target from delivery d join target t on t.id = d.target where {due}"
                " order by d.due, d.id limit :limit",
                {"now": now, "limit": limit, **served},
            )
            order = {target: place for place, target in enumerate(dict.fromkeys(row["target"] for row in rows))}
            found = await ledger.deliveries(
                session, "d.state = 'pending' and d.due <= ? and d.target in ({})", order, now
            )
            targets = await session.among("select * from target where id in ({})", order)
        named = {row["id"]: target_of(row) for row in targets}
        found.sort(key=lambda delivery: (order[delivery.target], delivery.due, delivery.id))
        return [(named[target], list(group)) for target, group in groupby(found, key=lambda delivery: delivery.target)]

    async def postpone(self, due: Mapping[int, tuple[int, str]]) -> None:
        async with self._db.write() as session:
            await session.many(
                "update delivery set due = ?, slot = ? where id = ? and state = 'pending'",
                [(when, slot, delivery) for delivery, (when, slot) in due.items()],
            )

    async def settle(self, settled: Sequence[Settled], detail: str) -> None:
        async with self._db.write() as session:
            await session.many(
                "update delivery set state = 'sent', detail = ?, sent_at = ?, day = ?, shown = ?"
                " where id = ? and state = 'pending'",
                [(detail, one.at, one.day, int(one.shown), one.delivery) for one in settled],
            )

    async def copied_at(self, now: int) -> int:
        async with self._db.read() as session:
            return await copies.copied_at(session, now)

    async def fold(self, deliveries: Sequence[int], due: int, slot: str) -> None:
        async with self._db.write() as session:
            await session.many(
                "update delivery set kind = 'fold', due = ?, slot = ?"
                " where id = ? and state = 'pending' and kind = 'instant'",
                [(due, slot, delivery) for delivery in deliveries],
            )

    async def posted(self, target: int, day: str, *, arrived: bool = False) -> Mapping[int, int]:
        one_by_one = "d.target = ? and d.day = ? and d.day <> '' and d.kind = 'instant' and d.shown = 1"
        one_by_one += " and d.state = 'sent'" if arrived else ""
        async with self._db.read() as session:
            total = await session.value(f"select count(*) from delivery d where {one_by_one}", (target, day))
            rows = await session.rows(
                "select r.subscription, count(*) as papers from delivery d join reason r on r.delivery = d.id"
                f" where {one_by_one} and r.subscription <> 0 group by r.subscription",
                (target, day),
            )
        return {0: total} | {row["subscription"]: row["papers"] for row in rows}

    async def freeze(self, draft: Draft, now: int, rest: Sequence[Draft] = ()) -> int | None:
        async with self._db.write() as session:
            if await _is_used(session, draft):
                return None
            first, *_ = [await _frame(session, part, now) for part in (draft, *rest)]
        return first

    # --- sending ------------------------------------------------------------------------------------------------------

    async def claim(
        self, platform: str, now: int, lease: int, limit: int, under_way: Collection[int] = ()
    ) -> list[Message]:
        async with self._db.write() as session:
            # A cross join is read in this order: what is due is few, all targets of a platform are many.
            rows = await session.rows(
                f"select {ledger.MESSAGE} from message m cross join target t"
                f" where t.id = m.target and m.due <= :now and {FREE} and t.platform = :platform and {TAKES_POSTS}"
                " and m.id not in (select value from json_each(:under_way))"
                f" and not exists (select 1 from message o"
                f" where o.target = m.target and o.id < m.id and o.state in {UNFINISHED})"
                " order by m.due, m.id limit :limit",
                {"platform": platform, "now": now, "limit": limit, "under_way": json.dumps([*under_way])},
            )
            await session.many(
                "update message set attempt = attempt + (state <> 'sending'), state = 'sending', lease_until = ?,"
                " started = case when started = 0 then ? else started end where id = ?",
                [(now + lease, now, row["id"]) for row in rows],
            )
        before = map(ledger.message_of, sorted(rows, key=itemgetter("id")))
        return [replace(m, attempt=m.attempt + (m.state != "sending"), started=m.started or now) for m in before]

    async def sent(self, message: int, receipt: Receipt, now: int, notices: Sequence[Draft] = ()) -> bool:
        """The platform has it: true from whatever state, for somebody else may have given it up meanwhile."""
        async with self._db.write() as session:
            await session.rows(
                "update message set state = 'sent', receipt = ?, link = ?, error = '', ended = ?"
                " where id = ? and state <> 'sent'",
                (receipt.id, receipt.link, now, message),
            )
            await session.rows(
                "update delivery set state = 'sent', detail = '', sent_at = ? where message = ? and state <> 'sent'",
                (now, message),
            )
            resumed = await suspending.arrived(session, message)
            if resumed is not None:
                await _tell_over(session, [telling.closed(resumed)], notices, now)
        self._db.note_sent(message)
        return resumed is not None

    async def again(
        self, message: int, due: int, error: str, *, ambiguous: bool, counts: bool = True, degraded: bool = False
    ) -> None:
        """Put a claimed message back. If its target was suspended meanwhile it stays so, with ``ambiguous``."""
        async with self._db.write() as session:
            await session.rows(
                "update message set due = :due, error = :error, unclear = :unclear, attempt = attempt - :back,"
                " degraded = :degraded, lease_until = 0,"
                " state = case when state = 'sending' then :state else state end"
                " where id = :id and state in ('sending', 'suspended')",
                {
                    "id": message,
                    "due": due,
                    "error": error,
                    "unclear": int(ambiguous),
                    "back": int(not counts),
                    "degraded": int(degraded),
                    "state": "ambiguous" if ambiguous else "ready",
                },
            )

    async def note_resend(self, message: int) -> None:
        async with self._db.write() as session:
            await session.rows("update message set resent = resent + 1 where id = ?", (message,))

    async def dead(self, message: int, reason: str, now: int) -> None:
        async with self._db.write() as session:
            await expiry.give_up(session, message, reason, now)

    # --- targets that take no posts, and what waited too long ---------------------------------------------------------

    async def suspend(self, target: int, reason: str, now: int, notices: Sequence[Draft] = ()) -> bool:
        async with self._db.write() as session:
            fresh, failed = await suspending.suspend(session, target, reason, now)
            if fresh or failed:
                matter = telling.closed(target)
                await telling.withdraw(session, matter.over, matter.what, "it takes no posts again", now)
                known = set() if fresh else await telling.believers(session, matter)
                await _tell(session, [notice for notice in notices if notice.target not in known], now)
        return fresh

    async def trials(self, platforms: Collection[str], now: int, limit: int) -> list[Target]:
        async with self._db.read() as session:
            return await suspending.trials(session, platforms, now, limit)

    async def try_out(self, target: int, following: int) -> bool:
        async with self._db.write() as session:
            return await suspending.try_out(session, target, following)

    async def resume(self, target: int, now: int, notices: Sequence[Draft] = ()) -> bool:
        async with self._db.write() as session:
            resumed = await suspending.resume(session, target)
            if resumed:
                await _tell_over(session, [telling.closed(target)], notices, now)
        return resumed

    async def tell(
        self, outages: Sequence[SourceHealth], notices: Sequence[Draft], now: int, anew: Sequence[Draft] = ()
    ) -> int:
        async with self._db.write() as session:
            await telling.note(session, outages)
            over = [telling.silent(outage.source) for outage in outages if not outage.told]
            return await (_tell_over(session, over, notices, now, anew) if over else _tell(session, notices, now))

    async def told_of(self, slot: str, *, resting: bool = False) -> list[Target]:
        async with self._db.read() as session:
            return await telling.told_of(session, slot, resting)

    async def expire(self, before: int, now: int) -> int:
        async with self._db.write() as session:
            return await expiry.expire(session, before, now)

    # --- posts that are shown anew ------------------------------------------------------------------------------------

    async def to_rework(self, platform: str, since: int, limit: int) -> list[Rework]:
        async with self._db.write() as session:
            return await living.waiting(session, platform, since, limit)

    async def reworked(self, message: int, payload: str) -> None:
        async with self._db.write() as session:
            await living.done(session, message, payload)

    # --- what people look at ------------------------------------------------------------------------------------------

    async def pending(self, target: int) -> list[Delivery]:
        async with self._db.read() as session:
            found = await ledger.deliveries(session, "d.state = 'pending' and d.target in ({})", [target])
        return sorted(found, key=lambda delivery: (delivery.due, delivery.id))

    async def trail(self, target: int, paper: str) -> list[Delivery]:
        async with self._db.read() as session:
            found = await ledger.deliveries(session, "d.target = ? and p.key in ({})", [paper], target)
        return sorted(found, key=lambda delivery: delivery.id, reverse=True)

    async def more(self, target: int, day: str) -> list[Delivery]:
        async with self._db.read() as session:
            return await ledger.folded(session, target, day)

    async def tally(
        self,
        platform: str | None = None,
        space: str | None = None,
        *,
        kind: Kind | None = None,
        room: str | None = None,
    ) -> Tally:
        async with self._db.read() as session:
            return await ledger.tally(session, {"platform": platform, "space": space, "kind": kind, "room": room})

    async def backlog(self, now: int) -> Backlog:
        async with self._db.read() as session:
            return await backlog.backlog(session, now)

    async def recent_problems(self, target: int, limit: int) -> list[Message]:
        async with self._db.read() as session:
            return await ledger.problems(session, target, limit)


async def _tell_over(
    session: Session, matters: Sequence[Matter], notices: Sequence[Draft], now: int, anew: Sequence[Draft] = ()
) -> int:
    """What was not told yet is told no more; only those who heard of it, or still may, hear of its end.

    Of what is told ``anew``, those notices are frozen whose readers would miss it now.
    """
    heard: set[int] = set()
    withdrawn: list[tuple[int, str]] = []
    for matter in matters:
        why = "it was over before it could be told"
        withdrawn += await telling.withdraw(session, matter.begun, matter.what, why, now)
        heard |= await telling.believers(session, matter)
    ends = [notice for notice in notices if notice.target in heard]
    missed = [notice for notice in anew if telling.is_missed(notice, withdrawn)]
    return await _tell(session, [*ends, *missed], now)


async def _tell(session: Session, notices: Sequence[Draft], now: int) -> int:
    """Freeze those whose slot was not used yet; how many. Who let themselves be forgotten meanwhile is told nothing."""
    frozen = 0
    for notice in notices:
        is_there = await session.row("select id from target where id = ?", (notice.target,))
        if is_there and not await _is_used(session, notice):
            await _frame(session, notice, now)
            frozen += 1
    return frozen


async def _is_used(session: Session, draft: Draft) -> bool:
    """Whether a message of this slot is there already."""
    known = "select id from message where target = ? and slot = ?"
    return bool(draft.slot and await session.row(known, (draft.target, draft.slot)))


async def _frame(session: Session, draft: Draft, now: int, answers: int | None = None, doubt: int = 0) -> int:
    """Write a message, what it carries, and right behind it what goes into its thread.

    ``doubt`` is since when it may have been sent already, which what goes into its thread shares with it.
    """
    doubt = doubt or await copies.doubt(session, draft, now)
    places = dict.fromkeys(draft.folded, 0) | {delivery: place for place, delivery in enumerate(draft.shown, 1)}
    await _must_be_pending(session, draft.target, [*draft.shown, *draft.folded])
    message = await session.value(
        "insert into message"
        " (target, kind, heading, answers, payload, plain, nonce, slot, state, started, due, created)"
        " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) returning id",
        (
            draft.target, draft.kind, draft.heading, answers, draft.payload, draft.plain, draft.nonce, draft.slot,
            "ambiguous" if doubt else "ready", doubt, now, now,
        ),
    )  # fmt: skip
    await session.many(
        "update delivery set state = 'framed', message = ?, shown = ?, place = ?, day = ? where id = ?",
        [(message, int(place > 0), place, draft.day, delivery) for delivery, place in places.items()],
    )
    for reply in draft.replies:
        await _frame(session, reply, now, message, doubt)
    return int(message)


async def _must_be_pending(session: Session, target: int, wanted: Sequence[int]) -> None:
    rows = await session.among("select id, target, state from delivery where id in ({})", wanted)
    pending = {row["id"] for row in rows if row["state"] == "pending" and row["target"] == target}
    if len(pending) != len(wanted):
        raise StaleError("Some of these papers went out another way meanwhile; what is due is looked up again.")
