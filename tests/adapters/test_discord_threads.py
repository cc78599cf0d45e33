"""Threads below posts where rights lack, and posts that are looked for in busy rooms and long after."""

from collections.abc import AsyncIterator

import pytest

from adapters.discord import Discord
from adapters.discord.rights import MINIMAL
from bot.errors import DeliveryError
from bot.model import Address
from bot.ports import Notes
from tests.adapters.at_discord import adapter, outgoing, where
from tests.standins import discord as standin
from tests.standins.discord_world import Channel, Right


@pytest.fixture
async def discord(server: standin.Discord, notes: Notes) -> AsyncIterator[Discord]:
    async with adapter(server, notes) as made:
        yield made


@pytest.fixture
def channel(server: standin.Discord) -> Channel:
    return server.channel(server.guild("Lab"), "papers")


async def refused(discord: Discord, to: Address, parent: str) -> DeliveryError:
    with pytest.raises(DeliveryError) as error:
        await discord.send(outgoing(discord, to, nonce="a1", reply_to=parent))
    return error.value


# --- threads ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("taken", [Right.CREATE_PUBLIC_THREADS, Right.SEND_MESSAGES_IN_THREADS])
async def test_without_the_right_to_threads_details_are_lost_and_posts_go_on(
    server: standin.Discord, discord: Discord, channel: Channel, taken: Right
) -> None:
    sent = await discord.send(outgoing(discord, where(channel)))
    server.permit(channel, MINIMAL.value & ~int(taken))
    error = await refused(discord, where(channel), sent.id)
    assert error.fault == "payload"
    assert "Create Public Threads and Send Messages in Threads" in str(error)
    await discord.send(outgoing(discord, where(channel), nonce="b1"))


async def test_without_the_right_to_see_the_channel_it_is_the_channel(
    server: standin.Discord, discord: Discord, channel: Channel
) -> None:
    sent = await discord.send(outgoing(discord, where(channel)))
    server.remove_channel(channel)
    assert (await refused(discord, where(channel), sent.id)).fault == "target"


async def test_where_answers_need_the_history_the_details_come_without_being_one(
    server: standin.Discord, discord: Discord, channel: Channel
) -> None:
    thread = server.channel(channel.guild, "reading", "thread", parent=channel)  # type: ignore[arg-type]  # it has one
    sent = await discord.send(outgoing(discord, where(thread)))
    server.permit(channel, MINIMAL.value & ~int(Right.READ_MESSAGE_HISTORY))
    await discord.send(outgoing(discord, where(thread), nonce="a1", reply_to=sent.id))
    assert len(server.messages(thread)) == 2


# --- looking back -----------------------------------------------------------------------------------------------------


async def test_a_post_frozen_long_ago_and_sent_late_is_found_in_a_busy_channel(
    server: standin.Discord, discord: Discord, channel: Channel
) -> None:
    since, somebody = server.world.clock.now(), server.user()
    for number in range(1_200):
        server.say(somebody, channel, f"{number}")
    message = outgoing(discord, where(channel), since=since)
    sent = await discord.send(message)
    assert await discord.find(message) == sent


async def test_where_too_much_was_said_since_there_is_no_telling(
    server: standin.Discord, discord: Discord, channel: Channel
) -> None:
    since, somebody = server.world.clock.now(), server.user()
    for number in range(1_001):
        server.say(somebody, channel, f"{number}")
    with pytest.raises(DeliveryError, match="Too much") as error:
        await discord.find(outgoing(discord, where(channel), since=since))
    assert error.value.fault == "ambiguous"


async def test_what_was_said_before_is_not_read(server: standin.Discord, discord: Discord, channel: Channel) -> None:
    somebody = server.user()
    for number in range(300):
        server.say(somebody, channel, f"{number}")
    server.advance(3600)
    assert await discord.find(outgoing(discord, where(channel), since=server.world.clock.now())) is None
    assert len(server.requests("GET", "/channels/{channel_id}/messages")) == 1


async def test_a_post_of_a_forum_is_found_behind_many_that_are_archived(
    server: standin.Discord, discord: Discord
) -> None:
    forum = server.channel(server.guild("Lab"), "journal", "forum")
    message = outgoing(discord, where(forum), since=server.world.clock.now())
    sent = await discord.send(message)
    server.threads(forum)[0].archived = True
    for number in range(120):
        server.advance(1)
        other = server.channel(forum.guild, f"other {number}", "thread", parent=forum)  # type: ignore[arg-type]  # it has one
        other.archived = True
    assert await discord.find(message) == sent
