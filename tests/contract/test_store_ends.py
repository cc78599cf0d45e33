"""No silent end: whatever happens to a delivery, it says why it is where it is, and one day all of them have ended."""

import asyncio
import re
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model import Delivery, Receipt, Settled, Subscription
from bot.phrases import without_codes
from bot.ports import Store
from tests.contract.conftest import STORES
from tests.making import HOUR, NOON, ROOM, draft, edition, frozen, paper, planned, rest, subscribe

PAPERS = range(1, 5)
LEASE = 30_000
DAY = 24 * HOUR
ALREADY = "it was there already"
ENDED = {"sent", "dead", "expired"}
REASONS = (
    "Paperboy lacks a right here (403, code 50013).",
    "I am not in this channel: invite me there [not_in_channel]",
    "Discord cannot be reached (ClientConnectorError: cannot connect).",
    " ",
    "",
)


@dataclass
class World:
    """One store with a room, and a clock that is moved by hand."""

    store: Store
    target: int = 0
    now: int = NOON
    subscriptions: list[Subscription] = field(default_factory=list)
    claimed: list[int] = field(default_factory=list)
    turn: int = 0

    async def match(self) -> None:
        self.turn += 1
        if not self.subscriptions:
            self.subscriptions.append(await subscribe(self.store, f"query {self.turn}", now=self.now))
        self.target = self.subscriptions[-1].target
        kind = ("instant", "digest")[self.turn % 2]
        plans = [planned(self.subscriptions[-1], number, kind=kind, due=self.now) for number in PAPERS[: self.turn]]
        await self.store.outbox.plan([], plans, [], self.now)

    async def freeze(self) -> None:
        for _, waiting in await self.store.outbox.ripe(["terminal"], self.now, 10):
            shown, folded = waiting[:2], waiting[2:]
            parcel = replace(draft(*shown), folded=tuple(d.id for d in folded))
            parcel = replace(parcel, replies=(replace(draft(*shown), shown=(), kind="reply"),))
            await self.store.outbox.freeze(parcel, self.now)

    async def fold(self) -> None:
        waiting = await self.store.outbox.pending(self.target)
        await self.store.outbox.fold([d.id for d in waiting[1:]], self.now, "2026-11-23T18:00")

    async def claim(self) -> None:
        self.claimed += [m.id for m in await self.store.outbox.claim("terminal", self.now, LEASE, 10)]

    async def under_way(self) -> int:
        """A message that somebody is sending; 0 where nothing can be."""
        if not self.claimed:
            await self.freeze()
            await self.claim()
        return self.claimed.pop(0) if self.claimed else 0

    async def arrive(self) -> None:
        await self.store.outbox.sent(await self.under_way(), Receipt("1"), self.now)

    async def settle(self) -> None:
        waiting = await self.store.outbox.pending(self.target)
        known = [Settled(delivery=d.id, at=self.now, day="2026-11-23") for d in waiting[:1]]
        await self.store.outbox.settle(known, ALREADY)

    async def unsubscribe(self) -> None:
        for gone in self.subscriptions[-1:]:
            await self.store.subscriptions.remove(gone.id)
        del self.subscriptions[-1:]

    async def pause(self) -> None:
        until = (None, 0)[self.turn % 2]
        if self.target:
            await self.store.subscriptions.prefer(self.target, lambda known: replace(known, paused_until=until))

    async def pause_all(self) -> None:
        await rest(self.store, bool(self.turn % 2))

    async def fail(self, fate: str, reason: str) -> None:
        message = await self.under_way()
        if fate == "dead":
            await self.store.outbox.dead(message, reason, self.now)
        elif fate == "suspend":
            await self.store.outbox.suspend(self.target, reason, self.now)
        if fate != "dead":
            await self.store.outbox.again(message, self.now, reason, ambiguous=fate == "unclear")

    async def try_out(self) -> None:
        for target in await self.store.outbox.trials(["terminal"], self.now, 10):
            await self.store.outbox.try_out(target.id, self.now + DAY)

    async def resume(self) -> None:
        await self.store.outbox.resume(self.target, NOON)

    async def expire(self) -> None:
        await self.store.outbox.expire(self.now - 7 * DAY, self.now)

    async def wait(self, hours: int) -> None:
        self.now += hours * HOUR + LEASE

    async def deliveries(self) -> list[Delivery]:
        return [d for n in PAPERS for d in await self.store.outbox.trail(self.target, paper(n).key)]

    async def check(self) -> None:
        for delivery in await self.deliveries():
            if delivery.state in {"dead", "expired", "suspended"}:
                assert is_plain(delivery.detail), delivery
            else:
                assert delivery.detail in {"", ALREADY}, delivery


def is_plain(reason: str) -> bool:
    """Words that a person reads: not nothing, no code, one line."""
    said = without_codes(reason)
    return bool(re.search(r"[a-z]{2}", said)) and not re.search(r"code \d|\w_\w|Error|\n", said)


Step = Callable[[World], Awaitable[None]]
PLAIN: tuple[Step, ...] = (
    World.match, World.freeze, World.fold, World.claim, World.arrive, World.settle, World.unsubscribe, World.pause,
    World.pause_all, World.try_out, World.resume, World.expire,
)  # fmt: skip


def failing(fate: str, reason: str) -> Step:
    return lambda world: world.fail(fate, reason)


def waiting(hours: int) -> Step:
    return lambda world: world.wait(hours)


STEPS = st.one_of(
    st.sampled_from(PLAIN),
    st.builds(failing, st.sampled_from(("again", "unclear", "dead", "suspend")), st.sampled_from(REASONS)),
    st.builds(waiting, st.sampled_from((1, 24, 100))),
)


@pytest.mark.parametrize("kind", STORES)
@settings(max_examples=60)
@given(steps=st.lists(STEPS, min_size=5, max_size=25))
def test_after_any_sequence_each_end_has_its_reason_and_after_a_week_everything_has_ended(
    kind: str, steps: list[Step]
) -> None:
    asyncio.run(lived(kind, steps))


async def lived(kind: str, steps: list[Step]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with STORES[kind](Path(folder)) as store:
            await store.papers.ingest(edition(*map(paper, PAPERS)), NOON)
            world = World(store)
            await world.match()
            for step in [*steps, waiting(24 * 9), World.expire]:
                await step(world)
                await world.check()
            assert {delivery.state for delivery in await world.deliveries()} <= ENDED
            assert set((await store.outbox.tally()).messages) <= ENDED


@pytest.mark.parametrize("reason", ["", " "])
async def test_who_suspends_or_gives_up_without_a_reason_is_given_one(store: Store, reason: str) -> None:
    message = await frozen(store, 1)
    target = (await store.subscriptions.target(ROOM)).id
    assert await store.outbox.suspend(target, reason, NOON)
    [delivery] = await store.outbox.trail(target, paper(1).key)
    assert (delivery.state, delivery.detail) == ("suspended", "it takes no posts")
    await store.outbox.resume(target, NOON)
    await store.outbox.dead(message, reason, NOON)
    [delivery] = await store.outbox.trail(target, paper(1).key)
    assert (delivery.state, delivery.detail) == ("dead", "it could not be posted")
