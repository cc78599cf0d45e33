"""The real process between both chats, at its most talkative and in the worst weather: no secret leaves it.

Whatever it wrote lies in the test's folder, which the nets of ``conftest.py`` search too.
"""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.flow.places import PAPERS, Place, placed
from tests.flow.running import PATIENCE
from tests.planted import MARK, found_in, found_under
from tests.standins import discord_faults

CHANCE = 0.06


def in_bad_weather(place: Place) -> None:
    place.slack.weather(11, dict.fromkeys(("500 after", "reset after", "reset before"), CHANCE), ".*")
    kinds: dict[discord_faults.Kind, float] = dict.fromkeys(("500", "500 after", "reset", "reset after"), CHANCE)
    place.discord.weather(11, kinds, path=".*")


def everything(place: Place) -> None:
    """Lines, letters, links and pages, some of which come to nothing in this weather."""
    somebody, room = place.discord.user("somebody"), place.rooms[0]
    reader, key = place.slack.reader, PAPERS[0]["paper"]["id"]
    shown = place.discord.slash(somebody, "papers", "show", {"paper": key}, where=room)
    typed = place.discord.autocomplete(somebody, "papers", "show", ("paper", ""), where=room)
    links = place.slack.link_shared("c0", [f"https://arxiv.org/abs/{key}"], reader)
    line, home = place.slack.slash(reader, "/papers", f"show {key}", "c0"), place.slack.open_home(reader)
    for at_discord in (shown, typed):
        _tried(place, place.at_discord, at_discord)
    for at_slack in (line, home, links):
        _tried(place, place.at_slack, at_slack)


def _tried(place: Place, run: Any, doing: Any) -> None:
    """Where nobody answers in time, what was written of that is looked at all the same."""
    with suppress(AssertionError):
        run(doing)
    assert place.paperboy.pid


def test_at_debug_and_in_the_worst_weather_no_secret_is_written_anywhere(tmp_path: Path) -> None:
    with placed(tmp_path, LOG_LEVEL="DEBUG") as place:
        place.stand.publish(PAPERS[-1])
        place.start()
        place.paperboy.wait(place.has_read, "no first poll")
        place.subscribe()
        in_bad_weather(place)
        place.stand.publish(*PAPERS[:3])
        everything(place)
        said = [place.paperboy.call(*job) for job in (("backup", "copy.db"), ("export", "all.toml"), ("doctor",))]
        assert place.paperboy.terminate() == 0
        assert all(MARK in token for token in place.discord.world.answers)
        assert place.discord.world.answers
        assert sum([*place.slack.faults.done.values(), *place.discord.faults.happened.values()]) > 3
        place.slack.violations.clear()
        errors = place.paperboy.errors
    assert errors.count("\n") > 20, "there was something to search"
    assert found_under(tmp_path) == {}
    assert [found_in(done.stdout + done.stderr) for done in said] == ["", "", ""]


def test_the_last_words_of_a_process_that_is_struck_down_hold_no_secret(tmp_path: Path) -> None:
    with placed(tmp_path) as place:
        place.paperboy.environ["PYTHONFAULTHANDLER"] = "1"  # as the command line switches it on
        place.start()
        os.kill(place.paperboy.pid, signal.SIGABRT)
        ends = time.monotonic() + PATIENCE
        while "Fatal Python error: Aborted" not in place.paperboy.errors:
            assert time.monotonic() < ends
            time.sleep(0.05)
    assert found_under(tmp_path) == {}
