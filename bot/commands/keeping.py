"""Papers a person waits for or puts aside: ``watch``, ``save`` and ``saved``. Theirs alone, wherever they ask."""

import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence

from bot.cards import Button, Card, Reply, Row, paper_row, plural
from bot.commands import citation, values
from bot.commands.answers import PAGE, line, paged
from bot.commands.fetching import find_paper
from bot.commands.rooms import look
from bot.commands.table import Command, Desk, Option
from bot.errors import CommandError
from bot.model import Paper, Request, Saved, Watch
from bot.query import document, parse

_STEPS = (10, 25, 50, 100, 250, 500, 1000)
_NOTE = 500
_PAPER = Option(name="paper", help="its id, address or title", kind="paper", required=True, rest=True)
_YES = ("yes", "no")


# --- watching ---------------------------------------------------------------------------------------------------------


async def watch(desk: Desk, request: Request) -> Reply:
    """Tell the asker once when a paper gets so many votes, code or a model; never of what is true already."""
    paper = await find_paper(desk, request.options["paper"], "watch")
    wanted = _conditions(request, paper)
    doc, today = document(paper), desk.today()
    open_ones = [w for w in wanted if parse(w).match(doc, today) is None]
    if not open_ones or (_asked(request) and len(open_ones) < len(wanted)):
        true = ", ".join(w for w in wanted if w not in open_ones)
        data = {"paper": paper.key, "watching": False, "already": true}
        card = Card(title=paper.title, body=f"This is so already ({true}): there is nothing to wait for.")
        return Reply(cards=(card,), data=data)
    target = await desk.own(request.person)
    watches = [w for w in await desk.store.people.watches(target.id) if not w.done]
    if len(watches) >= desk.limits.per_person:
        text = f"You watch {len(watches)} papers, and that is the limit. Remove one first."
        raise CommandError(text, mended=line("watch list"))
    made = await desk.store.people.watch(target.id, paper.key, " OR ".join(open_ones))
    return _watching(paper, made)


def _watching(paper: Paper, made: Watch) -> Reply:
    undo = line("watch remove", id=str(made.id))
    card = Card(
        title=f"Watching: {paper.title}",
        body=f"You will be told once, when {_spoken(made.query)}. Undo: {undo}",
        buttons=(Button("Undo", undo),),
        tone="good",
    )
    return Reply(cards=(card,), data={"paper": paper.key, "watching": True, "id": made.id, "query": made.query})


def _asked(request: Request) -> bool:
    return any(name in request.options for name in ("votes", "code", "models"))


def _conditions(request: Request, paper: Paper) -> list[str]:
    """The conditions asked for; when none is, the next round number of votes, and code."""
    options = request.options
    if not _asked(request):
        votes = paper.facts.votes or 0
        step = next((s for s in _STEPS if s > votes), 0)
        return [*([f"votes>={step}"] if step else []), "has:code"]
    wanted = []
    if "votes" in options:
        wanted.append(f"votes>={values.number(options['votes'], 'votes', 1, 1_000_000)}")
    wanted += [condition for name, condition in (("code", "has:code"), ("models", "has:model")) if _yes(options, name)]
    if not wanted:
        raise CommandError("Say what to wait for: votes:50, code:yes or models:yes.", mended=_mended(request))
    return wanted


def _yes(options: Mapping[str, str], name: str) -> bool:
    return options.get(name) == "yes"


def _mended(request: Request) -> str:
    return line("watch add", paper=request.options["paper"])


def _spoken(query: str) -> str:
    """``it has 50 votes, or code``: a watch's query as people say it."""
    said = query.replace("has:code", "code").replace("has:model", "a model").replace(" OR ", " or ")
    return "it has " + re.sub(r"votes>=(\d+)", r"\1 votes", said)


async def watch_list(desk: Desk, request: Request) -> Reply:
    """The papers the asker waits for, and those whose wait is over."""
    target = await look(desk, request.person.address)
    watches = sorted(await desk.store.people.watches(target.id), key=lambda w: (w.done, w.id))
    papers = {w.paper: await desk.store.papers.get(w.paper) for w in watches}
    data = {"watches": [{"id": w.id, "paper": w.paper, "query": w.query, "done": w.done} for w in watches]}
    if not watches:
        return Reply(cards=(Card(body="You watch no paper yet. Watch one: /papers watch 2401.01234"),), data=data)
    shown, page = paged(watches, request)
    rows = tuple(_watch_row(w, papers[w.paper]) for w in shown)
    title = plural(len(watches), "watched paper")
    return Reply(
        cards=(Card(title=title, rows=rows, footer="Remove one: /papers watch remove id:…"),), page=page, data=data
    )


def _watch_row(watch: Watch, paper: Paper | None) -> Row:
    state = "it happened" if watch.done else f"waits until {_spoken(watch.query)}"
    return Row(lead=f"#{watch.id}", text=paper.title if paper else watch.paper, detail=state)


async def watch_remove(desk: Desk, request: Request) -> Reply:
    """Wait no more. Only one of the asker's own watches can be named."""
    number = values.ident(request.options["id"])
    target = await look(desk, request.person.address)
    found = next((w for w in await desk.store.people.watches(target.id) if w.id == number), None)
    if found is None or not await desk.store.people.unwatch(target.id, number):
        raise CommandError(f"You have no watch #{number}.", mended=line("watch list"))
    card = Card(body=f"Watching {found.paper.removeprefix('arxiv:')} no more.", tone="good")
    return Reply(cards=(card,), data={"removed": number, "paper": found.paper})


# --- saving -----------------------------------------------------------------------------------------------------------


async def save(desk: Desk, request: Request) -> Reply:
    """Put a paper aside, with a note; a second time changes the note."""
    note = " ".join(request.options.get("note", "").split())
    if len(note) > _NOTE:
        raise CommandError(f"A note can have {_NOTE} characters; this one has {len(note):,}.")
    paper = await find_paper(desk, request.options["paper"], "save")
    before = {kept.paper.key: kept.note for kept in await desk.store.people.saved(request.person)}
    kept_note = note if "note" in request.options else before.get(paper.key, "")
    new = await desk.store.people.save(request.person, paper.key, kept_note, desk.now())
    said = (
        "Saved" if new else "Saved already; note changed" if kept_note != before.get(paper.key, "") else "Saved already"
    )
    undo = line("unsave", paper=_name(paper))
    card = Card(
        title=paper.title,
        body=" · ".join(part for part in (said, f"note: {kept_note}" if kept_note else "") if part),
        buttons=(Button("Undo", undo),),
        footer="Yours: /papers saved",
        tone="good",
    )
    return Reply(cards=(card,), data={"paper": paper.key, "note": kept_note, "new": new})


def _name(paper: Paper) -> str:
    return paper.arxiv_id or paper.key


async def unsave(desk: Desk, request: Request) -> Reply:
    """Take a paper off the shelf; it may be named by words of its title there."""
    text = request.options["paper"]
    shelf = await desk.store.people.saved(request.person)
    key = values.paper_key(text)
    wanted = text.strip().strip('"').casefold()
    found = [s for s in shelf if s.paper.key == key or (key is None and wanted in s.paper.title.casefold())]
    if len(found) != 1:
        why = f"{len(found)} saved papers are called so" if found else "is not among your saved papers"
        raise CommandError(f'"{text[:80]}": {why}.', mended=line("saved list"))
    gone = found[0]
    await desk.store.people.unsave(request.person, gone.paper.key)
    again = {"paper": _name(gone.paper)} | ({"note": gone.note} if gone.note else {})
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
    said = (_name(kept.paper), row.detail, f"note: {kept.note}" if kept.note else "")
    return Row(lead=row.lead, text=row.text, detail=" · ".join(part for part in said if part), url=row.url)


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
        cells = (_name(paper), paper.title, "; ".join(paper.authors), published, citation.address(paper), kept.note)
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
        words=("watch", "add"),
        help="Tell you once when a paper gets votes, code or a model",
        room="personal",
        run=watch,
        options=(
            _PAPER,
            Option(name="votes", help="when it has so many votes", kind="number"),
            Option(name="code", help="when its code is out", kind="choice", choices=_YES),
            Option(name="models", help="when a model is linked to it", kind="choice", choices=_YES),
        ),
        aliases=("watch",),
        example="/papers watch 2401.01234 votes:50",
        writes=True,
    ),
    Command(
        words=("watch", "list"),
        help="The papers you watch, with numbers",
        room="personal",
        run=watch_list,
        options=(PAGE,),
        example="/papers watch list",
    ),
    Command(
        words=("watch", "remove"),
        help="Watch a paper no more",
        room="personal",
        run=watch_remove,
        options=(Option(name="id", help="its number in /papers watch list", kind="watch", required=True),),
        aliases=("unwatch", "watch rm"),
        example="/papers watch remove id:2",
        writes=True,
    ),
    Command(
        words=("save",),
        help="Keep a paper on your own shelf, with a note",
        room="personal",
        run=save,
        options=(_PAPER, Option(name="note", help="what to remember of it")),
        example='/papers save 2401.01234 note:"for the reading group"',
        writes=True,
    ),
    Command(
        words=("unsave",),
        help="Take a paper off your shelf",
        room="personal",
        run=unsave,
        options=(_PAPER,),
        example="/papers unsave 2401.01234",
        writes=True,
    ),
    Command(
        words=("saved", "list"),
        help="Your shelf, newest first",
        room="personal",
        run=saved,
        options=(PAGE,),
        aliases=("saved",),
        example="/papers saved",
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
