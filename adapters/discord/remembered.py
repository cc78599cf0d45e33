"""Commands that are too long for their buttons, kept under the key that the button carries."""

from collections.abc import Mapping

from adapters.discord.identify import OWNER
from bot.ports import Notes

KEEP = 30 * 86_400_000
"""For how long, in ms."""


async def remember(notes: Notes, commands: Mapping[str, str], now: int) -> None:
    """Keep commands by key. To be done before anybody can press the button."""
    for key, command in commands.items():
        await notes.write(OWNER, f"long:{key}", command, until=now + KEEP)


async def recall(notes: Notes, key: str) -> str | None:
    """The command behind a key, None when it is not known any more."""
    return await notes.read(OWNER, f"long:{key}")
