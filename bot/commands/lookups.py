"""Look-ups, answered privately: the list of a day, the trending list, one paper, its citation.

Weeks and months are in ``periods.py``, search in ``searching.py``, the reasons behind a post in ``why.py``; their rows
stand here too.
"""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date, timedelta

from bot.cards import Button, Card, Reply, Row, paper_card
from bot.commands import citation, values
from bot.commands.answers import PAGE, line
from bot.commands.fetching import (
    built_on,
    daily_source,
    day_list,
    find_paper,
    has_trending,
    newest_day,
    open_day,
    trouble,
    utc,
)
from bot.commands.listing import TOP, empty, paper_data, ranked
from bot.commands.periods import month, week
from bot.commands.searching import search
from bot.commands.similar import similar
from bot.commands.table import Command, Desk, Option
from bot.commands.why import why
from bot.errors import CommandError, SourceError
from bot.model import Linked, Paper, Request
from bot.phrases import count, day_text, plural

_CITED_AUTHORS = 30
_BEST_BUILT = 3
_LOOKED_BACK = 3
"""Weekdays asked for before the newest list is taken to be the stored one: a long weekend."""
_WEEKEND = ("Saturday", "Sunday")


# --- lists ------------------------------------------------------------------------------------------------------------


async def today(desk: Desk, request: Request) -> Reply:
    """The daily list: the newest there is, or that of the day asked for."""
    now = desk.now()
    here = utc(now).date()
    asked = values.day(request.options["date"], here) if "date" in request.options else None
    if asked and asked > here:
        raise CommandError(f"{day_text(asked, here)} is still to come.", mended=line("today"))
    day, papers, note = await (_list_of(desk, asked, now) if asked else _newest_list(desk, now))
    if day is None:
        where = (
            "the next poll brings one" if daily_source(desk) else "lists come from Hugging Face, which is not read here"
        )
        return empty(note or f"No list is stored yet: {where}.")
    title = f"Daily Papers · {day_text(day, here)} · {plural(len(papers), 'paper')}"
    return ranked(request, title, papers, note, "votes", {"list": "daily", "day": day.isoformat()})


_Found = tuple[date | None, Sequence[Paper], str]


async def _newest_list(desk: Desk, now: int) -> _Found:
    """The newest list of the store, unless a source has a newer one that no poll has brought yet."""
    opened = open_day(now)
    newest = await newest_day(desk, utc(now).date())
    if newest is not None and newest >= opened:
        return newest, await day_list(desk, newest, now), ""
    try:
        for day in _weekdays(newest, opened):
            if papers := await day_list(desk, day, now):
                return day, papers, _gap(day, now)
    except SourceError as error:
        if newest is None:
            raise CommandError(f"{_unanswered(desk, error)} No list is stored yet.") from error
        return await _stored(desk, newest, now, _unanswered(desk, error))
    return await _stored(desk, newest, now, "")


def _weekdays(after: date | None, last: date) -> list[date]:
    """The last few weekdays up to ``last``, newest first, that come after ``after``."""
    days = (last - timedelta(days=back) for back in range(7))
    return [day for day in days if day.weekday() < 5 and (after is None or day > after)][:_LOOKED_BACK]


async def _stored(desk: Desk, newest: date | None, now: int, trouble_line: str) -> _Found:
    if newest is None:
        return None, (), trouble_line
    note = " ".join(part for part in (trouble_line, _gap(newest, now)) if part)
    return newest, await day_list(desk, newest, now), note


def _gap(newest: date, now: int) -> str:
    """Why the newest list is not today's, in one line; empty when it is."""
    here = utc(now).date()
    if newest == here:
        return ""
    said = day_text(newest, here)
    if here.weekday() >= 5:
        return f"No list on {_WEEKEND[here.weekday() - 5]}; the newest is {said}."
    if open_day(now) < here:
        return f"The list of {day_text(here)} is not open yet; the newest is {said}."
    return f"No list for {day_text(here)} yet; the newest is {said}."


async def _list_of(desk: Desk, day: date, now: int) -> _Found:
    here = utc(now).date()
    missing = f"No list on {day_text(day, here)}"
    try:
        if papers := await day_list(desk, day, now):
            return day, papers, ""
    except SourceError as error:
        missing = f"{_unanswered(desk, error)} The list of {day_text(day, here)} is not stored"
        if await newest_day(desk, day) is None:
            raise CommandError(f"{missing}.") from error
    before = await newest_day(desk, day)
    if before is None:
        return None, (), f"{missing}."
    return before, await day_list(desk, before, now), f"{missing}; the one before is {day_text(before, here)}."


def _unanswered(desk: Desk, error: SourceError) -> str:
    source = daily_source(desk)
    return trouble(source.name if source else "huggingface", error)


async def trending(desk: Desk, request: Request) -> Reply:
    """The trending list as it last came, in its own order."""
    here = utc(desk.now()).date()
    day = await newest_day(desk, here, "trending")
    if day is None:
        if not has_trending(desk):
            return empty("There is no trending list: it comes from Hugging Face, which is not read here.")
        return empty("No trending list is stored yet: the next poll brings it.")
    papers = [paper for _, paper in await desk.store.papers.listed("trending", day, day)]
    note = "" if day == here else f"As it was on {day_text(day, here)}; no newer one has come."
    title = f"Trending · {plural(len(papers), 'paper')}"
    return ranked(request, title, papers, note, "", {"list": "trending", "day": day.isoformat()})


# --- one paper --------------------------------------------------------------------------------------------------------


async def show(desk: Desk, request: Request) -> Reply:
    """All that is known of one paper, and what was built on it; a source is asked for one that is not stored."""
    paper = await find_paper(desk, request.options["paper"], "show")
    built = await built_on(desk, paper.key)
    card = paper_card(paper, full=True)
    data = {**paper_data(paper), "built_on_it": asdict(built) if built else None}
    return Reply(cards=(replace(card, rows=(*card.rows, *_built_rows(built))) if built else card,), data=data)


def _built_rows(linked: Linked) -> tuple[Row, ...]:
    """One row: ``12 models, 1 dataset · lab/model ♥ 120``. None where nothing was built on it."""
    kinds = (("model", linked.models), ("dataset", linked.datasets), ("space", linked.spaces))
    counted = ", ".join(plural(amount, kind) for kind, amount in kinds if amount)
    best = (f"{name} ♥ {count(likes)}" for name, likes in linked.best[:_BEST_BUILT])
    said = " · ".join(part for part in (counted, *best) if part)
    return (Row(lead="", text="Built on it", detail=said),) if said else ()


async def cite(desk: Desk, request: Request) -> Reply:
    """One paper in the form asked for. A long list of authors is cut on the card, but whole in the data."""
    form = request.options.get("as", "bibtex")
    paper = await find_paper(desk, request.options["paper"], "cite")
    write = citation.FORMATS[form]
    code = write([paper]) if form == "text" else write([paper], _CITED_AUTHORS)
    others = (Button(other, line("cite", paper=paper.name, **{"as": other})) for other in citation.FORMATS)
    card = Card(title=paper.title, code=code, buttons=tuple(b for b in others if b.label != form))
    return Reply(cards=(card,), data={"key": paper.key, "format": form, "text": write([paper])})


# --- the table --------------------------------------------------------------------------------------------------------

_PAPER = Option(name="paper", help="an arXiv id, an address, or a title", kind="paper", required=True, rest=True)
_ORDER = Option(name="sort", help="what comes first", kind="choice", choices=("votes", "new"))

COMMANDS: tuple[Command, ...] = (
    Command(
        words=("today",),
        help="The papers of today's list, or of another day's",
        room="look-ups",
        run=today,
        options=(Option(name="date", help="a day: 2026-11-23, yesterday, friday", kind="date"), TOP, _ORDER, PAGE),
        example="/papers today top:10",
        share=True,
    ),
    Command(
        words=("trending",),
        help="What trends on Hugging Face now",
        room="look-ups",
        run=trending,
        options=(TOP, PAGE),
        example="/papers trending top:10",
        share=True,
    ),
    Command(
        words=("week",),
        help="A week's papers, most votes first",
        room="look-ups",
        run=week,
        options=(Option(name="week", help="2026-W47, this or last", kind="week"), TOP, PAGE),
        example="/papers week last",
        share=True,
    ),
    Command(
        words=("month",),
        help="A month's papers, most votes first",
        room="look-ups",
        run=month,
        options=(Option(name="month", help="2026-11, november, this or last", kind="month"), TOP, PAGE),
        example="/papers month last",
        share=True,
    ),
    Command(
        words=("search",),
        help="Papers that match a query or a plain question",
        room="look-ups",
        run=search,
        options=(
            Option(name="query", help="words, fields and conditions", kind="query", required=True, rest=True),
            Option(name="since", help="how far back: 30d, 2w or a day", kind="span"),
            Option(name="in", help="where to look", kind="choice", choices=("local", "hf", "arxiv")),
            Option(name="sort", help="what comes first", kind="choice", choices=("relevance", "new", "votes")),
            PAGE,
        ),
        aliases=("find",),
        example="/papers search video diffusion -survey since:30d",
        share=True,
    ),
    Command(
        words=("show",),
        help="One paper with its whole abstract",
        room="look-ups",
        run=show,
        options=(_PAPER,),
        example="/papers show 1706.03762",
        share=True,
    ),
    Command(
        words=("similar",),
        help="Stored papers that share rare words with one",
        room="look-ups",
        run=similar,
        options=(_PAPER, PAGE),
        example="/papers similar 1706.03762",
        share=True,
    ),
    Command(
        words=("cite",),
        help="A paper as BibTeX, RIS or text",
        room="look-ups",
        run=cite,
        options=(_PAPER, Option(name="as", help="the form", kind="choice", choices=tuple(citation.FORMATS))),
        example="/papers cite 1706.03762 as:ris",
        share=True,
    ),
    Command(
        words=("why",),
        help="Why a paper was posted here, or was not",
        room="look-ups",
        run=why,
        options=(_PAPER,),
        example="/papers why 1706.03762",
    ),
)
