"""Which way the settings connect Paperboy to Slack, and what is missing or too much. Pure."""

from typing import Literal

from adapters import SlackOptions
from bot.errors import ConfigError

Mode = Literal["socket", "http", "install"]
"""One workspace by Socket Mode, one by HTTP, many by HTTP and OAuth."""

BOT, APP = "PAPERBOY_SLACK_BOT_TOKEN", "PAPERBOY_SLACK_APP_TOKEN"
SIGNING, PUBLIC, KEY = "PAPERBOY_SLACK_SIGNING_SECRET", "PAPERBOY_SLACK_PUBLIC_URL", "PAPERBOY_KEY"
CLIENT, CLIENT_SECRET = "PAPERBOY_SLACK_CLIENT_ID", "PAPERBOY_SLACK_CLIENT_SECRET"
_HELP = "docs/slack.md shows where each is found."


def mode(options: SlackOptions) -> Mode:
    """Raises ``ConfigError`` with one line that names the settings."""
    _check_kinds(options)
    if options.client_id or options.client_secret:
        return _many(options)
    if not options.bot_token:
        wanted = f"{BOT} with {APP} (Socket Mode) or {SIGNING} (HTTP)"
        raise ConfigError(f"Slack needs {wanted}, or {CLIENT} and {CLIENT_SECRET} for many workspaces. {_HELP}")
    if options.app_token and options.signing_secret:
        raise ConfigError(f"Slack has both {APP} (Socket Mode) and {SIGNING} (HTTP): keep one of them.")
    if not options.app_token and not options.signing_secret:
        raise ConfigError(f"Slack has {BOT} alone: it needs {APP} (Socket Mode) or {SIGNING} (HTTP) too. {_HELP}")
    return "socket" if options.app_token else "http"


def _many(options: SlackOptions) -> Mode:
    single = {BOT: options.bot_token, APP: options.app_token}
    if too_much := [name for name, value in single.items() if value]:
        raise ConfigError(
            f"Slack has {' and '.join(too_much)} (one workspace) and {CLIENT} or {CLIENT_SECRET} (many): keep one way."
        )
    needed = {
        CLIENT: options.client_id,
        CLIENT_SECRET: options.client_secret,
        SIGNING: options.signing_secret,
        PUBLIC: options.public_url,
        KEY: options.key,
    }
    if missing := [name for name, value in needed.items() if not value]:
        raise ConfigError(f"Slack for many workspaces needs {' and '.join(missing)} too. {_HELP}")
    return "install"


def _check_kinds(options: SlackOptions) -> None:
    """https://docs.slack.dev/authentication/tokens"""
    if options.bot_token.startswith("xapp-") or options.app_token.startswith("xoxb-"):
        raise ConfigError(f"{BOT} begins with xoxb- and {APP} with xapp-: they seem to be swapped.")
    if options.bot_token and not options.bot_token.startswith("xoxb-"):
        raise ConfigError(f"{BOT} is no bot token: that begins with xoxb-. {_HELP}")
    if options.app_token and not options.app_token.startswith("xapp-"):
        raise ConfigError(f"{APP} is no app-level token: that begins with xapp-. {_HELP}")
