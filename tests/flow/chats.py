"""The whole Paperboy between stand-ins of Slack, Discord and Hugging Face, in this process or as one of its own.

The source serves what a test has published, for the day it is. Time is the real one plus what a test has added.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import web

import bot.sources.sample
from adapters.slack import Slack as SlackAdapter
from bot import app, config
from bot.bot import Bot, Door
from bot.ports import Core
from bot.sources.huggingface import feed_day
from tests.flow.hub import serving
from tests.standins import slack as slack_standin
from tests.standins.discord import Discord
from tests.standins.discord_world import Channel, Guild, Message, User
from tests.standins.slack import Slack
from tests.standins.slack_actors import Answer

Item = dict[str, Any]
PATIENCE = 20
"""Seconds after which something that should have happened never will."""


class Clock:
    """Milliseconds since 1970 in UTC."""

    def __init__(self) -> None:
        self.ahead = 0

    def __call__(self) -> int:
        return time.time_ns() // 1_000_000 + self.ahead

    def advance(self, **span: float) -> None:
        self.ahead += round(1000 * (span.get("hours", 0) * 3600 + span.get("minutes", 0) * 60 + span.get("seconds", 0)))


# --- the source -------------------------------------------------------------------------------------------------------


def items() -> list[Item]:
    """Items of the bundled sample edition, as Hugging Face's own lists have them; each with a few votes."""
    folder = Path(bot.sources.sample.__file__).parent
    found = [item for path in sorted(folder.glob("*.json")) for item in json.loads(path.read_bytes())]
    unique = {item["paper"]["id"]: item for item in found}
    return [changed(item, upvotes=7) for item in unique.values()]


def changed(item: Item, **paper: object) -> Item:
    """The same item later: ``upvotes``, ``githubRepo``, ``ai_summary`` …"""
    return {**item, "paper": {**item["paper"], **paper}}


@dataclass
class Newsstand:
    """Hugging Face: the list of today, and empty ones before it."""

    clock: Callable[[], int]
    listed: dict[str, Item] = field(default_factory=dict)

    def publish(self, *news: Item) -> None:
        self.listed |= {item["paper"]["id"]: item for item in news}

    async def answer(self, request: web.Request) -> web.Response:
        now = datetime.fromtimestamp(self.clock() / 1000, UTC)
        if request.path != "/api/daily_papers":
            return web.json_response({"error": "Paper not found"}, status=404)
        today = request.query.get("date") == feed_day(now).isoformat()
        return web.json_response(list(self.listed.values()) if today else [])


# --- in this process --------------------------------------------------------------------------------------------------


@dataclass
class Chats:
    """``guild`` with ``room`` at Discord, ``slack.papers`` at Slack; ``bot`` is Paperboy, its platforms running."""

    slack: Slack
    discord: Discord
    stand: Newsstand
    clock: Clock
    environ: Mapping[str, str]
    guild: Guild
    room: Channel
    member: User
    _bot: Bot | None = None

    @property
    def bot(self) -> Bot:
        assert self._bot is not None, "it is not running"
        return self._bot

    @property
    def owner(self) -> User:
        """Who may do everything in the guild."""
        return self.guild.owner

    # --- what happens ---

    async def news(self, *published: Item) -> None:
        """A poll brings these, and everything due goes out."""
        self.stand.publish(*published)
        await self.bot.poll()
        await self.settle()

    async def settle(self) -> None:
        """Until nothing is due any more, also what was put off for moments."""
        async with asyncio.timeout(PATIENCE):
            while True:
                await self.bot.beat()
                tally = await self.bot.store.outbox.tally()
                if not any(tally.messages.get(state) for state in ("ready", "sending", "ambiguous")):
                    return
                await asyncio.sleep(0.1)

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not condition():  # noqa: ASYNC110  what is waited for sets no event
                await asyncio.sleep(0.02)

    async def suspended(self, *rooms: object) -> None:
        """Until exactly these rooms are suspended."""
        wanted, found = {str(room) for room in rooms}, set[str]()
        async with asyncio.timeout(PATIENCE):
            while not found or found != wanted:
                await asyncio.sleep(0.02)
                found = {t.address.room for t in await self.bot.store.subscriptions.targets() if t.suspended}

    async def on_trial(self, *rooms: object) -> None:
        """Until these rooms are on trial."""
        wanted, found = {str(room) for room in rooms}, set[str]()
        async with asyncio.timeout(PATIENCE):
            while not wanted <= found:
                await asyncio.sleep(0.02)
                found = {t.address.room for t in await self.bot.store.subscriptions.targets() if t.on_trial}

    # --- what people do ---

    async def say(self, command: str, *, by: User | None = None, where: Channel | None = None, **options: Any) -> Any:
        """A slash command at Discord, ``subscribe``; ``admin …`` is the administrators' command there."""
        first, _, rest = command.partition(" ")
        name, path = ("papers-admin", rest) if first == "admin" else ("papers", command)
        return await self.discord.slash(by or self.owner, name, path, options, where=where)

    async def enter(self, line: str, where: Any = "papers", by: Any = None) -> Answer:
        """A slash command at Slack, without its brand word."""
        return await self.slack.slash(by or self.slack.manager, "/papers", line, where)

    def install_again(self) -> None:
        """At Slack, after it was removed: with a new token, and invited as before."""
        install = self.slack.install(self.slack.lab)
        self.slack.papers.members.add(install.bot.id)
        self.environ = {**self.environ, "PAPERBOY_SLACK_BOT_TOKEN": install.token}

    # --- what was posted ---

    def posted(self, where: Channel | None = None) -> list[str]:
        """The papers in a channel of Discord, once for each post that shows them."""
        return [key for message in self.discord.messages(where or self.room) for key in shown(said(message))]

    def told(self, where: Any = "papers") -> list[str]:
        """The same at Slack."""
        return [key for message in self.slack.messages(where) if message.install for key in shown(message.blocks)]

    @property
    def faults(self) -> list[object]:
        """Everything that the platforms would not have taken, or not in time."""
        acks = [a for a in self.discord.world.answers.values() if not a.acked or a.acked_after > 3]
        return [*self.slack.violations, *self.slack.late, *self.discord.violations, *acks]


def words(answer: Answer) -> str:
    """Everything that an answer at Slack shows, without what only keeps marks from acting."""
    said = "\n".join(f"{m.text}\n{json.dumps(m.blocks, ensure_ascii=False)}" for m in answer.shown)
    return said.replace("\u2060", "")


def said(message: Message) -> object:
    return [message.content, message.embeds]


def shown(body: object) -> list[str]:
    """The ids of the papers that a message shows, each once, in order."""
    text = json.dumps(body, ensure_ascii=False)
    places = {item["paper"]["id"]: text.find(item["paper"]["id"]) for item in items()}
    return sorted((key for key, at in places.items() if at >= 0), key=lambda key: places[key])


@asynccontextmanager
async def chatting(folder: Path) -> AsyncIterator[Chats]:
    """Everything running, and Paperboy opened once."""
    async with standing(folder) as chats, opened(chats):
        yield chats


@asynccontextmanager
async def standing(folder: Path) -> AsyncIterator[Chats]:
    """The stand-ins without Paperboy. At the end nothing may have been said that the platforms would refuse."""
    clock = Clock()
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(slack_standin.running(clock=lambda: clock() / 1000))
        discord = await stack.enter_async_context(Discord(clock=clock, identify_pause=0.0))
        stand = Newsstand(clock)
        environ = environment(folder, slack, discord, stack.enter_context(serving(stand.answer)))
        guild, member = discord.guild("Reading group", ["papers"]), discord.user("reader")
        chats = Chats(slack, discord, stand, clock, environ, guild, discord.channel(guild, "papers"), member)
        yield chats
        assert not chats.faults, chats.faults


@asynccontextmanager
async def opened(chats: Chats, door: Callable[[Bot, str], Core] = Door) -> AsyncIterator[Bot]:
    """Paperboy over the files of before, serving both platforms; ``door`` is what they see of the core."""
    async with app.opened(config.read(chats.environ), chats.clock) as made:
        chats._bot = made
        running = [
            asyncio.create_task(a.run(door(made, name)), name=f"run {name}") for name, a in made.adapters.items()
        ]
        try:
            await _connected(chats, running)
            yield made
        finally:
            for task in running:
                task.cancel()
            with suppress(asyncio.CancelledError):
                await asyncio.gather(*running)


async def _connected(chats: Chats, running: list[asyncio.Task[None]]) -> None:
    slack = chats.bot.adapters["slack"]
    assert isinstance(slack, SlackAdapter)
    async with asyncio.timeout(PATIENCE):
        while not (slack.ready.is_set() and chats.discord.gateway.connected):
            for task in running:
                assert not task.done(), task
            await asyncio.sleep(0.01)


def environment(folder: Path, slack: Slack, discord: Discord, source: str) -> dict[str, str]:
    """The settings of a Paperboy between these."""
    named = {
        "DATABASE": str(folder / "paperboy.db"),
        "PLATFORMS": "slack,discord",
        "SOURCES": "huggingface",
        "HUGGINGFACE_URL": source,
        "DISCORD_TOKEN": discord.token,
        "DISCORD_URL": discord.url,
        "DISCORD_GATEWAY": discord.gateway.url,
        "SLACK_URL": slack.api,
        "SLACK_BOT_TOKEN": slack.bot.token,
        "SLACK_APP_TOKEN": slack.app_token,
        "COMMANDS_PER_MINUTE": "1000",
    }
    return {f"PAPERBOY_{name}": value for name, value in named.items()}
