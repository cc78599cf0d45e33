"""What people type as a value: days, weeks, spans, clocks, zones, numbers and papers.

Pure but for ``paper``, which asks the store for a title. ``today`` and ``now`` are arguments. Every function raises
``CommandError`` that says what was wrong, why, and what would be right, as a ``BadValueError`` where it can be offered.
"""

import re
from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache
from zoneinfo import available_timezones

from bot.cadence import DAY, WEEKDAYS, clock_text, instant, local
from bot.commands.reading import search_line, suggest
from bot.errors import CommandError
from bot.model import Paper, arxiv_key
from bot.ports import Papers
from bot.text import cut, words

_WEEKDAYS = tuple(name.lower() for name in WEEKDAYS)
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip

_SPAN = re.compile(r"(\d{1,4})\s*(h|hours?|d|days?|w|weeks?)")
_WEEK = re.compile(r"(?:(\d{4})-?)?w(\d{1,2})")
_MONTH = re.compile(r"(\d{4})-(\d{1,2})")
_CLOCK = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?\s*(am|pm)?")
_DASHES = re.compile(r"–|—|\bto\b")
_OFFERED = 5
_DOI = re.compile(r"10\.\d{4,9}/\S+")


class BadValueError(CommandError):
    """A value that cannot be read: ``typed`` is it, ``instead`` the one that was most likely meant, or empty."""

    def __init__(self, text: str, typed: str, instead: str = "") -> None:
        super().__init__(text)
        self.typed = typed
        self.instead = instead


class BesideError(CommandError):
    """A paper was read, and ``beside`` it words that are nothing: ``paper`` is its id alone."""

    def __init__(self, paper: str, beside: str) -> None:
        super().__init__(f'I read the paper {paper}, but not "{cut(beside, 80)}" beside it.')
        self.paper = paper
        self.beside = beside


# --- days -------------------------------------------------------------------------------------------------------------


def day(text: str, today: date) -> date:
    """``2026-11-23``, ``today``, ``yesterday`` or a weekday, which is the last one that was (today included)."""
    found = _named_day(text, today)
    if found is None:
        said = f'I cannot read "{text}" as a day. Write it as {today.isoformat()}, yesterday or monday.'
        raise BadValueError(said, text, suggest(text.strip(), ["today", "yesterday", *_WEEKDAYS]))
    return found


def _named_day(text: str, today: date) -> date | None:
    word = text.strip().lower()
    if word in {"today", "yesterday"}:
        return today - timedelta(days=word == "yesterday")
    weekday = _weekday(word)
    if weekday is not None:
        return today - timedelta(days=(today.weekday() - weekday) % 7)
    return _iso_day(word)


def _iso_day(word: str) -> date | None:
    if not re.fullmatch(r"\d{4}-\d{1,2}-\d{1,2}", word, re.ASCII):
        return None
    year, month, number = (int(part) for part in word.split("-"))
    try:
        return date(year, month, number)
    except ValueError:
        raise CommandError(f"There is no day {word} in the calendar.") from None


def _weekday(word: str) -> int | None:
    hits = [i for i, name in enumerate(_WEEKDAYS) if len(word) >= 3 and name.startswith(word)]
    return hits[0] if hits else None


def weekday(text: str) -> int:
    """0 for Monday … 6 for Sunday, by name or its first three letters."""
    found = _weekday(text.strip().lower())
    if found is None:
        said = f'"{text}" is not a weekday. Write monday, tuesday and so on.'
        raise BadValueError(said, text, suggest(text.strip(), _WEEKDAYS))
    return found


def week(text: str, today: date) -> date:
    """The Monday of an ISO week: ``2026-W47``, ``W47`` of this year, ``this``, ``last`` or any day in it."""
    word = text.strip().lower()
    if word in {"this", "last"}:
        return _monday(today - timedelta(days=7 if word == "last" else 0))
    match = _WEEK.fullmatch(word)
    if match is None:
        found = _named_day(word, today)
        if found is None:
            raise BadValueError(f'I cannot read "{text}" as a week. Write it as {week_name(today)}, or last.', text)
        return _monday(found)
    year = int(match[1]) if match[1] else today.isocalendar().year
    return _iso_week(text, year, int(match[2]))


def _iso_week(text: str, year: int, number: int) -> date:
    try:
        return date.fromisocalendar(year, number, 1)
    except ValueError:
        pass
    if not 1 <= year <= 9998:
        raise CommandError(f"There is no year {year:04}.")
    weeks = date(year, 12, 28).isocalendar().week  # 28 December is always in a year's last ISO week
    said = f"There is no week {number} in {year}: it has the weeks 1 to {weeks}, such as {year}-W{weeks}."
    raise BadValueError(said, text, f"{year:04}-W{weeks}")


def _monday(of: date) -> date:
    return of - timedelta(days=of.weekday())


def week_name(of: date) -> str:
    """``2026-W47``: the ISO week a day is in."""
    year, number, _ = of.isocalendar()
    return f"{year}-W{number:02}"


def month(text: str, today: date) -> date:
    """The first day of ``2026-11``, ``november`` (the last one that began), ``this`` or ``last``."""
    word = text.strip().lower()
    first = today.replace(day=1)
    if word in {"this", "last"}:
        return first if word == "this" else (first - timedelta(days=1)).replace(day=1)
    named = [i for i, name in enumerate(MONTHS, 1) if len(word) >= 3 and name.startswith(word)]
    if named:
        return date(today.year - (named[0] > today.month), named[0], 1)
    match = _MONTH.fullmatch(word)
    if match is None or not 1 <= int(match[2]) <= 12 or int(match[1]) < 1:
        said = f'I cannot read "{text}" as a month. Write it as {today:%Y-%m}, november, or last.'
        raise BadValueError(said, text, suggest(word, MONTHS))
    return date(int(match[1]), int(match[2]), 1)


def month_name(of: date) -> str:
    """``November 2026``."""
    return f"{MONTHS[of.month - 1].title()} {of.year}"


def span(text: str) -> timedelta:
    """``12h``, ``30d`` or ``2w``: a positive length of time."""
    match = _SPAN.fullmatch(text.strip().lower())
    if match is None or int(match[1]) == 0:
        raise BadValueError(f'I cannot read "{text}" as a length of time. Write 12h, 30d or 2w.', text)
    amount = int(match[1])
    return {"h": timedelta(hours=amount), "d": timedelta(days=amount), "w": timedelta(weeks=amount)}[match[2][0]]


def since(text: str, today: date) -> date:
    """The first day of a look back: ``30d``, ``2w``, or a day."""
    if _SPAN.fullmatch(text.strip().lower()):
        try:
            return today - span(text)
        except OverflowError:
            return date.min
    found = _named_day(text, today)
    if found is None:
        raise BadValueError(f'I cannot read "{text}" as a beginning. Write 30d, 2w, or a day such as {today}.', text)
    return found


# --- numbers ----------------------------------------------------------------------------------------------------------


def number(text: str, name: str, low: int, high: int) -> int:
    """A whole number from ``low`` to ``high``, for the option ``name``."""
    digits = text.strip()
    if not re.fullmatch(r"-?\d{1,9}", digits, re.ASCII):
        inside = re.search(r"\d{1,9}", text, re.ASCII)
        near = str(max(low, min(int(inside[0]), high))) if inside else ""
        raise BadValueError(f'{name}: "{text}" is not a whole number. Write {name}:{low} to {name}:{high}.', text, near)
    found = int(digits)
    if not low <= found <= high:
        said = f"{name}:{found} is out of range: {low} to {high}."
        # Too many is cut to the most there can be; too few may have been meant in any way, so nothing is offered.
        raise BadValueError(said, text, str(high) if found > high else "")
    return found


def ident(text: str) -> int:
    """The number of a subscription, alert or watch: ``2`` or ``#2``."""
    digits = text.strip().lstrip("#")
    if not re.fullmatch(r"\d{1,9}", digits, re.ASCII):
        raise BadValueError(f'"{text}" is not a number of the list. Write it as 2 or #2.', text)
    return int(digits)


# --- clocks -----------------------------------------------------------------------------------------------------------


def clock(text: str) -> int:
    """``09:00``, ``9`` or ``9am`` in minutes after midnight; ``24:00`` is midnight."""
    match = _CLOCK.fullmatch(text.strip().lower())
    minutes = _minutes(int(match[1]), int(match[2] or 0), match[3] or "") if match else None
    if minutes is None:
        near = clock_text(int(match[1]) * 60 + min(int(match[2] or 0), 59)) if match and int(match[1]) < 24 else ""
        raise BadValueError(f'I cannot read "{text}" as a time of day. Write 09:00, 9 or 9am.', text, near)
    return minutes


def _minutes(hour: int, minute: int, half: str) -> int | None:
    if half and not 1 <= hour <= 12:
        return None
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    if minute > 59 or hour * 60 + minute > 24 * 60:
        return None
    return (hour * 60 + minute) % (24 * 60)


def quiet(text: str) -> tuple[int, int] | None:
    """``22:00-08:00`` in minutes after midnight, which may cross it; None for ``off``."""
    word = text.strip().lower()
    if word in {"off", "none", "never"}:
        return None
    first, dash, last = _DASHES.sub("-", word).partition("-")
    if not dash:
        raise BadValueError(f'I cannot read "{text}" as quiet hours. Write 22:00-08:00, or off.', text)
    try:
        begin, end = clock(first), clock(last)
    except BadValueError as error:
        near = word.replace(error.typed.strip(), error.instead) if error.instead else ""
        raise BadValueError(str(error), text, near) from error
    if begin == end:
        raise CommandError("Quiet hours that begin when they end would never end. Write 22:00-08:00, or off.")
    return begin, end


def until(text: str, now: int, zone: str) -> int:
    """When a pause ends, in ms: a day, ``3d``, a weekday to come, or the next ``09:00``. A day begins at midnight."""
    word = text.strip().lower()
    today = local(now, zone).date()
    ways = f"Write 3d, monday, 09:00 or {today + DAY}."
    if _SPAN.fullmatch(word):
        return now + int(span(word).total_seconds() * 1000)
    if _CLOCK.fullmatch(word):
        return _next_clock(clock(word), now, zone)
    day = _day_to_come(word, today)
    if day is None:
        raise BadValueError(f'I cannot read "{text}" as an end. {ways}', text, suggest(word, ["tomorrow", *_WEEKDAYS]))
    if day <= today:
        raise CommandError(f'"{text}" is over already. {ways}')
    if day.year > today.year + 10:
        raise CommandError(f'"{text}" is more than ten years away. Leave until: out to pause until you resume.')
    return instant(day, 0, zone)


def _day_to_come(word: str, today: date) -> date | None:
    if word in {"today", "tomorrow"}:
        return today + DAY * (word == "tomorrow")
    wanted = _weekday(word)
    if wanted is not None:
        return today + DAY * ((wanted - today.weekday()) % 7 or 7)
    return _iso_day(word)


def _next_clock(minutes: int, now: int, zone: str) -> int:
    today = local(now, zone).date()
    at = instant(today, minutes, zone)
    return at if at > now else instant(today + DAY, minutes, zone)


# --- people -----------------------------------------------------------------------------------------------------------


def person(text: str) -> str:
    """One person as a platform names them, without the ``@``."""
    said = text.strip().lstrip("@")
    if not said or len(said) > 100 or re.search(r"\s", said):
        raise CommandError(f'"{cut(text, 80)}" is not one person. Write their name, such as @mei.')
    return said


# --- time zones -------------------------------------------------------------------------------------------------------


def timezone(text: str) -> str:
    """A zone of the tz database: ``Europe/Berlin``, ``berlin``, ``new york`` or an abbreviation it knows, ``CET``."""
    word = re.sub(r"\s+", "_", text.strip()).casefold()
    zones, cities = _zones()
    name = zones.get(word) or cities.get(word)
    if name:
        return name
    meant = suggest(word, [*cities, *zones]) if word else ""
    if not meant:
        said = f'I do not know the time zone "{text}". Write a city of its zone, such as Europe/Berlin.'
        raise BadValueError(said, text)
    name = cities.get(meant) or zones[meant]
    raise BadValueError(f'I do not know the time zone "{text}" (did you mean {name}?).', text, name)


def zone_names() -> list[str]:
    """The zones that are called after a place, by name."""
    return sorted(set(_zones()[1].values()))


@cache
def _zones() -> tuple[dict[str, str], dict[str, str]]:
    """Every zone by its folded name, and the areas' ones by their last part; America/Indiana/Knox is also ``knox``."""
    names = sorted(n for n in available_timezones() if not n.startswith(("posix", "right", "SystemV", "Factory")))
    placed = [n for n in names if "/" in n and not n.startswith("Etc/")]
    cities = {n.rsplit("/", 1)[1].casefold(): n for n in reversed(placed)}
    return {n.casefold(): n for n in names}, cities


# --- papers -----------------------------------------------------------------------------------------------------------


def paper_key(text: str) -> str | None:
    """The key in an id, an address or a DOI of any form; None when the text is something else, such as a title.

    Raises ``CommandError`` for a foreign DOI and for words beside the id.
    """
    key = arxiv_key(_ids_only(text))
    if key is None:
        doi = _DOI.search(text)
        if doi:
            raise CommandError(f"I know papers by their arXiv id, and the DOI {doi[0]} is not one of arXiv's.")
        return None
    extra = [word for word in text.split() if arxiv_key(_ids_only(word)) != key]
    if extra and not text.strip().lower().startswith(("arxiv", "doi")):
        raise BesideError(key.removeprefix("arxiv:"), " ".join(extra))
    return key


def _ids_only(text: str) -> str:
    """DOIs of arXiv papers are 10.48550/arXiv.<id>: the dot before the id would hide it."""
    return re.sub(r"arxiv\.(?=\d|[a-z-]+/\d)", "arxiv:", text, flags=re.IGNORECASE)


async def paper(papers: Papers, text: str, command: str = "show") -> str:
    """The key of the paper somebody means by an id, an address or a title. Known or not, an id is taken as it is.

    A title must be one that the store knows; ``command`` is what the offered commands begin with, when it could be
    several. Raises ``CommandError``, ``StoreError``.
    """
    key = paper_key(text)
    if key is not None:
        return key
    found = await papers.by_title(text, _OFFERED + 1) if words(text) else []
    same = [p for p in found if p.title.casefold() == text.strip().strip('"').casefold()]
    best = same or found
    if not best:
        raise CommandError(
            f'I know no paper called "{cut(text, 80)}". Give its arXiv id, its address, or words of its title.',
            mended=search_line(text),
        )
    if len(best) == 1:
        return best[0].key
    rest = f"\nand more: give more words of its title, or {search_line(text)}" if len(best) > _OFFERED else ""
    raise CommandError(f'"{cut(text, 80)}" could be:\n{_candidates(best[:_OFFERED], command)}{rest}')


def _candidates(found: Iterable[Paper], command: str) -> str:
    return "\n".join(f"{p.title}: /papers {command} {p.name}" for p in found)
