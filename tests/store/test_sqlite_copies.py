"""A copy that was not made by ``paperboy backup`` and is put back where the database was; the lock, for a moment."""

import asyncio
import shutil
from pathlib import Path

import pytest

from bot.errors import LockedError
from bot.model import Address, Person, Receipt
from bot.ports import Store
from bot.store.sqlite import lock, open_store
from tests.making import HOUR, NOON, ROOM, draft, frozen, pending, subscribe

LATER = NOON + HOUR
SINCE = NOON - 3 * HOUR
"""What is asked about when the last thing happened at noon: the clock may have been ahead."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "paperboy.db"


async def sent(store: Store, number: int, where: Address = ROOM) -> None:
    [due] = await pending(store, number, subscription=await subscribe(store, f"query {number}", where))
    message = await store.outbox.freeze(draft(due), NOON)
    assert message
    await store.outbox.sent(message, Receipt("1"), NOON)


def copied(path: Path) -> Path:
    """The files of a database that nobody has open, or of one that has nothing in its log."""
    return Path(shutil.copy(path, path.with_name("plain copy")))


async def test_a_plain_copy_put_back_is_noticed_and_remembered_for_two_weeks(path: Path) -> None:
    async with open_store(path, now=NOON) as store:
        await sent(store, 1)
    copy = copied(path)
    async with open_store(path, now=NOON) as store:
        assert await store.outbox.copied_at(LATER) == 0, "it is the same database"
        await sent(store, 2)
    async with open_store(path, now=NOON):
        pass
    shutil.copy(copy, path)
    async with open_store(path, now=LATER) as store:
        assert await store.outbox.copied_at(LATER) == SINCE
    async with open_store(path, now=LATER + HOUR) as store:
        assert await store.outbox.copied_at(LATER) == SINCE
        assert await store.outbox.copied_at(LATER + 24 * 15 * HOUR) == 0


async def test_each_wrong_copy_is_noticed_also_after_another_one_or_a_new_database(path: Path) -> None:
    copies = []
    for number in (1, 2, 3):
        async with open_store(path, now=NOON) as store:
            await sent(store, number)
        copies.append(shutil.copy(path, path.with_name(f"copy {number}")))
    oldest, newer, newest = copies
    path.unlink()
    async with open_store(path, now=NOON):
        pass
    for copy, now in ((oldest, LATER), (newer, LATER + HOUR)):
        shutil.copy(copy, path)
        async with open_store(path, now=now) as store:
            assert await store.outbox.copied_at(LATER) == SINCE
            await sent(store, 4)
    shutil.copy(newest, path)
    async with open_store(path, now=LATER) as store:
        assert await store.outbox.copied_at(LATER) == SINCE, "what was sent from the copies is not in it"
    later = LATER + 24 * 15 * HOUR
    async with open_store(path, now=later) as store:
        assert await store.outbox.copied_at(later) == 0, "the same database is no other copy"


async def test_what_a_plain_copy_holds_as_unsent_is_asked_about(path: Path) -> None:
    async with open_store(path, now=NOON) as store:
        message = await frozen(store, 1)
    copy = copied(path)
    async with open_store(path, now=NOON) as store:
        [claimed] = await store.outbox.claim("terminal", NOON, HOUR, 10)
        assert claimed.state == "ready"
        await store.outbox.sent(message, Receipt("1"), NOON)
    shutil.copy(copy, path)
    async with open_store(path, now=LATER) as store:
        [claimed] = await store.outbox.claim("terminal", LATER, HOUR, 10)
        assert (claimed.id, claimed.state, claimed.started) == (message, "ambiguous", NOON)


async def test_a_process_that_was_killed_leaves_its_note(path: Path) -> None:
    async with open_store(path, now=NOON) as store:
        await sent(store, 1)
    copy = copied(path)
    with lock.held(path) as held:
        held.sent(99)
    shutil.copy(copy, path)
    async with open_store(path, now=LATER) as store:
        assert await store.outbox.copied_at(LATER) == SINCE


async def test_posts_that_were_deleted_make_no_copy_of_a_database(path: Path) -> None:
    reader = Person("terminal", "lab", "reader")
    async with open_store(path, now=NOON) as store:
        await sent(store, 1, reader.address)
        await store.people.forget(reader, reader.address)
    async with open_store(path, now=LATER) as store:
        assert await store.outbox.copied_at(LATER) == 0


async def test_a_new_database_in_the_place_of_an_old_one_is_no_copy(path: Path) -> None:
    async with open_store(path, now=NOON) as store:
        await sent(store, 1)
    path.unlink()
    async with open_store(path, now=LATER) as store:
        assert await store.outbox.copied_at(LATER) == 0
        await sent(store, 2)
        await store.backup(str(path.with_name("backup")))
    async with open_store(path.with_name("backup"), now=LATER) as store:
        assert await store.outbox.copied_at(LATER) == SINCE


async def test_somebody_who_holds_it_for_a_moment_is_waited_for(path: Path) -> None:
    async with open_store(path, now=NOON):
        pass
    with lock.held(path), pytest.raises(LockedError):
        async with open_store(path, now=NOON, patience=0.1):
            pass

    async def look() -> None:
        with lock.held(path):
            began.set()
            await asyncio.sleep(0.2)

    began = asyncio.Event()
    looking = asyncio.create_task(look())
    await began.wait()
    async with open_store(path, now=NOON, patience=30):
        assert looking.done()


@pytest.mark.parametrize(
    "before", [b"", b"12345\n", b"nonsense", b"\xff" * 60, b"9" * 63], ids=["empty", "of old", "odd", "bad", "huge"]
)
def test_a_lock_file_of_any_content_can_be_taken(path: Path, before: bytes) -> None:
    path.with_name("paperboy.db.lock").write_bytes(before)
    with lock.held(path) as held:
        assert held.last == 0
        held.sent(7)
        held.sent(5)
    with lock.held(path) as held:
        assert (held.last, held.highest) == (5, 7)
