"""What tests of platforms share: notes in a database of their own, and a Discord to run against."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.ports import Notes
from bot.store.sqlite import open_store
from tests.standins import discord as standin


@pytest.fixture
async def notes(tmp_path: Path) -> AsyncIterator[Notes]:
    async with open_store(tmp_path / "paperboy.db", now=0) as store:
        yield store.notes


@pytest.fixture
async def server() -> AsyncIterator[standin.Discord]:
    async with standin.Discord(identify_pause=0.0) as started:
        yield started
        assert started.violations == []
