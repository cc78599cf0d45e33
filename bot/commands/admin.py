"""What administrators do: settings of a channel, who may manage, everything of the space in and out, stop and go.

Every function works on the space the request came from, and on no other.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Literal, cast

from bot import portable
from bot.cadence import is_paused
from bot.cards import Card, Reply, Row
from bot.commands import moving, settings, values
from bot.commands.answers import PAGE, line, paged, place, until_text
from bot.commands.moving import Outcome
from bot.commands.rooms import here, look
from bot.commands.standing import resting
from bot.commands.status import health_data, source_rows, tally_data, total_text
from bot.commands.table import Command, Desk, Option
from bot.errors import CommandError, ConfigError
from bot.model import Request, Space, Target
from bot.phrases import ago, plural

_POLICIES = ("open", "managers")
_STATES = {
    "sent": "sent",
    "pending": "planned",
    "framed": "on their way",
    "ready": "on their way",
    "sending": "being sent",
    "ambiguous": "unclear, to be asked about",
    "suspended": "held where posts rest",
    "dead": "given up",
    "expired": "expired unsent",
}
"""How papers and messages stand, in the order in which it is told."""
_LONGEST = 100_000
"""Characters of an import; a TOML reader's time grows with them."""
_MOST_CHANNELS = 200
_MOST_LINES = 1_000
"""Of an import: each channel and each subscription is a transaction of its own."""


async def _space(desk: Desk, request: Request) -> Space:
    return await desk.store.people.space(request.where.platform, request.where.space)


async def _edit(desk: Desk, request: Request, change: Callable[[Space], Space]) -> tuple[Space, Space]:
    """The space before and after."""
    return await desk.store.people.edit_space(request.where.platform, request.where.space, change)


# --- one channel ------------------------------------------------------------------------------------------------------


async def channel_settings(desk: Desk, request: Request) -> Reply:
    """Show this channel's settings, or change what is given; digests that wait move with it."""
    now = desk.now()
    if not request.options:
        target = await look(desk, here(request))
        rows = settings.as_rows(target.preferences, now)
        footer = "Change one: /papers admin settings timezone:Europe/Berlin"
        shown = settings.shown(target.preferences, now)
        return Reply(cards=(Card(title=place(target.address), rows=rows, footer=footer),), data={"settings": shown})
    target = await desk.target(here(request))
    before, after = await settings.change(desk, target, request.options, now)
    changed = settings.differences(before, after, now)
    data = {"settings": settings.shown(after, now)}
    if not changed:
        return Reply(cards=(Card(body=f"{place(target.address)} is set like that already."),), data=data)
    what = "; ".join(f"{row.lead} {row.text}" for row in changed)
    who = request.person.name or request.person.id
    public = f"{who} changed {place(target.address)}: {what}" if target.address.kind == "channel" else ""
    return Reply(cards=(Card(title="Changed", rows=changed, tone="good"),), public=public, data=data)


# --- the space --------------------------------------------------------------------------------------------------------


async def channels(desk: Desk, request: Request) -> Reply:
    """Every channel of the space with how much comes there; persons are only counted, theirs is theirs."""
    around = await desk.store.subscriptions.targets(request.where.platform, request.where.space)
    there = [t for t in around if t.address.kind == "channel"]
    persons = len(around) - len(there)
    shown, page = paged(there, request)
    rests = (await _space(desk, request)).paused
    counts = {t.id: len(await desk.store.subscriptions.at(t.id)) for t in there}
    rows = tuple(
        Row(
            lead="",
            text=place(t.address),
            detail=f"{plural(counts[t.id], 'subscription')} · {_state(t, desk.now(), rests)}",
        )
        for t in shown
    )
    footer = f"and {plural(persons, 'person', 'persons')} with settings or alerts of their own" if persons else ""
    data = {
        "channels": [
            {"room": t.address.room, "subscriptions": counts[t.id], "state": _state(t, desk.now(), rests)}
            for t in there
        ],
        "persons": persons,
    }
    return Reply(cards=(Card(title=plural(len(there), "channel"), rows=rows, footer=footer),), page=page, data=data)


def _state(target: Target, now: int, rests: bool = False) -> str:
    """In plain words; ``rests`` when the whole space is paused."""
    until = target.preferences.paused_until
    if target.suspended:
        return resting(target, now)
    if rests:
        return "paused with the whole space"
    return f"paused {until_text(until or 0, target.preferences.timezone, now)}" if is_paused(until, now) else "live"


async def permissions(desk: Desk, request: Request) -> Reply:
    """Who may manage the channels' subscriptions: show it, or change it."""
    if request.options:
        most = desk.limits.managers
        before, after = await _edit(desk, request, lambda known: _permitted(request.options, known, most))
    else:
        before = after = await _space(desk, request)
    who = {
        "open": "Everybody may manage the subscriptions of a channel they are in. Its settings are for managers.",
        "managers": "Only channel managers, administrators and those on the list may manage subscriptions.",
    }
    rows = (Row(lead="", text="policy", detail=after.policy), Row(lead="", text="list", detail=_listed(after)))
    listed = after.managers and after.policy == "open"
    note = " With policy:open the list counts for settings and mentions." if listed else ""
    card = Card(
        title="Permissions", body=who[after.policy] + note, rows=rows, tone="good" if after != before else "plain"
    )
    return Reply(cards=(card,), data={"policy": after.policy, "managers": list(after.managers)})


def _permitted(options: Mapping[str, str], before: Space, most: int) -> Space:
    """``before`` with what the options change. Raises ``CommandError``, also for more than ``most`` on the list."""
    add, gone = (values.person(options[name]) if options.get(name) else "" for name in ("add", "remove"))
    if gone and gone not in before.managers:
        raise CommandError(f'"{gone}" is not on the list: {_listed(before)}.', mended=line("admin permissions"))
    kept = tuple(person for person in before.managers if person not in (gone, add))
    if add and len(kept) >= most:
        text = f"{len(kept)} people are on the list already, and that is the limit. Take one off first."
        raise CommandError(text, mended=line("admin permissions"))
    policy = cast("Literal['open', 'managers']", options.get("policy", before.policy))
    return replace(before, policy=policy, managers=(*kept, add) if add else kept)


def _listed(space: Space) -> str:
    return ", ".join(space.managers) or "nobody"


async def pause_all(desk: Desk, request: Request) -> Reply:
    return await _rest(desk, request, True)


async def resume_all(desk: Desk, request: Request) -> Reply:
    return await _rest(desk, request, False)


async def _rest(desk: Desk, request: Request, paused: bool) -> Reply:
    before, _ = await _edit(desk, request, lambda known: replace(known, paused=paused))
    if before.paused == paused:
        said = "This space is paused already." if paused else "This space was not paused."
        return Reply(cards=(Card(body=said),), data={"paused": paused})
    back = line("admin resume-all")
    body = (
        f"All posts to channels and persons of this space are paused. Papers that come meanwhile are not posted later. "
        f"Go on: {back}"
        if paused
        else "Posts go on: papers come again from now on. Channels that were paused on their own still are."
    )
    who = request.person.name or request.person.id
    public = f"{who} {'paused' if paused else 'resumed'} all posts of this space"
    return Reply(cards=(Card(body=body, tone="good"),), public=public, data={"paused": paused})


# --- in and out -------------------------------------------------------------------------------------------------------


async def export(desk: Desk, request: Request) -> Reply:
    """The channels of the space with settings and subscriptions as one TOML text."""
    entries = await moving.gather(desk, request.where.platform, request.where.space)
    text = portable.dump(entries)
    lines = sum(len(entry.subscriptions) for entry in entries)
    body = f"{plural(len(entries), 'channel')}, {plural(lines, 'subscription')}. People's own alerts are not in it."
    return Reply(cards=(Card(title="Export", body=body, code=text),), data={"toml": text})


async def bring_in(desk: Desk, request: Request) -> Reply:
    """Add what a TOML text has and this space has not, and say what became of each line."""
    text = _bare(request.options["text"])
    if len(text) > _LONGEST:
        raise CommandError(f"This has {len(text):,} characters; at most {_LONGEST:,} can be imported at once.")
    try:
        entries = portable.load(text)
    except ConfigError as error:
        raise CommandError(f"Nothing was imported. {error}", mended=line("admin export")) from error
    lines = sum(len(entry.subscriptions) for entry in entries)
    if len(entries) > _MOST_CHANNELS or lines > _MOST_LINES:
        text = f"This has {plural(len(entries), 'channel')} and {plural(lines, 'subscription')}"
        raise CommandError(f"{text}; at most {_MOST_CHANNELS:,} and {_MOST_LINES:,} can be imported at once.")
    where = request.where
    outcomes = await moving.plant(desk, entries, where.platform, where.space, request.person)
    return _imported(outcomes)


def _bare(text: str) -> str:
    """Without the fence that people put round code in chats."""
    said = text.strip()
    kind, _, inside = said.removeprefix("```").removesuffix("```").partition("\n")
    return inside if said.startswith("```") and said.endswith("```") and kind.strip() in {"", "toml"} else text


def _imported(outcomes: Sequence[Outcome]) -> Reply:
    signs = {"added": "+", "there": "=", "refused": "!"}
    said = {"added": "added", "there": "there already", "refused": "refused"}
    rows = tuple(
        Row(
            lead=signs[o.fate],
            text=f"#{o.room.removeprefix('#')}: {o.what}",
            detail=f"{said[o.fate]}{f': {o.why}' if o.why else ''}",
        )
        for o in outcomes
    )
    counts = {fate: sum(o.fate == fate for o in outcomes) for fate in signs}
    title = f"{counts['added']} added, {counts['there']} there already, {counts['refused']} refused"
    data = {
        **counts,
        "lines": [{"room": o.room, "what": o.what, "fate": o.fate, "why": o.why} for o in outcomes],
    }
    return Reply(cards=(Card(title=title, rows=rows, tone="warning" if counts["refused"] else "good"),), data=data)


async def status(desk: Desk, request: Request) -> Reply:
    """The numbers of the space: what waits, since when, what was given up, and what may have been sent twice."""
    now = desk.now()
    space = await _space(desk, request)
    tally = await desk.store.outbox.tally(request.where.platform, request.where.space, kind="channel")
    sources = await desk.store.papers.health()
    around = await desk.store.subscriptions.targets(request.where.platform, request.where.space)
    ill = [t for t in around if t.suspended and t.address.kind == "channel"]
    oldest = f"the oldest since {ago(tally.oldest_due, now)}" if tally.oldest_due else "nothing is late"
    rows = (
        Row(lead="", text="space", detail="paused. Go on: /papers admin resume-all" if space.paused else "live"),
        Row(lead="", text="papers", detail=_counts(tally.deliveries)),
        Row(lead="", text="messages", detail=f"{_counts(tally.messages)} · {oldest}"),
        *(Row(lead="!", text=place(t.address), detail=_state(t, now)) for t in ill),
    )
    cards = (
        Card(title="This space", body=total_text(tally), rows=rows, tone="warning" if ill else "plain"),
        Card(title="Sources", rows=source_rows(sources, now, desk.poll_every)),
    )
    data = {
        "paused": space.paused,
        "totals": tally_data(tally),
        "suspended": [t.address.room for t in ill],
        "sources": [health_data(h) for h in sources],
    }
    return Reply(cards=cards, data=data)


def _counts(states: Mapping[str, int]) -> str:
    return ", ".join(f"{states[state]:,} {said}" for state, said in _STATES.items() if states.get(state)) or "none yet"


# --- rows -------------------------------------------------------------------------------------------------------------

COMMANDS: tuple[Command, ...] = (
    Command(
        words=("admin", "settings"),
        help="This channel's time zone, quiet hours, digest hour, format, living posts and daily cap",
        room="admin",
        run=channel_settings,
        options=(settings.TIMEZONE, settings.QUIET, settings.DIGEST, settings.FORMAT, settings.LIVING, settings.CAP),
        needs="manager",
        example="/papers admin settings timezone:Europe/Berlin quiet:22:00-08:00",
        writes=True,
        form=True,
    ),
    Command(
        words=("admin", "channels"),
        help="Every channel with what comes there and how it fares",
        room="admin",
        run=channels,
        options=(PAGE,),
        needs="admin",
        example="/papers admin channels",
    ),
    Command(
        words=("admin", "permissions"),
        help="Who may manage the subscriptions of channels",
        room="admin",
        run=permissions,
        options=(
            Option(name="policy", help="open to everybody, or managers only", kind="choice", choices=_POLICIES),
            Option(name="add", help="somebody who may manage every channel", kind="person"),
            Option(name="remove", help="somebody who may no longer", kind="person"),
        ),
        needs="admin",
        example="/papers admin permissions policy:managers add:@mei",
        writes=True,
    ),
    Command(
        words=("admin", "export"),
        help="All channels with settings and subscriptions as one text",
        room="admin",
        run=export,
        needs="admin",
        example="/papers admin export",
    ),
    Command(
        words=("admin", "import"),
        help="Add the channels and subscriptions of an export that are not here yet",
        room="admin",
        run=bring_in,
        options=(Option(name="text", help="the text of an export", required=True, rest=True),),
        needs="admin",
        example="/papers admin export",
        writes=True,
        posts=True,
    ),
    Command(
        words=("admin", "status"),
        help="Numbers of this space: what waits, what was given up, and how the sources fare",
        room="admin",
        run=status,
        needs="admin",
        example="/papers admin status",
    ),
    Command(
        words=("admin", "pause-all"),
        help="Hold all posts in this space",
        room="admin",
        run=pause_all,
        needs="admin",
        example="/papers admin pause-all",
        writes=True,
    ),
    Command(
        words=("admin", "resume-all"),
        help="Go on posting in this space",
        room="admin",
        run=resume_all,
        needs="admin",
        example="/papers admin resume-all",
        writes=True,
        posts=True,
    ),
)
