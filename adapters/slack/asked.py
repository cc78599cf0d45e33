"""What Slack's payloads say: who asks, where, by which way they can be answered, and what was typed. Pure.

Three families (https://docs.slack.dev/interactivity): slash commands are flat, interactions nest ``user``, ``channel``
and ``team``, events nest an ``event``.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from bot.model import Address, Person

PLATFORM = "slack"
_UNSENT = "COMPOSER"
"""The channel of a message that somebody is still writing."""
_KEPT = frozenset({"channel", "channel_name", "thread", "url"})
_NAMELESS = frozenset({"directmessage", "privategroup"})
"""What slash commands give for the name of a room that they do not want to name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Somebody's request. Any text may be empty: App Home has no ``channel``, events have no ``url``.

    ``url`` answers it for half an hour (``response_url``), ``trigger`` opens a form for three seconds.
    """

    team: str
    user: str
    name: str = ""
    channel: str = ""
    channel_name: str = ""
    thread: str = ""
    url: str = ""
    trigger: str = ""
    alone: bool = False
    """Whether what was pressed is a message that only they see."""

    @property
    def person(self) -> Person:
        return Person(PLATFORM, self.team, self.user, self.name)

    @property
    def where(self) -> Address:
        """A channel; in any direct message, and where there is no channel, the person."""
        if self.channel[:1] not in {"C", "G"} or self.channel == _UNSENT or self.channel_name == "directmessage":
            return self.person.address
        name = "" if self.channel_name in _NAMELESS else self.channel_name
        return Address(PLATFORM, self.team, self.channel, "channel", name)

    def named(self, name: str) -> "Asked":
        """With what Slack calls the channel elsewhere, where it did not say so here."""
        hidden = not self.channel_name or self.channel_name == "privategroup"
        return replace(self, channel_name=name) if name and hidden else self

    def kept(self) -> str:
        """What a form takes along, to be answered where it was opened."""
        return json.dumps({k: v for k, v in asdict(self).items() if v and k in _KEPT}, separators=(",", ":"))


def asked(body: Mapping[str, Any], team: str) -> Asked:
    """Read a slash command, an interaction or an event of a workspace."""
    event = _part(body, "event") or body
    user, channel, container = _part(event, "user"), _part(event, "channel"), _part(body, "container")
    return Asked(
        team=team,
        user=_text(user.get("id") or event.get("user_id") or event.get("user")),
        name=_text(user.get("username") or user.get("name") or body.get("user_name")),
        channel=_text(
            channel.get("id") or body.get("channel_id") or event.get("channel") or container.get("channel_id")
        ),
        channel_name=_text(channel.get("name") or body.get("channel_name")),
        thread=_text(container.get("thread_ts")),
        url=_text(body.get("response_url")),
        trigger=_text(body.get("trigger_id")),
        alone=container.get("is_ephemeral") is True,
    )


def reopened(context: str, now: Asked) -> Asked:
    """Who sent a form, with where it was opened. A context that is none of ours says nothing."""
    try:
        known = {k: v for k, v in json.loads(context).items() if k in _KEPT}
    except (ValueError, AttributeError):
        known = {}
    there = {name: _text(known.get(name)) for name in _KEPT}
    return replace(now, alone=False, **there)


def occurrence(body: Mapping[str, Any]) -> str:
    """What is the same when Slack tells of one thing twice; empty where nothing is."""
    return _text(body.get("event_id") or body.get("trigger_id"))


def _part(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = body.get(name)
    return found if isinstance(found, Mapping) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


# --- texts ------------------------------------------------------------------------------------------------------------

# https://docs.slack.dev/messaging/formatting-message-text#retrieving-messages
_TOKEN = re.compile(r"<([^<>\s|]+)(?:\|([^<>]*))?>")
_PLAIN = re.compile(r"[^\s<>|\"':]{1,60}")
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}
_ENTITY = re.compile("|".join(_ENTITIES))


def typed(text: str) -> str:
    """What somebody typed, out of Slack's escaped text: addresses plain, people and groups as ``<@U1|mei>``."""
    return _ENTITY.sub(lambda found: _ENTITIES[found[0]], _TOKEN.sub(_spoken, text))


def _spoken(found: re.Match[str]) -> str:
    said, label = found[1], found[2] or ""
    if said.startswith(("@", "!subteam^")):
        # What they are called is kept: nothing else says it later.
        return f"<{said}|{label}>" if _PLAIN.fullmatch(label) else f"<{said}>"
    if said.startswith("#"):
        return f"#{label}" if label else said
    if said.startswith("!"):
        return label or f"@{said[1:]}"
    return label or said.removeprefix("mailto:") if said.startswith("mailto:") else said


def pasted(message: Mapping[str, Any]) -> str:
    """Everything in a message that may name a paper: its text and the addresses of its links and previews."""
    return " ".join(dict.fromkeys([typed(_text(message.get("text"))), *_addresses(message)]))


def _addresses(part: object) -> Iterator[str]:
    """Every http address under a key that holds one, however deep Slack has nested it (bounded by its own limits)."""
    stack = [part]
    while stack:
        here = stack.pop()
        if isinstance(here, Mapping):
            for key, value in here.items():
                if isinstance(value, str) and key in {"url", "title_link", "from_url", "original_url"}:
                    yield value
                elif isinstance(value, Mapping | list):
                    stack.append(value)
        elif isinstance(here, list):
            stack.extend(here)
