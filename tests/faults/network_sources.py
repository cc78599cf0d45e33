"""Hugging Face and arXiv as two servers whose network fails as told. Knows nothing of Paperboy."""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Literal

from aiohttp import web

from bot.sources.huggingface import feed_day
from tests.faults.sources import API_EMPTY, Answer, entry, feed, item, listed
from tests.standins.slack_api import reset

Name = Literal["huggingface", "arxiv"]
Kind = Literal[
    "reset", "500", "silence", "429", "broken off", "cut document", "wrong type", "web page", "a byte at a time",
    "no name",
]  # fmt: skip
"""``429`` asks for a second. ``broken off``: half of what was promised, then the end. ``no name`` is the resolver's."""
_SHOWN = 60
"""Papers on a list: what is older has been read long ago."""
_WEB_PAGE = b"<!doctype html><html><body>Log in</body></html>"


class Press:
    """One source. ``wrong`` is the kind of fault that every answer has now; ``done`` counts them."""

    def __init__(self, name: Name, clock: Callable[[], int]) -> None:
        self.name, self._clock = name, clock
        self.wrong: Kind | None = None
        self.done: Counter[str] = Counter()
        self._news: dict[str, str] = {}

    def publish(self, paper: str, title: str) -> None:
        self._news[paper] = title

    async def answer(self, request: web.Request) -> web.StreamResponse:
        body = self._body(request)
        if self.wrong is None or self.wrong == "no name":
            return _closing(body)
        self.done[self.wrong] += 1
        return await _spoilt(self.wrong, body, request)

    def _body(self, request: web.Request) -> bytes:
        shown = list(self._news.items())[-_SHOWN:]
        if self.name == "arxiv":
            is_feed = request.path.startswith("/rss/")
            return feed(*(entry(paper, title) for paper, title in shown)) if is_feed else API_EMPTY
        today = feed_day(datetime.fromtimestamp(self._clock() / 1000, UTC)).isoformat()
        is_today = request.query.get("date") == today
        return listed(*(item(paper, title=title) for paper, title in shown)) if is_today else b"[]"


def _closing(body: bytes, status: int = 200, **headers: str) -> web.Response:
    """A connection for each request, so that each takes a name."""
    response = web.Response(body=body, status=status, headers=headers)
    response.force_close()
    return response


async def _spoilt(kind: Kind, body: bytes, request: web.Request) -> web.StreamResponse:
    match kind:
        case "reset":
            return reset(request)
        case "silence":
            await asyncio.sleep(3)
            return reset(request)
        case "500":
            return _closing(b"Internal Server Error", 500)
        case "429":
            return _closing(b"Too Many Requests", 429, **{"Retry-After": "1"})
        case "broken off":
            return await Answer(body=body, breaks=True).give(request)
        case "a byte at a time":
            return await Answer(body=body + b" " * 1000, drips=0.05).give(request)
        case "cut document":
            return _closing(body[: len(body) // 2])
        case "web page":
            return _closing(_WEB_PAGE)
        case _:
            return _closing(b'{"error": 7}')
