"""Posts: sent, found again and changed. Who may ask for them and when is the core's."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from adapters.slack import past
from adapters.slack.api import Api
from adapters.slack.direct import Direct
from adapters.slack.faults import SlackError, unsent
from adapters.slack.lanes import Lanes
from adapters.slack.rights import Rights
from adapters.slack.workspaces import Workspace, Workspaces
from bot.model import Address, Outgoing, Past, Receipt

_PAGES, _PAGE = 5, 100
_SHORT = 15
"""Messages in a page, at most, of an app that may read once a minute only."""
_CLOCKS = 3600
"""Seconds by which our clock may be ahead of Slack's. A machine that nobody sets the clock of is minutes wrong after a
year, and an hour when its time zone was taken for UTC; to look back too far costs a page, too short a second post."""


class Posts:
    def __init__(self, api: Api, workspaces: Workspaces, direct: Direct, lanes: Lanes, rights: Rights) -> None:
        self._api, self._workspaces, self._direct, self._lanes, self._rights = api, workspaces, direct, lanes, rights

    async def send(self, message: Outgoing) -> Receipt:
        """Raises ``SlackError``. Slack knows no key against repeats, so an unclear end is to be looked up."""
        with self._judged():
            workspace = await self._workspace(message.where.space)
            channel = await self._direct.channel(workspace, message.where)
            try:
                return await self._post(workspace, channel, message)
            except SlackError as error:
                # A remembered direct channel can be gone: the person was moved to another organization, say.
                if error.code != "channel_not_found" or not await self._direct.forget(message.where):
                    raise
            return await self._post(workspace, await self._direct.channel(workspace, message.where), message)

    async def edit(self, message: Outgoing, receipt: str) -> None:
        """Raises ``SlackError``; the same twice changes nothing more."""
        channel, ts = _place(receipt)
        with self._judged():
            workspace = await self._workspace(message.where.space)
            # Blocks that are not named would stay as they were.
            body = {"blocks": [], **_said(message), "channel": channel, "ts": ts}
            await self._call(workspace, channel, "chat.update", body)

    async def find(self, message: Outgoing) -> Receipt | None:
        """Raises ``SlackError``: ambiguous where the channel cannot be read, temporary where it may be later.

        Apps that are sold outside Slack's marketplace may read once a minute and 15 messages at a time
        (https://docs.slack.dev/changelog/2025/05/29/rate-limit-changes-for-non-marketplace-apps): then the first page
        is waited for, and what lies beyond it is unknown. Elsewhere every page is waited for.
        """
        with self._judged():
            workspace = await self._workspace(message.where.space)
            return await self._found(workspace, await self._direct.channel(workspace, message.where), message)

    async def _found(self, workspace: Workspace, channel: str, message: Outgoing) -> Receipt | None:
        thread = _place(message.reply_to)[1] if message.reply_to else ""
        cursor, short = "", False
        for page in range(_PAGES):
            try:
                said = await self._read(workspace, channel, thread, message.since, cursor)
            except SlackError as error:
                raise _unknown(error, waits=not page or not short) from None
            if ts := _match(said, workspace, message.nonce):
                return _receipt(workspace, channel, ts)
            cursor = past.cursor(said)
            if not cursor:
                return None
            short = len(said.get("messages") or []) <= _SHORT
        raise SlackError("too much was said there since to look through it", fault="ambiguous")

    async def posted(self, where: Address, since: int, further: str) -> Past:
        """See ``bot.ports.History``. Raises ``SlackError``; a page more than an app may read now is one for later."""
        with self._judged():
            workspace = await self._workspace(where.space)
            channel = await self._direct.channel(workspace, where)
            try:
                said = await self._read(workspace, channel, "", since, further)
            except SlackError as error:
                raise await self._untold(error, workspace, where) from None
        return past.page(said, workspace)

    async def reach(self, where: Address) -> None:
        """See ``bot.ports.Reach``. Raises ``SlackError``."""
        with self._judged():
            workspace = await self._workspace(where.space)
            await self._api.scopes(workspace.token)

    async def _untold(self, error: SlackError, workspace: Workspace, where: Address) -> SlackError:
        """What it means that a channel cannot be read: where we cannot post either, it is to be read when we can."""
        if error.code == "channel_not_found" and await self._direct.forget(where):
            return SlackError(str(error), fault="temporary", code=error.code)
        outside = error.code == "not_in_channel" and "chat:write.public" not in workspace.scopes
        return error if outside or error.code == "channel_not_found" else _unknown(error, waits=True)

    @contextmanager
    def _judged(self) -> Iterator[None]:
        try:
            yield
        except SlackError as error:
            raise self._workspaces.blamed(error) from None

    async def forget(self, where: Address) -> None:
        await self._direct.forget(where)

    async def _workspace(self, team: str) -> Workspace:
        try:
            return await self._workspaces.posting(team)
        except SlackError as error:
            raise unsent(error) from None

    async def _post(self, workspace: Workspace, channel: str, message: Outgoing) -> Receipt:
        body = {**_said(message), "channel": channel, "unfurl_links": False, "unfurl_media": False}
        if message.reply_to:
            body["thread_ts"] = _place(message.reply_to)[1]
        said = await self._call(workspace, channel, "chat.postMessage", body)
        ts = said.get("ts")
        if not isinstance(ts, str) or not ts:
            raise SlackError("Slack took it without saying under which name", fault="ambiguous")
        return _receipt(workspace, str(said.get("channel") or channel), ts)

    async def _call(self, workspace: Workspace, channel: str, method: str, body: dict[str, Any]) -> dict[str, Any]:
        await self._lanes.turn(workspace.team, channel)
        try:
            said = await self._api.write(workspace.token, method, body)
        except SlackError as error:
            if error.fault == "busy":
                self._lanes.refused(workspace.team, channel, error.retry_after or 1)
            if error.fault == "credential":
                self._workspaces.forget(workspace.token)
            if error.fault == "target":
                self._rights.lost(workspace, channel)
            raise
        self._lanes.went(workspace.team)
        return said

    async def _read(self, workspace: Workspace, channel: str, thread: str, since: int, cursor: str) -> dict[str, Any]:
        asked: dict[str, str | int | bool] = {
            "channel": channel,
            "oldest": f"{max(0, since // 1000 - _CLOCKS)}.000000",
            "limit": _PAGE,
            "include_all_metadata": True,
        }
        asked |= {"ts": thread} if thread else {}
        asked |= {"cursor": cursor} if cursor else {}
        return await self._api.read(
            workspace.token, "conversations.replies" if thread else "conversations.history", **asked
        )


def _said(message: Outgoing) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(message.payload)
    return {**said, "metadata": {"event_type": past.EVENT, "event_payload": {"nonce": message.nonce}}}


def _match(said: dict[str, Any], workspace: Workspace, nonce: str) -> str:
    """The ts of the message with this nonce that our own bot sent, or empty."""
    found = (m for m in said.get("messages") or [] if past.nonce_of(m, workspace) == nonce)
    return next((str(message.get("ts") or "") for message in found), "")


def _unknown(error: SlackError, *, waits: bool) -> SlackError:
    """What a failed look into a channel means for the question whether a message is there."""
    if error.fault == "credential" or (error.fault == "busy" and waits):
        return error
    if error.fault in {"ambiguous", "temporary"}:
        return unsent(error)
    return SlackError(f"the channel cannot be read: {error}", fault="ambiguous", code=error.code)


def _receipt(workspace: Workspace, channel: str, ts: str) -> Receipt:
    return Receipt(f"{channel}:{ts}", workspace.link(channel, ts))


def _place(receipt: str) -> tuple[str, str]:
    """The channel and the ts of a receipt. Raises ``SlackError`` (payload) for one that is none of ours."""
    channel, colon, ts = receipt.partition(":")
    if not colon or not channel or not ts:
        raise SlackError("no message of Slack's has this name", fault="payload")
    return channel, ts
