"""What Discord's refusals mean for a post: discord.py's and aiohttp's exceptions as ``DeliveryError``. Pure.

Codes: https://docs.discord.com/developers/topics/opcodes-and-status-codes#json. What each fault leads to is decided in
``bot/deliver.py``; here is only whose fault it is, and what somebody can do about it.
"""

from collections.abc import Mapping
from typing import Final

import aiohttp
import discord

from bot.errors import DeliveryError, Fault

Code = tuple[Fault, str]

NOT_LET_IN: Final = (
    "Discord does not accept PAPERBOY_DISCORD_TOKEN. Copy the token again, or reset it: "
    "https://discord.com/developers/applications, your app, Bot."
)
_SLOW: Final = 60.0
"""Seconds to wait where Discord asks for patience and does not say how much."""

UNKNOWN_CHANNEL = 10003
UNKNOWN_SERVER = 10004
UNKNOWN_MESSAGE = 10008
UNKNOWN_WEBHOOK = 10015
UNKNOWN_INTERACTION = 10062
ALREADY_ANSWERED = 40060
NO_ACCESS = 50001
NO_RIGHT = 50013
BAD_WEBHOOK_TOKEN = 50027
NO_ANSWERS = 160002
HAS_A_THREAD = 160004
STALE_TOKENS = frozenset({UNKNOWN_WEBHOOK, BAD_WEBHOOK_TOKEN, UNKNOWN_INTERACTION})
"""Too late: an interaction can be answered for three seconds, and its answer shown anew for fifteen minutes."""

_RIGHTS: Final = "in the channel's settings under Permissions"

_CODES: Mapping[int, Code] = {
    # our own rights
    40001: ("credential", NOT_LET_IN),
    50014: ("credential", NOT_LET_IN),
    # where it goes
    UNKNOWN_CHANNEL: ("target", "This channel is gone, or Paperboy was never let into it."),
    UNKNOWN_SERVER: ("target", "Paperboy is no longer in this server. Add it again to go on."),
    10013: ("target", "This account is gone."),
    20026: ("target", "Discord has put Paperboy into quarantine: its owner has to appeal at dis.gd/app-quarantine."),
    NO_ACCESS: ("target", f"Paperboy cannot see this channel: allow it View Channel {_RIGHTS}."),
    NO_RIGHT: ("target", ""),  # says which right: see _sentence
    40002: ("target", "Discord wants the bot's account verified before it may post."),
    40058: ("target", "Nobody can post into this thread before the one who opened it has."),
    40067: (
        "target",
        "This forum wants a tag on every post, and Paperboy may use none: add one that anybody may use.",
    ),
    50007: (
        "target",
        "You take no direct messages from Paperboy: allow them in the privacy settings of a server that both of us are "
        "in, or add Paperboy to your own apps.",
    ),
    50278: (
        "target",
        "You share no server with Paperboy any more: join one where it is, or add it to your own apps.",
    ),
    50008: ("target", "This is no channel that takes messages."),
    50024: ("target", "This kind of channel takes no posts from Paperboy."),
    50083: ("target", "This thread is archived and locked. Somebody who manages threads can open it again."),
    NO_ANSWERS: ("target", f"Paperboy cannot answer here: allow it Read Message History {_RIGHTS}."),
    160005: ("target", "This thread is locked. Somebody who manages threads can unlock it."),
    160006: ("target", "This server has as many open threads as Discord allows. Close some to go on."),
    160007: ("target", "This server has as many open announcement threads as Discord allows. Close some to go on."),
    # what was said
    UNKNOWN_MESSAGE: ("payload", "This message is gone."),
    30046: ("payload", "Discord allows no more edits of this message: it is older than an hour."),
    40005: ("payload", "The message is larger than Discord takes."),
    50005: ("payload", "This message is not Paperboy's own."),
    50006: ("payload", "The message is empty."),
    50035: ("payload", "Discord cannot read the message."),
    50109: ("payload", "Discord cannot read the message."),
    20009: ("payload", "Discord's filter for explicit content refused the message."),
    200000: ("payload", "This server's AutoMod refused the message."),
    200001: ("payload", "This server's AutoMod refused the title."),
    240000: ("payload", "Discord's filter for harmful links refused the message."),
    # too much at once
    20016: ("busy", "This channel is in slow mode."),
    20022: ("busy", "Discord asks for a pause: announcements are edited too often."),
    20028: ("busy", "Discord asks for a pause in this channel."),
    20029: ("busy", "Discord asks for a pause in this server."),
    40003: ("busy", "Discord asks for a pause before more people get direct messages."),
    40062: ("busy", "Discord asks for a pause."),
    130000: ("busy", "Discord is overloaded."),
}


class StoppedError(Exception):
    """We were refused so often that asking more would get us banned; ``seconds`` until we may ask again."""

    def __init__(self, seconds: float) -> None:
        super().__init__("Too many requests were refused: Paperboy asks nothing more for a while.")
        self.seconds = seconds


def fault(error: Exception, needs: str = "View Channel and Send Messages") -> DeliveryError:
    """Whose fault it is that a request failed. ``needs`` names the rights it takes, for when one is missing."""
    if isinstance(error, DeliveryError):
        return error
    if isinstance(error, discord.LoginFailure):
        return DeliveryError(NOT_LET_IN, fault="credential")
    if isinstance(error, discord.RateLimited):
        return DeliveryError("Discord asks for a pause.", fault="busy", retry_after=error.retry_after)
    if isinstance(error, StoppedError):
        return DeliveryError(str(error), fault="busy", retry_after=error.seconds)
    if isinstance(error, discord.HTTPException):
        return _refusal(error, needs)
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ServerFingerprintMismatch | aiohttp.InvalidURL):
        return DeliveryError(f"Discord cannot be reached ({named(error)}).", fault="temporary")
    if isinstance(error, aiohttp.ClientError | OSError | TimeoutError):
        return DeliveryError(f"The connection to Discord broke ({named(error)}).", fault="ambiguous")
    return DeliveryError(f"Discord's answer cannot be read ({named(error)}).", fault="ambiguous")


def is_credential(error: discord.HTTPException) -> bool:
    return error.status == 401 and error.code != BAD_WEBHOOK_TOKEN


def _refusal(error: discord.HTTPException, needs: str) -> DeliveryError:
    if error.status == 429:
        return DeliveryError("Discord asks for a pause.", fault="busy", retry_after=_pause(error))
    if is_credential(error):
        return DeliveryError(NOT_LET_IN, fault="credential")
    kind, text = _CODES.get(error.code) or _by_status(error)
    retry_after = _pause(error) if kind == "busy" else None
    return DeliveryError(_sentence(error, text, needs), fault=kind, retry_after=retry_after)


def _by_status(error: discord.HTTPException) -> Code:
    if error.status >= 500:
        return "ambiguous", "Discord failed"
    if error.status == 403:
        return "target", "Discord does not let Paperboy post here"
    if error.status == 404:
        return "target", "This channel is gone"
    return "payload", "Discord refuses the message"


def _sentence(error: discord.HTTPException, text: str, needs: str) -> str:
    """What happened and what to do about it; the number to look up only where we have no better words."""
    said = text or f"Paperboy lacks a right here. It needs {needs}: allow them {_RIGHTS}."
    unreadable = error.code in {50035, 50109, 0} and error.text
    if error.code in _CODES and not unreadable:
        return said
    detail = f"{error.status}, code {error.code}" if error.code else str(error.status)
    if unreadable:
        detail = f"{detail}: {' '.join(error.text.split())[:200]}"
    return f"{said.removesuffix('.')} ({detail})."


def _pause(error: discord.HTTPException) -> float:
    """Seconds to wait: Cloudflare's page has them in its headers only, if at all."""
    asked = error.response.headers.get("Retry-After", "")
    try:
        return max(1.0, float(asked))
    except ValueError:
        return _SLOW


def named(error: BaseException) -> str:
    """An exception in one line, for the log and for whoever reads what went wrong."""
    return f"{type(error).__name__}: {error}".rstrip(": .")
