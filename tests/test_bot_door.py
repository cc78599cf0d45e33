"""What a platform tells of its comings and goings, and what Paperboy does before anything else when it starts."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot import cadence, config, trials
from bot.bot import Bot, Door
from bot.errors import StoreError
from bot.model import Address, Target
from tests.delivering import OTHER, ROOM, Bench, bench_in, fault

REMOVED = "Paperboy was removed"
MEI = Address("fake", "lab", "mei", "person")


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with bench_in(tmp_path) as made:
        yield made


@pytest.fixture
async def bot(bench: Bench) -> AsyncIterator[Bot]:
    bot = Bot(config.read({}), bench.store, lambda: bench.now)
    bot.adapters["fake"] = bench.platform
    yield bot
    await bot.close()


async def at(bench: Bench, where: Address = ROOM) -> Target:
    found = await bench.store.subscriptions.find_target(where)
    assert found is not None
    return found


async def closed(bench: Bench) -> None:
    """A room that lost its rights, beside one that did not, and then the whole space is gone."""
    await bench.subscribe()
    await bench.subscribe(where=OTHER)
    bench.platform.refuses[ROOM.room] = fault("target")
    await bench.publish(1)
    await bench.deliver()


async def test_coming_back_resumes_what_rested_for_that_and_tries_what_rested_for_another_reason(
    bench: Bench, bot: Bot
) -> None:
    await closed(bench)
    door = Door(bot, "fake")
    await door.suspend("lab", "", REMOVED)
    await door.resume("lab", "", REMOVED)
    assert (await at(bench, OTHER)).suspended == ""
    assert ((await at(bench)).suspended, (await at(bench)).on_trial) == ("the platform said no", True)
    bench.platform.refuses.clear()
    await bench.deliver()
    assert (await at(bench)).suspended == ""
    assert bench.platform.said_in(ROOM) == ["rich: Graph learning 1"]


async def test_what_rests_in_a_space_is_asked_for_some_at_a_time_and_not_what_is_tried_no_more(
    bench: Bench, bot: Bot
) -> None:
    rooms = [Address("fake", "lab", f"#{number}") for number in range(trials.MOST + 3)]
    for room in rooms:
        target = await bench.subscribe(where=room)
        await bench.store.outbox.suspend(target, "closed", bench.now)
        if room in rooms[:2]:
            await bench.store.outbox.try_out(target, 0)
            await bench.store.outbox.suspend(target, "closed", bench.now)
    await Door(bot, "fake").retry("lab", "")
    many = []
    for later in (trials.PAUSE - 1, 1, 0, 0):
        bench.now += later
        await bot.tick()
        many.append(sum([(await at(bench, room)).on_trial for room in rooms]))
    assert many == [0, trials.MOST, trials.MOST + 1, trials.MOST + 1], "what was refused just now waits a little"
    await Door(bot, "fake").retry("lab", rooms[0].room)
    assert (await at(bench, rooms[0])).on_trial, "a word of one room is answered at once"


async def test_what_is_due_anyway_is_tried_once_when_it_is_asked_for_too(bench: Bench, bot: Bot) -> None:
    rooms = [Address("fake", "lab", f"#{number}") for number in range(3 * trials.MOST)]
    for room in rooms:
        target = await bench.subscribe(where=room)
        await bench.store.outbox.suspend(target, "closed", bench.now)
    bench.now += cadence.KEEP // 7
    await Door(bot, "fake").retry("lab", "")
    tried = []
    for _ in range(15):
        tried.append(await trials.step(bench.store, ["fake"], bench.now, bot.asked))
        for each in await bench.store.subscriptions.targets():
            if each.on_trial:
                await bench.store.outbox.suspend(each.id, "closed", bench.now)
        bench.now += 15_000
    assert tried == [trials.MOST] * 3 + [0] * 12


async def test_what_is_asked_for_is_not_forgotten_when_it_could_not_be_put_on_trial(bench: Bench, bot: Bot) -> None:
    class Full(type(bench.store.outbox)):  # type: ignore[misc]
        async def try_out(self, *_: object) -> bool:
            raise StoreError("the disk is full")

    await bench.store.outbox.suspend(await bench.subscribe(), "closed", bench.now)
    await Door(bot, "fake").retry("lab", "")
    bench.now += trials.PAUSE
    whole, bench.store.outbox = bench.store.outbox, Full(bench.store.outbox._db)  # type: ignore[attr-defined]
    with pytest.raises(StoreError):
        await trials.step(bench.store, ["fake"], bench.now, bot.asked)
    bench.store.outbox = whole
    assert await trials.step(bench.store, ["fake"], bench.now, bot.asked) == 1
    assert await trials.step(bench.store, ["fake"], bench.now, bot.asked) == 0


async def test_a_bot_that_starts_again_and_again_is_not_refused_at_every_start(bench: Bench, bot: Bot) -> None:
    await bench.subscribe()
    bench.platform.refuses[ROOM.room] = fault("target")
    await bench.publish(1)
    await bench.deliver()
    for _ in range(60):
        bench.now += 10_000
        bot.asked = trials.Asked()
        await Door(bot, "fake").retry("lab", "")
        await trials.step(bench.store, ["fake"], bench.now, bot.asked)
        await bench.deliver()
    assert bench.platform.said == [bench.platform.said_in(MEI)[0]]
    assert bench.platform.calls - 2 == 600_000 // trials.PAUSE


async def test_who_heard_that_a_room_was_closed_hears_that_paperboy_came_back_there(bench: Bench, bot: Bot) -> None:
    await closed(bench)
    bench.platform.refuses.clear()
    await Door(bot, "fake").resume("lab", "", "the platform said no")
    await bench.deliver()
    assert [said.partition(" in ")[0] for said in bench.platform.said_in(MEI)] == [
        "rich: I can no longer post",
        "rich: I can post",
    ]


async def test_a_token_that_dies_and_is_made_anew_leaves_nothing_untrue_to_tell(bench: Bench, bot: Bot) -> None:
    await bench.subscribe()
    bench.platform.refuses = {ROOM.room: fault("target"), "mei": fault("target")}
    await bench.publish(1)
    await bench.deliver()
    bench.platform.refuses.clear()
    bench.now += 2 * cadence.KEEP // 7
    await Door(bot, "fake").resume("lab", "", "the platform said no")
    await bench.deliver()
    await bench.deliver(60_000)
    assert bench.platform.said == ["rich: Graph learning 1"]


async def test_what_came_back_while_nobody_listened_is_tried_too_and_elsewhere_nothing_is(
    bench: Bench, bot: Bot
) -> None:
    await closed(bench)
    away = Address("fake", "school", "#papers")
    await bench.subscribe(where=away)
    await bench.store.outbox.suspend((await at(bench, away)).id, "closed", bench.now)
    door = Door(bot, "fake")
    await door.suspend("lab", "", REMOVED)
    await door.present({"lab", "school"}, REMOVED)
    assert (await at(bench, OTHER)).suspended == ""
    assert (await at(bench)).on_trial
    assert not (await at(bench, away)).on_trial, "at every start all that rests would be refused in the same second"


async def test_a_space_that_is_joined_while_all_are_compared_goes_on(bench: Bench, bot: Bot) -> None:
    spaces = [f"g{number}" for number in range(20)]
    for space in spaces:
        await bench.subscribe(where=Address("fake", space, "#papers"))
    door = Door(bot, "fake")
    compared = asyncio.create_task(door.present(set(), REMOVED))
    await asyncio.sleep(0)
    await door.resume(spaces[-1], "", REMOVED)
    await compared
    rest = {space for space in spaces if (await at(bench, Address("fake", space, "#papers"))).suspended}
    assert rest == set(spaces[:-1])


async def test_what_is_too_old_is_ended_before_anything_is_sent_at_a_start_and_after_a_sleep(
    bench: Bench, bot: Bot
) -> None:
    target = await bench.subscribe()
    for number in (1, 2):
        await bench.freeze(number)
        bench.now += cadence.KEEP + 1
        await bot.beat()
        assert bench.platform.said == []
        assert (await bench.state(target, number))[0] == "expired"
