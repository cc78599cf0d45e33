"""``/papers search``: the query language over what is stored, close matches where that is too strict, and the sources'
own search. Ranking is the store's; what a query matches has the last word here.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from bot.cards import Button, Card, Reply, paper_card
from bot.commands import values
from bot.commands.answers import line
from bot.commands.fetching import find_paper, remember, trouble, utc
from bot.commands.listing import SIZE, label, listing, paper_data, rows, sort_papers
from bot.commands.table import Desk
from bot.errors import CommandError, QueryError, SourceError
from bot.model import Paper, Request, Sieve, Term
from bot.phrases import plural, quoted, spoken
from bot.query import Document, Query, document, hints, parse
from bot.text import cut, words

_LOOKED_AT = 500
_LOOKED_AT_FACTS = 2_000
"""Where only facts are asked for, no text needs to be read, and more papers can be."""
_AT_ONCE = 20
_FROM_SOURCE = 50
_MOST_WORDS = 40
_FEW = 3
# Words of questions and sentences that say nothing about a paper's subject.
_EMPTY = frozenset(words(
    "a about an and any are as at be been by can could did do does for from good has have how i if in into is it its "
    "many me my new of on or our paper papers please show some that the their them there these they this those to "
    "use using want was we were what when where which who why will with would you your"
))  # fmt: skip
_PLACES = {"hf": "huggingface", "arxiv": "arxiv"}


async def search(desk: Desk, request: Request) -> Reply:
    """A lone id or address shows that paper; all else is a query."""
    text = " ".join(request.options["query"].split())
    if " " not in text and values.paper_key(text):
        paper = await find_paper(desk, text)
        return Reply(cards=(paper_card(paper, full=True),), data=paper_data(paper))
    since = values.since(request.options["since"], utc(desk.now()).date()) if "since" in request.options else None
    place = _PLACES.get(request.options.get("in", ""), "")
    return await (_elsewhere(desk, request, text, since, place) if place else _here(desk, request, text, since, ""))


# --- what is stored ---------------------------------------------------------------------------------------------------


async def _here(desk: Desk, request: Request, text: str, since: date | None, note: str) -> Reply:
    query, unread = _read(text, desk.limits.query)
    exact, cut_at = await _exact(desk, query, since) if query else ([], 0)
    exact = sort_papers(exact, request.options.get("sort", ""))
    narrower = f"The first {cut_at:,} were looked at: another word or since:30d narrows it." if cut_at else ""
    odd = query.contradiction() if query else ""
    never = f"This can match nothing: no paper has {odd}." if odd else ""
    note = "\n".join(part for part in (note, unread, never, *hints(text, posts=False), narrower) if part)
    if len(exact) >= SIZE:
        return listing(request, _title(len(exact), text), exact, note, {"query": text, "close": []})
    close = await _close(desk, query, _telling(query, unread, text), since, exact)
    return _answer(desk, request, text, exact, close, note)


def _read(text: str, limit: int) -> tuple[Query | None, str]:
    """The query, or its mended form, or none where only plain words are left; and what was wrong with it."""
    try:
        return parse(text, limit=limit), ""
    except QueryError as error:
        if error.mended:
            return parse(error.mended, limit=limit), f"{error}\nSearched for: {cut(error.mended, 80)}"
        if not words(text):
            raise CommandError(f"{error} Give a word to look for.", mended=line("help", topic="query")) from error
        return None, f"{error} Read as plain words."


async def _exact(desk: Desk, query: Query, since: date | None) -> tuple[list[Paper], int]:
    """What the query matches among the store's best candidates, and how many those were where there may be more."""
    today = utc(desk.now()).date()
    is_facts = not query.terms() and "-" not in str(query)
    limit = _LOOKED_AT_FACTS if is_facts else _LOOKED_AT
    candidates = await desk.store.papers.search(query.sieve(since), limit)
    found = []
    for at, paper in enumerate(candidates):
        if query.match(document(_without_text(paper) if is_facts else paper), today) is not None:
            found.append(paper)
        if at % _AT_ONCE == 0:
            await asyncio.sleep(0)  # a long search must not hold up posting
    return found, limit if len(candidates) == limit else 0


def _without_text(paper: Paper) -> Paper:
    return replace(paper, title="", abstract="", authors=(), facts=replace(paper.facts, keywords=()))


def _telling(query: Query | None, unread: str, text: str) -> list[str]:
    """The folded words to look for one by one: the query's positive ones, or those of a text that is no query."""
    plain = " ".join(word for word in text.split() if not word.startswith("-"))
    spoken = [term.text for term in query.sieve().any] if query and not unread else [plain]
    return list(dict.fromkeys(word for said in spoken for word in words(said) if word not in _EMPTY))[:_MOST_WORDS]


async def _close(
    desk: Desk, query: Query | None, telling: Sequence[str], since: date | None, known: Sequence[Paper]
) -> list[Paper]:
    """Papers with half of the words or more, best first, then those by people or organizations of such names: as many
    as a page has room for beside ``known``. Where none has half, the few that have most. Never what is excluded."""
    if not telling:
        return []
    subjects = Sieve(any=tuple(Term(word) for word in telling), since=since)
    people = Sieve(all=(tuple(Term(word, "people") for word in telling),), since=since)
    ranked = await desk.store.papers.search(subjects, 2 * SIZE)
    named = await desk.store.papers.search(people, 2 * SIZE)
    today, shown = utc(desk.now()).date(), {paper.key for paper in known}
    ready = [document(paper) for paper in dict.fromkeys((*ranked, *named)) if paper.key not in shown]
    docs = [doc for doc in ready if query is None or not query.excludes(doc, today)]
    by_name = {paper.key for paper in named}
    shares = {doc.paper.key: len(telling) if doc.paper.key in by_name else _share(doc, telling) for doc in docs}
    many = [doc.paper for doc in docs if 2 * shares[doc.paper.key] >= len(telling)]
    few = sorted((doc.paper for doc in docs if shares[doc.paper.key]), key=lambda paper: -shares[paper.key])
    return (many or few[:_FEW])[: SIZE - len(known)]


def _share(doc: Document, telling: Sequence[str]) -> int:
    """How many of the words a paper has, in some form: the store ranks by words, it leaves no paper out."""
    stems = ((word, word[: max(4, len(word) - 3)] if len(word) > 4 else "") for word in telling)
    return sum(
        word in doc.words or (bool(stem) and any(other.startswith(stem) for other in doc.words)) for word, stem in stems
    )


def _answer(
    desk: Desk, request: Request, text: str, exact: Sequence[Paper], close: Sequence[Paper], note: str
) -> Reply:
    if not exact and not close:
        return _nothing(desk, request, text, note)
    cards = [Card(title=_title(len(exact), text), body=note, rows=rows(exact), label=label([*exact, *close]))]
    if close:
        cards.append(Card(title="Close matches", body="With some of the words.", rows=rows(close, len(exact) + 1)))
    data = {"query": text, "note": note, "total": len(exact), "page": 1}
    lists = {"papers": [paper_data(p) for p in exact], "close": [paper_data(p) for p in close]}
    return Reply(cards=tuple(cards), data={**data, **lists})


def _nothing(desk: Desk, request: Request, text: str, note: str) -> Reply:
    said = "\n".join(part for part in (note, f"No paper here fits {quoted(cut(text, 80))}.") if part)
    wider = line("search", {"query": text, "in": "hf"})
    can_ask = "huggingface" in desk.sources and request.options.get("in") != "hf"
    buttons = (Button("Ask Hugging Face", wider),) if can_ask else ()
    data = {"query": text, "note": note, "total": 0, "page": 1, "papers": [], "close": []}
    return Reply(cards=(Card(body=said, buttons=buttons),), data=data)


def _title(number: int, text: str) -> str:
    return f"{plural(number, 'paper') if number else 'No paper'} for {quoted(cut(text, 80))}"


# --- what a source finds ----------------------------------------------------------------------------------------------


async def _elsewhere(desk: Desk, request: Request, text: str, since: date | None, place: str) -> Reply:
    source = desk.sources.get(place)
    if source is None:
        raise CommandError(f"{spoken(place)} is not among the sources here.", mended=line("search", query=text))
    try:
        found = await source.search(text, _FROM_SOURCE)
    except SourceError as error:
        return await _here(desk, request, text, since, f"{trouble(place, error)} This is what is stored.")
    await remember(desk, place, found)
    recent = [p for p in found if since is None or p.published is None or p.published >= since]
    if not recent:
        return _nothing(desk, request, text, f"{spoken(place)} found nothing.")
    ranked = sort_papers(recent, request.options.get("sort", ""))
    return listing(request, _title(len(ranked), text), ranked, f"Found by {spoken(place)}.", {"query": text})
