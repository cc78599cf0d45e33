"""Paperboy, open and joined: its heartbeats, and the door through which platforms reach it. Opens nothing itself.

Each heartbeat is safe to run at any moment; what must survive is in the store.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Coroutine
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from adapters.terminal import Terminal
from bot import commands, deliver, notices, poll, refresh, trials
from bot.cadence import KEEP
from bot.cards import Reply
from bot.commands.rates import Rates
from bot.commands.table import Desk, Limits
from bot.config import Settings
from bot.errors import StoreError
from bot.match import Matcher
from bot.model import Address, Cadence, Offer, Preferences, Request, Target
from bot.ports import Adapter, Line, Source, Store
from bot.pulse import Pulse
from bot.put_back import PutBack
from bot.stale import Stale

log = logging.getLogger(__name__)

_T = TypeVar("_T")

Clock = Callable[[], int]
"""The time in ms UTC."""

ROLES = ("poll", "match", "deliver", "serve")
PER_PLATFORM = frozenset({"deliver", "serve"})
"""Roles that can be had for one platform alone: ``deliver:slack``."""
EXPIRE_EVERY = 24 * 3_600_000
"""In ms: what is too old is ended once a day, and before anything else where nobody did: at a start, after a sleep."""
EXAMPLES = (("agent votes>=5", 5), ('"video generation" OR "world model"', 5))
"""What a new terminal database subscribes to, with the most papers a day: enough to see how it works."""


class Bot:
    """Everything joined. ``roles`` are names of ``ROLES``, some with a platform behind a colon."""

    def __init__(
        self, settings: Settings, store: Store, clock: Clock, roles: Collection[str] = ROLES, *, read_only: bool = False
    ) -> None:
        self.settings = settings
        self.read_only = read_only
        self.full = ""
        """What to say when it is the disk, and no other Paperboy, that lets us only read."""
        self.store = store
        self.clock = clock
        self.roles = frozenset(roles)
        self.sources: dict[str, Source] = {}
        self.adapters: dict[str, Adapter] = {}
        self.status = ""
        """A line about the sources, for whoever has room for one."""
        self.pulse = Pulse()
        self.asked = trials.Asked()
        self._matcher = Matcher(store)
        self._put_back = PutBack(store, preferences(settings))
        self._rates = Rates()
        self._stale = stale(settings, store)
        self._preparing = asyncio.Lock()
        self._expired = 0
        self._senders: dict[str, deliver.Sender] = {}
        self._sending: dict[str, asyncio.Task[None]] = {}
        """By what they do: ``send slack``, ``refresh slack``."""
        self._news: set[str] = set()

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
            rates=self._rates,
            forget=self._forget,
            read_only=self.read_only,
            full=self.full,
        )

    def does(self, role: str, platform: str = "") -> bool:
        """Whether this process has a role, for a platform where one is named."""
        return role in self.roles or f"{role}:{platform}" in self.roles

    def lines(self) -> dict[str, bool]:
        """Whether the platforms that take commands by a connection have it."""
        served = {name: adapter for name, adapter in self.adapters.items() if self.does("serve", name)}
        return {name: adapter.connected for name, adapter in served.items() if isinstance(adapter, Line)}

    def resting(self) -> dict[str, str]:
        """The platforms that take no posts from us at all, and why."""
        whys = {name: sender.rests(self.clock()) for name, sender in self._senders.items()}
        return {name: why for name, why in whys.items() if why}

    def expect_sending(self) -> None:
        """From now on each platform's task has to get on with every tick."""
        for name in self._delivered():
            self.pulse.expect(_sends(name), self.settings.tick_seconds)

    # --- heartbeats ---------------------------------------------------------------------------------------------------

    async def poll(self) -> list[poll.Report]:
        """Read every source and match what is new. Raises ``StoreError``, when all that could be done was done."""
        papers, off = self.store.papers, off_after(self.settings)
        polls = (poll.poll(source, papers, self.clock(), off) for source in self.sources.values())
        ends = await asyncio.gather(*polls, return_exceptions=True)
        reports = [end for end in ends if isinstance(end, poll.Report)]
        await self.tick(await poll.reread_watched(self.sources, self.store, self.clock()))
        self.status = _status(reports, self.clock())
        for end in ends:
            if isinstance(end, BaseException):
                raise end
        return reports

    async def tick(self, reread: Collection[str] = ()) -> None:
        """Match and freeze what is due, and see that it is being sent, without waiting for that."""
        if self.clock() - self._expired >= EXPIRE_EVERY:
            await self._expire()
        try:
            async with self._preparing:
                if self.does("match"):
                    await self._matcher.step(self.clock())
                    await self._matcher.watch_step(list(reread), self.clock())
                await trials.step(self.store, self._delivered().keys(), self.clock(), self.asked)
                while await deliver.freeze_due(self.store, self._delivered(), self.clock(), self._put_back.left):
                    self.pulse.came("tick")
                    self._see_to_sending()
                if self.does("poll"):
                    await self._stale.step(self.sources, self._delivered(), self.clock())
        finally:
            # What is frozen already goes out, whatever became of the rest.
            self._see_to_sending()

    async def beat(self) -> None:
        """The same, until nothing is due any more. Raises ``StoreError``."""
        await self.tick()
        if self._sending:
            # Not awaited one by one: whoever cancels this must not cancel a post that is on its way.
            await asyncio.wait(self._sending.values())
        for task in self._sending.values():
            task.result()

    async def upkeep(self) -> None:
        """Once a day: end what waited too long, check and tidy the database. Raises ``StoreError``."""
        now = self.clock()
        await self._expire()
        if problems := await self.store.check():
            log.error("store.unsound", extra={"error": problems[0]})
        await self.store.tidy(now)

    async def _expire(self) -> None:
        now = self.clock()
        await self.store.outbox.expire(now - KEEP, now)
        self._expired = now

    async def close(self) -> None:
        """Stop sending and let go of the platforms. A post that is cut off is asked about at the next start."""
        for task in self._sending.values():
            task.cancel()
        await asyncio.gather(*self._sending.values(), return_exceptions=True)
        for name, adapter in self.adapters.items():
            try:
                await adapter.close()
            except Exception:
                log.exception("platform.not_closed", extra={"platform": name})

    def _delivered(self) -> dict[str, Adapter]:
        return {name: adapter for name, adapter in self.adapters.items() if self.does("deliver", name)}

    def _see_to_sending(self) -> None:
        """Each platform is sent to by a task of its own, so that a slow one holds up no other, nor do edits posts."""
        for name, adapter in self._delivered().items():
            self._news.add(name)
            self._see_to(_sends(name), partial(self._send, name))
            self._see_to(f"refresh {name}", partial(self._refresh, adapter))

    def _see_to(self, what: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        known = self._sending.get(what)
        if known is None or known.done():
            self._sending[what] = asyncio.create_task(work(), name=what)
            self._sending[what].add_done_callback(_tell)

    async def _send(self, name: str) -> None:
        if name not in self._senders:
            gets_on = partial(self.pulse.came, _sends(name))
            defaults = preferences(self.settings)
            self._senders[name] = deliver.Sender(self.store, self.adapters[name], defaults=defaults, gets_on=gets_on)
        while name in self._news:
            self._news.discard(name)
            await self._senders[name].drain(self.clock)
        self.pulse.came(_sends(name))

    async def _refresh(self, adapter: Adapter) -> None:
        await refresh.step(self.store, adapter, self.clock())

    # --- commands -----------------------------------------------------------------------------------------------------

    async def handle(self, request: Request) -> Reply:
        """Answer a command. What it made due goes out with the next heartbeat, so that no answer waits for posts."""
        return await commands.handle(self.desk, request)

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


class Door:
    """The core as one platform sees it: see ``bot.ports.Core``."""

    def __init__(self, bot: Bot, platform: str) -> None:
        self._bot = bot
        self._platform = platform
        self._moving = asyncio.Lock()
        """What comes and goes is noted in the order in which it was told, each whole."""

    async def handle(self, request: Request) -> Reply:
        return await self._bot.handle(request)

    async def offers(self, request: Request, option: str, typed: str) -> list[Offer]:
        return await commands.offers(self._bot.desk, request, option, typed)

    async def pasted(self, request: Request, text: str) -> Reply:
        return await commands.pasted(self._bot.desk, request, text)

    async def suspend(self, space: str, room: str, reason: str) -> None:
        """Who subscribed in a room is told; for a whole space nobody is: whoever removed us knows."""
        store, adapter, now = self._bot.store, self._bot.adapters[self._platform], self._bot.clock()
        async with self._moving:
            for target in await self._targets(space, room):
                if room:
                    defaults = preferences(self._bot.settings)
                    await self._tried(notices.suspend(store, adapter, target, reason, now, defaults))
                else:
                    await self._tried(store.outbox.suspend(target.id, reason, now))

    async def resume(self, space: str, room: str, reason: str) -> None:
        async with self._moving:
            for target in await self._targets(space, room):
                await self._come_back(target, reason)

    async def present(self, spaces: Collection[str], reason: str) -> None:
        async with self._moving:
            known = await self._tried(self._bot.store.subscriptions.targets(self._platform)) or []
            back = {target.address.space for target in known if target.suspended == reason} & set(spaces)
            for target in known:
                if target.address.space in back:
                    await self._come_back(target, reason)
                elif target.address.space not in {"", *spaces} and not target.suspended:
                    await self._tried(self._bot.store.outbox.suspend(target.id, reason, self._bot.clock()))

    async def retry(self, space: str, room: str) -> None:
        async with self._moving:
            targets = await self._targets(space, room)
            if not room:
                self._bot.asked.add(targets)
                return
            for target in targets:
                await self._try_out(target)

    async def _come_back(self, target: Target, reason: str) -> None:
        """What rests for another reason may take posts too, now that we are there anew."""
        if target.suspended == reason:
            store, now = self._bot.store, self._bot.clock()
            told = await notices.resumed(store, self._bot.adapters[self._platform], target)
            await self._tried(store.outbox.resume(target.id, now, told))
        else:
            await self._try_out(target)

    async def _try_out(self, target: Target) -> None:
        if target.suspended:
            await self._tried(trials.begin(self._bot.store, target, self._bot.clock()))

    async def _targets(self, space: str, room: str) -> list[Target]:
        found = await self._tried(self._bot.store.subscriptions.targets(self._platform, space))
        return [target for target in found or () if room in {"", target.address.room}]

    async def _tried(self, deed: Awaitable[_T]) -> _T | None:
        """A platform that tells us something must not end because our database is busy: the next post will tell too."""
        try:
            return await deed
        except StoreError:
            log.exception("core.not_noted", extra={"platform": self._platform})
            return None


def _tell(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()):
        log.error("deliver.stopped", extra={"what": task.get_name()}, exc_info=error)


def _sends(platform: str) -> str:
    return f"send {platform}"


def _status(reports: list[poll.Report], now: int) -> str:
    at = datetime.fromtimestamp(now / 1000).astimezone().strftime("%H:%M")
    return " · ".join(f"{r.source} failed at {at}" if r.error else f"{r.source} read at {at}" for r in reports)


def off_after(settings: Settings) -> int:
    """After how many ms without a poll we were off: a few polls, or the time an upgrade takes."""
    return max(2 * 3_600_000, round(3 * settings.poll_minutes * 60_000))


def stale(settings: Settings, store: Store) -> Stale:
    return Stale(
        store=store,
        patience=settings.stale_hours * 3_600_000,
        every=round(settings.poll_minutes * 60_000),
        alone={"terminal": settings.user},
        defaults=preferences(settings),
    )


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
