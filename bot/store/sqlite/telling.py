"""How sources fare, and who was told of it: the table ``health``, and the notices that speak of a source.

Only ``SqlitePapers`` and ``SqliteOutbox`` call this, each function within one transaction.
"""
# ruff: noqa: S608  the pieces of SQL put together here are our own, values are always parameters

from collections.abc import Sequence
from dataclasses import fields

from bot.model import SourceHealth, Target
from bot.store.sqlite.connection import Session
from bot.store.sqlite.expiry import UNFINISHED
from bot.store.sqlite.subscriptions import target_of

_FIELDS = tuple(field.name for field in fields(SourceHealth))
_INSERT = f"insert into health ({', '.join(_FIELDS)}) values ({', '.join(f':{name}' for name in _FIELDS)})"
_FARES = ", ".join(f"{name} = excluded.{name}" for name in _FIELDS if name not in {"source", "told", "failing_since"})

_TOLD = (
    "select t.* from target t where t.id in (select m.target from message m where m.kind = 'notice'"
    f" and m.slot like 'stale %' and m.slot || ' ' like ? and (m.state = 'sent' or m.state in {UNFINISHED}))"
    " order by t.id"
)


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


async def told_of(session: Session, outage: str) -> list[Target]:
    """Whose notice of it arrived, or still may."""
    rows = await session.rows(_TOLD, (f"% {outage} %",))
    return [target_of(row) for row in rows]


def _values(health: SourceHealth) -> dict[str, object]:
    return {name: getattr(health, name) for name in _FIELDS}
