"""Values as people type them, and what is said of those that cannot be read."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands import values
from bot.errors import CommandError
from bot.model import Paper

MONDAY = date(2026, 11, 23)
NOW = int(datetime(2026, 11, 23, 10, 0, tzinfo=UTC).timestamp() * 1000)


def wall(ms: int, zone: str) -> str:
    return datetime.fromtimestamp(ms / 1000, ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-20", date(2026, 11, 20)),
        ("2026-1-2", date(2026, 1, 2)),
        (" Today ", MONDAY),
        ("yesterday", date(2026, 11, 22)),
        ("monday", MONDAY),
        ("Tue", date(2026, 11, 17)),
        ("sunday", date(2026, 11, 22)),
    ],
)
def test_days_are_read(text: str, day: date) -> None:
    assert values.day(text, MONDAY) == day


@pytest.mark.parametrize(
    "text", ["", "soon", "2026-02-30", "11/23/2026", "2026-13-01", "0000-01-01", "t", "٢٠٢٦-01-01"]
)
def test_a_day_that_cannot_be_read_says_how_to_write_one(text: str) -> None:
    with pytest.raises(CommandError, match=r"Write it as 2026-11-23|no day"):
        values.day(text, MONDAY)


@pytest.mark.parametrize(
    ("text", "monday"),
    [
        ("2026-W47", date(2026, 11, 16)),
        ("2026w47", date(2026, 11, 16)),
        ("W47", date(2026, 11, 16)),
        ("this", MONDAY),
        ("last", date(2026, 11, 16)),
        ("2026-11-18", date(2026, 11, 16)),
        ("2026-W53", date(2026, 12, 28)),
        ("2026-W01", date(2025, 12, 29)),
    ],
)
def test_weeks_are_read_as_their_monday(text: str, monday: date) -> None:
    assert values.week(text, MONDAY) == monday


def test_only_some_years_have_a_week_53() -> None:
    with pytest.raises(CommandError, match=r"no week 53 in 2025: it has the weeks 1 to 52, such as 2025-W52"):
        values.week("2025-W53", MONDAY)
    with pytest.raises(CommandError, match="no week 54 in 2026: it has the weeks 1 to 53"):
        values.week("2026-W54", MONDAY)


@given(st.text(max_size=12))
def test_any_text_is_a_value_or_the_users_mistake(text: str) -> None:
    readers: list[Callable[[str], Any]] = [
        lambda t: values.day(t, MONDAY),
        lambda t: values.week(t, MONDAY),
        lambda t: values.month(t, MONDAY),
        lambda t: values.since(t, MONDAY),
        values.span,
        values.clock,
        values.quiet,
        values.timezone,
        values.ident,
        values.paper_key,
        lambda t: values.number(t, "max", 1, 100),
        lambda t: values.until(t, NOW, "Asia/Tokyo"),
    ]
    for read in readers:
        with suppress(CommandError):
            read(text)


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/New_York"])
@pytest.mark.parametrize("text", ["9999-12-31", "0001-01-01", "9999-W52", "0001-W01", "9999w", "0000-W01", "9999-W53"])
def test_the_ends_of_the_calendar_break_nothing(text: str, zone: str) -> None:
    with suppress(CommandError):
        values.until(text, NOW, zone)
    with suppress(CommandError):
        values.since(text, MONDAY)
    with suppress(CommandError):
        values.week(text, MONDAY)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("2026-11", date(2026, 11, 1)),
        ("november", date(2026, 11, 1)),
        ("dec", date(2025, 12, 1)),
        ("this", date(2026, 11, 1)),
        ("last", date(2026, 10, 1)),
    ],
)
def test_months_are_read_as_their_first_day(text: str, first: date) -> None:
    assert values.month(text, MONDAY) == first


def test_a_month_that_is_none_says_so() -> None:
    for text in ("2026-13", "0000-01", "smarch", ""):
        with pytest.raises(CommandError, match="Write it as 2026-11"):
            values.month(text, MONDAY)


def test_spans_are_lengths_of_time() -> None:
    assert values.span("12h") == timedelta(hours=12)
    assert values.span("30d") == values.span("30 days") == timedelta(days=30)
    assert values.span("2W") == timedelta(weeks=2)
    for text in ("0d", "-1d", "d", "30", "30m", "99999d"):
        with pytest.raises(CommandError, match="12h, 30d or 2w"):
            values.span(text)


def test_a_look_back_is_a_span_or_a_day() -> None:
    assert values.since("30d", MONDAY) == date(2026, 10, 24)
    assert values.since("2026-11-01", MONDAY) == date(2026, 11, 1)
    with pytest.raises(CommandError, match="as a beginning"):
        values.since("long ago", MONDAY)


def test_numbers_have_a_range_and_an_option() -> None:
    assert values.number(" 10 ", "max", 1, 100) == 10
    with pytest.raises(CommandError, match='max: "ten" is not a whole number'):
        values.number("ten", "max", 1, 100)
    with pytest.raises(CommandError, match="max:0 is out of range: 1 to 100"):
        values.number("0", "max", 1, 100)


def test_ids_have_a_hash_or_none() -> None:
    assert values.ident("#2") == values.ident("2") == 2
    with pytest.raises(CommandError, match="2 or #2"):
        values.ident("two")


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("09:00", 540),
        ("9", 540),
        ("9am", 540),
        ("12am", 0),
        ("12 pm", 720),
        ("23:59", 1439),
        ("24:00", 0),
        ("7:05pm", 1145),
    ],
)
def test_clocks_are_minutes_after_midnight(text: str, minutes: int) -> None:
    assert values.clock(text) == minutes


@pytest.mark.parametrize("text", ["25", "9:60", "13pm", "0am", "nine", "24:01", "-1", ""])
def test_a_clock_that_cannot_be_read_says_how_to_write_one(text: str) -> None:
    with pytest.raises(CommandError, match="09:00, 9 or 9am"):
        values.clock(text)


def test_quiet_hours_may_cross_midnight_or_be_off() -> None:
    assert values.quiet("22:00-08:00") == values.quiet("10pm – 8am") == values.quiet("22 to 8") == (1320, 480)
    assert values.quiet("off") is None
    for text in ("22:00", "9-9", "a-b"):
        with pytest.raises(CommandError):
            values.quiet(text)


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("2026-12-01", "2026-12-01 00:00"),
        ("3d", "2026-11-26 11:00"),
        ("tomorrow", "2026-11-24 00:00"),
        ("monday", "2026-11-30 00:00"),
        ("tue", "2026-11-24 00:00"),
        ("09:00", "2026-11-24 09:00"),
        ("11:30", "2026-11-23 11:30"),
    ],
)
def test_a_pause_ends_on_the_local_clock(text: str, end: str) -> None:
    assert wall(values.until(text, NOW, "Europe/Berlin"), "Europe/Berlin") == end


@pytest.mark.parametrize("text", ["2026-11-23", "today", "yesterday", "2020-01-01", "soon", ""])
def test_a_pause_cannot_end_in_the_past(text: str) -> None:
    with pytest.raises(CommandError, match=r"Write 3d, monday, 09:00 or 2026-11-24"):
        values.until(text, NOW, "UTC")


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        ("berlin", "Europe/Berlin"),
        ("New York", "America/New_York"),
        ("utc", "UTC"),
        ("CET", "CET"),
        ("knox", "America/Indiana/Knox"),
    ],
)
def test_zones_are_found_by_name_city_or_abbreviation(text: str, zone: str) -> None:
    assert values.timezone(text) == zone


def test_a_misspelt_zone_is_guessed_and_nonsense_is_not() -> None:
    with pytest.raises(CommandError, match=r"did you mean Europe/Berlin\?"):
        values.timezone("Berlni")
    with pytest.raises(CommandError, match="such as Europe/Berlin"):
        values.timezone("xqzw")
    with pytest.raises(CommandError):
        values.timezone("../etc/passwd")


@pytest.mark.parametrize(
    "text",
    [
        "1706.03762",
        "1706.03762v5",
        "arXiv:1706.03762",
        "arxiv.org/abs/1706.03762",
        "https://arxiv.org/abs/1706.03762v2",
        "http://arxiv.org/pdf/1706.03762v2.pdf",
        "https://www.arxiv.org/html/1706.03762#S1",
        "https://huggingface.co/papers/1706.03762?utm=x",
        "10.48550/arXiv.1706.03762",
        "https://doi.org/10.48550/ARXIV.1706.03762",
        "<https://arxiv.org/abs/1706.03762>",
        "arXiv: 1706.03762",
    ],
)
def test_a_paper_is_meant_by_id_address_or_doi_in_any_form(text: str) -> None:
    assert values.paper_key(text) == "arxiv:1706.03762"


def test_old_ids_are_papers_too() -> None:
    assert values.paper_key("hep-th/9901001") == "arxiv:hep-th/9901001"
    assert values.paper_key("10.48550/arXiv.hep-th/9901001") == "arxiv:hep-th/9901001"


def test_words_beside_an_id_are_not_swallowed() -> None:
    with pytest.raises(CommandError, match=r'I read the paper 1706.03762, but not "ris" beside it'):
        values.paper_key("1706.03762 ris")


def test_a_foreign_doi_is_not_a_title() -> None:
    with pytest.raises(CommandError, match=r"10\.1145/3292500\.3330701 is not one of arXiv's"):
        values.paper_key("https://doi.org/10.1145/3292500.3330701")


@dataclass
class Titles:
    """The one verb of ``Papers`` that a title needs."""

    papers: Sequence[Paper] = field(default_factory=list)

    async def by_title(self, text: str, limit: int) -> list[Paper]:
        return list(self._holding(text.lower().split()))[:limit]

    def _holding(self, words: list[str]) -> Iterator[Paper]:
        return (p for p in self.papers if all(word in p.title.lower() for word in words))


TITLES: Any = Titles([
    Paper(key="arxiv:1706.03762", title="Attention Is All You Need"),
    Paper(key="arxiv:2501.00001", title="Attention Is All You Need, Again"),
    Paper(key="arxiv:2501.00002", title="Diffusion for Video"),
])  # fmt: skip


async def test_a_title_is_the_paper_that_has_it() -> None:
    assert await values.paper(TITLES, "diffusion video") == "arxiv:2501.00002"
    assert await values.paper(TITLES, "attention is all you need") == "arxiv:1706.03762"


async def test_an_id_needs_no_store() -> None:
    assert await values.paper(TITLES, "2509.99999") == "arxiv:2509.99999"


async def test_a_title_of_several_papers_lists_them_with_commands() -> None:
    with pytest.raises(CommandError) as caught:
        await values.paper(TITLES, "attention", "cite")
    assert "Attention Is All You Need: /papers cite 1706.03762" in str(caught.value)
    assert "Attention Is All You Need, Again: /papers cite 2501.00001" in str(caught.value)


async def test_a_text_without_words_is_no_title() -> None:
    for text in ("🙂", '"', "*"):
        with pytest.raises(CommandError, match="I know no paper called"):
            await values.paper(TITLES, text)


async def test_an_unknown_title_offers_a_search() -> None:
    with pytest.raises(CommandError, match="I know no paper called") as caught:
        await values.paper(TITLES, "gravity")
    assert caught.value.mended == "/papers search gravity"
