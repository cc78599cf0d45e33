"""A place that took no posts is tried again by itself, and goes on with everything that waited."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import cadence, deliver, trials
from bot.model import Address, Target
from tests.delivering import NOW, ROOM, Bench, bench_in, fault

DAY = 24 * deliver.HOUR
MEI = Address("fake", "lab", "mei", "person")
BACK = "rich: I can post in #papers again: what matched in the last 7 days is on its way."


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with bench_in(tmp_path) as made:
        yield made


async def tried(bench: Bench, later: int = 0) -> int:
    """A heartbeat after ``later`` ms; how many targets were put on trial."""
    bench.now += later
    many = await trials.step(bench.store, ["fake"], bench.now)
    await bench.deliver()
    return many


async def here(bench: Bench) -> Target:
    found = await bench.store.subscriptions.find_target(ROOM)
    assert found is not None
    return found


async def refused(bench: Bench) -> int:
    """A paper that the room does not take."""
    target = await bench.subscribe()
    bench.platform.refuses[ROOM.room] = fault("target")
    await bench.publish(1)
    await bench.deliver()
    return target


# --- when -------------------------------------------------------------------------------------------------------------


def test_it_is_tried_daily_for_a_week_weekly_for_a_month_and_then_no_more_by_itself() -> None:
    at, days = NOW + DAY, []
    while at:
        days.append((at - NOW) // DAY)
        at = cadence.trial_after(NOW, at)
    assert days == [1, 2, 3, 4, 5, 6, 7, 14, 21, 28]


@given(st.integers(0, 2 * NOW), st.integers(0, 2 * NOW))
def test_the_next_trial_is_between_a_day_and_a_week_from_now_or_never_whatever_the_clock_did(
    since: int, now: int
) -> None:
    following = cadence.trial_after(since, now)
    assert DAY <= following - now <= 7 * DAY or (following == 0 and now > since + 3 * 7 * DAY)


@given(st.integers(1, 2 * NOW), st.integers(0, 40 * DAY))
def test_when_it_was_tried_last_is_known_from_when_it_is_tried_next(since: int, later: int) -> None:
    following = cadence.trial_after(since, since + later)
    assert not following or cadence.tried_at(since, following) == since + later


# --- what becomes of it -----------------------------------------------------------------------------------------------


async def test_a_place_that_takes_posts_again_gets_all_that_waited_and_its_people_hear_of_it(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    target = await refused(bench)
    await bench.publish(2)
    bench.platform.refuses.clear()
    assert await tried(bench, DAY - 1) == 0
    assert await tried(bench, 1) == 1
    assert bench.platform.said_in(ROOM) == ["rich: Graph learning 1", "rich: Graph learning 2"]
    assert bench.platform.said_in(MEI)[1:] == [BACK]
    assert (await here(bench)).suspended == ""
    assert await bench.state(target, 1) == ("sent", "")
    assert [record.msg for record in caplog.records if record.msg.startswith("target.")] == [
        "target.tried",
        "target.resumed",
    ]


async def test_a_place_that_still_refuses_rests_until_the_next_trial_and_nobody_hears_of_it(bench: Bench) -> None:
    target = await refused(bench)
    for _ in range(3):
        calls = bench.platform.calls
        assert await tried(bench, DAY) == 1
        assert await tried(bench, deliver.HOUR) == 0
        bench.now -= deliver.HOUR
        assert bench.platform.calls == calls + 1, "one question a trial"
    assert len(bench.platform.accepted) == 1, "what was told when it began"
    assert await bench.state(target, 1) == ("suspended", "the platform said no")
    assert (await here(bench)).suspended_at == NOW


async def test_trials_use_up_none_of_the_tries(bench: Bench) -> None:
    target = await refused(bench)
    for _ in range(6):
        await tried(bench, DAY)
    bench.platform.refuses[ROOM.room] = fault("temporary")
    await tried(bench, DAY - deliver.HOUR * 2)
    await tried(bench, deliver.HOUR * 2)
    bench.platform.refuses.clear()
    await bench.deliver(deliver.MINUTE)
    assert await bench.state(target, 1) == ("sent", "")


async def test_a_passing_trouble_leaves_it_on_trial(bench: Bench) -> None:
    target = await refused(bench)
    bench.platform.refuses[ROOM.room] = fault("temporary")
    await tried(bench, DAY)
    assert (await here(bench)).on_trial
    assert (await bench.state(target, 1))[0] == "framed"
    bench.platform.refuses.clear()
    await bench.deliver(deliver.MINUTE)
    assert (await here(bench)).suspended == ""


async def test_with_nothing_to_post_it_stays_on_trial_until_there_is(bench: Bench) -> None:
    await refused(bench)
    await bench.store.outbox.expire(NOW + 1, NOW + 1)
    bench.platform.refuses.clear()
    await tried(bench, DAY)
    await tried(bench, 30 * DAY)
    assert (await here(bench)).on_trial
    await bench.publish(2)
    await bench.deliver()
    assert bench.platform.said_in(ROOM) == ["rich: Graph learning 2"]
    assert not (await here(bench)).on_trial


async def test_a_place_that_comes_and_goes_is_told_of_once_a_day_each_way(bench: Bench) -> None:
    target = await refused(bench)
    bench.platform.refuses.clear()
    await tried(bench, DAY)
    for number in (2, 3):
        await bench.publish(number)
        await bench.store.outbox.suspend(target, "the platform said no", bench.now)
        await bench.store.outbox.try_out(target, bench.now + DAY)
        await bench.deliver(deliver.MINUTE)
    assert bench.platform.said_in(MEI)[1:] == [BACK]


async def test_a_person_who_can_be_reached_again_gets_the_papers_and_no_notice(bench: Bench) -> None:
    await bench.subscribe(where=MEI)
    bench.platform.refuses["mei"] = fault("target")
    await bench.publish(1)
    await bench.deliver()
    bench.platform.refuses.clear()
    await tried(bench, DAY)
    assert bench.platform.said == ["rich: Graph learning 1"]
