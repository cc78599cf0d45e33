"""Paperboy comes into a workspace and leaves it: what that means for installations and for what is posted there."""

import logging

from slack_sdk.oauth.installation_store import Installation

from adapters.slack.installs import OWNER, Installs
from adapters.slack.workspaces import Workspace
from bot.ports import Core, Notes

log = logging.getLogger(__name__)

REMOVED = "Paperboy was removed from this workspace"
_LEFT = "removed/"


class Comings:
    def __init__(self, notes: Notes, installs: Installs | None, core: Core) -> None:
        self._notes, self._installs, self._core = notes, installs, core

    async def removed(self, team: str, enterprise: str) -> None:
        """Somebody uninstalled Paperboy or took its token away; for an empty ``team``, from the whole organization."""
        teams = await self._installs.remove(enterprise, team) if self._installs else [team]
        for left in filter(None, teams):
            log.info("slack.removed", extra={"workspace": left})
            await self._notes.write(OWNER, f"{_LEFT}{left}", enterprise)
            await self._core.suspend(left, "", REMOVED)

    async def installed(self, installation: Installation) -> None:
        """An installation was kept. That of an organization counts for all its workspaces we know."""
        teams = [installation.team_id or ""]
        if installation.is_enterprise_install:
            teams = await self._teams(installation.enterprise_id or "")
        for team in filter(None, teams):
            await self._back(team)

    async def started(self, workspace: Workspace) -> None:
        """The one token works: if Paperboy had been removed, it was installed again meanwhile."""
        if await self._notes.read(OWNER, f"{_LEFT}{workspace.team}") is not None:
            await self._back(workspace.team)

    async def _teams(self, enterprise: str) -> list[str]:
        """The workspaces of an organization: those that speak by it, and those that did until it was removed."""
        left = [key.removeprefix(_LEFT) for key in await self._notes.keys(OWNER, _LEFT)]
        gone = {team for team in left if await self._notes.read(OWNER, f"{_LEFT}{team}") == enterprise}
        return sorted({*gone, *(await self._installs.teams(enterprise) if self._installs else [])})

    async def _back(self, team: str) -> None:
        log.info("slack.installed", extra={"workspace": team})
        await self._notes.erase(OWNER, f"{_LEFT}{team}")
        await self._core.resume(team, "", REMOVED)
