"""What a full-text index can do for a query: words that must stand in whatever the query matches. Pure.

Sound before sharp: where full text cannot tell, nothing is asked of it.
"""

from collections.abc import Iterator
from typing import Literal

from bot.model import Term
from bot.query.tree import MIN_PREFIX, And, Node, Or, Word, singulars

Column = Literal["any", "title", "abstract", "people"]


def clauses(node: Node) -> Iterator[tuple[Term, ...]]:
    """Clauses of which each holds wherever the node does: of an alternative, one for each of its branches joined."""
    if isinstance(node, Word):
        if terms := forms(node):
            yield terms
    elif isinstance(node, And):
        for item in node.items:
            yield from clauses(item)
    elif isinstance(node, Or):
        branches = [list(clauses(item)) for item in node.items]
        if all(branches):
            yield tuple(dict.fromkeys(term for branch in branches for term in min(branch, key=_looseness)))


def _looseness(clause: tuple[Term, ...]) -> tuple[int, bool, int]:
    """The fewer forms and the longer words, the fewer papers pass."""
    return len(clause), any(term.prefix for term in clause), -min(len(term.text) for term in clause)


def forms(word: Word) -> tuple[Term, ...]:
    """The terms of which full text has at least one where this word hits. Empty where it cannot tell."""
    if word.scope == "author":
        return _of_author(word)
    if word.scope == "org":
        return _of_text(word, "people")
    if word.scope == "abstract":
        return _of_text(word, "abstract")
    if word.scope == "title" and " " in word.phrase:
        return _of_text(word, "title")
    # A single word of a title may be a part of a name there, which full text keeps in a column of its own.
    return _of_text(word, "any") if word.scope in ("", "title") else ()


def _of_text(word: Word, column: Column) -> tuple[Term, ...]:
    if not word.prefix:
        return (Term(word.phrase, column),)
    before, _, last = word.phrase.rpartition(" ")
    if len(last) < MIN_PREFIX:
        return (Term(before, column),) if before else ()
    return (Term(word.phrase, column, prefix=True), *(Term(form, column) for form in word.singulars()))


def _of_author(word: Word) -> tuple[Term, ...]:
    """Only the last word asked, for the others may be initials in the name."""
    last = word.phrase.split()[-1]
    if word.phrase.startswith("@") or len(last) < (MIN_PREFIX if word.prefix else 2):
        return ()
    whole = singulars(last) if word.prefix else []
    return (Term(last, "people", word.prefix), *(Term(form, "people") for form in whole))
