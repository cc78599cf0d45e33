"""Posts that are shown anew: once, quietly, and as they were where that fails. On a real store."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot import deliver, refresh
from bot.errors import DeliveryError, Fault
from bot.match import Matcher
from bot.model import Outgoing
from bot.ports import Store
from bot.store.sqlite import open_store
from tests.delivering import NOW, ROOM, Platform
from tests.making import edition, paper, subscribe

MINUTE = 60_000


class Living(Platform):
    """One that can show a message anew for an hour, and fails at it as it is told."""

    edit_window = 60 * MINUTE

    def __init__(self) -> None:
        super().__init__()
        self.edited: list[tuple[str, Outgoing]] = []
        self.faults: list[Fault] = []
        self.breaks = False

    async def edit(self, message: Outgoing, receipt: str) -> None:
        self.edited.append((receipt, message))
        if self.breaks:
            raise RuntimeError("a mistake of ours")
        if self.faults:
            raise DeliveryError("not now", fault=self.faults.pop(0))


class Bench:
    def __init__(self, store: Store) -> None:
        self.store = store
        self.platform = Living()
        self.matcher = Matcher(store)
        self.now = NOW

    async def see(self, *numbers: int, **facts: Any) -> None:
        papers = [replace(paper(n, f"Diffusion {n}", votes=1), abstract="") for n in numbers]
        await self.store.papers.ingest(
            edition(*(replace(p, facts=replace(p.facts, **facts)) for p in papers)), self.now
        )
        await self.matcher.step(self.now)

    async def post(self) -> None:
        while await deliver.freeze_due(self.store, {"fake": self.platform}, self.now):
            pass
        await deliver.Sender(self.store, self.platform).drain(lambda: self.now)

    async def refresh(self, later: int = 0) -> int:
        self.now += later
        return await refresh.step(self.store, self.platform, self.now)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with open_store(tmp_path / "paperboy.db", now=NOW) as store:
        bench = Bench(store)
        await subscribe(store, "diffusion", ROOM)
        await bench.see(1)
        await bench.post()
        yield bench


async def test_a_post_is_shown_anew_once_whatever_comes_later(bench: Bench) -> None:
    assert await bench.refresh() == 0
    await bench.see(1, summary="What it says.")
    assert await bench.refresh(MINUTE) == 1
    [(receipt, message)] = bench.platform.edited
    assert (receipt, message.where, message.nonce) == ("1", ROOM, bench.platform.accepted[0].nonce)
    await bench.see(1, summary="What it says.", votes=150)
    assert await bench.refresh(MINUTE) == 0
    assert len(bench.platform.edited) == 1


async def test_nothing_is_shown_anew_for_a_few_votes_more(bench: Bench) -> None:
    await bench.see(1, votes=99)
    assert await bench.refresh(MINUTE) == 0


async def test_what_was_sent_too_long_ago_stays_as_it_is(bench: Bench) -> None:
    await bench.see(1, votes=100)
    assert await bench.refresh(61 * MINUTE) == 0
    assert bench.platform.edited == []


async def test_a_channel_that_wants_its_posts_to_stay_is_left_alone(bench: Bench) -> None:
    target = await bench.store.subscriptions.target(ROOM)
    await bench.store.subscriptions.prefer(target.id, lambda known: replace(known, living=False))
    await bench.see(1, votes=100)
    assert await bench.refresh(MINUTE) == 0


async def test_a_channel_that_takes_no_posts_is_left_alone(bench: Bench) -> None:
    target = await bench.store.subscriptions.target(ROOM)
    await bench.store.outbox.suspend(target.id, "it is gone", bench.now)
    await bench.see(1, votes=100)
    assert await bench.refresh(MINUTE) == 0
    assert bench.platform.edited == []


@pytest.mark.parametrize("fault", ["busy", "temporary", "ambiguous", "credential"])
async def test_what_may_work_later_is_tried_later(bench: Bench, fault: Fault) -> None:
    await bench.see(1, votes=100)
    bench.platform.faults = [fault]
    assert await bench.refresh(MINUTE) == 0
    assert await bench.refresh(MINUTE) == 1


@pytest.mark.parametrize("fault", ["payload", "target"])
async def test_what_cannot_be_shown_anew_stays_as_it_was_and_is_not_asked_again(bench: Bench, fault: Fault) -> None:
    await bench.see(1, votes=100)
    bench.platform.faults = [fault]
    assert await bench.refresh(MINUTE) == 0
    assert await bench.refresh(MINUTE) == 0
    assert len(bench.platform.edited) == 1


async def test_a_mistake_of_ours_leaves_the_post_as_it_was_and_holds_up_no_other(bench: Bench) -> None:
    await bench.see(2)
    await bench.post()
    await bench.see(1, votes=100)
    await bench.see(2, votes=100)
    bench.platform.breaks = True
    assert await bench.refresh(MINUTE) == 0
    assert [receipt for receipt, _ in bench.platform.edited] == ["1", "2"]
    bench.platform.breaks = False
    assert await bench.refresh(MINUTE) == 0


async def test_a_room_that_is_busy_holds_up_no_other(bench: Bench) -> None:
    await bench.see(2)
    await bench.post()
    await bench.see(1, votes=100)
    await bench.see(2, votes=100)
    bench.platform.faults = ["busy"]
    assert await bench.refresh(MINUTE) == 1
    assert await bench.refresh(MINUTE) == 1


async def test_a_platform_that_never_shows_anything_anew_is_not_asked(bench: Bench) -> None:
    await bench.see(1, votes=100)
    bench.platform.edit_window = 0
    assert await bench.refresh(MINUTE) == 0
    assert bench.platform.edited == []
