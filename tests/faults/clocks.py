"""Clocks that jump, sleep and change with the season: each digest goes out once a local day, with everything in it.

Six zones, through both clock changes of a leap year and its leap day, against a count of our own that looks at the
calendar minute by minute. What moves is the clock handed to the real steps; a real process is put to sleep besides.
"""

import asyncio
import contextlib
import io
import os
import random
import signal
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from time import sleep
from zoneinfo import ZoneInfo

from bot import app, config
from bot.bot import Bot, Clock
from bot.model import Address, Cadence, Preferences
from tests.faults.inspecting import harm
from tests.faults.posts import papers, posts
from tests.faults.rows import Plan, Row
from tests.faults.scene import Scene, scene
from tests.flow.running import from_milliseconds
from tests.making import edition, paper

ZONES = (
    "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Africa/Casablanca", "Asia/Beirut",
)  # fmt: skip
"""Among them one that changes by half an hour, two that change at midnight, and one that follows the moon."""
YEAR = 2028
HOURS = (0, 30, 90, 105, 120, 150, 165, 180, 540, 1439)
"""Minutes after midnight at which digests are asked for: most of them within some change of clocks."""
SOME_TICKS = 0.4
"""Seconds in which a process that ticks every tenth of a second would do what it should not."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def run(plan: Plan) -> Iterator[Row]:
    windows = [*changes(), date(YEAR, 2, 29)]
    chosen = plan.pick(windows[:1], windows, windows)
    for jumps in plan.pick((True,), (False, True), (False, True)):
        rooms = [_tried(plan, day, jumps, again) for again in range(plan.pick(1, 1, 20)) for day in chosen]
        yield _row("clocks that jump and sleep" if jumps else "clock changes", rooms)
    yield _asleep(plan)


def changes() -> list[date]:
    """The days of the year on which the clocks of one of the zones change."""
    found = set()
    for name in ZONES:
        zone = ZoneInfo(name)
        for number in range(366):
            day = datetime(YEAR, 1, 1, 12, tzinfo=UTC) + number * DAY
            if day.astimezone(zone).utcoffset() != (day - DAY).astimezone(zone).utcoffset():
                found.add(day.date())
    return sorted(found)


# --- the count of our own ---------------------------------------------------------------------------------------------


@lru_cache(maxsize=10_000)
def moment(zone: str, day: date, at: int) -> datetime:
    """When the clocks of a zone first show ``at`` on a day; where they leap over it, when they would have.

    Found by looking at every minute at which it is that day somewhere.
    """
    first: timedelta | None = None
    start = datetime.combine(day - DAY, time(9), UTC)
    for minute in range(48 * 60):
        now = start + timedelta(minutes=minute)
        wall = now.astimezone(ZoneInfo(zone))
        if wall.date() == day:
            first = first if first is not None else _offset(zone, now - timedelta(minutes=1))
            if wall.hour * 60 + wall.minute == at:
                return now
    assert first is not None
    return datetime.combine(day, time(), UTC) + timedelta(minutes=at) - first


def _offset(zone: str, at: datetime) -> timedelta:
    offset = at.astimezone(ZoneInfo(zone)).utcoffset()
    assert offset is not None
    return offset


@dataclass
class Room:
    """What should happen in one room: papers wait for the digest of a day, which goes out once."""

    zone: str
    at: int
    waiting: list[tuple[str, date]] = field(default_factory=list)
    used: set[date] = field(default_factory=set)
    digests: list[tuple[datetime, tuple[str, ...]]] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"#{self.zone.rpartition('/')[2]}"

    def next_day(self, now: datetime) -> date:
        """The first day whose digest is still to come."""
        day = now.astimezone(ZoneInfo(self.zone)).date() - DAY
        while moment(self.zone, day, self.at) <= now:
            day += DAY
        return day

    def publish(self, key: str, now: datetime) -> None:
        self.waiting.append((key, self.next_day(now)))

    def tick(self, now: datetime) -> None:
        due = [(key, day) for key, day in self.waiting if moment(self.zone, day, self.at) <= now]
        if not due:
            return
        day = max(day for _, day in due)
        rest = [one for one in self.waiting if one not in due]
        if day in self.used:
            later = self.next_day(now)
            self.waiting = [*rest, *((key, later) for key, _ in due)]
            return
        self.used.add(day)
        self.waiting = rest
        self.digests.append((now, tuple(sorted(key for key, _ in due))))


# --- one stretch of time ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tried:
    """A room after a stretch of time: what should have come and what came.

    ``moves``: how often the clock jumped or slept, or else how often some zone's clocks changed, or had a leap day.
    """

    room: Room
    got: list[tuple[datetime, tuple[str, ...]]]
    moves: int
    unsound: list[str]


def _tried(plan: Plan, day: date, jumps: bool, again: int) -> list[Tried]:
    name = f"{day} {jumps} {again}"
    chance = plan.chance(name)
    rooms = [Room(zone, chance.choice(HOURS)) for zone in ZONES]
    folder = plan.room(name)
    with contextlib.redirect_stdout(io.StringIO()):
        moves = asyncio.run(_lived(folder, rooms, day, chance, jumps))
    got: dict[str, dict[datetime, list[str]]] = defaultdict(lambda: defaultdict(list))
    for post in posts(folder / "paperboy.db.terminal.jsonl"):
        got[post["where"]][datetime.fromtimestamp(post["at"] / 1000, UTC)] += papers(post["payload"])
    moves = moves if jumps else _changed(day)
    unsound = harm(folder / "paperboy.db")
    found = {room.name: [(at, tuple(sorted(keys))) for at, keys in got[room.name].items()] for room in rooms}
    return [Tried(room, found[room.name], moves, unsound) for room in rooms]


def _changed(day: date) -> int:
    """In how many zones a stretch round a day has another offset at its end, or a leap day."""
    start = datetime.combine(day - DAY, time(), UTC)
    ends = [(_offset(zone, start), _offset(zone, start + 4 * DAY)) for zone in ZONES]
    return len(ZONES) if (day.month, day.day) == (2, 29) else sum(before != after for before, after in ends)


async def _lived(folder: Path, rooms: list[Room], day: date, chance: random.Random, jumps: bool) -> int:
    """Live through three days round a day, news now and then, and on until none of it waits for a digest any more.

    Returns how often the clock jumped or slept.
    """
    now = datetime.combine(day - DAY, time(), UTC)
    end = now + 4 * DAY
    moved = number = 0
    async with _opened(folder, lambda: round(now.timestamp() * 1000), rooms) as bot:
        while now < end or any(room.waiting for room in rooms):
            if chance.random() < 0.2 and now < end - 2 * DAY:
                number += 1
                await bot.store.papers.ingest(edition(paper(number)), bot.clock())
                for room in rooms:
                    room.publish(paper(number).key.removeprefix("arxiv:"), now)
            await bot.beat()
            for room in rooms:
                room.tick(now)
            step = _step(chance, jumps)
            moved += jumps and not timedelta() < step < HOUR
            now += step
    return moved


def _step(chance: random.Random, jumps: bool) -> timedelta:
    """To the next look at the clock: some minutes, or two hours either way, or a night or more of sleep."""
    if not jumps or chance.random() > 0.08:
        return timedelta(minutes=chance.randint(10, 50))
    return chance.choice((2 * HOUR, -2 * HOUR, -2 * HOUR, timedelta(minutes=chance.randint(180, 1800))))


@contextlib.asynccontextmanager
async def _opened(folder: Path, clock: Clock, rooms: list[Room]) -> AsyncIterator[Bot]:
    environ = {"PAPERBOY_DATABASE": str(folder / "paperboy.db"), "PAPERBOY_SOURCES": "sample"}
    async with app.opened(config.read(environ), clock, ("match", "deliver")) as bot:
        for room in rooms:
            preferences = Preferences(timezone=room.zone, digest_at=room.at)
            target = await bot.store.subscriptions.target(Address("terminal", "local", room.name), preferences)
            daily = Cadence(every="daily")
            await bot.store.subscriptions.add(
                target.id, "*", daily, owner="you", now=clock(), max=100, limit=9, space_limit=99
            )
        yield bot


def _row(case: str, tried: list[list[Tried]]) -> Row:
    rooms = [room for stretch in tried for room in stretch]
    counts = [_counted(one) for one in rooms]
    wrong = [f"{one.room.zone} at {one.room.at}: {_difference(one)}" for one in rooms if one.got != one.room.digests]
    digests = sum(len(one.room.digests) for one in rooms)
    return Row(
        case=case,
        size=f"{digests} digests, {len(ZONES)} zones",
        injected=sum(stretch[0].moves for stretch in tried),
        lost=sum(lost for lost, _ in counts),
        repeated=sum(repeated for _, repeated in counts),
        problems=(*wrong, *(line for one in rooms for line in one.unsound)),
        note=f"{len(tried)} stretches of four days",
    )


def _counted(one: Tried) -> tuple[int, int]:
    wanted = {key for _, keys in one.room.digests for key in keys} | {key for key, _ in one.room.waiting}
    got = [key for _, keys in one.got for key in keys]
    return len(wanted - set(got)), len(got) - len(set(got))


def _difference(one: Tried) -> str:
    missing = [digest for digest in one.room.digests if digest not in one.got]
    extra = [digest for digest in one.got if digest not in one.room.digests]
    return f"should have come {missing[:2]}, came {extra[:2]}"


# --- a process that is put to sleep -----------------------------------------------------------------------------------


def _asleep(plan: Plan) -> Row:
    """Stopped by a signal over its digest hour, and its clock set back and forth by two hours once that is over."""
    nights = plan.pick(1, 2, 20)
    with scene(plan.room("asleep"), 2) as on:
        on.set_up("/papers subscribe * every:daily at:09:00 max:100")
        on.paperboy.start()
        seen = sum(_night(on, datetime(2026, 11, 23, tzinfo=UTC) + night * DAY) for night in range(nights))
        on.paperboy.type("/papers status")
        code = on.paperboy.terminate()
        lost, repeated = on.lost_and_repeated()
        days = Counter((p["where"], from_milliseconds(p["at"]).date()) for p in posts(on.paperboy.transcript))
        problems = [f"{count} digests in {room} on {day}" for (room, day), count in days.items() if count != 1]
        problems += [f"{len(days)} days with a digest"] if len(days) != nights * len(on.rooms) else []
    return Row(
        case="a process put to sleep",
        size=f"{nights} nights",
        injected=seen,
        # What came after the last digest hour waits for the next one.
        lost=lost - len(on.rooms),
        repeated=repeated,
        problems=(*problems, *([f"it ended with {code}"] if code else [])),
    )


def _night(on: Scene, day: datetime) -> int:
    """How often it was seen to sleep, and to go on after its clock was set back."""
    process, seen = on.paperboy, 0
    process.set_clock(day + timedelta(hours=8, minutes=50))
    on.stand.publish(3, day.date())
    process.wait(on.has_read, "the list was not read")
    before = process.count_posts()
    os.kill(process.pid, signal.SIGSTOP)
    seen += os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT) is not None
    process.set_clock(day + timedelta(hours=11))
    os.kill(process.pid, signal.SIGCONT)
    process.wait(lambda: process.count_posts() >= before + len(on.rooms), "no digest came")
    process.set_clock(day + timedelta(hours=8, minutes=55))
    on.stand.publish(1, day.date())
    process.wait(on.has_read, "the list was not read after the clock was set back")
    seen += 1
    for hours in (9, 11, 9, 11):
        was = process.now
        process.set_clock(day + timedelta(hours=hours, minutes=1))
        sleep(SOME_TICKS)
        process.type("/papers status")
        seen += process.now < was
    return seen
