"""What the operator's tools may ask on this machine: ``/metrics`` for Prometheus, ``/healthz`` for whoever restarts us.

There is no password on it, so it listens on loopback only, and it tells nothing of rooms, people, papers or queries.
What is counted is in ``meters.py``, what is late in ``pulse.py``; facts of the database are read when asked.
docs/monitoring.md explains each answer.
"""

import asyncio
import errno
import json
import os
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import aiohttp
from aiohttp import web
from aiohttp.typedefs import Handler
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from bot import __version__, meters, pulse
from bot.errors import ConfigError, PaperboyError, StoreError
from bot.log import outcry, redact
from bot.model import Backlog, Finding, SourceHealth
from bot.ports import Store
from bot.pulse import Pulse, Trouble
from bot.setting_kinds import is_loopback

Listen = tuple[str, int]
"""Host and port."""

FRESH = 5.0
"""Seconds for which what the database said is said again: several may ask at once."""
_READ_WITHIN = 5.0
"""Seconds for the database to answer; Prometheus itself waits for ten."""
_CLOSING = 1.0
_ASK_WITHIN = 5.0
_SERVER = "paperboy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What is looked at. ``clock`` is in ms UTC; ``lines`` tells which platforms are connected, ``resting`` which of
    them take no posts and why.
    """

    store: Store
    clock: Callable[[], int]
    sources: Sequence[str]
    pulse: Pulse
    lines: Callable[[], Mapping[str, bool]]
    resting: Callable[[], Mapping[str, str]]


@asynccontextmanager
async def serving(watched: Watched, listen: Listen) -> AsyncIterator[Listen]:
    """Answer until the block ends; yields where.

    Raises ``ConfigError`` when the address cannot be had, ``PaperboyError`` when another program has it: that may end.
    """
    pages = _Pages(watched)
    site = web.Application(client_max_size=1024, middlewares=[_asked_as_ours])
    site.router.add_get("/metrics", pages.metrics, allow_head=False)
    site.router.add_get("/healthz", pages.health, allow_head=False)
    site.on_response_prepare.append(_signed)
    runner = web.AppRunner(site, access_log=None, shutdown_timeout=_CLOSING)
    await runner.setup()
    try:
        yield await _listening(runner, listen)
    finally:
        await pages.close()
        await runner.cleanup()


async def _listening(runner: web.AppRunner, listen: Listen) -> Listen:
    try:
        await web.TCPSite(runner, *listen).start()
    except OSError as error:
        why = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
        said = f"PAPERBOY_MONITOR is {written(listen)}, which cannot be listened on: {why}. Name another port."
        raise (PaperboyError if error.errno == errno.EADDRINUSE else ConfigError)(said) from None
    host, port = runner.addresses[0][:2]
    return str(host), int(port)


def written(listen: Listen) -> str:
    """``127.0.0.1:9464``, ``[::1]:9464``."""
    host, port = listen
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


@web.middleware
async def _asked_as_ours(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A page in a browser here may ask under a name of its own that leads to this machine (DNS rebinding)."""
    name, colon, port = request.headers.get("Host", "localhost").rpartition(":")
    host = name if colon and port.isdigit() else f"{name}{colon}{port}"
    if not is_loopback(host.strip("[]").lower()):
        return web.Response(status=403, text="Ask for it as localhost or 127.0.0.1.\n")
    return await handler(request)


async def _signed(_: web.Request, response: web.StreamResponse) -> None:
    response.headers["Server"] = _SERVER
    response.headers["Cache-Control"] = "no-store"


class _Pages:
    def __init__(self, watched: Watched) -> None:
        self._watched = watched
        self._began = asyncio.get_running_loop().time()
        self._reading = asyncio.Lock()
        self._read_at = float("-inf")
        self._known: tuple[Backlog, list[SourceHealth]] | None = None
        self.keeping = asyncio.create_task(pulse.keep(watched.pulse, watched.lines), name="pulse")
        self.keeping.add_done_callback(outcry)

    async def close(self) -> None:
        self.keeping.cancel()
        await asyncio.gather(self.keeping, return_exceptions=True)

    async def metrics(self, _: web.Request) -> web.Response:
        facts = CollectorRegistry()
        facts.register(_Given([*self._own(), *await self._stored()]))
        body = generate_latest(meters.REGISTRY) + generate_latest(facts)
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def health(self, _: web.Request) -> web.Response:
        stalled, degraded = self._stalled(), self._degraded()
        if not stalled and not degraded:
            return web.Response(text="ok\n")
        now = self._watched.clock()
        body = {
            "status": "stalled" if stalled else "degraded",
            "stalled": [_told(trouble, now) for trouble in stalled],
            "degraded": [_told(trouble, now) for trouble in degraded],
        }
        return web.json_response(body, status=503 if stalled else 200)

    def _stalled(self) -> list[Trouble]:
        """Without a pulse nothing would ever be late."""
        stopped = [Trouble("pulse", "it broke off", 0)] if self.keeping.done() else []
        return [*stopped, *self._watched.pulse.stalled]

    def _degraded(self) -> list[Trouble]:
        """What a restart would not mend."""
        resting = [Trouble(name, f"it rests: {why}", 0) for name, why in self._watched.resting().items()]
        return [*resting, *self._watched.pulse.cut_off]

    def _own(self) -> Iterator[Metric]:
        watched = self._watched
        yield InfoMetricFamily("paperboy_build", "Which Paperboy this is.", value={"version": __version__})
        yield _one("paperboy_uptime_seconds", "Since it was started.", asyncio.get_running_loop().time() - self._began)
        yield _one("paperboy_healthy", "0 while /healthz answers 503.", float(not self._stalled()))
        lines = {name: float(is_up) for name, is_up in watched.lines().items()}
        yield _by("paperboy_connected", "Whether a platform that keeps a connection has it.", "platform", lines)
        resting = dict.fromkeys(watched.resting(), 1.0)
        yield _by("paperboy_resting", "1 while a platform refuses our credentials.", "platform", resting)

    async def _stored(self) -> list[Metric]:
        """The facts of the database, at most ``FRESH`` seconds old; only that it does not answer, where it does not."""
        async with self._reading:
            now = asyncio.get_running_loop().time()
            if now - self._read_at > FRESH:
                self._known, self._read_at = await self._read(), now
        up = _one("paperboy_database_up", "Whether the database answers.", float(self._known is not None))
        if self._known is None:
            return [up]
        backlog, health = self._known
        return [up, *_waiting(backlog, self._watched.clock()), *self._polled(health)]

    async def _read(self) -> tuple[Backlog, list[SourceHealth]] | None:
        store, now = self._watched.store, self._watched.clock()
        try:
            async with asyncio.timeout(_READ_WITHIN):
                return await store.outbox.backlog(now), await store.papers.health()
        except (StoreError, TimeoutError):
            return None

    def _polled(self, health: Sequence[SourceHealth]) -> Iterator[Metric]:
        now, ours = self._watched.clock(), [h for h in health if h.source in self._watched.sources]
        ages = {h.source: _seconds(h.last_ok or h.failing_since, now) for h in ours if h.last_ok or h.failing_since}
        yield _by("paperboy_poll_age_seconds", "Since a source last answered whole.", "source", ages)
        failing = {h.source: float(bool(h.error)) for h in ours}
        yield _by("paperboy_source_failing", "1 while the newest poll of a source failed.", "source", failing)


def _waiting(backlog: Backlog, now: int) -> Iterator[Metric]:
    yield _one("paperboy_papers", "Papers known.", backlog.papers)
    yield _one("paperboy_papers_unmatched", "Papers new or changed since they were last matched.", backlog.unmatched)
    yield _one("paperboy_subscriptions", "Subscriptions of channels and people.", backlog.subscriptions)
    queues = {queue.platform: queue for queue in backlog.queues}
    for name, help, value in (
        ("paperboy_targets", "Channels and people that were ever spoken to.", lambda q: q.targets),
        ("paperboy_targets_suspended", "Those that take no posts at present.", lambda q: q.suspended),
        ("paperboy_deliveries_pending", "Papers planned for a target and in no message yet.", lambda q: q.pending),
        ("paperboy_due", "Papers and messages that could go out now.", lambda q: q.due),
        ("paperboy_oldest_due_seconds", "How long the oldest of them has waited, 0 for none.",
         lambda q: _seconds(q.oldest_due, now) if q.oldest_due else 0),
    ):  # fmt: skip
        yield _by(name, help, "platform", {platform: value(queue) for platform, queue in queues.items()})
    states = GaugeMetricFamily("paperboy_messages", "Unfinished messages by state.", labels=["platform", "state"])
    for platform, queue in queues.items():
        for state in ("ready", "sending", "ambiguous", "suspended"):
            states.add_metric([platform, state], queue.messages.get(state, 0))
    yield states


def _told(trouble: Trouble, now: int) -> dict[str, object]:
    since = datetime.fromtimestamp(now / 1000 - trouble.seconds, UTC).isoformat(timespec="seconds")
    told = {"what": trouble.what, "why": redact(trouble.why)}
    return told | ({"since": since, "seconds": round(trouble.seconds)} if trouble.seconds else {})


class _Given(Collector):
    """What was computed before, for the library to write."""

    def __init__(self, given: Sequence[Metric]) -> None:
        self._given = given

    def collect(self) -> Sequence[Metric]:
        return self._given


def _one(name: str, help: str, value: float) -> Metric:
    return GaugeMetricFamily(name, help, value=value)


def _by(name: str, help: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(name, help, labels=[label])
    for of, value in values.items():
        family.add_metric([of], value)
    return family


def _seconds(since: int, now: int) -> float:
    return max(0.0, (now - since) / 1000)


# --- the doctor's question --------------------------------------------------------------------------------------------


async def examine(listen: Listen, *, expected: bool = False) -> Finding:
    """Whether a running Paperboy answers there, and what it says of itself. Where one is ``expected``, none is bad."""
    at = written(listen)
    try:
        status, server, body = await _asked(f"http://{at}/healthz")
    except (aiohttp.ClientConnectorError, TimeoutError):
        said = f"nobody answers at {at}. Does paperboy run, with this setting?"
        return Finding("bad" if expected else "hint", "monitor", said)
    except (aiohttp.ClientError, OSError, ValueError):
        status, server, body = 0, "", ""
    if server != _SERVER:
        return Finding("bad", "monitor", f"something else answers at {at}: give PAPERBOY_MONITOR another port.")
    if body.strip() == "ok":
        return Finding("ok", "monitor", f"a Paperboy runs and says at {at} that it is well")
    return Finding("bad" if status == 503 else "hint", "monitor", f"a Paperboy runs at {at}, but {_troubles(body)}")


async def _asked(url: str) -> tuple[int, str, str]:
    timeout = aiohttp.ClientTimeout(total=_ASK_WITHIN)
    async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url, allow_redirects=False) as answer:
        return answer.status, answer.headers.get("Server", ""), (await answer.content.read(20_000)).decode()


def _troubles(body: str) -> str:
    try:
        told = json.loads(body)
        return "; ".join(f"{t['what']}: {t['why']}" for t in (*told["stalled"], *told["degraded"]))
    except (ValueError, LookupError, TypeError):
        return "what it says cannot be read."


__all__ = ["FRESH", "Listen", "Watched", "examine", "serving", "written"]
