"""What Hugging Face serves at any moment of the replay: recorded days as they were, and what became of their papers.

Knows nothing of Paperboy. A list is served raw on its own day. At noon (UTC) of each of the two days after it its
papers gain votes, and some get code or a summary; at 16:00 of a weekday the trending list takes five of the weekday
before. So one kind of thing changes at a time, and the order of papers does not depend on how a process is timed.
"""

import gzip
import json
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

Item = dict[str, Any]

DAY = timedelta(days=1)
GROWTH_AT, TRENDING_AT = time(12, tzinfo=UTC), time(16, tzinfo=UTC)


def digits(item: Item) -> int:
    return int(item["paper"]["id"].replace(".", ""))


def grown(item: Item, steps: int) -> Item:
    """An item after ``steps`` noons."""
    if not steps:
        return item
    number, later = digits(item), deepcopy(item)
    paper = later["paper"]
    paper["upvotes"] += steps * (number % 17)
    if number % 4 == 1 and "githubRepo" not in paper:
        paper |= {"githubRepo": f"https://github.com/example/p{number}", "githubStars": number % 300}
    if number % 2 and steps == 2 and "ai_summary" not in paper:
        paper["ai_summary"] = "This summary came later."
    return later


@dataclass(frozen=True)
class World:
    """``folder`` has one ``YYYY-MM-DD.json.gz`` a weekday from ``first`` to ``last``."""

    folder: Path
    first: date
    last: date

    @property
    def days(self) -> list[date]:
        every = [self.first + DAY * n for n in range((self.last - self.first).days + 1)]
        return [day for day in every if day.weekday() < 5]

    def raw(self, day: date) -> bytes:
        if day.weekday() > 4 or not self.first <= day <= self.last:
            return b"[]"
        return _bytes(self.folder / f"{day}.json.gz")

    def daily(self, day: date, at: datetime) -> list[Item]:
        """The list of a day as it stands at ``at``, most votes first."""
        if at < datetime.combine(day, time(0, 30), UTC):
            return []
        noons = (at.date() - day).days - (at.timetz() < GROWTH_AT)
        items = [grown(item, max(0, min(noons, 2))) for item in _items(self.raw(day))]
        return sorted(items, key=lambda item: -int(item["paper"]["upvotes"]))

    def is_raw(self, day: date, at: datetime) -> bool:
        return at.date() == day or not self.daily(day, at)

    def trending(self, at: datetime) -> list[Item]:
        """The trending list: five papers of the newest weekday before the one whose 16:00 was last."""
        changed = [day for day in self.days if datetime.combine(day, TRENDING_AT) <= at]
        if len(changed) < 2:
            return []
        return sorted(self.daily(changed[-2], at), key=lambda item: (digits(item) * 7919 % 1009, digits(item)))[:5]


@lru_cache
def _bytes(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes())


@lru_cache
def _items(body: bytes) -> list[Item]:
    items: list[Item] = json.loads(body)
    return items
