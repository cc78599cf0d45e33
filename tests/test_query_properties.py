"""Properties of the subscription language over random queries, random papers and hostile text."""

import random
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import QueryError
from bot.model import Paper, Term
from bot.query import Query, document, parse
from bot.text import parts, words
from tests import oracle
from tests.oracle import PAPERS, QUERIES, TODAY

HANG = 0.05  # seconds of CPU for one query
HOSTILE = 100_000
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\ud800-\udfff]")


@st.composite
def typed_queries(draw: st.DrawFn) -> tuple[oracle.Query, str]:
    query = draw(QUERIES)
    return query, draw(oracle.written(query))


@settings(max_examples=400)
@given(typed_queries(), PAPERS)
def test_a_query_matches_what_brute_force_over_the_fields_says(typed: tuple[oracle.Query, str], paper: Paper) -> None:
    query, text = typed
    hits = parse(text).match(document(paper), TODAY)
    assert (None if hits is None else list(hits)) == oracle.hits(query, paper)


@settings(max_examples=200)
@given(typed_queries())
def test_a_query_reads_back_from_how_it_is_written(typed: tuple[oracle.Query, str]) -> None:
    query = parse(typed[1])
    assert parse(str(query)) == query
    assert str(parse(str(query))) == str(query)


@settings(max_examples=200)
@given(typed_queries(), PAPERS)
def test_an_explanation_is_all_right_exactly_when_the_query_matches(
    typed: tuple[oracle.Query, str], paper: Paper
) -> None:
    query, doc = parse(typed[1]), document(paper)
    verdicts = query.explain(doc, TODAY)
    assert all(verdict.ok for verdict in verdicts) == (query.match(doc, TODAY) is not None)
    assert verdicts


@settings(max_examples=200)
@given(typed_queries(), st.lists(PAPERS, min_size=4, max_size=8))
def test_whatever_a_query_matches_passes_its_sieve(typed: tuple[oracle.Query, str], papers: list[Paper]) -> None:
    query = parse(typed[1])
    for paper in papers:
        if query.match(document(paper), TODAY) is not None:
            columns = full_text(paper)
            assert all(any(passes(term, columns) for term in clause) for clause in query.sieve().all)


def full_text(paper: Paper) -> dict[str, str]:
    """The columns of a full-text index as ``Query.sieve`` describes them, tokens between spaces."""
    org = paper.organization
    people = [*paper.authors, org.slug if org else "", org.name if org else ""]
    columns = {
        "title": [words(paper.title)],
        "abstract": [words(paper.abstract)],
        "people": [words(name) for name in people],
        "keywords": [*(words(keyword) for keyword in paper.facts.keywords), tuple(sorted(parts(paper.title)))],
    }
    return {name: f" {' '.join(token for run in runs for token in run)} " for name, runs in columns.items()}


def passes(term: Term, columns: dict[str, str]) -> bool:
    searched = columns.values() if term.column == "any" else [columns[term.column]]
    return any(f" {term.text}{'' if term.prefix else ' '}" in column for column in searched)


# --- hostile text -----------------------------------------------------------------------------------------------------

WORDS = "a foo model votes LeCun self-supervised é 扩散 ſ ß İ 🤖 C++ $x$ 1k 10 code daily hf @me cs.CL cs.*"
FIELDS = "title: author: cat: has: is: like: about: org: source: xyz: auther: AND: Mamba: votes>= >=10 votes:10"
SIGNS = '" " “ ” ( ) (( )) | OR AND NOT - – -- * stream* st* f*o = < > ≥ <> / /x.*/ /(a+)+$/ . ? : , ! ... OR!'
PIECES = [
    *" ".join([WORDS, FIELDS, SIGNS]).split(),
    "Y. LeCun",
    *("stars = 3", "：", "＊", "（", "）", "\\", "`", "'", "\t", "\n", "\u200b", "\u200d", "\u202e", "\x00", "\ud800"),
    *("\ue000", "\U0010ffff", "a" * 60, "(" * 30, "*" * 9, "-" * 9, '"' * 9),
]


def soup(dice: random.Random) -> str:
    """Words and operators of the language in no sensible order."""
    spaces = dice.choice((("",), (" ",), ("", " ")))
    return "".join(dice.choice(PIECES) + dice.choice(spaces) for _ in range(dice.choice((2, 3, 4, 5, 6, 8, 12, 24))))


def noise(dice: random.Random) -> str:
    """Any characters, or bytes read as text."""
    if dice.random() < 0.5:
        return dice.randbytes(dice.randrange(60)).decode("utf-8", "surrogateescape")
    return "".join(chr(dice.randrange(0x110000 if dice.random() < 0.1 else 0x250)) for _ in range(dice.randrange(40)))


def flood(dice: random.Random) -> str:
    """One piece, or two, over and over: up to the limit, and far beyond it."""
    piece = dice.choice(PIECES) + dice.choice(("", " ", dice.choice(PIECES)))
    return (piece * 10_000)[: dice.choice((999, 1000, 10_000))]


def spoilt(dice: random.Random) -> str:
    """A good query with a few characters lost, doubled or swapped."""
    text = 'author:"Y. LeCun" (title:diffusion OR "video models") -survey votes>=10 has:code cat:cs.* stream*'
    for _ in range(dice.randrange(1, 6)):
        at = dice.randrange(len(text))
        text = text[:at] + dice.choice(("", text[at] * 2, dice.choice(PIECES), '"', "(", ")")) + text[at + 1 :]
    return text


KINDS = [(soup, 0.4), (noise, 0.445), (spoilt, 0.15), (flood, 0.005)]


@pytest.mark.parametrize(("kind", "share"), KINDS, ids=[kind.__name__ for kind, _ in KINDS])
def test_hostile_text_gives_a_query_or_a_query_error_and_never_hangs(kind, share) -> None:  # type: ignore[no-untyped-def]
    dice = random.Random(kind.__name__)
    for number in range(int(HOSTILE * share)):
        text = kind(dice)
        start = time.process_time()
        check(text, thorough=number % 10 == 0)
        if time.process_time() - start > HANG:
            assert fastest(text) < HANG, f"too slow: {text[:200]!r}"


def outcome(text: str) -> Query | QueryError:
    try:
        return parse(text)
    except QueryError as error:
        return error


def check(text: str, thorough: bool) -> None:
    read = outcome(text)
    if isinstance(read, Query):
        assert not thorough or parse(str(read)) == read
        return
    assert 0 <= read.start <= read.end <= len(text)
    assert str(read).endswith(".")
    assert not CONTROL.search(str(read))
    assert not read.mended or not thorough or str(parse(read.mended)) == read.mended


def fastest(text: str) -> float:
    """CPU seconds of the best of three: one slow reading may be the machine's."""

    def once() -> float:
        start = time.process_time()
        check(text, thorough=False)
        return time.process_time() - start

    return min(once() for _ in range(3))
