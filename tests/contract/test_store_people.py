"""What every store promises about persons and spaces: each reaches only their own, and forgetting is real."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import StoreError
from bot.model import Person, Reason, Receipt, Space
from bot.ports import Store
from tests.making import HOUR, NOON, ROOM, always, edition, frozen, paper, pending, planned, subscribe

ADA = Person("terminal", "lab", "ada-id", "Ada")
BOB = Person("terminal", "lab", "bob-id", "Bob")
STRANGERS = (BOB, replace(ADA, space="other"), replace(ADA, platform="slack"))
MINUTE = 60_000


async def stored(store: Store, *numbers: int) -> None:
    await store.papers.ingest(edition(*map(paper, numbers)), NOON)


async def test_a_saved_paper_keeps_its_newest_note(store: Store) -> None:
    await stored(store, 1, 2)
    assert await store.people.save(ADA, paper(1).key, "read this", NOON)
    assert await store.people.save(ADA, paper(2).key, "", NOON + 1)
    assert not await store.people.save(ADA, paper(1).key, "read this twice", NOON + 2)
    found = await store.people.saved(ADA)
    assert [(s.paper.key, s.note, s.at) for s in found] == [
        (paper(2).key, "", NOON + 1),
        (paper(1).key, "read this twice", NOON),
    ]
    assert await store.people.unsave(ADA, paper(2).key)
    assert not await store.people.unsave(ADA, paper(2).key)
    assert len(await store.people.saved(ADA)) == 1


async def test_a_name_changed_is_the_same_person(store: Store) -> None:
    await stored(store, 1)
    await store.people.save(ADA, paper(1).key, "", NOON)
    assert len(await store.people.saved(replace(ADA, name="Ada L."))) == 1


@pytest.mark.parametrize("stranger", STRANGERS, ids=["other person", "other space", "other platform"])
async def test_nobody_reaches_what_another_saved(store: Store, stranger: Person) -> None:
    await stored(store, 1)
    await store.people.save(ADA, paper(1).key, "mine", NOON)
    assert await store.people.saved(stranger) == []
    assert not await store.people.unsave(stranger, paper(1).key)
    assert await store.people.save(stranger, paper(1).key, "theirs", NOON)
    assert [s.note for s in await store.people.saved(ADA)] == ["mine"]
    await store.people.forget(stranger, stranger.address)
    assert [s.note for s in await store.people.saved(ADA)] == ["mine"]


async def test_what_is_not_stored_can_be_neither_saved_nor_watched(store: Store) -> None:
    target = await store.subscriptions.target(ADA.address)
    with pytest.raises(StoreError):
        await store.people.save(ADA, "arxiv:9999.99999", "", NOON)
    with pytest.raises(StoreError):
        await store.people.watch(target.id, "arxiv:9999.99999", "votes>=5")


async def test_a_watch_is_open_until_it_fired(store: Store) -> None:
    await stored(store, 1, 2)
    target = (await store.subscriptions.target(ADA.address)).id
    watch = await store.people.watch(target, paper(1).key, "votes>=5")
    assert watch == await store.people.watch(target, paper(1).key, "votes>=5")
    assert (watch.paper, watch.query, watch.target, watch.done) == (paper(1).key, "votes>=5", target, False)
    other = await store.people.watch(target, paper(1).key, "has:code")
    assert await store.people.watching([paper(1).key, paper(2).key, "arxiv:9999.99999"]) == [watch, other]
    await store.outbox.plan([], [], [watch.id], NOON)
    assert await store.people.watching([paper(1).key]) == [other]
    assert await store.people.watches(target) == [replace(watch, done=True), other]


async def test_a_watch_set_again_after_it_fired_is_a_new_one(store: Store) -> None:
    await stored(store, 1)
    target = (await store.subscriptions.target(ADA.address)).id
    first = await store.people.watch(target, paper(1).key, "votes>=5")
    await store.outbox.plan([], [], [first.id], NOON)
    second = await store.people.watch(target, paper(1).key, "votes>=5")
    assert second == replace(first, id=second.id, number=2)
    assert second.id > first.id
    assert await store.people.watches(target) == await store.people.watching([paper(1).key]) == [second]


async def test_each_targets_watches_have_numbers_of_their_own_never_given_twice(store: Store) -> None:
    await stored(store, 1, 2, 3)
    mine, theirs = [(await store.subscriptions.target(p.address)).id for p in (ADA, BOB)]
    made = [await store.people.watch(target, paper(1).key, "votes>=5") for target in (mine, theirs)]
    assert [watch.number for watch in made] == [1, 1]
    second = await store.people.watch(mine, paper(2).key, "votes>=5")
    assert await store.people.unwatch(mine, second.id)
    third = await store.people.watch(mine, paper(3).key, "votes>=5")
    assert [watch.number for watch in await store.people.watches(mine)] == [1, third.number] == [1, 3]
    with pytest.raises(StoreError):
        await store.people.watch(999, paper(1).key, "votes>=5")


async def test_nobody_ends_another_targets_watch(store: Store) -> None:
    await stored(store, 1)
    mine, theirs = [(await store.subscriptions.target(p.address)).id for p in (ADA, BOB)]
    watch = await store.people.watch(mine, paper(1).key, "votes>=5")
    assert not await store.people.unwatch(theirs, watch.id)
    assert await store.people.watches(theirs) == []
    assert await store.people.unwatch(mine, watch.id)
    assert await store.people.watches(mine) == []


async def test_watched_papers_come_by_turns_those_unread_longest_first(store: Store) -> None:
    await stored(store, 1, 2, 3)
    target = (await store.subscriptions.target(ADA.address)).id
    for number in (1, 2, 3):
        await store.people.watch(target, paper(number).key, "votes>=5")
    await store.people.watch(target, paper(1).key, "has:code")
    for number, later in ((2, HOUR), (1, 2 * HOUR)):
        looked_up = edition(paper(number), name="lookup")
        await store.papers.ingest(looked_up, NOON + later, announce=False)
    assert await store.people.watched_papers(1) == [paper(3).key]
    assert await store.people.watched_papers(1) == [paper(2).key]
    assert await store.people.watched_papers(2) == [paper(n).key for n in (1, 3)]
    open_ones = await store.people.watching([paper(3).key])
    await store.outbox.plan([], [], [watch.id for watch in open_ones], NOON)
    assert await store.people.watched_papers(10) == [paper(n).key for n in (2, 1)]


async def test_watched_papers_that_no_source_knows_keep_no_other_from_being_read(store: Store) -> None:
    numbers = range(1, 8)
    await stored(store, *numbers)
    target = (await store.subscriptions.target(ADA.address)).id
    for number in numbers:
        await store.people.watch(target, paper(number).key, "votes>=5")
    read = [key for _ in range(4) for key in await store.people.watched_papers(2)]
    assert {paper(n).key for n in numbers} == set(read)
    assert len(set(read[:7])) == 7


async def test_uses_are_counted_in_a_running_window(store: Store) -> None:
    async def spend(now: int, person: Person = ADA, bucket: str = "commands") -> bool:
        return await store.people.spend(person, bucket, now, limit=2, window=MINUTE)

    assert await spend(NOON)
    assert await spend(NOON + 30_000)
    assert not await spend(NOON + 59_999)
    assert await spend(NOON + MINUTE)
    assert not await spend(NOON + MINUTE + 1)
    assert await spend(NOON + 1, bucket="searches")
    for stranger in STRANGERS:
        assert await spend(NOON + 1, stranger)


async def test_a_limit_holds_for_two_tasks_at_once(store: Store) -> None:
    uses = [store.people.spend(ADA, "commands", NOON, limit=3, window=MINUTE) for _ in range(10)]
    assert sum(await asyncio.gather(*uses)) == 3


async def test_a_space_is_open_until_it_is_set(store: Store) -> None:
    assert await store.people.space("terminal", "lab") == Space(platform="terminal", space="lab")
    strict = Space(platform="terminal", space="lab", policy="managers", managers=("ada-id", "ümit"), paused=True)
    fresh = Space(platform="terminal", space="lab")
    assert await store.people.edit_space("terminal", "lab", always(fresh)) == (fresh, fresh)
    await store.people.edit_space("terminal", "lab", always(replace(strict, paused=False)))
    told = await store.people.edit_space("terminal", "lab", lambda known: replace(known, paused=True))
    assert told == (replace(strict, paused=False), strict)
    assert await store.people.space("terminal", "lab") == strict
    assert await store.people.space("terminal", "other") == Space(platform="terminal", space="other")


async def test_of_two_changes_of_a_space_at_once_none_is_lost(store: Store) -> None:
    await asyncio.gather(
        store.people.edit_space("terminal", "lab", lambda known: replace(known, paused=True)),
        store.people.edit_space("terminal", "lab", lambda known: replace(known, managers=(*known.managers, "ada"))),
        store.people.edit_space("terminal", "lab", lambda known: replace(known, managers=(*known.managers, "ben"))),
    )
    after = await store.people.space("terminal", "lab")
    assert after.paused
    assert set(after.managers) == {"ada", "ben"}


async def furnish(store: Store, person: Person) -> None:
    """Give a person one of everything, with their id in every text."""
    mark = person.id
    await frozen(store, 1, subscription=await subscribe(store, f"{mark} one", person.address), nonce=f"{mark} nonce")
    (claimed,) = await store.outbox.claim("terminal", NOON, 1000, 1)
    await store.outbox.sent(claimed.id, Receipt(f"{mark} receipt"), NOON)
    await pending(store, 2, subscription=await subscribe(store, f"{mark} two", person.address))
    target = (await store.subscriptions.target(person.address)).id
    await store.people.watch(target, paper(1).key, f"{mark} watch")
    await store.people.save(person, paper(1).key, f"{mark} note", NOON)
    await store.people.spend(person, f"{mark} bucket", NOON, limit=9, window=MINUTE)
    await subscribe(store, f"channel query of {person.name}", ROOM, owner=person.id, owner_name=person.name)


async def test_forgetting_deletes_everything_of_a_person_and_nothing_else(store: Store) -> None:
    await furnish(store, ADA)
    await furnish(store, BOB)
    counts = await store.people.forget(ADA, ADA.address)
    assert counts == {"saved": 1, "subscriptions": 2, "watches": 1, "posts": 2, "names": 1, "rights": 0}
    assert await store.subscriptions.find_target(ADA.address) is None
    assert await store.people.saved(ADA) == []
    assert await store.people.forget(ADA, ADA.address) == dict.fromkeys(counts, 0)
    channel = await store.subscriptions.at((await store.subscriptions.target(ROOM)).id)
    assert [(s.owner, s.owner_name) for s in channel] == [("", ""), ("bob-id", BOB.name)]
    assert len(await store.people.saved(BOB)) == 1
    bobs = await store.subscriptions.find_target(BOB.address)
    assert bobs is not None
    assert len(await store.subscriptions.at(bobs.id)) == 2
    assert (await store.outbox.tally()).messages == {"sent": 1}
    assert await store.check() == []


async def test_forgetting_spares_somebody_whose_id_is_the_name_of_the_forgotten(store: Store) -> None:
    await subscribe(store, owner="Ada")
    assert (await store.people.forget(ADA, ADA.address))["names"] == 0
    (kept,) = await store.subscriptions.at((await store.subscriptions.target(ROOM)).id)
    assert kept.owner == "Ada"


async def test_forgetting_lets_no_channel_call_them_any_more_and_spares_those_of_longer_ids(store: Store) -> None:
    called = await subscribe(store, "one", owner=BOB.id, mention=f"<@{ADA.id}|@Ada>")
    other = await subscribe(store, "two", owner=BOB.id, mention=f"<@{ADA.id}2|@Ada2>")
    reason = Reason(subscription=called.id, number=called.number, query=called.query, mention=called.mention)
    (due,) = await pending(store, 1, subscription=called, reason=reason)
    assert due.reasons == (reason,)
    assert await store.people.named(ADA) == (1, 0)
    assert (await store.people.forget(ADA, ADA.address))["names"] == 1
    room = (await store.subscriptions.target(ROOM)).id
    assert [(s.owner, s.mention) for s in await store.subscriptions.at(room)] == [(BOB.id, ""), (BOB.id, other.mention)]
    (left,) = await store.outbox.trail(room, paper(1).key)
    assert [reason.mention for reason in left.reasons] == [""]
    assert await store.people.named(ADA) == (0, 0)


async def test_somebody_without_a_space_is_forgotten_in_every_space_of_the_platform_and_in_no_other(
    store: Store,
) -> None:
    wide = replace(ADA, space="")
    rooms = [ROOM, replace(ROOM, space="other"), replace(ROOM, platform="slack")]

    def always_managed(known: Space) -> Space:
        return replace(known, managers=(wide.id, BOB.id))

    for room in rooms:
        await subscribe(store, where=room, owner=wide.id)
        await store.people.edit_space(room.platform, room.space, always_managed)
    await subscribe(store, "theirs", where=ROOM, owner=BOB.id)
    assert await store.people.named(wide) == (2, 2)
    assert await store.people.named(replace(wide, space="other")) == (1, 1)
    forgotten = await store.people.forget(wide, wide.address)
    assert (forgotten["names"], forgotten["rights"]) == (2, 2)
    assert await store.people.named(wide) == (0, 0)
    managers = [(await store.people.space(room.platform, room.space)).managers for room in rooms]
    assert managers == [(BOB.id,), (BOB.id,), (wide.id, BOB.id)]
    owners = [[s.owner for s in await store.subscriptions.at((await store.subscriptions.target(r)).id)] for r in rooms]
    assert owners == [["", "bob-id"], [""], ["ada-id"]]


async def test_forgetting_raises_the_version_of_what_is_live(store: Store) -> None:
    await furnish(store, ADA)
    version, before, _ = await store.subscriptions.live()
    await store.people.forget(ADA, ADA.address)
    later, after, targets = await store.subscriptions.live()
    assert later > version
    assert len(before) - len(after) == 2
    assert ADA.address not in {target.address for target in targets.values()}


async def test_an_id_once_given_is_never_given_again(store: Store) -> None:
    await furnish(store, ADA)
    target = await store.subscriptions.target(ADA.address)
    last = await subscribe(store, "the last one", ADA.address)
    await store.subscriptions.remove(last.id)
    another = await subscribe(store, "another", ADA.address)
    assert another.id > last.id
    (late,) = await pending(store, 3, subscription=another)
    await store.people.forget(ADA, ADA.address)
    assert (await store.subscriptions.target(BOB.address)).id > target.id
    assert await store.outbox.plan([], [planned(another, 3)], [], NOON) == 0
    assert late.id < (await pending(store, 3, subscription=await subscribe(store, where=BOB.address)))[0].id


async def test_a_channel_is_nobodys_to_forget(store: Store) -> None:
    await subscribe(store, where=ROOM)
    await store.people.forget(ADA, ROOM)
    assert await store.subscriptions.find_target(ROOM) is not None


async def test_a_backup_and_a_check_and_upkeep_find_a_sound_store(store: Store, tmp_path: Path) -> None:
    await furnish(store, ADA)
    assert await store.check() == []
    await store.tidy(NOON + HOUR)
    copy = tmp_path / "copy"
    await store.backup(str(copy))
    assert copy.stat().st_size > 0
    with pytest.raises(StoreError, match="there already"):
        await store.backup(str(copy))
