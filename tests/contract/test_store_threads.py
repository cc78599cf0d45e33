"""What every store promises about messages in threads, and about notices of a suspension."""

from dataclasses import replace
from typing import Any

import pytest

from bot.errors import StaleError
from bot.model import Delivery, Draft, Message, Person, Receipt
from bot.ports import Store
from tests.making import HOUR, NOON, ROOM, draft, frozen, pending, subscribe

MEI = Person("terminal", "lab", "mei")
LEASE = 30_000
WEEK = 7 * 24 * HOUR


def threaded(*shown: Delivery, nonce: str = "top", **more: Any) -> Draft:
    """A draft with two messages for its thread."""
    top = draft(*shown, nonce=nonce, **more)
    replies = (Draft(target=top.target, kind="reply", payload="{}", plain="text", nonce=f"{nonce} {n}") for n in (1, 2))
    return replace(top, replies=tuple(replies))


async def claim(store: Store, now: int = NOON) -> list[Message]:
    return await store.outbox.claim("terminal", now, LEASE, 10)


async def sent_in_order(store: Store, now: int = NOON) -> list[tuple[str, str]]:
    """Send everything: each message's nonce, with the receipt of what it answers."""
    said = []
    while claimed := await claim(store, now):
        for message in claimed:
            said.append((message.nonce, message.reply_to))
            await store.outbox.sent(message.id, Receipt(f"receipt of {message.nonce}"), now)
    return said


async def states(store: Store) -> dict[str, int]:
    return dict((await store.outbox.tally()).messages)


async def test_replies_come_right_behind_what_they_answer_and_know_its_receipt(store: Store) -> None:
    one, two, three = await pending(store, 1, 2, 3)
    await store.outbox.freeze(threaded(one), NOON, [threaded(two, nonce="part 2")])
    await store.outbox.freeze(draft(three, nonce="last"), NOON)
    assert await sent_in_order(store) == [
        ("top", ""),
        ("top 1", "receipt of top"),
        ("top 2", "receipt of top"),
        ("part 2", ""),
        ("part 2 1", "receipt of part 2"),
        ("part 2 2", "receipt of part 2"),
        ("last", ""),
    ]


async def test_papers_are_sent_when_the_message_is_whatever_becomes_of_its_thread(store: Store) -> None:
    (one,) = await pending(store, 1)
    await store.outbox.freeze(threaded(one), NOON)
    (top,) = await claim(store)
    await store.outbox.sent(top.id, Receipt("42"), NOON)
    (reply,) = await claim(store, NOON + 5)
    assert (reply.kind, reply.reply_to, reply.address) == ("reply", "42", ROOM)
    await store.outbox.dead(reply.id, "refused", NOON + 5)
    (second,) = await claim(store, NOON + 6)
    await store.outbox.sent(second.id, Receipt("44"), NOON + 6)
    (delivery,) = await store.outbox.trail(one.target, one.paper.key)
    assert (delivery.state, delivery.sent_at, delivery.message) == ("sent", NOON, top.id)
    assert [m.id for m in await store.outbox.recent_problems(one.target, 5)] == [reply.id]


async def test_what_answers_a_dead_message_ends_with_it_and_is_no_problem_of_its_own(store: Store) -> None:
    one, two = await pending(store, 1, 2)
    await store.outbox.freeze(threaded(one), NOON)
    await store.outbox.freeze(draft(two, nonce="next"), NOON)
    (top,) = await claim(store)
    await store.outbox.dead(top.id, "refused", NOON)
    assert await sent_in_order(store) == [("next", "")]
    assert await states(store) == {"dead": 3, "sent": 1}
    assert [(m.id, m.error) for m in await store.outbox.recent_problems(one.target, 5)] == [(top.id, "refused")]


async def test_what_answers_an_expired_message_ends_with_it(store: Store) -> None:
    (one,) = await pending(store, 1)
    await store.outbox.freeze(threaded(one), NOON)
    await store.outbox.suspend(one.target, "the channel is gone", NOON)
    assert await store.outbox.expire(NOON + 1, NOON + WEEK) == 1
    assert await states(store) == {"expired": 3}
    await store.outbox.resume(one.target, NOON)
    assert await sent_in_order(store, NOON + WEEK) == []


async def test_a_thread_waits_with_its_target_and_goes_on_where_it_was(store: Store) -> None:
    (one,) = await pending(store, 1)
    await store.outbox.freeze(threaded(one), NOON)
    (top,) = await claim(store)
    await store.outbox.sent(top.id, Receipt("42"), NOON)
    await claim(store)
    await store.outbox.suspend(one.target, "no right to post", NOON)
    assert await states(store) == {"sent": 1, "suspended": 2}
    await store.outbox.resume(one.target, NOON)
    (under_way,) = await claim(store, NOON + LEASE)
    assert (under_way.nonce, under_way.state, under_way.reply_to) == ("top 1", "ambiguous", "42")


async def test_a_slot_that_was_used_or_a_paper_that_is_gone_writes_no_replies(store: Store) -> None:
    one, two = await pending(store, 1, 2)
    await store.outbox.freeze(draft(one, slot="s"), NOON)
    assert await store.outbox.freeze(threaded(two, slot="s"), NOON) is None
    with pytest.raises(StaleError):
        await store.outbox.freeze(threaded(one), NOON)
    assert await states(store) == {"ready": 1}


async def test_people_forgotten_take_their_threads_with_them(store: Store) -> None:
    (one,) = await pending(store, 1, subscription=await subscribe(store, where=MEI.address))
    await store.outbox.freeze(threaded(one), NOON)
    await store.people.forget(MEI, MEI.address)
    assert await states(store) == {}


# --- notices ----------------------------------------------------------------------------------------------------------


async def a_notice(store: Store, slot: str = "notice 1") -> Draft:
    own = await store.subscriptions.target(MEI.address)
    return Draft(target=own.id, kind="notice", payload="{}", plain="text", nonce="notice", slot=slot)


async def test_a_suspension_is_told_with_it_and_only_when_it_is_new(store: Store) -> None:
    (one,) = await pending(store, 1)
    notice = await a_notice(store)
    assert await store.outbox.suspend(one.target, "gone", NOON, [notice])
    assert not await store.outbox.suspend(one.target, "still gone", NOON, [replace(notice, slot="notice 2")])
    (claimed,) = await claim(store)
    assert (claimed.kind, claimed.address, claimed.reply_to) == ("notice", MEI.address, "")
    await store.outbox.sent(claimed.id, Receipt("1"), NOON)
    assert (await store.outbox.tally()).deliveries == {"pending": 1}


async def test_a_notice_of_a_slot_that_was_used_is_left_out(store: Store) -> None:
    (one,) = await pending(store, 1)
    for _ in range(2):
        assert await store.outbox.suspend(one.target, "gone", NOON, [await a_notice(store)])
        await store.outbox.resume(one.target, NOON)
    assert await states(store) == {"ready": 1}


async def test_a_notice_for_somebody_who_cannot_be_reached_waits_like_a_post(store: Store) -> None:
    (one,) = await pending(store, 1)
    notice = await a_notice(store)
    await store.outbox.suspend(notice.target, "direct messages are closed", NOON)
    await store.outbox.suspend(one.target, "gone", NOON, [notice])
    assert await claim(store) == []
    await store.outbox.resume(notice.target, NOON)
    assert [m.nonce for m in await claim(store)] == ["notice"]


async def test_a_message_knows_what_its_room_is_called(store: Store) -> None:
    named = replace(ROOM, name="nlp-papers")
    await frozen(store, 1, subscription=await subscribe(store, where=named))
    (claimed,) = await claim(store)
    assert claimed.address.name == "nlp-papers"
