"""How a place stands, in a sentence: whether posts go there, and why not. Pure.

A platform says of a person what is wrong with reaching them, and ends its sentences with a code to look up. People
read neither: somebody is spoken to as "you", and codes are for the log.
"""

import re

from bot.cadence import is_paused
from bot.cards import Card, notice
from bot.commands.answers import soon_text, until_text
from bot.model import Space, Target
from bot.phrases import ago, without_codes

_SAID_TO_THEM = (
    (re.compile(r"\bThis person takes\b"), "You take"),
    (re.compile(r"\bThis person shares\b"), "You share"),
    (re.compile(r"\bThis person's\b"), "Your"),
    (re.compile(r"\bthis person's\b"), "your"),
    (re.compile(r"\bthis person\b"), "you"),
    (re.compile(r"\bThey\b"), "You"),
    (re.compile(r"\bthey\b"), "you"),
    (re.compile(r"\btheir\b"), "your"),
)
_SAYS_ONLY_THAT = re.compile(r"You take no direct messages from (?:me|Paperboy)[.:]?\s*")


def plain_reason(suspended: str) -> str:
    """Why a place takes no posts, without codes and without a full stop."""
    return without_codes(suspended).rstrip(". ")


def state(target: Target, space: Space, now: int, barred: str = "") -> str:
    """In plain words. ``barred`` is the platform's word, which comes before what we know."""
    until = target.preferences.paused_until
    if target.suspended:
        return f"posts rest, suspended {ago(target.suspended_at, now)}: {plain_reason(target.suspended)}"
    if barred:
        return barred
    if space.paused:
        return "paused by an administrator, with everything in this space"
    if until is not None and is_paused(until, now):
        return f"paused {until_text(until, target.preferences.timezone, now)}"
    return "live: takes posts"


def next_trial(target: Target, now: int) -> str:
    """When a place that takes no posts is tried next: ``tried again tomorrow 09:12``; empty while it takes them."""
    if not target.suspended:
        return ""
    if target.on_trial:
        return "tried again with the next post"
    if not target.trial_due:
        return "tried again when a command is typed there"
    if target.trial_due <= now:
        return "tried again any moment"
    return f"tried again {soon_text(target.trial_due, target.preferences.timezone, now)}"


def resting(target: Target, now: int) -> str:
    """Why and since when a place takes no posts, and when it is tried next."""
    since = f"suspended {ago(target.suspended_at, now)}: {plain_reason(target.suspended)}"
    return f"{since}; {next_trial(target, now)}"


def unreachable(target: Target) -> str:
    """Why nothing reaches somebody alone, said to them, and how it goes on; empty while it does."""
    if target.address.kind != "person" or not target.suspended:
        return ""
    said = plain_reason(target.suspended)
    for third, second in _SAID_TO_THEM:
        said = third.sub(second, said)
    said = _SAYS_ONLY_THAT.sub("", said, count=1)
    if said.startswith(("You ", "Your ")):
        said = said[:1].lower() + said[1:]
    why = f": {said.replace(': ', ', ')}" if said else ""
    return f"You take no direct messages from me{why}. When that is mended: /papers alert resume id:all"


def warnings(target: Target) -> tuple[Card, ...]:
    """A card for somebody whom nothing reaches; none for anybody else."""
    said = unreachable(target)
    return (notice(said, "warning"),) if said else ()
