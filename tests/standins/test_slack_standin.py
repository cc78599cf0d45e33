"""The stand-in for Slack, tried with the real slack-bolt and slack_sdk."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.standins.slack import Slack, running


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    async with running() as served:
        yield served


def client(slack: Slack, token: str = "") -> AsyncWebClient:
    return AsyncWebClient(token or slack.bot.token, base_url=slack.api, retry_handlers=[], timeout=5)


def bolt(slack: Slack, **more: Any) -> AsyncApp:
    """An app that answers ``/papers`` with what was asked."""
    app = AsyncApp(client=client(slack), **({"token": slack.bot.token} | more))

    @app.command("/papers")
    async def papers(ack: Any, respond: Any, command: dict[str, str]) -> None:
        await ack()
        await respond(f"You asked for {command['text']}.")

    return app


@asynccontextmanager
async def socket_mode(slack: Slack, app: AsyncApp) -> AsyncIterator[None]:
    handler = AsyncSocketModeHandler(app, slack.app_token, web_client=client(slack, slack.app_token))
    await handler.connect_async()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]
        await handler.client.aiohttp_client_session.close()


async def test_a_slash_command_goes_through_socket_mode_and_comes_back(slack: Slack) -> None:
    async with socket_mode(slack, bolt(slack)):
        answer = await slack.slash(slack.reader, "/papers", "search diffusion", slack.papers)
    assert answer.acked is not None
    assert answer.acked < 1
    assert [message.text for message in answer.messages] == ["You asked for search diffusion."]
    assert answer.message.only_for == slack.reader.id
    assert slack.messages(slack.papers) == []
    assert slack.late == []


async def test_a_post_stands_in_its_channel_as_it_was_sent(slack: Slack) -> None:
    metadata = {"event_type": "paperboy", "event_payload": {"nonce": "n1"}}
    said = await client(slack).chat_postMessage(
        channel=slack.papers.id, text="A paper", metadata=metadata, unfurl_links=False, unfurl_media=False
    )
    (message,) = slack.messages("papers")
    assert (message.ts, message.text, message.metadata) == (said["ts"], "A paper", metadata)
    assert not message.unfurl_links
    assert not message.unfurl_media


async def test_a_token_knows_who_it_is(slack: Slack) -> None:
    said = await client(slack).auth_test()
    assert (said["team_id"], said["user_id"]) == (slack.lab.id, slack.bot.bot.id)
    assert "chat:write" in said.headers["x-oauth-scopes"]
    with pytest.raises(SlackApiError, match="invalid_auth"):
        await client(slack, "xoxb-nobody").auth_test()
