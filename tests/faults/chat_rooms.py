"""Rooms of every kind between Slack and Discord, and how often what there is to say stands in each of them.

On each platform: one room with a small cap, one with a digest, one with threads, one with lines, two with cards, and
one that closes. Somebody watches a paper there. What was published is known, so everything can be counted.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.model import MOST_CAP, Cadence, Preferences
from bot.portable import Entry, Line, dump
from tests.faults.chat_cards import cards
from tests.faults.chat_scene import Press
from tests.faults.forked import Forked, Launcher
from tests.faults.sources import item
from tests.flow.places import Place, placed
from tests.standins.slack_world import Channel

MORNING = datetime(2026, 11, 23, 10, tzinfo=UTC)
DIGESTS_AT = timedelta(hours=2)
"""After the morning, when digests and "N more" lines go out."""
WATCHED = "2611.00001"
CAP = 3
WISHES = (
    (Preferences(cap=CAP, digest_at=12 * 60), Cadence()),
    (Preferences(cap=MOST_CAP, digest_at=12 * 60), Cadence(every="daily")),
    (Preferences(cap=MOST_CAP, format="thread"), Cadence()),
    (Preferences(cap=MOST_CAP, format="line"), Cadence()),
    (Preferences(cap=MOST_CAP), Cadence()),
    (Preferences(cap=MOST_CAP), Cadence()),
)
DIGESTS = (0, 1)
"""Rooms where papers wait for an hour of the day: beyond a small cap, and all of them."""
THREADS = 2
CLOSING = len(WISHES)
_COUNTED = re.compile(r"(\d+) more papers? (?:matched|—)")
_LINE = re.compile(r"/papers more date:(\d{4}-\d{2}-\d{2})")
_READY = (
    "select count(*) from paper where revision > matched_revision",
    "select count(*) from delivery d join target t on t.id = d.target"
    " where d.state = 'pending' and (d.due <= :now or d.kind = 'instant') and (t.suspended = '' or t.on_trial = 1)",
    "select count(*) from message m join target t on t.id = m.target"
    " where m.state in ('ready', 'sending', 'ambiguous') and (t.suspended = '' or t.on_trial = 1)",
)


@dataclass
class Room:
    """What stands in one room: its posts, and those in threads below them, each as text."""

    name: str
    id: str
    posts: list[str]
    below: list[str]

    @property
    def shown(self) -> Counter[str]:
        """How often each paper is shown one by one."""
        return cards(self.posts)

    @property
    def counted(self) -> int:
        """How many papers are only counted."""
        return sum(int(number) for post in self.posts for number in _COUNTED.findall(post))

    def lost(self, papers: list[str]) -> int:
        """The room that closes was not there yet for the first one."""
        papers = papers[1:] if self.name.endswith(f"c{CLOSING}") else papers
        below = len(set(papers) - cards(self.below).keys()) if self.name.endswith(f"c{THREADS}") else 0
        return max(0, len(set(papers) - self.shown.keys()) - self.counted) + below

    def late(self, waits: int, *, closed: bool) -> int:
        """How many of those that wait in the database may: for an hour of a day, or for a room that is closed."""
        may = self._is_one_of(*DIGESTS) or (closed and self._is_one_of(CLOSING))
        return waits if may else 0

    def _is_one_of(self, *numbers: int) -> bool:
        return self.name.endswith(tuple(f" c{number}" for number in numbers))

    @property
    def repeated(self) -> int:
        """Papers shown more than once, and more than one line a day of those that are counted."""
        return sum(map(more, self._counts))

    @property
    def standing(self) -> int:
        """How much stands there that could be repeated."""
        return sum(counts.total() for counts in self._counts)

    @property
    def _counts(self) -> tuple[Counter[str], ...]:
        lines = Counter(day for post in self.posts for day in set(_LINE.findall(post)))
        return self.shown, cards(self.below), lines


def more(counts: Counter[str]) -> int:
    return counts.total() - len(counts)


class Rooms:
    """``place`` is everything, ``paperboy`` the process in it, ``press`` its source."""

    def __init__(self, place: Place, paperboy: Forked, press: Press) -> None:
        self.place, self.paperboy, self.press = place, paperboy, press
        self.closed = False

    # --- what happens ---

    def set_up(self) -> None:
        """Rooms by an import; then, from inside: the room that closes, so that it has somebody to tell, and a watch."""
        file = self.paperboy.folder / "subscriptions.toml"
        file.write_text(dump([*self._wishes()]), encoding="utf-8")
        done = self.paperboy.call("import", str(file))
        assert done.returncode == 0, done
        self.press.bring(1)
        self.place.start()
        self.settle()
        self.say_in_closing("subscribe", query="*")
        slack, discord = self.place.slack, self.place.discord
        watch = discord.slash(self.reader, "papers", "watch add", {"paper": WATCHED, "votes": 50})
        assert "watch" in self.place.at_discord(watch).text.lower()
        assert self.place.at_slack(slack.slash(slack.reader, "/papers", f"watch add {WATCHED} votes:50")).messages

    def _wishes(self) -> Iterator[Entry]:
        lab = self.place.slack.lab
        for number, (preferences, cadence) in enumerate(WISHES):
            here, there = self.place.rooms[number], self.place.slack.channel(f"c{number}")
            assert here.guild
            wish = (Line(query="*", cadence=cadence),)
            for platform, space, room in (("discord", str(here.guild.id), str(here.id)), ("slack", lab.id, there.id)):
                yield Entry(room=room, platform=platform, space=space, preferences=preferences, subscriptions=wish)

    def say_in_closing(self, command: str, **options: str) -> None:
        """Somebody who manages says something in the rooms that close."""
        here, slack = self.place.rooms[CLOSING], self.place.slack
        self.place.at_discord(self.place.discord.slash(self.owner, "papers", command, options, where=here))
        typed = " ".join([command, *options.values()])
        assert self.place.at_slack(slack.slash(slack.manager, "/papers", typed, f"c{CLOSING}")).messages

    def close(self, closed: bool) -> None:
        """The rooms that close: archived at Slack, out of sight at Discord; or as they were."""
        self.closed = closed
        self.place.slack.channel(f"c{CLOSING}").archived = closed
        room = self.place.rooms[CLOSING]
        assert room.guild
        self.place.discord.permit(room, 0 if closed else self.place.rooms[0].rights or room.guild.rights)

    def fire(self) -> None:
        """The watched paper gets its votes."""
        self.press.publish(item(WATCHED, upvotes=60))

    def settle(self) -> None:
        """Until everything that was published was read, and nothing that is due waits; time goes on meanwhile."""

        def is_over() -> bool:
            with self.paperboy.reading() as connection:
                (stored,) = connection.execute("select count(*) from paper").fetchone()
                left = [connection.execute(sql, {"now": self._now}).fetchone()[0] for sql in _READY[:2]]
                left += [connection.execute(_READY[2]).fetchone()[0]]
            is_read = stored == len(self.press.papers)
            self.advance(timedelta(seconds=0.2))
            return is_read and not any(left)

        self.paperboy.wait(is_over, "never idle")

    @property
    def _now(self) -> int:
        return round(self.paperboy.now.timestamp() * 1000)

    def advance(self, span: timedelta) -> None:
        self.paperboy.set_clock(self.paperboy.now + span)

    def pass_(self, moment: datetime) -> None:
        """Until it is this late."""
        self.paperboy.set_clock(max(self.paperboy.now, moment))

    # --- what stands there ---

    @property
    def owner(self):  # type: ignore[no-untyped-def]  # whoever the stand-in calls so
        guild = self.place.rooms[0].guild
        assert guild
        return guild.owner

    @property
    def reader(self):  # type: ignore[no-untyped-def]
        known = [user for user in self.place.discord.world.users.values() if user.name == "reader"]
        return known[0] if known else self.place.discord.user("reader", installed=True)

    @property
    def rooms(self) -> list[Room]:
        here = [self._discord(number) for number in range(CLOSING + 1)]
        return here + [_slack(self.place.slack.channel(f"c{number}")) for number in range(CLOSING + 1)]

    def _discord(self, number: int) -> Room:
        discord, room = self.place.discord, self.place.rooms[number]
        threads = [thread for message in discord.messages(room) if (thread := message.thread)]
        texts = [
            [_text([m.content, m.embeds]) for m in discord.messages(place) if m.author is discord.bot]
            for place in (room, *threads)
        ]
        return Room(f"discord c{number}", str(room.id), texts[0], [text for below in texts[1:] for text in below])

    def told(self, what: str) -> Counter[str]:
        """In how many messages it is said to those who watch and those who own, each alone."""
        slack, discord = self.place.slack, self.place.discord
        alone = {f"discord {user.name}": discord.messages(discord.dm(user)) for user in (self.owner, self.reader)}
        found = {who: [_text([m.content, m.embeds]) for m in messages] for who, messages in alone.items()}
        for person in (slack.manager, slack.reader):
            found[f"slack {person.name}"] = _slack(slack.direct(slack.bot, person)).posts
        return Counter({who: sum(what in text for text in texts) for who, texts in found.items()})


def _slack(channel: Channel) -> Room:
    ours = [message for message in channel.messages if message.metadata and not message.only_for]
    posts, below = ([m for m in ours if bool(m.thread_ts) is threaded] for threaded in (False, True))
    return Room(f"slack {channel.name}", channel.id, *([_text(m.blocks) for m in some] for some in (posts, below)))


def _text(body: object) -> str:
    return json.dumps(body, ensure_ascii=False)


@contextmanager
def rooms(folder: Path, launcher: Launcher) -> Iterator[Rooms]:
    """Set up and running."""
    paperboy = Forked(launcher, folder, MORNING)
    settings = {"LOG_LEVEL": "INFO", "DIGEST_AT": "12:00", "MAX_SUBSCRIPTIONS_PER_SPACE": "1000"}
    with placed(folder, paperboy=paperboy, newsstand=Press, channels=CLOSING + 1, **settings) as place:
        assert isinstance(place.stand, Press)
        on = Rooms(place, paperboy, place.stand)
        on.set_up()
        yield on
