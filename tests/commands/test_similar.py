"""``/papers similar``: papers that share rare words, and which words those are."""

import json
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from bot.commands.similar import likest, telling_words
from bot.model import Edition, Facts, Paper
from bot.sources.sample import Sample
from tests.commands.at_desk import MONDAY, Mouth, at_desk, paper, said


@pytest.fixture
async def mouth(tmp_path: Path) -> AsyncIterator[Mouth]:
    async with at_desk(tmp_path) as mouth:
        yield mouth


async def sample() -> list[Paper]:
    return [p async for edition in Sample().editions(MONDAY, {}) for p in edition.papers]


def named(papers: list[Paper], start: str) -> Paper:
    return next(p for p in papers if p.title.startswith(start))


def test_small_words_and_numbers_say_nothing_of_a_paper() -> None:
    one = Paper(key="arxiv:1", title="On the Use of 3 World Models for Robots", facts=Facts(keywords=("video models",)))
    assert telling_words(one) == ("use", "world", "model", "robot", "video")


async def test_the_likest_share_the_rarest_words() -> None:
    papers = await sample()
    found = likest(named(papers, "Embodied.cpp"), papers)
    assert found[0].paper.title.startswith("RynnWorld-4D: 4D Embodied World Models")
    assert found[0].shared == ("embodied", "robot", "model")
    assert all(len(alike.shared) > 1 for alike in found)


async def test_a_paper_is_never_like_itself_and_the_order_depends_on_nothing_else() -> None:
    papers = await sample()
    for one in papers:
        found = likest(one, papers)
        assert one.key not in {alike.paper.key for alike in found}
        assert found == likest(one, papers)
        assert all(word in telling_words(one) for alike in found for word in alike.shared)


def test_where_no_paper_shares_two_words_the_few_with_one_are_shown() -> None:
    others = [paper(n, f"Diffusion {name}") for n, name in enumerate(("maps", "nets", "trees", "bees", "seas"), 2)]
    found = likest(paper(1, "Diffusion of ink"), others)
    assert [alike.shared for alike in found] == [("diffusion",)] * 3
    assert likest(paper(1, "Diffusion of ink"), [paper(2, "Nothing alike")]) == []
    assert likest(paper(1, "Of the"), others) == []


async def test_alike_papers_are_told_with_what_they_share_and_how_they_were_found(mouth: Mouth) -> None:
    papers = await sample()
    edition = Edition(source="sample", list="daily", day=date(2026, 7, 6), papers=tuple(papers))
    await mouth.store.papers.ingest(edition, mouth.now)
    reply = await mouth.say(f"similar {named(papers, 'OrbitQuant').arxiv_id}")
    assert "matched: " in said(reply)
    assert "diffusion" in said(reply)
    assert "by words in common" in said(reply)
    assert "OrbitQuant" not in "".join(row.text for row in reply.cards[0].rows)
    assert reply.cards[0].label == "SAMPLE EDITION"
    assert json.loads(json.dumps(reply.data))["paper"] == named(papers, "OrbitQuant").key


async def test_where_nothing_is_alike_that_is_said(mouth: Mouth) -> None:
    await mouth.read_day(MONDAY.date(), paper(1, "Knots"), paper(2, "Diffusion"))
    reply = await mouth.say("similar 2611.00001")
    assert said(reply) == "No stored paper shares telling words with “Knots”."
    assert not reply.failed


async def test_many_alike_papers_come_in_pages(mouth: Mouth) -> None:
    await mouth.read_day(MONDAY.date(), *(paper(n, f"World models, part {n}") for n in range(1, 25)))
    first = await mouth.say("similar 2611.00001")
    assert first.page is not None
    assert first.page.total == 3
    assert "11. World models" in said(await mouth.say(first.page.next))
