"""What platforms keep for themselves: texts under keys. What they mean is theirs alone; secrets come here sealed."""

from collections.abc import Callable

from bot.store.sqlite.connection import Database, Session


class SqliteNotes:
    """See ``bot.ports.Notes``; raises ``StoreError``."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def read(self, owner: str, key: str) -> str | None:
        async with self._db.read() as session:
            return await _read(session, owner, key)

    async def write(self, owner: str, key: str, text: str, *, until: int = 0) -> None:
        async with self._db.write() as session:
            await _write(session, owner, key, text, until)

    async def change(self, owner: str, key: str, change: Callable[[str | None], str | None]) -> str | None:
        async with self._db.write() as session:
            before = await _read(session, owner, key)
            after = change(before)
            if after is None:
                await _erase(session, owner, key)
            elif after != before:
                await _write(session, owner, key, after, 0)
        return after

    async def erase(self, owner: str, key: str) -> bool:
        async with self._db.write() as session:
            return await _erase(session, owner, key)

    async def keys(self, owner: str, prefix: str) -> list[str]:
        async with self._db.read() as session:
            rows = await session.rows(
                "select key from note where owner = ? and substr(key, 1, ?) = ? order by key",
                (owner, len(prefix), prefix),
            )
        return [row["key"] for row in rows]


async def _read(session: Session, owner: str, key: str) -> str | None:
    row = await session.row("select text from note where owner = ? and key = ?", (owner, key))
    return row["text"] if row else None


async def _write(session: Session, owner: str, key: str, text: str, until: int) -> None:
    await session.rows(
        "insert into note (owner, key, text, until) values (?, ?, ?, ?)"
        " on conflict (owner, key) do update set text = excluded.text, until = excluded.until",
        (owner, key, text, until),
    )


async def _erase(session: Session, owner: str, key: str) -> bool:
    return bool(await session.rows("delete from note where owner = ? and key = ? returning key", (owner, key)))
