"""Every request to Discord passes here: one login, our own pace, our own deadline, and what became of it.

discord.py keeps its buckets and its retries; what it lacks is added through its ``http_trace``, which sees each single
request, repeated ones too. No post, card or command is known here.

discord.py takes Discord's addresses from two class attributes, ``Route.BASE`` and ``DiscordWebSocket.DEFAULT_GATEWAY``
(the library offers no other way), so one process talks to one Discord.
"""

import asyncio
import logging
import math
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import aiohttp
import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from adapters.discord.faults import NOT_LET_IN, StoppedError, fault, named
from adapters.discord.gateway import LAST_WORDS, Gate
from adapters.discord.quiet import hush
from adapters.pace import Bucket, Window
from bot.errors import DeliveryError, Fault, StoreError

log = logging.getLogger(__name__)
hush()

DEADLINE = 8.0
"""Seconds for one call of the port, inside the ten that the core allows."""

# https://docs.discord.com/developers/topics/rate-limits: 50 requests a second for a bot, and a ban of its address after
# 10,000 refused ones (401, 403, 429) in ten minutes.
RATE = 45.0
BURST = 3
CAREFUL_RATE = 5.0
CAREFUL_AT = 1_000
STOP_AT = 5_000
REFUSALS = 600.0
_TOKEN_REST = 600.0
"""Seconds without a request after Discord refused the token: asking again would only be refused again."""
_PAUSE = 5.0
"""Seconds to come back after when a post did not even get its turn in time."""
FORESEEN = (discord.DiscordException, aiohttp.ClientError, StoppedError, OSError, ValueError)
"""What requests are known to fail with. Anything else is worth a traceback."""


@dataclass(slots=True)
class Attempt:
    """What is known of one call while it runs."""

    until: float = math.inf
    """When it has to be over, by the loop's clock."""
    needs: str = "View Channel and Send Messages"
    """The rights it takes, by the names in Discord's settings; for when one is missing."""
    posting: bool = False
    """Whether the request under way makes a message appear."""
    once: bool = False
    """Whether Discord has no means to tell the same request made twice: then discord.py must not repeat it."""
    waiting: bool = False
    """It was sent, and nothing has come back."""
    doubtful: bool = False
    """An earlier request may have made a message appear, or the answer to this one is still being read."""
    retry_after: float = 0.0

    @property
    def unclear(self) -> bool:
        """Whether a message may be there without our knowing."""
        return self.doubtful or (self.posting and self.waiting)

    def begun(self) -> None:
        """A request is about to go. Raises ``DeliveryError`` for one that could make a second message."""
        self.doubtful, self.waiting = self.unclear, False
        if self.once and self.doubtful:
            raise DeliveryError("Discord failed while it took the post.", fault="ambiguous")

    def answered(self, status: int, retry_after: str) -> None:
        self.waiting = False
        if self.posting and not 400 <= status < 500:
            self.doubtful = True
        if status == 429:
            self.retry_after = _seconds(retry_after)


_attempt: ContextVar[Attempt | None] = ContextVar("attempt", default=None)


class Wire:
    """REST to Discord as the bot. Logs in when first needed; ``make`` builds the client, with our trace in it."""

    def __init__(
        self,
        token: str,
        url: str,
        make: Callable[[aiohttp.TraceConfig], Gate],
        deadline: float = DEADLINE,
        refusals: Window | None = None,
    ) -> None:
        self._token = token
        self._deadline = deadline
        self._url = url
        self._make = make
        self._login: asyncio.Task[Gate] | None = None
        self._listening: Gate | None = None
        self._bucket = Bucket(RATE, BURST)
        self._refusals = Window(REFUSALS) if refusals is None else refusals
        self._token_refused_until = 0.0

    # --- asking -------------------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def attempt(self) -> AsyncIterator[Attempt]:
        """Round one call of the port: within the deadline, and every failure a ``DeliveryError`` or ``StoreError``.

        Where any request of it may have made a message appear it ends ambiguous, whatever a later one was told.
        """
        attempt = Attempt(until=asyncio.get_running_loop().time() + self._deadline)
        token = _attempt.set(attempt)
        try:
            async with asyncio.timeout_at(attempt.until):
                yield attempt
        except TimeoutError as error:
            raise self._late(attempt) from error
        except StoreError:
            raise
        except DeliveryError as error:
            if attempt.unclear and error.fault != "ambiguous":
                raise _as(error, "ambiguous") from error
            raise
        except Exception as error:
            if not isinstance(error, FORESEEN):
                log.exception("discord.unforeseen")
            log.info("discord.refused", extra={"error": named(error)})
            told = fault(error, attempt.needs)
            clear: Fault = "temporary" if told.fault == "ambiguous" else told.fault
            raise _as(told, "ambiguous" if attempt.unclear else clear) from error
        finally:
            _attempt.reset(token)

    async def ask(
        self, method: str, path: str, *, posting: bool = False, once: bool = False, **more: Any
    ) -> dict[str, Any]:
        """The answer to one request as the bot, an object. ``posting`` when it makes a message appear, ``once`` when
        a second one would make another.

        ``more`` are the parts of ``path`` and ``json``, ``params`` or ``form``. Raises what discord.py and aiohttp
        raise, ``ValueError`` for an answer of another shape, and ``DeliveryError`` (credential) while the token is
        known to be refused.
        """
        answer = await self._ask(method, path, posting, more, once=once)
        if not isinstance(answer, dict):
            raise ValueError(f"no object, but {type(answer).__name__}")  # noqa: TRY004  theirs, and no type of ours
        if posting and "id" not in answer:
            raise ValueError("no id of what was posted")
        if attempt := _attempt.get():
            attempt.doubtful = False
        return answer

    async def listed(self, method: str, path: str, **more: Any) -> list[dict[str, Any]]:
        """The same where the answer is a list."""
        answer = await self._ask(method, path, False, more)
        if not isinstance(answer, list):
            raise ValueError(f"no list, but {type(answer).__name__}")  # noqa: TRY004  as above
        return answer

    async def _ask(self, method: str, path: str, posting: bool, more: Mapping[str, Any], *, once: bool = False) -> Any:
        if asyncio.get_running_loop().time() < self._token_refused_until:
            raise DeliveryError(NOT_LET_IN, fault="credential")
        client = await self.client()
        if attempt := _attempt.get():
            attempt.posting, attempt.once = posting, once
        return await _request(client, method, path, more)

    async def answer(self, client: discord.Client, method: str, path: str, **more: Any) -> Any:
        """The same for an interaction, which has a pace of its own. ``client`` is the one it came by."""
        return await _request(client, method, path, more)

    # --- the client ---------------------------------------------------------------------------------------------------

    async def client(self) -> Gate:
        """The client for requests, logged in. No connection to the gateway ends it, for posts are under way with it.

        Raises what discord.py's ``login`` raises; the next call tries again.
        """
        if self._login is None or _failed(self._login):
            self._login = asyncio.create_task(self._log_in(), name="discord login")
            self._login.add_done_callback(_failed)  # looked at, also when nobody waits for it any more
        return await asyncio.shield(self._login)

    async def listener(self) -> Gate:
        """A client for the gateway alone, which discord.py closes with the connection. Raises the same."""
        self._listening = await self._log_in()
        return self._listening

    @property
    def gate(self) -> Gate | None:
        """The client that listens, for what it remembers of guilds and channels."""
        return None if self._listening is None or self._listening.is_closed() else self._listening

    @property
    def own_id(self) -> str:
        """The bot's id, empty before the first request."""
        known = self._login is not None and self._login.done() and not _failed(self._login)
        user = self._login.result().user if self._login and known else None
        return str(user.id) if user else ""

    async def close(self) -> None:
        """Let go of the connections; the next request logs in anew."""
        login, self._login = self._login, None
        if login is None:
            return
        await asyncio.wait([login], timeout=LAST_WORDS)
        if not login.done():
            login.cancel()
            await asyncio.wait([login])
        if not _failed(login):
            await shut(login.result())

    def _late(self, attempt: Attempt) -> DeliveryError:
        if attempt.waiting or attempt.unclear:
            kind: Fault = "ambiguous" if attempt.unclear else "temporary"
            said = f"Discord did not answer within {self._deadline:.0f} seconds."
            return DeliveryError(said, fault=kind, retry_after=attempt.retry_after or None)
        if attempt.retry_after:
            return DeliveryError("Discord asks for a pause.", fault="busy", retry_after=attempt.retry_after)
        return DeliveryError("Many posts wait for their turn.", fault="busy", retry_after=_PAUSE)

    def gateway(self, url: str) -> None:
        """Where shards connect, also anew after a session has ended."""
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(url)

    async def _log_in(self) -> Gate:
        Route.BASE = self._url
        client = self._make(self._trace())
        try:
            await client.login(self._token)
        except BaseException:
            await client.close()
            raise
        user = client.user
        log.info("discord.logged_in", extra={"bot": str(user), "id": user.id if user else 0})
        return client

    # --- what every single request goes through -----------------------------------------------------------------------

    def _trace(self) -> aiohttp.TraceConfig:
        trace = aiohttp.TraceConfig()
        trace.on_request_start.append(self._on_start)
        trace.on_request_headers_sent.append(self._on_sent)
        trace.on_request_end.append(self._on_end)
        return trace

    async def _on_start(self, _: object, __: SimpleNamespace, params: aiohttp.TraceRequestStartParams) -> None:
        await self.turn(str(params.url))
        if attempt := _attempt.get():
            attempt.begun()

    async def _on_sent(self, _: object, __: SimpleNamespace, ___: object) -> None:
        if attempt := _attempt.get():
            attempt.waiting = True

    async def _on_end(self, _: object, __: SimpleNamespace, params: aiohttp.TraceRequestEndParams) -> None:
        response = params.response
        if attempt := _attempt.get():
            attempt.answered(response.status, response.headers.get("Retry-After", ""))
            self._refuse_to_wait(attempt, response)
        if response.status == 401 and not self._is_interaction(str(params.url)):
            self._token_refused_until = asyncio.get_running_loop().time() + _TOKEN_REST
        shared = response.headers.get("X-RateLimit-Scope") == "shared"
        if response.status in {401, 403} or (response.status == 429 and not shared):
            self._refusals.add()

    def _refuse_to_wait(self, attempt: Attempt, response: aiohttp.ClientResponse) -> None:
        """A pause for all of us is kept by our own bucket. Raises ``DeliveryError`` where it is beyond the deadline.

        discord.py, cut off while it waits for the end of such a pause, would never let another request go.
        """
        if response.status != 429 or response.headers.get("X-RateLimit-Scope") != "global":
            return
        self._bucket.pause(attempt.retry_after)
        if asyncio.get_running_loop().time() + attempt.retry_after >= attempt.until:
            response.close()
            raise DeliveryError("Discord asks for a pause.", fault="busy", retry_after=attempt.retry_after)

    async def turn(self, url: str) -> None:
        """Wait until a request may go. Raises ``StoppedError``."""
        if len(self._refusals) >= STOP_AT:
            raise StoppedError(REFUSALS)
        if not self._is_interaction(url):
            self._bucket.rate = self.rate
            await self._bucket.take()

    @property
    def rate(self) -> float:
        """Requests a second that are wise after so many refusals."""
        return CAREFUL_RATE if len(self._refusals) >= CAREFUL_AT else RATE

    def _is_interaction(self, url: str) -> bool:
        """Interactions do not count against the bot's own limit, and their answers must not wait behind posts."""
        return url.startswith((f"{self._url}/interactions/", f"{self._url}/webhooks/"))


async def _request(client: discord.Client, method: str, path: str, more: Mapping[str, Any]) -> Any:
    body = {name: more[name] for name in ("json", "params", "form") if name in more}
    parts = {name: part for name, part in more.items() if name not in body}
    return await client.http.request(Route(method, path, **parts), **body)


async def shut(client: Gate) -> None:
    """Close a client, but do not wait long for a line that is dead."""
    for closing in (client.close, client.http.close):  # the second is the end of the first
        try:
            await asyncio.wait_for(closing(), LAST_WORDS)
        except Exception as error:
            log.info("discord.not_closed", extra={"error": named(error)})


def _as(told: DeliveryError, kind: Fault) -> DeliveryError:
    return DeliveryError(str(told), fault=kind, retry_after=told.retry_after)


def _failed(login: asyncio.Task[Any]) -> bool:
    return login.done() and (login.cancelled() or login.exception() is not None)


def _seconds(text: str) -> float:
    try:
        return max(1.0, float(text))
    except ValueError:
        return 1.0
