"""The seam to the places papers come from."""

from collections.abc import AsyncIterator, Mapping
from datetime import date, datetime
from typing import Protocol

from bot.model import Edition, Linked, Paper


class Source(Protocol):
    """A place papers come from. Every method raises ``SourceError`` and nothing else."""

    name: str
    scope: str
    """What of it is read, such as arXiv's categories; empty where it is everything. Part of a backfilled day's name."""

    def editions(self, now: datetime, cursor: Mapping[str, str]) -> AsyncIterator[Edition]:
        """What a poll reads at ``now`` (UTC): each edition can be stored before the next one is fetched.

        ``cursor`` is what earlier editions asked to be handed back. An empty day is an edition without papers.
        """
        ...

    async def edition(self, day: date) -> Edition:
        """One past day, for a backfill or a look-up of an older list."""
        ...

    async def lookup(self, key: str) -> Paper | None:
        """One paper by key, or None when the source does not know it."""
        ...

    async def search(self, text: str, limit: int) -> list[Paper]:
        """The source's own search, best first, at most ``limit`` papers."""
        ...

    async def linked(self, key: str) -> Linked | None:
        """What was built on a paper, or None when this source does not know of such things."""
        ...
