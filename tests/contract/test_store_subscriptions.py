"""What every store promises about targets and subscriptions."""

import asyncio
from dataclasses import replace
from typing import NoReturn

import pytest

from bot.errors import CommandError, StoreError
from bot.model import Address, Cadence, Preferences
from bot.ports import Store
from tests.making import NOON, ROOM, always, edition, paper, planned, rest, subscribe

OTHER = Address("terminal", "lab", "random")
ELSEWHERE = Address("terminal", "other", "general")
PERSON = Address("terminal", "lab", "someone", "person")
PREFERENCES = Preferences(timezone="Europe/Berlin", quiet=(22 * 60, 7 * 60), digest_at=30, format="line", cap=5)


async def test_a_target_is_made_once_with_the_defaults_of_that_time(store: Store) -> None:
    assert await store.subscriptions.find_target(ROOM) is None
    made = await store.subscriptions.target(ROOM, PREFERENCES)
    assert (made.address, made.preferences) == (ROOM, PREFERENCES)
    assert await store.subscriptions.target(ROOM, Preferences()) == made
    assert await store.subscriptions.find_target(ROOM) == made


async def test_two_tasks_that_first_meet_a_target_get_the_same(store: Store) -> None:
    made = await asyncio.gather(*(store.subscriptions.target(ROOM) for _ in range(5)))
    assert len(set(made)) == 1


async def test_a_person_and_a_channel_of_one_name_are_two_targets(store: Store) -> None:
    channel = await store.subscriptions.target(replace(ROOM, room="x"))
    person = await store.subscriptions.target(Address("terminal", "lab", "x", "person"))
    assert channel.id != person.id


async def test_a_space_sees_only_its_own_targets(store: Store) -> None:
    mine = [await store.subscriptions.target(where) for where in (ROOM, OTHER)]
    await store.subscriptions.target(ELSEWHERE)
    assert await store.subscriptions.targets("terminal", "lab") == mine
    assert await store.subscriptions.targets("terminal", "") == []
    assert len(await store.subscriptions.targets("terminal")) == len(await store.subscriptions.targets()) == 3


async def test_preferences_are_kept(store: Store) -> None:
    target = await store.subscriptions.target(ROOM)
    for preferences in (PREFERENCES, replace(PREFERENCES, paused_until=0, quiet=None), Preferences(paused_until=NOON)):
        await store.subscriptions.prefer(target.id, always(preferences))
        assert await store.subscriptions.find_target(ROOM) == replace(target, preferences=preferences)
    with pytest.raises(StoreError):
        await store.subscriptions.prefer(999, always(PREFERENCES))


async def test_of_changes_at_once_none_is_lost(store: Store) -> None:
    made = await subscribe(store)
    before = (await store.subscriptions.target(ROOM)).preferences
    told, *_ = await asyncio.gather(
        store.subscriptions.prefer(made.target, lambda known: replace(known, paused_until=0)),
        store.subscriptions.prefer(made.target, lambda known: replace(known, cap=7)),
        store.subscriptions.prefer(made.target, lambda known: replace(known, format="line")),
        store.subscriptions.change(made.id, lambda known: replace(known, max=3)),
        store.subscriptions.change(made.id, lambda known: replace(known, mention="@team")),
    )
    assert told == (before, replace(before, paused_until=0))
    after = (await store.subscriptions.target(ROOM)).preferences
    assert after == replace(before, paused_until=0, cap=7, format="line")
    assert await store.subscriptions.at(made.target) == [replace(made, max=3, mention="@team")]


async def test_a_change_that_is_refused_leaves_everything_as_it_was(store: Store) -> None:
    made = await subscribe(store)

    def refuse(_: object) -> NoReturn:
        raise CommandError("no")

    for changing in (store.subscriptions.prefer(made.target, refuse), store.subscriptions.change(made.id, refuse)):
        with pytest.raises(CommandError, match="no"):
            await changing
    assert await store.subscriptions.at(made.target) == [made]


async def test_a_subscription_comes_back_as_it_was_made(store: Store) -> None:
    made = await subscribe(
        store,
        cadence=Cadence(every="weekly", at=None, weekday=4),
        max=3,
        mention="@team",
        owner="ada",
        owner_name="Ada",
        now=NOON,
    )
    assert (made.query, made.cadence.every, made.cadence.weekday, made.max) == ("diffusion", "weekly", 4, 3)
    assert (made.owner, made.owner_name) == ("ada", "Ada")
    assert made.created == NOON
    assert await store.subscriptions.at(made.target) == [made]


async def test_a_subscription_can_be_made_paused(store: Store) -> None:
    made = await subscribe(store, paused_until=NOON)
    assert made.paused_until == NOON
    assert await store.subscriptions.at(made.target) == [made]


async def test_a_number_is_never_used_twice_at_one_target(store: Store) -> None:
    first, second = await subscribe(store, "one"), await subscribe(store, "two")
    assert (first.number, second.number) == (1, 2)
    assert await store.subscriptions.remove(second.id)
    assert not await store.subscriptions.remove(second.id)
    assert (await subscribe(store, "two")).number == 3
    assert (await subscribe(store, "one", OTHER)).number == 1


async def test_the_same_query_is_refused_at_one_target_and_names_the_other(store: Store) -> None:
    await subscribe(store, "diffusion")
    with pytest.raises(CommandError, match="#1"):
        await subscribe(store, "diffusion")
    assert (await subscribe(store, "diffusion", OTHER)).number == 1
    assert (await subscribe(store, "video")).number == 2


async def test_a_full_target_refuses_and_says_how_to_make_room(store: Store) -> None:
    await subscribe(store, "one", limit=1)
    with pytest.raises(CommandError, match="/papers unsubscribe") as refusal:
        await subscribe(store, "two", limit=1)
    assert refusal.value.mended == "/papers subscriptions"
    assert len(await store.subscriptions.at((await store.subscriptions.target(ROOM)).id)) == 1


async def test_a_full_space_refuses_its_channels_but_no_person_and_no_other_space(store: Store) -> None:
    await subscribe(store, "one", space_limit=1)
    with pytest.raises(CommandError, match="together"):
        await subscribe(store, "two", OTHER, space_limit=1)
    await subscribe(store, "two", PERSON, space_limit=1)
    await subscribe(store, "two", ELSEWHERE, space_limit=1)


async def test_a_subscription_begins_after_what_is_there_already(store: Store) -> None:
    await store.papers.ingest(edition(paper(1)), NOON)
    made = await subscribe(store)
    await store.papers.ingest(edition(paper(2)), NOON)
    old, new = await store.outbox.unmatched(10)
    assert old.revision <= made.since < new.revision


async def test_a_changed_query_starts_afresh_and_other_changes_do_not(store: Store) -> None:
    made = await subscribe(store)
    await store.papers.ingest(edition(paper(1)), NOON)
    edited = replace(made, cadence=Cadence(every="daily", at=90), max=2, mention="@x", paused_until=0)
    await store.subscriptions.change(made.id, always(edited))
    assert await store.subscriptions.at(made.target) == [edited]
    await store.subscriptions.change(made.id, always(replace(edited, query="video")))
    (changed,) = await store.subscriptions.at(made.target)
    assert changed.query == "video"
    assert changed.since == (await store.outbox.unmatched(1))[0].revision


async def test_a_change_to_a_query_that_is_there_is_refused(store: Store) -> None:
    one, _ = await subscribe(store, "one"), await subscribe(store, "two")
    with pytest.raises(CommandError, match="#2"):
        await store.subscriptions.change(one.id, always(replace(one, query="two")))
    with pytest.raises(StoreError):
        await store.subscriptions.change(999, always(one))


async def test_live_has_every_subscription_with_its_target(store: Store) -> None:
    made = [await subscribe(store, "one"), await subscribe(store, "one", ELSEWHERE)]
    _, subscriptions, targets = await store.subscriptions.live()
    assert subscriptions == made
    assert {targets[s.target].address for s in subscriptions} == {ROOM, ELSEWHERE}


async def test_the_version_rises_with_everything_that_live_returns(store: Store) -> None:
    made = await subscribe(store)
    versions = [(await store.subscriptions.live())[0]]

    async def rises() -> None:
        versions.append((await store.subscriptions.live())[0])
        assert versions[-1] > versions[-2]

    await store.subscriptions.change(made.id, always(replace(made, query="video")))
    await rises()
    await store.subscriptions.prefer(made.target, always(PREFERENCES))
    await rises()
    await rest(store, True)
    await rises()
    await store.subscriptions.remove(made.id)
    await rises()
    await store.subscriptions.live()
    assert (await store.subscriptions.live())[0] == versions[-1] == await store.subscriptions.version()


async def test_live_leaves_out_a_paused_space(store: Store) -> None:
    made = await subscribe(store)
    other = await subscribe(store, where=ELSEWHERE)
    await rest(store, True)
    assert (await store.subscriptions.live())[1] == [other]
    await rest(store, False)
    assert (await store.subscriptions.live())[1] == [made, other]


async def test_owners_of_channels_come_in_the_order_in_which_they_first_subscribed(store: Store) -> None:
    person = replace(ROOM, room="mei", kind="person")
    for number, (owner, where) in enumerate([("bob", ROOM), ("mei", ELSEWHERE), ("mei", person), ("bob", ROOM)]):
        await subscribe(store, f"word{number}", where, owner=owner)
    room, elsewhere = [(await store.subscriptions.target(where)).id for where in (ROOM, ELSEWHERE)]
    assert await store.subscriptions.owners() == [(room, "bob"), (elsewhere, "mei")]
    await rest(store, True)
    assert await store.subscriptions.owners() == [(elsewhere, "mei")]


async def test_two_tasks_subscribing_at_once_get_two_numbers(store: Store) -> None:
    made = await asyncio.gather(*(subscribe(store, f"word{n}") for n in range(8)))
    assert sorted(s.number for s in made) == list(range(1, 9))


async def test_removing_one_reason_leaves_a_delivery_that_has_another(store: Store) -> None:
    one = await subscribe(store, "diffusion")
    two = await subscribe(store, "video")
    await store.papers.ingest(edition(paper(1)), NOON)
    changes = await store.outbox.unmatched(10)
    await store.outbox.plan(changes, [planned(one, 1), planned(two, 1)], [], NOON)
    await store.subscriptions.remove(one.id)
    assert [d.state for d in await store.outbox.trail(one.target, paper(1).key)] == ["pending"]
    await subscribe(store, "diffusion", OTHER)
    await store.subscriptions.remove(two.id)
    assert [d.state for d in await store.outbox.trail(one.target, paper(1).key)] == ["expired"]
