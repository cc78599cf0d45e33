"""Adding, listing, editing, pausing and removing subscriptions: the same deeds for a channel and for a person.

Whose target is meant, and what the commands are called there, is in ``verbs.py``; the rows are in ``channel.py`` and
``personal.py``. Every deed works on that one target, so a number can only ever name what is there.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import cast

from bot.cadence import clock_text, describe, is_paused
from bot.cards import Button, Card, Reply, Row
from bot.commands import backtest, values
from bot.commands.answers import called, line, paged, place, until_text
from bot.commands.rights import may_mention
from bot.commands.rooms import look
from bot.commands.settings import redue
from bot.commands.standing import plain_reason, unreachable, warnings
from bot.commands.subscription_words import (
    as_data,
    as_options,
    limit,
    read_cadence,
    read_max,
    read_mention,
    read_query,
    row,
)
from bot.commands.table import Desk
from bot.commands.verbs import Verbs
from bot.errors import CommandError
from bot.model import Cadence, Format, Request, Subscription, Target
from bot.phrases import plural, quoted
from bot.query import hints
from bot.text import cut

LOOK_BACK = 14
"""Days that a new subscription is tried on."""


async def chosen(verbs: Verbs, desk: Desk, request: Request, target: Target) -> Subscription:
    """The subscription that ``id:`` names at this target."""
    text = request.options["id"]
    there = await desk.store.subscriptions.at(target.id)
    number = values.ident(text)
    found = next((s for s in there if s.number == number), None)
    if found is None:
        known = ", ".join(f"#{s.number}" for s in there)
        are = "is" if len(there) == 1 else "are"
        has = f"There {are} {known}." if known else f"There are none yet. Add one: {line(verbs.add, query='diffusion')}"
        raise CommandError(f"There is no {verbs.noun} #{number} here. {has}", mended=line(verbs.list))
    return found


def names_all(request: Request) -> bool:
    """Whether ``id:all`` was said: the whole target, or everything at it."""
    return request.options["id"].strip().lower() == "all"


# --- adding -----------------------------------------------------------------------------------------------------------


async def add(verbs: Verbs, desk: Desk, request: Request) -> Reply:
    """Subscribe the target, and say what will happen and how to undo it."""
    now = desk.now()
    query = read_query(request.options["query"], desk.limits)
    cadence = read_cadence(request, Cadence())
    top, mention = read_max(request, None), read_mention(request, "")
    if mention and not await may_mention(desk, request):
        raise _mention_refused(request, mention)
    target = await desk.target(verbs.where(request))
    await _refuse_twin(verbs, desk, request, target, query)
    tried = await backtest.look_back(desk, query, LOOK_BACK)
    made = await desk.store.subscriptions.add(
        target.id, query, cadence, owner=request.person.id, owner_name=called(request.person), now=now, max=top,
        mention=mention, limit=limit(target, desk.limits), space_limit=desk.limits.per_space,
    )  # fmt: skip
    target, notes = await _formatted(desk, request, target)
    undo = line(verbs.remove, id=str(made.number))
    notes += await _held(desk, target, now)
    card = Card(
        title=f"{verbs.noun.capitalize()} #{made.number}: {query}",
        body=" ".join([_promise(target, made), *notes]),
        rows=tuple(Row(lead="", text=said) for said in (*hints(query), backtest.sentence(tried), f"Undo: {undo}")),
        buttons=(Button("Undo", undo), Button("Preview", line("preview", query=query))),
        tone="good",
    )
    how = f", {describe(cadence, target.preferences)}" + (f", mentioning {mention}" if mention else "")
    public = audit(request, target, f"subscribed {place(target.address)} to {quoted(query)}{how}")
    return Reply(cards=(card,), public=public, data={**as_data(made, target), "backtest": backtest.as_data(tried)})


def _promise(target: Target, made: Subscription) -> str:
    how = describe(made.cadence, target.preferences)
    zone = f" ({target.preferences.timezone})" if made.cadence.every != "instant" else ""
    to = "be sent to you alone" if target.address.kind == "person" else f"be posted in {place(target.address)}"
    most = f", at most {made.max}" if made.max else ""
    mention = f", mentioning {made.mention}" if made.mention else ""
    return f"New papers that match {quoted(made.query)} will {to} {how}{zone}{most}{mention}."


async def _formatted(desk: Desk, request: Request, target: Target) -> tuple[Target, list[str]]:
    """``format:`` belongs to the whole target: set it, and say so."""
    wanted = request.options.get("format")
    if wanted is None or wanted == target.preferences.format:
        return target, []
    form = cast("Format", wanted)
    _, preferences = await desk.store.subscriptions.prefer(target.id, lambda known: replace(known, format=form))
    return replace(target, preferences=preferences), [f"All posts in {place(target.address)} now look like: {wanted}."]


async def _held(desk: Desk, target: Target, now: int) -> list[str]:
    """Why nothing would come for now, in words."""
    preferences = target.preferences
    space = await desk.store.people.space(target.address.platform, target.address.space)
    said = []
    if preferences.paused_until is not None and is_paused(preferences.paused_until, now):
        said.append(f"Posts here are paused {until_text(preferences.paused_until, preferences.timezone, now)}.")
    if preferences.quiet:
        said.append(f"Quiet hours {'–'.join(map(clock_text, preferences.quiet))} are kept.")
    if space.paused:
        said.append("An administrator has paused all posts in this space.")
    if target.suspended and not target.on_trial:
        said.append(unreachable(target) or f"Nothing can be posted here at present: {plain_reason(target.suspended)}.")
    return said


def audit(request: Request, target: Target, deed: str) -> str:
    """The line that everybody in a channel sees; what a person does with their own is nobody's business."""
    return f"{request.person.name or request.person.id} {deed}" if target.address.kind == "channel" else ""


# --- listing ----------------------------------------------------------------------------------------------------------


async def listing(verbs: Verbs, desk: Desk, request: Request) -> Reply:
    """What is subscribed at the target, by number."""
    target = await look(desk, verbs.where(request))
    there = await desk.store.subscriptions.at(target.id)
    data = {"subscriptions": [as_data(s, target) for s in there]}
    if not there:
        return Reply(cards=(_none(verbs, request), *warnings(target)), data=data)
    shown, page = paged(there, request)
    rows = tuple(row(s, target, desk.now(), request.person.id) for s in shown)
    title = plural(len(there), verbs.noun) + ("" if verbs.noun == "alert" else f" in {place(target.address)}")
    card = Card(title=title, rows=rows, footer=f"Change one: /papers {verbs.edit}")
    return Reply(cards=(card, *warnings(target)), page=page, data=data)


def _none(verbs: Verbs, request: Request) -> Card:
    """Nothing is subscribed: how to begin, where posts can come."""
    none = f"There are no {verbs.noun}s here yet."
    if request.barred and verbs.noun != "alert":
        return Card(body=f"{none} {request.barred}")
    example = line(verbs.add, query="video diffusion")
    return Card(body=f"{none} Add one: {example}", buttons=(Button("Add", example),))


# --- changing ---------------------------------------------------------------------------------------------------------


async def edit(verbs: Verbs, desk: Desk, request: Request) -> Reply:
    """Change what is given, leave the rest, and show both."""
    target = await desk.target(verbs.where(request))
    one = await chosen(verbs, desk, request, target)
    query = read_query(request.options["query"], desk.limits) if "query" in request.options else ""
    await _refuse_twin(verbs, desk, request, target, query, one.id)

    may_ring = verbs.noun == "alert" or await may_mention(desk, request)

    def edited(known: Subscription) -> Subscription:
        after = _edited(request, known, query)
        if after.mention and not may_ring:
            raise _mention_refused(request, after.mention)
        if not _differences(known, after, target):
            raise _nothing_new(verbs, request, known)
        return after

    before, after = await desk.store.subscriptions.change(one.id, edited)
    changed = _differences(before, after, target)
    await redue(desk, target, desk.now())
    undo = line(verbs.edit, _undoing(before, after))
    note = "The new query sees papers from now on." if after.query != before.query else ""
    card = Card(
        title=f"{verbs.noun.capitalize()} #{after.number} changed",
        body=note,
        rows=tuple(Row(lead=name, text=f"{old} → {new}") for name, old, new in changed),
        buttons=(Button("Undo", undo),),
        tone="good",
    )
    what = "; ".join(f"{name} {old} → {new}" for name, old, new in changed)
    public = audit(request, target, f"changed {verbs.noun} #{after.number} of {place(target.address)}: {what}")
    return Reply(cards=(card,), public=public, data={"before": as_data(before, target), **as_data(after, target)})


def _mention_refused(request: Request, mention: str) -> CommandError:
    """For one that would mention, also where only its query changes: otherwise it could be made to ring at all."""
    said = f"A post that mentions {mention} rings at many, so it is for those who manage this channel to set up."
    silent = {name: value for name, value in request.options.items() if name != "mention"}
    adds = "id" not in request.options
    return CommandError(said, mended=line(request.command, silent if adds else {**silent, "mention": "off"}))


def _edited(request: Request, known: Subscription, query: str) -> Subscription:
    """``known`` with what the options change; ``query`` is the new one, or empty. Raises ``CommandError``."""
    return replace(
        known,
        query=query or known.query,
        cadence=read_cadence(request, known.cadence),
        max=read_max(request, known.max),
        mention=read_mention(request, known.mention),
    )


def _differences(before: Subscription, after: Subscription, target: Target) -> list[tuple[str, str, str]]:
    """What changed: (name, before, after)."""
    known = [
        ("query", before.query, after.query),
        ("comes", describe(before.cadence, target.preferences), describe(after.cadence, target.preferences)),
        ("max", str(before.max or "off"), str(after.max or "off")),
        ("mention", before.mention or "off", after.mention or "off"),
    ]
    return [difference for difference in known if difference[1] != difference[2]]


def _nothing_new(verbs: Verbs, request: Request, before: Subscription) -> CommandError:
    example = line(verbs.edit, id=str(before.number), every="daily", at="09:00")
    if len(request.options) == 1:
        text = f"Say what to change in #{before.number}: query, every:, at:, on:, max:… For example: {example}"
        return CommandError(text, mended=line(verbs.list))
    return CommandError(f"#{before.number} is like that already; nothing was changed.", mended=line(verbs.list))


def _undoing(before: Subscription, after: Subscription) -> dict[str, str]:
    """The options of ``edit`` that make ``after`` what was before."""
    options = {"id": str(before.number), "every": before.cadence.every, **as_options(before)}
    options |= {"max": str(before.max or "off"), "mention": before.mention or "off"}
    same = [name for name in ("query", "max", "mention") if getattr(before, name) == getattr(after, name)]
    if before.cadence == after.cadence:
        same += ["every", "at", "on"]
    return {name: value for name, value in options.items() if name not in same}


async def _refuse_twin(verbs: Verbs, desk: Desk, request: Request, target: Target, query: str, own: int = 0) -> None:
    """The store refuses these too, but knows only one name for its commands. ``own`` is the id of the edited one."""
    most = limit(target, desk.limits)
    there = await desk.store.subscriptions.at(target.id)
    twin = next((s for s in there if s.query == query and s.id != own), None)
    if twin is not None:
        text = f"{verbs.noun.capitalize()} #{twin.number} asks for {quoted(query)} already."
        other = "" if own else _as_edit(verbs, request, twin, target)
        raise CommandError(f"{text} You can change how it comes." if other else text, mended=other or line(verbs.list))
    if not own and len(there) >= most:
        text = f"{most} {verbs.noun}s are the most there can be here. Remove one first: /papers {verbs.remove} id:…"
        raise CommandError(text, mended=line(verbs.list))


def _as_edit(verbs: Verbs, request: Request, twin: Subscription, target: Target) -> str:
    """The line that gives ``twin`` the options it was to be made anew with; empty where they change nothing."""
    if not _differences(twin, _edited(request, twin, ""), target):
        return ""
    given = {name: value for name, value in request.options.items() if name in ("every", "at", "on", "max", "mention")}
    return line(verbs.edit, given, id=str(twin.number))


# --- removing ---------------------------------------------------------------------------------------------------------


async def remove(verbs: Verbs, desk: Desk, request: Request) -> Reply:
    """Remove one at once, with the command that brings it back; all of them only after a yes."""
    target = await desk.target(verbs.where(request))
    if names_all(request):
        return await _remove_all(verbs, desk, request, target)
    gone = await chosen(verbs, desk, request, target)
    await desk.store.subscriptions.remove(gone.id)
    back = line(verbs.add, as_options(gone))
    card = Card(
        body=f"Removed {verbs.noun} #{gone.number}: {quoted(gone.query)}. Bring it back: {back}",
        buttons=(Button("Undo", back),),
        tone="good",
    )
    what = f"{verbs.noun} #{gone.number} of {place(target.address)}: {quoted(gone.query)}"
    public = audit(request, target, f"removed {what}")
    return Reply(cards=(card,), public=public, data={"removed": [as_data(gone, target)]})


async def _remove_all(verbs: Verbs, desk: Desk, request: Request, target: Target) -> Reply:
    there = await desk.store.subscriptions.at(target.id)
    what = plural(len(there), verbs.noun)
    if not there:
        raise CommandError(f"There are no {verbs.noun}s here to remove.")
    if request.options.get("confirm") != "yes":
        sure = line(verbs.remove, id="all", confirm="yes")
        rows = tuple(row(s, target, desk.now(), request.person.id) for s in there)
        names = ", ".join(f"#{s.number}" for s in there)
        button = Button(f"Remove {what}", sure, confirm=cut(f"Remove {what} of {place(target.address)}: {names}?", 200))
        card = Card(title=f"Remove {what}?", rows=rows, buttons=(button,), footer=f"Yes: {sure}", tone="warning")
        return Reply(cards=(card,), data={"removed": [], "would_remove": [as_data(s, target) for s in there]})
    for gone in there:
        await desk.store.subscriptions.remove(gone.id)
    back = "\n".join(line(verbs.add, as_options(gone)) for gone in there)
    card = Card(body=f"Removed {what}. These commands bring them back:", code=back, tone="good")
    public = audit(request, target, f"removed every subscription of {place(target.address)} ({len(there)})")
    return Reply(cards=(card,), public=public, data={"removed": [as_data(s, target) for s in there]})


# --- rows -------------------------------------------------------------------------------------------------------------

Deed = Callable[[Verbs, Desk, Request], Awaitable[Reply]]


def bound(verbs: Verbs, deed: Deed) -> Callable[[Desk, Request], Awaitable[Reply]]:
    """A deed of one room, as a row of the table runs it."""

    async def run(desk: Desk, request: Request) -> Reply:
        return await deed(verbs, desk, request)

    return run
