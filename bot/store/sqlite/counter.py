"""The clocks that only rise."""

from bot.errors import StoreError
from bot.store.sqlite.connection import Session

REVISION = "revision"
SUBSCRIPTIONS = "subscriptions"
WORDS = "words"


async def read(session: Session, name: str) -> int:
    """The value of a clock. Raises ``StoreError`` when it is not there: the first schema makes them all."""
    row = await session.row("select value from counter where name = ?", (name,))
    if row is None:
        raise StoreError(f"The database is damaged: it has lost its counter {name}. Put a backup in its place.")
    return int(row["value"])


async def write(session: Session, name: str, value: int) -> None:
    await session.rows("update counter set value = ? where name = ?", (value, name))


async def tick(session: Session, name: str) -> None:
    await session.rows("update counter set value = value + 1 where name = ?", (name,))
