"""What belongs to one person: alerts and settings. Works everywhere, needs no rights, and is always answered privately.

Saved papers are in ``saving.py``, watches in ``watching.py``; alerts are subscriptions of a person's own target.
"""

from collections.abc import Mapping
from dataclasses import replace

from bot import portable
from bot.cards import Button, Card, Reply, Row
from bot.commands import less, pausing, saving, settings, watching
from bot.commands import subscriptions as deeds
from bot.commands.answers import PAGE, PAPER, YES, line
from bot.commands.rooms import look
from bot.commands.standing import warnings
from bot.commands.subscription_words import AT, EVERY, MAX, ON, QUERY, UNTIL
from bot.commands.table import Command, Desk
from bot.commands.verbs import ALERTS
from bot.model import Request, Target
from bot.phrases import plural

# --- settings ---------------------------------------------------------------------------------------------------------


async def me(desk: Desk, request: Request) -> Reply:
    """Everything that is set and kept for the asker."""
    now = desk.now()
    target = await look(desk, request.person.address)
    counts = await _counts(desk, request, target)
    said = (plural(n, name, "open watches" if name == "open watch" else "") for name, n in counts.items())
    kept = Row(lead="yours", text=" · ".join(said), detail="/papers me export")
    card = Card(
        title=request.person.name or request.person.id,
        rows=(*settings.as_rows(target.preferences, now), kept),
        footer="Change one: /papers me timezone Europe/Berlin · /papers me quiet 22:00-08:00 · /papers me digest 09:00"
        " · /papers me format line",
    )
    return Reply(
        cards=(card, *warnings(target)), data={"settings": settings.shown(target.preferences, now), "counts": counts}
    )


async def _counts(desk: Desk, request: Request, target: Target) -> dict[str, int]:
    """How much is kept for the asker, by kind."""
    watches = await desk.store.people.watches(target.id)
    return {
        "alert": len(await desk.store.subscriptions.at(target.id)),
        "open watch": sum(not watch.done for watch in watches),
        "saved paper": len(await desk.store.people.saved(request.person)),
    }


async def set_mine(desk: Desk, request: Request) -> Reply:
    """Change one of the asker's settings; digests that wait move with it."""
    now = desk.now()
    target = await desk.own(request.person)
    before, after = await settings.change(desk, target, request.options, now)
    changed = settings.differences(before, after, now)
    data = {"settings": settings.shown(after, now)}
    if not changed:
        name, said = next(iter(request.options)), settings.shown(after, now)[next(iter(request.options))]
        return Reply(cards=(Card(body=f"Your {name} is {said} already."),), data=data)
    return Reply(cards=(Card(title="Changed for you", rows=changed, tone="good"),), data=data)


# --- taking it along, and leaving -------------------------------------------------------------------------------------


async def export(desk: Desk, request: Request) -> Reply:
    """Everything of the asker as one TOML text."""
    target = await look(desk, request.person.address)
    everything = portable.entry(
        target,
        await desk.store.subscriptions.at(target.id),
        watches=await desk.store.people.watches(target.id),
        saved=await desk.store.people.saved(request.person),
    )
    text = portable.dump([everything])
    card = Card(title="Everything of yours", body="Settings, alerts, watches and saved papers.", code=text)
    return Reply(cards=(card,), data={"toml": text})


async def forget(desk: Desk, request: Request) -> Reply:
    """Say exactly what would be deleted; after a yes, delete it for good."""
    counts = await _to_forget(desk, request)
    if request.options.get("confirm") != "yes":
        return _asked(counts)
    # The store first: beside a running Paperboy it refuses, and then nothing may be gone.
    deleted = await desk.store.people.forget(request.person, request.person.address)
    await desk.forget(request.person.address)
    said = ", ".join(f"{name}: {n}" for name, n in deleted.items() if n) or "there was nothing"
    card = Card(
        title="Forgotten", body=f"Deleted for good — {said}. Nothing of yours is left in the database.", tone="good"
    )
    return Reply(cards=(card,), data={"deleted": deleted})


def _asked(counts: Mapping[str, int]) -> Reply:
    sure = line("me forget", confirm="yes")
    named = ", ".join(f"{name} ({n})" for name, n in counts.items() if n)
    card = Card(
        title="Forget me?",
        body="This deletes for good, with no way back (an export first: /papers me export):",
        rows=tuple(Row(lead="", text=name, detail=str(n)) for name, n in counts.items() if n),
        buttons=(Button("Forget me", sure, confirm=f"Delete for good, with no way back: {named or 'everything'}?"),),
        footer=f"Yes: {sure}",
        tone="warning",
    )
    return Reply(cards=(card,), data={"would_delete": dict(counts)})


async def _to_forget(desk: Desk, request: Request) -> dict[str, int]:
    """What ``forget`` reaches, by kind, as people would call it."""
    person = request.person
    target = await look(desk, person.address)
    names, rights = await desk.store.people.named(person)
    return {
        "your saved papers and notes": len(await desk.store.people.saved(person)),
        "your alerts, with what was and would be posted for them": len(await desk.store.subscriptions.at(target.id)),
        "your watches": len(await desk.store.people.watches(target.id)),
        "your settings": int(target.id != 0),
        "your name on channel subscriptions, which stay": names,
        "your right to manage channels": rights,
    }


# --- rows -------------------------------------------------------------------------------------------------------------

_ID = ALERTS.id()
COMMANDS: tuple[Command, ...] = (
    Command(
        words=("alert", "add"),
        help="Send you alone new papers that match a query",
        room="personal",
        run=deeds.bound(ALERTS, deeds.add),
        options=(QUERY, EVERY, AT, ON, MAX),
        example="/papers alert add author:hinton every:weekly on:monday",
        writes=True,
        form=True,
    ),
    Command(
        words=("alert", "list"),
        help="Your alerts, with numbers",
        room="personal",
        run=deeds.bound(ALERTS, deeds.listing),
        options=(PAGE,),
        aliases=("alerts",),
        example="/papers alert list",
    ),
    Command(
        words=("alert", "edit"),
        help="Change one of your alerts: only what is given changes",
        room="personal",
        run=deeds.bound(ALERTS, deeds.edit),
        options=(ALERTS.id(all=False), replace(QUERY, required=False), EVERY, AT, ON, MAX),
        example="/papers alert edit id:2 every:daily at:18:00",
        writes=True,
        form=True,
    ),
    Command(
        words=("alert", "pause"),
        help="Hold one of your alerts, or everything sent to you",
        room="personal",
        run=deeds.bound(ALERTS, pausing.pause),
        options=(_ID, UNTIL),
        example="/papers alert pause id:all until:monday",
        writes=True,
    ),
    Command(
        words=("alert", "resume"),
        help="Go on with one of your alerts, or with everything sent to you",
        room="personal",
        run=deeds.bound(ALERTS, pausing.resume),
        options=(_ID,),
        example="/papers alert resume id:2",
        writes=True,
    ),
    Command(
        words=("alert", "remove"),
        help="Remove one of your alerts, or all of them",
        room="personal",
        run=deeds.bound(ALERTS, deeds.remove),
        options=(_ID, YES),
        aliases=("alert rm",),
        example="/papers alert remove id:2",
        writes=True,
    ),
    *watching.COMMANDS,
    *saving.COMMANDS,
    Command(
        words=("me", "show"),
        help="Your settings, and how much is kept for you",
        room="personal",
        run=me,
        aliases=("me",),
        example="/papers me show",
    ),
    *(
        Command(
            words=("me", option.name),
            help=what,
            room="personal",
            run=set_mine,
            options=(replace(option, required=True, rest=True),),
            example=f"/papers me {option.name} {value}",
            writes=True,
        )
        for option, what, value in (
            (settings.TIMEZONE, "Set the time zone of all your hours", "Europe/Berlin"),
            (settings.QUIET, "Set hours without posts to you, or off", "22:00-08:00"),
            (settings.DIGEST, "Set the hour of your digests", "09:00"),
            (settings.FORMAT, "Set how posts to you look", "line"),
            (settings.LIVING, "Set whether posts to you are shown anew once when code or a summary comes", "off"),
        )
    ),
    Command(
        words=("me", "less"),
        help="What brings you papers like one, and how to get fewer of them",
        room="personal",
        run=less.less,
        options=(PAPER,),
        example="/papers me less 1706.03762",
    ),
    Command(
        words=("me", "export"),
        help="Everything of yours as one text to keep",
        room="personal",
        run=export,
        example="/papers me export",
    ),
    Command(
        words=("me", "forget"),
        help="Delete everything of yours for good, after a yes",
        room="personal",
        run=forget,
        options=(YES,),
        example="/papers me forget",
        writes=True,
    ),
)
