"""The Web API over HTTP: reads forms, JSON and queries as clients send them, meets faults, answers in Slack's shape."""

import asyncio
import base64
import contextlib
import json
import socket
import struct
from collections.abc import Callable
from typing import Any

from aiohttp import web

from tests.standins import slack_chat, slack_oauth, slack_rooms, slack_views
from tests.standins.slack_calls import METHODS, Call, RefusalError
from tests.standins.slack_faults import is_before
from tests.standins.slack_world import JSON, World

FAMILIES = (slack_chat, slack_oauth, slack_rooms, slack_views)
"""They enter their methods into the table when they are imported."""

DECODED = ("blocks", "attachments", "metadata", "view", "unfurls", "files")


async def answer(world: World, request: web.Request, over: asyncio.Event) -> web.StreamResponse:
    """Handle ``/api/{method}``. ``over`` is set when the stand-in ends."""
    call = await read(world, request)
    return await answered(call, request, over, lambda: _handle(call))


async def answered(
    call: Call, request: web.Request, over: asyncio.Event, handle: Callable[[], JSON]
) -> web.StreamResponse:
    """Note the call, let it take effect or fail as planned, and say so."""
    call.world.calls.append(call)
    call.fault = call.world.faults.strike(call.method, call.text("channel"))
    if is_before(call.fault):
        return await spoil(call, request, over)
    if call.fault == "late":
        await _rest(call.world.faults.drip, over)
    status, headers = 200, _scopes(call)
    try:
        call.answer = {"ok": True} | handle()
    except RefusalError as refusal:
        call.answer, status, headers = refusal.body, refusal.status, headers | refusal.headers
    if call.fault and call.fault != "late":
        return await spoil(call, request, over)
    return web.json_response(call.answer, status=status, headers=headers)


def _handle(call: Call) -> JSON:
    handler = METHODS.get(call.method)
    if handler is None:
        raise RefusalError("unknown_method", req_method=call.method)
    return handler(call)


def _scopes(call: Call) -> dict[str, str]:
    found = next((i for i in call.world.installs if i.token == call.token and not i.dead), None)
    return {"x-slack-req-id": "standin"} | ({"x-oauth-scopes": ",".join(sorted(found.scopes))} if found else {})


async def read(world: World, request: web.Request) -> Call:
    args: JSON = dict(request.query)
    if request.content_type == "application/json":
        args |= json.loads(await request.text() or "{}")
    elif request.method == "POST":
        args |= dict(await request.post())
    for name in DECODED:
        if isinstance(args.get(name), str) and args[name]:
            args[name] = _decoded(args[name])
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme == "Basic":
        login, _, password = base64.b64decode(token).decode().partition(":")
        args, token = {"client_id": login, "client_secret": password} | args, ""
    token = token or str(args.pop("token", ""))
    name = request.match_info["method"]
    return Call(world, name, args, token, request.headers.get("User-Agent", ""), world.elapsed())


def _decoded(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


async def spoil(call: Call, request: web.Request, over: asyncio.Event) -> web.StreamResponse:
    """What arrives instead of an answer."""
    kind = call.fault
    if kind.startswith("500"):
        return web.Response(status=500, text="Internal Server Error")
    if kind.startswith("silence"):
        await over.wait()
        return reset(request)
    if kind.startswith("reset"):
        return reset(request)
    if kind == "ratelimited":
        said = {"ok": False, "error": "ratelimited"}
        return web.json_response(said, status=429, headers={"Retry-After": str(call.world.faults.retry_after)})
    if kind == "html":
        page = "<html><title>Slack</title><h1>Something went wrong</h1></html>"
        return web.Response(status=503, text=page, content_type="text/html")
    if kind == "wrong":
        return web.json_response(["ok"])
    if kind == "cut":
        return web.Response(text=json.dumps(call.answer)[:-5], content_type="application/json")
    if kind == "slow":
        return await _drip(call, request, over)
    return web.json_response({"ok": False, "error": kind})


async def _drip(call: Call, request: web.Request, over: asyncio.Event) -> web.StreamResponse:
    """The true answer, a byte at a time."""
    body, slow = json.dumps(call.answer).encode(), web.StreamResponse(headers={"Content-Type": "application/json"})
    await slow.prepare(request)
    with contextlib.suppress(ConnectionError):
        for at in range(len(body)):
            await slow.write(body[at : at + 1])
            await _rest(call.world.faults.drip / len(body), over)
        await slow.write_eof()
    return slow


async def _rest(seconds: float, over: asyncio.Event) -> None:
    """At most until the stand-in ends."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(over.wait(), seconds)


def reset(request: web.Request) -> web.Response:
    """End the connection with a reset, as a machine between does that lost its mind."""
    transport = request.transport
    if transport is not None:
        connection: socket.socket = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    return web.Response()
