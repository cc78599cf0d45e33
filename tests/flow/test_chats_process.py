"""Paperboy as a process of its own between Slack and Discord: killed in the middle, misconfigured, and its secrets.

The stand-ins live in threads of this process and keep the time that the process reads.
"""

import asyncio
import socket
import time
from collections.abc import Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from cryptography.fernet import Fernet

from tests.adapters.at_slack import free_port
from tests.flow.chats import Newsstand, environment, items, said, shown
from tests.flow.hub import serving
from tests.flow.running import PATIENCE, Paperboy
from tests.standins import discord as discord_standin
from tests.standins import discord_faults
from tests.standins.discord import Discord
from tests.standins.discord_world import Channel
from tests.standins.slack import Slack, hosted

T = TypeVar("T")

PAPERS = items()
NEWS = PAPERS[:30]
KEYS = sorted(item["paper"]["id"] for item in NEWS)
CHANNELS = 8
AFTER_LEASE = timedelta(minutes=2)
"""Longer than anybody may hold a message that was being sent when they died."""
SECRETS = {
    "SLACK_BOT_TOKEN": "xoxb-1111-2222-secretofthebot",
    "SLACK_APP_TOKEN": "xapp-1-A1-3333-secretoftheapp",
    "DISCORD_TOKEN": "secretofdiscord.Gabcde.restofit",
}


@dataclass
class Place:
    """A process between stand-ins; not started yet."""

    paperboy: Paperboy
    slack: Slack
    discord: Discord
    stand: Newsstand
    rooms: list[Channel]

    def at_slack(self, doing: Coroutine[Any, Any, T]) -> T:
        return self.slack.call(doing)

    def at_discord(self, doing: Coroutine[Any, Any, T]) -> T:
        return asyncio.run(doing)

    def start(self) -> None:
        before = self.slack.sockets.opened, len(self.discord.gateway.started)
        self.paperboy.start()
        self.paperboy.wait(lambda: self.slack.sockets.opened > before[0], "no connection to Slack")
        self.paperboy.wait(lambda: len(self.discord.gateway.started) > before[1], "no session at Discord")

    def subscribe(self) -> None:
        """Every channel of both, to everything."""
        for room in self.rooms:
            answer = self.discord.slash(self.rooms[0].guild.owner, "papers", "subscribe", {"query": "*"}, where=room)  # type: ignore[union-attr]
            assert "Subscription #1" in self.at_discord(answer).text
        for number in range(CHANNELS):
            typed = self.slack.slash(self.slack.manager, "/papers", "subscribe *", f"c{number}")
            assert self.at_slack(typed).messages

    def has_read(self) -> bool:
        with self.paperboy.reading() as connection:
            return bool(connection.execute("select count(*) from paper").fetchone()[0])

    def publish(self) -> None:
        self.stand.publish(*NEWS)

    @property
    def posted(self) -> list[list[str]]:
        """By channel of both, the papers shown there, as often as they are."""
        here = [[key for m in self.discord.messages(room) for key in shown(said(m))] for room in self.rooms]
        there = [self.slack.messages(f"c{number}") for number in range(CHANNELS)]
        return here + [[key for m in messages if m.metadata for key in shown(m.blocks)] for messages in there]

    def count(self) -> int:
        return sum(map(len, self.posted))

    @property
    def whole(self) -> int:
        """How many papers there are to be in all channels."""
        return 2 * CHANNELS * len(KEYS)

    def wait_for_a_post(self) -> None:
        """Or for nothing, where everything is posted."""
        before = self.count()
        self.paperboy.wait(lambda: before == self.whole or self.count() > before, "nothing was posted")

    def go_on(self, *, at_least: int) -> None:
        """Let time go by until so much was posted: while nothing is on its way, quickly, for much is put off."""
        ends = time.monotonic() + PATIENCE
        while self.count() < at_least:
            assert time.monotonic() < ends, f"only {self.count()} of {at_least} were posted"
            time.sleep(0.2)
            with self.paperboy.reading() as connection:
                (sending,) = connection.execute("select count(*) from message where state = 'sending'").fetchone()
            self.paperboy.set_clock(self.paperboy.now + timedelta(seconds=0.2 if sending else 15))

    def secrets_found(self, *more: str) -> list[tuple[str, str]]:
        """Where in everything the process wrote a secret stands: (file, secret)."""
        files = [path for path in self.paperboy.folder.rglob("*") if path.is_file()]
        held = [*SECRETS.values(), *more]
        return [(str(path), secret) for path in files for secret in held if secret.encode() in path.read_bytes()]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with placed(tmp_path) as place:
        yield place
        assert place.slack.violations == place.discord.violations == []
        assert place.slack.late == []


@contextmanager
def placed(folder: Path, **settings: str) -> Iterator[Place]:
    paperboy = Paperboy(folder, datetime.now(UTC))

    def clock() -> int:
        return int(paperboy.clock.read_text())

    with ExitStack() as stack:
        slack = stack.enter_context(hosted(clock=lambda: clock() / 1000))
        discord = Discord(clock=clock, identify_pause=0.0, token=SECRETS["DISCORD_TOKEN"])
        stack.enter_context(discord_standin.serving(discord))
        stand = Newsstand(clock)
        slack.bot.token, slack.app_token = SECRETS["SLACK_BOT_TOKEN"], SECRETS["SLACK_APP_TOKEN"]
        paperboy.environ |= environment(folder, slack, discord, stack.enter_context(serving(stand.answer)))
        quick = {"TICK_SECONDS": "0.1", "POLL_MINUTES": "0.01", "LOG_LEVEL": "DEBUG", **settings}
        paperboy.environ |= {f"PAPERBOY_{name}": value for name, value in quick.items()}
        guild = discord.guild("Reading group", [f"c{number}" for number in range(CHANNELS)])
        for number in range(CHANNELS):
            slack.add_channel(slack.lab, f"c{number}", joined=True)
        rooms = [discord.channel(guild, f"c{number}") for number in range(CHANNELS)]
        stack.callback(paperboy.close)
        yield Place(paperboy, slack, discord, stand, rooms)


# --- killed -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("chance", "kills"), [(0, 3), (0.04, 1)], ids=["calm", "stormy"])
def test_killed_in_the_middle_of_posting_nothing_is_lost_or_twice(place: Place, chance: float, kills: int) -> None:
    place.stand.publish(PAPERS[-1])
    place.start()
    place.paperboy.wait(place.has_read, "no first poll")
    place.subscribe()
    place.slack.weather(7, {"500 after": chance, "reset after": chance, "reset before": chance}, "chat.postMessage")
    stormy: dict[discord_faults.Kind, float] = {"500 after": chance, "reset after": chance, "reset": chance}
    place.discord.weather(7, stormy, method="POST", path=r"/channels/\d+/messages")
    place.publish()
    killed = 0
    while killed < kills:
        place.wait_for_a_post()
        if place.count() == place.whole:
            break
        killed += 1
        place.paperboy.kill()
        place.paperboy.set_clock(place.paperboy.now + AFTER_LEASE)
        place.start()
    assert killed, "it was never killed in the middle"
    place.go_on(at_least=place.whole)
    place.paperboy.wait(place.paperboy.is_idle, "something is still under way")
    assert place.paperboy.terminate() == 0
    assert [sorted(keys) for keys in place.posted] == [KEYS] * (2 * CHANNELS)
    assert place.secrets_found() == []
    struck = [*place.slack.faults.done.values(), *place.discord.faults.happened.values()]
    assert (sum(struck) > 5) == bool(chance)


def test_buttons_of_messages_from_before_a_kill_still_work(place: Place) -> None:
    place.stand.publish(PAPERS[-1])
    place.start()
    place.paperboy.wait(place.has_read, "no first poll")
    place.subscribe()
    place.stand.publish(PAPERS[0])
    place.paperboy.wait(lambda: place.count() == 2 * CHANNELS, "not everything was posted")
    place.paperboy.kill()
    place.start()
    (here,) = [m for m in place.discord.messages(place.rooms[0]) if m.embeds]
    (there,) = [m for m in place.slack.messages("c0") if m.metadata]
    somebody = place.discord.user("somebody")
    assert "Saved" in place.at_discord(place.discord.click(here, "Save", user=somebody)).text
    pressed = place.at_slack(place.slack.press(there, "Save", by=place.slack.reader))
    assert "Saved" in str(pressed.message.blocks)


# --- wrong settings ---------------------------------------------------------------------------------------------------

WRONG = "xoxb-9999-wrongbutsecret"
MISTAKES = [
    ({"SLACK_BOT_TOKEN": WRONG}, "PAPERBOY_SLACK_BOT_TOKEN"),
    ({"SLACK_APP_TOKEN": "xapp-9-wrongbutsecret"}, "PAPERBOY_SLACK_APP_TOKEN"),
    ({"SLACK_APP_TOKEN": ""}, "PAPERBOY_SLACK_APP_TOKEN"),
    ({"SLACK_BOT_TOKEN": "xapp-9-wrongbutsecret"}, "PAPERBOY_SLACK_BOT_TOKEN"),
    ({"SLACK_SIGNING_SECRET": "wrongbutsecret"}, "PAPERBOY_SLACK_SIGNING_SECRET"),
    ({"DISCORD_TOKEN": "wrongbutsecret.of.discord"}, "PAPERBOY_DISCORD_TOKEN"),
    ({"DISCORD_TOKEN": "Bot wrongbutsecret.of.discord"}, "PAPERBOY_DISCORD_TOKEN"),
    ({"DISCORD_TOKEN": ""}, "PAPERBOY_DISCORD_TOKEN"),
    ({"KEY": "wrongbutsecret"}, "PAPERBOY_KEY"),
]


@pytest.mark.parametrize(("wrong", "named"), MISTAKES)
def test_a_wrong_token_is_one_line_that_names_it_and_exit_code_2(
    place: Place, wrong: dict[str, str], named: str
) -> None:
    place.paperboy.environ |= {f"PAPERBOY_{name}": value for name, value in wrong.items()}
    place.paperboy.environ["PAPERBOY_LOG_LEVEL"] = "WARNING"
    called = place.paperboy.call("run")
    assert called.returncode == 2, called
    assert called.stdout == ""
    (line,) = called.stderr.splitlines()
    assert named in line
    assert "wrongbutsecret" not in line
    assert place.secrets_found("wrongbutsecret") == []


def test_the_doctor_says_which_token_is_wrong_and_what_to_do_and_shows_none(place: Place) -> None:
    well = place.paperboy.call("doctor")
    assert well.returncode == 0, well
    place.paperboy.environ |= {"PAPERBOY_DISCORD_TOKEN": "wrongbutsecret.of.discord", "PAPERBOY_SLACK_BOT_TOKEN": WRONG}
    ill = place.paperboy.call("doctor")
    assert ill.returncode == 1
    bad = [line for line in ill.stdout.splitlines() if line.startswith("bad")]
    assert {"slack", "discord"} <= {word for line in bad for word in line.lower().replace(":", " ").split()}
    said = well.stdout + well.stderr + ill.stdout + ill.stderr
    assert [secret for secret in (*SECRETS.values(), "wrongbutsecret") if secret in said] == []


# --- secrets ----------------------------------------------------------------------------------------------------------


def test_what_opens_many_workspaces_stands_nowhere_in_what_it_writes(tmp_path: Path) -> None:
    port, key = free_port(), Fernet.generate_key().decode()
    many = {
        "SLACK_BOT_TOKEN": "", "SLACK_APP_TOKEN": "", "SLACK_CLIENT_SECRET": "secretoftheclient",
        "SLACK_SIGNING_SECRET": "secretofsigning", "SLACK_LISTEN": f"127.0.0.1:{port}",
        "SLACK_PUBLIC_URL": f"http://127.0.0.1:{port}", "KEY": key,
    }  # fmt: skip
    with placed(tmp_path, **many) as place:
        slack = place.slack
        slack.client_secret, slack.signing_secret = many["SLACK_CLIENT_SECRET"], many["SLACK_SIGNING_SECRET"]
        place.paperboy.environ |= {
            "PAPERBOY_SLACK_CLIENT_ID": slack.client_id,
            "PAPERBOY_SLACK_AUTHORIZE_URL": slack.authorize_url,
        }
        slack.installs.clear()
        slack.requests.address = f"http://127.0.0.1:{port}/slack/events"
        place.paperboy.start()
        place.paperboy.wait(lambda: _listens(port), "nobody listens")
        page = place.at_slack(slack.visit_install(f"http://127.0.0.1:{port}/slack/install", slack.lab))
        assert page.status == 200
        answer = place.at_slack(slack.slash(slack.reader, "/papers", "help"))
        assert "/papers" in answer.message.text
        assert place.paperboy.terminate() == 0
        (token,) = [install.token for install in slack.installs]
        held = (token, key, *(many[name] for name in ("SLACK_CLIENT_SECRET", "SLACK_SIGNING_SECRET")))
        assert place.secrets_found(*held) == []


def _listens(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


# --- the beginning and the end ----------------------------------------------------------------------------------------


def test_roles_divide_the_work_and_serving_one_platform_leaves_the_other_alone(place: Place) -> None:
    place.paperboy.start("run", "serve:discord")
    place.paperboy.wait(lambda: place.discord.gateway.connected, "no session at Discord")
    answer = place.discord.slash(place.discord.user("somebody"), "papers", "help", where=place.rooms[0])
    assert "/papers" in place.at_discord(answer).text
    assert place.paperboy.terminate() == 0
    assert place.slack.sockets.opened == 0
