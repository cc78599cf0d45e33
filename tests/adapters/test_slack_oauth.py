"""Paperboy in many workspaces: installed by OAuth in a browser, each for itself, and removed again."""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from cryptography.fernet import Fernet

from adapters.slack import build
from adapters.slack.faults import DEAD, SlackError
from adapters.slack.manifest import REASONS
from bot.errors import ConfigError
from bot.model import Address
from tests.adapters.at_slack import Core, Lab, at_slack, serving
from tests.standins import slack_payloads as payloads
from tests.standins.slack_browser import Page
from tests.standins.slack_doors import Parcel
from tests.standins.slack_world import Enterprise, Team


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    async with at_slack(tmp_path, "install") as lab:
        lab.slack.installs.clear()
        lab.slack.add_user(lab.slack.north, "owner", admin=True)
        yield lab


async def install(lab: Lab, place: Team | Enterprise | None, **how: bool) -> Page:
    return await lab.slack.visit_install(f"{lab.url}/slack/install", place, **how)


def elsewhere(lab: Lab, team: Team) -> Address:
    """A public channel of a team."""
    room = next((c for c in lab.slack.channels.values() if c.team is team and c.kind == "public"), None)
    room = room or lab.slack.add_channel(team, f"{team.name}-papers")
    return Address("slack", team.id, room.id, "channel")


# --- installing -------------------------------------------------------------------------------------------------------


async def test_two_workspaces_install_it_and_each_is_served_by_its_own_token(lab: Lab) -> None:
    for team in (lab.slack.lab, lab.slack.other):
        assert (await install(lab, team)).status == 200
    assert lab.core.lifecycle == [("resume", lab.slack.lab.id, ""), ("resume", lab.slack.other.id, "")]
    for team, person in ((lab.slack.lab, lab.slack.reader), (lab.slack.other, lab.slack.stranger)):
        answer = await lab.slack.slash(person, "/papers", "today")
        assert "answer to today" in answer.message.text
        assert lab.core.request.where.space == team.id
        await lab.bot.send(lab.outgoing(where=elsewhere(lab, team)))
        used = [c.token for c in lab.slack.calls if c.method == "chat.postMessage"][-1]
        assert used == lab.slack.install_at(team).token


async def test_a_dead_token_stops_its_own_workspace_and_no_other(lab: Lab) -> None:
    for team in (lab.slack.lab, lab.slack.other):
        await install(lab, team)
    lab.slack.install_at(lab.slack.other).dead = "token_revoked"
    # Known already, not known yet, and while looking for a post or changing it.
    gone = lab.outgoing(where=elsewhere(lab, lab.slack.other))
    for call in (lab.bot.send(gone), lab.bot.send(gone), lab.bot.find(gone), lab.bot.edit(gone, "C1:1.2")):
        with pytest.raises(SlackError, match="install Paperboy again") as caught:
            await call
        assert caught.value.fault == "target"
    assert await lab.bot.send(lab.outgoing(where=elsewhere(lab, lab.slack.lab)))
    lab.core.resumed.clear()
    await install(lab, lab.slack.other)
    assert (lab.slack.other.id, DEAD) in lab.core.resumed
    assert await lab.bot.send(gone)


async def test_what_is_asked_for_is_what_the_manifest_says(lab: Lab) -> None:
    async with aiohttp.ClientSession() as session, session.get(f"{lab.url}/slack/install") as page:
        text = await page.text()
    address = text[text.index(lab.slack.authorize_url) :].split('"')[0].replace("&amp;", "&")
    asked = parse_qs(urlsplit(address).query)
    assert asked["scope"][0].split(",") == list(REASONS)
    assert asked["redirect_uri"] == [f"{lab.url}/slack/oauth_redirect"]
    assert asked.get("user_scope", [""]) == [""]


async def test_an_organization_installs_it_for_all_its_workspaces(lab: Lab) -> None:
    assert (await install(lab, lab.slack.org)).status == 200
    for team in (lab.slack.north, lab.slack.south):
        person = lab.slack.add_user(team, f"{team.name}-reader")
        answer = await lab.slack.slash(person, "/papers", "today")
        assert "answer to today" in answer.message.text
        assert lab.core.request.where == Address("slack", team.id, person.id, "person")
        await lab.bot.send(lab.outgoing(where=elsewhere(lab, team)))
    with pytest.raises(SlackError, match="not installed"):
        await lab.bot.send(lab.outgoing(where=elsewhere(lab, lab.slack.lab)))


async def test_events_and_homes_of_an_organization_belong_to_the_workspace_they_come_from(lab: Lab) -> None:
    await install(lab, lab.slack.org)
    person = lab.slack.add_user(lab.slack.south, "south-reader")
    home = await lab.slack.open_home(person)
    assert lab.core.request.person.space == lab.slack.south.id
    form = await lab.slack.press(home.view, "Add an alert")
    await lab.slack.submit(form.view, {"query": "diffusion"}, wait=False)
    await home.wait(lambda _: any(r.command == "alert add" for r in lab.core.asked))
    (request,) = [r for r in lab.core.asked if r.command == "alert add"]
    assert request.where == Address("slack", lab.slack.south.id, person.id, "person")


async def test_a_command_is_acknowledged_whatever_slack_takes_to_say_who_we_are(lab: Lab) -> None:
    await install(lab, lab.slack.lab)
    lab.slack.faults.fail(r"auth\.test", "silence before")
    answer = await lab.slack.slash(lab.slack.reader, "/papers", "today", "papers", wait=False)
    assert answer.acked is not None
    assert answer.acked < 1


async def test_a_form_is_acknowledged_in_time_whatever_slack_takes(lab: Lab) -> None:
    await install(lab, lab.slack.lab)
    opened = await lab.slack.slash(lab.slack.manager, "/papers", "subscribe", "papers")
    lab.slack.install_at(lab.slack.lab).dead = "token_revoked"
    with pytest.raises(SlackError):
        await lab.bot.send(lab.outgoing())  # so that it is asked anew who we are
    lab.slack.faults.fail(r"auth\.test", "silence before")
    sent = await lab.slack.submit(opened.view, {"query": "diffusion"}, wait=False)
    assert sent.acked is not None
    assert sent.acked < 3


async def test_a_workspace_that_did_not_install_it_is_told_so_and_reaches_nothing(
    lab: Lab, caplog: pytest.LogCaptureFixture
) -> None:
    await install(lab, lab.slack.lab)
    lab.slack.install(lab.slack.other)  # from Slack's page of the app, without our knowing
    answer = await lab.slack.slash(lab.slack.stranger, "/papers", "today", wait=False)
    await answer.wait(lambda a: a.shown)
    assert lab.core.asked == []
    assert "slack.stranger" in caplog.text


@pytest.mark.parametrize(("place", "status"), [("nobody", 200), ("unremembered", 400)])
async def test_an_installation_that_was_cancelled_or_begun_elsewhere_leaves_nothing(
    lab: Lab, place: str, status: int
) -> None:
    team = None if place == "nobody" else lab.slack.lab
    page = await install(lab, team, remember=place != "unremembered")
    assert page.status == status
    assert await lab.notes.keys("slack", "install/") == []


async def test_a_way_back_can_be_gone_only_once_and_codes_must_be_true(lab: Lab) -> None:
    async with aiohttp.ClientSession() as session, session.get(f"{lab.url}/slack/install") as page:
        cookie = page.headers["Set-Cookie"].split(";")[0]
    state = cookie.split("=", 1)[1]

    async def back(**query: str) -> int:
        target, headers = f"{lab.url}/slack/oauth_redirect", {"Cookie": cookie}
        async with aiohttp.ClientSession() as session, session.get(target, params=query, headers=headers) as page:
            return page.status

    assert await back(state=state, code="made-up") == 401
    assert await back(state=state, code="made-up") == 401
    assert await back(state="made-up", code="made-up") == 400
    assert await back(code="made-up") == 400
    assert await lab.notes.keys("slack", "install/") == []


async def test_a_code_is_never_logged(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for kind in ("invalid_code", "fatal_error", "reset after"):
        lab.slack.faults.fail(r"oauth\.v2\.access", kind)
        await install(lab, lab.slack.lab)
    used = [call.text("code") for call in lab.slack.calls if call.method == "oauth.v2.access"]
    assert len(used) == 3
    assert "oauth.v2.access" in caplog.text
    assert [code for code in used if code in caplog.text] == []


async def test_a_slack_that_breaks_meanwhile_is_no_traceback_in_the_browser(
    lab: Lab, caplog: pytest.LogCaptureFixture
) -> None:
    lab.slack.faults.fail(r"oauth\.v2\.access", "reset after")
    page = await install(lab, lab.slack.lab)
    assert page.status == 500
    assert "Traceback" not in page.text
    assert "ref" in page.text
    assert lab.options.slack.client_secret not in caplog.text


# --- leaving ----------------------------------------------------------------------------------------------------------


async def test_removing_it_forgets_the_token_and_suspends_the_workspace_and_coming_back_resumes_it(lab: Lab) -> None:
    await install(lab, lab.slack.lab)
    await install(lab, lab.slack.other)
    lab.core.lifecycle.clear()
    await lab.slack.uninstall(lab.slack.lab)
    await until(lab, "suspend")
    assert lab.core.lifecycle[0] == ("suspend", lab.slack.lab.id, "Paperboy was removed from this workspace")
    await remaining(lab, f"install/{lab.slack.other.id}")
    with pytest.raises(SlackError) as caught:
        await lab.bot.send(lab.outgoing())
    assert caught.value.fault == "target"
    await install(lab, lab.slack.lab)
    assert lab.core.lifecycle[-1] == ("resume", lab.slack.lab.id, "")
    assert await lab.bot.send(lab.outgoing(where=elsewhere(lab, lab.slack.lab)))


async def test_a_revoked_token_counts_as_removed(lab: Lab) -> None:
    await install(lab, lab.slack.lab)
    await lab.slack.revoke(lab.slack.lab)
    await until(lab, "suspend")
    await remaining(lab)


async def test_a_removal_that_is_told_late_costs_no_newer_installation(lab: Lab) -> None:
    await install(lab, lab.slack.lab)
    lab.core.lifecycle.clear()
    before = int(lab.slack.now()) - 60
    for kind in ("app_uninstalled", "tokens_revoked"):
        inner = {"type": kind, "tokens": {"oauth": [], "bot": ["U9"]}}
        await lab.slack.happen(lab.slack.install_at(lab.slack.lab), lab.slack.lab, inner, at=before)
    await asyncio.sleep(0.05)
    assert lab.core.lifecycle == []
    assert await lab.bot.send(lab.outgoing(where=elsewhere(lab, lab.slack.lab)))


async def test_an_organization_that_left_and_came_back_is_posted_to_again(lab: Lab) -> None:
    person = lab.slack.add_user(lab.slack.south, "south-reader")
    for _ in range(2):
        await install(lab, lab.slack.org)
        await lab.slack.slash(person, "/papers", "subscribe diffusion")
        assert await lab.bot.send(lab.outgoing(where=elsewhere(lab, lab.slack.south)))
        lab.core.lifecycle.clear()
        await lab.slack.uninstall(lab.slack.org)
        await remaining(lab)


async def test_nobody_of_another_company_moves_a_workspace_to_another_organization(lab: Lab) -> None:
    """A press in a view says nothing of a workspace but that of the person."""
    second = lab.slack.add_enterprise("second")
    lab.slack.add_user(lab.slack.add_team("east", second), "east-owner", admin=True)
    for organization in (lab.slack.org, second):
        await install(lab, organization)
    person = lab.slack.add_user(lab.slack.south, "south-reader")
    body = payloads.interaction(lab.slack, lab.slack.install_at(second), person, "block_actions", in_view=True)
    body |= {"enterprise": {"id": second.id, "name": second.name}, "trigger_id": "1.1"}
    body |= {"actions": [{"type": "button", "action_id": "x", "block_id": "b"}]}
    body |= {"view": {"type": "modal", "team_id": lab.slack.south.id}, "container": {"type": "view"}}
    assert (await lab.slack.requests.deliver(Parcel("interactive", body))).status == 200
    await asyncio.sleep(0.05)
    assert await lab.notes.keys("slack", "org/") == []


async def test_tokens_of_persons_that_are_revoked_mean_nothing(lab: Lab) -> None:
    await install(lab, lab.slack.lab)
    inner = {"type": "tokens_revoked", "tokens": {"oauth": [lab.slack.reader.id], "bot": []}}
    await lab.slack.happen(lab.slack.install_at(lab.slack.lab), lab.slack.lab, inner)
    await asyncio.sleep(0.05)
    assert [kind for kind, _, _ in lab.core.lifecycle] == ["resume"]


async def test_an_organization_that_leaves_suspends_every_workspace_that_spoke_by_it(lab: Lab) -> None:
    await install(lab, lab.slack.org)
    await install(lab, lab.slack.lab)
    for team in (lab.slack.north, lab.slack.south):
        await lab.slack.slash(lab.slack.add_user(team, f"{team.name}-reader"), "/papers", "today")
    lab.core.lifecycle.clear()
    await lab.slack.uninstall(lab.slack.org)
    await until(lab, "suspend", 2)
    await remaining(lab, f"install/{lab.slack.lab.id}")
    gone = {space for _, space, _ in lab.core.lifecycle}
    assert gone == {lab.slack.north.id, lab.slack.south.id}
    lab.core.lifecycle.clear()
    await install(lab, lab.slack.org)
    assert {space for kind, space, _ in lab.core.lifecycle if kind == "resume"} == gone


async def test_the_one_workspace_of_a_token_that_left_and_came_back_goes_on_at_the_next_start(tmp_path: Path) -> None:
    async with at_slack(tmp_path) as lab:
        await lab.slack.uninstall(lab.slack.lab)
        await until(lab, "suspend")
        token = lab.slack.install(lab.slack.lab).token
        again = build(replace(lab.options, slack=replace(lab.options.slack, bot_token=token)))
        core = Core()
        async with serving(again, core):
            assert core.lifecycle == [("resume", lab.slack.lab.id, "")]
        async with serving(again, core):
            assert len(core.lifecycle) == 1
        await again.close()


async def until(lab: Lab, kind: str, times: int = 1) -> None:
    async with asyncio.timeout(5):
        while [k for k, _, _ in lab.core.lifecycle].count(kind) < times:  # noqa: ASYNC110  the core of a test tells nobody
            await asyncio.sleep(0.01)


async def remaining(lab: Lab, *installs: str) -> None:
    """These are the installations in the end, or it fails."""
    async with asyncio.timeout(5):
        while await lab.notes.keys("slack", "install/") != [*installs]:  # noqa: ASYNC110  as above
            await asyncio.sleep(0.01)


# --- keys -------------------------------------------------------------------------------------------------------------


async def test_a_wrong_key_stops_it_with_one_line_and_a_new_one_in_front_takes_over(lab: Lab) -> None:
    await install(lab, lab.slack.lab)
    new = Fernet.generate_key().decode()
    wrong = build(replace(lab.options, slack=replace(lab.options.slack, key=new)))
    with pytest.raises(ConfigError, match="PAPERBOY_KEY"):
        await wrong.run(Core())
    with pytest.raises(SlackError, match="PAPERBOY_KEY") as caught:
        await wrong.send(lab.outgoing())
    assert caught.value.fault == "credential"
    await wrong.close()
    both = f"{new},{lab.options.slack.key}"
    changed = build(replace(lab.options, slack=replace(lab.options.slack, key=both, listen=("127.0.0.1", 0))))
    async with serving(changed, Core()):
        assert await changed.send(lab.outgoing(where=elsewhere(lab, lab.slack.lab)))
    await changed.close()
