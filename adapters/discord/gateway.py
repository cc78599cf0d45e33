"""Our end of the gateway: which events we ask for, and what the core is told of them. No REST, no rendering."""

import asyncio
import logging
import threading
from collections.abc import Coroutine
from typing import Any, Protocol

import aiohttp
import discord
from discord.gateway import KeepAliveHandler

from adapters.discord.identify import Budget
from bot.commands import broke
from bot.ports import Core

log = logging.getLogger(__name__)

# discord.py warns of each library that it lacks for voice.
discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False

REMOVED = "Paperboy was removed from the server"
DELETED = "the channel was deleted"
LAST_WORDS = 1.0
"""Seconds that whatever still goes on is given when we stop."""


class Listener(Protocol):
    """Who answers interactions."""

    async def answer(self, interaction: "discord.Interaction[Any]") -> None: ...


class Tasks:
    """Work begun by events: each is known until it ends, and no failure of one goes unseen."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()

    def begin(self, work: Coroutine[Any, Any, None], what: str) -> None:
        task = asyncio.create_task(self._watched(work, what), name=f"discord {what}")
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def end(self) -> None:
        """Let what runs come to its end, but not for long."""
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=LAST_WORDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    @staticmethod
    async def _watched(work: Coroutine[Any, Any, None], what: str) -> None:
        try:
            await work
        except Exception as error:
            broke("discord.event_broke", error, platform="discord", what=what)


class Gate(discord.AutoShardedClient):
    """The client. It only listens once it has been given a ``core`` and somebody who answers."""

    def __init__(self, trace: aiohttp.TraceConfig, budget: Budget) -> None:
        super().__init__(
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            member_cache_flags=discord.MemberCacheFlags.none(),
            max_messages=None,
            chunk_guilds_at_startup=False,
            max_ratelimit_timeout=30,  # the least that discord.py takes: more would hang a lane inside the library
            http_trace=trace,
        )
        self._budget = budget
        self._core: Core | None = None
        self._listener: Listener | None = None
        self._work = Tasks()

    def attend(self, core: Core, listener: Listener, work: Tasks) -> None:
        """From now on tell ``core`` of guilds and channels, and let ``listener`` answer, in tasks of ``work``."""
        self._core, self._listener, self._work = core, listener, work

    def leave(self) -> None:
        """Tell nobody of anything any more; requests can still be made."""
        self._core = self._listener = None

    async def close(self) -> None:
        """The same; and end what discord.py leaves of a session that was cut off while it began: a heart and a line."""
        hearts = [thread for thread in threading.enumerate() if isinstance(thread, KeepAliveHandler)]
        left = [heart for heart in hearts if heart.ws._connection is self._connection]
        try:
            await super().close()
        finally:
            for heart in left:
                heart.stop()
                await heart.ws.socket.close()

    @property
    def is_whole(self) -> bool:
        """Whether every shard is connected."""
        shards = self.shards.values()
        return self.is_ready() and len(shards) == self.shard_count and not any(shard.is_closed() for shard in shards)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        await self._budget.spend(first=initial)

    async def on_ready(self) -> None:
        """Only now it is known where we are: of a guild that came or went while we were away nobody told."""
        log.info("discord.ready", extra={"guilds": len(self.guilds), "shards": self.shard_count})
        if self._core:
            there = {str(guild.id) for guild in self.guilds}  # those that Discord has trouble with are among them
            self._work.begin(self._core.present(there, REMOVED), "ready")

    async def on_interaction(self, interaction: "discord.Interaction[Any]") -> None:
        if self._listener:
            self._work.begin(self._listener.answer(interaction), "interaction")

    async def on_guild_join(self, guild: discord.Guild) -> None:
        log.info("discord.joined", extra={"space": guild.id})
        if self._core:
            self._work.begin(self._core.resume(str(guild.id), "", REMOVED), "guild_join")

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        log.info("discord.removed", extra={"space": guild.id})
        if self._core:
            self._work.begin(self._core.suspend(str(guild.id), "", REMOVED), "guild_remove")

    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        self._gone(channel.guild.id, channel.id)

    async def on_raw_thread_delete(self, payload: discord.RawThreadDeleteEvent) -> None:
        self._gone(payload.guild_id, payload.thread_id)

    async def on_guild_channel_update(self, _: discord.abc.GuildChannel, channel: discord.abc.GuildChannel) -> None:
        self._retry(channel.guild.id, str(channel.id))

    async def on_raw_thread_update(self, payload: discord.RawThreadUpdateEvent) -> None:
        self._retry(payload.guild_id, str(payload.thread_id))

    async def on_guild_role_update(self, before: discord.Role, role: discord.Role) -> None:
        if role.permissions != before.permissions:
            self._retry(role.guild.id, "")

    async def on_member_update(self, before: discord.Member, member: discord.Member) -> None:
        """Without an intent Discord tells this of nobody but ourselves."""
        if member.roles != before.roles:
            self._retry(member.guild.id, "")

    def _retry(self, guild: int, channel: str) -> None:
        if self._core:
            self._work.begin(self._core.retry(str(guild), channel), "rights")

    def _gone(self, guild: int, channel: int) -> None:
        if self._core:
            self._work.begin(self._core.suspend(str(guild), str(channel), DELETED), "channel_delete")
