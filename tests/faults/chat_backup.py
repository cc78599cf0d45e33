"""Backups of a process that posts to Slack and Discord, and old ones put back: what the rooms show is not said again.

Rooms of every kind are between the two (``chat_rooms.py``). The rooms keep what was posted when a backup is put in the
place of the database; here and there the process is killed, as an operator in a hurry does.
"""

import shutil
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from tests.faults.chat_rooms import DIGESTS_AT, MORNING, Rooms, rooms
from tests.faults.forked import launcher
from tests.faults.inspecting import harm
from tests.faults.rows import Plan, Row
from tests.faults.scene import LEASE_AND_MORE
from tests.standins.discord_world import POSTING, Right

_WATCH, _CLOSED = "You watched this", "I can no longer post"
_COMPLAINTS = ("Traceback", " ERROR ", " CRITICAL ")
_DAY = timedelta(days=1)
_WAITS = (
    "select t.room, count(*) from delivery d join target t on t.id = d.target"
    " where d.state in ('pending', 'suspended') group by t.room"
)


def run(plan: Plan) -> Iterator[Row]:
    with launcher() as launched, rooms(plan.room("chats"), launched) as on:
        copies: list[Path] = []
        yield _backed_up(plan, on, copies)
        yield _restored(plan, on, copies)
        yield _untold(on)


def _backed_up(plan: Plan, on: Rooms, copies: list[Path]) -> Row:
    """Through a day: before and after a watch fires, a room closes, and digests and "N more" lines go out."""
    chance, count = plan.chance("chat backup"), plan.pick(1, 2, 10)
    problems = _back_up(on, copies)
    on.press.bring(2)
    on.settle()
    on.fire()
    on.close(True)
    for number in range(count):
        on.press.bring(chance.randint(1, 3))
        time.sleep(chance.uniform(0, 0.5))
        problems += _back_up(on, copies)
        if number == count // 2:
            on.settle()
            on.pass_(MORNING + DIGESTS_AT)
    _stop(on)
    return _row(on, "backup between chats", f"{len(copies)} copies", len(copies), problems)


def _restored(plan: Plan, on: Rooms, copies: list[Path]) -> Row:
    first, *later = copies
    restores = plan.pick(1, 2, 10)
    for copy in [first, *plan.chance("chat restore").sample(later, restores - 1)]:
        _restore(on, copy, 2)
    _next_day(on, 1)
    return _row(on, "restore between chats", f"{restores} restores", restores, [])


def _untold(on: Rooms) -> Row:
    """Where history may not be read, what was posted since may be posted once more: told of, and nothing lost."""
    copies = list[Path]()
    on.place.start()
    problems = _back_up(on, copies, "blind")
    stood = {room.name: room.standing for room in on.rooms}
    on.press.bring(2)
    _stop(on)
    before = {room.name: (room.repeated, room.standing - stood[room.name]) for room in on.rooms}
    on.place.slack.bot.scopes -= {"channels:history", "im:history"}
    for room in on.place.rooms:
        on.place.discord.permit(room, POSTING & ~Right.READ_MESSAGE_HISTORY)
    _restore(on, copies[0], 1)
    _next_day(on, 2)
    told = on.paperboy.errors.count("put_back.not_told")
    found = _row(on, "restore, no history", "1 restore", 1, problems)
    repeats = {room.name: room.repeated - before[room.name][0] for room in on.rooms}
    return replace(
        found,
        allowed=sum(min(repeat, before[name][1]) for name, repeat in repeats.items()),
        problems=(*found.problems, *([] if told >= len(repeats) else [f"only {told} rooms were told of"])),
        note=f"{found.note}, {sum(repeats.values())} repeats, told of",
    )


def _back_up(on: Rooms, copies: list[Path], name: str = "copy") -> list[str]:
    """Take one beside the running process; what is wrong with it."""
    copy = on.paperboy.folder / f"{name}{len(copies)}"
    called = on.paperboy.call("backup", str(copy))
    copies.append(copy)
    return [called.stderr] if called.returncode else harm(copy)


def _stop(on: Rooms) -> None:
    on.settle()
    on.paperboy.kill()


def _restore(on: Rooms, copy: Path, news: int) -> None:
    """The old files away, the copy in their place; then it is started again, with news."""
    for file in on.paperboy.folder.glob("paperboy.db*"):
        file.unlink()
    shutil.copy(copy, on.paperboy.database)
    on.press.bring(news)
    on.advance(LEASE_AND_MORE)
    on.place.start()
    _stop(on)


def _next_day(on: Rooms, days: int) -> None:
    """The room that closed opens, and what waits for the digests and lines of a later day goes out."""
    on.close(False)
    on.place.start()
    on.say_in_closing("subscriptions")
    on.settle()
    on.pass_(MORNING + DIGESTS_AT + days * _DAY)
    _stop(on)


def _row(on: Rooms, case: str, size: str, injected: int, problems: list[str]) -> Row:
    """Counted where nothing waits but for an hour to come."""
    with on.paperboy.reading_a_copy() as connection:
        waits = Counter(dict(connection.execute(_WAITS)))
    said = [line for line in on.paperboy.forget_errors().splitlines() if any(word in line for word in _COMPLAINTS)]
    late = {room.id: room.late(waits[room.id], closed=on.closed) for room in on.rooms}
    missing = sum(max(0, room.lost(on.press.papers) - late[room.id]) for room in on.rooms)
    notices = [on.told(what) for what in (_WATCH, _CLOSED)]
    lost = missing + sum(2 - len(+told) for told in notices)
    repeated = sum(room.repeated for room in on.rooms) + sum(sum(told.values()) - len(+told) for told in notices)
    found = (*problems, *said, *harm(on.paperboy.database))
    posts = sum(room.shown.total() for room in on.rooms)
    note = f"{posts} papers shown, {sum(room.counted for room in on.rooms)} counted"
    return Row(case=case, size=size, injected=injected, lost=lost, repeated=repeated, problems=found, note=note)
