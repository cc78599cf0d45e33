"""How one card looks: as pieces, each a few blocks that stay together. Pure; what goes into which message is not here.

A paper: its title as a link, who and what in one line, the summary with the picture beside it, and in grey where the
summary is from, why it is here and where it leads. Anything else: a heading, sentences, lists, what to copy, buttons.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from adapters.slack import blocks
from adapters.slack.blocks import Block
from adapters.slack.buttons import Style, Verb, button, menu
from adapters.slack.mrkdwn import cut
from adapters.text import one_line, safe
from bot.cards import Button, Card, Row, Tone
from bot.commands import TABLE

Numbers = Iterator[int]
"""What makes the buttons of a message unique."""
Piece = list[Block]

_MARKS: dict[Tone, str] = {"good": "✅ ", "warning": "⚠️ ", "error": "⚠️ "}
_FACT = 60
_LONG_BYLINE = 100
"""Characters above which the figures begin on a line of their own."""
_LABEL = 200
_GREY = 300
_ROW = 300
_ROW_DETAIL = 400
_BESIDE = 700
"""Characters of a text that a picture stands beside; a longer one would leave an empty column below it."""
_LINES = 10
_CODE = 9_000
"""Characters of what is to be copied in one piece, as JSON: it fits into a message with what surrounds it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How much of a card is shown: characters, links, and whether it has its picture, buttons and menu."""

    title: int = 300
    byline: int = 300
    body: int = 3000
    links: int = 8
    picture: bool = True
    buttons: bool = True
    menu: bool = True


def pieces(card: Card, look: Look, numbers: Numbers) -> Iterator[Piece]:
    """The card from top to bottom. A paper without rows is one piece."""
    head = [*_head(card, look), *(_below(card, look) if card.url else ())]
    if head:
        yield head
    yield from _rows(card.rows)
    yield from ([blocks.preformatted(part)] for part in _copied(card.code))
    tail = [*(() if card.url else _below(card, look)), *offered(card, look, numbers)]
    tail += opened(card.rows, numbers) if look.menu else []
    if tail:
        yield tail


def verb(command: str) -> Verb:
    """What a button with this command does: a command that has a form, given bare, opens it."""
    bare = command.removeprefix("/papers ").strip()
    return "form" if any(c.form and c.name == bare for c in TABLE) else "run"


# --- the upper half ---------------------------------------------------------------------------------------------------


def _head(card: Card, look: Look) -> Iterator[Block]:
    shown = blocks.picture(card.picture, card.picture_alt) if look.picture else None
    body = cut(safe(card.body).strip(), look.body)
    beside = shown is not None and 0 < len(body) <= _BESIDE
    if card.title and not card.url:
        yield blocks.header(cut(one_line(card.title), look.title))
    lines = _joined([*_titled(card, look), *([] if card.url or not body else [_said(card, body)])])
    quoted = [blocks.run(body)] if card.url and body and not beside else []
    if lines or quoted:
        yield blocks.rich(lines, quoted)
    if shown:
        yield blocks.section(body, shown) if beside else shown


def _titled(card: Card, look: Look) -> Iterator[list[Block]]:
    """Each a line: the warning, the linked title, who and what."""
    if label := cut(one_line(card.label), _LABEL):
        yield [blocks.run(label, "code")]
    if card.url and (title := cut(one_line(card.title), look.title)):
        yield [blocks.anchor(card.url, title, "bold")]
    byline, facts = cut(card.byline, look.byline), [cut(fact, _FACT) for fact in card.facts]
    told = [(byline,), facts] if len(byline) > _LONG_BYLINE else [(byline, *facts)]
    yield from ([blocks.run(line)] for parts in told if (line := blocks.dotted(parts)))


def _said(card: Card, body: str) -> list[Block]:
    return blocks.spoken(f"{_MARKS.get(card.tone, '')}{body}")


def _joined(lines: Sequence[list[Block]]) -> list[Block]:
    """The lines as one paragraph."""
    return [*chain.from_iterable([blocks.run("\n"), *line] for line in lines)][1:]


def _below(card: Card, look: Look) -> Iterator[Block]:
    """In grey: where the body is from, why the card is here, where it leads, and what else there is to say."""
    why = f"matched: {cut(one_line(card.matched), _GREY)}" if card.matched else ""
    origin = one_line(card.body_origin) if card.body and look.body else ""
    links = [(link.url, link.label) for link in card.links if look.buttons or link.url != card.url][: look.links]
    footer = cut(one_line(card.footer), _GREY * 2)
    if footer and not card.url:
        yield blocks.rich(blocks.spoken(footer))
        footer = ""
    yield from blocks.context((origin, why, footer), links)


# --- lists ------------------------------------------------------------------------------------------------------------


def _rows(rows: Sequence[Row]) -> Iterator[Piece]:
    """Rows that lead somewhere are two lines each, the second in grey; others a list with dots."""
    if any(row.lead and row.url for row in rows):
        yield from ([blocks.rich(_led(row)), *_detail(row)] for row in rows)
        return
    items = [_item(row) for row in rows]
    yield from ([blocks.bullets(items[at : at + _LINES])] for at in range(0, len(items), _LINES))


def _led(row: Row) -> list[Block]:
    lead = [blocks.run(f"{one_line(row.lead)} ")] if row.lead else []
    return [*lead, blocks.anchor(row.url, cut(one_line(row.text), _ROW) or "–", "bold")]


def _detail(row: Row) -> Iterator[Block]:
    parts = (cut(part, _GREY) for part in row.detail.split(" · "))
    yield from blocks.context((blocks.dotted(parts),))


def _item(row: Row) -> list[Block]:
    """A line with a dot: what it is about, and behind a dash or, for what has a number, below it, what is known."""
    lead, text = one_line(row.lead), cut(one_line(row.text), _ROW)
    detail = cut(one_line(row.detail), _ROW_DETAIL)
    told = [blocks.anchor(row.url, detail)] if row.url else blocks.spoken(detail)
    gap = "\n" if lead.startswith("#") else " — "
    parts = [_leading(lead) if lead else [], _named(lead, text, detail)]
    if detail:
        parts += [[blocks.run(gap)] if text else [], told]
    return [*chain.from_iterable(parts)] or [blocks.run("–")]


def _leading(lead: str) -> list[Block]:
    """What can be typed is in a fixed width; an arrow would stand beside the dot of the list and say nothing."""
    return [blocks.run(lead, "code"), blocks.run(" ")] if any(map(str.isalnum, lead)) else []


def _named(lead: str, text: str, detail: str) -> list[Block]:
    """A name is bold, a command is code, a sentence is neither."""
    if text.startswith("/papers"):
        return [blocks.run(text, "code")]
    is_name = lead.startswith("#") or (detail and not lead)
    return [blocks.run(text, "bold")] if text and is_name else blocks.spoken(text)


def _copied(code: str) -> Iterator[str]:
    """What is to be copied, in parts of whole lines where lines are not endless."""
    rest = safe(code).strip("\n") if code.strip() else ""
    while rest:
        end = min(len(rest), _CODE)
        while blocks.size([blocks.run(rest[:end])]) > _CODE:
            end = end * 3 // 4
        if end < len(rest):
            end = rest.rfind("\n", 1, end) + 1 or end
        yield rest[:end].rstrip("\n")
        rest = rest[end:].lstrip("\n")


# --- what can be pressed ----------------------------------------------------------------------------------------------


def offered(card: Card, look: Look, numbers: Numbers) -> Iterator[Block]:
    """The buttons of a card. Those of a paper may be left out; any other card's are the point of it."""
    if look.buttons or not card.url:
        mended = card.tone == "error"
        yield from blocks.actions(_button(offer, numbers, mended) for offer in card.buttons)


def _button(offer: Button, numbers: Numbers, mended: bool) -> Block | None:
    style: Style = "danger" if offer.confirm else "primary" if mended else ""
    return button(
        offer.label, offer.command, verb=verb(offer.command), number=next(numbers), confirm=offer.confirm, style=style
    )


def opened(rows: Sequence[Row], numbers: Numbers) -> Iterator[Block]:
    """A menu of the rows that can be opened."""
    lines = [(f"{row.lead} {row.text}", row.command) for row in rows if row.command]
    if lines:
        yield from blocks.actions([menu("Open a paper…", lines, number=next(numbers))])
