"""Who only looks at the database writes nothing and keeps nobody from starting."""

from pathlib import Path

import pytest

from bot import app, config, doctor
from bot.config import Settings
from bot.errors import OutdatedError
from bot.store.sqlite import connection, migrate
from tests.delivering import NOW
from tests.full import no_room
from tests.making import edition, paper


def clock() -> int:
    return NOW


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "its").mkdir()
    return config.read({"PAPERBOY_DATABASE": str(tmp_path / "its" / "paperboy.db"), "PAPERBOY_SOURCES": "sample"})


def files(settings: Settings) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in settings.database_path.parent.iterdir()}


async def make_older(path: Path) -> None:
    """A database as the first release left it."""
    async with connection.writing(path) as writer:
        await migrate.migrate(writer, path, migrate.read_steps()[:1])


async def test_paperboy_can_start_while_somebody_looks(settings: Settings) -> None:
    async with app.opened(settings, clock) as bot:
        await bot.store.papers.ingest(edition(paper(1)), NOW)
    async with app.opened_to_look(settings, clock) as (looks, lacks), app.opened(settings, clock) as bot:
        assert lacks == ""
        assert (await looks.store.outbox.tally()).papers == 1
        await bot.store.papers.ingest(edition(paper(2)), NOW)
        assert (await looks.store.outbox.tally()).papers == 2


async def done(settings: Settings, text: str) -> str:
    reply, _ = await app.do(settings, text, None, None, clock)
    return str(reply)


async def test_on_a_full_disk_a_command_that_writes_is_told_so_and_others_are_answered(settings: Settings) -> None:
    async with app.opened(settings, clock) as bot:
        await bot.store.papers.ingest(edition(paper(1)), NOW)
    with no_room():
        refused, answered = await done(settings, "subscribe foo"), await done(settings, "subscriptions")
    assert f"The disk under {settings.database_path} is full." in refused
    assert "Another Paperboy" not in refused
    assert "is full" not in answered


async def test_beside_another_one_a_command_that_writes_is_told_where_to_type_it(settings: Settings) -> None:
    async with app.opened(settings, clock):
        assert "Another Paperboy is running on this database" in await done(settings, "subscribe foo")


async def test_where_there_is_no_database_none_is_made_by_a_look(settings: Settings) -> None:
    async with app.opened_to_look(settings, clock) as (looks, lacks):
        assert (await looks.store.outbox.tally()).papers == 0
        assert looks.sources
    assert lacks == f"There is no database at {settings.database_path} yet. Start the bot once to make it."
    assert [finding.level for finding in doctor.unprepared(settings.database_path, lacks)] == ["hint"]
    assert doctor.unprepared(settings.database_path, "") == []
    assert files(settings) == {}


async def test_an_older_database_is_looked_at_as_a_start_would_make_it_and_stays_as_it_is(settings: Settings) -> None:
    await make_older(settings.database_path)
    before = files(settings)["paperboy.db"]
    async with app.opened_to_look(settings, clock) as (looks, lacks):
        [found] = await doctor.database(looks.store, NOW)
        assert found.text.startswith("sound; 0 papers")
    assert "has the older schema version 1. Start the bot once" in lacks
    assert files(settings)["paperboy.db"] == before
    with pytest.raises(OutdatedError):
        async with app.opened(settings, clock, roles=(), read_only=True):
            pass
    assert "paperboy.db.lock" not in files(settings)


def test_a_folder_in_which_no_start_could_make_it_is_bad(tmp_path: Path) -> None:
    [found] = doctor.unprepared(tmp_path / "none" / "paperboy.db", "There is none.")
    assert (found.level, found.text.endswith("where the database is to be. Make it first.")) == ("bad", True)
