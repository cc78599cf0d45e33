"""Small bolt apps for trying the stand-in for Slack: over Socket Mode, over HTTP, with OAuth."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_sdk.oauth.installation_store import FileInstallationStore
from slack_sdk.oauth.state_store import FileOAuthStateStore
from slack_sdk.web.async_client import AsyncWebClient

from tests.standins.slack import Slack


def client(slack: Slack, token: str = "", timeout: int = 5) -> AsyncWebClient:
    return AsyncWebClient(token or slack.bot.token, base_url=slack.api, retry_handlers=[], timeout=timeout)


def echo(slack: Slack) -> AsyncApp:
    """An app that answers ``/papers`` with what was asked."""
    app = AsyncApp(client=client(slack), signing_secret=slack.signing_secret, token=slack.bot.token)

    @app.command("/papers")
    async def papers(ack: Any, respond: Any, command: dict[str, str]) -> None:
        await ack()
        await respond(f"You asked for {command['text']}.")

    return app


def with_oauth(slack: Slack, folder: Path) -> AsyncApp:
    settings = AsyncOAuthSettings(
        client_id=slack.client_id,
        client_secret=slack.client_secret,
        scopes=["commands", "chat:write"],
        authorization_url=slack.authorize_url,
        installation_store=FileInstallationStore(base_dir=str(folder / "installs")),
        state_store=FileOAuthStateStore(expiration_seconds=60, base_dir=str(folder / "states")),
    )
    app = AsyncApp(client=client(slack, "none"), signing_secret=slack.signing_secret, oauth_settings=settings)

    @app.command("/papers")
    async def papers(ack: Any, respond: Any, context: Any) -> None:
        await ack()
        await respond(f"I use {context.bot_token}.")

    app.enable_token_revocation_listeners()
    return app


@asynccontextmanager
async def socket_mode(slack: Slack, app: AsyncApp, ping: float = 10) -> AsyncIterator[AsyncSocketModeHandler]:
    own = client(slack, slack.app_token)
    handler = AsyncSocketModeHandler(app, slack.app_token, web_client=own, ping_interval=ping)
    await handler.connect_async()  # type: ignore[no-untyped-call]
    try:
        yield handler
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]
        await handler.client.aiohttp_client_session.close()


@asynccontextmanager
async def http_mode(slack: Slack, app: AsyncApp) -> AsyncIterator[str]:
    """The address of the app, to which Slack sends from now on."""
    runner = web.AppRunner(app.server(path="/slack/events").web_app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    slack.requests.address, slack.redirect_uri = f"{address}/slack/events", f"{address}/slack/oauth_redirect"
    try:
        yield address
    finally:
        slack.requests.address = ""
        await runner.cleanup()
