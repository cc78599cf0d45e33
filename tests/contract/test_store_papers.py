"""What every store promises about papers."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from bot.model import Edition, Facts, Ingested, Links, Organization, Paper, Sieve, SourceHealth, Term
from bot.ports import Store
from tests.making import DAY, HOUR, NOON, edition, paper


async def matched(store: Store) -> None:
    """Everything that waits is matched, to nobody."""
    await store.outbox.plan(await store.outbox.unmatched(1000), [], [], NOON)


async def test_a_paper_comes_back_as_it_was_told(store: Store) -> None:
    told = Paper(
        key="arxiv:math.GT/0309136",
        title="Knots",
        abstract="On knots.",
        authors=("A. One", "Å. Two"),
        handles=("two",),
        organization=Organization("lab", "The Lab"),
        categories=("math.GT", "cs.CG"),
        links=Links(page="https://example.org/p", code="https://example.org/c"),
        picture="https://example.org/p.png",
        submitter="someone",
        published=date(2003, 9, 8),
        version=3,
        comment="12 pages",
        doi="10.1/x",
        journal="J. of Knots",
        withdrawn=True,
        facts=Facts(votes=0, comments=2, stars=3, models=4, summary="Knots!", keywords=("knot",), featured=DAY),
        sources=("huggingface",),
    )
    await store.papers.ingest(edition(told), NOON)
    assert await store.papers.get(told.key) == replace(told, first_seen=NOON)


async def test_an_unknown_paper_is_none(store: Store) -> None:
    assert await store.papers.get("arxiv:9999.99999") is None


async def test_a_repeated_edition_changes_nothing(store: Store) -> None:
    served = edition(paper(1), paper(2, votes=3))
    assert await store.papers.ingest(served, NOON) == Ingested(fresh=2)
    await matched(store)
    assert await store.papers.ingest(served, NOON + HOUR) == Ingested(same=2)
    assert await store.outbox.unmatched(10) == []
    assert (await store.papers.get(paper(1).key)).first_seen == NOON  # type: ignore[union-attr]


async def test_a_paper_named_twice_in_one_edition_counts_once(store: Store) -> None:
    assert await store.papers.ingest(edition(paper(1), paper(1, votes=5)), NOON) == Ingested(fresh=1)
    assert (await store.papers.get(paper(1).key)).facts.votes == 5  # type: ignore[union-attr]


async def test_a_fresh_paper_waits_without_a_before(store: Store) -> None:
    await store.papers.ingest(edition(paper(1)), NOON)
    (change,) = await store.outbox.unmatched(10)
    assert (change.paper, change.before) == (replace(paper(1), first_seen=NOON), None)


async def test_changed_votes_wait_with_the_paper_as_last_matched(store: Store) -> None:
    await store.papers.ingest(edition(paper(1, votes=10)), NOON)
    first = (await store.outbox.unmatched(10))[0]
    await matched(store)
    await store.papers.ingest(edition(paper(1, votes=20)), NOON)
    assert await store.papers.ingest(edition(paper(1, votes=60)), NOON) == Ingested(changed=1)
    (change,) = await store.outbox.unmatched(10)
    assert change.before is not None
    assert (change.before.facts.votes, change.paper.facts.votes) == (10, 60)
    assert change.revision > first.revision


async def test_after_matching_the_next_change_is_compared_with_what_was_matched(store: Store) -> None:
    for votes in (10, 20):
        await store.papers.ingest(edition(paper(1, votes=votes)), NOON)
        await matched(store)
    await store.papers.ingest(edition(paper(1, votes=30)), NOON)
    (change,) = await store.outbox.unmatched(10)
    assert change.before is not None
    assert change.before.facts.votes == 20


async def test_a_paper_that_changed_before_it_was_ever_matched_is_still_new(store: Store) -> None:
    await store.papers.ingest(edition(paper(1)), NOON)
    await store.papers.ingest(edition(paper(1, votes=7)), NOON)
    (change,) = await store.outbox.unmatched(10)
    assert (change.before, change.paper.facts.votes) == (None, 7)


async def test_changes_come_in_the_order_they_began_to_wait_and_no_more_than_asked(store: Store) -> None:
    await store.papers.ingest(edition(*map(paper, (3, 1, 2))), NOON)
    await store.papers.ingest(edition(paper(1, votes=1)), NOON)
    waiting = await store.outbox.unmatched(10)
    assert [change.paper.key[-1] for change in waiting] == ["3", "1", "2"]
    assert await store.outbox.unmatched(2) == waiting[:2]


async def test_two_sources_make_one_paper_whoever_speaks_first(store: Store) -> None:
    huggingface = [paper(n, "A working title", abstract="Short.", votes=3) for n in (1, 2)]
    arxiv = [paper(n, "The title", source="arxiv", abstract="Long.", categories=("cs.LG",), version=2) for n in (1, 2)]
    await store.papers.ingest(edition(huggingface[0]), NOON)
    await store.papers.ingest(edition(arxiv[0], name="announced", source="arxiv"), NOON)
    await store.papers.ingest(edition(arxiv[1], name="announced", source="arxiv"), NOON)
    await store.papers.ingest(edition(huggingface[1]), NOON)
    one, other = [await store.papers.get(paper(n).key) for n in (1, 2)]
    assert one is not None
    assert other is not None
    assert one == replace(other, key=one.key)
    assert (one.title, one.facts.votes, one.sources) == ("The title", 3, ("arxiv", "huggingface"))


async def test_what_a_look_up_brings_waits_for_nothing_and_is_fresh_when_a_poll_brings_it(store: Store) -> None:
    await store.papers.ingest(edition(paper(1, votes=1), name="lookup"), NOON, announce=False)
    await store.papers.ingest(edition(paper(1, votes=2), name="lookup"), NOON, announce=False)
    assert await store.outbox.unmatched(10) == []
    assert await store.papers.days("lookup", 5) == []
    assert await store.papers.ingest(edition(paper(1, votes=2)), NOON) == Ingested(fresh=1)
    (change,) = await store.outbox.unmatched(10)
    assert change.before is None


async def test_a_look_up_of_an_announced_paper_is_a_change_like_any_other(store: Store) -> None:
    await store.papers.ingest(edition(paper(1, votes=10)), NOON)
    await matched(store)
    await store.papers.ingest(edition(paper(1, votes=60), name="lookup"), NOON, announce=False)
    (change,) = await store.outbox.unmatched(10)
    assert change.before is not None
    assert (change.before.facts.votes, change.paper.facts.votes) == (10, 60)


async def test_a_backfilled_paper_is_never_fresh_but_its_later_changes_count(store: Store) -> None:
    await store.papers.ingest(edition(paper(1, votes=10)), NOON, announce=False)
    assert await store.outbox.unmatched(10) == []
    assert await store.papers.ingest(edition(paper(1, votes=10)), NOON) == Ingested(same=1)
    await store.papers.ingest(edition(paper(1, votes=60)), NOON)
    (change,) = await store.outbox.unmatched(10)
    assert change.before is not None
    assert change.before.facts.votes == 10


async def test_what_a_backfill_fills_in_is_old_news(store: Store) -> None:
    await store.papers.ingest(edition(paper(1, votes=9)), NOON)
    await matched(store)
    late = paper(1, source="arxiv", categories=("cs.CL",))
    assert await store.papers.ingest(edition(late), NOON, announce=False) == Ingested(changed=1)
    assert await store.outbox.unmatched(10) == []
    await store.papers.ingest(edition(replace(late, categories=("cs.CV",), title="Other"), day=DAY), NOON + 1)
    (change,) = await store.outbox.unmatched(10)
    assert change.before is not None
    assert (change.before.categories, change.before.facts.votes) == (("cs.CL",), 9)


async def test_what_a_backfill_changes_and_fills_in_at_once_crosses_only_what_changed(store: Store) -> None:
    await store.papers.ingest(edition(paper(1, votes=9)), NOON)
    await matched(store)
    await store.papers.ingest(edition(paper(1, votes=90, stars=5)), NOON, announce=False)
    (change,) = await store.outbox.unmatched(10)
    assert change.before is not None
    assert (change.before.facts.votes, change.before.facts.stars) == (9, 5)
    assert (change.paper.facts.votes, change.paper.facts.stars) == (90, 5)
    assert change.paper.first_seen == NOON


async def test_what_a_backfill_changes_of_an_announced_paper_is_a_change_like_any_other(store: Store) -> None:
    await store.papers.ingest(edition(paper(1, votes=9)), NOON)
    await matched(store)
    assert await store.papers.ingest(edition(paper(1, votes=90)), NOON, announce=False) == Ingested(changed=1)
    assert await store.papers.ingest(edition(paper(1, votes=91)), NOON) == Ingested(changed=1)
    (change,) = await store.outbox.unmatched(10)
    assert change.before is not None
    assert (change.before.facts.votes, change.paper.facts.votes) == (9, 91)


async def test_a_backfill_does_not_make_a_waiting_paper_old(store: Store) -> None:
    await store.papers.ingest(edition(paper(1), source="arxiv", name="announced"), NOON)
    await store.papers.ingest(edition(paper(1, votes=9)), NOON, announce=False)
    (change,) = await store.outbox.unmatched(10)
    assert (change.before, change.paper.facts.votes) == (None, 9)


async def test_papers_that_left_the_trending_list_are_told_so(store: Store) -> None:
    await store.papers.ingest(edition(paper(1, trending=1), paper(2, trending=2), name="trending"), NOON)
    await matched(store)
    done = await store.papers.ingest(edition(paper(2, trending=1), name="trending"), NOON)
    assert done == Ingested(changed=2)
    left = await store.papers.get(paper(1).key)
    assert left is not None
    assert left.facts.trending is None
    changes = {change.paper.key: change for change in await store.outbox.unmatched(10)}
    assert changes[left.key].before.facts.trending == 1  # type: ignore[union-attr]
    assert [p.key for _, p in await store.papers.listed("trending", DAY, DAY)] == [paper(2).key]


async def test_an_unchanged_edition_loses_nobody_and_keeps_its_cursor(store: Store) -> None:
    await store.papers.ingest(edition(paper(1, trending=1), name="trending", cursor={"a": "1", "b": "2"}), NOON)
    again = Edition(source="huggingface", list="trending", day=DAY, unchanged=True, cursor={"a": "3"})
    assert await store.papers.ingest(again, NOON) == Ingested()
    assert (await store.papers.get(paper(1).key)).facts.trending == 1  # type: ignore[union-attr]
    assert await store.papers.cursor("huggingface") == {"a": "3", "b": "2"}
    assert await store.papers.cursor("arxiv") == {}


async def test_a_daily_list_keeps_what_a_later_reading_left_out_in_the_newest_order(store: Store) -> None:
    await store.papers.ingest(edition(paper(1), paper(2), paper(3)), NOON)
    await store.papers.ingest(edition(paper(3), paper(1)), NOON)
    assert [p.key[-1] for _, p in await store.papers.listed("daily", DAY, DAY)] == ["3", "1", "2"]


async def test_lists_are_read_by_day_then_order(store: Store) -> None:
    for days in (2, 0, 1):
        numbers = (10 * days + 2, 10 * days + 1)
        await store.papers.ingest(edition(*map(paper, numbers), day=DAY - timedelta(days=days)), NOON)
    found = await store.papers.listed("daily", DAY - timedelta(days=1), DAY)
    assert [(day, p.key[-2:]) for day, p in found] == [
        (DAY - timedelta(days=1), "12"),
        (DAY - timedelta(days=1), "11"),
        (DAY, "02"),
        (DAY, "01"),
    ]
    await store.papers.ingest(edition(day=DAY + timedelta(days=1)), NOON)
    assert await store.papers.days("daily", 2) == [DAY, DAY - timedelta(days=1)]


async def test_titles_are_found_by_words_and_a_beginning(store: Store) -> None:
    await store.papers.ingest(edition(paper(1, "Streaming diffusion"), paper(2, "Diffusion models for streams")), NOON)
    await store.papers.ingest(edition(paper(3, "Trees", abstract="diffusion"), day=DAY), NOON)
    assert {p.key[-1] for p in await store.papers.by_title("diffusion str", 5)} == {"1", "2"}
    assert [p.key[-1] for p in await store.papers.by_title("MODEL", 5)] == ["2"]
    assert await store.papers.by_title("nothing of this", 5) == []
    assert len(await store.papers.by_title("", 2)) == 2
    assert len(await store.papers.by_title('"*^:() AND', 2)) == 0


async def test_organizations_are_found_by_the_beginning_of_a_word_the_busiest_first(store: Store) -> None:
    names = ("Acme Labs", "Orbit Lab", "Orbit Lab", "Nova")
    told = [paper(n, organization=Organization(f"o{n}", name)) for n, name in enumerate(names, 1)]
    await store.papers.ingest(edition(*told, paper(9, "Labels", authors=("Lab Ratt",), organization=None)), NOON)
    assert await store.papers.organizations("la", 5) == ["Orbit Lab", "Acme Labs"]
    assert await store.papers.organizations("LABS", 1) == ["Orbit Lab"]
    assert await store.papers.organizations("orbit l", 5) == ["Orbit Lab"]
    assert await store.papers.organizations("ratt", 5) == []
    assert await store.papers.organizations('"*:() AND', 5) == []
    assert await store.papers.organizations("", 2) == ["Orbit Lab", "Acme Labs"]


async def search(store: Store, sieve: Sieve, limit: int = 10) -> list[str]:
    return [p.key[-1] for p in await store.papers.search(sieve, limit)]


async def test_a_search_holds_every_clause_by_one_of_its_terms(store: Store) -> None:
    await store.papers.ingest(
        edition(
            paper(1, "Video diffusion", authors=("Zoë Hintón",)),
            paper(2, "Video models", abstract="No diffusing here, but hinton"),
            paper(3, "PyTorch and C++ tricks", keywords=("video editing",)),
        ),
        NOON,
    )
    video, diffusion, model = Term("video"), Term("diffusion"), Term("model")
    assert set(await search(store, Sieve(all=((video,),)))) == {"1", "2", "3"}
    assert await search(store, Sieve(all=((video,), (diffusion,)))) == ["1"]
    assert set(await search(store, Sieve(all=((video,), (diffusion, model))))) == {"1", "2"}
    assert await search(store, Sieve(all=((Term("hinton", "people"),),))) == ["1"]
    assert await search(store, Sieve(all=((Term("hinton"),),))) == ["2"]
    assert await search(store, Sieve(all=((Term("diffu", prefix=True),), (Term("model", "title"),)))) == ["2"]
    assert await search(store, Sieve(all=((Term("torch", "title"),),))) == ["3"]
    assert await search(store, Sieve(all=((Term("c++"),),))) == ["3"]
    assert await search(store, Sieve(all=((Term("video editing"),),))) == ["3"]
    assert await search(store, Sieve(all=((Term("diffusion video"),),))) == []


async def test_a_title_counts_more_than_an_abstract(store: Store) -> None:
    await store.papers.ingest(
        edition(paper(1, "On trees", abstract="About graphs and more"), paper(2, "On graphs", abstract="About trees")),
        NOON,
    )
    assert await search(store, Sieve(all=((Term("graph"),),))) == ["2", "1"]


async def test_loose_words_rank_and_exclude_nothing(store: Store) -> None:
    papers = [
        paper(1, "On forests"),
        paper(2, "Tree models generalise", abstract="generalization"),
        paper(3, "On seas"),
    ]
    await store.papers.ingest(edition(*papers), NOON)
    found = await search(store, Sieve(any=(Term("tree"), Term("generalizing"))))
    assert found[0] == "2"
    assert set(found) == {"1", "2", "3"}
    assert await search(store, Sieve(all=((Term("on"),),), any=(Term("sea"),))) == ["3", "1"]


async def test_a_search_without_words_is_newest_first_and_knows_since(store: Store) -> None:
    await store.papers.ingest(
        edition(
            paper(1, featured=DAY - timedelta(days=9), published=date(2020, 1, 1)),
            paper(2, published=DAY - timedelta(days=3)),
            paper(3),
        ),
        NOON,
    )
    assert await search(store, Sieve()) == ["3", "2", "1"]
    assert await search(store, Sieve(), limit=1) == ["3"]
    assert await search(store, Sieve(since=DAY - timedelta(days=3))) == ["3", "2"]
    assert await search(store, Sieve(all=((Term("paper"),),), since=DAY)) == ["3"]


async def test_a_changed_title_is_found_by_its_new_words_only(store: Store) -> None:
    await store.papers.ingest(edition(paper(1, "Old words")), NOON)
    await store.papers.ingest(edition(paper(1, "New words")), NOON)
    assert await search(store, Sieve(all=((Term("new"),),))) == ["1"]
    assert await search(store, Sieve(all=((Term("old"),),))) == []


async def test_two_tasks_storing_at_once_lose_nothing(store: Store) -> None:
    async def ingest(start: int) -> None:
        for number in range(start, start + 10):
            await store.papers.ingest(edition(paper(number), paper(99, votes=number)), NOON)

    await asyncio.gather(*(ingest(start) for start in (100, 200, 300)))
    assert (await store.outbox.tally()).papers == 31
    changes = await store.outbox.unmatched(100)
    assert len(changes) == len({change.revision for change in changes}) == 31


async def test_health_is_remembered(store: Store) -> None:
    health = SourceHealth(source="arxiv", last_try=1, last_ok=2, error="gone", not_before=5)
    await store.papers.note_health(replace(health, error=""))
    await store.papers.note_health(health)
    assert await store.papers.health() == [health]


async def test_finished_jobs_are_remembered(store: Store) -> None:
    assert not await store.papers.done("backfill 2026-11-23")
    await store.papers.mark_done("backfill 2026-11-23")
    await store.papers.mark_done("backfill 2026-11-23")
    assert await store.papers.done("backfill 2026-11-23")


def test_noon_is_noon() -> None:
    assert datetime.fromtimestamp(NOON / 1000, UTC) == datetime(2026, 11, 23, 12, tzinfo=UTC)
