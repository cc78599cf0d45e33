"""Commands that are too long for their buttons, kept under the key that the button carries.

What one person alone was told is kept under their id, so that it can be forgotten with them.
"""

import re
from collections.abc import Mapping

from adapters.discord.identify import OWNER
from bot.ports import Notes

_KEY = re.compile(r"[0-9a-f]{32}")
KEEP = 30 * 86_400_000
"""For how long, in ms."""


async def remember(notes: Notes, commands: Mapping[str, str], now: int, person: str = "") -> None:
    """Keep commands by key, for ``person`` or for everybody. To be done before anybody can press the button."""
    for key, command in commands.items():
        await notes.write(OWNER, _name(key, person), command, until=now + KEEP)


async def recall(notes: Notes, key: str, person: str) -> str | None:
    """The command behind a key that ``person`` pressed, None when it is not known any more.

    What is no key names nothing: with an id in front it would be the name of what somebody else was told.
    """
    if not _KEY.fullmatch(key):
        return None
    return await notes.read(OWNER, _name(key, person)) or await notes.read(OWNER, _name(key, ""))


async def forget(notes: Notes, person: str) -> None:
    """Erase what is kept for somebody."""
    for name in await notes.keys(OWNER, _name("", person)):
        await notes.erase(OWNER, name)


def _name(key: str, person: str) -> str:
    return f"long:{person}:{key}" if person else f"long:{key}"
