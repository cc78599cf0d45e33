"""The App Home: what is one's own, drawn from the core's own answers, and forms to change it. Pure.

https://docs.slack.dev/surfaces/app-home
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count

from adapters.slack import blocks
from adapters.slack.blocks import Block
from adapters.slack.buttons import button
from adapters.slack.cards import Look, Numbers, pieces
from bot.cards import Page, Reply

MOST = 100
"""Blocks in a view (https://docs.slack.dev/reference/views/home-tab-views)."""
MOST_CHARACTERS = 100_000
"""Of the view as JSON. Slack refuses a view above 250 kB, in UTF-8."""

_FORMS = (
    ("Add an alert", "/papers alert add"),
    ("Watch a paper", "/papers watch add"),
    ("Search", "/papers search"),
    ("Time zone", "/papers me timezone"),
    ("Quiet hours", "/papers me quiet"),
    ("Digest hour", "/papers me digest"),
)
_HOW_TO = (
    "For you alone, here under Messages: /papers alert add diffusion",
    "For everybody in a channel, typed there: /papers subscribe video generation",
    "The papers of the day: /papers today · everything there is: /papers help",
)


def home(sections: Sequence[tuple[str, Reply]]) -> dict[str, object]:
    """The view of the Home tab: a short how-to, forms, then the sections, each a title and the core's answer."""
    numbers = count()
    view = list(_top(numbers))
    for title, reply in sections:
        for piece in _section(title, reply, numbers):
            if len(view) + len(piece) >= MOST or blocks.size([*view, *piece]) > MOST_CHARACTERS:
                return _view([*view, *blocks.context(["… and more: /papers help personal tells how to list it"])])
            view += piece
    return _view(view)


def _view(shown: Sequence[Block]) -> dict[str, object]:
    return {"type": "home", "blocks": [*shown]}


def _top(numbers: Numbers) -> Iterator[Block]:
    yield blocks.header("New papers, where you talk")
    yield blocks.bullets([blocks.spoken(line) for line in _HOW_TO])
    yield from blocks.actions(button(label, text, verb="form", number=next(numbers)) for label, text in _FORMS)


def _section(title: str, reply: Reply, numbers: Numbers) -> Iterator[list[Block]]:
    yield [blocks.divider(), blocks.header(title)]
    for at, card in enumerate(reply.cards):
        # The section's title stands for the first card's, which says to a channel whose answer this is.
        yield from pieces(card if at or card.url else replace(card, title=""), Look(), numbers)
    if reply.page and reply.page.total > 1:
        yield [blocks.rich(_more(reply.page))]


def _more(page: Page) -> list[Block]:
    rest = f"Page {page.number} of {page.total}"
    return blocks.spoken(f"{rest}. The next one: {page.next}" if page.next else f"{rest}.")
