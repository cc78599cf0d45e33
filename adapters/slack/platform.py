"""Slack as a platform: see ``bot.ports.Adapter``. Here the parts are joined; what they do is in their files."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

from slack_sdk.oauth.installation_store import Installation

from adapters import Options
from adapters.slack import modes, render
from adapters.slack.answers import Answers
from adapters.slack.api import Api
from adapters.slack.app import Listeners
from adapters.slack.asked import PLATFORM
from adapters.slack.checkup import Checkup
from adapters.slack.comings import Comings
from adapters.slack.deeds import Deeds
from adapters.slack.direct import Direct
from adapters.slack.faults import SlackError
from adapters.slack.installs import Installs, States
from adapters.slack.lanes import Lanes
from adapters.slack.oauth import flow
from adapters.slack.posts import Posts
from adapters.slack.rights import Rights
from adapters.slack.seal import Seal
from adapters.slack.sockets import PING, Sockets
from adapters.slack.web import Server
from adapters.slack.workspaces import Workspaces
from bot.cards import Post
from bot.errors import ConfigError
from bot.model import Address, Finding, Outgoing, Past, Receipt
from bot.ports import Core

log = logging.getLogger(__name__)

_T = TypeVar("_T")

_DAY = 24 * 60 * 60 * 1000
_FIRST_WAIT, _LONGEST_WAIT = 1.0, 60.0


class Slack:
    """One app, in the workspaces of ``mode``. ``ping`` in seconds between two signs of life of Socket Mode."""

    name = PLATFORM
    edit_window = _DAY

    def __init__(self, options: Options, *, ping: float = PING) -> None:
        """Raises ``ConfigError`` for settings that are missing, mixed up or none."""
        self._options, self._slack, self._ping = options, options.slack, ping
        self._mode = modes.mode(self._slack)
        self._api = Api(self._slack.url, f"Paperboy/{options.version}" if options.version else "Paperboy")
        self._seal = Seal(self._slack.key) if self._mode == "install" else None
        self._installs = Installs(options.notes, self._seal) if self._seal else None
        self._workspaces = Workspaces(self._api, self._slack.bot_token, self._installs)
        self._direct = Direct(self._api, options.notes)
        self._rights = Rights(self._api)
        self._posts = Posts(self._api, self._workspaces, self._direct, Lanes(), self._rights)
        self._line: Sockets | None = None
        self.ready = asyncio.Event()
        """Whether commands are taken."""
        self.address: tuple[str, int] | None = None
        """Where our own HTTP server listens, while it does."""

    # --- posts --------------------------------------------------------------------------------------------------------

    def render(self, post: Post) -> str:
        return _frozen(render.post(post))

    def plain(self, post: Post) -> str:
        return _frozen(render.plain_post(post))

    def private(self, where: Address, person: str) -> Address:
        return Address(PLATFORM, where.space, person, "person")

    async def send(self, message: Outgoing) -> Receipt:
        return await self._posts.send(message)

    async def find(self, message: Outgoing) -> Receipt | None:
        return await self._posts.find(message)

    async def posted(self, where: Address, since: int, further: str = "") -> Past:
        return await self._posts.posted(where, since, further)

    async def reach(self, where: Address) -> None:
        await self._posts.reach(where)

    async def edit(self, message: Outgoing, receipt: str) -> None:
        await self._posts.edit(message, receipt)

    async def forget(self, where: Address) -> None:
        """Slack keeps its own history. Ours is only which channel leads to the person."""
        await self._posts.forget(where)

    # --- commands -----------------------------------------------------------------------------------------------------

    async def run(self, core: Core) -> None:
        """Take commands until cancelled. Raises ``ConfigError`` when Slack refuses the tokens."""
        comings = Comings(self._options.notes, self._installs, core, self._let_go)
        answers = Answers(self._api, self._direct)
        deeds = Deeds(self._api, answers, self._rights, core)
        listeners = Listeners(self._api, self._workspaces, deeds, comings, self._slack.signing_secret)
        await self._admitted(comings)
        door = self._sockets(listeners) if self._mode == "socket" else self._server(listeners, comings)
        async with door:
            log.info("slack.ready", extra={"mode": self._mode})
            self.ready.set()
            try:
                await asyncio.Event().wait()
            finally:
                self.ready.clear()

    async def _admitted(self, comings: Comings) -> None:
        """The tokens work, or the keys open what there is."""
        if self._installs is not None:
            await self._installs.check()
        else:
            await comings.started(await _reached(self._workspaces.own, modes.BOT))

    def _let_go(self, gone: Installation) -> None:
        self._workspaces.left(gone)
        self._rights.forget(gone.bot_token or "")

    @asynccontextmanager
    async def _sockets(self, listeners: Listeners) -> AsyncIterator[None]:
        self._line = sockets = Sockets(listeners.app, self._api, self._slack.app_token, self._ping)
        keeping: asyncio.Task[None] | None = None
        try:
            await _reached(sockets.open, modes.APP)
            keeping = asyncio.create_task(sockets.keep(), name="slack sockets")
            yield
        finally:
            if keeping is not None:
                keeping.cancel()
                await asyncio.gather(keeping, return_exceptions=True)
            await sockets.close()
            await listeners.drain()

    @asynccontextmanager
    async def _server(self, listeners: Listeners, comings: Comings) -> AsyncIterator[None]:
        installing = None
        if self._installs is not None and self._seal is not None:
            states = States(self._options.notes, self._seal, self._options.clock)
            installing = flow(self._slack, self._api, self._installs, states, comings)
        server = Server(listeners.app, installing)
        self.address = await server.open(*self._slack.listen)
        try:
            yield
        finally:
            self.address = None
            await server.close()
            await listeners.drain()

    # --- the operator -------------------------------------------------------------------------------------------------

    async def examine(self, rooms: Sequence[Address]) -> list[Finding]:
        return await Checkup(self._api, self._slack, self._workspaces, self._installs).examine(rooms)

    @property
    def connected(self) -> bool:
        """See ``bot.ports.Line``. Over HTTP: whether we listen."""
        return self.ready.is_set() and (self._line is None or self._line.connected)

    async def close(self) -> None:
        await self._api.close()


async def _reached(call: Callable[[], Awaitable[_T]], setting: str) -> _T:
    """Try until Slack answers. Raises ``ConfigError`` when it refuses the token of a setting."""
    wait = _FIRST_WAIT
    while True:
        try:
            return await call()
        except SlackError as error:
            if error.fault not in {"busy", "temporary", "ambiguous"}:
                raise ConfigError(f"{setting} does not work: {error}.") from None
            log.warning("slack.not_reached", extra={"error": str(error), "seconds": wait})
            await asyncio.sleep(max(wait, error.retry_after or 0))
        wait = min(2 * wait, _LONGEST_WAIT)


def _frozen(body: dict[str, object]) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))
