"""Short phrases: numbers, distances in time, days."""

from datetime import date

import pytest

from bot.phrases import ago, count, date_text, day_text, passed, plural, quoted


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (999, "999"),
        (1_000, "1k"),
        (1_234, "1.2k"),
        (1_999, "1.9k"),
        (12_345, "12k"),
        (999_999, "999k"),
        (3_480_000, "3.4M"),
    ],
)
def test_large_counts_are_short(number: int, said: str) -> None:
    assert count(number) == said


def test_plurals_are_plural() -> None:
    assert [plural(n, "paper") for n in (0, 1, 1_204)] == ["0 papers", "1 paper", "1,204 papers"]
    assert plural(2, "query", "queries") == "2 queries"


@pytest.mark.parametrize(
    ("then", "now", "said"),
    [
        (0, 5, "never"),
        (1_000, 31_000, "just now"),
        (1_000, 61_000, "1 minute ago"),
        (1, 7_200_001, "2 hours ago"),
        (1, 12 * 86_400_000 + 1, "12 days ago"),
        (300_000, 1, "in 4 minutes"),
        (31_000, 1_000, "in 30 seconds"),
        (2_500, 1_000, "in 1 second"),
        (1_001, 1_000, "any moment"),
    ],
)
def test_times_are_said_as_distances(then: int, now: int, said: str) -> None:
    assert ago(then, now) == said


def test_a_day_has_its_year_only_when_it_is_not_this_one() -> None:
    assert day_text(date(2026, 11, 23)) == "Mon 23 Nov"
    assert day_text(date(2026, 11, 23), date(2026, 1, 1)) == "Mon 23 Nov"
    assert day_text(date(2025, 11, 23), date(2026, 1, 1)) == "Sun 23 Nov 2025"


def test_a_date_is_said_in_full() -> None:
    assert date_text(date(2026, 7, 6)) == "6 Jul 2026"


def test_a_query_with_quotes_of_its_own_gets_no_others() -> None:
    assert quoted("video") == "“video”"
    assert quoted('"world model"') == '"world model"'


def test_what_has_happened_is_never_told_as_what_will() -> None:
    now = 1_800_000_000_000
    assert passed(0, now) == "never"
    assert (passed(now - 60_000, now), passed(now + 30_000, now)) == ("1 minute ago", "just now")
    assert passed(now + 3 * 86_400_000, now) == "at a time still to come (was the clock set back?)"
