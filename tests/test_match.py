"""What fires when: new papers, papers that become a match, and watches. On a real store."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.match import Matcher, is_telling
from bot.model import Address, Cadence, Change, Delivery, Edition, Facts, Links, ListName, Paper, Subscription
from bot.ports import Store
from bot.store.sqlite import open_store

NOW = 1_800_000_000_000
ROOM = Address("terminal", "local", "#papers")
MINE = Address("terminal", "local", "mei", "person")
DAY = date(2027, 1, 15)


class Bench:
    """A store and its matcher; every step happens a minute after the last."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.matcher = Matcher(store)
        self.now = NOW

    async def subscribe(self, query: str, where: Address = ROOM, cadence: Cadence | None = None) -> Subscription:
        target = await self.store.subscriptions.target(where)
        return await self.store.subscriptions.add(
            target.id, query, cadence or Cadence(), owner="mei", now=self.now, limit=99, space_limit=99
        )

    async def see(self, *papers: Paper, name: ListName = "daily", announce: bool = True) -> int:
        """A source serves these papers, and matching runs. Returns how many deliveries are new."""
        self.now += 60_000
        edition = Edition(source="huggingface", list=name, day=DAY, papers=papers)
        await self.store.papers.ingest(edition, self.now, announce=announce)
        return await self.matcher.step(self.now)

    async def sent_to(self, where: Address, number: int) -> list[Delivery]:
        target = await self.store.subscriptions.target(where)
        return await self.store.outbox.trail(target.id, f"arxiv:2601.{number:05}")


def paper(number: int, votes: int | None = None) -> Paper:
    return Paper(
        key=f"arxiv:2601.{number:05}",
        title=f"Graph learning {number}",
        sources=("huggingface",),
        facts=Facts(votes=votes),
    )


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with open_store(tmp_path / "paperboy.db", now=NOW) as store:
        yield Bench(store)


async def test_a_new_paper_fires_the_subscriptions_it_matches_and_no_other(bench: Bench) -> None:
    await bench.subscribe("graph")
    await bench.subscribe("vision", where=MINE)
    assert await bench.see(paper(1)) == 1
    assert [d.reasons[0].terms for d in await bench.sent_to(ROOM, 1)] == [("graph",)]
    assert await bench.sent_to(MINE, 1) == []


async def test_a_paper_reaches_a_target_once_with_all_its_reasons(bench: Bench) -> None:
    await bench.subscribe("graph")
    await bench.subscribe("learning")
    assert await bench.see(paper(1)) == 1
    [delivery] = await bench.sent_to(ROOM, 1)
    assert [reason.query for reason in delivery.reasons] == ["graph", "learning"]


async def test_a_new_subscription_is_not_flooded_with_what_is_known(bench: Bench) -> None:
    await bench.see(paper(1, votes=1))
    await bench.subscribe("graph")
    assert await bench.see(paper(1, votes=2)) == 0
    assert await bench.see(paper(2)) == 1


async def test_votes_that_cross_a_condition_fire_later_and_once(bench: Bench) -> None:
    await bench.subscribe("graph votes>=50")
    assert await bench.see(paper(1, votes=10)) == 0
    assert await bench.see(paper(1, votes=49)) == 0
    assert await bench.see(paper(1, votes=51)) == 1
    assert await bench.see(paper(1, votes=40)) == 0
    assert await bench.see(paper(1, votes=60)) == 0


async def test_a_known_paper_that_becomes_a_match_fires_even_a_newer_subscription(bench: Bench) -> None:
    await bench.see(paper(1, votes=10))
    await bench.subscribe("graph votes>=50")
    assert await bench.see(paper(1, votes=60)) == 1


async def test_papers_are_planned_in_the_order_they_came_also_when_one_changed_before_it_was_matched(
    bench: Bench,
) -> None:
    await bench.subscribe("graph")
    for edition in (paper(1), paper(2)), (paper(1, votes=7),):
        listed = Edition(source="huggingface", list="daily", day=DAY, papers=edition)
        await bench.store.papers.ingest(listed, bench.now)
    await bench.matcher.step(bench.now)
    [first], [second] = await bench.sent_to(ROOM, 1), await bench.sent_to(ROOM, 2)
    assert first.id < second.id


async def test_an_edited_query_starts_afresh(bench: Bench) -> None:
    subscription = await bench.subscribe("vision")
    await bench.see(paper(1, votes=1))
    await bench.store.subscriptions.change(subscription.id, lambda s: replace(s, query="graph"))
    assert await bench.see(paper(1, votes=2)) == 0
    assert await bench.see(paper(2)) == 1


async def test_what_came_during_a_pause_is_not_sent_afterwards(bench: Bench) -> None:
    subscription = await bench.subscribe("graph")
    await bench.store.subscriptions.change(subscription.id, lambda s: replace(s, paused_until=0))
    assert await bench.see(paper(1)) == 0
    await bench.store.subscriptions.change(subscription.id, lambda s: replace(s, paused_until=None))
    assert await bench.see(paper(1, votes=5)) == 0
    assert await bench.see(paper(2)) == 1


async def test_a_pause_until_ends_by_itself(bench: Bench) -> None:
    target = await bench.store.subscriptions.target(ROOM)
    await bench.subscribe("graph")
    await bench.store.subscriptions.prefer(target.id, lambda p: replace(p, paused_until=bench.now + 90_000))
    assert await bench.see(paper(1)) == 0
    assert await bench.see(paper(2)) == 1


async def test_a_digest_subscription_is_planned_for_its_hour(bench: Bench) -> None:
    await bench.subscribe("graph", cadence=Cadence(every="daily", at=9 * 60))
    await bench.see(paper(1))
    [delivery] = await bench.sent_to(ROOM, 1)
    assert (delivery.kind, delivery.slot) == ("digest", "2027-01-15T09:00")


async def test_an_instant_reason_brings_a_planned_digest_paper_forward(bench: Bench) -> None:
    await bench.subscribe("graph", cadence=Cadence(every="daily"))
    await bench.see(paper(1, votes=1))
    await bench.subscribe("graph votes>=5")
    await bench.see(paper(1, votes=9))
    [delivery] = await bench.sent_to(ROOM, 1)
    assert (delivery.kind, len(delivery.reasons)) == ("instant", 2)


async def test_a_looked_up_paper_is_still_new_when_its_list_comes(bench: Bench) -> None:
    await bench.subscribe("graph")
    assert await bench.see(paper(1), name="lookup", announce=False) == 0
    assert await bench.see(paper(1)) == 1


async def test_a_backfilled_paper_is_old_news(bench: Bench) -> None:
    await bench.subscribe("graph")
    assert await bench.see(paper(1), announce=False) == 0
    assert await bench.see(paper(1, votes=3)) == 0


async def test_a_watch_fires_once_also_for_a_paper_no_list_ever_had(bench: Bench) -> None:
    mine = await bench.store.subscriptions.target(MINE)
    await bench.see(paper(1, votes=3), name="lookup", announce=False)
    watch = await bench.store.people.watch(mine.id, paper(1).key, "votes>=10")
    await bench.see(paper(1, votes=12), name="lookup", announce=False)
    assert await bench.matcher.watch_step([paper(1).key], bench.now) == 1
    assert await bench.matcher.watch_step([paper(1).key], bench.now) == 0
    [delivery] = await bench.sent_to(MINE, 1)
    assert (delivery.occasion, delivery.reasons[0].terms) == (f"watch:{watch.id}:votes>=10", ("votes>=10",))


async def test_whoever_watches_for_the_same_thing_again_is_told_again(bench: Bench) -> None:
    mine = await bench.store.subscriptions.target(MINE)
    await bench.see(paper(1, votes=3))
    await bench.store.people.watch(mine.id, paper(1).key, "votes>=10")
    assert await bench.see(paper(1, votes=12)) == 1
    await bench.see(paper(1, votes=8))
    await bench.store.people.watch(mine.id, paper(1).key, "votes>=10")
    assert await bench.see(paper(1, votes=11)) == 1


async def test_a_watch_and_an_alert_for_the_same_paper_both_arrive(bench: Bench) -> None:
    mine = await bench.store.subscriptions.target(MINE)
    await bench.subscribe("graph", where=MINE)
    await bench.see(paper(1, votes=3))
    watch = await bench.store.people.watch(mine.id, paper(1).key, "votes>=10")
    assert await bench.see(paper(1, votes=12)) == 1
    assert {d.occasion for d in await bench.sent_to(MINE, 1)} == {"", f"watch:{watch.id}:votes>=10"}


async def test_a_stored_query_that_cannot_be_read_any_more_stops_nobody_elses(bench: Bench) -> None:
    await bench.subscribe("about:")
    await bench.subscribe("graph")
    assert await bench.see(paper(1)) == 1


async def test_a_paper_stored_just_before_midnight_is_new_when_matched_just_after(bench: Bench) -> None:
    await bench.subscribe("is:new")
    midnight = (bench.now // 86_400_000 + 1) * 86_400_000
    edition = Edition(source="huggingface", list="daily", day=DAY, papers=(paper(1),))
    await bench.store.papers.ingest(edition, midnight - 1_000)
    assert await bench.matcher.step(midnight + 5_000) == 1


async def test_matching_again_after_a_crash_before_the_commit_plans_the_same(bench: Bench) -> None:
    await bench.subscribe("graph")
    edition = Edition(source="huggingface", list="daily", day=DAY, papers=(paper(1), paper(2)))
    await bench.store.papers.ingest(edition, bench.now)
    assert await Matcher(bench.store).step(bench.now) == 2
    assert await Matcher(bench.store).step(bench.now) == 0


# --- worth a second look ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ({"votes": 99}, {"votes": 100}),
        ({}, {"votes": 250}),
        ({}, {"summary": "What it says."}),
        ({}, {"code": "https://github.com/a/b"}),
    ],
)
def test_code_a_summary_or_many_votes_that_were_not_there_are_worth_a_second_look(
    before: dict[str, Any], now: dict[str, Any]
) -> None:
    assert is_telling(Change(paper=known(**now), before=known(**before), revision=2))
    assert not is_telling(Change(paper=known(**now), before=known(**now), revision=2))
    assert not is_telling(Change(paper=known(**before), before=known(**now), revision=2))


def test_a_new_paper_and_a_few_more_votes_are_not() -> None:
    assert not is_telling(Change(paper=known(votes=300), before=None, revision=1))
    assert not is_telling(Change(paper=known(votes=99), before=known(votes=3), revision=2))


def known(*, code: str = "", **facts: Any) -> Paper:
    return replace(paper(1), links=Links(code=code), facts=Facts(**facts))
