"""How quickly people are answered while Paperboy is busy posting: 300 commands of 30 people on Slack and Discord.

Run ``.venv/bin/python -m bench.answers [COMMANDS] [MESSAGES]``. Paperboy is a process of its own; Slack, Discord and
Hugging Face are the stand-ins of the tests, in threads of this one. First nothing waits; then a list of papers arrives
that makes so many messages, and while they go out the same commands are given again. Seconds, by platform: until Slack
or Discord heard that an answer comes (both give up after 3), and until somebody can read it. The stand-ins check every
body they are sent and share the machine, so the figures are upper bounds.
"""

import asyncio
import math
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bot import portable
from tests.flow.chats import Item, Newsstand, changed, environment, items
from tests.flow.hub import serving
from tests.standins import discord as discord_standin
from tests.standins.discord import Discord
from tests.standins.discord_world import Channel, User
from tests.standins.slack import Slack, hosted

PEOPLE = 30
PAPERS = 100
IN_A_MESSAGE = 10
THINKING = (0.5, 2.0)
"""Seconds between two commands of one person."""
LATE = 1.0
"""Seconds that 99 of 100 acknowledgements must take less than."""


@dataclass
class Timed:
    """Seconds of each command."""

    acknowledged: list[float] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)

    def lines(self, name: str) -> Iterator[str]:
        for what, seconds in (("acknowledged", self.acknowledged), ("answered", self.answered)):
            told = " ".join(f"{label} {1000 * of(seconds, part):5.0f} ms" for label, part in PARTS)
            yield f"{name:8} {what:12} {len(seconds):4} commands  {told}"


PARTS = (("p50", 0.5), ("p99", 0.99), ("max", 1.0))


def of(seconds: Sequence[float], part: float) -> float:
    """The time that this part of all stays within."""
    return sorted(seconds)[max(0, math.ceil(part * len(seconds)) - 1)]


@dataclass
class Town:
    """The stand-ins, ``channels`` at each platform, and a process between them."""

    slack: Slack
    discord: Discord
    stand: Newsstand
    rooms: list[Channel]
    process: "subprocess.Popen[bytes]"

    @property
    def posted(self) -> int:
        there = sum(call.method == "chat.postMessage" for call in self.slack.calls)
        return there + len(self.discord.requests("POST", "/channels/{channel_id}/messages"))


@contextmanager
def town(folder: Path, channels: int) -> Iterator[Town]:
    with ExitStack() as stack:
        slack = stack.enter_context(hosted())
        discord = stack.enter_context(discord_standin.serving(Discord()))
        stand = Newsstand(lambda: time.time_ns() // 1_000_000)
        url = stack.enter_context(serving(stand.answer))
        guild = discord.guild("Town", [f"c{number}" for number in range(channels)])
        rooms = [discord.channel(guild, f"c{number}") for number in range(channels)]
        places = [("discord", str(guild.id), str(room.id)) for room in rooms]
        places += [
            ("slack", slack.lab.id, slack.add_channel(slack.lab, f"c{n}", joined=True).id) for n in range(channels)
        ]
        settings = {
            "TICK_SECONDS": "1",
            "POLL_MINUTES": "0.02",
            "LOG_LEVEL": "ERROR",
            "MAX_SUBSCRIPTIONS_PER_SPACE": "500",
        }
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PAPERBOY_")}
        environ = kept | environment(folder, slack, discord, url) | {"PYTHONPATH": str(Path.cwd())}
        environ |= {f"PAPERBOY_{name}": value for name, value in settings.items()}
        (folder / "town.toml").write_text(_subscriptions(places))
        paperboy = [sys.executable, "-m", "bot"]
        subprocess.run([*paperboy, "import", "town.toml"], cwd=folder, env=environ, check=True, capture_output=True)
        process = subprocess.Popen([*paperboy, "run"], cwd=folder, env=environ)
        stack.callback(process.wait, 30)
        stack.callback(process.terminate)
        until(lambda: slack.sockets.opened and discord.gateway.connected)
        yield Town(slack, discord, stand, rooms, process)


def _subscriptions(places: Sequence[tuple[str, str, str]]) -> str:
    line = portable.Line(query="*")
    return portable.dump([portable.Entry(platform=p, space=s, room=r, subscriptions=(line,)) for p, s, r in places])


def until(condition: object, seconds: float = 60) -> None:
    ends = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < ends, "it never came to that"
        time.sleep(0.05)


def news() -> list[Item]:
    """As many papers as one target takes a day."""
    known = items()
    return [changed(known[n % len(known)], id=f"2611.{n:05}") for n in range(PAPERS)]


# --- people -----------------------------------------------------------------------------------------------------------

ASKED: tuple[tuple[str, dict[str, str]], ...] = (
    ("today", {}), ("show", {"paper": "2611.00003"}), ("search", {"query": "language model"}), ("subscriptions", {}),
    ("status", {}), ("help", {}), ("save", {"paper": "2611.00007"}), ("similar", {"paper": "2611.00005"}),
    ("preview", {"query": "reasoning votes>=5"}), ("why", {"paper": "2611.00001"}), ("saved list", {}),
)  # fmt: skip


async def people(town: Town, commands: int) -> dict[str, Timed]:
    """Half of them on each platform, each with a command now and then."""
    timed = {"slack": Timed(), "discord": Timed()}
    each = commands // PEOPLE
    somebody = [town.discord.user(f"d{number}") for number in range(PEOPLE // 2)]
    await asyncio.gather(
        *(_at_discord(town, user, each, number, timed["discord"]) for number, user in enumerate(somebody)),
        *(asyncio.to_thread(_at_slack, town, each, number, timed["slack"]) for number in range(PEOPLE // 2)),
    )
    return timed


def _script(number: int, amount: int) -> Iterator[tuple[str, dict[str, str], float]]:
    chance = random.Random(number)
    for _ in range(amount):
        command, options = chance.choice(ASKED)
        yield command, options, chance.uniform(*THINKING)


async def _at_discord(town: Town, user: User, amount: int, number: int, timed: Timed) -> None:
    for command, options, thinking in _script(number, amount):
        await asyncio.sleep(thinking)
        answer = await town.discord.slash(user, "papers", command, options, where=town.rooms[number], seconds=60)
        timed.acknowledged.append(answer.acked_after)
        timed.answered.append(answer.times[1])


def _at_slack(town: Town, amount: int, number: int, timed: Timed) -> None:
    user = town.slack.add_user(town.slack.lab, f"s{number}")
    for command, options, thinking in _script(PEOPLE + number, amount):
        time.sleep(thinking)
        line = " ".join([command, *(f'{name}:"{value}"' for name, value in options.items())])
        begun = time.monotonic()
        answer = town.slack.call(town.slack.slash(user, "/papers", line, f"c{number}", wait=False), 60)
        until(lambda answer=answer: answer.messages)
        timed.answered.append(time.monotonic() - begun)
        timed.acknowledged.append(answer.acked if answer.acked is not None else math.inf)


def told(title: str, timed: dict[str, Timed]) -> None:
    print(title)
    print("\n".join(line for name, one in timed.items() for line in one.lines(f"  {name}")))


def main(commands: int, messages: int) -> int:
    channels = messages * IN_A_MESSAGE // PAPERS // 2
    with tempfile.TemporaryDirectory() as name, town(Path(name), channels) as here:
        print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, {PEOPLE} people")
        time.sleep(3)
        told("while nothing waits", asyncio.run(people(here, commands)))
        here.stand.publish(*news())
        begun = time.monotonic()
        busy = asyncio.run(people(here, commands))
        said = (
            f"{here.posted:,} of {2 * channels * PAPERS // IN_A_MESSAGE:,} messages in {time.monotonic() - begun:.0f} s"
        )
        told(f"while papers are matched and posted, {said}", busy)
    acknowledged = [seconds for one in busy.values() for seconds in one.acknowledged]
    return int(of(acknowledged, 0.99) > LATE)


if __name__ == "__main__":
    sys.exit(main(*(int(text) for text in (sys.argv[1:] + ["300", "2000"][len(sys.argv) - 1 :]))))
