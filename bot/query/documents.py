"""A paper made ready: tokenised once, to be asked by many queries. Pure; knows nothing of queries."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.model import Paper
from bot.text import parts, words


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """The tokens of one paper.

    ``texts`` has, for each field (and under ``""`` for a bare word), folded tokens with one space around each and
    `` | `` between what no phrase may cross. ``names`` are the authors' tokens, ``words`` all tokens a query may ask
    for, in whatever field.
    """

    paper: Paper
    texts: Mapping[str, str]
    names: tuple[tuple[str, ...], ...]
    categories: tuple[str, ...]
    words: frozenset[str]


def document(paper: Paper) -> Document:
    """Tokenise a paper. Never raises.

    A bare word looks into title, abstract, keywords and the parts of CamelCase names in the title, but not into
    authors: those are asked with ``author:``, or ``hinton`` in a topic would bring everything he wrote.
    """
    title, abstract = words(paper.title), words(paper.abstract)
    keywords = [words(keyword) for keyword in paper.facts.keywords]
    pieces = [(part,) for part in sorted(parts(paper.title))]
    names = tuple(words(name) for name in paper.authors)
    organization = [words(paper.organization.slug), words(paper.organization.name)] if paper.organization else []
    sequences = {
        "": [title, abstract, *keywords, *pieces],
        "title": [title, *pieces],
        "abstract": [abstract],
        "keyword": keywords,
        "org": organization,
        "submitter": [words(paper.submitter)],
    }
    return Document(
        paper=paper,
        texts={name: _padded(tokens) for name, tokens in sequences.items()},
        names=names,
        categories=tuple(category.lower() for category in paper.categories),
        words=frozenset(token for tokens in (*sequences[""], *names, *organization) for token in tokens),
    )


def _padded(sequences: Iterable[tuple[str, ...]]) -> str:
    return f" {' | '.join(' '.join(sequence) for sequence in sequences)} "
