"""Targets and subscriptions out of a space and into one, as entries of ``portable.py``.

For ``admin export`` and ``admin import``, and for the command line. What is private to a person stays out of a space's
export: each takes their own along (``me export``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from bot import portable
from bot.commands.answers import called
from bot.commands.subscription_words import limit, read_query
from bot.commands.table import Desk
from bot.errors import CommandError
from bot.model import Address, Person, Target
from bot.portable import Entry, Line

Fate = Literal["added", "there", "refused"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one line of an import, and why where it was refused."""

    room: str
    what: str
    fate: Fate
    why: str = ""


async def gather(desk: Desk, platform: str, space: str) -> list[Entry]:
    """The channels of one space with what is set up there."""
    around = await desk.store.subscriptions.targets(platform, space)
    channels = [t for t in around if t.address.kind == "channel"]
    return [portable.entry(t, await desk.store.subscriptions.at(t.id)) for t in channels]


async def gather_all(desk: Desk) -> list[Entry]:
    """Every target of every space, persons' alerts too: for the operator, who has the database anyway."""
    everywhere = await desk.store.subscriptions.targets()
    return [portable.entry(t, await desk.store.subscriptions.at(t.id), placed=True) for t in everywhere]


async def plant(desk: Desk, entries: Sequence[Entry], platform: str, space: str, owner: Person) -> list[Outcome]:
    """Add what is not there, and change nothing that is. Each line happens whole or not at all.

    An entry that names another space is refused: what lands here is decided by who imports, and theirs it is.
    """
    outcomes: list[Outcome] = []
    for entry in entries:
        where = Address(platform, space, entry.room, entry.kind)
        if entry.address(platform, space) != where:
            why = f"it belongs to {entry.platform or platform}:{entry.space or space}, not here"
            outcomes.append(Outcome(entry.room, "everything", "refused", why))
        elif entry.kind == "person":
            outcomes.append(Outcome(entry.room, "everything", "refused", "alerts are a person's own to set up"))
        else:
            outcomes += await _plant_target(desk, entry, where, owner)
    return outcomes


async def plant_all(desk: Desk, entries: Sequence[Entry], platform: str, space: str) -> list[Outcome]:
    """Add what is not there wherever each entry belongs: for the operator. The place given is for what is left open."""
    outcomes: list[Outcome] = []
    for entry in entries:
        where = entry.address(platform, space)
        owner = Person(where.platform, where.space, where.room if where.kind == "person" else "")
        outcomes += await _plant_target(desk, entry, where, owner)
    return outcomes


async def _plant_target(desk: Desk, entry: Entry, where: Address, owner: Person) -> list[Outcome]:
    known = await desk.store.subscriptions.find_target(where)
    target = known or await desk.store.subscriptions.target(where, entry.preferences)
    return [_settings(entry, known), *[await _plant_line(desk, entry, target, s, owner) for s in entry.subscriptions]]


def _settings(entry: Entry, known: Target | None) -> Outcome:
    if known is None:
        return Outcome(entry.room, "settings", "added")
    same = known.preferences == entry.preferences
    return Outcome(entry.room, "settings", "there", "" if same else "other ones, which were kept")


async def _plant_line(desk: Desk, entry: Entry, target: Target, line: Line, owner: Person) -> Outcome:
    """Add one subscription, paused where the entry is."""
    store = desk.store.subscriptions
    try:
        query = read_query(line.query, desk.limits)
        if any(s.query == query for s in await store.at(target.id)):
            return Outcome(entry.room, query, "there")
        made = await store.add(
            target.id, query, line.cadence, owner=owner.id, owner_name=called(owner), now=desk.now(), max=line.max,
            mention=line.mention, paused_until=line.paused_until, limit=limit(target, desk.limits),
            space_limit=desk.limits.per_space,
        )  # fmt: skip
    except CommandError as error:
        return Outcome(entry.room, line.query, "refused", str(error))
    return Outcome(entry.room, f"#{made.number} {query}", "added")
