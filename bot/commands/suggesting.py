"""What may be offered for a value without asking anybody: days, hours, zones, numbers. Pure.

What is typed comes first where it can be read, as ``values.py`` reads it.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta

from bot.cadence import clock_text, local
from bot.commands import values
from bot.commands.answers import until_text
from bot.errors import CommandError
from bot.model import Offer
from bot.phrases import day_text
from bot.text import fold

_ZONES = (
    "UTC", "Europe/London", "Europe/Berlin", "Europe/Paris", "America/New_York", "America/Chicago", "America/Denver",
    "America/Los_Angeles", "America/Toronto", "America/Sao_Paulo", "Africa/Lagos", "Africa/Johannesburg",
    "Europe/Istanbul", "Asia/Dubai", "Asia/Kolkata", "Asia/Singapore", "Asia/Shanghai", "Asia/Seoul", "Asia/Tokyo",
    "Australia/Sydney", "Pacific/Auckland", "Europe/Zurich", "Europe/Amsterdam", "Asia/Jerusalem", "Asia/Hong_Kong",
)  # fmt: skip
_HOURS = (9, 8, 10, 7, 18, 12, 17, 16, 11, 13, 14, 15, 19, 20, 21, 22, 23, 6, 5, 0, 1, 2, 3, 4)
_QUIET = ("22:00-08:00", "20:00-08:00", "18:00-09:00", "23:00-07:00", "00:00-06:00", "off")
_UNTIL = ("tomorrow", "monday", "3d", "1w", "2w", "4w", "12h")
_SPANS = ("7d", "14d", "30d", "90d", "180d", "365d", "1d")
_NUMBERS = {
    "top": (5, 10, 20, 50), "max": (3, 5, 10, 20, 0), "cap": (20, 50, 100, 200, 500), "days": (7, 14, 30, 60),
    "votes": (10, 25, 50, 100, 250), "page": (1, 2, 3),
}  # fmt: skip
_MEANING = {("max", 0): "no maximum"}


def fitting(offered: Iterable[Offer], typed: str) -> list[Offer]:
    """Those whose label or value has every typed word, those whose value begins with what is typed first."""
    wanted = fold(typed.strip()).lstrip("#")
    said = ((offer, fold(f"{offer.label} {offer.value}")) for offer in offered)
    having = [offer for offer, text in said if all(word in text for word in wanted.split())]
    return sorted(having, key=lambda offer: not fold(offer.value).startswith(wanted))


def _read_first(typed: str, read: Callable[[str], Offer], offered: Iterable[Offer]) -> list[Offer]:
    """What is typed where it can be read, then what fits it."""
    if not typed.strip():
        return list(offered)
    try:
        first = [read(typed.strip())]
    except CommandError:
        first = []
    return [*first, *fitting(offered, typed)]


def zones(typed: str, now: int) -> list[Offer]:
    """Zones with every typed word at the beginning of one of their parts, the common ones first, with their hour."""
    wanted = fold(typed).replace("/", " ").replace("_", " ").split()
    known = dict.fromkeys((*_ZONES, *values.zone_names()))
    fitting = (zone for zone in known if _has_parts(zone, wanted))
    return [_zone(zone, now) for zone, _ in zip(fitting, range(25), strict=False)]


def _has_parts(zone: str, wanted: Sequence[str]) -> bool:
    parts = fold(zone).replace("/", " ").replace("_", " ").split()
    return all(any(part.startswith(word) for part in parts) for word in wanted)


def _zone(zone: str, now: int) -> Offer:
    wall = local(now, zone)
    return Offer(f"{zone.replace('_', ' ')} · now {clock_text(wall.hour * 60 + wall.minute)}", zone)


def times(typed: str) -> list[Offer]:
    def read(said: str) -> Offer:
        return _same(clock_text(values.clock(said)))

    return _read_first(typed, read, (_same(f"{hour:02}:00") for hour in _HOURS))


def hours(typed: str) -> list[Offer]:
    def read(said: str) -> Offer:
        quiet = values.quiet(said)
        return _same("-".join(map(clock_text, quiet)) if quiet else "off")

    return _read_first(typed, read, map(_same, _QUIET))


def untils(typed: str, now: int, zone: str) -> list[Offer]:
    def read(said: str) -> Offer:
        return Offer(f"{said} · {until_text(values.until(said, now, zone), zone, now)}", said)

    return _read_first(typed, read, map(read, _UNTIL))


def spans(typed: str, today: date) -> list[Offer]:
    def read(said: str) -> Offer:
        return Offer(f"{said} · since {day_text(values.since(said, today), today)}", said)

    return _read_first(typed, read, map(read, _SPANS))


def numbers(typed: str, option: str) -> list[Offer]:
    """Usual amounts for an option of that name."""

    def read(said: str) -> Offer:
        return _same(str(values.number(said, option, 0, 1_000_000)))

    usual = _NUMBERS.get(option, (5, 10, 20))
    return _read_first(typed, read, (_amount(option, n) for n in usual))


def _amount(option: str, number: int) -> Offer:
    meaning = _MEANING.get((option, number), "")
    return Offer(f"{number} · {meaning}" if meaning else str(number), str(number))


def days(typed: str, listed: Iterable[date], today: date) -> list[Offer]:
    return fitting((Offer(day_text(day, today), day.isoformat()) for day in listed), typed)


def weeks(typed: str, listed: Iterable[date], today: date) -> list[Offer]:
    """The weeks of the days: ``2026-W47 · from Mon 16 Nov``."""
    mondays = dict.fromkeys(day - timedelta(days=day.weekday()) for day in listed)
    named = ((values.week_name(monday), day_text(monday, today)) for monday in mondays)
    return fitting((Offer(f"{name} · from {monday}", name) for name, monday in named), typed)


def months(typed: str, listed: Iterable[date]) -> list[Offer]:
    firsts = dict.fromkeys(day.replace(day=1) for day in listed)
    return fitting((Offer(values.month_name(first), f"{first:%Y-%m}") for first in firsts), typed)


def words(typed: str, offered: Iterable[str]) -> list[Offer]:
    """Plain words such as choices and topics."""
    return fitting(map(_same, offered), typed)


def _same(said: str) -> Offer:
    return Offer(said, said)
