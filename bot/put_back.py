"""After a backup was put in the place of the database: what went out since then is not posted a second time.

The database has forgotten those posts; the rooms still show them. So before anything is frozen each room is asked once
which papers were posted there since the backup, and those are done. Where a platform cannot tell they are posted again.
"""

import logging
from collections.abc import Mapping

from bot.deadline import within_deadline
from bot.errors import DeliveryError
from bot.model import Delivery, Target
from bot.ports import Adapter, History, Store

log = logging.getLogger(__name__)

DETAIL = "posted before the database was put back from a backup"
WAIT = 60_000
"""Until a platform that cannot be asked just now is asked again, in ms."""
PATIENCE = 30
"""Seconds for reading the history of a room."""
_ALL = 1_000_000


class PutBack:
    """Keeps what the rooms said: a room is asked once while a process lives."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._since: int | None = None
        self._shown: dict[int, frozenset[str]] = {}

    async def step(self, adapters: Mapping[str, Adapter], now: int) -> int:
        """Look at everything due. Returns how many deliveries turned out to be done. Raises ``StoreError``."""
        if self._since is None:
            self._since = await self._store.outbox.copied_at(now)
        if not self._since:
            return 0
        done = 0
        for target, due in await self._store.outbox.ripe(adapters.keys(), now, _ALL):
            done += await self._settle(adapters[target.address.platform], target, due, self._since, now)
        return done

    async def _settle(self, adapter: Adapter, target: Target, due: list[Delivery], since: int, now: int) -> int:
        try:
            shown = await self._shown_at(adapter, target, since)
        except DeliveryError as error:
            log.warning("put_back.not_told", extra={"to": str(target.address), "error": str(error)})
            if error.fault == "ambiguous":
                self._shown[target.id] = frozenset()
            else:
                await self._store.outbox.postpone({d.id: (now + WAIT, d.slot) for d in due})
            return 0
        # That somebody watches a paper is an occasion of its own, which a room does not show.
        again = [d.id for d in due if d.paper.key in shown and not d.occasion]
        await self._store.outbox.settle(again, DETAIL, now)
        return len(again)

    async def _shown_at(self, adapter: Adapter, target: Target, since: int) -> frozenset[str]:
        if target.id not in self._shown:
            if not isinstance(adapter, History):
                raise DeliveryError(f"{adapter.name} does not tell what was posted", fault="ambiguous")
            asked = adapter.posted(target.address, since)
            self._shown[target.id] = frozenset(await within_deadline(asked, "temporary", "ambiguous", seconds=PATIENCE))
        return self._shown[target.id]
