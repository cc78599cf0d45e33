"""What is known of a channel before something is posted there: its kind, its tags, who a direct message is for.

No message is written here; that is ``posts.py``.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import discord

from adapters.discord.identify import OWNER
from adapters.discord.wire import Wire
from adapters.pace import Bucket
from bot.errors import DeliveryError
from bot.model import Address
from bot.ports import Notes

RoomKind = Literal["text", "thread", "forum", "direct", "other"]

# https://docs.discord.com/developers/resources/channel#channel-object-channel-types
_KINDS: Mapping[int, RoomKind] = {0: "text", 5: "text", 10: "thread", 11: "thread", 12: "thread", 15: "forum",
                                  16: "forum"}  # fmt: skip
_WANTS_TAG = 1 << 4
MOST_TAGS = 5
_FRESH = 600.0
"""Seconds for which a channel is not asked about again; where the gateway listens, it is never asked about."""
_MOST = 5_000

# Discord blocks bots that open many direct messages at once and names no figure
# (https://docs.discord.com/developers/resources/user#create-dm); these are far below what was ever reported.
NEW_DIRECT_SECONDS = 3.0
NEW_DIRECT_PER_DAY = 500
_DAY = 86_400_000


@dataclass(frozen=True, slots=True)
class Room:
    """A channel. ``tags`` are the (id, name) of those a forum lets us use, ``wants_tag`` when each post needs one."""

    id: str
    kind: RoomKind
    guild: str = ""
    tags: tuple[tuple[str, str], ...] = ()
    wants_tag: bool = False

    @property
    def rights(self) -> str:
        """What it takes to post here, by the names in Discord's settings."""
        posting = {
            "thread": "View Channel, Send Messages in Threads and Embed Links",
            "forum": "View Channel, Create Posts and Embed Links",
        }
        return posting.get(self.kind, "View Channel, Send Messages and Embed Links")

    def chosen(self, wanted: Sequence[str]) -> list[str]:
        """The ids of the tags to file a post under: those of the same name, else one that must be there."""
        names = {name.casefold() for name in wanted}
        fitting = [tag for tag, name in self.tags if name.casefold() in names]
        return fitting[:MOST_TAGS] or [tag for tag, _ in self.tags[:1] if self.wants_tag]


class Rooms:
    """Channels by address. Raises ``DeliveryError`` and what ``Wire.ask`` raises."""

    def __init__(self, wire: Wire, notes: Notes, clock: Callable[[], int]) -> None:
        self._wire = wire
        self._notes = notes
        self._clock = clock
        self._known: OrderedDict[str, tuple[Room, float]] = OrderedDict()
        self._new_directs = Bucket(1 / NEW_DIRECT_SECONDS)
        self._opening = asyncio.Lock()

    async def of(self, where: Address) -> Room:
        """The channel at an address, or the direct message with a person, opened where there is none yet."""
        if where.kind == "person":
            return Room(await self.direct(where.room) or await self._open(where.room), "direct")
        room = self._cached(where) or await self._asked(where.room)
        if room.guild != where.space:
            raise DeliveryError("This channel belongs to another server.", fault="target")
        return room

    async def direct(self, person: str) -> str | None:
        """The direct message channel with somebody, if one was ever opened."""
        return await self._notes.read(OWNER, f"dm:{person}")

    async def forget(self, person: str) -> None:
        await self._notes.erase(OWNER, f"dm:{person}")

    async def _open(self, person: str) -> str:
        """A new direct message channel, slowly and one after the other."""
        async with self._opening:
            if known := await self.direct(person):
                return known
            day = datetime.fromtimestamp(self._clock() / 1000, UTC).date()
            opened = int(await self._notes.read(OWNER, f"dms:{day}") or 0)
            if opened >= NEW_DIRECT_PER_DAY:
                said = "Paperboy has begun as many conversations today as is wise; more tomorrow."
                raise DeliveryError(said, fault="busy", retry_after=3600)
            await self._new_directs.take()
            answer = await self._wire.ask("POST", "/users/@me/channels", json={"recipient_id": person})
            await self._notes.write(OWNER, f"dms:{day}", str(opened + 1), until=self._clock() + 2 * _DAY)
            await self._notes.write(OWNER, f"dm:{person}", str(answer["id"]))
            return str(answer["id"])

    def _cached(self, where: Address) -> Room | None:
        """From the gateway's own memory, which hears of every change, else from ours."""
        gate = self._wire.gate
        guild = gate.get_guild(int(where.space)) if gate and where.space.isdecimal() else None
        channel = guild.get_channel_or_thread(int(where.room)) if guild and where.room.isdecimal() else None
        if channel is not None:
            return _heard(channel)
        room, until = self._known.get(where.room, (None, 0.0))
        return room if until > time.monotonic() else None

    async def _asked(self, id: str) -> Room:
        room = told(await self._wire.ask("GET", "/channels/{channel_id}", channel_id=id))
        self._known[id] = (room, time.monotonic() + _FRESH)
        self._known.move_to_end(id)
        while len(self._known) > _MOST:
            self._known.popitem(last=False)
        return room


def kind_of(type: int) -> RoomKind:
    """What a channel of this type is to us."""
    return _KINDS.get(type, "other")


def told(channel: Mapping[str, Any]) -> Room:
    """A channel as REST tells of it."""
    tags = tuple((str(t["id"]), str(t["name"])) for t in channel.get("available_tags") or () if not t.get("moderated"))
    return Room(
        id=str(channel["id"]),
        kind=kind_of(channel["type"]),
        guild=str(channel.get("guild_id", "")),
        tags=tags,
        wants_tag=bool(int(channel.get("flags") or 0) & _WANTS_TAG),
    )


def _heard(channel: discord.abc.GuildChannel | discord.Thread) -> Room:
    """A channel as the gateway tells of it."""
    kind = kind_of(channel.type.value)
    guild = str(channel.guild.id)
    if not isinstance(channel, discord.ForumChannel):
        return Room(str(channel.id), kind, guild)
    tags = tuple((str(tag.id), tag.name) for tag in channel.available_tags if not tag.moderated)
    return Room(str(channel.id), kind, guild, tags, channel.flags.require_tag)
