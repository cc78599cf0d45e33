"""Installing Paperboy in workspaces and organizations: bolt's OAuth flow over our stores."""

from typing import Any

from slack_bolt.oauth.async_callback_options import AsyncCallbackOptions, AsyncFailureArgs, AsyncSuccessArgs
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from adapters import SlackOptions
from adapters.slack.api import Api, sdk_log
from adapters.slack.comings import Comings
from adapters.slack.installs import Installs, States
from adapters.slack.manifest import REASONS, REDIRECT_PATH
from adapters.slack.seal import STATE_SECONDS

INSTALL_PATH = "/slack/install"


class _Client(AsyncWebClient):
    """slack_sdk hands the app's secret over by a class of aiohttp's that is deprecated; Slack takes a form as well."""

    async def oauth_v2_access(self, **given: Any) -> AsyncSlackResponse:
        return await self.api_call("oauth.v2.access", data={k: v for k, v in given.items() if v is not None})


def flow(options: SlackOptions, api: Api, installs: Installs, states: States, comings: Comings) -> AsyncOAuthFlow:
    """Whoever comes back from Slack with a code must come with the state, and in the browser, they left with."""

    async def success(args: AsyncSuccessArgs) -> BoltResponse:
        await comings.installed(args.installation)
        return await args.default.success(args)

    async def failure(args: AsyncFailureArgs) -> BoltResponse:
        return await args.default.failure(args)

    settings = AsyncOAuthSettings(
        client_id=options.client_id,
        client_secret=options.client_secret,
        scopes=list(REASONS),
        user_scopes=[],
        redirect_uri=f"{options.public_url}{REDIRECT_PATH}",
        install_path=INSTALL_PATH,
        redirect_uri_path=REDIRECT_PATH,
        authorization_url=options.authorize_url,
        callback_options=AsyncCallbackOptions(success=success, failure=failure),
        installation_store=installs,
        state_store=states,
        state_expiration_seconds=STATE_SECONDS,
        logger=sdk_log(),
    )
    return AsyncOAuthFlow(client=api.client(None, _Client), logger=sdk_log(), settings=settings)
