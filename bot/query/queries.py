"""A whole query, as the other rooms see it. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from bot.model import Sieve
from bot.query import sense, sieve
from bot.query.documents import Document
from bot.query.tree import And, Hits, Node, Not, Or, Verdict, Word


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

    def excludes(self, doc: Document, today: date) -> bool:
        """Whether an exclusion that holds for the whole query strikes this paper, whatever else it has."""
        items = self.root.items if isinstance(self.root, And) else ()
        return any(isinstance(item, Not) and item.hits(doc, today) is None for item in items)

    def contradiction(self) -> str:
        """Two parts that no paper has together, such as ``video and -video``; empty where none are seen."""
        return sense.contradiction(self.root)

    def terms(self) -> tuple[str, ...]:
        """The positive words and phrases as typed, in order: what a report on noisy words counts."""
        return tuple(dict.fromkeys(str(word) for word in _positive(self.root)))

    def sieve(self, since: date | None = None) -> Sieve:
        """What a full-text index can do for this query: never less than the query matches, usually more.

        Texts are folded tokens, joined by one space in a phrase. Column ``any`` must cover title, abstract, keywords
        and the parts of CamelCase names in the title; ``people`` authors and organization. Without a clause there are
        no words to rank by either: ``diffusion OR votes>=50`` must not be narrowed to diffusion.
        """
        required = tuple(dict.fromkeys(sieve.clauses(self.root)))
        ranking = (term for word in _positive(self.root) for term in sieve.forms(word)) if required else ()
        return Sieve(all=required, any=tuple(dict.fromkeys(ranking)), since=since)


def _positive(node: Node) -> Iterator[Word]:
    if isinstance(node, Word):
        yield node
    elif isinstance(node, And | Or):
        for item in node.items:
            yield from _positive(item)
