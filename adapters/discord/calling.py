"""Whom somebody may have mentioned: asked of Discord, before the core keeps it. What is kept: ``people.py``."""

import logging
from typing import Any, Final

import discord

from adapters.discord.faults import named
from adapters.discord.people import Called, called_by
from adapters.discord.wire import Wire
from bot.errors import CommandError, DeliveryError

log = logging.getLogger(__name__)

NOT_ONE: Final = (
    "mention: takes one role or one person of this server: type @ behind it and pick from what Discord offers. "
    "Everybody at once is never called."
)
ELSEWHERE: Final = "mention: there is no such role in this server: type @ behind it and pick from what Discord offers."
SILENT: Final = "@{} will see nothing of it: in Server Settings, Roles, open that role and allow anyone to @mention it."


async def checked(wire: Wire, interaction: "discord.Interaction[Any]", text: str) -> tuple[str, str]:
    """What to keep of a mention, and what to warn of. Raises ``CommandError`` where nobody would be called."""
    called = called_by(text)
    if called is None or called.id == str(interaction.guild_id):
        raise CommandError(NOT_ONE)
    if called.is_role:
        return _role(interaction, called)
    return called.named(await _name(wire, interaction, called)), ""


def _role(interaction: "discord.Interaction[Any]", called: Called) -> tuple[str, str]:
    role = interaction.guild.get_role(int(called.id)) if interaction.guild else None
    if role is None:
        raise CommandError(ELSEWHERE)
    rings = role.mentionable or interaction.app_permissions.mention_everyone
    return called.named(role.name), "" if rings else SILENT.format(role.name)


async def _name(wire: Wire, interaction: "discord.Interaction[Any]", called: Called) -> str:
    """What a member is called here. Raises ``CommandError`` for somebody who is none."""
    if called.id == str(interaction.user.id):
        return interaction.user.display_name
    if not interaction.guild_id:
        raise CommandError(NOT_ONE)
    path = "/guilds/{guild_id}/members/{user_id}"
    try:
        async with wire.attempt():
            member = await wire.ask("GET", path, guild_id=interaction.guild_id, user_id=called.id)
    except DeliveryError as error:
        if isinstance(error.__cause__, discord.NotFound):
            raise CommandError(NOT_ONE) from error
        log.info("discord.name_not_known", extra={"error": named(error)})
        return ""
    user = member.get("user") or {}
    return str(member.get("nick") or user.get("global_name") or user.get("username") or "")
