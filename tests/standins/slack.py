"""Slack on this machine: Web API, Socket Mode, OAuth and the people who use them, on a port of its own.

``async with running() as slack`` in a test's loop, ``with hosted() as slack`` in a thread of its own, where
``slack.call(slack.slash(…))`` does what is awaited elsewhere. Both end by themselves and fail if the app sent anything
that Slack would not take (``slack.violations``).
"""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeVar

from aiohttp import web

from tests.standins import slack_checks, slack_hooks, slack_oauth
from tests.standins.slack_api import answer, answered
from tests.standins.slack_browser import Browser
from tests.standins.slack_world import SCOPES

T = TypeVar("T")


class Slack(Browser):
    """A world that is served. ``api`` is what clients take as base address."""

    def __init__(self, clock: Callable[[], float] = time.time, scopes: str = SCOPES) -> None:
        super().__init__(clock, scopes)
        self.open_doors()
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def api(self) -> str:
        return f"{self.url}/api"

    @property
    def authorize_url(self) -> str:
        return f"{self.url}/oauth/v2/authorize"

    async def start(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        app = web.Application(client_max_size=8 * 2**20)
        app.router.add_route("*", "/api/{method}", self._api)
        app.router.add_post("/commands/{hook}", self._respond)
        app.router.add_get("/oauth/v2/authorize", self._authorize)
        app.router.add_get("/link/", self.sockets.serve)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        self._over.set()
        await self.close_doors()
        await self._runner.cleanup()

    def call(self, doing: Coroutine[Any, Any, T], seconds: float = 30) -> T:
        """Do in the stand-in's own thread what is awaited, and wait for it."""
        assert self._loop is not None
        return asyncio.run_coroutine_threadsafe(doing, self._loop).result(seconds)

    async def _api(self, request: web.Request) -> web.StreamResponse:
        return await answer(self, request, self._over)

    async def _authorize(self, request: web.Request) -> web.StreamResponse:
        return await slack_oauth.authorize(self, request)

    async def _respond(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["hook"]
        call = await slack_hooks.read(self, request)
        return await answered(call, request, self._over, lambda: slack_hooks.respond(call, name))


@asynccontextmanager
async def running(*, strict: bool = True, **options: Any) -> AsyncIterator[Slack]:
    """In this loop. ``strict``: nothing may have been sent that Slack would refuse for its form."""
    slack_checks.load()
    slack = Slack(**options)
    await slack.start()
    try:
        yield slack
    finally:
        await slack.stop()
    assert not strict or slack.violations == []


@contextmanager
def hosted(*, strict: bool = True, **options: Any) -> Iterator[Slack]:
    """In a thread of its own."""
    slack_checks.load()
    slack, loop, ready, over = Slack(**options), asyncio.new_event_loop(), threading.Event(), asyncio.Event()

    async def serve() -> None:
        await slack.start()
        ready.set()
        await over.wait()
        await slack.stop()
        unfinished = asyncio.all_tasks() - {asyncio.current_task()}
        for task in unfinished:
            task.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
    thread.start()
    assert ready.wait(10), "the stand-in does not start"
    try:
        yield slack
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(10)
        loop.close()
    assert not strict or slack.violations == []
