"""Our own HTTP server: Slack's signed requests, installations, and a page that says that we live.

Slack signs what it sends (https://docs.slack.dev/authentication/verifying-requests-from-slack); bolt checks it. What
would make bolt stumble before that is turned away here.
"""

import errno
import logging
from collections.abc import Awaitable, Callable, Sequence

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.async_app import AsyncApp
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from adapters.slack.manifest import EVENTS_PATH, REDIRECT_PATH
from adapters.slack.oauth import INSTALL_PATH
from bot.commands import broke
from bot.errors import ConfigError, PaperboyError

log = logging.getLogger(__name__)

MOST_BODY = 2**20
"""Bytes of a request. A message with 50 blocks, handed back with a press, is far below that."""
_LONGEST_TIME = 12
"""Digits of a moment in seconds."""
_CLOSING = 3.0

Page = Callable[[AsyncBoltRequest], Awaitable[BoltResponse]]


class Server:
    """``flow`` is None where nobody installs anything."""

    def __init__(self, app: AsyncApp, flow: AsyncOAuthFlow | None) -> None:
        web_app = web.Application(client_max_size=MOST_BODY, middlewares=[_unbroken])
        web_app.router.add_get("/healthz", _alive)
        web_app.router.add_post(EVENTS_PATH, _signed(app))
        if flow is not None:
            web_app.router.add_get(INSTALL_PATH, _page(flow.handle_installation))
            web_app.router.add_get(REDIRECT_PATH, _page(flow.handle_callback))
        self._runner = web.AppRunner(web_app, access_log=None, shutdown_timeout=_CLOSING)

    async def open(self, host: str, port: int) -> tuple[str, int]:
        """Listen; returns where.

        Raises ``ConfigError`` when the address cannot be had, ``PaperboyError`` when another program has it just now.
        """
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError as error:
            await self.close()
            said = f"PAPERBOY_SLACK_LISTEN is {host}:{port}, which cannot be listened on: {error.strerror}."
            raise (PaperboyError if error.errno == errno.EADDRINUSE else ConfigError)(said) from None
        bound_host, bound_port = self._runner.addresses[0][:2]
        return str(bound_host), int(bound_port)

    async def close(self) -> None:
        await self._runner.cleanup()


async def _alive(_: web.Request) -> web.Response:
    return web.Response(text="ok\n")


def _signed(app: AsyncApp) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handle(request: web.Request) -> web.StreamResponse:
        if not _could_be_signed(request):
            return web.json_response({"error": "invalid request"}, status=401)
        try:
            text = await request.text()
        except (ValueError, LookupError):
            return _unreadable()
        try:
            asked = AsyncBoltRequest(body=text, query=request.query_string, headers=_headers(request))
        except Exception:
            # Bolt reads a body before it looks who signed it, and expects it to be as Slack writes them.
            return _unreadable()
        if asked.body.get("ssl_check") == "1":
            return web.Response()
        return await to_aiohttp_response(await app.async_dispatch(asked))

    return handle


def _unreadable() -> web.Response:
    return web.json_response({"error": "unreadable request"}, status=400)


def _page(page: Page) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handle(request: web.Request) -> web.StreamResponse:
        asked = AsyncBoltRequest(body="", query=request.query_string, headers=_headers(request))
        return await to_aiohttp_response(await page(asked))

    return handle


def _headers(request: web.Request) -> dict[str, str | Sequence[str]]:
    return dict(request.headers)


def _could_be_signed(request: web.Request) -> bool:
    """A time that is no moment and a signature beyond ASCII are no one's: bolt would answer them with a failure.

    What is not signed at all is left to bolt, which knows when that is all right.
    """
    at = request.headers.get("X-Slack-Request-Timestamp", "0")
    return (
        at.isascii()
        and at.isdigit()
        and len(at) <= _LONGEST_TIME
        and request.headers.get("X-Slack-Signature", "").isascii()
    )


@web.middleware
async def _unbroken(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPException:
        raise
    except Exception as error:
        said = broke("slack.page_broke", error, platform="slack", path=request.path)
        return web.Response(status=500, text=f"{said}\n")
