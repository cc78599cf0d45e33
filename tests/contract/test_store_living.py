"""What every store promises about posts that are shown anew."""

from dataclasses import replace

from bot.model import Address, Receipt, Rework
from bot.ports import Store
from tests.making import NOON, draft, edition, frozen, paper, pending, subscribe

OTHER = Address("terminal", "lab", "random")


async def send(store: Store, now: int = NOON) -> None:
    for message in await store.outbox.claim("terminal", now, 30_000, 10):
        await store.outbox.sent(message.id, Receipt(f"receipt {message.id}"), now)


async def tell(store: Store, *numbers: int) -> None:
    await store.outbox.plan([], [], [], NOON, telling=[paper(n).key for n in numbers])


async def waiting(store: Store, since: int = NOON, limit: int = 10) -> list[Rework]:
    return await store.outbox.to_rework("terminal", since, limit)


async def test_a_sent_message_waits_with_what_it_carries_now_as_it_was_framed(store: Store) -> None:
    one, two, three = await pending(store, 1, 2, 3)
    message = await store.outbox.freeze(draft(two, one, folded=(three,), heading="Digest"), NOON)
    await send(store)
    await store.papers.ingest(edition(paper(1, votes=100)), NOON)
    await tell(store, 1)
    (found,) = await waiting(store)
    assert (found.message, found.kind, found.nonce, found.heading) == (message, "instant", "nonce", "Digest")
    assert (found.receipt, found.folded) == (f"receipt {message}", 1)
    assert [d.paper.key[-1] for d in found.shown] == ["2", "1"]
    assert found.shown[1].paper.facts.votes == 100
    assert found.target == await store.subscriptions.find_target(found.target.address)


async def test_each_is_shown_anew_once(store: Store) -> None:
    message = await frozen(store, 1)
    await send(store)
    await tell(store, 1)
    await store.outbox.reworked(message, "new")
    await tell(store, 1)
    assert await waiting(store) == []


async def test_what_is_not_sent_yet_waits_until_it_is(store: Store) -> None:
    await frozen(store, 1)
    await tell(store, 1)
    assert await waiting(store) == []
    await send(store)
    assert len(await waiting(store)) == 1


async def test_what_only_counts_a_paper_is_not_shown_anew_for_it(store: Store) -> None:
    one, two = await pending(store, 1, 2)
    await store.outbox.freeze(draft(one, folded=(two,)), NOON)
    await send(store)
    await tell(store, 2, 404)
    assert await waiting(store) == []


async def test_what_was_sent_too_long_ago_waits_no_more(store: Store) -> None:
    await frozen(store, 1)
    await send(store)
    await tell(store, 1)
    assert await waiting(store, NOON + 1) == []
    assert await waiting(store) == []


async def test_suspended_targets_and_those_that_want_none_are_left_alone(store: Store) -> None:
    here = await frozen(store, 1)
    there = await frozen(store, 2, subscription=await subscribe(store, where=OTHER))
    await send(store)
    await tell(store, 1, 2)
    assert [r.message for r in await waiting(store, limit=1)] == [here]
    first, second = [r.target for r in await waiting(store)]
    await store.outbox.suspend(first.id, "gone", NOON)
    assert [r.message for r in await waiting(store)] == [there]
    await store.subscriptions.prefer(second.id, lambda known: replace(known, living=False))
    assert await waiting(store) == []
    assert await store.outbox.to_rework("discord", NOON, 10) == []
