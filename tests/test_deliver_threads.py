"""A post with its papers in its thread, on its way."""

import random
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.delivering import OTHER, ROOM, Bench, bench_in, fault


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
    said = [(answered, text) for answered, text in threads(bench) if "no longer post" not in text]
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
