"""``/papers week`` and ``/papers month``: the daily lists of a while as one. Their rows are in ``lookups.py``."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from bot.cards import Reply
from bot.commands import values
from bot.commands.answers import line
from bot.commands.fetching import newest_day, opening, period_list, utc
from bot.commands.listing import ranked
from bot.commands.table import Desk
from bot.errors import CommandError
from bot.model import Paper, Request
from bot.phrases import day_text, plural

_Kind = Literal["week", "month"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Period:
    """A week or a month: ``name`` is what people type for it, ``said`` what it is called in a sentence."""

    kind: _Kind
    name: str
    said: str
    title: str
    first: date
    last: date


def _week(day: date, here: date) -> _Period:
    first = day - timedelta(days=day.weekday())
    last = first + timedelta(days=6)
    name = values.week_name(day)
    title = f"Week {name} · {day_text(first, here)} to {day_text(last, here)}"
    return _Period(kind="week", name=name, said=f"week {name}", title=title, first=first, last=last)


def _month(day: date, _here: date) -> _Period:
    first = day.replace(day=1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    said = values.month_name(first)
    return _Period(kind="month", name=f"{first:%Y-%m}", said=said, title=said, first=first, last=last)


async def week(desk: Desk, request: Request) -> Reply:
    """An ISO week's daily lists as one, most votes first."""
    return await _period(desk, request, "week", values.week, _week)


async def month(desk: Desk, request: Request) -> Reply:
    """A month's daily lists as one, most votes first."""
    return await _period(desk, request, "month", values.month, _month)


async def _period(
    desk: Desk,
    request: Request,
    kind: _Kind,
    read: Callable[[str, date], date],
    around: Callable[[date, date], _Period],
) -> Reply:
    """The period asked for. Where it is empty the newest stored one is named, and shown if none was asked for."""
    now = desk.now()
    here = utc(now).date()
    period = around(read(request.options.get(kind, "this"), here), here)
    if period.first > here:
        raise CommandError(f"{opening(period.said)} is still to come.", mended=line(kind))
    papers, note = await _papers_of(desk, period, now)
    newest = None if papers else await newest_day(desk, here)
    if not papers and not newest and note:
        raise CommandError(f"{note} No list is stored yet.")
    if newest:
        other = around(newest, here)
        missing = f"No list in {period.said}; the newest is {other.said}"
        if kind in request.options:
            note = f"{note} {missing}: /papers {kind} {other.name}".strip()
        else:
            papers, more = await _papers_of(desk, other, now)
            trouble = "" if note in more else note
            note, period = f"{trouble} {missing}. {more}".strip(), other
    title = f"{period.title} · {plural(len(papers), 'paper')}"
    return ranked(request, title, papers, note, "", {"list": kind, kind: period.name})


async def _papers_of(desk: Desk, period: _Period, now: int) -> tuple[list[Paper], str]:
    return await period_list(desk, period.first, period.last, now, **{period.kind: period.name})
