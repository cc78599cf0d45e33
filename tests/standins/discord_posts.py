"""Making and changing messages: who may, what is refused, what a repeated nonce does. Bodies in, messages out."""

import re
from collections.abc import Mapping
from typing import Any

from tests.standins import discord_rules as rules
from tests.standins import discord_shapes as shapes
from tests.standins.discord_errors import RefusalError, closed_dm, empty, invalid_form, no_access, no_permission
from tests.standins.discord_limits import VIA
from tests.standins.discord_world import Channel, Kind, Message, Right, User, World, made_at

Json = dict[str, Any]
CHANGEABLE = ("content", "embeds", "components", "attachments")


def post(world: World, channel: Channel, body: Json, files: Mapping[str, bytes]) -> Message:
    """A message by the bot, or the old one where the nonce says so."""
    may_post(world, channel, body, files)
    known = _same_nonce(world, channel, body)
    world.nonces.swallowed += known is not None
    return known or make(world, channel, world.bot, body, files)


def may_post(world: World, channel: Channel, body: Json, files: Mapping[str, bytes]) -> None:
    if channel.recipient is not None and not channel.recipient.open:
        raise closed_dm()
    if channel.kind is Kind.FORUM:
        raise RefusalError(400, 50008, "Cannot send messages in a non-text channel")
    if channel.is_thread and channel.archived and channel.locked:
        raise RefusalError(400, 50083, "Thread is archived")
    rights = world.rights(channel)
    if not rights & Right.VIEW_CHANNEL:
        raise no_access()
    needed = Right.SEND_MESSAGES_IN_THREADS if channel.is_thread else Right.SEND_MESSAGES
    needed |= Right.EMBED_LINKS if body.get("embeds") else Right(0)
    needed |= Right.ATTACH_FILES if files else Right(0)
    if needed & ~rights:
        raise no_permission()


def _same_nonce(world: World, channel: Channel, body: Json) -> Message | None:
    """``enforce_nonce``: the same author's message with this nonce of the past few minutes (resources/message)."""
    nonce = body.get("nonce")
    if nonce is None or not body.get("enforce_nonce"):
        return None
    since = world.clock.now() - world.settings.nonce_window * 1000
    return world.nonces.get((channel.id, str(nonce)), since)


def make(
    world: World, channel: Channel, author: User, body: Json, files: Mapping[str, bytes] | None = None, **more: Any
) -> Message:
    """A checked message, kept in its channel unless only one person sees it. ``more`` are fields of ``Message``."""
    flags = more.pop("flags", 0) | (body.get("flags") or 0)
    _check(body, flags)
    message = Message(
        more.pop("id", None) or world.snowflake(),
        channel,
        author,
        world.clock.now(),
        body,
        content=body.get("content") or "",
        embeds=body.get("embeds") or [],
        components=_numbered(body.get("components") or []),
        attachments=_attachments(world, body, files or {}),
        flags=flags,
        nonce=body.get("nonce"),
        files=dict(files or {}),
        **more,
    )
    _refuse_emptiness(message)
    message.reference = message.reference or _reference(world, channel, body)
    message.kind = 19 if message.reference and not message.kind else message.kind
    _ping(world, message)
    return _published(world, message)


def _published(world: World, message: Message) -> Message:
    if message.ephemeral:
        return message
    channel = message.channel
    if channel.is_thread and channel.archived:
        channel.archived = False
        world.emit("THREAD_UPDATE", shapes.channel(channel, world.app), channel.guild)
    world.keep(message)
    if message.nonce is not None:
        world.nonces.add((channel.id, str(message.nonce)), message)
    world.emit("MESSAGE_CREATE", {"message": message}, channel.guild)
    return message


def _check(body: Json, flags: int) -> None:
    found = rules.problems(body, flags)
    if found:
        raise invalid_form(found)


def _refuse_emptiness(message: Message) -> None:
    if rules.is_empty(message.content, message.embeds, message.components, message.attachments):
        raise empty()


def _numbered(components: list[Json]) -> list[Json]:
    """Discord gives every component without an ``id`` one."""
    count = 0

    def number(component: Json) -> Json:
        nonlocal count
        count += 1
        numbered = {"id": count, **component}
        if "components" in component:
            numbered["components"] = [number(inner) for inner in component["components"]]
        if isinstance(component.get("accessory"), dict):
            numbered["accessory"] = number(component["accessory"])
        return numbered

    return [number(component) for component in components]


def _attachments(world: World, body: Json, files: Mapping[str, bytes], old: list[Json] | None = None) -> list[Json]:
    """``files`` by their number in the request; what is listed without a file was there before."""
    described = {str(item.get("id")): item for item in body.get("attachments") or []}
    kept = [item for item in old or [] if item["id"] in described]
    return kept + [_attachment(world, described.get(key, {}), key, data) for key, data in files.items()]


def _attachment(world: World, described: Json, key: str, data: bytes) -> Json:
    identity = world.snowflake()
    name = described.get("filename") or f"file{key}"
    url = f"https://cdn.discordapp.com/attachments/{identity}/{name}"
    return {"id": str(identity), "filename": name, "size": len(data), "url": url, "proxy_url": url,
            "description": described.get("description"), "content_type": "application/octet-stream"}  # fmt: skip


def _reference(world: World, channel: Channel, body: Json) -> Message | None:
    wanted = body.get("message_reference") or {}
    if "message_id" not in wanted:
        return None
    found = world.message(channel, int(wanted["message_id"]))
    if found is None and wanted.get("fail_if_not_exists", True):
        raise invalid_form([(["message_reference"], "REPLIES_UNKNOWN_MESSAGE", "Unknown message")])
    if found is not None and not world.rights(channel) & Right.READ_MESSAGE_HISTORY:
        raise RefusalError(403, 160002, "You cannot reply without permission to read message history")
    return found


def _ping(world: World, message: Message) -> None:
    """Whom it notifies: what its text mentions and ``allowed_mentions`` lets through (resources/message).

    A role only where anyone may mention it, or the bot may mention everyone (Server Settings, Roles).
    """
    text = "\n".join([message.content, *(c.get("content") or "" for _, c in rules.walk(message.components))])
    allowed = message.sent.get("allowed_mentions")
    classes = {"users", "roles", "everyone"} if allowed is None else set(allowed.get("parse") or [])
    guild = message.channel.guild
    everyone = bool(world.rights(message.channel) & Right.MENTION_EVERYONE)
    callable = {role.id for role in (guild.roles if guild else ()) if role.mentionable or everyone}
    for sign, kind in (("@!?", "users"), ("@&", "roles")):
        mentioned = map(int, re.findall(rf"<{sign}(\d+)>", text))
        named = {int(identity) for identity in (allowed or {}).get(kind) or []}
        called = [identity for identity in mentioned if kind in classes or identity in named]
        message.pings += [identity for identity in called if kind == "users" or identity in callable]
    message.pings_everyone = "everyone" in classes and bool(re.search(r"@(everyone|here)\b", text))


# --- changing ---


def edit(world: World, message: Message, body: Json, files: Mapping[str, bytes], *, by_token: bool = False) -> Message:
    """Change what the body names. Edits through an interaction's token know no hour."""
    if message.author is not world.bot:
        raise RefusalError(403, 50005, "Cannot edit a message authored by another user")
    _refuse_old(world, message, by_token)
    flags = message.flags | (body.get("flags") or 0)
    new = {key: body[key] if key in body else getattr(message, key) for key in CHANGEABLE}
    _check({**body, **{key: new[key] for key in CHANGEABLE if key != "attachments"}}, flags)
    changed = {**new, "components": _numbered(new["components"] or []), "content": new["content"] or "",
               "embeds": new["embeds"] or [], "attachments": _changed_files(world, message, body, files)}  # fmt: skip
    if rules.is_empty(**changed):
        raise empty()
    message.versions.append({key: getattr(message, key) for key in CHANGEABLE})
    for key, value in changed.items():
        setattr(message, key, value)
    message.flags, message.edited = flags, world.clock.now()
    if not message.ephemeral:
        world.emit("MESSAGE_UPDATE", {"message": message}, message.channel.guild)
    return message


def _changed_files(world: World, message: Message, body: Json, files: Mapping[str, bytes]) -> list[Json]:
    if "attachments" not in body:
        return message.attachments + _attachments(world, {}, files)
    return _attachments(world, body, files, message.attachments)


def _refuse_old(world: World, message: Message, by_token: bool) -> None:
    """30046 comes as a 429 with its own code."""
    settings = world.settings
    if by_token or world.clock.now() - made_at(message.id) <= settings.edit_hour * 1000:
        return
    refusal = RefusalError(
        429, 30046, "Maximum number of edits to messages older than 1 hour reached. Try again later.",
        retry_after=settings.old_edit_wait, **{"global": False},
    )  # fmt: skip
    refusal.headers = {**VIA, "X-RateLimit-Scope": "user", "Retry-After": "1"}
    raise refusal
