"""A post with its papers in its thread, on its way; and who is told when a channel takes no posts any more."""

import random
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bot import deliver
from bot.model import Address, Preferences
from tests.delivering import OTHER, ROOM, Bench, bench_in, fault

MEI = Address("fake", "lab", "mei", "person")
GONE = (
    "rich: I can no longer post in #papers: the platform said no. Nothing is lost: what matched waits up to 7 days."
    " When it is mended, type any /papers command there."
)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with bench_in(tmp_path) as made:
        yield made


# --- threads ----------------------------------------------------------------------------------------------------------


def threads(bench: Bench) -> list[tuple[str, str]]:
    """What was said, each with what it answers."""
    by_receipt = {str(number): message.payload for number, message in enumerate(bench.platform.accepted, 1)}
    return [(by_receipt.get(m.reply_to, m.reply_to), m.payload) for m in bench.platform.accepted]


async def test_papers_go_into_the_thread_of_a_quiet_post_and_the_next_post_follows(bench: Bench) -> None:
    target = await bench.subscribe(format="thread")
    await bench.freeze(1, 2)
    await bench.freeze(3)
    assert await bench.deliver() == 5
    assert threads(bench) == [
        ("", "rich: 2 new papers"),
        ("rich: 2 new papers", "rich: Graph learning 1"),
        ("rich: 2 new papers", "rich: Graph learning 2"),
        ("", "rich: 1 new paper"),
        ("rich: 1 new paper", "rich: Graph learning 3"),
    ]
    assert len({message.nonce for message in bench.platform.accepted}) == 5
    assert {(await bench.state(target, n))[0] for n in (1, 2, 3)} == {"sent"}


async def test_a_post_that_never_arrives_takes_its_thread_with_it_and_the_next_goes_on(bench: Bench) -> None:
    target = await bench.subscribe(format="thread")
    await bench.freeze(1)
    await bench.freeze(2)
    bench.platform.before = [fault("payload"), fault("payload")]
    await bench.deliver()
    assert threads(bench) == [("", "rich: 1 new paper"), ("rich: 1 new paper", "rich: Graph learning 2")]
    assert await bench.state(target, 1) == ("dead", "the platform said no")
    assert (await bench.store.outbox.tally()).messages == {"dead": 2, "sent": 2}


async def test_a_suspended_thread_goes_on_where_it_was(bench: Bench) -> None:
    target = await bench.subscribe(format="thread")
    await bench.freeze(1, 2)
    bench.platform.before = [None, None, fault("target")]
    await bench.deliver()
    assert await bench.store.outbox.resume(target, bench.now)
    await bench.deliver()
    said = [said for said in threads(bench) if said[1] != GONE]
    assert said == [
        ("", "rich: 2 new papers"),
        ("rich: 2 new papers", "rich: Graph learning 1"),
        ("rich: 2 new papers", "rich: Graph learning 2"),
    ]


@pytest.mark.parametrize("seed", range(5))
async def test_under_random_faults_every_thread_arrives_once_and_in_order(bench: Bench, seed: int) -> None:
    chance = random.Random(seed)
    faults: list[Callable[[], Exception | None]] = [
        lambda: None,
        lambda: None,
        lambda: fault("ambiguous"),
        lambda: fault("temporary"),
        lambda: fault("busy", 3),
    ]
    await bench.subscribe(format="thread")
    await bench.subscribe(where=OTHER, format="thread")
    for number in range(1, 11):
        bench.platform.before = [chance.choice(faults)() for _ in range(6)]
        bench.platform.after = [chance.choice([None, None, fault("ambiguous")]) for _ in range(6)]
        await bench.publish(number)
        await bench.deliver(chance.choice([1, 60_000, 3_600_000]))
    bench.platform.before = bench.platform.after = []
    await bench.until_quiet()
    for where in (ROOM, OTHER):
        posts: list[str] = []
        papers: list[str] = []
        for (answered, said), message in zip(threads(bench), bench.platform.accepted, strict=True):
            if message.where == where:
                (papers if answered else posts).append(said)
                assert answered in {"", posts[-1]}
        assert papers == [f"rich: Graph learning {n}" for n in range(1, 11)]
        assert sum(int(post.split()[1]) for post in posts) == 10


# --- suspended channels -----------------------------------------------------------------------------------------------


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
        await bench.store.outbox.resume(target, bench.now)
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
    fresh = [await deliver.suspend(store, platform, target, why, bench.now, theirs) for why in ("gone", "deleted")]
    assert fresh == [True, False]
    await bench.deliver()
    assert [said.partition(". ")[0] for said in bench.platform.said] == ["rich: I can no longer post in #papers: gone"]
    [told] = [t for t in await store.subscriptions.targets() if t.address.kind == "person"]
    assert told.preferences == theirs, "who is told something first still begins as everybody does"
