"""What Slack's errors mean: a code, an HTTP status or a broken connection becomes a ``DeliveryError``. No I/O.

The codes are those of https://docs.slack.dev/reference/methods; which of them may hide a message that arrived is said
there too ("some aspect of the operation"). Nothing here ever repeats an answer of Slack but its error code.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.errors import DeliveryError, Fault

DEAD = (
    "this workspace does not let Paperboy in any more: its owners can allow it again, or install Paperboy again from "
    "Slack's app page"
)
INVITE = "invite me there with /invite @Paperboy"
ANSWERLESS = (AttributeError, TypeError, ValueError, SlackClientError)
"""What slack_sdk raises, besides ``SlackApiError``, for an answer that is no JSON object."""

_REINSTALL = "install Paperboy again from Slack's app page"


@dataclass(frozen=True, slots=True)
class _Meaning:
    fault: Fault
    text: str


def _table(fault: Fault, texts: Mapping[str, str]) -> dict[str, _Meaning]:
    return {code: _Meaning(fault, text) for code, text in texts.items()}


_MEANINGS: Mapping[str, _Meaning] = {
    **_table(
        "credential",
        {
            "invalid_auth": f"Slack does not know this token: {_REINSTALL} and set the new one",
            "not_authed": "Slack was asked without a token: set PAPERBOY_SLACK_BOT_TOKEN",
            "account_inactive": f"Paperboy was removed from this workspace: {_REINSTALL}",
            "token_revoked": f"the token was revoked: {_REINSTALL} and set the new one",
            "token_expired": f"the token has expired: {_REINSTALL} and set the new one",
            "not_allowed_token_type": "this kind of token may not do that: PAPERBOY_SLACK_BOT_TOKEN begins with xoxb-",
            "team_access_not_granted": "its organization keeps Paperboy out of this workspace: an owner can let it in",
            "access_denied": "Slack does not let this app in: an administrator of the workspace can approve it",
        },
    ),
    **_table(
        "target",
        {
            "channel_not_found": f"the channel is gone, or it is private and I am not in it: {INVITE}",
            "not_in_channel": f"I am not in this channel: {INVITE}",
            "team_not_found": f"the workspace does not know Paperboy: {_REINSTALL}",
            "is_archived": "the channel is archived: unarchive it, then send any command there",
            "restricted_action": "only some people may post in this channel: an administrator can let Paperboy post",
            "restricted_action_read_only_channel": "this channel is read-only: an administrator can let Paperboy post",
            "restricted_action_thread_only_channel": "only threads may be posted to in this channel",
            "missing_scope": f"Paperboy lacks a right that this needs: {_REINSTALL}, it asks for what is missing",
            "no_permission": "Paperboy lacks the right to post there: an administrator of the workspace can grant it",
            "ekm_access_denied": "an administrator has suspended posting in this channel",
            "cannot_dm_bot": "nobody reads there: it is a bot",
            "user_is_deactivated": "this person's account is deactivated",
            "user_disabled": "this person's account is deactivated",
            "user_not_found": "Slack does not know this person any more",
            "user_not_visible": "this person cannot be seen from this workspace",
            "users_not_found": "Slack does not know this person any more",
            "messages_tab_disabled": "messages to Paperboy are off: switch on the Messages Tab under App Home",
            "not_installed": f"Paperboy is not installed in this workspace: {_REINSTALL}",
        },
    ),
    **_table(
        "payload",
        {
            "invalid_blocks": "Slack refused how this message is built",
            "invalid_blocks_format": "Slack refused how this message is built",
            "invalid_attachments": "Slack refused how this message is built",
            "invalid_arguments": "Slack refused how this message is built",
            "invalid_metadata_format": "Slack refused the mark on this message",
            "metadata_too_large": "Slack refused the mark on this message",
            "msg_too_long": "this message is too long for Slack",
            "msg_blocks_too_long": "this message is too long for Slack",
            "no_text": "Slack refused a message without text",
            "thread_not_found": "the message it answers is gone",
            "cannot_reply_to_message": "the message it answers cannot be answered",
            # About the thread alone: the channel goes on taking posts.
            "restricted_action_non_threadable_channel": "no threads may be posted to in this channel",
            "restricted_action_thread_locked": "the thread it belongs to is locked",
            "edit_window_closed": "this workspace does not let messages be changed that late",
            "message_not_found": "the message is gone",
            "cant_update_message": "this message is not ours to change",
            "is_inactive": "the channel of this message is archived",
        },
    ),
    **_table(
        "busy",
        {
            "ratelimited": "Slack asks for a pause",
            "rate_limited": "Slack asks for a pause",
            "message_limit_exceeded": "this workspace has reached its limit of messages",
            "org_login_required": "Slack is moving this workspace to another organization: posts wait until it is done",
        },
    ),
    **_table(
        "ambiguous",
        {
            "fatal_error": "Slack stumbled over it",
            "internal_error": "Slack stumbled over it",
            "request_timeout": "Slack did not read it in time",
            "accesslimited": "Slack did not say what became of it",
        },
    ),
    **_table(
        "temporary",
        {
            "service_unavailable": "Slack is not available",
            "team_added_to_org": "Slack is moving this workspace to another organization",
        },
    ),
}
_CODE = re.compile(r"[a-z0-9_]{1,60}")
_REFUSED = re.compile(r'\A(?:\{.*"error": ?")?([a-z]+(?:_[a-z0-9]+)+)\b', re.DOTALL)
MALFORMED = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"})
"""Refusals of a message's blocks, which its text alone does not meet."""
_PAUSE = 30.0
"""Seconds to wait when Slack asks for a pause and does not say how long."""
_LONGEST_PAUSE = 3600.0
_PAUSES = {"message_limit_exceeded": _LONGEST_PAUSE, "org_login_required": 600.0}
"""Seconds to wait where Slack says that it will take a while, and not how long."""


class SlackError(DeliveryError):
    """A ``DeliveryError`` that knows Slack's ``code``, empty where there is none; ``needed`` is a missing scope."""

    def __init__(
        self, text: str, *, fault: Fault, code: str = "", retry_after: float | None = None, needed: str = ""
    ) -> None:
        super().__init__(text, fault=fault, retry_after=retry_after)
        self.code = code
        self.needed = needed


def explained(code: str, *, retry_after: float | None = None, needed: str = "") -> SlackError:
    """An error code of Slack's in plain words. One we do not know refuses the message: it was surely not taken."""
    known = _MEANINGS.get(code)
    fault, text = (known.fault, known.text) if known else ("payload", "Slack refused it")
    lacking = f" (it needs {needed})" if needed else ""
    wait = _PAUSES.get(code) if retry_after is None else retry_after
    return SlackError(f"{text}{lacking} [{code}]", fault=fault, code=code, retry_after=wait, needed=needed)


def understood(error: Exception) -> SlackError:
    """What went wrong when slack_sdk was asked to call a method. Never has a token in its text."""
    if isinstance(error, SlackApiError):
        return _answered(error.response)
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
        return SlackError(f"Slack cannot be reached ({type(error).__name__})", fault="temporary")
    if isinstance(error, TimeoutError):
        return SlackError("Slack did not answer in time", fault="ambiguous")
    return SlackError(f"the answer of Slack did not arrive whole ({type(error).__name__})", fault="ambiguous")


def _answered(response: Any) -> SlackError:
    """``response`` is slack_sdk's own, or aiohttp's when its body was no JSON."""
    status = int(getattr(response, "status_code", 0) or getattr(response, "status", 0) or 0)
    headers: Mapping[str, str] = getattr(response, "headers", None) or {}
    data = getattr(response, "data", None)
    body: Mapping[str, Any] = data if isinstance(data, Mapping) else {}
    code = str(body.get("error") or "")
    if status == 429 or code in {"ratelimited", "rate_limited"}:
        return explained("ratelimited", retry_after=_pause(headers.get("Retry-After", "")))
    if _CODE.fullmatch(code):
        return explained(code, needed=_scopes(body.get("needed")))
    if 400 <= status < 500:
        return SlackError(f"Slack refused it with status {status}", fault="temporary")
    return SlackError(f"Slack answered with status {status}", fault="ambiguous")


def told(status: int, text: str) -> SlackError | None:
    """What the answer of a ``response_url`` means: a code as plain text or in JSON; None where it was taken."""
    code = next(iter(_REFUSED.findall(text)), "") if text != "ok" else ""
    if status == 200 and not code:
        return None
    if status >= 500 and code not in _MEANINGS:
        return SlackError(f"Slack answered with status {status}", fault="ambiguous")
    return explained("ratelimited" if status == 429 else code or "no_response_url")


def _pause(text: str) -> float:
    return min(float(text), _LONGEST_PAUSE) if text.isascii() and text.isdigit() else _PAUSE


def _scopes(needed: object) -> str:
    text = needed if isinstance(needed, str) else ""
    return text if re.fullmatch(r"[a-z:._,]{1,100}", text) else ""


def unsent(error: SlackError) -> SlackError:
    """The same of a call before the post: whatever became of that one, no message was sent, and none was judged."""
    fault: Fault = "temporary" if error.fault in {"ambiguous", "payload"} else error.fault
    return SlackError(str(error), fault=fault, code=error.code, retry_after=error.retry_after, needed=error.needed)


def of_one(error: SlackError) -> SlackError:
    """The same where each workspace has a token of its own: a dead one stops posts there and nowhere else.

    A key that opens no token has no code of Slack's, and stays a matter of all.
    """
    if error.fault != "credential" or not error.code:
        return error
    return SlackError(DEAD, fault="target", code=error.code)
