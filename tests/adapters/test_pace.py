"""How fast we may go, on a clock and a sleep that are made up."""

import asyncio

import pytest

from adapters.pace import Bucket, Window


class Time:
    """A clock that only sleeping moves; while it ``stands`` a sleep does not end."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []
        self.stands: asyncio.Event | None = None

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        if self.stands is not None:
            await self.stands.wait()
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


@pytest.fixture
def time() -> Time:
    return Time()


async def test_a_burst_goes_at_once_and_what_follows_at_the_rate(time: Time) -> None:
    bucket = Bucket(2, 3, clock=time, sleep=time.sleep)
    for _ in range(3):
        await bucket.take()
    assert time.slept == []
    await bucket.take()
    await bucket.take()
    assert time.now == pytest.approx(1001)


async def test_never_more_go_in_any_second_than_the_rate_and_the_burst_allow(time: Time) -> None:
    bucket = Bucket(45, 5, clock=time, sleep=time.sleep)
    went = []
    for _ in range(300):
        await bucket.take()
        went.append(time.now)
    assert max(sum(start <= t < start + 1 for t in went) for start in went) <= 51


async def test_whoever_asks_first_goes_first(time: Time) -> None:
    bucket, order = Bucket(1, clock=time, sleep=time.sleep), []

    async def go(name: int) -> None:
        await bucket.take()
        order.append(name)

    await asyncio.gather(*(go(name) for name in range(5)))
    assert order == [0, 1, 2, 3, 4]


async def test_a_pause_holds_everybody_and_a_shorter_one_ends_no_longer_one(time: Time) -> None:
    bucket = Bucket(100, 10, clock=time, sleep=time.sleep)
    bucket.pause(30)
    bucket.pause(5)
    await bucket.take()
    assert time.now == pytest.approx(1030)


async def test_somebody_cancelled_while_waiting_has_used_no_turn(time: Time) -> None:
    bucket = Bucket(1, clock=time, sleep=time.sleep)
    await bucket.take()
    time.stands = asyncio.Event()
    waiting = asyncio.create_task(bucket.take())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    time.now, time.stands = time.now + 1, None
    await bucket.take()
    assert time.slept == []


async def test_a_platform_may_ask_to_go_slower(time: Time) -> None:
    bucket = Bucket(10, clock=time, sleep=time.sleep)
    await bucket.take()
    bucket.rate = 0.5
    await bucket.take()
    assert time.now == pytest.approx(1002)


def test_a_window_counts_what_is_not_too_long_ago(time: Time) -> None:
    window = Window(600, clock=time)
    window.add()
    time.now += 599
    window.add()
    assert len(window) == 2
    time.now += 1
    assert len(window) == 1
    time.now += 600
    assert len(window) == 0
