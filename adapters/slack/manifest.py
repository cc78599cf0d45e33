"""The app manifest: what a Slack app must be set to for Paperboy, for each way of running it. Pure.

Its fields: https://docs.slack.dev/reference/app-manifest and the schema in slackapi/manifest-schema.
"""

import json
from collections.abc import Mapping
from typing import Any, Literal

Mode = Literal["socket", "http", "many"]
"""One workspace by Socket Mode, one by HTTP, many by HTTP and OAuth."""

LOOK_UP = "pb.look_up"
"""The ``callback_id`` of the message shortcut."""
COMMAND = "/papers"
EVENTS_PATH = "/slack/events"
"""Where Slack sends commands, events and presses in HTTP mode, below the public address."""
REDIRECT_PATH = "/slack/oauth_redirect"
"""Where Slack sends people back to after they allowed an installation."""

REASONS: Mapping[str, str] = {
    "commands": "the /papers command and the message shortcut",
    "chat:write": "posting papers and answers",
    "chat:write.public": "posting in public channels without being invited first",
    "im:write": "opening the direct message in which alerts come",
    "links:read": "being told of pasted arXiv and Hugging Face links, of no others",
    "links:write": "showing a card below such a link",
    "users:read": "knowing who is an administrator of the workspace",
    "channels:read": "the names of public channels, and whether one was archived",
    "groups:read": "the same for private channels Paperboy was invited to",
    "channels:history": "after an unclear answer of Slack: looking whether a post arrived before sending it again. "
    "Without it such a post may come twice",
    "groups:history": "the same in private channels Paperboy was invited to",
    "im:history": "the same in direct messages with Paperboy",
}
"""Why each scope is asked for. Those that end in ``history`` can be taken out, at the price named."""

EVENTS: Mapping[str, str] = {
    "app_home_opened": "drawing the Home tab when somebody looks at it",
    "link_shared": "a pasted arXiv or Hugging Face link",
    "app_uninstalled": "forgetting the tokens of a workspace that left",
    "tokens_revoked": "the same for a token that was taken back",
}
"""Why each event is subscribed to."""

# Metadata of our own posts need not be declared: `metadata_subscriptions` would only send us an event for each of them.
_DOMAINS = ("arxiv.org", "huggingface.co")
_LONG = (
    "Paperboy reads Hugging Face Daily Papers and arXiv, matches every new paper against what you asked for, and "
    "posts it to your channels or to you alone: at once, or as a daily or weekly digest. Type /papers today for "
    "the papers of the day, /papers subscribe in a channel, /papers alert add for yourself, /papers help for the rest."
)


def manifest(mode: Mode, public_url: str = "") -> dict[str, Any]:
    """The manifest of an app for Socket Mode, or for HTTP and for many workspaces below ``public_url`` (``https://papers.example.org``).

    Raises ``ValueError`` for these without an https address.
    """
    base = public_url.rstrip("/")
    if mode != "socket" and not base.startswith("https://"):
        raise ValueError("HTTP mode needs the public address, beginning with https://")
    at = base + EVENTS_PATH if mode != "socket" else ""
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {
            "name": "Paperboy",
            "description": "New research papers, where you talk",
            "long_description": _LONG,
            "background_color": "#2b5c8a",
        },
        "features": _features(at),
        "oauth_config": _oauth(base if mode == "many" else ""),
        "settings": {
            "event_subscriptions": {**_url("request_url", at), "bot_events": list(EVENTS)},
            "interactivity": {
                "is_enabled": True,
                **_url("request_url", at),
                **_url("message_menu_options_url", at),
            },
            "org_deploy_enabled": mode == "many",
            "socket_mode_enabled": mode == "socket",
            "token_rotation_enabled": False,
        },
    }


def manifest_text(mode: Mode, public_url: str = "") -> str:
    """The same as JSON to paste where Slack asks for a manifest. Raises ``ValueError`` as ``manifest`` does."""
    return json.dumps(manifest(mode, public_url), indent=2, ensure_ascii=False) + "\n"


def _features(at: str) -> dict[str, Any]:
    return {
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True, "messages_tab_read_only_enabled": False},
        "bot_user": {"display_name": "Paperboy", "always_online": True},
        "shortcuts": [
            {
                "name": "Look up papers here",
                "type": "message",
                "callback_id": LOOK_UP,
                "description": "Shows the papers a message links to or names",
            }
        ],
        "slash_commands": [
            {
                "command": COMMAND,
                **_url("url", at),
                "description": "New research papers: look them up, subscribe, get alerts",
                "usage_hint": "today | search … | subscribe … | alert add … | help",
                # Names then arrive with ids, so that a subscription can mention a group.
                "should_escape": True,
            }
        ],
        "unfurl_domains": list(_DOMAINS),
    }


def _oauth(base: str) -> dict[str, Any]:
    scopes = {"scopes": {"bot": list(REASONS)}}
    return {"redirect_urls": [base + REDIRECT_PATH], **scopes} if base else scopes


def _url(name: str, at: str) -> dict[str, str]:
    return {name: at} if at else {}
