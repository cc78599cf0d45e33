"""The real discord.py pointed at the stand-in, for the stand-in's own tests: logged in, or connected with commands."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import discord
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from tests.standins.discord import Discord


class Client(discord.AutoShardedClient):
    """Identifies without discord.py's wait of 5 s between shards; what comes in is kept in ``seen``."""

    def __init__(self, server: Discord, **options: Any) -> None:
        Route.BASE = server.url
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(server.gateway.url)
        super().__init__(intents=discord.Intents(guilds=True), max_ratelimit_timeout=30, **options)
        self.tree = app_commands.CommandTree(self)
        self.seen: list[str] = []
        self.touched: Callable[[discord.Interaction], Awaitable[object]] | None = None

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """No wait."""

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        self.seen.append(event)
        super().dispatch(event, *args, **kwargs)

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Buttons, selects and forms go to whom the test set; commands have their tree."""
        kinds = (discord.InteractionType.component, discord.InteractionType.modal_submit)
        if interaction.type in kinds and self.touched is not None:
            await self.touched(interaction)

    async def until(self, condition: Callable[[], object], seconds: float = 10) -> None:
        async with asyncio.timeout(seconds):
            while not condition():  # noqa: ASYNC110  # whatever a test waits for sets no event
                await asyncio.sleep(0.005)


@asynccontextmanager
async def logged_in(server: Discord) -> AsyncIterator[Client]:
    """REST only."""
    async with Client(server) as client:
        await client.login(server.token)
        yield client


@asynccontextmanager
async def connected(server: Discord, **options: Any) -> AsyncIterator[Client]:
    """With a gateway connection that has received its guilds."""
    client = Client(server, **options)
    running = asyncio.create_task(client.start(server.token))
    joined = [guild for guild in server.world.guilds.values() if guild.joined]
    try:
        await client.until(lambda: running.done() or (len(client.guilds) == len(joined) and client.shards))
        if running.done():
            running.result()
        yield client
    finally:
        await client.close()
        await asyncio.gather(running, return_exceptions=True)
