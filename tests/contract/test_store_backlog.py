"""What every store says of what waits, for whoever watches."""

from dataclasses import replace

from bot.model import Address, Backlog, Queue, Receipt
from bot.ports import Store
from tests.making import HOUR, NOON, ROOM, edition, frozen, paper, pending, rest, subscribe

OTHER = Address("slack", "lab", "random")


async def of(store: Store, platform: str = "terminal", now: int = NOON) -> Queue:
    return next(q for q in (await store.outbox.backlog(now)).queues if q.platform == platform)


async def test_where_nothing_is_nothing_waits(store: Store) -> None:
    assert await store.outbox.backlog(NOON) == Backlog()


async def test_papers_that_wait_for_matching_are_counted_until_they_are_matched(store: Store) -> None:
    await store.papers.ingest(edition(paper(1), paper(2)), NOON)
    assert await store.outbox.backlog(NOON) == Backlog(papers=2, unmatched=2)
    await store.outbox.plan(await store.outbox.unmatched(10), [], [], NOON)
    assert await store.outbox.backlog(NOON) == Backlog(papers=2)


async def test_each_platform_has_its_own_count_of_what_waits_and_what_is_due(store: Store) -> None:
    await pending(store, 1, 2)
    await pending(store, 3, subscription=await subscribe(store, where=OTHER), due=NOON + HOUR)
    assert (await store.outbox.backlog(NOON)).subscriptions == 2
    assert await of(store) == Queue(platform="terminal", targets=1, pending=2, due=2, oldest_due=NOON)
    assert await of(store, "slack") == Queue(platform="slack", targets=1, pending=1)
    later = await of(store, "slack", NOON + 2 * HOUR)
    assert (later.due, later.oldest_due) == (1, NOON + HOUR)


async def test_of_messages_to_one_target_only_the_first_can_be_due(store: Store) -> None:
    made = await subscribe(store)
    for number in (1, 2):
        await frozen(store, number, nonce=f"n{number}", subscription=made)
    queue = await of(store)
    assert (queue.pending, queue.messages, queue.due, queue.oldest_due) == (0, {"ready": 2}, 1, NOON)


async def test_what_is_being_sent_waits_no_more_until_its_lease_is_over(store: Store) -> None:
    await frozen(store, 1)
    await store.outbox.claim("terminal", NOON, 30_000, 10)
    assert replace(await of(store), targets=0) == Queue(platform="terminal", messages={"sending": 1})
    assert (await of(store, now=NOON + 30_000)).due == 1


async def test_what_was_sent_is_counted_no_more(store: Store) -> None:
    message = await frozen(store, 1)
    await store.outbox.claim("terminal", NOON, 30_000, 10)
    await store.outbox.sent(message, Receipt("1"), NOON)
    assert await of(store) == Queue(platform="terminal", targets=1)


async def test_what_is_for_a_target_that_takes_no_posts_waits_without_being_due(store: Store) -> None:
    await frozen(store, 1)
    target = await store.subscriptions.target(ROOM)
    await store.outbox.suspend(target.id, "it was archived", NOON)
    assert await of(store) == Queue(platform="terminal", targets=1, suspended=1, messages={"suspended": 1})
    await store.outbox.resume(target.id, NOON)
    await rest(store, True)
    assert await of(store) == Queue(platform="terminal", targets=1, messages={"ready": 1})
