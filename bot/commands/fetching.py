"""Papers for an answer: from the store, and from a source where the store has none. What it learns, it stores quietly.

Nothing here announces: a paper somebody looked up is no news. A database that another Paperboy holds is only read.
"""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Protocol, runtime_checkable
from zoneinfo import ZoneInfo

from bot.commands import values
from bot.commands.table import Desk
from bot.errors import CommandError, ReadOnlyError, SourceError
from bot.model import LIVE_DAYS, Edition, Linked, Paper
from bot.phrases import spoken
from bot.ports import Source

_PATIENCE = 3.0
"""Seconds to wait for what an answer can do without."""
_ASKED_FIRST = ("huggingface", "arxiv", "sample")
_DAILY = ("huggingface", "sample")


@runtime_checkable
class HasPeriods(Protocol):
    """A source that serves whole weeks and months, most votes first."""

    async def period(self, now: datetime, *, week: str = "", month: str = "") -> Edition: ...


def trouble(source: str, error: SourceError) -> str:
    """One line on a source that gave no answer."""
    name = opening(spoken(source))
    if error.unreachable:
        return f"{name} cannot be reached just now."
    return str(error) if spoken(source) in str(error) else f"{name}: {error}"


def opening(said: str) -> str:
    """The words as a sentence begins."""
    return said[:1].upper() + said[1:]


def utc(now: int) -> datetime:
    return datetime.fromtimestamp(now / 1000, UTC)


def open_day(now: int) -> date:
    """The newest day whose list may be open: Hugging Face opens a day at 21:30 in New York the evening before."""
    there = utc(now).astimezone(ZoneInfo("America/New_York")) + timedelta(hours=2, minutes=30)
    return min(there.date(), utc(now).date())


def has_trending(desk: Desk) -> bool:
    """Whether any source has a trending list."""
    return "huggingface" in desk.sources


def daily_source(desk: Desk) -> Source | None:
    """The source of daily lists, if there is one."""
    return next((desk.sources[name] for name in _DAILY if name in desk.sources), None)


# --- one paper --------------------------------------------------------------------------------------------------------


async def find_paper(desk: Desk, text: str, command: str = "show") -> Paper:
    """The paper somebody means by an id, an address or a title; one the store has not is asked for and stored.

    ``command`` is the one to offer where a title could be several. Raises ``CommandError``, ``StoreError``.
    """
    return await known_or_asked(desk, await values.paper(desk.store.papers, text, command))


async def known_or_asked(desk: Desk, key: str) -> Paper:
    """The paper of a key, from the store or a source. Raises ``CommandError``, ``StoreError``."""
    return await desk.store.papers.get(key) or await _ask(desk, key)


async def _ask(desk: Desk, key: str) -> Paper:
    name = key.removeprefix("arxiv:")
    silent = []
    for source in _in_turn(desk):
        try:
            found = await source.lookup(key)
        except SourceError as error:
            silent.append(trouble(source.name, error))
            continue
        if found is not None:
            await remember(desk, source.name, [found])
            return await desk.store.papers.get(key) or found
    if not desk.sources:
        raise CommandError(f"I do not have {name}, and no source is set up to ask for it.")
    if silent:
        raise CommandError(" ".join([f"I do not have {name}, and could not ask for it.", *silent]))
    asked = [spoken(source.name) for source in _in_turn(desk)]
    do = "does" if len(asked) == 1 else "do"
    raise CommandError(f"{opening(' and '.join(asked))} {do} not know {name}. Is the id right?")


async def built_on(desk: Desk, key: str) -> Linked | None:
    """What was built on a paper, where a source that answers tells it in a few seconds. Raises ``StoreError`` only.

    It is an extra: nobody is asked who failed last, and nobody where another Paperboy does the asking.
    """
    if desk.read_only:
        return None
    failing = {health.source for health in await desk.store.papers.health() if health.error}
    for source in _in_turn(desk):
        if source.name not in failing:
            with suppress(SourceError, TimeoutError):
                async with asyncio.timeout(_PATIENCE):
                    if (found := await source.linked(key)) is not None:
                        return found
    return None


def _in_turn(desk: Desk) -> list[Source]:
    names = [*(n for n in _ASKED_FIRST if n in desk.sources), *(n for n in desk.sources if n not in _ASKED_FIRST)]
    return [desk.sources[name] for name in names]


async def remember(desk: Desk, source: str, papers: Iterable[Paper]) -> None:
    """Store the new ones among papers a source told of in passing.

    Known papers are left as they are: a change of their facts is news for subscriptions, and news is a poll's to bring.
    Otherwise one person's look at an old month could post papers of that month everywhere.
    """
    now = desk.now()
    new = tuple([paper for paper in papers if await desk.store.papers.get(paper.key) is None])
    if new:
        await _store(desk, Edition(source=source, list="lookup", day=utc(now).date(), papers=new), now)


async def _store(desk: Desk, edition: Edition, now: int) -> None:
    """Nothing happens where the database may only be read."""
    try:
        await desk.store.papers.ingest(edition, now, announce=False)
    except ReadOnlyError:
        return


# --- lists ------------------------------------------------------------------------------------------------------------


async def day_list(desk: Desk, day: date, now: int) -> Sequence[Paper]:
    """The daily list of one day, empty where there was none. Raises ``SourceError`` when it is neither here nor there.

    A list that no poll will read again is stored.
    """
    stored = [paper for _, paper in await desk.store.papers.listed("daily", day, day)]
    source = daily_source(desk)
    if stored or source is None or day.weekday() >= 5:
        return stored
    edition = await source.edition(day)
    if edition.papers and day < utc(now).date() - timedelta(days=LIVE_DAYS):
        await _store(desk, replace(edition, cursor={}), now)
    return edition.papers


async def newest_day(desk: Desk, before: date, name: str = "daily") -> date | None:
    """The newest stored day up to ``before`` that has a list."""
    days = await desk.store.papers.days(name, 1000)
    return next((day for day in days if day <= before), None)


async def period_list(desk: Desk, first: date, last: date, now: int, **asked: str) -> tuple[list[Paper], str]:
    """The daily lists from ``first`` to ``last`` as one, most votes first, and a line on what is missing, if anything.

    ``asked`` is what the source is to be asked for, ``week="2026-W47"`` or ``month="2026-11"``, where the store does
    not have every weekday.
    """
    listed = await desk.store.papers.listed("daily", first, last)
    papers = {paper.key: paper for _, paper in listed}
    span = range((min(last, open_day(now)) - first).days + 1)
    weekdays = {day for day in (first + timedelta(days=n) for n in span) if day.weekday() < 5}
    note = ""
    if not weekdays <= {day for day, _ in listed}:
        told, note = await _told(desk, now, **asked)
        papers |= {paper.key: paper for paper in told or ()}
        if papers and told is None:
            note = f"{note} Only the days that are stored.".strip()
    return sorted(papers.values(), key=lambda paper: -(paper.facts.votes or 0)), note


async def _told(desk: Desk, now: int, **asked: str) -> tuple[Sequence[Paper] | None, str]:
    """What the source has, None without an answer; and what went wrong."""
    source = daily_source(desk)
    if not isinstance(source, HasPeriods):
        return None, ""
    try:
        edition = await source.period(utc(now), **asked)
    except SourceError as error:
        return None, trouble("huggingface", error)
    await remember(desk, edition.source, edition.papers)
    return edition.papers, ""
