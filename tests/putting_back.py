"""A bench on a backup that was put in the place of the database, and a platform that tells which papers it shows."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from bot import deliver
from bot.errors import DeliveryError
from bot.model import Address, Past
from bot.put_back import PutBack
from bot.store.sqlite import open_store
from tests.delivering import NOW, ROOM, Bench, Platform, bench_in

SENT = NOW + 5_000
"""When papers were posted that the backup does not know of."""


class Remembering(Platform):
    """A platform that tells which papers it shows, in as many pages, unless ``troubles`` says otherwise."""

    def __init__(self) -> None:
        super().__init__()
        self.troubles: list[DeliveryError] = []
        self.silent = False
        self.asked: list[tuple[Address, int, str]] = []
        self.pages: dict[Address, list[Past]] = {}

    async def posted(self, where: Address, since: int, further: str = "") -> Past:
        self.asked.append((where, since, further))
        if self.troubles:
            raise self.troubles.pop(0)
        if self.silent:
            await asyncio.Event().wait()
        pages, number = self.pages.get(where, [Past()]), int(further or 0)
        return replace(pages[number], further=str(number + 1) if number + 1 < len(pages) else "")

    def shows(self, *numbers: int, where: Address = ROOM) -> None:
        self.pages[where] = [Past(papers={key(number): SENT for number in numbers})]


class Restored(Bench):
    """Freezes as Paperboy does: what rooms show already is done."""

    def put_back(self, platform: Platform) -> None:
        self.platform = platform
        self.sender = deliver.Sender(self.store, platform)
        self.restart()

    def restart(self, step: float = 30) -> None:
        self.memory = PutBack(self.store, step=step)

    async def freeze(self, *numbers: int) -> None:
        if numbers:
            await self.publish(*numbers)
        while await deliver.freeze_due(self.store, {"fake": self.platform}, self.now, self.memory.left):
            pass


def key(number: int) -> str:
    return f"arxiv:2601.{number:05}"


@asynccontextmanager
async def on_copy(bench: Bench, folder: Path, platform: Platform) -> AsyncIterator[Restored]:
    """A bench on a backup that is taken now."""
    await bench.store.backup(str(folder / "copy.db"))
    async with open_store(folder / "copy.db", now=NOW) as store:
        restored = Restored(store)
        restored.put_back(platform)
        yield restored


@asynccontextmanager
async def restored(folder: Path, platform: Platform) -> AsyncIterator[tuple[Restored, int]]:
    """A bench on a backup: paper 1 was posted before it; 2 and 3 after it, and they come from the source again."""
    async with bench_in(folder) as bench:
        room = await bench.subscribe()
        await bench.publish(1)
        await bench.deliver()
        async with on_copy(bench, folder, platform) as copy:
            await copy.publish(1, 2, 3)
            yield copy, room


@asynccontextmanager
async def many_rooms(
    folder: Path, count: int, platform: Remembering | None = None
) -> AsyncIterator[tuple[Restored, Remembering]]:
    """A bench on a backup, and a paper that is due in as many rooms."""
    platform = platform or Remembering()
    async with bench_in(folder) as bench:
        await bench.publish(1)
        async with on_copy(bench, folder, platform) as copy:
            for number in range(count):
                await copy.subscribe(where=replace(ROOM, room=f"#{number}"))
            await copy.publish(9)
            yield copy, platform
