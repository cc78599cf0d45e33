"""What every store promises about targets that take no posts: they rest, are tried, and go on."""

from dataclasses import replace

from bot.model import Address, Draft, Receipt, Target
from bot.ports import Store
from tests.making import HOUR, NOON, ROOM, frozen, paper, pending, subscribe

DAY = 24 * HOUR
OTHER = Address("terminal", "lab", "random")
READER = Address("terminal", "lab", "mei", "person")
LEASE = 30_000
GONE = "the channel is gone"


async def suspended(store: Store, where: Address = ROOM, reason: str = GONE, now: int = NOON) -> Target:
    target = await store.subscriptions.target(where)
    assert await store.outbox.suspend(target.id, reason, now)
    return await here(store, where)


async def notice(store: Store, what: str = "suspended", once: int = 1) -> Draft:
    """One for a reader elsewhere, of how the room stands."""
    target, slot = await store.subscriptions.target(READER), f"{what} {(await here(store)).id} {once}"
    return Draft(target=target.id, kind="notice", payload="{}", plain="", nonce=slot, slot=slot)


async def waits(store: Store) -> list[str]:
    """Notices that are claimed, in order."""
    found = []
    while claimed := await store.outbox.claim("terminal", NOON + 9 * DAY, LEASE, 10):
        for message in claimed:
            found += [message.nonce.split()[0]] if message.kind == "notice" else []
            await store.outbox.sent(message.id, Receipt("1"), NOON)
    return found


async def here(store: Store, where: Address = ROOM) -> Target:
    found = await store.subscriptions.find_target(where)
    assert found is not None
    return found


async def claim(store: Store, now: int = NOON + DAY) -> list[tuple[int, str]]:
    return [(m.id, m.state) for m in await store.outbox.claim("terminal", now, LEASE, 10)]


async def due(store: Store, now: int, limit: int = 10) -> list[str]:
    return [target.address.room for target in await store.outbox.trials(["terminal"], now, limit)]


async def state(store: Store, number: int = 1) -> tuple[str, str]:
    [newest] = await store.outbox.trail((await here(store)).id, paper(number).key)
    return newest.state, newest.detail


async def test_a_suspended_target_is_due_for_a_trial_after_a_day_the_one_that_waits_longest_first(store: Store) -> None:
    await suspended(store, OTHER, now=NOON + HOUR)
    await suspended(store)
    assert await due(store, NOON + DAY - 1) == []
    assert await due(store, NOON + DAY) == [ROOM.room]
    assert await due(store, NOON + DAY + HOUR) == [ROOM.room, OTHER.room]
    assert await due(store, NOON + DAY + HOUR, limit=1) == [ROOM.room]
    assert await store.outbox.trials(["slack"], NOON + 2 * DAY, 10) == []
    assert await store.outbox.trials([], NOON + 2 * DAY, 10) == []


async def test_on_trial_what_waits_goes_out_as_if_nothing_had_been(store: Store) -> None:
    message = await frozen(store, 1)
    target = await suspended(store)
    assert await claim(store) == []
    assert await store.outbox.try_out(target.id, NOON + 2 * DAY)
    tried = await here(store)
    assert (tried.on_trial, tried.suspended, tried.suspended_at) == (True, GONE, NOON)
    assert await state(store) == ("framed", "")
    assert await due(store, NOON + 9 * DAY) == [], "it is tried already"
    [claimed] = await store.outbox.claim("terminal", NOON + DAY, LEASE, 10)
    assert (claimed.id, claimed.state) == (message, "ready")


async def test_on_trial_what_is_due_is_frozen(store: Store) -> None:
    await pending(store, 1)
    target = await suspended(store)
    assert await store.outbox.ripe(["terminal"], NOON + DAY, 10) == []
    await store.outbox.try_out(target.id, NOON + 2 * DAY)
    [(place, deliveries)] = await store.outbox.ripe(["terminal"], NOON + DAY, 10)
    assert (place.on_trial, len(deliveries)) == (True, 1)


async def test_what_may_have_arrived_before_is_asked_about_on_trial(store: Store) -> None:
    message = await frozen(store, 1)
    await claim(store, NOON)
    target = await suspended(store)
    await store.outbox.again(message, NOON, "no answer", ambiguous=True)
    await store.outbox.try_out(target.id, NOON + 2 * DAY)
    assert await claim(store) == [(message, "ambiguous")]


async def test_only_what_is_suspended_and_not_on_trial_can_be_tried(store: Store) -> None:
    live = await store.subscriptions.target(OTHER)
    assert not await store.outbox.try_out(live.id, NOON + DAY)
    target = await suspended(store)
    assert await store.outbox.try_out(target.id, NOON + DAY)
    assert not await store.outbox.try_out(target.id, NOON + 5 * DAY)
    assert (await here(store)).trial_due == NOON + DAY
    assert await store.subscriptions.find_target(OTHER) == live


async def test_the_first_post_that_arrives_ends_the_suspension_and_is_told_once(store: Store) -> None:
    before = await store.subscriptions.target(ROOM)
    first, second = await frozen(store, 1), await frozen(store, 2, subscription=await subscribe(store, "two"))
    target = await store.subscriptions.target(ROOM)
    await store.outbox.suspend(target.id, GONE, NOON, [await notice(store)])
    await store.outbox.try_out(target.id, NOON + 2 * DAY)
    await claim(store)
    told = await notice(store, "resumed")
    assert await store.outbox.sent(first, Receipt("1"), NOON + DAY, [told])
    assert await here(store) == before
    claimed = await store.outbox.claim("terminal", NOON + DAY, LEASE, 10)
    assert [m.target for m in claimed] == [target.id], "what may have been heard goes first"
    assert not await store.outbox.sent(second, Receipt("2"), NOON + DAY, [await notice(store, "resumed", 2)])
    assert await waits(store) == ["suspended", "resumed"]


async def test_what_arrives_where_nothing_is_on_trial_resumes_nothing(store: Store) -> None:
    message = await frozen(store, 1)
    await claim(store, NOON)
    target = await suspended(store)
    assert not await store.outbox.sent(message, Receipt("1"), NOON, [await notice(store)])
    assert await here(store) == target
    assert (await store.outbox.tally()).messages == {"sent": 1}


async def test_a_refusal_ends_the_trial_and_keeps_why_and_since_when_it_rests(store: Store) -> None:
    message = await frozen(store, 1)
    target = await suspended(store)
    await store.outbox.try_out(target.id, NOON + 2 * DAY)
    await claim(store)
    assert not await store.outbox.suspend(target.id, "another reason", NOON + DAY)
    await store.outbox.again(message, NOON + DAY, "another reason", ambiguous=False)
    after = await here(store)
    assert (after.on_trial, after.suspended, after.suspended_at) == (False, GONE, NOON)
    assert await state(store) == ("suspended", GONE)
    assert await claim(store, NOON + DAY + LEASE) == []
    assert await due(store, NOON + 2 * DAY - 1) == []
    assert await due(store, NOON + 2 * DAY) == [ROOM.room]


async def test_a_trial_that_took_long_to_fail_is_not_followed_by_another_at_once(store: Store) -> None:
    target = await suspended(store)
    await store.outbox.try_out(target.id, NOON + 2 * DAY)
    await store.outbox.suspend(target.id, GONE, NOON + 20 * DAY)
    assert (await here(store)).trial_due == NOON + 21 * DAY


async def test_a_trial_that_is_put_off_goes_on(store: Store) -> None:
    message = await frozen(store, 1)
    target = await suspended(store)
    await store.outbox.try_out(target.id, NOON + 2 * DAY)
    await claim(store)
    await store.outbox.again(message, NOON + DAY + HOUR, "no answer", ambiguous=True)
    assert (await here(store)).on_trial
    assert await claim(store, NOON + DAY + HOUR) == [(message, "ambiguous")]


async def test_resuming_ends_a_trial(store: Store) -> None:
    before = await store.subscriptions.target(ROOM)
    target = await suspended(store)
    await store.outbox.try_out(target.id, NOON + 2 * DAY)
    assert await store.outbox.resume(target.id, NOON)
    assert await here(store) == before


async def test_on_trial_what_waited_too_long_expires_for_the_reason_of_the_suspension(store: Store) -> None:
    await frozen(store, 1)
    target = await suspended(store)
    await store.outbox.try_out(target.id, NOON + 8 * DAY)
    await store.outbox.expire(NOON + 1, NOON + 7 * DAY)
    assert await state(store) == ("expired", f"waited 7 days: {GONE}")


async def test_people_hear_of_a_suspension_when_it_begins_or_else_when_a_trial_of_it_fails(store: Store) -> None:
    target = await suspended(store)
    assert not await store.outbox.suspend(target.id, GONE, NOON, [await notice(store)])
    assert (await store.outbox.tally()).messages == {}, "it is no news where nothing was tried"
    await store.outbox.try_out(target.id, NOON + 2 * DAY)
    assert not await store.outbox.suspend(target.id, GONE, NOON + DAY, [await notice(store)])
    assert (await store.outbox.tally()).messages == {"ready": 1}
    await store.outbox.try_out(target.id, NOON + 3 * DAY)
    await store.outbox.suspend(target.id, GONE, NOON + 2 * DAY, [await notice(store, once=2)])
    assert (await store.outbox.tally()).messages == {"ready": 1}, "it was told before"
    assert await waits(store) == ["suspended"]
    await store.outbox.resume(target.id, NOON, [await notice(store, "resumed")])
    assert await waits(store) == ["resumed"]


async def test_a_suspension_that_is_over_before_it_could_be_told_is_told_no_more_nor_is_its_end(store: Store) -> None:
    target = await store.subscriptions.target(ROOM)
    await store.outbox.suspend(target.id, GONE, NOON, [await notice(store)])
    assert await store.outbox.resume(target.id, NOON + 1, [await notice(store, "resumed")])
    assert (await store.outbox.tally()).messages == {"expired": 1}
    reader = await store.subscriptions.target(READER)
    assert await store.outbox.recent_problems(reader.id, 9) == []
    await store.outbox.suspend(target.id, GONE, NOON + 2, [await notice(store, once=2)])
    await store.outbox.suspend(reader.id, "closed", NOON + 2)
    message = await frozen(store, 1)
    await store.outbox.try_out(target.id, NOON + 2 * DAY)
    assert await store.outbox.sent(message, Receipt("1"), NOON + 3, [await notice(store, "resumed", 2)])
    await store.outbox.resume(reader.id, NOON + 4)
    assert await waits(store) == [], "also where its reader took no posts meanwhile"


async def test_a_suspension_that_was_over_before_it_could_be_told_and_begins_anew_is_told(store: Store) -> None:
    target = await store.subscriptions.target(ROOM)
    for moment in (NOON, NOON + 2):
        await store.outbox.suspend(target.id, GONE, moment, [await notice(store)])
        await store.outbox.resume(target.id, moment + 1, [await notice(store, "resumed")])
    await store.outbox.suspend(target.id, GONE, NOON + 4, [await notice(store)])
    assert await waits(store) == ["suspended"]
    await store.outbox.resume(target.id, NOON + 5, [await notice(store, "resumed")])
    assert await waits(store) == ["resumed"]
    assert (await store.outbox.tally()).messages == {"expired": 2, "sent": 2}


async def test_an_end_that_could_not_be_told_before_posts_stop_anew_is_told_when_they_go_on(store: Store) -> None:
    target = await store.subscriptions.target(ROOM)
    await store.outbox.suspend(target.id, GONE, NOON, [await notice(store)])
    assert await waits(store) == ["suspended"]
    await store.outbox.resume(target.id, NOON, [await notice(store, "resumed")])
    await store.outbox.suspend(target.id, GONE, NOON)
    assert await waits(store) == []
    await store.outbox.resume(target.id, NOON, [await notice(store, "resumed", 2)])
    assert await waits(store) == ["resumed"]


async def test_a_reader_who_is_gone_keeps_neither_a_suspension_nor_what_arrived_from_being_noted(store: Store) -> None:
    message = await frozen(store, 1)
    target, nobody = await store.subscriptions.target(ROOM), replace(await notice(store), target=99)
    assert await store.outbox.suspend(target.id, GONE, NOON, [nobody, await notice(store)])
    assert (await store.outbox.tally()).messages == {"suspended": 1, "ready": 1}
    await store.outbox.try_out(target.id, NOON + 2 * DAY)
    await claim(store)
    gone = [replace(await notice(store, "resumed"), target=99)]
    assert await store.outbox.sent(message, Receipt("1"), NOON + DAY, gone)
    assert await state(store) == ("sent", "")


async def test_a_notice_that_was_used_already_tells_nothing_new(store: Store) -> None:
    target = await store.subscriptions.target(ROOM)
    for told in (["suspended"], []):
        assert await store.outbox.suspend(target.id, GONE, NOON, [await notice(store)])
        assert await waits(store) == told
        await store.outbox.resume(target.id, NOON, [await notice(store, "resumed")])
        assert await waits(store) == ["resumed" for _ in told]


async def test_what_is_to_be_tried_no_more_by_itself_is_never_due_and_can_be_tried_all_the_same(store: Store) -> None:
    target = await suspended(store)
    for _ in range(2):
        assert await store.outbox.try_out(target.id, 0)
        await store.outbox.suspend(target.id, GONE, NOON + DAY)
        assert (await here(store)).trial_due == 0
        assert await due(store, NOON + 900 * DAY) == []


async def test_matching_has_nothing_to_read_anew_when_posts_rest_are_tried_and_go_on(store: Store) -> None:
    message = await frozen(store, 1)
    version = await store.subscriptions.version()
    target = await suspended(store)
    await store.outbox.try_out(target.id, NOON + 2 * DAY)
    await claim(store)
    assert await store.outbox.sent(message, Receipt("1"), NOON + DAY)
    await store.outbox.suspend(target.id, GONE, NOON + DAY)
    await store.outbox.resume(target.id, NOON)
    assert await store.subscriptions.version() == version
