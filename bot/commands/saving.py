"""Papers a person puts aside: ``save`` and ``saved``. Theirs alone, wherever they ask."""

import csv
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.cards import Button, Card, Reply, Row, paper_row
from bot.commands import citation, values
from bot.commands.answers import PAGE, PAPER, line, paged
from bot.commands.fetching import find_paper
from bot.commands.table import Command, Desk, Option
from bot.errors import CommandError
from bot.model import Request, Saved
from bot.phrases import plural
from bot.text import cut

_NOTE = 500


async def save(desk: Desk, request: Request) -> Reply:
    """Put a paper aside, with a note; a second time changes the note."""
    note = " ".join(request.options.get("note", "").split())
    if len(note) > _NOTE:
        raise CommandError(f"A note can have {_NOTE} characters; this one has {len(note):,}.")
    paper = await find_paper(desk, request.options["paper"], "save")
    before = {kept.paper.key: kept.note for kept in await desk.store.people.saved(request.person)}
    if paper.key not in before and len(before) >= desk.limits.saved:
        text = f"{len(before):,} papers are saved already, and that is the limit. Take one off first."
        raise CommandError(text, mended=line("saved list"))
    kept_note = note if "note" in request.options else before.get(paper.key, "")
    new = await desk.store.people.save(request.person, paper.key, kept_note, desk.now())
    said = (
        "Saved" if new else "Saved already; note changed" if kept_note != before.get(paper.key, "") else "Saved already"
    )
    undo = line("saved remove", paper=paper.name)
    card = Card(
        title=paper.title,
        body=" · ".join(part for part in (said, f"note: {kept_note}" if kept_note else "") if part),
        buttons=(Button("Undo", undo),),
        footer="Yours: /papers saved list",
        tone="good",
    )
    return Reply(cards=(card,), data={"paper": paper.key, "note": kept_note, "new": new})


async def unsave(desk: Desk, request: Request) -> Reply:
    """Take a paper off the shelf; it may be named by words of its title there."""
    text = request.options["paper"]
    shelf = await desk.store.people.saved(request.person)
    key = values.paper_key(text)
    wanted = text.strip().strip('"').casefold()
    found = [s for s in shelf if s.paper.key == key or (key is None and wanted in s.paper.title.casefold())]
    if len(found) != 1:
        why = (
            f"could be {len(found)} of your saved papers: name it by its id"
            if found
            else "is not among your saved papers"
        )
        raise CommandError(f'"{cut(text, 80)}" {why}.', mended=line("saved list"))
    gone = found[0]
    await desk.store.people.unsave(request.person, gone.paper.key)
    again = {"paper": gone.paper.name} | ({"note": gone.note} if gone.note else {})
    button = Button("Undo", line("save", again))
    return Reply(cards=(Card(body=f"No longer saved: {gone.paper.title}", buttons=(button,), tone="good"),), data=again)


async def saved(desk: Desk, request: Request) -> Reply:
    """The asker's shelf, newest first, with notes."""
    shelf = await desk.store.people.saved(request.person)
    data = {"saved": [{"key": s.paper.key, "title": s.paper.title, "note": s.note, "at": s.at} for s in shelf]}
    if not shelf:
        return Reply(cards=(Card(body="Nothing is saved yet. Save a paper: /papers save 2401.01234"),), data=data)
    shown, page = paged(shelf, request)
    first = page.number * 10 - 9 if page else 1
    rows = tuple(_saved_row(s, at) for at, s in enumerate(shown, first))
    card = Card(
        title=plural(len(shelf), "saved paper"), rows=rows, footer="All of them: /papers saved export as:bibtex"
    )
    return Reply(cards=(card,), page=page, data=data)


def _saved_row(kept: Saved, at: int) -> Row:
    row = paper_row(kept.paper, f"{at}.")
    said = (row.detail, f"note: {kept.note}" if kept.note else "")
    return replace(row, detail=" · ".join(part for part in said if part))


async def saved_export(desk: Desk, request: Request) -> Reply:
    """The whole shelf as one text, for a reference manager, a spreadsheet or a page."""
    shelf = await desk.store.people.saved(request.person)
    if not shelf:
        raise CommandError("Nothing is saved yet, so there is nothing to export.", mended="/papers today")
    form = request.options.get("as", "bibtex")
    text = _FORMS[form](shelf)
    return Reply(cards=(Card(title=f"{plural(len(shelf), 'saved paper')} as {form}", code=text),), data={form: text})


def as_csv(shelf: Sequence[Saved]) -> str:
    """A header and a row each; a cell that a spreadsheet would run as a formula is told apart by a quote before it."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(("id", "title", "authors", "published", "url", "note"))
    for kept in shelf:
        paper = kept.paper
        published = paper.published.isoformat() if paper.published else ""
        cells = (paper.name, paper.title, "; ".join(paper.authors), published, citation.address(paper), kept.note)
        table.writerow([f"'{cell}" if cell[:1] in "=+-@" and cell else cell for cell in cells])
    return out.getvalue()


def as_markdown(shelf: Sequence[Saved]) -> str:
    lines = (f"- [{_escaped(s.paper.title)}]({citation.address(s.paper)}){_dash(s.note)}" for s in shelf)
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    return re.sub(r"([\\`*_\[\]<>])", r"\\\1", text)


def _dash(note: str) -> str:
    return f" — {_escaped(note)}" if note else ""


_FORMS: dict[str, Callable[[Sequence[Saved]], str]] = {
    "bibtex": lambda shelf: citation.bibtex([kept.paper for kept in shelf]),
    "ris": lambda shelf: citation.ris([kept.paper for kept in shelf]),
    "csv": as_csv,
    "md": as_markdown,
}


COMMANDS: tuple[Command, ...] = (
    Command(
        words=("save",),
        help="Keep a paper on your own shelf, with a note",
        room="personal",
        run=save,
        options=(PAPER, Option(name="note", help="what to remember of it")),
        example='/papers save 2401.01234 note:"for the reading group"',
        writes=True,
    ),
    Command(
        words=("saved", "remove"),
        help="Take a paper off your shelf",
        room="personal",
        run=unsave,
        options=(PAPER,),
        aliases=("unsave", "saved rm"),
        example="/papers saved remove 2401.01234",
        writes=True,
    ),
    Command(
        words=("saved", "list"),
        help="Your shelf, newest first",
        room="personal",
        run=saved,
        options=(PAGE,),
        aliases=("saved",),
        example="/papers saved list",
    ),
    Command(
        words=("saved", "export"),
        help="Your shelf as one text for a reference manager, a spreadsheet or a page",
        room="personal",
        run=saved_export,
        options=(Option(name="as", help="the form", kind="choice", choices=tuple(_FORMS)),),
        example="/papers saved export as:bibtex",
    ),
)
