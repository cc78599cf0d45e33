"""A damaged database: what the doctor and the log of a running Paperboy say of it."""

import logging
from pathlib import Path

import pytest

from bot import app, config, doctor
from bot.store.sqlite import open_store
from tests.damaging import lead_astray, make
from tests.making import NOON


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    path = tmp_path / "paperboy.db"
    await make(path)
    lead_astray(path)
    return path


async def test_the_doctor_says_that_it_is_damaged_where_and_what_to_do(path: Path) -> None:
    async with open_store(path, now=NOON, read_only=True) as store:
        [found] = await doctor.database(store, NOON)
    assert str(found).startswith("bad   database: it is damaged: ")
    assert "invalid page number" in found.text
    assert found.text.endswith("put a backup in its place: see docs/operating.md.")
    assert "***" not in found.text
    assert "\n" not in found.text


async def test_the_daily_check_logs_one_line_of_use(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    settings = config.read({"PAPERBOY_DATABASE": str(path), "PAPERBOY_SOURCES": "sample"})
    async with app.opened(settings, lambda: NOON) as bot:
        with caplog.at_level(logging.ERROR):
            await bot.upkeep()
    [told] = [vars(record)["error"] for record in caplog.records if record.msg == "store.unsound"]
    assert "invalid page number" in told
    assert "***" not in told
