"""Documents that are nearly right: recorded ones with something dropped, doubled, swapped, cut or garbled. Pure."""

import copy
import json
import random
import re
from collections.abc import Callable
from typing import Any

ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 0.5, 2**31, 2**70, -(2**63), 1e308, "", " ", "\0", "null", [], {}, [[]], [None],
    "\ud800", "\u202e\u2066hidden", "e\u0301" * 300, "\U0001f468\u200d\U0001f469\u200d\U0001f467", {"": None},
    "<b>", "&lt;", "$\\frac{",
    "9999-12-31T23:59:59.999Z", "0000-00-00", "2026-02-30", "1969-12-31T00:00:00Z", "2401.01234v99", "x" * 30_000,
    "https://user:pass@example.org/", "javascript:alert(1)", "//", "\n" * 50, "@everyone <!channel> <@U1>",
)  # fmt: skip
"""What stands where something else should."""


def json_document(chance: random.Random, items: Any) -> bytes:
    """A list (or whatever it is) with one to five things wrong in it, and perhaps its bytes too."""
    items = copy.deepcopy(items)
    for _ in range(chance.randint(1, 5)):
        items = _changed(chance, items)
    text = json.dumps(items, ensure_ascii=chance.random() < 0.5)
    return _bytes(chance, text.encode("utf-8", "surrogatepass"))


def _changed(chance: random.Random, whole: Any) -> Any:
    """The document with one of its nodes dropped, doubled, replaced or exchanged."""
    nodes = [(holder, key) for holder, key in _nodes(whole)]
    if not nodes:
        return copy.deepcopy(chance.choice(ODD))
    holder, key = chance.choice(nodes)
    other, place = chance.choice(nodes)
    match chance.randrange(7):
        case 0:
            del holder[key]
        case 1:
            holder[key] = copy.deepcopy(other[place])
        case 2 if isinstance(holder, list):
            holder.insert(key, copy.deepcopy(holder[key]))
        case 3 if isinstance(holder, dict):
            holder[f"{key}s"] = holder.pop(key)
        case 4:
            holder[key] = [holder[key]]
        case _:
            holder[key] = copy.deepcopy(chance.choice(ODD))
    return whole


def _nodes(value: Any) -> list[tuple[Any, Any]]:
    """Every place in a document: what holds it, and under which key."""
    found: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting:
        holder = waiting.pop()
        places = holder if isinstance(holder, dict) else range(len(holder)) if isinstance(holder, list) else ()
        for key in places:
            found.append((holder, key))
            waiting.append(holder[key])
    return found


_TAG = re.compile(r"<[^<>]+>")
_TEXT = re.compile(r"(?<=>)[^<>]+(?=<)")
_LEAF = re.compile(r"<([\w:]+)\b[^<>]*>[^<>]*</\1>")
_ENTRY = re.compile(r"<(item|entry)\b.*?</\1>", re.DOTALL)
_ODD_TEXTS = (
    "", "&amp;", "&nope;", "&#0;", "&#x1F600;", "<![CDATA[ <b> ]]>", "<!-- -- -->", "\u202e", "]]>", "a" * 30_000,
    "\ufffe",
    "<?php ?>", "Fri, 31 Feb 2026 99:00:00 +9999", "9999-12-31T23:59:59Z", "http://arxiv.org/abs/2401.01234v0", "-1",
    "new", "replace", "gone", "arXiv:2401.00001v1 Announce Type: gone \nAbstract: ",
)  # fmt: skip
_PROLOG = re.compile(r"(?i)encoding=(['\"])[\w-]*\1|\sxmlns(:\w+)?=(['\"]).*?\3")
_PROLOGS = ("encoding='utf-16'", "encoding='latin-1'", "encoding='cp037'", "encoding='x'", "", " xmlns='urn:x'")


def few_entries(text: str, chance: random.Random, most: int = 5) -> str:
    """A feed with a few of its entries, in their order."""
    entries = list(_ENTRY.finditer(text))
    kept = set(chance.sample(range(len(entries)), min(most, len(entries))))
    for number in reversed(range(len(entries))):
        if number not in kept:
            text = text[: entries[number].start()] + text[entries[number].end() :]
    return text


def xml_document(chance: random.Random, text: str) -> bytes:
    """A feed with one to five things wrong in it, and perhaps its bytes too."""
    for _ in range(chance.randint(1, 5)):
        text = _tampered(chance, text)
    return _bytes(chance, text.encode("utf-8", "surrogatepass"))


def _tampered(chance: random.Random, text: str) -> str:
    leaves, texts, entries = (list(kind.finditer(text)) for kind in (_LEAF, _TEXT, _ENTRY))
    match chance.randrange(12):
        case 0 | 1 if leaves:
            return _put(text, chance.choice(leaves), "")
        case 2 | 3 if leaves:
            return _put(text, chance.choice(leaves), chance.choice(leaves)[0])
        case 4 if leaves:
            leaf = chance.choice(leaves)
            return _put(text, leaf, leaf[0] * chance.randint(2, 5))
        case 5 if entries:
            entry = chance.choice(entries)
            return _put(text, entry, entry[0] * chance.randint(2, 4))
        case 6 | 7 if len(texts) > 1:
            return _put(text, chance.choice(texts), chance.choice(texts)[0])
        case 8:
            return re.sub(_PROLOG, chance.choice(_PROLOGS), text, count=1)
        case 9 if tags := list(_TAG.finditer(text)):
            return _put(text, chance.choice(tags), "")
        case _ if texts:
            return _put(text, chance.choice(texts), chance.choice(_ODD_TEXTS))
    return text


def _put(text: str, place: re.Match[str], instead: str) -> str:
    return text[: place.start()] + instead + text[place.end() :]


def _bytes(chance: random.Random, body: bytes) -> bytes:
    """Most often as they are; else cut, with a byte changed, something put in, or a stretch said twice."""
    at, to = sorted((chance.randrange(len(body) + 1), chance.randrange(len(body) + 1)))
    damages: tuple[Callable[[], bytes], ...] = (
        lambda: body[:at],
        lambda: body[at:],
        lambda: body[:at] + bytes([chance.randrange(256)]) + body[at + 1 :],
        lambda: body[:at] + chance.choice((b"\xff", b"\xed\xa0\x80", b"\0", b"\xef\xbb\xbf", b"]", b"<")) + body[at:],
        lambda: body[:to] + body[at:],
        lambda: b"\xef\xbb\xbf" + body,
    )
    return chance.choice(damages)() if chance.random() < 0.15 else body
