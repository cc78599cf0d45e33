"""Who was told what: the notices that speak of a place or a source, and how sources fare (the table ``health``).

What a notice speaks of is in its slot. Only ``SqlitePapers`` and ``SqliteOutbox`` call this, each function within one
transaction.
"""
# ruff: noqa: S608  the pieces of SQL put together here are our own, values are always parameters

from collections.abc import Sequence
from dataclasses import fields
from typing import NamedTuple

from bot.model import Draft, SourceHealth, Target
from bot.store.sqlite.connection import Session
from bot.store.sqlite.expiry import UNFINISHED
from bot.store.sqlite.subscriptions import target_of

_FIELDS = tuple(field.name for field in fields(SourceHealth))
_INSERT = f"insert into health ({', '.join(_FIELDS)}) values ({', '.join(f':{name}' for name in _FIELDS)})"
_FARES = ", ".join(f"{name} = excluded.{name}" for name in _FIELDS if name not in {"source", "told", "failing_since"})

_SPEAKS = "m.kind = 'notice' and m.slot >= ? and m.slot < ? and m.slot || ' ' like ?"
"""Of a message m: a notice whose slot begins with some words and has others in it; see ``_words``."""
_SURELY_UNSENT = "(m.state = 'ready' or (m.state = 'suspended' and m.unclear = 0))"
_MAY_ARRIVE = f"(m.state = 'sent' or m.state in {UNFINISHED} or (m.state = 'suspended' and m.unclear = 1))"
_RESTS = "(m.state = 'suspended' and ? = 1)"
_TOLD = (
    "select t.* from target t where t.id in"
    f" (select m.target from message m where {_SPEAKS} and ({_MAY_ARRIVE} or {_RESTS})) order by t.id"
)
_UNTOLD = f"select m.id, m.target, m.slot from message m where {_SPEAKS} and {_SURELY_UNSENT}"
_WITHDRAWN = "update message set state = 'expired', slot = '', error = ?, ended = ? where id = ?"
_LAST = (
    f"select m.id, m.target, 1 as begun from message m where {_SPEAKS} and {_MAY_ARRIVE}"
    f" union all select m.id, m.target, 0 from message m where {_SPEAKS} and {_MAY_ARRIVE} order by 1"
)


class Matter(NamedTuple):
    """What people are told to have ``begun`` and to be ``over``: how the slots of such notices begin.

    ``what`` is a word in both.
    """

    begun: str
    over: str
    what: str


def closed(target: int) -> Matter:
    """A target takes no posts."""
    return Matter(f"suspended {target}", f"resumed {target}", str(target))


def silent(source: str) -> Matter:
    """A source does not answer."""
    return Matter("stale", "back", source)


async def note_health(session: Session, health: SourceHealth) -> None:
    """A poll may take long, and people be told meanwhile: what they were told is left as it is."""
    await session.rows(
        f"{_INSERT} on conflict (source) do update set {_FARES}, failing_since ="
        " case when health.told = 0 then excluded.failing_since else health.failing_since end",
        _values(health),
    )


async def note(session: Session, outages: Sequence[SourceHealth]) -> None:
    """What people are told of these sources from now on; a source that was never read yet is written whole."""
    await session.many(
        f"{_INSERT} on conflict (source) do update set told = excluded.told, failing_since = excluded.failing_since",
        [_values(health) for health in outages],
    )


async def told_of(session: Session, slot: str, resting: bool) -> list[Target]:
    """Whose notice of it arrived, or still may; with ``resting`` also where it waits until posts go on."""
    begins, _, words = slot.partition(" ")
    return [target_of(row) for row in await session.rows(_TOLD, (*_words(begins, words), int(resting)))]


async def withdraw(session: Session, begins: str, what: str, why: str, now: int) -> list[tuple[int, str]]:
    """End notices that never went out and are true no more. One that may have arrived is left to be looked up.

    They give back their slots: should it become true again, it is told as if for the first time. Returns the targets
    and the slots they had.
    """
    rows = await session.rows(_UNTOLD, _words(begins, what))
    await session.many(_WITHDRAWN, [(why, now, row["id"]) for row in rows])
    return [(row["target"], row["slot"]) for row in rows]


def is_missed(notice: Draft, withdrawn: Sequence[tuple[int, str]]) -> bool:
    """Whether its reader was to be told this by a notice that was withdrawn because of something else in it."""
    begins, _, what = notice.slot.partition(" ")
    slots = [f"{slot} " for target, slot in withdrawn if target == notice.target]
    return any(slot.startswith(f"{begins} ") and f" {what} " in slot for slot in slots)


async def believers(session: Session, matter: Matter) -> set[int]:
    """Targets that heard of it, or still may, and of its end did not hear after that."""
    rows = await session.rows(_LAST, (*_words(matter.begun, matter.what), *_words(matter.over, matter.what)))
    last = {row["target"]: row["begun"] for row in rows}
    return {target for target, begun in last.items() if begun}


def _words(begins: str, what: str) -> tuple[str, str, str]:
    """``!`` is what comes after a blank, so this is a range that an index answers."""
    return f"{begins} ", f"{begins}!", f"% {what} %"


def _values(health: SourceHealth) -> dict[str, object]:
    return {name: getattr(health, name) for name in _FIELDS}
