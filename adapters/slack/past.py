"""Which papers a channel shows: our own posts read back from what ``conversations.history`` returned. Pure.

A post is told from an answer to a command by its metadata. What stands in the thread of a post is a part of it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from adapters import shown
from adapters.slack.workspaces import Workspace
from bot.model import Past

EVENT = "paperboy_post"
"""The ``event_type`` of the metadata every post carries: by its nonce a post is found again."""
_TITLE = re.compile(r"^(?:▪ )?<(https://[^|>]+)\|", re.MULTILINE)
"""A link at the beginning of a line, as a post without blocks has them: other texts have none there."""

Json = Mapping[str, Any]


def page(said: Json, workspace: Workspace) -> Past:
    """A page of a room's past out of Slack's answer."""
    posts = [(nonce_of(message, workspace), message) for message in said.get("messages") or []]
    marks = [(nonce, round(float(post["ts"]) * 1000), _marks(post)) for nonce, post in posts if nonce]
    return shown.past(marks, cursor(said))


def cursor(said: Json) -> str:
    """Where the next page begins, empty after the last one."""
    return str((said.get("response_metadata") or {}).get("next_cursor") or "") if said.get("has_more") else ""


def nonce_of(message: Json, workspace: Workspace) -> str:
    """The nonce of a post that our own bot sent; empty for any other message."""
    metadata = message.get("metadata") or {}
    payload = metadata.get("event_payload") or {}
    ours = workspace.bot in ("", message.get("bot_id"))
    return str(payload.get("nonce") or "") if ours and metadata.get("event_type") == EVENT else ""


def _marks(post: Json) -> Iterator[str]:
    blocks = post.get("blocks")
    if blocks:
        yield from _in_blocks(blocks)
    else:
        yield from _TITLE.findall(str(post.get("text") or ""))


def _in_blocks(parts: Sequence[Json]) -> Iterator[str]:
    """Commands of buttons and menus, and links of rich text, which titles are; those in grey may lead anywhere."""
    for part in parts:
        if part.get("type") == "link":
            yield str(part.get("url") or "")
        yield str(part.get("value") or "")
        yield from (str(option.get("value") or "") for option in part.get("options") or ())
        if part.get("type") != "context":
            yield from _in_blocks(part.get("elements") or ())
