"""A backup in the place of the database: what went out since is not posted again, everything else is."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import notices
from bot.model import Past, Person, Planned, PostKind, Preferences, Reason
from bot.put_back import AT_ONCE, DETAIL, MOST, WAIT
from bot.store.sqlite import open_store
from tests.delivering import NOW, OTHER, ROOM, Bench, Platform, bench_in, fault
from tests.making import always
from tests.putting_back import SENT, Remembering, Restored, key, on_copy, restored

DAY = datetime.fromtimestamp(NOW / 1000, UTC).date().isoformat()
SINCE = NOW - 3 * 60 * 60_000
"""Since when rooms are read for a backup of now: the clock may have been ahead."""


# --- papers -----------------------------------------------------------------------------------------------------------


async def test_what_a_room_shows_already_is_not_posted_again(tmp_path: Path) -> None:
    platform = Remembering()
    platform.shows(2)
    async with restored(tmp_path, platform) as (bench, room):
        await bench.deliver()
        assert platform.said == ["rich: Graph learning 3"]
        assert await bench.state(room, 2) == ("sent", DETAIL)
        [found] = await bench.store.outbox.trail(room, key(2))
        assert found.sent_at == SENT
        assert platform.asked == [(ROOM, SINCE, "")]


async def test_what_was_posted_since_counts_against_the_cap_of_its_day(tmp_path: Path) -> None:
    platform = Remembering()
    platform.shows(2)
    async with restored(tmp_path, platform) as (bench, room):
        await bench.store.subscriptions.prefer(room, always(Preferences(cap=2)))
        await bench.deliver()
        assert platform.said == []
        assert dict(await bench.store.outbox.posted(room, DAY))[0] == 2


async def test_a_room_is_read_once_and_another_one_for_itself(tmp_path: Path) -> None:
    platform = Remembering()
    platform.shows(*range(2, 9))
    async with restored(tmp_path, platform) as (bench, _):
        await bench.deliver()
        await bench.subscribe(where=OTHER)
        await bench.publish(8)
        await bench.deliver()
        assert [where for where, _, _ in platform.asked] == [ROOM, OTHER]
        assert (platform.said_in(ROOM), platform.said_in(OTHER)) == ([], ["rich: Graph learning 8"])


async def test_what_a_room_told_is_known_after_a_restart(tmp_path: Path) -> None:
    platform = Remembering()
    platform.pages[ROOM] = [Past(papers={key(3): SENT})] * AT_ONCE + [Past(papers={key(2): SENT})]
    async with restored(tmp_path, platform) as (bench, room):
        await bench.deliver()
        bench.restart()
        await bench.deliver(1)
        assert len(platform.asked) == AT_ONCE + 1, "it is read on where it was"
        bench.restart()
        platform.pages.clear()
        await bench.publish(4)
        await bench.deliver()
        assert platform.said == ["rich: Graph learning 4"]
        assert len(platform.asked) == AT_ONCE + 1
        assert [await bench.state(room, number) for number in (2, 3)] == [("sent", DETAIL)] * 2


async def test_what_rooms_told_is_in_no_later_backup_and_goes_with_the_room(tmp_path: Path) -> None:
    mei = Person("fake", "lab", "mei")
    async with restored(tmp_path, Remembering()) as (bench, room):
        own = await bench.subscribe(where=mei.address)
        await bench.publish(4)
        await bench.deliver()
        assert await bench.store.notes.keys("", "room ") == [f"room {room}", f"room {own}"]
        await bench.store.people.forget(mei, mei.address)
        assert await bench.store.notes.keys("", "room ") == [f"room {room}"]
        await bench.store.backup(str(tmp_path / "second.db"))
    async with open_store(tmp_path / "second.db", now=NOW) as store:
        assert await store.notes.keys("", "room ") == []


async def test_a_room_is_read_page_by_page_and_gets_nothing_before_the_last_one(tmp_path: Path) -> None:
    platform = Remembering()
    platform.pages[ROOM] = [Past()] * AT_ONCE + [Past(papers={key(2): SENT, key(3): SENT})]
    async with restored(tmp_path, platform) as (bench, _):
        await bench.deliver()
        assert (len(platform.asked), platform.said) == (AT_ONCE, [])
        await bench.deliver(1)
        assert [further for _, _, further in platform.asked] == ["", *map(str, range(1, AT_ONCE + 1))]
        assert platform.said == []


@pytest.mark.parametrize(
    "kept",
    ['{"told": true, "hue": "red"}', '{"told": true, "papers": []}', "[1]", "{"],
    ids=["field", "kind", "list", "cut"],
)
async def test_what_another_release_kept_of_a_room_counts_as_nothing(tmp_path: Path, kept: str) -> None:
    platform = Remembering()
    platform.shows(2, 3)
    async with restored(tmp_path, platform) as (bench, room):
        await bench.store.notes.write("", f"room {room}", kept, until=NOW * 2)
        await bench.deliver()
        assert (len(platform.asked), platform.said) == (1, [])


async def test_of_a_room_with_too_many_pages_what_was_read_counts(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    platform = Remembering()
    platform.pages[ROOM] = [Past(papers={key(2): SENT}), *[Past()] * 2 * MOST]
    async with restored(tmp_path, platform) as (bench, _):
        for _ in range(MOST):
            await bench.deliver(1)
        assert len(platform.asked) == MOST
        assert platform.said == ["rich: Graph learning 3"]
        assert [record.message for record in caplog.records] == ["put_back.not_told"]


# --- rooms that do not tell -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("platform", [Platform(), Remembering()], ids=["knows no history", "may not read it"])
async def test_where_nobody_can_tell_it_is_posted_rather_than_lost(
    tmp_path: Path, platform: Platform, caplog: pytest.LogCaptureFixture
) -> None:
    if isinstance(platform, Remembering):
        platform.troubles = [fault("ambiguous")]
    async with restored(tmp_path, platform) as (bench, _):
        await bench.deliver()
        assert platform.said == ["rich: Graph learning 2; Graph learning 3"]
        assert [record.message for record in caplog.records] == ["put_back.not_told"]


async def test_a_room_that_is_closed_to_us_rests_and_is_read_when_it_opens_again(tmp_path: Path) -> None:
    platform = Remembering()
    platform.shows(2, 3)
    platform.troubles = [fault("target")]
    async with restored(tmp_path, platform) as (bench, room):
        await bench.deliver()
        [target] = [t for t in await bench.store.subscriptions.targets() if t.id == room]
        assert target.suspended == "the platform said no"
        assert [message.where.kind for message in platform.accepted] == ["person"]
        await bench.store.outbox.resume(room, bench.now)
        await bench.deliver(WAIT)
        assert platform.said_in(ROOM) == []
        assert await bench.state(room, 2) == ("sent", DETAIL)


async def test_a_database_that_was_never_a_copy_asks_nobody(tmp_path: Path) -> None:
    platform = Remembering()
    async with open_store(tmp_path / "paperboy.db", now=NOW) as store:
        bench = Restored(store)
        bench.put_back(platform)
        await bench.subscribe()
        await bench.publish(1)
        await bench.deliver()
        assert (platform.asked, platform.said) == ([], ["rich: Graph learning 1"])


# --- what has no paper to go by ---------------------------------------------------------------------------------------


async def test_what_a_backup_holds_as_unsent_is_asked_about_before_it_is_sent(tmp_path: Path) -> None:
    async with bench_in(tmp_path) as bench:
        await bench.subscribe()
        await bench.freeze(1)
        async with on_copy(bench, tmp_path, bench.platform) as copy:
            await bench.deliver()
            [sent] = bench.platform.accepted
            await copy.deliver()
            assert bench.platform.accepted == [sent]


async def planned(bench: Bench, room: int, kind: PostKind, slot: str, *numbers: int, occasion: str = "") -> None:
    """Papers that are due in a room at once, not by matching."""
    reason = Reason(subscription=0, number=0, query="votes>=9")
    plans = [
        Planned(target=room, paper=key(n), occasion=occasion, kind=kind, due=NOW, slot=slot, reason=reason)
        for n in numbers
    ]
    await bench.store.outbox.plan([], plans, [], NOW)


async def test_that_a_watched_paper_changed_is_not_said_again(tmp_path: Path) -> None:
    async with bench_in(tmp_path) as bench:
        room = await bench.subscribe("nothing")
        await bench.publish(1, 2)
        async with on_copy(bench, tmp_path, bench.platform) as copy:
            for on, numbers in ((bench, (1,)), (copy, (1, 2))):
                for n in numbers:
                    await planned(on, room, "instant", "", n, occasion=f"watch:{n}:votes>=9")
                await on.deliver()
            assert bench.platform.said == ["rich: Graph learning 1", "rich: Graph learning 2"]


async def test_a_more_line_that_stands_there_has_counted_what_waited_for_it(tmp_path: Path) -> None:
    platform = Remembering()
    async with bench_in(tmp_path) as bench:
        room = await bench.subscribe("nothing")
        await bench.publish(1, 2, 3)
        await planned(bench, room, "fold", f"more {DAY}T00:00", 1, 2)
        async with on_copy(bench, tmp_path, platform) as copy:
            platform.pages[ROOM] = [Past(counted=NOW)]
            await planned(copy, room, "fold", f"more {DAY}T23:00", 3)
            await copy.deliver()
            assert platform.said == ["rich: 1 more paper matched, over the daily cap. "
                                     f"Open them: /papers more date:{DAY}"]  # fmt: skip
            assert sorted(d.paper.key for d in await copy.store.outbox.more(room, DAY)) == [key(1), key(2), key(3)]


async def test_a_notice_of_the_same_day_is_not_told_again(tmp_path: Path) -> None:
    async with bench_in(tmp_path) as bench:
        await bench.subscribe()
        await bench.publish(1)
        await bench.deliver()
        async with on_copy(bench, tmp_path, bench.platform) as copy:
            for on in (bench, copy):
                target = await on.store.subscriptions.target(ROOM)
                await notices.suspend(on.store, on.platform, target, "it is gone", NOW, Preferences())
                await on.deliver()
            assert len([message for message in bench.platform.accepted if message.where.kind == "person"]) == 1


async def test_a_copy_of_what_was_put_back_lately_is_as_old_as_that(tmp_path: Path) -> None:
    platform = Remembering()
    async with restored(tmp_path, platform) as (bench, _):
        await bench.deliver(1000)
        await bench.store.backup(str(tmp_path / "second.db"))
    async with open_store(tmp_path / "second.db", now=NOW) as store:
        assert await store.outbox.copied_at(NOW) == SINCE
