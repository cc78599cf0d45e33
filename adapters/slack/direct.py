"""The direct channel with a person: opened once, then remembered in the platform's notes."""

from adapters.slack.api import Api
from adapters.slack.faults import SlackError, unsent
from adapters.slack.installs import OWNER
from adapters.slack.workspaces import Workspace
from bot.model import Address
from bot.ports import Notes


class Direct:
    def __init__(self, api: Api, notes: Notes) -> None:
        self._api, self._notes = api, notes

    async def channel(self, workspace: Workspace, where: Address) -> str:
        """The channel id of an address. Raises ``SlackError``, never ambiguous: nothing was posted yet."""
        if where.kind == "channel":
            return where.room
        known = await self._notes.read(OWNER, _key(where))
        return known or await self._opened(workspace, where)

    async def forget(self, where: Address) -> bool:
        """Whether there was something to forget."""
        return await self._notes.erase(OWNER, _key(where))

    async def _opened(self, workspace: Workspace, where: Address) -> str:
        try:
            said = await self._api.read(workspace.token, "conversations.open", users=where.room)
        except SlackError as error:
            raise unsent(error) from None
        channel = str((said.get("channel") or {}).get("id") or "")
        if not channel:
            raise SlackError("Slack opened no direct channel", fault="temporary")
        await self._notes.write(OWNER, _key(where), channel)
        return channel


def _key(where: Address) -> str:
    return f"direct/{where.space}/{where.room}"
