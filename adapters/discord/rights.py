"""Which rights the bot has in a channel, computed as Discord computes them, and which it needs. Pure.

https://docs.discord.com/developers/topics/permissions#permission-overwrites
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from discord import Permissions

from adapters.discord.rooms import RoomKind

Json = Mapping[str, Any]

NAMES: Mapping[str, str] = {
    "view_channel": "View Channel",
    "send_messages": "Send Messages",
    "embed_links": "Embed Links",
    "attach_files": "Attach Files",
    "read_message_history": "Read Message History",
    "create_public_threads": "Create Public Threads",
    "send_messages_in_threads": "Send Messages in Threads",
}
"""What Paperboy asks for when it is added to a server, by the names in Discord's settings."""

MINIMAL = Permissions(**dict.fromkeys(NAMES, True))

_NEEDED: Mapping[RoomKind, tuple[str, ...]] = {
    "text": ("view_channel", "send_messages", "embed_links"),
    "thread": ("view_channel", "send_messages_in_threads", "embed_links"),
    "forum": ("view_channel", "send_messages", "embed_links"),
}
_DETAILS = "without them, posts of format:thread come without their details"
WHY: Mapping[str, str] = {
    NAMES["attach_files"]: "without it, long exports cannot be answered",
    NAMES["read_message_history"]: "without it, an unclear post may be repeated once",
    NAMES["create_public_threads"]: _DETAILS,
    NAMES["send_messages_in_threads"]: _DETAILS,
}
"""What is lost without the useful rights."""
_USEFUL = ("attach_files", "read_message_history")
_FOR_THREADS = ("create_public_threads", "send_messages_in_threads")


def of_bot(guild: Json, member: Json, roles: Sequence[Json], overwrites: Sequence[Json]) -> Permissions:
    """The bot's rights in a channel with these ``overwrites``; a thread has those of the channel it belongs to."""
    mine = {str(guild["id"]), *map(str, member.get("roles", ()))}
    base = 0
    for role in roles:
        if str(role["id"]) in mine:
            base |= int(role["permissions"])
    if str(guild.get("owner_id")) == str(member["user"]["id"]) or Permissions(base).administrator:
        return Permissions.all()
    everyone = [o for o in overwrites if str(o["id"]) == str(guild["id"])]
    of_roles = [o for o in overwrites if str(o["id"]) in mine - {str(guild["id"])}]
    own = [o for o in overwrites if str(o["id"]) == str(member["user"]["id"])]
    for step in (everyone, of_roles, own):
        base = _overwritten(base, step)
    return Permissions(base)


def missing(kind: RoomKind, rights: Permissions) -> list[str]:
    """The names of rights without which nothing can be posted."""
    return _absent(_NEEDED.get(kind, _NEEDED["text"]), rights)


def wanting(kind: RoomKind, rights: Permissions) -> list[str]:
    """The names of rights without which something works less well."""
    return _absent((*_USEFUL, *(_FOR_THREADS if kind == "text" else ())), rights)


def _absent(needed: Iterable[str], rights: Permissions) -> list[str]:
    return [NAMES[right] for right in needed if not getattr(rights, right)]


def _overwritten(base: int, overwrites: Iterable[Json]) -> int:
    deny = allow = 0
    for overwrite in overwrites:
        deny |= int(overwrite["deny"])
        allow |= int(overwrite["allow"])
    return base & ~deny | allow
