"""The settings: one table of all there are, and `read`, which turns an environment into a checked `Settings`.

Every name, default and explanation stands here once; ``.env.example`` and the documents are compared with it. Nothing
here looks at the process's environment (``__main__`` does and hands it in) or at any file but ``.env``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from dotenv.parser import parse_stream

from bot import setting_kinds as kinds
from bot.errors import ConfigError
from bot.model import MOST_CAP
from bot.query import LONGEST

PREFIX = "PAPERBOY_"
ARXIV_MANNERS = 3.0
"""Seconds between two requests that arXiv asks everybody for: https://info.arxiv.org/help/api/tou.html."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an operator may decide, checked. Made by `read`; what a setting means for people is in `KNOWN`."""

    database_path: Path
    """The SQLite file. Relative to the working directory unless absolute."""
    sources: tuple[str, ...]
    """Names of paper sources, without repetition, in the order given."""
    platforms: tuple[str, ...]
    """Names of platforms, without repetition, in the order given."""
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
    user: str
    """Who types at the terminal, unless the command line says otherwise."""
    channel: str
    """Where the terminal's posts and commands are, unless the command line says otherwise."""
    examples: bool
    """Whether a new terminal database gets two example subscriptions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting: the environment's ``name``, its ``field`` in `Settings`, the ``default`` as one would type it.

    ``parse`` turns text into the field's value and raises ``ValueError`` with what the value has to be.
    """

    name: str
    field: str
    default: str
    help: str
    parse: Callable[[str], object]


def read(environ: Mapping[str, str]) -> Settings:
    """The settings in ``environ``; an absent or empty one has its default. Raises ``ConfigError`` with one line."""
    _refuse_unknown(environ)
    values: dict[str, Any] = {s.field: _value(s, environ.get(s.name, "").strip() or s.default) for s in KNOWN}
    settings = Settings(**values)
    _check_manners(settings)
    return settings


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
        if line.error or (line.key and line.key.startswith(PREFIX) and line.value is None):
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
        raise ConfigError(f"{setting.name} is {kinds.shown(text)}, but {error}{end} Mend it {_WHERE}.") from error


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


# --- the table --------------------------------------------------------------------------------------------------------


def _known(name: str, default: str, parse: Callable[[str], object], help: str, *, field: str = "") -> Setting:
    return Setting(name=PREFIX + name, field=field or name.lower(), default=default, help=help, parse=parse)


KNOWN: tuple[Setting, ...] = (
    _known(
        "DATABASE",
        "paperboy.db",
        kinds.database,
        "The SQLite file everything is kept in: a path, or sqlite:///absolute/path. A relative path starts where "
        "Paperboy is started.",
        field="database_path",
    ),
    _known(
        "SOURCES",
        "huggingface",
        kinds.names("huggingface", "arxiv", "sample"),
        "Where papers come from, separated by commas: huggingface (Daily Papers), arxiv, sample (a small bundled "
        "edition that needs no network).",
    ),
    _known(
        "PLATFORMS",
        "terminal",
        kinds.names("terminal", later=("slack", "discord", "email")),
        "Where Paperboy talks. So far only the terminal.",
    ),
    _known(
        "POLL_MINUTES",
        "20",
        kinds.number(0.005, 1440, "minutes"),
        "How often each source is asked for new papers, in minutes. Less than 1 is for servers on this machine.",
    ),
    _known(
        "TICK_SECONDS",
        "15",
        kinds.number(0.1, 300, "seconds"),
        "How often Paperboy looks for what is due to be matched and posted, in seconds.",
    ),
    _known(
        "HUGGINGFACE_URL",
        "https://huggingface.co",
        kinds.url,
        "The address of Hugging Face, or of a mirror. http:// only for servers on this machine.",
    ),
    _known(
        "ARXIV_URL",
        "https://export.arxiv.org/api/query",
        kinds.url,
        "The address of arXiv's query API, for look-ups, search and backfill.",
    ),
    _known("ARXIV_RSS_URL", "https://rss.arxiv.org/rss", kinds.url, "The address of arXiv's daily announcement feeds."),
    _known(
        "ARXIV_CATEGORIES",
        "cs.AI,cs.CL,cs.CV,cs.LG",
        kinds.categories,
        "The arXiv categories to announce, separated by commas, when arxiv is among the sources.",
    ),
    _known(
        "ARXIV_INTERVAL",
        "3",
        kinds.number(0, 600, "seconds"),
        "Seconds between two requests to arXiv. arXiv asks everybody for 3 or more; less is for servers on this "
        "machine.",
    ),
    _known(
        "CONTACT",
        "",
        kinds.contact,
        "A mail or web address of yours. It is sent to the sources in the User-Agent, so that they can reach you "
        "before they block you.",
    ),
    _known("FETCH_SECONDS", "20", kinds.number(0.1, 300, "seconds"), "Seconds a source may take for a whole answer."),
    _known(
        "FETCH_MEGABYTES",
        "8",
        kinds.whole(1, 256, "MiB"),
        "The largest answer taken from a source, in MiB after decompression.",
    ),
    _known(
        "TIMEZONE",
        "UTC",
        kinds.timezone,
        "The time zone of new channels and people, such as Europe/Berlin. Each can choose its own.",
    ),
    _known(
        "DIGEST_AT",
        "09:00",
        kinds.clock,
        "The local time of day at which digests go out to new channels and people. Each can choose its own.",
    ),
    _known(
        "DAILY_CAP",
        "100",
        kinds.whole(1, MOST_CAP, "papers"),
        'Papers posted one by one at a new channel on one day; the rest fold into one "N more" line.',
    ),
    _known(
        "MAX_SUBSCRIPTIONS_PER_CHANNEL",
        "10",
        kinds.whole(1, 10_000, "subscriptions"),
        "Subscriptions a channel may have.",
    ),
    _known(
        "MAX_SUBSCRIPTIONS_PER_PERSON",
        "20",
        kinds.whole(1, 10_000, "subscriptions"),
        "Private subscriptions a person may have.",
    ),
    _known(
        "MAX_SUBSCRIPTIONS_PER_SPACE",
        "50",
        kinds.whole(1, 100_000, "subscriptions"),
        "Subscriptions all channels of one workspace or server may have together.",
    ),
    _known(
        "MAX_QUERY",
        "200",
        kinds.whole(10, LONGEST, "characters"),
        "The longest query of a subscription, in characters.",
    ),
    _known(
        "COMMANDS_PER_MINUTE",
        "10",
        kinds.whole(1, 10_000, "commands"),
        "Commands one person may give in a minute. Administrators, such as the terminal's owner, are not counted.",
    ),
    _known(
        "LOG_LEVEL",
        "WARNING",
        kinds.choice("DEBUG", "INFO", "WARNING", "ERROR", fold=str.upper),
        "What is logged to standard error: DEBUG, INFO, WARNING or ERROR and worse.",
    ),
    _known(
        "LOG_FORMAT",
        "text",
        kinds.choice("text", "json"),
        "How it is logged: text for people, json for machines (one object a line).",
    ),
    _known("USER", "you", kinds.name, "Your name at the terminal."),
    _known("CHANNEL", "#papers", kinds.name, "The channel the terminal shows and subscribes for."),
    _known(
        "EXAMPLES",
        "yes",
        kinds.yes,
        "yes: a new terminal database starts with two example subscriptions. no: it starts empty.",
    ),
)
