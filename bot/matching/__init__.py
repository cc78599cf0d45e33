"""The subscription index: one paper against all subscriptions at once. Pure, in memory, made anew when they change.

Each query is filed under words one of which a paper must have for it to match; a paper then meets only the queries
filed under its own words, and those that can be filed under none. The query itself has the last word, so the answers
are those of trying every query.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from bot.model import Term
from bot.query import Document, Query

__all__ = ["Index"]


class Index:
    """Queries by id, ready to be asked which of them a paper matches. Queries that read alike are tried once."""

    def __init__(self, queries: Iterable[tuple[int, Query]]) -> None:
        groups: dict[str, tuple[Query, list[int]]] = {}
        for number, query in queries:
            groups.setdefault(str(query), (query, []))[1].append(number)
        self._groups = list(groups.values())
        self._always: list[int] = []
        self._by_word: dict[str, list[int]] = defaultdict(list)
        for at, (query, _) in enumerate(self._groups):
            watched = _watched(query)
            for word in watched:
                self._by_word[word].append(at)
            if not watched:
                self._always.append(at)

    def match(self, doc: Document, today: date) -> list[tuple[int, tuple[str, ...]]]:
        """Every (id, hits) whose query matches, by id. ``today`` is the UTC day."""
        candidates = set(self._always)
        for word in doc.words & self._by_word.keys():
            candidates.update(self._by_word[word])
        found = []
        for query, ids in (self._groups[at] for at in candidates):
            hits = query.match(doc, today)
            if hits is not None:
                found += [(number, hits) for number in ids]
        return sorted(found)


def _watched(query: Query) -> set[str]:
    """Words of which a matching paper has at least one; empty when there is no such set."""
    clauses = [clause for clause in query.sieve().all if not any(term.prefix for term in clause)]
    best = max(clauses, key=_rarity, default=())
    return {_longest(term) for term in best}


def _rarity(clause: tuple[Term, ...]) -> int:
    """Long words are rare words, as far as one can tell without counting."""
    return min(len(_longest(term)) for term in clause)


def _longest(term: Term) -> str:
    return max(term.text.split(), key=len)
