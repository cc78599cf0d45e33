"""Which token speaks in which workspace, and who it is there: the one token of the settings, or an installation's."""

import logging
from dataclasses import dataclass, field
from typing import Any

from slack_sdk.oauth.installation_store import Installation

from adapters.slack.api import Api
from adapters.slack.faults import SlackError, explained, of_one
from adapters.slack.installs import Installs
from bot.errors import ConfigError

log = logging.getLogger(__name__)

_STRANGE = "this workspace is not the one of PAPERBOY_SLACK_BOT_TOKEN: Paperboy cannot post there"


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """A workspace and our bot in it. ``team`` is its id; ``url`` is like ``https://lab.slack.com/``."""

    team: str
    token: str = field(repr=False)
    enterprise: str = ""
    name: str = ""
    url: str = ""
    bot_user: str = ""
    bot: str = ""
    scopes: frozenset[str] = frozenset()
    org_wide: bool = False

    def link(self, channel: str, ts: str) -> str:
        """The permanent address of a message there, as Slack itself writes it."""
        return f"{self.url}archives/{channel}/p{ts.replace('.', '')}" if self.url else ""


class Workspaces:
    """Finds the workspace of an id. With ``token`` there is only the one it belongs to."""

    def __init__(self, api: Api, token: str, installs: Installs | None = None) -> None:
        self._api, self._token, self._installs = api, token, installs
        self._known: dict[str, Workspace] = {}
        self._own: Workspace | None = None
        self._belonging: set[tuple[str, str]] = set()

    async def own(self) -> Workspace:
        """The workspace of the one token. Raises ``SlackError``."""
        self._own = await self._identity(self._token)
        return self._own

    async def of(self, team: str, enterprise: str = "", *, org_wide: bool = False, learns: bool = False) -> Workspace:
        """The workspace called ``team``, by its own installation or that of its organization. Raises ``SlackError``.

        For the one token, what is said in a channel shared with another company belongs to our workspace. An address
        is never another's: see ``posting``. ``learns``: Slack itself says that the workspace is one of the
        organization's, which is remembered for posts.
        """
        if self._installs is None:
            return await self.own()
        found = await self._installation(self._installs, team, enterprise, org_wide)
        who = await self._identity(found.bot_token or "")
        if not found.is_enterprise_install:
            return who
        organization = found.enterprise_id or ""
        if learns and team and (team, organization) not in self._belonging:
            await self._installs.belongs(team, organization)
            self._belonging.add((team, organization))
        return _in_team(who, team or organization, organization)

    async def bot(self, team: str, enterprise: str = "", *, org_wide: bool = False) -> Workspace:
        """Our bot there, as far as it is known without asking Slack, which would take the time to acknowledge.

        Raises ``SlackError`` where Paperboy is not installed.
        """
        if self._installs is None:
            return self._own or Workspace(team=team, token=self._token)
        found = await self._installation(self._installs, team, enterprise, org_wide)
        name, bot = found.bot_user_id or "", found.bot_id or ""
        return Workspace(team=found.team_id or team, token=found.bot_token or "", bot_user=name, bot=bot)

    async def posting(self, team: str) -> Workspace:
        """The workspace a message goes to. Raises ``SlackError``, also when its token is that of another one."""
        found = await self.of(team)
        if found.team != team and not found.org_wide:
            raise SlackError(_STRANGE, fault="target")
        return found

    def blamed(self, error: SlackError) -> SlackError:
        """A failed post's error, as it counts: a token that is one of many is no matter of the whole platform."""
        judged = error if self._installs is None else of_one(error)
        if judged is not error:
            log.warning("slack.token_dead", extra={"error": str(error)})
        return judged

    def forget(self, token: str) -> None:
        """Ask again who a token is: Slack refused it, or it is gone."""
        self._known.pop(token, None)

    def left(self, gone: Installation) -> None:
        """An installation is gone: nothing of it is remembered."""
        self.forget(gone.bot_token or "")
        self._belonging = {pair for pair in self._belonging if pair[1] != gone.enterprise_id}

    async def _installation(self, installs: Installs, team: str, enterprise: str, org_wide: bool) -> Installation:
        try:
            found = await installs.async_find_installation(
                enterprise_id=enterprise or None, team_id=team or None, is_enterprise_install=org_wide
            )
        except ConfigError as error:
            raise SlackError(str(error), fault="credential") from None
        if found is None or not found.bot_token:
            raise explained("not_installed")
        return found

    async def _identity(self, token: str) -> Workspace:
        if token not in self._known:
            self._known[token] = _read(token, *await self._api.scopes(token))
        return self._known[token]


def _read(token: str, said: dict[str, Any], scopes: frozenset[str]) -> Workspace:
    return Workspace(
        team=str(said.get("team_id") or ""),
        token=token,
        enterprise=str(said.get("enterprise_id") or ""),
        name=str(said.get("team") or ""),
        url=str(said.get("url") or ""),
        bot_user=str(said.get("user_id") or ""),
        bot=str(said.get("bot_id") or ""),
        scopes=scopes,
        org_wide=bool(said.get("is_enterprise_install")),
    )


def _in_team(who: Workspace, team: str, enterprise: str) -> Workspace:
    """The organization's bot in one of its workspaces, whose address on the web it does not know."""
    return Workspace(
        team=team, token=who.token, enterprise=enterprise, name=who.name, bot_user=who.bot_user, bot=who.bot,
        scopes=who.scopes, org_wide=True,
    )  # fmt: skip
