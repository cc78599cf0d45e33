"""``/papers search``: the query language over what is stored, close matches where that is too strict, and the sources'
own search. Ranking is the store's; what a query matches has the last word here.
"""

from collections.abc import Sequence
from datetime import date

from bot.cards import Button, Card, Reply, notice, paper_card, plural
from bot.commands import values
from bot.commands.answers import line
from bot.commands.fetching import find_paper, remember, spoken, trouble, utc
from bot.commands.listing import SIZE, listing, paper_data, rows, sort_papers
from bot.commands.table import Desk
from bot.errors import CommandError, QueryError, SourceError
from bot.model import Paper, Request, Sieve, Term
from bot.query import document, parse
from bot.text import cut, words

_LOOKED_AT = 500
_FROM_SOURCE = 50
_MOST_WORDS = 40
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
    unread: QueryError | None = None
    exact: list[Paper] = []
    is_all = True
    try:
        exact, is_all = await _exact(desk, text, since)
    except QueryError as error:
        unread = error
    if len(exact) >= SIZE:
        more = "" if is_all else f"The best {_LOOKED_AT} were looked at; another word or since:30d narrows it."
        found = sort_papers(exact, request.options.get("sort", ""))
        said = " ".join(part for part in (note, more) if part)
        return listing(request, _title(len(found), text), found, said, {"query": text, "close": []})
    close = await _close(desk, text, since, exact)
    if unread is not None and not close:
        raise unread
    return _answer(request, text, sort_papers(exact, request.options.get("sort", "")), close, note, unread)


async def _exact(desk: Desk, text: str, since: date | None) -> tuple[list[Paper], bool]:
    """What the query matches among the store's best candidates, and whether those were all there are."""
    query = parse(text, limit=desk.limits.query)
    today = utc(desk.now()).date()
    candidates = await desk.store.papers.search(query.sieve(since), _LOOKED_AT)
    found = [paper for paper in candidates if query.match(document(paper), today) is not None]
    return found, len(candidates) < _LOOKED_AT


async def _close(desk: Desk, text: str, since: date | None, known: Sequence[Paper]) -> list[Paper]:
    """Papers with any of the words, best first, as many as a page has room for beside ``known``."""
    telling = [word for word in dict.fromkeys(words(text)) if word not in _EMPTY][:_MOST_WORDS]
    if not telling:
        return []
    keys = {paper.key for paper in known}
    ranked = await desk.store.papers.search(Sieve(any=tuple(map(Term, telling)), since=since), SIZE + len(keys))
    return [paper for paper in ranked if paper.key not in keys][: SIZE - len(keys)]


def _answer(
    request: Request, text: str, exact: Sequence[Paper], close: Sequence[Paper], note: str, unread: QueryError | None
) -> Reply:
    if not exact and not close:
        return _nothing(request, text, note)
    said = " ".join(part for part in (note, f"Read as plain words: {unread}" if unread else "") if part)
    offer = line("search", request.options, query=unread.mended) if unread and unread.mended else ""
    cards = [
        Card(title=_title(len(exact), text), body=said, rows=rows(exact), buttons=_button("Do this instead", offer))
    ]
    if close:
        cards.append(Card(title="Close matches", body="With some of the words.", rows=rows(close, len(exact) + 1)))
    data = {"query": text, "note": said, "total": len(exact), "page": 1}
    lists = {"papers": [paper_data(p) for p in exact], "close": [paper_data(p) for p in close]}
    return Reply(cards=tuple(cards), data={**data, **lists})


def _nothing(request: Request, text: str, note: str) -> Reply:
    wider = line("search", {name: value for name, value in request.options.items() if name == "query"}, **{"in": "hf"})
    card = notice(" ".join(part for part in (note, f"No paper here fits “{cut(text, 80)}”.") if part))
    data = {"query": text, "note": note, "total": 0, "page": 1, "papers": [], "close": []}
    button = () if request.options.get("in") == "hf" else _button("Ask Hugging Face", wider)
    return Reply(cards=(Card(body=card.body, buttons=button),), data=data)


def _button(label: str, command: str) -> tuple[Button, ...]:
    return (Button(label, command),) if command else ()


def _title(number: int, text: str) -> str:
    return f"{plural(number, 'paper') if number else 'No paper'} for “{cut(text, 80)}”"


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
        return _nothing(request, text, f"{spoken(place)} found nothing.")
    ranked = sort_papers(recent, request.options.get("sort", ""))
    return listing(request, _title(len(ranked), text), ranked, f"Found by {spoken(place)}.", {"query": text})
