"""Messages on their way to Discord: posted, looked for, shown anew. How they look is in ``render.py``.

A message is sent with Discord's own ``nonce``, which keeps it from showing twice for some minutes, and carries the same
nonce inside, which tells for good whether it arrived (``history.py``). Posts of forums can have the second only.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import discord

from adapters.discord import buttons, history, past
from adapters.discord.faults import (
    HAS_A_THREAD,
    NO_ACCESS,
    NO_ANSWERS,
    NO_RIGHT,
    UNKNOWN_CHANNEL,
    UNKNOWN_SERVER,
    fault,
)
from adapters.discord.remembered import remember
from adapters.discord.rooms import Room, Rooms
from adapters.discord.wire import Wire
from bot.errors import DeliveryError
from bot.model import Address, Outgoing, Past, Receipt
from bot.ports import Notes

_MOST_THREADS = 10_000
_ARCHIVED, _LOCKED = 50083, 160005
_DAY_IN_MINUTES = 1440
"""How long a thread stays open when nobody writes in it."""


@dataclass(frozen=True, slots=True)
class Payload:
    """What was frozen: a message's body, how it is called and filed in a forum, and commands too long for buttons."""

    body: Mapping[str, Any]
    name: str
    tags: tuple[str, ...]
    long: Mapping[str, str]

    @classmethod
    def of(cls, text: str) -> "Payload":
        read = json.loads(text)
        return cls(read["body"], read["name"], tuple(read["tags"]), read["long"])

    def named(self, nonce: str) -> dict[str, Any]:
        """The body with the nonce inside. Nobody is mentioned unless it says so."""
        return buttons.named({"allowed_mentions": {"parse": []}, **self.body}, nonce)


class Posts:
    """Every method raises ``DeliveryError`` and nothing else, besides ``StoreError``."""

    def __init__(self, wire: Wire, rooms: Rooms, notes: Notes, clock: Callable[[], int]) -> None:
        self._wire = wire
        self._rooms = rooms
        self._notes = notes
        self._clock = clock
        self._threads: dict[str, None] = {}

    async def send(self, message: Outgoing) -> Receipt:
        """Post it, in the thread of another message if it belongs there, or as a post of a forum."""
        payload = Payload.of(message.payload)
        await remember(self._notes, payload.long, self._clock(), _alone(message.where))
        async with self._wire.attempt() as attempt:
            room = await self._rooms.of(message.where)
            attempt.needs = room.rights
            if _is_forum_post(room, message):
                return await self._file(room, payload, message.nonce)
            channel = _place(room, message.reply_to)
            if message.reply_to and room.kind == "text":
                attempt.needs = "Create Public Threads and Send Messages in Threads"
                await self._open_thread(room, message.reply_to, payload.name, attempt.needs)
            try:
                return await self._write(room, channel, payload, message)
            except discord.HTTPException as error:
                if channel != room.id and error.code in {NO_ACCESS, NO_RIGHT} and not attempt.unclear:
                    raise _no_thread(error, attempt.needs) from error
                is_closed = error.code in {UNKNOWN_CHANNEL, _ARCHIVED, _LOCKED} and channel != message.where.room
                if not is_closed or attempt.unclear:
                    raise
                raise await self._closed(room, channel, message) from error

    async def find(self, message: Outgoing) -> Receipt | None:
        """Whether it arrived. Raises ``DeliveryError`` (ambiguous) where Discord does not let us look."""
        async with self._wire.attempt():
            room = await self._rooms.of(message.where)
            if _is_forum_post(room, message):
                thread = await history.find_post(self._wire, room, message.nonce, message.since)
                return _receipt(room, thread, thread) if thread else None
            channel = _place(room, message.reply_to)
            try:
                found = await history.find_message(self._wire, room, channel, message.nonce, message.since)
            except discord.NotFound as error:
                if channel == room.id or error.code != UNKNOWN_CHANNEL:
                    raise
                return None  # not even its thread is there
            return _receipt(room, channel, found) if found else None

    async def posted(self, where: Address, since: int, further: str) -> Past:
        """See ``bot.ports.History``."""
        async with self._wire.attempt() as attempt:
            room = await self._rooms.of(where)
            attempt.needs = room.rights
            read = past.of_forum if room.kind == "forum" else past.of_channel
            try:
                return await read(self._wire, room, since, further)
            except DeliveryError as error:
                if error.fault == "ambiguous":
                    # Out of sight is more than unreadable: nothing can be posted there either.
                    await self._wire.ask("GET", "/channels/{channel_id}", channel_id=room.id)
                raise

    async def reach(self, where: Address) -> None:
        """See ``bot.ports.Reach``."""
        async with self._wire.attempt():
            room = await self._rooms.of(where)
            await self._wire.ask("GET", "/channels/{channel_id}", channel_id=room.id)

    async def edit(self, message: Outgoing, receipt: str) -> None:
        """Show the payload in place of what is there."""
        payload = Payload.of(message.payload)
        await remember(self._notes, payload.long, self._clock(), _alone(message.where))
        async with self._wire.attempt() as attempt:
            room = await self._rooms.of(message.where)
            attempt.needs = room.rights
            channel = _place(room, message.reply_to or (receipt if room.kind == "forum" else ""))
            path = "/channels/{channel_id}/messages/{message_id}"
            try:
                await self._wire.ask(
                    "PATCH", path, channel_id=channel, message_id=receipt, json=payload.named(message.nonce)
                )
            except discord.HTTPException as error:
                if error.code in {_ARCHIVED, _LOCKED}:
                    raise DeliveryError("The thread of this message is archived.", fault="payload") from error
                raise

    async def _write(self, room: Room, channel: str, payload: Payload, message: Outgoing) -> Receipt:
        body = payload.named(message.nonce) | {"nonce": message.nonce, "enforce_nonce": True}
        if message.reply_to and channel == room.id:
            body["message_reference"] = {"message_id": message.reply_to, "fail_if_not_exists": False}
        path = "/channels/{channel_id}/messages"
        try:
            answer = await self._wire.ask("POST", path, channel_id=channel, json=body, posting=True)
        except discord.HTTPException as error:
            if error.code != NO_ANSWERS or not body.pop("message_reference", None):
                raise
            answer = await self._wire.ask("POST", path, channel_id=channel, json=body, posting=True)
        return _receipt(room, channel, str(answer["id"]))

    async def _file(self, room: Room, payload: Payload, nonce: str) -> Receipt:
        body = {"name": payload.name, "applied_tags": room.chosen(payload.tags), "message": payload.named(nonce)}
        path = "/channels/{channel_id}/threads"
        answer = await self._wire.ask("POST", path, channel_id=room.id, json=body, posting=True, once=True)
        return _receipt(room, str(answer["id"]), str(answer["id"]))

    async def _open_thread(self, room: Room, parent: str, name: str, needs: str) -> None:
        """A thread has the id of the message that it was opened from."""
        if parent in self._threads:
            return
        path = "/channels/{channel_id}/messages/{message_id}/threads"
        body = {"name": name, "auto_archive_duration": _DAY_IN_MINUTES}
        try:
            await self._wire.ask("POST", path, channel_id=room.id, message_id=parent, json=body)
        except discord.HTTPException as error:
            if error.code != HAS_A_THREAD:
                raise _no_thread(error, needs) from error
        self._threads[parent] = None
        if len(self._threads) > _MOST_THREADS:
            self._threads.pop(next(iter(self._threads)))

    async def _closed(self, room: Room, channel: str, message: Outgoing) -> DeliveryError:
        """A closed thread is this message's misfortune and no reason to leave the channel alone."""
        if room.kind == "direct":
            await self._rooms.forget(message.where.room)
            return DeliveryError("The conversation has to be opened anew.", fault="temporary")
        self._threads.pop(channel, None)
        return DeliveryError("The thread it belongs to is closed or gone.", fault="payload")


def _alone(where: Address) -> str:
    """The id of whoever alone reads what is posted there."""
    return where.room if where.kind == "person" else ""


def _is_forum_post(room: Room, message: Outgoing) -> bool:
    return room.kind == "forum" and not message.reply_to


def _no_thread(error: discord.HTTPException, needs: str) -> DeliveryError:
    """Without a thread the details of a post are lost, and the posts themselves need not be."""
    told = fault(error, needs)
    if told.fault != "target" or error.code in {UNKNOWN_CHANNEL, UNKNOWN_SERVER}:
        return told
    return DeliveryError(f"No thread for the details of this post. {told}", fault="payload")


def _place(room: Room, parent: str) -> str:
    """The channel to write in: a message's thread where there can be one, the channel itself elsewhere."""
    return parent if parent and room.kind in {"text", "forum"} else room.id


def _receipt(room: Room, channel: str, message: str) -> Receipt:
    return Receipt(message, f"https://discord.com/channels/{room.guild or '@me'}/{channel}/{message}")
