"""arXiv's archive formats, turned into papers: OAI-PMH records and lines of the public metadata snapshot.

Bytes in, values out; nothing is fetched here. For importing years at once, where the API would take weeks. OAI-PMH is
described at https://info.arxiv.org/help/oa/index.html, the snapshot where Cornell publishes it.
"""

from collections.abc import Mapping
from datetime import date
from email.utils import parsedate_to_datetime
from xml.etree.ElementTree import Element

from bot.errors import SourceError
from bot.model import Paper
from bot.sources.documents import read_json, read_xml
from bot.sources.fields import calendar_day, mapping, paper_key, person, sequence, text
from bot.sources.parse_arxiv import WHOSE, categories, collapse, is_withdrawn, links

# --- OAI-PMH ----------------------------------------------------------------------------------------------------------


def parse_oai(body: bytes) -> tuple[tuple[Paper, ...], tuple[str, ...]]:
    """The papers of an OAI-PMH answer (``arXiv`` or ``oai_dc``), or of one bare record, and complaints.

    An answer that no record matches is an empty one. Raises ``SourceError`` for other errors and other documents.
    """
    root = read_xml(body, WHOSE)
    records = [element for element in root.iter() if _name(element) == "record"]
    if not records:
        _refuse_error(root)
    return collapse(map(_from_record, records))


def _refuse_error(root: Element) -> None:
    if _name(root) != "OAI-PMH":
        raise SourceError(f"{WHOSE} sent something that is not an OAI-PMH answer; try again later.")
    for element in root.iter():
        if _name(element) == "error" and element.get("code") != "noRecordsMatch":
            raise SourceError(f"{WHOSE} refused the harvest: {text(element.text)[:200]}")


def _from_record(record: Element) -> Paper | str:
    identifier = _first(record, "identifier")
    for element in record.iter():
        if _name(element) == "arXiv":
            return _from_arxiv(element) or f"a record has no usable id or title ({ascii(identifier)[:80]})"
        if _name(element) == "dc":
            return _from_dublin_core(identifier, element)
    return f"a record has nothing in a format Paperboy reads ({ascii(identifier)[:80]})"


def _from_arxiv(record: Element) -> Paper | None:
    known, title = paper_key(_first(record, "id")), text(_first(record, "title"))
    if known is None or not title:
        return None
    comment, abstract = text(_first(record, "comments")), text(_first(record, "abstract"))
    authors = (element for element in record.iter() if _name(element) == "author")
    return Paper(
        key=known[0],
        title=title,
        abstract=abstract,
        authors=tuple(name for author in authors if (name := _person(*(_first(author, part) for part in _NAME_PARTS)))),
        categories=categories(_first(record, "categories").split()),
        links=links(known[0]),
        published=calendar_day(_first(record, "created").strip()),
        version=known[1],
        comment=comment,
        doi=text(_first(record, "doi")),
        journal=text(_first(record, "journal-ref")),
        withdrawn=is_withdrawn(comment, abstract),
        sources=("arxiv",),
    )


def _from_dublin_core(identifier: str, record: Element) -> Paper | str:
    known, title = paper_key(identifier.strip().removeprefix("oai:arXiv.org:")), text(_first(record, "title"))
    if known is None or not title:
        return f"a record has no usable id or title ({ascii(identifier)[:80]})"
    told = [text(said) for said in _all(record, "description")]
    comment = next((said.removeprefix("Comment: ") for said in told if said.startswith("Comment: ")), "")
    abstract = next((said for said in told if not said.startswith("Comment: ")), "")
    others = [said.strip() for said in _all(record, "identifier")]
    doi = next((said.removeprefix("doi:") for said in others if said.startswith("doi:")), "")
    journal = next((said for said in others if not said.startswith(("doi:", "http://", "https://"))), "")
    return Paper(
        key=known[0],
        title=title,
        abstract=abstract,
        authors=tuple(name for said in _all(record, "creator") if (name := _person(*said.split(",", 1)))),
        links=links(known[0]),
        published=min(filter(None, map(calendar_day, _all(record, "date"))), default=None),
        comment=comment,
        doi=text(doi),
        journal=text(journal),
        withdrawn=is_withdrawn(comment, abstract),
        sources=("arxiv",),
    )


_NAME_PARTS = ("keyname", "forenames", "suffix")


def _person(family: str = "", given: str = "", suffix: str = "") -> str:
    return person(" ".join((given, family, suffix)))


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _all(record: Element, name: str) -> list[str]:
    return ["".join(element.itertext()) for element in record.iter() if _name(element) == name]


def _first(record: Element, name: str) -> str:
    return next(("".join(element.itertext()) for element in record.iter() if _name(element) == name), "")


# --- the metadata snapshot --------------------------------------------------------------------------------------------


def parse_snapshot_line(body: bytes) -> Paper:
    """One line of the snapshot. Raises ``SourceError`` when it is not JSON or has no usable id or title."""
    record = mapping(read_json(body, "the snapshot"))
    known, title = paper_key(record.get("id")), text(record.get("title"))
    if known is None or not title:
        raise SourceError(f"the snapshot has a line without a usable id or title ({ascii(record.get('id'))[:40]}).")
    comment, abstract = text(record.get("comments")), text(record.get("abstract"))
    terms = record.get("categories")
    versions = [mapping(version) for version in sequence(record.get("versions"))]
    return Paper(
        key=known[0],
        title=title,
        abstract=abstract,
        authors=_parsed_authors(record) or tuple(filter(None, [person(record.get("authors"))])),
        categories=categories(terms.split() if isinstance(terms, str) else ()),
        links=links(known[0]),
        published=_submitted(versions[0]) if versions else None,
        version=max((_number(version) for version in versions), default=known[1]),
        comment=comment,
        doi=text(record.get("doi")),
        journal=text(record.get("journal-ref")),
        withdrawn=is_withdrawn(comment, abstract),
        sources=("arxiv",),
    )


def _parsed_authors(record: Mapping[str, object]) -> tuple[str, ...]:
    parsed = (
        [part for part in sequence(author)[:3] if isinstance(part, str)]
        for author in sequence(record.get("authors_parsed"))
    )
    return tuple(name for parts in parsed if (name := _person(*parts)))


def _submitted(version: Mapping[str, object]) -> date | None:
    said = version.get("created")
    try:
        return parsedate_to_datetime(said).date() if isinstance(said, str) else None
    except (ValueError, TypeError, OverflowError):
        return None


def _number(version: Mapping[str, object]) -> int:
    said = str(version.get("version")).removeprefix("v")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 4 else 0
