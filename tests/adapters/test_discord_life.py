"""The life of the connection in bad times: nothing ends it but a refused token, and no post suffers from it."""

import asyncio
import threading
import time
from contextlib import suppress

import pytest
from discord.gateway import KeepAliveHandler

from adapters.discord import Discord
from adapters.discord.wire import Wire
from bot.errors import DeliveryError
from bot.ports import Notes
from tests.adapters.at_discord import AskedCore, adapter, no_sleep, options, outgoing, serving, until, where
from tests.standins import discord as standin
from tests.standins.discord_faults import Kind as Fault


class Rest:
    """Sleeps until it is told to go on."""

    def __init__(self) -> None:
        self.begun, self.over = asyncio.Event(), asyncio.Event()

    async def __call__(self, _: float) -> None:
        self.begun.set()
        await self.over.wait()


async def stop(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_posts_under_way_survive_the_end_of_a_connection(server: standin.Discord, notes: Notes) -> None:
    guild = server.guild("Lab", [f"room-{n}" for n in range(20)])
    rooms = [server.channel(guild, f"room-{n}") for n in range(20)]
    rest = Rest()
    async with adapter(server, notes, sleep=rest) as discord:
        server.fail("GET", "/gateway/bot", "wrong json")
        running = asyncio.create_task(discord.run(AskedCore()))
        await asyncio.wait_for(rest.begun.wait(), 10)
        posts = [asyncio.create_task(discord.send(outgoing(discord, where(room)))) for room in rooms]
        await asyncio.sleep(0.1)
        rest.over.set()
        await asyncio.gather(*posts)
        await stop(running)
    assert all(len(server.messages(room)) == 1 for room in rooms)


async def test_a_post_is_out_although_its_connection_is_closed_meanwhile(server: standin.Discord, notes: Notes) -> None:
    channel = server.channel(server.guild("Lab"), "papers")
    async with serving(server, notes, AskedCore()) as discord:
        server.fail("POST", "/messages", "slow", seconds=0.5)
        post = asyncio.create_task(discord.send(outgoing(discord, where(channel))))
        await until(lambda: server.messages(channel))
        server.gateway.drop(4010)  # "invalid shard": discord.py closes its client
        await post
        await until(lambda: len(server.gateway.started) >= 2)


async def test_whether_it_is_connected_can_be_asked_at_any_time(server: standin.Discord, notes: Notes) -> None:
    rest = Rest()
    async with adapter(server, notes, sleep=rest) as discord:
        assert not discord.connected
        running = asyncio.create_task(discord.run(AskedCore()))
        await until(lambda: discord.connected)
        server.gateway.drop(4010)
        await until(lambda: not discord.connected)
        rest.over.set()
        await until(lambda: discord.connected)
        await stop(running)


@pytest.mark.parametrize("path", ["/users/@me", "/oauth2/applications/@me", "/gateway/bot"])
@pytest.mark.parametrize("fault", ["html", "wrong json", "empty json"])
async def test_no_answer_of_the_wrong_kind_ends_the_run(
    server: standin.Discord, notes: Notes, path: str, fault: Fault
) -> None:
    server.fail("GET", path, fault, times=3)
    async with serving(server, notes, AskedCore()):
        assert server.gateway.connected


@pytest.mark.parametrize("fault", ["html", "wrong json", "empty json"])
async def test_a_post_that_cannot_log_in_is_tried_later(server: standin.Discord, notes: Notes, fault: Fault) -> None:
    channel = server.channel(server.guild("Lab"), "papers")
    server.fail("GET", "/users/@me", fault)
    async with adapter(server, notes) as discord:
        with pytest.raises(DeliveryError) as error:
            await discord.send(outgoing(discord, where(channel)))
        assert error.value.fault == "temporary"
        await discord.send(outgoing(discord, where(channel)))


async def test_a_mistake_of_ours_has_a_verdict_and_a_traceback(caplog: pytest.LogCaptureFixture) -> None:
    wire = Wire("token", "https://discord.com/api/v10", make=lambda _: pytest.fail("no client"))
    with pytest.raises(DeliveryError) as error:
        async with wire.attempt():
            raise AttributeError("a mistake")
    assert error.value.fault == "temporary"
    with pytest.raises(DeliveryError) as error:  # noqa: PT012  the state is part of it
        async with wire.attempt() as attempt:
            attempt.posting = attempt.waiting = True
            raise AttributeError("a mistake")
    assert error.value.fault == "ambiguous"
    assert all(record.exc_info for record in caplog.records if record.message == "discord.unforeseen")


class BrokenNotes:
    """In the place of notes, with a mistake in them."""

    def __init__(self, notes: Notes) -> None:
        self._notes, self.broken = notes, 2

    def __getattr__(self, name: str) -> object:
        if name == "change" and self.broken:
            self.broken -= 1
            raise RuntimeError("a mistake")
        return getattr(self._notes, name)


async def test_a_mistake_of_ours_does_not_end_the_run(
    server: standin.Discord, notes: Notes, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(server, BrokenNotes(notes), AskedCore()):  # type: ignore[arg-type]  # a fake at the seam
        assert server.gateway.connected
    assert "discord.unforeseen" in caplog.messages


async def test_a_connection_that_does_not_become_ready_is_given_up_and_begun_anew(
    server: standin.Discord, notes: Notes, caplog: pytest.LogCaptureFixture
) -> None:
    server.gateway.shut = True
    async with adapter(server, notes, patience=-9.7) as discord:  # and ten seconds for the one shard
        running = asyncio.create_task(discord.run(AskedCore()))
        await until(lambda: len(server.requests("GET", "/gateway/bot")) >= 3)
        server.gateway.shut = False
        await until(lambda: server.gateway.connected)
        await stop(running)


async def test_stopping_takes_a_moment_also_where_discord_is_silent(server: standin.Discord, notes: Notes) -> None:
    core = AskedCore(slow=60)
    channel = server.channel(server.guild("Lab"), "papers")
    discord = Discord(options(server, notes), sleep=no_sleep)
    running = asyncio.create_task(discord.run(core))
    await until(lambda: server.gateway.connected)
    asking = asyncio.create_task(server.slash(server.user(), "papers", "today", where=channel, seconds=1))
    await until(lambda: core.requests)
    server.gateway.silent = True
    began = time.monotonic()
    await stop(running)
    await discord.close()
    assert time.monotonic() - began < 5
    await asyncio.gather(asking, return_exceptions=True)


async def test_closing_does_not_wait_for_a_login_that_hangs(server: standin.Discord, notes: Notes) -> None:
    channel = server.channel(server.guild("Lab"), "papers")
    server.fail("GET", "/users/@me", "silence", seconds=6)
    async with adapter(server, notes, deadline=0.2) as discord:
        with pytest.raises(DeliveryError):
            await discord.send(outgoing(discord, where(channel)))
        began = time.monotonic()
    assert time.monotonic() - began < 2.5


async def test_a_session_cut_off_while_it_begins_leaves_no_heartbeat(server: standin.Discord, notes: Notes) -> None:
    server.gateway.shut = True
    rest = Rest()
    async with adapter(server, notes, sleep=rest, patience=-9.0) as discord:
        running = asyncio.create_task(discord.run(AskedCore()))
        await asyncio.wait_for(rest.begun.wait(), 10)
        assert [thread for thread in threading.enumerate() if isinstance(thread, KeepAliveHandler)] == []
        await stop(running)
