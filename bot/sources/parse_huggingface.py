"""The JSON of Hugging Face's papers API, turned into papers. Bytes in, values out; nothing is fetched here.

The shapes are those of https://huggingface.co/.well-known/openapi.json as seen from May 2024 on: a list holds items
that wrap a ``paper``, a single paper comes bare. Every field but id and title is optional, null means absent, and
what is unknown is ignored, because fields came and went (``mediaUrl``, ``submitterOrganization``) without notice.
"""

from collections.abc import Mapping
from datetime import date
from urllib.parse import urlsplit

from bot.errors import SourceError
from bot.model import Facts, Linked, Links, Organization, Paper
from bot.sources.documents import read_json
from bot.sources.fields import (
    MOST_PEOPLE,
    address,
    calendar_day,
    count,
    mapping,
    paper_key,
    person,
    sequence,
    text,
    texts,
    word,
)

WHOSE = "Hugging Face"
_PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".gif")
_BEST = 5
_MOST_ITEMS = 1000
"""Of one list: ten times what is asked for."""


def parse_list(
    body: bytes, *, day: date | None = None, ranked: bool = False, source: str = "huggingface"
) -> tuple[list[Paper], list[str]]:
    """The papers of ``/api/daily_papers`` or ``/api/papers/search``, in order, and a line for each unreadable item.

    ``day`` is the day of a dated list; without it a paper's own ``submittedOnDailyAt`` says when it was featured.
    ``ranked`` means the order is the trending one. Raises ``SourceError`` when the document is no list.
    """
    items = read_json(body, WHOSE)
    if not isinstance(items, list):
        raise SourceError(f"{WHOSE} sent no list of papers{_said(items)}; the next poll asks again.")
    papers: dict[str, Paper] = {}
    complaints = [f"only the first {_MOST_ITEMS} of {len(items)} items were read"] if len(items) > _MOST_ITEMS else []
    for place, item in enumerate(items[:_MOST_ITEMS], 1):
        outer = mapping(item)
        paper = _paper(mapping(outer.get("paper")), outer, day=day, trending=place if ranked else None, source=source)
        if paper is None:
            complaints.append(f"item {place} has no usable id or title ({_glimpse(outer)})")
        elif paper.key in papers:
            complaints.append(f"item {place} repeats {paper.key}; the first one counts")
        else:
            papers[paper.key] = paper
    return list(papers.values()), complaints


def parse_paper(body: bytes) -> Paper:
    """The bare paper of ``/api/papers/{id}``. Raises ``SourceError`` when it has no usable id or title."""
    flat = read_json(body, WHOSE)
    paper = _paper(mapping(flat), {})
    if paper is None:
        raise SourceError(f"{WHOSE} sent a paper without an id or a title{_said(flat)}.")
    return paper


def parse_repos(body: bytes) -> Linked:
    """What was built on a paper, from ``/api/papers/{id}`` (with totals) or ``/api/arxiv/{id}/repos``.

    ``best`` holds at most five (path, likes), most liked first; a path is what follows the host in an address, so
    data sets begin with ``datasets/`` and Spaces with ``spaces/``. Raises ``SourceError`` when it is no JSON object.
    """
    answer = read_json(body, WHOSE)
    if not isinstance(answer, dict) or "error" in answer:
        raise SourceError(f"{WHOSE} sent no repositories{_said(answer)}; try again later.")
    repos = {kind: _repos(answer, kind) for kind in ("models", "datasets", "spaces")}
    totals = {kind: count(answer.get(f"numTotal{kind.title()}")) or 0 for kind in repos}
    sizes = {kind: max(totals[kind], len(found)) for kind, found in repos.items()}
    best = sorted((repo for found in repos.values() for repo in found), key=lambda repo: -repo[1])
    return Linked(**sizes, best=tuple(best[:_BEST]))


def _repos(answer: Mapping[str, object], kind: str) -> list[tuple[str, int]]:
    prefix = "" if kind == "models" else f"{kind}/"
    listed = sequence(answer.get(kind)) or sequence(answer.get(f"linked{kind.title()}"))
    named = ((word(repo.get("id")), count(repo.get("likes")) or 0) for repo in map(mapping, listed))
    return [(prefix + name, likes) for name, likes in named if name]


def _paper(
    inner: Mapping[str, object],
    outer: Mapping[str, object],
    *,
    day: date | None = None,
    trending: int | None = None,
    source: str = "huggingface",
) -> Paper | None:
    known = paper_key(inner.get("id"))
    # The item's own title is the better copy: until November 2025 the inner one is wrapped and has lost its TeX.
    title = text(outer.get("title")) or text(inner.get("title"))
    if known is None or not title:
        return None
    listed = map(mapping, sequence(inner.get("authors"))[:MOST_PEOPLE])
    authors = [author for author in listed if author.get("hidden") is not True]
    return Paper(
        key=known[0],
        title=title,
        abstract=text(inner.get("summary")) or text(outer.get("summary")),
        authors=tuple(name for author in authors if (name := person(author.get("name")))),
        handles=tuple(handle for author in authors if (handle := _verified(author))),
        organization=_organization(inner, outer),
        links=_links(inner, known[0].removeprefix("arxiv:")),
        picture=_picture(inner, outer),
        submitter=_handle(outer.get("submittedBy")) or _handle(inner.get("submittedOnDailyBy")),
        # The outer publishedAt is New York time written as if it were UTC: the day before, as often as not.
        published=calendar_day(inner.get("publishedAt")),
        withdrawn=calendar_day(inner.get("withdrawnAt")) is not None,
        facts=_facts(inner, outer, day or calendar_day(inner.get("submittedOnDailyAt")), trending),
        sources=(source,),
    )


def _facts(
    inner: Mapping[str, object], outer: Mapping[str, object], featured: date | None, trending: int | None
) -> Facts:
    return Facts(
        votes=count(inner.get("upvotes")),
        comments=count(outer.get("numComments")),
        stars=count(inner.get("githubStars")),
        models=count(inner.get("numTotalModels")),
        summary=text(inner.get("ai_summary")),
        keywords=texts(inner.get("ai_keywords")),
        featured=featured,
        trending=trending,
    )


def _links(inner: Mapping[str, object], arxiv_id: str) -> Links:
    return Links(
        page=f"https://huggingface.co/papers/{arxiv_id}",
        pdf=f"https://arxiv.org/pdf/{arxiv_id}",
        code=address(inner.get("githubRepo")),
        project=address(inner.get("projectPage")),
    )


def _picture(inner: Mapping[str, object], outer: Mapping[str, object]) -> str:
    media = [*sequence(inner.get("mediaUrls")), *sequence(outer.get("mediaUrls")), outer.get("mediaUrl")]
    pictures = (url for entry in media if (url := address(entry)) and _is_picture(url))
    return next(pictures, "") or address(outer.get("thumbnail"))


def _is_picture(url: str) -> bool:
    return urlsplit(url).path.lower().endswith(_PICTURES)


def _organization(inner: Mapping[str, object], outer: Mapping[str, object]) -> Organization | None:
    for place in (inner, outer):
        for name in ("organization", "submitterOrganization"):
            said = mapping(place.get(name))
            if slug := word(said.get("name")):
                return Organization(slug, text(said.get("fullname")) or slug)
    return None


def _verified(author: Mapping[str, object]) -> str:
    # Any other status is a guess of the service, and was seen to attach the wrong person.
    return _handle(author.get("user")) if author.get("status") == "claimed_verified" else ""


def _handle(user: object) -> str:
    said = mapping(user)
    return word(said.get("user")) or word(said.get("name"))


def _said(answer: object) -> str:
    said = text(mapping(answer).get("error"))
    return f" but said: {said[:120]}" if said else ""


def _glimpse(outer: Mapping[str, object]) -> str:
    inner = mapping(outer.get("paper"))
    return f"id {ascii(inner.get('id'))[:40]}, title {ascii(inner.get('title'))[:60]}"
