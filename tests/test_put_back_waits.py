"""A backup in the place of the database, and rooms that cannot be read just now: they wait, but not for ever."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from bot import deliver
from bot.errors import DeliveryError, Fault
from bot.model import Address
from bot.put_back import ABREAST, LONGEST, REST, ROUND, WAIT
from tests.delivering import NOW, ROOM, fault
from tests.putting_back import Remembering, Restored, many_rooms, restored


async def test_a_room_that_cannot_be_read_just_now_gets_nothing_until_it_can(tmp_path: Path) -> None:
    platform = Remembering()
    platform.shows(2, 3)
    platform.troubles = [fault("temporary"), fault("busy", retry_after=300)]
    async with restored(tmp_path, platform) as (bench, _):
        for later in (0, WAIT, WAIT, 300_000 - WAIT):
            await bench.deliver(later)
        assert (len(platform.asked), platform.said) == (3, [])


@pytest.mark.parametrize("restarts", [False, True], ids=["one process", "one a try"])
@pytest.mark.parametrize("later", [ROUND, LONGEST // 2], ids=["often", "seldom"])
async def test_a_room_that_can_never_be_read_gets_its_posts_in_the_end(
    tmp_path: Path, restarts: bool, later: int
) -> None:
    platform = Remembering()
    platform.troubles = [fault("temporary")] * 1000
    async with restored(tmp_path, platform) as (bench, _):
        await bench.deliver(24 * 60 * WAIT)
        for _ in range(LONGEST // ROUND):
            assert platform.said == []
            if restarts:
                bench.restart()
            await bench.deliver(later)
        assert platform.said == ["rich: Graph learning 2; Graph learning 3"]


async def test_a_platform_that_fails_is_left_alone_for_a_while_and_each_of_its_rooms_waits_its_time(
    tmp_path: Path,
) -> None:
    async with many_rooms(tmp_path, 5 * ABREAST) as (bench, platform):
        platform.troubles = [fault("temporary")] * 1000
        for round in range(1, 4):
            await bench.deliver(WAIT)
            assert len(platform.asked) == round * ABREAST
        assert len({where for where, _, _ in platform.asked}) == 3 * ABREAST, "the others have their turn"
        for _ in range(LONGEST // ROUND):
            await bench.deliver(ROUND)
        assert len(platform.accepted) == 5 * ABREAST


class Reached(Remembering):
    """Tells besides whether posts could be sent, unless it is ``down``."""

    down = True

    async def reach(self, where: Address) -> None:
        if self.down:
            raise fault("temporary")


async def out_for(bench: Restored, platform: Remembering, error: DeliveryError, ms: int) -> None:
    """Nothing can be read for so long, and everybody asks each minute."""
    platform.troubles = [error] * 10_000
    for _ in range(ms // WAIT):
        await bench.deliver(WAIT)


@pytest.mark.parametrize("restarts", [False, True], ids=["one process", "another one"])
@pytest.mark.parametrize(("made", "kind"), [(Remembering, "credential"), (Reached, "temporary"), (Reached, "busy")])
async def test_while_nothing_could_be_posted_either_no_room_is_given_up(
    tmp_path: Path, made: type[Remembering], kind: Fault, restarts: bool
) -> None:
    platform = made()
    platform.shows(2, 3)
    async with restored(tmp_path, platform) as (bench, _):
        await out_for(bench, platform, fault(kind), LONGEST + 60 * WAIT)
        if restarts:
            bench.restart()
        platform.troubles.clear()
        await bench.deliver(WAIT)
        assert platform.said == []


async def test_of_many_rooms_none_is_given_up_while_nothing_could_be_posted(tmp_path: Path) -> None:
    platform = Reached()
    async with many_rooms(tmp_path, 3 * ABREAST, platform) as (bench, _):
        await out_for(bench, platform, fault("temporary"), LONGEST + 60 * WAIT)
        assert platform.accepted == []


async def test_six_hours_are_those_in_which_it_could_be_posted(tmp_path: Path) -> None:
    platform = Reached()
    async with restored(tmp_path, platform) as (bench, _):
        for down, hours in ((False, 3), (True, 9), (False, 2)):
            platform.down = down
            await out_for(bench, platform, fault("temporary"), hours * 60 * WAIT)
            assert platform.said == []
        platform.down = False
        await out_for(bench, platform, fault("temporary"), 61 * WAIT)
        assert platform.said == ["rich: Graph learning 2; Graph learning 3"]


@pytest.mark.parametrize("kind", ["temporary", "busy"])
async def test_a_clock_that_is_set_back_makes_no_rest_longer(tmp_path: Path, kind: Fault) -> None:
    async with many_rooms(tmp_path, 1) as (bench, platform):
        await bench.subscribe(where=replace(ROOM, room="#later"))
        platform.troubles = [fault(kind)]
        await bench.deliver()
        before, bench.now = len(platform.asked), NOW - 24 * 60 * WAIT
        await bench.publish(11)
        await bench.deliver()
        assert len(platform.asked) > before


async def test_a_space_that_asks_us_to_wait_holds_up_no_other(tmp_path: Path) -> None:
    async with many_rooms(tmp_path, 2) as (bench, platform):
        elsewhere = replace(ROOM, space="elsewhere")
        await bench.subscribe(where=elsewhere)
        await bench.publish(10)
        platform.troubles = [fault("busy"), fault("busy")]
        await bench.deliver()
        assert [message.where for message in platform.accepted] == [elsewhere]
        await bench.deliver(WAIT)
        assert len(platform.accepted) == 3


async def test_a_platform_that_does_not_answer_holds_up_the_rest_for_a_step_at_most(tmp_path: Path) -> None:
    async with many_rooms(tmp_path, 100) as (bench, platform):
        platform.silent, other = True, Remembering()
        await bench.subscribe(where=replace(ROOM, platform="other"))
        await bench.publish(10)
        other.name = "other"
        bench.restart(step=0.2)
        async with asyncio.timeout(15):
            while await deliver.freeze_due(
                bench.store, {"fake": platform, "other": other}, bench.now, bench.memory.left
            ):
                pass
        assert (len(platform.asked), len(other.asked)) == (ABREAST, 1)


async def test_a_platform_rests_after_a_step_and_is_read_on(tmp_path: Path) -> None:
    async with many_rooms(tmp_path, 3 * ABREAST) as (bench, platform):
        bench.restart(step=1e-9)
        for rest, read in ((0, 1), (REST - 1, 1), (1, 2), (REST, 3)):
            await bench.deliver(rest)
            assert len(platform.asked) == read * ABREAST
        assert len(platform.accepted) == 3 * ABREAST
