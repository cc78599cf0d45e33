"""Who is told when a channel takes no posts any more, and that nothing is held up where they cannot be told."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot import deliver, notices, trials
from bot.cards import Post
from bot.model import Address, Person, Preferences, Receipt, Target
from tests.delivering import ROOM, Bench, Platform, bench_in, fault
from tests.making import always

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
    fresh = [await notices.suspend(store, platform, target, why, bench.now, theirs) for why in ("gone", "deleted")]
    assert fresh == [True, False]
    await bench.deliver()
    assert [said.partition(". ")[0] for said in bench.platform.said] == ["rich: I can no longer post in #papers: gone"]
    [told] = [t for t in await store.subscriptions.targets() if t.address.kind == "person"]
    assert told.preferences == theirs, "who is told something first still begins as everybody does"


async def test_whoever_takes_no_posts_is_left_out_and_the_next_one_is_told(bench: Bench) -> None:
    for owner in ("mei", "bob", "eve"):
        await bench.subscribe(f"graph {owner}", owner=owner)
    await bench.subscribe()
    rests = await bench.store.subscriptions.target(MEI)
    await bench.store.outbox.suspend(rests.id, "messages are closed", bench.now)
    paused = await bench.store.subscriptions.target(Address("fake", "lab", "bob", "person"))
    await bench.store.subscriptions.prefer(paused.id, always(Preferences(paused_until=0)))
    bench.platform.refuses[ROOM.room] = fault("target")
    await bench.publish(1)
    await bench.deliver()
    assert [message.where.room for message in bench.platform.accepted] == ["eve"]
    await bench.store.outbox.resume(rests.id, bench.now)
    await bench.deliver(48 * deliver.HOUR)
    assert bench.platform.said_in(MEI) == [], "days later it would be news no more"


class Tongueless(Platform):
    """A platform on which notices cannot be drawn."""

    def render(self, post: Post) -> str:
        if post.kind == "notice":
            raise ValueError("no such card")
        return super().render(post)


async def test_notices_that_cannot_be_composed_hold_up_neither_a_suspension_nor_the_end_of_one(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with bench_in(tmp_path) as bench:
        bench.platform = Tongueless()
        bench.sender = deliver.Sender(bench.store, bench.platform)
        target = await bench.subscribe()
        bench.platform.refuses[ROOM.room] = fault("target")
        await bench.publish(1)
        await bench.deliver()
        assert (await bench.state(target, 1))[0] == "suspended"
        await _tried_again(bench)
        assert bench.platform.said == ["rich: Graph learning 1"]
        assert (await bench.state(target, 1))[0] == "sent"
    assert "notice.not_composed" in {record.msg for record in caplog.records}


async def _tried_again(bench: Bench) -> None:
    found = await bench.store.subscriptions.find_target(ROOM)
    assert found is not None
    bench.platform.refuses.clear()
    await trials.begin(bench.store, found, bench.now)
    await bench.deliver()
    await bench.deliver(deliver.MINUTE)


async def test_a_time_zone_that_is_no_more_keeps_nobody_from_being_told(bench: Bench) -> None:
    await bench.subscribe()
    [target] = await bench.store.subscriptions.targets()
    await bench.store.subscriptions.prefer(target.id, always(Preferences(timezone="Mars/Base")))
    [lost] = await bench.store.subscriptions.targets()
    assert await notices.suspend(bench.store, bench.platform, lost, "gone", bench.now, Preferences())
    await bench.deliver()
    assert [message.where for message in bench.platform.accepted] == [MEI]


# --- what people hear last is true ------------------------------------------------------------------------------------


async def here(bench: Bench) -> Target:
    found = await bench.store.subscriptions.find_target(ROOM)
    assert found is not None
    return found


async def test_a_channel_that_closes_a_second_time_in_a_day_is_told_of_when_it_is_still_closed_the_next(
    bench: Bench,
) -> None:
    await bench.subscribe()
    bench.platform.refuses[ROOM.room] = fault("target")
    await bench.publish(1)
    await bench.deliver()
    await _tried_again(bench)
    bench.platform.refuses[ROOM.room] = fault("target")
    await bench.publish(2)
    await bench.deliver()
    assert ["no longer" in said for said in bench.platform.said_in(MEI)] == [True, False], "one a day each way"
    for _ in range(3):
        bench.now += 24 * deliver.HOUR
        await trials.step(bench.store, ["fake"], bench.now)
        await bench.deliver()
    assert bench.platform.said_in(MEI)[2:] == [GONE]


async def test_a_suspension_nobody_heard_of_ends_without_a_word(bench: Bench) -> None:
    target = await bench.subscribe()
    await bench.publish(1)
    await bench.store.outbox.suspend(target, "the server was left", bench.now)
    await _tried_again(bench)
    assert bench.platform.said == ["rich: Graph learning 1"]


async def test_asking_for_another_try_each_day_where_it_is_closed_tells_nobody_again(bench: Bench) -> None:
    await bench.subscribe()
    bench.platform.refuses[ROOM.room] = fault("target")
    await bench.publish(1)
    await bench.deliver()
    for _ in range(3):
        bench.now += 24 * deliver.HOUR
        await trials.begin(bench.store, await here(bench), bench.now)
        await bench.deliver()
    assert bench.platform.said_in(MEI) == [GONE]
    assert (await here(bench)).suspended_at < bench.now


async def test_what_arrives_late_where_it_is_tried_meanwhile_leaves_nothing_to_tell(bench: Bench) -> None:
    await bench.subscribe()
    await bench.freeze(1)
    bench.platform.held[ROOM.room] = asyncio.Event()
    sending = asyncio.create_task(bench.sender.drain(lambda: bench.now))
    await bench.platform.until(lambda: bench.platform.calls > 0)
    await notices.suspend(bench.store, bench.platform, await here(bench), "closed", bench.now, Preferences())
    await trials.begin(bench.store, await here(bench), bench.now)
    bench.platform.held[ROOM.room].set()
    await sending
    await bench.deliver()
    assert (await here(bench)).suspended == ""
    assert bench.platform.said_in(MEI) == []


async def test_whoever_could_not_be_told_in_time_is_told_neither_that_it_stopped_nor_that_it_goes_on(
    bench: Bench,
) -> None:
    await bench.subscribe()
    bench.platform.refuses = {ROOM.room: fault("target"), "mei": fault("target")}
    await bench.publish(1)
    await bench.deliver()
    bench.now += 24 * deliver.HOUR
    await _tried_again(bench)
    bench.now += 48 * deliver.HOUR
    await trials.begin(bench.store, await bench.store.subscriptions.target(MEI), bench.now)
    await bench.deliver(deliver.MINUTE)
    assert bench.platform.said == ["rich: Graph learning 1"]


async def test_who_heard_that_it_stopped_hears_that_it_goes_on_after_a_pause_of_their_own(bench: Bench) -> None:
    await bench.subscribe()
    bench.platform.refuses[ROOM.room] = fault("target")
    await bench.publish(1)
    await bench.deliver()
    mei = await bench.store.subscriptions.target(MEI)
    await bench.store.subscriptions.prefer(mei.id, always(Preferences(paused_until=0)))
    await _tried_again(bench)
    assert bench.platform.said_in(MEI) == [GONE]
    await bench.store.subscriptions.prefer(mei.id, always(Preferences()))
    await bench.deliver(24 * deliver.HOUR)
    assert [said.partition(" in ")[0] for said in bench.platform.said_in(MEI)[1:]] == ["rich: I can post"]


async def test_who_is_forgotten_while_a_post_arrives_keeps_it_from_being_noted_no_more_than_anybody(
    bench: Bench,
) -> None:
    target = await bench.subscribe()
    bench.platform.refuses[ROOM.room] = fault("target")
    await bench.publish(1)
    await bench.deliver()
    await trials.begin(bench.store, await here(bench), bench.now)
    [message] = await bench.store.outbox.claim("fake", bench.now + deliver.MINUTE, deliver.LEASE, 9)
    told = await notices.resumed(bench.store, bench.platform, await here(bench))
    assert len(told) == 1
    await bench.store.people.forget(Person("fake", "lab", "mei", "mei"), MEI)
    assert await bench.store.outbox.sent(message.id, Receipt("x"), bench.now, told)
    assert await bench.state(target, 1) == ("sent", "")
