"""The table of all settings: name, default, explanation and what the value may be. Nothing is read here.

Every name, default and explanation stands here once; ``.env.example`` and the documents are compared with it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from bot import setting_kinds as kinds
from bot.model import MOST_CAP
from bot.query import LONGEST

PREFIX = "PAPERBOY_"


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
    secret: bool = False
    """Whether its value must never be shown, not even in an error."""


def _known(name: str, default: str, parse: Callable[[str], object], help: str, *, field: str = "") -> Setting:
    return Setting(name=PREFIX + name, field=field or name.lower(), default=default, help=help, parse=parse)


def _secret(name: str, parse: Callable[[str], object], help: str) -> Setting:
    return Setting(name=PREFIX + name, field=name.lower(), default="", help=help, parse=parse, secret=True)


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
        kinds.names("terminal", "slack", "discord", later=("email",)),
        "Where Paperboy talks, separated by commas: terminal, slack, discord.",
    ),
    _secret("DISCORD_TOKEN", kinds.discord_token, "Discord: the bot's token (docs/discord.md shows where it is)."),
    _secret(
        "SLACK_BOT_TOKEN", kinds.token("xoxb-"), "Slack, one workspace: the bot token, xoxb-… (docs/slack.md shows it)."
    ),
    _secret(
        "SLACK_APP_TOKEN",
        kinds.token("xapp-"),
        "Slack over Socket Mode, which needs no public address: the app-level token, xapp-….",
    ),
    _secret(
        "SLACK_SIGNING_SECRET",
        kinds.secret,
        "Slack over HTTP instead: the signing secret, to tell Slack's requests from others.",
    ),
    _known("SLACK_CLIENT_ID", "", kinds.plain, "Slack over HTTP for many workspaces: the app's client ID."),
    _secret("SLACK_CLIENT_SECRET", kinds.secret, "Slack over HTTP for many workspaces: the app's client secret."),
    _known(
        "SLACK_PUBLIC_URL",
        "",
        kinds.maybe(kinds.url),
        "Slack over HTTP for many workspaces: the https:// address under which the world reaches Paperboy.",
    ),
    _known(
        "SLACK_LISTEN",
        "127.0.0.1:3000",
        kinds.listen,
        "Slack over HTTP: the address and port Paperboy listens on, behind a proxy that speaks https.",
    ),
    _secret(
        "KEY",
        kinds.keys,
        "Slack over HTTP for many workspaces: seals their tokens in the database. paperboy key makes one; to change "
        "it, put the new one in front of the old one, with a comma.",
    ),
    _known(
        "POLL_MINUTES",
        "20",
        kinds.number(0.005, 1440, "minutes"),
        "How often each source is asked for new papers, in minutes. At most 1440 (a day); less than 1 is "
        "for servers on this machine.",
    ),
    _known(
        "STALE_HOURS",
        "12",
        kinds.whole(0, 720, "hours"),
        "After how many hours in which a source could not be read those who manage are told, once; and once more when "
        "it can. At most 720; 0: never. Hours in which Paperboy itself was off are not counted.",
    ),
    _known(
        "TICK_SECONDS",
        "15",
        kinds.number(0.1, 300, "seconds"),
        "How often Paperboy looks for what is due to be matched and posted, in seconds: 0.1 to 300.",
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
        "machine. At most 600.",
    ),
    _known(
        "CONTACT",
        "",
        kinds.contact,
        "A mail or web address of yours. It is sent to the sources in the User-Agent, so that they can reach you "
        "before they block you.",
    ),
    _known(
        "FETCH_SECONDS",
        "20",
        kinds.number(0.1, 300, "seconds"),
        "Seconds a source may take for a whole answer, at most 300.",
    ),
    _known(
        "FETCH_MEGABYTES",
        "8",
        kinds.whole(1, 256, "MiB"),
        "The largest answer taken from a source, in MiB after decompression: 1 to 256.",
    ),
    _known("DISCORD_URL", "https://discord.com/api/v10", kinds.url, "The address of Discord's API."),
    _known(
        "DISCORD_GATEWAY",
        "",
        kinds.maybe(kinds.websocket),
        "The address of Discord's gateway, wss://…; empty for the one Discord names.",
    ),
    _known("SLACK_URL", "https://slack.com/api", kinds.url, "The address of Slack's Web API."),
    _known(
        "SLACK_AUTHORIZE_URL",
        "https://slack.com/oauth/v2/authorize",
        kinds.url,
        "The address of Slack's page that asks an administrator for consent.",
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
        'Papers posted one by one at a new channel on one day; the rest fold into one "N more" line. At most 10000.',
    ),
    _known(
        "MAX_SUBSCRIPTIONS_PER_CHANNEL",
        "10",
        kinds.whole(1, 10_000, "subscriptions"),
        "Subscriptions a channel may have: 1 to 10000.",
    ),
    _known(
        "MAX_SUBSCRIPTIONS_PER_PERSON",
        "20",
        kinds.whole(1, 10_000, "subscriptions"),
        "Private subscriptions a person may have: 1 to 10000.",
    ),
    _known(
        "MAX_SUBSCRIPTIONS_PER_SPACE",
        "50",
        kinds.whole(1, 100_000, "subscriptions"),
        "Subscriptions all channels of one workspace or server may have together: 1 to 100000.",
    ),
    _known(
        "MAX_QUERY",
        "200",
        kinds.whole(10, LONGEST, "characters"),
        "The longest query of a subscription, in characters: 10 to 1000.",
    ),
    _known(
        "COMMANDS_PER_MINUTE",
        "10",
        kinds.whole(1, 10_000, "commands"),
        "Commands one person may give in a minute. Administrators may give six times as many; "
        "the terminal's owner is not counted. 1 to 10000.",
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
    _known(
        "MONITOR",
        "",
        kinds.loopback,
        "Where the operator's tools may ask: /metrics for Prometheus and /healthz, such as 127.0.0.1:9464. On this "
        "machine only; empty for nowhere.",
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
