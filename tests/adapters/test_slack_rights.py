"""What Slack says of people and rooms, and who therefore may what."""

from dataclasses import replace
from typing import Any

import pytest

from adapters.slack.api import Api
from adapters.slack.asked import Asked
from adapters.slack.faults import explained
from adapters.slack.rights import KEEP, Rights, matters
from adapters.slack.workspaces import Workspace
from bot.commands import TABLE

WORKSPACE = Workspace(team="T1", token="xoxb-1", bot_user="U9", scopes=frozenset({"chat:write.public"}))
ASKED = Asked(team="T1", user="U1", channel="C1")


class Told(Api):
    """Slack says what a test wants; a text is an error."""

    def __init__(self, **said: Any) -> None:
        super().__init__("http://127.0.0.1:9", "test")
        self.said = said
        self.asked: list[str] = []

    async def read(self, token: str, method: str, **params: str | int | bool) -> dict[str, Any]:
        self.asked.append(method)
        kind = "user" if method == "users.info" else "channel"
        found = self.said.get(kind, {})
        if isinstance(found, str):
            raise explained(found)
        return {kind: found}


@pytest.mark.parametrize(
    ("user", "high"),
    [
        ({"team_id": "T1", "is_admin": True}, True),
        ({"team_id": "T1", "is_owner": True}, True),
        ({"team_id": "T1"}, False),
        ({"team_id": "T2", "is_admin": True}, False),
        ({"team_id": "T2", "is_admin": True, "enterprise_user": {"teams": ["T1", "T2"]}}, True),
        ({"team_id": "T1", "is_admin": True, "is_stranger": True}, False),
        ("user_not_found", False),
    ],
)
async def test_administrators_are_those_of_this_workspace(user: Any, high: bool) -> None:
    standing = await Rights(Told(user=user)).standing(WORKSPACE, ASKED, person=True)
    assert (standing.admin, standing.manager) == (high, high)


@pytest.mark.parametrize(
    ("user", "guest"),
    [
        ({"team_id": "T1"}, False),
        ({"team_id": "T2", "enterprise_user": {"enterprise_id": "E1", "teams": ["T2"]}}, False),
        ({}, False),
        ({"team_id": "T1", "is_restricted": True}, True),
        ({"team_id": "T1", "is_ultra_restricted": True}, True),
        ({"team_id": "T2"}, True),
        ({"team_id": "T1", "is_stranger": True}, True),
        ("user_not_visible", True),
        ("internal_error", False),
    ],
)
async def test_people_of_other_companies_and_guests_are_known_and_manage_no_channel(user: Any, guest: bool) -> None:
    told = Told(user=user, channel={"creator": "U1", "is_member": True})
    standing = await Rights(told).standing(replace(WORKSPACE, enterprise="E1"), ASKED, person=True)
    assert (standing.guest, standing.manager) == (guest, not guest)


async def test_people_have_the_names_they_chose() -> None:
    for profile, name in (({"display_name": "mei", "real_name": "Mei L"}, "mei"), ({"real_name": "Mei L"}, "Mei L")):
        rights = Rights(Told(user={"name": "login", "profile": profile}))
        assert await rights.names(WORKSPACE, ["U1"]) == {"U1": name}
    assert await Rights(Told(user={"name": "login"})).names(WORKSPACE, ["U1"]) == {"U1": "login"}
    assert await Rights(Told(user="user_not_found")).names(WORKSPACE, ["U1"]) == {}


async def test_whoever_made_a_channel_manages_it() -> None:
    told = Told(user={"team_id": "T1"}, channel={"creator": "U1", "is_member": True})
    assert (await Rights(told).standing(WORKSPACE, ASKED, person=True)).manager
    other = Asked(team="T1", user="U2", channel="C1")
    assert not (await Rights(told).standing(WORKSPACE, other, person=True)).manager
    assert not (await Rights(told).standing(WORKSPACE, ASKED, person=False)).manager


@pytest.mark.parametrize(
    ("channel", "said"),
    [
        ("channel_not_found", "/invite @Paperboy"),
        ({"is_private": True, "is_member": False}, "/invite @Paperboy"),
        ({"is_member": False}, ""),
        ({"is_member": True, "is_private": True}, ""),
        ({"is_member": True, "is_archived": True}, "archived"),
        ("missing_scope", ""),
        ("internal_error", ""),
    ],
)
async def test_where_it_cannot_post_it_says_so_and_what_to_do(channel: Any, said: str) -> None:
    standing = await Rights(Told(channel=channel)).standing(WORKSPACE, ASKED, person=False)
    assert said in standing.barred
    assert bool(standing.barred) == bool(said)


async def test_an_invitation_counts_at_once_and_the_rest_is_remembered_for_a_while() -> None:
    now = [0.0]
    told = Told(user={"team_id": "T1"}, channel={"is_private": True, "is_member": False})
    rights = Rights(told, clock=lambda: now[0])
    assert (await rights.standing(WORKSPACE, ASKED, person=True)).barred
    told.said["channel"] = {"is_private": True, "is_member": True}
    assert not (await rights.standing(WORKSPACE, ASKED, person=True)).barred
    await rights.standing(WORKSPACE, ASKED, person=True)
    assert told.asked == ["users.info", "conversations.info", "conversations.info"]
    now[0] = KEEP
    await rights.standing(WORKSPACE, ASKED, person=True)
    assert told.asked[3:] == ["users.info", "conversations.info"]


async def test_what_was_told_for_a_token_that_is_gone_is_forgotten() -> None:
    told = Told(user={"team_id": "T1"})
    rights = Rights(told)
    for token in ("xoxb-9", "xoxb-1"):
        await rights.is_bot(WORKSPACE, "U5")
        rights.forget(token)
    await rights.is_bot(WORKSPACE, "U5")
    assert told.asked == ["users.info"] * 2


async def test_alone_with_somebody_no_room_is_looked_at() -> None:
    told = Told(user={"team_id": "T1", "is_admin": True})
    alone = Asked(team="T1", user="U1", channel="D1")
    assert (await Rights(told).standing(WORKSPACE, alone, person=True)).admin
    assert told.asked == ["users.info"]


async def test_robots_are_known() -> None:
    assert await Rights(Told(user={"is_bot": True})).is_bot(WORKSPACE, "U5")
    for name in ("", "USLACKBOT", "U9"):
        assert await Rights(Told()).is_bot(WORKSPACE, name)
    assert not await Rights(Told(user={"is_bot": False})).is_bot(WORKSPACE, "U5")


def test_who_somebody_is_matters_where_a_right_is_needed_or_others_can_be_mentioned() -> None:
    names = {command.name for command in TABLE if matters(command)}
    assert {"subscribe", "admin permissions"} <= names
    assert names & {"today", "show", "search", "save"} == set()
