"""Answers that no source should give. Each is built when it is asked for: some are large."""

import gzip
import json
import zlib
from collections.abc import Callable

from tests.faults.sources import Answer, Round, entry, feed, item, listed

LIMIT = 8 << 20
"""Bytes that Paperboy takes of one answer, by default."""
Build = Callable[[], Answer]


def _filled(head: bytes, unit: bytes, tail: bytes = b"") -> Build:
    """As many units as go below the limit, compressed, so that the server does not hold them."""

    def build() -> Answer:
        body = head + unit * ((LIMIT - len(head) - len(tail) - 10) // len(unit)) + tail
        return Answer(body=gzip.compress(body, 1), headers={"Content-Encoding": "gzip"})

    return build


def _said(body: bytes, **more: object) -> Build:
    return lambda: Answer(body=body, **more)  # type: ignore[arg-type]


def _items(*items: object) -> Build:
    return _said(listed(*items))


def _bomb(unit: bytes, times: int) -> Build:
    def build() -> Answer:
        packer = zlib.compressobj(1, wbits=16 + zlib.MAX_WBITS)
        body = b"".join([*(packer.compress(unit) for _ in range(times)), packer.flush()])
        return Answer(body=body, headers={"Content-Encoding": "gzip"})

    return build


def _many_attributes() -> Answer:
    said = " ".join(f"a{number}=''" for number in range(LIMIT // 12))
    return Answer(body=feed(f"<item {said}></item>"))


def _many_keys() -> Answer:
    return Answer(body=json.dumps({str(number): 1 for number in range(LIMIT // 13)}).encode())


def _full_day() -> Answer:
    """As much as a whole archive of arXiv announces on its busiest day."""
    more = "<note>" + "word " * 300 + "</note>"
    return Answer(body=feed(*(entry(f"2610.{n:05}", f"On the {n}th day", more) for n in range(3000))))


def _full_list() -> Answer:
    """A hundred items, each by as many authors as the largest collaborations have."""
    authors = [{"name": f"Author {n}", "hidden": False} for n in range(600)]
    long = "We study what is long. " * 80
    return Answer(body=listed(*(item(f"2610.{n:05}", authors=authors, summary=long) for n in range(5000, 5100))))


_SPACES = "\n".join(f"<!ENTITY e{n + 1} '{f'&e{n};' * 10}'>" for n in range(9))
_LAUGHS = f"<!DOCTYPE x [<!ENTITY e0 'lol'>{_SPACES}]>"
_BLOWUP = f"<!DOCTYPE x [<!ENTITY e '{'a' * 50_000}'>]>"
_DAY = "2026-11-23T00:00:00.000Z"

JSON: dict[str, Build] = {
    "gzip bomb": _bomb(b"\0" * (1 << 20), 200),
    "gzip bomb of JSON": _bomb(b"[" + b"{}," * 300_000, 200),
    "100 MB": lambda: Answer(body=b"[" + b" " * ((1 << 20) - 1), times=100),
    "nested lists": _filled(b"", b"["),
    "nested objects": _filled(b"", b'{"paper":'),
    "empty objects": _filled(b"[", b"{},", b"{}]"),
    "short texts": _filled(b"[", b'"ab",', b"1]"),
    "numbers": _filled(b"[", b"1e1,", b"1]"),
    "many keys": _many_keys,
    "one long text": _filled(b'["', b"a", b'"]'),
    "one long text of emoji": _filled('["\U0001f600'.encode(), b"a", b'"]'),
    "long title": _items(item("2610.00001", title="Long " * 700_000)),
    "many authors": _items(item("2610.00002", authors=[{"name": f"Author {n}"} for n in range(60_000)])),
    "many keywords": _items(item("2610.00003", ai_keywords=[f"word {n}" for n in range(90_000)])),
    "many items": _items(*(item(f"26{n // 90_000:02}.{n % 90_000:05}") for n in range(1, 20_001))),
    "a full list": _full_list,
    "bad UTF-8": _said(b'[{"paper": {"id": "2610.00004", "title": "\xff\xfe\xc3("}}]'),
    "lone surrogates": _said(rb'[{"title": "\ud800 a \udc00", "paper": {"id": "2610.00005", "title": "b\ud83d"}}]'),
    "nothing": _said(b""),
    "a web page": _said(b"<!DOCTYPE html><html><body>Log in"),
    "null": _said(b"null"),
    "a number": _said(b"1e400"),
    "an object": _said(b'{"error": "out of order"}'),
    "wrong types": _items(1, None, [], {"paper": 1}, {"paper": {"id": 2610.00006, "title": []}}, item("x", title={})),
    "missing fields": _items({}, {"paper": {}}, {"paper": {"id": "2610.00007"}}, {"title": "only a title"}),
    "repeated ids": _items(*[item("2610.00008")] * 50),
    "future dates": _items(item("2610.00009", publishedAt="9999-12-31T23:59:59Z", submittedOnDailyAt="9999-12-31")),
    "impossible dates": _items(item("2610.00010", publishedAt="2026-13-45", submittedOnDailyAt="0000-00-00")),
    "huge numbers": _said(listed(item("2610.00011")).replace(b'"upvotes": 1', b'"upvotes": ' + b"9" * 4000)),
    "truncated": _said(listed(item("2610.00012"))[:-20]),
    "broken off": _said(listed(item("2610.00013")), breaks=True),
    "a byte at a time": _said(listed(*[item("2610.00014")] * 50), drips=0.01),
    "500": _said(b"[]", status=500),
    "a redirect to elsewhere": _said(b"", status=302, headers={"Location": "http://169.254.169.254/"}),
    "false gzip": _said(b"[]", headers={"Content-Encoding": "gzip"}),
}
"""What Hugging Face says instead of the list of today."""

XML: dict[str, Build] = {
    "billion laughs": _said(feed(entry("2610.00001", "&e9;"), prolog=_LAUGHS)),
    "quadratic blow-up": _said(feed(entry("2610.00002", "&e;" * 10_000), prolog=_BLOWUP)),
    "outer entity": _said(feed(entry("2610.00003", "&e;"), prolog="<!DOCTYPE x [<!ENTITY e SYSTEM '/etc/passwd'>]>")),
    "gzip bomb of XML": _bomb(b"<a>" * (1 << 19), 200),
    "100 MB": lambda: Answer(body=b" " * (1 << 20), times=100),
    "nested": _filled(b"", b"<a>"),
    "empty elements": _filled(b"<rss><channel>", b"<a/>", b"</channel></rss>"),
    "many attributes": _many_attributes,
    "many lines": _filled(b"<rss><channel>", b"ab\n", b"</channel></rss>"),
    "many references": _filled(b"<rss><channel>", b"ab&#67;", b"</channel></rss>"),
    "many comments": _filled(b"<rss><channel>", b"ab<!---->", b"</channel></rss>"),
    "one long text": _filled(b"<rss><channel><title>", b"a", b"</title></channel></rss>"),
    "long lines of emoji": _filled(
        b"<rss><channel><title>", "\U0001f600".encode() + b"a" * 99 + b"\n", b"</title></channel></rss>"
    ),
    "long title": _said(feed(entry("2610.00015", "Long " * 700_000))),
    "many authors": _said(
        feed(entry("2610.00016", more=f"<dc:creator>{', '.join(f'A. Author{n}' for n in range(90_000))}</dc:creator>"))
    ),
    "many items": _said(feed(*(entry(f"26{n // 90_000:02}.{n % 90_000:05}") for n in range(30_000, 45_000)))),
    "a full day": _full_day,
    "bad UTF-8": _said(feed(entry("2610.00017", "XX")).replace(b"XX", b"\xff\xc3(")),
    "an unknown encoding": _said(feed(entry("2610.00018")).replace(b"UTF-8", b"EBCDIC-7")),
    "the wrong encoding": _said(feed(entry("2610.00019")).replace(b"UTF-8", b"UTF-16")),
    "nothing": _said(b""),
    "JSON": _said(b"[]"),
    "no day": _said(feed(entry("2610.00020"), day="")),
    "a day far away": _said(feed(entry("2610.00021"), day="Fri, 31 Dec 9999 23:59:59 -0500")),
    "missing fields": _said(feed("<item></item>", "<item><title>Only a title</title></item>")),
    "repeated ids": _said(feed(*[entry("2610.00022")] * 50)),
    "truncated": _said(feed(entry("2610.00023"))[:-40]),
    "broken off": _said(feed(entry("2610.00024")), breaks=True),
    "a byte at a time": _said(feed(*[entry("2610.00025")] * 50), drips=0.01),
    "500": _said(b"", status=500),
}
"""What arXiv says instead of its feed of today."""

FEW = {
    "gzip bomb",
    "nested",
    "nested objects",
    "empty objects",
    "many lines",
    "bad UTF-8",
    "wrong types",
    "future dates",
}
"""Of both, those that are tried where there is little time."""


def rounds(names: set[str] | None = None) -> list[Round]:
    """One for each answer, or for each of these."""
    found = [
        Round(name=f"huggingface: {name}", hostile="huggingface", answers={"today": build()})
        for name, build in JSON.items()
        if names is None or name in names
    ]
    return found + [
        Round(name=f"arxiv: {name}", hostile="arxiv", answers={"feed": build()})
        for name, build in XML.items()
        if names is None or name in names
    ]
