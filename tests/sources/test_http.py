"""The bounded GET against a server that drips, bombs, lies, redirects, hangs up and asks to be left alone."""

import asyncio
import gzip
import time
import tracemalloc
import zlib
from collections.abc import Awaitable, Callable
from email.utils import formatdate
from typing import Any

import httpx
import pytest
from aiohttp import web

from bot.errors import SourceError
from bot.sources.http import Fetcher
from bot.sources.pace import Gate
from tests.sources.conftest import Clock, Service

Rude = Callable[..., Awaitable[str]]


def fetcher_at(clock: Clock, **more: Any) -> Fetcher:
    return Fetcher(version="1", contact="c", clock=clock, wall=lambda: 1_700_000_000.0, **more)


# --- what goes right --------------------------------------------------------------------------------------------------


async def test_it_says_who_is_asking_and_where_to_complain(service: Service, fetcher: Fetcher) -> None:
    service.always()
    await fetcher.get(f"{service.url}/x?a=1", kind="json", params={"q": "two words"})
    headers = service.requests[0].headers
    assert headers["User-Agent"] == "paperboy/1.2 (+https://example.org/bot)"
    assert headers["Accept-Encoding"] == "gzip"
    assert service.asked == ["/x?a=1&q=two+words"]


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(b"[1]", mtime=0)),
        ("x-gzip", gzip.compress(b"[1]", mtime=0)),
        ("gzip", gzip.compress(b"[", mtime=0) + gzip.compress(b"1]", mtime=0)),
        ("deflate", zlib.compress(b"[1]")),
        ("identity", b"[1]"),
    ],
)
async def test_compressed_answers_are_read(rude: Rude, fetcher: Fetcher, coding: str, body: bytes) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {len(body)}\r\n\r\n"
    assert (await fetcher.get(await rude(head.encode() + body), kind="json")).body == b"[1]"


async def test_an_etag_is_sent_back_and_not_modified_is_an_answer(service: Service, fetcher: Fetcher) -> None:
    async def script(request: web.Request) -> web.StreamResponse:
        if request.headers.get("If-None-Match") == '"v1"':
            return web.Response(status=304, headers={"ETag": '"v1"'})
        return web.Response(body=b"[]", headers={"ETag": '"v1"'})

    service.script = script
    first = await fetcher.get(service.url, kind="json")
    again = await fetcher.get(service.url, kind="json", etag=first.etag)
    assert (first.unchanged, first.etag) == (False, '"v1"')
    assert (again.unchanged, again.etag, again.body) == (True, '"v1"', b"")


async def test_not_modified_is_no_answer_to_who_did_not_ask_for_it(service: Service, fetcher: Fetcher) -> None:
    service.always(status=304)
    with pytest.raises(SourceError, match="answered 304"):
        await fetcher.get(service.url, kind="json")


async def test_the_next_page_is_an_absolute_address(service: Service, fetcher: Fetcher) -> None:
    service.always(Link='</api?p=1>; rel="next", </api?p=9>; rel="last"')
    assert (await fetcher.get(f"{service.url}/api", kind="json")).following == f"{service.url}/api?p=1"
    service.always(Link='</api?p=0>; rel="prev"')
    assert (await fetcher.get(f"{service.url}/api", kind="json")).following == ""


async def test_other_statuses_are_answers_only_where_asked_for(service: Service, fetcher: Fetcher) -> None:
    service.always(b"{}", 404)
    assert (await fetcher.get(service.url, kind="json", also={404})).status == 404
    with pytest.raises(SourceError, match="answered 404 Not Found") as caught:
        await fetcher.get(service.url, kind="json")
    assert not caught.value.unreachable


# --- redirects --------------------------------------------------------------------------------------------------------


async def test_a_redirect_on_the_same_server_is_followed(service: Service, fetcher: Fetcher) -> None:
    async def script(request: web.Request) -> web.StreamResponse:
        if request.path == "/old":
            raise web.HTTPFound("/new?x=1")
        return web.Response(body=b"[1]")

    service.script = script
    assert (await fetcher.get(f"{service.url}/old", kind="json")).body == b"[1]"
    assert service.asked == ["/old", "/new?x=1"]


@pytest.mark.parametrize(
    "there",
    [
        "http://localhost:1/x",
        "http://169.254.169.254/latest",
        "file:///etc/passwd",
        "https://user:pw@example.org/",
        "https://example.org/",
        "https://169.254.169.254/latest",
        "https://127.0.0.2/",
        "https://0x7f000001/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "//:0",
    ],
)
async def test_a_redirect_to_elsewhere_or_without_https_is_not_followed(
    service: Service, fetcher: Fetcher, there: str
) -> None:
    service.always(b"", 302, Location=there)
    with pytest.raises(SourceError, match="redirects to"):
        await fetcher.get(service.url, kind="json")
    assert len(service.asked) == 1


@pytest.mark.parametrize(
    ("here", "there", "followed"),
    [
        ("https://export.arxiv.org/api", "https://arxiv.org/x", True),
        ("https://rss.arxiv.org/rss", "https://export.arxiv.org/x", True),
        ("http://huggingface.co/api", "https://huggingface.co/api", True),
        ("https://huggingface.co/api", "http://huggingface.co/api", False),
        ("https://huggingface.co/api", "https://huggingface.co.example.org/api", False),
        ("https://huggingface.co/api", "https://evilhuggingface.co/api", False),
        ("https://10.0.0.1/api", "https://10.9.0.1/api", False),
        ("https://intranet/api", "https://router/api", False),
    ],
)
async def test_a_redirect_stays_on_the_site_that_was_configured(here: str, there: str, followed: bool) -> None:
    asked = []

    def script(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(404) if request.url == there else httpx.Response(302, headers={"Location": there})

    async with fetcher_at(Clock(), transport=httpx.MockTransport(script)) as fetcher:
        with pytest.raises(SourceError, match="answered 404" if followed else "redirects to"):
            await fetcher.get(here, kind="json")
    assert (there in asked) == followed


async def test_redirects_in_a_circle_end(service: Service, fetcher: Fetcher) -> None:
    service.always(b"", 301, Location="/again")
    with pytest.raises(SourceError, match="redirects more than 3 times"):
        await fetcher.get(service.url, kind="json")
    assert len(service.asked) == 4


# --- what goes wrong --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[1,", "broke off"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n[1,2,", "broke off"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\n[1]", "damaged gzip"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(b"[1]", mtime=0)[:-6], "broke off"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 3\r\n\r\n[1]", "not asked for"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 24\r\n\r\n<!DOCTYPE html><html>...", "web page instead of JSON"),
        (b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", "answered 502 Bad Gateway"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "does not speak HTTP"),
        (b"", "does not speak HTTP"),
    ],
)
async def test_a_broken_answer_is_a_source_error_that_names_the_host(
    rude: Rude, fetcher: Fetcher, said: bytes, why: str
) -> None:
    with pytest.raises(SourceError, match=why) as caught:
        await fetcher.get(f"{await rude(said)}/x", kind="json", params={"q": "secret words"})
    assert str(caught.value).startswith("127.0.0.1 ")
    assert "secret" not in str(caught.value)
    assert not caught.value.unreachable


async def test_a_refused_connection_means_unreachable(rude: Rude, fetcher: Fetcher) -> None:
    with pytest.raises(SourceError, match="cannot be reached; check the network") as caught:
        await fetcher.get("http://127.0.0.1:1/", kind="json")
    assert caught.value.unreachable


async def test_a_name_that_does_not_exist_means_unreachable(fetcher: Fetcher) -> None:
    with pytest.raises(SourceError, match="cannot be reached") as caught:
        await fetcher.get("http://no-such-host.invalid/", kind="json")
    assert caught.value.unreachable


@pytest.mark.parametrize(
    "url", ["", "huggingface.co", "ftp://a.b/", "http://", "http://[", "https://a b/", "http://a:99999999/"]
)
async def test_what_is_no_address_is_refused_before_anything_is_sent(fetcher: Fetcher, url: str) -> None:
    with pytest.raises(SourceError):
        await fetcher.get(url, kind="json")


async def test_a_lone_surrogate_in_a_question_is_a_source_error_or_an_answer(
    service: Service, fetcher: Fetcher
) -> None:
    with pytest.raises(SourceError):
        await fetcher.get(service.url, kind="json", params={"q": "\ud800"})


async def test_a_server_that_drips_its_answer_is_stopped_by_the_deadline(rude: Rude) -> None:
    body = b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + b"[" * 5000
    async with Fetcher(version="1", contact="c", deadline=0.5) as fetcher:
        begun = time.monotonic()
        with pytest.raises(SourceError, match=r"did not finish its answer within 0\.5 s") as caught:
            await fetcher.get(await rude(body, pause=0.005), kind="json")
        assert time.monotonic() - begun < 5
        assert not caught.value.unreachable


async def test_a_server_that_says_nothing_is_unreachable_after_the_deadline(rude: Rude) -> None:
    async with Fetcher(version="1", contact="c", deadline=0.3) as fetcher:
        with pytest.raises(SourceError, match=r"did not answer within 0\.3 s") as caught:
            await fetcher.get(await rude(b"x" * 100, pause=0.1), kind="json")
        assert caught.value.unreachable


@pytest.mark.parametrize("headers", [{}, {"Content_Encoding": "gzip"}])
async def test_an_answer_over_the_limit_is_refused_without_being_held(
    service: Service, headers: dict[str, Any]
) -> None:
    bomb = gzip.compress(b"\x00" * 200 * 2**20, 9) if headers else b"\x00" * 24 * 2**20
    service.always(bomb, **headers)
    async with Fetcher(version="1", contact="c") as fetcher:
        tracemalloc.start()
        try:
            with pytest.raises(SourceError, match="sent more than 8 MiB"):
                await fetcher.get(service.url, kind="json")
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    # Twice the limit while the buffer grows, and what the server in this same process holds on to.
    assert peak < 48 * 2**20


async def test_an_answer_just_at_the_limit_is_read(service: Service) -> None:
    service.always(gzip.compress(b"1" * 1000), Content_Encoding="gzip")
    async with Fetcher(version="1", contact="c", size=1000) as fetcher:
        assert (await fetcher.get(service.url, kind="json")).body == b"1" * 1000
    async with Fetcher(version="1", contact="c", size=999) as fetcher:
        with pytest.raises(SourceError, match="sent more than"):
            await fetcher.get(service.url, kind="json")


async def test_cancelling_is_not_swallowed(rude: Rude, fetcher: Fetcher) -> None:
    url = await rude(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + b"[" * 5000, pause=0.01)
    task = asyncio.create_task(fetcher.get(url, kind="json"))
    await asyncio.sleep(0.2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


# --- being asked to wait ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry_After": "120"}, 120.0),
        ({"Retry_After": formatdate(1_700_000_090, usegmt=True)}, 90.0),
        ({"Retry_After": formatdate(1_600_000_000, usegmt=True)}, 0.0),
        ({"Retry_After": "9" * 30}, 86_400.0),
        ({"RateLimit": '"api";r=0;t=123'}, 123.0),
        ({"RateLimit": '"api";r=0;t=123', "Retry_After": "7"}, 7.0),
        ({"RateLimit": '"pages";r=5;t=9, "api";r=0;t=30'}, 30.0),
        ({"Retry_After": "soon"}, None),
        ({"Retry_After": "-5"}, None),
        ({}, None),
    ],
)
async def test_a_busy_server_says_how_long_to_stay_away(
    service: Service, clock: Clock, status: int, headers: dict[str, str], seconds: float | None
) -> None:
    service.always(b"", status, **headers)
    async with fetcher_at(clock) as fetcher:
        with pytest.raises(SourceError, match=rf"is busy \({status}\)") as caught:
            await fetcher.get(service.url, kind="json")
    assert caught.value.retry_after == seconds
    assert not caught.value.unreachable


async def test_a_server_that_asked_to_be_left_alone_is_not_asked_until_then(service: Service, clock: Clock) -> None:
    async with fetcher_at(clock) as fetcher:
        service.always(RateLimit='"api";r=0;t=60')
        assert (await fetcher.get(service.url, kind="json")).body == b"[]"
        with pytest.raises(SourceError, match="left alone for another 60 s") as caught:
            await fetcher.get(f"{service.url}/other", kind="json")
        assert (caught.value.retry_after, len(service.asked)) == (60.0, 1)
        clock.at += 60
        assert (await fetcher.get(f"{service.url}/other", kind="json")).body == b"[]"


async def test_a_limit_that_is_not_used_up_changes_nothing(service: Service, clock: Clock) -> None:
    service.always(RateLimit='"api";r=10;t=60')
    async with fetcher_at(clock) as fetcher:
        for _ in range(2):
            await fetcher.get(service.url, kind="json")


@pytest.mark.parametrize(
    "said", ["", "api", '"api";r=0', '"api";t=5', ";;;,,,", "r=0;t=0", '"api";r=00;t=-1', "r" * 5000]
)
async def test_a_strange_limit_is_no_limit(service: Service, clock: Clock, said: str) -> None:
    service.always(RateLimit=said)
    async with fetcher_at(clock) as fetcher:
        for _ in range(2):
            await fetcher.get(service.url, kind="json")


# --- the gate ---------------------------------------------------------------------------------------------------------


async def test_two_starts_are_three_seconds_apart_and_never_two_at_once(clock: Clock) -> None:
    gate = Gate(clock=clock, sleep=clock.sleep)
    starts: list[float] = []
    inside = 0

    async def visit() -> None:
        nonlocal inside
        async with gate:
            inside += 1
            assert inside == 1
            starts.append(clock())
            await clock.sleep(0.5)
            inside -= 1

    await asyncio.gather(*(visit() for _ in range(5)))
    assert starts == [1000.0, 1003.0, 1006.0, 1009.0, 1012.0]


async def test_a_gate_without_interval_does_not_wait(clock: Clock) -> None:
    gate = Gate(0, clock=clock, sleep=clock.sleep)
    for _ in range(3):
        async with gate:
            pass
    assert clock.slept == []


async def test_a_refusal_closes_the_gate_for_a_minute_doubling_to_an_hour(service: Service, clock: Clock) -> None:
    gate = Gate(clock=clock, sleep=clock.sleep)
    service.always(b"", 429)
    waits = []
    async with fetcher_at(clock) as fetcher:
        for _ in range(8):
            with pytest.raises(SourceError) as caught:
                await fetcher.get(service.url, kind="xml", gate=gate)
            assert caught.value.retry_after is not None
            waits.append(caught.value.retry_after)
            clock.at += caught.value.retry_after
    assert waits == [60, 120, 240, 480, 960, 1920, 3600, 3600]
    assert len(service.asked) == 8


async def test_a_closed_gate_turns_away_at_once_and_other_services_go_on(service: Service, clock: Clock) -> None:
    gate = Gate(clock=clock, sleep=clock.sleep)
    gate.refused(None)
    with pytest.raises(SourceError, match="next try in 60 s") as caught:
        async with gate:
            pytest.fail("a closed gate let somebody in")
    assert caught.value.retry_after == 60.0
    assert clock.slept == []
    service.always()
    async with fetcher_at(clock) as fetcher:
        assert (await fetcher.get(service.url, kind="json")).status == 200


async def test_a_longer_wait_the_service_asked_for_counts_and_a_good_answer_starts_over(clock: Clock) -> None:
    gate = Gate(clock=clock, sleep=clock.sleep)
    assert gate.refused(500.0) == 500.0
    assert gate.refused(5.0) == 120.0
    gate.welcomed()
    assert gate.refused(None) == 60.0


async def test_whoever_is_cancelled_while_waiting_leaves_the_gate_usable(clock: Clock) -> None:
    gate = Gate(30, sleep=asyncio.sleep)
    async with gate:
        pass
    waiting = asyncio.create_task(gate.__aenter__())
    await asyncio.sleep(0.01)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    gate.refused(None)
    with pytest.raises(SourceError):
        async with gate:
            pass
