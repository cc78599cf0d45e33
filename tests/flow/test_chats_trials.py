"""Posts that rest go on by themselves: after a trial, where rights came back, and where it is in a server again."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.flow.chats import Chats, chatting, items, opened, standing
from tests.standins.discord_world import POSTING, Right

PAPER = items()[0]
KEY = PAPER["paper"]["id"]


@pytest.fixture
async def chats(tmp_path: Path) -> AsyncIterator[Chats]:
    async with chatting(tmp_path) as made:
        await begin(made)
        yield made


async def begin(chats: Chats) -> None:
    await chats.say("subscribe", where=chats.room, query="votes>=1")
    await chats.enter("subscribe votes>=1")


async def test_rights_that_came_back_start_the_posts_of_a_channel_again(chats: Chats) -> None:
    chats.discord.permit(chats.room, POSTING & ~Right.SEND_MESSAGES)
    await chats.news(PAPER)
    await chats.suspended(chats.room.id)
    chats.discord.permit(chats.room, int(POSTING))
    await chats.on_trial(chats.room.id)
    await chats.settle()
    assert chats.posted() == [KEY]
    told = [m.content.replace("\u200b", "") for m in chats.discord.messages(chats.discord.dm(chats.owner))]
    assert ["no longer post in #" in told[0], "can post in #" in told[1], len(told)] == [True, True, 2]


async def test_a_day_later_posts_go_on_where_it_was_invited_again_without_a_word(chats: Chats) -> None:
    slack = chats.slack
    private = slack.add_channel(slack.lab, "quiet", kind="private", joined=True)
    await chats.enter("subscribe votes>=1", where=private)
    private.members.discard(slack.bot.bot.id)
    await chats.news(PAPER)
    await chats.suspended(private.id)
    slack.join(private)
    await chats.settle()
    assert chats.told(private) == []
    chats.clock.advance(hours=24)
    await chats.settle()
    assert chats.told(private) == [KEY]
    direct = slack.messages(slack.direct(slack.bot, slack.manager))
    assert "can post in #" in direct[-1].text.replace("\u2060", "")


async def test_a_server_that_it_left_and_joined_while_it_was_off_is_known_from_the_first_moment(tmp_path: Path) -> None:
    async with standing(tmp_path) as chats:
        async with opened(chats):
            await begin(chats)
            troubled = chats.discord.guild("In trouble", ["papers"])
            there = chats.discord.channel(troubled, "papers")
            await chats.say("subscribe", where=there, query="votes>=1")
        chats.guild.joined = False
        troubled.down = True
        async with opened(chats):
            await chats.suspended(chats.room.id)
            await chats.news(PAPER)
            assert chats.posted() == []
            assert chats.posted(there) == [KEY], "trouble of Discord's is no removal"
        chats.guild.joined = True
        async with opened(chats):
            await chats.until(lambda: len(chats.discord.gateway.connected) == 1)
            async for _ in waiting(chats):
                await chats.settle()
            assert chats.posted() == [KEY]


async def waiting(chats: Chats) -> AsyncIterator[None]:
    """As long as something is suspended."""
    while any(target.suspended for target in await chats.bot.store.subscriptions.targets()):
        yield
    await chats.settle()
