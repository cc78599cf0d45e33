"""What is interrupted by the kills: verbs of the store as the steps call them, and the steps of its schema.

A deed furnishes a database, and then does something in one transaction while a trace hears each statement before it is
run. Nothing here knows of kills.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import aiosqlite

from bot import deliver, notices
from bot.cadence import trial_after
from bot.match import Matcher
from bot.model import Cadence, Edition, Preferences, Receipt, SourceHealth, Target
from bot.stale import Stale
from bot.store.sqlite import SqliteStore, open_store
from bot.store.sqlite.connection import writing
from bot.store.sqlite.migrate import Step, migrate, read_steps
from tests.delivering import OTHER, ROOM, Platform
from tests.making import DAY, NOON, always, edition, paper, subscribe

Trace = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Deed:
    """``furnish`` makes the database at a path; ``do`` does the deed on it, also once more after it was cut off."""

    furnish: Callable[[Path], Awaitable[None]]
    do: Callable[[Path, Trace], Awaitable[None]]


# --- verbs ------------------------------------------------------------------------------------------------------------

Use = Callable[[SqliteStore], Awaitable[object]]


def verbs() -> dict[str, Deed]:
    """Verbs of the store as the steps call them."""
    return {
        "ingest": _verb(_known_papers, lambda store: store.papers.ingest(NEWS, NOON)),
        "ingest of a ranking": _verb(_known_papers, lambda store: store.papers.ingest(RANKING, NOON)),
        "plan": _verb(_unmatched, lambda store: Matcher(store).step(NOON)),
        "freeze with replies": _verb(_due, _freeze),
        "freeze of a long digest": _verb(_long_digest, _freeze),
        "claim": _verb(_frozen, _claim),
        "acknowledge": _verb(_claimed, lambda store: store.outbox.sent(1, Receipt("7", "https://a.b/7"), NOON)),
        "give up": _verb(_claimed, lambda store: store.outbox.dead(1, "refused", NOON)),
        "suspend with notices": _verb(_claimed, _suspend),
        "put on trial": _verb(_suspended, _try_out),
        "acknowledge on trial, with notices": _verb(_tried, _arrive),
        "refuse on trial": _verb(_tried, _suspend),
        "tell of an outage": _verb(_silent, _tell),
        "tell that it is over": _verb(_told, _tell),
        "expire": _verb(_claimed, lambda store: store.outbox.expire(NOON + 1, NOON + deliver.LEASE + 1)),
    }


NEWS = edition(
    paper(1, "Another title for the first"), paper(2, votes=60), *map(paper, range(10, 14)), cursor={"last": "2"}
)
TRIED = NOON + 24 * deliver.HOUR
RANKING = Edition(
    source="huggingface",
    list="trending",
    day=DAY,
    papers=(paper(3, trending=1), paper(20, trending=2)),
    cursor={"t": "2"},
)


def _verb(furnish: Use, use: Use) -> Deed:
    async def furnished(path: Path) -> None:
        async with open_store(path, now=NOON) as store:
            await furnish(store)

    async def do(path: Path, trace: Trace) -> None:
        async with open_store(path, now=NOON) as store:
            assert store._db._writer is not None
            await store._db._writer.set_trace_callback(trace)
            await use(store)
            # Closing tidies up, with statements of its own.
            await store._db._writer.set_trace_callback(None)  # type: ignore[arg-type]

    return Deed(furnished, do)


async def _known_papers(store: SqliteStore) -> None:
    ranked = Edition(
        source="huggingface", list="trending", day=DAY, papers=(paper(1, trending=1), paper(2, trending=2))
    )
    await store.papers.ingest(edition(*map(paper, range(1, 6)), cursor={"last": "1"}), NOON)
    await store.papers.ingest(ranked, NOON)


async def _unmatched(store: SqliteStore) -> None:
    for where in (ROOM, OTHER):
        await subscribe(store, "paper", where)
    await subscribe(store, "votes>=50")
    target = await store.subscriptions.target(ROOM)
    await _known_papers(store)
    await Matcher(store).step(NOON)
    await store.people.watch(target.id, paper(2).key, "votes>=60")
    await store.papers.ingest(NEWS, NOON)


async def _due(store: SqliteStore) -> None:
    await _matched(store, Preferences(format="thread"))


async def _matched(store: SqliteStore, preferences: Preferences, papers: int = 5, **more: object) -> None:
    target = await store.subscriptions.target(ROOM)
    await store.subscriptions.prefer(target.id, always(preferences))
    await subscribe(store, "paper", ROOM, **more)
    await store.papers.ingest(edition(*map(paper, range(1, papers + 1))), NOON)
    await Matcher(store).step(NOON)


async def _long_digest(store: SqliteStore) -> None:
    await _matched(store, Preferences(digest_at=12 * 60), 28, cadence=Cadence(every="daily"), max=25)


async def _freeze(store: SqliteStore) -> None:
    later = NOON + 25 * deliver.HOUR
    while await deliver.freeze_due(store, {"fake": Platform()}, later):
        pass


async def _frozen(store: SqliteStore) -> None:
    await _due(store)
    await _freeze(store)


async def _claim(store: SqliteStore) -> None:
    await store.outbox.claim("fake", NOON + 26 * deliver.HOUR, deliver.LEASE, 10)


async def _claimed(store: SqliteStore) -> None:
    await _due(store)
    while await deliver.freeze_due(store, {"fake": Platform()}, NOON):
        pass
    await store.outbox.claim("fake", NOON, deliver.LEASE, 10)
    # Those who are told have a place of their own already: making it is a verb of its own.
    await store.subscriptions.target(Platform().private(ROOM, "someone"))


async def _suspend(store: SqliteStore) -> None:
    target = await _room(store)
    await notices.suspend(store, Platform(), target, "nobody may post here", NOON, Preferences())


async def _suspended(store: SqliteStore) -> None:
    await _claimed(store)
    await _suspend(store)


async def _try_out(store: SqliteStore) -> None:
    await store.outbox.try_out((await _room(store)).id, trial_after(NOON, TRIED))


async def _tried(store: SqliteStore) -> None:
    await _suspended(store)
    await _try_out(store)
    await store.outbox.claim("fake", TRIED, deliver.LEASE, 10)


async def _arrive(store: SqliteStore) -> None:
    told = await notices.resumed(store, Platform(), await _room(store))
    await store.outbox.sent(1, Receipt("7", "https://a.b/7"), TRIED, told)


async def _room(store: SqliteStore) -> Target:
    target = await store.subscriptions.find_target(ROOM)
    assert target is not None
    return target


async def _silent(store: SqliteStore) -> None:
    for owner in ("someone", "somebody"):
        await subscribe(store, f"paper {owner}", ROOM, owner=owner)
        await store.subscriptions.target(Platform().private(ROOM, owner))
    await store.papers.note_health(
        SourceHealth(source="arxiv", last_try=NOON, error="gone", failing_since=NOON - 20 * deliver.HOUR)
    )


async def _told(store: SqliteStore) -> None:
    await _silent(store)
    await _tell(store)
    await store.papers.note_health(SourceHealth(source="arxiv", last_try=NOON, last_ok=NOON))


async def _tell(store: SqliteStore) -> None:
    hour = deliver.HOUR
    step = Stale(store=store, patience=12 * hour, every=hour, alone={}, defaults=Preferences()).step
    await step(["arxiv"], {"fake": Platform()}, NOON)


# --- migrations -------------------------------------------------------------------------------------------------------

STEPS = read_steps()
REBUILD = """
create table paper_kind (name text primary key, note text);
insert into paper_kind (name) select distinct name from listing;
create table job_new (name text primary key, at bigint not null default 0);
insert into job_new (name) select name from job;
drop table job;
alter table job_new rename to job;
alter table paper add column mood text;
create index paper_by_mood on paper (mood);
"""
NEXT = Step(STEPS[-1].version + 1, REBUILD)
"""One as they will come: a new table, a rebuilt one, a column and an index."""


def migrations() -> dict[str, Deed]:
    """Each step of the schema on a file of the version before, and one that is made up on a furnished file."""
    real = {f"schema step {step.version}": _migration(number) for number, step in enumerate(STEPS)}
    return {
        **real,
        "a further schema step": Deed(_furnished, lambda path, trace: _migrated(path, [*STEPS, NEXT], trace)),
    }


def _migration(number: int) -> Deed:
    async def furnish(path: Path) -> None:
        if number:
            await _migrated(path, STEPS[:number], lambda _: None)
        else:
            path.touch()

    return Deed(furnish, lambda path, trace: _migrated(path, STEPS[: number + 1], trace))


async def _furnished(path: Path) -> None:
    async with open_store(path, now=NOON) as store:
        await _unmatched(store)
        await store.papers.mark_done("something")


async def _migrated(path: Path, steps: Sequence[Step], trace: Trace) -> None:
    async with writing(path) as connection:
        await connection.set_trace_callback(trace)
        await migrate(connection, path, steps)
        await _deaf(connection)


async def _deaf(connection: aiosqlite.Connection) -> None:
    await connection.set_trace_callback(None)  # type: ignore[arg-type]
