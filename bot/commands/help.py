"""``/papers help``: pages made from the table, and a few short ones written by hand. Nothing here reads the store."""

import bot.commands  # the table is looked up when help is asked for: this file's own row is part of it
from bot.cards import Button, Card, Reply, Row
from bot.commands.reading import suggest
from bot.commands.table import Command, Desk, Option, Room
from bot.errors import CommandError
from bot.model import Request

_ROOMS: dict[Room, str] = {
    "look-ups": "Look papers up",
    "channel": "For this channel",
    "personal": "For yourself",
    "admin": "For administrators",
}

_WRITTEN: dict[str, tuple[str, str]] = {
    "query": (
        "What a subscription asks for",
        """Words must all be there: video diffusion
"a phrase" · either: (video OR image) · not: -survey · beginning: stream*
Fields: title: abstract: author: org: cat: keyword: submitter: source:
  author:"Y. LeCun" · cat:cs.CV · title:agents
Facts: votes>=10 comments>=1 stars>=100 has:code has:project has:model has:summary
Lists: is:daily is:trending is:new · every paper: *
Case, accents, hyphens and plurals do not matter; words match whole.
Try one without subscribing: /papers preview video diffusion -survey""",
    ),
    "cadence": (
        "How often papers come",
        """every:instant posts each paper as it comes. every:daily at:09:00 sends one digest a day,
every:weekly one a week.
max:10 keeps it to ten; the rest fold into one line that opens with /papers more.
A paper that matches later, say when it passes votes>=50, is posted then.
/papers subscribe video diffusion every:daily at:09:00 max:10""",
    ),
    "digest": (
        "Digests",
        """A daily or weekly digest comes at the local hour of where it goes;
without at: it takes the usual digest hour.
One a local date, also when the clocks change. No papers, no digest.
Yours: /papers me digest 09:00 · the zone it counts in: /papers me timezone Europe/Berlin
The morning list of Daily Papers: /papers subscribe * is:daily every:daily max:10""",
    ),
    "quiet": (
        "Quiet hours",
        """In quiet hours nothing is posted; what comes then waits for their end, nothing is lost.
Yours: /papers me quiet 22:00-08:00 · none: /papers me quiet off
To stop for longer: /papers pause id:all until:monday · again: /papers resume id:all""",
    ),
}
_ONE_MORE = "Everything about one: /papers help and its name"
_ALSO = {"digests": "digest", "queries": "query", "language": "query", "every": "cadence", "search query": "query"}


async def give_help(_desk: Desk, request: Request) -> Reply:
    """The front page, a written topic, a room, a group such as ``alert``, or one command."""
    topic = " ".join(request.options.get("topic", "").lower().removeprefix("/papers").split())
    card = _card(_ALSO.get(topic, topic))
    if card is None:
        raise _no_topic(topic)
    return Reply(cards=(card,), data=_data(card))


def _card(topic: str) -> Card | None:
    if not topic:
        return _front()
    if topic in _WRITTEN:
        title, body = _WRITTEN[topic]
        return Card(title=title, body=body)
    table = bot.commands.TABLE
    within = [c for c in table if topic in (c.room, c.words[0])]
    exact = next((c for c in table if topic == c.name), None)
    if exact is None and within:
        title = next((title for room, title in _ROOMS.items() if room == topic), f"/papers {topic}")
        return Card(title=title, rows=_rows(within), footer=_ONE_MORE)
    named = exact or next((c for c in table if topic in c.aliases), None)
    return _one(named) if named else None


def _front() -> Card:
    """Every room in one line each: a phone shows it whole."""
    rows = []
    for room, title in _ROOMS.items():
        words = dict.fromkeys(c.words[0] for c in bot.commands.TABLE if c.room == room)
        if words:
            rows.append(Row(lead="", text=title, detail=" · ".join(words)))
    topics = ("look-ups", "channel", "personal", *_WRITTEN)
    return Card(
        title="Paperboy brings new papers to where you talk",
        body="To get new papers here: /papers subscribe video diffusion\nThe papers of the day: /papers today",
        rows=tuple(rows),
        buttons=tuple(Button(topic, f"/papers help {topic}") for topic in topics),
        footer=f"More: /papers help and a command, or {', '.join(topics)}",
    )


def _rows(commands: list[Command]) -> tuple[Row, ...]:
    return tuple(Row(lead="", text=usage(c, short=True), detail=c.help) for c in commands)


def _one(command: Command) -> Card:
    rows = tuple(Row(lead=f"{o.name}:", text=o.help, detail=_detail(o)) for o in command.options if not o.silent)
    return Card(title=usage(command), body=command.help, rows=rows, code=command.example, footer=_needs(command))


def _needs(command: Command) -> str:
    if command.needs == "manager" and command.room == "admin":
        return "for managers of the channel, also where everybody may manage its subscriptions"
    return {"nothing": "", "manager": "for those who may manage the channel", "admin": "for administrators"}[
        command.needs
    ]


def _detail(option: Option) -> str:
    said = (", ".join(option.choices), "needed" if option.required else "")
    return " · ".join(part for part in said if part)


def usage(command: Command, *, short: bool = False) -> str:
    """``/papers today [date:] [top:] [sort:] [page:]``; ``short`` leaves out what is not needed."""
    options = (o for o in command.options if o.required or not (short or o.silent))
    return " ".join(["/papers", *command.words, *map(_slot, options)])


def _slot(option: Option) -> str:
    name = f"<{option.name}>" if option.rest else f"{option.name}:"
    return name if option.required else f"[{name}]"


def topics() -> list[str]:
    """Everything there is help on."""
    return list(dict.fromkeys((*_WRITTEN, *_ROOMS, *(c.name for c in bot.commands.TABLE))))


def _no_topic(topic: str) -> CommandError:
    meant = suggest(topic, topics())
    hint = f" (did you mean {meant}?)" if meant else ""
    return CommandError(f'There is no help on "{topic[:60]}"{hint}.', mended=f"/papers help {meant}".strip())


def _data(card: Card) -> dict[str, object]:
    rows = [{"name": row.lead or row.text, "text": row.detail if not row.lead else row.text} for row in card.rows]
    return {"title": card.title, "text": card.body, "rows": rows}


COMMANDS: tuple[Command, ...] = (
    Command(
        words=("help",),
        help="What Paperboy can do, a topic, or one command in detail",
        room="look-ups",
        run=give_help,
        options=(
            Option(name="topic", help="a command, channel, personal, query, cadence, digest or quiet", rest=True),
        ),
        aliases=("h", "?", "-h", "--help"),
        example="/papers help subscribe",
    ),
)
