"""Whatever Discord answers to a post and to its repeat, one message is there in the end: neither none nor two."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from adapters.discord import Discord
from bot import deliver
from bot.errors import DeliveryError
from bot.match import Matcher
from bot.model import Address
from bot.ports import Notes, Store
from bot.store.sqlite import open_store
from tests.adapters.at_discord import adapter, outgoing, person, where
from tests.making import NOON, edition, paper, subscribe
from tests.standins import discord as standin
from tests.standins.discord_faults import Kind as Fault
from tests.standins.discord_world import Channel, Message

FIRST: Sequence[Fault] = (
    "500 after", "502 after", "reset after", "silence after", "cut json", "empty json", "html",
    "500", "429 route", "403",
)  # fmt: skip
SECOND: Sequence[Fault] = ("503", "reset", "429 route", "429 cloudflare", "400", "403", "404")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with open_store(tmp_path / "paperboy.db", now=NOON) as opened:
        yield opened


@pytest.fixture
async def discord(server: standin.Discord, store: Store) -> AsyncIterator[Discord]:
    async with adapter(server, store.notes) as made:
        yield made


async def refused(discord: Discord, to: Address, **more: Any) -> DeliveryError:
    with pytest.raises(DeliveryError) as error:
        await discord.send(outgoing(discord, to, **more))
    return error.value


async def a_room(server: standin.Discord, notes: Notes, kind: str, name: str) -> tuple[Address, Channel]:
    """Somewhere new of this kind; a conversation is open already, for those are begun slowly."""
    guild = server.guild(name)
    if kind == "direct":
        somebody = server.user(name, installed=True)
        await notes.write("discord", f"dm:{somebody.id}", str(server.dm(somebody).id))
        return person(somebody), server.dm(somebody)
    if kind == "thread":
        channel = server.channel(guild, name, "thread", parent=server.channel(guild, "parent"))
    else:
        channel = server.channel(guild, name, "forum" if kind == "forum" else "text")
    return where(channel), channel


def said(server: standin.Discord, channel: Channel) -> list[Message]:
    threads = [message for thread in server.threads(channel) for message in server.messages(thread)]
    return [message for message in (*server.messages(channel), *threads) if message.author is server.bot]


async def bring(store: Store, discord: Discord, server: standin.Discord) -> None:
    """Deliver all there is, for days, while somebody mends every channel that refused a post."""
    sender, clock = deliver.Sender(store, discord), server.world.clock
    for _ in range(40):
        while await deliver.freeze_due(store, {"discord": discord}, clock.now()):
            pass
        await sender.drain(clock.now)
        for target in await store.subscriptions.targets():
            if target.suspended:
                await store.outbox.resume(target.id, clock.now())
        messages = (await store.outbox.tally()).messages
        if not any(messages.get(state) for state in ("ready", "sending", "ambiguous", "suspended")):
            return
        server.advance(3 * 3600)


@pytest.mark.parametrize("kind", ["text", "thread", "forum", "direct"])
async def test_one_message_is_there_in_the_end_whatever_was_answered(tmp_path: Path, kind: str) -> None:
    async with (
        standin.Discord(clock=lambda: NOON, identify_pause=0.0) as server,
        open_store(tmp_path / "paperboy.db", now=NOON) as store,
        adapter(server, store.notes, deadline=1.5) as discord,
    ):
        rooms: dict[tuple[Fault, Fault], Channel] = {}
        for faults in product(FIRST, SECOND):
            to, channel = await a_room(server, store.notes, kind, "-".join(faults))
            await subscribe(store, "paper", to, owner="", space_limit=1_000)
            rooms[faults] = channel
            for fault in faults:
                pause = 120 if fault == "429 route" else 3
                server.fail("POST", f"/channels/{channel.id}/(messages|threads)", fault, seconds=pause)
        await store.papers.ingest(edition(paper(1)), NOON)
        await Matcher(store).step(NOON)
        await bring(store, discord, server)
        amounts = {faults: len(said(server, channel)) for faults, channel in rooms.items()}
        assert {faults: amount for faults, amount in amounts.items() if amount != 1} == {}


@pytest.mark.parametrize("fault", ["500 after", "502 after"])
async def test_a_post_of_a_forum_is_asked_for_once(server: standin.Discord, discord: Discord, fault: Fault) -> None:
    forum = server.channel(server.guild("Lab"), "papers", "forum")
    server.fail("POST", "/threads", fault)
    assert (await refused(discord, where(forum))).fault == "ambiguous"
    assert len(server.threads(forum)) == 1
    assert await discord.find(outgoing(discord, where(forum), since=server.world.clock.now())) is not None


async def test_a_post_of_a_forum_is_asked_for_again_after_a_pause(server: standin.Discord, discord: Discord) -> None:
    forum = server.channel(server.guild("Lab"), "papers", "forum")
    server.fail("POST", "/threads", "429 route", seconds=0.1)
    await discord.send(outgoing(discord, where(forum)))
    assert len(server.threads(forum)) == 1


@pytest.mark.parametrize("second", ["429 route", "429 cloudflare", "400", "401", "403", "404"])
async def test_doubt_outlives_the_answer_to_a_repeat(server: standin.Discord, discord: Discord, second: Fault) -> None:
    channel = server.channel(server.guild("Lab"), "papers")
    server.fail("POST", "/messages", "502 after")
    server.fail("POST", "/messages", second, seconds=120)
    error = await refused(discord, where(channel))
    assert error.fault == "ambiguous"
    assert error.retry_after == {"429 route": 120, "429 cloudflare": 60}.get(second)
    assert len(server.messages(channel)) == 1


async def test_doubt_about_an_answer_in_a_thread_outlives_the_threads_end(
    server: standin.Discord, discord: Discord
) -> None:
    channel = server.channel(server.guild("Lab"), "papers")
    parent = await discord.send(outgoing(discord, where(channel)))
    server.fail("POST", f"/channels/{parent.id}/messages", "502 after")
    server.fail("POST", f"/channels/{parent.id}/messages", "404")
    assert (await refused(discord, where(channel), nonce="a1", reply_to=parent.id)).fault == "ambiguous"
    assert await discord.find(outgoing(discord, where(channel), nonce="a1", reply_to=parent.id)) is not None


async def test_an_answer_without_an_id_leaves_doubt(server: standin.Discord, discord: Discord) -> None:
    channel = server.channel(server.guild("Lab"), "papers")
    server.fail("POST", "/messages", "empty json")
    assert (await refused(discord, where(channel))).fault == "ambiguous"


async def test_a_pause_for_the_whole_bot_ends_also_when_we_do_not_wait_for_it(
    server: standin.Discord, store: Store
) -> None:
    channel = server.channel(server.guild("Lab"), "papers")
    server.fail("POST", "/messages", "429 global", seconds=1.5)
    async with adapter(server, store.notes, deadline=1.0) as discord:
        assert (await refused(discord, where(channel))).fault == "busy"
        await asyncio.sleep(1.6)
        await discord.send(outgoing(discord, where(channel)))
    assert len(server.messages(channel)) == 1
