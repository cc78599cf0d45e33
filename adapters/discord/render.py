"""Posts and answers as the bodies of Discord's messages: plain JSON values. Pure, knows no SDK and sends nothing.

The box of a card is in ``embeds.py``, the rows below a message in ``controls.py``. What stands here is the text above
the boxes, which a push notification shows and which alone can mention somebody, and how cards share messages.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from adapters.discord.controls import OPTION, OPTIONS, controls
from adapters.discord.embeds import LONGEST_CODE, MOST, TITLE, TOTAL, Embed, embeds, fair, length, words
from adapters.discord.escape import address, code, fitted, line, link, prose, size, spoken
from adapters.discord.people import called_by, unmarked
from adapters.text import one_line
from bot.cards import Button, Card, Page, Post, Reply, Row
from bot.model import Offer

Body = dict[str, Any]

CONTENT = 2_000
NAME = 100
"""Characters of a thread's name, a forum post's title and of what autocomplete offers."""
MESSAGES = 5
"""Messages of an answer: a person's own installation may follow up five times (error 40094)."""
_ANSWER = 18_000
"""Characters that surely fit in them: of every two messages side by side, both together hold more than 6,000."""
_PICTURED = 3
"""Cards in a message up to which each shows its picture; more would make a long list longer."""
_MENTIONS = 100
_TRACE = 40
"""Room for the nonce that a message without buttons says in its text (``buttons.named``)."""
_ADDRESS = 80
_SILENT_LINKS = 1 << 2
"""SUPPRESS_EMBEDS. Not for what has embeds of its own, which it would hide: there every address is in brackets."""


@dataclass(frozen=True, slots=True)
class Said:
    """One message of an answer: its body, the commands to remember for its buttons, a file (name, text) to attach."""

    body: Body
    long: dict[str, str] = field(default_factory=dict)
    file: tuple[str, str] | None = None


# --- posts ------------------------------------------------------------------------------------------------------------


def post(said: Post) -> dict[str, Any]:
    """``body`` of the message without its nonce, ``name`` and ``tags`` for a forum, ``long`` commands to remember."""
    cards = _gathered([card for card in said.cards if not _is_bare(card)])
    alone = len(cards) == 1 and not said.heading
    pictured = len(cards) <= _PICTURED
    shared = _shared_label(cards)
    shown = [replace(card, label="") if shared else card for card in cards]
    boxes = _boxes(shown, TOTAL, titled=not alone, pictured=pictured)
    rows, long = controls(said.cards)
    body = _body(said, _content(said, shown, shared, alone), boxes, rows)
    return {"body": body, "name": _name(said), "tags": _tags(said), "long": long}


def plain_post(said: Post) -> dict[str, Any]:
    """The same shape without a box, a button or a masked link, for when Discord refused the other."""
    head = _lines(_mentions(said.mentions), fitted(one_line(said.heading), TITLE, line))
    foot = fitted(one_line(said.footer), TITLE, line)
    room = CONTENT - _TRACE - size(head) - size(foot)
    lines = sum(1 + len(card.rows) for card in said.cards)
    label = _shared_label(said.cards)
    cards = [_plain(replace(card, label="") if n and label else card, max(room // lines - _ADDRESS, 10))
             for n, card in enumerate(said.cards)]  # fmt: skip
    rooms = fair([sum(size(part) + 1 for part in parts) for parts in cards], room)
    kept = [_kept(parts, share) for parts, share in zip(cards, rooms, strict=True)]
    body = _body(said, _lines(head, *kept, foot), [], []) | {"flags": _SILENT_LINKS}
    return {"body": body, "name": _name(said), "tags": _tags(said), "long": {}}


def _body(said: Post | None, content: str, boxes: list[Embed], rows: list[dict[str, Any]]) -> Body:
    text = content if content or boxes else "There is nothing to show."
    return {"content": text, "embeds": boxes, "components": rows, "allowed_mentions": _allowed(said)}


def _allowed(said: Post | None) -> dict[str, list[str]]:
    """Nobody but those a manager asked for; a role or person named in a paper is never called."""
    called = [found for mention in (said.mentions if said else ()) if (found := called_by(mention))]
    roles = list(dict.fromkeys(c.id for c in called if c.is_role))[:_MENTIONS]
    users = list(dict.fromkeys(c.id for c in called if not c.is_role))[:_MENTIONS]
    return {"parse": [], "roles": roles, "users": users}


def _mentions(mentions: Sequence[str]) -> str:
    kept = [c.markup if (c := called_by(m)) else fitted(one_line(m), NAME, line) for m in mentions[:_MENTIONS]]
    while kept and size(" ".join(kept)) > CONTENT // 2:
        kept.pop()
    return " ".join(kept)


def _is_bare(card: Card) -> bool:
    """A sentence of ours: it needs no box."""
    return not (card.title or card.rows or card.code or card.links)


def _content(said: Post, cards: Sequence[Card], label: str, alone: bool) -> str:
    """What is above the boxes: whom it is for, and what it is about, for whoever sees only this."""
    head = _lines(_mentions(said.mentions), _small(label), _title(said, cards, alone))
    foot = _small(said.footer)
    bare = [card for card in said.cards if _is_bare(card)]
    free = CONTENT - _TRACE - size(head) - size(foot) - sum(size(_small(card.label)) + 2 for card in bare)
    rooms = fair([size(prose(card.body)) for card in bare], max(free, 0))
    told = [_lines(_small(c.label), fitted(c.body, room, prose)) for c, room in zip(bare, rooms, strict=True)]
    return _lines(head, *told, foot)


def _title(said: Post, cards: Sequence[Card], alone: bool) -> str:
    if said.heading:
        return f"**{fitted(one_line(said.heading), TITLE, line)}**"
    if not alone:
        return f"**{len(cards)} papers**" if cards else ""
    url = cards[0].url
    text = fitted(one_line(cards[0].title), TITLE, lambda title: link(title, url, quiet=True)) or line(cards[0].title)
    return f"**{text}**" if text else ""


def _small(text: str) -> str:
    said = fitted(one_line(text), NAME, line)
    return f"-# {said}" if said else ""


def _lines(*parts: str) -> str:
    return "\n".join(filter(None, parts))


def _shared_label(cards: Sequence[Card]) -> str:
    labels = {card.label for card in cards}
    return labels.pop() if len(labels) == 1 else ""


def _gathered(cards: Sequence[Card]) -> list[Card]:
    """At most ten boxes: more papers than that share the last one as lines, so that none is left out."""
    if len(cards) <= MOST:
        return list(cards)
    rows = tuple(Row(lead="▪", text=c.title or c.body, detail=c.byline, url=c.url) for c in cards[MOST - 1 :])
    return [*cards[: MOST - 1], Card(rows=rows, tone=cards[-1].tone)]


def _name(said: Post) -> str:
    names = (said.heading, *(text for card in said.cards for text in (card.title, card.body)))
    return next((cut for text in names if (cut := fitted(one_line(text), NAME, str))), "Papers")


def _tags(said: Post) -> list[str]:
    return list(dict.fromkeys(one_line(tag) for card in said.cards for tag in card.tags if tag.strip()))


# --- without markup ---------------------------------------------------------------------------------------------------


def _plain(card: Card, level: int) -> list[str]:
    """The lines of a card, the most important first; titles and rows at most ``level`` long, before their address."""
    title = _lines(fitted(one_line(card.title), level, line), _open(card.url))
    rows = [_lines(fitted(one_line(f"{row.lead} {row.text}"), level, line), _open(row.url)) for row in card.rows]
    told = " · ".join(map(line, filter(None, (card.byline, *card.facts))))
    why = f"matched: {line(card.matched)}" if card.matched else ""
    lines = (_small(card.label), title, *rows, told, words(card)(card.body), why, code(card.code), _small(card.footer))
    return [*filter(None, lines)]


def _open(url: str) -> str:
    where = address(url)
    return f"<{where}>" if where and len(where) <= _ADDRESS else ""


def _kept(lines: Sequence[str], room: int) -> str:
    """The whole lines there is room for; a line that is too long does not keep away shorter ones behind it."""
    kept = ""
    for one in lines:
        longer = _lines(kept, one)
        if size(longer) <= room:
            kept = longer
    return kept


# --- answers ----------------------------------------------------------------------------------------------------------


def answer(reply: Reply) -> list[Said]:
    """The messages of an answer in order: the first takes the place of the deferred one. At least one, at most five.

    What has pages is one message, so that a page turns in its place.
    """
    is_paged = reply.page is not None and reply.page.total > 1
    groups = [list(reply.cards)] if is_paged else _grouped(reply.cards)
    last = len(groups) - 1
    made = [_said(g, *((reply.page, reply.share) if n == last else (None, ""))) for n, g in enumerate(groups)]
    return made or [Said(_body(None, "", [], []))]


def _said(cards: Sequence[Card], page: Page | None = None, share: str = "") -> Said:
    rows, long = controls(cards, page, share)
    file = next((_file(card) for card in cards if size(card.code) > LONGEST_CODE), None)
    return Said(_body(None, "", _boxes(_gathered(cards), TOTAL), rows), long, file)


def _grouped(cards: Sequence[Card]) -> list[list[Card]]:
    """Cards that share a message: while they fit whole, and never with two files. What is over goes into the last."""
    groups: list[list[Card]] = []
    free = 0
    for card, room in zip(cards, fair([_whole(card) for card in cards], _ANSWER), strict=True):
        wanted = min(room, TOTAL)
        files = any(size(c.code) > LONGEST_CODE for c in groups[-1]) if groups else False
        full = wanted > free or (files and size(card.code) > LONGEST_CODE)
        if len(groups) < MESSAGES and (not groups or full or len(groups[-1]) == MOST):
            groups.append([])
            free = TOTAL
        groups[-1].append(card)
        free -= wanted
    return groups


def _whole(card: Card) -> int:
    return sum(map(length, embeds(card, 10 * TOTAL)))


def _boxes(cards: Sequence[Card], room: int, *, titled: bool = True, pictured: bool = True) -> list[Embed]:
    """The embeds of cards that share a message, none of which takes more than its share."""
    whole = [embeds(card, room, titled=titled, pictured=pictured) for card in cards]
    wanted = [sum(map(length, boxes)) for boxes in whole]
    made: list[Embed] = []
    for card, boxes, size_of, share in zip(cards, whole, wanted, fair(wanted, room), strict=True):
        made += boxes if size_of <= share else embeds(card, share, titled=titled, pictured=pictured)
    return [embed for embed in made if length(embed)][:MOST]


_FORMS = (("@", "papers.bib"), ("TY  -", "papers.ris"), ("[[", "papers.toml"), ("#", "papers.md"))


def _file(card: Card) -> tuple[str, str]:
    begins = card.code.lstrip()
    return next((name for sign, name in _FORMS if begins.startswith(sign)), "papers.txt"), card.code


def notice(text: str) -> Body:
    """A line for the channel, such as who changed what."""
    return _body(None, fitted(text, CONTENT, prose), [], [])


def question(label: str, remembered: str) -> Said:
    """What to ask before a button acts that asks first: its command and, on the last line, the question."""
    command, _, asked = remembered.rpartition("\n")
    return _said([Card(body=asked, buttons=(Button(label, command),), tone="warning")])


def choices(offers: Sequence[Offer]) -> list[dict[str, str]]:
    """What autocomplete shows. A value that is too long is left out: cut, it would mean something else."""
    fitting = [offer for offer in offers if offer.value.strip() and size(offer.value) <= OPTION]
    names = (fitted(one_line(spoken(unmarked(offer.label))), OPTION, str) or offer.value for offer in fitting)
    return [{"name": name, "value": offer.value} for name, offer in zip(names, fitting, strict=True)][:OPTIONS]
