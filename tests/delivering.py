"""A platform that fails as it is told and a bench to deliver at: for every test of ``bot/deliver.py``."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

from bot import deliver
from bot.cards import Post
from bot.errors import DeliveryError, Fault
from bot.match import Matcher
from bot.model import Address, Cadence, Edition, Finding, Format, Outgoing, Paper, Preferences, Receipt
from bot.ports import Core, Store
from bot.store.sqlite import open_store
from tests.making import always

ROOM = Address("fake", "lab", "#papers")
OTHER = Address("fake", "lab", "#other")
NOW = 1_800_000_000_000


def fault(kind: Fault, retry_after: float | None = None) -> DeliveryError:
    return DeliveryError("the platform said no", fault=kind, retry_after=retry_after)


class Platform:
    """A platform that keeps what it accepted and fails as it is told, before or after accepting.

    A room that is ``held`` answers when its event is set; one that ``refuses`` never takes anything.
    """

    name = "fake"
    edit_window = 0

    def __init__(self) -> None:
        self.accepted: list[Outgoing] = []
        self.before: list[Exception | None] = []
        self.after: list[Exception | None] = []
        self.blind = False
        self.calls = 0
        self.held: dict[str, asyncio.Event] = {}
        self.refuses: dict[str, Exception] = {}
        self.busy: Counter[str] = Counter()
        """How many messages to a room are on their way."""
        self.busiest = 0
        self.crowded = False
        """Whether two messages to one room were on their way at once."""
        self._changed = asyncio.Condition()

    def render(self, post: Post) -> str:
        return "rich: " + "; ".join(card.title or card.body for card in post.cards)

    def plain(self, post: Post) -> str:
        return "plain: " + "; ".join(card.title or card.body for card in post.cards)

    def private(self, where: Address, person: str) -> Address:
        return Address(where.platform, where.space, person, "person")

    async def send(self, message: Outgoing) -> Receipt:
        room = message.where.room
        self.calls += 1
        self.busy[room] += 1
        self.busiest, self.crowded = max(self.busiest, self.busy.total()), self.crowded or self.busy[room] > 1
        await self._tell()
        try:
            return await self._accept(message)
        finally:
            self.busy[room] -= 1

    async def _accept(self, message: Outgoing) -> Receipt:
        room = message.where.room
        if room in self.held:
            await self.held[room].wait()
        if room in self.refuses:
            raise self.refuses[room]
        self._fail(self.before)
        self.accepted.append(message)
        await self._tell()
        self._fail(self.after)
        return Receipt(str(len(self.accepted)))

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait until something is true of what was begun or accepted."""
        async with asyncio.timeout(10), self._changed:
            await self._changed.wait_for(true)

    async def find(self, message: Outgoing) -> Receipt | None:
        if self.blind:
            raise DeliveryError("the history may not be read", fault="ambiguous")
        return next((Receipt(str(i)) for i, known in enumerate(self.accepted, 1) if known.nonce == message.nonce), None)

    async def edit(self, message: Outgoing, receipt: str) -> None: ...

    async def forget(self, where: Address) -> None: ...

    async def examine(self, rooms: Sequence[Address]) -> list[Finding]:
        return []

    async def run(self, core: Core) -> None: ...

    async def close(self) -> None: ...

    @property
    def said(self) -> list[str]:
        return [message.payload for message in self.accepted]

    def said_in(self, where: Address) -> list[str]:
        return [message.payload for message in self.accepted if message.where == where]

    def _fail(self, faults: list[Exception | None]) -> None:
        error = faults.pop(0) if faults else None
        if error is not None:
            raise error


class Bench:
    """A store, a platform and a clock that is moved by hand."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.platform = Platform()
        self.sender = deliver.Sender(store, self.platform, random.Random(1))
        self.now = NOW

    async def subscribe(
        self, query: str = "graph", where: Address = ROOM, *, owner: str = "mei", format: Format = "card"
    ) -> int:
        target = await self.store.subscriptions.target(where)
        await self.store.subscriptions.prefer(target.id, always(Preferences(format=format)))
        await self.store.subscriptions.add(
            target.id, query, Cadence(), owner=owner, now=self.now, limit=10, space_limit=100
        )
        return target.id

    async def publish(self, *numbers: int, title: str = "Graph learning") -> None:
        papers = tuple(Paper(key=f"arxiv:2601.{n:05}", title=f"{title} {n}", sources=("huggingface",)) for n in numbers)
        edition = Edition(source="huggingface", list="daily", day=date(2027, 1, 15), papers=papers)
        await self.store.papers.ingest(edition, self.now)
        await Matcher(self.store).step(self.now)

    async def deliver(self, later: int = 0) -> int:
        """Freeze and send what is due; how many messages were tried."""
        self.now += later
        await self.freeze()
        return await self.sender.drain(lambda: self.now)

    async def freeze(self, *numbers: int) -> None:
        """Freeze what is due, after these papers were published."""
        if numbers:
            await self.publish(*numbers)
        while await deliver.freeze_due(self.store, {"fake": self.platform}, self.now):
            pass

    async def until_quiet(self) -> None:
        for _ in range(40):
            await self.deliver(11 * deliver.HOUR)

    async def state(self, target: int, number: int) -> tuple[str, str]:
        [row] = await self.store.outbox.trail(target, f"arxiv:2601.{number:05}")
        return row.state, row.detail


@asynccontextmanager
async def bench_in(folder: Path) -> AsyncIterator[Bench]:
    async with open_store(folder / "paperboy.db", now=NOW) as store:
        yield Bench(store)
