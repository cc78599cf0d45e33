"""Which token speaks where, who Paperboy is there, and what remains of a workspace that left."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from slack_sdk.oauth.installation_store import Installation

from adapters.slack.api import Api
from adapters.slack.comings import REMOVED, Comings
from adapters.slack.installs import Installs
from adapters.slack.seal import Seal
from adapters.slack.workspaces import Workspaces
from bot.errors import StoreError
from bot.ports import Notes
from tests.adapters.at_slack import KEY, Core, notes_at


class Known(Api):
    """Slack knows every token, and counts how often it is asked."""

    def __init__(self) -> None:
        super().__init__("http://127.0.0.1:9", "test")
        self.asked: list[str] = []

    async def scopes(self, token: str) -> tuple[dict[str, Any], frozenset[str]]:
        self.asked.append(token)
        return {"team_id": "T1", "bot_id": "B1", "user_id": "U9"}, frozenset()


class Stumbling(Installs):
    """A store that fails a few times before it forgets."""

    failures = 0

    def __init__(self, notes: Notes, seal: Seal) -> None:
        super().__init__(notes, seal)
        self.notes = notes

    async def remove(self, enterprise: str, team: str) -> list[str]:
        self.failures -= 1
        if self.failures >= 0:
            raise StoreError("the database is busy")
        return await super().remove(enterprise, team)


@pytest.fixture
async def installs(tmp_path: Path) -> AsyncIterator[Stumbling]:
    async with notes_at(tmp_path) as notes:
        store = Stumbling(notes, Seal(KEY))
        await store.async_save(Installation(user_id="U1", team_id="T1", bot_token="xoxb-1", bot_user_id="U9"))
        yield store


async def test_our_bot_is_known_without_asking_slack(installs: Installs) -> None:
    api = Known()
    ours = await Workspaces(api, "", installs).bot("T1")
    assert (ours.team, ours.token, ours.bot_user) == ("T1", "xoxb-1", "U9")
    alone = Workspaces(api, "xoxb-2")
    assert (await alone.bot("T1")).token == "xoxb-2"
    assert api.asked == []
    await alone.own()
    alone.forget("xoxb-2")
    assert (await alone.bot("T1")).bot_user == "U9"
    assert api.asked == ["xoxb-2"]


async def test_who_a_token_of_a_workspace_that_left_was_is_forgotten(installs: Installs) -> None:
    api = Known()
    workspaces = Workspaces(api, "", installs)
    for _ in range(2):
        await workspaces.of("T1")
    gone = await installs.at("", "T1")
    assert gone
    workspaces.left(gone)
    await workspaces.of("T1")
    assert api.asked == ["xoxb-1", "xoxb-1"]


@pytest.mark.parametrize("failures", [0, 2])
async def test_a_removal_is_noted_though_the_store_fails_at_first(installs: Stumbling, failures: int) -> None:
    installs.failures = failures
    core = Core()
    gone: list[Installation] = []
    comings = Comings(installs.notes, installs, core, gone.append, waits=(0, 0))
    await comings.removed("T1", "", 0)
    assert await installs.at("", "T1") is None
    assert [one.bot_token for one in gone] == ["xoxb-1"]
    assert set(core.lifecycle) == {("suspend", "T1", REMOVED)}


async def test_a_store_that_goes_on_failing_ends_in_the_log(installs: Stumbling) -> None:
    installs.failures = 9
    with pytest.raises(StoreError):
        await Comings(installs.notes, installs, Core(), lambda _: None, waits=(0, 0)).removed("T1", "", 0)


async def test_where_one_token_is_set_a_start_with_it_tries_what_a_new_installation_may_have_mended(
    installs: Stumbling,
) -> None:
    core = Core()
    comings = Comings(installs.notes, None, core, lambda _: None)
    team = await Workspaces(Known(), "xoxb-1").own()
    await comings.started(team)
    assert (core.retried, core.lifecycle) == ([team.team], [])
    await comings.removed(team.team, "", 0)
    await comings.started(team)
    assert (core.retried, core.lifecycle[-1]) == ([team.team], ("resume", team.team, "")), "that tries the rest too"
