"""The bot's own routes: guilds, channels, messages, threads, direct messages. One short function each, no network."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.standins import discord_posts as posts
from tests.standins import discord_shapes as shapes
from tests.standins.discord_errors import RefusalError, invalid_form, no_access, no_permission, unknown
from tests.standins.discord_world import Channel, Guild, Kind, Message, Right, World

Json = dict[str, Any]


@dataclass
class Call:
    """A request that passed authorization, limits and schema. ``files`` are by their number."""

    ids: Mapping[str, str]
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    files: Mapping[str, bytes] = field(default_factory=dict)

    def id(self, name: str) -> int:
        text = self.ids[name]
        if not text.isdigit():
            raise invalid_form([([name], "NUMBER_TYPE_COERCE", f'Value "{text}" is not snowflake.')])
        return int(text)


# --- what there is ---


def me(world: World, call: Call) -> Json:
    return {**shapes.user(world.bot), "verified": True, "mfa_enabled": False, "locale": "en-US", "email": None}


def application(world: World, call: Call) -> Json:
    return shapes.application(world)


def guild(world: World, call: Call) -> Json:
    place = _guild(world, call)
    counts = {"approximate_member_count": 2, "approximate_presence_count": 1} if call.query.get("with_counts") else {}
    return {**shapes.bare_guild(place, world), **counts}


def _guild(world: World, call: Call) -> Guild:
    place = world.guilds.get(call.id("guild_id"))
    if place is None or not place.joined:
        raise unknown("Guild")
    return place


def guild_channels(world: World, call: Call) -> list[Json]:
    return [shapes.channel(c, world.app) for c in world.channels_of(_guild(world, call))]


def guild_roles(world: World, call: Call) -> list[Json]:
    return shapes.roles(_guild(world, call), world.app)


def guild_member(world: World, call: Call) -> Json:
    place, someone = _guild(world, call), world.users.get(call.id("user_id"))
    if someone is None:
        raise unknown("User")
    return shapes.member(someone, place)


def user(world: World, call: Call) -> Json:
    someone = world.users.get(call.id("user_id"))
    if someone is None:
        raise unknown("User")
    return shapes.user(someone)


def active_threads(world: World, call: Call) -> Json:
    place = _guild(world, call)
    seen = [t for t in world.threads_of(place) if not t.archived and world.rights(t) & Right.VIEW_CHANNEL]
    return _threads(world, seen)


def archived_threads(world: World, call: Call) -> Json:
    """Newest first, those archived ``before`` a time."""
    place = channel_for(world, call, Right.READ_MESSAGE_HISTORY)
    limit, before = int(call.query.get("limit", 50)), call.query.get("before", "9")
    seen = [t for t in world.threads_in(place) if t.archived and shapes.iso(t.touched) < before]
    seen.sort(key=lambda t: -t.touched)
    return {**_threads(world, seen[:limit]), "has_more": len(seen) > limit}


def _threads(world: World, threads: list[Channel]) -> Json:
    shaped = [shapes.channel(t, world.app) for t in threads]
    return {"threads": shaped, "members": [t["member"] for t in shaped]}


# --- channels ---


def channel_for(world: World, call: Call, needed: int = 0) -> Channel:
    """The channel named by the path if the bot may see it and has the needed rights."""
    place = world.channels.get(call.id("channel_id"))
    if place is None:
        raise unknown("Channel")
    rights = world.rights(place)
    if not rights & Right.VIEW_CHANNEL:
        raise no_access()
    if needed & ~rights:
        raise no_permission()
    return place


def channel(world: World, call: Call) -> Json:
    return shapes.channel(channel_for(world, call), world.app)


def change_channel(world: World, call: Call) -> Json:
    """A thread's name, tags and whether it is archived; nothing of other channels is a bot's like ours to change."""
    place = channel_for(world, call)
    if not place.is_thread or "locked" in call.body:
        raise no_permission()
    place.name = call.body.get("name", place.name)
    place.archived = call.body.get("archived", place.archived)
    place.applied = [int(tag) for tag in call.body.get("applied_tags", place.applied)]
    shape = shapes.channel(place, world.app)
    world.emit("THREAD_UPDATE", shape, place.guild)
    return shape


def open_dm(world: World, call: Call) -> Json:
    """Opening is always possible; who takes no messages is found out by posting. Counted: bots were banned for it."""
    someone = world.users.get(int(call.body["recipient_id"]))
    if someone is None or someone.bot:
        raise RefusalError(400, 50033, "Invalid Recipient(s)")
    now = world.clock.now()
    recent = [at for at in world.opened.values() if at > now - 86_400_000]
    if someone.id not in world.opened and len(recent) >= world.settings.dms_a_day:
        raise RefusalError(403, 40003, "You are opening direct messages too fast")
    world.opened.setdefault(someone.id, now)
    return shapes.channel(world.dm(someone), world.app)


# --- messages ---


def post_message(world: World, call: Call) -> Json:
    place = channel_for(world, call)
    made = posts.post(world, place, call.body, call.files)
    return shapes.message(made, world.app, with_nonce=True)


def history(world: World, call: Call) -> list[Json]:
    """Newest first; empty without the right to read it (resources/message)."""
    place = channel_for(world, call)
    if not world.rights(place) & Right.READ_MESSAGE_HISTORY:
        return []
    limit = int(call.query.get("limit", 50))
    if not 1 <= limit <= 100:
        raise invalid_form([(["limit"], "NUMBER_TYPE_MAX", "int value should be between 1 and 100.")])
    after, before = int(call.query.get("after", 0)), int(call.query.get("before", 1 << 63))
    found = [m for m in world.messages(place) if after < m.id < before]
    nearest = found[:limit] if "after" in call.query else found[-limit:]
    return [_shown(world, m) for m in reversed(nearest)]


def _shown(world: World, message: Message) -> Json:
    is_ours = message.author is world.bot or message.channel.guild is None or world.bot.id in message.pings
    return shapes.message(message, world.app, hidden=not (is_ours or world.settings.reads_content))


def _message(world: World, call: Call, place: Channel) -> Message:
    found = world.message(place, call.id("message_id"))
    if found is None:
        raise unknown("Message")
    return found


def message(world: World, call: Call) -> Json:
    return _shown(world, _message(world, call, channel_for(world, call, Right.READ_MESSAGE_HISTORY)))


def edit_message(world: World, call: Call) -> Json:
    item = _message(world, call, channel_for(world, call))
    return shapes.message(posts.edit(world, item, call.body, call.files), world.app)


def delete_message(world: World, call: Call) -> None:
    place = channel_for(world, call)
    item = _message(world, call, place)
    if item.author is not world.bot and not world.rights(place) & Right.MANAGE_MESSAGES:
        raise no_permission()
    world.remove_message(item)


# --- threads ---


def thread_from_message(world: World, call: Call) -> Json:
    place = channel_for(world, call, Right.CREATE_PUBLIC_THREADS)
    item = _message(world, call, place)
    if item.thread is not None:
        raise RefusalError(400, 160004, "A thread has already been created for this message")
    item.thread = world.channel(place.guild, call.body["name"], Kind.THREAD, parent=place, id=item.id)
    return _born(world, item.thread)


def start_thread(world: World, call: Call) -> Json:
    """In a forum with its first message and tags, elsewhere empty."""
    place = channel_for(world, call, Right.CREATE_PUBLIC_THREADS)
    if place.kind is not Kind.FORUM:
        return _born(world, world.channel(place.guild, call.body["name"], Kind.THREAD, parent=place))
    tags = [int(tag) for tag in call.body.get("applied_tags") or []]
    _check_tags(place, tags)
    return _forum_post(world, place, call, tags)


def _check_tags(place: Channel, tags: list[int]) -> None:
    if place.needs_tag and not tags:
        raise RefusalError(400, 40067, "A tag is required to create a forum post in this channel")
    if len(tags) > 5 or set(tags) - place.tags.keys():
        raise invalid_form([(["applied_tags"], "BASE_TYPE_CHOICES", "At most five tags of this forum")])


def _forum_post(world: World, place: Channel, call: Call, tags: list[int]) -> Json:
    thread = world.channel(place.guild, call.body["name"], Kind.THREAD, parent=place, applied=tags)
    body = call.body["message"]
    try:
        posts.may_post(world, thread, body, call.files)
        first = posts.make(world, thread, world.bot, body, call.files, id=thread.id)
    except RefusalError:
        world.remove_channel(thread)
        raise
    return {**_born(world, thread), "message": shapes.message(first, world.app)}


def _born(world: World, thread: Channel) -> Json:
    shape = shapes.channel(thread, world.app)
    world.emit("THREAD_CREATE", {**shape, "newly_created": True}, thread.guild)
    return shape
