"""A Paperboy between Slack and Discord, rooms on both that want everything, and what stands there, counted.

What was published is known: every paper once in every room. Each message at a stand-in is looked at once, and in the
end all of them are once more.
"""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiohttp import web

from bot.model import MOST_CAP, Preferences
from bot.portable import Entry, Line, dump
from tests.faults.chat_cards import cards
from tests.faults.forked import Forked, Launcher
from tests.faults.sources import item
from tests.flow.chats import Newsstand, said
from tests.flow.places import Place, placed
from tests.standins.slack_faults import Pace

NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)
_SETTINGS = {"LOG_LEVEL": "INFO", "EXAMPLES": "no", "MAX_SUBSCRIPTIONS_PER_SPACE": "1000"}


@dataclass
class Press(Newsstand):
    """Hugging Face. ``papers`` is all that was ever published; listed is what nobody is known to have read."""

    papers: list[str] = field(default_factory=list)
    served: int = 0
    """How often a list with papers on it was given out."""

    def bring(self, count: int) -> None:
        start = len(self.papers)
        news = [f"2611.{number:05}" for number in range(start + 1, start + count + 1)]
        self.publish(*map(item, news))
        self.papers += news

    async def answer(self, request: web.Request) -> web.Response:
        answer = await super().answer(request)
        self.served += len(answer.body or b"") > len(b"[]")  # type: ignore[arg-type]  # of JSON it is bytes
        return answer


class Scene:
    """``place`` is everything, ``paperboy`` the process in it, ``press`` its source."""

    def __init__(self, place: Place, paperboy: Forked, press: Press) -> None:
        self.place, self.paperboy, self.press = place, paperboy, press
        self.found: Counter[tuple[str, str]] = Counter()
        """How often each paper stands in each room."""
        self._looked_at: Counter[str] = Counter()
        self._strange: set[tuple[str, str]] = set()

    @property
    def rooms(self) -> int:
        """On both platforms."""
        return 2 * len(self.place.rooms)

    # --- setting up ---

    def subscribe(self) -> None:
        """Every room, to everything, by a file that is imported."""
        file = self.paperboy.folder / "subscriptions.toml"
        file.write_text(dump([*self._at_discord(), *self._at_slack()]), encoding="utf-8")
        done = self.paperboy.call("import", str(file))
        assert done.returncode == 0, done

    def _at_discord(self) -> list[Entry]:
        return [_entry("discord", str(room.guild.id), str(room.id)) for room in self.place.rooms if room.guild]

    def _at_slack(self) -> list[Entry]:
        lab = self.place.slack.lab
        return [_entry("slack", lab.id, self.place.slack.channel(f"c{n}").id) for n in range(len(self.place.rooms))]

    # --- time ---

    def advance(self, seconds: float) -> None:
        self.paperboy.set_clock(self.paperboy.now + timedelta(seconds=seconds))

    # --- what stands there ---

    def count(self) -> None:
        """Look at the messages that came since the last time."""
        for room in self.place.rooms:
            self._look(f"discord {room.name}", [said(message) for message in self.place.discord.messages(room)])
        for number in range(len(self.place.rooms)):
            channel = self.place.slack.channel(f"c{number}")
            self._look(f"slack {channel.name}", [message.blocks for message in channel.messages])

    def _look(self, room: str, bodies: list[object]) -> None:
        new = cards(map(json.dumps, bodies[self._looked_at[room] :]))
        self.found.update({(room, paper): count for paper, count in new.items()})
        self._strange |= {(room, paper) for paper in new.keys() - set(self.press.papers)}
        self._looked_at[room] = len(bodies)

    def count_anew(self) -> list[str]:
        """Look at all messages once more, for they can be changed. What is wrong but for the numbers."""
        self.count()
        before, self.found = self.found, Counter()
        self._looked_at.clear()
        self.count()
        changed = [key for key in before.keys() | self.found.keys() if before[key] != self.found[key]]
        strange = [f"{paper} stands in {room} and was never published" for room, paper in sorted(self._strange)]
        return [*strange, *(f"{paper} in {room} is not what it was" for room, paper in sorted(changed))]

    @property
    def due(self) -> int:
        """How many deliveries there are to be."""
        return self.rooms * len(self.press.papers)

    @property
    def lost(self) -> int:
        return self.due - len(self.found.keys() - self._strange)

    @property
    def repeated(self) -> int:
        return self.repeated_at("discord") + self.repeated_at("slack")

    def repeated_at(self, platform: str) -> int:
        return sum(count - 1 for (room, _), count in self.found.items() if room.startswith(platform))

    # --- its database ---

    def value(self, sql: str) -> int:
        """One number. To look changes nothing: this connection can only read, and leaves the log of changes alone."""
        with self.paperboy.reading() as connection:
            return int(connection.execute(sql).fetchone()[0] or 0)

    def sending(self, platform: str) -> list[str]:
        """The nonces of messages that are under way."""
        under_way = "select nonce from message where state = 'sending'"
        with self.paperboy.reading() as connection:
            found = connection.execute(
                f"{under_way} and target in (select id from target where platform = ?)", (platform,)
            )
            return [nonce for (nonce,) in found]

    def take_down(self) -> None:
        """Papers that are stored need not be listed any more."""
        if self.value("select count(*) from paper") == len(self.press.papers):
            self.press.listed.clear()

    def begin_anew(self) -> None:
        """Forget what the stand-ins noted of the process that was killed, and its sessions, which nobody resumes.

        Their limits are as good as new: by everybody's clock it is a minute later, in truth a moment.
        """
        slack, discord = self.place.slack, self.place.discord
        slack.calls.clear()
        discord.log.clear()
        discord.gateway.sessions.clear()
        slack.posting, slack.reading = (Pace(pace.per_second, pace.burst) for pace in (slack.posting, slack.reading))
        discord.limits.renew()


def papers_in(body: object) -> int:
    """How many papers a message shows."""
    return len(cards([json.dumps(body)]))


def _entry(platform: str, space: str, room: str) -> Entry:
    uncapped = Preferences(cap=MOST_CAP)
    return Entry(room=room, platform=platform, space=space, preferences=uncapped, subscriptions=(Line(query="*"),))


@contextmanager
def scene(folder: Path, launcher: Launcher, rooms: int, orders: str = "", **settings: str) -> Iterator[Scene]:
    """``rooms`` on each platform, subscribed; Paperboy is not started yet."""
    paperboy = Forked(launcher, folder, NOW, orders)
    with placed(folder, paperboy=paperboy, newsstand=Press, channels=rooms, **{**_SETTINGS, **settings}) as place:
        assert isinstance(place.stand, Press)
        on = Scene(place, paperboy, place.stand)
        on.subscribe()
        yield on
