"""A desk over a real store with a clock in hand, and a mouth that speaks to it as people do."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path

from bot.cards import Reply
from bot.commands import handle, read, refusal
from bot.commands.table import Desk
from bot.errors import CommandError
from bot.model import Address, Delivery, Draft, Edition, Facts, Links, Paper, Person, Planned, Reason, Request, Target
from bot.store.sqlite import SqliteStore, open_store

MONDAY = datetime(2026, 11, 23, 12, tzinfo=UTC)
LAB = ("tower", "lab")


def ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


@dataclass
class Mouth:
    """Speaks to one desk. ``now`` may be set; ``forgotten`` are addresses whose posts the platform was to delete."""

    store: SqliteStore
    now: int = ms(MONDAY)
    forgotten: list[Address] = field(default_factory=list)

    @property
    def desk(self) -> Desk:
        async def forget(where: Address) -> None:
            self.forgotten.append(where)

        return Desk(store=self.store, clock=lambda: self.now, forget=forget)

    async def say(
        self,
        text: str,
        *,
        by: str = "mei",
        room: str = "papers",
        space: str = "lab",
        alone: bool = False,
        manager: bool = False,
        admin: bool = False,
        barred: str = "",
        desk: Desk | None = None,
    ) -> Reply:
        """Type a line; ``alone`` in the room of one's own."""
        try:
            command, options = read(text)
        except CommandError as error:
            return refusal(error)
        person = Person("tower", space, by, by.capitalize())
        where = person.address if alone else Address("tower", space, room)
        request = Request(
            command=command.name,
            options=options,
            person=person,
            where=where,
            manager=manager,
            admin=admin,
            barred=barred,
        )
        self.now += 10_000  # nobody types more than the rate allows
        return await handle(desk or self.desk, request)

    async def target(self, room: str = "papers", *, space: str = "lab", alone: bool = False) -> Target:
        found = await self.store.subscriptions.find_target(
            Address("tower", space, room, "person" if alone else "channel")
        )
        assert found is not None
        return found

    async def read_day(self, day: date, *papers: Paper, name: str = "daily", announce: bool = False) -> None:
        """What a poll of one day brought."""
        edition = Edition(source="huggingface", list=name, day=day, papers=papers)  # type: ignore[arg-type]
        await self.store.papers.ingest(edition, self.now, announce=announce)

    async def wait_for(self, target: Target, paper: Paper, due: int, **more: object) -> None:
        """A delivery that waits at a target."""
        plain = {"kind": "instant", "slot": "", "subscription": 0, **more}
        reason = Reason(subscription=int(str(plain["subscription"])), number=1, query="agents", terms=("agents",))
        planned = Planned(
            target=target.id,
            paper=paper.key,
            occasion="",
            reason=reason,
            kind=plain["kind"],  # type: ignore[arg-type]
            due=due,
            slot=str(plain["slot"]),
        )
        await self.store.outbox.plan([], [planned], [], self.now)


@asynccontextmanager
async def at_desk(folder: Path) -> AsyncIterator[Mouth]:
    async with open_store(folder / "paperboy.db", now=ms(MONDAY)) as store:
        yield Mouth(store)


async def framed(bot: Mouth, target: Target, *papers: int) -> list[Delivery]:
    """Papers in one message that waits to be sent."""
    made = [paper(number, f"Agents {number}") for number in papers]
    await bot.read_day(date(2026, 11, 20), *made)
    for one in made:
        await bot.wait_for(target, one, bot.now)
    due = await bot.store.outbox.pending(target.id)
    draft = Draft(
        target=target.id, kind="instant", payload="{}", plain="", nonce="n",
        shown=tuple(d.id for d in due), day="2026-11-23",
    )  # fmt: skip
    await bot.store.outbox.freeze(draft, bot.now)
    return due


def paper(number: int, title: str, **more: object) -> Paper:
    """Facts by name (``votes=3``), links by name (``code=…``), the rest as the paper has it."""
    facts = {name: more.pop(name) for name in ("votes", "comments", "stars", "models", "featured") if name in more}
    links = {name: more.pop(name) for name in ("code", "project") if name in more}
    made = Paper(key=f"arxiv:2611.{number:05}", title=title, sources=("huggingface",), published=date(2026, 11, 16))
    return replace(made, facts=Facts(**facts), links=Links(**links), **more)  # type: ignore[arg-type]


def said(reply: Reply) -> str:
    """Everything a reader sees."""
    lines = []
    for card in reply.cards:
        lines += [card.title, card.body, *(f"{row.lead} {row.text} {row.detail}" for row in card.rows)]
        lines += [card.code, card.footer]
    return "\n".join(line for line in lines if line)
