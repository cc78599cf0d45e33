"""What ``paperboy doctor`` says of Slack: tokens, scopes and rooms, each with what to do. It only looks."""

from collections.abc import AsyncIterator, Sequence

from adapters import SlackOptions
from adapters.slack import modes
from adapters.slack.api import Api
from adapters.slack.faults import INVITE, SlackError
from adapters.slack.installs import Installs
from adapters.slack.manifest import REASONS
from adapters.slack.oauth import INSTALL_PATH
from adapters.slack.workspaces import Workspace, Workspaces
from bot.errors import PaperboyError
from bot.model import Address, Finding
from bot.phrases import plural

_MEND = "paste what paperboy slack manifest prints under App Manifest, and reinstall the app"
_NEEDED = frozenset({"commands", "chat:write"})
"""Without these nothing works; without another one, what its reason names."""
_SUBJECT = "Slack"


class Checkup:
    def __init__(self, api: Api, options: SlackOptions, workspaces: Workspaces, installs: Installs | None) -> None:
        self._api, self._options, self._workspaces, self._installs = api, options, workspaces, installs

    async def examine(self, rooms: Sequence[Address]) -> list[Finding]:
        """One finding a line. Never raises but for cancellation."""
        findings: list[Finding] = []
        try:
            async for finding in self._all(rooms):
                findings.append(finding)  # noqa: PERF401  what was found before something broke is kept
        except PaperboyError as error:
            findings.append(Finding("bad", _SUBJECT, str(error)))
        return findings

    async def _all(self, rooms: Sequence[Address]) -> AsyncIterator[Finding]:
        if self._installs is None:
            async for finding in self._own():
                yield finding
        else:
            async for finding in self._installed(self._installs):
                yield finding
        for room in rooms:
            yield await self._room(room)

    async def _own(self) -> AsyncIterator[Finding]:
        try:
            workspace = await self._workspaces.own()
        except SlackError as error:
            yield Finding("bad", _SUBJECT, _untested(error, modes.BOT) or f"{modes.BOT} does not work: {error}")
        else:
            for finding in _workspace(workspace):
                yield finding
        if self._options.app_token:
            yield await self._socket()

    async def _installed(self, installs: Installs) -> AsyncIterator[Finding]:
        known = await installs.all()
        where = f"{self._options.public_url}{INSTALL_PATH}"
        if not known:
            yield Finding("hint", _SUBJECT, f"it is installed nowhere yet: open {where} in a browser")
        else:
            yield Finding("ok", _SUBJECT, f"{plural(len(known), 'installation')}; {where} makes another one")
        for one in known:
            place = one.team_name or one.enterprise_name or one.team_id or one.enterprise_id
            try:
                workspace = await self._workspaces.of(
                    one.team_id or "", one.enterprise_id or "", org_wide=one.is_enterprise_install
                )
            except SlackError as error:
                yield Finding("bad", f"{_SUBJECT} {place}", str(error))
            else:
                for finding in _workspace(workspace):
                    yield finding

    async def _socket(self) -> Finding:
        try:
            await self._api.read(self._options.app_token, "apps.connections.open")
        except SlackError as error:
            needs = "Slack refuses it" if error.fault == "credential" else str(error)
            text = f"{modes.APP} does not work: {needs}. It needs the scope connections:write."
            return Finding("bad", f"{_SUBJECT} Socket Mode", _untested(error, modes.APP) or text)
        return Finding("ok", f"{_SUBJECT} Socket Mode", "the app-level token opens a connection")

    async def _room(self, room: Address) -> Finding:
        subject = f"{_SUBJECT} {'#' if room.name else ''}{room.name or room.room}"
        try:
            workspace = await self._workspaces.posting(room.space)
            if room.kind == "person":
                said = await self._api.read(workspace.token, "users.info", user=room.room)
                return _person(subject, dict(said.get("user") or {}))
            said = await self._api.read(workspace.token, "conversations.info", channel=room.room)
            return _channel(subject, dict(said.get("channel") or {}), workspace)
        except SlackError as error:
            looked = error.code == "missing_scope"
            return Finding("hint" if looked else "bad", subject, f"{'not looked at: ' if looked else ''}{error}")


def _untested(error: SlackError, setting: str) -> str:
    """What to say where Slack gave no verdict on the token in ``setting``; empty where it did."""
    if error.fault == "busy":
        return f"{error}: {setting} was not tested; try again later"
    return f"{error}: check the network; {setting} was not tested" if error.fault in {"temporary", "ambiguous"} else ""


def _workspace(workspace: Workspace) -> list[Finding]:
    subject = f"{_SUBJECT} {workspace.name or workspace.team}"
    findings = [Finding("ok", subject, f"the token works, as bot {workspace.bot_user}")]
    if not workspace.scopes:
        return [*findings, Finding("hint", subject, "Slack does not say which scopes were granted")]
    for scope, reason in REASONS.items():
        if scope not in workspace.scopes:
            text = f"lacks the scope {scope} ({reason}): {_MEND}"
            findings.append(Finding("bad" if scope in _NEEDED else "hint", subject, text))
    return findings


def _person(subject: str, user: dict[str, object]) -> Finding:
    if user.get("deleted"):
        return Finding("bad", subject, "this person's account is deactivated: nothing can be sent there")
    return Finding("ok", subject, "can be written to")


def _channel(subject: str, channel: dict[str, object], workspace: Workspace) -> Finding:
    if channel.get("is_archived"):
        return Finding("bad", subject, "the channel is archived: unarchive it, then send any command there")
    if channel.get("is_member"):
        return Finding("ok", subject, "Paperboy is in it")
    if channel.get("is_private") or "chat:write.public" not in workspace.scopes:
        return Finding("bad", subject, f"I am not in this channel: {INVITE}")
    text = f"posts arrive; after an unclear answer of Slack one may come twice, as I am not in it: {INVITE}"
    return Finding("hint", subject, text)
