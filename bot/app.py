"""The composition root: opens everything, joins it and starts the roles. The only place that knows the concretes.

What a person must know before a platform speaks goes through ``say``; everything else is the adapters'.
"""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from adapters import DiscordOptions, SlackOptions, TerminalOptions, adapter
from adapters import Options as AdapterOptions
from adapters.terminal import Terminal
from bot import __version__, commands, monitor, poll
from bot.bot import PER_PLATFORM, ROLES, Bot, Clock, Door
from bot.cards import Reply
from bot.config import Settings
from bot.errors import ConfigError, FullError, LockedError, OutdatedError
from bot.ports import Adapter
from bot.schedule import DRAIN, Beat, beating
from bot.sources import Options, source
from bot.sources.http import Fetcher
from bot.store import opener
from bot.store.sqlite import copy_store

log = logging.getLogger(__name__)

Say = Callable[[str], None]

DAY_SECONDS = 24 * 3600
LAST_ROUND = 2
"""Seconds for posts that are due at the end. What is not out by then goes on at the next start, none twice."""
PATIENCE = 2.0
"""Seconds to wait for somebody who holds the database for a moment, such as ``paperboy do``."""
JITTER = 60
"""Seconds by which polls are spread, so that not every Paperboy asks at the same second."""


@asynccontextmanager
async def opened(
    settings: Settings, clock: Clock, roles: Collection[str] = ROLES, *, read_only: bool = False
) -> AsyncIterator[Bot]:
    """Everything the roles need, and closed again in the right order. Raises ``StoreError`` and ``ConfigError``."""
    async with AsyncExitStack() as stack:
        patience = PATIENCE if roles else 0.0
        opening = opener("sqlite")(settings.database_path, now=clock(), read_only=read_only, patience=patience)
        store = await stack.enter_async_context(opening)
        bot = Bot(settings, store, clock, roles, read_only=read_only)
        fetcher = await stack.enter_async_context(_fetcher(settings))
        bot.sources = {name: source(name, fetcher, _options(settings)) for name in settings.sources}
        bot.adapters = {name: build(bot, name) for name in _needed(bot)}
        stack.push_async_callback(bot.close)
        yield bot


@asynccontextmanager
async def opened_beside(settings: Settings, clock: Clock) -> AsyncIterator[Bot]:
    """Everything open, without roles. Beside a running Paperboy, or on a full disk, the database can only be read."""
    async with AsyncExitStack() as stack:
        try:
            bot = await stack.enter_async_context(opened(settings, clock, roles=()))
        except (LockedError, FullError) as error:
            bot = await stack.enter_async_context(opened(settings, clock, roles=(), read_only=True))
            bot.full = str(error) if isinstance(error, FullError) else ""
        yield bot


@asynccontextmanager
async def opened_to_look(settings: Settings, clock: Clock) -> AsyncIterator[tuple[Bot, str]]:
    """Everything open, without roles, and the database neither written nor locked: a Paperboy may start meanwhile.

    Where only a start makes the database, or brings it up to date, that is done to a copy elsewhere, and said.
    """
    async with AsyncExitStack() as stack:
        lacks = ""
        try:
            bot = await stack.enter_async_context(opened(settings, clock, roles=(), read_only=True))
        except OutdatedError as error:
            lacks = str(error)
            path = Path(stack.enter_context(TemporaryDirectory())) / settings.database_path.name
            if is_made(settings.database_path):
                await copy_store(settings.database_path, path)
            copy = replace(settings, database_path=path)
            bot = await stack.enter_async_context(opened(copy, clock, roles=()))
        yield bot, lacks


def is_made(path: Path) -> bool:
    """Whether there is a database, and not only an empty file in its place. Raises ``OSError``."""
    return path.exists() and path.stat().st_size > 0


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
    """Be Paperboy until a platform ends or a signal comes. Returns the exit code. Raises ``ConfigError``."""
    _check_roles(settings, roles)
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


def _check_roles(settings: Settings, roles: Collection[str]) -> None:
    for role in roles:
        platform = role.partition(":")[2]
        if platform and platform not in settings.platforms:
            known = ", ".join(settings.platforms)
            raise ConfigError(f"{role} names a platform that PAPERBOY_PLATFORMS does not have: it is {known}.")


def sampled(settings: Settings) -> Settings:
    """The same Paperboy on the bundled edition in the terminal, with a database of its own."""
    path = settings.database_path.with_name(f"{settings.database_path.stem}-sample{settings.database_path.suffix}")
    return replace(settings, sources=("sample",), platforms=("terminal",), database_path=path)


async def _session(
    settings: Settings, roles: Collection[str], stopping: asyncio.Task[None] | None, clock: Clock, say: Say
) -> bool | None:
    """One run over one database. None: no network ever, so there is nothing to show. Else whether a source failed.

    Without ``stopping`` there is one round and no serving.
    """
    async with opened(settings, clock, roles) as bot, _monitored(bot, serves=stopping is not None):
        if stopping is not None and "terminal" not in bot.adapters:
            # Nobody waits at a screen for the first papers: chats are there from the start.
            await _serve(bot, stopping, first_poll=0)
            return False
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
            await _serve(bot, stopping, first_poll=settings.poll_minutes * 60)
        return failed


@asynccontextmanager
async def _monitored(bot: Bot, *, serves: bool) -> AsyncIterator[None]:
    """With an ear for the operator's tools, where one is set. Raises ``ConfigError``."""
    if not serves or bot.settings.monitor is None:
        yield
        return
    watched = monitor.Watched(
        store=bot.store,
        clock=bot.clock,
        sources=tuple(bot.sources),
        pulse=bot.pulse,
        lines=bot.lines,
        resting=bot.resting,
    )
    async with monitor.serving(watched, bot.settings.monitor) as at:
        log.info("monitor.ready", extra={"at": monitor.written(at)})
        yield


async def _warn_of_old_posts(bot: Bot, say: Say) -> None:
    """A new database beside an old transcript: what the old one posted counts as posted, which nobody would guess."""
    terminal = bot.adapters.get("terminal")
    if isinstance(terminal, Terminal) and terminal.old_posts and not (await bot.store.outbox.tally()).targets:
        say(f"{terminal.old_posts} is older than this database: its posts are not shown again. Move it to see them.")


async def _first_round(bot: Bot, say: Say, seeded: bool) -> bool | None:
    """Read and post what there is. None: no network ever. Else whether a source failed."""
    reports = await bot.poll() if bot.does("poll") else []
    await bot.beat()
    if "terminal" in bot.adapters and await _is_cut_off(bot, reports):
        return None
    for report in reports:
        if report.error:
            say(f"{report.source}: {report.error}")
    if seeded:
        say(f"{bot.settings.channel} is subscribed to two examples. See them: /papers subscriptions")
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


async def _serve(bot: Bot, stopping: asyncio.Task[None], *, first_poll: float) -> None:
    """Heartbeats and platforms, until one platform ends or a signal comes; then what is due goes out.

    ``first_poll`` is in seconds from now.
    """
    served = {name: platform for name, platform in bot.adapters.items() if bot.does("serve", name)}
    platforms = [asyncio.create_task(platform.run(Door(bot, name))) for name, platform in served.items()]
    try:
        bot.expect_sending()
        async with beating(_beats(bot, first_poll), pulse=bot.pulse):
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


def _beats(bot: Bot, first_poll: float) -> list[Beat]:
    settings = bot.settings
    beats = [
        Beat(name="tick", run=bot.tick, seconds=settings.tick_seconds, delay=settings.tick_seconds),
        Beat(name="upkeep", run=bot.upkeep, seconds=DAY_SECONDS, delay=60),
    ]
    if bot.does("poll"):
        every = settings.poll_minutes * 60
        beats.append(
            Beat(name="poll", run=bot.poll, seconds=every, jitter=min(JITTER, int(every / 10)), delay=first_poll)
        )
    return beats


# --- one-off jobs -----------------------------------------------------------------------------------------------------


async def do(
    settings: Settings, text: str, user: str | None, channel: str | None, clock: Clock
) -> tuple[Reply, Terminal]:
    """Answer one command as the terminal would, on the database a run here would show; the terminal is to show it."""
    settings = await _as_run(settings, clock)
    async with opened_beside(settings, clock) as bot:
        terminal = _terminal(bot)
        return await terminal.ask(bot.handle, text, user or "", channel or ""), terminal


async def _as_run(settings: Settings, clock: Clock) -> Settings:
    """The sample edition when that is all there is: no source was ever read, and a run has made the sample."""
    sample = sampled(settings)
    if not sample.database_path.exists():
        return settings
    async with opened_to_look(settings, clock) as (bot, _):
        return settings if any(health.last_ok for health in await bot.store.papers.health()) else sample


def build(bot: Bot, name: str) -> Adapter:
    """A platform for this Paperboy; it talks to nobody yet. Raises ``ConfigError`` for what is missing or wrong."""
    return adapter(name, _adapter_options(bot))


def _needed(bot: Bot) -> list[str]:
    """What the roles need. The terminal needs nothing itself, and forgets people whoever asks it to."""
    return [n for n in bot.settings.platforms if n == "terminal" or any(bot.does(role, n) for role in PER_PLATFORM)]


def _terminal(bot: Bot) -> Terminal:
    """The terminal, also where it is no platform of this Paperboy: to ask with and to show on."""
    terminal = bot.adapters.get("terminal") or build(bot, "terminal")
    assert isinstance(terminal, Terminal)
    return terminal


def _adapter_options(bot: Bot) -> AdapterOptions:
    settings = bot.settings
    return AdapterOptions(
        clock=bot.clock,
        notes=bot.store.notes,
        version=__version__,
        terminal=TerminalOptions(
            beside=settings.database_path,
            user=settings.user,
            room=settings.channel,
            read=_read,
            complete=commands.complete,
            status=lambda: bot.status,
        ),
        discord=DiscordOptions(
            token=settings.discord_token, url=settings.discord_url, gateway=settings.discord_gateway
        ),
        slack=SlackOptions(
            bot_token=settings.slack_bot_token,
            app_token=settings.slack_app_token,
            signing_secret=settings.slack_signing_secret,
            client_id=settings.slack_client_id,
            client_secret=settings.slack_client_secret,
            key=settings.key,
            url=settings.slack_url,
            authorize_url=settings.slack_authorize_url,
            public_url=settings.slack_public_url,
            listen=settings.slack_listen,
        ),
    )


def _read(text: str) -> tuple[str, Mapping[str, str]]:
    command, options = commands.read(text)
    return command.name, options
