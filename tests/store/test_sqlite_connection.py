"""How the one connection that writes is set: what was acknowledged has to survive a power cut. And who is cancelled."""

import asyncio
from pathlib import Path

import pytest

from bot.store.sqlite import open_store
from bot.store.sqlite.connection import uninterrupted
from tests.making import NOON


@pytest.mark.parametrize(("pragma", "value"), [("synchronous", 2), ("journal_mode", "wal")])
async def test_each_commit_is_on_the_disk_before_it_is_acknowledged(
    tmp_path: Path, pragma: str, value: int | str
) -> None:
    async with open_store(tmp_path / "paperboy.db", now=NOON) as store:
        assert store._db._writer is not None
        ((found,),) = await store._db._writer.execute_fetchall(f"pragma {pragma}")
        assert found == value


@pytest.mark.parametrize("error", [None, ValueError("it failed")], ids=["well", "badly"])
async def test_whoever_is_cancelled_learns_of_it_when_the_work_has_ended_well_or_badly(error: Exception | None) -> None:
    ended, go_on = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        await go_on.wait()
        ended.set()
        if error:
            raise error

    task = asyncio.create_task(uninterrupted(work()))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.sleep(0)
    go_on.set()
    with pytest.raises(asyncio.CancelledError) as cancelled:
        await task
    assert ended.is_set()
    assert task.cancelled()
    assert cancelled.value.__cause__ is error
