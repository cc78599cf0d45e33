"""Whom a subscription calls: a role or a person, by id for Discord and by name for people. Pure.

Kept as ``<@&123|@readers>``: Discord's own mark with the name at that time inside; Discord is sent the mark alone.
"""

import re
from dataclasses import dataclass, replace

from adapters.text import one_line
from bot.cards import Card, Reply, Row

_NAME = 60
"""Characters of a name that are kept."""
_CALLED = re.compile(r"<@(&?)!?(\d{15,20})(?:\|@?([^<>|\n]*))?>")


@dataclass(frozen=True, slots=True)
class Called:
    """A role or a person; ``name`` without the @, empty where it is not known."""

    id: str
    is_role: bool
    name: str = ""

    @property
    def markup(self) -> str:
        """What Discord reads."""
        return f"<@{'&' if self.is_role else ''}{self.id}>"

    def named(self, name: str) -> str:
        """What is kept, with this name."""
        said = re.sub(r"[<>|]", "", one_line(name)).lstrip("@")[:_NAME].strip()
        return f"{self.markup[:-1]}|@{said}>" if said else self.markup


def called_by(text: str) -> Called | None:
    """Whom a text calls, if that is all it says: above all, not @everyone."""
    found = _CALLED.fullmatch(text.strip())
    return _called(found) if found else None


def unmarked(text: str) -> str:
    """A text to read: ``@readers`` for its mark, and Discord's own mark where the name is not known."""
    return _CALLED.sub(lambda found: f"@{name}" if (name := _called(found).name) else found[0], text)


def told(reply: Reply) -> Reply:
    """An answer with names for marks. What papers say and what buttons do stays; what is to be copied can be run."""
    cards = tuple(card if card.url else _card(card) for card in reply.cards)
    return replace(reply, cards=cards, public=unmarked(reply.public))


def _called(found: "re.Match[str]") -> Called:
    return Called(found[2], bool(found[1]), found[3] or "")


def _card(card: Card) -> Card:
    rows = tuple(row if row.url else _row(row) for row in card.rows)
    code = _CALLED.sub(lambda found: _called(found).markup, card.code)
    return replace(card, title=unmarked(card.title), body=unmarked(card.body), rows=rows, code=code)


def _row(row: Row) -> Row:
    return replace(row, text=unmarked(row.text), detail=unmarked(row.detail))
