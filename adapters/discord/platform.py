"""Discord as a platform: what the core asks of it, and the life of a connection.

Posts go by REST and need no gateway; commands come by the gateway. How things look is in ``render.py``.
"""

import asyncio
import json
import logging
from collections.abc import Mapping, Sequence
from functools import lru_cache

import discord

from adapters import Options
from adapters.discord import checkup, commands, remembered, render
from adapters.discord.faults import NOT_LET_IN, is_credential, named
from adapters.discord.gateway import Gate, Tasks
from adapters.discord.identify import Budget, ExhaustedError, allowance
from adapters.discord.interactions import Interactions
from adapters.discord.posts import Posts
from adapters.discord.rooms import Rooms
from adapters.discord.wire import DEADLINE, FORESEEN, Wire, shut
from adapters.pace import Sleep
from bot.cards import Post
from bot.commands import TABLE
from bot.errors import ConfigError, DeliveryError, StoreError
from bot.model import Address, Finding, Outgoing, Past, Receipt
from bot.ports import Core

log = logging.getLogger(__name__)

# https://docs.discord.com/developers/topics/opcodes-and-status-codes#gateway-gateway-close-event-codes
_REFUSED_FOR_GOOD: Mapping[int, str] = {
    4004: NOT_LET_IN,
    4013: "Discord does not know what Paperboy asks for (close code 4013): this Paperboy is too old.",
    4014: "Discord refuses an intent (close code 4014). Paperboy as published asks for none that needs leave.",
}
_LONGEST_WAIT = 300.0
_GOOD_WHILE = 600_000
"""A connection that held for so long, in ms, was a good one: what ends it is a trouble of its own."""
PATIENCE = 300.0
"""Seconds to become ready in, beside ten for each shard; after that it is begun anew, for discord.py tries for ever.

Each of its tries at a shard's first connection is a call inside the last one, until Python's stack is full.
"""
_PER_SHARD = 10.0
_ALIKE = 64
"""Posts whose payloads are kept: the same long digest goes to many channels at the same hour."""


class Discord:
    """The adapter. ``deadline`` is in seconds, for one call of the port, as ``patience`` for becoming ready.

    ``sleep`` waits between sessions.
    """

    name = "discord"
    edit_window = 55 * 60_000
    """Edits of messages older than an hour are limited (code 30046)."""

    def __init__(
        self, options: Options, *, deadline: float = DEADLINE, sleep: Sleep = asyncio.sleep, patience: float = PATIENCE
    ) -> None:
        self._options = options.discord
        self._notes = options.notes
        self._clock = options.clock
        self._sleep = sleep
        self._patience = patience
        self._budget = Budget(options.notes, options.clock, sleep)
        token, url = options.discord.token, options.discord.url
        self._wire = Wire(token, url, lambda trace: Gate(trace, self._budget), deadline)
        self._rooms = Rooms(self._wire, options.notes, options.clock)
        self._posts = Posts(self._wire, self._rooms, options.notes, options.clock)

    # --- posts --------------------------------------------------------------------------------------------------------

    def render(self, post: Post) -> str:
        return _rendered(post)

    def plain(self, post: Post) -> str:
        return _plain(post)

    def private(self, where: Address, person: str) -> Address:
        return Address(self.name, "", person, "person")

    async def send(self, message: Outgoing) -> Receipt:
        return await self._posts.send(message)

    async def find(self, message: Outgoing) -> Receipt | None:
        return await self._posts.find(message)

    async def posted(self, where: Address, since: int, further: str = "") -> Past:
        return await self._posts.posted(where, since, further)

    async def reach(self, where: Address) -> None:
        await self._posts.reach(where)

    async def edit(self, message: Outgoing, receipt: str) -> None:
        await self._posts.edit(message, receipt)

    async def forget(self, where: Address) -> None:
        """Discord keeps what was posted; ours is whose conversation is which, and what buttons could not carry."""
        if where.kind == "person":
            await self._rooms.forget(where.room)
            await remembered.forget(self._notes, where.room)

    async def examine(self, rooms: Sequence[Address]) -> list[Finding]:
        return await checkup.examine(self._wire, self._notes, self._rooms, rooms, self._options.token)

    # --- commands -----------------------------------------------------------------------------------------------------

    async def run(self, core: Core) -> None:
        """Listen until cancelled, connecting anew whenever the connection ends. Raises ``ConfigError``."""
        failures = 0
        while True:
            began = self._clock()
            try:
                await self._listen(core)
                ended = "the connection was closed"
            except Exception as error:
                _give_up_if_refused(error)
                ended = named(error)
                if not isinstance(error, (*FORESEEN, ExhaustedError, DeliveryError, StoreError)):
                    log.exception("discord.unforeseen")
            failures = 1 if self._clock() - began > _GOOD_WHILE else failures + 1
            wait = min(_LONGEST_WAIT, 2.0 ** min(failures, 10))
            log.warning("discord.disconnected", extra={"error": ended, "seconds": wait})
            await self._sleep(wait)

    @property
    def connected(self) -> bool:
        """See ``bot.ports.Line``."""
        gate = self._wire.gate
        return gate is not None and gate.is_whole

    async def close(self) -> None:
        await self._wire.close()

    async def _listen(self, core: Core) -> None:
        """One client's life: it keeps its sessions alive by itself, until something is wrong with all of them."""
        told = await self._wire.ask("GET", "/gateway/bot")
        allowed = allowance(told)
        gate = await self._wire.listener()
        work = Tasks()
        try:
            await self._push(str(gate.application_id))
            await self._budget.start()  # only here: a token that is refused has begun no session
            await self._budget.admit(allowed)
            self._wire.gateway(self._options.gateway or str(told["url"]))
            gate.shard_count = allowed.shards
            gate.attend(core, Interactions(self._wire, core, self._notes, self._clock), work)
            await _connected(gate, self._patience + _PER_SHARD * allowed.shards)
        finally:
            gate.leave()
            await work.end()
            await shut(gate)

    async def _push(self, application: str) -> None:
        """Old commands are better than none: a refused tree does not keep us from listening."""
        try:
            await commands.push(self._wire, self._notes, application, TABLE)
        except discord.HTTPException as error:
            if is_credential(error):
                raise
            log.error("discord.commands_refused", extra={"error": str(error)})  # noqa: TRY400  no mistake of the code


@lru_cache(maxsize=_ALIKE)
def _rendered(post: Post) -> str:
    return json.dumps(render.post(post), ensure_ascii=False, separators=(",", ":"))


@lru_cache(maxsize=_ALIKE)
def _plain(post: Post) -> str:
    return json.dumps(render.plain_post(post), ensure_ascii=False, separators=(",", ":"))


async def _connected(gate: Gate, patience: float) -> None:
    """Wait for a connection to end. Raises ``TimeoutError`` when it is not ready after ``patience`` seconds.

    discord.py swallows a cancellation while a shard identifies: it is told again.
    """
    connection = asyncio.create_task(gate.connect(), name="discord gateway")
    ready = asyncio.create_task(gate.wait_until_ready(), name="discord ready")
    try:
        done, _ = await asyncio.wait([connection, ready], timeout=patience, return_when=asyncio.FIRST_COMPLETED)
        if not done:
            raise TimeoutError(f"no session was ready within {patience:.0f} seconds")
        await asyncio.wait([connection])
    finally:
        ready.cancel()
        while not connection.done():
            connection.cancel()
            await asyncio.wait([connection], timeout=1)
    connection.result()


def _give_up_if_refused(error: BaseException) -> None:
    """Raises ``ConfigError`` for what will not be better the next time."""
    if isinstance(error, discord.LoginFailure) or (isinstance(error, DeliveryError) and error.fault == "credential"):
        raise ConfigError(NOT_LET_IN) from error
    if isinstance(error, discord.HTTPException) and is_credential(error):
        raise ConfigError(NOT_LET_IN) from error
    if isinstance(error, discord.PrivilegedIntentsRequired):
        raise ConfigError(_REFUSED_FOR_GOOD[4014]) from error
    if isinstance(error, discord.ConnectionClosed) and error.code in _REFUSED_FOR_GOOD:
        raise ConfigError(_REFUSED_FOR_GOOD[error.code]) from error
