"""After a backup was put in the place of the database: what went out since then is not posted a second time.

The database has forgotten those posts; the rooms still show them. So before anything is frozen for a room, the room is
read once, back to when the backup was made: papers that stand there are done. Where a platform cannot tell, they are
posted again. What has no paper to go by is looked for by its name when it is sent (``store/sqlite/copies.py``).
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot import cadence, notices
from bot.deadline import within_deadline
from bot.errors import DeliveryError
from bot.model import Delivery, Past, Preferences, Settled, Target
from bot.ports import Adapter, History, Store

log = logging.getLogger(__name__)

DETAIL = "posted before the database was put back from a backup"
WAIT = 60_000
"""Until a platform that cannot be asked just now is asked again, in ms."""
TRIES = 360
"""How often in a row a room is asked that cannot be read, and gets no posts for that: some six hours."""
AT_ONCE = 10
"""Pages of one room that are read before others have their turn."""
MOST = 100
"""Pages of one room that are read at all, of a hundred messages on most platforms."""
_SKEW = 5 * 60_000
"""By how much a platform's clock may be behind ours, in ms."""


@dataclass(slots=True)
class _Room:
    """What a room has told so far. ``told`` is whether it is asked no more, ``tries`` how often in vain of late."""

    told: bool = False
    tries: int = 0
    further: str = ""
    pages: int = 0
    papers: dict[str, int] = field(default_factory=dict)
    counted: int = 0

    def add(self, page: Past) -> None:
        self.papers = {**page.papers, **self.papers}
        self.counted = max(self.counted, page.counted)
        self.further, self.told = page.further, not page.further
        self.pages += 1
        self.tries = 0


class PutBack:
    """Keeps what the rooms said: a room is read once while a process lives.

    ``defaults`` are those of people who have to be told something and were never spoken to.
    """

    def __init__(self, store: Store, defaults: Preferences = Preferences()) -> None:  # noqa: B008  frozen
        self._store = store
        self._defaults = defaults
        self._rooms: dict[int, _Room] = {}

    async def left(self, adapter: Adapter, target: Target, due: Sequence[Delivery], now: int) -> list[Delivery]:
        """Of what is due at a target, what is to be posted now; the rest is done, or put off. Raises ``StoreError``."""
        since = await self._store.outbox.copied_at(now)
        if not since:
            return list(due)
        room = self._rooms.setdefault(target.id, _Room())
        wait = 1
        try:
            await _read(room, adapter, target, since)
        except DeliveryError as error:
            wait = max(WAIT, round(1000 * (error.retry_after or 0)))
            room.tries += 1
            await self._untold(room, adapter, target, error, now)
        if not room.told:
            await self._store.outbox.postpone({d.id: (now + wait, d.slot) for d in due})
            return []
        known = list(_known(room, target, due))
        await self._store.outbox.settle(known, DETAIL)
        done = {one.delivery for one in known}
        return [delivery for delivery in due if delivery.id not in done]

    async def _untold(self, room: _Room, adapter: Adapter, target: Target, error: DeliveryError, now: int) -> None:
        """What follows when a platform does not tell: posts go on, or stop there, or wait with another question."""
        extra = {"to": str(target.address), "error": str(error)}
        if error.fault == "target":
            del self._rooms[target.id]  # it is read when it takes posts again
            await notices.suspend(self._store, adapter, target, str(error), now, self._defaults)
        elif error.fault == "ambiguous" or room.tries > TRIES:
            room.told = True
            log.warning("put_back.not_told", extra={**extra, "repeats": "possible"})
        else:
            log.info("put_back.asked_later", extra=extra)


async def _read(room: _Room, adapter: Adapter, target: Target, since: int) -> None:
    """Some more pages, until the last one. Raises ``DeliveryError``."""
    if not isinstance(adapter, History):
        room.told = True
        raise DeliveryError(f"{adapter.name} does not tell what was posted", fault="ambiguous")
    for _ in range(0 if room.told else AT_ONCE):
        asked = adapter.posted(target.address, since, room.further)
        room.add(await within_deadline(asked, "temporary"))
        if room.told:
            return
        if room.pages >= MOST:
            raise DeliveryError("too much was said there since", fault="ambiguous")


def _known(room: _Room, target: Target, due: Sequence[Delivery]) -> Iterator[Settled]:
    """What is done already. That somebody watches a paper is an occasion of its own, which a room does not show."""
    for delivery in due:
        at = 0 if delivery.occasion else room.papers.get(delivery.paper.key, 0)
        if at:
            yield Settled(delivery=delivery.id, at=at, day=_day(at, target))
        elif _is_counted(delivery, room.counted, target):
            yield Settled(delivery=delivery.id, at=room.counted, day=_day(room.counted, target), shown=False)


def _is_counted(delivery: Delivery, line: int, target: Target) -> bool:
    """Whether the newest "N more" line came at the hour of this one or later: then one of them has counted it."""
    if delivery.kind != "fold" or not line:
        return False
    wall = cadence.local(line + _SKEW, _zone(target)).strftime("%Y-%m-%dT%H:%M")
    return delivery.slot.removeprefix("more ") <= wall


def _day(at: int, target: Target) -> str:
    return cadence.local_day(at, _zone(target))


def _zone(target: Target) -> str:
    """A time zone that is no more must not stop the posts to everybody else."""
    try:
        return str(ZoneInfo(target.preferences.timezone))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return "UTC"
