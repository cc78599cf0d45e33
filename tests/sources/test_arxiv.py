"""arXiv as a source: one gate for everything, the announcement, look-ups, search, past days in pages."""

import gzip
from collections.abc import Mapping
from datetime import UTC, date, datetime

import pytest
from aiohttp import web

from bot.errors import ConfigError, SourceError
from bot.model import Edition
from bot.sources.arxiv import MOST, Arxiv
from bot.sources.http import Fetcher
from bot.sources.pace import Gate
from tests.shared import shared
from tests.sources.conftest import Clock, Service

NOW = datetime(2026, 1, 15, 16, tzinfo=UTC)
FEED = "rss/rss-cs.CL-2026-01-15.xml.gz"


def recorded(name: str) -> bytes:
    path = shared("arxiv", *name.split("/"))
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def arxiv(fetcher: Fetcher, service: Service, gate: Gate | None = None) -> Arxiv:
    return Arxiv(fetcher, f"{service.url}/api/query", f"{service.url}/rss/", ("cs.CL", "cs.AI"), gate or Gate(0))


async def polled(source: Arxiv, cursor: Mapping[str, str] | None = None) -> list[Edition]:
    return [edition async for edition in source.editions(NOW, cursor or {})]


def answer(total: int, *numbers: int) -> str:
    """An API answer with these papers out of ``total``."""
    entries = "".join(
        f"<entry><id>http://arxiv.org/abs/2606.{number:05}v1</id><title>Paper {number}</title></entry>"
        for number in numbers
    )
    return (
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:o="http://a9.com/-/spec/opensearch/1.1/">'
        f"<o:totalResults>{total}</o:totalResults>{entries}</feed>"
    )


async def test_a_poll_is_one_request_for_all_categories_with_news_and_replacements_apart(
    service: Service, fetcher: Fetcher
) -> None:
    service.always(recorded(FEED), ETag='"monday"')
    announced, replaced = await polled(arxiv(fetcher, service))
    assert service.asked == ["/rss/cs.CL+cs.AI"]
    assert (announced.list, announced.day, len(announced.papers)) == ("announced", date(2026, 1, 15), 57)
    assert (replaced.list, len(replaced.papers)) == ("lookup", 17)
    # The ETag comes with the last edition: were it kept with the first, a crash between them would lose the second.
    assert (announced.cursor, replaced.cursor) == ({}, {f"{service.url}/rss/cs.CL+cs.AI": '"monday"'})


async def test_the_same_feed_again_is_unchanged(service: Service, fetcher: Fetcher) -> None:
    feed = recorded(FEED)

    async def script(request: web.Request) -> web.StreamResponse:
        same = request.headers.get("If-None-Match") == '"monday"'
        return web.Response(body=b"" if same else feed, status=304 if same else 200, headers={"ETag": '"monday"'})

    service.script = script
    source = arxiv(fetcher, service)
    cursor = (await polled(source))[-1].cursor
    (edition,) = await polled(source, cursor)
    assert (edition.unchanged, edition.day, edition.papers, edition.cursor) == (True, date(2026, 1, 15), (), cursor)


async def test_a_weekend_is_an_edition_without_papers(service: Service, fetcher: Fetcher) -> None:
    service.always(recorded("rss/rss-cs.CL-2026-01-17-empty.xml"))
    (edition,) = await polled(arxiv(fetcher, service))
    assert (edition.list, edition.day, edition.papers) == ("announced", date(2026, 1, 17), ())


async def test_a_category_arxiv_does_not_know_is_told_in_its_words(service: Service, fetcher: Fetcher) -> None:
    service.always(recorded("rss/rss-error-cs.ZZ.xml"))
    with pytest.raises(SourceError, match="Bad subject class 'ZZ'"):
        await polled(arxiv(fetcher, service))


async def test_a_paper_is_looked_up_in_its_newest_version(service: Service, fetcher: Fetcher) -> None:
    service.always(recorded("api/id_quant-ph_0201082v1_s0_m100.xml"))
    paper = await arxiv(fetcher, service).lookup("arxiv:quant-ph/0201082")
    assert paper is not None
    assert paper.title.startswith("Quantum Computers and")
    assert service.requests[0].query["id_list"] == "quant-ph/0201082"


async def test_a_paper_arxiv_does_not_know_is_none(service: Service, fetcher: Fetcher) -> None:
    source = arxiv(fetcher, service)
    service.always(recorded("api/id_0000.0000_s0_m100.xml"))
    assert await source.lookup("arxiv:0000.0000") is None
    assert await source.lookup("doi:10.1/2") is None
    assert await source.linked("arxiv:0000.0000") is None
    assert len(service.asked) == 1


async def test_a_refused_request_is_told_in_arxivs_words(service: Service, fetcher: Fetcher) -> None:
    service.always(recorded("api/id_abc_s0_m100.xml"), 400)
    with pytest.raises(SourceError, match="arXiv refused the request: incorrect id format for abc"):
        await arxiv(fetcher, service).lookup("arxiv:abc")


async def test_an_empty_body_is_an_error_and_not_an_empty_answer(service: Service, fetcher: Fetcher) -> None:
    service.always(b"")
    with pytest.raises(SourceError, match="empty answer"):
        await arxiv(fetcher, service).lookup("arxiv:2401.01234")


async def test_a_search_asks_for_every_word_and_cannot_leave_its_quotes(service: Service, fetcher: Fetcher) -> None:
    service.always(recorded("api/q_testing_s0_m10.xml"))
    found = await arxiv(fetcher, service).search('state-of-the-art "OR" au:(x) [y TO z] \\', 3)
    assert len(found) == 3
    words = ("state-of-the-art", "OR", "au", "x", "y", "TO", "z")
    assert service.requests[0].query["search_query"] == " AND ".join(f'all:"{word}"' for word in words)
    assert service.requests[0].query["max_results"] == "3"


async def test_a_search_for_an_id_finds_that_paper(service: Service, fetcher: Fetcher) -> None:
    service.always(answer(1, 7).encode())
    source = arxiv(fetcher, service)
    assert [p.title for p in await source.search("https://arxiv.org/abs/2606.00007v2", 5)] == ["Paper 7"]
    assert service.requests[0].query["id_list"] == "2606.00007"


async def test_nothing_is_asked_for_nothing(service: Service, fetcher: Fetcher) -> None:
    source = arxiv(fetcher, service)
    assert await source.search("?!", 10) == await source.search("x", 0) == []
    assert service.asked == []


async def test_a_past_day_is_read_page_by_page(service: Service, fetcher: Fetcher) -> None:
    async def script(request: web.Request) -> web.StreamResponse:
        start = int(request.query["start"])
        return web.Response(text=answer(450, *range(start, min(start + 200, 450))))

    service.script = script
    edition = await arxiv(fetcher, service).edition(date(2026, 6, 11))
    assert (edition.list, edition.day, len(edition.papers)) == ("announced", date(2026, 6, 11), 450)
    assert [request.query["start"] for request in service.requests] == ["0", "200", "400"]
    query = "submittedDate:[202606110000 TO 202606112359] AND (cat:cs.CL OR cat:cs.AI)"
    assert {request.query["search_query"] for request in service.requests} == {query}


async def test_a_day_without_papers_is_an_empty_edition(service: Service, fetcher: Fetcher) -> None:
    service.always(answer(0).encode())
    assert (await arxiv(fetcher, service).edition(date(2026, 6, 13))).papers == ()


async def test_an_empty_page_in_the_middle_is_an_error_and_not_the_end(service: Service, fetcher: Fetcher) -> None:
    async def script(request: web.Request) -> web.StreamResponse:
        return web.Response(text=answer(300, *range(200)) if request.query["start"] == "0" else answer(300))

    service.script = script
    with pytest.raises(SourceError, match="empty page at 200 of 300"):
        await arxiv(fetcher, service).edition(date(2026, 6, 11))


async def test_a_day_beyond_what_arxiv_serves_says_how_many_are_left_out(service: Service, fetcher: Fetcher) -> None:
    async def script(request: web.Request) -> web.StreamResponse:
        start = int(request.query["start"])
        return web.Response(text=answer(MOST + 5, *range(start, start + int(request.query["max_results"]))))

    service.script = script
    edition = await arxiv(fetcher, service).edition(date(2026, 6, 11))
    assert len(service.asked) == MOST // 200
    assert edition.complaints == ("arXiv serves 30000 papers a query; 5 of 2026-06-11 were left out",)


async def test_feed_and_api_wait_at_the_same_gate(service: Service, fetcher: Fetcher, clock: Clock) -> None:
    source = arxiv(fetcher, service, Gate(clock=clock, sleep=clock.sleep))
    service.always(answer(1, 7).encode())
    await source.lookup("arxiv:2606.00007")
    service.always(recorded(FEED))
    await polled(source)
    assert clock.slept == [3.0]
    service.always(b"", 429)
    with pytest.raises(SourceError) as caught:
        await source.lookup("arxiv:2606.00007")
    assert caught.value.retry_after == 60.0
    with pytest.raises(SourceError):
        await polled(source)
    assert len(service.asked) == 3


@pytest.mark.parametrize("categories", [(), ("cs.CL", ""), ("cs.CL+cs.AI",), ("../etc",), ("CS",)])
def test_categories_that_are_none_are_the_operators_mistake(fetcher: Fetcher, categories: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError, match="arXiv categories look like"):
        Arxiv(fetcher, "https://a.b", "https://a.b", categories)
