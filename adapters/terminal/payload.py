"""A post as text and back: what is frozen in the outbox and kept in the transcript. Pure."""

import json
from dataclasses import asdict
from typing import Any

from bot.cards import Button, Card, Link, Post, Row
from bot.model import arxiv_key


def encode(post: Post) -> str:
    """One line of JSON, the same for the same post."""
    return json.dumps(asdict(post), sort_keys=True, separators=(",", ":"))


def decode(payload: str) -> Post:
    """The post of a payload. A text that is none (the plain fallback) becomes a post that says just that."""
    try:
        said: dict[str, Any] = json.loads(payload)
        cards = tuple(_card(card) for card in said["cards"])
        return Post(**{**said, "cards": cards, "mentions": tuple(said["mentions"])})
    except (ValueError, TypeError, KeyError, RecursionError):
        return Post(kind="instant", cards=(Card(body=payload),))


def papers(post: Post) -> list[str]:
    """The keys of the papers that a post shows, in order."""
    pages = [page for card in post.cards for page in (card.url, *(row.url for row in card.rows))]
    return [key for page in pages if (key := arxiv_key(page))]


def title(post: Post) -> str:
    """What a post is called by where its thread is spoken of."""
    return next((said for said in (post.heading, *(card.title for card in post.cards)) if said), "a post")


def _card(said: dict[str, Any]) -> Card:
    parts: dict[str, Any] = {
        "facts": tuple(said["facts"]),
        "rows": tuple(Row(**row) for row in said["rows"]),
        "links": tuple(Link(**link) for link in said["links"]),
        "buttons": tuple(Button(**button) for button in said["buttons"]),
        "tags": tuple(said["tags"]),
    }
    return Card(**{**said, **parts})
