"""What the doctor finds, and what it says to do."""

from pathlib import Path
from typing import cast

import pytest

from bot import config, doctor
from bot.errors import SourceError
from bot.model import Paper, SourceHealth
from bot.ports import Source
from bot.store.sqlite import engine, open_store

NOW = 1_800_000_000_000
HOUR = 3_600_000


@pytest.mark.parametrize(
    ("version", "bad"),
    [
        ((3, 6, 23), False),
        ((3, 7, 0), True),
        ((3, 40, 1), True),
        ((3, 44, 5), True),
        ((3, 44, 6), False),
        ((3, 50, 7), False),
        ((3, 51, 2), True),
        ((3, 51, 3), False),
        ((3, 52, 0), False),
    ],
)
def test_the_sqlite_versions_with_the_wal_reset_bug_are_known(version: tuple[int, int, int], bad: bool) -> None:
    assert engine.has_wal_reset_bug(version) is bad


def test_a_machine_is_described_with_its_python_sqlite_and_disk(tmp_path: Path) -> None:
    settings = config.read({"PAPERBOY_DATABASE": str(tmp_path / "paperboy.db")})
    found = {finding.subject: finding for finding in doctor.machine(settings)}
    assert found["Python"].level == "ok"
    assert "WAL-reset bug" in found["SQLite"].text
    assert "MB free" in found["disk"].text
    assert "PAPERBOY_CONTACT" in found["contact"].text


def test_a_folder_that_is_not_there_is_bad(tmp_path: Path) -> None:
    settings = config.read({"PAPERBOY_DATABASE": str(tmp_path / "nowhere" / "paperboy.db")})
    [disk] = [finding for finding in doctor.machine(settings) if finding.subject == "disk"]
    assert disk.level == "bad"
    assert "Does the folder exist?" in disk.text


def test_the_disk_is_that_of_the_file_and_not_of_a_link_to_it(tmp_path: Path) -> None:
    (tmp_path / "its").mkdir()
    (tmp_path / "link.db").symlink_to(tmp_path / "its" / "paperboy.db")
    settings = config.read({"PAPERBOY_DATABASE": str(tmp_path / "link.db")})
    [disk] = [finding for finding in doctor.machine(settings) if finding.subject == "disk"]
    assert disk.text.endswith(f"MB free in {tmp_path / 'its'}")


async def test_a_sound_database_is_counted_with_when_its_sources_were_read(tmp_path: Path) -> None:
    async with open_store(tmp_path / "paperboy.db", now=NOW) as store:
        await store.papers.note_health(
            SourceHealth(source="huggingface", last_ok=NOW - 60_000, error="it answers 500.", told=NOW - 1_000)
        )
        findings = await doctor.database(store, NOW)
    assert [str(finding) for finding in findings] == [
        "ok    database: sound; 0 papers, 0 subscriptions, 0 waiting; "
        "huggingface last read 1 minute ago, the newest try failed, those who manage were told just now",
    ]


async def test_each_source_is_asked_whether_it_answers() -> None:
    class Answers:
        async def lookup(self, key: str) -> Paper | None:
            return None

    class Fails:
        async def lookup(self, key: str) -> Paper | None:
            raise SourceError("arxiv.org cannot be reached.", unreachable=True)

    named = cast("dict[str, Source]", {"huggingface": Answers(), "arxiv": Fails()})
    found = [finding async for finding in doctor.sources(named)]
    assert [(f.subject, f.level) for f in found] == [("huggingface", "ok"), ("arxiv", "bad")]


@pytest.mark.parametrize(
    ("moment", "level", "said"),
    [
        (NOW, "ok", "2027-01-15 08:00 UTC, "),
        (0, "bad", "it is set to 1970-01-01 00:00 UTC. Set it"),
        (5_000_000_000_000, "bad", "it is set to 2128-06-11"),
    ],
)
def test_a_clock_that_was_never_set_is_bad(moment: int, level: str, said: str) -> None:
    found = doctor.clock(moment)
    assert (found.level, said in found.text) == (level, True)
    assert "\n" not in found.text


async def test_it_is_said_how_well_this_machine_keeps_pace() -> None:
    found = await doctor.pace()
    assert (found.subject, found.level in {"ok", "hint"}) == ("pace", True)


async def test_a_running_paperboy_is_asked_only_where_it_can_be() -> None:
    assert await doctor.running(config.read({}), expected=True) == []
    asked = config.read({"PAPERBOY_MONITOR": "127.0.0.1:1"})
    for expected, level in ((False, "hint"), (True, "bad")):
        [found] = await doctor.running(asked, expected=expected)
        assert (found.subject, found.level) == ("monitor", level)
        assert "nobody answers at 127.0.0.1:1." in found.text


@pytest.mark.parametrize(
    ("hours", "settings", "bad"),
    [
        ({"huggingface": 11}, {}, False),
        ({"huggingface": 13}, {}, True),
        ({"huggingface": 13, "arxiv": 1}, {"SOURCES": "huggingface,arxiv"}, False),
        ({"huggingface": 13, "arxiv": 1}, {}, True),  # arxiv is no source any more
        ({"huggingface": 13}, {"STALE_HOURS": "0"}, False),
        ({"huggingface": 13}, {"POLL_MINUTES": "600"}, False),
        ({"huggingface": -9}, {}, False),
        ({}, {}, False),
    ],
)
def test_a_database_into_which_nothing_is_read_for_long_is_bad(
    hours: dict[str, int], settings: dict[str, str], bad: bool
) -> None:
    health = [SourceHealth(source=name, last_ok=NOW - many * HOUR) for name, many in hours.items()]
    read = config.read({f"PAPERBOY_{name}": value for name, value in settings.items()})
    found = doctor.reading(health, read, NOW)
    assert [(f.level, "no source was read for 13 hours" in f.text) for f in found] == ([("bad", True)] if bad else [])


@pytest.mark.parametrize(
    ("mode", "setting", "told"),
    [
        (0o644, "DISCORD_TOKEN", True),
        (0o640, "DISCORD_TOKEN", False),
        (0o644, "TIMEZONE", False),
    ],
)
def test_secrets_that_everybody_on_the_machine_can_read_are_a_hint(
    tmp_path: Path, mode: int, setting: str, told: bool
) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text(f"PAPERBOY_{setting}=UTC")
    dotenv.chmod(mode)
    assert [(f.level, f"chmod o= {dotenv}" in f.text) for f in doctor.files(dotenv)] == [("hint", True)] * told
    assert doctor.files(tmp_path / "none") == []


def test_what_is_said_of_sqlite_says_what_to_do_or_that_nothing_is_to_be_done() -> None:
    text, sound = engine.verdict()
    assert ("without the WAL-reset bug" in text) is sound
    assert sound or text.startswith("nothing has to be done")
    assert len(text) < 160
    assert "\n" not in text
