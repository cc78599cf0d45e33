"""The subscription language: text to a ``Query`` (a tree), what a tree says of a paper, errors that point at the word.

One grammar for subscribe, preview, search, alert and watch. Pure: no I/O, no clock (``today`` is an argument), and no
regular expression ever comes from a user. Ranking and stores live elsewhere; finding the right queries for a paper
among many is ``matching``.

    either  = every { OR every }                    OR may be "|"; words bind closer than OR
    every   = item { [AND] item }                   at least one item that is not an exclusion
    item    = [ "-" | NOT ] ( group | [field] value | condition | "*" )
    group   = [field] "(" either ")"
    value   = word | word"*" | "a phrase"
"""

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Literal, NamedTuple, NoReturn

from bot.errors import QueryError
from bot.model import Paper, Sieve, Term
from bot.text import fold, parts, singular, words

# --- the words of the language ----------------------------------------------------------------------------------------

_MAX_DEPTH, _MAX_TERMS, _MIN_PREFIX, _MAX_DIGITS = 20, 100, 3, 9

_FIELDS = ("title", "abstract", "author", "org", "cat", "keyword", "submitter", "source")
_NUMBERS: Mapping[str, Callable[[Paper], int | None]] = {
    "votes": lambda paper: paper.facts.votes,
    "comments": lambda paper: paper.facts.comments,
    "stars": lambda paper: paper.facts.stars,
}
_COMPARE: Mapping[str, Callable[[int, int], bool]] = {
    ">=": int.__ge__,
    ">": int.__gt__,
    "<=": int.__le__,
    "<": int.__lt__,
    "=": int.__eq__,
}
_SPELLED = {"≥": ">=", "=>": ">=", "≤": "<=", "=<": "<=", "==": "="}
# What a flag asks of a paper on a day, and what to say where it does not hold.
_FLAGS: Mapping[str, Mapping[str, tuple[Callable[[Paper, date], bool], str]]] = {
    "has": {
        "code": (lambda paper, _: bool(paper.links.code), "no code known"),
        "project": (lambda paper, _: bool(paper.links.project), "no project page known"),
        "model": (lambda paper, _: (paper.facts.models or 0) > 0, "no model known"),
        "summary": (lambda paper, _: bool(paper.facts.summary), "no summary yet"),
    },
    "is": {
        "daily": (lambda paper, _: paper.facts.featured is not None, "not featured in Daily Papers"),
        "trending": (lambda paper, _: paper.facts.trending is not None, "not in the trending list"),
        "new": (lambda paper, today: _day(paper.first_seen) == today, "not first seen today"),
    },
}
_LATER = ("like", "about")
_SOURCES = {"arxiv": "arxiv", "huggingface": "huggingface", "hf": "huggingface", "sample": "sample"}
# https://arxiv.org/category_taxonomy
_ARCHIVES = (
    "astro-ph cond-mat cs econ eess gr-qc hep-ex hep-lat hep-ph hep-th math math-ph nlin nucl-ex nucl-th physics q-bio "
    "q-fin quant-ph stat"
).split()
_CATEGORY = re.compile(r"([a-z]+(?:-[a-z]+)?)(\.(?:[a-z]{2}|[a-z]{4,6}|[a-z]+-[a-z]+))?(?:\.?\*)?")
# What people type for our names, where spelling alone does not lead there.
_MEANT = {
    "ti": "title", "abs": "abstract", "au": "author", "by": "author", "name": "author", "organisation": "org",
    "organization": "org", "lab": "org", "affiliation": "org", "category": "cat", "subject": "cat", "tag": "keyword",
    "kw": "keyword", "user": "submitter", "from": "source", "upvotes": "votes", "likes": "votes", "score": "votes",
}  # fmt: skip
_SCOPE = {"title", "abstract", "keyword"}


def _day(ms: int) -> date | None:
    return datetime.fromtimestamp(ms / 1000, UTC).date() if ms else None


# --- a paper made ready -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """A paper tokenised once, to be asked by many queries.

    ``texts`` has, for each field (and under ``""`` for a bare word), folded tokens with one space around each and
    `` | `` between what no phrase may cross. ``words`` are all tokens of all fields.
    """

    paper: Paper
    texts: Mapping[str, str]
    names: tuple[tuple[str, ...], ...]
    categories: tuple[str, ...]
    words: frozenset[str]


def document(paper: Paper) -> Document:
    """Tokenise a paper. A bare word looks into title, abstract, keywords and the parts of CamelCase names in the
    title, but not into authors: ``author:`` is for those."""
    title, abstract = words(paper.title), words(paper.abstract)
    keywords = [words(keyword) for keyword in paper.facts.keywords]
    pieces = [(part,) for part in sorted(parts(paper.title))]
    names = tuple(words(name) for name in paper.authors)
    organization = [words(paper.organization.slug), words(paper.organization.name)] if paper.organization else []
    fields = {
        "": [title, abstract, *keywords, *pieces],
        "title": [title, *pieces],
        "abstract": [abstract],
        "keyword": keywords,
        "org": organization,
        "submitter": [words(paper.submitter)],
    }
    everything = [*fields[""], *names, *organization]
    return Document(
        paper=paper,
        texts={name: _padded(sequences) for name, sequences in fields.items()},
        names=names,
        categories=tuple(category.lower() for category in paper.categories),
        words=frozenset(token for sequence in everything for token in sequence),
    )


def _padded(sequences: Iterable[tuple[str, ...]]) -> str:
    return f" {' | '.join(' '.join(sequence) for sequence in sequences)} "


# --- the tree ---------------------------------------------------------------------------------------------------------

Hits = tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """One part of a query and whether it lets the paper through, with a short plain reason."""

    ok: bool
    text: str


@dataclass(frozen=True, slots=True)
class Word:
    """A word or phrase, in one field or (``""``) anywhere a bare word looks. ``phrase`` is folded tokens in a row.

    ``text`` is the spelling people typed, for showing; words that mean the same are equal.
    """

    scope: str
    phrase: str
    prefix: bool
    text: str = field(compare=False)

    def __str__(self) -> str:
        return f"{self.scope}:{self.text}" if self.scope else self.text

    def hits(self, doc: Document, today: date) -> Hits:
        return (str(self),) if self._holds(doc) else None

    def _holds(self, doc: Document) -> bool:
        if self.scope == "author":
            return self._is_author(doc)
        if self.scope == "cat":
            return any(c == self.phrase or c.startswith(f"{self.phrase}.") for c in doc.categories)
        if self.scope == "source":
            return self.phrase in doc.paper.sources
        return self._in(doc.texts[self.scope])

    def _in(self, text: str) -> bool:
        if not self.prefix:
            return f" {self.phrase} " in text
        return f" {self.phrase}" in text or f" {self._singular()} " in text

    def _singular(self) -> str:
        """What ``streams*`` must also find: the texts have plurals folded already."""
        *before, last = self.phrase.split()
        return " ".join([*before, singular(last)])

    def _is_author(self, doc: Document) -> bool:
        if self.phrase.startswith("@"):
            return any(handle.casefold() == self.phrase[1:] for handle in doc.paper.handles)
        asked = self.phrase.split()
        return any(_is_name(asked, self.prefix, name) for name in doc.names)

    def verdicts(self, doc: Document, today: date) -> Iterator[Verdict]:
        found = self._holds(doc)
        if self.scope:
            yield Verdict(found, str(self) if found else f"no {self}")
        elif found:
            places = [place for place in ("title", "abstract", "keyword") if self._in(doc.texts[place])]
            yield Verdict(True, f"{self} in {' and '.join(places)}")
        else:
            yield Verdict(False, f"no {self} in title, abstract or keywords")

    def terms(self) -> tuple[Term, ...]:
        """What full text must hold where this word hits, in any of several forms. Empty where it cannot tell."""
        if self.scope == "author":
            return self._author_terms()
        if self.scope == "org":
            return self._full_text("people")
        if self.scope in ("title", "abstract") and " " in self.phrase or self.scope == "abstract":
            return self._full_text("title" if self.scope == "title" else "abstract")
        # A single word of title: may be a part of a name there, which full text keeps beside the title.
        return self._full_text("any") if self.scope in ("", "title") else ()

    def _full_text(self, column: Literal["any", "title", "abstract", "people"]) -> tuple[Term, ...]:
        if not self.prefix:
            return (Term(self.phrase, column),)
        before, _, last = self.phrase.rpartition(" ")
        if len(last) < _MIN_PREFIX:
            return (Term(before, column),) if before else ()
        forms = Term(self.phrase, column, prefix=True), Term(self._singular(), column)
        return forms if self._singular() != self.phrase else forms[:1]

    def _author_terms(self) -> tuple[Term, ...]:
        last = self.phrase.split()[-1]
        return () if self.phrase.startswith("@") or len(last) == 1 else (Term(last, "people", self.prefix),)


def _is_name(asked: list[str], prefix: bool, name: tuple[str, ...]) -> bool:
    """Whether a name has the asked words in order; others may stand between (``Geoffrey E. Hinton``).

    One letter, asked or in the name, stands for any name with that initial. Only the last word asked, usually the
    family name, is never taken for an initial of the name, or ``hinton`` would find every H.
    """
    rest = iter(name)
    last = len(asked) - 1
    return all(any(_is_part(word, part, at == last, prefix) for part in rest) for at, word in enumerate(asked))


def _is_part(word: str, part: str, is_last: bool, prefix: bool) -> bool:
    if len(word) == 1 or (len(part) == 1 and not is_last):
        return word[0] == part[0]
    return word == part or (prefix and is_last and (part.startswith(word) or part == singular(word)))


@dataclass(frozen=True, slots=True)
class Number:
    """A comparison. A number nobody told is never true, whatever is asked of it."""

    name: str
    operator: str
    value: int

    def __str__(self) -> str:
        return f"{self.name}{self.operator}{self.value}"

    def hits(self, doc: Document, today: date) -> Hits:
        known = _NUMBERS[self.name](doc.paper)
        return (str(self),) if known is not None and _COMPARE[self.operator](known, self.value) else None

    def verdicts(self, doc: Document, today: date) -> Iterator[Verdict]:
        known = _NUMBERS[self.name](doc.paper)
        if self.hits(doc, today) is not None:
            yield Verdict(True, f"{self.name} {known}")
        elif known is None:
            yield Verdict(False, f"{self.name} unknown, {self} asked")
        elif self.operator == ">=":
            yield Verdict(False, f"{self.name} {known} of the {self.value} asked")
        else:
            yield Verdict(False, f"{self.name} {known}, {self} asked")


@dataclass(frozen=True, slots=True)
class Flag:
    """``has:code``, ``is:daily`` and their like."""

    name: str
    value: str

    def __str__(self) -> str:
        return f"{self.name}:{self.value}"

    def hits(self, doc: Document, today: date) -> Hits:
        return (str(self),) if _FLAGS[self.name][self.value][0](doc.paper, today) else None

    def verdicts(self, doc: Document, today: date) -> Iterator[Verdict]:
        holds = self.hits(doc, today) is not None
        yield Verdict(holds, str(self) if holds else _FLAGS[self.name][self.value][1])


@dataclass(frozen=True, slots=True)
class Everything:
    """``*``"""

    def __str__(self) -> str:
        return "*"

    def hits(self, doc: Document, today: date) -> Hits:
        return ("*",)

    def verdicts(self, doc: Document, today: date) -> Iterator[Verdict]:
        yield Verdict(True, "every paper")


@dataclass(frozen=True, slots=True)
class Not:
    """An exclusion. Stands only beside something positive in an ``And``."""

    item: "Node"

    def __str__(self) -> str:
        return f"-({self.item})" if _needs_brackets(self.item) else f"-{self.item}"

    def hits(self, doc: Document, today: date) -> Hits:
        return () if self.item.hits(doc, today) is None else None

    def verdicts(self, doc: Document, today: date) -> Iterator[Verdict]:
        if self.item.hits(doc, today) is not None:
            yield Verdict(False, f"excluded by {self}")


@dataclass(frozen=True, slots=True)
class And:
    """All of it. At least two items, at least one of them not an exclusion, none an ``And``."""

    items: tuple["Node", ...]

    def __str__(self) -> str:
        return " ".join(f"({item})" if _needs_brackets(item) else str(item) for item in self.items)

    def hits(self, doc: Document, today: date) -> Hits:
        found: list[str] = []
        for item in self.items:
            hits = item.hits(doc, today)
            if hits is None:
                return None
            found += hits
        return tuple(found)

    def verdicts(self, doc: Document, today: date) -> Iterator[Verdict]:
        for item in self.items:
            yield from item.verdicts(doc, today)


@dataclass(frozen=True, slots=True)
class Or:
    """Any of it. At least two items, none an exclusion or an ``Or``."""

    items: tuple["Node", ...]

    def __str__(self) -> str:
        if name := _shared_field(self):
            return f"{name}:({' OR '.join(item.text for item in self.items if isinstance(item, Word))})"
        return " OR ".join(map(str, self.items))

    def hits(self, doc: Document, today: date) -> Hits:
        found = [hits for item in self.items if (hits := item.hits(doc, today)) is not None]
        return tuple(hit for hits in found for hit in hits) if found else None

    def verdicts(self, doc: Document, today: date) -> Iterator[Verdict]:
        holding = [item for item in self.items if item.hits(doc, today) is not None]
        for item in holding:
            yield from item.verdicts(doc, today)
        if not holding:
            yield Verdict(False, f"none of {self}")


Node = Word | Number | Flag | Everything | Not | And | Or


def _shared_field(node: "Or") -> str:
    """The field all alternatives look into, so that they can be written ``author:(a OR b)``."""
    names = {item.scope if isinstance(item, Word) else "" for item in node.items}
    return names.pop() if len(names) == 1 else ""


def _needs_brackets(node: Node) -> bool:
    return isinstance(node, And) or (isinstance(node, Or) and not _shared_field(node))


def _every(items: Iterable[Node]) -> Node:
    flat = dict.fromkeys(part for item in items for part in (item.items if isinstance(item, And) else (item,)))
    return And(tuple(flat)) if len(flat) > 1 else next(iter(flat))


def _either(items: Iterable[Node]) -> Node:
    flat = dict.fromkeys(part for item in items for part in (item.items if isinstance(item, Or) else (item,)))
    return Or(tuple(flat)) if len(flat) > 1 else next(iter(flat))


# --- the query --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query: hashable, equal to every query that means the same word for word, ``str`` parses back to it."""

    root: Node

    def __str__(self) -> str:
        return str(self.root)

    def match(self, doc: Document, today: date) -> Hits:
        """The positive parts that hit, as typed, in the query's order; None when the paper does not match.

        Conditions and ``*`` count as parts. ``today`` is the UTC day, for ``is:new``.
        """
        hits = self.root.hits(doc, today)
        return None if hits is None else tuple(dict.fromkeys(hits))

    def explain(self, doc: Document, today: date) -> tuple[Verdict, ...]:
        """Why this paper matches or not, part by part. It matches exactly when every verdict is ok."""
        return tuple(dict.fromkeys(self.root.verdicts(doc, today)))

    def terms(self) -> tuple[str, ...]:
        """The positive words and phrases as typed, in order: what a report on noisy words counts."""
        return tuple(dict.fromkeys(str(word) for word in _positive(self.root)))

    def sieve(self, since: date | None = None) -> Sieve:
        """What a full-text index can do for this query: never less than the query matches, usually more.

        Texts are folded tokens, joined by one space in a phrase. Column ``any`` must cover title, abstract, keywords
        and the parts of CamelCase names in the title; ``people`` authors and organization.
        """
        ranking = (term for word in _positive(self.root) for term in word.terms())
        return Sieve(all=tuple(dict.fromkeys(_clauses(self.root))), any=tuple(dict.fromkeys(ranking)), since=since)


def _positive(node: Node) -> Iterator[Word]:
    if isinstance(node, Word):
        yield node
    elif isinstance(node, And | Or):
        for item in node.items:
            yield from _positive(item)


def _clauses(node: Node) -> Iterator[tuple[Term, ...]]:
    """Clauses that all must hold wherever the node does; of an alternative, one for each of its branches joined."""
    if isinstance(node, Word):
        if terms := node.terms():
            yield terms
    elif isinstance(node, And):
        for item in node.items:
            yield from _clauses(item)
    elif isinstance(node, Or):
        branches = [list(_clauses(item)) for item in node.items]
        if all(branches):
            yield tuple(dict.fromkeys(term for branch in branches for term in min(branch, key=_looseness)))


def _looseness(clause: tuple[Term, ...]) -> tuple[int, bool, int]:
    """The fewer forms and the longer words, the fewer papers pass."""
    return len(clause), any(term.prefix for term in clause), -min(len(term.text) for term in clause)


# --- errors -----------------------------------------------------------------------------------------------------------

_MENDINGS = 8


class _Fault(Exception):
    """A mistake at ``start:end``, and a text without it (which may have others)."""

    def __init__(self, message: str, start: int, end: int, without: str) -> None:
        super().__init__(message)
        self.start, self.end, self.without = start, end, without


def _shown(text: str) -> str:
    """A user's word in quotes, cut where it is long."""
    return f'"{text[:37]}…"' if len(text) > 40 else f'"{text}"'


def _closest(word: str, known: Iterable[str]) -> str:
    return next(iter(difflib.get_close_matches(word[:30].lower(), list(known), 1, 0.65)), "")


def _listed(names: Iterable[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}"


def _dropped(text: str, start: int, end: int) -> str:
    """The text without a term, and without the ``-`` or ``NOT`` that belongs to it."""
    before = re.sub(r"(?:-+|\bNOT\s+)$", "", text[:start])
    return f"{before} {text[end:]}"


def _mended(text: str, limit: int) -> str:
    """The text after as many repairs as it takes, written out; empty when it takes too many or nothing is left."""
    for _ in range(_MENDINGS):
        try:
            return str(_read(text, limit))
        except _Fault as fault:
            text = fault.without
    return ""


# --- reading ----------------------------------------------------------------------------------------------------------


def parse(text: str, *, limit: int = 1000) -> Query:
    """Read a query. ``limit`` is its greatest length in characters.

    Raises ``QueryError`` and nothing else: its text says what is wrong where and why; ``start`` and ``end`` are
    offsets of the offending words; ``mended`` is a query that parses, or empty. The text does not repeat ``mended``.
    """
    try:
        return _read(text, limit)
    except _Fault as fault:
        mended = _mended(fault.without, limit)
        raise QueryError(str(fault), start=fault.start, end=fault.end, mended=mended) from None


def _read(text: str, limit: int) -> Query:
    if len(text) > limit:
        message = f"This query has {len(text):,} characters; at most {limit:,} are allowed."
        raise _Fault(message, limit, len(text), _shortened(text, limit))
    _refuse_invisible(text)
    query = Query(_Parser(text.translate(_LOOKALIKES)).whole())
    if len(str(query)) > limit:
        message = f"Written out, this query has {len(str(query)):,} characters; at most {limit:,} are allowed."
        raise _Fault(message, 0, len(text), "")
    return query


def _shortened(text: str, limit: int) -> str:
    return text[:limit].rpartition(" ")[0] if not text[limit].isspace() else text[:limit]


def _refuse_invisible(text: str) -> None:
    bad = [at for at, char in enumerate(text) if _is_invisible(char)]
    if bad:
        message = f"There is an invisible character in the query (U+{ord(text[bad[0]]):04X})."
        without = "".join(char for char in text if not _is_invisible(char))
        raise _Fault(message, bad[0], bad[0] + 1, without)


def _is_invisible(char: str) -> bool:
    """Control, direction, surrogate and private characters. Joiners stay: some scripts are spelled with them."""
    return not char.isprintable() and char not in "\t\n\r\u200c\u200d" and unicodedata.category(char) in _INVISIBLE


_INVISIBLE = {"Cc", "Cf", "Cs", "Co"}

# Typographic and full-width forms of our signs, one character each so that offsets stay.
_LOOKALIKES = str.maketrans("“”„‟«»＂–—−‐‑－（）｜：＊＞＜＝", '"""""""------()|:*><=')

_OPERATOR = r"[<>=≥≤]{1,2}"
_LEXEME = re.compile(
    rf"""
      (?P<space>\s+)
    | (?P<open>\() | (?P<close>\)) | (?P<or>\|+) | (?P<not>-+)
    | (?P<regex>/[^\s/]+/[a-z]*(?=[\s)]|$))
    | (?P<number>(?i:votes|comments|stars)\s*{_OPERATOR}\s*[^\s()|"]* | [A-Za-z_]+{_OPERATOR}[^\s()|"]*)
    | (?P<field>[A-Za-z_]+:)
    | (?P<phrase>"[^"]*"\*?)
    | (?P<quote>".*)
    | (?P<word>[^\s()|"]+)
    """,
    re.VERBOSE | re.DOTALL,
)


class _Token(NamedTuple):
    kind: str
    text: str
    start: int
    end: int


def _tokens(text: str) -> list[_Token]:
    found = []
    for lexeme in _LEXEME.finditer(text):
        kind, part = lexeme.lastgroup or "", lexeme[0]
        if kind != "space":
            kind = part.lower() if part in ("OR", "AND", "NOT") else kind
            found.append(_Token(kind, part, lexeme.start(), lexeme.end()))
    return [*found, _Token("end", "", len(text), len(text))]


class _Parser:
    """Recursive descent over the tokens of one text. Every method leaves ``at`` behind what it read."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _tokens(text)
        self.at = 0
        self.depth = 0
        self.terms = 0

    @property
    def next(self) -> _Token:
        return self.tokens[self.at]

    def take(self) -> _Token:
        self.at += 1
        return self.tokens[self.at - 1]

    def fail(self, message: str, at: _Token, without: str | None = None, end: int | None = None) -> NoReturn:
        end = at.end if end is None else end
        raise _Fault(message, at.start, end, _dropped(self.text, at.start, end) if without is None else without)

    def replaced(self, start: int, end: int, by: str) -> str:
        return self.text[:start] + by + self.text[end:]

    # --- the grammar

    def whole(self) -> Node:
        root = self.either("")
        if self.next.kind == "close":
            self.fail("This closing parenthesis was never opened.", self.next)
        return root

    def either(self, scope: str) -> Node:
        branches = [self.every(scope)]
        while self.next.kind == "or":
            self.take()
            branches.append(self.every(scope))
        return _either(branches)

    def every(self, scope: str) -> Node:
        first = self.at
        items = []
        while self.next.kind not in ("or", "close", "end"):
            if self.next.kind == "and":
                self.take()
            else:
                items.append(self.item(scope))
        if not items:
            self.refuse_nothing(first)
        if all(isinstance(item, Not) for item in items):
            self.refuse_exclusions(first)
        return _every(items)

    def item(self, scope: str) -> Node:
        token = self.take()
        if token.kind == "not":
            return Not(self.excluded(token, scope))
        if token.kind == "open":
            return self.group(token, scope)
        if token.kind == "field":
            return self.field(token, scope)
        if token.kind == "number":
            return self.number(token, scope)
        return self.value(token, scope)

    def excluded(self, sign: _Token, scope: str) -> Node:
        after = self.next
        if after.kind in ("or", "and", "close", "end"):
            self.fail(f"{_shown(sign.text)} has nothing to exclude: put it before a word, like -survey.", sign)
        if after.kind == "not":
            self.fail("This is excluded twice: one - is enough.", after, self.replaced(sign.start, after.start, ""))
        if sign.text.startswith("-") and after.start > sign.end:
            message = "A - that stands alone does nothing: put it right before the word to exclude, like -survey."
            self.fail(message, sign, self.replaced(sign.start, after.start, "-"))
        return self.item(scope)

    def group(self, opened: _Token, scope: str) -> Node:
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            self.fail(f"These parentheses are more than {_MAX_DEPTH} deep.", opened, "")
        inner = self.either(scope)
        if self.next.kind == "end":
            self.fail("This parenthesis is never closed.", opened, self.text + ")" * self.depth)
        self.take()
        self.depth -= 1
        return inner

    def refuse_nothing(self, first: int) -> NoReturn:
        before, here = self.tokens[first - 1] if first else None, self.next
        if here.kind == "close" and not self.depth:
            self.fail("This closing parenthesis was never opened.", here)
        if before and before.kind == "or":
            self.fail("OR needs a word on both sides.", before)
        if here.kind == "or":
            self.fail("OR needs a word on both sides.", here)
        if before and before.kind == "open" and here.kind == "close":
            self.fail("There is nothing between these parentheses.", before, end=here.end)
        if here.kind == "end" and before and before.kind == "open":
            self.fail("This parenthesis is never closed.", before)
        message = "The query is empty: give it a word, a condition such as is:daily, or * for every paper."
        raise _Fault(message, 0, len(self.text), "")

    def refuse_exclusions(self, first: int) -> NoReturn:
        start, last = self.tokens[first].start, self.tokens[self.at - 1]
        message = f"{_shown(self.text[start : last.end])} only excludes: say what to look for too (* is every paper)."
        before = self.tokens[first - 1] if first else None
        neighbour = before if before and before.kind == "or" else self.next
        if neighbour.kind == "or":
            without = self.replaced(neighbour.start, neighbour.end, " ")
        else:
            without = self.replaced(start, start, "* ")
        raise _Fault(message, start, last.end, without)

    # --- fields and conditions

    def field(self, token: _Token, outer: str) -> Node:
        name, value = token.text[:-1].lower(), self.next
        is_beside = value.start == token.end and value.kind not in ("close", "end")
        if name not in _FIELDS and name not in _FLAGS:
            if not is_beside and not self.guess(name):
                return self.value(token._replace(kind="word"), outer)
            self.refuse_name(token, name)
        if outer:
            message = f"{_shown(token.text)} stands inside {outer}:( ): a field cannot be inside another."
            self.fail(message, token, self.replaced(token.start, token.end, ""))
        if not is_beside:
            self.refuse_no_value(token)
        if value.kind == "open":
            return self.group(self.take(), name)
        if value.kind in ("word", "phrase", "quote", "regex"):
            return self.value(self.take(), name)
        self.refuse_value(token, value)

    def guess(self, name: str) -> str:
        if name in _NUMBERS or name in _LATER:
            return name
        return _MEANT.get(name) or _closest(name, [*_FIELDS, *_FLAGS, *_NUMBERS])

    def refuse_name(self, token: _Token, name: str) -> NoReturn:
        if name in _LATER:
            self.refuse_later(token)
        if name in _NUMBERS:
            self.refuse_number_field(token, name)
        if meant := self.guess(name):
            message = f"I do not know the field {_shown(token.text)} (did you mean {meant}:?)."
            self.fail(message, token, self.replaced(token.start, token.end, f"{meant}:"))
        message = (
            f"I do not know the field {_shown(token.text)}. There are {_listed(f'{f}:' for f in _FIELDS)}. "
            "To look for the text itself, put it in quotes."
        )
        self.fail(message, token, self.quoted(token.start, token.start))

    def quoted(self, start: int, value: int, name: str = "") -> str:
        """The text with everything from ``value`` to the next space or sign in quotes, ``name`` put before it."""
        run = re.compile(r'[^\s()|"]*').match(self.text, value)
        assert run is not None
        return self.replaced(start, run.end(), f'{name}"{run[0]}"' if run[0].strip(":") else "")

    def refuse_later(self, token: _Token) -> NoReturn:
        value = self.next if self.next.start == token.end and self.next.kind in ("word", "phrase", "number") else token
        message = f"{_shown(token.text)} (search by meaning) comes in a later version."
        self.fail(message, token, end=value.end)

    def refuse_number_field(self, token: _Token, name: str) -> NoReturn:
        value = self.next if self.next.kind in ("word", "phrase") else token
        said = value.text.strip('"') if value is not token else "10"
        compared = said if said[:1] in "<>=≥≤" else f">={said}"
        message = f"{name} is a number: compare it, like {name}>=10."
        self.fail(message, token, self.replaced(token.start, value.end, f"{name}{compared}"), value.end)

    def refuse_no_value(self, token: _Token) -> NoReturn:
        message = f"{_shown(token.text)} has no value: write it right behind the colon."
        follows = self.next.kind in ("word", "phrase", "open")
        self.fail(message, token, self.replaced(token.end, self.next.start, "") if follows else None)

    def refuse_value(self, token: _Token, value: _Token) -> NoReturn:
        name = token.text.lower()
        if value.kind == "not":
            message = f"Put the - before the field: -{name} and then the word."
            self.fail(message, token, self.replaced(token.start, value.end, f"-{name}"), value.end)
        message = f"{_shown(value.text)} cannot be the value of {name} as it stands; put it in quotes."
        self.fail(message, value, self.quoted(token.start, value.start, name))

    def number(self, token: _Token, scope: str) -> Node:
        self.count(token)
        found = re.fullmatch(rf"(\w+?)\s*({_OPERATOR})\s*(.*)", token.text, re.DOTALL)
        assert found is not None
        name, operator, value = found[1].lower(), _SPELLED.get(found[2], found[2]), found[3]
        if name not in _NUMBERS:
            self.refuse_number_name(token, name)
        if scope:
            self.fail(f"{_shown(token.text)} stands inside {scope}:( ): a condition stands for itself.", token)
        if operator not in _COMPARE:
            message = f"I do not know the comparison {_shown(found[2])}: there are >=, >, <=, < and =."
            self.fail(message, token, self.replaced(token.start, token.end, f"{name}>={value}"))
        if not re.fullmatch("[0-9]+", value):
            mended = f"{name}{operator}{_whole_number(value)}"
            message = f"{_shown(value)} is not a whole number." if value else f"{_shown(token.text)} lacks its number."
            self.fail(message, token, self.replaced(token.start, token.end, mended))
        if len(value.lstrip("0")) > _MAX_DIGITS:
            self.fail(f"{_shown(value)} is larger than any paper's {name}.", token)
        return Number(name, operator, int(value))

    def refuse_number_name(self, token: _Token, name: str) -> NoReturn:
        meant = _MEANT.get(name, "") if _MEANT.get(name) in _NUMBERS else _closest(name, _NUMBERS)
        if meant:
            message = f"I do not know the number {_shown(token.text)} (did you mean {meant}?)."
            self.fail(message, token, self.replaced(token.start, token.start + len(name), meant))
        message = f"I can compare {_listed(_NUMBERS)}, not {_shown(token.text)}. To look for the text, put it in quotes."
        self.fail(message, token, self.quoted(token.start, token.start))

    # --- words

    def count(self, token: _Token) -> None:
        self.terms += 1
        if self.terms > _MAX_TERMS:
            self.fail(f"This query has more than {_MAX_TERMS} terms.", token, self.text[: token.start])

    def value(self, token: _Token, scope: str) -> Node:
        self.count(token)
        if token.kind == "quote":
            self.refuse_open_quote(token)
        if token.kind == "regex":
            self.refuse_regex(token)
        if token.text.strip("*") == "" and token.kind == "word":
            return self.star(token, scope)
        if scope in _FLAGS:
            return self.flag(token, scope)
        if scope == "cat":
            return self.category(token)
        if scope == "source":
            return self.source(token)
        if scope == "author" and token.text.strip('"').startswith("@"):
            return self.handle(token)
        return self.word(token, scope)

    def refuse_open_quote(self, token: _Token) -> NoReturn:
        has_words = bool(words(token.text))
        without = f"{self.text}\"" if has_words else self.text[: token.start]
        self.fail(f"The quote before {_shown(token.text[1:])} is never closed.", token, without)

    def refuse_regex(self, token: _Token) -> NoReturn:
        plain = " ".join(re.findall(rf"[^\W_]{{{_MIN_PREFIX},}}", token.text[: token.text.rfind("/")]))
        message = f"{_shown(token.text)} looks like a regular expression; I only know words, \"a phrase\" and prefix*."
        self.fail(message, token, self.replaced(token.start, token.end, plain))

    def star(self, token: _Token, scope: str) -> Node:
        if scope:
            self.fail(f"{scope}: needs a word: a * alone would be everything.", token, self.without_field(token, scope))
        return Everything()

    def without_field(self, token: _Token, scope: str) -> str:
        start = token.start - len(scope) - 1
        is_beside = self.text[max(start, 0) : token.start].lower() == f"{scope}:"
        return _dropped(self.text, start if is_beside else token.start, token.end)

    def flag(self, token: _Token, scope: str) -> Node:
        value = token.text.strip('"').lower()
        if value in _FLAGS[scope]:
            return Flag(scope, value)
        known = _listed(f"{scope}:{name}" for name in _FLAGS[scope])
        self.refuse_choice(token, scope, value, _closest(value, _FLAGS[scope]), known)

    def source(self, token: _Token) -> Node:
        value = token.text.strip('"').lower()
        if value in _SOURCES:
            return Word("source", _SOURCES[value], False, value)
        self.refuse_choice(token, "source", value, _closest(value, _SOURCES), _listed(_SOURCES))

    def refuse_choice(self, token: _Token, scope: str, value: str, meant: str, known: str) -> NoReturn:
        hint = f" (did you mean {scope}:{meant}?)" if meant else f": there are {known}"
        without = self.replaced(token.start, token.end, meant) if meant else self.without_field(token, scope)
        self.fail(f"I do not know {_shown(f'{scope}:{value}')}{hint}.", token, without)

    def category(self, token: _Token) -> Node:
        value = token.text.strip('"')
        shape = _CATEGORY.fullmatch(value.lower())
        if shape and shape[1] in _ARCHIVES:
            return Word("cat", shape[1] + (shape[2] or ""), False, value)
        archive, _, rest = value.lower().partition(".")
        meant = archive if archive in _ARCHIVES else _closest(archive, _ARCHIVES)
        hint = f" (did you mean cat:{meant}?)" if meant else ""
        without = self.replaced(token.start, token.end, meant) if meant else self.without_field(token, "cat")
        self.fail(f"{_shown(value)} is not an arXiv category such as cs.CL or cs.*{hint}.", token, without)

    def handle(self, token: _Token) -> Node:
        name = token.text.strip('"')
        if not re.fullmatch(r"@[\w.-]+", name):
            self.fail(f"{_shown(name)} is not a user name.", token, self.without_field(token, "author"))
        return Word("author", name.casefold(), False, name)

    def word(self, token: _Token, scope: str) -> Node:
        if token.kind == "phrase":
            return self.phrase(token, scope)
        text = token.text.rstrip(",;:.!?")
        stem = text.rstrip("*")
        if "*" in stem:
            self.refuse_inner_star(token, stem)
        if stem != text:
            self.refuse_short_prefix(token, stem)
        return self.made(token, scope, stem, stem != text, f"{stem}*" if stem != text else text)

    def phrase(self, token: _Token, scope: str) -> Node:
        body, _, star = token.text[1:].rpartition('"')
        body = " ".join(body.split())
        if star:
            self.refuse_short_prefix(token, body)
        stem = body.rstrip("*")
        # "RRT*" and "A* search" are names; a star behind three letters in quotes is taken for a prefix.
        is_prefix = bool(star) or (stem != body and _letters(stem.split(" ")[-1]) >= _MIN_PREFIX)
        return self.made(token, scope, stem, is_prefix, f'"{body}"{star}')

    def made(self, token: _Token, scope: str, stem: str, is_prefix: bool, text: str) -> Node:
        tokens = _prefix_tokens(stem) if is_prefix else words(stem)
        if not tokens:
            what = "There is nothing between these quotes" if token.kind == "phrase" else f"{_shown(token.text)} has no letter or digit"
            self.fail(f"{what}: there is nothing to look for.", token, self.without_field(token, scope))
        return Word(scope, " ".join(tokens), is_prefix, text)

    def refuse_inner_star(self, token: _Token, stem: str) -> NoReturn:
        head = next((piece for piece in stem.split("*") if _letters(piece) >= _MIN_PREFIX), "")
        mended = f"{head}*" if head and f"{head}*" in token.text else head
        message = f"In {_shown(token.text)} the * must come last, behind at least {_MIN_PREFIX} letters, like stream*."
        self.fail(message, token, self.replaced(token.start, token.end, mended))

    def refuse_short_prefix(self, token: _Token, stem: str) -> None:
        if _letters(stem) < _MIN_PREFIX:
            message = f"{_shown(token.text)} is too short a prefix: give at least {_MIN_PREFIX} letters before the *."
            self.fail(message, token, self.replaced(token.start, token.end, token.text.rstrip(",;:.!?").rstrip("*")))


def _letters(text: str) -> int:
    return sum(map(str.isalnum, text))


def _prefix_tokens(stem: str) -> tuple[str, ...]:
    """The tokens of a stem, the last one without plural folding: ``process*`` must not become ``proces``."""
    tokens = words(stem)
    last = re.findall(r"[^\W_]+", fold(stem))[-1:]
    is_one = bool(last) and words(last[0]) == tokens[-1:]
    return (*tokens[:-1], last[0]) if is_one else tokens


def _whole_number(text: str) -> int:
    """The number somebody meant by ``1k``, ``1,000`` or ``ten``: our best offer, 10 where there is none."""
    found = re.match(r"\D{0,3}([0-9]{1,8})(?![0-9])(k?)", re.sub(r"(?<=[0-9])[,_](?=[0-9]{3})", "", text), re.IGNORECASE)
    return int(found[1]) * (1000 if found[2] else 1) if found else 10
