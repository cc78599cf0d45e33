"""What becomes of a message: the decision table, and the sender against a platform that fails in every way."""

import random
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bot import cadence, deliver
from bot.cards import Post
from bot.model import Message, Outgoing
from tests.delivering import OTHER, ROOM, Bench, Platform, bench_in, fault

MESSAGE = Message(
    id=1, target=1, address=ROOM, kind="instant", payload="{}", plain="", nonce="n", state="ready", attempt=1
)


# --- the decision table -----------------------------------------------------------------------------------------------


def test_a_target_that_is_gone_suspends_at_the_first_answer() -> None:
    assert deliver.verdict(MESSAGE, fault("target"), 0.5).fate == "suspend"


def test_a_refused_payload_is_tried_once_as_plain_text_and_is_then_dead() -> None:
    assert deliver.verdict(MESSAGE, fault("payload"), 0.5).fate == "plain"
    assert deliver.verdict(replace(MESSAGE, degraded=True), fault("payload"), 0.5).fate == "dead"


def test_being_asked_to_wait_is_not_an_attempt() -> None:
    asked = deliver.verdict(MESSAGE, fault("busy", 42), 0.5)
    assert (asked.fate, asked.wait, asked.counts) == ("again", 42_000, False)


def test_without_rights_of_our_own_the_whole_platform_rests() -> None:
    refused = deliver.verdict(MESSAGE, fault("credential"), 0.5)
    assert (refused.fate, refused.wait, refused.counts, refused.rests) == (
        "again",
        deliver.CREDENTIAL_WAIT,
        False,
        True,
    )
    assert not deliver.verdict(MESSAGE, fault("busy"), 0.5).rests


def test_a_failed_try_waits_longer_each_time_and_ends_as_dead_with_the_reason() -> None:
    waits = [deliver.verdict(replace(MESSAGE, attempt=n), fault("temporary"), 0.5).wait for n in range(1, 9)]
    assert waits == list(deliver.RETRIES[1:])
    last = deliver.verdict(replace(MESSAGE, attempt=9), fault("temporary"), 0.5)
    assert (last.fate, last.reason) == ("dead", "gave up after 9 tries: the platform said no")


def test_retries_are_spread_by_a_fifth_and_the_platforms_own_wish_wins() -> None:
    third = replace(MESSAGE, attempt=3)
    assert deliver.verdict(third, fault("temporary"), 0.0).wait == 240_000
    assert deliver.verdict(third, fault("temporary"), 1.0).wait == 360_000
    assert deliver.verdict(third, fault("temporary", 900), 0.0).wait == 900_000


def test_an_unclear_try_stays_unclear_whatever_the_next_one_says() -> None:
    assert deliver.verdict(MESSAGE, fault("ambiguous"), 0.5).ambiguous
    assert deliver.verdict(replace(MESSAGE, state="ambiguous"), fault("busy"), 0.5).ambiguous
    assert not deliver.verdict(MESSAGE, fault("temporary"), 0.5).ambiguous


# --- the sender -------------------------------------------------------------------------------------------------------


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with bench_in(tmp_path) as made:
        yield made


async def test_a_match_is_sent_once_and_its_delivery_says_so(bench: Bench) -> None:
    target = await bench.subscribe()
    await bench.publish(1)
    assert await bench.deliver() == 1
    assert await bench.deliver() == 0
    assert bench.platform.said == ["rich: Graph learning 1"]
    assert (await bench.state(target, 1))[0] == "sent"


async def test_an_answer_lost_after_accepting_is_found_again_and_not_repeated(bench: Bench) -> None:
    target = await bench.subscribe()
    await bench.publish(1)
    bench.platform.after = [fault("ambiguous")]
    await bench.deliver()
    await bench.deliver(deliver.MINUTE)
    assert len(bench.platform.accepted) == 1
    assert (await bench.state(target, 1))[0] == "sent"


async def test_a_message_goes_out_with_where_and_since_when_and_under_its_nonce(bench: Bench) -> None:
    await bench.subscribe()
    await bench.freeze(1)
    await bench.deliver(deliver.HOUR)
    [message] = bench.platform.accepted
    assert (message.where, message.since, message.reply_to, len(message.nonce)) == (ROOM, bench.now, "", 24)


async def test_it_is_looked_for_from_its_first_send_on_however_late_the_next_one_is(bench: Bench) -> None:
    await bench.subscribe()
    await bench.publish(1)
    bench.platform.before = [fault("temporary"), fault("temporary")]
    await bench.deliver(deliver.HOUR)
    first = bench.now
    await bench.deliver(deliver.HOUR)
    await bench.deliver(deliver.HOUR)
    [message] = bench.platform.accepted
    assert message.since == first


async def test_a_request_lost_before_accepting_is_sent_again_with_the_same_nonce(bench: Bench) -> None:
    await bench.subscribe()
    await bench.publish(1)
    bench.platform.before = [fault("ambiguous"), fault("temporary")]
    await bench.until_quiet()
    assert bench.platform.calls == 3
    assert len(bench.platform.accepted) == 1


async def test_a_crash_in_mid_send_is_reconciled_when_the_lease_has_run_out(bench: Bench) -> None:
    target = await bench.subscribe()
    await bench.publish(1)
    await deliver.freeze_due(bench.store, {"fake": bench.platform}, bench.now)
    [message] = await bench.store.outbox.claim("fake", bench.now, deliver.LEASE, 10)
    await bench.platform.send(Outgoing(where=message.address, payload=message.payload, nonce=message.nonce))
    assert await bench.deliver() == 0
    assert await bench.deliver(deliver.LEASE + 1) == 1
    assert len(bench.platform.accepted) == 1
    assert (await bench.state(target, 1))[0] == "sent"


async def test_crashes_use_up_no_tries(bench: Bench) -> None:
    target = await bench.subscribe()
    await bench.publish(1)
    await deliver.freeze_due(bench.store, {"fake": bench.platform}, bench.now)
    for _ in deliver.RETRIES:
        [message] = await bench.store.outbox.claim("fake", bench.now, deliver.LEASE, 10)
        assert message.attempt == 1
        bench.now += deliver.LEASE + 1
    bench.platform.before = [fault("temporary")]
    await bench.until_quiet()
    assert (await bench.state(target, 1))[0] == "sent"


async def test_where_history_cannot_be_read_a_repeat_is_risked_and_counted(bench: Bench) -> None:
    target = await bench.subscribe()
    await bench.publish(1)
    bench.platform.blind = True
    bench.platform.after = [fault("ambiguous")]
    await bench.until_quiet()
    assert len(bench.platform.accepted) == 2
    assert (await bench.store.outbox.tally()).resent == 1
    assert (await bench.state(target, 1))[0] == "sent"


async def test_where_history_cannot_be_read_nothing_is_lost_by_two_unclear_ends(bench: Bench) -> None:
    target = await bench.subscribe()
    await bench.publish(1)
    bench.platform.blind = True
    bench.platform.before = [fault("ambiguous"), fault("ambiguous")]
    await bench.until_quiet()
    assert len(bench.platform.accepted) == 1
    assert (await bench.store.outbox.tally()).resent == 2
    assert (await bench.state(target, 1))[0] == "sent"


async def test_a_crash_between_counting_a_risked_send_and_making_it_loses_nothing(bench: Bench) -> None:
    target = await bench.subscribe()
    await bench.publish(1)
    bench.platform.blind = True
    await deliver.freeze_due(bench.store, {"fake": bench.platform}, bench.now)
    [message] = await bench.store.outbox.claim("fake", bench.now, deliver.LEASE, 10)
    await bench.store.outbox.note_resend(message.id)
    assert await bench.deliver(deliver.LEASE + 1) == 1
    assert len(bench.platform.accepted) == 1
    assert (await bench.state(target, 1))[0] == "sent"


async def test_repeats_that_are_risked_have_an_end(bench: Bench) -> None:
    target = await bench.subscribe()
    await bench.publish(1)
    bench.platform.blind = True
    await deliver.freeze_due(bench.store, {"fake": bench.platform}, bench.now)
    for _ in range(deliver.MOST_RISKED):
        [message] = await bench.store.outbox.claim("fake", bench.now, deliver.LEASE, 10)
        await bench.store.outbox.note_resend(message.id)
        bench.now += deliver.LEASE + 1
    await bench.until_quiet()
    assert bench.platform.accepted == []
    state, detail = await bench.state(target, 1)
    assert state == "dead"
    assert "no telling whether it arrived" in detail


async def test_a_gone_channel_is_suspended_and_goes_on_where_it_was_when_it_is_back(bench: Bench) -> None:
    target = await bench.subscribe()
    await bench.publish(1, 2)
    bench.platform.before = [fault("target")]
    await bench.deliver()
    await bench.publish(3)
    assert await bench.deliver(deliver.HOUR) == 0
    assert (await bench.store.subscriptions.find_target(ROOM) or pytest.fail("no target")).suspended
    assert await bench.store.outbox.resume(target, bench.now)
    await bench.until_quiet()
    assert bench.platform.said_in(ROOM) == ["rich: Graph learning 1; Graph learning 2", "rich: Graph learning 3"]


async def test_a_refused_payload_goes_out_as_plain_text_and_does_not_hold_up_the_lane(bench: Bench) -> None:
    await bench.subscribe()
    await bench.publish(1)
    await bench.deliver()
    bench.platform.before = [fault("payload")]
    await bench.publish(2)
    await bench.deliver()
    await bench.publish(3)
    await bench.until_quiet()
    assert [said[:5] for said in bench.platform.said] == ["rich:", "plain", "rich:"]


async def test_messages_to_one_target_never_overtake_each_other(bench: Bench) -> None:
    await bench.subscribe()
    bench.platform.before = [fault("temporary")]
    await bench.publish(1)
    await bench.deliver()
    await bench.publish(2)
    assert await bench.deliver(1) == 0
    await bench.until_quiet()
    assert bench.platform.said == ["rich: Graph learning 1", "rich: Graph learning 2"]


async def test_a_target_in_trouble_does_not_hold_up_another(bench: Bench) -> None:
    await bench.subscribe()
    await bench.subscribe(where=OTHER)
    await bench.publish(1)
    bench.platform.before = [fault("temporary"), None]
    await bench.deliver()
    assert len(bench.platform.accepted) == 1


async def test_what_waited_seven_days_expires_with_the_reason(bench: Bench) -> None:
    target = await bench.subscribe()
    await bench.publish(1)
    bench.platform.before = [fault("target")]
    await bench.deliver()
    bench.now += cadence.KEEP + 1
    assert await bench.store.outbox.expire(bench.now - cadence.KEEP, bench.now) == 1
    state, detail = await bench.state(target, 1)
    assert state == "expired"
    assert "the platform said no" in detail


async def test_a_mistake_in_an_adapter_ends_in_a_verdict_and_not_in_a_loop(bench: Bench) -> None:
    target = await bench.subscribe()
    await bench.publish(1)
    bench.platform.before = [KeyError("oops")] * 20
    await bench.until_quiet()
    state, detail = await bench.state(target, 1)
    assert state == "dead"
    assert "KeyError" in detail
    assert bench.platform.calls == len(deliver.RETRIES)


async def test_an_unsubscribe_while_messages_are_frozen_stops_nobody_elses_posts(bench: Bench) -> None:
    target = await bench.subscribe()
    await bench.subscribe(where=OTHER)
    await bench.publish(1)
    ripe = await bench.store.outbox.ripe(["fake"], bench.now, 10)
    [subscription] = await bench.store.subscriptions.at(target)
    await bench.store.subscriptions.remove(subscription.id)
    frozen = [await deliver._freeze_sound(bench.store, bench.platform, t, due, bench.now) for t, due in ripe]
    assert frozen == [0, 1]


async def test_a_post_that_cannot_be_composed_stops_nobody_elses_and_is_not_lost(bench: Bench) -> None:
    class Picky(Platform):
        def render(self, post: Post) -> str:
            if any("forbidden" in card.title for card in post.cards):
                raise KeyError("no such colour")
            return super().render(post)

    bench.platform = Picky()
    bench.sender = deliver.Sender(bench.store, bench.platform, random.Random(1))
    target = await bench.subscribe("forbidden")
    await bench.subscribe("graph", where=OTHER)
    await bench.publish(1, title="A forbidden title")
    await bench.publish(2)
    await bench.publish(3, title="Not forbidden by its first letters, but")
    await bench.subscribe("learning")
    await bench.publish(4)
    await bench.deliver()
    await bench.deliver(1)
    assert bench.platform.said == ["rich: Graph learning 4", "rich: Graph learning 2; Graph learning 4"]
    assert (await bench.state(target, 1))[0] == "pending"
    bench.now += cadence.KEEP + 1
    await bench.deliver()
    assert await bench.store.outbox.expire(bench.now - cadence.KEEP, bench.now) == 2
    assert (await bench.state(target, 1))[0] == "expired"


@pytest.mark.parametrize("seed", range(8))
async def test_under_random_faults_every_paper_arrives_exactly_once_and_in_order(bench: Bench, seed: int) -> None:
    chance = random.Random(seed)
    faults: list[Callable[[], Exception | None]] = [
        lambda: None,
        lambda: None,
        lambda: fault("ambiguous"),
        lambda: fault("temporary"),
        lambda: fault("busy", 3),
    ]
    await bench.subscribe()
    for number in range(1, 31):
        bench.platform.before = [chance.choice(faults)() for _ in range(2)]
        bench.platform.after = [chance.choice([None, None, fault("ambiguous")]) for _ in range(2)]
        await bench.publish(number)
        await bench.deliver(chance.choice([1, 60_000, 3_600_000]))
    bench.platform.before = bench.platform.after = []
    await bench.until_quiet()
    titles = [title for said in bench.platform.said for title in said.removeprefix("rich: ").split("; ")]
    assert titles == [f"Graph learning {n}" for n in range(1, 31)]


# --- what is told of it -----------------------------------------------------------------------------------------------


async def test_whether_and_why_a_platform_rests_can_be_asked(bench: Bench) -> None:
    await bench.subscribe()
    await bench.publish(1)
    assert bench.sender.rests(bench.now) == ""
    bench.platform.before = [fault("credential")]
    await bench.deliver()
    assert bench.sender.rests(bench.now) == "the platform said no"
    assert bench.sender.rests(bench.now + deliver.CREDENTIAL_WAIT) == ""
    assert bench.sender.rests(bench.now - 1) == ""  # a clock that was set back makes no rest longer


async def test_every_try_that_ends_is_told_as_getting_on(bench: Bench) -> None:
    got_on = 0

    def gets_on() -> None:
        nonlocal got_on
        got_on += 1

    bench.sender = deliver.Sender(bench.store, bench.platform, random.Random(1), gets_on=gets_on)
    await bench.subscribe()
    await bench.publish(1)
    bench.platform.before = [fault("temporary")]
    await bench.deliver()
    assert got_on == 1
    await bench.deliver(deliver.MINUTE)
    assert got_on == 2
