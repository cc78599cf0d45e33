"""The names the language knows: fields, numbers, flags and their values. Tables only."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime

from bot.model import Paper

FIELDS = ("title", "abstract", "author", "org", "cat", "keyword", "submitter", "source")

NUMBERS: Mapping[str, Callable[[Paper], int | None]] = {
    "votes": lambda paper: paper.facts.votes,
    "comments": lambda paper: paper.facts.comments,
    "stars": lambda paper: paper.facts.stars,
}
COMPARE: Mapping[str, Callable[[int, int], bool]] = {
    ">=": int.__ge__,
    ">": int.__gt__,
    "<=": int.__le__,
    "<": int.__lt__,
    "=": int.__eq__,
}
SPELLED = {"≥": ">=", "=>": ">=", "≤": "<=", "=<": "<=", "==": "="}


def _is_new(paper: Paper, today: date) -> bool:
    return bool(paper.first_seen) and datetime.fromtimestamp(paper.first_seen / 1000, UTC).date() == today


# What a flag asks of a paper on a day, and what to say where it does not hold.
FLAGS: Mapping[str, Mapping[str, tuple[Callable[[Paper, date], bool], str]]] = {
    "has": {
        "code": (lambda paper, _: bool(paper.links.code), "no code known"),
        "project": (lambda paper, _: bool(paper.links.project), "no project page known"),
        "model": (lambda paper, _: (paper.facts.models or 0) > 0, "no model known"),
        "summary": (lambda paper, _: bool(paper.facts.summary), "no summary yet"),
    },
    "is": {
        "daily": (lambda paper, _: paper.facts.featured is not None, "not featured in Daily Papers"),
        "trending": (lambda paper, _: paper.facts.trending is not None, "not in the trending list"),
        "new": (_is_new, "not first seen today"),
    },
}

LATER = ("like", "about")
"""Reserved for search by meaning."""


def is_known(name: str) -> bool:
    """Whether the language knows, or knows how to mend, a name before a colon."""
    return name in FIELDS or name in FLAGS or name in NUMBERS or name in LATER or name in MEANT


SOURCES = {"arxiv": "arxiv", "huggingface": "huggingface", "hf": "huggingface", "sample": "sample"}

# https://arxiv.org/category_taxonomy
ARCHIVES = frozenset({
    "astro-ph", "cond-mat", "cs", "econ", "eess", "gr-qc", "hep-ex", "hep-lat", "hep-ph", "hep-th", "math", "math-ph",
    "nlin", "nucl-ex", "nucl-th", "physics", "q-bio", "q-fin", "quant-ph", "stat",
})  # fmt: skip
CATEGORY = re.compile(r"([a-z]+(?:-[a-z]+)?)(\.(?:[a-z]{2}|[a-z]{4,6}|[a-z]+-[a-z]+))?(?:\.?\*)?")

# What people type for our names, where spelling alone does not lead there.
MEANT = {
    "ti": "title", "abs": "abstract", "au": "author", "by": "author", "name": "author", "organisation": "org",
    "organization": "org", "lab": "org", "affiliation": "org", "category": "cat", "subject": "cat", "tag": "keyword",
    "kw": "keyword", "user": "submitter", "from": "source", "upvotes": "votes", "likes": "votes", "score": "votes",
}  # fmt: skip
