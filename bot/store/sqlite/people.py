"""What belongs to persons and spaces: the ``People`` of ``bot.ports`` on SQLite."""
# ruff: noqa: S608  the pieces of SQL put together here are our own, values are always parameters

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from bot.errors import StoreError
from bot.model import Address, Person, Saved, Space, Watch
from bot.store.sqlite import codec, counter
from bot.store.sqlite.connection import Database, Row, Session

_MINE = "platform = :platform and space = :space and person = :person"
_WITHIN = "t.platform = :platform and (t.space = :space or :space = '')"
"""Of a row t with a space: where a person may be known. One without a space is the same in all of a platform."""


class SqlitePeople:
    """See ``bot.ports.People``. Every verb is one transaction and raises ``StoreError``."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def save(self, person: Person, paper: str, note: str, now: int) -> bool:
        async with self._db.write() as session:
            whose = {**_person(person), "paper": await _paper_id(session, paper), "note": note, "at": now}
            known = await session.row(f"select at from saved where {_MINE} and paper = :paper", whose)
            await session.rows(
                "insert into saved (platform, space, person, paper, note, at)"
                " values (:platform, :space, :person, :paper, :note, :at)"
                " on conflict (platform, space, person, paper) do update set note = excluded.note",
                whose,
            )
        return known is None

    async def unsave(self, person: Person, paper: str) -> bool:
        async with self._db.write() as session:
            gone = await session.rows(
                f"delete from saved where {_MINE} and paper = (select id from paper where key = :key) returning at",
                {**_person(person), "key": paper},
            )
        return bool(gone)

    async def saved(self, person: Person) -> list[Saved]:
        async with self._db.read() as session:
            rows = await session.rows(
                f"select {codec.COLUMNS}, s.note, s.at from saved s join paper p on p.id = s.paper where s.platform ="
                " :platform and s.space = :space and s.person = :person order by s.at desc, s.paper desc",
                _person(person),
            )
        return [Saved(paper=codec.from_row(row), note=row["note"], at=row["at"]) for row in rows]

    async def watch(self, target: int, paper: str, query: str) -> Watch:
        async with self._db.write() as session:
            wanted = (target, await _paper_id(session, paper), query)
            await session.rows("delete from watch where target = ? and paper = ? and query = ? and done = 1", wanted)
            known = await session.row(
                "select id, number from watch where target = ? and paper = ? and query = ?", wanted
            )
            made = known or await _new_watch(session, wanted)
        return Watch(id=made["id"], number=made["number"], target=target, paper=paper, query=query)

    async def unwatch(self, target: int, watch: int) -> bool:
        async with self._db.write() as session:
            gone = await session.rows("delete from watch where target = ? and id = ? returning id", (target, watch))
        return bool(gone)

    async def watches(self, target: int) -> list[Watch]:
        async with self._db.read() as session:
            rows = await session.among(_WATCHES + " where w.target in ({}) order by w.id", [target])
        return [_watch(row) for row in rows]

    async def watching(self, papers: Sequence[str]) -> list[Watch]:
        async with self._db.read() as session:
            rows = await session.among(_WATCHES + " where w.done = 0 and p.key in ({}) order by w.id", papers)
        return [_watch(row) for row in rows]

    async def watched_papers(self, limit: int) -> list[str]:
        """By turns, not by the clock: a paper that no source knows must not stay the first for ever."""
        async with self._db.write() as session:
            rows = await session.rows(
                "select p.id, p.key from (select paper, max(turn) as turn from watch where done = 0 group by paper) w"
                " join paper p on p.id = w.paper order by w.turn,"
                " (select max(g.last_seen) from sighting g where g.paper = w.paper), p.id limit ?",
                (limit,),
            )
            turn = 1 + await session.value("select coalesce(max(turn), 0) from watch")
            await session.many("update watch set turn = ? where paper = ?", [(turn, row["id"]) for row in rows])
        return [row["key"] for row in rows]

    async def spend(self, person: Person, bucket: str, now: int, *, limit: int, window: int) -> bool:
        use = {**_person(person), "bucket": bucket, "at": now, "until": now + window, "from": now - window}
        async with self._db.write() as session:
            spent = await session.value(
                f"select count(*) from spent where {_MINE} and bucket = :bucket and at > :from",
                use,
            )
            if spent >= limit:
                return False
            await session.rows(
                "insert into spent (platform, space, person, bucket, at, until)"
                " values (:platform, :space, :person, :bucket, :at, :until)",
                use,
            )
        return True

    async def space(self, platform: str, space: str) -> Space:
        """A space as it was set, or as every space is at first."""
        async with self._db.read() as session:
            return await _space(session, platform, space)

    async def edit_space(self, platform: str, space: str, change: Callable[[Space], Space]) -> tuple[Space, Space]:
        async with self._db.write() as session:
            before = await _space(session, platform, space)
            after = change(before)
            if after == before:
                return before, after
            await _write_space(session, replace(after, platform=platform, space=space))
            await counter.tick(session, counter.SUBSCRIPTIONS)
        return before, after

    async def named(self, person: Person) -> tuple[int, int]:
        async with self._db.read() as session:
            return len(await _naming(session, person)), len(await _managed(session, person))

    async def forget(self, person: Person, target: Address) -> Mapping[str, int]:
        """Delete everything of a person. ``target`` is theirs only when it is an address of a person.

        Somebody without a space is the same person in all spaces of the platform.
        """
        async with self._db.write() as session:
            counts = await _forget(session, person, target)
            await counter.tick(session, counter.SUBSCRIPTIONS)
        # secure_delete overwrites rows where they are deleted, but not older copies that a page split left behind in
        # unused room (a test finds such). Only writing the file anew is sure, and the checkpoint clears the log.
        await self._db.upkeep("vacuum", "pragma wal_checkpoint(truncate)")
        return counts


async def _forget(session: Session, person: Person, target: Address) -> dict[str, int]:
    whose = _person(person)
    saved = await session.rows(f"delete from saved where {_MINE} returning at", whose)
    await session.rows(f"delete from spent where {_MINE}", whose)
    own = await session.row(
        "select id from target where platform = ? and space = ? and room = ? and kind = 'person' and kind = ?",
        (target.platform, target.space, target.room, target.kind),
    )
    counts = await _forget_target(session, own["id"]) if own else {"subscriptions": 0, "watches": 0, "posts": 0}
    named = await _naming(session, person)
    await session.many(
        "update subscription set owner = ?, owner_name = ?, mention = ? where id = ?",
        [(*_unowned(row, person), _unmentioned(row, person), row["id"]) for row in named],
    )
    await _forget_reasons(session, person)
    managed = await _managed(session, person)
    for space in managed:
        await _write_space(session, replace(space, managers=tuple(m for m in space.managers if m != person.id)))
    return {"saved": len(saved), **counts, "names": len(named), "rights": len(managed)}


async def _naming(session: Session, person: Person) -> list[Row]:
    """The subscriptions of channels that they made, or that call them."""
    rows = await session.rows(
        "select s.id, s.owner, s.owner_name, s.mention from subscription s join target t on t.id = s.target where"
        f" t.kind = 'channel' and {_WITHIN} and :person <> '' and (s.owner = :person or instr(s.mention, :person))",
        _person(person),
    )
    return [row for row in rows if row["owner"] == person.id or not _unmentioned(row, person)]


def _unowned(row: Row, person: Person) -> tuple[str, str]:
    return ("", "") if row["owner"] == person.id else (row["owner"], row["owner_name"])


def _unmentioned(row: Row, person: Person) -> str:
    """The mention, empty where it is of this person: their id stands in it, and not as a part of another."""
    return "" if re.search(rf"(?<!\w){re.escape(person.id)}(?!\w)", row["mention"]) else str(row["mention"])


async def _forget_reasons(session: Session, person: Person) -> None:
    """What was planned while a subscription called them calls nobody any more."""
    rows = await session.rows(
        "select r.delivery, r.subscription, r.mention from reason r join delivery d on d.id = r.delivery"
        f" join target t on t.id = d.target where instr(r.mention, :person) and :person <> '' and {_WITHIN}",
        _person(person),
    )
    called = [(row["delivery"], row["subscription"]) for row in rows if not _unmentioned(row, person)]
    await session.many("update reason set mention = '' where delivery = ? and subscription = ?", called)


async def _managed(session: Session, person: Person) -> list[Space]:
    """The spaces whose list of managers has this person on it."""
    rows = await session.rows(f"select t.* from space t where t.managers <> '[]' and {_WITHIN}", _person(person))
    spaces = (_space_of(row) for row in rows)
    return [space for space in spaces if person.id in space.managers]


async def _forget_target(session: Session, target: int) -> dict[str, int]:
    """Delete a target with all that hangs on it, and say how much that was."""
    counted = {"subscriptions": "subscription", "watches": "watch", "posts": "delivery"}
    counts = {
        what: int(await session.value(f"select count(*) from {table} where target = ?", (target,)))
        for what, table in counted.items()
    }
    # Deliveries before their messages; the rest goes with the target.
    await session.rows("delete from delivery where target = ?", (target,))
    await session.rows("delete from target where id = ?", (target,))
    await session.rows("delete from note where owner = '' and key = ?", (f"room {target}",))
    return counts


# --- rows and values --------------------------------------------------------------------------------------------------

_WATCHES = "select w.id, w.number, w.target, p.key, w.query, w.done from watch w join paper p on p.id = w.paper"


def _watch(row: Row) -> Watch:
    plain = {name: row[name] for name in ("id", "number", "target", "query")}
    return Watch(**plain, paper=row["key"], done=bool(row["done"]))


async def _new_watch(session: Session, wanted: tuple[int, int, str]) -> Row:
    """Add one of (target, paper, query) with the next number of its target."""
    counted = await session.row(
        "update target set next_watch = next_watch + 1 where id = ? returning next_watch - 1", wanted[:1]
    )
    if counted is None:
        raise StoreError(f"Target {wanted[0]} is not there any more.")
    [made] = await session.rows(
        "insert into watch (target, paper, query, number) values (?, ?, ?, ?) returning id, number",
        (*wanted, counted[0]),
    )
    return made


async def _space(session: Session, platform: str, space: str) -> Space:
    row = await session.row("select * from space where platform = ? and space = ?", (platform, space))
    if row is None:
        return Space(platform=platform, space=space)
    return _space_of(row)


def _space_of(row: Row) -> Space:
    plain = {name: row[name] for name in ("platform", "space", "policy")}
    return Space(**plain, managers=tuple(json.loads(row["managers"])), paused=bool(row["paused"]))


async def _write_space(session: Session, space: Space) -> None:
    await session.rows(
        "insert into space (platform, space, policy, managers, paused) values (?, ?, ?, ?, ?)"
        " on conflict (platform, space) do update set policy = excluded.policy, managers = excluded.managers,"
        " paused = excluded.paused",
        (space.platform, space.space, space.policy, json.dumps(space.managers), int(space.paused)),
    )


def _person(person: Person) -> dict[str, object]:
    return {"platform": person.platform, "space": person.space, "person": person.id}


async def _paper_id(session: Session, key: str) -> int:
    row = await session.row("select id from paper where key = ?", (key,))
    if row is None:
        raise StoreError(f"{key} is not stored; look it up first.")
    return int(row["id"])
