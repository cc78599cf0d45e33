"""What an operator should know before anything goes wrong: token, sessions, commands, and the rights in each channel.

Asks over REST only, so that it works beside a running Paperboy and without one. Changes nothing.
"""

import base64
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from adapters.discord import commands, rights
from adapters.discord.history import granted_in
from adapters.discord.identify import Allowance, allowance
from adapters.discord.rooms import Rooms
from adapters.discord.wire import Wire
from bot.commands import TABLE
from bot.errors import DeliveryError, StoreError
from bot.model import Address, Finding
from bot.phrases import plural
from bot.ports import Notes

_SUBJECT = "discord"
_PERMISSIONS = "in Discord, open the channel's settings, Permissions, Paperboy's role, and allow"

Json = Mapping[str, Any]


def invite(application: str) -> str:
    """Where somebody adds Paperboy to a server, with the rights it needs and no other."""
    query = {
        "client_id": application,
        "scope": "bot applications.commands",
        "permissions": str(rights.MINIMAL.value),
    }
    return f"https://discord.com/oauth2/authorize?{urlencode(query)}"


def application_of(token: str) -> str:
    """The id of the application that a token belongs to: its first part, in base 64; empty where it is none."""
    first = token.strip().split(".")[0]
    try:
        told = base64.urlsafe_b64decode(first + "=" * (-len(first) % 4)).decode("ascii")
    except ValueError:
        return ""
    return told if told.isdecimal() else ""


async def examine(wire: Wire, notes: Notes, rooms: Rooms, addresses: Sequence[Address], token: str) -> list[Finding]:
    """Findings about the installation, then about each of these channels. Never raises."""
    try:
        found = await _installation(wire, notes)
    except (DeliveryError, StoreError) as error:
        return _unknown(error, application_of(token))
    if any(finding.level == "bad" for finding in found):
        return found
    for address in dict.fromkeys(a for a in addresses if a.kind == "channel"):
        found += await _checked(_name(address), lambda a=address: _room(wire, rooms, a))  # type: ignore[misc]  # mypy reads a default as an argument
    return found


def _unknown(error: DeliveryError | StoreError, application: str) -> list[Finding]:
    """Nothing could be looked at; what can be said without Discord is."""
    if not isinstance(error, DeliveryError) or error.fault == "credential":
        return [Finding("bad", _SUBJECT, str(error))]
    said = f"{str(error).rstrip('.')}: check the network; the token was not tested"
    add = [Finding("hint", _SUBJECT, f"add it to a server with {invite(application)}")] if application else []
    return [Finding("bad", _SUBJECT, said), *add]


async def _checked(subject: str, look: Callable[[], Awaitable[list[Finding]]]) -> list[Finding]:
    try:
        return await look()
    except (DeliveryError, StoreError) as error:
        passing = isinstance(error, DeliveryError) and error.fault in {"busy", "temporary", "ambiguous"}
        return [Finding("hint" if passing else "bad", subject, str(error))]


async def _installation(wire: Wire, notes: Notes) -> list[Finding]:
    async with wire.attempt():
        gate = await wire.client()
        application = await wire.ask("GET", "/applications/@me")
        told = await wire.ask("GET", "/gateway/bot")
    id = str(application["id"])
    servers = plural(int(application.get("approximate_guild_count") or 0), "server")
    return [
        Finding("ok", _SUBJECT, f"the token works: the bot is {gate.user}, in about {servers}"),
        Finding("ok", _SUBJECT, f"add it to a server with {invite(id)}"),
        *_endpoint(application),
        _sessions(allowance(told)),
        await _commands(notes, id),
    ]


def _endpoint(application: Json) -> list[Finding]:
    if not application.get("interactions_endpoint_url"):
        return []
    text = "commands go elsewhere: clear the Interactions Endpoint URL on the app's page, under General Information"
    return [Finding("bad", _SUBJECT, text)]


def _sessions(allowed: Allowance) -> Finding:
    said = f"{allowed.remaining} of {allowed.total} sessions are left today, a start takes {allowed.shards}"
    if allowed.usable >= allowed.shards:
        return Finding("ok", _SUBJECT, said)
    hours = max(1, round(allowed.reset_after / 3600))
    text = f"{said}: no commands are taken for about {plural(hours, 'hour')}; find out what restarts Paperboy so often"
    return Finding("bad", _SUBJECT, text)


async def _commands(notes: Notes, application: str) -> Finding:
    if await commands.is_pushed(notes, application, TABLE):
        return Finding("ok", _SUBJECT, "its commands are those of this version")
    return Finding("hint", _SUBJECT, "its commands are of another version; the next start brings them up to date")


async def _room(wire: Wire, rooms: Rooms, address: Address) -> list[Finding]:
    async with wire.attempt():
        room = await rooms.of(address)
        granted = await granted_in(wire, room)
    subject = _name(address)
    if missing := rights.missing(room.kind, granted):
        return [Finding("bad", subject, f"cannot post: {_PERMISSIONS} {', '.join(missing)}")]
    if wanting := rights.wanting(room.kind, granted):
        why = "; ".join(dict.fromkeys(rights.WHY[name] for name in wanting))
        return [Finding("hint", subject, f"{_PERMISSIONS} {', '.join(wanting)} ({why})")]
    return [Finding("ok", subject, "Paperboy has every right it needs")]


def _name(address: Address) -> str:
    return f"discord #{address.name or address.room}"
