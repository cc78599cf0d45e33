"""Which index answers what is asked often or of a long history: never a reading of every message there ever was."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.store.sqlite import SqliteStore, backlog, open_store, telling
from tests.making import NOON


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    async with open_store(tmp_path / "paperboy.db", now=NOON) as store:
        yield store


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (backlog._RESTING, "message_resting"),
        (telling._TOLD, "message_notices"),
        (telling._LAST, "message_notices"),
        (telling._UNTOLD, "message_notices"),
    ],
)
async def test_what_is_asked_of_history_goes_by_an_index(store: SqliteStore, query: str, index: str) -> None:
    async with store._db.read() as session:
        rows = await session.rows(f"explain query plan {query}", ("",) * query.count("?"))
    steps = [str(row["detail"]) for row in rows]
    assert any(index in step for step in steps), steps
    assert [step for step in steps if step.startswith("SCAN") and " INDEX " not in step] == []
