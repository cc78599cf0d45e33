"""A Paperboy between Slack, Discord and two sources, each at the end of a network of its own that can fail.

Rooms have topics: a paper is for the rooms of the topic that is its title's first word.
"""

import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.portable import Entry, Line, dump
from tests.faults.chat_cards import cards
from tests.faults.inspecting import harm
from tests.faults.network_sources import Name, Press
from tests.flow.chats import said
from tests.flow.hub import serving
from tests.flow.places import Place, placed
from tests.flow.running import Paperboy
from tests.standins.discord_world import Channel as DiscordChannel
from tests.standins.slack_faults import Pace
from tests.standins.slack_world import Channel as SlackChannel

_MONTHS: dict[Name, str] = {"huggingface": "2611", "arxiv": "2612"}
_STEP = 0.1
_HURRY = 12.0
"""Seconds by which the clock is set ahead while nothing is on its way."""
_PACE = 1.5
"""By how much the clock is faster while something is: with the above, a call of ten seconds ends within its lease."""
PATIENCE = 120
"""Seconds in which whatever should happen has happened."""
_COMPLAINTS = ("Traceback", " ERROR ", " CRITICAL ")


@dataclass
class Rooms:
    """Of one topic, on both platforms, and which papers they are to get."""

    topic: str
    discord: list[DiscordChannel]
    slack: list[SlackChannel]
    papers: list[str] = field(default_factory=list)


class Net:
    """``presses`` are the sources. Nothing is lost or repeated for a topic when ``count`` says (0, 0)."""

    def __init__(self, place: Place, presses: dict[Name, Press], ports: dict[str, str]) -> None:
        self.place, self.presses, self.ports = place, presses, ports
        self.paperboy = place.paperboy
        self.topics: dict[str, Rooms] = {}
        self._published = 0

    # --- setting up ---

    def add_rooms(self, topic: str, subject: str, discord: int, slack: int) -> Rooms:
        """So many on each, which are to get every paper about ``subject``."""
        guild, lab = self.place.discord.guild(topic), self.place.slack.lab
        here = [self.place.discord.channel(guild, f"{topic}-{n}") for n in range(discord)]
        there = [self.place.slack.add_channel(lab, f"{topic}-{n}", joined=True) for n in range(slack)]
        self.topics[topic] = Rooms(subject, here, there)
        return self.topics[topic]

    def subscribe(self) -> None:
        """All rooms, by a file that is imported."""
        file = self.paperboy.folder / "subscriptions.toml"
        entries = [entry for rooms in self.topics.values() for entry in _entries(rooms, self.place.slack.lab.id)]
        file.write_text(dump(entries), encoding="utf-8")
        called = self.paperboy.call("import", str(file))
        assert called.returncode == 0, called.stderr

    # --- what happens ---

    def publish(self, subject: str, source: Name = "huggingface") -> str:
        self._published += 1
        paper = f"{_MONTHS[source]}.{self._published:05}"
        self.presses[source].publish(paper, f"{subject} number {self._published}")
        for rooms in self.topics.values():
            if rooms.topic == subject:
                rooms.papers.append(paper)
        return paper

    def settles(self) -> bool:
        """Whether everything that was published is stored and posted in time."""
        return self.happens(lambda: self.has_read() and self.is_done())

    def happens(self, condition: Callable[[], object]) -> bool:
        """Let time go by until something is so, or for too long."""
        ends, last = time.monotonic() + PATIENCE, time.monotonic()
        while not condition():
            if time.monotonic() > ends:
                return False
            time.sleep(_STEP)
            passed, last = time.monotonic() - last, time.monotonic()
            under_way = self._value("select count(*) from message where state = 'sending'")
            self.advance(_PACE * passed if under_way else _HURRY)
        return True

    def advance(self, seconds: float) -> None:
        self.paperboy.set_clock(self.paperboy.now + timedelta(seconds=seconds))

    def has_read(self) -> bool:
        matched = "select count(*) from paper where revision = matched_revision"
        return self._value(matched) == self._published

    def is_done(self) -> bool:
        """Nothing waits, whenever it is due."""
        waits = "select count(*) from delivery where state in ('pending', 'framed', 'suspended')"
        return not self._value(waits)

    def _value(self, sql: str) -> int:
        with self.paperboy.reading() as connection:
            return int(connection.execute(sql).fetchone()[0])

    # --- names ---

    def forget_names(self, *which: str) -> None:
        """From here on these names cannot be resolved: discord, slack, or a source. None: all can again."""
        away = self.paperboy.folder / "unresolvable"
        away.write_text(" ".join(self.ports[name] for name in which))

    def unresolved(self, *which: str) -> int:
        """How often somebody asked for these names in vain."""
        seen = self.paperboy.folder / "unresolved"
        ports = Counter(seen.read_text().split()) if seen.exists() else Counter[str]()
        return sum(ports[self.ports[name]] for name in which)

    # --- what became of it ---

    def shows(self, topic: str, paper: str) -> bool:
        """Whether all rooms of a topic show a paper."""
        return all(paper in found for found in self._found(self.topics[topic]))

    def count(self, topic: str) -> tuple[int, int]:
        """How many posts are missing, and how many are there too often."""
        rooms = self.topics[topic]
        found = self._found(rooms)
        lost = sum(paper not in room for room in found for paper in rooms.papers)
        return lost, sum(sum(room.values()) - len(room) for room in found)

    def _found(self, rooms: Rooms) -> list[Counter[str]]:
        here = [cards(json.dumps(said(m)) for m in self.place.discord.messages(room)) for room in rooms.discord]
        return here + [cards(json.dumps(m.blocks) for m in self.place.slack.messages(room)) for room in rooms.slack]

    def harm(self) -> Iterator[str]:
        """What else is wrong at the end: commands that nobody answers, complaints, rows, what the platforms refuse."""
        place = self.place
        if not self.happens(lambda: place.discord.gateway.connected and place.slack.sockets.opened):
            yield "it did not connect again"
            return
        somebody, room = place.discord.user("somebody"), next(r.discord[0] for r in self.topics.values() if r.discord)
        answer = place.at_discord(place.discord.slash(somebody, "papers", "help", where=room))
        if "/papers" not in answer.text:
            yield f"commands at Discord are answered with {answer.text!r}"
        typed = place.slack.slash(place.slack.reader, "/papers", "help")
        if "/papers" not in place.at_slack(typed).message.text:
            yield "commands at Slack are not answered as they should be"
        if code := place.paperboy.terminate():
            yield f"it ended with {code}"
        yield from (line for line in place.paperboy.errors.splitlines() if any(word in line for word in _COMPLAINTS))
        for topic, rooms in self.topics.items():
            shown = {paper for found in self._found(rooms) for paper in found}
            yield from (f"{paper} stands in rooms of {topic}" for paper in sorted(shown - set(rooms.papers)))
        yield from (*place.discord.violations, *map(str, place.slack.violations), *harm(place.paperboy.database))


def _entries(rooms: Rooms, team: str) -> Iterator[Entry]:
    lines = (Line(query=f"title:{rooms.topic}"),)
    for room in rooms.discord:
        assert room.guild is not None
        yield Entry(room=str(room.id), platform="discord", space=str(room.guild.id), subscriptions=lines)
    for channel in rooms.slack:
        yield Entry(room=channel.id, platform="slack", space=team, subscriptions=lines)


@contextmanager
def connected(folder: Path) -> Iterator[Net]:
    """Not started yet. Everything is reached by a name, and each thing has a port of its own."""
    paperboy = Paperboy(folder, datetime.now(UTC))
    paperboy.launcher = Path(__file__).with_name("network_launch.py")
    with ExitStack() as stack:
        place = stack.enter_context(placed(folder, paperboy=paperboy, channels=0))
        # Time goes by quickly here, and Slack would give out history by real minutes.
        place.slack.reading = Pace(per_second=50, burst=50)
        place.slack.url, gateway = _named(place.slack.url), place.discord.gateway
        gateway.url = _named(gateway.url)
        presses, urls = dict[Name, Press](), {"slack": place.slack.url, "discord": place.discord.url}
        for name in _MONTHS:
            presses[name] = Press(name, lambda: int(paperboy.clock.read_text()))
            urls[name] = stack.enter_context(serving(presses[name].answer))
        paperboy.environ |= {f"PAPERBOY_{key}": value for key, value in _settings(place, urls).items()}
        ports = {name: re.findall(r":(\d+)", url)[0] for name, url in urls.items()}
        yield Net(place, presses, ports)


def _named(url: str) -> str:
    return url.replace("127.0.0.1", "localhost")


def _settings(place: Place, urls: dict[str, str]) -> dict[str, str]:
    arxiv = _named(urls["arxiv"])
    return {
        "DISCORD_URL": _named(urls["discord"]),
        "DISCORD_GATEWAY": place.discord.gateway.url,
        "SLACK_URL": place.slack.api,
        "HUGGINGFACE_URL": _named(urls["huggingface"]),
        "ARXIV_URL": f"{arxiv}/api/query",
        "ARXIV_RSS_URL": f"{arxiv}/rss",
        "ARXIV_INTERVAL": "0",
        "SOURCES": "huggingface,arxiv",
        "FETCH_SECONDS": "1.5",
        "POLL_MINUTES": "0.005",
        "DAILY_CAP": "10000",
        "EXAMPLES": "no",
        "LOG_LEVEL": "INFO",
        "MAX_SUBSCRIPTIONS_PER_SPACE": "10000",
    }
