"""What every store promises about the queue: deliveries, frozen messages, leases, and every row's end."""

import asyncio
from dataclasses import replace

import pytest

from bot.errors import StaleError, StoreError
from bot.model import Address, Preferences, Reason, Receipt
from bot.ports import Store
from tests.making import DAY, HOUR, NOON, ROOM, always, draft, edition, frozen, paper, pending, planned, rest, subscribe

OTHER = Address("terminal", "lab", "random")
LEASE = 30_000
SERVED = ("terminal",)
WEEK = 7 * 24 * HOUR
TODAY = DAY.isoformat()


async def claim(store: Store, now: int = NOON, limit: int = 10) -> list[tuple[int, str]]:
    return [(m.id, m.state) for m in await store.outbox.claim("terminal", now, LEASE, limit)]


async def state(store: Store, number: int = 1, where: Address = ROOM) -> tuple[str, str]:
    target = await store.subscriptions.target(where)
    newest = (await store.outbox.trail(target.id, paper(number).key))[0]
    return newest.state, newest.detail


# --- planning ---------------------------------------------------------------------------------------------------------


async def test_a_paper_reaches_a_target_once_with_every_reason(store: Store) -> None:
    one, two = await subscribe(store, "one"), await subscribe(store, "two")
    await store.papers.ingest(edition(paper(1)), NOON)
    changes = await store.outbox.unmatched(10)
    assert await store.outbox.plan(changes, [planned(one), planned(two), planned(one)], [], NOON) == 1
    (delivery,) = await store.outbox.trail(one.target, paper(1).key)
    assert delivery.reasons == (planned(one).reason, planned(two).reason)
    assert delivery.paper == changes[0].paper
    assert (delivery.state, delivery.created, delivery.due) == ("pending", NOON, NOON)
    assert await store.outbox.unmatched(10) == []


async def test_another_occasion_is_another_delivery(store: Store) -> None:
    made = await subscribe(store)
    await store.papers.ingest(edition(paper(1)), NOON)
    why = Reason(subscription=0, number=0, query="votes>=5", terms=("votes>=5",))
    watch = planned(made, occasion="watch:votes>=5", reason=why)
    assert await store.outbox.plan([], [planned(made), watch], [], NOON) == 2
    newest, oldest = await store.outbox.trail(made.target, paper(1).key)
    assert (newest.occasion, oldest.occasion) == ("watch:votes>=5", "")
    assert newest.reasons == (watch.reason,)


async def test_a_pending_delivery_takes_the_further_reason_and_the_sooner_way_out(store: Store) -> None:
    one, two, three = [await subscribe(store, query) for query in ("one", "two", "three")]
    await store.papers.ingest(edition(paper(1)), NOON)
    digest = planned(one, kind="digest", due=NOON + 5 * HOUR, slot="2026-11-23T17:00")
    earlier = planned(two, kind="digest", due=NOON + 2 * HOUR, slot="2026-11-23T14:00")
    instant = planned(three, due=NOON + 3 * HOUR)
    expected = [
        ("digest", NOON + 5 * HOUR, "2026-11-23T17:00"),
        ("digest", NOON + 2 * HOUR, "2026-11-23T14:00"),
        ("instant", NOON + 3 * HOUR, ""),
    ]
    for number, (plan, wanted) in enumerate(zip((digest, earlier, instant), expected, strict=True), 1):
        assert await store.outbox.plan([], [plan], [], NOON) == (number == 1)
        (delivery,) = await store.outbox.trail(one.target, paper(1).key)
        assert (delivery.kind, delivery.due, delivery.slot) == wanted
        assert len(delivery.reasons) == number


async def test_a_folded_paper_that_a_digest_wants_goes_out_in_that_digest(store: Store) -> None:
    (delivery,) = await pending(store, 1)
    await store.outbox.fold([delivery.id], NOON + HOUR, "more 2026-11-23T13:00")
    weekly = await subscribe(store, "weekly")
    digest = planned(weekly, kind="digest", due=NOON + WEEK, slot="2026-11-30T12:00")
    await store.outbox.plan([], [digest], [], NOON)
    (found,) = await store.outbox.trail(delivery.target, delivery.paper.key)
    assert (found.kind, found.due, found.slot) == ("digest", NOON + WEEK, "2026-11-30T12:00")
    assert len(found.reasons) == 2


async def test_what_lost_its_subscription_before_it_was_due_comes_when_another_matches(store: Store) -> None:
    daily = await subscribe(store, "paper")
    (delivery,) = await pending(store, 1, subscription=daily, kind="digest", due=NOON + HOUR, slot="2026-11-23T13:00")
    await store.subscriptions.remove(daily.id)
    assert (await state(store))[0] == "expired"
    popular = await subscribe(store, "paper votes>=20")
    assert await store.outbox.plan([], [planned(popular, due=NOON + 5)], [], NOON + 5) == 1
    (again,) = await store.outbox.trail(popular.target, paper(1).key)
    assert again == replace(
        delivery, reasons=(planned(popular).reason,), kind="instant", due=NOON + 5, slot="", created=NOON + 5
    )
    assert await ripe(store, NOON + 5) == [["1"]]


async def test_what_waited_too_long_in_a_message_does_not_come_again(store: Store) -> None:
    await frozen(store, 1)
    await store.outbox.expire(NOON + 1, NOON + WEEK)
    late = await subscribe(store, "late")
    assert await store.outbox.plan([], [planned(late)], [], NOON + WEEK) == 0
    assert (await state(store))[0] == "expired"


async def test_a_subscription_that_is_gone_plans_nothing(store: Store) -> None:
    gone, stays = await subscribe(store, "gone"), await subscribe(store, "stays")
    await store.papers.ingest(edition(paper(1), paper(2)), NOON)
    await store.subscriptions.remove(gone.id)
    assert await store.outbox.plan([], [planned(gone, 1), planned(gone, 2), planned(stays, 2)], [], NOON) == 1
    assert await store.outbox.trail(gone.target, paper(1).key) == []
    (delivery,) = await store.outbox.trail(gone.target, paper(2).key)
    assert delivery.reasons == (planned(stays).reason,)


async def test_a_framed_delivery_is_left_alone(store: Store) -> None:
    message = await frozen(store, 1)
    late = await subscribe(store, "late")
    assert await store.outbox.plan([], [planned(late, due=0)], [], NOON) == 0
    (delivery,) = await store.outbox.trail(late.target, paper(1).key)
    assert (delivery.state, delivery.message, len(delivery.reasons)) == ("framed", message, 1)


async def test_planning_happens_whole_or_not_at_all(store: Store) -> None:
    made = await subscribe(store)
    await store.papers.ingest(edition(paper(1)), NOON)
    watch = await store.people.watch(made.target, paper(1).key, "votes>=5")
    waiting = await store.outbox.unmatched(10)
    with pytest.raises(StoreError):
        await store.outbox.plan(waiting, [planned(made, 1), planned(made, 404)], [watch.id], NOON)
    assert await store.outbox.unmatched(10) == waiting
    assert await store.outbox.trail(made.target, paper(1).key) == []
    assert await store.people.watching([paper(1).key]) == [watch]


async def test_a_paper_that_changed_while_it_was_matched_stays_unmatched(store: Store) -> None:
    await store.papers.ingest(edition(paper(1), paper(2)), NOON)
    waiting = await store.outbox.unmatched(10)
    await store.papers.ingest(edition(paper(1, votes=9)), NOON)
    await store.outbox.plan(waiting, [], [], NOON)
    (left,) = await store.outbox.unmatched(10)
    assert (left.paper.key, left.paper.facts.votes) == (paper(1).key, 9)


async def test_a_plan_for_a_target_that_is_gone_is_left_out(store: Store) -> None:
    made = await subscribe(store)
    await store.papers.ingest(edition(paper(1)), NOON)
    assert await store.outbox.plan([], [replace(planned(made), target=404), planned(made)], [], NOON) == 1


async def test_watches_that_fired_are_done(store: Store) -> None:
    made = await subscribe(store)
    await store.papers.ingest(edition(paper(1)), NOON)
    watch = await store.people.watch(made.target, paper(1).key, "votes>=5")
    await store.outbox.plan([], [], [watch.id], NOON)
    assert await store.people.watching([paper(1).key]) == []
    assert await store.people.watches(made.target) == [replace(watch, done=True)]


# --- what is due ------------------------------------------------------------------------------------------------------


async def ripe(store: Store, now: int = NOON, limit: int = 10) -> list[list[str]]:
    return [[d.paper.key[-1] for d in deliveries] for _, deliveries in await store.outbox.ripe(SERVED, now, limit)]


async def test_what_is_due_comes_by_target_oldest_first(store: Store) -> None:
    here, there = await subscribe(store), await subscribe(store, where=OTHER)
    await store.papers.ingest(edition(*map(paper, range(1, 5))), NOON)
    plans = [
        planned(there, 1, due=NOON - 3),
        planned(here, 2, due=NOON - 1),
        planned(here, 1, due=NOON - 2),
        planned(here, 3, due=NOON + 1),
    ]
    await store.outbox.plan([], plans, [], NOON)
    found = await store.outbox.ripe(SERVED, NOON, 10)
    assert [target.address for target, _ in found] == [OTHER, ROOM]
    assert await ripe(store) == [["1"], ["1", "2"]]
    assert await ripe(store, NOON + 1) == [["1"], ["1", "2", "3"]]


async def test_a_limit_never_cuts_what_is_due_at_one_target(store: Store) -> None:
    here, there = await subscribe(store), await subscribe(store, where=OTHER)
    await store.papers.ingest(edition(*map(paper, range(1, 5))), NOON)
    slot = {"kind": "digest", "slot": "2026-11-23T12:00"}
    await store.outbox.plan([], [planned(here, n, **slot) for n in (1, 2, 3)], [], NOON)
    await store.outbox.plan([], [planned(there, 4)], [], NOON)
    assert await ripe(store, limit=1) == [["1", "2", "3"]]


async def test_what_waits_for_a_platform_that_is_not_loaded_hides_nothing(store: Store) -> None:
    gone = await subscribe(store, where=Address("discord", "guild", "general"))
    await pending(store, 1, 2, 3, subscription=gone, due=NOON - HOUR)
    await pending(store, 4)
    assert await ripe(store, limit=2) == [["4"]]
    assert [len(due) for _, due in await store.outbox.ripe(("terminal", "discord"), NOON, 4)] == [3, 1]
    assert await store.outbox.ripe((), NOON, 10) == []


async def test_paused_and_suspended_places_get_nothing_and_lose_nothing(store: Store) -> None:
    (delivery,) = await pending(store, 1)
    target = delivery.target
    for until, takes in ((0, False), (NOON + 1, False), (NOON, True), (None, True)):
        await store.subscriptions.prefer(target, always(Preferences(paused_until=until)))
        assert (await ripe(store) == [["1"]]) is takes
    await rest(store, True)
    assert await ripe(store) == []
    await rest(store, False)
    await store.outbox.suspend(target, "gone", NOON)
    assert await ripe(store) == []
    await store.outbox.resume(target, NOON)
    assert await ripe(store) == [["1"]]


async def test_a_pending_delivery_can_be_postponed_and_a_framed_one_cannot(store: Store) -> None:
    one, two = await pending(store, 1, 2)
    await store.outbox.freeze(draft(two), NOON)
    await store.outbox.postpone({one.id: (NOON + HOUR, "2026-11-23T13:00"), two.id: (NOON + HOUR, "x")})
    assert await ripe(store) == []
    assert await ripe(store, NOON + HOUR) == [["1"]]
    (delivery,) = await store.outbox.trail(two.target, two.paper.key)
    assert (delivery.due, delivery.slot) == (two.due, "")


async def test_only_pending_instant_deliveries_are_folded(store: Store) -> None:
    instant, framed = await pending(store, 1, 2)
    (digest,) = await pending(store, 3, subscription=await subscribe(store, "x"), kind="digest", slot="s")
    await store.outbox.freeze(draft(framed), NOON)
    await store.outbox.fold([instant.id, framed.id, digest.id], NOON + HOUR, "fold-slot")
    kinds = [(await store.outbox.trail(instant.target, paper(n).key))[0] for n in (1, 2, 3)]
    assert [(d.kind, d.slot) for d in kinds] == [("fold", "fold-slot"), ("instant", ""), ("digest", "s")]
    assert kinds[0].due == NOON + HOUR


# --- freezing ---------------------------------------------------------------------------------------------------------


async def test_a_frozen_message_carries_its_deliveries(store: Store) -> None:
    one, two = await pending(store, 1, 2)
    message = await store.outbox.freeze(draft(one, folded=(two,)), NOON)
    shown, folded = [(await store.outbox.trail(one.target, d.paper.key))[0] for d in (one, two)]
    assert (shown.state, shown.message, shown.shown) == ("framed", message, True)
    assert (folded.state, folded.message, folded.shown) == ("framed", message, False)
    assert await ripe(store) == []


async def test_only_pending_deliveries_of_that_target_are_framed(store: Store) -> None:
    one, two = await pending(store, 1, 2)
    await store.outbox.freeze(draft(one), NOON)
    with pytest.raises(StaleError):
        await store.outbox.freeze(draft(two, one), NOON)
    with pytest.raises(StaleError):
        await store.outbox.freeze(draft(two, target=(await store.subscriptions.target(OTHER)).id), NOON)
    assert (await state(store, 2))[0] == "pending"
    assert (await store.outbox.tally()).messages == {"ready": 1}


async def test_what_lost_its_subscription_meanwhile_is_not_framed_and_the_rest_still_waits(store: Store) -> None:
    one, two = await subscribe(store, "one"), await subscribe(store, "two")
    (gone,), (kept,) = await pending(store, 1, subscription=one), await pending(store, 2, subscription=two)
    await store.subscriptions.remove(one.id)
    with pytest.raises(StaleError):
        await store.outbox.freeze(draft(gone, kept), NOON)
    assert (await store.outbox.tally()).messages == {}
    assert await ripe(store) == [["2"]]


async def test_a_used_slot_is_told_even_when_a_delivery_is_gone(store: Store) -> None:
    one, two = await pending(store, 1, 2)
    await store.outbox.freeze(draft(one, slot="2026-11-23T09:00"), NOON)
    assert await store.outbox.freeze(draft(one, two, slot="2026-11-23T09:00"), NOON) is None


async def test_a_slot_goes_out_once_per_target(store: Store) -> None:
    one, two, three = await pending(store, 1, 2, 3)
    (elsewhere,) = await pending(store, 4, subscription=await subscribe(store, where=OTHER))
    slot = "2026-11-23T09:00"
    assert await store.outbox.freeze(draft(one, slot=slot), NOON) is not None
    assert await store.outbox.freeze(draft(two, slot=slot), NOON) is None
    assert (await state(store, 2))[0] == "pending"
    assert await store.outbox.freeze(draft(elsewhere, slot=slot), NOON) is not None
    assert await store.outbox.freeze(draft(two), NOON) is not None
    assert await store.outbox.freeze(draft(three), NOON) is not None


async def test_posted_counts_what_was_framed_one_by_one_that_day(store: Store) -> None:
    first, second = await subscribe(store, "one"), await subscribe(store, "two")
    both, single, tomorrow, folded = await pending(store, 1, 2, 3, 4, subscription=first)
    (digest,) = await pending(store, 5, subscription=second, kind="digest", slot="s")
    await store.outbox.plan([], [planned(second, 1)], [], NOON)
    await store.outbox.freeze(draft(both, folded=(folded,)), NOON)
    await store.outbox.freeze(draft(single), NOON)
    await store.outbox.freeze(draft(tomorrow, day="2026-11-24"), NOON)
    await store.outbox.freeze(draft(digest, kind="digest", slot="s"), NOON)
    assert await store.outbox.posted(first.target, TODAY) == {0: 2, first.id: 2, second.id: 1}
    assert await store.outbox.posted(first.target, "2026-11-25") == {0: 0}
    ((oldest, _),) = await claim(store)
    await store.outbox.sent(oldest, Receipt("1"), NOON)
    assert await store.outbox.posted(first.target, TODAY, arrived=True) == {0: 1, first.id: 1, second.id: 1}


async def test_what_became_of_a_paper_tells_how_many_others_its_message_shows(store: Store) -> None:
    one, two, folded, waiting = await pending(store, 1, 2, 3, 4)
    await store.outbox.freeze(draft(one, two, folded=(folded,)), NOON)
    found = [(await store.outbox.trail(one.target, paper(n).key))[0].beside for n in (1, 2, 3, 4)]
    assert found == [1, 1, 2, 0]
    assert waiting.beside == 0


async def test_the_parts_of_a_digest_are_frozen_together_or_not_at_all(store: Store) -> None:
    one, two, three = await pending(store, 1, 2, 3)
    await store.outbox.freeze(draft(three), NOON)
    with pytest.raises(StaleError):
        await store.outbox.freeze(draft(one, slot="s"), NOON, [draft(two, three, slot="s part 2")])
    assert [d.state for d in await store.outbox.trail(one.target, one.paper.key)] == ["pending"]
    assert await store.outbox.freeze(draft(one, slot="s"), NOON, [draft(two, slot="s part 2")]) is not None
    assert [d.state for d in await store.outbox.trail(one.target, two.paper.key)] == ["framed"]


async def test_more_without_a_day_opens_what_still_waits_for_its_line(store: Store) -> None:
    one, two = await pending(store, 1, 2)
    await store.outbox.fold([two.id], NOON + HOUR, "more 2026-11-23T13:00")
    assert [d.id for d in await store.outbox.more(one.target, "")] == [two.id]


async def test_more_is_what_a_days_lines_stand_for(store: Store) -> None:
    one, two, three = await pending(store, 1, 2, 3)
    await store.outbox.freeze(draft(one, folded=(two,), day="2026-11-22"), NOON)
    await store.outbox.freeze(draft(folded=(three,)), NOON)
    assert [d.id for d in await store.outbox.more(one.target, "2026-11-22")] == [two.id]
    assert [d.id for d in await store.outbox.more(one.target, "")] == [three.id]
    assert await store.outbox.more(one.target, "2026-11-01") == []
    assert await store.outbox.more((await store.subscriptions.target(OTHER)).id, "") == []


# --- sending ----------------------------------------------------------------------------------------------------------


async def test_a_claim_hands_out_what_was_frozen_in_the_state_before(store: Store) -> None:
    message = await frozen(store, 1)
    (claimed,) = await store.outbox.claim("terminal", NOON + 5, LEASE, 10)
    assert (claimed.id, claimed.state, claimed.attempt, claimed.started) == (message, "ready", 1, NOON + 5)
    assert (claimed.payload, claimed.plain, claimed.nonce, claimed.address) == ("{}", "text", "nonce", ROOM)
    assert (claimed.kind, claimed.created, claimed.resent, claimed.degraded) == ("instant", NOON, 0, False)
    assert await claim(store) == []
    assert await store.outbox.claim("discord", NOON, LEASE, 10) == []


async def test_two_workers_never_get_the_same_message(store: Store) -> None:
    for number in range(1, 9):
        where = Address("terminal", "lab", f"room{number}")
        await frozen(store, number, subscription=await subscribe(store, where=where))
    taken = await asyncio.gather(*(claim(store, limit=3) for _ in range(4)))
    ids = [message for some in taken for message, _ in some]
    assert len(ids) == len(set(ids)) == 8


async def test_only_the_oldest_unfinished_message_of_a_target_moves(store: Store) -> None:
    first, second = await frozen(store, 1), await frozen(store, 2, subscription=await subscribe(store, "x"))
    other = await frozen(store, 3, subscription=await subscribe(store, where=OTHER))
    assert await claim(store) == [(first, "ready"), (other, "ready")]
    await store.outbox.again(first, NOON + HOUR, "later", ambiguous=False)
    assert await claim(store) == []
    assert await claim(store, NOON + HOUR) == [(first, "ready"), (other, "sending")]
    await store.outbox.sent(first, Receipt("r"), NOON + HOUR)
    assert await claim(store, NOON + HOUR) == [(second, "ready")]


async def test_a_message_for_a_paused_place_waits_as_it_is_until_posts_go_on(store: Store) -> None:
    message = await frozen(store, 1)
    target = (await store.subscriptions.target(ROOM)).id
    for until in (0, NOON + 1):
        await store.subscriptions.prefer(target, always(Preferences(paused_until=until)))
        assert await claim(store) == []
    await store.subscriptions.prefer(target, always(Preferences()))
    await rest(store, True)
    assert await claim(store) == []
    assert await state(store) == ("framed", "")
    await rest(store, False)
    await store.subscriptions.prefer(target, always(Preferences(paused_until=NOON, quiet=(0, 24 * 60 - 1))))
    assert await claim(store) == [(message, "ready")]


async def test_a_dead_message_does_not_block_its_lane(store: Store) -> None:
    first, second = await frozen(store, 1), await frozen(store, 2, subscription=await subscribe(store, "x"))
    await claim(store)
    await store.outbox.dead(first, "refused for good", NOON)
    assert await claim(store) == [(second, "ready")]
    assert await state(store, 1) == ("dead", "refused for good")


async def test_a_lease_that_ran_out_is_taken_over_as_sending(store: Store) -> None:
    message = await frozen(store, 1)
    await claim(store)
    assert await claim(store, NOON + LEASE - 1) == []
    (taken,) = await store.outbox.claim("terminal", NOON + LEASE, LEASE, 1)
    assert (taken.id, taken.state, taken.attempt, taken.started) == (message, "sending", 1, NOON)


async def test_what_its_claimer_has_under_way_is_not_taken_over_whatever_a_clock_says(store: Store) -> None:
    message = await frozen(store, 1)
    await claim(store)
    assert await store.outbox.claim("terminal", NOON + HOUR, LEASE, 9, {message, 99}) == []
    (taken,) = await store.outbox.claim("terminal", NOON + HOUR, LEASE, 9, {99})
    assert (taken.id, taken.state) == (message, "sending")


async def test_sent_ends_a_message_with_its_deliveries(store: Store) -> None:
    message = await frozen(store, 1)
    await claim(store)
    await store.outbox.sent(message, Receipt("42", "https://example.org/42"), NOON + 9)
    await store.outbox.sent(message, Receipt("43"), NOON + 10)
    (delivery,) = await store.outbox.trail((await store.subscriptions.target(ROOM)).id, paper(1).key)
    assert (delivery.state, delivery.sent_at) == ("sent", NOON + 9)
    assert await claim(store, NOON + WEEK) == []


async def test_an_unclear_send_comes_back_as_ambiguous(store: Store) -> None:
    message = await frozen(store, 1)
    await claim(store)
    await store.outbox.again(message, NOON + 5, "no answer", ambiguous=True, degraded=True)
    (taken,) = await store.outbox.claim("terminal", NOON + 5, LEASE, 1)
    assert (taken.state, taken.error, taken.degraded, taken.attempt) == ("ambiguous", "no answer", True, 2)
    await store.outbox.note_resend(message)
    await store.outbox.again(message, NOON + 6, "asked to wait", ambiguous=False, counts=False, degraded=True)
    (taken,) = await store.outbox.claim("terminal", NOON + 6, LEASE, 1)
    assert (taken.state, taken.attempt, taken.resent) == ("ready", 2, 1)
    assert (await store.outbox.tally()).resent == 1


async def test_what_ended_does_not_come_back(store: Store) -> None:
    sent, dead = await frozen(store, 1), await frozen(store, 2, subscription=await subscribe(store, where=OTHER))
    await claim(store)
    await store.outbox.sent(sent, Receipt("r"), NOON)
    await store.outbox.dead(dead, "no", NOON)
    for message in (sent, dead):
        await store.outbox.again(message, NOON, "too late", ambiguous=True)
        await store.outbox.dead(message, "too late", NOON)
    assert await claim(store) == []
    assert [await state(store, 1), await state(store, 2, OTHER)] == [("sent", ""), ("dead", "no")]


# --- suspending, resuming, expiring -----------------------------------------------------------------------------------


async def test_a_suspended_target_is_left_alone_until_it_is_resumed(store: Store) -> None:
    message = await frozen(store, 1)
    target = await store.subscriptions.target(ROOM)
    await store.outbox.suspend(target.id, "the channel is gone", NOON)
    await store.outbox.suspend(target.id, "again", NOON + 1)
    suspended = await store.subscriptions.find_target(ROOM)
    due = NOON + 24 * HOUR
    assert suspended == replace(target, suspended="the channel is gone", suspended_at=NOON, trial_due=due)
    assert await claim(store) == []
    assert await state(store) == ("suspended", "the channel is gone")
    assert await store.outbox.resume(target.id, NOON)
    assert not await store.outbox.resume(target.id, NOON)
    assert await store.subscriptions.find_target(ROOM) == target
    assert await state(store) == ("framed", "")
    assert await claim(store) == [(message, "ready")]


@pytest.mark.parametrize("under_way", ["sending", "ambiguous"])
async def test_what_may_have_arrived_is_ambiguous_after_a_resume(store: Store, under_way: str) -> None:
    message = await frozen(store, 1)
    await claim(store)
    if under_way == "ambiguous":
        await store.outbox.again(message, NOON, "no answer", ambiguous=True)
    target = (await store.subscriptions.target(ROOM)).id
    await store.outbox.suspend(target, "no right to post", NOON)
    await store.outbox.resume(target, NOON)
    if under_way == "sending":
        assert await claim(store) == [], "somebody is still at it"
    assert await claim(store, NOON + LEASE) == [(message, "ambiguous")]


async def test_a_refusal_that_arrives_after_the_suspension_still_counts(store: Store) -> None:
    message = await frozen(store, 1)
    await claim(store)
    target = (await store.subscriptions.target(ROOM)).id
    await store.outbox.suspend(target, "no right to post", NOON)
    await store.outbox.again(message, NOON, "no right to post", ambiguous=False)
    assert await claim(store) == []
    await store.outbox.resume(target, NOON)
    assert await claim(store) == [(message, "ready")]


async def test_everything_unsent_expires_with_a_reason(store: Store) -> None:
    (waiting,) = await pending(store, 1)
    target = waiting.target
    tried = await frozen(store, 2, subscription=await subscribe(store, "x"))
    await claim(store)
    await store.outbox.again(tried, NOON, "the server is down", ambiguous=False)
    assert await store.outbox.expire(NOON, NOON + WEEK) == 0
    assert await store.outbox.expire(NOON + 1, NOON + WEEK) == 2
    assert await state(store, 2) == ("expired", "waited 7 days: the server is down")
    assert (await state(store, 1))[1].startswith("waited 7 days: ")
    assert await claim(store, NOON + WEEK) == []
    assert await store.outbox.ripe(SERVED, NOON + WEEK, 10) == []
    assert await store.outbox.expire(NOON + 1, NOON + WEEK) == 0
    assert (await store.outbox.tally()).deliveries == {"expired": 2}
    assert [d.state for d in await store.outbox.trail(target, paper(1).key)] == ["expired"]


async def test_what_waits_at_a_suspended_target_expires_for_that_reason(store: Store) -> None:
    message = await frozen(store, 1)
    (waiting,) = await pending(store, 2, subscription=await subscribe(store, "x"))
    await store.outbox.suspend(waiting.target, "the channel is gone", NOON)
    assert await store.outbox.expire(NOON + 1, NOON + WEEK) == 2
    assert {await state(store, 1), await state(store, 2)} == {("expired", "waited 7 days: the channel is gone")}
    await store.outbox.resume(waiting.target, NOON)
    assert await claim(store) == []
    await store.outbox.sent(message, Receipt("it was there after all"), NOON)
    assert await state(store, 1) == ("sent", "")


@pytest.mark.parametrize(
    ("paused_until", "space_paused", "reason"),
    [
        (None, False, "it could not be posted"),
        (NOON + HOUR, False, "it could not be posted"),
        (0, True, "posts were paused here"),
        (NOON + 2 * WEEK, False, "posts were paused here"),
        (None, True, "all posts of the space were paused"),
    ],
)
async def test_what_expires_says_so_truly(
    store: Store, paused_until: int | None, space_paused: bool, reason: str
) -> None:
    await frozen(store, 1)
    (waiting,) = await pending(store, 2, subscription=await subscribe(store, "x"))
    await store.subscriptions.prefer(waiting.target, always(Preferences(paused_until=paused_until)))
    await rest(store, space_paused)
    assert await store.outbox.expire(NOON + 1, NOON + WEEK) == 2
    assert {await state(store, 1), await state(store, 2)} == {("expired", f"waited 7 days: {reason}")}


async def test_what_is_being_sent_and_what_is_not_due_yet_do_not_expire(store: Store) -> None:
    await frozen(store, 1)
    await pending(store, 2, subscription=await subscribe(store, "x"), kind="digest", due=NOON + WEEK, slot="s")
    await claim(store, NOON + WEEK)
    assert await store.outbox.expire(NOON + WEEK, NOON + WEEK) == 0


# --- looking ----------------------------------------------------------------------------------------------------------


async def test_counts_are_of_one_space_or_of_everything(store: Store) -> None:
    await frozen(store, 1)
    await pending(
        store, 2, 3, subscription=await subscribe(store, where=Address("terminal", "other", "x")), due=NOON + 7
    )
    everything, platform, lab, other, none = [
        await store.outbox.tally(*scope)
        for scope in ((), ("terminal",), ("terminal", "lab"), ("terminal", "other"), ("terminal", ""))
    ]
    assert platform == everything
    assert (everything.papers, everything.subscriptions, everything.targets) == (3, 2, 2)
    assert everything.deliveries == {"framed": 1, "pending": 2}
    assert (lab.subscriptions, lab.deliveries, lab.messages, lab.oldest_due) == (1, {"framed": 1}, {"ready": 1}, NOON)
    assert (other.deliveries, other.messages, other.oldest_due) == ({"pending": 2}, {}, NOON + 7)
    assert (none.papers, none.targets, none.deliveries, none.oldest_due) == (3, 0, {}, 0)


async def test_counts_can_be_of_channels_or_of_one_room_alone(store: Store) -> None:
    await frozen(store, 1)
    alone = Address("terminal", "lab", "ada", "person")
    await pending(store, 2, 3, subscription=await subscribe(store, where=alone))
    channels = await store.outbox.tally("terminal", "lab", kind="channel")
    assert (channels.subscriptions, channels.targets, channels.deliveries) == (1, 1, {"framed": 1})
    own = await store.outbox.tally("terminal", "lab", kind="person", room="ada")
    assert (own.subscriptions, own.targets, own.deliveries) == (1, 1, {"pending": 2})
    assert (await store.outbox.tally("terminal", "lab", kind="person", room="bob")).targets == 0


async def test_problems_are_what_died_or_waits_for_another_try(store: Store) -> None:
    dead = await frozen(store, 1)
    await claim(store)
    await store.outbox.dead(dead, "refused", NOON)
    retried = await frozen(store, 2, subscription=await subscribe(store, "x"))
    fine = await frozen(store, 3, subscription=await subscribe(store, "y"))
    await claim(store)
    await store.outbox.again(retried, NOON, "no answer", ambiguous=True)
    target = (await store.subscriptions.target(ROOM)).id
    found = await store.outbox.recent_problems(target, 5)
    assert [(m.id, m.state, m.error) for m in found] == [(retried, "ambiguous", "no answer"), (dead, "dead", "refused")]
    assert [m.id for m in await store.outbox.recent_problems(target, 1)] == [retried]
    assert fine not in {m.id for m in found}
    assert await store.outbox.recent_problems((await store.subscriptions.target(OTHER)).id, 5) == []
    await store.outbox.expire(NOON + 1, NOON + LEASE)
    ended = [(m.state, m.error) for m in await store.outbox.recent_problems(target, 5)]
    assert ended == [("expired", "waited 1 day: it could not be posted"), ("expired", "waited 1 day: no answer"),
                     ("dead", "refused")]  # fmt: skip
