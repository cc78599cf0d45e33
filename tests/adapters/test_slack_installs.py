"""Installations on real SQLite: sealed, found by workspace or organization, forgotten; and states, used once."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.oauth.installation_store import Bot, Installation

from adapters.slack.installs import Installs, States
from adapters.slack.seal import STATE_SECONDS, Seal
from bot.errors import ConfigError
from bot.ports import Notes
from tests.adapters.at_slack import notes_at
from tests.making import NOON
from tests.planted import planted

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))
TOKEN = planted("xoxb-")


@pytest.fixture
async def notes(tmp_path: Path) -> AsyncIterator[Notes]:
    async with notes_at(tmp_path) as notes:
        yield notes


@pytest.fixture
def store(notes: Notes) -> Installs:
    return Installs(notes, Seal(OLD))


def installation(team: str | None = "T1", enterprise: str | None = None, **more: Any) -> Installation:
    given = {
        "user_id": "U1",
        "bot_token": TOKEN,
        "bot_id": "B1",
        "bot_user_id": "U9",
        "bot_scopes": "chat:write,commands",
    }
    return Installation(team_id=team, enterprise_id=enterprise, is_enterprise_install=team is None, **{**given, **more})


async def token(store: Installs, team: str | None, enterprise: str | None = None, org_wide: bool = False) -> str | None:
    found = await store.async_find_installation(
        enterprise_id=enterprise, team_id=team, is_enterprise_install=org_wide, user_id="U2"
    )
    return found.bot_token if found else None


async def test_what_was_kept_comes_back_whole_and_nothing_of_it_is_readable_meanwhile(
    notes: Notes, store: Installs, tmp_path: Path
) -> None:
    kept = installation(bot_token_expires_in=3600, custom_values={"a": 1})
    await store.async_save(kept)
    found = await store.async_find_installation(enterprise_id=None, team_id="T1")
    assert found is not None
    assert vars(found) == vars(kept)
    for file in tmp_path.iterdir():
        assert TOKEN.encode() not in file.read_bytes()


async def test_bolt_finds_the_bot_alone_too_and_can_keep_it_alone(store: Installs) -> None:
    bot = Bot(team_id="T1", bot_token=TOKEN, bot_id="B1", bot_user_id="U9", bot_scopes="chat:write", installed_at=1.0)
    await store.async_save_bot(bot)
    found = await store.async_find_bot(enterprise_id=None, team_id="T1")
    assert found is not None
    assert (found.bot_token, list(found.bot_scopes)) == (TOKEN, ["chat:write"])
    assert await store.async_find_bot(enterprise_id=None, team_id="T2") is None


async def test_a_workspaces_own_goes_before_that_of_its_organization(store: Installs) -> None:
    await store.async_save(installation(None, "E1", bot_token="of-org"))
    assert await token(store, "T1", "E1") == "of-org"
    await store.async_save(installation("T1", "E1", bot_token="of-team"))
    assert await token(store, "T1", "E1") == "of-team"
    assert await token(store, "T2", "E1") == "of-org"
    assert await token(store, "T1", "E1", org_wide=True) == "of-org"
    assert await token(store, None, "E1") == "of-org"


async def test_a_post_that_knows_only_its_workspace_finds_the_organization(store: Installs) -> None:
    await store.async_save(installation(None, "E1", bot_token="of-org"))
    assert await token(store, "T1") is None
    await store.belongs("T1", "E1")
    assert await token(store, "T1") == "of-org"
    assert await store.teams("E1") == ["T1"]
    assert await store.teams("E2") == []


async def test_a_workspace_stays_with_its_organization_as_long_as_that_is_installed(store: Installs) -> None:
    for organization in ("E1", "E2"):
        await store.async_save(installation(None, organization, bot_token=f"of-{organization}"))
    await store.belongs("T1", "E1")
    await store.belongs("T1", "E2")
    assert await token(store, "T1") == "of-E1"
    await store.async_delete_installation(enterprise_id="E1", team_id=None)
    await store.belongs("T1", "E2")
    assert await token(store, "T1") == "of-E2"


async def test_a_workspace_is_forgotten_alone_and_an_organization_with_all_that_spoke_by_it(store: Installs) -> None:
    for team in ("T1", "T2"):
        await store.async_save(installation(team))
    await store.async_delete_all(enterprise_id=None, team_id="T1")
    assert (await token(store, "T1"), await token(store, "T2")) == (None, TOKEN)
    await store.async_save(installation(None, "E1"))
    for team in ("T2", "T3", "T4"):
        await store.belongs(team, "E1")
    assert await store.remove("E1", "") == ["T3", "T4"]
    assert [await token(store, team) for team in ("T2", "T3")] == [TOKEN, None]
    assert await store.remove("E1", "") == []


async def test_an_installation_for_nobody_is_refused(store: Installs) -> None:
    with pytest.raises(ValueError, match="no workspace"):
        await store.async_save(installation(None, None))


async def test_a_key_can_be_changed_by_putting_the_new_one_in_front(notes: Notes, store: Installs) -> None:
    await store.async_save(installation())
    both = Installs(notes, Seal(f"{NEW}, {OLD}"))
    assert await token(both, "T1") == TOKEN
    await both.check()
    new = Installs(notes, Seal(NEW))
    assert await token(new, "T1") == TOKEN
    assert [i.team_id for i in await new.all()] == ["T1"]


async def test_a_wrong_key_is_one_clear_line(notes: Notes, store: Installs) -> None:
    await store.async_save(installation())
    wrong = Installs(notes, Seal(NEW))
    for look in (wrong.check(), wrong.all(), token(wrong, "T1")):
        with pytest.raises(ConfigError, match="PAPERBOY_KEY") as caught:
            await look
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("keys", ["", "short", ",", f"{OLD},short"], ids=["none", "short", "commas", "one of two"])
def test_what_is_no_key_is_refused(keys: str) -> None:
    with pytest.raises(ConfigError, match="PAPERBOY_KEY") as caught:
        Seal(keys)
    assert OLD not in str(caught.value)


# --- states -----------------------------------------------------------------------------------------------------------


class Clock:
    now = NOON

    def __call__(self) -> int:
        return self.now


async def test_a_state_is_good_once_for_ten_minutes_and_leaves_nothing_before_it_is_used(notes: Notes) -> None:
    clock = Clock()
    states = States(notes, Seal(OLD), clock)
    first, second = await states.async_issue(), await states.async_issue()
    assert first != second
    assert await notes.keys("slack", "") == []
    assert [await states.async_consume(first) for _ in range(2)] == [True, False]
    clock.now += STATE_SECONDS * 1000 + 1000
    assert not await states.async_consume(second)


async def test_an_installation_under_way_survives_a_new_key(notes: Notes) -> None:
    begun = await States(notes, Seal(OLD), Clock()).async_issue()
    assert await States(notes, Seal(f"{NEW},{OLD}"), Clock()).async_consume(begun)


@given(st.text())
def test_a_state_of_somebody_else_is_none(text: str) -> None:
    assert Seal(OLD).state(text, NOON) == ""
    assert Seal(NEW).state(Seal(OLD).new_state(NOON), NOON) == ""


def test_a_sealed_installation_is_no_state() -> None:
    assert Seal(OLD).state(Seal(OLD).close("{}"), NOON) == ""
