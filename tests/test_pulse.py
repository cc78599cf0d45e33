"""What is called late and what is not: by the time in which the event loop could run, and by no clock."""

import asyncio
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from bot import config, meters
from bot.bot import Bot
from bot.model import Address
from bot.pulse import CONNECTING, LONGEST, SPARE, Pulse, keep
from tests.delivering import bench_in

TICK = 15.0
LATE = 3 * TICK + SPARE + 1


def let_pass(pulse: Pulse, seconds: float) -> None:
    """So much time, in the steps in which it goes by."""
    for _ in range(int(seconds * 2)):
        pulse.goes_on(0.5)


@pytest.fixture
def pulse() -> Pulse:
    pulse = Pulse()
    pulse.expect("tick", TICK)
    return pulse


def names(pulse: Pulse) -> list[str]:
    return [trouble.what for trouble in pulse.stalled]


def test_what_comes_round_is_never_late(pulse: Pulse) -> None:
    for _ in range(100):
        pulse.begun("tick")
        pulse.came("tick")
        let_pass(pulse, TICK)
        assert names(pulse) == []


def test_what_hangs_is_late_and_well_again_when_it_comes_round(pulse: Pulse) -> None:
    pulse.begun("tick")
    let_pass(pulse, LATE)
    [trouble] = pulse.stalled
    assert (trouble.what, trouble.why) == ("tick", "it began and does not end")
    assert trouble.seconds == pytest.approx(LATE, abs=1)
    pulse.came("tick")
    assert names(pulse) == []


def test_what_ends_but_never_succeeds_is_late(pulse: Pulse) -> None:
    for _ in range(int(LATE / TICK) + 1):
        pulse.begun("tick")
        pulse.failed("tick")
        let_pass(pulse, TICK)
    assert [(t.what, t.why) for t in pulse.stalled] == [("tick", "it does not succeed")]


def test_something_rare_is_late_long_before_its_next_round_when_it_does_not_end() -> None:
    pulse = Pulse()
    pulse.expect("upkeep", 24 * 3600, 60)
    pulse.begun("upkeep")
    let_pass(pulse, LONGEST - 10)
    assert names(pulse) == []
    let_pass(pulse, 20)
    assert names(pulse) == ["upkeep"]


def test_the_first_round_may_come_as_late_as_was_said() -> None:
    pulse = Pulse()
    pulse.expect("poll", TICK, 1200)
    let_pass(pulse, 1200 + LATE - 10)
    assert names(pulse) == []
    let_pass(pulse, 20)
    assert names(pulse) == ["poll"]


@pytest.mark.parametrize("hours", [2, 48])
def test_a_machine_that_slept_makes_nothing_late(pulse: Pulse, hours: int) -> None:
    pulse.goes_on(hours * 3600)
    pulse.connected({"slack": False})
    pulse.goes_on(hours * 3600)
    assert (pulse.stalled, pulse.cut_off) == ([], [])


def test_what_was_stopped_on_purpose_is_not_late(pulse: Pulse) -> None:
    pulse.forget()
    let_pass(pulse, LATE)
    pulse.came("tick")
    assert names(pulse) == []


def test_to_expect_something_twice_does_not_make_it_well(pulse: Pulse) -> None:
    let_pass(pulse, LATE)
    pulse.expect("tick", TICK)
    assert names(pulse) == ["tick"]


def test_a_connection_may_be_away_for_a_while_and_is_told_of_when_it_stays_away(pulse: Pulse) -> None:
    pulse.connected({"slack": True, "discord": False})
    let_pass(pulse, CONNECTING - 10)
    pulse.connected({"slack": False, "discord": False})
    assert pulse.cut_off == []
    let_pass(pulse, 20)
    assert [trouble.what for trouble in pulse.cut_off] == ["discord"]
    pulse.connected({"discord": True})
    assert pulse.cut_off == []


async def test_it_goes_on_with_the_loop_and_measures_how_late_the_loop_is() -> None:
    def asked() -> Iterator[Mapping[str, bool]]:
        for _ in range(3):
            yield {"slack": False}
        enough.set()
        while True:
            yield {"slack": True}

    enough, pulse, lines = asyncio.Event(), Pulse(), asked()
    before = meters.REGISTRY.get_sample_value("paperboy_loop_lag_seconds_count") or 0
    task = asyncio.create_task(keep(pulse, lambda: next(lines), step=0.001))
    await asyncio.wait_for(enough.wait(), 10)
    task.cancel()
    assert (meters.REGISTRY.get_sample_value("paperboy_loop_lag_seconds_count") or 0) >= before + 3


async def test_a_tick_that_freezes_posts_for_very_many_gets_on_with_each_round(tmp_path: Path) -> None:
    class Told(Pulse):
        came_by = 0

        def came(self, what: str) -> None:
            self.came_by += what == "tick"

    async with bench_in(tmp_path) as bench:
        for number in range(60):
            await bench.subscribe(where=Address("fake", "lab", f"#{number}"))
        await bench.publish(1)
        bot = Bot(config.read({}), bench.store, lambda: bench.now)
        bot.adapters["fake"] = bench.platform
        pulse = bot.pulse = Told()
        await bot.tick()
        await bot.close()
    assert pulse.came_by == 2
