"""The first step: read the sources and store what they serve. No HTTP, no SQL: it only joins a source and the store.

Each edition is stored, with its cursor, before the next one is fetched; a source that fails leaves the others alone.
"""

import logging
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from bot.errors import SourceError
from bot.model import Edition, SourceHealth
from bot.ports import Papers, Source, Store

log = logging.getLogger(__name__)

LIVE_DAYS = 2
"""Days before today that a poll reads again: a backfill leaves them and today alone (reference: feed re-reads)."""
WATCHED_A_ROUND = 20
"""Watched papers read again in one poll: far below any source's limit, and all of them come round."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How a poll went. ``error`` is empty when every list was read; ``unreachable`` when no answer came at all."""

    source: str
    fresh: int = 0
    changed: int = 0
    error: str = ""
    unreachable: bool = False
    wait_until: int = 0
    """The source asked not to be read again before then, in ms."""


async def poll(source: Source, papers: Papers, now: int) -> Report:
    """Read everything a source has now. Raises ``StoreError``; a source's failure is in the report and its health."""
    known = {h.source: h for h in await papers.health()}
    health = known.get(source.name, SourceHealth(source=source.name))
    if health.not_before > now:
        return Report(source=source.name, error=f"{source.name} asked us to wait")
    report = await _read(source, papers, now)
    await papers.note_health(_after(health, report, now))
    log.info("poll.done", extra={"source": source.name, "fresh": report.fresh, "changed": report.changed})
    return report


async def _read(source: Source, papers: Papers, now: int) -> Report:
    fresh = changed = 0
    try:
        async for edition in source.editions(_utc(now), await papers.cursor(source.name)):
            _complain(edition)
            done = await papers.ingest(edition, now)
            fresh, changed = fresh + done.fresh, changed + done.changed
    except SourceError as error:
        log.info("poll.failed", extra={"source": source.name, "error": str(error)})
        return Report(
            source=source.name,
            fresh=fresh,
            changed=changed,
            error=str(error),
            unreachable=error.unreachable,
            wait_until=now + round(error.retry_after * 1000) if error.retry_after else 0,
        )
    return Report(source=source.name, fresh=fresh, changed=changed)


def _after(health: SourceHealth, report: Report, now: int) -> SourceHealth:
    fresh_at = now if report.fresh else health.last_fresh
    seen = replace(health, last_try=now, last_fresh=fresh_at, error=report.error, not_before=report.wait_until)
    if report.error:
        return replace(seen, failing_since=health.failing_since or now)
    return replace(seen, last_ok=now, failing_since=0)


def _complain(edition: Edition) -> None:
    for complaint in edition.complaints:
        log.warning("poll.unreadable_item", extra={"source": edition.source, "day": edition.day, "what": complaint})


async def reread_watched(sources: Mapping[str, Source], store: Store, now: int) -> list[str]:
    """Look up papers that somebody watches, since lists forget them after three days. Returns their keys."""
    keys = await store.people.watched_papers(WATCHED_A_ROUND)
    for key in keys:
        for source in sources.values():
            await _reread(source, store.papers, key, now)
    return keys


async def _reread(source: Source, papers: Papers, key: str, now: int) -> None:
    try:
        paper = await source.lookup(key)
    except SourceError as error:
        log.info("poll.watched_unread", extra={"source": source.name, "paper": key, "error": str(error)})
        return
    if paper is not None:
        edition = Edition(source=source.name, list="lookup", day=_utc(now).date(), papers=(paper,))
        await papers.ingest(edition, now, announce=False)


def last_settled_day(now: int) -> date:
    """The newest day that no poll reads again: as far as a backfill goes."""
    return _utc(now).date() - timedelta(days=LIVE_DAYS + 1)


async def backfill(
    source: Source, papers: Papers, first: date, last: date, now: int
) -> AsyncIterator[tuple[date, int]]:
    """Store the days from ``first`` to ``last``, newest first, yielding (day, papers) after each.

    Days done before are skipped, so an interrupted run goes on where it was; nothing here is announced to anybody.
    Today and the days a poll reads again are left to the poll. Raises ``SourceError`` and ``StoreError``.
    """
    day = min(last, last_settled_day(now))
    while day >= first:
        job = f"backfill {source.name} {day}"
        count = 0
        if not await papers.done(job):
            edition = await source.edition(day)
            _complain(edition)
            await papers.ingest(edition, now, announce=False)
            await papers.mark_done(job)
            count = len(edition.papers)
        yield day, count
        day -= timedelta(days=1)


def _utc(now: int) -> datetime:
    return datetime.fromtimestamp(now / 1000, UTC)
