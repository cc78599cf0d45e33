"""The store's full text and the query language agree: what a query matches, a search by its sieve brings."""

from datetime import date
from pathlib import Path

from bot.model import Edition
from bot.query import document
from bot.store.sqlite import open_store
from tests.matching.test_index import real_papers, real_queries

DAY = date(2026, 8, 11)


async def test_full_text_loses_no_real_paper_that_a_query_matches(tmp_path: Path) -> None:
    papers = tuple({paper.key: paper for paper in real_papers(every=18)}.values())
    edition = Edition(source="huggingface", list="daily", day=DAY, papers=papers)
    async with open_store(tmp_path / "papers.db", now=1) as store:
        await store.papers.ingest(edition, 1)
        stored = [paper for known in papers if (paper := await store.papers.get(known.key))]
        docs = {paper.key: document(paper) for paper in stored}
        assert len(docs) == len(papers) > 100
        for _, query in real_queries():
            matching = {key for key, doc in docs.items() if query.match(doc, DAY) is not None}
            found = {paper.key for paper in await store.papers.search(query.sieve(), len(papers))}
            assert matching <= found, f"{query} lost {matching - found}"
