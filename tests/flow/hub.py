"""Hugging Face on this machine: an aiohttp server in a thread of its own, on a port of its own, that ends by itself.

It changes what it serves only between two polls: a poll sees one state of the world, as if it took no time.
"""

import asyncio
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

from aiohttp import web

Handler = Callable[[web.Request], Any]


@contextmanager
def serving(handler: Handler) -> Iterator[str]:
    """The address of a server that answers every request with ``handler``, for as long as the block lasts."""
    loop, ready = asyncio.new_event_loop(), threading.Event()
    address: list[str] = []
    over = asyncio.Event()

    async def serve() -> None:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", handler)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        address.append(f"http://127.0.0.1:{runner.addresses[0][1]}")
        ready.set()
        await over.wait()
        await runner.cleanup()
        unfinished = asyncio.all_tasks() - {asyncio.current_task()}
        for task in unfinished:
            task.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
    thread.start()
    assert ready.wait(10), "the server does not start"
    try:
        yield address[0]
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(10)
        loop.close()


class Hub:
    """``daily`` and ``trending`` give items for a state, a moment; ``raw`` the bytes of a day as recorded."""

    page = 20
    """Most items in one answer for the days in ``paged``."""

    def __init__(self, world: Any, at: datetime, paged: frozenset[date] = frozenset()) -> None:
        self.world = world
        self.state = at
        self.pending = at
        self.paged = paged
        self.asked: list[str] = []
        self._day_before: date | None = None
        self.counts = {"304": 0, "404": 0, "pages": 0, "raw": 0}

    @staticmethod
    def feed_day(at: datetime) -> date:
        """While New York has summer time a day opens at 01:30 UTC."""
        return (at - timedelta(hours=1, minutes=30)).date()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path_qs)
        if request.path != "/api/daily_papers":
            self.counts["404"] += 1
            return web.json_response({"error": "Paper not found"}, status=404)
        before, self._day_before = self._day_before, None
        if request.query.get("sort") == "trending":
            body = _json(self.world.trending(self.state))
            return self._tagged(request, body, f'"{self.state.isoformat()}"')
        day = self._day_before = date.fromisoformat(request.query["date"])
        # A poll begins with the oldest day: one that began at an older time must not see both states of the world.
        begins = before != day - timedelta(days=1) and "p" not in request.query
        if begins and day == self.feed_day(self.pending) - timedelta(days=2):
            self.state = self.pending
        return self._day(request, day)

    def _day(self, request: web.Request, day: date) -> web.StreamResponse:
        if day > self.state.date():
            return web.json_response({"error": "date is in the future"}, status=400)
        if day in self.paged:
            return self._page(request, day)
        is_raw = self.world.is_raw(day, self.state)
        self.counts["raw"] += is_raw
        body = self.world.raw(day) if is_raw else _json(self.world.daily(day, self.state))
        tag = f'W/"{hashlib.sha256(body).hexdigest()[:16]}"' if day.day % 2 else ""
        return self._tagged(request, body, tag)

    def _page(self, request: web.Request, day: date) -> web.StreamResponse:
        """A page, with a link to the next one, as for lists that are longer than what was asked for."""
        items = self.world.daily(day, self.state)
        size, at = min(int(request.query.get("limit", 50)), self.page), int(request.query.get("p", 0))
        self.counts["pages"] += at > 0
        link = f'<https://huggingface.co/api/daily_papers?date={day}&limit={size}&p={at + 1}>; rel="next"'
        headers = {"Link": link} if len(items) > (at + 1) * size else {}
        body = _json(items[at * size : (at + 1) * size])
        return web.Response(body=body, headers=headers, content_type="application/json")

    def _tagged(self, request: web.Request, body: bytes, tag: str) -> web.StreamResponse:
        headers = {"ETag": tag} if tag else {}
        if tag and request.headers.get("If-None-Match") == tag:
            self.counts["304"] += 1
            return web.Response(status=304, headers=headers)
        return web.Response(body=body, headers=headers, content_type="application/json")


def _json(items: list[Any]) -> bytes:
    return json.dumps(items).encode()
