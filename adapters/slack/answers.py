"""How an answer reaches whoever asked: by the ``response_url``, and where that is spent, expired or absent, as a post.

A ``response_url`` takes five messages within half an hour
(https://docs.slack.dev/interactivity/handling-user-interaction#message_responses).
"""

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from adapters.slack import mrkdwn, render
from adapters.slack.api import Api
from adapters.slack.asked import Asked
from adapters.slack.direct import Direct
from adapters.slack.faults import MALFORMED, SlackError
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

        ``turn`` puts it in the place of the message whose button was pressed, where that is the asker's alone and there
        is something to put there. What everybody sees has no buttons that change it. Never raises but for cancellation:
        an answer that cannot be given is logged.
        """
        is_public = (shared or not reply.private) and asked.where.kind == "channel"
        audit = [reply.public] if reply.public and asked.where.kind == "channel" else []
        bodies = render.answer(_fixed(reply) if is_public else reply)[: _USES - len(audit)]
        turns = turn and asked.alone and not is_public and not reply.failed
        for number, body in enumerate(bodies):
            await self._one(workspace, asked, body, is_public=is_public, replaces=turns and number == 0)
        for line in audit:
            await self._one(workspace, asked, {"text": mrkdwn.escape(line)}, is_public=True, replaces=False)

    async def _one(
        self, workspace: Workspace, asked: Asked, body: Mapping[str, Any], *, is_public: bool, replaces: bool
    ) -> None:
        """As it is, and where Slack refuses its blocks, as text."""
        thread = {"thread_ts": asked.thread} if asked.thread else {}
        how = {"response_type": "in_channel" if is_public else "ephemeral", "replace_original": replaces}
        for said in (body, {"text": body["text"]}):
            try:
                await self._said(workspace, asked, {**said, **_QUIET, **thread}, how)
                return
            except SlackError as error:
                extra = {"to": str(asked.where), "error": str(error)}
                if error.code not in MALFORMED or "blocks" not in said:
                    log.warning("slack.answer_lost", extra=extra)
                    return
                log.warning("slack.blocks_refused", extra=extra)

    async def _said(self, workspace: Workspace, asked: Asked, body: dict[str, Any], how: Mapping[str, Any]) -> None:
        """Posted only where the ``response_url`` surely took nothing: an answer is rather lost than given twice.

        Raises ``SlackError``.
        """
        if asked.url:
            try:
                return await self._api.respond(asked.url, {**body, **how})
            except SlackError as error:
                if error.fault == "ambiguous" or error.code in MALFORMED:
                    raise
        return await self._post(workspace, asked, body, how["response_type"] == "in_channel")

    async def _post(self, workspace: Workspace, asked: Asked, body: Mapping[str, Any], is_public: bool) -> None:
        """Where somebody is spoken to alone everything is private anyway. Raises ``SlackError``."""
        channel = await self._direct.channel(workspace, asked.where)
        if is_public or asked.where.kind == "person":
            await self._api.write(workspace.token, "chat.postMessage", {**body, "channel": channel})
        else:
            only = {k: v for k, v in body.items() if k not in _QUIET}
            named = {**only, "channel": channel, "user": asked.user}
            await self._api.write(workspace.token, "chat.postEphemeral", named)


def _fixed(reply: Reply) -> Reply:
    """Without the ways on: whoever took one would change, or show once more, what everybody sees."""
    page = replace(reply.page, previous="", next="") if reply.page else None
    return replace(reply, page=page, share="")
