"""Reading sources into the store: what is kept when one fails, and backfills that go on where they were."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot import poll
from bot.errors import SourceError
from bot.model import Address, Edition, Facts, Linked, Paper
from bot.ports import Store
from bot.store.sqlite import open_store

NOW = round(datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp() * 1000)
TODAY = date(2026, 11, 23)


def paper(number: int, votes: int | None = None) -> Paper:
    return Paper(key=f"arxiv:2611.{number:05}", title=f"Paper {number}", sources=("fake",), facts=Facts(votes=votes))


class FakeSource:
    """Serves the editions it is given; an exception among them is raised when its turn comes."""

    name = "fake"
    scope = ""

    def __init__(self, *editions: Edition | SourceError) -> None:
        self.will_serve = list(editions)
        self.cursors: list[Mapping[str, str]] = []
        self.days: list[date] = []
        self.known: dict[str, Paper] = {}
        self.broken_on: date | None = None

    async def editions(self, now: datetime, cursor: Mapping[str, str]) -> AsyncIterator[Edition]:
        self.cursors.append(cursor)
        for edition in self.will_serve:
            if isinstance(edition, SourceError):
                raise edition
            yield edition

    async def edition(self, day: date) -> Edition:
        if day == self.broken_on:
            raise SourceError("fake answers 500.")
        self.days.append(day)
        return Edition(source="fake", list="daily", day=day, papers=(paper(day.toordinal() % 10_000),))

    async def lookup(self, key: str) -> Paper | None:
        return self.known.get(key)

    async def search(self, text: str, limit: int) -> list[Paper]:
        return []

    async def linked(self, key: str) -> Linked | None:
        return None


def edition(*papers: Paper, cursor: Mapping[str, str] | None = None) -> Edition:
    return Edition(source="fake", list="daily", day=TODAY, papers=papers, cursor=cursor or {})


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with open_store(tmp_path / "paperboy.db", now=NOW) as opened:
        yield opened


async def test_a_poll_counts_what_is_new_and_what_changed(store: Store) -> None:
    first = await poll.poll(FakeSource(edition(paper(1), paper(2))), store.papers, NOW)
    again = await poll.poll(FakeSource(edition(paper(1, votes=3), paper(2), paper(3))), store.papers, NOW)
    assert (first.fresh, first.changed) == (2, 0)
    assert (again.fresh, again.changed) == (1, 1)


async def test_what_came_before_a_failure_is_kept_and_the_failure_is_remembered(store: Store) -> None:
    source = FakeSource(edition(paper(1)), SourceError("fake answers 500.", retry_after=60))
    report = await poll.poll(source, store.papers, NOW)
    assert (report.fresh, report.error) == (1, "fake answers 500.")
    [health] = await store.papers.health()
    assert (health.error, health.failing_since, health.last_ok) == ("fake answers 500.", NOW, 0)
    assert health.not_before == NOW + 60_000


async def test_the_log_has_one_line_a_poll_done_or_failed(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "bot.poll")
    await poll.poll(FakeSource(edition(paper(1)), SourceError("fake answers 500.")), store.papers, NOW)
    assert [record.message for record in caplog.records] == ["poll.failed"]
    await poll.poll(FakeSource(edition(paper(1))), store.papers, NOW)
    assert [record.message for record in caplog.records] == ["poll.failed", "poll.done"]


async def test_a_source_that_asked_for_time_is_left_alone_until_then(store: Store) -> None:
    await poll.poll(FakeSource(SourceError("too fast", retry_after=60)), store.papers, NOW)
    early, late = FakeSource(edition(paper(1))), FakeSource(edition(paper(1)))
    await poll.poll(early, store.papers, NOW + 59_000)
    await poll.poll(late, store.papers, NOW + 60_000)
    assert (early.cursors, len(late.cursors)) == ([], 1)


async def test_a_source_that_answers_again_is_well_again(store: Store) -> None:
    await poll.poll(FakeSource(SourceError("down")), store.papers, NOW)
    await poll.poll(FakeSource(SourceError("down")), store.papers, NOW + 5)
    [ill] = await store.papers.health()
    await poll.poll(FakeSource(edition(paper(1))), store.papers, NOW + 9)
    [well] = await store.papers.health()
    assert ill.failing_since == NOW
    assert (well.error, well.failing_since, well.last_ok, well.last_fresh) == ("", 0, NOW + 9, NOW + 9)


async def test_after_hours_without_a_try_a_failure_is_a_new_one(store: Store) -> None:
    failing = []
    for tried, wait in ((NOW, 0), (NOW + 50, 0), (NOW + 150, 0), (NOW + 251, 3), (NOW + 3351, 0)):
        # It asks to be left alone for a while, and was: that is not the same as nobody being there to ask.
        await poll.poll(FakeSource(SourceError("down", retry_after=wait)), store.papers, tried, 100)
        [health] = await store.papers.health()
        failing.append(health.failing_since - NOW)
    assert failing == [0, 0, 0, 251, 251]


async def test_the_cursor_of_a_stored_edition_is_handed_back(store: Store) -> None:
    source = FakeSource(edition(paper(1), cursor={"https://fake/day": '"tag"'}))
    await poll.poll(source, store.papers, NOW)
    await poll.poll(source, store.papers, NOW)
    assert source.cursors == [{}, {"https://fake/day": '"tag"'}]


async def test_days_missed_in_a_long_absence_are_read_later_and_announced(store: Store) -> None:
    await poll.poll(FakeSource(edition(paper(1))), store.papers, NOW - 4 * poll.DAY_MS)
    source = FakeSource(edition(paper(2)))
    await poll.poll(source, store.papers, NOW)
    assert source.days == [TODAY - timedelta(days=n) for n in (6, 5, 4, 3, 2, 1)]
    assert len(await store.outbox.unmatched(20)) == 8


async def test_a_missed_day_that_cannot_be_read_holds_up_no_other_and_is_tried_again(store: Store) -> None:
    await poll.poll(FakeSource(edition(paper(1))), store.papers, NOW - 4 * poll.DAY_MS)
    source = FakeSource(edition(paper(2)))
    source.broken_on = TODAY - timedelta(days=3)
    report = await poll.poll(source, store.papers, NOW)
    assert (report.error, await store.papers.get(paper(2).key) is not None) == ("fake answers 500.", True)
    assert source.days == [TODAY - timedelta(days=n) for n in (6, 5, 4, 2, 1)]
    source.broken_on = None
    assert (await poll.poll(source, store.papers, NOW + 1)).error == ""
    assert source.days[5:] == [TODAY - timedelta(days=3)]


async def test_while_a_list_keeps_failing_missed_days_are_read_once_and_not_at_every_poll(store: Store) -> None:
    await poll.poll(FakeSource(edition(paper(1))), store.papers, NOW - 4 * poll.DAY_MS)
    source = FakeSource(edition(paper(2)), SourceError("trending answers 500."))
    for minute in range(5):
        await poll.poll(source, store.papers, NOW + minute)
    assert len(source.days) == 6


def test_a_short_absence_misses_no_day_and_a_very_long_one_is_not_read_whole() -> None:
    assert poll.missed_days(0, NOW) == []
    assert poll.missed_days(NOW - poll.DAY_MS, NOW) == []
    assert len(poll.missed_days(NOW - 100 * poll.DAY_MS, NOW)) == poll.MOST_MISSED


async def test_a_mistake_of_ours_in_one_source_is_told_and_stops_nothing(store: Store) -> None:
    class Wrong(FakeSource):
        async def editions(self, now: datetime, cursor: Mapping[str, str]) -> AsyncIterator[Edition]:
            yield edition(paper(1))
            raise KeyError("oops")

    report = await poll.poll(Wrong(), store.papers, NOW)
    assert report.fresh == 1
    assert "a mistake of ours (KeyError)" in report.error
    [health] = await store.papers.health()
    assert health.failing_since == NOW


async def test_what_cannot_be_read_is_told_once_however_often_its_list_is_read(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    broken = Edition(source="fake", list="daily", day=TODAY, complaints=("item 3 has no id, told once",))
    for _ in range(3):
        await poll.poll(FakeSource(broken), store.papers, NOW)
    assert [r.message for r in caplog.records if r.message == "poll.unreadable_item"] == ["poll.unreadable_item"]


async def test_a_list_with_everything_wrong_is_worth_a_few_lines(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = tuple(f"item {number} of a hostile list has no id" for number in range(1000))
    await poll.poll(FakeSource(Edition(source="fake", list="daily", day=TODAY, complaints=wrong)), store.papers, NOW)
    told = [getattr(record, "what", "") for record in caplog.records if record.message == "poll.unreadable_item"]
    assert told == [*wrong[: poll.MOST_COMPLAINTS], "980 more complaints about this list"]


async def test_a_backfill_of_other_categories_is_another_one(store: Store) -> None:
    source = FakeSource()
    first = TODAY - timedelta(days=4)
    source.scope = "cs.CL"
    assert [n async for _, n in poll.backfill(source, store.papers, first, TODAY, NOW)] == [1, 1]
    source.scope = "cs.CL,cs.CV"
    assert [n async for _, n in poll.backfill(source, store.papers, first, TODAY, NOW)] == [1, 1]


async def test_a_backfill_goes_back_day_by_day_and_announces_nothing(store: Store) -> None:
    source = FakeSource()
    first = TODAY - timedelta(days=6)
    days = [day async for day, _ in poll.backfill(source, store.papers, first, TODAY, NOW)]
    assert days == [TODAY - timedelta(days=n) for n in (3, 4, 5, 6)]
    assert await store.outbox.unmatched(10) == []


async def test_an_interrupted_backfill_goes_on_where_it_was(store: Store) -> None:
    source = FakeSource()
    source.broken_on = TODAY - timedelta(days=5)
    first = TODAY - timedelta(days=6)
    with pytest.raises(SourceError):
        [day async for day, _ in poll.backfill(source, store.papers, first, TODAY, NOW)]
    source.broken_on = None
    assert [count async for _, count in poll.backfill(source, store.papers, first, TODAY, NOW)] == [0, 0, 1, 1]
    assert source.days == [TODAY - timedelta(days=n) for n in (3, 4, 5, 6)]


async def test_watched_papers_are_read_again_also_when_no_list_has_them(store: Store) -> None:
    mine = await store.subscriptions.target(Address("terminal", "local", "mei", "person"))
    lookup = Edition(source="fake", list="lookup", day=TODAY, papers=(paper(1, votes=3),))
    await store.papers.ingest(lookup, NOW, announce=False)
    await store.people.watch(mine.id, paper(1).key, "votes>=10")
    source = FakeSource()
    source.known = {paper(1).key: paper(1, votes=12)}
    assert await poll.reread_watched({"fake": source}, store, NOW + 1) == [paper(1).key]
    known = await store.papers.get(paper(1).key)
    assert known is not None
    assert known.facts.votes == 12


@pytest.mark.parametrize("error", [SourceError("down"), KeyError("a mistake of ours")])
async def test_a_source_that_fails_a_look_up_does_not_stop_the_others(store: Store, error: Exception) -> None:
    class Broken(FakeSource):
        async def lookup(self, key: str) -> Paper | None:
            raise error

    mine = await store.subscriptions.target(Address("terminal", "local", "mei", "person"))
    lookup = Edition(source="fake", list="lookup", day=TODAY, papers=(paper(1, votes=3),))
    await store.papers.ingest(lookup, NOW, announce=False)
    await store.people.watch(mine.id, paper(1).key, "votes>=10")
    other = FakeSource()
    other.known = {paper(1).key: paper(1, votes=12)}
    await poll.reread_watched({"broken": Broken(), "fake": other}, store, NOW + 1)
    known = await store.papers.get(paper(1).key)
    assert known is not None
    assert known.facts.votes == 12
