"""A database that a disk has damaged, for whoever has to say so."""

from pathlib import Path

from bot.store.sqlite import open_store
from tests.making import NOON, edition, paper

PAGE = 4096


async def make(path: Path) -> None:
    """A database with a text so long that it stands on a chain of pages of its own."""
    async with open_store(path, now=NOON) as store:
        await store.papers.ingest(edition(paper(1, abstract="word " * 4000)), NOON)


def lead_astray(path: Path) -> None:
    """The first page of the chain points to one far behind the end, for which SQLite's word is "full"."""
    content = bytearray(path.read_bytes())
    starts = range(0, len(content), PAGE)
    first = next(at for at in starts if content.count(b"word ", at + 4, at + PAGE) > 800)
    content[first : first + 4] = b"EEEE"
    path.write_bytes(content)
