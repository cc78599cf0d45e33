"""How an answer reaches whoever asked: by the ``response_url``, and where that is spent, expired or absent, as a post.

A ``response_url`` takes five messages within half an hour
(https://docs.slack.dev/interactivity/handling-user-interaction#message_responses).
"""

import logging
from collections.abc import Mapping
from typing import Any

from adapters.slack import mrkdwn, render
from adapters.slack.api import Api
from adapters.slack.asked import Asked
from adapters.slack.direct import Direct
from adapters.slack.faults import SlackError
from adapters.slack.workspaces import Workspace
from bot.cards import Reply

log = logging.getLogger(__name__)

_USES = 5
_QUIET = {"unfurl_links": False, "unfurl_media": False}


class Answers:
    def __init__(self, api: Api, direct: Direct) -> None:
        self._api, self._direct = api, direct

    async def give(
        self, workspace: Workspace, asked: Asked, reply: Reply, *, turn: bool = False, shared: bool = False
    ) -> None:
        """Show an answer: privately, or to the channel where the reply is meant for it or is ``shared``.

        ``turn`` puts it in the place of the message whose button was pressed. Never raises but for cancellation: an
        answer that cannot be given is logged.
        """
        is_public = (shared or not reply.private) and asked.where.kind == "channel"
        audit = [reply.public] if reply.public and asked.where.kind == "channel" else []
        bodies = render.answer(reply)[: _USES - len(audit)]
        for number, body in enumerate(bodies):
            await self._one(workspace, asked, body, is_public=is_public, replaces=turn and number == 0)
        for line in audit:
            await self._one(workspace, asked, {"text": mrkdwn.escape(line)}, is_public=True, replaces=False)

    async def _one(
        self, workspace: Workspace, asked: Asked, body: Mapping[str, Any], *, is_public: bool, replaces: bool
    ) -> None:
        thread = {"thread_ts": asked.thread} if asked.thread else {}
        how = {"response_type": "in_channel" if is_public else "ephemeral", "replace_original": replaces}
        if asked.url and await self._api.respond(asked.url, {**body, **how, **_QUIET, **thread}):
            return
        try:
            await self._post(workspace, asked, {**body, **_QUIET, **thread}, is_public)
        except SlackError as error:
            extra = {"to": str(asked.where), "error": str(error)}
            log.warning("slack.answer_lost", extra=extra)

    async def _post(self, workspace: Workspace, asked: Asked, body: Mapping[str, Any], is_public: bool) -> None:
        """Where somebody is spoken to alone everything is private anyway. Raises ``SlackError``."""
        channel = await self._direct.channel(workspace, asked.where)
        if is_public or asked.where.kind == "person":
            await self._api.write(workspace.token, "chat.postMessage", {**body, "channel": channel})
        else:
            only = {k: v for k, v in body.items() if k not in _QUIET}
            named = {**only, "channel": channel, "user": asked.user}
            await self._api.write(workspace.token, "chat.postEphemeral", named)
