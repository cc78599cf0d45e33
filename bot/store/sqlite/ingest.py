"""What one edition does to the papers: decided in plain code (``decide``), then written in one transaction.

Only ``Papers.ingest`` calls this. Matching and deliveries are none of its business.
"""
# ruff: noqa: S608  the pieces of SQL put together here are our own, values are always parameters

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal

from bot.model import Edition, Ingested, Paper, merge
from bot.store.sqlite import codec, counter, fulltext
from bot.store.sqlite.connection import Row, Session, in_turns

Mode = Literal["poll", "lookup", "past"]
"""How papers come in: announced now, only asked for, or announced long ago (a backfill)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A paper and where it stands with matching: the row as it is or will be. ``before`` is JSON."""

    paper: Paper
    announced: bool
    revision: int = 0
    matched_revision: int = 0
    waiting: int = 0
    """The revision with which it began to wait for matching: its place in the queue, whatever changes meanwhile."""
    before: str | None = None

    @property
    def waits(self) -> bool:
        return self.revision > self.matched_revision


def decide(known: Kept | None, seen: Paper, mode: Mode, now: int, revision: int) -> Kept:
    """What to keep after ``seen`` was told: ``known`` itself when nothing is new. Pure.

    ``revision`` is the next tick of the clock of papers.
    """
    if known is None:
        return _first_time(replace(seen, first_seen=now), mode, revision)
    paper = merge(known.paper, seen)
    if mode != "lookup" and not known.announced:
        return _first_time(paper, mode, revision)
    if paper == known.paper:
        return known
    return _told_late(known, seen, paper, revision) if mode == "past" else _changed(known, paper, revision)


def _first_time(paper: Paper, mode: Mode, revision: int) -> Kept:
    if mode == "lookup":
        return Kept(paper=paper, announced=False)
    matched = revision if mode == "past" else 0
    return Kept(paper=paper, announced=True, revision=revision, matched_revision=matched, waiting=revision)


def _changed(known: Kept, paper: Paper, revision: int) -> Kept:
    if not known.announced:
        return replace(known, paper=paper)
    if known.waits:
        return replace(known, paper=paper, revision=revision)
    return replace(known, paper=paper, revision=revision, waiting=revision, before=codec.dump(known.paper))


def _told_late(known: Kept, seen: Paper, paper: Paper, revision: int) -> Kept:
    """A backfill of an announced paper: what it changes counts like any change, else a crossing would be lost here.

    What it only fills in is old news: the categories of last month's papers must not be posted today.
    """
    filled = merge(replace(seen, first_seen=known.paper.first_seen), known.paper)
    if filled == paper and not known.waits:
        return replace(known, paper=paper, revision=revision, matched_revision=revision)
    return _changed(replace(known, paper=filled), paper, revision)


def mode_of(edition: Edition, announce: bool) -> Mode:
    """A look-up is never an announcement; anything else unannounced was announced long ago."""
    if edition.list == "lookup":
        return "lookup"
    return "poll" if announce else "past"


async def ingest(session: Session, edition: Edition, mode: Mode, now: int) -> Ingested:
    """Write an edition. Raises ``sqlite3.Error``."""
    await _keep_cursor(session, edition)
    if edition.unchanged:
        return Ingested()
    seen = await _once_each(edition.papers)
    known = await _known(session, seen)
    left = await _left_trending(session, seen) if edition.list == "trending" else {}
    revision = await counter.read(session, counter.REVISION)
    wanted = await _decide_all(seen, known, left, mode, now, revision)
    await counter.write(session, counter.REVISION, revision + len(wanted))
    await _write(session, known | left, wanted)
    await _keep_list(session, edition, list(seen), now)
    fresh = sum(_is_fresh(known.get(key), kept) for key, kept in wanted.items() if key in seen)
    return Ingested(fresh=fresh, changed=len(wanted) - fresh, same=len(seen.keys() - wanted.keys()))


async def _once_each(papers: Iterable[Paper]) -> dict[str, Paper]:
    seen: dict[str, Paper] = {}
    async for paper in in_turns(papers):
        seen[paper.key] = merge(seen.get(paper.key), paper)
    return seen


async def _decide_all(
    seen: Mapping[str, Paper], known: Mapping[str, Kept], left: Mapping[str, Kept], mode: Mode, now: int, revision: int
) -> dict[str, Kept]:
    """Papers to write, by key, each with a tick of its own; ``left`` are those that left the trending list."""
    wanted: dict[str, Kept] = {}
    async for key, paper in in_turns(seen.items()):
        kept = decide(known.get(key), paper, mode, now, revision + len(wanted) + 1)
        if kept is not known.get(key):
            wanted[key] = kept
    for key, was in left.items():
        paper = replace(was.paper, facts=replace(was.paper.facts, trending=None))
        wanted[key] = _changed(was, paper, revision + len(wanted) + 1)
    return wanted


def _is_fresh(known: Kept | None, kept: Kept) -> bool:
    return known is None or (kept.announced and not known.announced)


# --- reading what is known --------------------------------------------------------------------------------------------

_KEPT = f"select {codec.COLUMNS}, p.announced, p.revision, p.matched_revision, p.waiting, p.before from paper p"


async def _known(session: Session, keys: Iterable[str]) -> dict[str, Kept]:
    rows = await session.among(_KEPT + " where p.key in ({})", keys)
    return {row["key"]: _kept(row) async for row in in_turns(rows)}


async def _left_trending(session: Session, listed: Iterable[str]) -> dict[str, Kept]:
    still = set(listed)
    rows = await session.rows(_KEPT + " where p.trending is not null order by p.trending, p.id")
    return {row["key"]: _kept(row) for row in rows if row["key"] not in still}


def _kept(row: Row) -> Kept:
    return Kept(
        paper=codec.from_row(row),
        announced=bool(row["announced"]),
        revision=row["revision"],
        matched_revision=row["matched_revision"],
        waiting=row["waiting"],
        before=row["before"],
    )


# --- writing ----------------------------------------------------------------------------------------------------------


async def _write(session: Session, known: Mapping[str, Kept], wanted: Mapping[str, Kept]) -> None:
    """Insert and update rows of papers, and the words of those whose words changed."""
    await session.many(
        "insert into paper (key, title, abstract, doc, day, trending, first_seen, announced, revision,"
        " matched_revision, waiting, before) values (:key, :title, :abstract, :doc, :day, :trending, :first_seen,"
        " :announced, :revision, :matched_revision, :waiting, :before)"
        " on conflict (key) do update set title = excluded.title, abstract = excluded.abstract, doc = excluded.doc,"
        " day = excluded.day, trending = excluded.trending, announced = excluded.announced,"
        " revision = excluded.revision, matched_revision = excluded.matched_revision, waiting = excluded.waiting,"
        " before = excluded.before",
        [_row(kept) async for kept in in_turns(wanted.values())],
    )
    ids = await ids_of(session, wanted)
    old = {key: known[key].paper for key in wanted if key in known}
    moved = [key for key, kept in wanted.items() if key not in old or fulltext.differ(old[key], kept.paper)]
    words = {key: fulltext.index_words(wanted[key].paper) async for key in in_turns(moved)}
    await fulltext.store_words(
        session, [ids[key] for key in moved if key in old], {ids[key]: words[key] for key in moved}
    )


def _row(kept: Kept) -> dict[str, object]:
    paper = kept.paper
    first_day = datetime.fromtimestamp(paper.first_seen / 1000, UTC).date()
    return {
        "key": paper.key,
        "title": paper.title,
        "abstract": paper.abstract,
        "doc": codec.dump_rest(paper),
        "day": (paper.facts.featured or paper.published or first_day).isoformat(),
        "trending": paper.facts.trending,
        "first_seen": paper.first_seen,
        "announced": int(kept.announced),
        "revision": kept.revision,
        "matched_revision": kept.matched_revision,
        "waiting": kept.waiting,
        "before": kept.before,
    }


async def ids_of(session: Session, keys: Iterable[str]) -> dict[str, int]:
    """Row ids of papers by key; a paper that is not stored is left out."""
    return {row["key"]: row["id"] for row in await session.among("select id, key from paper where key in ({})", keys)}


async def _keep_cursor(session: Session, edition: Edition) -> None:
    await session.many(
        "insert into cursor (source, name, value) values (?, ?, ?)"
        " on conflict (source, name) do update set value = excluded.value",
        [(edition.source, name, value) for name, value in edition.cursor.items()],
    )


async def _keep_list(session: Session, edition: Edition, keys: list[str], now: int) -> None:
    ids = await ids_of(session, keys)
    await session.many(
        "insert into sighting (source, paper, first_seen, last_seen) values (?, ?, ?, ?)"
        " on conflict (source, paper) do update set last_seen = excluded.last_seen",
        [(edition.source, paper, now, now) for paper in ids.values()],
    )
    if edition.list == "lookup":
        return
    day = edition.day.isoformat()
    if edition.list == "trending":
        await session.rows("delete from listing where name = ? and day = ?", (edition.list, day))
    await session.many(
        "insert into listing (name, day, paper, rank) values (?, ?, ?, ?)"
        " on conflict (name, day, paper) do update set rank = excluded.rank",
        [(edition.list, day, ids[key], rank) for rank, key in enumerate(keys, 1)],
    )
