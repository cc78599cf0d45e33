"""The seam to what a platform keeps for itself: one of the store's domains, and the only one platforms are handed."""

from collections.abc import Callable
from typing import Protocol


class Notes(Protocol):
    """What a platform keeps for itself between two starts: installations, budgets, long button commands.

    Texts under a key, opaque to the store and apart for each ``owner`` (the platform's name). Secrets must be sealed
    before they come here. Without an owner the core keeps what rooms told after a backup was put back (``room 7``):
    that goes with its target, and into no other backup. Raises ``StoreError``.
    """

    async def read(self, owner: str, key: str) -> str | None: ...

    async def write(self, owner: str, key: str, text: str, *, until: int = 0) -> None:
        """Keep a text, in place of what was there. Kept for good, or at least ``until`` a time in ms."""
        ...

    async def change(self, owner: str, key: str, change: Callable[[str | None], str | None]) -> str | None:
        """Give ``change`` the text as it is and keep what it returns (None: erased), in one transaction."""
        ...

    async def erase(self, owner: str, key: str) -> bool: ...

    async def keys(self, owner: str, prefix: str) -> list[str]:
        """The keys that begin with ``prefix``, sorted."""
        ...
