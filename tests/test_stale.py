"""A source that cannot be read for hours, and its return, are told once to those who manage."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot import deliver, poll, stale
from bot.errors import Fault, SourceError, StoreError
from bot.model import Address, Preferences, SourceHealth, Target
from bot.stale import Stale
from tests.delivering import OTHER, ROOM, Bench, bench_in, fault
from tests.making import always
from tests.test_poll import FakeSource, edition, paper

HOUR = deliver.HOUR
POLL = HOUR // 3
OFF = 2 * HOUR
MEI, BOB = (Address("fake", "lab", who, "person") for who in ("mei", "bob"))
DOWN = SourceError("fake answers 503.")
GONE = (
    "rich: fake could not be read whole for 12 hours: fake answers 503. Its new papers may come late: when it answers"
    " again, the days between are read too, and what matches is posted."
)
BACK = "rich: fake is read whole again, after {}. What came meanwhile is being posted."


class Watchman(Bench):
    """A bench with sources that are asked as a Paperboy asks them: a poll, then what is to be told of it."""

    def begin(self, patience: int = 12 * HOUR) -> None:
        """As a new process does."""
        self.stale = Stale(
            store=self.store, patience=patience, every=POLL, alone={}, defaults=Preferences(timezone="Asia/Tokyo")
        )

    async def hours(self, hours: float, *errors: SourceError | None, sources: tuple[str, ...] = ("fake",)) -> None:
        """So many hours of polls, every one with these ends (None: it was read), one for each of the sources."""
        for _ in range(round(hours * HOUR / POLL)):
            self.now += POLL
            for name, error in zip(sources, errors, strict=True):
                source = FakeSource(error or edition(paper(1)))
                source.name = name
                await poll.poll(source, self.store.papers, self.now, OFF)
            await self.tell(*sources)

    async def tell(self, *sources: str) -> int:
        told = await self.stale.step(sources or ("fake",), {"fake": self.platform}, self.now)
        await self.sender.drain(lambda: self.now)
        return told

    async def asleep(self, hours: float) -> None:
        """Only heartbeats, and no poll ends."""
        for _ in range(round(hours * 10)):
            self.now += HOUR // 10
            await self.tell()


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Watchman]:
    async with bench_in(tmp_path) as made:
        watchman = Watchman(made.store)
        watchman.begin()
        yield watchman


def told(bench: Watchman) -> list[tuple[str, str]]:
    return [(message.where.room, message.payload) for message in bench.platform.accepted]


# --- once -------------------------------------------------------------------------------------------------------------


async def test_an_outage_and_its_end_are_told_once_each(bench: Watchman) -> None:
    await bench.subscribe()
    await bench.hours(12, DOWN)
    assert told(bench) == []
    await bench.hours(2, DOWN)
    assert told(bench) == [("mei", GONE)]
    await bench.hours(3, None)
    assert told(bench) == [("mei", GONE), ("mei", BACK.format("14 hours"))]
    [health] = await bench.store.papers.health()
    assert (health.told, health.failing_since, health.error) == (0, 0, "")


async def test_a_source_that_comes_and_goes_is_told_of_only_after_as_long_anew(bench: Watchman) -> None:
    await bench.subscribe()
    await bench.hours(13, DOWN)
    for _ in range(5):
        await bench.hours(1, None)
        await bench.hours(11, DOWN)
    assert [said for _, said in told(bench)] == [GONE, BACK.format("13 hours")]
    await bench.hours(2, DOWN)
    assert [said for _, said in told(bench)][2:] == [GONE]


async def test_a_short_trouble_is_told_to_nobody(bench: Watchman) -> None:
    await bench.subscribe()
    for _ in range(4):
        await bench.hours(6, DOWN)
        await bench.hours(1 / 3, None)
    assert told(bench) == []


async def test_with_0_hours_nobody_is_ever_told(bench: Watchman) -> None:
    await bench.subscribe()
    bench.begin(patience=0)
    await bench.hours(100, DOWN)
    assert told(bench) == []


async def test_a_new_process_tells_neither_again_nor_later(bench: Watchman) -> None:
    await bench.subscribe()
    await bench.hours(8, DOWN)
    bench.begin()
    await bench.hours(5, DOWN)
    assert len(told(bench)) == 1
    bench.begin()
    await bench.hours(30, DOWN)
    assert len(told(bench)) == 1
    bench.begin()
    await bench.hours(1, None)
    assert [said for _, said in told(bench)] == [GONE, BACK.format("1 day")]


async def test_what_failed_to_be_written_is_told_at_the_next_step(bench: Watchman) -> None:
    await bench.subscribe()

    class Full(type(bench.store.outbox)):  # type: ignore[misc]
        async def tell(self, *_: object) -> None:
            raise StoreError("the disk is full")

    await bench.hours(12, DOWN)
    whole, bench.store.outbox = bench.store.outbox, Full(bench.store.outbox._db)  # type: ignore[attr-defined]
    with pytest.raises(StoreError):
        await bench.hours(1 / 3, DOWN)
    bench.store.outbox = whole
    await bench.tell()
    assert told(bench) == [("mei", GONE)]


async def test_a_poll_that_ends_while_people_are_told_forgets_nothing_of_it(bench: Watchman) -> None:
    await bench.subscribe()
    await bench.hours(12, DOWN)
    [before] = await bench.store.papers.health()
    await bench.hours(1 / 3, DOWN)
    # It began before they were told, and knows nothing of that.
    await bench.store.papers.note_health(replace(before, last_ok=bench.now + 1, error="", failing_since=0))
    await bench.tell()
    assert [said for _, said in told(bench)] == [GONE, BACK.format("12 hours")]


# --- what counts as silence -------------------------------------------------------------------------------------------


async def test_nobody_is_woken_because_the_machine_was_off(bench: Watchman) -> None:
    await bench.subscribe()
    await bench.hours(1, None)
    bench.now += 7 * 24 * HOUR
    bench.begin()
    await bench.tell()
    await bench.hours(1, None)
    assert told(bench) == []


async def test_hours_in_which_the_machine_was_off_or_slept_are_no_outage(bench: Watchman) -> None:
    await bench.subscribe()
    await bench.hours(1, DOWN)
    bench.now += 16 * HOUR
    await bench.tell()
    await bench.hours(11, DOWN)
    assert told(bench) == []
    await bench.hours(2, DOWN)
    assert told(bench) == [("mei", GONE)]


async def test_a_source_that_asked_for_time_was_not_off(bench: Watchman) -> None:
    await bench.subscribe()
    await bench.hours(13, SourceError("fake answers 503.", retry_after=4 * 3600))
    assert told(bench) == [("mei", GONE)]


async def test_polls_that_never_end_are_an_outage_too(bench: Watchman) -> None:
    await bench.subscribe()
    await bench.hours(1, None)
    await bench.asleep(13)
    [(_, said)] = told(bench)
    assert said.startswith("rich: fake was not even asked for 12 hours: something is stuck in Paperboy.")
    await bench.hours(1, None)
    assert [said for _, said in told(bench)][1:] == [BACK.format("13 hours")]


async def test_a_first_poll_that_never_ends_is_one_as_well(bench: Watchman) -> None:
    await bench.subscribe()
    await bench.asleep(11)
    assert told(bench) == []
    await bench.asleep(2)
    assert len(told(bench)) == 1


def test_rare_polls_are_no_silence() -> None:
    health = SourceHealth(source="fake", last_try=HOUR, last_ok=HOUR)
    silent = {h: stale.silent_since(health, h * HOUR, patience=12 * HOUR, every=24 * HOUR, awake=1) for h in (30, 49)}
    assert silent == {30: 0, 49: HOUR}


def test_a_clock_that_was_set_back_makes_nothing_stale() -> None:
    health = SourceHealth(source="fake", last_try=50 * HOUR, last_ok=50 * HOUR)
    assert stale.silent_since(health, HOUR, patience=12 * HOUR, every=POLL, awake=HOUR) == 0


# --- several sources --------------------------------------------------------------------------------------------------


async def test_the_log_names_the_sources_and_nothing_else(bench: Watchman, caplog: pytest.LogCaptureFixture) -> None:
    await bench.subscribe()
    names = ("fake", "other")
    for hours, error in ((13, DOWN), (1, None)):
        await bench.hours(hours, error, error, sources=names)
    events = [record for record in caplog.records if record.msg in {"source.stale", "source.back"}]
    assert [vars(event)["sources"] for event in events] == ["fake other", "fake other"]


async def test_sources_that_fail_together_are_one_message_and_their_return_too(bench: Watchman) -> None:
    await bench.subscribe()
    names = ("fake", "other")
    await bench.hours(1, DOWN, None, sources=names)
    await bench.hours(12, DOWN, DOWN, sources=names)
    [(_, said)] = told(bench)
    assert said.startswith(
        "rich: fake could not be read whole for 12 hours: fake answers 503. other could not be read whole for 11 h"
    )
    await bench.hours(1, None, None, sources=names)
    [_, (_, said)] = told(bench)
    assert said.startswith(
        "rich: fake is read whole again, after 13 hours. other is read whole again, after 12 hours. "
    )


async def test_a_source_that_is_back_before_the_other_is_told_alone(bench: Watchman) -> None:
    await bench.subscribe()
    names = ("fake", "other")
    await bench.hours(13, DOWN, DOWN, sources=names)
    await bench.hours(2, DOWN, None, sources=names)
    await bench.hours(2, None, None, sources=names)
    assert [said for _, said in told(bench)][1:] == [
        "rich: other is read whole again, after 13 hours. What came meanwhile is being posted.",
        BACK.format("15 hours"),
    ]


@pytest.mark.parametrize("why", ["temporary", "target"])
async def test_of_two_outages_in_a_notice_that_never_went_out_the_one_that_lasts_is_told_and_so_is_its_end(
    bench: Watchman, why: Fault
) -> None:
    await bench.subscribe()
    names = ("fake", "other")
    bench.platform.refuses["mei"] = fault(why)
    await bench.hours(13, DOWN, DOWN, sources=names)
    await bench.hours(1, DOWN, None, sources=names)
    del bench.platform.refuses["mei"]
    await bench.store.outbox.resume((await mine(bench)).id, bench.now)
    await bench.hours(1, DOWN, None, sources=names)
    [(_, said)] = told(bench)
    assert said.startswith("rich: fake could not be read whole for 13 hours: fake answers 503. Its new papers")
    assert said.endswith("other is read as ever.")
    await bench.hours(1, None, None, sources=names)
    assert [said for _, said in told(bench)][1:] == [BACK.format("15 hours")]


async def test_whoever_heard_of_both_outages_is_not_told_anew_of_the_one_that_lasts(bench: Watchman) -> None:
    await bench.subscribe(owner="mei")
    await bench.subscribe("tree", owner="bob")
    names = ("fake", "other")
    bench.platform.refuses["bob"] = fault("temporary")
    await bench.hours(13, DOWN, DOWN, sources=names)
    await bench.hours(1, DOWN, None, sources=names)
    bench.platform.refuses.clear()
    await bench.hours(1, DOWN, None, sources=names)
    await bench.hours(1, None, None, sources=names)
    heard = {who: [said.split()[1] for where, said in told(bench) if where == who] for who in ("mei", "bob")}
    assert heard == {"mei": ["fake", "other", "fake"], "bob": ["fake", "fake"]}


async def test_the_sources_that_still_answer_are_named(bench: Watchman) -> None:
    await bench.subscribe()
    await bench.hours(13, DOWN, None, sources=("fake", "arxiv"))
    assert told(bench) == [("mei", f"{GONE} arXiv is read as ever.")]


# --- whom -------------------------------------------------------------------------------------------------------------


async def people(bench: Watchman, alone: dict[str, str] | None = None) -> list[str]:
    found = await stale.managers(bench.store, {"fake": bench.platform}, alone or {}, bench.now)
    return [f"{address.space}/{address.room}" for address in found]


async def test_those_on_the_list_of_a_space_are_told_and_else_those_who_subscribed_first(bench: Watchman) -> None:
    for number, owner in enumerate(("mei", "", "bob", "mei", "eve", "tom")):
        await bench.subscribe(f"graph {number}", owner=owner, where=OTHER if number % 2 else ROOM)
    assert await people(bench) == ["lab/mei", "lab/bob", "lab/eve"]
    await bench.store.people.edit_space("fake", "lab", lambda space: replace(space, managers=("ann", "mei")))
    assert await people(bench) == ["lab/ann", "lab/mei"]


async def test_the_first_of_each_space_comes_before_the_second_of_any(bench: Watchman) -> None:
    await bench.subscribe("graph", owner="mei")
    await bench.subscribe("tree", owner="bob")
    await bench.subscribe("graph", Address("fake", "school", "#papers"), owner="eve")
    assert await people(bench) == ["lab/mei", "school/eve", "lab/bob"]


async def test_private_alerts_make_nobody_a_manager(bench: Watchman) -> None:
    await bench.subscribe(where=MEI)
    await bench.hours(20, DOWN)
    assert (told(bench), await people(bench)) == ([], [])


async def test_who_rests_is_told_nothing(bench: Watchman) -> None:
    room, other = await bench.subscribe(owner="mei"), await bench.subscribe(where=OTHER, owner="bob")
    bobs = await bench.store.subscriptions.target(BOB)
    await bench.store.subscriptions.prefer(bobs.id, always(Preferences(paused_until=0)))
    assert await people(bench) == ["lab/mei"]
    await bench.store.outbox.suspend(room, "gone", bench.now)
    await bench.store.subscriptions.prefer(bobs.id, always(Preferences()))
    assert await people(bench) == ["lab/bob"]
    await bench.store.subscriptions.prefer(other, always(Preferences(paused_until=bench.now + 1)))
    assert await people(bench) == []
    await bench.store.outbox.resume(room, bench.now)
    await bench.store.people.edit_space("fake", "lab", lambda space: replace(space, paused=True))
    assert await people(bench) == []


async def test_where_one_person_runs_everything_they_are_told(bench: Watchman) -> None:
    await bench.subscribe(owner="example")
    assert await people(bench, {"fake": "you"}) == ["lab/you"]


async def test_a_person_who_was_never_spoken_to_begins_as_everybody_does(bench: Watchman) -> None:
    await bench.subscribe()
    await bench.hours(13, DOWN)
    mei = await bench.store.subscriptions.find_target(MEI)
    assert mei is not None
    assert mei.preferences.timezone == "Asia/Tokyo"


async def test_no_more_people_are_told_than_a_platform_bears(bench: Watchman) -> None:
    for number in range(stale.MOST + 5):
        await bench.subscribe("graph", Address("fake", f"lab{number}", "#papers"))
    await bench.hours(13, DOWN)
    assert len(told(bench)) == len({message.where for message in bench.platform.accepted}) == stale.MOST


async def test_who_was_told_is_told_of_the_end_and_nobody_else(bench: Watchman) -> None:
    room = await bench.subscribe(owner="mei")
    await bench.hours(13, DOWN)
    [subscription] = await bench.store.subscriptions.at(room)
    await bench.store.subscriptions.remove(subscription.id)
    await bench.subscribe("tree", owner="bob")
    await bench.hours(1, None)
    assert [room for room, _ in told(bench)] == ["mei", "mei"]


async def test_whom_the_first_notice_never_reached_is_not_told_the_second(bench: Watchman) -> None:
    await bench.subscribe()
    bench.platform.refuses["mei"] = fault("target")
    await bench.hours(13, DOWN)
    assert (await mine(bench)).suspended
    await bench.hours(1, None)
    bench.platform.refuses.clear()
    await bench.store.outbox.resume((await mine(bench)).id, bench.now)
    await bench.hours(1, None)
    assert told(bench) == [], "days later it would be untrue"
    assert (await bench.store.outbox.tally()).messages == {"expired": 1}


async def test_where_nobody_is_left_to_tell_of_the_end_nobody_is_counted(
    bench: Watchman, caplog: pytest.LogCaptureFixture
) -> None:
    await bench.subscribe()
    bench.platform.refuses["mei"] = fault("temporary")
    await bench.hours(13, DOWN)
    await bench.hours(1, None)
    counts = {record.msg: vars(record)["told"] for record in caplog.records if record.msg.startswith("source.")}
    assert (counts["source.stale"], counts["source.back"]) == (1, 0)


async def mine(bench: Watchman) -> Target:
    found = await bench.store.subscriptions.find_target(MEI)
    assert found is not None
    return found


async def test_whose_first_notice_may_have_arrived_gets_both_in_order(bench: Watchman) -> None:
    await bench.subscribe()
    bench.platform.refuses["mei"] = fault("ambiguous")
    await bench.hours(13, DOWN)
    await bench.hours(1 / 3, None)
    del bench.platform.refuses["mei"]
    await bench.hours(10, None)
    assert [said for _, said in told(bench)] == [GONE, BACK.format("13 hours")]
    assert await bench.store.outbox.told_of("stale fake 1") == []


async def test_without_anybody_to_tell_nothing_is_noted_and_who_comes_later_is_told(bench: Watchman) -> None:
    await bench.hours(20, DOWN)
    assert [health.told for health in await bench.store.papers.health()] == [0]
    await bench.subscribe()
    await bench.hours(1, DOWN)
    assert len(told(bench)) == 1


async def test_without_anybody_to_tell_people_are_looked_for_once_a_poll_and_not_with_every_heartbeat(
    bench: Watchman,
) -> None:
    class Counted(type(bench.store.subscriptions)):  # type: ignore[misc]
        asked = 0

        async def owners(self) -> list[tuple[int, str]]:
            Counted.asked += 1
            found: list[tuple[int, str]] = await super().owners()
            return found

    bench.store.subscriptions = Counted(bench.store.subscriptions._db)  # type: ignore[attr-defined]
    await bench.hours(13, DOWN)
    Counted.asked = 0
    for _ in range(20):
        bench.now += 15_000
        await bench.tell()
    assert Counted.asked == 0
    await bench.hours(1, DOWN)
    assert Counted.asked == 3


async def test_in_very_many_spaces_only_as_many_are_looked_at_as_people_are_told(bench: Watchman) -> None:
    for number in range(stale.MOST + 5):
        await bench.subscribe("graph", Address("fake", f"lab{number}", "#papers"))
    assert len(await people(bench)) == stale.MOST
