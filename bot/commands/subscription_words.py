"""How a subscription is asked for and how it is shown: options in, rows, options and JSON out.

Pure; the deeds themselves are in ``subscriptions.py``.
"""

from typing import cast

from bot.cadence import WEEKDAYS, clock_text, describe, is_paused
from bot.cards import Row
from bot.commands import values
from bot.commands.answers import line, until_text
from bot.commands.table import Limits, Option
from bot.errors import CommandError, QueryError
from bot.model import FORMATS, LONGEST_MENTION, Cadence, Every, Request, Subscription, Target
from bot.portable import MOST_PAPERS
from bot.query import parse

DAYS = tuple(day.lower() for day in WEEKDAYS)
_OFF = {"off", "none"}

QUERY = Option(name="query", help="what papers must match: /papers help query", kind="query", required=True, rest=True)
EVERY = Option(name="every", help="how often", kind="choice", choices=("instant", "daily", "weekly"))
AT = Option(name="at", help="the local hour of a daily or weekly digest", kind="time")
ON = Option(name="on", help="the weekday of a weekly digest", kind="choice", choices=DAYS)
MAX = Option(
    name="max",
    help=f"at most so many papers a day or digest, to {MOST_PAPERS}; 0: no maximum",
    kind="number",
    bounds=(0, MOST_PAPERS),
)
MENTION = Option(name="mention", help="whom to mention with each post; off for nobody")
FORMAT = Option(name="format", help="how posts look in this whole channel", kind="choice", choices=FORMATS)
UNTIL = Option(name="until", help="when it goes on by itself", kind="until")


def limit(target: Target, limits: Limits) -> int:
    return limits.per_person if target.address.kind == "person" else limits.per_channel


# --- reading what was asked -------------------------------------------------------------------------------------------


def read_query(text: str, limits: Limits) -> str:
    """A query that parses and can match, on one line, as people typed it. Raises ``QueryError``."""
    said = " ".join(text.split())
    if odd := parse(said, limit=limits.query).contradiction():
        raise QueryError(f"This can match nothing: no paper has {odd}.")
    return said


def read_cadence(request: Request, before: Cadence) -> Cadence:
    """``before`` with what ``every:``, ``at:`` and ``on:`` change. Raises ``CommandError``."""
    options = request.options
    every = cast("Every", options.get("every", before.every))
    at = values.clock(options["at"]) if "at" in options else before.at
    on = values.weekday(options["on"]) if "on" in options else before.weekday
    for name, wanted in (("at", "daily"), ("on", "weekly")):
        if name in options and (every == "instant" or (name == "on" and every == "daily")):
            said = "comes at once" if every == "instant" else "comes every day"
            meaning = "a digest's hour" if name == "at" else "a weekly digest's day"
            mended = line(request.command, options, every=wanted)
            raise CommandError(f"{name}: is {meaning}, but this {said}. Add every:{wanted}.", mended=mended)
    if every == "instant":
        return Cadence()
    return Cadence(every=every, at=at, weekday=on if every == "weekly" else 0)


def read_max(request: Request, before: int | None) -> int | None:
    text = request.options.get("max")
    if text is None:
        return before
    return None if text.strip().lower() in _OFF else values.number(text, "max", *MAX.bounds) or None


def read_mention(request: Request, before: str) -> str:
    text = request.options.get("mention")
    if text is None:
        return before
    said = " ".join(text.split())
    if len(said) > LONGEST_MENTION:
        raise CommandError("mention: takes one role or person, such as mention:@reading-group.")
    return "" if said.lower() in _OFF else said


# --- showing --------------------------------------------------------------------------------------------------------


def row(subscription: Subscription, target: Target, now: int, reader: str) -> Row:
    """One subscription in a list. ``reader`` is the person id of who reads it: nobody is shown an id."""
    until = subscription.paused_until
    owner = "you" if subscription.owner == reader else subscription.owner_name
    said = (
        describe(subscription.cadence, target.preferences),
        f"at most {subscription.max}" if subscription.max else "",
        f"mentions {subscription.mention}" if subscription.mention else "",
        f"paused {until_text(until or 0, target.preferences.timezone, now)}" if is_paused(until, now) else "",
        f"by {owner}" if owner and target.address.kind == "channel" else "",
    )
    return Row(
        lead=f"#{subscription.number}", text=subscription.query, detail=" · ".join(part for part in said if part)
    )


def as_data(subscription: Subscription, target: Target) -> dict[str, object]:
    """A subscription as JSON values; times of day in minutes after midnight, moments in ms."""
    return {
        "number": subscription.number,
        "query": subscription.query,
        "every": subscription.cadence.every,
        "at": subscription.cadence.at,
        "on": DAYS[subscription.cadence.weekday] if subscription.cadence.every == "weekly" else None,
        "comes": describe(subscription.cadence, target.preferences),
        "max": subscription.max,
        "mention": subscription.mention,
        "owner": subscription.owner,
        "owner_name": subscription.owner_name,
        "paused_until": subscription.paused_until,
        "room": target.address.room,
        "kind": target.address.kind,
    }


def as_options(subscription: Subscription) -> dict[str, str]:
    """The options that would add it again."""
    cadence = subscription.cadence
    said = {
        "every": cadence.every if cadence.every != "instant" else "",
        "at": clock_text(cadence.at) if cadence.at is not None else "",
        "on": DAYS[cadence.weekday] if cadence.every == "weekly" else "",
        "max": str(subscription.max or ""),
        "mention": subscription.mention,
    }
    return {name: value for name, value in said.items() if value} | {"query": subscription.query}
