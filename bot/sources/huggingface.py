"""Hugging Face Daily Papers as a source: which addresses to read when. What the answers mean: ``parse_huggingface``.

Reads need no token: https://huggingface.co/docs/hub/api, limits at https://huggingface.co/docs/hub/rate-limits.
"""

import re
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from bot.errors import SourceError
from bot.model import Edition, Linked, ListName, Paper
from bot.sources import Options
from bot.sources.documents import aside
from bot.sources.http import Answer, Fetcher
from bot.sources.parse_huggingface import parse_list, parse_paper, parse_repos

_NEW_YORK = ZoneInfo("America/New_York")
_PAGE = 100
_PAGES = 20
_LONGEST_SEARCH = 250
_MOST_FOUND = 120
# What the Hub indexes, by its own pattern: no ids from before April 2007.
_INDEXED = re.compile(r"arxiv:\d{4}\.\d{4,5}", re.ASCII)


def feed_day(now: datetime) -> date:
    """The day whose list is open at ``now`` (aware): in New York, and from 21:30 there the next one.

    The Hub's own rule. Never a day beyond today in UTC, for which it answers with an error.
    """
    local = now.astimezone(_NEW_YORK) + timedelta(hours=2, minutes=30)
    return min(local.date(), now.astimezone(UTC).date())


class HuggingFace:
    """Daily and trending lists, look-ups, search and linked repositories. Implements ``ports.Source``."""

    name = "huggingface"
    scope = ""

    def __init__(self, fetcher: Fetcher, base_url: str) -> None:
        self._fetcher = fetcher
        self._api = f"{base_url.rstrip('/')}/api"

    async def editions(self, now: datetime, cursor: Mapping[str, str]) -> AsyncIterator[Edition]:
        """The two feed days before today's, today's, and the trending list, so that papers arrive in order.

        The earlier days are read again for what changes later: votes, code, summaries. A weekend's list is empty.
        One list that cannot be read does not cost the others: its error is raised after them.
        """
        today = feed_day(now)
        days = [today - timedelta(days=back) for back in (2, 1, 0)]
        trouble: SourceError | None = None
        for read in (*(partial(self._daily, day) for day in days), partial(self._trending, today)):
            try:
                edition = await read(cursor)
            except SourceError as error:
                if error.unreachable or error.retry_after is not None:
                    raise
                trouble = trouble or error
            else:
                yield edition
        if trouble is not None:
            raise trouble

    async def edition(self, day: date) -> Edition:
        """The list of one day, the first one being 2023-05-04."""
        return await self._daily(day, {})

    async def period(self, now: datetime, *, week: str = "", month: str = "") -> Edition:
        """An ISO week (``2026-W53``) or a month (``2026-11``), most votes first, as an edition of its first day.

        Where the service refuses week 53, as it may, the seven days are read instead. Raises ``SourceError`` too for
        a week or month that no calendar has.
        """
        first = _first_day(week, month)
        asked = {"week": week} if week else {"month": month}
        answer = await self._get("daily_papers", {**asked, "limit": str(_PAGE)}, also={400})
        if answer.status != 400:
            papers, complaints = await self._pages(answer, None)
            return self._edition("lookup", first, papers, complaints)
        if not week.endswith("-W53"):
            raise SourceError(f"Hugging Face has no list for {week or month}.")
        return await self._seven_days(first, now)

    async def lookup(self, key: str) -> Paper | None:
        """One paper with the count of models built on it, or None when the Hub has not indexed it."""
        if not _INDEXED.fullmatch(key):
            return None
        answer = await self._get(f"papers/{key.removeprefix('arxiv:')}", {}, also={404})
        return None if answer.status == 404 else await aside(parse_paper, answer.body)

    async def search(self, text: str, limit: int) -> list[Paper]:
        """The Hub's own search by words and meaning, best first; it reads 250 characters and finds at most 120."""
        words = "".join(char for char in text if char.isprintable()).strip()[:_LONGEST_SEARCH]
        if not words or limit < 1:
            return []
        answer = await self._get("papers/search", {"q": words, "limit": str(min(limit, _MOST_FOUND))})
        return (await aside(parse_list, answer.body))[0][:limit]

    async def linked(self, key: str) -> Linked | None:
        """Models, data sets and Spaces that name a paper. A paper the Hub has not indexed may still have some."""
        if not _INDEXED.fullmatch(key):
            return None
        name = key.removeprefix("arxiv:")
        answer = await self._get(f"papers/{name}", {}, also={404})
        if answer.status == 404:
            answer = await self._get(f"arxiv/{name}/repos", {}, also={404})
        return None if answer.status == 404 else await aside(parse_repos, answer.body)

    async def _daily(self, day: date, cursor: Mapping[str, str]) -> Edition:
        url = f"{self._api}/daily_papers?date={day.isoformat()}&limit={_PAGE}"
        answer = await self._fetcher.get(url, kind="json", etag=cursor.get(url, ""))
        if answer.unchanged:
            return self._edition("daily", day, cursor={url: answer.etag}, unchanged=True)
        papers, complaints = await self._pages(answer, day)
        # Only a list that surely is one page keeps its ETag: pages read at two moments would mix two states of it, and
        # a full page may be followed by another one without changing. "" takes back what was kept before.
        single = not answer.following and len(papers) + len(complaints) < _PAGE
        return self._edition("daily", day, papers, complaints, {url: answer.etag if single else ""})

    async def _trending(self, day: date, cursor: Mapping[str, str]) -> Edition:
        url = f"{self._api}/daily_papers?sort=trending&limit={_PAGE}"
        answer = await self._fetcher.get(url, kind="json", etag=cursor.get(url, ""))
        if answer.unchanged:
            return self._edition("trending", day, cursor={url: answer.etag}, unchanged=True)
        papers, complaints = await aside(parse_list, answer.body, ranked=True)
        return self._edition("trending", day, papers, complaints, {url: answer.etag})

    async def _seven_days(self, first: date, now: datetime) -> Edition:
        papers: dict[str, Paper] = {}
        complaints: list[str] = []
        last = min(first + timedelta(days=6), feed_day(now))
        for day in (first + timedelta(days=back) for back in range((last - first).days + 1)):
            edition = await self.edition(day)
            complaints += edition.complaints
            for paper in edition.papers:
                papers.setdefault(paper.key, paper)
        ranked = sorted(papers.values(), key=lambda paper: -(paper.facts.votes or 0))
        return self._edition("lookup", first, ranked, complaints)

    async def _pages(self, answer: Answer, day: date | None) -> tuple[list[Paper], list[str]]:
        """This page and those after it. Raises ``SourceError`` when one is missing: half a list is none."""
        papers, complaints = await aside(parse_list, answer.body, day=day)
        known = {paper.key for paper in papers}
        seen: set[str] = set()
        while query := answer.following.partition("?")[2]:
            if query in seen or len(seen) + 1 == _PAGES:
                complaints.append(f"the list goes on after {len(seen) + 1} pages, which is where reading stopped")
                break
            seen.add(query)
            # Only the query of the link is used, so that a mirror's list goes on at the mirror.
            answer = await self._fetcher.get(f"{self._api}/daily_papers?{query}", kind="json")
            more, troubles = await aside(parse_list, answer.body, day=day)
            # A paper that moved down between two requests comes again on the next page; that is not a fault.
            papers += [paper for paper in more if paper.key not in known]
            known |= {paper.key for paper in more}
            complaints += troubles
        return papers, complaints

    async def _get(self, path: str, params: Mapping[str, str], also: set[int] | None = None) -> Answer:
        return await self._fetcher.get(f"{self._api}/{path}", kind="json", params=params, also=also or ())

    def _edition(
        self,
        name: ListName,
        day: date,
        papers: list[Paper] | None = None,
        complaints: list[str] | None = None,
        cursor: Mapping[str, str] | None = None,
        *,
        unchanged: bool = False,
    ) -> Edition:
        return Edition(
            source=self.name,
            list=name,
            day=day,
            papers=tuple(papers or ()),
            complaints=tuple(complaints or ()),
            cursor=cursor or {},
            unchanged=unchanged,
        )


def _first_day(week: str, month: str) -> date:
    try:
        if found := re.fullmatch(r"(\d{4})-W(\d\d)", week, re.ASCII):
            return date.fromisocalendar(int(found[1]), int(found[2]), 1)
        if found := re.fullmatch(r"(\d{4})-(\d\d)", month, re.ASCII):
            return date(int(found[1]), int(found[2]), 1)
    except ValueError as error:
        raise SourceError(f"there is no {week or month} in the calendar.") from error
    raise SourceError("a week is written like 2026-W53 and a month like 2026-11.")


def build(fetcher: Fetcher, options: Options) -> HuggingFace:
    return HuggingFace(fetcher, options.huggingface_url)
