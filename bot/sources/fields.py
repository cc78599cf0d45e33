"""Reading what strangers send: single fields whatever their type. Whole documents are read in ``documents.py``.

Pure. A field that cannot be read is simply absent. Nothing here knows what any one source means by its fields.
"""

import re
from collections.abc import Mapping
from datetime import date
from urllib.parse import urlsplit

from bot.model import ARXIV_ID, key_of
from bot.text import clean

_EXACT_ID = re.compile(rf"({ARXIV_ID.pattern})(?:v(\d{{1,3}}))?", re.ASCII)
_MOST = 2**31 - 1
_LONGEST_URL = 2000
_LONGEST_WORD = 200
_LONGEST_TEXT = 20_000
"""Characters of a text before it is cleaned; arXiv takes abstracts of 1,920."""
_MOST_TEXTS = 100
MOST_PEOPLE = 5_000
"""Authors of one paper; the largest collaborations have some 3,500."""
_LINE_ENDS = str.maketrans("", "", "\r\n\t")


def mapping(value: object) -> Mapping[str, object]:
    """A JSON object, or an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def sequence(value: object) -> list[object]:
    """A JSON array, or an empty one for anything else."""
    return value if isinstance(value, list) else []


def text(value: object) -> str:
    """Words for people, cleaned and of bounded length; empty for anything that is not text."""
    return clean(value[:_LONGEST_TEXT]) if isinstance(value, str) else ""


def texts(value: object) -> tuple[str, ...]:
    """The non-empty texts of an array, of at most a hundred."""
    return tuple(said for entry in sequence(value)[:_MOST_TEXTS] if (said := text(entry)))


def person(value: object) -> str:
    """An author's name; empty for what has no letter in it (arXiv lists a bare ":" after a collaboration)."""
    name = text(value)
    return name if any(char.isalpha() for char in name) else ""


def word(value: object) -> str:
    """A handle or slug, as it stands: printable, without blanks, at most 200 characters; else empty."""
    fits = isinstance(value, str) and len(value) <= _LONGEST_WORD and value.isprintable() and " " not in value
    return str(value) if fits else ""


def count(value: object) -> int | None:
    """A number of things that a database can hold, or None. True is not a number."""
    return value if type(value) is int and 0 <= value <= _MOST else None


def address(value: object) -> str:
    """An absolute https URL without a user name in it, or empty. Line ends within are dropped, as browsers do.

    Hugging Face sends what people pasted: the code of 2510.05342 came wrapped in the list of 2025-10-08. The rule is
    the one of https://url.spec.whatwg.org/#concept-basic-url-parser.
    """
    value = value.translate(_LINE_ENDS) if isinstance(value, str) else value
    if not isinstance(value, str) or len(value) > _LONGEST_URL or not value.isprintable() or " " in value:
        return ""
    try:
        parts = urlsplit(value)
    except ValueError:
        return ""
    return value if parts.scheme == "https" and parts.hostname and "@" not in parts.netloc else ""


def calendar_day(value: object) -> date | None:
    """The day an ISO 8601 time or date begins with, as written (UTC for both services), or None."""
    try:
        return date.fromisoformat(value[:10]) if isinstance(value, str) else None
    except ValueError:
        return None


def paper_key(value: object) -> tuple[str, int] | None:
    """``("arxiv:2401.01234", 2)`` for the exact id ``2401.01234v2``; version 0 when it has none.

    None for anything else, numbers above all: as a number 1206.0160 has lost its last digit already.
    """
    found = _EXACT_ID.fullmatch(value.strip()) if isinstance(value, str) else None
    return (key_of(found[1]), int(found[2] or 0)) if found else None
