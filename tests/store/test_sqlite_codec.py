"""Papers survive the way to JSON and back, whatever is in them."""

import json

from hypothesis import given
from hypothesis import strategies as st

from bot.model import Facts, Links, Organization, Paper
from bot.store.sqlite import codec

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
texts = st.lists(text, max_size=3).map(tuple)
maybe_number = st.none() | st.integers(0, 10**6)
maybe_day = st.none() | st.dates()

links = st.builds(Links, page=text, pdf=text, code=text, project=text)
facts = st.builds(
    Facts,
    votes=maybe_number,
    comments=maybe_number,
    stars=maybe_number,
    models=maybe_number,
    summary=text,
    keywords=texts,
    featured=maybe_day,
    trending=maybe_number,
)
papers = st.builds(
    Paper,
    key=text,
    title=text,
    abstract=text,
    authors=texts,
    handles=texts,
    organization=st.none() | st.builds(Organization, text, text),
    categories=texts,
    links=links,
    picture=text,
    submitter=text,
    published=maybe_day,
    version=st.integers(0, 50),
    comment=text,
    doi=text,
    journal=text,
    withdrawn=st.booleans(),
    facts=facts,
    sources=texts,
    first_seen=st.integers(0, 2**53),
)


@given(papers)
def test_a_paper_comes_back_equal(paper: Paper) -> None:
    assert codec.load(codec.dump(paper)) == paper


@given(papers)
def test_the_rest_and_the_columns_make_the_whole(paper: Paper) -> None:
    columns = {"key": paper.key, "title": paper.title, "abstract": paper.abstract, "first_seen": paper.first_seen}
    assert codec.from_row({**columns, "doc": codec.dump_rest(paper)}) == paper


def test_only_what_says_something_is_written() -> None:
    paper = Paper(key="k", title="t", facts=Facts(votes=0))
    assert json.loads(codec.dump_rest(paper)) == {"facts": {"votes": 0}}
