"""Paperboy as the person at the terminal meets it: a process with arguments, pipes, signals and an exit code."""

import asyncio
import contextlib
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web

from tests.flow.hub import Hub, serving
from tests.flow.running import PATIENCE, Paperboy
from tests.flow.world import Item, World
from tests.shared import shared

NOW = datetime(2025, 9, 19, 6, tzinfo=UTC)
REQUESTS_OF_A_POLL = 4
SOON = 10
"""Seconds within which a system expects a process to end when told to."""


@pytest.fixture
def hub() -> Hub:
    return Hub(World(shared("hf_daily"), date(2025, 9, 15), date(2025, 9, 19)), NOW)


@pytest.fixture
def url(hub: Hub) -> Iterator[str]:
    with serving(hub.answer) as url:
        yield url


@pytest.fixture
def paperboy(url: str, tmp_path: Path) -> Iterator[Paperboy]:
    """Not started yet. Its source answers."""
    paperboy = Paperboy(tmp_path, NOW, HUGGINGFACE_URL=url, EXAMPLES="no", TICK_SECONDS="0.1")
    yield paperboy
    paperboy.close()


@pytest.fixture
def offline(tmp_path: Path) -> Iterator[Paperboy]:
    """Not started yet. Nobody answers at its source's address."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # taken but not listening: refused for as long as the test lasts
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        yield Paperboy(tmp_path, datetime(2026, 11, 23, 9, tzinfo=UTC), HUGGINGFACE_URL=url)


def assert_one_line(called: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    """It ended with this code and one line on standard error with these words in it, which is no traceback."""
    assert (called.returncode, called.stderr.count("\n")) == (code, 1), called.stderr
    assert called.stderr.startswith("paperboy: ")
    assert all(word in called.stderr for word in words), called.stderr


def papers(hub: Hub) -> list[Item]:
    """Everything that a first poll brings."""
    return [item for day in (17, 18, 19) for item in hub.world.daily(date(2025, 9, day), NOW)]


def posted(paperboy: Paperboy, room: str = "#papers") -> list[str]:
    """The ids of the papers posted in a room."""
    cards = [card for post in paperboy.posts if post["where"] == room for card in post["payload"]["cards"]]
    return [card["url"].rpartition("/")[2] for card in cards]


# --- the terminal -----------------------------------------------------------------------------------------------------


def test_piped_lines_are_answered_in_order_and_it_ends_well(paperboy: Paperboy) -> None:
    lines = ["/papers subscribe diffusion", "/join #nlp", "subscriptions", "/as mei", "alert add votes>=5", "nonsense"]
    called = paperboy.call("run", said="\n".join(lines))
    assert (called.returncode, called.stderr) == (0, "")
    answers = ["Subscription #1: diffusion", "You are in #nlp.", "There are no subscriptions here yet"]
    answers += ["Typing as mei", "Alert #1: votes>=5", 'I do not know the command "nonsense"']
    shown = [f"> {line}\n" for line in lines]
    wanted = [part for pair in zip(shown, answers, strict=True) for part in pair]
    assert sorted(wanted, key=called.stdout.find) == wanted
    assert -1 not in map(called.stdout.find, wanted)


def test_once_does_what_is_due_takes_no_commands_and_ends(paperboy: Paperboy, hub: Hub) -> None:
    first = paperboy.call("do", "/papers subscribe votes>=50")
    assert first.returncode == 0
    called = paperboy.call("run", "--once", said="/papers unsubscribe id:1\n")
    assert (called.returncode, called.stderr) == (0, "")
    assert "unsubscribe" not in called.stdout
    wanted = [item["paper"]["id"] for item in papers(hub) if item["paper"]["upvotes"] >= 50]
    assert wanted
    assert sorted(posted(paperboy)) == sorted(wanted)
    assert all(key in called.stdout for key in wanted)
    assert paperboy.call("run", "--once").stdout == ""


def test_once_fails_when_a_source_does(tmp_path: Path) -> None:
    async def broken(request: web.Request) -> web.Response:
        return web.Response(status=500, text="out of order")

    with serving(broken) as url:
        called = Paperboy(tmp_path, NOW, HUGGINGFACE_URL=url, EXAMPLES="no").call("run", "--once")
    assert called.returncode == 1
    assert called.stdout.startswith("huggingface: ")
    assert called.stderr == ""


def test_without_a_network_it_says_so_once_and_posts_the_sample_edition_labelled(offline: Paperboy) -> None:
    called = offline.call("run", said="today\n")
    assert (called.returncode, called.stderr) == (0, "")
    lines = called.stdout.splitlines()
    assert [line for line in lines if "can be reached" in line] == [
        f"No paper source can be reached: this is the bundled sample edition, in {offline.folder}/paperboy-sample.db."
    ]
    assert not offline.posts, "the real database's transcript has none of it"
    offline.transcript = offline.folder / "paperboy-sample.db.terminal.jsonl"
    cards = [card for post in offline.posts for card in post["payload"]["cards"]]
    assert cards
    assert all(card["label"] == "SAMPLE EDITION" for card in cards)
    assert called.stdout.count("SAMPLE EDITION") >= len(cards) + 1


# --- signals ----------------------------------------------------------------------------------------------------------


def test_a_signal_ends_it_soon_though_its_source_is_silent_and_nothing_is_lost(hub: Hub, tmp_path: Path) -> None:
    async def tiring(request: web.Request) -> web.StreamResponse:
        """A source that answers the first poll, and from then on nothing."""
        if len(hub.asked) >= REQUESTS_OF_A_POLL:
            hub.asked.append("in vain")
            await asyncio.sleep(PATIENCE)
        return await hub.answer(request)

    with serving(tiring) as url:
        paperboy = Paperboy(tmp_path, NOW, HUGGINGFACE_URL=url, EXAMPLES="no", POLL_MINUTES="0.005")
        assert paperboy.call("do", "/papers subscribe *").returncode == 0
        paperboy.start()
        paperboy.wait(lambda: "in vain" in hub.asked, "no second poll")
        begun = time.monotonic()
        assert paperboy.terminate(signal.SIGINT) == 0
        assert time.monotonic() - begun < SOON
    assert_all_posted_once(paperboy, hub)


def test_a_signal_in_the_middle_of_posting_loses_and_repeats_nothing(paperboy: Paperboy, hub: Hub) -> None:
    rooms = [f"#r{number}" for number in range(10)]
    lines = [line for room in rooms for line in (f"/join {room}", "/papers subscribe *")]
    hub.state = hub.pending = NOW - timedelta(days=9)
    assert paperboy.call("run", said="\n".join(lines)).returncode == 0
    hub.state = hub.pending = NOW
    paperboy.start()
    paperboy.wait(paperboy.count_posts, "nothing was posted")
    assert paperboy.terminate() == 0
    assert paperboy.call("run", "--once").returncode == 0
    for room in rooms:
        assert_all_posted_once(paperboy, hub, room)


def assert_all_posted_once(paperboy: Paperboy, hub: Hub, room: str = "#papers") -> None:
    assert sorted(posted(paperboy, room)) == sorted(item["paper"]["id"] for item in papers(hub))
    assert paperboy.errors == ""


# --- two processes ----------------------------------------------------------------------------------------------------


def test_a_second_run_on_the_same_database_is_refused_and_told_who_has_it(paperboy: Paperboy) -> None:
    paperboy.start()
    paperboy.type("help")
    assert_one_line(paperboy.call("run"), 1, str(paperboy.database), f"process {paperboy.pid}.")
    assert_one_line(paperboy.call("import", _empty(paperboy.folder)), 1, f"process {paperboy.pid}.")
    paperboy.kill()
    assert paperboy.call("run", "--once").returncode == 0, "the lock of a dead process holds nobody up"


def test_beside_a_running_one_a_command_may_read_and_is_told_why_it_may_not_write(paperboy: Paperboy) -> None:
    paperboy.start()
    paperboy.type("/papers subscribe diffusion")
    read = paperboy.call("do", "/papers subscriptions", "--json")
    assert (read.returncode, read.stderr) == (0, "")
    assert [s["query"] for s in json.loads(read.stdout)["data"]["subscriptions"]] == ["diffusion"]
    wrote = paperboy.call("do", "/papers subscribe video")
    assert (wrote.returncode, wrote.stderr) == (1, "")
    assert "Another Paperboy is running on this database. Type it there: /papers subscribe video" in wrote.stdout
    again = paperboy.call("do", "/papers subscriptions", "--json")
    assert again.stdout == read.stdout


def test_a_backup_of_a_running_one_is_sound_and_whole(paperboy: Paperboy) -> None:
    paperboy.start()
    paperboy.type("/papers subscribe diffusion")
    copy = paperboy.folder / "copy.db"
    assert paperboy.call("backup", str(copy)).returncode == 0
    with contextlib.closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
        assert connection.execute("select count(*) from paper").fetchone() == (35,)
        assert connection.execute("select query from subscription").fetchall() == [("diffusion",)]
    assert copy.stat().st_mode & 0o077 == 0
    assert_one_line(paperboy.call("backup", str(copy)), 1, "copy.db is there already")


# --- wrong use --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ((), "COMMAND"),
        (("bogus",), "'bogus'"),
        (("run", "--nope"), "--nope"),
        (("run", "cook"), '"cook" is no role'),
        (("run", "deliver:fax"), '"deliver:fax" is no role'),
        (("run", "poll:slack"), '"poll:slack" is no role'),
        (("run", "deliver:slack"), "PAPERBOY_PLATFORMS does not have"),
        (("slack", "manifest", "--url", "http://papers.example"), "https://"),
        (("do",), "/papers"),
        (("do", "/papers today", "--user", "two words"), "is no name"),
        (("backfill", "sample", "--since", "2025-01-01"), "'sample'"),
        (("backfill", "huggingface"), "--since"),
        (("backfill", "huggingface", "--since", "yesterday"), '"yesterday" is no day'),
        (("backfill", "huggingface", "--since", "2999-01-01"), "2999-01-01"),
        (("export",), "FILE"),
        (("import", "not-there.toml"), "not-there.toml cannot be read"),
    ],
)
def test_wrong_use_is_one_line_and_exit_code_2(paperboy: Paperboy, arguments: tuple[str, ...], word: str) -> None:
    called = paperboy.call(*arguments)
    assert_one_line(called, 2, word)
    assert called.stdout == ""


@pytest.mark.parametrize("arguments", [("run",), ("do", "/papers today"), ("export", "x.toml"), ("backup", "x.db")])
def test_a_file_that_is_no_database_is_one_sentence_and_stays_as_it_is(
    offline: Paperboy, arguments: tuple[str, ...]
) -> None:
    offline.database.write_bytes(b"not a database at all, but long enough to look like one" * 100)
    before = offline.database.read_bytes()
    assert_one_line(offline.call(*arguments), 1, "paperboy.db is not a database, or damaged.")
    assert offline.database.read_bytes() == before


def test_a_database_damaged_in_its_middle_is_one_sentence(paperboy: Paperboy) -> None:
    assert paperboy.call("run", "--once").returncode == 0
    with paperboy.database.open("r+b") as file:
        for page in range(1, paperboy.database.stat().st_size // 4096):
            file.seek(page * 4096)
            file.write(b"\xff" * 512)
    for arguments in (("run",), ("do", "/papers subscriptions")):
        called = paperboy.call(*arguments)
        assert called.returncode == 1, arguments
        assert "Traceback" not in called.stderr + called.stdout
        assert "damaged" in called.stderr + called.stdout
    assert paperboy.call("doctor").returncode == 1


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    elsewhere = Paperboy(tmp_path, NOW, SOURCES="sample")
    for path, word in ((tmp_path / "file" / "p.db", "folder"), (tmp_path / "none" / "p.db", "no folder")):
        elsewhere.environ["PAPERBOY_DATABASE"] = str(path)
        assert_one_line(elsewhere.call("run"), 1, str(path), word)


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_folder_without_the_right_to_write_is_one_sentence(paperboy: Paperboy) -> None:
    closed = paperboy.folder / "closed"
    closed.mkdir(mode=0o500)
    paperboy.environ["PAPERBOY_DATABASE"] = str(closed / "p.db")
    assert_one_line(paperboy.call("run"), 1, "closed")


def test_an_unknown_or_wrong_setting_is_one_line_with_the_likely_one(offline: Paperboy) -> None:
    offline.environ["PAPERBOY_DATABSE"] = "x"
    assert_one_line(offline.call("run"), 2, "PAPERBOY_DATABSE", "did you mean PAPERBOY_DATABASE?")
    del offline.environ["PAPERBOY_DATABSE"]
    offline.environ["PAPERBOY_TICK_SECONDS"] = "never"
    assert_one_line(offline.call("run"), 2, "PAPERBOY_TICK_SECONDS", "never")
    del offline.environ["PAPERBOY_TICK_SECONDS"]
    (offline.folder / ".env").write_text("PAPERBOY_POLL_MINUTES=0\n")
    assert_one_line(offline.call("run"), 2, "PAPERBOY_POLL_MINUTES")


def test_what_cannot_be_done_is_said_clearly_one_answer_after_the_other(paperboy: Paperboy) -> None:
    cases = {
        f"/papers subscribe {'a ' * 5000}": "This query has 9,999 characters; at most 200 are allowed.",
        f"/papers subscribe {'(' * 190}": "more than 20 deep",
        f"/papers {'x' * 70_000}": "That line is longer than 64 KB; it was not read.",
        "/papers show 2509.99999": "2509.99999",
        "/papers cite 2509.99999": "2509.99999",
        "/papers unsubscribe id:7": "There is no subscription #7 here.",
        "/papers subscribe -diffusion": "diffusion",
        "/papers frobnicate": 'I do not know the command "frobnicate"',
    }
    called = paperboy.call("run", said="\n".join(cases))
    assert (called.returncode, called.stderr) == (0, "")
    answers = re.split(r"^> .*$", called.stdout, flags=re.MULTILINE)
    assert "Traceback" not in called.stdout
    assert "Something broke" not in called.stdout
    said = "\n".join(answers)
    assert [answer for answer in cases.values() if answer not in said] == []


@pytest.mark.parametrize("command", ["/papers show 2509.99999", f"/papers subscribe {'a ' * 5000}"])
def test_a_refused_command_fails_in_text_and_in_json(paperboy: Paperboy, command: str) -> None:
    called = paperboy.call("do", command, "--json")
    assert (called.returncode, called.stderr) == (1, "")
    answer = json.loads(called.stdout)
    assert answer["ok"] is False
    assert answer["data"]["error"]


# --- the other jobs ---------------------------------------------------------------------------------------------------


def test_a_backfill_that_was_killed_goes_on_without_asking_again(hub: Hub, tmp_path: Path) -> None:
    killed = False
    days = [f"2025-09-{day:02}" for day in range(16, 5, -1)]

    async def slow_at_last(request: web.Request) -> web.StreamResponse:
        answer = await hub.answer(request)
        if asked_days(hub)[-1] == "2025-09-12" and not killed:
            await asyncio.sleep(PATIENCE)
        return answer

    with serving(slow_at_last) as url:
        paperboy = Paperboy(tmp_path, NOW, HUGGINGFACE_URL=url)
        backfill = ("backfill", "huggingface", "--since", days[-1])
        paperboy.start(*backfill)
        paperboy.wait(lambda: "2025-09-12" in asked_days(hub), "the day was never asked for")
        paperboy.kill()
        assert asked_days(hub) == days[:5]
        killed = True
        called = paperboy.call(*backfill)
        assert called.returncode == 0
        assert asked_days(hub) == [*days[:5], *days[4:]], "only the day it was killed at is asked for twice"
        assert paperboy.call(*backfill).stdout == "huggingface: 0 papers from 2025-09-06 to 2025-09-16.\n"
        assert asked_days(hub) == [*days[:5], *days[4:]]
    with paperboy.reading_a_copy() as connection:
        assert connection.execute("select count(*) from paper").fetchone() == (25,)
        assert connection.execute("select count(*) from delivery").fetchone() == (0,)


def asked_days(hub: Hub) -> list[str]:
    return [day[1] for asked in hub.asked if (day := re.search(r"date=([\d-]+)", asked))]


def test_subscriptions_travel_to_a_new_database_and_back(paperboy: Paperboy, url: str) -> None:
    lines = [
        '/papers subscribe "video generation" OR "world model" -survey every:daily at:08:30 max:5',
        "/papers admin settings timezone:Europe/Berlin quiet:22:00-07:00 format:line cap:7",
        "/join #nlp",
        "/papers subscribe votes>=50 mention:@readers",
        "/as mei",
        "/papers alert add author:hinton every:weekly on:friday",
    ]
    assert paperboy.call("run", said="\n".join(lines)).returncode == 0
    first, second = paperboy.folder / "first.toml", paperboy.folder / "second.toml"
    assert f"{first}: 3 subscriptions at 3 places of " in paperboy.call("export", str(first)).stdout
    assert_one_line(paperboy.call("export", str(first)), 1, "first.toml is there already")
    paperboy.environ["PAPERBOY_DATABASE"] = str(paperboy.folder / "new.db")
    called = paperboy.call("import", str(first))
    assert (called.returncode, called.stderr) == (0, "")
    assert called.stdout.count("added: ") >= 3
    assert paperboy.call("export", str(second)).returncode == 0
    assert second.read_text() == first.read_text()


def test_the_doctor_is_content_with_a_sound_one_and_says_what_is_bad(paperboy: Paperboy, hub: Hub) -> None:
    called = paperboy.call("doctor")
    assert (called.returncode, called.stderr) == (0, "")
    assert "hint  database: There is no database at" in called.stdout
    assert "ok    huggingface: answers" in called.stdout
    assert not paperboy.database.exists(), "it only looks"
    assert paperboy.call("run", "--once").returncode == 0
    called = paperboy.call("doctor")
    assert (called.returncode, called.stderr) == (0, "")
    assert "ok    database: sound; 35 papers" in called.stdout
    paperboy.environ["PAPERBOY_HUGGINGFACE_URL"] = "http://127.0.0.1:1"
    called = paperboy.call("doctor")
    assert called.returncode == 1
    assert "bad   huggingface: 127.0.0.1 cannot be reached" in called.stdout


def _empty(folder: Path) -> str:
    path = folder / "empty.toml"
    path.write_text("")
    return str(path)
