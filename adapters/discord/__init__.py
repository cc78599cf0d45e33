"""Discord as a platform: posts in channels, threads, forums and direct messages; slash commands and buttons."""

from adapters import Options
from adapters.discord.checkup import invite
from adapters.discord.platform import Discord
from bot.errors import ConfigError

__all__ = ["Discord", "build", "invite"]


def build(options: Options) -> Discord:
    """Discord for the bot of this token. Connects to nothing yet. Raises ``ConfigError`` where there is no token."""
    if not options.discord.token.strip():
        raise ConfigError("PAPERBOY_DISCORD_TOKEN is not set: docs/discord.md says where to get the bot's token.")
    return Discord(options)
