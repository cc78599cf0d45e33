"""Where Paperboy talks. A platform is one folder and one line in ``ADAPTERS``, imported when a setting asks for it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, cast

from bot.errors import ConfigError

if TYPE_CHECKING:
    from bot.ports import Adapter, Notes

ADAPTERS: Mapping[str, str] = {
    "terminal": "adapters.terminal",
    "slack": "adapters.slack",
    "discord": "adapters.discord",
}
"""Name to module; each module has ``build(options) -> Adapter``, which raises ``ConfigError`` for missing settings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminalOptions:
    """``beside`` is the database's path: files of the terminal's own are named after it.

    ``read`` turns a typed line into a command and its options, ``complete`` offers what the last word may become,
    ``status`` is a line about the sources.
    """

    beside: Path
    user: str
    room: str
    read: Callable[[str], tuple[str, Mapping[str, str]]]
    complete: Callable[[str], Sequence[str]]
    status: Callable[[], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscordOptions:
    """Addresses are without a slash at the end. ``gateway`` is empty for the one Discord names."""

    token: str = field(default="", repr=False)
    url: str = "https://discord.com/api/v10"
    gateway: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackOptions:
    """One workspace: ``bot_token`` with ``app_token`` (Socket Mode), or with ``signing_secret`` (HTTP).

    Many workspaces: ``client_id``, ``client_secret``, ``signing_secret`` and ``public_url`` (HTTP with OAuth), and a
    ``key`` to seal the installations with. ``listen`` is host and port of our own HTTP server. Addresses are without a
    slash at the end.
    """

    bot_token: str = field(default="", repr=False)
    app_token: str = field(default="", repr=False)
    signing_secret: str = field(default="", repr=False)
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    key: str = field(default="", repr=False)
    url: str = "https://slack.com/api"
    authorize_url: str = "https://slack.com/oauth/v2/authorize"
    public_url: str = ""
    listen: tuple[str, int] = ("127.0.0.1", 3000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What platforms can be told. ``clock`` gives the time in ms UTC, ``version`` is Paperboy's, for User-Agents.

    ``notes`` is where a platform keeps what must outlive the process, under its own name as the owner.
    """

    clock: Callable[[], int]
    notes: "Notes"
    terminal: TerminalOptions
    discord: DiscordOptions = DiscordOptions()
    slack: SlackOptions = SlackOptions()
    version: str = ""


def adapter(name: str, options: Options) -> "Adapter":
    """The adapter of that name. Raises ``ConfigError`` for an unknown name."""
    module = ADAPTERS.get(name)
    if module is None:
        raise ConfigError(f"there is no platform called {name}; known are {', '.join(ADAPTERS)}.")
    return cast("Adapter", import_module(module).build(options))
