"""Reading what strangers send: bytes to JSON or XML, and single fields whatever their type.

Pure. A document that cannot be read is a ``SourceError``; a field that cannot be read is simply absent. Nothing here
knows what any one source means by its fields.
"""

import json
import re
from collections.abc import Mapping
from datetime import date
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from bot.errors import SourceError
from bot.model import ARXIV_ID, key_of
from bot.text import clean

_EXACT_ID = re.compile(rf"({ARXIV_ID.pattern})(?:v(\d{{1,3}}))?", re.ASCII)
_MOST = 2**31 - 1
_LONGEST_URL = 2000
_LONGEST_WORD = 200
_LINE_ENDS = str.maketrans("", "", "\r\n\t")


def read_json(body: bytes, whose: str) -> object:
    """The value of a JSON document. Raises ``SourceError`` for anything else, bottomless nesting included."""
    if not body.strip():
        raise SourceError(f"{whose} sent an empty answer; the next poll asks again.")
    try:
        value: object = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{whose} sent something that is not JSON; the next poll asks again.") from error
    return value


def read_xml(body: bytes, whose: str) -> Element:
    """The root of an XML document without a DTD. Raises ``SourceError`` for anything else, entity bombs included."""
    if not body.strip():
        raise SourceError(f"{whose} sent an empty answer; the next poll asks again.")
    try:
        root: Element = fromstring(body, forbid_dtd=True)
    except DefusedXmlException as error:
        raise SourceError(f"{whose} sent XML with entities or a DTD, which is never read.") from error
    # ValueError and LookupError: an encoding that the parser does not know, or bytes that are not in it.
    except (ParseError, ValueError, LookupError, RecursionError) as error:
        raise SourceError(f"{whose} sent something that is not XML; the next poll asks again.") from error
    return root


def mapping(value: object) -> Mapping[str, object]:
    """A JSON object, or an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def sequence(value: object) -> list[object]:
    """A JSON array, or an empty one for anything else."""
    return value if isinstance(value, list) else []


def text(value: object) -> str:
    """Words for people, cleaned; empty for anything that is not text."""
    return clean(value) if isinstance(value, str) else ""


def texts(value: object) -> tuple[str, ...]:
    """The non-empty texts of an array."""
    return tuple(said for entry in sequence(value) if (said := text(entry)))


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
