"""Paperboy comes into a workspace and leaves it: what that means for installations and for what is posted there."""

import asyncio
import logging
from collections.abc import Callable, Sequence

from slack_sdk.oauth.installation_store import Installation

from adapters.slack.faults import DEAD, explained
from adapters.slack.installs import OWNER, Installs
from adapters.slack.workspaces import Workspace
from bot.errors import StoreError
from bot.ports import Core, Notes

log = logging.getLogger(__name__)

REMOVED = "Paperboy was removed from this workspace"
WAITS = (1.0, 5.0, 30.0, 120.0, 600.0)
"""Seconds before each further try to note a removal, which Slack tells only once."""
_GONE = (REMOVED, DEAD, str(explained("not_installed")))
"""Why nothing was posted that an installation mends."""
_LEFT = "removed/"


class Comings:
    """``forget`` is called with an installation that is gone, to let go of its token wherever it is remembered."""

    def __init__(
        self,
        notes: Notes,
        installs: Installs | None,
        core: Core,
        forget: Callable[[Installation], None],
        waits: Sequence[float] = WAITS,
    ) -> None:
        self._notes, self._installs, self._core = notes, installs, core
        self._forget, self._waits = forget, waits

    async def removed(self, team: str, enterprise: str, at: int) -> None:
        """Somebody uninstalled Paperboy or took its token away; for an empty ``team``, from the whole organization.

        ``at`` is when, in seconds, 0 where nobody says: Slack tells late at times, when it is installed anew already.
        Raises ``StoreError`` when our store failed for as long as was waited.
        """
        for wait in self._waits:
            try:
                return await self._leave(team, enterprise, at)
            except StoreError as error:
                log.warning("slack.removal_waits", extra={"space": team or enterprise, "error": str(error)})
            await asyncio.sleep(wait)
        return await self._leave(team, enterprise, at)

    async def _leave(self, team: str, enterprise: str, at: int) -> None:
        if self._installs is None:
            await self._left([team], enterprise)
            return
        gone = await self._installs.at(enterprise, team)
        if gone is None:
            return
        if 0 < at < int(gone.installed_at):
            log.info("slack.removed_before", extra={"space": team or enterprise})
            return
        await self._left(await self._installs.leaving(enterprise, team), enterprise)
        await self._installs.remove(enterprise, team)
        self._forget(gone)

    async def _left(self, teams: Sequence[str], enterprise: str) -> None:
        for left in filter(None, teams):
            log.info("slack.removed", extra={"space": left})
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
        """The one token works: if Paperboy had been removed, or lacked a right, it was installed again meanwhile."""
        if await self._notes.read(OWNER, f"{_LEFT}{workspace.team}") is not None:
            await self._back(workspace.team)
        else:
            await self._core.retry(workspace.team, "")

    async def _teams(self, enterprise: str) -> list[str]:
        """The workspaces of an organization: those that speak by it, and those that did until it was removed."""
        left = [key.removeprefix(_LEFT) for key in await self._notes.keys(OWNER, _LEFT)]
        gone = {team for team in left if await self._notes.read(OWNER, f"{_LEFT}{team}") == enterprise}
        return sorted({*gone, *(await self._installs.teams(enterprise) if self._installs else [])})

    async def _back(self, team: str) -> None:
        log.info("slack.installed", extra={"space": team})
        await self._notes.erase(OWNER, f"{_LEFT}{team}")
        for reason in _GONE:
            await self._core.resume(team, "", reason)
