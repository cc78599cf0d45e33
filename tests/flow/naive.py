"""What Paperboy should post, worked out the slow and obvious way from the raw JSON: plain loops, nothing of the bot.

A subscription is given as a predicate in Python beside the text that Paperboy gets. Words are whole, folded by hand; a
predicate lists the plurals it means.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

Facts = dict[str, Any]
Holds = Callable[[Facts], bool]

DAY = timedelta(days=1)


# --- papers, from the raw items ---------------------------------------------------------------------------------------


def facts(item: dict[str, Any]) -> Facts:
    paper = item["paper"]
    organization = paper.get("organization") or item.get("organization") or item.get("submitterOrganization") or {}
    return {
        "id": paper["id"],
        "title": tokens(split_names(item["title"])),
        "abstract": tokens(paper["summary"]),
        "keywords": [tokens(keyword) for keyword in paper.get("ai_keywords") or []],
        "authors": [tokens(author["name"]) for author in paper["authors"] if not author.get("hidden")],
        "org": [tokens(organization.get("name", "")), tokens(organization.get("fullname", ""))],
        "submitter": (item.get("submittedBy") or {}).get("name", ""),
        "votes": paper["upvotes"],
        "comments": item["numComments"],
        "stars": paper.get("githubStars"),
        "code": bool(paper.get("githubRepo")),
        "project": bool(paper.get("projectPage")),
        "summary": bool(paper.get("ai_summary")),
        "trending": False,
    }


def tokens(text: str) -> list[str]:
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return re.findall(r"[a-z0-9]+", plain.lower())


def split_names(title: str) -> str:
    """A title with the parts of names such as ``VideoLLaMA`` after it."""
    parts = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", title)
    return f"{title} {' '.join(word for word in parts.split() if word not in title.split())}"


def places(paper: Facts) -> list[list[str]]:
    return [paper["title"], paper["abstract"], *paper["keywords"]]


def word(*words: str, where: str = "") -> Holds:
    """Any of these as a whole word or with an s, anywhere or in the title or abstract alone."""
    forms = {word + ending for word in words for ending in ("", "s")}
    return lambda p: any(form in place for place in ([p[where]] if where else places(p)) for form in forms)


def prefix(start: str) -> Holds:
    return lambda p: any(token.startswith(start) for place in places(p) for token in place)


def phrase(said: str) -> Holds:
    """These words in a row, the last one perhaps with an s."""
    return lambda p: any(in_a_row(form.split(), place) for place in places(p) for form in (said, f"{said}s"))


def keyword(said: str) -> Holds:
    return lambda p: any(in_a_row(said.split(), place) for place in p["keywords"])


def org(said: str) -> Holds:
    return lambda p: any(in_a_row(said.split(), place) for place in p["org"])


def author(*names: str) -> Holds:
    return lambda p: any(all(name in person for name in names) for person in p["authors"])


def submitter(name: str) -> Holds:
    return lambda p: bool(p["submitter"] == name)


def least(fact: str, number: int) -> Holds:
    return lambda p: p[fact] is not None and p[fact] >= number


def has(fact: str) -> Holds:
    return lambda p: bool(p[fact])


def everything(_: Facts) -> bool:
    return True


def both(*conditions: Holds) -> Holds:
    return lambda p: all(holds(p) for holds in conditions)


def either(*conditions: Holds) -> Holds:
    return lambda p: any(holds(p) for holds in conditions)


def without(condition: Holds) -> Holds:
    return lambda p: not condition(p)


def in_a_row(wanted: list[str], place: list[str]) -> bool:
    return any(place[at : at + len(wanted)] == wanted for at in range(len(place)))


# --- who wants what ---------------------------------------------------------------------------------------------------


@dataclass
class Wish:
    """A subscription: ``text`` is what Paperboy gets, ``holds`` what it means. Times are minutes after midnight."""

    text: str
    holds: Holds
    every: str = "instant"
    at: int | None = None
    weekday: int = 0
    max: int | None = None
    number: int = 0
    paused: bool = False


@dataclass
class Place:
    """A channel (``#x``) or a person (``@x``) with its settings."""

    name: str
    wishes: list[Wish]
    zone: str = "UTC"
    quiet: tuple[int, int] | None = None
    digest: int = 9 * 60
    cap: int = 100
    format: str = "card"


@dataclass
class Waiting:
    paper: str
    order: int
    due: datetime
    kind: str
    reasons: list[Wish] = field(default_factory=list)
    state: str = "waits"


# Events: (when, "paper", id) · (when, "digest", (ids), folded, all, local day) · (when, "fold", how many, local day)
Event = tuple[Any, ...]


# --- what comes of it -------------------------------------------------------------------------------------------------


class Naive:
    def __init__(self, places: Iterable[Place]) -> None:
        self.places = {place.name: place for place in places}
        self.papers: dict[str, Facts] = {}
        self.rows: dict[str, dict[str, Waiting]] = {name: {} for name in self.places}
        self.events: dict[str, list[Event]] = {name: [] for name in self.places}
        self.watches: list[tuple[str, str, Holds]] = []
        """Place, paper, condition: told once, when it comes true."""
        self.posted: Counter[Any] = Counter()
        self.touched: set[str] = set()

    # --- papers come ---

    def poll(self, world: Any, at: datetime) -> None:
        self.touched = set()
        today = (at - timedelta(hours=1, minutes=30)).date()
        for day in (today - 2 * DAY, today - DAY, today):
            for item in world.daily(day, at):
                known = self.papers.get(item["paper"]["id"])
                # A day's list does not say whether a paper is trending.
                self._told({**facts(item), "trending": bool(known and known["trending"])}, at)
        trending = [facts(item) for item in world.trending(at)]
        for paper in trending:
            self._told({**paper, "trending": True}, at)
        for paper in [p for p in self.papers.values() if p["trending"]]:
            if paper["id"] not in [other["id"] for other in trending]:
                self._told({**paper, "trending": False}, at)

    def _told(self, after: Facts, now: datetime) -> None:
        before = self.papers.get(after["id"])
        if before == after:
            return
        assert after["id"] not in self.touched, f"{after['id']} changes twice at {now}: its place would be luck"
        self.touched.add(after["id"])
        self.papers[after["id"]] = after
        for place in self.places.values():
            for wish in place.wishes:
                if not wish.paused and wish.holds(after) and not (before and wish.holds(before)):
                    self._wanted(place, wish, after["id"], now)

        for watch in [watch for watch in self.watches if watch[1] == after["id"] and watch[2](after)]:
            self.watches.remove(watch)
            rows = self.rows[watch[0]]
            rows[f"{after['id']} watched"] = Waiting(after["id"], len(rows), now, "instant", [Wish("", watch[2])])

    def _wanted(self, place: Place, wish: Wish, paper: str, now: datetime) -> None:
        if wish.every == "instant":
            kind, due = "instant", quiet_end(place, now) or now
        else:
            kind, due = "digest", next_digest(place, wish, now)
        rows = self.rows[place.name]
        row = rows.setdefault(paper, Waiting(paper, len(rows), due, kind))
        if row.state == "waits":
            row.reasons.append(wish)
            strength = ["instant", "digest", "fold"].index
            row.kind, row.due = min((row.kind, row.due), (kind, due), key=lambda way: (strength(way[0]), way[1]))

    # --- posts go ---

    def deliver(self, now: datetime) -> None:
        for place in self.places.values():
            due = [row for row in self.rows[place.name].values() if row.state == "waits" and row.due <= now]
            due.sort(key=lambda row: (row.due, row.order))
            quiet = quiet_end(place, now)
            late = [row for row in due if row.kind == "digest" and now - row.due > timedelta(hours=1)]
            assert not (quiet and late), f"{place.name}: a digest late in quiet hours at {now} is another test's matter"
            if quiet:
                for row in [row for row in due if row.kind != "digest"]:
                    row.due = quiet
                    due.remove(row)
            by_kind = {kind: [row for row in due if row.kind == kind] for kind in ("instant", "digest", "fold")}
            self._one_by_one(place, by_kind["instant"], now)
            self._digest(place, by_kind["digest"], now)
            self._fold(place, by_kind["fold"], now)

    def _one_by_one(self, place: Place, rows: list[Waiting], now: datetime) -> None:
        today = now.astimezone(ZoneInfo(place.zone)).date()
        for row in rows:
            room = any(w.max is None or self.posted[place.name, today, w.number] < w.max for w in row.reasons)
            if room and self.posted[place.name, today] < place.cap:
                self.posted.update([(place.name, today), *((place.name, today, w.number) for w in row.reasons)])
                row.state = "posted"
                self.events[place.name].append((now, "paper", row.paper))
            else:
                row.kind, row.due = "fold", next_digest(place, Wish("", everything, every="daily"), now)

    def _digest(self, place: Place, rows: list[Waiting], now: datetime) -> None:
        if not rows:
            return
        rows.sort(key=lambda row: (-self.papers[row.paper]["votes"], row.order))
        most = max([10, *(wish.max for row in rows for wish in row.reasons if wish.max)])
        spent: Counter[int] = Counter()
        shown: list[str] = []
        for row in rows:
            row.state = "posted"
            if len(shown) < most and any(w.max is None or spent[w.number] < w.max for w in row.reasons):
                shown.append(row.paper)
                spent.update(w.number for w in row.reasons)
            else:
                row.state = "folded"
        day = now.astimezone(ZoneInfo(place.zone)).date()
        self.events[place.name].append((now, "digest", tuple(shown), len(rows) - len(shown), len(rows), day))

    def _fold(self, place: Place, rows: list[Waiting], now: datetime) -> None:
        if not rows:
            return
        for row in rows:
            row.state = "folded"
        day = now.astimezone(ZoneInfo(place.zone)).date()
        self.events[place.name].append((now, "fold", len(rows), day))

    def next_due(self) -> datetime | None:
        """When something that waits falls due next."""
        return min((r.due for rows in self.rows.values() for r in rows.values() if r.state == "waits"), default=None)


# --- clocks -----------------------------------------------------------------------------------------------------------


def wall(place: Place, day: date, minutes: int) -> datetime:
    local = datetime(day.year, day.month, day.day, minutes // 60, minutes % 60, tzinfo=ZoneInfo(place.zone))
    return local.astimezone(UTC)


def next_digest(place: Place, wish: Wish, now: datetime) -> datetime:
    at = place.digest if wish.at is None else wish.at
    day = now.astimezone(ZoneInfo(place.zone)).date()
    while wall(place, day, at) <= now or (wish.every == "weekly" and day.weekday() != wish.weekday):
        day += DAY
    return wall(place, day, at)


def quiet_end(place: Place, now: datetime) -> datetime | None:
    if place.quiet is None:
        return None
    begin, end = place.quiet
    local = now.astimezone(ZoneInfo(place.zone))
    minute = local.hour * 60 + local.minute
    if not (begin <= minute < end if begin < end else minute >= begin or minute < end):
        return None
    return wall(place, local.date() + DAY * (minute >= end), end)
