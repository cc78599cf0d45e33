"""Paperboy at the stand-in of Slack: the real adapter on the real bolt, with a core that notes what it is asked."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from adapters import Options, SlackOptions, TerminalOptions
from adapters.slack import Slack
from bot.cards import Card, Post, Reply, notice
from bot.model import Address, Offer, Outgoing, Request
from bot.ports import Notes
from bot.store.sqlite import open_store
from tests.making import NOON
from tests.planted import planted_key
from tests.standins.slack import Slack as StandIn
from tests.standins.slack import running

KEY = planted_key()


@dataclass
class Core:
    """Answers as it is told to: by command, else with the command's name. ``slow`` in seconds."""

    answers: dict[str, Reply] = field(default_factory=dict)
    asked: list[Request] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    lifecycle: list[tuple[str, str, str]] = field(default_factory=list)
    resumed: list[tuple[str, str]] = field(default_factory=list)
    retried: list[str] = field(default_factory=list)
    offered: list[tuple[Request, str, str]] = field(default_factory=list)
    found: dict[str, Reply] = field(default_factory=dict)
    slow: float = 0.0
    broken: bool = False

    async def handle(self, request: Request) -> Reply:
        self.asked.append(request)
        await asyncio.sleep(self.slow)
        if self.broken:
            raise RuntimeError("the core broke")
        return self.answers.get(request.command) or Reply(cards=(notice(f"answer to {request.command}"),))

    async def offers(self, request: Request, option: str, typed: str) -> list[Offer]:
        self.offered.append((request, option, typed))
        await asyncio.sleep(self.slow)
        return [Offer("Attention Is All You Need", "1706.03762")]

    async def pasted(self, request: Request, text: str) -> Reply:
        self.asked.append(request)
        self.texts.append(text)
        return next((reply for part, reply in self.found.items() if part in text), Reply(cards=()))

    async def suspend(self, space: str, room: str, reason: str) -> None:
        self.lifecycle.append(("suspend", space, reason))

    async def resume(self, space: str, room: str, reason: str) -> None:
        """One return is one entry, whatever the reasons it was away for."""
        self.resumed.append((space, reason))
        if self.lifecycle[-1:] != [("resume", space, room)]:
            self.lifecycle.append(("resume", space, room))

    async def present(self, spaces: Collection[str], reason: str) -> None: ...

    async def retry(self, space: str, room: str) -> None:
        self.retried.append(space)

    @property
    def request(self) -> Request:
        """The last one."""
        return self.asked[-1]


@dataclass
class Lab:
    """``slack`` is the stand-in, ``bot`` the adapter at it."""

    slack: StandIn
    bot: Slack
    core: Core
    notes: Notes
    options: Options

    @property
    def url(self) -> str:
        assert self.bot.address
        return "http://{}:{}".format(*self.bot.address)

    def channel(self, name: str = "papers") -> Address:
        room = self.slack.channel(name)
        return Address("slack", room.team.id, room.id, "channel", name)

    def outgoing(
        self, text: str = "a paper", *, where: Address | None = None, nonce: str = "n1", **more: Any
    ) -> Outgoing:
        payload = self.bot.render(
            Post(kind="instant", cards=(Card(title=text, url="https://arxiv.org/abs/2611.00001"),))
        )
        return Outgoing(where=where or self.channel(), payload=payload, nonce=nonce, since=now(), **more)


def now() -> int:
    """The real time, of which the stand-in makes its message ids."""
    return time.time_ns() // 1_000_000


def settings(slack: StandIn, mode: str) -> SlackOptions:
    common: dict[str, Any] = {"url": slack.api, "authorize_url": slack.authorize_url, "listen": ("127.0.0.1", 0)}
    if mode == "socket":
        return SlackOptions(bot_token=slack.bot.token, app_token=slack.app_token, **common)
    if mode == "http":
        return SlackOptions(bot_token=slack.bot.token, signing_secret=slack.signing_secret, **common)
    port = free_port()
    common |= {"listen": ("127.0.0.1", port), "public_url": f"http://127.0.0.1:{port}", "key": KEY}
    common |= {"client_id": slack.client_id, "client_secret": slack.client_secret}
    return SlackOptions(signing_secret=slack.signing_secret, **common)


def free_port() -> int:
    """Slack sends people back to an address that has to be known before anybody listens there."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port: int = bound.getsockname()[1]
        return port


def options_of(slack: SlackOptions, notes: Notes) -> Options:
    terminal = TerminalOptions(
        beside=Path("unused"), user="", room="", read=lambda _: ("", {}), complete=lambda _: (), status=lambda: ""
    )
    return Options(clock=now, notes=notes, terminal=terminal, slack=slack, version="1.0")


@asynccontextmanager
async def notes_at(folder: Path) -> AsyncIterator[Notes]:
    async with open_store(folder / "paperboy.db", now=NOON) as store:
        yield store.notes


@asynccontextmanager
async def serving(bot: Slack, core: Core) -> AsyncIterator[None]:
    """The adapter takes commands meanwhile. What ends it early is raised."""
    running = asyncio.create_task(bot.run(core))
    ready = asyncio.create_task(bot.ready.wait())
    done, _ = await asyncio.wait({running, ready}, return_when=asyncio.FIRST_COMPLETED, timeout=10)
    ready.cancel()
    if running in done:
        running.result()
    try:
        yield
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


@asynccontextmanager
async def at_slack(folder: Path, mode: str = "socket", *, serve: bool = True, **world: Any) -> AsyncIterator[Lab]:
    """Everything running. In the mode ``install`` nobody has installed the app yet."""
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(running(**world))
        notes = await stack.enter_async_context(notes_at(folder))
        options = options_of(settings(slack, mode), notes)
        bot, core = Slack(options, ping=0.2), Core()
        stack.push_async_callback(bot.close)
        if serve:
            await stack.enter_async_context(serving(bot, core))
        lab = Lab(slack, bot, core, notes, options)
        if bot.address:
            slack.requests.address = f"{lab.url}/slack/events"
        yield lab
