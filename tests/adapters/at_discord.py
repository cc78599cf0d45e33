"""Our adapter beside the stand-in for Discord: options, messages to send, and a core that remembers."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from adapters import DiscordOptions, Options, TerminalOptions
from adapters.discord import Discord
from bot.cards import Card, Post, Reply, notice
from bot.model import Address, Offer, Outgoing, Request
from bot.ports import Notes
from tests.standins import discord as standin
from tests.standins.discord_world import Channel

NONCE = "abcdefghijklmnopqrstuvwx"
CARD = Card(title="Attention, once more", url="https://arxiv.org/abs/2611.00001", body="Why.", tone="paper")


async def no_sleep(_: float) -> None:
    """Waits between sessions are not what is tested."""
    await asyncio.sleep(0)


def options(server: standin.Discord, notes: Notes, token: str = "") -> Options:
    terminal = TerminalOptions(
        beside=Path(), user="", room="", read=lambda _: ("", {}), complete=lambda _: (), status=str
    )
    discord = DiscordOptions(token=token or server.token, url=server.url)
    return Options(clock=server.world.clock.now, notes=notes, terminal=terminal, discord=discord)


@asynccontextmanager
async def adapter(server: standin.Discord, notes: Notes, token: str = "", **more: Any) -> AsyncIterator[Discord]:
    made = Discord(options(server, notes, token), **{"sleep": no_sleep, **more})
    try:
        yield made
    finally:
        await made.close()


@asynccontextmanager
async def serving(server: standin.Discord, notes: Notes, core: "AskedCore", **more: Any) -> AsyncIterator[Discord]:
    """The adapter while it runs, once it has connected."""
    async with adapter(server, notes, **more) as made:
        before = len(server.gateway.connected)
        task = asyncio.create_task(made.run(core))
        try:
            await until(lambda: task.done() or len(server.gateway.connected) >= max(1, before))
            yield made
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def until(condition: Callable[[], object], seconds: float = 15) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  the stand-in has no events to wait for
            await asyncio.sleep(0.01)


def where(channel: Channel) -> Address:
    assert channel.guild is not None
    return Address("discord", str(channel.guild.id), str(channel.id), name=channel.name)


def person(user: Any) -> Address:
    return Address("discord", "", str(user.id), "person")


def post(*cards: Card, **more: Any) -> Post:
    return Post(**{"kind": "instant", "cards": cards or (CARD,), **more})


def outgoing(made: Discord, to: Address, said: Post | None = None, **more: Any) -> Outgoing:
    given = {"payload": made.render(said or post()), "nonce": NONCE, **more}
    return Outgoing(where=to, **given)


@dataclasses.dataclass
class AskedCore:
    """Answers what it is told to, and remembers everything that it was asked."""

    reply: Reply | Callable[[Request], Reply] = dataclasses.field(
        default_factory=lambda: Reply(cards=(notice("Yes."),))
    )
    offered: list[Offer] = dataclasses.field(default_factory=list)
    slow: float = 0.0
    requests: list[Request] = dataclasses.field(default_factory=list)
    typed: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    texts: list[str] = dataclasses.field(default_factory=list)
    told: list[tuple[str, ...]] = dataclasses.field(default_factory=list)
    present_in: list[tuple[set[str], str]] = dataclasses.field(default_factory=list)
    retried: list[tuple[str, str]] = dataclasses.field(default_factory=list)

    async def handle(self, request: Request) -> Reply:
        self.requests.append(request)
        await asyncio.sleep(self.slow)
        return self.reply(request) if callable(self.reply) else self.reply

    async def offers(self, request: Request, option: str, typed: str) -> list[Offer]:
        self.requests.append(request)
        self.typed.append((option, typed))
        await asyncio.sleep(self.slow)
        return self.offered

    async def pasted(self, request: Request, text: str) -> Reply:
        self.requests.append(request)
        self.texts.append(text)
        return self.reply(request) if callable(self.reply) else self.reply

    async def suspend(self, space: str, room: str, reason: str) -> None:
        self.told.append(("suspend", space, room, reason))

    async def resume(self, space: str, room: str, reason: str) -> None:
        self.told.append(("resume", space, room))

    async def present(self, spaces: Collection[str], reason: str) -> None:
        self.present_in.append((set(spaces), reason))

    async def retry(self, space: str, room: str) -> None:
        self.retried.append((space, room))
