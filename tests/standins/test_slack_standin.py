"""The stand-in for Slack, its Web API, tried with the real slack_sdk: rights, limits, faults."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.standins.slack import Slack, running
from tests.standins.slack_bolts import client
from tests.standins.slack_faults import KINDS, Pace
from tests.standins.slack_samples import sample, strange

METADATA = {"event_type": "paperboy", "event_payload": {"nonce": "n1"}}


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    async with running() as served:
        yield served


async def refused(doing: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        await doing
    return str(caught.value.response["error"])


def hurried(slack: Slack) -> AsyncWebClient:
    """For many posts in a row."""
    slack.posting = Pace(per_second=1000, burst=1000)
    return client(slack)


async def test_a_post_stands_in_its_channel_as_it_was_sent(slack: Slack) -> None:
    said = await client(slack).chat_postMessage(
        channel=slack.papers.id, text="A paper", metadata=METADATA, unfurl_links=False, unfurl_media=False
    )
    (message,) = slack.messages("papers")
    assert (message.ts, message.text, message.metadata) == (said["ts"], "A paper", METADATA)
    assert not message.unfurl_links
    assert not message.unfurl_media


async def test_a_token_knows_who_it_is_and_what_it_may(slack: Slack) -> None:
    said = await client(slack).auth_test()
    assert (said["team_id"], said["user_id"]) == (slack.lab.id, slack.bot.bot.id)
    assert "chat:write" in said.headers["x-oauth-scopes"]


async def test_tokens_that_are_none_or_dead_or_too_weak_are_refused(slack: Slack) -> None:
    assert await refused(client(slack, "xoxb-nobody").auth_test()) == "invalid_auth"
    assert await refused(client(slack, slack.app_token).auth_test()) == "not_allowed_token_type"
    assert await refused(AsyncWebClient(base_url=slack.api).auth_test()) == "not_authed"
    slack.bot.scopes -= {"users:read"}
    assert await refused(client(slack).users_info(user=slack.reader.id)) == "missing_scope"
    slack.bot.dead = "account_inactive"
    assert await refused(client(slack).auth_test()) == "account_inactive"


async def test_a_token_reaches_only_its_own_workspace(slack: Slack) -> None:
    own = client(slack)
    assert await refused(own.chat_postMessage(channel=slack.elsewhere.id, text="Hello")) == "channel_not_found"
    assert await refused(own.conversations_info(channel=slack.elsewhere.id)) == "channel_not_found"
    assert await refused(own.users_info(user=slack.stranger.id)) == "user_not_found"
    assert await refused(own.conversations_open(users=slack.stranger.id)) == "user_not_found"


async def test_an_organizations_token_reaches_each_of_its_workspaces(slack: Slack) -> None:
    install = slack.install(slack.org)
    north, south = (slack.add_channel(team, "papers") for team in (slack.north, slack.south))
    wide = client(slack, install.token)
    for channel in (north, south):
        await wide.chat_postMessage(channel=channel.id, text="A paper")
    assert await refused(wide.chat_postMessage(channel=slack.papers.id, text="A paper")) == "channel_not_found"
    assert (await wide.auth_test())["is_enterprise_install"]


async def test_where_the_bot_may_not_speak(slack: Slack) -> None:
    bot = client(slack)
    assert await refused(bot.chat_postMessage(channel=slack.secret.id, text="Hello")) == "not_in_channel"
    await bot.chat_postMessage(channel=slack.general.id, text="Public, not joined")
    slack.bot.scopes -= {"chat:write.public"}
    assert await refused(bot.chat_postMessage(channel=slack.general.id, text="Hello")) == "not_in_channel"
    slack.papers.restricted = True
    assert await refused(bot.chat_postMessage(channel=slack.papers.id, text="Hello")) == "restricted_action"
    slack.papers.archived = True
    assert await refused(bot.chat_postMessage(channel=slack.papers.id, text="Hello")) == "is_archived"


async def test_what_is_too_long_or_empty_is_refused_and_noted() -> None:
    async with running(strict=False) as slack:
        bot = hurried(slack)
        section = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 2800}}
        assert await refused(bot.chat_postMessage(channel=slack.papers.id, text="x" * 40_001)) == "msg_too_long"
        assert await refused(bot.api_call("chat.postMessage", json={"channel": slack.papers.id})) == "no_text"
        long = bot.chat_postMessage(channel=slack.papers.id, text="x", blocks=[section] * 5)
        assert await refused(long) == "msg_blocks_too_long"
        bad = bot.chat_postMessage(channel=slack.papers.id, text="x", metadata={"event_type": "no payload"})
        assert await refused(bad) == "invalid_metadata_format"
        assert len(slack.violations) == 4


async def test_a_channel_takes_three_posts_at_once_and_then_one_a_second(slack: Slack) -> None:
    bot = client(slack)
    for n in range(3):
        await bot.chat_postMessage(channel=slack.papers.id, text=f"{n}")
    with pytest.raises(SlackApiError) as caught:
        await bot.chat_postMessage(channel=slack.papers.id, text="3")
    assert (caught.value.response.status_code, caught.value.response.headers["Retry-After"]) == (429, "1")
    await bot.chat_postMessage(channel=slack.general.id, text="Another channel")
    slack.advance(1)
    await bot.chat_postMessage(channel=slack.papers.id, text="3")


async def test_history_tells_metadata_only_when_asked(slack: Slack) -> None:
    bot = client(slack)
    await bot.chat_postMessage(channel=slack.papers.id, text="A paper", metadata=METADATA)
    (bare,) = (await bot.conversations_history(channel=slack.papers.id))["messages"]
    (full,) = (await bot.conversations_history(channel=slack.papers.id, include_all_metadata=True))["messages"]
    assert "metadata" not in bare
    assert full["metadata"] == METADATA


async def test_history_has_pages_and_bounds_and_no_replies(slack: Slack) -> None:
    bot = hurried(slack)
    posts = [(await bot.chat_postMessage(channel=slack.papers.id, text=f"{n}"))["ts"] for n in range(5)]
    reply = await bot.chat_postMessage(channel=slack.papers.id, text="Reply", thread_ts=posts[0])
    first = await bot.conversations_history(channel=slack.papers.id, limit=3)
    rest = await bot.conversations_history(channel=slack.papers.id, limit=3, cursor=_next(first))
    assert [m["text"] for page in (first, rest) for m in page["messages"]] == ["4", "3", "2", "1", "0"]
    within = await bot.conversations_history(channel=slack.papers.id, oldest=posts[1], latest=posts[3])
    assert [m["ts"] for m in within["messages"]] == [posts[2]]
    thread = await bot.conversations_replies(channel=slack.papers.id, ts=posts[0])
    assert [m["ts"] for m in thread["messages"]] == [posts[0], reply["ts"]]
    assert await refused(bot.conversations_history(channel=slack.papers.id, oldest="soon")) == "invalid_ts_oldest"


def _next(page: Any) -> str:
    return str(page["response_metadata"]["next_cursor"])


async def test_history_of_an_app_that_is_sold_comes_slowly(slack: Slack) -> None:
    slack.sell()
    bot = hurried(slack)
    for n in range(16):
        await bot.chat_postMessage(channel=slack.papers.id, text=f"{n}")
    assert len((await bot.conversations_history(channel=slack.papers.id))["messages"]) == 15
    with pytest.raises(SlackApiError, match="ratelimited"):
        await bot.conversations_history(channel=slack.papers.id)


async def test_an_update_keeps_what_it_does_not_name(slack: Slack) -> None:
    bot = client(slack)
    block = {"type": "section", "text": {"type": "plain_text", "text": "Body"}}
    said = await bot.chat_postMessage(channel=slack.papers.id, text="Old", blocks=[block], metadata=METADATA)
    await bot.chat_update(channel=slack.papers.id, ts=said["ts"], text="New")
    (message,) = slack.messages(slack.papers)
    assert (message.text, message.blocks, message.metadata) == ("New", [block], METADATA)
    assert message.edited


async def test_only_its_own_living_messages_can_be_updated_while_the_workspace_allows(slack: Slack) -> None:
    bot = client(slack)
    person = slack.say(slack.reader, slack.papers, "Mine")
    assert await refused(bot.chat_update(channel=slack.papers.id, ts=person.ts, text="x")) == "cant_update_message"
    said = await bot.chat_postMessage(channel=slack.papers.id, text="Old")
    slack.edit_window = 60
    slack.advance(61)
    assert await refused(bot.chat_update(channel=slack.papers.id, ts=said["ts"], text="x")) == "edit_window_closed"
    await bot.chat_delete(channel=slack.papers.id, ts=said["ts"])
    assert await refused(bot.chat_update(channel=slack.papers.id, ts=said["ts"], text="x")) == "message_not_found"


async def test_a_post_to_a_person_goes_to_the_direct_channel_with_them(slack: Slack) -> None:
    opened = await client(slack).conversations_open(users=slack.reader.id)
    said = await client(slack).chat_postMessage(channel=slack.reader.id, text="For you")
    assert said["channel"] == opened["channel"]["id"]
    assert [m.text for m in slack.messages(said["channel"])] == ["For you"]


BREAKS = (SlackApiError, aiohttp.ClientError, TimeoutError, AttributeError, TypeError, ValueError)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "late"])
async def test_faults_strike_before_or_after_a_post_counts(slack: Slack, kind: str) -> None:
    slack.fail("chat.postMessage", kind)
    with pytest.raises(BREAKS):
        await client(slack, timeout=1).chat_postMessage(channel=slack.papers.id, text="A paper")
    before = kind.endswith("before") or kind in ("ratelimited", "html")
    assert len(slack.messages(slack.papers)) == (0 if before else 1)
    assert slack.faults.done == {("chat.postMessage", kind): 1}
    await client(slack).chat_postMessage(channel=slack.papers.id, text="The next one")


async def test_a_fault_for_one_channel_leaves_the_others_alone(slack: Slack) -> None:
    other = slack.add_channel(slack.lab, "other", joined=True)
    slack.fail("chat.postMessage", "internal_error", channel=slack.papers.id)
    await client(slack).chat_postMessage(channel=other.id, text="A paper")
    with pytest.raises(SlackApiError):
        await client(slack).chat_postMessage(channel=slack.papers.id, text="A paper")


async def test_a_slow_answer_is_the_true_one(slack: Slack) -> None:
    slack.fail("chat.postMessage", "slow")
    slack.faults.drip = 0.1
    said = await client(slack).chat_postMessage(channel=slack.papers.id, text="A paper")
    assert said["ts"] == slack.messages(slack.papers)[0].ts


async def test_a_late_post_is_not_there_until_it_is_answered(slack: Slack) -> None:
    slack.fail("chat.postMessage", "late")
    slack.faults.drip = 0.2
    posting = asyncio.create_task(client(slack).chat_postMessage(channel=slack.papers.id, text="A paper"))
    await asyncio.sleep(0.05)
    assert slack.messages(slack.papers) == []
    said = await posting
    assert said["ts"] == slack.messages(slack.papers)[0].ts


async def test_weather_is_the_same_for_the_same_seed(slack: Slack) -> None:
    async def met() -> list[str]:
        slack.weather(7, {"500 before": 0.3, "500 after": 0.3}, "auth.*")
        for _ in range(20):
            try:
                await client(slack).auth_test()
            except BREAKS:
                continue
        return [call.fault for call in slack.calls[-20:]]

    first = await met()
    assert first == await met()
    assert {"", "500 before", "500 after"} == set(first)


async def test_answers_have_no_key_that_slacks_samples_lack(slack: Slack) -> None:
    bot, room = client(slack), slack.papers.id
    said = await bot.chat_postMessage(channel=room, text="A paper", metadata=METADATA)
    await bot.chat_postEphemeral(channel=room, user=slack.reader.id, text="For you")
    await bot.chat_update(channel=room, ts=said["ts"], text="New")
    await bot.conversations_info(channel=room)
    await bot.conversations_open(users=slack.reader.id, return_im=True)
    await bot.conversations_history(channel=room, include_all_metadata=True)
    await bot.conversations_replies(channel=room, ts=said["ts"])
    await bot.users_info(user=slack.reader.id)
    await bot.team_info()
    await bot.auth_test()
    await client(slack, slack.app_token).apps_connections_open(app_token=slack.app_token)
    await bot.chat_delete(channel=room, ts=said["ts"])
    assert len(slack.calls) == 12
    for call in slack.calls:
        assert strange(call.answer, sample(f"api/{call.method}.json")) == [], call.method
