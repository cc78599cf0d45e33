"""Papers, their lists and how their sources fare: the ``Papers`` of ``bot.ports`` on SQLite."""
# ruff: noqa: S608  the pieces of SQL put together here are our own, values are always parameters

from collections import Counter
from collections.abc import Sequence
from datetime import date

from bot.model import Edition, Ingested, Paper, Sieve, SourceHealth
from bot.store.sqlite import codec, fulltext, telling
from bot.store.sqlite.connection import Database, Row, Session
from bot.store.sqlite.ingest import ingest, mode_of
from bot.text import words

_PAPERS = f"select {codec.COLUMNS} from paper p"
_NEWEST = " order by p.day desc, p.id desc limit ?"
_COUNTED = 1000
"""Papers whose organizations are counted."""


class SqlitePapers:
    """See ``bot.ports.Papers``. Every verb is one transaction and raises ``StoreError``."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def ingest(self, edition: Edition, now: int, *, announce: bool = True) -> Ingested:
        """Store an edition. A look-up of an announced paper whose facts changed is a change like any other."""
        async with self._db.write() as session:
            return await ingest(session, edition, mode_of(edition, announce), now)

    async def get(self, key: str) -> Paper | None:
        async with self._db.read() as session:
            row = await session.row(_PAPERS + " where p.key = ?", (key,))
        return codec.from_row(row) if row else None

    async def by_title(self, text: str, limit: int) -> list[Paper]:
        asked = fulltext.title_prefix(text)
        async with self._db.read() as session:
            if asked is None:
                return _papers(await session.rows(_PAPERS + _NEWEST, (limit,)))
            return await _found(session, "paper_exact", asked, "", "p.day desc", limit)

    async def listed(self, name: str, first: date, last: date) -> list[tuple[date, Paper]]:
        async with self._db.read() as session:
            rows = await session.rows(
                f"select l.day as list_day, {codec.COLUMNS} from listing l join paper p on p.id = l.paper"
                " where l.name = ? and l.day between ? and ? order by l.day, l.rank, p.id",
                (name, first.isoformat(), last.isoformat()),
            )
        return [(date.fromisoformat(row["list_day"]), codec.from_row(row)) for row in rows]

    async def days(self, name: str, limit: int) -> list[date]:
        async with self._db.read() as session:
            rows = await session.rows(
                "select distinct day from listing where name = ? order by day desc limit ?", (name, limit)
            )
        return [date.fromisoformat(row["day"]) for row in rows]

    async def organizations(self, text: str, limit: int) -> list[str]:
        """Counted among the newest papers that can have one: somebody is typing and will not wait for all."""
        asked = fulltext.people_prefix(text)
        async with self._db.read() as session:
            if asked is None:
                found = _papers(await session.rows(_PAPERS + _NEWEST, (_COUNTED,)))
            else:
                found = await _found(session, "paper_exact", asked, "", "p.day desc", _COUNTED)
        wanted = words(text)
        names = Counter(p.organization.name for p in found if p.organization and _begins(p.organization.name, wanted))
        return sorted(names, key=lambda name: (-names[name], name))[:limit]

    async def search(self, sieve: Sieve, limit: int) -> list[Paper]:
        """Candidates, best first. Unless the sieve needs one of ``any``, papers without them follow, newest first."""
        since = sieve.since.isoformat() if sieve.since else ""
        asked = fulltext.expression(sieve)
        async with self._db.read() as session:
            if asked is None:
                return await _newest(session, since, limit)
            best = await _found(session, *asked, since, fulltext.RANK.format(asked[0]), limit)
            if asked[0] == "paper_exact" or sieve.need_any or len(best) >= limit:
                return best
            known = {paper.key for paper in best}
            others = await _newest(session, since, limit)
            return [*best, *(paper for paper in others if paper.key not in known)][:limit]

    async def health(self) -> list[SourceHealth]:
        async with self._db.read() as session:
            rows = await session.rows("select * from health order by source")
        return [SourceHealth(**dict(row)) for row in rows]

    async def cursor(self, source: str) -> dict[str, str]:
        async with self._db.read() as session:
            rows = await session.rows("select name, value from cursor where source = ?", (source,))
        return {row["name"]: row["value"] for row in rows}

    async def note_health(self, health: SourceHealth) -> None:
        async with self._db.write() as session:
            await telling.note_health(session, health)

    async def done(self, job: str) -> bool:
        async with self._db.read() as session:
            return await session.row("select name from job where name = ?", (job,)) is not None

    async def mark_done(self, job: str) -> None:
        async with self._db.write() as session:
            await session.rows("insert into job (name) values (?) on conflict (name) do nothing", (job,))


async def _newest(session: Session, since: str, limit: int) -> list[Paper]:
    return _papers(await session.rows(_PAPERS + " where p.day >= ?" + _NEWEST, (since, limit)))


async def _found(
    session: Session, index: fulltext.Index, asked: str, since: str, order: str, limit: int
) -> list[Paper]:
    # Ids first: sorting thousands of hits with their whole texts in hand would be the larger part of the work.
    rows = await session.rows(
        f"select p.id from {index} join paper p on p.id = {index}.rowid where {index} match ? and p.day >= ?"
        f" order by {order}, p.day desc, p.id desc limit ?",
        (asked, since, limit),
    )
    ranked = [row["id"] for row in rows]
    found = {row["id"]: row for row in await session.among(_PAPERS + " where p.id in ({})", ranked)}
    return _papers([found[paper] for paper in ranked])


def _begins(name: str, wanted: Sequence[str]) -> bool:
    """Whether a name has each of the words, the last one as the beginning of one."""
    said = words(name)
    return not wanted or (set(wanted[:-1]) <= set(said) and any(word.startswith(wanted[-1]) for word in said))


def _papers(rows: Sequence[Row]) -> list[Paper]:
    return [codec.from_row(row) for row in rows]
