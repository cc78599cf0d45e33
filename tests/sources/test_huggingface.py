"""Hugging Face as a source: the feed clock, which lists a poll reads, paging, ETags, look-ups, search, weeks."""

import gzip
import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime

import pytest
from aiohttp import web

from bot.errors import SourceError
from bot.model import Edition
from bot.sources.http import Fetcher
from bot.sources.huggingface import HuggingFace, feed_day
from tests.shared import shared
from tests.sources.conftest import Service

NOON = datetime(2026, 7, 10, 16, tzinfo=UTC)


def item(number: int, **inner: object) -> dict[str, object]:
    return {"paper": {"id": f"2607.{number:05}", "title": f"Paper {number}", **inner}, "numComments": 0}


def listed(service: Service, lists: Mapping[str, list[dict[str, object]]]) -> None:
    """Serve each list at its ``date`` (or at its ``sort``), and nothing at other dates, with ETags."""

    async def script(request: web.Request) -> web.StreamResponse:
        name = request.query.get("date", request.query.get("sort", ""))
        body = json.dumps(lists.get(name, []))
        tag = f'"{hash(body)}"'
        if request.headers.get("If-None-Match") == tag:
            return web.Response(status=304, headers={"ETag": tag})
        return web.Response(text=body, content_type="application/json", headers={"ETag": tag})

    service.script = script


def paged(service: Service, pages: int, link: Callable[[int], str] | None = None) -> None:
    """Serve one paper a page, with ``Link`` to the next page until there are ``pages``."""

    async def script(request: web.Request) -> web.StreamResponse:
        page = int(request.query.get("p", "0"))
        there = link(page) if link else f"/api/daily_papers?date={request.query.get('date', '')}&limit=100&p={page + 1}"
        headers = {"Link": f'<{there}>; rel="next"'} if page + 1 < pages else {}
        return web.Response(text=json.dumps([item(page)]), headers={"ETag": f'"{page}"', **headers})

    service.script = script


async def polled(source: HuggingFace, cursor: Mapping[str, str] | None = None) -> list[Edition]:
    return [edition async for edition in source.editions(NOON, cursor or {})]


# --- the feed clock ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "day"),
    [
        ("2026-07-10T01:29:59", date(2026, 7, 9)),  # summer: 21:29:59 in New York
        ("2026-07-10T01:30:00", date(2026, 7, 10)),
        ("2026-07-10T16:00:00", date(2026, 7, 10)),
        ("2026-01-15T02:29:59", date(2026, 1, 14)),  # winter: an hour later in UTC
        ("2026-01-15T02:30:00", date(2026, 1, 15)),
        ("2026-01-01T02:29:00", date(2025, 12, 31)),
        ("2026-03-08T06:59:59", date(2026, 3, 8)),  # the night the clocks change
        ("2026-11-01T01:29:59", date(2026, 10, 31)),
        ("2026-11-02T02:30:00", date(2026, 11, 2)),
    ],
)
def test_the_feed_day_begins_at_half_past_nine_in_the_evening_in_new_york(now: str, day: date) -> None:
    assert feed_day(datetime.fromisoformat(now).replace(tzinfo=UTC)) == day


def test_the_feed_day_is_never_later_than_today_in_utc() -> None:
    for hour in range(24 * 400):
        now = datetime.fromtimestamp(1_767_225_600 + hour * 3600, UTC)
        assert feed_day(now) <= now.date()


# --- a poll -----------------------------------------------------------------------------------------------------------


async def test_a_poll_reads_two_days_back_today_and_what_is_trending(service: Service, fetcher: Fetcher) -> None:
    listed(service, {"2026-07-08": [item(1)], "2026-07-10": [item(2)], "trending": [item(3), item(1)]})
    editions = await polled(HuggingFace(fetcher, service.url))
    assert [(e.list, e.day, [p.key for p in e.papers]) for e in editions] == [
        ("daily", date(2026, 7, 8), ["arxiv:2607.00001"]),
        ("daily", date(2026, 7, 9), []),
        ("daily", date(2026, 7, 10), ["arxiv:2607.00002"]),
        ("trending", date(2026, 7, 10), ["arxiv:2607.00003", "arxiv:2607.00001"]),
    ]
    assert editions[0].papers[0].facts.featured == date(2026, 7, 8)
    assert [paper.facts.trending for paper in editions[3].papers] == [1, 2]
    assert all("limit=100" in asked for asked in service.asked)


async def test_each_edition_can_be_stored_before_the_next_is_asked_for(service: Service, fetcher: Fetcher) -> None:
    listed(service, {})
    editions = HuggingFace(fetcher, service.url).editions(NOON, {})
    await anext(editions)
    assert len(service.asked) == 1


async def test_a_recorded_week_comes_through_a_server_unharmed(service: Service, fetcher: Fetcher) -> None:
    async def script(request: web.Request) -> web.StreamResponse:
        file = shared("hf_daily") / f"{request.query['date']}.json.gz"
        return web.Response(body=file.read_bytes(), headers={"Content-Encoding": "gzip"})

    service.script = script
    source = HuggingFace(fetcher, f"{service.url}/")
    for day in (date(2026, 7, 6), date(2026, 7, 7)):
        raw = json.loads(gzip.decompress((shared("hf_daily") / f"{day}.json.gz").read_bytes()))
        edition = await source.edition(day)
        assert [paper.arxiv_id for paper in edition.papers] == [entry["paper"]["id"] for entry in raw]
        assert edition.complaints == ()


async def test_an_unchanged_list_says_so_and_a_changed_one_is_read(service: Service, fetcher: Fetcher) -> None:
    lists = {"2026-07-09": [item(1, upvotes=1)], "2026-07-10": [item(2)], "trending": [item(1)]}
    listed(service, lists)
    source = HuggingFace(fetcher, service.url)
    cursor: dict[str, str] = {}
    for edition in await polled(source):
        cursor |= edition.cursor
    listed(service, {**lists, "2026-07-09": [item(1, upvotes=50)]})
    editions = await polled(source, cursor)
    assert [edition.unchanged for edition in editions] == [True, False, True, True]
    assert editions[1].papers[0].facts.votes == 50
    assert all(edition.papers == () and edition.cursor for edition in editions if edition.unchanged)


async def test_one_list_that_fails_does_not_cost_the_others_and_is_told_after_them(
    service: Service, fetcher: Fetcher
) -> None:
    async def script(request: web.Request) -> web.StreamResponse:
        bad = request.query.get("date") == "2026-07-08"
        return web.Response(text='{"error": "boom"}' if bad else "[]", status=500 if bad else 200)

    service.script = script
    editions = HuggingFace(fetcher, service.url).editions(NOON, {})
    assert [(await anext(editions)).list for _ in range(3)] == ["daily", "daily", "trending"]
    with pytest.raises(SourceError, match="answered 500"):
        await anext(editions)


async def test_a_service_that_asks_to_wait_is_not_asked_for_the_other_lists(service: Service, fetcher: Fetcher) -> None:
    service.always(b"", 429, RateLimit='"api";r=0;t=123')
    with pytest.raises(SourceError) as caught:
        await polled(HuggingFace(fetcher, service.url))
    assert (caught.value.retry_after, len(service.asked)) == (123.0, 1)


async def test_an_error_in_a_good_answer_is_told_in_its_own_words(service: Service, fetcher: Fetcher) -> None:
    service.always(b'{"error": "date must not be later than today"}')
    with pytest.raises(SourceError, match="but said: date must not be later than today"):
        await HuggingFace(fetcher, service.url).edition(date(2030, 1, 1))


# --- paging -----------------------------------------------------------------------------------------------------------


async def test_pages_are_followed_and_a_list_of_several_keeps_no_etag(service: Service, fetcher: Fetcher) -> None:
    paged(service, 3)
    edition = await HuggingFace(fetcher, service.url).edition(date(2026, 7, 10))
    assert [paper.title for paper in edition.papers] == ["Paper 0", "Paper 1", "Paper 2"]
    assert set(edition.cursor.values()) == {""}
    assert all("date=2026-07-10" in asked for asked in service.asked)


async def test_a_full_page_keeps_no_etag_because_a_second_may_follow(service: Service, fetcher: Fetcher) -> None:
    service.always(json.dumps([item(number) for number in range(100)]).encode(), ETag='"x"')
    edition = await HuggingFace(fetcher, service.url).edition(date(2026, 7, 10))
    assert (len(edition.papers), set(edition.cursor.values())) == (100, {""})


@pytest.mark.parametrize("there", ["/api/daily_papers?p=0", "/api/daily_papers?date=2026-07-10&limit=100"])
async def test_links_in_a_circle_end_with_a_complaint(service: Service, fetcher: Fetcher, there: str) -> None:
    paged(service, 1000, lambda page: there)
    edition = await HuggingFace(fetcher, service.url).edition(date(2026, 7, 10))
    assert [paper.title for paper in edition.papers] == ["Paper 0"]
    assert len(edition.complaints) == 1
    assert len(service.asked) == 2


async def test_a_list_without_end_is_read_to_a_limit_with_a_complaint(service: Service, fetcher: Fetcher) -> None:
    paged(service, 1000)
    edition = await HuggingFace(fetcher, service.url).edition(date(2026, 7, 10))
    assert (len(edition.papers), len(service.asked)) == (20, 20)
    assert edition.complaints == ("the list goes on after 20 pages, which is where reading stopped",)


async def test_a_link_to_another_host_is_read_from_our_own(service: Service, fetcher: Fetcher) -> None:
    paged(service, 2, lambda page: "https://elsewhere.invalid/api/daily_papers?p=1")
    edition = await HuggingFace(fetcher, service.url).edition(date(2026, 7, 10))
    assert len(edition.papers) == 2


# --- look-ups ---------------------------------------------------------------------------------------------------------


async def test_a_paper_is_looked_up_with_its_models_counted(service: Service, fetcher: Fetcher) -> None:
    service.always(json.dumps({"id": "2607.00001", "title": "Paper 1", "numTotalModels": 4}).encode())
    paper = await HuggingFace(fetcher, service.url).lookup("arxiv:2607.00001")
    assert paper is not None
    assert (paper.title, paper.facts.models, service.asked) == ("Paper 1", 4, ["/api/papers/2607.00001"])


async def test_a_paper_the_hub_does_not_know_is_none(service: Service, fetcher: Fetcher) -> None:
    source = HuggingFace(fetcher, service.url)
    assert await source.lookup("arxiv:2607.00001") is None
    assert len(service.asked) == 1


@pytest.mark.parametrize("key", ["arxiv:hep-th/9901001", "doi:10.1/2", "", "arxiv:2607.00001/../../secret"])
async def test_a_key_the_hub_cannot_know_is_not_asked_for(service: Service, fetcher: Fetcher, key: str) -> None:
    source = HuggingFace(fetcher, service.url)
    assert await source.lookup(key) is None
    assert await source.linked(key) is None
    assert service.asked == []


async def test_repositories_of_a_paper_that_is_not_indexed_are_found_all_the_same(
    service: Service, fetcher: Fetcher
) -> None:
    async def script(request: web.Request) -> web.StreamResponse:
        if request.path == "/api/arxiv/2607.00001/repos":
            return web.json_response({"models": [{"id": "lab/model", "likes": 2}], "datasets": [], "spaces": []})
        return web.json_response({"error": "Paper not found"}, status=404)

    service.script = script
    linked = await HuggingFace(fetcher, service.url).linked("arxiv:2607.00001")
    assert linked is not None
    assert (linked.models, linked.best) == (1, (("lab/model", 2),))


async def test_a_search_stays_within_what_the_hub_takes(service: Service, fetcher: Fetcher) -> None:
    service.always(json.dumps([item(1), item(2)]).encode())
    source = HuggingFace(fetcher, service.url)
    assert [p.title for p in await source.search("long " * 100, 1)] == ["Paper 1"]
    assert len(await source.search("\ud800 a\x00b", 1000)) == 2
    assert [len(request.query["q"]) <= 250 for request in service.requests] == [True, True]
    assert [request.query["limit"] for request in service.requests] == ["1", "120"]


async def test_nothing_is_asked_for_nothing(service: Service, fetcher: Fetcher) -> None:
    source = HuggingFace(fetcher, service.url)
    assert await source.search("  ", 10) == await source.search("x", 0) == []
    assert service.asked == []


# --- weeks and months -------------------------------------------------------------------------------------------------


async def test_a_month_is_read_whole(service: Service, fetcher: Fetcher) -> None:
    paged(service, 3)
    edition = await HuggingFace(fetcher, service.url).period(NOON, month="2026-06")
    assert (edition.list, edition.day, len(edition.papers)) == ("lookup", date(2026, 6, 1), 3)
    assert service.asked[0] == "/api/daily_papers?month=2026-06&limit=100"


async def test_week_53_is_read_by_days_where_the_service_refuses_it(service: Service, fetcher: Fetcher) -> None:
    async def script(request: web.Request) -> web.StreamResponse:
        if "week" in request.query:
            return web.json_response({"error": "Invalid week"}, status=400)
        day = int(request.query["date"][-2:])
        return web.json_response([item(1, upvotes=5), item(day, upvotes=day)])

    service.script = script
    now = datetime(2027, 1, 2, 12, tzinfo=UTC)
    edition = await HuggingFace(fetcher, service.url).period(now, week="2026-W53")
    days = [request.query["date"] for request in service.requests[1:]]
    assert days == ["2026-12-28", "2026-12-29", "2026-12-30", "2026-12-31", "2027-01-01", "2027-01-02"]
    assert edition.day == date(2026, 12, 28)
    assert [paper.facts.votes for paper in edition.papers] == [31, 30, 29, 28, 5, 2]


async def test_week_53_is_asked_for_as_a_week_first(service: Service, fetcher: Fetcher) -> None:
    service.always(json.dumps([item(1)]).encode())
    edition = await HuggingFace(fetcher, service.url).period(NOON, week="2026-W53")
    assert (len(edition.papers), len(service.asked)) == (1, 1)


@pytest.mark.parametrize(
    "period",
    [{"week": "2025-W53"}, {"week": "2026-W00"}, {"week": "2026-54"}, {"month": "2026-13"}, {"month": "june"}, {}],
)
async def test_a_week_no_calendar_has_is_refused_unasked(
    service: Service, fetcher: Fetcher, period: dict[str, str]
) -> None:
    with pytest.raises(SourceError):
        await HuggingFace(fetcher, service.url).period(NOON, **period)
    assert service.asked == []
