"""A target's settings: read from options, shown, changed, and what already waits moved to where it now belongs.

For a channel (``admin settings``) and for a person (``me``); whose target it is, the caller says.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from bot.cadence import clock_text, fold_due, is_paused, next_digest, quiet_end
from bot.cards import Row
from bot.commands import values
from bot.commands.answers import until_text
from bot.commands.table import Desk, Option
from bot.model import FORMATS, MOST_CAP, Delivery, Format, Preferences, Subscription, Target

TIMEZONE = Option(name="timezone", help="the zone of all its hours, such as Europe/Berlin", kind="timezone")
QUIET = Option(name="quiet", help="hours without posts, such as 22:00-08:00, or off", kind="hours")
DIGEST = Option(name="digest", help="the hour of digests that name none", kind="time")
FORMAT = Option(name="format", help="how posts look", kind="choice", choices=FORMATS)
LIVING = Option(
    name="living",
    help="whether a post is shown anew once when code or a summary comes later",
    kind="choice",
    choices=("on", "off"),
)
CAP = Option(name="cap", help="at most this many papers posted one by one a day", kind="number", bounds=(1, MOST_CAP))


def read_preferences(options: Mapping[str, str], before: Preferences) -> Preferences:
    """``before`` with what the options change. Raises ``CommandError``."""
    after = before
    if "timezone" in options:
        after = replace(after, timezone=values.timezone(options["timezone"]))
    if "quiet" in options:
        after = replace(after, quiet=values.quiet(options["quiet"]))
    if "digest" in options:
        after = replace(after, digest_at=values.clock(options["digest"]))
    if "format" in options:
        after = replace(after, format=cast("Format", options["format"]))
    if "living" in options:
        after = replace(after, living=options["living"] == "on")
    if "cap" in options:
        after = replace(after, cap=values.number(options["cap"], "cap", *CAP.bounds))
    return after


def shown(preferences: Preferences, now: int) -> dict[str, str]:
    """Every setting by the name of its option, as people read it."""
    until = preferences.paused_until
    return {
        "timezone": preferences.timezone,
        "quiet": "-".join(map(clock_text, preferences.quiet)) if preferences.quiet else "off",
        "digest": clock_text(preferences.digest_at),
        "format": preferences.format,
        "living": "on" if preferences.living else "off",
        "cap": str(preferences.cap),
        "paused": until_text(until or 0, preferences.timezone, now) if is_paused(until, now) else "no",
    }


def as_rows(preferences: Preferences, now: int) -> tuple[Row, ...]:
    return tuple(Row(lead=name, text=said) for name, said in shown(preferences, now).items())


def differences(before: Preferences, after: Preferences, now: int) -> tuple[Row, ...]:
    """What changed, one row each: ``digest  09:00 → 18:00``."""
    old, new = shown(before, now), shown(after, now)
    return tuple(Row(lead=name, text=f"{old[name]} → {new[name]}") for name in old if old[name] != new[name])


async def change(desk: Desk, target: Target, options: Mapping[str, str], now: int) -> tuple[Preferences, Preferences]:
    """Store what the options change and move what waits; returns (before, after). Raises ``CommandError``."""
    before, after = await desk.store.subscriptions.prefer(target.id, lambda known: read_preferences(options, known))
    if after != before:
        await redue(desk, replace(target, preferences=after), now)
    return before, after


async def redue(desk: Desk, target: Target, now: int) -> None:
    """Give what waits for its hour the hour it has by the settings and cadences of now. What is due already stays."""
    subscriptions = {s.id: s for s in await desk.store.subscriptions.at(target.id)}
    waiting = [d for d in await desk.store.outbox.pending(target.id) if d.due > now]
    moved = {d.id: new for d in waiting if (new := _due(d, target, subscriptions, now)) != (d.due, d.slot)}
    if moved:
        await desk.store.outbox.postpone(moved)


def _due(delivery: Delivery, target: Target, subscriptions: Mapping[int, Subscription], now: int) -> tuple[int, str]:
    """Where a waiting delivery belongs: its earliest digest, the end of the quiet hours, or the next "N more" line."""
    preferences = target.preferences
    if delivery.kind == "fold":
        return fold_due(now, preferences)
    if delivery.kind == "instant":
        return quiet_end(now, preferences) or now, delivery.slot
    reasons = (subscriptions.get(reason.subscription) for reason in delivery.reasons)
    cadences = [s.cadence for s in reasons if s is not None and s.cadence.every != "instant"]
    return min((next_digest(now, preferences, c) for c in cadences), default=(delivery.due, delivery.slot))
