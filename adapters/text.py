"""What every platform shares: texts made safe to print, and a card, post or reply as plain lines. Pure.

The plain form is the fallback of all platforms and what a pipe gets: no colour, no boxes, no wrapping, stable. Cutting
to a length without breaking a letter is ``bot.text.cut``.
"""

import re
import unicodedata
from collections.abc import Iterator

from bot.cards import Card, Page, Post, Reply, Row

PRIVATE = "(only you)"

# Embeddings, overrides, isolates and marks: they reorder what stands around them, on a line that is not theirs.
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_WEB = re.compile(r"https?://[^\s\x00-\x20\x7f-\xa0]+", re.IGNORECASE)


def safe(text: str) -> str:
    """The text without what steers a terminal: control characters, lone surrogates, bidi marks. Keeps line ends.

    Texts are cleaned where they come in; this is the second lock on the door. A tab becomes four spaces.
    """
    if text.isprintable() and text.isascii():
        return text
    lines = text.replace("\t", "    ").splitlines()
    return "\n".join("".join(char for char in line if _is_harmless(char)) for line in lines)


def _is_harmless(char: str) -> bool:
    return unicodedata.category(char) not in {"Cc", "Cs"} and char not in _BIDI


def one_line(text: str) -> str:
    """A safe text on one line, whatever white space it had."""
    return " ".join(safe(text).split())


def web(url: str) -> str:
    """The address when it is a plain http(s) one, else empty: nothing else may become a link."""
    stripped = safe(url).strip()
    return stripped if _WEB.fullmatch(stripped) else ""


def plain(said: Post | Card | Reply) -> str:
    """Plain text, one blank line between cards, without a line end at the end."""
    if isinstance(said, Card):
        return "\n".join(_card(said))
    if isinstance(said, Post):
        head = "\n".join(filter(None, (" ".join(map(one_line, said.mentions)), one_line(said.heading))))
        return _blocks(head, *map(plain, said.cards), one_line(said.footer))
    answer = _blocks(*map(plain, said.cards), _page(said.page))
    private = f"{PRIVATE}\n{answer}" if said.private else answer
    return _blocks(private, one_line(said.public))


def _blocks(*blocks: str) -> str:
    return "\n\n".join(block for block in blocks if block)


def _card(card: Card) -> Iterator[str]:
    urls = [(one_line(link.label), web(link.url)) for link in card.links]
    title_url = web(card.url)
    told = " · ".join(filter(None, map(one_line, (card.byline, *card.facts))))
    yield from filter(None, (one_line(card.label), one_line(card.title)))
    if title_url and title_url not in {url for _, url in urls}:
        yield title_url
    yield from filter(None, (told, safe(card.body)))
    if card.body and card.body_origin:
        yield f"({one_line(card.body_origin)})"
    if card.matched:
        yield f"matched: {one_line(card.matched)}"
    for row in card.rows:
        yield from _row(row)
    yield from filter(None, (safe(card.code),))
    yield from (f"{label}: {url}" for label, url in urls if url)
    yield from filter(None, (one_line(card.footer),))


def _row(row: Row) -> Iterator[str]:
    lead, text, detail = one_line(row.lead), one_line(row.text), one_line(row.detail)
    yield " ".join(filter(None, (lead, text)))
    indent = " " * (len(lead) + 1 if lead else 2)
    yield from (f"{indent}{line}" for line in (detail, web(row.url)) if line)


def _page(page: Page | None) -> str:
    if page is None or page.total < 2:
        return ""
    ways = (("next", page.next), ("previous", page.previous))
    return " · ".join([f"page {page.number} of {page.total}", *(f"{way}: {one_line(c)}" for way, c in ways if c)])
