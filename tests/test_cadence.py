"""When things are due, in six time zones and through both clock changes."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import cadence
from bot.model import Cadence, Preferences

ZONES = (
    "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "America/Sao_Paulo",
)  # fmt: skip
DAILY = Cadence(every="daily")


def ms(text: str, zone: str = "UTC") -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


def test_an_instant_match_is_due_at_once() -> None:
    assert cadence.due(ms("2026-11-23T10:00"), Preferences(), Cadence()) == ("instant", ms("2026-11-23T10:00"), "")


def test_an_instant_match_in_quiet_hours_waits_for_their_end() -> None:
    quiet = Preferences(timezone="Europe/Berlin", quiet=(22 * 60, 8 * 60))
    kind, due, _ = cadence.due(ms("2026-11-23T23:30", "Europe/Berlin"), quiet, Cadence())
    assert (kind, due) == ("instant", ms("2026-11-24T08:00", "Europe/Berlin"))
    assert cadence.quiet_end(ms("2026-11-24T07:59", "Europe/Berlin"), quiet) == ms("2026-11-24T08:00", "Europe/Berlin")
    assert cadence.quiet_end(ms("2026-11-24T08:00", "Europe/Berlin"), quiet) is None


def test_quiet_hours_within_one_day_hold_only_between_them() -> None:
    lunch = Preferences(quiet=(12 * 60, 13 * 60))
    assert cadence.quiet_end(ms("2026-11-23T12:30"), lunch) == ms("2026-11-23T13:00")
    assert cadence.quiet_end(ms("2026-11-23T13:00"), lunch) is None
    assert cadence.quiet_end(ms("2026-11-23T11:59"), lunch) is None


def test_a_daily_digest_is_due_at_its_local_hour_and_never_at_now_itself() -> None:
    tokyo = Preferences(timezone="Asia/Tokyo")
    nine = ms("2026-11-23T09:00", "Asia/Tokyo")
    assert cadence.next_digest(nine - 1, tokyo, DAILY) == (nine, "2026-11-23T09:00")
    assert cadence.next_digest(nine, tokyo, DAILY) == (ms("2026-11-24T09:00", "Asia/Tokyo"), "2026-11-24T09:00")


def test_a_weekly_digest_waits_for_its_weekday() -> None:
    friday = Cadence(every="weekly", weekday=4, at=18 * 60 + 30)
    assert cadence.next_digest(ms("2026-11-23T10:00"), Preferences(), friday) == (
        ms("2026-11-27T18:30"),
        "2026-11-27T18:30",
    )


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("at", [0, 90, 150, 165, 540, 1439])
def test_every_local_date_of_a_year_has_exactly_one_digest(zone: str, at: int) -> None:
    preferences = Preferences(timezone=zone, digest_at=at)
    now = ms("2026-01-01T12:00")
    slots = []
    for _ in range(366):
        now, slot = cadence.next_digest(now, preferences, DAILY)
        slots.append(date.fromisoformat(slot[:10]))
    assert all(b - a == timedelta(days=1) for a, b in pairwise(slots))


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
def test_a_digest_hour_that_comes_twice_is_used_once(zone: str) -> None:
    at = {"Europe/Berlin": 150, "America/New_York": 90, "Australia/Lord_Howe": 105}[zone]
    preferences = Preferences(timezone=zone, digest_at=at)
    start = ms("2026-01-01T00:00")
    due = []
    now = start
    for _ in range(365):
        now, _slot = cadence.next_digest(now, preferences, DAILY)
        due.append(now)
    gaps = {(b - a) // 60_000 for a, b in pairwise(due)}
    shift = 30 if zone == "Australia/Lord_Howe" else 60
    assert gaps <= {24 * 60, 24 * 60 - shift, 24 * 60 + shift}


@given(
    st.sampled_from(ZONES),
    st.integers(0, 1439),
    st.datetimes(datetime(2025, 1, 1), datetime(2028, 12, 31)),  # noqa: DTZ001  made aware below
)
def test_the_next_digest_is_always_ahead_and_at_most_two_days_away(zone: str, at: int, moment: datetime) -> None:
    now = round(moment.replace(tzinfo=UTC).timestamp() * 1000)
    due, _ = cadence.next_digest(now, Preferences(timezone=zone, digest_at=at), DAILY)
    assert now < due <= now + 49 * 3_600_000


@given(
    st.sampled_from(ZONES),
    st.tuples(st.integers(0, 1439), st.integers(0, 1439)),
    st.datetimes(datetime(2025, 1, 1), datetime(2028, 12, 31)),  # noqa: DTZ001  made aware below
)
def test_quiet_hours_always_end_within_a_day(zone: str, quiet: tuple[int, int], moment: datetime) -> None:
    now = round(moment.replace(tzinfo=UTC).timestamp() * 1000)
    preferences = Preferences(timezone=zone, quiet=quiet)
    end = cadence.quiet_end(now, preferences)
    if end is not None:
        assert now < end <= now + 25 * 3_600_000


def test_a_pause_for_good_and_a_pause_until_are_told_apart() -> None:
    assert not cadence.is_paused(None, 5)
    assert cadence.is_paused(0, 5)
    assert cadence.is_paused(6, 5)
    assert not cadence.is_paused(5, 5)


def test_a_cadence_reads_as_people_say_it() -> None:
    assert cadence.describe(Cadence(), Preferences()) == "at once"
    assert cadence.describe(DAILY, Preferences()) == "daily at 09:00"
    assert cadence.describe(Cadence(every="weekly", at=1110, weekday=4), Preferences()) == "Fridays at 18:30"


def test_a_zone_the_machine_does_not_know_is_taken_as_utc_where_something_must_be_said() -> None:
    assert cadence.known_zone("Europe/Berlin") == "Europe/Berlin"
    assert [cadence.known_zone(name) for name in ("Mars/Base", "", "../etc", "Europe")] == ["UTC"] * 4
