"""What changes after a post, whole: papers get code and votes, rights are taken, Paperboy is removed and comes back."""

import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.flow.chats import Chats, changed, chatting, items, opened, standing, words
from tests.standins.discord_world import POSTING, Message, Right

PAPERS = items()
PAPER = PAPERS[0]
KEY = PAPER["paper"]["id"]
CODE = "https://github.com/example/living"


@pytest.fixture
async def chats(tmp_path: Path) -> AsyncIterator[Chats]:
    """Both channels are subscribed to everything."""
    async with chatting(tmp_path) as chats:
        await begin(chats)
        yield chats


async def begin(chats: Chats) -> None:
    await chats.news(PAPERS[-1])
    await chats.say("subscribe", where=chats.room, query="votes>=1")
    await chats.enter("subscribe votes>=1")


def posts(chats: Chats) -> tuple[Message, Any]:
    """The one post of a paper at each."""
    (here,) = [m for m in chats.discord.messages(chats.room) if m.embeds and m.author is chats.discord.bot]
    (there,) = [m for m in chats.slack.messages("papers") if m.metadata]
    return here, there


def edits(chats: Chats) -> tuple[int, int]:
    """How often the posts were shown anew."""
    here, _ = posts(chats)
    updates = [call for call in chats.slack.calls if call.method == "chat.update"]
    return len(here.versions), len(updates)


# --- living cards -----------------------------------------------------------------------------------------------------


async def test_a_post_is_shown_anew_once_when_its_code_comes_and_not_again_for_votes(chats: Chats) -> None:
    await chats.news(PAPER)
    chats.clock.advance(minutes=20)
    await chats.news(changed(PAPER, upvotes=12))
    assert edits(chats) == (0, 0)
    await chats.news(changed(PAPER, upvotes=12, githubRepo=CODE, githubStars=5))
    here, there = posts(chats)
    assert edits(chats) == (1, 1)
    assert CODE in str(here.embeds)
    assert CODE in str(there.blocks)
    assert there.edited
    chats.clock.advance(minutes=10)
    await chats.news(changed(PAPER, upvotes=150, githubRepo=CODE, ai_summary="A summary that came later."))
    assert edits(chats) == (1, 1)
    assert (chats.posted(), chats.told()) == ([KEY], [KEY])


async def test_after_its_hour_a_post_at_discord_stays_as_it_was_and_after_its_day_at_slack(chats: Chats) -> None:
    await chats.news(PAPER)
    chats.clock.advance(hours=1)
    await chats.news(changed(PAPER, githubRepo=CODE))
    assert edits(chats) == (0, 1)
    await chats.news(PAPERS[1])
    chats.clock.advance(hours=24, minutes=1)
    chats.stand.listed.clear()
    await chats.news(changed(PAPERS[1], githubRepo=CODE))
    late = [call for call in chats.slack.calls if call.method == "chat.update"]
    assert len(late) == 1
    assert [m.versions for m in chats.discord.messages(chats.room)] == [[]] * len(chats.discord.messages(chats.room))


async def test_where_living_is_off_and_where_nothing_may_be_posted_nothing_is_shown_anew(chats: Chats) -> None:
    await chats.say("admin settings", where=chats.room, living="off")
    await chats.news(PAPER)
    chats.slack.papers.archived = True
    await chats.news(PAPERS[1])
    asked = [call.method for call in chats.slack.calls]
    await chats.news(changed(PAPER, githubRepo=CODE), changed(PAPERS[1], githubRepo=CODE))
    assert [len(m.versions) for m in chats.discord.messages(chats.room)] == [0] * len(
        chats.discord.messages(chats.room)
    )
    assert [call.method for call in chats.slack.calls][len(asked) :] == []


async def test_buttons_of_a_post_that_was_shown_anew_still_work(chats: Chats) -> None:
    await chats.news(PAPER)
    await chats.news(changed(PAPER, githubRepo=CODE))
    here, there = posts(chats)
    assert "aved" in (await chats.discord.click(here, "Save", user=chats.member)).text
    assert "aved" in words(await chats.slack.press(there, "Save", by=chats.slack.reader))


# --- rights -----------------------------------------------------------------------------------------------------------


async def test_without_rights_a_channel_of_discord_rests_its_subscriber_is_told_once_and_a_word_there_wakes_it(
    chats: Chats,
) -> None:
    chats.discord.permit(chats.room, POSTING & ~Right.SEND_MESSAGES)
    await chats.news(PAPER)
    await chats.news(PAPERS[1])
    own = chats.discord.dm(chats.owner)
    assert [m.content for m in chats.discord.messages(own)] == [chats.discord.messages(own)[0].content]
    assert "no longer post in #" in chats.discord.messages(own)[0].content.replace("\u200b", "")
    assert chats.posted() == []
    assert sorted(chats.told()) == sorted([KEY, PAPERS[1]["paper"]["id"]])
    still = await chats.say("status", where=chats.room)
    assert "suspended" in still.text
    chats.discord.permit(chats.room, int(POSTING))
    assert "tried again" in (await chats.say("status", where=chats.room)).text
    await chats.settle()
    assert sorted(chats.posted()) == sorted([KEY, PAPERS[1]["paper"]["id"]])
    assert ["can post in #" in m.content for m in chats.discord.messages(own)] == [False, True]


async def test_outside_a_channel_of_slack_it_rests_and_an_invitation_and_a_word_wake_it(chats: Chats) -> None:
    slack = chats.slack
    private = slack.add_channel(slack.lab, "quiet", kind="private", joined=True)
    await chats.enter("subscribe votes>=1", where=private)
    private.members.discard(slack.bot.bot.id)
    await chats.news(PAPER)
    await chats.news(PAPERS[1])
    direct = slack.direct(slack.bot, slack.manager)
    assert ["no longer post in #" in m.text.replace("\u2060", "") for m in slack.messages(direct)] == [True]
    assert chats.told(private) == []
    assert "suspended" in words(await chats.enter("status", where=private))
    slack.join(private)
    assert "Posting here is tried again now" in words(await chats.enter("status", where=private))
    await chats.settle()
    assert sorted(chats.told(private)) == sorted(chats.told()) == sorted([KEY, PAPERS[1]["paper"]["id"]])


async def test_a_deleted_channel_rests_and_the_others_go_on(chats: Chats) -> None:
    other = chats.discord.channel(chats.guild, "other")
    said = await chats.say("subscribe", where=other, query="votes>=1")
    await said.until(lambda answer: len(answer.messages) == 2)  # the line for everybody too
    chats.discord.remove_channel(other)
    await chats.news(PAPER)
    await chats.suspended(other.id)
    assert (chats.posted(), chats.told()) == ([KEY], [KEY])


# --- coming and going -------------------------------------------------------------------------------------------------


async def test_removed_from_a_guild_and_from_a_workspace_it_posts_there_no_more_until_it_is_back(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with standing(tmp_path) as chats:
        with caplog.at_level(logging.INFO, "adapters.discord"):
            async with opened(chats):
                await begin(chats)
                await chats.say("alert add", by=chats.member, query="votes>=1")
                await chats.until(lambda: "discord.ready" in caplog.text)  # before that nobody is told of a guild
                await _removed(chats)
                chats.discord.invite(chats.guild)
                await chats.suspended(chats.slack.papers.id)
                await chats.settle()
                assert chats.posted() == [KEY]
        chats.install_again()
        async with opened(chats):
            await chats.settle()
            assert chats.told() == [KEY]


async def _removed(chats: Chats) -> None:
    chats.discord.kick(chats.guild)
    await chats.slack.uninstall(chats.slack.lab)
    await chats.suspended(chats.room.id, chats.slack.papers.id)
    await chats.news(PAPER)
    assert (chats.posted(), chats.told()) == ([], [])
    assert chats.posted(chats.discord.dm(chats.member)) == [KEY], "a person is nobody's guild"
