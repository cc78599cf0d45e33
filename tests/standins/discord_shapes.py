"""How the stand-in's world looks as Discord's JSON. Pure; keys as in the documented objects, discord.py's needs met."""

from datetime import UTC, datetime
from typing import Any

from tests.standins.discord_world import ALL, Channel, Guild, Kind, Message, Role, User, World, made_at

Json = dict[str, Any]


def iso(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="microseconds")


def user(someone: User) -> Json:
    return {
        "id": str(someone.id),
        "username": someone.name,
        "discriminator": "0",
        "global_name": None if someone.bot else someone.name,
        "avatar": None,
        "bot": someone.bot,
        "public_flags": 0,
        "flags": 0,
    }


def member(someone: User, guild: Guild) -> Json:
    return {
        "user": user(someone),
        "nick": None,
        "avatar": None,
        "roles": [str(guild.role_id)] if someone.bot else [],
        "joined_at": iso(made_at(guild.id)),
        "premium_since": None,
        "deaf": False,
        "mute": False,
        "flags": 0,
        "pending": False,
    }


def roles(guild: Guild, app: int) -> list[Json]:
    return [
        _role(guild.id, "@everyone", guild.everyone, position=0),
        {**_role(guild.role_id, "Paperboy", guild.rights, position=1), "managed": True, "tags": {"bot_id": str(app)}},
        *(role(each) for each in guild.roles),
    ]


def role(item: Role) -> Json:
    return {**_role(item.id, item.name, 0, position=2), "mentionable": item.mentionable}


def _role(identity: int, name: str, permissions: int, position: int) -> Json:
    return {
        "id": str(identity),
        "name": name,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "position": position,
        "permissions": str(int(permissions)),
        "managed": False,
        "mentionable": False,
        "flags": 0,
    }


def channel(place: Channel, app: int) -> Json:
    """A channel of any kind, without the bot's computed permissions."""
    shape: Json = {"id": str(place.id), "type": int(place.kind), "flags": 0, "last_message_id": None}
    if place.recipient is not None:
        return {**shape, "recipients": [user(place.recipient)]}
    assert place.guild is not None
    shape |= {"guild_id": str(place.guild.id), "name": place.name, "rate_limit_per_user": 0}
    if place.is_thread:
        return shape | _thread(place, app)
    shape |= {"position": 0, "topic": None, "nsfw": False, "parent_id": None, "permission_overwrites": []}
    if place.rights is not None:
        denied = ALL & ~place.rights
        bot = {"id": str(app), "type": 1, "allow": str(int(place.rights)), "deny": str(denied)}
        shape["permission_overwrites"] = [bot]
    if place.kind is Kind.FORUM:
        shape |= _forum(place)
    return shape


def _forum(place: Channel) -> Json:
    tags = [{"id": str(identity), "name": name, "moderated": False, "emoji_id": None, "emoji_name": None}
            for identity, name in place.tags.items()]  # fmt: skip
    return {
        "flags": 16 if place.needs_tag else 0,
        "available_tags": tags,
        "default_reaction_emoji": None,
        "default_sort_order": None,
        "default_forum_layout": 0,
    }


def _thread(place: Channel, app: int) -> Json:
    assert place.parent is not None
    made = iso(made_at(place.id))
    return {
        "parent_id": str(place.parent.id),
        "owner_id": str(app),
        "message_count": 0,
        "member_count": 1,
        "total_message_sent": 0,
        "applied_tags": [str(tag) for tag in place.applied],
        "thread_metadata": {
            "archived": place.archived,
            "auto_archive_duration": 4320,
            "archive_timestamp": iso(place.touched),
            "create_timestamp": made,
            "locked": place.locked,
        },
        "member": {"id": str(place.id), "user_id": str(app), "join_timestamp": made, "flags": 1},
    }


def guild(place: Guild, world: World) -> Json:
    """A guild as in GUILD_CREATE, with its channels, threads and the bot as the only member."""
    listed: Json = {
        "joined_at": iso(made_at(place.id)),
        "large": False,
        "unavailable": False,
        "member_count": 2,
        "members": [member(world.bot, place)],
        "channels": [channel(c, world.app) for c in world.channels_of(place)],
        "threads": [channel(c, world.app) for c in world.threads_of(place) if not c.archived],
        "presences": [],
        "voice_states": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }
    return {**bare_guild(place, world), **listed}


def bare_guild(place: Guild, world: World) -> Json:
    """A guild as in ``GET /guilds/{id}``."""
    nothing = dict.fromkeys(
        ("icon", "splash", "banner", "description", "afk_channel_id", "system_channel_id", "rules_channel_id",
         "public_updates_channel_id", "safety_alerts_channel_id", "vanity_url_code", "discovery_splash")
    )  # fmt: skip
    zero = dict.fromkeys(
        ("verification_level", "default_message_notifications", "explicit_content_filter", "mfa_level", "nsfw_level",
         "premium_tier", "premium_subscription_count", "system_channel_flags"), 0
    )  # fmt: skip
    return {
        "id": str(place.id),
        "name": place.name,
        "owner_id": str(place.owner.id),
        "preferred_locale": place.locale,
        "region": "deprecated",
        "afk_timeout": 300,
        "features": [],
        "emojis": [],
        "stickers": [],
        "roles": roles(place, world.app),
        "premium_progress_bar_enabled": False,
        **nothing,
        **zero,
    }


def application(world: World) -> Json:
    return {
        "id": str(world.app),
        "name": "Paperboy",
        "icon": None,
        "description": "",
        "summary": "",
        "verify_key": "0" * 64,
        "flags": 0,
        "bot_public": True,
        "bot_require_code_grant": False,
        "bot": user(world.bot),
        "owner": user(world.operator),
        "team": None,
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "approximate_guild_count": len(world.guilds),
        "approximate_user_install_count": sum(someone.installed for someone in list(world.users.values())),
        "integration_types_config": {"0": {}, "1": {}},
    }


def message(item: Message, app: int, *, with_nonce: bool = False, hidden: bool = False) -> Json:
    """``hidden``: without the content that needs the message content intent."""
    shape: Json = {
        "id": str(item.id),
        "channel_id": str(item.channel.id),
        "type": item.kind,
        "author": user(item.author),
        "content": "" if hidden else item.content,
        "timestamp": iso(item.at),
        "edited_timestamp": iso(item.edited) if item.edited else None,
        "tts": False,
        "mention_everyone": item.pings_everyone,
        "mentions": [],
        "mention_roles": [],
        "attachments": [] if hidden else item.attachments,
        "embeds": [] if hidden else [{"type": "rich", **embed} for embed in item.embeds],
        "components": [] if hidden else item.components,
        "pinned": False,
        "flags": item.flags,
    }
    if with_nonce and item.nonce is not None:
        shape["nonce"] = item.nonce
    if item.thread is not None:
        shape["thread"] = channel(item.thread, app)
    if item.reference is not None:
        shape |= _reference(item.reference, app)
    if item.asked_by is not None:
        shape |= {"interaction_metadata": item.asked_by, "application_id": str(app), "webhook_id": str(app)}
    return shape


def _reference(to: Message, app: int) -> Json:
    pointer = {"type": 0, "message_id": str(to.id), "channel_id": str(to.channel.id)}
    if to.channel.guild is not None:
        pointer["guild_id"] = str(to.channel.guild.id)
    return {"message_reference": pointer, "referenced_message": {**message(to, app), "referenced_message": None}}
