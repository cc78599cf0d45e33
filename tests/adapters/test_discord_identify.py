"""The budget of sessions: crash loops slow down, and the last sessions of a day are never used up."""

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.discord.identify import (
    APART,
    FREE_STARTS,
    HOUR,
    MINUTE,
    Allowance,
    Budget,
    ExhaustedError,
    allowance,
    pause,
)
from bot.ports import Notes
from tests.adapters.at_discord import AskedCore, adapter, until
from tests.standins import discord as standin

NOW = 1_795_435_200_000


class Night:
    """A clock that sleeping moves, and what was slept."""

    def __init__(self) -> None:
        self.now = NOW
        self.slept: list[float] = []

    def __call__(self) -> int:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += round(seconds * 1000)


def of(remaining: int = 1000, shards: int = 1, total: int = 1000, reset_after: float = 3600) -> Allowance:
    return Allowance(shards, total, remaining, reset_after)


def test_the_first_starts_of_an_hour_need_not_wait() -> None:
    assert pause([], NOW) == 0
    assert pause([NOW - 1] * (FREE_STARTS - 1), NOW) == 0
    assert pause([NOW - 1] * FREE_STARTS, NOW) == APART - 1
    assert pause([NOW - HOUR - 1] * 10, NOW) == 0


@given(st.lists(st.integers(-24 * HOUR, 24 * HOUR), max_size=50))
def test_no_start_waits_much_longer_than_a_minute_whatever_the_clock_was(ago: list[int]) -> None:
    assert 0 <= pause([NOW - at for at in ago], NOW) <= APART


async def test_a_crash_loop_begins_at_most_one_session_a_minute(notes: Notes) -> None:
    night = Night()
    began = []
    for _ in range(20):
        budget = Budget(notes, night, night.sleep)  # a new process each time
        await budget.start()
        await budget.admit(of())
        night.now += 7_000  # the way to a session is long, and nobody is killed before it
        await budget.spend(first=True)
        began.append(night.now)
    gaps = [later - earlier for earlier, later in pairwise(began)]
    assert gaps[: FREE_STARTS - 1] == [7_000] * (FREE_STARTS - 1)
    assert all(MINUTE < gap <= APART + 7_000 for gap in gaps[FREE_STARTS - 1 :])


async def test_setting_the_clock_back_does_not_make_a_crash_loop_forget_its_starts(notes: Notes) -> None:
    night = Night()
    for _ in range(20):
        await Budget(notes, night, night.sleep).start()
        night.now -= 2 * HOUR
    assert sum(night.slept) >= (20 - FREE_STARTS) * MINUTE / 1000


async def test_a_clock_that_is_set_while_somebody_waits_prolongs_that_by_a_minute_at_most(notes: Notes) -> None:
    night = Night()
    for _ in range(FREE_STARTS):
        await Budget(notes, night, night.sleep).start()

    async def sleep(seconds: float) -> None:
        if not night.slept:
            night.now -= 5 * HOUR
        await night.sleep(seconds)

    await Budget(notes, night, sleep).start()
    assert MINUTE / 1000 <= sum(night.slept) <= 2 * APART / 1000


async def test_a_torn_hour_later_everything_is_as_at_first(notes: Notes) -> None:
    night = Night()
    for _ in range(5):
        await Budget(notes, night, night.sleep).start()
    night.now += HOUR + 1
    night.slept.clear()
    await Budget(notes, night, night.sleep).start()
    assert night.slept == []


def test_what_discord_says_is_read_as_it_says_it() -> None:
    limit = {"total": 1000, "remaining": 7, "reset_after": 14_400_000, "max_concurrency": 1}
    assert allowance({"shards": 9, "url": "", "session_start_limit": limit}) == Allowance(9, 1000, 7, 14_400)


@pytest.mark.parametrize(("remaining", "shards", "waits"), [(101, 1, False), (100, 1, True), (139, 40, True)])
async def test_the_reserve_is_left_alone_until_the_day_is_over(
    notes: Notes, remaining: int, shards: int, waits: bool
) -> None:
    night = Night()
    await Budget(notes, night, night.sleep).admit(of(remaining, shards))
    assert night.slept == ([3600] if waits else [])


async def test_a_session_beyond_the_budget_is_not_begun(notes: Notes) -> None:
    night = Night()
    budget = Budget(notes, night, night.sleep)
    await budget.admit(of(remaining=102))
    await budget.spend(first=True)
    await budget.spend(first=False)
    with pytest.raises(ExhaustedError):
        await budget.spend(first=False)


async def test_sessions_that_end_all_the_time_are_begun_ever_more_slowly(notes: Notes) -> None:
    night = Night()
    budget = Budget(notes, night, night.sleep)
    await budget.admit(of())
    for _ in range(6):
        await budget.spend(first=False)
    assert night.slept == [5, 5, 5, 50, 50, 50]


async def test_without_sessions_nothing_identifies_and_posts_could_still_go_out(notes: Notes) -> None:
    async with standin.Discord(identifies=50) as server:
        server.world.settings.shards = 48
        waiting: list[float] = []

        async def wait(seconds: float) -> None:
            waiting.append(seconds)
            await asyncio.Event().wait()

        async with adapter(server, notes, sleep=wait) as discord:
            running = asyncio.create_task(discord.run(AskedCore()))
            await until(lambda: waiting)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
        assert server.gateway.started == []
