"""After a backup was put in the place of the database: what went out since then is not posted a second time.

The database has forgotten those posts; the rooms still show them. So before anything is frozen for a room, the room is
read once, back to when the backup was made: papers that stand there are done. Where a platform cannot tell, they are
posted again. What has no paper to go by is looked for by its name when it is sent (``store/sqlite/copies.py``).
"""

import asyncio
import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field

from bot import cadence, notices
from bot.deadline import within_deadline
from bot.errors import DeliveryError
from bot.model import Address, Delivery, Past, Preferences, Settled, Target
from bot.ports import Adapter, History, Reach, Store

log = logging.getLogger(__name__)

DETAIL = "posted before the database was put back from a backup"
WAIT = 60_000
"""Until a platform that cannot be asked just now is asked again, in ms."""
LONGEST = 6 * 60 * 60_000
"""For how long a room that cannot be read, but could be posted to, gets no posts for that, in ms."""
ROUND = LONGEST // 20
"""What one round in vain counts of that at most, in ms: a machine that slept has not asked."""
STEP = 4.0
"""Seconds for which a platform's rooms are read before it rests, and that one page may take: others wait meanwhile."""
REST = 15_000
"""How long it rests then, in ms: well over two steps, so that what waits for it is put off in one round."""
ABREAST = 4
"""Rooms of a platform that are read at once."""
AT_ONCE = 10
"""Pages of one room that are read before others have their turn."""
MOST = 100
"""Pages of one room that are read at all, of a hundred messages on most platforms."""
_SKEW = 5 * 60_000
"""By how much a platform's clock may be behind ours, in ms."""
_KEPT = 14 * 24 * 60 * 60_000
"""For how long it is kept what a room told, in ms: as long as a database is known to be a copy."""

Ripe = tuple[Target, list[Delivery]]
"""What is due at a target."""


@dataclass(slots=True)
class _Room:
    """What a room has told so far. ``told`` is whether it is asked no more, ``asked`` how often it was of late.

    ``last`` is when a round was in vain, in ms, and ``waited`` for how long all of late were while posts could have
    been sent there, in ms.
    """

    told: bool = False
    last: int = 0
    waited: int = 0
    asked: int = 0
    further: str = ""
    pages: int = 0
    papers: dict[str, int] = field(default_factory=dict)
    counted: int = 0

    def add(self, page: Past) -> None:
        self.papers = {**page.papers, **self.papers}
        self.counted = max(self.counted, page.counted)
        self.further, self.told = page.further, not page.further
        self.pages += 1
        self.last = self.waited = 0

    def wait(self, now: int, *, counts: bool) -> None:
        """One more round in vain. It ``counts`` where it could have been posted there all the same."""
        if counts and self.last:
            self.waited += min(max(0, now - self.last), ROUND)
        self.last = now

    @property
    def waited_enough(self) -> bool:
        return self.waited >= LONGEST


@dataclass(frozen=True, slots=True)
class _Rest:
    """Times in ms. Before it began there is none: a clock that was set back must not make it longer than it is."""

    began: int = 0
    ends: int = 0

    def until(self, now: int) -> int:
        """When it is over; 0 where there is none."""
        return self.ends if self.began <= now < self.ends else 0


Asked = tuple[Target, DeliveryError | None]
"""A room that was asked, and what kept it from being read."""


class _Platform:
    """Reads the rooms of one platform, a few at once. After a few seconds, or a failure, it ``rests`` until a time.

    ``failed`` is whether it rests for a failure, ``takes`` whether it would have taken posts then. A space that asks us
    to wait rests alone.
    """

    def __init__(self, adapter: Adapter, step: float) -> None:
        self.failed = False
        self.takes = True
        self._rest = _Rest()
        self._adapter = adapter
        self._step = self._seconds = step
        self._busy: dict[str, _Rest] = {}

    def until(self, where: Address, now: int) -> int:
        """When a room there can be asked again, in ms."""
        return max(now + 1, self._rest.until(now), self._busy.get(where.space, _Rest()).until(now))

    async def read(self, rooms: Sequence[tuple[Target, _Room]], since: int, now: int) -> list[Asked]:
        """Some more pages of some of these, first of those that were asked least. Returns who was asked."""
        asked: list[Asked] = []
        self.failed = self.failed and bool(self._rest.until(now))
        waiting = sorted(rooms, key=lambda pair: pair[1].asked)
        while not self._rest.until(now) and (waiting := [pair for pair in waiting if self._is_free(pair[0], now)]):
            some, waiting = waiting[:ABREAST], waiting[ABREAST:]
            errors = await self._some(some, since, now)
            asked += zip((target for target, _ in some), errors, strict=True)
        return asked

    def _is_free(self, target: Target, now: int) -> bool:
        return not self._busy.get(target.address.space, _Rest()).until(now)

    async def _some(self, rooms: Sequence[tuple[Target, _Room]], since: int, now: int) -> list[DeliveryError | None]:
        clock = asyncio.get_running_loop().time
        began, self.takes = clock(), True
        errors = await asyncio.gather(*(self._ask(target.address, room, since, now) for target, room in rooms))
        self._seconds -= clock() - began
        for (target, _), error in zip(rooms, errors, strict=True):
            if error:
                self._note(target.address.space, error, now)
        if self._seconds <= 0:
            self._seconds = self._step
            self._rest_longer(now, now + REST)
        return errors

    def _note(self, space: str, error: DeliveryError, now: int) -> None:
        until = now + max(WAIT, round(1000 * (error.retry_after or 0)))
        if error.fault == "busy":
            self._busy[space] = _Rest(now, until)
        elif error.fault not in {"target", "ambiguous"}:
            self._rest_longer(now, until)
            self.failed = True

    def _rest_longer(self, now: int, until: int) -> None:
        self._rest = _Rest(now, max(self._rest.until(now), until))

    async def _ask(self, where: Address, room: _Room, since: int, now: int) -> DeliveryError | None:
        room.asked += 1
        try:
            await self._pages(where, room, since)
        except DeliveryError as error:
            if error.fault not in {"target", "ambiguous"}:
                takes = error.fault != "credential" and await self._is_reached(where)
                self.takes = self.takes and takes
                room.wait(now, counts=takes)
            return error
        return None

    async def _is_reached(self, where: Address) -> bool:
        """Whether only reading fails there. Where nobody can tell it is taken for that, or posts may wait for ever."""
        if isinstance(self._adapter, Reach):
            try:
                await within_deadline(self._adapter.reach(where), "temporary", seconds=self._step)
            except DeliveryError:
                return False
        return True

    async def _pages(self, where: Address, room: _Room, since: int) -> None:
        """Some more pages, until the last one. Raises ``DeliveryError``."""
        if not isinstance(self._adapter, History):
            raise DeliveryError(f"{self._adapter.name} does not tell what was posted", fault="ambiguous")
        clock = asyncio.get_running_loop().time
        ends = clock() + self._seconds
        for _ in range(AT_ONCE):
            asked = self._adapter.posted(where, since, room.further)
            room.add(await within_deadline(asked, "temporary", seconds=self._step))
            if room.told or clock() > ends:
                return
            if room.pages >= MOST:
                raise DeliveryError("too much was said there since", fault="ambiguous")


class PutBack:
    """Keeps what the rooms said, here and in the store: a room is read once.

    ``defaults`` are those of people who have to be told something and were never spoken to. ``step`` is in seconds.
    """

    def __init__(self, store: Store, defaults: Preferences = Preferences(), step: float = STEP) -> None:  # noqa: B008  frozen
        self._store = store
        self._defaults = defaults
        self._step = step
        self._rooms: dict[int, _Room] = {}
        self._platforms: dict[str, _Platform] = {}

    async def left(self, adapters: Mapping[str, Adapter], ripe: Sequence[Ripe], now: int) -> list[Ripe]:
        """Of what is due, what is to be posted now; the rest is done, or put off. Raises ``StoreError``."""
        since = await self._store.outbox.copied_at(now)
        if not since:
            return list(ripe)
        for name in dict.fromkeys(target.address.platform for target, _ in ripe):
            self._platforms.setdefault(name, _Platform(adapters[name], self._step))
        unread = [target for target, _ in ripe if not (await self._room(target)).told]
        await asyncio.gather(*(self._read(adapters[name], unread, since, now) for name in self._platforms))
        return [(target, wanted) for target, due in ripe if (wanted := await self._wanted(target, due, now))]

    async def _read(self, adapter: Adapter, targets: Sequence[Target], since: int, now: int) -> None:
        platform = self._platforms[adapter.name]
        rooms = [(target, self._rooms[target.id]) for target in targets if target.address.platform == adapter.name]
        asked = await platform.read(rooms, since, now)
        for target, error in asked:
            if error:
                await self._untold(adapter, target, error, now)
            await self._keep(target, now)
        done = {target.id for target, _ in asked}
        for target, room in rooms if platform.failed else ():
            if target.id not in done:
                await self._not_asked(target, room, now)

    async def _untold(self, adapter: Adapter, target: Target, error: DeliveryError, now: int) -> None:
        """What follows when a room does not tell: posts go on, or stop there, or wait with another question."""
        room = self._rooms[target.id]
        if error.fault == "target":
            self._rooms[target.id] = _Room()  # it is read when it takes posts again
            await notices.suspend(self._store, adapter, target, str(error), now, self._defaults)
        elif error.fault == "ambiguous" or room.waited_enough:
            _give_up(target, room, str(error))
        else:
            log.info("put_back.asked_later", extra={"to": str(target.address), "error": str(error)})

    async def _not_asked(self, target: Target, room: _Room, now: int) -> None:
        """It waits for its platform as if it was asked in vain: of many, each would have its turn too seldom."""
        before = room.waited
        room.wait(now, counts=self._platforms[target.address.platform].takes)
        if room.waited_enough:
            _give_up(target, room, "the platform does not tell")
        if room.waited // ROUND > before // ROUND:  # of many rooms at each round it would be too much to write
            await self._keep(target, now)

    async def _wanted(self, target: Target, due: list[Delivery], now: int) -> list[Delivery]:
        room = self._rooms[target.id]
        if not room.told:
            until = self._platforms[target.address.platform].until(target.address, now)
            await self._store.outbox.postpone({d.id: (until, d.slot) for d in due})
            return []
        known = list(_known(room, target, due))
        if known:
            await self._store.outbox.settle(known, DETAIL)
        done = {one.delivery for one in known}
        return [delivery for delivery in due if delivery.id not in done]

    async def _room(self, target: Target) -> _Room:
        if target.id not in self._rooms:
            kept = await self._store.notes.read("", _note(target))
            self._rooms[target.id] = _read(kept) if kept else _Room()
        return self._rooms[target.id]

    async def _keep(self, target: Target, now: int) -> None:
        text = json.dumps(asdict(self._rooms[target.id]))
        await self._store.notes.write("", _note(target), text, until=now + _KEPT)


def _note(target: Target) -> str:
    """Under which key the store keeps what a room told: it drops that with the target, and in every copy of itself."""
    return f"room {target.id}"


def _read(kept: str) -> _Room:
    """What was kept of a room. What another release kept in another shape is none: the room is read once more."""
    try:
        room = _Room(**json.loads(kept))
    except (TypeError, ValueError):
        return _Room()
    same = all(type(value) is type(getattr(room, name)) for name, value in asdict(_Room()).items())
    return room if same else _Room()


def _give_up(target: Target, room: _Room, error: str) -> None:
    room.told = True
    log.warning("put_back.not_told", extra={"to": str(target.address), "error": error, "repeats": "possible"})


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
    return cadence.known_zone(target.preferences.timezone)
