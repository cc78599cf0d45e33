"""A whole Paperboy process at the terminal: rooms that want everything, a source that publishes what it is told.

What was published is known, so that what stands in the transcript can be counted: every paper once in every room.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from aiohttp import web

from tests.faults.posts import posted
from tests.faults.sources import item
from tests.flow.hub import serving
from tests.flow.running import Paperboy

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TODAY = NOW.date()
LISTED = 600
"""Papers on a day's list, the newest: of a longer one Paperboy reads a thousand."""
LEASE_AND_MORE = timedelta(seconds=40)
"""What somebody who was killed was about to send is left alone for half a minute."""


class Stand:
    """The lists of Hugging Face: what was published by day, the newest last. ``papers`` is all of it."""

    def __init__(self) -> None:
        self.papers: list[str] = []
        self._lists: dict[str, list[str]] = {}

    def publish(self, count: int, day: date = TODAY) -> None:
        start = len(self.papers)
        news = [f"2611.{number:05}" for number in range(start + 1, start + count + 1)]
        self.papers += news
        self._lists.setdefault(day.isoformat(), []).extend(news)

    async def answer(self, request: web.Request) -> web.Response:
        if request.path != "/api/daily_papers":
            return web.json_response({"error": "Paper not found"}, status=404)
        listed = self._lists.get(request.query.get("date", ""), [])
        return web.json_response([item(paper) for paper in listed[-LISTED:]])


class Scene:
    """``paperboy`` is the process, ``stand`` its source."""

    def __init__(self, paperboy: Paperboy, stand: Stand, rooms: list[str]) -> None:
        self.paperboy = paperboy
        self.stand = stand
        self.rooms = rooms

    def set_up(self, command: str = "/papers subscribe *") -> None:
        """Let every room subscribe to everything, in a run of its own."""
        said = [line for room in self.rooms for line in (f"/join {room}", command)]
        called = self.paperboy.call("run", said="\n".join(said))
        assert called.returncode == 0, called.stderr

    def keep_in(self, folder: Path) -> None:
        """Have database and transcript in another folder than the clock and what is said."""
        process = self.paperboy
        process.database, process.transcript = folder / process.database.name, folder / process.transcript.name
        process.environ["PAPERBOY_DATABASE"] = str(process.database)

    def advance(self, span: timedelta) -> None:
        self.paperboy.set_clock(self.paperboy.now + span)

    def settle(self, seconds: float = 60) -> None:
        """Until everything that was published has been read, and nothing waits; time goes on meanwhile."""

        def is_over() -> bool:
            # Faster than time, but not so fast that a lease ends under somebody who is sending.
            self.advance(timedelta(seconds=0.2))
            return self.has_read() and self.paperboy.is_idle()

        self.paperboy.wait(is_over, "never idle", seconds)

    @property
    def due(self) -> int:
        """How many posts there are to be."""
        return len(self.rooms) * len(self.stand.papers)

    def has_read(self) -> bool:
        """Whether everything that was published is stored and matched."""
        with self.paperboy.reading() as connection:
            matched = "select count(*) from paper where revision = matched_revision"
            return bool(connection.execute(matched).fetchone()[0] == len(self.stand.papers))

    def lost_and_repeated(self) -> tuple[int, int]:
        """How many posts are missing, and how many were made more than once."""
        return counted(posted(self.paperboy.transcript), self.rooms, self.stand.papers)


def counted(found: Counter[tuple[str, str]], rooms: list[str], papers: list[str]) -> tuple[int, int]:
    lost = sum((room, paper) not in found for room in rooms for paper in papers)
    return lost, sum(count - 1 for count in found.values())


@contextmanager
def scene(folder: Path, rooms: int, **settings: str) -> Iterator[Scene]:
    """Not started yet. Whatever runs at the end is killed."""
    stand = Stand()
    with serving(stand.answer) as url:
        given = {
            "HUGGINGFACE_URL": url,
            "SOURCES": "huggingface",
            "EXAMPLES": "no",
            "POLL_MINUTES": "0.005",
            "TICK_SECONDS": "0.1",
            "DAILY_CAP": "10000",
            "COMMANDS_PER_MINUTE": "10000",
            "MAX_SUBSCRIPTIONS_PER_SPACE": "10000",
            **settings,
        }
        paperboy = Paperboy(folder, NOW, **given)
        try:
            yield Scene(paperboy, stand, [f"#r{number}" for number in range(rooms)])
        finally:
            paperboy.close()
