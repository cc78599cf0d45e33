"""How papers are answered: a list in pages, and any paper as plain JSON. Pure; which papers is somebody else's."""

from collections.abc import Mapping, Sequence
from datetime import date

from bot.cards import SAMPLE_LABEL, Card, Page, Reply, Row, paper_row
from bot.commands.answers import paged
from bot.commands.citation import address
from bot.commands.table import Option
from bot.commands.values import number
from bot.model import Paper, Request

SIZE = 10
TOP = Option(name="top", help="at most so many papers", kind="number", bounds=(1, 1000))


def listing(
    request: Request, title: str, papers: Sequence[Paper], note: str = "", data: dict[str, object] | None = None
) -> Reply:
    """A private reply with one page of ``papers``, numbered through all pages; ``note`` stands above them."""
    shown, page, first = page_of(papers, request)
    card = Card(title=title, body=note, rows=rows(shown, first), label=label(shown))
    found = {"total": len(papers), "page": page.number if page else 1, "papers": [paper_data(p) for p in shown]}
    return Reply(cards=(card,), page=page, data={**(data or {}), "note": note, **found})


def ranked(
    request: Request, title: str, papers: Sequence[Paper], note: str, order: str, data: Mapping[str, object]
) -> Reply:
    """A listing in the order asked for, else in ``order``, and of as many as were asked for."""
    if not papers:
        return empty(f"{title}. {note}".strip(), data)
    found = sort_papers(papers, request.options.get("sort", order))
    if "top" in request.options:
        found = found[: number(request.options["top"], "top", *TOP.bounds)]
    return listing(request, title, found, note, {**data})


def empty(said: str, data: Mapping[str, object] | None = None) -> Reply:
    """A sentence where a list would be."""
    return Reply(cards=(Card(body=said),), data={**(data or {}), "note": said, "total": 0, "page": 1, "papers": []})


def label(papers: Sequence[Paper]) -> str:
    """The warning on top of a list that has papers of the sample edition."""
    return SAMPLE_LABEL if any("sample" in paper.sources for paper in papers) else ""


def rows(papers: Sequence[Paper], first: int = 1) -> tuple[Row, ...]:
    return tuple(paper_row(paper, f"{at}.") for at, paper in enumerate(papers, first))


def page_of(papers: Sequence[Paper], request: Request) -> tuple[Sequence[Paper], Page | None, int]:
    """The papers of the page asked for, where it is, and the number of its first."""
    shown, page = paged(papers, request, SIZE)
    return shown, page, (page.number - 1) * SIZE + 1 if page else 1


def sort_papers(papers: Sequence[Paper], by: str) -> list[Paper]:
    """By ``votes`` or ``new``; anything else keeps the order. Equals keep theirs too."""
    if by == "votes":
        return sorted(papers, key=lambda paper: -(paper.facts.votes or 0))
    if by == "new":
        return sorted(papers, key=lambda paper: (paper.published or date.min, paper.key), reverse=True)
    return list(papers)


def paper_data(paper: Paper) -> dict[str, object]:
    """A paper as plain JSON values; None is what no source told."""
    facts, links = paper.facts, paper.links
    return {
        "key": paper.key,
        "title": paper.title,
        "url": links.page or address(paper),
        "authors": list(paper.authors),
        "organization": paper.organization.name if paper.organization else None,
        "categories": list(paper.categories),
        "published": paper.published.isoformat() if paper.published else None,
        "featured": facts.featured.isoformat() if facts.featured else None,
        "votes": facts.votes,
        "comments": facts.comments,
        "stars": facts.stars,
        "models": facts.models,
        "trending": facts.trending,
        "summary": facts.summary or None,
        "keywords": list(facts.keywords),
        "abstract": paper.abstract or None,
        "pdf": links.pdf or None,
        "code": links.code or None,
        "project": links.project or None,
        "doi": paper.doi or None,
        "version": paper.version or None,
        "withdrawn": paper.withdrawn,
        "sources": list(paper.sources),
        "first_seen": paper.first_seen or None,
    }
