"""Short phrases in English: numbers, spans of time, days, a query in a sentence. Pure, in any locale."""

import re
from datetime import date

_QUOTES = re.compile(r'["“”„‟«»]')
_CODES = re.compile(
    r"\s*(?:\(\d{3}(?:, code \d+)?(?::.*)?\)"
    r"|\[[a-z0-9_]{1,60}\]"
    r"|\((?:[A-Z]\w*Error|[A-Z][a-z]+[A-Z]\w*)(?:: .*)?\))(?=\.?$)",
    re.DOTALL,
)


def quoted(query: str) -> str:
    """A query in a sentence. One with quotes of its own stands as it is: quotes round quotes cannot be read.

    Where one of them never closes, single ones say where it ends.
    """
    marks = len(_QUOTES.findall(query))
    if marks % 2:
        return f"‘{query}’"
    return query if marks else f"“{query}”"


def without_codes(reason: str) -> str:
    """A platform's reason without the code at its end, ``(403, code 50013)``, ``[is_archived]`` or ``(OSError: …)``."""
    return _CODES.sub("", reason)


_SOURCES = {"huggingface": "Hugging Face", "arxiv": "arXiv", "sample": "the sample edition"}


def spoken(source: str) -> str:
    """``Hugging Face``: a source as people call it."""
    return _SOURCES.get(source, source)


def plural(number: int, one: str, many: str = "") -> str:
    """``1 paper``, ``1,204 papers``; ``many`` where an s is not enough."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def count(number: int) -> str:
    """``999``, ``1.2k``, ``12k``, ``3.4M``: cut, never rounded up, so that nothing looks like more than it is."""
    for size, sign in ((1_000_000, "M"), (1_000, "k")):
        if number >= size:
            tenths = number * 10 // size
            return f"{tenths // 10}{sign}" if tenths >= 100 or not tenths % 10 else f"{tenths / 10:.1f}{sign}"
    return str(number)


def ago(then: int, now: int) -> str:
    """``12 days ago``, ``just now``, ``in 30 seconds``, ``any moment``; both in ms, and 0 is ``never``."""
    if not then:
        return "never"
    seconds = abs(now - then) // 1000
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            said = plural(seconds // size, unit)
            return f"{said} ago" if now >= then else f"in {said}"
    if now >= then:
        return "just now"
    return f"in {plural(seconds, 'second')}" if seconds else "any moment"


def passed(then: int, now: int) -> str:
    """``ago`` for what has happened: where that is still to come, the clock was set back meanwhile."""
    if then - now >= 60_000:
        return "at a time still to come (was the clock set back?)"
    return ago(min(then, now), now)


def span(then: int, now: int) -> str:
    """``12 hours``, ``2 days``: how long it is since, in whole units; both in ms."""
    return ago(then, max(now, then + 60_000)).removesuffix(" ago")


_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day_text(day: date, today: date | None = None) -> str:
    """``Mon 23 Nov``, with the year when it is not the year of ``today``. English whatever the machine's locale."""
    year = f" {day.year}" if today and day.year != today.year else ""
    return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}{year}"


def date_text(day: date) -> str:
    """``23 Nov 2026``."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
