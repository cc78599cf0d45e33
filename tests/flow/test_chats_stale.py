"""A source that is down half a day, told between both chats: to those who manage, once, and once that it is over."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.errors import SourceError
from tests.flow.chats import Chats, chatting, items
from tests.test_poll import FakeSource

GONE = (
    "Hugging Face could not be read whole for 12 hours: huggingface.co answered 503. Its new papers may come late:"
    " when it answers again, the days between are read too, and what matches is posted."
)
BACK = "Hugging Face is read whole again, after 14 hours. What came meanwhile is being posted."
PAPER = items()[0]


@pytest.fixture
async def chats(tmp_path: Path) -> AsyncIterator[Chats]:
    async with chatting(tmp_path) as made:
        yield made


async def test_an_outage_and_its_end_are_told_in_both_chats_and_what_came_is_posted(chats: Chats) -> None:
    await chats.say("subscribe", where=chats.room, query="votes>=1")
    await chats.enter("subscribe votes>=1")
    await chats.say("alert add", by=chats.member, query="votes>=1000")
    await chats.news()
    well = chats.bot.sources["huggingface"]
    chats.bot.sources["huggingface"] = FakeSource(SourceError("huggingface.co answered 503; try again later."))
    chats.bot.sources["huggingface"].name = "huggingface"
    for _ in range(14):
        chats.clock.advance(hours=1)
        await chats.news()
    assert told(chats) == [[GONE], [GONE], []]
    assert "those who manage were told 1 hour ago" in str(await chats.enter("status"))
    chats.bot.sources["huggingface"] = well
    chats.clock.advance(hours=1)
    await chats.news(PAPER)
    assert told(chats) == [[GONE, BACK], [GONE, BACK], []]
    assert chats.posted() == chats.told() == [PAPER["paper"]["id"]]


def told(chats: Chats) -> list[list[str]]:
    """What was said alone to the owner at Discord, the manager at Slack, and a member who has an alert."""
    discord, slack = chats.discord, chats.slack
    said = [[message.content for message in discord.messages(discord.dm(user))] for user in (chats.owner, chats.member)]
    at_slack = [message.text for message in slack.messages(slack.direct(slack.bot, slack.manager))]
    return [[plain(text) for text in texts if "Hugging Face" in text] for texts in (said[0], at_slack, said[1])]


def plain(text: str) -> str:
    """Without what only keeps marks from acting, and the name of the message below."""
    return text.replace("\u200b", "").replace("\u2060", "").partition("\n")[0]
