"""A backup in the place of the database: what went out since is not posted again, everything else is."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot import deliver
from bot.errors import DeliveryError
from bot.model import Address
from bot.put_back import DETAIL, WAIT, PutBack
from bot.store.sqlite import open_store
from tests.delivering import NOW, OTHER, ROOM, Bench, Platform, bench_in, fault


class Remembering(Platform):
    """A platform that tells which papers it shows, unless ``troubles`` says otherwise."""

    def __init__(self) -> None:
        super().__init__()
        self.troubles: list[DeliveryError] = []
        self.asked: list[tuple[Address, int]] = []
        self.shown: dict[Address, set[str]] = {}

    async def posted(self, where: Address, since: int) -> Collection[str]:
        self.asked.append((where, since))
        if self.troubles:
            raise self.troubles.pop(0)
        return self.shown.get(where, set())


def key(number: int) -> str:
    return f"arxiv:2601.{number:05}"


@asynccontextmanager
async def restored(folder: Path, platform: Platform) -> AsyncIterator[tuple[Bench, int]]:
    """A bench on a backup: paper 1 was posted before it; 2 and 3 after it, and they come from the source again."""
    async with bench_in(folder) as bench:
        room = await bench.subscribe()
        await bench.publish(1)
        await bench.deliver()
        await bench.store.backup(str(folder / "copy.db"))
    async with open_store(folder / "copy.db", now=NOW) as store:
        bench = Bench(store)
        bench.platform = platform
        bench.sender = deliver.Sender(store, platform)
        await bench.publish(1, 2, 3)
        yield bench, room


async def test_what_a_room_shows_already_is_not_posted_again(tmp_path: Path) -> None:
    platform = Remembering()
    platform.shown[ROOM] = {key(2)}
    async with restored(tmp_path, platform) as (bench, room):
        assert await PutBack(bench.store).step({"fake": platform}, NOW) == 1
        await bench.deliver()
        assert platform.said == ["rich: Graph learning 3"]
        assert await bench.state(room, 2) == ("sent", DETAIL)
        assert platform.asked == [(ROOM, NOW)]


async def test_a_room_is_asked_once_and_another_one_for_itself(tmp_path: Path) -> None:
    platform = Remembering()
    platform.shown[ROOM] = {key(number) for number in range(2, 9)}
    async with restored(tmp_path, platform) as (bench, _):
        put_back = PutBack(bench.store)
        await put_back.step({"fake": platform}, NOW)
        await bench.subscribe(where=OTHER)
        await bench.publish(8)
        await put_back.step({"fake": platform}, NOW)
        await bench.deliver()
        assert [where for where, _ in platform.asked] == [ROOM, OTHER]
        assert (platform.said_in(ROOM), platform.said_in(OTHER)) == ([], ["rich: Graph learning 8"])


async def test_a_room_that_cannot_be_asked_just_now_gets_nothing_until_it_can(tmp_path: Path) -> None:
    platform = Remembering()
    platform.shown[ROOM] = {key(2), key(3)}
    platform.troubles = [fault("temporary")]
    async with restored(tmp_path, platform) as (bench, _):
        put_back = PutBack(bench.store)
        assert await put_back.step({"fake": platform}, NOW) == 0
        await bench.deliver()
        assert platform.said == []
        assert await put_back.step({"fake": platform}, NOW + WAIT) == 2
        await bench.deliver(WAIT)
        assert platform.said == []


@pytest.mark.parametrize("platform", [Platform(), Remembering()], ids=["knows no history", "may not read it"])
async def test_where_nobody_can_tell_it_is_posted_rather_than_lost(tmp_path: Path, platform: Platform) -> None:
    if isinstance(platform, Remembering):
        platform.troubles = [fault("ambiguous")]
    async with restored(tmp_path, platform) as (bench, _):
        await PutBack(bench.store).step({"fake": platform}, NOW)
        await bench.deliver()
        assert platform.said == ["rich: Graph learning 2; Graph learning 3"]


async def test_a_database_that_was_never_a_copy_asks_nobody(tmp_path: Path) -> None:
    platform = Remembering()
    async with bench_in(tmp_path) as bench:
        await bench.subscribe()
        await bench.publish(1)
        assert await PutBack(bench.store).step({"fake": platform}, NOW) == 0
        assert platform.asked == []


async def test_what_a_backup_holds_as_unsent_is_asked_about_before_it_is_sent(tmp_path: Path) -> None:
    async with bench_in(tmp_path) as bench:
        await bench.subscribe()
        await bench.freeze(1)
        await bench.store.backup(str(tmp_path / "copy.db"))
        await bench.deliver()
        [sent] = bench.platform.accepted
        async with open_store(tmp_path / "copy.db", now=NOW) as copy:
            await deliver.Sender(copy, bench.platform).drain(lambda: NOW)
        assert bench.platform.accepted == [sent]
