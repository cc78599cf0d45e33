"""arXiv's XML, turned into papers: the API's Atom answers and the daily announcement as RSS 2.0 or Atom.

Bytes in, values out; nothing is fetched here. The API is described at https://info.arxiv.org/help/api/user-manual.html,
the feeds at https://info.arxiv.org/help/rss.html. Many versions of a paper are one paper: the highest one speaks.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from xml.etree.ElementTree import Element
from zoneinfo import ZoneInfo

from bot.errors import SourceError
from bot.model import Links, Paper, merge
from bot.sources.documents import read_xml
from bot.sources.fields import MOST_PEOPLE, calendar_day, paper_key, person, text

WHOSE = "arXiv"
NEW_YORK = ZoneInfo("America/New_York")

_ATOM = "{http://www.w3.org/2005/Atom}"
_ARXIV = "{http://arxiv.org/schemas/atom}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_TOTAL = "{http://a9.com/-/spec/opensearch/1.1/}totalResults"

_MOST_ITEMS = 5_000
"""Of one feed. All of arXiv takes in about 1,200 new papers a day, and has as many replacements."""
_ANNOUNCED = {"new", "cross"}
_REPLACED = {"replace", "replace-cross", "absonly"}
_PREAMBLE = re.compile(r"\s*arXiv:\S+\s+Announce Type:\s*(\S+)\s*(?:Abstract:)?\s*", re.IGNORECASE)
_SUFFIX = re.compile(r"(?:Jr|Sr|I{2,3}|IV)\.?")
_NO_PERSON = re.compile(r"collaboration|consortium|team|group|institute|university|center|centre|department", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of an API answer. ``total`` is how many papers the whole query has."""

    papers: tuple[Paper, ...]
    complaints: tuple[str, ...]
    total: int
    entries: int
    """How many entries the page had, unreadable ones too: where the next page starts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """A day's feed: ``papers`` are new here (first submissions and cross-lists), ``replaced`` are newer versions."""

    day: date
    papers: tuple[Paper, ...]
    replaced: tuple[Paper, ...]
    complaints: tuple[str, ...]


# --- the API ----------------------------------------------------------------------------------------------------------


def parse_api(body: bytes) -> Page:
    """An answer of ``/api/query``. Raises ``SourceError`` for anything else, arXiv's own error feed included."""
    root = read_xml(body, WHOSE)
    if root.tag != f"{_ATOM}feed":
        raise SourceError(f"{WHOSE} sent something that is not an Atom feed; try again later.")
    entries = root.findall(f"{_ATOM}entry")
    _refuse_error_entry(entries)
    papers, complaints = collapse(map(_from_api, entries))
    total = (root.findtext(_TOTAL) or "").strip()
    size = int(total) if total.isascii() and total.isdigit() and len(total) < 10 else len(entries)
    return Page(papers=papers, complaints=complaints, total=size, entries=len(entries))


def _refuse_error_entry(entries: list[Element]) -> None:
    # arXiv answers a bad request with a valid feed of one entry (HTTP 400).
    for entry in entries:
        if "/api/errors" in _said(entry, f"{_ATOM}id") and _said(entry, f"{_ATOM}title") == "Error":
            raise SourceError(f"{WHOSE} refused the request: {_said(entry, f'{_ATOM}summary')[:200]}.")


def _from_api(entry: Element) -> Paper | str:
    identifier = (entry.findtext(f"{_ATOM}id") or "").strip()
    known = paper_key(identifier.rpartition("/abs/")[2])
    title = _said(entry, f"{_ATOM}title")
    if known is None or not title:
        return f"an entry has no usable id or title ({ascii(identifier)[:80]})"
    abstract, comment = _said(entry, f"{_ATOM}summary"), _said(entry, f"{_ARXIV}comment")
    primary = [field.get("term") for field in entry.findall(f"{_ARXIV}primary_category")]
    others = [field.get("term") for field in entry.findall(f"{_ATOM}category")]
    named = entry.findall(f"{_ATOM}author/{_ATOM}name")[:MOST_PEOPLE]
    return Paper(
        key=known[0],
        title=title,
        abstract=abstract,
        authors=tuple(filter(None, (person(said.text) for said in named))),
        categories=categories([*primary, *others]),
        links=links(known[0]),
        published=calendar_day((entry.findtext(f"{_ATOM}published") or "").strip()),
        version=known[1],
        comment=comment,
        doi=_said(entry, f"{_ARXIV}doi"),
        journal=_said(entry, f"{_ARXIV}journal_ref"),
        withdrawn=is_withdrawn(comment, abstract),
        sources=("arxiv",),
    )


# --- the daily announcement -------------------------------------------------------------------------------------------


def parse_feed(body: bytes) -> Announcement:
    """A day's announcement from ``rss.arxiv.org``, RSS or Atom; one without papers is a weekend or a holiday.

    Raises ``SourceError`` for anything else, and for the feed that arXiv makes of a category it does not know.
    """
    root = read_xml(body, WHOSE)
    if root.tag == "rss" and (channel := root.find("channel")) is not None:
        title, about, items = channel.findtext("title"), channel.findtext("description"), channel.findall("item")
        day = _rss_day(channel.findtext("pubDate") or channel.findtext("lastBuildDate") or "")
    elif root.tag == f"{_ATOM}feed":
        title, about = root.findtext(f"{_ATOM}title"), root.findtext(f"{_ATOM}subtitle")
        items, day = root.findall(f"{_ATOM}entry"), _atom_day(root.findtext(f"{_ATOM}updated") or "")
    else:
        raise SourceError(f"{WHOSE} sent something that is neither an RSS nor an Atom feed; the next poll asks again.")
    if (title or "").strip().startswith("Feed error"):
        raise SourceError(f"{WHOSE} refused the feed: {text(about)[:200]}")
    if day is None:
        raise SourceError(f"{WHOSE} sent a feed that does not say which day it is; the next poll asks again.")
    return _announcement(day, items)


def _announcement(day: date, items: list[Element]) -> Announcement:
    read = [_from_feed(item) for item in items[:_MOST_ITEMS]]
    announced, complaints = collapse(seen if isinstance(seen, str) else seen[1] for seen in read if _is_first(seen))
    again, more = collapse(seen if isinstance(seen, str) else seen[1] for seen in read if not _is_first(seen))
    keys = {paper.key for paper in announced}
    replaced = tuple(paper for paper in again if paper.key not in keys)
    odd = [seen for seen in read if not isinstance(seen, str) and seen[0] not in _ANNOUNCED | _REPLACED]
    unknown = tuple(f"{paper.key} has the unknown announce type {ascii(kind)[:40]}" for kind, paper in odd)
    unread = (f"only the first {_MOST_ITEMS} of {len(items)} items were read",) if len(items) > _MOST_ITEMS else ()
    return Announcement(day=day, papers=announced, replaced=replaced, complaints=unread + complaints + more + unknown)


def _is_first(seen: tuple[str, Paper] | str) -> bool:
    # A type arXiv has not told us of may be anything: better shown once too often than never.
    return isinstance(seen, str) or seen[0] not in _REPLACED


def _from_feed(item: Element) -> tuple[str, Paper] | str:
    guid = item.findtext("guid") or item.findtext(f"{_ATOM}id") or ""
    known = paper_key(guid.strip().removeprefix("oai:arXiv.org:"))
    title = _said(item, "title") or _said(item, f"{_ATOM}title")
    if known is None or not title:
        return f"an item has no usable id or title ({ascii(guid)[:80]})"
    told = item.findtext("description") or item.findtext(f"{_ATOM}summary") or ""
    preamble = _PREAMBLE.match(told)
    abstract = text(told[preamble.end() :] if preamble else told)
    kind = (item.findtext(f"{_ARXIV}announce_type") or (preamble[1] if preamble else "new")).strip()
    fields = [field.text for field in item.findall("category")]
    fields += [field.get("term") for field in item.findall(f"{_ATOM}category")]
    paper = Paper(
        key=known[0],
        title=title,
        abstract=abstract,
        authors=tuple(name for said in item.findall(f"{_DC}creator") for name in people(said.text or ""))[:MOST_PEOPLE],
        categories=categories(fields),
        links=links(known[0]),
        version=known[1],
        doi=_said(item, f"{_ARXIV}DOI"),
        journal=_said(item, f"{_ARXIV}journal_reference"),
        withdrawn=is_withdrawn("", abstract),
        sources=("arxiv",),
        # No ``published``: the feed knows the day of the announcement, not the day of the first submission.
    )
    return kind, paper


def _rss_day(said: str) -> date | None:
    try:
        return parsedate_to_datetime(said.strip()).date()
    except (ValueError, TypeError, OverflowError):
        return None


def _atom_day(said: str) -> date | None:
    try:
        moment = datetime.fromisoformat(said.strip())
        return moment.astimezone(NEW_YORK).date() if moment.tzinfo else moment.date()
    except (ValueError, OverflowError):
        return None


# --- what all of arXiv's formats share --------------------------------------------------------------------------------


def collapse(read: Iterable[Paper | str]) -> tuple[tuple[Paper, ...], tuple[str, ...]]:
    """Papers in order, the versions of each as one, and the complaints (texts) that stood among them."""
    papers: dict[str, Paper] = {}
    complaints = []
    for seen in read:
        if isinstance(seen, str):
            complaints.append(seen)
        else:
            papers[seen.key] = merge(papers.get(seen.key), seen)
    return tuple(papers.values()), tuple(complaints)


def links(key: str) -> Links:
    """Addresses without a version, so that they always lead to the newest one."""
    name = key.removeprefix("arxiv:")
    return Links(page=f"https://arxiv.org/abs/{name}", pdf=f"https://arxiv.org/pdf/{name}")


def categories(terms: Iterable[str | None]) -> tuple[str, ...]:
    """Category names in order, each once."""
    return tuple(dict.fromkeys(name for term in terms if (name := (term or "").strip()) and name.isprintable()))


def people(said: str) -> tuple[str, ...]:
    """The names in one line of authors, as the feeds have it: ``A. Person, B. Person, Jr. and C. Person``."""
    found: list[str] = []
    for part in _outside_brackets(said):
        for name in map(person, _split_and(part)):
            if found and _SUFFIX.fullmatch(name):
                found[-1] += f" {name}"
            elif name:
                found.append(name)
    return tuple(found)


def _outside_brackets(said: str) -> list[str]:
    """What stands between commas and semicolons that have a space behind them and no closing bracket as the next one.

    From the end to the beginning, so that each letter is looked at once.
    """
    parts, end, inside = [], len(said), False
    for at in range(len(said) - 1, -1, -1):
        char = said[at]
        if char in "()":
            inside = char == ")"
        elif char in ",;" and not inside and said[at + 1 : at + 2].isspace():
            parts.append(said[at + 1 : end])
            end = at
    return [said[:end], *reversed(parts)]


def _split_and(part: str) -> list[str]:
    part = part.strip().removeprefix("and ")
    names = [part] if _NO_PERSON.search(part) else part.split(" and ")
    last: list[str] = []
    # "The Society for Science and Technology" is one author; so is anything with a one-word half.
    while len(names) > 1 and " " in names[-1].strip() and (len(names) > 2 or " " in names[0].strip()):
        last.append(names.pop())
    return [" and ".join(names), *reversed(last)]


def _said(element: Element, path: str) -> str:
    return text(element.findtext(path))


# --- withdrawn papers -------------------------------------------------------------------------------------------------
# arXiv has no field for it: the authors or the administrators say so in the comment, or the abstract is replaced by
# the sentence (https://info.arxiv.org/help/withdraw.html). "Withdrawn" alone proves nothing: drugs, cash and
# conference papers are withdrawn too.

_WORK = r"(?:pre-?print|paper|article|manuscript|submission|draft|work|version)"
_GONE = r"withdraw(?:n|ed)?\b(?!\s+from\s+(?!(?:the\s+)?ar(?:x|ch)iv)|-)"
_SENTENCE = re.compile(
    rf"\b(?:this|the)\s+(?:\w+\s+)?{_WORK}\s+(?:\([^()]*\)\s+)?"
    rf"(?:has|have|is|was|had|needs?)\s+(?:to\s+be\s+|be+n?\s+)?(?:\w+ly\s+)?{_GONE}"
    rf"|\b{_WORK}\s+{_GONE}|^{_WORK}\s+has\s+been\s+{_GONE}",
    re.IGNORECASE,
)
_NOTE = re.compile(
    rf"^\W*{_GONE}|\bwithdrawn\s+by\s+(?:the\s+)?(?:authors?|arxiv)\b"
    rf"|\bthis\s+(?:has\s+been|is)\s+{_GONE}|\bit\s+(?:is|has\s+been)\s+{_GONE}"
    r"|\b(?:want|like|need|decided|better)\s+to\s+withdraw(?:l|n)?\b(?=\W*$|\s+(?:it|for|th(?:e|is)\s+\w+)\b)",
    re.IGNORECASE,
)
_ABSTRACT_OPENS = re.compile(r"(?:^|[.:=]\s*)(?:update:\s*)?$", re.IGNORECASE)


def is_withdrawn(comment: str, abstract: str) -> bool:
    """Whether a paper was taken back, from what its comment and abstract (both cleaned) say."""
    if _SENTENCE.search(comment) or _NOTE.search(comment):
        return True
    return any(_ABSTRACT_OPENS.search(abstract[: found.start()]) for found in _SENTENCE.finditer(abstract))
