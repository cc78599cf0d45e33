"""A service on this machine that behaves as a test tells it to, and clocks that move only when told."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web

from bot.sources.http import Fetcher

Script = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Service:
    """An HTTP server; ``script`` answers every request, ``asked`` remembers path and query of each."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[str] = []
        self.requests: list[web.Request] = []
        self.script: Script = self._nothing

    async def _nothing(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({"error": "nothing here"}, status=404)

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        assert isinstance(request, web.Request)
        self.asked.append(request.path_qs)
        self.requests.append(request)
        return await self.script(request)

    def always(self, body: bytes = b"[]", status: int = 200, **headers: str) -> None:
        """Answer everything alike. Underscores in header names stand for hyphens."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}

        async def script(request: web.Request) -> web.StreamResponse:
            return web.Response(body=body, status=status, headers=named)

        self.script = script


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    service = Service()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", service.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    service.url = f"http://127.0.0.1:{port}"
    yield service
    await runner.cleanup()


@pytest.fixture
async def rude() -> AsyncIterator[Callable[..., Awaitable[str]]]:
    """``await rude(b"...", pause=0.01)`` -> URL of a server that says these very bytes, then hangs up.

    With ``pause`` it says one byte at a time, that many seconds apart.
    """
    servers: list[asyncio.Server] = []

    async def start(said: bytes, pause: float = 0.0) -> str:
        async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await reader.readuntil(b"\r\n\r\n")
                for piece in [said] if not pause else [said[i : i + 1] for i in range(len(said))]:
                    writer.write(piece)
                    await writer.drain()
                    await asyncio.sleep(pause)
            except (ConnectionError, asyncio.IncompleteReadError):
                pass  # the client has heard enough
            finally:
                writer.close()

        server = await asyncio.start_server(speak, "127.0.0.1", 0)
        servers.append(server)
        return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    yield start
    for server in servers:
        server.close()


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    async with Fetcher(version="1.2", contact="https://example.org/bot", deadline=5.0) as fetcher:
        yield fetcher


class Clock:
    """Seconds that pass only in ``sleep``; ``slept`` says how they did."""

    def __init__(self, at: float = 1000.0) -> None:
        self.at = at
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += seconds
        await asyncio.sleep(0)


@pytest.fixture
def clock() -> Clock:
    return Clock()
