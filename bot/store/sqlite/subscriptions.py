"""Targets and their subscriptions: the ``Subscriptions`` of ``bot.ports`` on SQLite."""
# ruff: noqa: S608  the pieces of SQL put together here are our own, values are always parameters

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from bot.errors import CommandError, StoreError
from bot.model import Address, Cadence, Preferences, Subscription, Target
from bot.store.sqlite import counter, expiry
from bot.store.sqlite.connection import Database, Row, Session
from bot.store.sqlite.ledger import IN_SPACE

_AT_ADDRESS = "platform = :platform and space = :space and room = :room and kind = :kind"


class SqliteSubscriptions:
    """See ``bot.ports.Subscriptions``. Every verb is one transaction and raises ``StoreError``."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def target(self, address: Address, defaults: Preferences = Preferences()) -> Target:  # noqa: B008  frozen
        """The target at an address. Where nothing about it is new nothing is written, so this works read-only too."""
        known = await self.find_target(address)
        if known is not None and address.name in {"", known.address.name}:
            return known
        async with self._db.write() as session:
            columns = {**_address_columns(address), "name": address.name, **_preference_columns(defaults)}
            await session.rows(
                f"insert into target ({', '.join(columns)}) values ({', '.join(f':{name}' for name in columns)})"
                " on conflict (platform, space, room, kind) do update set name = excluded.name",
                columns,
            )
            await counter.tick(session, counter.SUBSCRIPTIONS)
            row = await session.row(f"select * from target where {_AT_ADDRESS}", columns)
            assert row is not None
            return target_of(row)

    async def find_target(self, address: Address) -> Target | None:
        async with self._db.read() as session:
            row = await session.row(f"select * from target where {_AT_ADDRESS}", _address_columns(address))
        return target_of(row) if row else None

    async def targets(self, platform: str | None = None, space: str | None = None) -> list[Target]:
        async with self._db.read() as session:
            rows = await session.rows(
                f"select * from target t where {IN_SPACE} order by id", {"platform": platform, "space": space}
            )
        return [target_of(row) for row in rows]

    async def prefer(
        self, target: int, change: Callable[[Preferences], Preferences]
    ) -> tuple[Preferences, Preferences]:
        async with self._db.write() as session:
            before = target_of(await _place(session, target)).preferences
            after = change(before)
            columns = _preference_columns(after)
            told = ", ".join(f"{name} = :{name}" for name in columns)
            await session.rows(f"update target set {told} where id = :id", {**columns, "id": target})
            await counter.tick(session, counter.SUBSCRIPTIONS)
        return before, after

    async def add(
        self,
        target: int,
        query: str,
        cadence: Cadence,
        *,
        owner: str,
        owner_name: str = "",
        now: int,
        max: int | None = None,
        mention: str = "",
        paused_until: int | None = None,
        limit: int,
        space_limit: int,
    ) -> Subscription:
        """Add one with the next number. ``space_limit`` counts a space's channels together, not its persons.

        Raises ``CommandError`` when a limit is reached or the same query is there.
        """
        async with self._db.write() as session:
            place = await _place(session, target)
            await _refuse_same(session, target, query)
            await _refuse_many(session, place, limit, space_limit)
            number = int(place["next_number"])
            await session.rows("update target set next_number = next_number + 1 where id = ?", (target,))
            since = await counter.read(session, counter.REVISION)
            wanted = Subscription(
                id=0, number=number, target=target, query=query, cadence=cadence, max=max, mention=mention, owner=owner,
                owner_name=owner_name, created=now, since=since, paused_until=paused_until,
            )  # fmt: skip
            columns = _columns(wanted)
            added = await session.value(
                f"insert into subscription ({', '.join(columns)}) values ({', '.join(f':{name}' for name in columns)})"
                " returning id",
                columns,
            )
            await counter.tick(session, counter.SUBSCRIPTIONS)
        return _subscription({**columns, "id": added})

    async def change(
        self, subscription: int, change: Callable[[Subscription], Subscription]
    ) -> tuple[Subscription, Subscription]:
        async with self._db.write() as session:
            row = await session.row("select * from subscription where id = ?", (subscription,))
            if row is None:
                raise StoreError("This subscription is not there any more.")
            before = _subscription(row)
            after = change(before)
            if after.query != before.query:
                await _refuse_same(session, before.target, after.query)
                after = replace(after, since=await counter.read(session, counter.REVISION))
            await session.rows(
                "update subscription set query = :query, every = :every, at = :at, weekday = :weekday, max = :max,"
                " mention = :mention, paused_until = :paused_until, since = :since where id = :id",
                {**_columns(after), "id": subscription},
            )
            await counter.tick(session, counter.SUBSCRIPTIONS)
        return before, after

    async def remove(self, subscription: int) -> bool:
        async with self._db.write() as session:
            gone = await session.row("delete from subscription where id = ? returning target", (subscription,))
            if gone is not None:
                await expiry.end_orphans(session, subscription, gone["target"])
                await counter.tick(session, counter.SUBSCRIPTIONS)
        return gone is not None

    async def at(self, target: int) -> list[Subscription]:
        async with self._db.read() as session:
            rows = await session.rows("select * from subscription where target = ? order by number", (target,))
        return [_subscription(row) for row in rows]

    async def version(self) -> int:
        async with self._db.read() as session:
            return await counter.read(session, counter.SUBSCRIPTIONS)

    async def live(self) -> tuple[int, list[Subscription], dict[int, Target]]:
        """Version, subscriptions by id without those of paused spaces, and every target there is."""
        async with self._db.read() as session:
            version = await counter.read(session, counter.SUBSCRIPTIONS)
            rows = await session.rows(
                "select s.* from subscription s join target t on t.id = s.target"
                " left join space r on r.platform = t.platform and r.space = t.space"
                " where coalesce(r.paused, 0) = 0 order by s.id"
            )
            targets = await session.rows("select * from target")
        return version, [_subscription(row) for row in rows], {row["id"]: target_of(row) for row in targets}

    async def owners(self) -> list[tuple[int, str]]:
        async with self._db.read() as session:
            rows = await session.rows(
                "select s.target, s.owner from subscription s join target t on t.id = s.target"
                " left join space r on r.platform = t.platform and r.space = t.space"
                " where t.kind = 'channel' and coalesce(r.paused, 0) = 0 group by s.target, s.owner order by min(s.id)"
            )
        return [(row["target"], row["owner"]) for row in rows]


# --- the rules of adding ----------------------------------------------------------------------------------------------


async def _place(session: Session, target: int) -> Row:
    row = await session.row("select * from target where id = ?", (target,))
    if row is None:
        raise StoreError(f"Target {target} is not there any more.")
    return row


async def _refuse_same(session: Session, target: int, query: str) -> None:
    row = await session.row("select number from subscription where target = ? and query = ?", (target, query))
    if row is not None:
        number = row["number"]
        raise CommandError(
            f"#{number} is this query already. Change how it is sent: /papers edit id:{number}",
            mended="/papers subscriptions",
        )


async def _refuse_many(session: Session, place: Row, limit: int, space_limit: int) -> None:
    here = await session.value("select count(*) from subscription where target = ?", (place["id"],))
    if here >= limit:
        raise _full("You have" if place["kind"] == "person" else "This channel has", here)
    around = await session.value(
        "select count(*) from subscription s join target t on t.id = s.target"
        " where t.platform = ? and t.space = ? and t.kind = 'channel'",
        (place["platform"], place["space"]),
    )
    if place["kind"] == "channel" and around >= space_limit:
        raise _full("All channels here together have", around)


def _full(who: str, many: int) -> CommandError:
    return CommandError(
        f"{who} {many} subscriptions, and that is the limit. Make room first: /papers unsubscribe id:3",
        mended="/papers subscriptions",
    )


# --- rows and values --------------------------------------------------------------------------------------------------


def target_of(row: Row) -> Target:
    """The target in a row of ``target``."""
    return Target(
        id=row["id"],
        address=Address(row["platform"], row["space"], row["room"], row["kind"], row["name"]),
        preferences=Preferences(
            timezone=row["timezone"],
            quiet=None if row["quiet_from"] is None else (row["quiet_from"], row["quiet_to"]),
            digest_at=row["digest_at"],
            format=row["format"],
            cap=row["cap"],
            living=bool(row["living"]),
            paused_until=row["paused_until"],
        ),
        suspended=row["suspended"],
        suspended_at=row["suspended_at"],
        on_trial=bool(row["on_trial"]),
        trial_due=row["trial_due"],
    )


def _address_columns(address: Address) -> dict[str, object]:
    return {"platform": address.platform, "space": address.space, "room": address.room, "kind": address.kind}


def _preference_columns(preferences: Preferences) -> dict[str, object]:
    quiet_from, quiet_to = preferences.quiet or (None, None)
    return {
        "timezone": preferences.timezone,
        "quiet_from": quiet_from,
        "quiet_to": quiet_to,
        "digest_at": preferences.digest_at,
        "format": preferences.format,
        "cap": preferences.cap,
        "living": int(preferences.living),
        "paused_until": preferences.paused_until,
    }


def _columns(subscription: Subscription) -> dict[str, Any]:
    return {
        "target": subscription.target,
        "number": subscription.number,
        "query": subscription.query,
        "every": subscription.cadence.every,
        "at": subscription.cadence.at,
        "weekday": subscription.cadence.weekday,
        "max": subscription.max,
        "mention": subscription.mention,
        "owner": subscription.owner,
        "owner_name": subscription.owner_name,
        "created": subscription.created,
        "since": subscription.since,
        "paused_until": subscription.paused_until,
    }


def _subscription(row: Row | Mapping[str, Any]) -> Subscription:
    plain = ("id", "number", "target", "query", "max", "mention", "owner", "owner_name", "created", "since")
    return Subscription(
        **{name: row[name] for name in (*plain, "paused_until")},
        cadence=Cadence(every=row["every"], at=row["at"], weekday=row["weekday"]),
    )
