"""The stand-in's HTTP side: route table, and what stands before every route: faults, authorization, limits, schema."""

import json
import re
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from aiohttp import web

from tests.standins import discord_answers as answers
from tests.standins import discord_commands as commands
from tests.standins import discord_rest as rest
from tests.standins import discord_schema as schema
from tests.standins.discord_errors import RefusalError, unauthorized
from tests.standins.discord_faults import Faults, as_json
from tests.standins.discord_gateway import Gateway
from tests.standins.discord_limits import VIA, Limits
from tests.standins.discord_rest import Call
from tests.standins.discord_world import World

PREFIX = "/api/v10"
Do = Callable[[World, Call], Any]
_C, _M, _W = "/channels/{channel_id}", "/channels/{channel_id}/messages/{message_id}", "/webhooks/{app}/{token}"

ROUTES: dict[tuple[str, str], Do] = {
    ("GET", "/users/@me"): rest.me,
    ("GET", "/users/{user_id}"): rest.user,
    ("GET", "/oauth2/applications/@me"): rest.application,
    ("GET", "/applications/@me"): rest.application,
    ("GET", "/guilds/{guild_id}"): rest.guild,
    ("GET", "/guilds/{guild_id}/channels"): rest.guild_channels,
    ("GET", "/guilds/{guild_id}/roles"): rest.guild_roles,
    ("GET", "/guilds/{guild_id}/members/{user_id}"): rest.guild_member,
    ("GET", "/guilds/{guild_id}/threads/active"): rest.active_threads,
    ("GET", _C): rest.channel,
    ("PATCH", _C): rest.change_channel,
    ("GET", f"{_C}/messages"): rest.history,
    ("POST", f"{_C}/messages"): rest.post_message,
    ("GET", _M): rest.message,
    ("PATCH", _M): rest.edit_message,
    ("DELETE", _M): rest.delete_message,
    ("POST", f"{_M}/threads"): rest.thread_from_message,
    ("POST", f"{_C}/threads"): rest.start_thread,
    ("GET", f"{_C}/threads/archived/public"): rest.archived_threads,
    ("POST", "/users/@me/channels"): rest.open_dm,
    ("GET", "/applications/{app}/commands"): commands.listed,
    ("PUT", "/applications/{app}/commands"): commands.overwrite,
    ("POST", "/interactions/{id}/{token}/callback"): answers.respond,
    ("POST", _W): answers.follow_up,
    ("GET", f"{_W}/messages/{{which}}"): answers.said,
    ("PATCH", f"{_W}/messages/{{which}}"): answers.change_said,
    ("DELETE", f"{_W}/messages/{{which}}"): answers.delete_said,
}
CREATED = {("POST", f"{_M}/threads"), ("POST", f"{_C}/threads")}
_POSTED = ("POST", f"{_C}/messages")
_OWN = re.compile(r'"custom_id": "\w+~([a-z0-9]+)[:#]|-# ref ([a-z0-9]+)')
"""The nonce that Paperboy writes into a message, in its first button or below its text."""
_PATTERNS = [
    (method, template, re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template)), do)
    for (method, template), do in ROUTES.items()
]


@dataclass(frozen=True)
class Seen:
    """One request as it came and what was answered. ``at`` is in real seconds, monotonic."""

    method: str
    path: str
    template: str
    at: float
    body: Any
    status: int
    fault: str = ""


class Site:
    """Answers every request. ``violations``: bodies against the official document, and mistakes of the stand-in."""

    def __init__(self, world: World, gateway: Gateway, limits: Limits, faults: Faults) -> None:
        self.world, self.gateway, self.limits, self.faults = world, gateway, limits, faults
        self.log: list[Seen] = []
        self.violations: list[str] = []
        self._nonces: dict[tuple[str, str], Any] = {}

    async def answer(self, request: web.Request) -> web.StreamResponse:
        method, path = request.method, request.path.removeprefix(PREFIX)
        if not request.path.startswith(PREFIX):
            return as_json({"message": "404: Not Found", "code": 0}, 404)
        body, files = await _parsed(request)
        template, ids, do = self._route(method, path)
        if (method, template) == _POSTED:
            self._compare(path, body)
        call = Call(ids, dict(request.query), body, files)
        carry = partial(self._carry, request, template, call, do)
        fault = self.faults.pick(method, path)
        response = await (self.faults.apply(fault, request, carry) if fault else carry())
        kind = fault.kind if fault else ""
        self.limits.count(response.status, response.headers.get("X-RateLimit-Scope", ""))
        self.log.append(Seen(method, path, template, time.monotonic(), body, response.status, kind))
        return response

    def _route(self, method: str, path: str) -> tuple[str, dict[str, str], Do | None]:
        if (method, path) == ("GET", "/gateway/bot"):
            return path, {}, self._gateway_bot
        for allowed, template, pattern, do in _PATTERNS:
            found = pattern.fullmatch(path) if allowed == method else None
            if found:
                return template, found.groupdict(), do
        return path, {}, None

    def _gateway_bot(self, world: World, call: Call) -> dict[str, Any]:
        return {"url": self.gateway.url, "shards": world.settings.shards, "session_start_limit": self.gateway.limit()}

    async def _carry(self, request: web.Request, template: str, call: Call, do: Do | None) -> web.Response:
        headers: dict[str, str] = {}
        try:
            self._authorize(request, template)
            major = next((call.ids[key] for key in ("channel_id", "guild_id", "token") if key in call.ids), "")
            exempt = template.startswith(("/webhooks/", "/interactions/"))
            headers, slow_down = self.limits.take(request.method, template, major, exempt=exempt)
            if slow_down is not None:
                return as_json(slow_down, 429, headers)
            if do is None:
                raise RefusalError(404, 0, "404: Not Found")
            self._check(request.method, template, call.body)
            value = do(self.world, call)
        except RefusalError as refusal:
            self._note(call, refusal)
            return as_json(refusal.body, refusal.status, headers | refusal.headers)
        except Exception:  # a mistake of the stand-in's own must not pass for one of Discord's passing troubles
            self.violations.append(f"the stand-in broke at {request.method} {template}: {traceback.format_exc()}")
            return as_json({"message": "500: Internal Server Error", "code": 0}, 500)
        if value is None:
            return web.Response(status=204, headers={**VIA, **headers})
        return as_json(value, 201 if (request.method, template) in CREATED else 200, headers)

    def _authorize(self, request: web.Request, template: str) -> None:
        """Interactions answer by their token; everything else needs the bot's, and a name Cloudflare lets through."""
        if template.startswith(("/webhooks/", "/interactions/")):
            return
        if request.headers.get("Authorization") != f"Bot {self.world.settings.token}":
            raise unauthorized()
        if not re.match(r"DiscordBot \(\S+, ?\S+\)|DiscordBot \(\S+ \S+\)", request.headers.get("User-Agent", "")):
            raise RefusalError(403, 40333, "internal network error")

    def _check(self, method: str, template: str, body: Any) -> None:
        if body is _NOT_JSON:
            raise RefusalError(400, 50109, "The request body contains invalid JSON.")
        wrong = schema.check(method, template, body)
        if wrong is not None:
            self.violations.append(f"{method} {template}: {json.dumps(wrong.body['errors'])[:1000]}")
            raise wrong

    def _compare(self, path: str, body: Any) -> None:
        """One message, by the nonce written into it, has one nonce for Discord, or it would be shown twice."""
        own = _OWN.search(json.dumps(body)) if isinstance(body, dict) else None
        if own and (known := self._nonces.setdefault((path, own[0]), body.get("nonce"))) != body.get("nonce"):
            self.violations.append(f"POST {path}: {own[0]} with the nonce {body.get('nonce')} after {known}")

    def _note(self, call: Call, refusal: RefusalError) -> None:
        answer = self.world.answers.get(call.ids.get("token", ""))
        if answer is not None:
            answer.refused.append(str(refusal))


_NOT_JSON = object()


async def _parsed(request: web.Request) -> tuple[Any, dict[str, bytes]]:
    """The JSON body and the files by number, whether it came as JSON or as multipart with ``payload_json``."""
    files: dict[str, bytes] = {}
    if request.content_type == "multipart/form-data":
        form = await request.post()
        raw: bytes = str(form.get("payload_json", "{}")).encode()
        for key, value in form.items():
            if isinstance(value, web.FileField):
                files[key.removeprefix("files[").removesuffix("]")] = value.file.read()
    else:
        raw = await request.read()
    try:
        return (json.loads(raw) if raw else {}), files
    except ValueError:
        return _NOT_JSON, files
