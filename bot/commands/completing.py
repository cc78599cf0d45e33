"""What the last word of a query may become, while somebody types it. Pure; the names of organizations are handed in.

An offered value is the whole query so far with its last word completed, because that is what a platform fills in.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.errors import QueryError
from bot.model import Offer
from bot.query import parse
from bot.query.lexer import plain
from bot.query.vocabulary import FIELDS, FLAGS, NUMBERS, SOURCES
from bot.taxonomy import CATEGORIES, COMMON
from bot.text import fold

EXAMPLES = (
    ("video diffusion", "both words"),
    ("agent votes>=10", "a word, and at least ten votes"),
    ('"world model" OR simulat*', "a phrase, or a beginning"),
    ('author:"Y. LeCun"', "an author"),
    ("cat:cs.CV has:code", "a category, with code"),
    ("* is:daily", "every paper of the daily list"),
)
_SAID = {
    "title": "words of the title", "abstract": "words of the abstract", "author": "a name",
    "org": "a lab or company", "cat": "an arXiv category", "keyword": "a keyword", "submitter": "who sent it in",
    "source": "arxiv or huggingface",
}  # fmt: skip
_STEPS = (5, 10, 20, 50, 100)
_NEXT = ("votes>=10", "has:code", "is:daily", "-survey", "cat:", "author:", "org:")
"""What commonly follows a word."""
_NUMBER = re.compile(r"([a-z]+)([<>=]{0,2})(\d{0,6})")
_NAMED = 3
"""Categories or organizations that a bare word may mean."""
_TELLING = 3
"""Letters from which on a bare word is looked for among names."""


@dataclass(frozen=True, slots=True)
class Ending:
    """The text up to its last word, an exclusion's sign, and the word; ``field`` is what stands before its colon."""

    before: str
    sign: str
    word: str

    @property
    def field(self) -> str:
        name, colon, _ = self.word.partition(":")
        return name.lower() if colon else ""

    @property
    def value(self) -> str:
        """The word without its field and quotes."""
        return self.word.rpartition(":")[2].strip('"')


def ending(typed: str) -> Ending:
    """Where a text is being typed: behind the last space or parenthesis that is not inside an open quote."""
    text = plain(typed)
    open_quote = text.rfind('"') if text.count('"') % 2 else len(text)
    start = max(text.rfind(sign, 0, open_quote) for sign in " \t\n()") + 1
    sign = "-" if text[start : start + 1] == "-" else ""
    return Ending(typed[:start], sign, text[start + len(sign) :])


def organization_asked(typed: str) -> str | None:
    """The beginning of an organization's name that is being typed; None where none can be meant."""
    end = ending(typed)
    if end.field:
        return end.value if end.field == "org" else None
    return end.word if len(end.word) >= _TELLING and end.word.isalnum() else None


def completions(typed: str, organizations: Sequence[str] = ()) -> list[Offer]:
    """Whole queries that begin as ``typed``, best first; examples where nothing is typed."""
    if not typed.strip():
        return [Offer(f"{query} · {meaning}", query) for query, meaning in EXAMPLES]
    end = ending(typed)
    found = [_offer(end, word, meaning) for word, meaning in _words(end, organizations)]
    closed = _closed(typed.strip())
    return [*([Offer(closed, closed)] if _parses(closed) else []), *found]


def _offer(end: Ending, word: str, meaning: str) -> Offer:
    whole = f"{end.before}{end.sign}{word}".lstrip()
    return Offer(f"{whole} · {meaning}" if meaning else whole, whole)


def _closed(typed: str) -> str:
    """The text with its open quote and parentheses closed."""
    text = plain(typed)
    quote = '"' if text.count('"') % 2 else ""
    return f"{typed}{quote}{')' * (text.count('(') - text.count(')'))}"


def _parses(typed: str) -> bool:
    try:
        parse(typed)
    except QueryError:
        return False
    return True


def _words(end: Ending, organizations: Sequence[str]) -> Iterator[tuple[str, str]]:
    """What the last word may become, with its meaning."""
    if end.field:
        yield from _values(end.field, end.value, organizations)
    elif not end.word:
        yield from ((word, "") for word in _NEXT if not (end.sign and word.startswith("-")))
    elif not end.word.startswith('"'):
        yield from _named(end.word.lower())
        if len(end.word) >= _TELLING:
            yield from list(_categories(end.word, by_name=True))[:_NAMED]
            yield from ((f"org:{_quoted(name)}", "") for name in organizations[:_NAMED])


def _values(field: str, value: str, organizations: Sequence[str]) -> Iterator[tuple[str, str]]:
    if field == "cat":
        yield from _categories(value)
    elif field == "org":
        yield from ((f"org:{_quoted(name)}", "") for name in organizations)
    elif field in FLAGS:
        yield from ((f"{field}:{flag}", "") for flag in FLAGS[field] if flag.startswith(value.lower()))
    elif field == "source":
        yield from (
            (f"source:{name}", "") for name in dict.fromkeys(SOURCES.values()) if name.startswith(value.lower())
        )


def _named(word: str) -> Iterator[tuple[str, str]]:
    """Numbers, flags and fields that begin so."""
    if number := _NUMBER.fullmatch(word):
        begun, operator, digits = number.groups()
        names = [name for name in NUMBERS if name == begun or (not operator and not digits and name.startswith(begun))]
        steps = [digits, f"{digits}0", f"{digits}00"] if digits else list(map(str, _STEPS))
        yield from ((f"{name}>={step}", "") for name in names for step in steps)
    for flag, values in FLAGS.items():
        if flag.startswith(word):
            yield from ((f"{flag}:{value}", "") for value in values)
    yield from ((f"{name}:", _SAID[name]) for name in FIELDS if name.startswith(word))


def _categories(typed: str, *, by_name: bool = False) -> Iterator[tuple[str, str]]:
    """Categories whose id begins so, the common ones first, then those with such a word in their name."""
    wanted = fold(typed)
    ordered = dict.fromkeys((*COMMON, *CATEGORIES))
    ids = [] if by_name else [c for c in ordered if c.lower().startswith(wanted)]
    names = [c for c in ordered if wanted and any(w.startswith(wanted) for w in fold(CATEGORIES[c]).split())]
    yield from ((f"cat:{category}", CATEGORIES[category]) for category in dict.fromkeys((*ids, *names)))


def _quoted(name: str) -> str:
    said = name.replace('"', "")
    return said if re.fullmatch(r"[^\W_]+", said) else f'"{said}"'
