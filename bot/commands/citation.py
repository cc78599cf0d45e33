"""Papers as BibTeX, RIS and plain references. Pure: papers in, text out; a whole shelf at once, for exports.

BibTeX as https://info.arxiv.org/help/hypertex/bibstyles/ asks (``eprint``, ``archivePrefix``, ``primaryClass``), with
Unicode kept, only TeX's own characters escaped, and long fields broken between words. RIS with one value a line,
``UNPB`` for an unpublished work.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from textwrap import TextWrapper

from bot.model import Paper

# A backslash before a brace would still let BibTeX count the brace, so braces become words.
_TEX = str.maketrans({
    "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}", "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
})  # fmt: skip
_LATIN = str.maketrans({"ø": "o", "ł": "l", "ß": "ss", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_SUFFIXES = {"jr", "jr.", "sr", "sr.", "ii", "iii", "iv"}
_GROUP = re.compile(
    r"\b(?:collaborations?|consortium|teams?|group|project|labs?|institute|community|university|and|for|of)\b", re.I
)
_SMALL = {
    "a", "an", "the", "on", "of", "in", "for", "to", "and", "with", "from", "is", "are", "do", "does", "how", "why",
    "what", "towards", "toward", "can", "via", "by", "at", "as",
}  # fmt: skip
_NAMED = 6
_COLUMNS = 78
"""Of a line of BibTeX: with a terminal's margin it fits the usual 80."""
_INDENT = " " * 6


def bibtex(papers: Sequence[Paper], most: int | None = None) -> str:
    """An ``@misc`` entry for each paper, keys unique among them. Authors beyond ``most`` become ``and others``."""
    return "\n\n".join(_entry(key, paper, most) for key, paper in zip(_keys(papers), papers, strict=True))


def ris(papers: Sequence[Paper], most: int | None = None) -> str:
    """RIS records. Authors beyond ``most`` are counted in a note, for RIS has no word for the others."""
    records = ("\n".join(f"{tag}  - {value}" for tag, value in _tagged(paper, most)) for paper in papers)
    return "\n\n".join(records)


def text(papers: Sequence[Paper], most: int | None = _NAMED) -> str:
    """One line for each paper, as in a list of references; over ``most`` authors only the first is named."""
    return "\n".join(_reference(paper, most) for paper in papers)


FORMATS = {"bibtex": bibtex, "ris": ris, "text": text}


# --- keys and names ---------------------------------------------------------------------------------------------------


def cite_key(paper: Paper) -> str:
    """``vaswani2017attention``: family name, year and the title's first telling word, in lower-case ASCII."""
    family = _ascii(_parted(paper.authors[0])[0]) if paper.authors else ""
    words = (_ascii(word) for word in re.split(r"[\W_]+", paper.title))
    telling = next((word for word in words if word and word not in _SMALL), "")
    year = str(paper.published.year) if paper.published else ""
    return f"{(family or 'anonymous')[:30]}{year}{telling[:30]}"


def _keys(papers: Iterable[Paper]) -> list[str]:
    taken: dict[str, None] = {}
    for paper in papers:
        key = base = cite_key(paper)
        number = 2
        while key in taken:
            key, number = f"{base}-{number}", number + 1
        taken[key] = None
    return list(taken)


def _ascii(word: str) -> str:
    plain = unicodedata.normalize("NFKD", word.casefold().translate(_LATIN))
    return re.sub(r"[^a-z0-9]", "", plain)


def _parted(name: str) -> tuple[str, str, str]:
    """A name as (family, given, suffix). A group or a name of one word is all family.

    Small words before the last belong to the family name: (van der Maaten, Laurens).
    """
    words = name.split()
    if "," in name:
        family, _, given = name.partition(",")
        return family.strip(), given.strip(), ""
    if len(words) < 2 or _GROUP.search(name):
        return name.strip(), "", ""
    suffix = words.pop() if words[-1].lower() in _SUFFIXES and len(words) > 2 else ""
    start = next((i for i, word in enumerate(words) if i and word.islower() and i < len(words) - 1), len(words) - 1)
    return " ".join(words[start:]), " ".join(words[:start]), suffix


# --- BibTeX -----------------------------------------------------------------------------------------------------------


def _entry(key: str, paper: Paper, most: int | None) -> str:
    lines = (f"  {name:<13} = {value}" for name, value in _bibtex_fields(paper, most))
    return f"@misc{{{key},\n" + ",\n".join(lines) + "\n}"


def _bibtex_fields(paper: Paper, most: int | None) -> Iterator[tuple[str, str]]:
    yield (
        "title",
        f"{{{{{_filled(_tex(paper.title).split())}}}}}",
    )  # twice in braces: styles may not lower the case of names
    if paper.authors:
        shown = [_bibtex_name(name) for name in paper.authors[:most]]
        *others, last = shown + ["others"] * (len(shown) < len(paper.authors))
        yield "author", f"{{{_filled([*(f'{name} and' for name in others), last])}}}"
    if paper.published:
        yield "year", f"{{{paper.published.year}}}"
        yield "month", _MONTHS[paper.published.month - 1]
    if paper.arxiv_id:
        yield "eprint", f"{{{paper.arxiv_id}}}"
        yield "archivePrefix", "{arXiv}"
    if paper.arxiv_id and paper.categories:
        yield "primaryClass", f"{{{_tex(paper.categories[0])}}}"
    for name, value in (("doi", doi(paper)), ("url", address(paper))):
        if value:
            yield name, f"{{{_verbatim(value)}}}"
    note = ". ".join(part for part in ("Withdrawn" if paper.withdrawn else "", paper.journal) if part)
    if note:
        yield "note", f"{{{_filled(_tex(note).split())}}}"


def _filled(pieces: Iterable[str]) -> str:
    """The pieces in lines behind a field's name. A line ends between two of them: a person's name stays whole."""
    text = " ".join(piece.replace(" ", "\0") for piece in pieces)
    first = " " * len("  author        = {{")
    wrap = TextWrapper(_COLUMNS - len("}},"), first, _INDENT, break_long_words=False, break_on_hyphens=False)
    return wrap.fill(text).replace("\0", " ").removeprefix(first)


def _bibtex_name(name: str) -> str:
    family, given, suffix = _parted(_one_line(name))
    if not given:
        return f"{{{_tex(family)}}}"
    return ", ".join(_tex(part) for part in (family, suffix, given) if part)


def _tex(said: str) -> str:
    return _one_line(said).translate(_TEX)


def _verbatim(said: str) -> str:
    """DOIs and addresses are read verbatim; only what would end the field is written another way."""
    return said.replace("{", "%7B").replace("}", "%7D").replace("\\", "%5C").replace(" ", "%20")


# --- RIS and references -----------------------------------------------------------------------------------------------


def _tagged(paper: Paper, most: int | None) -> Iterator[tuple[str, str]]:
    yield "TY", "UNPB"
    for name in paper.authors[:most]:
        yield "AU", ", ".join(part for part in _parted(_one_line(name)) if part)
    yield "TI", _one_line(paper.title)
    if paper.published:
        yield "PY", str(paper.published.year)
        yield "DA", f"{paper.published:%Y/%m/%d}"
    hidden = len(paper.authors) - len(paper.authors[:most])
    notes = (
        f"and {hidden} more authors" if hidden else "",
        "Withdrawn" if paper.withdrawn else "",
        _one_line(paper.journal),
    )
    abstract = "" if "sample" in paper.sources else paper.abstract  # the sample edition has our own summaries
    fields = (("AB", abstract), ("DO", doi(paper)), ("UR", address(paper)))
    yield from ((tag, _one_line(value)) for tag, value in fields if value)
    if paper.arxiv_id:
        yield "PB", "arXiv"
        yield "AN", f"arXiv:{paper.arxiv_id}"
    yield from (("KW", _one_line(word)) for word in paper.facts.keywords)
    yield from (("N1", note) for note in notes if note)
    yield "ER", ""


def _reference(paper: Paper, most: int | None) -> str:
    names = list(paper.authors)
    if most is not None and len(names) > most:
        names = [f"{names[0]} et al."]
    year = f"({paper.published.year})" if paper.published else ""
    who = " ".join(part for part in (", ".join(names), year) if part)
    arxiv = f"arXiv:{paper.arxiv_id}" if paper.arxiv_id else ""
    withdrawn = "Withdrawn" if paper.withdrawn else ""
    parts = (who, paper.title, paper.journal, arxiv, withdrawn, address(paper))
    return " ".join(_ended(_one_line(part)) for part in parts if part).removesuffix(".")


def _ended(part: str) -> str:
    return part if part.endswith((".", "?", "!")) else f"{part}."


def doi(paper: Paper) -> str:
    """The paper's own DOI, else the one DataCite gives every arXiv paper (https://info.arxiv.org/help/doi.html)."""
    return paper.doi or (f"10.48550/arXiv.{paper.arxiv_id}" if paper.arxiv_id else "")


def address(paper: Paper) -> str:
    """Where a reference points: the abstract page on arXiv, or the paper's own page."""
    return f"https://arxiv.org/abs/{paper.arxiv_id}" if paper.arxiv_id else paper.links.page


def _one_line(said: str) -> str:
    return " ".join(said.split())
