"""The stand-in for Slack, how it reaches apps and what people do, tried with real bolt apps."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook.async_client import AsyncWebhookClient

from tests.standins.slack import Slack, hosted, running
from tests.standins.slack_bolts import client, echo, http_mode, socket_mode, with_oauth
from tests.standins.slack_doors import Forgery


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    async with running() as served:
        yield served


async def test_a_slash_command_goes_through_socket_mode_and_comes_back(slack: Slack) -> None:
    async with socket_mode(slack, echo(slack)):
        answer = await slack.slash(slack.reader, "/papers", "search diffusion", slack.papers)
    assert answer.acked is not None
    assert answer.acked < 1
    assert [message.text for message in answer.messages] == ["You asked for search diffusion."]
    assert answer.message.only_for == slack.reader.id
    assert slack.messages(slack.papers) == []
    assert slack.late == []


async def test_the_same_over_http_with_a_signature(slack: Slack) -> None:
    async with http_mode(slack, echo(slack)):
        answer = await slack.slash(slack.reader, "/papers", "search diffusion", slack.papers)
    assert (answer.status, answer.message.text) == (200, "You asked for search diffusion.")


@pytest.mark.parametrize(
    "forgery",
    [Forgery(secret="guessed"), Forgery(age=301), Forgery(age=-301), Forgery(signature="v0=00"), Forgery(signature="")],
)
async def test_a_forged_request_is_refused(slack: Slack, forgery: Forgery) -> None:
    async with http_mode(slack, echo(slack)):
        true = await slack.slash(slack.reader, "/papers", "help", slack.papers)
        false = await slack.forge(true, forgery)
    assert (false.status, false.acked, len(true.messages)) == (401, None, 1)


async def test_a_time_that_is_no_number_gets_past_no_signature(slack: Slack) -> None:
    """bolt itself answers this one with a failure of its own: whoever wants better looks before it."""
    async with http_mode(slack, echo(slack)):
        true = await slack.slash(slack.reader, "/papers", "help", slack.papers)
        false = await slack.forge(true, Forgery(timestamp="yesterday"))
    assert false.status >= 400
    assert len(true.messages) == 1


async def test_an_event_told_again_has_the_same_id_and_says_so(slack: Slack) -> None:
    seen: list[tuple[str, Any]] = []
    app = echo(slack)

    @app.event("app_home_opened")
    async def opened(body: dict[str, Any], request: Any) -> None:
        seen.append((body["event_id"], request.headers.get("x-slack-retry-num")))

    async with http_mode(slack, app):
        answer = await slack.open_home(slack.reader, wait=False)
        await slack.again(answer)
    async with socket_mode(slack, app):
        await slack.again(answer, 2)
    assert [number for _, number in seen] == [None, ["1"], ["2"]]
    assert len({event for event, _ in seen}) == 1


async def test_each_event_goes_to_one_connection_and_refreshed_ones_come_again(slack: Slack) -> None:
    app = echo(slack)
    async with socket_mode(slack, app), socket_mode(slack, app):
        await until(lambda: slack.sockets.count == 2)
        answers = [await slack.slash(slack.reader, "/papers", f"{n}") for n in range(4)]
        assert [len(answer.messages) for answer in answers] == [1, 1, 1, 1]
        await slack.sockets.refresh()
        await until(lambda: slack.sockets.opened == 4)
        assert (await slack.slash(slack.reader, "/papers", "again")).message.text == "You asked for again."


async def test_connections_that_break_are_made_anew(slack: Slack) -> None:
    async with socket_mode(slack, echo(slack), ping=0.05):
        await until(lambda: slack.sockets.count == 1)
        slack.sockets.cut()
        assert (await slack.slash(slack.reader, "/papers", "again")).message.text == "You asked for again."


async def until(true: Any) -> None:
    ends = time.monotonic() + 5
    while not true():
        assert time.monotonic() < ends
        await asyncio.sleep(0.005)


async def test_a_late_acknowledgement_is_noted(slack: Slack) -> None:
    app = AsyncApp(client=client(slack), token=slack.bot.token)

    @app.command("/papers")
    async def papers(ack: Any) -> None:
        await asyncio.sleep(0.2)
        await ack()

    slack.ack_deadline = 0.1
    async with socket_mode(slack, app):
        await slack.slash(slack.reader, "/papers", wait=False)
    ((kind, seconds),) = slack.late
    assert kind == "slash_commands"
    assert 0.2 <= seconds < 3


async def test_a_response_url_serves_five_times_within_half_an_hour(slack: Slack) -> None:
    async with socket_mode(slack, echo(slack)):
        answer = await slack.slash(slack.reader, "/papers", "help", slack.papers)
    url = answer.parcel.payload["response_url"]
    said = [await post(url, {"text": "Later", "response_type": "in_channel"}) for _ in range(5)]
    assert said == [200, 200, 200, 200, 404]
    assert [m.text for m in slack.messages(slack.papers)] == ["Later"] * 4
    fresh = slack.hook(slack.bot, slack.reader, slack.papers)
    slack.advance(30 * 60 + 1)
    assert await post(f"{slack.url}/commands/{fresh.id}", {"text": "Too late"}) == 404


async def post(url: str, body: dict[str, Any]) -> int:
    return (await AsyncWebhookClient(url).send_dict(body)).status_code


# slack_sdk writes client id and secret with a class that aiohttp is about to give up
old_login = pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")


@old_login
@pytest.mark.parametrize("kind", ["workspace", "organization"])
async def test_the_app_is_installed_by_oauth_and_taken_away(slack: Slack, tmp_path: Path, kind: str) -> None:
    place = slack.other if kind == "workspace" else slack.org
    person = slack.stranger if kind == "workspace" else slack.add_user(slack.north, "reader")
    async with http_mode(slack, with_oauth(slack, tmp_path)) as address:
        page = await slack.visit_install(f"{address}/slack/install", place)
        install = slack.install_at(place)
        answer = await slack.slash(person, "/papers", "help")
        told = await slack.uninstall(place)
        assert not list((tmp_path / "installs").rglob("*bot-latest"))
    assert (page.status, install.scopes) == (200, frozenset({"commands", "chat:write"}))
    assert answer.message.text == f"I use {install.token}."
    assert [one.status for one in told] == [200, 200]


async def test_an_app_that_takes_itself_away_is_told_so(slack: Slack) -> None:
    app, told = echo(slack), list[str]()

    @app.event({"type": "app_uninstalled"})
    @app.event({"type": "tokens_revoked"})
    async def ended(event: Any) -> None:
        told.append(event["type"])

    async with socket_mode(slack, app):
        await slack.slash(slack.reader, "/papers", "help")
        await client(slack).apps_uninstall(client_id=slack.client_id, client_secret=slack.client_secret)
        await until(lambda: len(told) == 2)
    assert sorted(told) == ["app_uninstalled", "tokens_revoked"]
    with pytest.raises(SlackApiError, match="account_inactive"):
        await client(slack).auth_test()


@old_login
async def test_an_installation_that_is_cancelled_or_comes_from_elsewhere_gives_no_token(
    slack: Slack, tmp_path: Path
) -> None:
    async with http_mode(slack, with_oauth(slack, tmp_path)) as address:
        start = f"{address}/slack/install"
        cancelled = await slack.visit_install(start, None)
        stolen = await slack.visit_install(start, slack.other, remember=False)
    assert "access_denied" in cancelled.text
    assert stolen.status == 400
    assert [install.team for install in slack.installs] == [slack.lab]


@old_login
async def test_a_code_serves_once_and_only_for_the_app_itself(slack: Slack) -> None:
    page = f"{slack.authorize_url}?client_id={slack.client_id}&scope=commands&redirect_uri=http://127.0.0.1/back"
    anonymous = client(slack, "none")

    async def exchange(**more: str) -> Any:
        known = {"client_id": slack.client_id, "client_secret": slack.client_secret, "code": code}
        return await anonymous.oauth_v2_access(**(known | {"redirect_uri": "http://127.0.0.1/back"} | more))

    code = await slack.agree(page, slack.other)
    for more, error in (
        ({"client_secret": "guessed"}, "bad_client_secret"),
        ({"redirect_uri": "http://127.0.0.1/else"}, "bad_redirect_uri"),
        ({"code": "guessed"}, "invalid_code"),
    ):
        with pytest.raises(SlackApiError, match=error):
            await exchange(**more)
    assert (await exchange())["team"]["id"] == slack.other.id
    with pytest.raises(SlackApiError, match="code_already_used"):
        await exchange()


def test_it_serves_from_a_thread_of_its_own() -> None:
    async def talk(slack: Slack) -> str:
        async with socket_mode(slack, echo(slack)):
            return (await asyncio.to_thread(slack.call, slack.slash(slack.reader, "/papers", "help"))).message.text

    with hosted() as slack:
        assert asyncio.run(talk(slack)) == "You asked for help."
