"""A day of arXiv's announcement and a Daily Papers list with some of the same papers: one post each, facts of both.

No recorded day of both shares more than one paper, so the list is a recorded one whose items were given the ids and
titles of papers announced that morning; votes, code, people and the rest are as they were.
"""

import gzip
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from aiohttp import web

from tests.flow.hub import serving
from tests.flow.running import Paperboy
from tests.shared import shared

NOON = datetime(2025, 9, 17, 12, tzinfo=UTC)
SUBSCRIPTIONS = {
    "#all": "*",
    "#voted": "cat:cs.CV votes>=10",
    "#code": "cat:cs.AI has:code",
    "#arxiv": "source:arxiv",
    "#hub": "source:hf cat:cs",
}


@dataclass(frozen=True)
class Announced:
    """An item of the feed."""

    id: str
    title: str
    kind: str
    categories: tuple[str, ...]


@pytest.fixture(scope="module")
def feed() -> bytes:
    return gzip.decompress(shared("arxiv", "rss", "rss-cs.CV+cs.AI-2025-09-17.xml.gz").read_bytes())


@pytest.fixture(scope="module")
def announced(feed: bytes) -> list[Announced]:
    found = []
    for item in ElementTree.fromstring(feed).iter("item"):
        guid = re.fullmatch(r"oai:arXiv\.org:(\d{4}\.\d{5})v\d+", item.findtext("guid") or "")
        kind = item.findtext("{http://arxiv.org/schemas/atom}announce_type")
        assert guid is not None
        assert kind is not None
        categories = tuple(category.text or "" for category in item.iter("category"))
        found.append(Announced(guid[1], item.findtext("title") or "", kind, categories))
    return found


@pytest.fixture(scope="module")
def listed(announced: list[Announced]) -> list[dict[str, Any]]:
    """The list of the day: 14 items, of which 9 announced as new, 2 as cross-lists, 2 replaced, 1 only there."""
    items = json.loads(gzip.decompress(shared("hf_daily", "2025-09-17.json.gz").read_bytes()))
    by_kind = {kind: [paper for paper in announced if paper.kind == kind] for kind in ("new", "cross", "replace")}
    chosen = [*by_kind["new"][:36:4], *by_kind["cross"][:2], *by_kind["replace"][:2]]
    # This one paper both services did have that day, for arXiv it was a new version.
    items.sort(key=lambda item: item["paper"]["id"] == "2509.12603")
    for item, paper in zip(items, chosen, strict=False):
        item["paper"]["id"] = paper.id
        item["title"] = item["paper"]["title"] = paper.title
    return list(items)


# --- what should be posted, from the raw documents --------------------------------------------------------------------


def expected(announced: list[Announced], listed: list[dict[str, Any]]) -> dict[str, set[str]]:
    news = {paper.id for paper in announced if not paper.kind.startswith("replace")}
    arxiv = {paper.id: paper.categories for paper in announced}
    hub = {item["paper"]["id"]: item["paper"] for item in listed}
    both = hub.keys() & arxiv.keys()
    return {
        "#all": news | hub.keys(),
        "#voted": {key for key in both if "cs.CV" in arxiv[key] and hub[key]["upvotes"] >= 10},
        "#code": {key for key in both if "cs.AI" in arxiv[key] and hub[key].get("githubRepo")},
        "#arxiv": news | both,
        "#hub": {key for key in both if any(category.startswith("cs.") for category in arxiv[key])},
    }


class Both:
    """Both services at one address. Until ``open`` has its name, a service has nothing to tell."""

    def __init__(self, feed: bytes, empty: bytes, listed: list[dict[str, Any]]) -> None:
        self.feed = feed
        self.empty = empty
        self.listed = listed
        self.open: tuple[str, ...] = ()

    @property
    def tags(self) -> tuple[str, str]:
        """What is in the cursors once both were read as they are now."""
        return f'"hub {self.open}"', f'"feed {self.open}"'

    async def answer(self, request: web.Request) -> web.StreamResponse:
        hub, feed = self.tags
        if request.path == "/rss/cs.CV+cs.AI":
            body = self.feed if "arxiv" in self.open else self.empty
            return web.Response(body=body, headers={"ETag": feed}, content_type="application/rss+xml")
        if request.path != "/api/daily_papers":
            return web.json_response({"error": "Paper not found"}, status=404)
        if request.query.get("date") != "2025-09-17":
            return web.json_response([])
        return web.json_response(self.listed if "huggingface" in self.open else [], headers={"ETag": hub})


@pytest.fixture(params=["arxiv first", "huggingface first", "both at once"])
def posted(
    request: pytest.FixtureRequest, tmp_path: Path, feed: bytes, listed: list[dict[str, Any]]
) -> Iterator[tuple[Paperboy, dict[str, Counter[str]]]]:
    """The process after both were read, and how often each paper was posted at each place."""
    empty = shared("arxiv", "rss", "rss-cs.CL-2026-01-17-empty.xml").read_bytes()
    both = Both(feed, empty, listed)
    first = request.param.split()[0]
    with serving(both.answer) as url:
        paperboy = Paperboy(
            tmp_path,
            NOON,
            SOURCES="huggingface,arxiv",
            HUGGINGFACE_URL=url,
            ARXIV_URL=f"{url}/api/query",
            ARXIV_RSS_URL=f"{url}/rss",
            ARXIV_CATEGORIES="cs.CV,cs.AI",
            ARXIV_INTERVAL="0",
            POLL_MINUTES="0.005",
            TICK_SECONDS="0.1",
            DAILY_CAP="1000",
            COMMANDS_PER_MINUTE="1000",
            EXAMPLES="no",
        )
        try:
            paperboy.start()
            for room, query in SUBSCRIPTIONS.items():
                paperboy.type(f"/join {room}", f"/papers subscribe {query}")
            for both.open in ((first,), ("huggingface", "arxiv")) if first != "both" else (("huggingface", "arxiv"),):
                paperboy.wait(_read(paperboy, both), f"never idle with {both.open}")
            yield paperboy, {room: _count(paperboy, room) for room in SUBSCRIPTIONS}
            assert paperboy.terminate() == 0
            assert [line for line in paperboy.errors.splitlines() if "running instances" not in line] == []
        finally:
            paperboy.close()


def _read(paperboy: Paperboy, both: Both) -> Callable[[], bool]:
    return lambda: paperboy.is_idle(*both.tags)


def _count(paperboy: Paperboy, room: str) -> Counter[str]:
    cards = [card for post in paperboy.posts if post["where"] == room for card in post["payload"]["cards"]]
    return Counter(card["url"].rpartition("/")[2] for card in cards)


def test_a_paper_of_both_is_posted_once_and_a_replacement_never(
    posted: tuple[Paperboy, dict[str, Counter[str]]], announced: list[Announced], listed: list[dict[str, Any]]
) -> None:
    paperboy, counts = posted
    wanted = expected(announced, listed)
    assert {room: set(count) ^ wanted[room] for room, count in counts.items()} == {room: set() for room in counts}
    assert all(number == 1 for count in counts.values() for number in count.values())
    assert all(wanted.values())
    replaced = {paper.id for paper in announced if paper.kind.startswith("replace")}
    assert len(replaced - counts["#all"].keys()) == 22
    _assert_facts_of_both(paperboy, announced, listed)


def _assert_facts_of_both(paperboy: Paperboy, announced: list[Announced], listed: list[dict[str, Any]]) -> None:
    """What a stored paper says of itself: votes and code of one service, categories of the other."""
    arxiv = {paper.id: paper for paper in announced}
    item = next(i["paper"] for i in listed if i["paper"]["id"] in arxiv and "githubRepo" in i["paper"])
    answer = paperboy.call("do", f"/papers show {item['id']}", "--json")
    said = json.loads(answer.stdout)["data"]
    assert (said["votes"], said["code"]) == (item["upvotes"], item["githubRepo"])
    assert said["sources"] == ["arxiv", "huggingface"]
    assert tuple(said["categories"]) == arxiv[item["id"]].categories
