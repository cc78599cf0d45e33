"""The index gives exactly the answers of trying every query, only sooner."""

import gzip
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.matching import Index
from bot.model import Paper
from bot.query import Document, Query, document, parse
from bot.sources.parse_huggingface import parse_list
from tests import oracle
from tests.oracle import PAPERS, QUERIES, TODAY
from tests.shared import shared


def by_trying_all(
    queries: list[tuple[int, Query]], doc: Document, today: date = TODAY
) -> list[tuple[int, tuple[str, ...]]]:
    tried = ((number, query.match(doc, today)) for number, query in queries)
    return sorted((number, hits) for number, hits in tried if hits is not None)


def test_matches_come_by_id_with_what_hit() -> None:
    queries = [(7, parse("diffusion OR video")), (2, parse("Diffusion")), (5, parse("survey")), (9, parse("*"))]
    doc = document(Paper(key="x", title="Video diffusion"))
    assert Index(queries).match(doc, TODAY) == [(2, ("Diffusion",)), (7, ("diffusion", "video")), (9, ("*",))]


def test_an_empty_index_matches_nothing() -> None:
    assert Index([]).match(document(Paper(key="x", title="A")), TODAY) == []


def test_equal_queries_spelled_differently_each_say_what_their_owner_typed() -> None:
    queries = [(1, parse("diffusion")), (2, parse("Diffusion")), (3, parse("diffusion"))]
    doc = document(Paper(key="x", title="Diffusion"))
    assert Index(queries).match(doc, TODAY) == [(1, ("diffusion",)), (2, ("Diffusion",)), (3, ("diffusion",))]


class Counting:
    """A query that counts how often it is tried."""

    def __init__(self, text: str) -> None:
        self.query = parse(text)
        self.tried = 0

    def __str__(self) -> str:
        return str(self.query)

    def sieve(self) -> object:
        return self.query.sieve()

    def match(self, doc: Document, today: date) -> tuple[str, ...] | None:
        self.tried += 1
        return self.query.match(doc, today)


@pytest.mark.parametrize(
    "text",
    ["survey", "the survey", "survey OR review", '"survey of the models"', "author:hinton", "(* votes>=1) survey"],
)
def test_a_query_is_not_tried_on_a_paper_without_its_words(text: str) -> None:
    query = Counting(text)
    index = Index([(1, query)])  # type: ignore[list-item]  # it answers as a Query does
    index.match(document(Paper(key="x", title="The models of video")), TODAY)
    assert query.tried == 0


def test_a_query_shared_by_many_is_tried_once() -> None:
    query = Counting("survey")
    index = Index([(number, query) for number in range(5)])  # type: ignore[misc]
    assert len(index.match(document(Paper(key="x", title="A survey")), TODAY)) == 5
    assert query.tried == 1


@st.composite
def typed_queries(draw: st.DrawFn) -> str:
    return draw(oracle.written(draw(QUERIES)))


@settings(max_examples=150)
@given(st.lists(typed_queries(), max_size=12), PAPERS)
def test_the_index_agrees_with_trying_every_random_query(texts: list[str], paper: Paper) -> None:
    queries = list(enumerate(map(parse, texts)))
    doc = document(paper)
    assert Index(queries).match(doc, TODAY) == by_trying_all(queries, doc)


# --- real papers ------------------------------------------------------------------------------------------------------

WORDS = (
    "diffusion|video|agent|reasoning|reinforcement|benchmark|multimodal|robot|speech|code|retrieval|quantization|"
    "attention|transformer|mamba|alignment|safety|distillation|segmentation|3d|medical|embedding|tokenizer|scaling|llm"
)
TOPICS = WORDS.split("|")
SHAPES = [
    "{0}",
    "{0}s",
    "{0} {1}",
    "{0} OR {1}",
    "{0} -{1}",
    "title:{0}",
    "abstract:({0} OR {1}) votes>=20",
    "({0} OR {1}) -(survey OR {2})",
    '"{0} model"',
    "keyword:{0}",
    "{0} has:code",
    "title:{0} OR author:wang {1}",
]
OTHERS = [
    *(
        "*",
        "* -survey",
        "is:daily",
        "votes>=50",
        "votes>=100 has:code",
        "stars>=1000",
        "comments>=3 -video",
        "has:summary",
    ),
    *("diffus*", "quantiz* OR distill*", "self-superv*", '"reinforcement learn*"', "categori*", "strateg* -reason*"),
    *(
        'author:"Y. Li"',
        "author:zhang",
        'author:"Wei Wang"',
        "author:@akhaliq",
        "org:google",
        "org:(nvidia OR microsoft)",
    ),
    *('"large language models"', '"state of the art"', "text-to-image", "GPT-4o", "LoRA", "C++", "RLHF OR DPO", "σ"),
    *("submitter:akhaliq", "source:hf", "source:arxiv", "cat:cs.CL", "is:trending OR votes>=80", "-(a OR the) model"),
]


def real_queries() -> list[tuple[int, Query]]:
    shaped = [
        shape.format(topic, TOPICS[(at + 3) % len(TOPICS)], TOPICS[(at * 7 + 1) % len(TOPICS)])
        for at, topic in enumerate(TOPICS)
        for shape in SHAPES
    ]
    return list(enumerate(map(parse, [*shaped, *OTHERS])))


def real_papers(every: int) -> list[Paper]:
    """Every ``every``-th recorded day's papers."""
    files = sorted(shared("hf_daily").glob("*.json.gz"))[::every]
    return [paper for file in files for paper in parse_list(gzip.decompress(file.read_bytes()))[0]]


def test_the_index_agrees_with_trying_every_query_on_real_papers() -> None:
    queries, papers = real_queries(), real_papers(every=9)
    index = Index(queries)
    matched: set[int] = set()
    assert len(queries) > 300
    assert len(papers) > 200
    for paper in papers:
        doc = document(paper)
        found = index.match(doc, TODAY)
        assert found == by_trying_all(queries, doc)
        matched.update(number for number, _ in found)
    assert len(matched) > len(queries) / 2
