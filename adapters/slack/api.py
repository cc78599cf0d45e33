"""One call to Slack's Web API: a client for each token over one session, no repeats, errors as ``SlackError``."""

import logging
import re
from collections.abc import Mapping
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from adapters.slack.faults import ANSWERLESS, SlackError, told, understood

TIMEOUT = 8
"""Seconds for one call: within the deadline the core gives a send."""

_FAILURES = (SlackApiError, aiohttp.ClientError, OSError, TimeoutError, *ANSWERLESS)


_SECRET = re.compile(r"(\bticket=|\bcode=|\bwith code: )[^&\s'\",}]+")
"""What opens a connection in our name, and what a token is had for."""


class _OneLine(logging.Filter):
    """An outage is one line, not a traceback every ten seconds, and has no secret in it."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = _SECRET.sub(r"\1***", record.getMessage()), ()
        record.exc_info = record.exc_text = None
        return True


def sdk_log() -> logging.Logger:
    """The logger handed to slack_sdk and bolt. Below WARNING they write whole requests, which hold tokens."""
    log = logging.getLogger("adapters.slack.sdk")
    log.setLevel(logging.WARNING)
    if not log.filters:
        log.addFilter(_OneLine())
    return log


class Api:
    """Slack's Web API at ``url``. ``agent`` is put into the User-Agent."""

    def __init__(self, url: str, agent: str) -> None:
        self._url, self._agent = f"{url}/", agent
        self._session: aiohttp.ClientSession | None = None

    def client(self, token: str | None, kind: type[AsyncWebClient] = AsyncWebClient) -> AsyncWebClient:
        """A client that never repeats a call by itself: a repeated post would be a second message."""
        return kind(
            token,
            base_url=self._url,
            timeout=TIMEOUT,
            session=self._open(),
            user_agent_prefix=self._agent,
            logger=sdk_log(),
            retry_handlers=[],
        )

    async def write(self, token: str, method: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Call a method that takes JSON. Raises ``SlackError``."""
        return await self._call(token, method, json=dict(body))

    async def read(self, token: str, method: str, **params: str | int | bool) -> dict[str, Any]:
        """Call a method that takes a form. Raises ``SlackError``."""
        return await self._call(token, method, data={k: _formed(v) for k, v in params.items()})

    async def scopes(self, token: str) -> tuple[dict[str, Any], frozenset[str]]:
        """Who a bot token is, and the scopes it was granted. Raises ``SlackError``."""
        try:
            response = await self.client(token).api_call("auth.test")
            granted = str(response.headers.get("x-oauth-scopes", ""))
            return dict(response.data), frozenset(filter(None, map(str.strip, granted.split(","))))  # type: ignore[arg-type]  # an answer with ok in it is a dict
        except _FAILURES as error:
            raise understood(error) from None

    async def respond(self, url: str, body: Mapping[str, Any]) -> None:
        """Answer by a ``response_url``. Raises ``SlackError``, ambiguous where Slack may have taken it all the same."""
        client = AsyncWebhookClient(url, session=self._open(), retry_handlers=[], logger=sdk_log())
        try:
            answer = await client.send_dict(dict(body))
        except _FAILURES as error:
            raise understood(error) from None
        if refusal := told(answer.status_code, answer.body):
            raise refusal

    async def _call(self, token: str, method: str, **arguments: Any) -> dict[str, Any]:
        try:
            response = await self.client(token).api_call(method, **arguments)
            return dict(response.data)  # type: ignore[arg-type]  # an answer with ok in it is a dict
        except _FAILURES as error:
            # The cause is left out: its text has the whole answer of Slack.
            raise understood(error) from None

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT))
        return self._session

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


def _formed(value: str | int | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


__all__ = ["TIMEOUT", "Api", "SlackError", "sdk_log"]
