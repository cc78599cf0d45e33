"""The settings: `read` turns an environment into a checked `Settings`. What there is to set is in `setting_table.py`.

Nothing here looks at the process's environment (``__main__`` does and hands it in) or at any file but ``.env``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from dotenv.parser import parse_stream

from bot import setting_kinds as kinds
from bot.errors import ConfigError
from bot.setting_table import KNOWN, PREFIX, Setting

__all__ = ["KNOWN", "PREFIX", "Setting", "Settings", "from_files", "read", "secrets"]

ARXIV_MANNERS = 3.0
"""Seconds between two requests that arXiv asks everybody for: https://info.arxiv.org/help/api/tou.html."""
_FLAG = re.compile(r"[A-Z_][A-Z0-9_]*")
"""A name of others that stands alone. Anything else without a ``=`` may be a secret of ours that lost its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an operator may decide, checked. Made by `read`; what a setting means for people is in `KNOWN`."""

    database_path: Path
    """The SQLite file. Relative to the working directory unless absolute."""
    sources: tuple[str, ...]
    """Names of paper sources, without repetition, in the order given."""
    platforms: tuple[str, ...]
    """Names of platforms, without repetition, in the order given."""
    discord_token: str = field(repr=False)
    """Secrets here are empty when they are not set."""
    discord_url: str
    discord_gateway: str
    """Empty for the one Discord names."""
    slack_bot_token: str = field(repr=False)
    slack_app_token: str = field(repr=False)
    slack_signing_secret: str = field(repr=False)
    slack_client_id: str
    slack_client_secret: str = field(repr=False)
    slack_public_url: str
    """Under which Slack reaches us, or empty."""
    slack_listen: tuple[str, int]
    """Host and port of our own HTTP server."""
    slack_url: str
    slack_authorize_url: str
    key: str = field(repr=False)
    """Fernet keys, separated by commas: the first one seals, all of them open."""
    huggingface_url: str
    """Address without a slash at the end, as all addresses here."""
    arxiv_url: str
    """Address of arXiv's query API."""
    arxiv_rss_url: str
    """Address in front of ``/cs.AI+cs.CL``."""
    arxiv_categories: tuple[str, ...]
    """Archives or categories to announce, such as ``cs.CL``."""
    arxiv_interval: float
    """Seconds between two requests to arXiv, all of arXiv together."""
    contact: str
    """Mail or web address for the User-Agent, or empty."""
    poll_minutes: float
    """Minutes between two polls of a source; under one only where all sources are on this machine."""
    stale_hours: int
    """Hours without an answer of a source after which people are told; 0 for never."""
    tick_seconds: float
    """Seconds between two looks at what is due."""
    timezone: str
    """IANA name, for new targets."""
    digest_at: int
    """Minutes after local midnight, for new targets."""
    daily_cap: int
    """Papers posted one by one at a target per local day, for new targets."""
    max_subscriptions_per_channel: int
    """Subscriptions one channel may have."""
    max_subscriptions_per_person: int
    """Subscriptions one person may have in private."""
    max_subscriptions_per_space: int
    """Subscriptions all channels of one space may have together."""
    max_query: int
    """Characters of a subscription's query."""
    commands_per_minute: int
    """Commands of one person."""
    fetch_seconds: float
    """Seconds for a whole request to a source, its last byte included."""
    fetch_megabytes: int
    """Largest answer of a source, in MiB after decompression."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"]
    """The least that is logged."""
    log_format: Literal["text", "json"]
    """How a line of the log is written."""
    monitor: tuple[str, int] | None
    """Host and port on this machine for /metrics and /healthz; None for nowhere."""
    user: str
    """Who types at the terminal, unless the command line says otherwise."""
    channel: str
    """Where the terminal's posts and commands are, unless the command line says otherwise."""
    examples: bool
    """Whether a new terminal database gets two example subscriptions."""


def read(environ: Mapping[str, str]) -> Settings:
    """The settings in ``environ``; an absent or empty one has its default. Raises ``ConfigError`` with one line."""
    _refuse_unknown(environ)
    values: dict[str, Any] = {s.field: _value(s, environ.get(s.name, "").strip() or s.default) for s in KNOWN}
    settings = Settings(**values)
    _check_manners(settings)
    return settings


def secrets(settings: Settings) -> list[str]:
    """Everything in the settings that must never be written anywhere."""
    values = (str(getattr(settings, setting.field)) for setting in KNOWN if setting.secret)
    return [part for value in values for part in (value, *value.split(","))]


def typed_secrets(environ: Mapping[str, str]) -> list[str]:
    """The same before anything was read: whatever somebody typed where a secret belongs."""
    return [part for s in KNOWN if s.secret for part in (environ.get(s.name, ""), *environ.get(s.name, "").split(","))]


def from_files(environ: Mapping[str, str], path: Path) -> dict[str, str]:
    """``environ`` over the settings in the ``.env`` file at ``path``, if there is one.

    Only names of ours are taken from the file, and nothing in it is expanded: a ``$`` is a dollar sign. Raises
    ``ConfigError`` when the file or a line of it cannot be read, without showing the line: it may hold a secret.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        text = ""
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ConfigError(f"{path} cannot be read: {why}.") from error
    return {**_parse_dotenv(text, path), **environ}


def _parse_dotenv(text: str, path: Path) -> dict[str, str]:
    found = {}
    for line in parse_stream(StringIO(text)):
        alone = line.key if line.value is None else None
        if line.error or (alone and (alone.startswith(PREFIX) or not _FLAG.fullmatch(alone))):
            raise ConfigError(f"{path}, line {line.original.line} is not NAME=value. Mend or remove that line.")
        if line.key and line.value is not None and line.key.upper().startswith(PREFIX):
            found[line.key] = line.value
    return found


def _refuse_unknown(environ: Mapping[str, str]) -> None:
    names = [s.name for s in KNOWN]
    for name in sorted(environ):
        if name.upper().startswith(PREFIX) and name not in names:
            near = kinds.did_you_mean(name.upper(), names)
            raise ConfigError(f"There is no setting {name}{near or '.'} Mend it {_WHERE}; .env.example has them all.")


def _value(setting: Setting, text: str) -> object:
    try:
        return setting.parse(text)
    except ValueError as error:
        end = "" if str(error).endswith("?") else "."
        said = "set" if setting.secret else kinds.shown(text)
        raise ConfigError(f"{setting.name} is {said}, but {error}{end} Mend it {_WHERE}.") from (
            None if setting.secret else error
        )


def _check_manners(settings: Settings) -> None:
    arxiv = (settings.arxiv_url, settings.arxiv_rss_url)
    addresses = {"huggingface": (settings.huggingface_url,), "arxiv": arxiv}
    if settings.poll_minutes < 1 and not all(_is_here(*addresses.get(name, ())) for name in settings.sources):
        raise ConfigError(
            f"PAPERBOY_POLL_MINUTES is {settings.poll_minutes:g}, but a source of others is asked once a minute at "
            f"most; less is for servers on this machine. Mend it {_WHERE}."
        )
    if settings.arxiv_interval < ARXIV_MANNERS and not _is_here(*arxiv):
        raise ConfigError(
            f"PAPERBOY_ARXIV_INTERVAL is {settings.arxiv_interval:g}, but arXiv asks everybody for {ARXIV_MANNERS:g} "
            f"seconds or more; less is for servers on this machine. Mend it {_WHERE}."
        )


def _is_here(*addresses: str) -> bool:
    return all(kinds.is_loopback(urlsplit(address).hostname or "") for address in addresses)


_WHERE = "in the environment or in .env"
