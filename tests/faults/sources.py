"""Hugging Face and arXiv at one address, in whatever state a round of the suite wants them. Knows nothing of Paperboy.

In each round one of them is hostile and answers as it is told; the other one is well and has one new paper.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from aiohttp import web

Name = Literal["huggingface", "arxiv"]
FEED_DAY = "Mon, 23 Nov 2026 00:00:00 -0500"
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is said, ``times`` over; a byte at a time with ``drips``; hung up on before its end with ``breaks``."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    times: int = 1
    drips: float = 0.0
    breaks: bool = False

    async def give(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(status=self.status, headers=self.headers)
        if self.breaks:
            response.content_length = len(self.body) * 2
        step = 1 if self.drips else _CHUNK
        try:
            await response.prepare(request)
            for _ in range(self.times):
                for start in range(0, len(self.body), step):
                    await response.write(self.body[start : start + step])
                    await asyncio.sleep(self.drips)
        except ConnectionError:
            return response  # whoever asked has heard enough
        if self.breaks and request.transport is not None:
            request.transport.close()
        return response


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """``answers`` by what is asked for of the hostile source: today, yesterday, before, trending, feed, api, paper."""

    name: str
    hostile: Name
    answers: Mapping[str, Answer]


class Sources:
    """The server's side. ``/round/3`` turns to the third of ``rounds``; ``/round/-1`` is one where both are well.

    ``given`` are the hostile answers that somebody asked for, each by its round and what was asked.
    """

    def __init__(self, rounds: list[Round]) -> None:
        self.rounds = rounds
        self.number = -1
        self.given: set[tuple[int, str]] = set()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if request.path.startswith("/round/"):
            self.number = int(request.path.rpartition("/")[2])
            return web.json_response({"hostile": self.now.hostile if self.now else ""})
        source: Name = "huggingface" if request.path.startswith("/api/") and "query" not in request.path else "arxiv"
        if self.now and self.now.hostile == source:
            asked = _asked(request)
            said = self.now.answers.get(asked)
            if said is None:
                return _empty(request)
            self.given.add((self.number, asked))
            return await said.give(request)
        return self._well(request)

    @property
    def now(self) -> Round | None:
        return self.rounds[self.number] if self.number >= 0 else None

    def _well(self, request: web.Request) -> web.StreamResponse:
        asked = _asked(request)
        if asked == "today":
            return web.json_response([item(f"{HF_MARK}.{self.number + 1:05}", title=MARK)])
        if asked == "feed":
            return web.Response(body=feed(entry(f"{ARXIV_MARK}.{self.number + 1:05}", MARK)))
        return _empty(request)


MARK = "Wellness of sources"
"""Their title."""
HF_MARK, ARXIV_MARK = "2612", "2611"
"""Papers of a source that is well have ids of these months."""


def mark(number: int, hostile: Name) -> str:
    """The id of the paper that the well source brings in a round."""
    return f"{HF_MARK if hostile == 'arxiv' else ARXIV_MARK}.{number + 1:05}"


def _asked(request: web.Request) -> str:
    if request.path.startswith("/rss/"):
        return "feed"
    if request.path == "/api/query":
        return "api"
    if request.path != "/api/daily_papers":
        return "paper"
    if "sort" in request.query:
        return "trending"
    return {"2026-11-23": "today", "2026-11-22": "yesterday"}.get(request.query.get("date", ""), "before")


def _empty(request: web.Request) -> web.StreamResponse:
    asked = _asked(request)
    if asked == "paper":
        return web.json_response({"error": "Paper not found"}, status=404)
    if asked in {"feed", "api"}:
        return web.Response(body=feed() if asked == "feed" else API_EMPTY)
    return web.json_response([])


# --- documents --------------------------------------------------------------------------------------------------------


def item(paper: str, **more: Any) -> dict[str, Any]:
    """One item of a list of Hugging Face; ``more`` is of the paper in it."""
    title = f"Paper {paper}"
    inner = {"id": paper, "title": title, "summary": "We test.", "authors": [{"name": "A. Author"}], "upvotes": 1}
    return {"paper": {**inner, **more}, "title": more.get("title", title), "publishedAt": "2026-11-23T00:00:00.000Z"}


def listed(*items: object) -> bytes:
    return json.dumps(items).encode()


def entry(paper: str, title: str = "", more: str = "") -> str:
    """One item of an RSS feed of arXiv."""
    said = f"arXiv:{paper}v1 Announce Type: new \nAbstract: We test."
    return (
        f"<item><title>{title or f'Paper {paper}'}</title><link>https://arxiv.org/abs/{paper}</link>"
        f"<description>{said}</description><guid isPermaLink='false'>oai:arXiv.org:{paper}v1</guid>"
        f"<category>cs.AI</category><arxiv:announce_type>new</arxiv:announce_type>"
        f"<dc:creator>A. Author</dc:creator>{more}</item>"
    )


def feed(*entries: str, day: str = FEED_DAY, prolog: str = "") -> bytes:
    return (
        f"<?xml version='1.0' encoding='UTF-8'?>{prolog}<rss xmlns:arxiv='http://arxiv.org/schemas/atom'"
        " xmlns:dc='http://purl.org/dc/elements/1.1/' version='2.0'><channel><title>cs.AI updates on arXiv.org</title>"
        f"<pubDate>{day}</pubDate>{''.join(entries)}</channel></rss>"
    ).encode()


API_EMPTY = (
    b'<feed xmlns="http://www.w3.org/2005/Atom"><opensearch:totalResults'
    b' xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">0</opensearch:totalResults></feed>'
)
