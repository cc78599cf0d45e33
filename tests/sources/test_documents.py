"""Documents that would become far more in memory than on the wire are refused; the longest real ones are read."""

import asyncio
import gc
import json
import threading

import pytest

from bot.errors import SourceError
from bot.sources.documents import aside, read_json, read_xml

MEGABYTE = 1 << 20


@pytest.mark.parametrize(
    "body",
    [
        b"[" + b"{}," * 200_000 + b"{}]",
        b"[" + b"[]," * 200_000 + b"[]]",
        b"[" + b"1," * 200_000 + b"1]",
        json.dumps({str(number): 1 for number in range(60_000)}).encode(),
        b'["' + b"a" * 5 * MEGABYTE + b'"]',
    ],
    ids=["objects", "lists", "numbers", "keys", "one text"],
)
def test_more_json_than_any_list_has_is_refused(body: bytes) -> None:
    with pytest.raises(SourceError, match="more JSON than any list"):
        read_json(body, "They")


@pytest.mark.parametrize(
    "body",
    [
        b"<r>" + b"<a/>" * 400_000 + b"</r>",
        b"<a>" * 200,
        b"<r>" + b"ab\n" * 400_000 + b"</r>",
        b"<r>" + b"ab&#67;" * 400_000 + b"</r>",
        b"<r " + b" ".join(b"a%d=''" % number for number in range(100_000)) + b"/>",
        b"<r><a>" + b"word " * 100_000 + b"</a></r>",
        b"<r><!--" + b"-\n" * 500_000 + b"--></r>",
    ],
    ids=["elements", "nested", "lines", "references", "attributes", "one text", "one comment"],
)
def test_more_xml_than_any_list_has_is_refused(body: bytes) -> None:
    with pytest.raises(SourceError, match="more XML than any list"):
        read_xml(body, "They")


def test_a_hundred_items_of_large_collaborations_are_read() -> None:
    authors = [{"name": f"Author {number}", "hidden": False} for number in range(80)]
    items = [{"paper": {"id": "2401.00001", "authors": authors, "summary": "Long, " * 300}} for _ in range(100)]
    assert read_json(json.dumps(items).encode(), "They") == items


def test_a_feed_of_three_thousand_items_and_one_of_four_thousand_authors_are_read() -> None:
    item = b"<item><title>One</title>" + b"<category>cs.AI</category>" * 6 + b"<creator>A, B</creator></item>\n"
    names = b", ".join(b"Author Number%d" % number for number in range(4000))
    body = b"<rss><channel>" + item * 3000 + b"<item><creator>" + names + b"</creator></item></channel></rss>"
    assert len(read_xml(body, "They")[0]) == 3001


def test_a_text_in_steps_is_one_text() -> None:
    said = "".join(chr(0x1F600 + number % 40) for number in range(60_000))
    assert read_xml(f"<r>{said}</r>".encode(), "They").text == said


def test_json_may_begin_with_a_mark_of_its_encoding_and_is_utf_8() -> None:
    assert read_json(b"\xef\xbb\xbf[1]", "They") == [1]
    with pytest.raises(SourceError, match="not JSON"):
        read_json("[1]".encode("utf-16"), "They")


async def test_while_documents_are_read_the_collector_rests_until_the_last_one_is() -> None:
    assert gc.isenabled()
    begun, done = threading.Event(), threading.Event()

    def long() -> str:
        begun.set()
        done.wait(10)
        return "read"

    reading = asyncio.create_task(aside(long))
    await asyncio.to_thread(begun.wait, 10)
    with pytest.raises(SourceError):
        await aside(read_json, b"{", whose="They")
    assert not gc.isenabled()
    done.set()
    assert await reading == "read"
    assert gc.isenabled()
