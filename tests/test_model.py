"""Keys, and what two sources together know of one paper."""

import gzip
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import cache, reduce
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Facts, Links, Organization, Paper, arxiv_key, merge
from bot.sources.fields import paper_key
from bot.sources.parse_arxiv import parse_feed
from bot.sources.parse_huggingface import parse_list
from tests.shared import shared


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("2401.01234", "arxiv:2401.01234"),
        ("https://arxiv.org/abs/2401.01234v3", "arxiv:2401.01234"),
        ("https://arxiv.org/pdf/1206.0160v1.pdf", "arxiv:1206.0160"),
        ("https://huggingface.co/papers/2401.01234", "arxiv:2401.01234"),
        ("oai:arXiv.org:2601.09706v3", "arxiv:2601.09706"),
        ("http://arxiv.org/abs/quant-ph/0201082v1", "arxiv:quant-ph/0201082"),
        ("math.GT/0309136", "arxiv:math/0309136"),
        ("see 2401.01234, it is good", "arxiv:2401.01234"),
        ("12401.012345", None),
        ("2401.012", None),
        ("version 3.14", None),
        ("٢٤٠١.٠١٢٣٤", None),
        ("", None),
    ],
)
def test_a_key_is_found_in_any_form_of_an_id(text: str, key: str | None) -> None:
    assert arxiv_key(text) == key


@given(st.text())
def test_looking_for_a_key_never_raises(text: str) -> None:
    key = arxiv_key(text)
    assert key is None or key.startswith("arxiv:")


HUB = Paper(
    key="arxiv:2401.01234",
    title="A Title",
    abstract="The Hub's copy.",
    authors=("A. Author",),
    handles=("author",),
    organization=Organization("lab", "A Lab"),
    links=Links(page="https://huggingface.co/papers/2401.01234", code="https://github.com/lab/code"),
    picture="https://cdn.example/picture.png",
    submitter="somebody",
    published=date(2024, 1, 3),
    facts=Facts(votes=12, comments=0, summary="In short.", featured=date(2024, 1, 5)),
    sources=("huggingface",),
)
FEED = Paper(
    key="arxiv:2401.01234",
    title="A Title: The First Words",
    abstract="arXiv's first copy.",
    authors=("A. Author", "B. Author"),
    categories=("cs.CL", "cs.AI"),
    links=Links(page="https://arxiv.org/abs/2401.01234", pdf="https://arxiv.org/pdf/2401.01234"),
    version=1,
    sources=("arxiv",),
)
API = replace(
    FEED,
    title="A Title: The Last Words",
    abstract="arXiv's third copy.",
    published=date(2024, 1, 2),
    version=3,
    doi="10.1/2",
)


def told(papers: tuple[Paper, ...]) -> Paper:
    known: Paper | None = None
    for paper in papers:
        known = merge(known, paper)
    assert known is not None
    return known


def test_each_source_keeps_what_only_it_says() -> None:
    both = told((HUB, FEED))
    assert both.sources == ("arxiv", "huggingface")
    assert (both.organization, both.handles, both.submitter) == (HUB.organization, HUB.handles, HUB.submitter)
    assert both.facts == HUB.facts
    assert both.categories == FEED.categories
    assert both.links.code == HUB.links.code
    assert both.links.pdf == FEED.links.pdf


def test_arxiv_is_believed_about_the_text_and_hugging_face_about_the_page() -> None:
    both = told((HUB, API))
    assert (both.title, both.abstract, both.authors, both.published) == (
        API.title,
        API.abstract,
        API.authors,
        API.published,
    )
    assert both.links.page == HUB.links.page


def test_a_source_that_is_believed_but_silent_leaves_the_field_to_the_other() -> None:
    assert told((FEED, HUB)).published == told((HUB, FEED)).published == HUB.published


@pytest.mark.parametrize("papers", list(permutations((HUB, FEED, API))))
def test_the_order_in_which_sources_and_versions_speak_does_not_matter(papers: tuple[Paper, ...]) -> None:
    assert told(papers) == told((HUB, FEED, API))


def test_the_highest_version_speaks() -> None:
    assert told((API, FEED)).title == API.title
    assert told((API, FEED)).version == 3


def test_a_withdrawal_is_not_forgotten_by_who_does_not_know_of_it() -> None:
    assert told((replace(API, withdrawn=True), HUB)).withdrawn
    assert told((HUB, replace(API, withdrawn=True))).withdrawn


def test_facts_follow_the_latest_reading_and_zero_is_a_fact() -> None:
    later = replace(HUB, facts=Facts(votes=0, stars=3, featured=date(2024, 1, 9), trending=4))
    facts = told((HUB, later)).facts
    assert facts == Facts(votes=0, comments=0, stars=3, summary="In short.", featured=date(2024, 1, 5), trending=4)


def test_when_the_store_first_heard_of_a_paper_stays() -> None:
    assert merge(replace(HUB, first_seen=7), FEED).first_seen == 7


# --- on real papers ---------------------------------------------------------------------------------------------------


@cache
def real_pairs() -> list[tuple[Paper, Paper]]:
    """Papers that both services told of, each as they told it."""
    hub: dict[str, Paper] = {}
    for file in sorted(shared("hf_daily").glob("*.json.gz")):
        papers, _ = parse_list(gzip.decompress(file.read_bytes()), day=date.fromisoformat(file.name[:10]))
        hub |= {paper.key: paper for paper in papers}
    feeds = (parse_feed(gzip.decompress(file.read_bytes())) for file in sorted(shared("arxiv", "rss").glob("*.gz")))
    arxiv: Mapping[str, Paper] = {p.key: p for feed in feeds for p in (*feed.papers, *feed.replaced)}
    return [(hub[key], arxiv[key]) for key in sorted(hub.keys() & arxiv.keys())]


def test_real_papers_that_both_services_know_become_one_in_either_order() -> None:
    pairs = real_pairs()
    assert pairs
    for hub, arxiv in pairs:
        both = told((hub, arxiv))
        assert both == told((arxiv, hub))
        assert both.facts == hub.facts
        assert (both.title, both.categories) == (arxiv.title, arxiv.categories)


def test_hearing_a_thing_again_changes_nothing_on_real_papers() -> None:
    for hub, arxiv in real_pairs():
        both = told((hub, arxiv))
        assert merge(both, hub) == both
        assert merge(both, arxiv) == both


@given(st.lists(st.sampled_from((HUB, FEED, API)), min_size=1, max_size=8))
def test_whatever_is_heard_how_often_the_result_is_that_of_hearing_each_once(heard: list[Paper]) -> None:
    once = sorted(set(map(id, heard)), key=[id(HUB), id(FEED), id(API)].index)
    each = tuple({id(p): p for p in heard}[name] for name in once)
    assert told(tuple(heard)) == reduce(merge, each[1:], each[0])


def test_the_two_spellings_of_an_old_id_are_one_paper() -> None:
    assert arxiv_key("https://arxiv.org/abs/math.GT/0309136v2") == arxiv_key("math/0309136") == "arxiv:math/0309136"
    assert paper_key("math.GT/0309136v2") == ("arxiv:math/0309136", 2)
