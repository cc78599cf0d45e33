"""Pausing and resuming one subscription or a whole target: for a channel and for a person, as ``subscriptions.py``."""

from dataclasses import replace

from bot.cadence import is_paused
from bot.cards import Button, Card, Reply
from bot.commands import values
from bot.commands.answers import line, place, until_text
from bot.commands.subscriptions import audit, chosen, names_all
from bot.commands.table import Desk
from bot.commands.verbs import Verbs
from bot.commands.waking import woken
from bot.model import Request, Target


async def pause(verbs: Verbs, desk: Desk, request: Request) -> Reply:
    """Stop one subscription, or the whole target, for a while or until resumed."""
    now = desk.now()
    target = await desk.target(verbs.where(request))
    said = request.options.get("until")
    until = values.until(said, now, target.preferences.timezone) if said else 0
    await _hold(verbs, desk, request, target, until)
    when = until_text(until, target.preferences.timezone, now)
    name = _named(verbs, request, target)
    back = line(verbs.resume, id=request.options["id"].lower())
    card = Card(
        body=f"Paused {name} {when}. Papers that come meanwhile are not posted later. Go on: {back}",
        buttons=(Button("Resume", back),),
        tone="good",
    )
    public = audit(request, target, f"paused {name} {when}")
    return Reply(cards=(card,), public=public, data={"id": request.options["id"], "paused_until": until})


async def resume(verbs: Verbs, desk: Desk, request: Request) -> Reply:
    """Go on with one subscription or the whole target; where the platform had refused our posts, that is tried."""
    now = desk.now()
    target = await desk.target(verbs.where(request))
    tried = await woken(desk, target) if names_all(request) else ""
    held = await _hold(verbs, desk, request, target, None)
    name = _named(verbs, request, target)
    data = {"id": request.options["id"], "paused_until": None, "resumed": is_paused(held, now)}
    if tried and not data["resumed"]:
        return Reply(cards=(Card(body=tried),), data=data)
    if not data["resumed"]:
        there = await desk.store.subscriptions.at(target.id)
        single = [s for s in there if names_all(request) and is_paused(s.paused_until, now)]
        hint = f" Paused on its own: {', '.join(f'#{s.number}' for s in single)}." if single else ""
        return Reply(cards=(Card(body=f"{name[0].upper()}{name[1:]} was not paused.{hint}"),), data=data)
    said = f"Resumed {name}: papers come again from now on. {tried}".rstrip()
    card = Card(body=said, tone="good")
    return Reply(cards=(card,), public=audit(request, target, f"resumed {name}"), data=data)


async def _hold(verbs: Verbs, desk: Desk, request: Request, target: Target, until: int | None) -> int | None:
    """Set the pause of what ``id:`` names, and return what it was."""
    if names_all(request):
        known, _ = await desk.store.subscriptions.prefer(target.id, lambda p: replace(p, paused_until=until))
        return known.paused_until
    one = await chosen(verbs, desk, request, target)
    before, _ = await desk.store.subscriptions.change(one.id, lambda s: replace(s, paused_until=until))
    return before.paused_until


def _named(verbs: Verbs, request: Request, target: Target) -> str:
    if not names_all(request):
        return f"{verbs.noun} #{values.ident(request.options['id'])}"
    return "everything sent to you" if target.address.kind == "person" else place(target.address)
