"""What people were told of sources: it stays whatever a poll notes, and is written together with the notices."""

from dataclasses import replace

import pytest

from bot.errors import StoreError
from bot.model import Draft, Receipt, SourceHealth, Target
from bot.ports import Store
from tests.making import HOUR, NOON, ROOM, draft, pending, rest

ILL = SourceHealth(source="arxiv", last_try=NOON, last_ok=1, last_fresh=1, error="gone", failing_since=NOON - HOUR)
TOLD = replace(ILL, told=NOON)
SLOT = f"stale arxiv {NOON - HOUR} huggingface 7"


async def persons(store: Store, *names: str) -> list[Target]:
    return [await store.subscriptions.target(replace(ROOM, room=name, kind="person")) for name in names]


def notice(target: Target, slot: str = SLOT) -> Draft:
    return draft(target=target.id, kind="notice", slot=slot, nonce=f"{target.id} {slot}", day="")


async def test_what_a_poll_notes_leaves_alone_what_people_were_told(store: Store) -> None:
    await store.papers.note_health(ILL)
    await store.outbox.tell([TOLD], [], NOON)
    assert await store.papers.health() == [TOLD]
    await store.papers.note_health(replace(ILL, last_try=NOON + 1, error="still gone"))
    assert await store.papers.health() == [replace(TOLD, last_try=NOON + 1, error="still gone")]
    well = replace(ILL, last_ok=NOON + 2, error="", failing_since=0)
    await store.papers.note_health(well)
    assert await store.papers.health() == [replace(well, told=NOON, failing_since=NOON - HOUR)]


async def test_telling_changes_nothing_else_of_a_source(store: Store) -> None:
    await store.papers.note_health(replace(ILL, last_try=NOON + 5, error="worse"))
    await store.outbox.tell([replace(TOLD, failing_since=3)], [], NOON)
    assert await store.papers.health() == [replace(ILL, last_try=NOON + 5, error="worse", told=NOON, failing_since=3)]
    await store.outbox.tell([replace(TOLD, told=0, failing_since=0)], [], NOON)
    await store.papers.note_health(replace(ILL, failing_since=8))
    assert await store.papers.health() == [replace(ILL, failing_since=8)]


async def test_a_source_that_was_never_read_can_be_told_of(store: Store) -> None:
    silent = SourceHealth(source="arxiv", failing_since=5, told=NOON)
    await store.outbox.tell([silent], [], NOON)
    assert await store.papers.health() == [silent]


async def test_a_notice_is_written_once_for_each_slot(store: Store) -> None:
    one, two = await persons(store, "one", "two")
    await store.outbox.tell([TOLD], [notice(one)], NOON)
    await store.outbox.tell([TOLD], [notice(one), notice(two)], NOON)
    assert (await store.outbox.tally()).messages == {"ready": 2}
    assert [target.id for target in await store.outbox.told_of(f"stale arxiv {NOON - HOUR}")] == [one.id, two.id]


async def test_what_is_told_and_that_it_was_are_written_together(store: Store) -> None:
    [one] = await persons(store, "one")
    await store.papers.note_health(ILL)
    with pytest.raises(StoreError):
        await store.outbox.tell([TOLD], [notice(one), replace(notice(one, "stale 2"), shown=(99,))], NOON)
    assert await store.papers.health() == [ILL]
    assert (await store.outbox.tally()).messages == {}


async def test_who_was_told_is_found_by_the_outage_and_nothing_like_it(store: Store) -> None:
    one, two, three = await persons(store, "one", "two", "three")
    await store.outbox.tell([TOLD], [notice(one), notice(two, "stale arxiv 71"), notice(three, "back arxiv 7")], NOON)
    found = {
        told: [t.id for t in await store.outbox.told_of(f"stale {told}")]
        for told in ("huggingface 7", "arxiv 71", "arxiv 7")
    }
    assert found == {"huggingface 7": [one.id], "arxiv 71": [two.id], "arxiv 7": []}


async def test_whose_notice_came_to_nothing_was_not_told(store: Store) -> None:
    gone, given_up, paused = await persons(store, "gone", "given up", "paused")
    await store.outbox.tell([TOLD], [notice(gone), notice(given_up), notice(paused)], NOON)
    await store.outbox.suspend(gone.id, "gone", NOON)
    await store.outbox.dead(2, "refused", NOON)
    await rest(store, True)
    assert [target.id for target in await store.outbox.told_of("stale huggingface 7")] == [paused.id]


async def test_whoever_is_gone_is_told_nothing_and_the_others_are(store: Store) -> None:
    [one] = await persons(store, "one")
    await store.outbox.tell([TOLD], [notice(replace(one, id=99)), notice(one)], NOON)
    assert await store.papers.health() == [TOLD]
    assert (await store.outbox.tally()).messages == {"ready": 1}


async def test_an_outage_that_is_over_is_told_no_more_and_its_end_to_those_who_may_have_heard(store: Store) -> None:
    heard, unclear, resting, later = await persons(store, "heard", "unclear", "resting", "later")
    await store.outbox.tell([TOLD], [notice(one) for one in (heard, unclear, resting)], NOON)
    first, second, _ = await store.outbox.claim("terminal", NOON, 1000, 10)
    await store.outbox.sent(first.id, Receipt("1"), NOON)
    await store.outbox.again(second.id, NOON, "no answer", ambiguous=True)
    await store.outbox.again(3, NOON, "closed", ambiguous=False)
    await store.outbox.suspend(resting.id, "closed", NOON)
    await store.outbox.tell([TOLD], [notice(later), notice(resting, "stale huggingface 9")], NOON)
    over = replace(TOLD, error="", told=0, failing_since=0)
    await store.outbox.tell([over], [notice(one, "back arxiv 1") for one in (heard, unclear, resting, later)], NOON)
    assert (await store.outbox.tally()).messages == {"sent": 1, "ambiguous": 1, "expired": 2, "ready": 3}
    assert [t.id for t in await store.outbox.told_of("back arxiv")] == [heard.id, unclear.id]
    assert await store.outbox.recent_problems(later.id, 9) == [], "what became untrue is no problem"


async def test_of_outages_in_one_notice_the_one_that_lasts_is_told_anew_to_whom_the_notice_never_reached(
    store: Store,
) -> None:
    heard, waits, resting, other = await persons(store, "heard", "waits", "resting", "other")
    other_words = [notice(other, f"stale arxiv {NOON - HOUR} huggingface 71")]
    assert await store.outbox.tell([TOLD], [notice(heard), notice(waits), notice(resting), *other_words], NOON) == 4
    first = (await store.outbox.claim("terminal", NOON, 1000, 1))[0]
    await store.outbox.sent(first.id, Receipt("1"), NOON)
    await store.outbox.suspend(resting.id, "closed", NOON)
    lasts = "stale huggingface 7"
    assert await store.outbox.told_of(lasts) == [heard, waits]
    assert [t.id for t in await store.outbox.told_of(lasts, resting=True)] == [heard.id, waits.id, resting.id]
    everybody = (heard, waits, resting, other)
    anew, ends = [notice(one, lasts) for one in everybody], [notice(one, "back arxiv 1") for one in everybody]
    over = replace(TOLD, error="", told=0, failing_since=0)
    assert await store.outbox.tell([over], ends, NOON, anew) == 3
    assert [t.id for t in await store.outbox.told_of("back arxiv 1")] == [heard.id]
    assert [t.id for t in await store.outbox.told_of(lasts)] == [heard.id, waits.id, resting.id]
    await store.outbox.resume(resting.id, NOON)
    assert (await store.outbox.tally()).messages == {"sent": 1, "expired": 3, "ready": 3}


async def test_a_post_is_no_notice(store: Store) -> None:
    [due] = await pending(store, 1)
    await store.outbox.freeze(draft(due, slot="stale arxiv 7"), NOON)
    assert await store.outbox.told_of("stale arxiv 7") == []
