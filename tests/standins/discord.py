"""A stand-in for Discord on this machine, for the real discord.py: REST under ``url``, gateway at ``gateway.url``.

In a test's loop: ``async with Discord() as server``. In a thread of its own: ``with serving(Discord()) as server``.
As a process: ``python -m tests.standins.discord``. Only 127.0.0.1, on a port that the system picks.
The world is in discord_world.py, rules and routes in the files beside it; this one puts them together.
"""

import asyncio
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Literal, Self

from aiohttp import web

from tests.standins import discord_schema as schema
from tests.standins import discord_shapes as shapes
from tests.standins.discord_actors import Actors
from tests.standins.discord_faults import Faults
from tests.standins.discord_faults import Kind as Fault
from tests.standins.discord_gateway import Gateway
from tests.standins.discord_http import PREFIX, Seen, Site
from tests.standins.discord_limits import Limits
from tests.standins.discord_posts import make
from tests.standins.discord_world import POSTING, Channel, Clock, Guild, Kind, Message, Role, Settings, User, World

ChannelType = Literal["text", "announcement", "forum", "thread"]
_KINDS = {"text": Kind.TEXT, "announcement": Kind.ANNOUNCEMENT, "forum": Kind.FORUM, "thread": Kind.THREAD}


class Discord(Actors):
    """``clock`` gives ms since 1970; without it, real time plus what ``advance`` added. ``settings``: ``Settings``."""

    def __init__(self, *, clock: Callable[[], int] | None = None, port: int = 0, **settings: Any) -> None:
        self.world = World(Clock(clock), Settings(**settings))
        self.gateway = Gateway(self.world)
        self.limits = Limits()
        self.faults = Faults()
        self._site = Site(self.world, self.gateway, self.limits, self.faults)
        self._runner: web.AppRunner | None = None
        self._port = port
        self.url = ""

    # --- life ---

    async def start(self) -> None:
        schema.prepare()
        app = web.Application(client_max_size=25 * 1024 * 1024)
        app.router.add_get("/gateway", self.gateway.serve)
        app.router.add_get("/gateway/", self.gateway.serve)
        app.router.add_route("*", "/{path:.*}", self._site.answer)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{self._port}{PREFIX}"
        self.gateway.url = f"ws://127.0.0.1:{self._port}/gateway"

    async def close(self) -> None:
        assert self._runner is not None
        self.faults.over.set()
        self.gateway.drop(1001)
        await asyncio.sleep(0)
        await self._runner.cleanup()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    # --- the world ---

    @property
    def token(self) -> str:
        return self.world.settings.token

    @property
    def bot(self) -> User:
        return self.world.bot

    def advance(self, seconds: float) -> None:
        """Set the stand-in's clock ahead: nonces, tokens, the hour of edits and the day of session starts."""
        self.world.clock.advance(seconds)

    def user(self, name: str = "somebody", *, installed: bool = False, dms: bool = True) -> User:
        """Somebody. ``installed``: has the app on their account. ``dms``: takes direct messages from it."""
        return self.world.user(name, installed=installed, dms=dms)

    def guild(
        self,
        name: str,
        channels: Iterable[str] = (),
        *,
        joined: bool = True,
        permissions: int = POSTING,
        shard: tuple[int, int] | None = None,
    ) -> Guild:
        """With text channels of these names. ``joined=False``: the bot is no member, only users may bring it there.

        ``permissions`` are the bot's. ``shard``: (shard, of how many) it shall fall to.
        """
        made = self.world.guild(name, joined=joined, rights=permissions, shard=shard)
        for channel in channels:
            self.world.channel(made, channel, Kind.TEXT)
        if joined:
            self._tell_of_joining(made)
        return made

    def channel(
        self, guild: Guild, name: str, type: ChannelType = "text", *, permissions: int | None = None,
        parent: Channel | None = None, tags: Iterable[str] = (), needs_tag: bool = False,
    ) -> Channel:  # fmt: skip
        """The channel of that name, made if it is not there. ``permissions`` are the bot's in it, else the guild's."""
        known = next(
            (c for c in [*self.world.channels_of(guild), *self.world.threads_of(guild)] if c.name == name), None
        )
        if known is not None:
            return known
        assert (type == "thread") == (parent is not None), "threads have a parent, and nothing else has"
        numbered = {self.world.snowflake(): tag for tag in tags}
        made = self.world.channel(
            guild, name, _KINDS[type], parent=parent, rights=permissions, tags=numbered, needs_tag=needs_tag
        )
        event = "THREAD_CREATE" if made.is_thread else "CHANNEL_CREATE"
        self.world.emit(event, shapes.channel(made, self.world.app), guild)
        return made

    def role(self, guild: Guild, name: str, *, mentionable: bool = False) -> Role:
        """A role of a guild. ``mentionable``: anyone may @mention it."""
        made = Role(self.world.snowflake(), name, mentionable)
        guild.roles.append(made)
        self.world.emit("GUILD_ROLE_CREATE", {"guild_id": str(guild.id), "role": shapes.role(made)}, guild)
        return made

    def permit(self, channel: Channel, permissions: int) -> None:
        """Change the bot's rights in a channel."""
        channel.rights = permissions
        self.world.emit("CHANNEL_UPDATE", shapes.channel(channel, self.world.app), channel.guild)

    def rename(self, channel: Channel, name: str) -> None:
        channel.name = name
        event = "THREAD_UPDATE" if channel.is_thread else "CHANNEL_UPDATE"
        self.world.emit(event, shapes.channel(channel, self.world.app), channel.guild)

    def remove_channel(self, channel: Channel) -> None:
        shape = shapes.channel(channel, self.world.app)
        self.world.remove_channel(channel)
        self.world.emit("THREAD_DELETE" if channel.is_thread else "CHANNEL_DELETE", shape, channel.guild)

    def kick(self, guild: Guild) -> None:
        """The bot is removed from a guild."""
        guild.joined = False
        self.world.emit("GUILD_DELETE", {"id": str(guild.id)}, guild)

    def invite(self, guild: Guild) -> None:
        """The bot is added to a guild."""
        guild.joined = True
        self._tell_of_joining(guild)

    def _tell_of_joining(self, guild: Guild) -> None:
        """Discord says ``unavailable`` only of guilds the bot was in before; by that clients know a new one."""
        shape = shapes.guild(guild, self.world)
        self.world.emit("GUILD_CREATE", {key: shape[key] for key in shape if key != "unavailable"}, guild)

    def outage(self, guild: Guild, *, over: bool = False) -> None:
        """A guild is unavailable for a while, which is no removal."""
        guild.down = not over
        if over:
            self.world.emit("GUILD_CREATE", shapes.guild(guild, self.world), guild)
        else:
            self.world.emit("GUILD_DELETE", {"id": str(guild.id), "unavailable": True}, guild)

    def dm(self, user: User) -> Channel:
        return self.world.dm(user)

    def say(self, user: User, where: Channel, text: str) -> Message:
        """Somebody writes a message."""
        return make(self.world, where, user, {"content": text})

    def messages(self, where: Channel) -> list[Message]:
        """What stands in a channel, oldest first."""
        return self.world.messages(where)

    def threads(self, where: Channel) -> list[Channel]:
        return self.world.threads_in(where)

    @property
    def commands(self) -> list[dict[str, Any]]:
        return self.world.commands

    # --- what happened and what shall ---

    @property
    def log(self) -> list[Seen]:
        """Every REST request, in the order of the answers."""
        return self._site.log

    def requests(self, method: str, template: str) -> list[Seen]:
        """Those of one route, e.g. ``requests("POST", "/channels/{channel_id}/messages")``."""
        return [seen for seen in self.log if (seen.method, seen.template) == (method, template)]

    @property
    def violations(self) -> list[str]:
        """Bodies that the official document does not allow. Empty at the end of every good test."""
        return self._site.violations

    def fail(self, method: str, path: str, kind: Fault, times: int = 1, *, seconds: float = 0.05) -> None:
        """The next ``times`` requests of a method (or ``*``) to a path (regex, without the prefix) fail this way.

        aiohttp by itself repeats a GET whose kept connection was reset: that takes two of ``reset`` to be felt.
        """
        self.faults.fail(method, path, kind, times, seconds)

    def weather(
        self, seed: int, chances: Mapping[Fault, float], *, method: str = "*", path: str = "", seconds: float = 0.05
    ) -> None:
        """From now on requests fail at random, always alike for a seed. ``weather(0, {})`` ends it."""
        self.faults.weather(seed, chances, method, path, seconds)


@contextmanager
def serving(server: Discord) -> Iterator[Discord]:
    """The server in a thread of its own, for as long as the block lasts. Its actors may be awaited from any loop."""
    ready, stops = threading.Event(), list[Callable[[], object]]()

    async def serve() -> None:
        loop, over = asyncio.get_running_loop(), asyncio.Event()
        stops.append(lambda: loop.call_soon_threadsafe(over.set))
        async with server:
            ready.set()
            await over.wait()

    thread = threading.Thread(target=asyncio.run, args=(serve(),), daemon=True)
    thread.start()
    assert ready.wait(10), "the stand-in for Discord does not start"
    try:
        yield server
    finally:
        stops[0]()
        thread.join(10)


async def main() -> None:
    """One guild with a channel; says where it listens and with which token, and runs until its input ends."""
    async with Discord() as server:
        guild = server.guild("Reading group", ["papers"])
        print(f"{server.url} {server.gateway.url} {server.token} {guild.id} {server.channel(guild, 'papers').id}")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
