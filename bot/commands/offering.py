"""What the value of an option may become while somebody types it: autocomplete, the same for every platform.

This file asks the store; what needs no store is in ``suggesting.py``, what becomes of a query in ``completing.py``.
Everything offered is public, of the room somebody is in, or their own.
"""

import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import bot.commands  # the table is looked up when something is typed: the door imports this file
from bot.cadence import describe
from bot.commands import help as help_pages
from bot.commands import suggesting, values
from bot.commands.completing import completions, organization_asked
from bot.commands.rights import is_flood
from bot.commands.rooms import here, look, own
from bot.commands.table import Command, Desk, Option, OptionKind
from bot.errors import CommandError, StoreError
from bot.model import Address, Offer, Paper, Request
from bot.phrases import quoted
from bot.text import cut, words

log = logging.getLogger(__name__)

MOST = 25
LONGEST = 100
"""Characters of a label and of a value. Both bounds are Discord's, the narrowest:
https://discord.com/developers/docs/interactions/application-commands#application-command-object-application-command-option-choice-structure"""
_ORGANIZATIONS = 20
_DAYS = 400
_LAST_DAYS = 7


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is being typed, and where."""

    desk: Desk
    request: Request
    command: Command
    option: Option
    typed: str


async def offers(desk: Desk, request: Request, option: str, typed: str) -> list[Offer]:
    """What the value of ``option`` may become, best first, at most ``MOST``. Never raises but for cancellation.

    ``request.options`` are the values given already. Where nothing helps, or the store fails, nothing is offered.
    """
    command = next((c for c in bot.commands.TABLE if c.name == request.command), None)
    found = command.option(option) if command else None
    if command is None or found is None or is_flood(desk, request, "typed"):
        return []
    try:
        return _sound(await _MAKERS[found.kind](_Asked(desk, request, command, found, typed[: 2 * LONGEST])))
    except CommandError:
        return []
    except StoreError as error:
        # Whoever types on is told when the command fails too; a line for each key would bury that.
        log.info("offers.not_read", extra={"command": command.name, "option": option, "error": str(error)})
        return []
    except Exception:
        log.exception("offers.broke", extra={"command": command.name, "option": option})
        return []


def _sound(found: Iterable[Offer]) -> list[Offer]:
    """Each value once, none that would be cut."""
    first: dict[str, Offer] = {}
    for offer in found:
        if 0 < len(offer.value) <= LONGEST:
            first.setdefault(offer.value, Offer(cut(offer.label, LONGEST), offer.value))
    return list(first.values())[:MOST]


# --- papers -----------------------------------------------------------------------------------------------------------


async def _papers(asked: _Asked) -> list[Offer]:
    """The paper of an exact id first, then those of such titles; the newest list where nothing is typed."""
    if asked.command.words == ("saved", "remove"):
        return await _kept(asked)
    store, typed = asked.desk.store.papers, asked.typed.strip()
    exact = await _exact(asked, typed)
    if exact or not words(typed):
        return exact or [_paper(paper) for paper in await _newest(asked)]
    titled = await store.by_title(typed, MOST)
    numbered = [paper for paper in await _newest(asked) if paper.name.startswith(typed)] if not titled else []
    return [_paper(paper) for paper in (*titled, *numbered)]


async def _exact(asked: _Asked, typed: str) -> list[Offer]:
    try:
        key = values.paper_key(typed)
    except CommandError:
        return []
    if key is None:
        return []
    known = await asked.desk.store.papers.get(key)
    name = key.removeprefix("arxiv:")
    return [_paper(known) if known else Offer(f"{name} · not seen here yet", name)]


async def _newest(asked: _Asked) -> list[Paper]:
    days = await asked.desk.store.papers.days("daily", 1)
    return [paper for day in days for _, paper in await asked.desk.store.papers.listed("daily", day, day)]


async def _kept(asked: _Asked) -> list[Offer]:
    shelf = await asked.desk.store.people.saved(asked.request.person)
    return suggesting.fitting((_paper(kept.paper) for kept in shelf), asked.typed)


def _paper(paper: Paper) -> Offer:
    return Offer(f"{paper.name} · {paper.title}", paper.name)


# --- what is set up here, or is one's own -----------------------------------------------------------------------------


async def _subscriptions(asked: _Asked) -> list[Offer]:
    return await _numbers(asked, here(asked.request))


async def _alerts(asked: _Asked) -> list[Offer]:
    return await _numbers(asked, own(asked.request))


async def _numbers(asked: _Asked, where: Address) -> list[Offer]:
    """``#2 “query” · daily at 09:00``, and ``all`` where the command takes it."""
    target = await asked.desk.store.subscriptions.find_target(where)
    there = await asked.desk.store.subscriptions.at(target.id) if target else []
    told = [
        Offer(f"#{s.number} {quoted(cut(s.query, 60))} · {describe(s.cadence, target.preferences)}", str(s.number))
        for s in there
        if target
    ]
    every = [Offer("all of them", "all")] if asked.option.all and there else []
    return suggesting.fitting((*told, *every), asked.typed)


async def _watches(asked: _Asked) -> list[Offer]:
    target = await asked.desk.store.subscriptions.find_target(own(asked.request))
    watches = await asked.desk.store.people.watches(target.id) if target else []
    told = []
    for watch in sorted(watches, key=lambda watch: watch.done)[:MOST]:
        paper = await asked.desk.store.papers.get(watch.paper)
        title = cut(paper.title if paper else watch.paper, 60)
        state = "it happened" if watch.done else watch.query
        told.append(Offer(f"#{watch.number} {title} · {state}", str(watch.number)))
    return suggesting.fitting(told, asked.typed)


# --- days and hours ---------------------------------------------------------------------------------------------------


async def _days(asked: _Asked) -> list[Offer]:
    today = asked.desk.today()
    if asked.command.room == "channel":  # the day of an "N more" line, which may be any
        listed: Sequence[date] = [today - timedelta(days=back) for back in range(_LAST_DAYS)]
    else:
        listed = await asked.desk.store.papers.days("daily", 2 * MOST)
    return suggesting.days(asked.typed, listed, today)


async def _weeks(asked: _Asked) -> list[Offer]:
    return suggesting.weeks(asked.typed, await asked.desk.store.papers.days("daily", _DAYS), asked.desk.today())


async def _months(asked: _Asked) -> list[Offer]:
    return suggesting.months(asked.typed, await asked.desk.store.papers.days("daily", _DAYS))


async def _untils(asked: _Asked) -> list[Offer]:
    where = own if asked.command.room == "personal" else here
    target = await look(asked.desk, where(asked.request))
    return suggesting.untils(asked.typed, asked.desk.now(), target.preferences.timezone)


# --- the rest ---------------------------------------------------------------------------------------------------------


async def _query(asked: _Asked) -> list[Offer]:
    """While a subscription is edited, its query first; then the last word completed."""
    if not asked.typed.strip() and (known := await _edited(asked)):
        return [Offer(known, known), *completions(f"{known} ")]
    begun = organization_asked(asked.typed)
    names = await asked.desk.store.papers.organizations(begun, _ORGANIZATIONS) if begun is not None else []
    return completions(asked.typed, names)


async def _edited(asked: _Asked) -> str:
    """The query of the subscription that the command is to change, empty where there is none."""
    kind = next((o.kind for o in asked.command.options if o.name == "id"), "")
    number = asked.request.options.get("id", "").lstrip("#")
    if not kind or not number:
        return ""
    target = await look(asked.desk, (own if kind == "alert" else here)(asked.request))
    there = await asked.desk.store.subscriptions.at(target.id)
    return next((s.query for s in there if str(s.number) == number), "")


async def _text(asked: _Asked) -> list[Offer]:
    """Free text, but for the topics of the help."""
    return suggesting.words(asked.typed, help_pages.topics()) if asked.command.name == "help" else []


def _fixed(make: Callable[[_Asked], list[Offer]]) -> Callable[[_Asked], Awaitable[list[Offer]]]:
    async def made(asked: _Asked) -> list[Offer]:
        return make(asked)

    return made


_MAKERS: dict[OptionKind, Callable[[_Asked], Awaitable[list[Offer]]]] = {
    "text": _text,
    "query": _query,
    "paper": _papers,
    "subscription": _subscriptions,
    "alert": _alerts,
    "watch": _watches,
    "date": _days,
    "week": _weeks,
    "month": _months,
    "until": _untils,
    "number": _fixed(lambda asked: suggesting.numbers(asked.typed, asked.option.name)),
    "time": _fixed(lambda asked: suggesting.times(asked.typed)),
    "hours": _fixed(lambda asked: suggesting.hours(asked.typed)),
    "span": _fixed(lambda asked: suggesting.spans(asked.typed, asked.desk.today())),
    "timezone": _fixed(lambda asked: suggesting.zones(asked.typed, asked.desk.now())),
    "choice": _fixed(lambda asked: suggesting.words(asked.typed, asked.option.choices)),
    "person": _fixed(lambda _: []),
}
