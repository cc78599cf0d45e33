"""Who is told when a channel takes no posts any more."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot import deliver, notices
from bot.model import Address, Preferences
from tests.delivering import ROOM, Bench, bench_in, fault

MEI = Address("fake", "lab", "mei", "person")
GONE = (
    "rich: I can no longer post in #papers: the platform said no. Nothing is lost: what matched waits up to 7 days,"
    " and I try again every day. Once it is mended, any /papers command there lets me go on at once."
)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with bench_in(tmp_path) as made:
        yield made


async def test_those_who_subscribed_in_a_channel_are_told_once_that_it_takes_no_posts(bench: Bench) -> None:
    target = await bench.subscribe()
    await bench.subscribe("learning", owner="mei")
    await bench.subscribe("nothing", owner="")
    bench.platform.refuses[ROOM.room] = fault("target")
    await bench.publish(1)
    await bench.deliver()
    await bench.publish(2)
    await bench.deliver(deliver.HOUR)
    assert [(message.where, message.payload) for message in bench.platform.accepted] == [(MEI, GONE)]
    assert (await bench.state(target, 1))[0] == "suspended"


async def test_at_most_three_people_are_told(bench: Bench) -> None:
    for number, owner in enumerate(("a", "b", "a", "c", "d")):
        await bench.subscribe(f"graph {number}", owner=owner)
    await bench.subscribe("graph")
    bench.platform.refuses[ROOM.room] = fault("target")
    await bench.publish(1)
    await bench.deliver()
    assert [message.where.room for message in bench.platform.accepted] == ["a", "b", "c"]
    assert len({message.nonce for message in bench.platform.accepted}) == 3


async def test_a_channel_that_comes_and_goes_is_told_of_once_a_day(bench: Bench) -> None:
    target = await bench.subscribe()
    bench.platform.refuses[ROOM.room] = fault("target")
    await bench.publish(1)
    for later in (0, deliver.HOUR, 24 * deliver.HOUR):
        await bench.deliver(later)
        await bench.store.outbox.resume(target)
    assert bench.platform.said_in(MEI) == [GONE, GONE]
    assert len({message.nonce for message in bench.platform.accepted}) == 2


async def test_a_person_who_cannot_be_reached_is_not_told_so(bench: Bench) -> None:
    await bench.subscribe(where=MEI)
    bench.platform.refuses["mei"] = fault("target")
    await bench.publish(1)
    await bench.deliver()
    assert (await bench.store.outbox.tally()).messages == {"suspended": 1}
    assert (await bench.store.outbox.tally()).targets == 1


async def test_two_who_notice_at_once_tell_it_once(bench: Bench) -> None:
    await bench.subscribe()
    [target] = await bench.store.subscriptions.targets()
    store, platform, theirs = bench.store, bench.platform, Preferences(timezone="Europe/Berlin")
    fresh = [await notices.suspend(store, platform, target, why, bench.now, theirs) for why in ("gone", "deleted")]
    assert fresh == [True, False]
    await bench.deliver()
    assert [said.partition(". ")[0] for said in bench.platform.said] == ["rich: I can no longer post in #papers: gone"]
    [told] = [t for t in await store.subscriptions.targets() if t.address.kind == "person"]
    assert told.preferences == theirs, "who is told something first still begins as everybody does"
