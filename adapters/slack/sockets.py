"""Socket Mode: a connection that we open to Slack, so that no address of ours has to be reachable."""

import asyncio
import logging

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp

from adapters.slack.api import Api, sdk_log
from adapters.slack.faults import SlackError

log = logging.getLogger(__name__)

PING = 10.0
"""Seconds between two signs of life."""
_PATIENCE = 20.0
"""Seconds a first connection may take."""
_LOST = 6
"""Signs of life missing in a row after which slack_sdk's own ways to connect again are given up: it may go on for ever
with an address that is good for one connection."""


class Sockets:
    """slack_sdk renews the connection when Slack asks for that or it breaks; where it does not succeed, we do."""

    def __init__(self, app: AsyncApp, api: Api, app_token: str, ping: float = PING) -> None:
        self._app, self._api, self._token, self._ping = app, api, app_token, ping
        self._handler: AsyncSocketModeHandler | None = None
        self.connected = False
        """Whether the connection was there when it was looked at last."""

    async def open(self) -> None:
        """Connect. Raises ``SlackError`` when Slack refuses the app-level token or cannot be reached."""
        said = await self._api.read(self._token, "apps.connections.open")
        self._handler = AsyncSocketModeHandler(
            self._app,
            self._token,
            logger=sdk_log(),
            web_client=self._api.client(self._token),  # by default it would ask with the bot's token
            ping_interval=self._ping,
        )
        self._handler.client.wss_uri = str(said.get("url") or "")
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._handler.connect_async()  # type: ignore[no-untyped-call]  # bolt says nothing of it
        except TimeoutError:
            await self.close()
            raise SlackError("Slack lets nobody connect", fault="temporary") from None
        self.connected = True

    async def keep(self) -> None:
        """See to it that there is a connection. Ends only by cancellation."""
        lost = 0
        while True:
            await asyncio.sleep(self._ping)
            self.connected = self._handler is not None and await self._handler.client.is_connected()
            lost = 0 if self.connected else lost + 1
            if lost >= _LOST:
                lost = 0
                await self._anew()

    async def _anew(self) -> None:
        await self.close()
        try:
            await self.open()
        except SlackError as error:
            log.warning("slack.not_connected", extra={"error": str(error)})

    async def close(self) -> None:
        self.connected = False
        if self._handler is None:
            return
        handler, self._handler = self._handler, None
        client = handler.client
        running = [client.message_processor, client.current_session_monitor, client.message_receiver]
        await handler.close_async()  # type: ignore[no-untyped-call]  # bolt says nothing of it
        await asyncio.gather(*filter(None, running), return_exceptions=True)
