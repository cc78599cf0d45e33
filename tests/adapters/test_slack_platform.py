"""Slack from its settings to the end: what is refused, how it connects, keeps connected and listens."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from adapters import SlackOptions
from adapters.slack import build, modes
from bot.errors import ConfigError, PaperboyError
from tests.adapters.at_slack import KEY, Core, Lab, at_slack, notes_at, options_of, serving
from tests.planted import planted
from tests.standins.slack_doors import Forgery, Parcel

MANY = SlackOptions(
    signing_secret="s", client_id="1.2", client_secret="c", public_url="https://papers.example.org", key=KEY
)
SECRET = planted("xoxb-")


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    async with at_slack(tmp_path) as lab:
        yield lab


@pytest.fixture
async def web(tmp_path: Path) -> AsyncIterator[Lab]:
    async with at_slack(tmp_path, "http") as lab:
        yield lab


# --- settings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "mode"),
    [
        (SlackOptions(bot_token="xoxb-1", app_token="xapp-1"), "socket"),
        (SlackOptions(bot_token="xoxb-1", signing_secret="s"), "http"),
        (SlackOptions(bot_token="xoxb-1", signing_secret="s", public_url="https://papers.example.org"), "http"),
        (MANY, "install"),
    ],
)
def test_the_settings_say_which_way_it_is(options: SlackOptions, mode: str) -> None:
    assert modes.mode(options) == mode


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (SlackOptions(), ["BOT_TOKEN", "APP_TOKEN", "SIGNING_SECRET", "CLIENT_ID"]),
        (SlackOptions(app_token="xapp-1"), ["BOT_TOKEN"]),
        (SlackOptions(bot_token=SECRET), ["APP_TOKEN", "SIGNING_SECRET"]),
        (SlackOptions(bot_token=SECRET, app_token="xapp-1", signing_secret="s"), ["APP_TOKEN", "SIGNING_SECRET"]),
        (SlackOptions(bot_token="xapp-1", app_token=SECRET), ["BOT_TOKEN", "APP_TOKEN", "swapped"]),
        (SlackOptions(bot_token="xoxp-1", app_token="xapp-1"), ["BOT_TOKEN", "xoxb-"]),
        (SlackOptions(bot_token=SECRET, app_token="nothing"), ["APP_TOKEN", "xapp-"]),
        (replace(MANY, bot_token=SECRET), ["BOT_TOKEN", "CLIENT_ID"]),
        (replace(MANY, signing_secret=""), ["SIGNING_SECRET"]),
        (replace(MANY, public_url="", key=""), ["PUBLIC_URL", "PAPERBOY_KEY"]),
        (replace(MANY, client_id=""), ["CLIENT_ID"]),
        (replace(MANY, key="no key"), ["PAPERBOY_KEY"]),
    ],
)
async def test_what_is_missing_or_mixed_up_is_named_in_one_line(
    tmp_path: Path, options: SlackOptions, named: list[str]
) -> None:
    async with notes_at(tmp_path) as notes:
        with pytest.raises(ConfigError) as caught:
            build(options_of(options, notes))
    text = str(caught.value)
    assert [word for word in named if word not in text] == []
    assert "\n" not in text
    assert "very-secret" not in text


@pytest.mark.parametrize(
    ("wrong", "named"), [({"bot_token": SECRET}, "PAPERBOY_SLACK_BOT_TOKEN"), ({"app_token": "xapp-no"}, "APP_TOKEN")]
)
async def test_tokens_slack_refuses_end_it_with_one_line(tmp_path: Path, wrong: dict[str, Any], named: str) -> None:
    async with at_slack(tmp_path, serve=False) as lab:
        bot = build(replace(lab.options, slack=replace(lab.options.slack, **wrong)))
        with pytest.raises(ConfigError, match=named) as caught:
            await bot.run(Core())
        assert "very-secret" not in str(caught.value)
        await bot.close()


async def test_a_slack_that_cannot_be_reached_at_first_is_waited_for(tmp_path: Path) -> None:
    async with at_slack(tmp_path, serve=False) as lab:
        lab.slack.faults.fail(r"auth\.test", "html")
        lab.slack.faults.fail(r"apps\.connections\.open", "ratelimited")
        async with serving(lab.bot, lab.core):
            assert lab.slack.sockets.count == 1


async def test_an_address_that_is_taken_is_named(web: Lab) -> None:
    assert web.bot.address
    taken = replace(web.options.slack, listen=web.bot.address)
    other = build(replace(web.options, slack=taken))
    with pytest.raises(PaperboyError, match="PAPERBOY_SLACK_LISTEN") as refused:
        await other.run(Core())
    assert not isinstance(refused.value, ConfigError)  # a restart may mend it
    await other.close()


# --- Socket Mode ------------------------------------------------------------------------------------------------------


async def test_a_connection_slack_renews_or_cuts_is_made_again(lab: Lab) -> None:
    await lab.slack.sockets.refresh()
    await connected(lab, 2)
    lab.slack.sockets.cut()
    await connected(lab, 3)
    answer = await lab.slack.slash(lab.slack.reader, "/papers", "today", "papers")
    assert "answer to today" in answer.message.text


async def test_where_the_sdk_cannot_connect_again_it_is_begun_anew(lab: Lab) -> None:
    """It goes on for ever with an address that Slack has forgotten meanwhile."""
    lab.slack.sockets.cut()
    ends = time.monotonic() + 0.6
    while time.monotonic() < ends:
        lab.slack.tickets.clear()
        await asyncio.sleep(0)
    assert lab.slack.sockets.count == 0
    await connected(lab, 2)


async def test_whether_it_is_connected_can_be_asked_at_any_time(tmp_path: Path) -> None:
    async with at_slack(tmp_path, serve=False) as lab:
        assert not lab.bot.connected
        async with serving(lab.bot, lab.core):
            assert lab.bot.connected
            lab.slack.sockets.cut()
            lab.slack.faults.fail(r"apps\.connections\.open", "ratelimited", times=1000)
            async with asyncio.timeout(10):
                while lab.bot.connected:  # noqa: ASYNC110  the SDK tells nobody
                    await asyncio.sleep(0.01)
        assert not lab.bot.connected


async def connected(lab: Lab, opened: int) -> None:
    async with asyncio.timeout(10):
        while lab.slack.sockets.opened < opened or not lab.slack.sockets.count:  # noqa: ASYNC110  the stand-in tells nobody
            await asyncio.sleep(0.01)


async def test_everything_is_let_go_of_at_the_end(tmp_path: Path) -> None:
    async with at_slack(tmp_path) as lab:
        before = asyncio.all_tasks()
        assert lab.slack.sockets.count == 1
    async with asyncio.timeout(5):
        while any("slack" in task.get_name() and not task.done() for task in before):  # noqa: ASYNC110  as above
            await asyncio.sleep(0.01)
    assert lab.slack.sockets.count == 0


async def test_no_token_is_ever_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with at_slack(tmp_path) as lab:
        lab.slack.faults.fail(r"chat\.postMessage", "fatal_error")
        lab.slack.faults.fail(r"response_url", "reset before")
        answer = await lab.slack.slash(lab.slack.reader, "/papers", "today", "papers", wait=False)
        await answer.wait(lambda _: "slack.answer_lost" in caplog.text)
        await lab.slack.uninstall(lab.slack.lab)
    held = [lab.options.slack.bot_token, lab.options.slack.app_token, "ticket=S"]
    assert [line for line in caplog.text.splitlines() if any(token in line for token in held)] == []


# --- HTTP -------------------------------------------------------------------------------------------------------------


async def test_what_slack_did_not_sign_is_refused(web: Lab) -> None:
    told = await web.slack.slash(web.slack.reader, "/papers", "today", "papers")
    forgeries = [
        Forgery(secret="another"), Forgery(age=400), Forgery(age=-400), Forgery(timestamp=""), Forgery(signature=""),
        Forgery(timestamp="9" * 5000), Forgery(timestamp="9" * 13),
        Forgery(timestamp="yesterday"), Forgery(timestamp="1_0"), Forgery(signature="v0=é"),
    ]  # fmt: skip
    for forgery in forgeries:
        answer = await web.slack.forge(told, forgery)
        assert (answer.acked, answer.status) == (None, 401)
    assert len(web.core.asked) == 1


async def test_bodies_that_are_too_large_or_none_are_refused(web: Lab, caplog: pytest.LogCaptureFixture) -> None:
    signed = {"X-Slack-Request-Timestamp": "1", "X-Slack-Signature": "v0=x"}
    async with aiohttp.ClientSession() as session:
        for body, status in ((b"x" * 2**21, 413), (b"{", 400), (b"\xff\xfe", 400), (b"{" * 100_000, 400), (b"", 401)):
            async with session.post(f"{web.url}/slack/events", data=BytesIO(body), headers=signed) as answer:
                assert answer.status == status
        for body in (b"payload=[]", b"payload=7", b"payload=%5B%5D&ssl_check=1", b'{"authorizations":[1]}',
                     b'{"enterprise":7}', b'{"event":7,"user":[]}', b'{"view":7,"user":7}'):  # fmt: skip
            for headers in ({}, signed):
                async with session.post(f"{web.url}/slack/events", data=BytesIO(body), headers=headers) as answer:
                    assert answer.status in {400, 401}
        async with session.get(f"{web.url}/slack/events") as answer:
            assert answer.status == 405
    assert [r for r in caplog.records if r.levelname == "ERROR"] == []


async def test_what_the_environment_says_to_other_apps_is_none_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Bolt looks there for settings it was not given."""
    for name in ("BOT_TOKEN", "SIGNING_SECRET", "VERIFICATION_TOKEN", "CLIENT_ID", "CLIENT_SECRET", "SCOPES"):
        monkeypatch.setenv(f"SLACK_{name}", "of-another-app")
    monkeypatch.setenv("HOME", str(tmp_path))
    async with at_slack(tmp_path, "http") as lab:
        answer = await lab.slack.slash(lab.slack.reader, "/papers", "today", "papers")
        assert "answer to today" in answer.message.text
        assert (await lab.slack.forge(answer, Forgery(secret="of-another-app"))).status == 401
        async with aiohttp.ClientSession() as session:
            checked = {"ssl_check": "1", "token": "t"}
            async with session.post(f"{lab.url}/slack/events", data=checked) as seen:
                assert seen.status == 200
        assert "of-another-app" not in {call.token for call in lab.slack.calls}
    assert "of-another-app" not in caplog.text
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


async def test_slack_can_see_that_the_address_is_ours(web: Lab) -> None:
    challenge = {"type": "url_verification", "token": "t", "challenge": "3eZbrw1a"}
    ack = await web.slack.requests.deliver(Parcel("events_api", challenge))
    assert (ack.status, ack.body) == (200, {"challenge": "3eZbrw1a"})
    async with aiohttp.ClientSession() as session:
        checked = {"ssl_check": "1", "token": "t"}
        async with session.post(f"{web.url}/slack/events", data=checked) as answer:
            assert answer.status == 200


async def test_it_says_that_it_lives_and_installs_nothing_for_one_workspace(web: Lab) -> None:
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{web.url}/healthz") as answer:
            assert (answer.status, await answer.text()) == (200, "ok\n")
        async with session.get(f"{web.url}/slack/install") as answer:
            assert answer.status == 404
