"""The extract reads as a sentence, keeps within its limit, and says more of a paper than its first sentence does."""

import gzip
import json
import re
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from bot.brief import brief
from bot.text import clean, sentences
from tests.shared import shared

_WORD = re.compile(r"[a-z0-9]+")
_BACKGROUND = "Long documents are costly to read for language models. "


def test_the_offer_is_picked_and_its_lead_in_left_out() -> None:
    abstract = _BACKGROUND + (
        "To this end, we propose Glyph, a framework that draws long texts as pictures and reads the pictures instead. "
        "Additionally, we train a reader of its own."
    )
    said = brief("Glyph: Scaling Context Windows", abstract)
    assert said == "Glyph, a framework that draws long texts as pictures and reads the pictures instead."


def test_a_verb_that_needs_its_subject_keeps_it() -> None:
    abstract = _BACKGROUND + "In this paper, we show that reading them as pictures costs a quarter of the tokens."
    assert brief("Reading as pictures", abstract).startswith("We show that reading")


def test_a_dangling_start_is_dropped() -> None:
    abstract = "Building on this observation, the method halves the memory that attention needs at every layer."
    assert brief("Half the memory", abstract) == "The method halves the memory that attention needs at every layer."


def test_a_sentence_that_points_back_at_another_is_not_the_first_choice() -> None:
    abstract = "A reader draws long documents as pages and reads the pictures. It reads long documents in less memory."
    assert brief("Reading long documents", abstract).startswith("A reader draws")


def test_where_the_code_lies_is_never_the_brief() -> None:
    abstract = _BACKGROUND + "We present a reader of pictures of long texts. Code is publicly available at our page."
    assert "available" not in brief("Reading pictures of texts", abstract)


def test_a_very_short_sentence_brings_the_next_one() -> None:
    abstract = _BACKGROUND + "We introduce VLA-0. It turns actions into plain text and needs no new parts."
    assert brief("VLA-0", abstract) == "We introduce VLA-0. It turns actions into plain text and needs no new parts."


def test_a_long_sentence_ends_at_a_clause() -> None:
    abstract = "We propose a reader of long documents that draws every page, " + "and then reads it again slowly, " * 20
    said = brief("Reader", abstract, 120)
    assert len(said) <= 120
    assert said.endswith("slowly…")


def test_no_abstract_no_brief() -> None:
    assert brief("A title", "") == ""


@given(st.text(max_size=60), st.text(max_size=2000), st.integers(2, 300))
def test_any_text_gives_an_extract_within_the_limit(title: str, abstract: str, limit: int) -> None:
    said = brief(clean(title), clean(abstract), limit)
    assert len(said) <= limit
    assert said == brief(clean(title), clean(abstract), limit)
    assert bool(said) == bool(clean(abstract))


def test_it_is_nearer_to_what_others_wrote_than_the_first_sentence_is() -> None:
    scored = [
        (_rouge(brief(title, abstract), summary), _rouge(sentences(abstract)[0], summary))
        for title, abstract, summary in _summarized()
    ]
    ours, first = (sum(column) / len(scored) for column in zip(*scored, strict=True))
    print(f"ROUGE-1 F, {len(scored)} papers: brief {ours:.3f}, first sentence {first:.3f}, {ours / first:.2f} times")
    assert ours / first >= 1.3


def test_what_is_shown_of_real_papers_stands_on_its_own() -> None:
    dangling = re.compile(r"(?:[,;:.)]|(?:Which|Built on this|To this end|And|Or|That)\b)")
    said = [brief(title, abstract) for title, abstract, _ in _summarized()]
    assert max(map(len, said)) <= 240
    bad = [text for text in said if dangling.match(text)]
    assert len(bad) <= len(said) // 500, bad[:5]


def _summarized() -> list[tuple[str, str, str]]:
    """(title, abstract, AI summary) of every recorded paper that has all three, each paper once."""
    found: dict[str, tuple[str, str, str]] = {}
    for file in sorted(shared("hf_daily").glob("*.json.gz")):
        for item in json.loads(gzip.decompress(file.read_bytes())):
            paper = item["paper"]
            if paper.get("ai_summary") and paper.get("summary"):
                found[paper["id"]] = (clean(paper["title"]), clean(paper["summary"]), clean(paper["ai_summary"]))
    return list(found.values())


def _rouge(said: str, wanted: str) -> float:
    """ROUGE-1 F: shared words, each as often as both have it, against the words of both."""
    ours, theirs = Counter(_WORD.findall(said.lower())), Counter(_WORD.findall(wanted.lower()))
    shared_words = (ours & theirs).total()
    return 2 * shared_words / (ours.total() + theirs.total()) if shared_words else 0.0
