"""``/papers similar``: papers that share rare words with one. Lexical and local: nothing is asked of anybody.

Which words speak for a paper and which papers share most of them are pure functions; the store ranks first.
"""

import asyncio
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.cards import Button, Card, Reply, paper_row
from bot.commands.answers import line
from bot.commands.backtest import SMALL
from bot.commands.fetching import find_paper
from bot.commands.listing import empty, label, page_of, paper_data
from bot.commands.table import Desk
from bot.model import Paper, Request, Sieve, Term
from bot.query import Document, document
from bot.text import words

_LOOKED_AT = 200
_SHOWN = 30
_FEW = 3
_NAMED = 6
"""Shared words told for each paper."""
_MOST_WORDS = 40
_HONEST = "Alike by words in common, the rarer the better; not by meaning."


@dataclass(frozen=True, slots=True)
class Alike:
    """A paper and the words it shares with another, the rarest first."""

    paper: Paper
    shared: tuple[str, ...]


def telling_words(paper: Paper) -> tuple[str, ...]:
    """The folded words of title and keywords that say what a paper is about, in order."""
    said = (*words(paper.title), *(word for keyword in paper.facts.keywords for word in words(keyword)))
    telling = (word for word in said if word not in SMALL and not word.isdigit() and len(word.encode()) > 1)
    return tuple(dict.fromkeys(telling))[:_MOST_WORDS]


def likest(paper: Paper, candidates: Sequence[Paper]) -> list[Alike]:
    """Those that share two words or more, by how rare these are among the candidates; the few best where none does.

    A word in a title or keyword counts twice one in an abstract. Equals keep the order of the candidates.
    """
    telling = telling_words(paper)
    docs = [document(other) for other in candidates if other.key != paper.key]
    found = Counter(word for doc in docs for word in telling if word in doc.words)
    weights = {word: math.log(1 + len(docs) / found[word]) for word in telling if found[word]}
    scored = [(_score(doc, weights), _shared(doc, weights)) for doc in docs]
    order = sorted(range(len(docs)), key=lambda at: -scored[at][0])
    ranked = [Alike(docs[at].paper, scored[at][1]) for at in order if scored[at][1]]
    return [alike for alike in ranked if len(alike.shared) > 1] or ranked[:_FEW]


def _shared(doc: Document, weights: Mapping[str, float]) -> tuple[str, ...]:
    return tuple(sorted((word for word in weights if word in doc.words), key=lambda word: -weights[word]))


def _score(doc: Document, weights: Mapping[str, float]) -> float:
    prominent = f"{doc.texts['title']}|{doc.texts['keyword']}"
    return sum(weights[word] * (2 if f" {word} " in prominent else 1) for word in weights if word in doc.words)


async def similar(desk: Desk, request: Request) -> Reply:
    """Papers of the store that share words with the one asked for."""
    paper = await find_paper(desk, request.options["paper"], "similar")
    terms = tuple(Term(word) for word in telling_words(paper))
    found = await desk.store.papers.search(Sieve(any=terms, need_any=True), _LOOKED_AT) if terms else []
    # Two hundred papers take a moment to read: not on the loop that answers everybody.
    alike = (await asyncio.to_thread(likest, paper, found))[:_SHOWN]
    told = {"paper": paper.key, "shared": {a.paper.key: list(a.shared) for a in alike}}
    if not alike:
        return empty(f"No stored paper shares telling words with “{paper.title}”.", told)
    return _answer(request, paper, alike, told)


def _answer(request: Request, paper: Paper, alike: Sequence[Alike], told: Mapping[str, object]) -> Reply:
    shown, page, first = page_of([a.paper for a in alike], request)
    shared = {a.paper.key: a.shared[:_NAMED] for a in alike}
    card = Card(
        title=f"Like “{paper.title}”",
        rows=tuple(paper_row(p, f"{at}.", matched=shared[p.key]) for at, p in enumerate(shown, first)),
        buttons=(Button("The paper itself", line("show", paper=paper.name)),),
        label=label(shown),
        footer=_HONEST,
    )
    papers = [paper_data(p) for p in shown]
    return Reply(
        cards=(card,),
        page=page,
        data={**told, "total": len(alike), "page": page.number if page else 1, "papers": papers},
    )
