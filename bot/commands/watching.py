"""Papers a person waits for: ``watch``. Told to them alone, once, wherever they asked."""

from collections.abc import Mapping, Sequence

from bot.cards import Button, Card, Reply, Row, wished
from bot.commands import values
from bot.commands.answers import PAGE, PAPER, line, paged
from bot.commands.fetching import find_paper
from bot.commands.rooms import look
from bot.commands.table import Command, Desk, Option
from bot.errors import CommandError
from bot.model import Paper, Request, Watch
from bot.phrases import plural
from bot.query import document, parse
from bot.text import cut

_STEPS = (10, 25, 50, 100, 250, 500, 1000)
_YES = ("yes", "no")
_VOTES = Option(name="votes", help="when it has so many votes", kind="number")


async def watch(desk: Desk, request: Request) -> Reply:
    """Tell the asker once when a paper gets so many votes, code or a model; never of what is true already."""
    paper = await find_paper(desk, request.options["paper"], "watch add")
    wanted = _conditions(request, paper)
    doc, today = document(paper), desk.today()
    open_ones = [w for w in wanted if parse(w).match(doc, today) is None]
    if not open_ones or (_asked(request) and len(open_ones) < len(wanted)):
        true = [w for w in wanted if w not in open_ones]
        data = {"paper": paper.key, "watching": False, "already": ", ".join(true)}
        so = " and ".join(map(wished, true))
        card = Card(title=paper.title, body=f"It has {so} already: there is nothing to wait for.")
        return Reply(cards=(card,), data=data)
    target = await desk.own(request.person)
    watches = [w for w in await desk.store.people.watches(target.id) if not w.done]
    if len(watches) >= desk.limits.per_person:
        text = f"You watch {len(watches)} papers, and that is the limit. Remove one first."
        raise CommandError(text, mended=line("watch list"))
    made = await desk.store.people.watch(target.id, paper.key, " OR ".join(open_ones))
    return _watching(paper, made)


def _watching(paper: Paper, made: Watch) -> Reply:
    undo = line("watch remove", id=str(made.number))
    card = Card(
        title=f"Watching: {paper.title}",
        body=f"You will be told once, when {_spoken(made.query)}. Undo: {undo}",
        buttons=(Button("Undo", undo),),
        tone="good",
    )
    return Reply(cards=(card,), data={"paper": paper.key, "watching": True, "id": made.number, "query": made.query})


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
        wanted.append(f"votes>={values.number(options['votes'], 'votes', *_VOTES.bounds)}")
    wanted += [condition for name, condition in (("code", "has:code"), ("models", "has:model")) if _yes(options, name)]
    if not wanted:
        raise CommandError("Say what to wait for: votes:50, code:yes or models:yes.", mended=_mended(request))
    return wanted


def _yes(options: Mapping[str, str], name: str) -> bool:
    return options.get(name) == "yes"


def _mended(request: Request) -> str:
    return line("watch add", paper=request.options["paper"])


def _spoken(query: str) -> str:
    """``it has 50 votes or code``: a watch's query as people say it."""
    return f"it has {wished(query)}"


async def watch_list(desk: Desk, request: Request) -> Reply:
    """The papers the asker waits for, and those whose wait is over."""
    target = await look(desk, request.person.address)
    watches = sorted(await desk.store.people.watches(target.id), key=lambda w: (w.done, w.number))
    papers = {w.paper: await desk.store.papers.get(w.paper) for w in watches}
    data = {"watches": [{"id": w.number, "paper": w.paper, "query": w.query, "done": w.done} for w in watches]}
    if not watches:
        return Reply(cards=(Card(body="You watch no paper yet. Watch one: /papers watch add 2401.01234"),), data=data)
    shown, page = paged(watches, request)
    rows = tuple(_watch_row(w, papers[w.paper]) for w in shown)
    title = plural(len(watches), "watched paper")
    return Reply(
        cards=(Card(title=title, rows=rows, footer="Remove one: /papers watch remove id:…"),), page=page, data=data
    )


def _watch_row(watch: Watch, paper: Paper | None) -> Row:
    state = "it happened" if watch.done else f"waits until {_spoken(watch.query)}"
    opened = f"/papers show {paper.name}" if paper else ""
    return Row(lead=f"#{watch.number}", text=paper.title if paper else watch.paper, detail=state, command=opened)


async def watch_remove(desk: Desk, request: Request) -> Reply:
    """Wait no more. Only one of the asker's own watches can be named, by its number or its paper."""
    text = request.options["id"]
    target = await look(desk, request.person.address)
    found = await _named(desk, await desk.store.people.watches(target.id), text)
    if len(found) != 1 or not await desk.store.people.unwatch(target.id, found[0].id):
        one = f"#{text.strip()}" if text.strip().isdecimal() else f'"{cut(text, 80)}"'
        why = f"{len(found)} watches of {one}: name one by its number" if found else f"no watch {one}"
        raise CommandError(f"You have {why}.", mended=line("watch list"))
    card = Card(body=f"Watching {found[0].paper.removeprefix('arxiv:')} no more.", tone="good")
    return Reply(cards=(card,), data={"removed": found[0].number, "paper": found[0].paper})


async def _named(desk: Desk, watches: Sequence[Watch], text: str) -> list[Watch]:
    """The watches that a number, an id, an address or words of a title name."""
    if text.strip().lstrip("#").isdecimal():
        return [watch for watch in watches if watch.number == values.ident(text)]
    key, wanted = values.paper_key(text), text.strip().strip('"').casefold()
    if key is not None:
        return [watch for watch in watches if watch.paper == key]
    papers = {watch.id: await desk.store.papers.get(watch.paper) for watch in watches}
    return [w for w in watches if (known := papers[w.id]) is not None and wanted in known.title.casefold()]


COMMANDS: tuple[Command, ...] = (
    Command(
        words=("watch", "add"),
        help="Tell you once when a paper gets votes, code or a model",
        room="personal",
        run=watch,
        options=(
            PAPER,
            _VOTES,
            Option(name="code", help="when its code is out", kind="choice", choices=_YES),
            Option(name="models", help="when a model is linked to it", kind="choice", choices=_YES),
        ),
        aliases=("watch",),
        example="/papers watch add 2401.01234 votes:50",
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
        options=(
            Option(
                name="id", help="its number in /papers watch list, or its paper", kind="watch", required=True, rest=True
            ),
        ),
        aliases=("unwatch", "watch rm"),
        example="/papers watch remove id:2",
        writes=True,
    ),
)
