"""The first step: read the sources and store what they serve. No HTTP, no SQL: it only joins a source and the store.

Each edition is stored, with its cursor, before the next one is fetched; a source that fails leaves the others alone.
"""

import logging
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from bot import meters
from bot.errors import SourceError, StoreError
from bot.model import LIVE_DAYS, Edition, SourceHealth
from bot.ports import Papers, Source, Store

log = logging.getLogger(__name__)

DAY_MS = 24 * 3600 * 1000
MOST_MISSED = 14
"""Days of a time we were off that are read later and still announced; older ones are news no more."""
WATCHED_A_ROUND = 20
"""Watched papers read again in one poll: far below any source's limit, and all of them come round."""

MOST_COMPLAINTS = 20
"""Lines of the log that one list is worth: there may be a hundred thousand things wrong with it."""


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


async def poll(source: Source, papers: Papers, now: int, off: int = DAY_MS) -> Report:
    """Read everything a source has now. Raises ``StoreError``; a source's failure is in the report and its health.

    After ``off`` ms without a try we were off, not the source: if it fails now, it has failed since now.
    """
    known = {h.source: h for h in await papers.health()}
    health = known.get(source.name, SourceHealth(source=source.name))
    if health.not_before > now:
        return Report(source=source.name, error=f"{source.name} asked us to wait")
    report = await _read(source, papers, health, now)
    await papers.note_health(_after(health, report, now, off))
    meters.POLLS.labels(source.name, "failed" if report.error else "ok").inc()
    meters.FRESH.labels(source.name).inc(report.fresh)
    if not report.error:
        log.info("poll.done", extra={"source": source.name, "fresh": report.fresh, "changed": report.changed})
    return report


async def _read(source: Source, papers: Papers, health: SourceHealth, now: int) -> Report:
    fresh = changed = 0
    try:
        async for edition in _editions(source, papers, health, now):
            _complain(edition)
            done = await papers.ingest(edition, now)
            fresh, changed = fresh + done.fresh, changed + done.changed
    except StoreError:
        raise
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
    except Exception as error:
        # A mistake of ours in one source must not keep the others, or the whole program, from running.
        log.exception("poll.broke", extra={"source": source.name})
        said = f"reading it failed by a mistake of ours ({type(error).__name__}); the log has the details."
        return Report(source=source.name, fresh=fresh, changed=changed, error=said)
    return Report(source=source.name, fresh=fresh, changed=changed)


async def _editions(source: Source, papers: Papers, health: SourceHealth, now: int) -> AsyncIterator[Edition]:
    """The days we were off, the oldest first and each once, then what the source serves now.

    A day that cannot be read costs neither the other days nor today's: it is tried again at the next poll.
    """
    trouble: SourceError | None = None
    for day in missed_days(health.last_ok, now):
        job = f"caught up {source.name} {source.scope} {day}"
        if await papers.done(job):
            continue
        try:
            edition = await source.edition(day)
        except SourceError as error:
            if error.unreachable or error.retry_after:
                raise
            trouble = trouble or error
            continue
        yield edition
        await papers.mark_done(job)
    async for edition in source.editions(_utc(now), await papers.cursor(source.name)):
        yield edition
    if trouble is not None:
        raise trouble


def missed_days(last_ok: int, now: int) -> list[date]:
    """The days to read again after more than a day without an answer, the oldest first; none after a shorter time.

    It begins two days before the last answer, since arXiv announces what was submitted a day or, over a weekend,
    three days before; what is known already is not announced again.
    """
    if not last_ok or now - last_ok <= DAY_MS:
        return []
    last = _utc(now).date() - timedelta(days=1)
    first = max(_utc(last_ok).date() - timedelta(days=2), last - timedelta(days=MOST_MISSED - 1))
    return [first + timedelta(days=i) for i in range((last - first).days + 1)]


def _after(health: SourceHealth, report: Report, now: int, off: int) -> SourceHealth:
    fresh_at = now if report.fresh else health.last_fresh
    seen = replace(health, last_try=now, last_fresh=fresh_at, error=report.error, not_before=report.wait_until)
    if report.error:
        went_on = now - max(health.last_try, health.not_before) <= off
        return replace(seen, failing_since=(went_on and health.failing_since) or now)
    return replace(seen, last_ok=now, failing_since=0)


def _complain(edition: Edition) -> None:
    for complaint in edition.complaints[:MOST_COMPLAINTS]:
        _complain_once(edition.source, edition.day, complaint)
    if (more := len(edition.complaints) - MOST_COMPLAINTS) > 0:
        _complain_once(edition.source, edition.day, f"{more} more complaints about this list")


@lru_cache(maxsize=1000)
def _complain_once(source: str, day: date, complaint: str) -> None:
    """A list is read again some two hundred times; what is wrong with it is worth one line."""
    log.warning("poll.unreadable_item", extra={"source": source, "day": day, "what": complaint})


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
    except Exception:
        # As above: a mistake of ours in one look-up is logged and stops nothing.
        log.exception("poll.broke", extra={"source": source.name, "paper": key})
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
        job = f"backfill {source.name} {source.scope} {day}"
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
