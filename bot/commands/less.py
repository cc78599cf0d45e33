"""``/papers me less``: which of one's subscriptions bring papers like this one, and queries that would bring fewer.

Nothing is changed here. Every button is a whole command that changes one subscription when it is pressed; the queries
in them are made by pure functions.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from bot.cards import Button, Card, Reply
from bot.commands.answers import line, place
from bot.commands.fetching import find_paper
from bot.commands.rights import may_manage
from bot.commands.similar import telling_words
from bot.commands.table import Desk
from bot.commands.verbs import ALERTS, CHANNEL, Verbs
from bot.errors import QueryError
from bot.model import Paper, Request, Subscription, Target
from bot.phrases import quoted
from bot.query import Document, document, parse
from bot.query.tree import And, Not, Number, every
from bot.text import cut, words

_STEPS = (10, 25, 50, 100, 250, 500, 1000)
_STRUCK = 2
"""Ways to exclude that are offered for one subscription."""
_MOST = 5
"""Subscriptions told one by one."""
_LABEL = 30
_FORMS = frozenset(words("survey review overview benchmark dataset tutorial position report perspective challenge"))
"""Kinds of papers that people tire of first."""


@dataclass(frozen=True, slots=True)
class _Bringer:
    """A subscription that brings the paper, and the words that hit."""

    verbs: Verbs
    target: Target
    subscription: Subscription
    hits: tuple[str, ...]


# --- queries that bring less (pure) -----------------------------------------------------------------------------------


def without(query: str, paper: Paper, today: date, limit: int) -> list[tuple[str, str]]:
    """What of the paper can be excluded, and the query that does: (word, query), the most telling first.

    Every query parses within ``limit`` characters, can match something, and does not match the paper any more.
    """
    known = (_struck(query, word, paper, today, limit) for word in _own(paper))
    return [found for found in known if found][:_STRUCK]


def _own(paper: Paper) -> Iterator[str]:
    """What a paper can be excluded by: its kind, keywords, category, and the words of its title."""
    title = telling_words(paper)
    yield from (word for word in title if word in _FORMS)
    yield from (" ".join(words(keyword)) for keyword in paper.facts.keywords if len(words(keyword)) <= 3)
    yield from (f"cat:{category}" for category in paper.categories[:1])
    subject = set(words(paper.title.partition(":")[2] or paper.title))  # before a colon stands the paper's own name
    yield from (word for word in title if word in subject and word.isalpha())


def _struck(query: str, word: str, paper: Paper, today: date, limit: int) -> tuple[str, str] | None:
    try:
        asked, item = parse(query), parse(f'"{word}"' if " " in word else word).root
        after = str(every([asked.root, Not(item)]))
        read = parse(after, limit=limit)
    except QueryError:
        return None
    wanted = words(" ".join(asked.terms()))
    is_wanted = all(any(own.startswith(want) for want in wanted) for own in words(word))
    sound = not is_wanted and not read.contradiction() and read.match(document(paper), today) is None
    return (str(item), after) if sound else None


def stricter(query: str, paper: Paper, limit: int) -> tuple[int, str] | None:
    """The query with the next round number of votes above the paper's; None where no step is left."""
    step = next((step for step in _STEPS if step > (paper.facts.votes or 0)), 0)
    try:
        root = parse(query).root
        items = root.items if isinstance(root, And) else (root,)
        kept = [item for item in items if not (isinstance(item, Number) and item.name == "votes")]
        after = str(every([*kept, Number("votes", ">=", step)]))
        parse(after, limit=limit)
    except QueryError:
        return None
    return (step, after) if step and after != query else None


# --- the answer -------------------------------------------------------------------------------------------------------


async def less(desk: Desk, request: Request) -> Reply:
    """What brings this paper to the asker or to this channel, with ways to see fewer such papers."""
    paper = await find_paper(desk, request.options["paper"], "me less")
    bringers = await _bringers(desk, request, paper)
    may = await may_manage(desk, request)
    if not bringers:
        said = "Nothing that is subscribed here or by you brings this paper, so there is nothing to lessen."
        button = Button("Why is it here?", line("why", paper=paper.name))
        return Reply(cards=(Card(title=paper.title, body=said, buttons=(button,)),), data={"brought_by": []})
    shown = bringers[:_MOST]
    cards = [_card(b, paper, desk, may or b.verbs is ALERTS) for b in shown]
    more = len(bringers) - len(cards)
    lead = Card(
        title=f"Fewer papers like “{paper.title}”",
        footer=f"and {more} more: {line('why', paper=paper.name)}" if more else "",
    )
    return Reply(
        cards=(lead, *cards), data={"brought_by": [_data(b, card) for b, card in zip(shown, cards, strict=True)]}
    )


async def _bringers(desk: Desk, request: Request, paper: Paper) -> list[_Bringer]:
    """The subscriptions of this channel and the alerts of the asker that match the paper, or did."""
    rooms = [ALERTS] if request.where.kind == "person" else [CHANNEL, ALERTS]
    doc, today = document(paper), desk.today()
    found = []
    for verbs in rooms:
        target = await desk.store.subscriptions.find_target(verbs.where(request))
        if target is None:
            continue
        trail = await desk.store.outbox.trail(target.id, paper.key)
        fired = {reason.subscription: reason.terms for delivery in trail for reason in delivery.reasons}
        for one in await desk.store.subscriptions.at(target.id):
            hits = _hits(one.query, doc, today)
            if hits is not None or one.id in fired:
                found.append(_Bringer(verbs, target, one, hits or fired.get(one.id, ())))
    return found


def _hits(query: str, doc: Document, today: date) -> tuple[str, ...] | None:
    try:
        return parse(query).match(doc, today)
    except QueryError:
        return None


def _card(bringer: _Bringer, paper: Paper, desk: Desk, may: bool) -> Card:
    one, where = bringer.subscription, place(bringer.target.address)
    name = f"{bringer.verbs.noun} #{one.number}"
    hits = ", ".join(bringer.hits) or one.query
    body = f"It comes to {where} for {name}, {quoted(one.query)}: {hits}."
    if not may:
        return Card(body=f"{body} Changing that is for the managers of {where}.")
    by_hand = line(bringer.verbs.edit, id=str(one.number))
    return Card(body=body, buttons=tuple(_buttons(bringer, paper, desk)), footer=f"Another query: {by_hand} query:…")


def _data(bringer: _Bringer, card: Card) -> dict[str, object]:
    return {
        "noun": bringer.verbs.noun,
        "number": bringer.subscription.number,
        "query": bringer.subscription.query,
        "hits": list(bringer.hits),
        "ways": [{"label": button.label, "command": button.command} for button in card.buttons],
    }


def _buttons(bringer: _Bringer, paper: Paper, desk: Desk) -> Iterator[Button]:
    verbs, one, most = bringer.verbs, bringer.subscription, desk.limits.query
    number = str(one.number)
    for word, query in without(one.query, paper, desk.today(), most):
        yield Button(f"Without {cut(word, _LABEL)}", line(verbs.edit, id=number, query=query))
    if higher := stricter(one.query, paper, most):
        step, query = higher
        yield Button(f"From {step} votes on", line(verbs.edit, id=number, query=query))
    yield Button("Pause for a week", line(verbs.pause, id=number, until="7d"))
    ask = f"Remove {verbs.noun} #{one.number}, {quoted(one.query)}?"
    yield Button("Remove", line(verbs.remove, id=number), confirm=ask)
