"""Text that was written to be slow: every reader of what users and sources say is done with it in no time.

The guard is generous: what is linear takes milliseconds here, what is quadratic takes many seconds.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import date

import pytest

from adapters import text as plain_text
from bot import portable, text
from bot.brief import brief
from bot.commands import admin, citation, values
from bot.commands.reading import complete, read
from bot.commands.words import quoted
from bot.errors import PaperboyError
from bot.model import Paper, arxiv_key
from bot.query import document, parse
from bot.sources import parse_arxiv

LENGTH = 20_000
GUARD = 2.0
TODAY = date(2026, 11, 23)

_UNITS = (
    " ", "\n", "a", "0", "-", "(", ")", "{", "[[ ", "\\a", "$", "<a ", "<!--", "&", '"', "`", "a, ", "A B and ", "(a, ",
    "- ", "NOT ", "OR ", "a:", "x. ", "We propose a, ", "10.1234/", "arxiv.", "this paper is ", "= ", "a\u0301", "to ",
)  # fmt: skip
HOSTILE = [f"{head}{(unit * LENGTH)[:LENGTH]}{tail}" for unit in _UNITS for head, tail in (("", ""), ("a", "b"))]
HOSTILE += [f"```{' ' * LENGTH}\n", f"x {'This paper is withdrawn x ' * 800}", f"22{' ' * LENGTH}8"]

READERS: dict[str, Callable[[str], object]] = {
    "clean": text.clean,
    "words": text.words,
    "parts": text.parts,
    "sentences": text.sentences,
    "cut": lambda said: text.cut(said, 300),
    "document": lambda said: document(Paper(key="arxiv:2611.00001", title=said, abstract=said, authors=(said,))),
    "brief of an abstract": lambda said: brief("Glyph: a title", said),
    "brief of a title": lambda said: brief(said, "We propose a thing. It is one."),
    "query": lambda said: parse(said, limit=10 * LENGTH),
    "a line": read,
    "a line of options": lambda said: read(f"pause {said}"),
    "a line of a query": lambda said: read(f"subscribe {said}"),
    "completion": complete,
    "a quoted value": quoted,
    "day": lambda said: values.day(said, TODAY),
    "week": lambda said: values.week(said, TODAY),
    "month": lambda said: values.month(said, TODAY),
    "since": lambda said: values.since(said, TODAY),
    "until": lambda said: values.until(said, 1_795_435_200_000, "UTC"),
    "clock": values.clock,
    "quiet hours": values.quiet,
    "time zone": values.timezone,
    "number": lambda said: values.number(said, "max", 1, 100),
    "number of a list": values.ident,
    "paper": values.paper_key,
    "id": arxiv_key,
    "import": portable.load,
    "import in a fence": admin._bare,
    "citation": lambda said: citation.bibtex([Paper(key="arxiv:2611.00001", title=said, authors=(said,))]),
    "authors": parse_arxiv.people,
    "withdrawal": lambda said: parse_arxiv.is_withdrawn(said, said),
    "safe": plain_text.safe,
    "address": plain_text.web,
}


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_a_hostile_text_is_read_in_no_time(reader: Callable[[str], object]) -> None:
    for said in HOSTILE:
        began = time.process_time()
        with suppress(PaperboyError):
            reader(said)
        assert time.process_time() - began < GUARD, said[:20]


def test_thousands_of_authors_are_told_apart_one_by_one() -> None:
    names = [f"A{n} Person" for n in range(3_000)]
    assert parse_arxiv.people(", ".join(names)) == tuple(names)
    assert parse_arxiv.people(" and ".join(names)) == tuple(names)
    assert parse_arxiv.people("A. Person (Lab, City), B. Person, Jr., C. Person (x, y") == (
        "A. Person (Lab, City)",
        "B. Person Jr.",
        "C. Person (x",
        "y",
    )
