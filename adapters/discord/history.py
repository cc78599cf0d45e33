"""Whether a message arrived: asked of the channel itself, by the nonce that stands in the message. Sends nothing.

How a channel is read is here for ``past.py`` too, which asks what else stands in it.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import discord

from adapters.discord import buttons, rights
from adapters.discord.faults import NO_ACCESS, NO_RIGHT
from adapters.discord.rooms import Room
from adapters.discord.wire import Wire
from bot.errors import DeliveryError

_EPOCH = 1_420_070_400_000
"""Snowflakes count milliseconds from here (https://docs.discord.com/developers/reference#snowflakes)."""
_SKEW = 5 * 60_000
"""How far our clock may be ahead of Discord's."""
PAGE = 100
_MOST_PAGES = 10
_TOO_MUCH = "Too much was written there since to tell whether the post arrived."
_HIDDEN = "Paperboy may not read this channel: without Read Message History there is no telling what arrived."

Json = dict[str, Any]


async def find_message(wire: Wire, room: Room, channel: str, nonce: str, since: int) -> str | None:
    """The id of our message with this nonce. Raises ``DeliveryError`` (ambiguous) where we may not look."""
    seen = False
    async for message in _messages(wire, channel, since):
        seen = True
        if buttons.nonce_of(message) == nonce and is_own(wire, message.get("author")):
            return str(message["id"])
    if not seen:
        await must_be_readable(wire, room)
    return None


async def find_post(wire: Wire, room: Room, nonce: str, since: int) -> str | None:
    """The same for a post of a forum: its thread has the id of its first message."""
    oldest = snowflake(since)
    async for thread in _threads(wire, room, since):
        if int(thread["id"]) < oldest or str(thread.get("owner_id")) != wire.own_id:
            continue
        first = await first_message(wire, str(thread["id"]))
        if first and buttons.nonce_of(first) == nonce:
            return str(thread["id"])
    return None


async def must_be_readable(wire: Wire, room: Room) -> None:
    """Raises ``DeliveryError`` (ambiguous) where it is not: Discord then answers with an empty list and no error."""
    if room.guild and "Read Message History" in await lacking(wire, room):
        raise DeliveryError(_HIDDEN, fault="ambiguous")


async def lacking(wire: Wire, room: Room) -> list[str]:
    """The names of all rights, needed or useful, that the bot has not got in a channel of a guild."""
    granted = await granted_in(wire, room)
    return [*rights.missing(room.kind, granted), *rights.wanting(room.kind, granted)]


async def granted_in(wire: Wire, room: Room) -> discord.Permissions:
    """The bot's rights in a channel of a guild, as REST knows them."""
    guild = await wire.ask("GET", "/guilds/{guild_id}", guild_id=room.guild)
    member = await wire.ask("GET", "/guilds/{guild_id}/members/{user_id}", guild_id=room.guild, user_id=wire.own_id)
    channel = await wire.ask("GET", "/channels/{channel_id}", channel_id=room.id)
    if room.kind == "thread":
        channel = await wire.ask("GET", "/channels/{channel_id}", channel_id=str(channel["parent_id"]))
    return rights.of_bot(guild, member, guild["roles"], channel.get("permission_overwrites") or ())


async def _messages(wire: Wire, channel: str, since: int) -> AsyncIterator[Json]:
    """From the newest back to ``since``: what was frozen long ago may have been sent just now.

    Raises ``DeliveryError`` (ambiguous) when there are too many to read, or none may be.
    """
    before, oldest = "", snowflake(since)
    for _ in range(_MOST_PAGES):
        found = await page(wire, channel, before)
        for message in sorted(found, key=lambda m: -int(m["id"])):
            if int(message["id"]) < oldest:
                return
            yield message
            before = str(message["id"])
        if len(found) < PAGE:
            return
    raise DeliveryError(_TOO_MUCH, fault="ambiguous")


async def page(wire: Wire, channel: str, before: str) -> list[Json]:
    """At most ``PAGE`` messages before one. Raises ``DeliveryError`` (ambiguous) where none may be read."""
    query = {"limit": PAGE, **({"before": before} if before else {})}
    with _looking():
        return await wire.listed("GET", "/channels/{channel_id}/messages", channel_id=channel, params=query)


@contextmanager
def _looking() -> Iterator[None]:
    try:
        yield
    except discord.HTTPException as error:
        if error.code in {NO_ACCESS, NO_RIGHT}:
            raise DeliveryError(_HIDDEN, fault="ambiguous") from error
        raise


async def _threads(wire: Wire, room: Room, since: int) -> AsyncIterator[Json]:
    """Posts of a forum, those that are open first: one that nobody answers is archived after a while.

    Archived ones come by the time of that, the newest first. Raises ``DeliveryError`` (ambiguous) as above.
    """
    for thread in await open_threads(wire, room):
        yield thread
    before = ""
    for _ in range(_MOST_PAGES):
        said = await archived(wire, room, before)
        for thread in said["threads"]:
            yield thread
            before = str(thread["thread_metadata"]["archive_timestamp"])
        if not said.get("has_more") or not before or is_before(before, since):
            return
    raise DeliveryError(_TOO_MUCH, fault="ambiguous")


async def open_threads(wire: Wire, room: Room) -> list[Json]:
    """Those of one forum. Raises ``DeliveryError`` (ambiguous) where it may not be looked at."""
    with _looking():
        active = await wire.ask("GET", "/guilds/{guild_id}/threads/active", guild_id=room.guild)
    return [thread for thread in active["threads"] if str(thread.get("parent_id")) == room.id]


async def archived(wire: Wire, room: Room, before: str, limit: int = PAGE) -> Json:
    """A page of a forum's archived threads, those archived ``before`` a time. Raises as above."""
    query = {"limit": limit, **({"before": before} if before else {})}
    path = "/channels/{channel_id}/threads/archived/public"
    with _looking():
        return await wire.ask("GET", path, channel_id=room.id, params=query)


async def first_message(wire: Wire, thread: str) -> Json | None:
    """What a forum's post begins with, None when that is gone. Raises as above."""
    path = "/channels/{channel_id}/messages/{message_id}"
    try:
        with _looking():
            message = await wire.ask("GET", path, channel_id=thread, message_id=thread)
    except discord.NotFound:
        return None
    return message


def is_own(wire: Wire, author: Json | None) -> bool:
    """Whether we wrote it, be it as a post or as an answer."""
    return author is not None and str(author.get("id")) == wire.own_id


def snowflake(at: int) -> int:
    """The smallest id that something made at ``at`` (ms) can have, with room for clocks that differ."""
    return max(0, at - _SKEW - _EPOCH) << 22


def posted_at(message: Json) -> int:
    """When a message was made, in ms."""
    return (int(message["id"]) >> 22) + _EPOCH


def is_before(iso: str, since: int) -> bool:
    """Whether a time that Discord told is surely before ``since`` (ms) on our clock."""
    return round(discord.utils.parse_time(iso).timestamp() * 1000) < since - _SKEW
