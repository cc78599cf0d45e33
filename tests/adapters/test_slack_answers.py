"""How answers reach people in Slack: privately or to all, in the place of another, and when they are not taken."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.cards import Card, Page, Reply, notice
from bot.commands import refusal
from bot.errors import CommandError
from tests.adapters.at_slack import Lab, at_slack
from tests.standins.slack_world import Message

PAPER = Card(title="Attention Is All You Need", url="https://arxiv.org/abs/1706.03762", tone="paper")
FIRST = Reply(
    cards=(notice("page one"),), page=Page(number=1, total=2, next="/papers today page:2"), share="/papers today"
)


@pytest.fixture(params=["socket", "http"])
async def lab(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Lab]:
    async with at_slack(tmp_path, request.param) as lab:
        yield lab


@pytest.fixture
async def socket(tmp_path: Path) -> AsyncIterator[Lab]:
    async with at_slack(tmp_path) as lab:
        yield lab


def buttons(message: Message) -> list[str]:
    rows = [block["elements"] for block in message.blocks if block["type"] == "actions"]
    return [element["text"]["text"] for row in rows for element in row if element["type"] == "button"]


# --- to whom ----------------------------------------------------------------------------------------------------------


async def test_an_answer_for_everybody_stands_in_the_channel_and_an_audit_line_below_a_private_one(lab: Lab) -> None:
    lab.core.answers["today"] = Reply(cards=(PAPER,), private=False)
    answer = await lab.slack.slash(lab.slack.reader, "/papers", "today", "papers")
    assert answer.message.only_for == ""
    lab.core.answers["pause"] = Reply(cards=(notice("Paused."),), public="@reader paused <everything> & more")
    answer = await lab.slack.slash(lab.slack.reader, "/papers", "pause id:all", "papers")
    first, line = answer.messages
    assert (first.only_for, line.only_for) == (lab.slack.reader.id, "")
    assert "<everything>" not in line.text
    assert "paused" in line.text
    assert not line.unfurl_links
    assert not line.unfurl_media


async def test_somebody_alone_gets_no_audit_line(socket: Lab) -> None:
    socket.core.answers["me timezone"] = Reply(cards=(notice("Done."),), public="somebody did something")
    answer = await socket.slack.slash(socket.slack.reader, "/papers", "me timezone Europe/Berlin")
    assert len(answer.messages) == 1


async def test_sharing_shows_the_answer_to_the_channel_and_nobody_can_change_it_there(lab: Lab) -> None:
    lab.core.answers["today"] = FIRST
    shown = await lab.slack.slash(lab.slack.reader, "/papers", "today", "papers")
    assert buttons(shown.message) == ["Next ▶", "Share to channel"]
    answer = await lab.slack.press(shown, "Share to channel")
    (shared,) = answer.messages
    assert shared.only_for == ""
    assert buttons(shared) == []
    assert "1/2" in str(shared.blocks)


# --- in the place of another ------------------------------------------------------------------------------------------


async def test_turning_a_page_puts_it_in_the_place_of_the_old_one(lab: Lab) -> None:
    lab.core.answers["today"] = FIRST
    shown = await lab.slack.slash(lab.slack.reader, "/papers", "today", "papers")
    lab.core.answers["today"] = Reply(cards=(notice("page two"),))
    await lab.slack.press(shown, "Next ▶")
    (message,) = shown.messages
    assert "page two" in message.text
    assert lab.core.request.options == {"page": "2"}


async def test_a_page_that_does_not_come_leaves_the_old_one_where_it_is(lab: Lab) -> None:
    lab.core.answers["today"] = FIRST
    shown = await lab.slack.slash(lab.slack.reader, "/papers", "today", "papers")
    lab.core.answers["today"] = refusal(CommandError("That was more than 10 commands in a minute."))
    answer = await lab.slack.press(shown, "Next ▶")
    assert "page one" in shown.messages[0].text
    assert "more than 10" in answer.message.text
    assert answer.message.only_for == lab.slack.reader.id


async def test_what_everybody_sees_is_never_replaced(lab: Lab) -> None:
    """A message of an earlier Paperboy may still have the button."""
    lab.core.answers["today"] = FIRST
    shown = await lab.slack.slash(lab.slack.reader, "/papers", "today", "papers")
    await lab.bot.send(lab.outgoing())
    (post,) = lab.slack.messages("papers")
    post.blocks = shown.message.blocks
    lab.core.answers["today"] = Reply(cards=(notice("page two"),))
    answer = await lab.slack.press(post, "Next ▶", by=lab.slack.manager)
    assert post.edited == ""
    assert "page two" in answer.message.text
    assert answer.message.only_for == lab.slack.manager.id


# --- what Slack does not take -----------------------------------------------------------------------------------------


async def test_a_spent_or_expired_address_is_made_up_for_by_a_private_post(socket: Lab) -> None:
    answer = await socket.slack.slash(socket.slack.reader, "/papers", "today", "papers", wait=False)
    await answer.wait(lambda a: a.shown)
    socket.core.slow = 0.3
    late = await socket.slack.slash(socket.slack.reader, "/papers", "today", "papers", wait=False)
    socket.slack.advance(31 * 60)
    await late.wait(lambda a: a.ephemerals)
    assert "answer to today" in late.ephemerals[0].text
    assert late.ephemerals[0].only_for == socket.slack.reader.id


async def test_in_a_direct_message_the_way_out_is_a_direct_message(socket: Lab) -> None:
    socket.slack.faults.fail("response_url", "expired_url")
    answer = await socket.slack.slash(socket.slack.reader, "/papers", "today", wait=False)
    await answer.wait(lambda a: a.posts)
    assert answer.posts[0].channel.user is socket.slack.reader


@pytest.mark.parametrize("kind", ["reset after", "500 after", "reset before"])
async def test_an_answer_that_may_have_arrived_is_not_given_twice(
    socket: Lab, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    socket.core.answers["pause"] = Reply(cards=(notice("Paused."),), public="reader paused everything")
    socket.slack.faults.fail("response_url", kind, 2)
    answer = await socket.slack.slash(socket.slack.reader, "/papers", "pause id:all", "papers", wait=False)
    await answer.wait(lambda _: caplog.text.count("slack.answer_lost") == 2)
    assert answer.posts == []
    assert answer.ephemerals == []


async def test_an_answer_that_cannot_be_given_ends_in_the_log(socket: Lab, caplog: pytest.LogCaptureFixture) -> None:
    socket.slack.faults.fail("response_url", "used_url")
    answer = await socket.slack.slash(socket.slack.reader, "/papers", "today", "secret", wait=False)
    await answer.wait(lambda _: "slack.answer_lost" in caplog.text)


@pytest.mark.parametrize("expired", [False, True])
async def test_an_answer_whose_blocks_are_refused_is_given_as_text(socket: Lab, expired: bool) -> None:
    if expired:
        socket.slack.faults.fail("response_url", "expired_url", 2)
        socket.slack.faults.fail(r"chat\.postEphemeral", "invalid_blocks")
    else:
        socket.slack.faults.fail("response_url", "invalid_blocks")
    answer = await socket.slack.slash(socket.slack.reader, "/papers", "today", "papers", wait=False)
    await answer.wait(lambda a: a.shown)
    (message,) = answer.shown
    assert "answer to today" in message.text
    assert message.blocks == []
    assert message.only_for == socket.slack.reader.id
