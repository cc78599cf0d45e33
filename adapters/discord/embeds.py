"""A card as embeds: what stands where in the box, and how it gives way where there is no room. Pure.

Embeds, not Components V2: a message of components has no text of its own, so that a push notification of it is empty
(https://github.com/discord/discord-api-docs/issues/7854), and it holds 4,000 characters where embeds hold 6,000. What
is in an embed never pings and shows no previews. Messages are put together in ``render.py``.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from adapters.discord.escape import address, block, code, escaped, fitted, line, link, prose, size, spoken
from adapters.text import one_line
from bot.cards import Card, Row, Tone
from bot.text import cut

Embed = dict[str, Any]

TOTAL = 6_000
"""Characters of all embeds of a message together (https://docs.discord.com/developers/resources/message)."""
MOST = 10
TITLE, DESCRIPTION, FOOTER, AUTHOR, ALT = 256, 4_096, 2_048, 256, 1_024
LONGEST_CODE = 3_500
"""What is longer is sent as a file."""

_COLOURS: Mapping[Tone, int] = {
    "paper": 0x4A7DDB, "plain": 0x80848E, "good": 0x3BA55D, "warning": 0xF0B232, "error": 0xDA373C,
}  # fmt: skip
_LEVELS = (1_000, 250, 120, 60, 30)
"""How long each text but the body may be; the next one is taken where the one before leaves the body no room."""
_LEAST_BODY, _BYLINE, _LINKS = 80, 300, 150
_BRIEF_BYLINE = 120
_LONG_BYLINE = 60
"""Characters above which the facts begin on a line of their own."""
_TIGHT = 1_500
_SHORT = 16
"""Characters of a part of a line that is not broken between two."""
_DOT = " · "
_LINE_DOT = "\xa0· "
"""Between parts of a line that may be too long for one: a line ends with the dot, none begins with it."""
_MORE = "… and {} more"
_ADMIN = re.compile(r"/papers admin(?=\s|$)")


def embeds(card: Card, room: int, *, titled: bool = True, pictured: bool = True) -> list[Embed]:
    """A card in at most ``room`` characters: one embed, or several where a description is too long for one.

    The body gives way first, then the other texts. Rows that find no room are counted, never left out silently.
    """
    tries = (_at_level(level, card, room, titled, pictured) for level in _LEVELS)
    return next(made for made in tries if made is not None)


def _at_level(level: int, card: Card, room: int, titled: bool, pictured: bool) -> list[Embed] | None:
    """The card with texts at most ``level`` long; None where the body finds no room, but for the last level."""
    head, footer = _head(card, level, titled, pictured), _footer(card, level)
    before, rows = [*_told(card, level, brief=not pictured)], [_row(row, level, words(card)) for row in card.rows]
    after = [*_code(card), *_links(card, level, tight=room < _TIGHT or not pictured)]
    origin = _origin(card)
    free = room - length(head) - size(footer) - size(origin) - sum(size(p) + 2 for p in (*before, *rows, *after))
    if free < min(_LEAST_BODY, size(words(card)(card.body))) or free < 0:
        if level != _LEVELS[-1]:
            return None
        room_of_rows = free + sum(size(row) + 2 for row in rows)
        rows = _counted(rows, room_of_rows - min(_LEAST_BODY, len(card.body)))
        free = room_of_rows - sum(size(row) + 2 for row in rows)
    said = fitted(card.body, min(free, DESCRIPTION - size(origin)), words(card))
    told = [origin + said] if said else []
    apart = told[0] if told and card.url and pictured and room >= _TIGHT else ""
    return _parts(head, [*before, *told, *rows, *after], footer, apart)


def length(embed: Mapping[str, Any]) -> int:
    """What Discord counts: title, description, footer and author, but no addresses of their own."""
    texts = (embed.get("title"), embed.get("description"), embed.get("footer", {}).get("text"))
    return sum(map(size, filter(None, (*texts, embed.get("author", {}).get("name")))))


def fair(wanted: Sequence[int], room: int) -> list[int]:
    """What each may take of ``room``: all it wants, or the same as every other that wants more than its share."""
    left, given = room, [0] * len(wanted)
    order = sorted(range(len(wanted)), key=wanted.__getitem__)
    for done, index in enumerate(order):
        given[index] = min(wanted[index], left // (len(order) - done))
        left -= given[index]
    return given


def _head(card: Card, level: int, titled: bool, pictured: bool) -> Embed:
    made: Embed = {"color": _COLOURS[card.tone]}
    if card.label:
        made["author"] = {"name": fitted(one_line(card.label), min(level, AUTHOR), str)}
    if card.title and titled:
        made["title"] = fitted(spoken(one_line(card.title)), min(level, TITLE), line)
        if url := address(card.url):
            made["url"] = url
    if pictured and (picture := address(card.picture)):
        made["thumbnail"] = {"url": picture, "description": cut(one_line(card.picture_alt), ALT)}
    return made


def _footer(card: Card, level: int) -> str:
    """Discord shows it small and reads no markdown in it."""
    why = f"matched: {one_line(card.matched)}" if card.matched else ""
    origin = one_line(card.body_origin) if card.body and not card.rows else ""
    lines = (_DOT.join(filter(None, (why, origin))), _ADMIN.sub("/papers-admin", one_line(card.footer)))
    return "\n".join(fitted(said, min(level, FOOTER // 3), str) for said in lines if said)


def _origin(card: Card) -> str:
    """Whose words the body is, in front of it where rows follow: below them it would be far away."""
    return f"{_emphasised(one_line(card.body_origin))}{_DOT}" if card.rows and card.body and card.body_origin else ""


def words(card: Card) -> Callable[[str], str]:
    """Commands are shown as such in what we say ourselves; what a paper says is left as it is."""
    is_paper = card.tone == "paper" or card.url or (card.tone == "warning" and card.title)
    return escaped if is_paper else prose


def _told(card: Card, level: int, *, brief: bool) -> Iterator[str]:
    """Byline and facts, on two lines where the byline is long. The last facts go where there is no room."""
    byline = fitted(one_line(card.byline), min(level, _BRIEF_BYLINE if brief else _BYLINE), line)
    facts = [line(fact).replace(" ", "\xa0") for fact in card.facts if fact]
    apart = size(byline) > _LONG_BYLINE and not brief
    told = [*([] if apart or not byline else [byline]), *facts]
    while len(told) > 1 and size(_LINE_DOT.join(told)) > level:
        told.pop()
    yield from filter(None, (byline if apart else "", _LINE_DOT.join(told)))


def _row(row: Row, level: int, dress: Callable[[str], str]) -> str:
    """``**3.** title`` with what is known of it below; on one line where it is but a name and what belongs to it."""
    bullet = "•" if row.lead == "▪" else row.lead  # which Discord would draw as an emoji
    lead = f"{code(bullet)} " if bullet.startswith("#") else f"**{line(bullet)}** " if bullet else ""
    text = fitted(one_line(row.text), level + size(address(row.url)), _dress(row, dress))
    detail = fitted(one_line(row.detail), level, _unbroken if address(row.url) else dress)
    between = "\n" if lead or address(row.url) else _DOT
    return f"{lead}{between.join(filter(None, (text, detail)))}"


def _unbroken(text: str) -> str:
    """What is known of a paper, whose short facts stay together."""
    parts = (part.replace(" ", "\xa0") if len(part) <= _SHORT else part for part in text.split(_DOT))
    return escaped(_LINE_DOT.join(parts))


def _dress(row: Row, dress: Callable[[str], str]) -> Callable[[str], str]:
    if address(row.url):
        return lambda text: link(text, row.url)
    if row.text.startswith("/papers") and dress is prose:
        return code
    is_name = not row.lead or row.lead.startswith("#")
    return _emphasised if row.detail and is_name else dress


def _emphasised(text: str) -> str:
    return f"**{escaped(text)}**"


def _counted(rows: Sequence[str], room: int) -> list[str]:
    """As many rows as there is room for, and how many there are beside them."""
    shown: list[str] = []
    for said in rows:
        if sum(size(s) + 2 for s in (*shown, said)) + len(_MORE) + 4 > room:
            break
        shown.append(said)
    left = len(rows) - len(shown)
    return [*shown, *([_MORE.format(f"{left:,}")] if left else [])]


def _code(card: Card) -> Iterator[str]:
    if size(card.code) > LONGEST_CODE:
        yield "It is attached as a file."
    elif card.code:
        yield block(spoken(card.code)) if "\n" in card.code else code(card.code)


def _links(card: Card, level: int, *, tight: bool) -> Iterator[str]:
    """Whole links only: without the page the title leads to where it is tight, without the last where tighter."""
    made = [link(one.label, one.url) for one in card.links if address(one.url) and not (tight and one.url == card.url)]
    while made and size(_DOT.join(made)) > max(level, _LINKS):
        made.pop()
    if made:
        yield _DOT.join(made)


def _parts(head: Embed, blocks: Sequence[str], footer: str, apart: str) -> list[Embed]:
    """The description divided between embeds where it is too long; title above, footer below.

    Blocks of several lines and ``apart`` have an empty line around them.
    """
    descriptions = [""]
    for before, part in pairwise(["", *blocks]):
        wide = "\n" in before or "\n" in part or (apart and apart in {before, part})
        gap = "\n\n" if wide else "\n"
        longer = gap.join(filter(None, (descriptions[-1], part)))
        if size(longer) <= DESCRIPTION:
            descriptions[-1] = longer
        else:
            descriptions.append(part)
    made: list[Embed] = [
        {**({"color": head["color"]} if n else head), **({"description": d} if d else {})}
        for n, d in enumerate(descriptions)
    ]
    if footer:
        made[-1]["footer"] = {"text": footer}
    return made
