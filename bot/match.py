"""The second step: new and changed papers against everybody's subscriptions. No I/O but the store, no SDK.

A subscription fires when a paper *becomes* a match after the subscription was made: a new paper that matches, or a
known one that did not match as it was last seen and does now (votes crossing 50). So nobody is flooded on subscribing.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache

from bot import cadence, meters
from bot.errors import QueryError
from bot.matching import Index
from bot.model import Change, Paper, Planned, Reason, Subscription, Target, Watch
from bot.ports import Store
from bot.query import Query, document, parse

log = logging.getLogger(__name__)

CHUNK = 64
"""Papers matched in one transaction; larger chunks gained nothing when measured."""


@lru_cache(maxsize=100_000)
def _parsed(text: str) -> Query | None:
    """A stored query. One that a newer grammar no longer reads must not stop everybody else's."""
    try:
        return parse(text)
    except QueryError:
        return None


@lru_cache(maxsize=100_000)
def _complain_once(subscription: int) -> None:
    """By its number in the database: what somebody looks for is no matter of the log."""
    log.warning("match.unreadable_query", extra={"id": subscription})


class Matcher:
    """Keeps the index of subscriptions between chunks: a cache by the store's version, never the only copy."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._version = -1
        self._index = Index(())
        self._subscriptions: dict[int, Subscription] = {}
        self._targets: dict[int, Target] = {}

    async def step(self, now: int) -> int:
        """Match everything that waits. Returns how many deliveries were planned. Raises ``StoreError``."""
        planned = 0
        while changes := await self._store.outbox.unmatched(CHUNK):
            await self._refresh()
            keys = [change.paper.key for change in changes]
            due, watched = watch_hits(await self._store.people.watching(keys), _papers(changes), now)
            hits = [p for change in changes for p in self._fired(change, now)]
            news = [change.paper.key for change in changes if is_telling(change)]
            count = await self._store.outbox.plan(changes, [*hits, *due], watched, now, telling=news)
            meters.PLANNED.inc(count)
            planned += count
        return planned

    async def watch_step(self, keys: Sequence[str], now: int) -> int:
        """Look at the watches of papers that were just read again, announced or not. Raises ``StoreError``."""
        if not keys:
            return 0
        found = [paper for key in keys if (paper := await self._store.papers.get(key)) is not None]
        planned, watched = watch_hits(await self._store.people.watching(keys), {p.key: p for p in found}, now)
        count = await self._store.outbox.plan([], planned, watched, now) if planned else 0
        meters.PLANNED.inc(count)
        return count

    async def _refresh(self) -> None:
        if await self._store.subscriptions.version() == self._version:
            return
        self._version, subscriptions, self._targets = await self._store.subscriptions.live()
        read = [(s.id, _parsed(s.query)) for s in subscriptions]
        for subscription in (number for number, query in read if query is None):
            _complain_once(subscription)
        self._index = Index((number, query) for number, query in read if query is not None)
        self._subscriptions = {s.id: s for s in subscriptions}

    def _fired(self, change: Change, now: int) -> Iterator[Planned]:
        # A paper that came just before midnight is as new when it is matched just after.
        day = _day(now if change.before else change.paper.first_seen)
        hits = newly_matched(self._index, change, day)
        for subscription, terms in ((self._subscriptions[i], terms) for i, terms in hits):
            target = self._targets[subscription.target]
            if subscription.since < change.revision and not _paused(subscription, target, now):
                yield planned(change.paper, subscription, target, terms, now)


MANY_VOTES = 100
"""A paper that comes to have as many is worth a second look."""


def is_telling(change: Change) -> bool:
    """Whether a post of this paper deserves to be shown anew: code, a summary or many votes that it did not have."""
    before, now = change.before, change.paper
    if before is None:
        return False
    had = (bool(before.links.code), bool(before.facts.summary), (before.facts.votes or 0) >= MANY_VOTES)
    has = (bool(now.links.code), bool(now.facts.summary), (now.facts.votes or 0) >= MANY_VOTES)
    return any(new and not old for old, new in zip(had, has, strict=True))


def newly_matched(index: Index, change: Change, today: date) -> Iterable[tuple[int, tuple[str, ...]]]:
    """Subscriptions that match the paper now and did not match it as it was before."""
    hits = index.match(document(change.paper), today)
    if not hits or change.before is None:
        return hits
    old = {i for i, _ in index.match(document(change.before), today)}
    return [(i, terms) for i, terms in hits if i not in old]


def planned(paper: Paper, subscription: Subscription, target: Target, terms: tuple[str, ...], now: int) -> Planned:
    """The delivery that a match asks for."""
    kind, due, slot = cadence.due(now, target.preferences, subscription.cadence)
    reason = Reason(
        subscription=subscription.id,
        number=subscription.number,
        query=subscription.query,
        terms=terms,
        mention=subscription.mention,
        max=subscription.max,
    )
    return Planned(target=target.id, paper=paper.key, occasion="", reason=reason, kind=kind, due=due, slot=slot)


def watch_hits(watches: Sequence[Watch], papers: Mapping[str, Paper], now: int) -> tuple[list[Planned], list[int]]:
    """Deliveries for the watches that came true, and the ids of those watches."""
    fired = [(w, terms) for w in watches if (terms := _watch_terms(w, papers, now)) is not None]
    due = [
        Planned(
            target=watch.target,
            paper=watch.paper,
            # With the watch's id, so that whoever watches for the same thing again is told again.
            occasion=f"watch:{watch.id}:{watch.query}",
            reason=Reason(subscription=0, number=0, query=watch.query, terms=terms),
            kind="instant",
            due=now,
        )
        for watch, terms in fired
    ]
    return due, [watch.id for watch, _ in fired]


def _watch_terms(watch: Watch, papers: Mapping[str, Paper], now: int) -> tuple[str, ...] | None:
    query, paper = _parsed(watch.query), papers.get(watch.paper)
    return query.match(document(paper), _day(now)) if query and paper else None


def _papers(changes: Iterable[Change]) -> dict[str, Paper]:
    return {change.paper.key: change.paper for change in changes}


def _paused(subscription: Subscription, target: Target, now: int) -> bool:
    return any(cadence.is_paused(until, now) for until in (subscription.paused_until, target.preferences.paused_until))


def _day(now: int) -> date:
    return datetime.fromtimestamp(now / 1000, UTC).date()
