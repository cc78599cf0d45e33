"""Targets and their subscriptions as one TOML file, to keep or to carry to another platform.

Pure: text to entries and back. Nothing here reads a file, parses a query or touches a store.
"""

import difflib
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import tomli_w

from bot.cadence import WEEKDAYS, clock_text
from bot.errors import ConfigError
from bot.model import (
    FORMATS,
    LONGEST_MENTION,
    MOST_CAP,
    Address,
    Cadence,
    Every,
    Format,
    Kind,
    Preferences,
    Saved,
    Subscription,
    Target,
    Watch,
)

VERSION = 1
MOST_PAPERS = 100
"""What ``max`` can be at most, here and in commands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A subscription without the place it stands in: no id, no number, no owner."""

    query: str
    cadence: Cadence = field(default_factory=Cadence)
    max: int | None = None
    mention: str = ""
    paused_until: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A target with all that is set up there. ``watches`` are (paper, query), ``saved`` (paper, note).

    ``platform`` and ``space`` are empty in what one space exports of itself: it lands where it is imported.
    """

    room: str
    kind: Kind = "channel"
    platform: str = ""
    space: str = ""
    preferences: Preferences = field(default_factory=Preferences)
    subscriptions: tuple[Line, ...] = ()
    watches: tuple[tuple[str, str], ...] = ()
    saved: tuple[tuple[str, str], ...] = ()

    def address(self, platform: str, space: str) -> Address:
        """Where it belongs, taking the place given for what the entry leaves open."""
        return Address(self.platform or platform, self.space or space, self.room, self.kind)


def entry(
    target: Target,
    subscriptions: Sequence[Subscription],
    *,
    watches: Sequence[Watch] = (),
    saved: Sequence[Saved] = (),
    placed: bool = False,
) -> Entry:
    """A stored target as an entry; ``placed`` writes platform and space too. Watches that have fired are left out."""
    where = target.address
    return Entry(
        room=where.room,
        kind=where.kind,
        platform=where.platform if placed else "",
        space=where.space if placed else "",
        preferences=target.preferences,
        subscriptions=tuple(line(subscription) for subscription in subscriptions),
        watches=tuple((watch.paper, watch.query) for watch in watches if not watch.done),
        saved=tuple((kept.paper.key, kept.note) for kept in saved),
    )


def line(subscription: Subscription) -> Line:
    return Line(
        query=subscription.query,
        cadence=subscription.cadence,
        max=subscription.max,
        mention=subscription.mention,
        paused_until=subscription.paused_until,
    )


# --- writing ----------------------------------------------------------------------------------------------------------

Table = dict[str, object]


def dump(entries: Sequence[Entry]) -> str:
    """The file's text. ``load(dump(entries)) == entries``."""
    return tomli_w.dumps({"version": VERSION, "target": [_target_table(e) for e in entries]})


def _target_table(entry: Entry) -> Table:
    preferences = entry.preferences
    quiet = "-".join(map(clock_text, preferences.quiet)) if preferences.quiet else "off"
    table: Table = {
        **{key: value for key in ("platform", "space") if (value := getattr(entry, key))},
        "room": entry.room,
        "kind": entry.kind,
        "timezone": preferences.timezone,
        "quiet": quiet,
        "digest": clock_text(preferences.digest_at),
        "format": preferences.format,
        "living": preferences.living,
        "cap": preferences.cap,
        **_paused(preferences.paused_until),
    }
    lists = {
        "subscription": [_line_table(said) for said in entry.subscriptions],
        "watch": [{"paper": paper, "query": query} for paper, query in entry.watches],
        "saved": [{"paper": paper, "note": note} for paper, note in entry.saved],
    }
    return table | {key: rows for key, rows in lists.items() if rows}


def _line_table(said: Line) -> Table:
    cadence = said.cadence
    table: Table = {"query": said.query, "every": cadence.every}
    if cadence.at is not None:
        table["at"] = clock_text(cadence.at)
    if cadence.every == "weekly" or cadence.weekday:
        table["on"] = WEEKDAYS[cadence.weekday].lower()
    if said.max is not None:
        table["max"] = said.max
    if said.mention:
        table["mention"] = said.mention
    return table | _paused(said.paused_until)


def _paused(until: int | None) -> Table:
    if until is None:
        return {}
    # A float would lose milliseconds of far-off dates.
    whole = datetime.fromtimestamp(until // 1000, UTC).replace(microsecond=until % 1000 * 1000)
    return {"paused": whole if until else True}


# --- reading ----------------------------------------------------------------------------------------------------------


def load(text: str) -> tuple[Entry, ...]:
    """The entries of a file. Raises ``ConfigError`` naming the line, the table and the key, and how to mend it."""
    try:
        whole = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(f"This is not TOML: {str(error) or 'it is nested too deeply'}.") from error
    if not whole:
        raise ConfigError(f"There is nothing in it. An export begins with version = {VERSION}.")
    top = _Reader(whole, "the file", text, (0, "", 0))
    version = whole.get("version")
    if version != VERSION:
        raise top.wrong("version", f"this Paperboy reads version {VERSION}, so write version = {VERSION} on top")
    top.only("version", "target")
    return tuple(_entry(_Reader(t, f"target {i}", text, (i, "", 0))) for i, t in enumerate(top.tables("target"), 1))


class _Reader:
    """One table of the file: its values by key, checked, and where it stands for what is wrong with it."""

    def __init__(self, table: Mapping[str, object], name: str, text: str, place: tuple[int, str, int]) -> None:
        self.table, self.name, self.text, self.place = table, name, text, place

    def wrong(self, key: str, why: str) -> ConfigError:
        at = _line_of(self.text, self.place, key)
        return ConfigError(f"{f'Line {at}, ' if at else ''}{self.name}, “{key}”: {why}.")

    def only(self, *known: str) -> None:
        for key in self.table:
            if key not in known:
                near = difflib.get_close_matches(key, known, 1)
                hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
                raise self.wrong(key, f"there is no such key ({hint})")

    def tables(self, key: str) -> list[Mapping[str, object]]:
        value = self.table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
            raise self.wrong(key, f"must be a list of tables: write [[{key}]] over each")
        return cast("list[Mapping[str, object]]", value)

    def inner(self, key: str, *known: str) -> list["_Reader"]:
        rows = [
            _Reader(row, f"{self.name}, {key} {i}", self.text, (self.place[0], key, i))
            for i, row in enumerate(self.tables(key), 1)
        ]
        for row in rows:
            row.only(*known)
        return rows

    def string(self, key: str, default: str | None = None) -> str:
        value = self.table.get(key, default)
        if value is None:
            raise self.wrong(key, "is missing")
        if not isinstance(value, str):
            raise self.wrong(key, "must be a text in quotes")
        if default is None and not value.strip():
            raise self.wrong(key, "must not be empty")
        return value

    def choice(self, key: str, known: Sequence[str], default: str) -> str:
        value = self.string(key, default)
        if value not in known:
            raise self.wrong(key, f"“{value}” is none of {', '.join(known)}")
        return value

    def whole(self, key: str, most: int) -> int | None:
        value = self.table.get(key)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most):
            raise self.wrong(key, f"must be a whole number from 1 to {most}")
        return value

    def flag(self, key: str, default: bool) -> bool:
        value = self.table.get(key, default)
        if not isinstance(value, bool):
            raise self.wrong(key, "must be true or false")
        return value

    def clock(self, key: str, said: str | None = None) -> int | None:
        if said is None and key not in self.table:
            return None
        value = self.string(key) if said is None else said
        found = re.fullmatch(r"(\d{1,2}):(\d{2})", value, re.ASCII)
        if not found or int(found[1]) > 23 or int(found[2]) > 59:
            raise self.wrong(key, f"“{value}” is not a time of day such as 09:00")
        return int(found[1]) * 60 + int(found[2])

    def paused(self) -> int | None:
        value = self.table.get("paused", False)
        if isinstance(value, bool):
            return 0 if value else None
        if not isinstance(value, datetime) or value.tzinfo is None:
            raise self.wrong("paused", "must be true, false or a moment such as 2026-11-30T09:00:00Z")
        since = value - datetime(1970, 1, 1, tzinfo=UTC)
        return since.days * 86_400_000 + since.seconds * 1000 + since.microseconds // 1000


def _entry(table: _Reader) -> Entry:
    table.only(
        "platform", "space", "room", "kind", "timezone", "quiet", "digest", "format", "living", "cap", "paused",
        "subscription", "watch", "saved",
    )  # fmt: skip
    watches = table.inner("watch", "paper", "query")
    saved = table.inner("saved", "paper", "note")
    lines = table.inner("subscription", "query", "every", "at", "on", "max", "mention", "paused")
    return Entry(
        room=table.string("room"),
        kind=cast("Kind", table.choice("kind", ("channel", "person"), "channel")),
        platform=table.string("platform", ""),
        space=table.string("space", ""),
        preferences=_preferences(table),
        subscriptions=tuple(map(_line, lines)),
        watches=tuple((row.string("paper"), row.string("query")) for row in watches),
        saved=tuple((row.string("paper"), row.string("note", "")) for row in saved),
    )


def _preferences(table: _Reader) -> Preferences:
    usual = Preferences()
    digest = table.clock("digest")
    return Preferences(
        timezone=_timezone(table),
        quiet=_quiet(table),
        digest_at=usual.digest_at if digest is None else digest,
        format=cast("Format", table.choice("format", FORMATS, usual.format)),
        living=table.flag("living", usual.living),
        cap=table.whole("cap", MOST_CAP) or usual.cap,
        paused_until=table.paused(),
    )


def _timezone(table: _Reader) -> str:
    name = table.string("timezone", "UTC")
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise table.wrong("timezone", f"“{name}” is not a time zone such as Europe/Berlin") from error
    return name


def _quiet(table: _Reader) -> tuple[int, int] | None:
    said = table.string("quiet", "off")
    if said == "off":
        return None
    begin, dash, end = said.partition("-")
    if not dash:
        raise table.wrong("quiet", f"“{said}” is not a span such as 22:00-08:00, nor off")
    hours = table.clock("quiet", begin.strip()), table.clock("quiet", end.strip())
    return cast("tuple[int, int]", hours)


def _line(table: _Reader) -> Line:
    days = [day.lower() for day in WEEKDAYS]
    every = cast("Every", table.choice("every", ("instant", "daily", "weekly"), "instant"))
    weekday = days.index(table.choice("on", days, "monday"))
    mention = table.string("mention", "")
    if len(mention) > LONGEST_MENTION:
        raise table.wrong("mention", f"has {len(mention)} characters; at most {LONGEST_MENTION} are allowed")
    return Line(
        query=table.string("query"),
        cadence=Cadence(every=every, at=table.clock("at"), weekday=weekday),
        max=table.whole("max", MOST_PAPERS),
        mention=mention,
        paused_until=table.paused(),
    )


_HEAD = re.compile(r"\s*\[\[\s*(?:target\s*\.\s*)?(\w+)\s*\]\]|\s*(\w+)\s*=\s*\[\s*$")


def _line_of(text: str, place: tuple[int, str, int], key: str) -> int:
    """The line a key of a table stands on, or its table's; 0 where the file writes its tables in another way.

    Tables begin with ``[[target.subscription]]`` or, short ones as ``dump`` writes them, with a brace on a line.
    """
    target, inner, number = place
    targets = inners = headed = 0
    inside, current = not target, ""
    wanted = re.compile(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=")
    for at, row in enumerate(text.splitlines(), 1):
        head = _HEAD.match(row)
        if inside and wanted.match(row):
            return at
        if head and head[1] == "target":
            targets, inners, current = targets + 1, 0, "target"
        elif head:
            current = head[1] or head[2]
        if current == inner and (row.lstrip().startswith("{") or (head and head[1])):
            inners += 1
        inside = targets == target and current == (inner or "target") and inners == (number if inner else 0)
        headed = headed or (at if inside else 0)
    return headed
