"""Puts the tree of slash commands at Discord, when it is another one than the last time. What is in it: ``tree.py``."""

import logging
from collections.abc import Sequence

from adapters.discord.identify import OWNER
from adapters.discord.tree import fingerprint, tree
from adapters.discord.wire import Wire
from bot.commands.table import Command
from bot.ports import Notes

log = logging.getLogger(__name__)

_PUSHED = "commands"


async def push(wire: Wire, notes: Notes, application: str, table: Sequence[Command]) -> None:
    """Replace all global commands by the table's. Raises what ``Wire.ask`` raises."""
    commands = tree(table)
    mark = _mark(application, table)
    if await notes.read(OWNER, _PUSHED) == mark:
        return
    await wire.listed("PUT", "/applications/{application_id}/commands", application_id=application, json=commands)
    await notes.write(OWNER, _PUSHED, mark)
    log.info("discord.commands_pushed", extra={"commands": len(commands)})


async def is_pushed(notes: Notes, application: str, table: Sequence[Command]) -> bool:
    """Whether Discord has the commands of this version."""
    return await notes.read(OWNER, _PUSHED) == _mark(application, table)


def _mark(application: str, table: Sequence[Command]) -> str:
    """Another application has commands of its own, in the same database too."""
    return f"{application} {fingerprint(tree(table))}"
