"""Backups know that they are backups; what is known to have arrived can be told to a store."""

from pathlib import Path

from bot.model import Settled
from bot.ports import Store
from bot.store.sqlite import open_store
from tests.making import HOUR, NOON, draft, frozen, pending

DAY = 24 * HOUR


async def test_what_is_known_to_have_arrived_is_sent_without_a_message(store: Store) -> None:
    first, second = await pending(store, 1, 2)
    settled = Settled(delivery=first.id, at=NOON - HOUR, day="2026-11-23", shown=False)
    await store.outbox.settle([settled], "it stands there")
    [done] = await store.outbox.trail(first.target, first.paper.key)
    assert (done.state, done.detail, done.sent_at, done.message) == ("sent", "it stands there", NOON - HOUR, None)
    assert [row.paper.key for row in await store.outbox.more(first.target, "2026-11-23")] == [first.paper.key]
    assert [delivery.id for delivery in await store.outbox.pending(first.target)] == [second.id]


async def test_only_what_is_pending_can_be_settled(store: Store) -> None:
    [due] = await pending(store, 1)
    await store.outbox.freeze(draft(due), NOON)
    await store.outbox.settle([Settled(delivery=due.id, at=NOON, day="2026-11-23")], "it stands there")
    [row] = await store.outbox.trail(due.target, due.paper.key)
    assert row.state == "framed"


async def test_a_store_is_no_copy_and_a_backup_is_one_for_two_weeks_of_use(store: Store, tmp_path: Path) -> None:
    await frozen(store, 1)
    assert await store.outbox.copied_at(NOON) == 0
    await store.backup(str(tmp_path / "copy.db"))
    later = NOON + 300 * DAY
    async with open_store(tmp_path / "copy.db", now=later) as copy:
        assert await copy.outbox.copied_at(later) == NOON - 3 * HOUR
        assert await copy.outbox.copied_at(later + 13 * DAY) == NOON - 3 * HOUR
        assert await copy.outbox.copied_at(later + 15 * DAY) == 0
    assert await store.outbox.copied_at(NOON) == 0


async def test_what_a_copy_holds_as_unsent_is_looked_for_since_it_was_frozen(store: Store, tmp_path: Path) -> None:
    message = await frozen(store, 1)
    await store.backup(str(tmp_path / "copy.db"))
    async with open_store(tmp_path / "copy.db", now=NOON + DAY) as copy:
        [claimed] = await copy.outbox.claim("terminal", NOON + DAY, 1000, 10)
    assert (claimed.id, claimed.state, claimed.started) == (message, "ambiguous", NOON)
