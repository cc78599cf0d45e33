"""Whether a post arrived on Slack: looked up by its nonce, within what an app may read."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.slack.faults import SlackError
from tests.adapters.at_slack import Lab, at_slack, now


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    async with at_slack(tmp_path, serve=False) as lab:
        yield lab


async def test_a_reply_is_found_in_its_thread(lab: Lab) -> None:
    parent = await lab.bot.send(lab.outgoing())
    reply = lab.outgoing("more", nonce="n2", reply_to=parent.id)
    sent = await lab.bot.send(reply)
    assert await lab.bot.find(reply) == sent
    assert await lab.bot.find(replace(reply, nonce="n3")) is None


async def test_a_direct_message_is_found(lab: Lab) -> None:
    message = lab.outgoing(where=lab.bot.private(lab.channel(), lab.slack.reader.id))
    assert await lab.bot.find(message) is None
    sent = await lab.bot.send(message)
    assert await lab.bot.find(message) == sent


async def test_only_our_own_messages_count(lab: Lab) -> None:
    lab.slack.say(lab.slack.reader, "papers", "n1").metadata = {
        "event_type": "paperboy_post", "event_payload": {"nonce": "n1"},
    }  # fmt: skip
    assert await lab.bot.find(lab.outgoing()) is None


async def test_several_pages_are_looked_through_and_not_more(lab: Lab) -> None:
    message = lab.outgoing()
    await lab.bot.send(message)
    lab.slack.most_read = 15
    for number in range(40):
        lab.slack.say(lab.slack.reader, "papers", f"chat {number}")
    assert await lab.bot.find(message) is not None
    for number in range(60):
        lab.slack.say(lab.slack.reader, "papers", f"more {number}")
    with pytest.raises(SlackError) as caught:
        await lab.bot.find(message)
    assert caught.value.fault == "ambiguous"


async def test_what_was_said_long_before_is_not_read(lab: Lab) -> None:
    await lab.bot.find(lab.outgoing())
    (call,) = [c for c in lab.slack.calls if c.method == "conversations.history"]
    assert now() / 1000 - 3610 < float(call.text("oldest")) < now() / 1000 - 3590


async def test_a_clock_of_ours_that_is_ahead_hides_no_post(lab: Lab) -> None:
    message = lab.outgoing()
    sent = await lab.bot.send(message)
    assert await lab.bot.find(replace(message, since=now() + 50 * 60_000)) == sent


async def test_a_channel_that_cannot_be_read_leaves_the_question_open(lab: Lab, tmp_path: Path) -> None:
    for where in ("general", "secret"):
        with pytest.raises(SlackError) as caught:
            await lab.bot.find(lab.outgoing(where=lab.channel(where)))
        assert caught.value.fault == "ambiguous"
    (tmp_path / "blind").mkdir()
    async with at_slack(tmp_path / "blind", serve=False, scopes="chat:write,commands") as blind:
        with pytest.raises(SlackError, match="channels:history") as caught:
            await blind.bot.find(blind.outgoing())
        assert caught.value.fault == "ambiguous"


@pytest.mark.parametrize(
    ("kind", "fault"), [("500 before", "temporary"), ("reset before", "temporary"), ("ratelimited", "busy")]
)
async def test_a_look_that_fails_is_tried_again_later(lab: Lab, kind: str, fault: str) -> None:
    lab.slack.faults.fail(r"conversations\.history", kind)
    with pytest.raises(SlackError) as caught:
        await lab.bot.find(lab.outgoing())
    assert caught.value.fault == fault


async def test_reading_once_a_minute_is_waited_for_but_not_page_by_page(lab: Lab) -> None:
    message = lab.outgoing()
    lab.slack.reading.per_second, lab.slack.reading.burst = 1 / 60, 1
    lab.slack.most_read = 15
    for number in range(20):
        lab.slack.say(lab.slack.reader, "papers", f"chat {number}")
    faults = []
    for _ in range(2):
        with pytest.raises(SlackError) as caught:
            await lab.bot.find(message)
        faults.append(caught.value.fault)
    assert faults == ["ambiguous", "busy"]


async def test_a_pause_in_the_middle_is_waited_for_where_pages_are_whole(lab: Lab) -> None:
    lab.slack.reading.per_second, lab.slack.reading.burst = 1 / 20, 1
    for number in range(120):
        lab.slack.say(lab.slack.reader, "papers", f"chat {number}")
    with pytest.raises(SlackError) as caught:
        await lab.bot.find(lab.outgoing())
    assert caught.value.fault == "busy"
    assert 10 < (caught.value.retry_after or 0) <= 20


async def test_a_dead_token_while_looking_is_a_matter_of_credentials(lab: Lab) -> None:
    await lab.bot.find(lab.outgoing())
    lab.slack.bot.dead = "account_inactive"
    with pytest.raises(SlackError) as caught:
        await lab.bot.find(lab.outgoing())
    assert caught.value.fault == "credential"
