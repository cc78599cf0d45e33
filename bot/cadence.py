"""When something is due: digests at a local hour, quiet hours, pauses. Pure: ``now`` is an argument, in ms UTC.

A digest belongs to a *slot*, its nominal local time ("2026-11-23T09:00"). Every local date has one instant for each
nominal time, whatever the clocks do that night: an hour that comes twice counts the first time, an hour that is
skipped is taken as if the clocks had not changed yet (PEP 495, ``fold=0``). So a digest falls due once a local date.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.model import Cadence, PostKind, Preferences

DAY = timedelta(days=1)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LATE = 60 * 60_000
"""A digest this many ms behind its slot is late: it has lost its claim to break the quiet hours."""
_DAY_MS = 24 * 3600 * 1000
KEEP = 7 * _DAY_MS
"""What could not be delivered for this long, in ms, is news no more."""
TRIED = 30 * _DAY_MS
"""For how long a place that takes no posts is tried by itself, in ms."""


def local(now: int, timezone: str) -> datetime:
    """The wall clock at ``now`` in a zone."""
    return datetime.fromtimestamp(now / 1000, UTC).astimezone(ZoneInfo(timezone))


def local_day(now: int, timezone: str) -> str:
    """The local calendar date, ``2026-11-23``."""
    return local(now, timezone).date().isoformat()


def known_zone(timezone: str) -> str:
    """The same, or UTC where the machine knows no such zone: for what must be said all the same."""
    try:
        return str(ZoneInfo(timezone))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return "UTC"


def instant(day: date, minutes: int, timezone: str) -> int:
    """The ms at which a wall clock shows ``minutes`` after midnight on ``day`` (first time, when it shows it twice)."""
    wall = datetime.combine(day, time(minutes // 60, minutes % 60), ZoneInfo(timezone))
    return round(wall.astimezone(UTC).timestamp() * 1000)


def is_paused(until: int | None, now: int) -> bool:
    """``None`` is not paused, 0 is paused for good, anything else is paused until then."""
    return until is not None and (until == 0 or until > now)


def next_digest(now: int, preferences: Preferences, cadence: Cadence) -> tuple[int, str]:
    """The next (due, slot) of a daily or weekly digest, strictly after ``now``."""
    at = preferences.digest_at if cadence.at is None else cadence.at
    day = local(now, preferences.timezone).date() - DAY
    while instant(day, at, preferences.timezone) <= now or not _is_day_of(cadence, day):
        day += DAY
    return instant(day, at, preferences.timezone), f"{day.isoformat()}T{at // 60:02}:{at % 60:02}"


def _is_day_of(cadence: Cadence, day: date) -> bool:
    return cadence.every != "weekly" or day.weekday() == cadence.weekday


def due(now: int, preferences: Preferences, cadence: Cadence) -> tuple[PostKind, int, str]:
    """How and when a paper that matched at ``now`` goes out: (kind, due, slot)."""
    if cadence.every == "instant":
        return "instant", quiet_end(now, preferences) or now, ""
    when, slot = next_digest(now, preferences, cadence)
    return "digest", when, slot


def fold_due(now: int, preferences: Preferences) -> tuple[int, str]:
    """When the next "N more" line goes out: once a local date, at the digest hour."""
    when, slot = next_digest(now, preferences, Cadence(every="daily"))
    return when, f"more {slot}"


def is_late(now: int, due_at: int) -> bool:
    return now - due_at > LATE


def quiet_end(now: int, preferences: Preferences) -> int | None:
    """When the quiet hours that hold at ``now`` end, or None when it is not quiet. From = to means never quiet."""
    if preferences.quiet is None or preferences.quiet[0] == preferences.quiet[1]:
        return None
    begin, end = preferences.quiet
    wall = local(now, preferences.timezone)
    minute = wall.hour * 60 + wall.minute
    inside = begin <= minute < end if begin < end else minute >= begin or minute < end
    if not inside:
        return None
    day = wall.date() if minute < end else wall.date() + DAY
    # On the night the clocks go back, the end may have shown already: then it is quiet no longer.
    return until if (until := instant(day, end, preferences.timezone)) > now else None


def trial_after(since: int, now: int) -> int:
    """When a place suspended at ``since`` that is tried ``now`` is tried next, if that fails; all in ms, 0 for never.

    Every day while something may still wait from before, every week after that. What rests for a month waits for a
    word from there: most such channels are gone.
    """
    following = now + (_DAY_MS if now < since + KEEP else 7 * _DAY_MS)
    return following if following <= since + TRIED else 0


def tried_at(since: int, following: int) -> int:
    """When a place suspended at ``since`` was refused last, if ``following`` is what ``trial_after`` said then."""
    daily = following - _DAY_MS
    return daily if daily < since + KEEP else following - 7 * _DAY_MS


def clock_text(minutes: int) -> str:
    """``540`` is ``09:00``."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def describe(cadence: Cadence, preferences: Preferences) -> str:
    """``at once``, ``daily at 09:00``, ``Mondays at 09:00``: in the target's local time."""
    if cadence.every == "instant":
        return "at once"
    at = clock_text(preferences.digest_at if cadence.at is None else cadence.at)
    return f"daily at {at}" if cadence.every == "daily" else f"{WEEKDAYS[cadence.weekday]}s at {at}"
