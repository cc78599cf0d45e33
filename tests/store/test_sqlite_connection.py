"""How the one connection that writes is set: what was acknowledged has to survive a power cut."""

from pathlib import Path

import pytest

from bot.store.sqlite import open_store
from tests.making import NOON


@pytest.mark.parametrize(("pragma", "value"), [("synchronous", 2), ("journal_mode", "wal")])
async def test_each_commit_is_on_the_disk_before_it_is_acknowledged(
    tmp_path: Path, pragma: str, value: int | str
) -> None:
    async with open_store(tmp_path / "paperboy.db", now=NOON) as store:
        assert store._db._writer is not None
        ((found,),) = await store._db._writer.execute_fetchall(f"pragma {pragma}")
        assert found == value
