"""What goes wrong between Paperboy and the stand-in: told faults and seeded weather, for requests that match.

A fault "after" happens when the request was carried out already: the answer is lost, the deed is not.
"""

import asyncio
import contextlib
import json
import random
import re
import socket
import struct
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from aiohttp import web

from tests.standins.discord_limits import VIA, too_many

Kind = Literal[
    "500", "502", "503", "500 after", "502 after", "reset", "reset after", "silence", "silence after", "429 route",
    "429 global", "429 shared", "429 cloudflare", "wrong json", "cut json", "empty json", "slow", "late", "html",
    "400", "401", "403", "404",
]  # fmt: skip
"""``silence``: no answer for ``seconds``, then a reset. ``wrong json``: a list where an object is due and the other way
round. ``slow``: the true answer, byte by byte, ``seconds`` in all. ``html``: a page with status 200. ``empty json``: an
object without anything. These happen after the deed. ``429 cloudflare``: a page without ``Via``. 400, 401, 403, 404:
refusals before the deed. ``late``: the deed after ``seconds``, then the true answer."""

Carry = Callable[[], Awaitable[web.Response]]


@dataclass(eq=False)
class Fault:
    """``seconds`` is how long silence or slowness lasts, or what a 429 asks to wait."""

    method: str
    path: re.Pattern[str]
    kind: Kind
    times: int
    seconds: float

    def fits(self, method: str, path: str) -> bool:
        return self.times > 0 and self.method in {"*", method} and bool(self.path.search(path))


class Faults:
    """``happened`` counts by kind."""

    def __init__(self) -> None:
        self.happened: Counter[str] = Counter()
        self._told: list[Fault] = []
        self._weather: list[tuple[Fault, float]] = []
        self._dice = random.Random(0)
        self.over = asyncio.Event()

    def fail(self, method: str, path: str, kind: Kind, times: int, seconds: float) -> None:
        assert kind in get_args(Kind), f"{kind} is none of {get_args(Kind)}"
        self._told.append(Fault(method, re.compile(path), kind, times, seconds))

    def weather(self, seed: int, chances: Mapping[Kind, float], method: str, path: str, seconds: float) -> None:
        """From here on each fitting request fails with these probabilities. No chances: calm again."""
        self._dice = random.Random(seed)
        endless = 1 << 60
        self._weather = [(Fault(method, re.compile(path), k, endless, seconds), p) for k, p in chances.items()]

    def calm(self) -> None:
        """No more faults."""
        self._told, self._weather = [], []

    def pick(self, method: str, path: str) -> Fault | None:
        for fault in self._told:
            if fault.fits(method, path):
                fault.times -= 1
                return fault
        fitting = [(fault, chance) for fault, chance in self._weather if fault.fits(method, path)]
        drawn = self._dice.random() if fitting else 1.0
        for fault, chance in fitting:
            if drawn < chance:
                return fault
            drawn -= chance
        return None

    async def apply(self, fault: Fault, request: web.Request, carry: Carry) -> web.StreamResponse:
        """``carry`` does what the request asks. Refusals pass unharmed: there is no deed whose answer could be lost."""
        self.happened[fault.kind] += 1
        if fault.kind in BEFORE:
            return await self._before(fault, request)
        if fault.kind == "late":
            await self._wait(fault.seconds)
            return await carry()
        response = await carry()
        return response if response.status >= 300 else await self._after(fault, request, response)

    async def _before(self, fault: Fault, request: web.Request) -> web.StreamResponse:
        if fault.kind.startswith("429"):
            return _too_many(fault)
        if fault.kind in {"reset", "silence"}:
            return await self._vanish(fault, request)
        if fault.kind in REFUSALS:
            code, message = REFUSALS[fault.kind]
            return as_json({"code": code, "message": message}, int(fault.kind))
        return _broken(fault.kind)

    async def _after(self, fault: Fault, request: web.Request, response: web.Response) -> web.StreamResponse:
        if fault.kind in {"reset after", "silence after"}:
            return await self._vanish(fault, request)
        if fault.kind == "slow":
            return await self._drip(fault, request, response)
        return _spoilt(fault.kind, response) if fault.kind in SPOILS else _broken(fault.kind)

    async def _vanish(self, fault: Fault, request: web.Request) -> web.Response:
        if fault.kind.startswith("silence"):
            await self._wait(fault.seconds)
        _reset(request)
        return web.Response(status=500)

    async def _drip(self, fault: Fault, request: web.Request, response: web.Response) -> web.StreamResponse:
        body = response.body if isinstance(response.body, bytes) else b""
        slow = web.StreamResponse(status=response.status, headers={"Content-Type": "application/json", **VIA})
        await slow.prepare(request)
        with contextlib.suppress(ConnectionError):
            for at in range(len(body)):
                await slow.write(body[at : at + 1])
                await self._wait(fault.seconds / len(body))
            await slow.write_eof()
        return slow

    async def _wait(self, seconds: float) -> None:
        """At most until the stand-in ends."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.over.wait(), seconds)


REFUSALS = {
    "400": (50035, "Invalid Form Body"),
    "401": (0, "401: Unauthorized"),
    "403": (50013, "Missing Permissions"),
    "404": (10003, "Unknown Channel"),
}
BEFORE = frozenset(
    {"500", "502", "503", "reset", "silence", "429 route", "429 global", "429 shared", "429 cloudflare", *REFUSALS}
)
SPOILS = frozenset({"wrong json", "empty json", "cut json", "html"})


def _reset(request: web.Request) -> None:
    """End the connection with RST, as a broken line does, not with a polite FIN."""
    transport = request.transport
    if transport is None:
        return
    raw = transport.get_extra_info("socket")
    if raw is not None:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


def _broken(kind: str) -> web.Response:
    status = int(kind[:3])
    page = f"<html><body><h1>{status}</h1></body></html>"
    return web.Response(status=status, body=page.encode(), headers={"Content-Type": "text/html", **VIA})


def _too_many(fault: Fault) -> web.Response:
    if fault.kind == "429 cloudflare":
        page = b"<html><title>Access denied | error 1015</title></html>"
        return web.Response(status=429, body=page, headers={"Content-Type": "text/html", "Retry-After": "60"})
    scope = {"429 route": "user", "429 global": "global", "429 shared": "shared"}[fault.kind]
    headers, body = too_many(scope, fault.seconds)
    return as_json(body, 429, headers)


def _spoilt(kind: str, response: web.Response) -> web.Response:
    body = response.body if isinstance(response.body, bytes) else b""
    headers = {"Content-Type": "application/json", **VIA}
    if kind == "html":
        body, headers = b"<html><body>Please wait</body></html>", {"Content-Type": "text/html", **VIA}
    elif kind == "empty json":
        body = b"{}"
    elif kind == "cut json":
        body = body[: len(body) // 2]
    else:
        body = b"{}" if body.startswith(b"[") else b"[]"
    return web.Response(status=response.status, body=body, headers=headers)


def as_json(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """discord.py reads a body as JSON only when the content type is exactly this one, without a charset."""
    return web.Response(
        status=status, body=dumps(value), headers={"Content-Type": "application/json", **VIA, **(headers or {})}
    )


def dumps(value: object) -> bytes:
    return json.dumps(value).encode()
