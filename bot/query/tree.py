"""The parts of a query and what each says of a paper. Pure; how a query is written is known only to ``__str__``."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from bot.query.documents import Document
from bot.query.vocabulary import COMPARE, FLAGS, NUMBERS
from bot.text import singular

MIN_PREFIX = 3
"""Letters before a ``*``: a full-text index reads every word that begins so, and two letters begin thousands."""

# Where a bare word looks, as people call it.
_PLACES = {"title": "title", "abstract": "abstract", "keyword": "keywords"}

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
        return f" {self.phrase}" in text or any(f" {form} " in text for form in self.singulars())

    def singulars(self) -> list[str]:
        """Whole forms a prefix must also find because texts have plurals folded: ``categori*`` is after categories."""
        before, space, last = self.phrase.rpartition(" ")
        return [f"{before}{space}{form}" for form in singulars(last)]

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
            places = [place for scope, place in _PLACES.items() if self._in(doc.texts[scope])]
            yield Verdict(True, f"{self} in {' and '.join(places)}")
        else:
            yield Verdict(False, f"no {self} in title, abstract or keywords")


def singulars(prefix: str) -> list[str]:
    """Singulars that a plural with this beginning may have been folded to, without those that begin so themselves."""
    forms = {singular(prefix), singular(f"{prefix}s"), singular(f"{prefix}es")}
    return sorted(form for form in forms if not form.startswith(prefix))


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
    return word == part or (prefix and is_last and (part.startswith(word) or part in singulars(word)))


@dataclass(frozen=True, slots=True)
class Number:
    """A comparison. A number nobody told is never true, whatever is asked of it."""

    name: str
    operator: str
    value: int

    def __str__(self) -> str:
        return f"{self.name}{self.operator}{self.value}"

    def hits(self, doc: Document, today: date) -> Hits:
        known = NUMBERS[self.name](doc.paper)
        return (str(self),) if known is not None and COMPARE[self.operator](known, self.value) else None

    def verdicts(self, doc: Document, today: date) -> Iterator[Verdict]:
        known = NUMBERS[self.name](doc.paper)
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
        return (str(self),) if FLAGS[self.name][self.value][0](doc.paper, today) else None

    def verdicts(self, doc: Document, today: date) -> Iterator[Verdict]:
        holds = self.hits(doc, today) is not None
        yield Verdict(holds, str(self) if holds else FLAGS[self.name][self.value][1])


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


def every(items: Iterable[Node]) -> Node:
    flat = dict.fromkeys(part for item in items for part in (item.items if isinstance(item, And) else (item,)))
    return And(tuple(flat)) if len(flat) > 1 else next(iter(flat))


def either(items: Iterable[Node]) -> Node:
    flat = dict.fromkeys(part for item in items for part in (item.items if isinstance(item, Or) else (item,)))
    return Or(tuple(flat)) if len(flat) > 1 else next(iter(flat))
