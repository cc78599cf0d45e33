"""The composition root: opens everything, joins it and starts the roles. The only place that knows the concretes.

What a person must know before a platform speaks goes through ``say``; everything else is the adapters'.
"""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from datetime import datetime

from adapters import Options as AdapterOptions
from adapters import adapter
from adapters.terminal import Terminal
from adapters.terminal import build as build_terminal
from bot import __version__, commands, deliver, poll
from bot.cards import Reply
from bot.commands.table import Desk, Limits
from bot.config import Settings
from bot.errors import LockedError
from bot.match import Matcher
from bot.model import Address, Cadence, Preferences, Request
from bot.ports import Adapter, Source, Store
from bot.schedule import DRAIN, Beat, beating
from bot.sources import Options, source
from bot.sources.http import Fetcher
from bot.store import opener

log = logging.getLogger(__name__)

Clock = Callable[[], int]
"""The time in ms UTC."""
Say = Callable[[str], None]

ROLES = ("poll", "match", "deliver", "serve")
EXAMPLES = (("agent votes>=5", 5), ('"video generation" OR "world model"', 5))
"""What a new terminal database subscribes to, with the most papers a day: enough to see how it works."""
DAY_SECONDS = 24 * 3600
LAST_ROUND = 3
"""Seconds for posts that are due at the end. What is not out by then goes on at the next start, none twice."""
JITTER = 60
"""Seconds by which polls are spread, so that not every Paperboy asks at the same second."""


class Bot:
    """Everything open and joined. Its methods are the heartbeats; each is safe to run at any moment."""

    def __init__(
        self, settings: Settings, store: Store, clock: Clock, roles: Collection[str] = ROLES, *, read_only: bool = False
    ) -> None:
        self.settings = settings
        self.read_only = read_only
        self.store = store
        self.clock = clock
        self.roles = frozenset(roles)
        self.sources: dict[str, Source] = {}
        self.adapters: dict[str, Adapter] = {}
        self.status = ""
        """A line about the sources, for whoever has room for one."""
        self._matcher = Matcher(store)
        self._beating = asyncio.Lock()

    @property
    def desk(self) -> Desk:
        """What commands work at."""
        return Desk(
            store=self.store,
            sources=self.sources,
            limits=limits(self.settings),
            defaults=preferences(self.settings),
            clock=self.clock,
            poll_every=round(self.settings.poll_minutes * 60_000),
            forget=self._forget,
            read_only=self.read_only,
        )

    async def handle(self, request: Request) -> Reply:
        """Answer a command. What it made due goes out with the next heartbeat, so that no answer waits for posts."""
        return await commands.handle(self.desk, request)

    async def poll(self) -> list[poll.Report]:
        """Read every source and post what matches. Raises ``StoreError``, when all that could be done was done."""
        polls = (poll.poll(source, self.store.papers, self.clock()) for source in self.sources.values())
        ends = await asyncio.gather(*polls, return_exceptions=True)
        reports = [end for end in ends if isinstance(end, poll.Report)]
        await self.beat(await poll.reread_watched(self.sources, self.store, self.clock()))
        self.status = _status(reports, self.clock())
        for end in ends:
            if isinstance(end, BaseException):
                raise end
        return reports

    async def beat(self, reread: Collection[str] = ()) -> None:
        """Match, freeze and send until nothing is due any more. Raises ``StoreError``."""
        async with self._beating:
            if "match" in self.roles:
                await self._matcher.step(self.clock())
                await self._matcher.watch_step(list(reread), self.clock())
            if "deliver" in self.roles:
                await self._deliver()

    async def _deliver(self) -> None:
        while await deliver.freeze_due(self.store, self.adapters, self.clock()):
            pass
        for platform in self.adapters.values():
            sender = deliver.Sender(self.store, platform)
            while await sender.step(self.clock()):
                pass

    async def upkeep(self) -> None:
        """Once a day: end what waited too long, check and tidy the database. Raises ``StoreError``."""
        now = self.clock()
        await self.store.outbox.expire(now - deliver.KEEP, now)
        for problem in await self.store.check():
            log.error("store.unsound", extra={"problem": problem})
        await self.store.tidy(now)

    async def seed(self) -> bool:
        """Two example subscriptions in a terminal database that has none of anything. Raises ``StoreError``."""
        terminal = self.adapters.get("terminal")
        tally = await self.store.outbox.tally()
        if not self.settings.examples or not isinstance(terminal, Terminal) or tally.targets:
            return False
        target = await self.store.subscriptions.target(terminal.room, preferences(self.settings))
        for query, most in EXAMPLES:
            await self.store.subscriptions.add(
                target.id, query, Cadence(), owner="example", now=self.clock(), max=most, limit=10, space_limit=50
            )
        return True

    async def _forget(self, where: Address) -> None:
        platform = self.adapters.get(where.platform)
        if platform is not None:
            await platform.forget(where)


def _status(reports: list[poll.Report], now: int) -> str:
    at = datetime.fromtimestamp(now / 1000).astimezone().strftime("%H:%M")
    return " · ".join(f"{r.source} failed at {at}" if r.error else f"{r.source} read at {at}" for r in reports)


@asynccontextmanager
async def opened(
    settings: Settings, clock: Clock, roles: Collection[str] = ROLES, *, read_only: bool = False
) -> AsyncIterator[Bot]:
    """Everything open, and closed again in the right order. Raises ``StoreError`` and ``ConfigError``."""
    async with AsyncExitStack() as stack:
        open_store = opener("sqlite")
        store = await stack.enter_async_context(open_store(settings.database_path, now=clock(), read_only=read_only))
        bot = Bot(settings, store, clock, roles, read_only=read_only)
        fetcher = await stack.enter_async_context(_fetcher(settings))
        bot.sources = {name: source(name, fetcher, _options(settings)) for name in settings.sources}
        bot.adapters = _platforms(bot)
        yield bot


@asynccontextmanager
async def opened_beside(settings: Settings, clock: Clock) -> AsyncIterator[Bot]:
    """Everything open, without roles. Beside a running Paperboy the database can only be read."""
    async with AsyncExitStack() as stack:
        try:
            bot = await stack.enter_async_context(opened(settings, clock, roles=()))
        except LockedError:
            bot = await stack.enter_async_context(opened(settings, clock, roles=(), read_only=True))
        yield bot


def _fetcher(settings: Settings) -> Fetcher:
    return Fetcher(
        version=__version__,
        contact=settings.contact,
        deadline=settings.fetch_seconds,
        size=settings.fetch_megabytes << 20,
    )


def _options(settings: Settings) -> Options:
    return Options(
        huggingface_url=settings.huggingface_url,
        arxiv_url=settings.arxiv_url,
        arxiv_rss_url=settings.arxiv_rss_url,
        arxiv_categories=settings.arxiv_categories,
        arxiv_interval=settings.arxiv_interval,
    )


# --- the main job -----------------------------------------------------------------------------------------------------


async def run(settings: Settings, roles: Collection[str], *, once: bool, clock: Clock, say: Say) -> int:
    """Be Paperboy until the platforms end or a signal comes. Returns the exit code."""
    # One for both sessions below: a signal that comes between them must not be lost.
    stopping = None if once else asyncio.create_task(_signalled())
    failed = await _session(settings, roles, stopping, clock, say)
    if failed is None and not (stopping and stopping.done()):
        sample = sampled(settings)
        say(f"No paper source can be reached: this is the bundled sample edition, in {sample.database_path}.")
        failed = await _session(sample, roles, stopping, clock, say)
    if stopping is not None:
        stopping.cancel()
    return int(once and bool(failed))


def sampled(settings: Settings) -> Settings:
    """The same Paperboy on the bundled edition, with a database of its own."""
    path = settings.database_path
    return replace(settings, sources=("sample",), database_path=path.with_name(f"{path.stem}-sample{path.suffix}"))


async def _session(
    settings: Settings, roles: Collection[str], stopping: asyncio.Task[None] | None, clock: Clock, say: Say
) -> bool | None:
    """One run over one database. None: no network ever, so there is nothing to show. Else whether a source failed.

    Without ``stopping`` there is one round and no serving.
    """
    async with opened(settings, clock, roles) as bot:
        await _warn_of_old_posts(bot, say)
        first = asyncio.create_task(_first_round(bot, say, await bot.seed()))
        if stopping is None:
            failed = await first
            await bot.upkeep()
            return failed
        await asyncio.wait([stopping, first], return_when=asyncio.FIRST_COMPLETED)
        if stopping.done():
            await _finished(first)
            return False
        if (failed := first.result()) is not None:
            await _serve(bot, stopping)
        return failed


async def _warn_of_old_posts(bot: Bot, say: Say) -> None:
    """A new database beside an old transcript: what the old one posted counts as posted, which nobody would guess."""
    terminal = bot.adapters.get("terminal")
    if isinstance(terminal, Terminal) and terminal.old_posts and not (await bot.store.outbox.tally()).targets:
        say(f"{terminal.old_posts} is older than this database: its posts are not shown again. Move it to see them.")


async def _first_round(bot: Bot, say: Say, seeded: bool) -> bool | None:
    """Read and post what there is. None: no network ever. Else whether a source failed."""
    if "poll" in bot.roles:
        reports = await bot.poll()
    else:
        reports = []
        await bot.beat()
    if "terminal" in bot.adapters and await _is_cut_off(bot, reports):
        return None
    for report in reports:
        if report.error:
            say(f"{report.source}: {report.error}")
    if seeded:
        say(f"{bot.settings.channel} is subscribed to two examples: /papers subscriptions shows them.")
    return any(report.error for report in reports)


async def _is_cut_off(bot: Bot, reports: list[poll.Report]) -> bool:
    """Whether no source answered, now or ever before: then the sample edition is better than an empty screen."""
    if not reports or not all(report.unreachable for report in reports):
        return False
    return not any(health.last_ok for health in await bot.store.papers.health())


async def _signalled() -> None:
    """Wait until we are asked to end. A first poll may be long, so this begins before it."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()


async def _finished(work: asyncio.Task[bool | None]) -> None:
    """Let what is under way finish, but not for long. Raises what it raises."""
    await asyncio.wait([work], timeout=DRAIN)
    work.cancel()
    with suppress(asyncio.CancelledError):
        await work


async def _serve(bot: Bot, stopping: asyncio.Task[None]) -> None:
    """Heartbeats and platforms, until one platform ends or a signal comes; then what is due goes out."""
    serve = "serve" in bot.roles
    platforms = [asyncio.create_task(platform.run(bot.handle)) for platform in bot.adapters.values() if serve]
    try:
        async with beating(_beats(bot)):
            await asyncio.wait([stopping, *platforms], return_when=asyncio.FIRST_COMPLETED)
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_ROUND):
                await bot.beat()
    finally:
        for platform in platforms:
            platform.cancel()
        ends = await asyncio.gather(*platforms, return_exceptions=True)
    for end in ends:
        if isinstance(end, Exception):
            raise end


def _beats(bot: Bot) -> list[Beat]:
    settings = bot.settings
    beats = [
        Beat(name="tick", run=bot.beat, seconds=settings.tick_seconds, delay=settings.tick_seconds),
        Beat(name="upkeep", run=bot.upkeep, seconds=DAY_SECONDS, delay=60),
    ]
    if "poll" in bot.roles:
        every = settings.poll_minutes * 60
        jitter = min(JITTER, int(every / 10))
        beats.append(Beat(name="poll", run=bot.poll, seconds=every, jitter=jitter, delay=every))
    return beats


# --- one-off jobs -----------------------------------------------------------------------------------------------------


async def do(
    settings: Settings, text: str, user: str | None, channel: str | None, clock: Clock
) -> tuple[Reply, Terminal]:
    """Answer one command as the terminal would, on the database a run here would show; the terminal is to show it."""
    settings = await _as_run(settings, clock)
    terminal = terminal_of(settings, clock)
    async with opened_beside(settings, clock) as bot:
        return await terminal.ask(bot.handle, text, user or "", channel or ""), terminal


async def _as_run(settings: Settings, clock: Clock) -> Settings:
    """The sample edition when that is all there is: no source was ever read, and a run has made the sample."""
    sample = sampled(settings)
    if not sample.database_path.exists():
        return settings
    async with opened_beside(settings, clock) as bot:
        return settings if any(health.last_ok for health in await bot.store.papers.health()) else sample


def _platforms(bot: Bot) -> dict[str, Adapter]:
    options = _adapter_options(bot.settings, bot.clock, lambda: bot.status)
    return {name: adapter(name, options) for name in bot.settings.platforms}


def terminal_of(settings: Settings, clock: Clock) -> Terminal:
    """The terminal by itself, to ask with and to show on."""
    return build_terminal(_adapter_options(settings, clock, lambda: ""))


def _adapter_options(settings: Settings, clock: Clock, status: Callable[[], str]) -> AdapterOptions:
    return AdapterOptions(
        beside=settings.database_path,
        user=settings.user,
        room=settings.channel,
        read=_read,
        complete=commands.complete,
        status=status,
        clock=clock,
    )


def _read(text: str) -> tuple[str, Mapping[str, str]]:
    command, options = commands.read(text)
    return command.name, options


def limits(settings: Settings) -> Limits:
    return Limits(
        per_channel=settings.max_subscriptions_per_channel,
        per_person=settings.max_subscriptions_per_person,
        per_space=settings.max_subscriptions_per_space,
        query=settings.max_query,
        commands_per_minute=settings.commands_per_minute,
    )


def preferences(settings: Settings) -> Preferences:
    """What a new target starts with."""
    return Preferences(timezone=settings.timezone, digest_at=settings.digest_at, cap=settings.daily_cap)
