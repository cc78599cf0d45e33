"""Heartbeats: they beat, survive a failure, and never overlap."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta

import pytest

from bot import meters
from bot.pulse import Pulse
from bot.schedule import Beat, beating


async def test_a_beat_comes_again_and_again() -> None:
    enough = asyncio.Event()
    count = 0

    async def run() -> None:
        nonlocal count
        count += 1
        if count == 3:
            enough.set()

    async with beating([Beat(name="tick", run=run, seconds=0.01)]):
        await asyncio.wait_for(enough.wait(), 10)


async def test_a_beat_that_fails_comes_again() -> None:
    enough = asyncio.Event()
    count = 0

    async def run() -> None:
        nonlocal count
        count += 1
        if count == 2:
            enough.set()
        raise RuntimeError("a bad day")

    async with beating([Beat(name="tick", run=run, seconds=0.01)]):
        await asyncio.wait_for(enough.wait(), 10)


async def test_a_slow_beat_is_not_overtaken_by_the_next_one() -> None:
    running = most = 0
    enough = asyncio.Event()

    async def run() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.05)
        running -= 1
        if not enough.is_set() and most:
            enough.set()

    async with beating([Beat(name="tick", run=run, seconds=0.01)]):
        await asyncio.wait_for(enough.wait(), 10)
        await asyncio.sleep(0.1)
    assert most == 1


async def test_nothing_beats_after_the_end() -> None:
    count = 0

    async def run() -> None:
        nonlocal count
        count += 1

    async with beating([Beat(name="tick", run=run, seconds=0.01)]):
        await asyncio.sleep(0.05)
    seen = count
    await asyncio.sleep(0.05)
    assert count == seen


async def test_a_beat_under_way_at_the_end_may_finish_and_nothing_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    begun, finished = asyncio.Event(), False

    async def run() -> None:
        nonlocal finished
        begun.set()
        await asyncio.sleep(0.1)
        finished = True

    async with beating([Beat(name="tick", run=run, seconds=60)]):
        await asyncio.wait_for(begun.wait(), 10)
    assert finished
    assert [record for record in caplog.records if record.levelno > logging.INFO] == []


async def test_a_beat_that_takes_too_long_at_the_end_is_cancelled_and_that_is_no_failure(
    caplog: pytest.LogCaptureFixture,
) -> None:
    begun, cancelled = asyncio.Event(), False

    async def run() -> None:
        nonlocal cancelled
        begun.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled = True
            raise

    async with beating([Beat(name="tick", run=run, seconds=60)], drain=0.05):
        await asyncio.wait_for(begun.wait(), 10)
    assert cancelled
    assert [record for record in caplog.records if record.levelno > logging.INFO] == []


async def test_beats_go_on_when_the_clock_is_set_back() -> None:
    came = asyncio.Event()
    jumped = False

    async def run() -> None:
        came.set()

    def wall() -> datetime:
        return datetime.now(UTC) - timedelta(hours=2 if jumped else 0)

    async with beating([Beat(name="tick", run=run, seconds=3600, delay=3600)], wall=wall, look=0.01):
        await asyncio.sleep(0.05)
        assert not came.is_set()
        jumped = True
        # Two hours were taken from the time of its next round, which by the clock of the machine is over now.
        await asyncio.wait_for(came.wait(), 10)


async def test_a_look_at_the_clock_that_breaks_off_stands_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async def run() -> None:
        pass

    broken = asyncio.Event()

    def wall() -> datetime:
        broken.set()
        raise ZeroDivisionError("a clock that cannot be read")

    async with beating([Beat(name="tick", run=run, seconds=60)], wall=wall):
        await asyncio.wait_for(broken.wait(), 10)
        await asyncio.sleep(0)
    assert [(r.message, r.__dict__["what"]) for r in caplog.records] == [("paperboy.task_broke", "clock")]


async def test_each_beat_tells_the_pulse_and_the_meters_how_it_ended() -> None:
    enough = asyncio.Event()
    count = 0
    pulse = Told()

    async def run() -> None:
        nonlocal count
        count += 1
        if count == 2:
            enough.set()
        if count < 2:
            raise RuntimeError("a bad day")

    before = {outcome: beats("told", outcome) for outcome in ("ok", "failed")}
    async with beating([Beat(name="told", run=run, seconds=0.01)], pulse=pulse):
        await asyncio.wait_for(enough.wait(), 10)
        await asyncio.sleep(0.02)
    assert pulse.said[:5] == ["expect", "begun", "failed", "begun", "came"]
    assert beats("told", "failed") == before["failed"] + 1
    assert beats("told", "ok") > before["ok"]


class Told(Pulse):
    """What it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def expect(self, what: str, seconds: float, delay: float = 0.0) -> None:
        self.said.append("expect")

    def begun(self, what: str) -> None:
        self.said.append("begun")

    def came(self, what: str) -> None:
        self.said.append("came")

    def failed(self, what: str) -> None:
        self.said.append("failed")


def beats(name: str, outcome: str) -> float:
    return meters.REGISTRY.get_sample_value("paperboy_beats_total", {"beat": name, "outcome": outcome}) or 0
