"""arXiv as a source: which addresses to read when, one at a time. What the answers mean: ``parse_arxiv``.

The API's terms (https://info.arxiv.org/help/api/tou.html) ask for one request in three seconds and one connection
over all of arXiv's interfaces together, so one ``Gate`` stands before both the API and the feeds.
"""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date, datetime

from bot.errors import ConfigError, SourceError
from bot.model import Edition, Linked, Paper, arxiv_key
from bot.sources import Options
from bot.sources.documents import aside
from bot.sources.http import Fetcher
from bot.sources.pace import Gate
from bot.sources.parse_arxiv import NEW_YORK, Page, collapse, parse_api, parse_feed

MOST = 30_000
"""Papers of one query that the API serves; the rest of a longer one cannot be had."""
_PAGE = 200
_MOST_FOUND = 100
_CATEGORY = re.compile(r"[a-z][a-z-]*(?:\.[A-Za-z-]+)?", re.ASCII)
_WORD = re.compile(r"\w+(?:[.'-]\w+)*")
_MOST_WORDS = 20


class Arxiv:
    """The daily announcement of some categories, look-ups, search and past days. Implements ``ports.Source``."""

    name = "arxiv"

    def __init__(
        self,
        fetcher: Fetcher,
        api_url: str,
        rss_url: str,
        categories: Sequence[str],
        gate: Gate | None = None,
    ) -> None:
        """Raises ``ConfigError`` when ``categories`` is empty or one of them has not the form of a category."""
        wrong = [name for name in categories if not _CATEGORY.fullmatch(name)]
        if wrong or not categories:
            raise ConfigError(f"arXiv categories look like cs.CL or hep-th; {wrong[0] if wrong else 'none'} was given.")
        self.scope = ",".join(sorted(categories))
        self._fetcher = fetcher
        self._api = api_url
        self._feed = f"{rss_url.rstrip('/')}/{'+'.join(categories)}"
        self._any_category = " OR ".join(f"cat:{name}" for name in categories)
        self._gate = gate or Gate()

    async def editions(self, now: datetime, cursor: Mapping[str, str]) -> AsyncIterator[Edition]:
        """Today's announcement (new papers and cross-lists), then newer versions of older papers as look-ups.

        The first must not be announced twice, the second not at all: they only refresh what is known.
        """
        answer = await self._fetcher.get(self._feed, kind="xml", etag=cursor.get(self._feed, ""), gate=self._gate)
        kept = {self._feed: answer.etag}
        if answer.unchanged:
            today = now.astimezone(NEW_YORK).date()
            yield Edition(source=self.name, list="announced", day=today, cursor=kept, unchanged=True)
            return
        feed = await aside(parse_feed, answer.body)
        # The ETag goes with the last edition, so that a crash between the two reads the feed again.
        yield Edition(
            source=self.name,
            list="announced",
            day=feed.day,
            papers=feed.papers,
            complaints=feed.complaints,
            cursor={} if feed.replaced else kept,
        )
        if feed.replaced:
            yield Edition(source=self.name, list="lookup", day=feed.day, papers=feed.replaced, cursor=kept)

    async def edition(self, day: date) -> Edition:
        """The papers first submitted on a day (GMT), which is not quite the day's announcement but the nearest to it.

        Raises ``SourceError`` when a page is missing; beyond 30,000 papers a complaint says how many were left out.
        """
        stamp = f"{day:%Y%m%d}"
        query = f"submittedDate:[{stamp}0000 TO {stamp}2359] AND ({self._any_category})"
        pages = [page async for page in self._pages(query)]
        papers, _ = collapse(paper for page in pages for paper in page.papers)
        complaints = [line for page in pages for line in page.complaints]
        if pages[0].total > MOST:
            complaints.append(f"arXiv serves {MOST} papers a query; {pages[0].total - MOST} of {day} were left out")
        return Edition(source=self.name, list="announced", day=day, papers=papers, complaints=tuple(complaints))

    async def lookup(self, key: str) -> Paper | None:
        """One paper by key in its newest version, or None when arXiv does not know it."""
        if not key.startswith("arxiv:"):
            return None
        page = await self._query({"id_list": key.removeprefix("arxiv:"), "max_results": "1"})
        return next((paper for paper in page.papers if paper.key == key), None)

    async def search(self, text: str, limit: int) -> list[Paper]:
        """Papers that have every word somewhere, best first, at most 100. An arXiv id finds that paper."""
        if (key := arxiv_key(text)) and limit > 0:
            found = await self.lookup(key)
            return [found] if found else []
        # Words only: quotes, brackets and field names would be read as arXiv's own query language.
        words = _WORD.findall(text)[:_MOST_WORDS]
        if not words or limit < 1:
            return []
        query = " AND ".join(f'all:"{word}"' for word in words)
        page = await self._query(
            {
                "search_query": query,
                "sortBy": "relevance",
                "sortOrder": "descending",
                "max_results": str(min(limit, _MOST_FOUND)),
            }
        )
        return list(page.papers[:limit])

    async def linked(self, key: str) -> Linked | None:
        """None: arXiv does not know what was built on a paper."""
        return None

    async def _pages(self, query: str) -> AsyncIterator[Page]:
        start, total = 0, 1
        while start < min(total, MOST):
            page = await self._query(
                {
                    "search_query": query,
                    "sortBy": "submittedDate",
                    "sortOrder": "ascending",
                    "start": str(start),
                    "max_results": str(min(_PAGE, MOST - start)),
                }
            )
            # A known fault of the service: an empty page in the middle. Taken for the end it would lose papers.
            if not page.entries and start < page.total:
                raise SourceError(f"arXiv sent an empty page at {start} of {page.total} papers; try that day again.")
            yield page
            start, total = start + page.entries, page.total

    async def _query(self, params: Mapping[str, str]) -> Page:
        # A bad request is answered by 400 with a feed that says why, which parse_api turns into a SourceError.
        answer = await self._fetcher.get(self._api, kind="xml", params=params, also={400}, gate=self._gate)
        page = await aside(parse_api, answer.body)
        if answer.status == 400:
            raise SourceError("arXiv refused the request without saying why.")
        return page


def build(fetcher: Fetcher, options: Options) -> Arxiv:
    gate = Gate(options.arxiv_interval)
    return Arxiv(fetcher, options.arxiv_url, options.arxiv_rss_url, options.arxiv_categories, gate)
