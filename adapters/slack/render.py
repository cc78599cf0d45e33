"""What goes into a message: posts, answers and unfurled links out of cards. Pure; the same card always looks the same.

Also the texts beside the blocks, for notifications and screen readers, and the whole of a post without any blocks.
https://docs.slack.dev/reference/methods/chat.postMessage
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import count
from typing import Any

from adapters.slack import blocks
from adapters.slack.blocks import MOST_BLOCKS, MOST_CHARACTERS, Block
from adapters.slack.buttons import button, menu
from adapters.slack.cards import Look, Numbers, Piece, offered, opened, pieces
from adapters.slack.mrkdwn import cut, escape, link, mention, mention_markup
from adapters.text import one_line, safe
from bot.cards import Card, Page, Post, Reply

Body = dict[str, Any]

MOST_BODIES = 5
"""Messages in answer to one command (https://docs.slack.dev/interactivity/handling-user-interaction)."""

_WHOLE = Look()
_BRIEF = (
    Look(title=200, byline=120, body=400, links=5, buttons=False),
    Look(title=200, byline=120, body=400, links=3, picture=False, buttons=False),
    Look(title=180, byline=100, body=260, links=2, picture=False, buttons=False),
    Look(title=150, byline=80, body=140, links=1, picture=False, buttons=False),
    Look(title=120, byline=60, body=0, links=0, picture=False, buttons=False),
)
"""How papers look in a post of many, the roomiest first: the first that fits is taken."""
_FEW = 2
"""Papers in a post that have buttons of their own; more share one menu."""
_ROOM = 300
"""Characters kept free in a message for the line that says that something was left out."""

_NOTICE = 1_500
_TEXT = 12_000
_LINE = 300
_PARAGRAPH = 600
_OPENS = "/papers show "
_LEFT_OUT = "… and more than Slack takes in one message"


def post(said: Post) -> Body:
    """The body of a post: ``text`` and ``blocks``."""
    looks = [*([_WHOLE] if len(said.cards) <= _FEW else []), *_BRIEF]
    tried = (_packed(_posted(said, look)) for look in looks)
    messages = next((found for found in tried if len(found) == 1), None) or _packed(_posted(said, _BRIEF[-1]))
    first, *rest = messages
    left_out = blocks.context([_LEFT_OUT]) if rest else ()
    return {"text": _notice(_announced(said)), "blocks": [*first, *left_out]}


def plain_post(said: Post) -> Body:
    """The same as text alone, for when the blocks are refused: everything but summaries of many papers and buttons."""
    mentions = [markup for text in said.mentions if (markup := mention_markup(text))]
    whole = len(said.cards) <= _FEW
    cards = ("\n".join(_written(card, whole)) for card in said.cards)
    parts = [" ".join(mentions), _escaped(said.heading), *cards, _escaped(said.footer)]
    return {"text": _joined([part for part in parts if part], "\n\n", _TEXT)}


def answer(reply: Reply) -> list[Body]:
    """The messages of an answer, at most five: the first takes the place of the acknowledgement. None for no cards."""
    numbers = count()
    parts = list(_listed(reply.cards, numbers))
    ways = _ways(reply, numbers)
    messages = _packed(_closed(parts, ways)) if parts else []
    if len(messages) > MOST_BODIES:
        end = [*blocks.context(["… and more than Slack takes in answer to one command"]), *ways]
        messages = [*messages[: MOST_BODIES - 1], end]
    texts = [_notice(_told(reply)), *["… continued"] * len(messages)]
    return [{"text": text, "blocks": message} for text, message in zip(texts, messages, strict=False)]


def unfurl(card: Card) -> Body:
    """What is shown below a link somebody pasted, for ``chat.unfurl``: the card in little, with its buttons.

    Made of sections only: not every kind of block is known to be taken there.
    """
    told = blocks.dotted((cut(card.byline, _LINE), *card.facts))
    head = [_escaped(card.label), f"*{link(card.url, cut(one_line(card.title), _LINE))}*", escape(cut(told, _LINE))]
    said = _joined([part for part in head if part and part != "**"], "\n", 2_900)
    title = {"type": "section", "text": {"type": "mrkdwn", "text": said or "–", "verbatim": True}}
    body = cut(safe(card.body), 400)
    shown = blocks.picture(card.picture, card.picture_alt)
    context = blocks.context((one_line(card.body_origin) if body else "", cut(one_line(card.footer), _LINE)))
    return {
        "blocks": [title, *([blocks.section(body, shown)] if body else []), *context, *offered(card, _WHOLE, count())]
    }


# --- into messages ----------------------------------------------------------------------------------------------------


def _packed(parts: Iterable[Piece]) -> list[list[Block]]:
    """The pieces in as few messages as they fit into, in order, each whole."""
    messages: list[list[Block]] = [[]]
    for piece in parts:
        if messages[-1] and not _fits([*messages[-1], *piece]):
            messages.append([])
        messages[-1] += piece
    return messages


def _fits(message: Sequence[Block]) -> bool:
    return len(message) < MOST_BLOCKS and blocks.size(message) <= MOST_CHARACTERS - _ROOM


def _closed(parts: Sequence[Piece], ways: Piece) -> list[Piece]:
    """The ways on below the parts, in one row with the buttons above them where they may be."""
    if not parts or not ways:
        return [*parts, *([ways] if ways else [])]
    *before, last = parts
    above, below = last[-1].get("elements", []), ways[0].get("elements", [])
    if last[-1]["type"] == ways[0]["type"] == "actions" and len(above) + len(below) <= blocks.MOST_BUTTONS:
        return [*before, [*last[:-1], {"type": "actions", "elements": [*above, *below]}]]
    return [*parts, ways]


def _posted(said: Post, look: Look) -> Iterator[Piece]:
    numbers = count()
    pings = [element for text in said.mentions if (element := mention(text))]
    if pings:
        yield [blocks.rich([part for ping in pings for part in (ping, blocks.run(" "))])]
    if said.heading:
        yield [blocks.header(said.heading)]
    cards = said.cards
    if label := _shared_label(cards):
        yield [blocks.rich([blocks.run(label, "code")])]
        cards = tuple(replace(card, label="") if card.url else card for card in cards)
    yield from _parted(cards, look, numbers)
    if not look.buttons:
        yield from _opened(said.cards, numbers)
    if said.footer:
        yield [*blocks.context([cut(one_line(said.footer), _PARAGRAPH)])]


def _shared_label(cards: Sequence[Card]) -> str:
    """The warning that every paper of many has: said once, on top of them."""
    labels = {one_line(card.label) for card in cards if card.url}
    return cut(labels.pop(), _LINE) if len(cards) > _FEW and len(labels) == 1 else ""


def _parted(cards: Sequence[Card], look: Look, numbers: Numbers) -> Iterator[Piece]:
    """The pieces of the cards, with a line between papers, and between them and what follows."""
    for at, card in enumerate(cards):
        shown = pieces(card, look, numbers)
        ruled = at > 0 and bool(card.url or cards[at - 1].url)
        if first := next(shown, None):
            yield [blocks.divider(), *first] if ruled else first
        yield from shown


def _listed(cards: Sequence[Card], numbers: Numbers) -> Iterator[Piece]:
    """The pieces of an answer. Lists that follow each other share the menu that opens what is in them."""
    lists = [card.rows for card in cards if any(row.command for row in card.rows)]
    yield from _parted(cards, replace(_WHOLE, menu=len(lists) < 2), numbers)
    if len(lists) > 1:
        yield [*opened([row for rows in lists for row in rows], numbers)]


def _opened(cards: Sequence[Card], numbers: Numbers) -> Iterator[Piece]:
    """One menu for papers that have no buttons of their own."""
    offers = ((card.title, button.command) for card in cards for button in card.buttons)
    lines = [(title, command) for title, command in offers if title and command.startswith(_OPENS)]
    if lines:
        yield [*blocks.actions([menu("Open a paper…", lines, number=next(numbers))])]


def _ways(reply: Reply, numbers: Numbers) -> Piece:
    """Where in a long answer we are, the ways on and back, and the offer to show it to everybody.

    The way on comes first, so that it is in the same place on every page; at the ends the other one is left out, as
    Slack has no buttons that cannot be pressed.
    """
    page = reply.page
    many = page is not None and page.total > 1
    offers = [*(_turns(page, numbers) if page and many else ())]
    if reply.share:
        offers.append(button("Share to channel", reply.share, verb="share", number=next(numbers)))
    where = blocks.context([f"{page.number}/{page.total}"]) if page and many else ()
    return [*where, *blocks.actions(offers)]


def _turns(page: Page, numbers: Numbers) -> Iterator[Block | None]:
    for label, command in (("Next ▶", page.next), ("◀ Back", page.previous)):
        if command:
            yield button(label, command, verb="turn", number=next(numbers))


# --- as text ----------------------------------------------------------------------------------------------------------


def _notice(lines: Iterable[str]) -> str:
    """What a notification shows and a screen reader reads: escaped lines, as many as are welcome there."""
    return _joined([escape(cut(line, _LINE)) for line in lines if line], "\n", _NOTICE) or "–"


def _announced(said: Post) -> Iterator[str]:
    yield one_line(said.heading)
    for card in said.cards:
        yield from _heard(card)


def _told(reply: Reply) -> Iterator[str]:
    for card in reply.cards:
        yield from _heard(card)
        yield from (one_line(f"{row.lead} {row.text}") for row in card.rows)


def _heard(card: Card) -> Iterator[str]:
    told = blocks.dotted((card.byline, *card.facts[:3]))
    title = " — ".join(part for part in (one_line(card.title), told) if part)
    yield " · ".join(part for part in (one_line(card.label), title) if part)
    if not card.url:
        yield one_line(card.body)


def _written(card: Card, whole: bool) -> Iterator[str]:
    """A card as lines of markup."""
    title = link(card.url, cut(one_line(card.title), _LINE)) if card.url else _escaped(card.title)
    yield from filter(None, (_escaped(card.label), title))
    yield from filter(None, [_escaped(blocks.dotted((cut(card.byline, _LINE), *card.facts)))])
    if card.body and (whole or not card.url):
        yield escape(cut(safe(card.body), _PARAGRAPH))
    if card.matched:
        yield _escaped(f"matched: {card.matched}")
    for row in card.rows:
        text = cut(one_line(row.text), _LINE)
        yield " ".join(filter(None, (_escaped(row.lead), link(row.url, text) if row.url else escape(text))))
    yield from filter(None, [" · ".join(link(to.url, to.label) for to in card.links) if whole else ""])
    yield from filter(None, [_escaped(card.footer)])


def _escaped(text: str) -> str:
    return escape(cut(one_line(text), _LINE))


def _joined(parts: Sequence[str], gap: str, limit: int) -> str:
    """As many parts as fit. They are not cut: half an escape or half a link would be neither."""
    kept: list[str] = []
    for part in parts:
        if len(gap.join([*kept, part])) > limit:
            return gap.join([*kept, "…"])
        kept.append(part)
    return gap.join(kept)
