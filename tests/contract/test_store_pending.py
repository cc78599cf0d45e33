"""What every store promises about looking at what waits."""

from bot.model import Address
from bot.ports import Store
from tests.making import HOUR, NOON, frozen, pending, subscribe


async def test_what_waits_is_shown_next_first_without_what_is_framed_or_waits_elsewhere(store: Store) -> None:
    made = await subscribe(store)
    late, early = await pending(store, 1, 2, subscription=made)
    await pending(store, 4, subscription=await subscribe(store, where=Address("terminal", "lab", "random")))
    await store.outbox.postpone({late.id: (NOON + HOUR, "2026-11-23T13:00")})
    await frozen(store, 3, subscription=made)
    first, second = await store.outbox.pending(made.target)
    assert (first.id, second.id) == (early.id, late.id)
    assert (second.due, second.slot) == (NOON + HOUR, "2026-11-23T13:00")
    assert second.reasons == late.reasons
    assert second.paper == late.paper


async def test_nothing_waits_at_a_target_that_is_not_there(store: Store) -> None:
    assert await store.outbox.pending(12345) == []
