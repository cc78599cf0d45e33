"""The bundled edition: true facts, our own words, and a source like the others."""

import gzip
import json
import re
from datetime import UTC, date, datetime

import pytest

from bot.errors import ConfigError
from bot.model import Paper
from bot.sources import SOURCES, Options, source
from bot.sources.http import Fetcher
from bot.sources.parse_huggingface import parse_list
from bot.sources.sample import Sample
from tests.shared import shared

NOW = datetime(2030, 1, 1, tzinfo=UTC)


def original(day: date) -> bytes:
    return gzip.decompress((shared("hf_daily") / f"{day}.json.gz").read_bytes())


async def papers() -> list[tuple[date, Paper]]:
    return [(edition.day, paper) async for edition in Sample().editions(NOW, {}) for paper in edition.papers]


def runs(text: str, length: int) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[at : at + length]) for at in range(len(words) - length + 1)}


async def test_it_is_forty_papers_over_five_days_in_order() -> None:
    editions = [edition async for edition in Sample().editions(NOW, {})]
    assert [edition.day for edition in editions] == [date(2026, 7, day) for day in range(6, 11)]
    assert sum(len(edition.papers) for edition in editions) == 40
    assert {(edition.source, edition.list) for edition in editions} == {("sample", "daily")}
    assert not any(edition.complaints for edition in editions)
    assert all(paper.facts.featured == edition.day for edition in editions for paper in edition.papers)


async def test_every_fact_is_that_of_the_recorded_list() -> None:
    for day, paper in await papers():
        listed, _ = parse_list(original(day), day=day)
        real = next(real for real in listed if real.key == paper.key)
        facts = (paper.title, paper.authors, paper.published, paper.organization, paper.links)
        assert facts == (real.title, real.authors, real.published, real.organization, real.links)
        assert paper.sources == ("sample",)
        for name in ("votes", "comments", "stars", "featured"):
            assert getattr(paper.facts, name) == getattr(real.facts, name)


async def test_no_eight_words_of_a_summary_stand_in_the_original_in_that_order() -> None:
    for day, paper in await papers():
        raw = next(entry["paper"] for entry in json.loads(original(day)) if entry["paper"]["id"] == paper.arxiv_id)
        theirs = runs(raw["summary"], 8) | runs(raw.get("ai_summary") or "", 8)
        assert not runs(paper.abstract, 8) & theirs, paper.key
        assert 20 <= len(paper.abstract.split()) <= 80


async def test_it_has_variety_to_show() -> None:
    everything = [paper for _, paper in await papers()]
    assert any(paper.facts.stars for paper in everything)
    assert any(paper.organization for paper in everything)
    assert any(paper.links.code for paper in everything)
    assert any(len(paper.authors) > 250 for paper in everything)
    assert len({paper.key for paper in everything}) == 40


async def test_nothing_of_the_services_own_making_is_bundled() -> None:
    for _, paper in await papers():
        assert (paper.picture, paper.submitter, paper.handles) == ("", "", ())
        assert (paper.facts.summary, paper.facts.keywords) == ("", ())


async def test_it_is_looked_up_and_searched_like_the_others() -> None:
    sample = Sample()
    paper = await sample.lookup("arxiv:2607.02770")
    assert paper is not None
    assert paper.title == "Gemma 4 Technical Report"
    assert await sample.lookup("arxiv:0000.00000") is None
    assert await sample.linked("arxiv:2607.02770") is None
    assert [found.title for found in await sample.search("GEMMA reports", 5)] == ["Gemma 4 Technical Report"]
    worlds = await sample.search("world model", 3)
    assert len(worlds) == 3
    assert "World Models" in worlds[0].title
    assert await sample.search("", 5) == await sample.search("zebra", 5) == await sample.search("world", 0) == []


async def test_a_day_it_does_not_have_is_empty() -> None:
    assert len((await Sample().edition(date(2026, 7, 6))).papers) == 8
    assert (await Sample().edition(date(2026, 7, 5))).papers == ()


# --- the table of sources ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(SOURCES))
def test_every_source_in_the_table_can_be_built_and_knows_its_name(name: str, fetcher: Fetcher) -> None:
    assert source(name, fetcher, Options()).name == name


def test_an_unknown_source_is_refused_with_the_known_ones(fetcher: Fetcher) -> None:
    with pytest.raises(ConfigError, match="no source called openreview; known are huggingface, arxiv, sample"):
        source("openreview", fetcher, Options())
