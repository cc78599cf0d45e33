"""Paperboy as a process of its own between Slack and Discord, and what was posted there.

The stand-ins live in threads of this process and keep the time that the process reads.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from tests.flow.chats import Newsstand, environment, items, said, shown
from tests.flow.hub import serving
from tests.flow.running import PATIENCE, Paperboy
from tests.planted import planted
from tests.standins import discord as discord_standin
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
    "SLACK_BOT_TOKEN": planted("xoxb-1111-2222-", "ofthebot"),
    "SLACK_APP_TOKEN": planted("xapp-1-A1-3333-", "oftheapp"),
    "DISCORD_TOKEN": planted("ofdiscord.Gabcde."),
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


@contextmanager
def placed(
    folder: Path,
    *,
    paperboy: Paperboy | None = None,
    newsstand: Callable[[Callable[[], int]], Newsstand] = Newsstand,
    channels: int = CHANNELS,
    **settings: str,
) -> Iterator[Place]:
    """``channels`` on each platform. Another process or newsstand (it is given the clock) may take the usual place."""
    paperboy = paperboy or Paperboy(folder, datetime.now(UTC))

    def clock() -> int:
        return int(paperboy.clock.read_text())

    with ExitStack() as stack:
        slack = stack.enter_context(hosted(clock=lambda: clock() / 1000))
        discord = Discord(clock=clock, identify_pause=0.0, token=SECRETS["DISCORD_TOKEN"])
        stack.enter_context(discord_standin.serving(discord))
        stand = newsstand(clock)
        slack.bot.token, slack.app_token = SECRETS["SLACK_BOT_TOKEN"], SECRETS["SLACK_APP_TOKEN"]
        paperboy.environ |= environment(folder, slack, discord, stack.enter_context(serving(stand.answer)))
        quick = {"TICK_SECONDS": "0.1", "POLL_MINUTES": "0.01", "LOG_LEVEL": "DEBUG", **settings}
        paperboy.environ |= {f"PAPERBOY_{name}": value for name, value in quick.items()}
        guild = discord.guild("Reading group", [f"c{number}" for number in range(channels)])
        for number in range(channels):
            slack.add_channel(slack.lab, f"c{number}", joined=True)
        rooms = [discord.channel(guild, f"c{number}") for number in range(channels)]
        stack.callback(paperboy.close)
        yield Place(paperboy, slack, discord, stand, rooms)
