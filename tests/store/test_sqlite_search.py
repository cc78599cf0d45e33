"""Full text: hostile words never break it, and it never knows less than the query language asks."""

import hashlib
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from bot.errors import QueryError
from bot.model import Paper, Sieve, Term
from bot.ports import Store
from bot.query import document, parse
from bot.store.sqlite import fulltext, open_store
from bot.text import parts, words
from tests.making import NOON, edition, paper

TITLES = (
    "PyTorch-style diffusion for video generalization",
    "Streaming LLMs: C++ and c# agents",
    "Généralisation des modèles de diffusion",
    "扩散模型 for 3D Gaussian splatting",
    "GPT4-turbo's studies on analyses and matrices",
    "Happy policies; generalized FlashAttention",
    "A survey of AND OR NOT NEAR gates",
)
PAPERS = tuple(
    paper(
        number,
        title,
        abstract=f"We study {TITLES[(number + 3) % len(TITLES)].lower()} in depth.",
        authors=("Zoë O'Hintón", "Łukasz van der Berg"),
        keywords=("video editing",) if number % 2 else (),
        submitter="someone",
        categories=("cs.LG",),
    )
    for number, title in enumerate(TITLES, 1)
)
HOSTILE = (
    '"', '""', "'", "*", "^", ":", "title:", "(", ")", "a AND", "OR", "NEAR(a b)", "-x", "{a b}:c", "a+b", "c++", "c#",
    "\x00", "a\x00b", ";", "--", "/*", "%", "_", "\\", "é", "中文", "🤖", "a" * 5000, "ǆ", "½", "ﬁ", "\u0301", "\ud800",
)  # fmt: skip


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with open_store(tmp_path / "paperboy.db", now=NOON) as opened:
        await opened.papers.ingest(edition(*PAPERS), NOON)
        yield opened


async def test_no_text_breaks_a_search(store: Store) -> None:
    for text in HOSTILE:
        for column in ("any", "title", "abstract", "people"):
            for prefix in (False, True):
                term = Term(text, column, prefix)
                await store.papers.search(Sieve(all=((term,), (term, term)), any=(term,)), 5)
                await store.papers.search(Sieve(any=(term,)), 5)
        await store.papers.by_title(text, 5)


async def test_a_thousand_terms_are_no_problem(store: Store) -> None:
    many = tuple(Term(f"word{n}") for n in range(1000))
    assert await store.papers.search(Sieve(all=(many,)), 5) == []
    assert len(await store.papers.search(Sieve(all=((*many, Term("diffusion")),)), 5)) == 4


QUERIES = (
    "diffusion", "general*", "generaliz*", "generalis*", "stream*", "streams*", "llm", "c++", "c#", "torch",
    "flash attention",
    '"flash attention"', "flashattention", "title:torch", "title:diffus*", 'title:"diffusion for"', "author:hinton",
    'author:"z hinton"', "author:hint*", "abstract:study", "studies", "studie*", "policy", "happ*", "matrix", "matric*",
    "analysis", "扩散", '"3d gaussian"', "keyword:video", '"video editing"', "diffusion -video", "diffusion OR agent",
    "gaussian OR cat:cs.LG", "submitter:someone", "(video OR agent) study", "and", "near", "*", "gpt", "modele", "van*",
)  # fmt: skip


@pytest.mark.parametrize("text", QUERIES)
async def test_the_sieve_lets_through_whatever_the_query_matches(store: Store, text: str) -> None:
    await assert_superset(store, text)


word = st.sampled_from(sorted({w for title in TITLES for w in title.replace(":", "").replace(";", "").split()}))
field = st.sampled_from(("", "", "", "title:", "abstract:", "author:", "keyword:"))


@st.composite
def terms(draw: st.DrawFn) -> str:
    chosen = draw(word)
    if draw(st.booleans()):
        return draw(field) + chosen[: draw(st.integers(3, 9))].rstrip("-'") + "*"
    return draw(field) + (f'"{chosen} {draw(word)}"' if draw(st.booleans()) else f'"{chosen}"')


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(terms(), min_size=1, max_size=4), st.sampled_from((" ", " OR ")))
async def test_the_sieve_is_never_too_narrow(store: Store, parts: list[str], joint: str) -> None:
    try:
        await assert_superset(store, joint.join(parts))
    except QueryError:
        reject()


async def assert_superset(store: Store, text: str) -> None:
    query, today = parse(text), datetime.fromtimestamp(NOON / 1000, UTC).date()
    matching = {p.key for p in PAPERS if query.match(document(p), today) is not None}
    found = {p.key for p in await store.papers.search(query.sieve(), 100)}
    assert matching <= found


def test_words_are_the_matchers_words() -> None:
    asked = Paper(key="k", title="PyTorch's C++ models", abstract="Naïve  streams", authors=("Ada Ü.",))
    assert fulltext.index_words(asked) == ("pytorch c++ model py torch", "naive stream", "ada u", "")


async def test_a_new_edition_of_the_reading_rules_indexes_everything_anew(tmp_path: Path) -> None:
    async with open_store(tmp_path / "paperboy.db", now=NOON) as store:
        await store.papers.ingest(edition(*PAPERS), NOON)
        async with store._db.write() as session:
            # As an older program would have left it, whose rules knew other words.
            await fulltext.store_words(session, [2], {2: fulltext.Words("other", "other", "", "")})
            await session.rows("update counter set value = 0 where name = 'words'")
        assert await store.papers.by_title("streaming", 5) == []
    async with open_store(tmp_path / "paperboy.db", now=NOON) as store:
        assert [p.title for p in await store.papers.by_title("streaming", 5)] == [TITLES[1]]
        assert await store.papers.by_title("other", 5) == []
        found = await store.papers.search(Sieve(all=((Term("diffusion"),),)), 10)
        assert len(found) == 4


def test_whoever_changes_the_reading_rules_counts_the_edition_up() -> None:
    """If this fails, raise ``fulltext.READING`` by one and write the new fingerprint here."""
    texts = [
        *TITLES,
        "Café SO(3) LLMs' 2.5D state-of-the-art naïve Bayes x86_64 GPT-4o's",
        "analyses buses lens γ-ray ½",
    ]
    read = json.dumps([[words(text), sorted(parts(text))] for text in texts])
    assert (fulltext.READING, hashlib.sha256(read.encode()).hexdigest()[:12]) == (1, "58b1ebea5c4e")
