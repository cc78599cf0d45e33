"""What is said, in plain text: cards, posts and replies. No markup, no platform, no clock.

An adapter turns these into what its platform shows. Every text here is already clean (``text.py``) but not escaped.
"""

from dataclasses import dataclass
from typing import Literal

from bot.model import PostKind

Tone = Literal["paper", "plain", "good", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Link:
    """A named address: ``label`` is what people read."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Button:
    """An offer: ``command`` is the whole command it stands for, such as ``/papers save paper:2401.01234``."""

    label: str
    command: str
    confirm: str = ""
    """A question to ask first, for what cannot be undone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of a list: what it is about, in one short text, and what is known of it."""

    lead: str
    """A number or id to type: ``#2``, ``3.``; may be empty."""
    text: str
    detail: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One thing said. Every field may be empty but ``title`` or ``body``; adapters leave out what is empty."""

    title: str = ""
    url: str = ""
    byline: str = ""
    """Authors or organization."""
    facts: tuple[str, ...] = ()
    """Short facts in order: ``▲ 43``, ``3 comments``, ``★ 1.2k``."""
    body: str = ""
    body_origin: str = ""
    """Whose words the body is: ``AI summary, Hugging Face``, ``from the abstract``."""
    matched: str = ""
    """Why it is here: ``diffusion, author:hinton``."""
    rows: tuple[Row, ...] = ()
    code: str = ""
    """Text to copy as it is, such as BibTeX: shown in a fixed width, never wrapped or escaped away."""
    links: tuple[Link, ...] = ()
    buttons: tuple[Button, ...] = ()
    picture: str = ""
    picture_alt: str = ""
    label: str = ""
    """A warning on top of everything: ``SAMPLE EDITION``."""
    footer: str = ""
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What goes to a target unasked: one message of one or more cards."""

    kind: PostKind
    heading: str = ""
    """``Daily digest · Mon 23 Nov · 8 papers``; empty for instant posts."""
    cards: tuple[Card, ...]
    footer: str = ""
    mentions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Where in a long answer we are; ``previous`` and ``next`` are whole commands, empty at the ends."""

    number: int
    total: int
    previous: str = ""
    next: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The answer to a command. ``private`` answers are for the asker alone; ``public`` is a line for the channel."""

    cards: tuple[Card, ...]
    private: bool = True
    page: Page | None = None
    public: str = ""
    failed: bool = False
    """The command was refused or broke: for exit codes."""
    data: object = None
    """The same answer as plain JSON values, for scripts; cards say it for people."""
