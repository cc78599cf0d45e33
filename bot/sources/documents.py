"""Reading what strangers send: bytes to JSON or XML, with bounds on what they may turn into. No field is known here.

Few bytes can become many objects: eight MiB of ``{},`` are 200 MB of dictionaries, as many of ``<a>`` four times that.
So a document may consist of so many pieces and no more; each bound is several times what the services' longest
answers have. Pure, but long work for a processor: ``aside`` does it where others have their turn meanwhile.
"""

import asyncio
import gc
import json
import threading
from collections.abc import Callable
from typing import ParamSpec, TypeVar
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from bot.errors import SourceError

_P = ParamSpec("_P")
_T = TypeVar("_T")
_LONGEST_JSON = 4 << 20
"""Bytes. Decoded with one emoji in it a text takes four times as much, and twice while its values are made."""
_MOST_VALUES = 100_000
"""Marks between values in a JSON document; a hundred papers of the day with most authors have 24,000."""
_MOST_PIECES = 300_000
"""Elements and stretches of text in an XML document; an item of a feed has thirty, a paper of 3,000 authors 20,000."""
_LONGEST_TEXT = 200_000
"""Characters between two tags; the line of authors of the largest collaborations has 70,000."""
_MOST_OPEN = 100
"""Elements in each other."""
_STEP = 1 << 16
"""Bytes read at once: a call to the parser holds up everybody for as long as it takes."""
_LONGEST_TAG = 4
"""Steps without anything in them but the middle of one tag."""


async def aside(read: Callable[_P, _T], *values: _P.args, **named: _P.kwargs) -> _T:
    """What ``read`` makes of a document, in a thread. Raises what it raises.

    The garbage collector rests meanwhile: nothing in a document points back at itself, and each walk over a growing one
    would hold up everybody, for 50 ms with the largest.
    """

    def reading() -> _T:
        with _resting:
            return read(*values, **named)

    return await asyncio.to_thread(reading)


class _Resting:
    """Keeps the collector off while any thread is within."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._readers = 0
        self._was_on = True

    def __enter__(self) -> None:
        with self._lock:
            if not self._readers:
                self._was_on = gc.isenabled()
                gc.disable()
            self._readers += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._readers -= 1
            if not self._readers and self._was_on:
                gc.enable()


_resting = _Resting()


def read_json(body: bytes, whose: str) -> object:
    """The value of a JSON document. Raises ``SourceError`` for anything else, bottomless nesting included."""
    if not body.strip():
        raise SourceError(f"{whose} sent an empty answer; the next poll asks again.")
    if len(body) > _LONGEST_JSON or sum(body.count(mark) for mark in (b",", b":", b"[", b"{")) > _MOST_VALUES:
        raise SourceError(f"{whose} sent more JSON than any list of papers has; nothing of it was read.")
    try:
        value: object = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{whose} sent something that is not JSON; the next poll asks again.") from error
    return value


def read_xml(body: bytes, whose: str) -> Element:
    """The root of an XML document without a DTD. Raises ``SourceError`` for anything else, entity bombs included."""
    if not body.strip():
        raise SourceError(f"{whose} sent an empty answer; the next poll asks again.")
    try:
        return _root(body)
    except DefusedXmlException as error:
        raise SourceError(f"{whose} sent XML with entities or a DTD, which is never read.") from error
    except _TooMuchError as error:
        raise SourceError(f"{whose} sent more XML than any list of papers has; nothing of it was read.") from error
    # ValueError and LookupError: an encoding that the parser does not know, or bytes that are not in it.
    except (ParseError, ValueError, LookupError, RecursionError) as error:
        raise SourceError(f"{whose} sent something that is not XML; the next poll asks again.") from error


class _TooMuchError(Exception):
    pass


def _root(body: bytes) -> Element:
    builder = _Builder()
    parser = DefusedXMLParser(target=builder, forbid_dtd=True)
    for start in range(0, len(body), _STEP):
        parser.feed(body[start : start + _STEP])
        builder.step()
    root: Element = parser.close()
    return root


class _Builder(TreeBuilder):
    """Builds a tree, and gives up on one that grows beyond measure."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces = self._open = self._idle = self._text = 0

    def start(self, tag: str, attrs: dict[str, str], /) -> Element:
        self._open += 1
        self._text = 0
        self._count(1 + len(attrs))
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Element:
        self._open -= 1
        self._text = 0
        return super().end(tag)

    def data(self, data: str, /) -> None:
        self._text += len(data)
        self._count(1)
        super().data(data)

    def step(self) -> None:
        """A further step of the document was read."""
        self._idle += 1
        if self._idle > _LONGEST_TAG:
            raise _TooMuchError

    def _count(self, pieces: int) -> None:
        self._idle = 0
        self._pieces += pieces
        if self._pieces > _MOST_PIECES or self._open > _MOST_OPEN or self._text > _LONGEST_TEXT:
            raise _TooMuchError
