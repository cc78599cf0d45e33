"""A whole Paperboy in a laboratory: both chats imitated on this machine, a clock moved by hand, the bundled papers.

The adapters, the core and the database are the real ones; only Slack, Discord and the clock are not.
What happens there is in ``scenes.py``.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Protocol

from bot import app, commands, config
from bot.bot import Bot, Door
from bot.model import Edition, Paper
from docs.pictures.shown import WHO, Shown
from tests.standins import discord as discord_standin
from tests.standins import slack as slack_standin
from tests.standins.discord_answers import Answer as DiscordAnswer
from tests.standins.discord_world import Channel as DiscordChannel
from tests.standins.slack_actors import Answer as SlackAnswer
from tests.standins.slack_world import Message as SlackMessage

ROOM = "papers"
_PATIENCE = 20.0
_INTEGER = 4
"""Discord's type of options that are numbers."""


class Chat(Protocol):
    """One imitated platform, with a person who may do everything there."""

    name: str

    async def typed(self, line: str, room: str = ROOM) -> list[Shown]:
        """What answers a command, all of it."""
        ...

    async def looked_up(self, text: str, room: str) -> list[Shown]:
        """What somebody wrote, and what the entry of its menu shows."""
        ...

    def posts(self, room: str) -> list[Shown]:
        """What Paperboy posted in a room unasked, oldest first, with the replies in their threads."""
        ...


class Clock:
    """The time, moved by hand."""

    def __init__(self, day: date, hour: int) -> None:
        self.at = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)

    def ms(self) -> int:
        return round(self.at.timestamp() * 1000)

    def seconds(self) -> float:
        return self.at.timestamp()


@dataclass(frozen=True, slots=True)
class Lab:
    """``slack`` and ``discord`` are the places people talk in; ``bot`` works for both."""

    bot: Bot
    clock: Clock
    slack: "Slack"
    discord: "Discord"

    @property
    def chats(self) -> tuple[Chat, Chat]:
        return self.slack, self.discord

    async def pass_time(self, **span: float) -> None:
        """Let time pass and do what falls due meanwhile. ``span`` as ``timedelta`` takes it."""
        self.clock.at += timedelta(**span)
        await self.bot.beat()

    async def read_day(self, day: date) -> None:
        """What a poll of that day would have brought: the sample's own poll brings its whole week."""
        await self.read(await self.bot.sources["sample"].edition(day))

    async def read(self, edition: Edition) -> None:
        await self.bot.store.papers.ingest(edition, self.bot.clock())
        await self.bot.beat()

    async def paper(self, key: str) -> Paper:
        found = await self.bot.sources["sample"].lookup(key)
        assert found is not None, f"the sample has no {key}"
        return found

    async def read_trending(self, papers: Sequence[Paper]) -> None:
        """The sample has no trending list: these stand for one, in this order."""
        ranked = (replace(p, facts=replace(p.facts, trending=n)) for n, p in enumerate(papers, 1))
        await self.read(Edition(source="sample", list="trending", day=self.clock.at.date(), papers=tuple(ranked)))


@asynccontextmanager
async def open_lab(day: date, hour: int) -> AsyncIterator[Lab]:
    """Everything running, with nothing read and nobody subscribed. Time in UTC."""
    clock = Clock(day, hour)
    async with (
        discord_standin.Discord(clock=clock.ms) as discord,
        slack_standin.running(clock=clock.seconds) as slack,
    ):
        with tempfile.TemporaryDirectory() as folder:
            async with app.opened(_settings(discord, slack, folder), clock.ms) as bot, _served(bot):
                await _until(lambda: discord.gateway.connected and slack.sockets.count)
                yield Lab(bot, clock, Slack(slack), Discord(discord))


def _settings(discord: discord_standin.Discord, slack: slack_standin.Slack, folder: str) -> config.Settings:
    wanted = {
        "PLATFORMS": "slack,discord",
        "SOURCES": "sample",
        "DATABASE": f"{folder}/paperboy.db",
        "COMMANDS_PER_MINUTE": "1000",
        "DISCORD_TOKEN": discord.token,
        "DISCORD_URL": discord.url,
        "SLACK_BOT_TOKEN": slack.bot.token,
        "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_URL": slack.api,
    }
    return config.read({f"PAPERBOY_{name}": value for name, value in wanted.items()})


@asynccontextmanager
async def _served(bot: Bot) -> AsyncIterator[None]:
    platforms = [asyncio.create_task(adapter.run(Door(bot, name))) for name, adapter in bot.adapters.items()]
    try:
        yield
    finally:
        for platform in platforms:
            platform.cancel()
        for platform in platforms:
            with suppress(asyncio.CancelledError):
                await platform


async def _until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(_PATIENCE):
        while not condition():  # noqa: ASYNC110  the imitations have no events to wait for
            await asyncio.sleep(0.02)


# --- Discord ----------------------------------------------------------------------------------------------------------


class Discord:
    """A guild of which the person is the owner."""

    name = "discord"

    def __init__(self, server: discord_standin.Discord) -> None:
        self._server = server
        self._guild = server.guild("Lab")
        self._me = self._guild.owner
        self._me.name = WHO

    async def typed(self, line: str, room: str = ROOM) -> list[Shown]:
        command, options = commands.read(line)
        brand, words = ("papers", command.words) if command.room != "admin" else ("papers-admin", command.words[1:])
        answer = await self._server.slash(
            self._me, brand, words, self._typed(brand, words, options), where=self._room(room)
        )
        named = (f"{name}:{value}" for name, value in options.items())
        return await self._shown(answer, " ".join([f"/{brand}", *words, *named]))

    def _typed(self, brand: str, words: Sequence[str], options: Any) -> dict[str, Any]:
        """Options as Discord's client sends them: numbers as numbers."""
        inside = next(command for command in self._server.commands if command["name"] == brand)
        for word in words:
            inside = next(option for option in inside["options"] if option["name"] == word)
        numbers = {option["name"] for option in inside.get("options", ()) if option["type"] == _INTEGER}
        return {name: int(value) if name in numbers else value for name, value in options.items()}

    async def looked_up(self, text: str, room: str) -> list[Shown]:
        asked = self._server.say(self._me, self._room(room), text)
        answer = await self._server.menu(asked, "Look up papers here", user=self._me)
        return [Shown(body={"content": text}, surface="person"), *await self._shown(answer, "Look up papers here")]

    def posts(self, room: str) -> list[Shown]:
        return [*self._posted(self._room(room))]

    def _posted(self, channel: DiscordChannel) -> Iterator[Shown]:
        for message in self._server.messages(channel):
            if message.author is self._server.bot and message.asked_by is None:
                yield Shown(body=_discord_body(message), edited=bool(message.edited))
                if message.thread is not None:
                    yield from (replace(shown, surface="reply") for shown in self._posted(message.thread))

    async def _shown(self, answer: DiscordAnswer, said: str) -> list[Shown]:
        """An answer may have several messages, and nothing says which is the last: it has come when it is quiet."""
        known = -1
        while known != len(answer.messages):
            known = len(answer.messages)
            await asyncio.sleep(0.3)
        messages = enumerate(answer.messages)
        return [Shown(body=_discord_body(m), said="" if n else said, private=m.ephemeral) for n, m in messages]

    def _room(self, name: str) -> DiscordChannel:
        return self._server.channel(self._guild, name)


def _discord_body(message: Any) -> dict[str, Any]:
    return {"content": message.content, "embeds": message.embeds, "components": message.components}


# --- Slack ------------------------------------------------------------------------------------------------------------


class Slack:
    """A workspace, and in it an administrator."""

    name = "slack"

    def __init__(self, server: slack_standin.Slack) -> None:
        self._server = server
        self._me = server.manager
        self._me.name = WHO

    async def typed(self, line: str, room: str = ROOM) -> list[Shown]:
        brand, _, text = line.partition(" ")
        return self._shown(await self._server.slash(self._me, brand, text, self._room(room)), line)

    async def form(self, line: str, **values: Any) -> list[Shown]:
        """The form that a bare command opens, and what becomes of it filled in and sent off."""
        brand, _, text = line.partition(" ")
        opened = await self._server.slash(self._me, brand, text, self._room(ROOM))
        form = Shown(body=opened.view.body, said=line, surface="form")
        sent = await self._server.submit(opened, values)
        return [form, *self._shown(sent, f"{line}, with the form filled in")]

    async def home(self) -> list[Shown]:
        answer = await self._server.open_home(self._me)
        return [Shown(body=answer.view.body, surface="home")]

    async def pasted(self, url: str, room: str) -> list[Shown]:
        """A link somebody wrote, and what unfolds below it."""
        answer = await self._server.link_shared(self._room(room), [url], self._me)
        assert answer.channel is not None
        message = answer.channel.messages[-1]
        unfolded = [Shown(body=body, surface="unfurl") for body in message.unfurls.values()]
        return [Shown(body={"text": message.text}, surface="person"), *unfolded]

    async def looked_up(self, text: str, room: str) -> list[Shown]:
        asked = self._server.say(self._me, self._room(room), text)
        answer = await self._server.shortcut(asked, "pb.look_up", by=self._me)
        return [Shown(body={"text": text}, surface="person"), *self._shown(answer, "Look up papers here")]

    def posts(self, room: str) -> list[Shown]:
        sent = [m for m in self._server.messages(self._room(room)) if m.metadata]
        return [
            Shown(body=_slack_body(m), edited=bool(m.edited), surface="reply" if m.thread_ts else "message")
            for m in sent
        ]

    def _shown(self, answer: SlackAnswer, said: str) -> list[Shown]:
        forms = [Shown(body=view.body, said=said, surface="form") for view in answer.views]
        messages = enumerate(answer.shown)
        told = [Shown(body=_slack_body(m), said="" if n else said, private=bool(m.only_for)) for n, m in messages]
        return [*forms, *told]

    def _room(self, name: str) -> Any:
        known = (c for c in self._server.channels.values() if c.name == name and c.team is self._server.lab)
        return next(known, None) or self._server.add_channel(self._server.lab, name, joined=True)


def _slack_body(message: SlackMessage) -> dict[str, Any]:
    return {"text": message.text, "blocks": message.blocks}
