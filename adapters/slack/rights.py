"""What Slack says of people and rooms: who may manage, and whether Paperboy can post. Looked up where it matters."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from adapters.slack.api import Api
from adapters.slack.asked import Asked
from adapters.slack.faults import SlackError
from adapters.slack.workspaces import Workspace
from bot.commands.table import Command

KEEP = 300.0
"""Seconds an answer of Slack's is believed."""
_MOST = 10_000
_INVITE = "I am not in this channel, so I cannot post here: /invite @Paperboy brings me in."


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """``manager`` of the channel, ``admin`` of the workspace; ``guest``, ``barred`` as in ``Request``; ``name`` of the
    channel.
    """

    manager: bool = False
    admin: bool = False
    guest: bool = False
    barred: str = ""
    name: str = ""


def matters(command: Command) -> bool:
    """Whether a command asks who somebody is: it needs a right, or can mention others."""
    return command.needs != "nothing" or command.option("mention") is not None


class Rights:
    """Asks Slack and remembers for five minutes. A question that fails gives nobody a right."""

    def __init__(self, api: Api, clock: Callable[[], float] = time.monotonic) -> None:
        self._api, self._clock = api, clock
        self._kept: dict[tuple[str, ...], tuple[float, dict[str, Any]]] = {}

    async def standing(self, workspace: Workspace, asked: Asked, *, person: bool) -> Standing:
        """Of the asker in the room they are in. Without ``person`` nobody looks who they are.

        The room is looked at each time: a command in a channel is what makes posts go on there, where they can.
        """
        user = await self._user(workspace, asked.user) if person else {}
        admin, guest = _is_admin(user, workspace.team), _is_guest(user, workspace)
        if asked.where.kind == "person":
            return Standing(admin=admin, guest=guest)
        room = await self._room(workspace, asked.channel)
        made_it = person and bool(asked.user) and room.get("creator") == asked.user
        return Standing(
            manager=admin or (made_it and not guest),
            admin=admin,
            guest=guest,
            barred=_barred(room, workspace),
            name=str(room.get("name") or "") if not room.get("is_mpim") else "",
        )

    def lost(self, workspace: Workspace, channel: str) -> None:
        """Slack refused a post there: what is remembered of the channel is true no more."""
        self._kept.pop((workspace.token, "channel", channel), None)

    def forget(self, token: str) -> None:
        """A token is gone: nothing that was told for it is kept."""
        self._kept = {key: known for key, known in self._kept.items() if key[0] != token}

    async def is_bot(self, workspace: Workspace, user: str) -> bool:
        """Whether a message of theirs was not written by a person."""
        return user in {"", "USLACKBOT", workspace.bot_user} or bool((await self._user(workspace, user)).get("is_bot"))

    async def names(self, workspace: Workspace, users: Iterable[str]) -> dict[str, str]:
        """What people are called, by id; those Slack does not tell of are left out."""
        known = {user: _called(await self._user(workspace, user)) for user in users}
        return {user: name for user, name in known.items() if name}

    async def _user(self, workspace: Workspace, user: str) -> dict[str, Any]:
        """What is known of a person; ``error`` is Slack's code where it told nothing."""
        try:
            return await self._asked(workspace, "users.info", "user", user)
        except SlackError as error:
            return {"error": error.code}

    async def _room(self, workspace: Workspace, channel: str) -> dict[str, Any]:
        """What is known of a channel; ``error`` is Slack's code where it told nothing."""
        try:
            return await self._asked(workspace, "conversations.info", "channel", channel)
        except SlackError as error:
            return {"error": error.code}

    async def _asked(self, workspace: Workspace, method: str, kind: str, id: str) -> dict[str, Any]:
        key = (workspace.token, kind, id)
        now = self._clock()
        at, known = self._kept.get(key, (now - KEEP, {}))
        if now - at < KEEP:
            return known
        found = await self._api.read(workspace.token, method, **{kind: id})
        if len(self._kept) >= _MOST:
            self._kept.clear()
        known = dict(found.get(kind) or {})
        # That changes the moment Paperboy is invited or the channel unarchived, and is asked right after that.
        if kind == "user" or (known.get("is_member") and not known.get("is_archived")):
            self._kept[key] = (now, known)
        return known


def _is_admin(user: dict[str, Any], team: str) -> bool:
    """An administrator or owner of this very workspace: who comes from another company has no rights here."""
    teams = {user.get("team_id"), *((user.get("enterprise_user") or {}).get("teams") or [])}
    high = user.get("is_admin") or user.get("is_owner") or user.get("is_primary_owner")
    return bool(high) and team in teams and not user.get("is_stranger")


def _is_guest(user: dict[str, Any], workspace: Workspace) -> bool:
    """Somebody of another company, who Slack may tell nothing of, or an account made for a few channels."""
    if user.get("error") in {"user_not_found", "user_not_visible"}:
        return True
    known = user.get("enterprise_user") or {}
    homes = {user.get("team_id"), known.get("enterprise_id"), *(known.get("teams") or [])} - {None, ""}
    foreign = bool(homes) and not homes & {workspace.team, workspace.enterprise}
    return foreign or any(user.get(kind) for kind in ("is_restricted", "is_ultra_restricted", "is_stranger"))


def _called(user: dict[str, Any]) -> str:
    profile = user.get("profile") or {}
    return str(profile.get("display_name") or profile.get("real_name") or user.get("name") or "")


def _barred(room: dict[str, Any], workspace: Workspace) -> str:
    if room.get("error") == "channel_not_found":
        return _INVITE
    if room.get("is_archived"):
        return "This channel is archived, so I cannot post here: unarchive it first."
    outside = room.get("is_member") is False
    if outside and (room.get("is_private") or "chat:write.public" not in workspace.scopes):
        return _INVITE
    return ""
