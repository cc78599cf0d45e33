"""Where installations are kept: sealed, in the platform's notes. And the states of installations under way.

A workspace's own installation goes before that of its organization. Workspace ids are unique at Slack, so the keys are
``install/T…`` and ``install/E…``; ``org/T…`` says to which organization a workspace belongs that has none of its own,
because a post knows only its workspace.
"""

import json
import logging
from collections.abc import Callable
from typing import Any

from slack_sdk.oauth.installation_store import Bot, Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore

from adapters.slack.api import sdk_log
from adapters.slack.seal import STATE_SECONDS, Seal
from bot.ports import Notes

OWNER = "slack"
_INSTALL, _ORG, _STATE = "install/", "org/", "state/"


class Installs(AsyncInstallationStore):
    """Bolt's installation store. Raises ``StoreError``, and ``ConfigError`` where the keys open nothing."""

    def __init__(self, notes: Notes, seal: Seal) -> None:
        self._notes, self._seal = notes, seal

    @property
    def logger(self) -> logging.Logger:
        return sdk_log()

    async def async_save(self, installation: Installation) -> None:
        place = _place(installation.enterprise_id, installation.team_id, installation.is_enterprise_install)
        kept = {name: value for name, value in vars(installation).items() if value is not None}
        await self._notes.write(OWNER, f"{_INSTALL}{place}", self._seal.close(json.dumps(kept)))

    async def async_save_bot(self, bot: Bot) -> None:
        """A bot's token alone; who installed it stays unknown."""
        await self.async_save(Installation(**{**vars(bot), "user_id": ""}))

    async def async_find_installation(
        self,
        *,
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None = None,
        is_enterprise_install: bool | None = False,
    ) -> Installation | None:
        """That of the workspace, else of its organization. People have no tokens here: ``user_id`` says nothing."""
        own = None if is_enterprise_install else await self._read(team_id)
        return own or await self._read(enterprise_id or await self._organization(team_id))

    async def async_find_bot(
        self, *, enterprise_id: str | None, team_id: str | None, is_enterprise_install: bool | None = False
    ) -> Bot | None:
        found = await self.async_find_installation(
            enterprise_id=enterprise_id, team_id=team_id, is_enterprise_install=is_enterprise_install
        )
        return found.to_bot() if found else None

    async def async_delete_bot(self, *, enterprise_id: str | None, team_id: str | None) -> None:
        await self.remove(enterprise_id or "", team_id or "")

    async def async_delete_installation(
        self, *, enterprise_id: str | None, team_id: str | None, user_id: str | None = None
    ) -> None:
        await self.remove(enterprise_id or "", team_id or "")

    async def at(self, enterprise: str, team: str) -> Installation | None:
        """The installation of exactly this workspace; that of the organization for an empty ``team``."""
        return await self._read(team or enterprise)

    async def leaving(self, enterprise: str, team: str) -> list[str]:
        """The workspaces that nothing speaks for any more without this installation; none where there is none."""
        if not await self.at(enterprise, team):
            return []
        return [team] if team else [left for left in await self.teams(enterprise) if not await self._read(left)]

    async def remove(self, enterprise: str, team: str) -> list[str]:
        """Forget an installation; that of the organization for an empty ``team``. Returns the workspaces it was for.

        The installation itself goes last: cut off before, it can be done again.
        """
        teams = await self.leaving(enterprise, team)
        for left in teams if not team else ():
            await self._notes.erase(OWNER, f"{_ORG}{left}")
        await self._notes.erase(OWNER, f"{_INSTALL}{team or enterprise}")
        return teams

    async def belongs(self, team: str, enterprise: str) -> None:
        """A workspace speaks by the installation of its organization. One that is still installed keeps what it has."""
        known = await self._organization(team)
        if known == enterprise or (known and await self._read(known)):
            return
        await self._notes.write(OWNER, f"{_ORG}{team}", enterprise)

    async def teams(self, enterprise: str) -> list[str]:
        """The workspaces that are known to speak by the installation of an organization."""
        keys = await self._notes.keys(OWNER, _ORG)
        return [key.removeprefix(_ORG) for key in keys if await self._notes.read(OWNER, key) == enterprise]

    async def all(self) -> list[Installation]:
        """Every installation, by place."""
        found = [await self._read(key.removeprefix(_INSTALL)) for key in await self._notes.keys(OWNER, _INSTALL)]
        return [installation for installation in found if installation]

    async def check(self) -> None:
        """See that the keys open everything, and close anew what an old one opened."""
        for key in await self._notes.keys(OWNER, _INSTALL):
            sealed = await self._notes.read(OWNER, key)
            if sealed is not None and (text := self._seal.open(sealed)) and self._seal.is_old(sealed):
                await self._notes.write(OWNER, key, self._seal.close(text))

    async def _organization(self, team: str | None) -> str | None:
        return await self._notes.read(OWNER, f"{_ORG}{team}") if team else None

    async def _read(self, place: str | None) -> Installation | None:
        sealed = await self._notes.read(OWNER, f"{_INSTALL}{place}") if place else None
        if sealed is None:
            return None
        kept: dict[str, Any] = json.loads(self._seal.open(sealed))
        return Installation(**kept)


def _place(enterprise: str | None, team: str | None, org_wide: bool) -> str:
    place = enterprise if org_wide else team
    if not place:
        raise ValueError("an installation for no workspace")
    return place


class States(AsyncOAuthStateStore):
    """The state that ties the end of an installation to its beginning: signed, good for ten minutes, used once."""

    def __init__(self, notes: Notes, seal: Seal, clock: Callable[[], int]) -> None:
        self._notes, self._seal, self._clock = notes, seal, clock

    @property
    def logger(self) -> logging.Logger:
        return sdk_log()

    async def async_issue(self, *args: object, **kwargs: object) -> str:
        return self._seal.new_state(self._clock())

    async def async_consume(self, state: str) -> bool:
        """True for a state of ours, the first time. That it was used is kept until it is too old anyway."""
        now = self._clock()
        unique = self._seal.state(state, now)
        uses: list[str | None] = []

        def use(before: str | None) -> str:
            uses.append(before)
            return "used"

        if not unique:
            return False
        key = f"{_STATE}{unique}"
        await self._notes.change(OWNER, key, use)
        if uses != [None]:
            return False
        await self._notes.write(OWNER, key, "used", until=now + 2 * STATE_SECONDS * 1000)
        return True
