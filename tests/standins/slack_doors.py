"""The two ways Slack reaches an app: Socket Mode connections, and signed requests to the app's own address.

Both carry ``Parcel``s and say how the app acknowledged them.
"""

import asyncio
import hashlib
import hmac
import itertools
import json
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from aiohttp import ClientError, ClientSession, ClientTimeout, web

from tests.standins.slack_world import JSON, World

MOST_SOCKETS = 10


@dataclass(frozen=True)
class Parcel:
    """``kind`` is slash_commands, interactive or events_api."""

    kind: str
    payload: JSON
    retry: int = 0
    reason: str = ""


@dataclass(frozen=True)
class Ack:
    """``after`` are seconds, None where none came. ``status`` is the one of HTTP; over a socket 200, or 0 for none."""

    after: float | None
    status: int = 0
    body: Any = None


@dataclass(frozen=True)
class Forgery:
    """How a request differs from a true one: signed with another ``secret``, ``age`` seconds old, or as given."""

    secret: str = ""
    age: float = 0.0
    timestamp: str | None = None
    signature: str | None = None


class Sockets:
    """Each parcel goes to one of the open connections, in turn."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._open: dict[web.WebSocketResponse, web.Request] = {}
        self._turn = 0
        self._numbers = itertools.count(1)
        self._sent: set[str] = set()
        self._waiting: dict[str, asyncio.Future[Any]] = {}
        self.opened = 0

    @property
    def count(self) -> int:
        return len(self._open)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        if request.query.get("ticket") not in self._world.tickets:
            return web.Response(status=401)
        self._world.tickets.discard(request.query["ticket"])
        ws = web.WebSocketResponse(timeout=0.5)
        await ws.prepare(request)
        if len(self._open) >= MOST_SOCKETS:
            await ws.send_json({"type": "disconnect", "reason": "too_many_websockets"})
            await ws.close()
            return ws
        self._open[ws] = request
        self.opened += 1
        try:
            await ws.send_json(self._hello())
            async for frame in ws:
                self._acknowledge(frame.data)
        finally:
            self._leave(ws)
        return ws

    def _hello(self) -> JSON:
        debug = {"host": "standin", "build_number": 1, "approximate_connection_time": 18060}
        connection = {"app_id": self._world.app_id}
        return {"type": "hello", "num_connections": self.count, "debug_info": debug, "connection_info": connection}

    def _acknowledge(self, data: Any) -> None:
        frame = json.loads(data)
        name = frame.get("envelope_id", "")
        waiting = self._waiting.pop(name, None)
        if waiting is None and name not in self._sent:
            self._world.violations.append(f"socket: acknowledged what was not sent: {frame}")
        elif waiting is not None and not waiting.done():
            waiting.set_result(frame.get("payload"))

    async def deliver(self, parcel: Parcel) -> Ack:
        """Send it over one connection, for which it waits a moment if there is none."""
        started = time.monotonic()
        while not self._open:
            if time.monotonic() - started > self._world.ack_deadline:
                return Ack(None)
            await asyncio.sleep(0.005)
        self._turn += 1
        ws, envelope = list(self._open)[self._turn % len(self._open)], f"envelope-{next(self._numbers)}"
        waiting = self._waiting[envelope] = asyncio.get_running_loop().create_future()
        self._sent.add(envelope)
        frame: JSON = {"envelope_id": envelope, "type": parcel.kind, "payload": parcel.payload}
        frame["accepts_response_payload"] = parcel.kind != "events_api"
        if parcel.kind == "events_api":
            frame |= {"retry_attempt": parcel.retry, "retry_reason": parcel.reason}
        started = time.monotonic()
        try:
            await ws.send_json(frame)
            async with asyncio.timeout(self._world.ack_patience):
                body = await waiting
        except (TimeoutError, ConnectionError):
            return Ack(None)
        finally:
            self._waiting.pop(envelope, None)
        return Ack(time.monotonic() - started, 200, body)

    async def refresh(self, reason: str = "refresh_requested") -> None:
        """Ask every connection to come anew, and close it."""
        for ws in self._open.copy():
            await ws.send_json({"type": "disconnect", "reason": reason, "debug_info": {"host": "standin"}})
            self._leave(ws)

    def cut(self) -> None:
        """Every connection breaks without a word."""
        for ws, request in self._open.copy().items():
            self._leave(ws)
            if request.transport is not None:
                request.transport.abort()

    def _leave(self, ws: web.WebSocketResponse) -> None:
        self._open.pop(ws, None)

    async def close(self) -> None:
        for ws in self._open.copy():
            await ws.close()


class Requests:
    """Signed requests to ``address``, where the app listens."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.address = ""
        self._session: ClientSession | None = None

    async def deliver(self, parcel: Parcel, forgery: Forgery | None = None) -> Ack:
        body, kind = _body(parcel)
        headers = self._signed(body, forgery or Forgery()) | {"Content-Type": kind}
        if parcel.retry:
            headers |= {"X-Slack-Retry-Num": str(parcel.retry), "X-Slack-Retry-Reason": parcel.reason}
        if self._session is None:
            self._session = ClientSession(timeout=ClientTimeout(self._world.ack_patience))
        started = time.monotonic()
        try:
            async with self._session.post(self.address, data=body.encode(), headers=headers) as response:
                said = await response.text()
        except (ClientError, TimeoutError):
            return Ack(None)
        after = time.monotonic() - started
        return Ack(after if response.status == 200 else None, response.status, _parsed(said))

    def _signed(self, body: str, forgery: Forgery) -> dict[str, str]:
        timestamp = forgery.timestamp if forgery.timestamp is not None else str(int(time.time() - forgery.age))
        secret = forgery.secret or self._world.signing_secret
        digest = hmac.new(secret.encode(), f"v0:{timestamp}:{body}".encode(), hashlib.sha256).hexdigest()
        signature = forgery.signature if forgery.signature is not None else f"v0={digest}"
        signed = {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": signature}
        return {"User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)"} | {k: v for k, v in signed.items() if v}

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


def _body(parcel: Parcel) -> tuple[str, str]:
    if parcel.kind == "events_api":
        return json.dumps(parcel.payload), "application/json"
    form = parcel.payload if parcel.kind == "slash_commands" else {"payload": json.dumps(parcel.payload)}
    return urlencode(form), "application/x-www-form-urlencoded"


def _parsed(text: str) -> Any:
    try:
        return json.loads(text) if text else None
    except ValueError:
        return {"text": text}
