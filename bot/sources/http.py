"""One polite, bounded GET for every source.

Whatever the other side does (drip, bomb, lie, redirect, vanish), the answer is an ``Answer`` within a total deadline
and a size, or a ``SourceError``. Nothing here knows what any source serves; no other file imports httpx.
"""

import asyncio
import re
import time
import zlib
from collections.abc import Callable, Collection, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Self

import httpx

from bot.errors import SourceError
from bot.sources.pace import Gate, rate_limit, retry_after

DEADLINE = 20.0
"""Seconds for one whole answer, redirects and body included. httpx itself only limits each read."""
SIZE = 8 * 2**20
"""Bytes of one answer after decompression."""
_REDIRECTS = 3
_ACCEPT = {
    "json": "application/json",
    "xml": "application/atom+xml, application/rss+xml, application/xml;q=0.9, text/xml;q=0.9",
}
_BUSY = {429, 503}
_WEB_PAGE = re.compile(rb"\s*(?:<!doctype\s+html|<html)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server said. ``following`` is the absolute URL of ``Link: rel="next"``, empty on the last page."""

    status: int
    body: bytes = b""
    etag: str = ""
    following: str = ""

    @property
    def unchanged(self) -> bool:
        """Not modified since the ETag we sent: there is no body, and nothing was lost."""
        return self.status == 304


class Fetcher:
    """GETs for all sources over one connection pool. Use as an async context manager.

    ``contact`` (an address or URL) goes into the User-Agent, so that a service can write instead of blocking us.
    ``clock`` counts seconds for waiting, ``wall`` is seconds since 1970 for dates in ``Retry-After``.
    """

    def __init__(
        self,
        *,
        version: str,
        contact: str,
        deadline: float = DEADLINE,
        size: int = SIZE,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        whom = f"+{contact}" if contact else "no contact given"
        said = "".join(char for char in f"paperboy/{version} ({whom})" if " " <= char <= "~")
        self._client = httpx.AsyncClient(
            headers={"User-Agent": said, "Accept-Encoding": "gzip"},
            timeout=None,  # noqa: S113 - one deadline round the whole call is stricter than limits on each read
            transport=transport,
        )
        self._deadline = deadline
        self._size = size
        self._clock = clock
        self._wall = wall
        self._silent_until: dict[str, float] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def get(
        self,
        url: str,
        *,
        kind: Literal["json", "xml"],
        params: Mapping[str, str] | None = None,
        etag: str = "",
        also: Collection[int] = (),
        gate: Gate | None = None,
    ) -> Answer:
        """The answer to one GET. ``also`` are further statuses than 200 (and 304 to an ETag) that are answers.

        Raises ``SourceError`` for everything else, ``unreachable`` only when no answer began; ``retry_after`` where
        the server said how long to stay away, and from then on without asking it until that time has passed.
        """
        target = _url(url, params)
        self._keep_silence(target)
        async with gate or nullcontext():
            return await self._bounded(target, kind, etag, also, gate)

    async def _bounded(
        self, target: httpx.URL, kind: Literal["json", "xml"], etag: str, also: Collection[int], gate: Gate | None
    ) -> Answer:
        heard = False
        try:
            async with asyncio.timeout(self._deadline):
                response = await self._send(target, kind, etag)
                heard = True
                try:
                    self._heed(target, response, gate)
                    return await self._answer(response, kind, etag, also)
                finally:
                    await response.aclose()
        except TimeoutError as error:
            raise SourceError(_late(target.host, self._deadline, heard), unreachable=not heard) from error
        except httpx.RemoteProtocolError as error:
            what = "broke off in the middle of its answer" if heard else "does not speak HTTP properly"
            raise SourceError(f"{target.host} {what}; the next poll asks again.") from error
        except httpx.HTTPError as error:
            what = "broke off in the middle of its answer" if heard else "cannot be reached; check the network"
            raise SourceError(f"{target.host} {what}; the next poll asks again.", unreachable=not heard) from error

    async def _send(self, target: httpx.URL, kind: str, etag: str) -> httpx.Response:
        headers = {"Accept": _ACCEPT[kind], **({"If-None-Match": etag} if etag else {})}
        url = target
        for _ in range(_REDIRECTS + 1):
            request = self._client.build_request("GET", url, headers=headers)
            response = await self._client.send(request, stream=True)
            if not response.has_redirect_location:
                return response
            await response.aclose()
            url = _redirected(url, response.headers["location"])
        raise SourceError(f"{target.host} redirects more than {_REDIRECTS} times; check the address in the settings.")

    def _heed(self, target: httpx.URL, response: httpx.Response, gate: Gate | None) -> None:
        """Remember how long the server wants to be left alone. Raises ``SourceError`` when it is too busy now."""
        busy = response.status_code in _BUSY
        exhausted, reset = rate_limit(response.headers.get("ratelimit", ""))
        wait = reset if exhausted or busy else None
        if busy:
            asked = retry_after(response.headers.get("retry-after", ""), self._wall())
            wait = wait if asked is None else asked
        if gate is not None:
            if response.status_code == 429:
                wait = gate.refused(wait)
            else:
                gate.welcomed()
        if wait is not None:
            self._silent_until[_origin(target)] = self._clock() + wait
        if busy:
            raise SourceError(_busy(target.host, response.status_code, wait), retry_after=wait)

    def _keep_silence(self, target: httpx.URL) -> None:
        wait = self._silent_until.get(_origin(target), float("-inf")) - self._clock()
        if wait > 0:
            raise SourceError(f"{target.host} asked to be left alone for another {wait:.0f} s.", retry_after=wait)

    async def _answer(self, response: httpx.Response, kind: str, etag: str, also: Collection[int]) -> Answer:
        host, status = response.url.host, response.status_code
        tag = _etag(response)
        if status == 304 and etag:
            return Answer(status=status, etag=tag or etag, following=_next(response))
        if status != 200 and status not in also:
            raise SourceError(f"{host} answered {status} {response.reason_phrase}"[:120] + "; try again later.")
        body = await _inflated(response, self._size)
        if status == 200 and _WEB_PAGE.match(body):
            raise SourceError(f"{host} sent a web page instead of {kind.upper()}; a log-in page may stand in between.")
        return Answer(status=status, body=body, etag=tag, following=_next(response))


# --- addresses --------------------------------------------------------------------------------------------------------


def _url(url: str, params: Mapping[str, str] | None) -> httpx.URL:
    try:
        target = httpx.URL(url)
        if params:
            target = target.copy_merge_params(dict(params))
    except (httpx.InvalidURL, ValueError) as error:
        raise SourceError("a source's address, in the settings or asked for, is not a URL.") from error
    if target.scheme not in {"http", "https"} or not target.host:
        raise SourceError("a source's address in the settings must begin with https:// and name a host.")
    return target


def _redirected(here: httpx.URL, location: str) -> httpx.URL:
    """Where a redirect leads: on the same server, or by https to another one of the same site.

    So nobody but who runs the configured site can make us ask a server, and none of it inside the operator's network.
    """
    try:
        there = here.join(location)
    except httpx.InvalidURL as error:
        raise SourceError(f"{here.host} redirects to something that is not an address.") from error
    if there.userinfo or not (_origin(there) == _origin(here) or (there.scheme == "https" and _is_kin(here, there))):
        said = f"{here.host} redirects to {there.host or 'nowhere'}, another site or one without https"
        raise SourceError(f"{said}, which is not followed; check the address in the settings.")
    return there


def _is_kin(one: httpx.URL, other: httpx.URL) -> bool:
    """``arxiv.org`` and ``rss.arxiv.org`` are of one site; an address in numbers is of none but its own."""
    names = [host.rsplit(".", 2)[-2:] for host in (one.host, other.host)]
    return one.host == other.host or (names[0] == names[1] and not any(name[-1].isdigit() for name in names))


def _origin(url: httpx.URL) -> str:
    return f"{url.scheme}://{url.netloc.decode('ascii')}"


def _next(response: httpx.Response) -> str:
    """RFC 8288, as far as the two services use it."""
    try:
        found = response.links.get("next", {}).get("url", "")
        return str(response.url.join(found)) if found else ""
    except (httpx.InvalidURL, ValueError):
        return ""


def _etag(response: httpx.Response) -> str:
    said = response.headers.get("etag", "")
    return said if said.isascii() and said.isprintable() and len(said) <= 200 else ""


# --- what it says -----------------------------------------------------------------------------------------------------


def _busy(host: str, status: int, wait: float | None) -> str:
    when = f"in {wait:.0f} s" if wait is not None else "at the next poll"
    return f"{host} is busy ({status}); the next try is {when}."


def _late(host: str, deadline: float, heard: bool) -> str:
    what = "did not finish its answer" if heard else "did not answer"
    return f"{host} {what} within {deadline:g} s; check the network, the next poll asks again."


# --- the body ---------------------------------------------------------------------------------------------------------


async def _inflated(response: httpx.Response, size: int) -> bytes:
    """The decompressed body, never holding more than ``size`` bytes of it. Raises ``SourceError``."""
    host, coding = response.url.host, response.headers.get("content-encoding", "identity").strip().lower()
    inflate = _inflater(coding, host)
    body = bytearray()
    try:
        async for chunk in response.aiter_raw():
            body += inflate.feed(chunk, size + 1 - len(body))
            if len(body) > size:
                raise SourceError(f"{host} sent more than {size / 2**20:g} MiB; nothing of it was read.")
    except zlib.error as error:
        raise SourceError(f"{host} sent a damaged {coding} body; the next poll asks again.") from error
    if not inflate.complete:
        raise SourceError(f"{host} broke off in the middle of its answer; the next poll asks again.")
    return bytes(body)


class _Plain:
    complete = True

    def feed(self, chunk: bytes, room: int) -> bytes:
        return chunk[:room]


class _Zlib:
    """gzip (any number of members) or deflate. ``feed`` gives at most ``room`` bytes, ``room`` being at least 1."""

    def __init__(self, window: int) -> None:
        self._window = window
        self._stream = zlib.decompressobj(window)
        self._begun = False

    @property
    def complete(self) -> bool:
        return self._stream.eof or not self._begun

    def feed(self, chunk: bytes, room: int) -> bytes:
        out = bytearray()
        while chunk and len(out) < room:
            if self._stream.eof:
                self._stream = zlib.decompressobj(self._window)
            self._begun = True
            out += self._stream.decompress(chunk, room - len(out))
            chunk = self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail
        return bytes(out)


def _inflater(coding: str, host: str) -> "_Plain | _Zlib":
    match coding:
        case "" | "identity":
            return _Plain()
        case "gzip" | "x-gzip":
            return _Zlib(16 + zlib.MAX_WBITS)
        case "deflate":
            return _Zlib(zlib.MAX_WBITS)
        case _:
            raise SourceError(f"{host} sent a body in a coding that was not asked for ({ascii(coding)[:40]}).")
