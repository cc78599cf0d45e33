"""The clocks that only rise."""

from bot.store.sqlite.connection import Session

REVISION = "revision"
SUBSCRIPTIONS = "subscriptions"
WORDS = "words"


async def read(session: Session, name: str) -> int:
    return int(await session.value("select value from counter where name = ?", (name,)))


async def write(session: Session, name: str, value: int) -> None:
    await session.rows("update counter set value = ? where name = ?", (value, name))


async def tick(session: Session, name: str) -> None:
    await session.rows("update counter set value = value + 1 where name = ?", (name,))
