"""Many targets at once: a slow one holds up nobody, none gets two at a time, and a stop loses nothing."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot import deliver
from bot.errors import StoreError
from bot.model import Address
from tests.delivering import OTHER, ROOM, Bench, bench_in, fault
from tests.making import HOUR


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with bench_in(tmp_path) as made:
        yield made


def room(number: int) -> Address:
    return Address("fake", "lab", f"#{number}")


def hold(bench: Bench, where: Address) -> asyncio.Event:
    return bench.platform.held.setdefault(where.room, asyncio.Event())


def drained(bench: Bench) -> asyncio.Task[int]:
    return asyncio.create_task(bench.sender.drain(lambda: bench.now))


async def test_a_slow_target_does_not_hold_up_what_others_have_waiting(bench: Bench) -> None:
    await bench.subscribe()
    await bench.subscribe(where=OTHER)
    for number in (1, 2, 3):
        await bench.freeze(number)
    slow = hold(bench, ROOM)
    draining = drained(bench)
    await bench.platform.until(lambda: len(bench.platform.said_in(OTHER)) == 3)
    assert bench.platform.said_in(ROOM) == []
    slow.set()
    assert await draining == 6
    in_order = [f"rich: Graph learning {n}" for n in (1, 2, 3)]
    assert bench.platform.said_in(ROOM) == bench.platform.said_in(OTHER) == in_order
    assert not bench.platform.crowded


async def test_what_is_frozen_while_a_slow_one_is_on_its_way_goes_out_as_well(bench: Bench) -> None:
    await bench.subscribe()
    await bench.subscribe("learning", where=OTHER)
    await bench.freeze(1)
    slow = hold(bench, ROOM)
    draining = drained(bench)
    await bench.platform.until(lambda: len(bench.platform.said_in(OTHER)) == 1)
    await bench.freeze(2)
    await bench.platform.until(lambda: len(bench.platform.said_in(OTHER)) == 2)
    slow.set()
    assert await draining == 4


async def test_so_many_are_on_their_way_and_the_next_is_taken_when_one_ends(bench: Bench) -> None:
    rooms = [room(n) for n in range(deliver.LANES + 3)]
    for where in rooms:
        await bench.subscribe(where=where)
    await bench.freeze(1)
    events = [hold(bench, where) for where in rooms]
    draining = drained(bench)
    await bench.platform.until(lambda: bench.platform.calls == deliver.LANES)
    events[0].set()
    await bench.platform.until(lambda: bench.platform.calls == deliver.LANES + 1)
    for event in events:
        event.set()
    assert await draining == len(rooms)
    assert bench.platform.busiest == deliver.LANES


async def test_a_retry_is_counted_from_when_the_try_ended(bench: Bench) -> None:
    await bench.subscribe()
    await bench.freeze(1)
    bench.platform.before = [fault("busy", 30)]
    slow = hold(bench, ROOM)
    draining = drained(bench)
    await bench.platform.until(lambda: bench.platform.calls == 1)
    bench.now += 8_000
    slow.set()
    assert await draining == 1
    assert await bench.deliver(29_999) == 0
    assert await bench.deliver(1) == 1


@pytest.mark.parametrize("leap", [deliver.LEASE + 1, 2 * HOUR, -2 * HOUR])
async def test_a_clock_that_is_set_while_a_message_is_on_its_way_sends_no_second_one(bench: Bench, leap: int) -> None:
    await bench.subscribe()
    await bench.subscribe(where=OTHER)
    await bench.freeze(1)
    slow, other = hold(bench, ROOM), hold(bench, OTHER)
    draining = drained(bench)
    await bench.platform.until(lambda: bench.platform.calls == 2)
    bench.now += leap
    other.set()
    await bench.platform.until(lambda: bool(bench.platform.said_in(OTHER)))
    await asyncio.sleep(0.05)  # whoever sends has looked for more to do
    slow.set()
    assert await draining == 2
    assert (bench.platform.calls, bench.platform.crowded) == (2, False)
    assert await bench.deliver(abs(leap)) == 0


async def test_a_stop_cuts_off_what_is_on_its_way_and_it_arrives_once(bench: Bench) -> None:
    target = await bench.subscribe()
    await bench.subscribe(where=OTHER)
    await bench.freeze(1)
    slow = hold(bench, ROOM)
    draining = drained(bench)
    await bench.platform.until(lambda: bench.platform.calls == 2)
    draining.cancel()
    with pytest.raises(asyncio.CancelledError):
        await draining
    assert bench.platform.busy.total() == 0
    assert (await bench.store.outbox.tally()).messages.get("sending", 0) >= 1
    slow.set()
    assert await bench.deliver() == 0
    await bench.deliver(deliver.LEASE)
    assert bench.platform.said_in(ROOM) == bench.platform.said_in(OTHER) == ["rich: Graph learning 1"]
    assert (await bench.state(target, 1))[0] == "sent"


async def test_a_failure_of_ours_lets_what_is_on_its_way_end(bench: Bench) -> None:
    await bench.subscribe()
    await bench.subscribe(where=OTHER)
    await bench.freeze(1)
    slow = hold(bench, OTHER)
    sent, store = bench.store.outbox.sent, bench.store

    class Outbox:
        def __getattr__(self, name: str) -> object:
            return getattr(store.outbox, name)

        async def sent(self, message: int, *more: object) -> None:
            slow.set()
            if message == 1:
                raise StoreError("The disk is full.")
            await sent(message, *more)  # type: ignore[arg-type]

    class Half:
        subscriptions, outbox = store.subscriptions, Outbox()

    bench.sender = deliver.Sender(Half(), bench.platform)  # type: ignore[arg-type]
    with pytest.raises(StoreError):
        await bench.deliver()
    assert (await bench.store.outbox.tally()).messages == {"sending": 1, "sent": 1}


async def test_when_the_bots_own_rights_are_gone_the_platform_rests_and_every_row_waits(bench: Bench) -> None:
    rooms = [room(n) for n in range(deliver.LANES + 8)]
    for where in rooms:
        bench.platform.refuses[where.room] = fault("credential")
        await bench.subscribe(where=where)
    await bench.freeze(1)
    assert await bench.deliver() == deliver.LANES
    assert await bench.deliver(deliver.CREDENTIAL_WAIT - 1) == 0
    bench.platform.refuses.clear()
    assert await bench.deliver(1) == len(rooms)
    assert len(bench.platform.accepted) == len(rooms)
