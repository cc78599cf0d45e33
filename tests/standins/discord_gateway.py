"""The stand-in's gateway: websocket sessions, their events, heartbeats, resuming and what closes a connection.

https://docs.discord.com/developers/events/gateway. Events are kept per session, so that a resumed one misses none.
"""

import asyncio
import contextlib
import json
import threading
import time
import zlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSCloseCode, WSMsgType, web

from tests.standins import discord_shapes as shapes
from tests.standins.discord_world import Guild, World

Json = dict[str, Any]
GUILDS, GUILD_MESSAGES, DIRECT_MESSAGES = 1 << 0, 1 << 9, 1 << 12
PRIVILEGED = (1 << 1) | (1 << 8) | (1 << 15)
KNOWN_INTENTS = (1 << 26) - 1
PAYLOAD = 4_096
EVENTS_A_MINUTE = 120
DAY = 86_400_000


class ClosedError(Exception):
    """Close the connection with a code of topics/opcodes-and-status-codes."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


@dataclass(eq=False)
class Session:
    """One shard's session. ``events`` are all that were dispatched, numbered from 1; ``line`` is its socket."""

    id: str
    shard: int
    count: int
    intents: int
    properties: Json
    events: list[Json] = field(default_factory=list)
    line: "Line | None" = None
    over: bool = False
    _counting: threading.Lock = field(default_factory=threading.Lock)

    def dispatch(self, name: str, data: Json) -> None:
        with self._counting:
            event = {"op": 0, "t": name, "s": len(self.events) + 1, "d": data}
            self.events.append(event)
            if self.line is not None:
                self.line.put(event)

    def takes(self, guild: Guild | None) -> bool:
        return not self.over and self.shard == (0 if guild is None else (guild.id >> 22) % self.count)


class Line:
    """One websocket. What is put is sent in order by a task of its own, compressed if the client asked for it."""

    def __init__(self, socket: web.WebSocketResponse, compressed: bool) -> None:
        self.socket = socket
        self.queue: asyncio.Queue[Json | ClosedError] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()
        self._deflate = zlib.compressobj() if compressed else None
        self.received: deque[float] = deque()
        self.dropped = False

    def put(self, item: Json | ClosedError) -> None:
        """From any thread."""
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is there to be told
            self._loop.call_soon_threadsafe(self.queue.put_nowait, item)

    async def send_all(self) -> None:
        while not self.socket.closed:
            item = await self.queue.get()
            with contextlib.suppress(ConnectionError):
                if isinstance(item, ClosedError):
                    self.dropped = True
                    await self.socket.close(code=item.code, message=str(item).encode())
                else:
                    await self._send(json.dumps(item))

    async def _send(self, text: str) -> None:
        if self._deflate is None:
            await self.socket.send_str(text)
            return
        data = self._deflate.compress(text.encode()) + self._deflate.flush(zlib.Z_SYNC_FLUSH)
        await self.socket.send_bytes(data)


class Gateway:
    """``silent``: heartbeats are not acknowledged, nothing is sent. ``shut``: nobody is let in. ``heartbeat``: ms."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.url = ""
        self.heartbeat = 41_250
        self.silent = False
        self.shut = False
        self.sessions: list[Session] = []
        self.started: list[tuple[int, float, int]] = []
        """Every accepted IDENTIFY: stand-in's time in ms, real seconds, shard."""
        self.resumed = 0
        self.closed: list[int] = []
        """Codes that connections were closed with by us."""
        self.heartbeats = 0
        self._lines: set[Line] = set()
        world.emit = self.emit

    # --- what tests do to it ---

    def drop(self, code: int = 4000, *, resumable: bool = True) -> None:
        """Close every connection. Sessions live on, unless they shall not."""
        for session in self.live:
            session.over = not resumable
        for line in list(self._lines):
            line.put(ClosedError(code, "dropped"))

    def reconnect(self) -> None:
        """Opcode 7: asks every client to connect anew and resume."""
        for line in list(self._lines):
            line.put({"op": 7, "d": None, "s": None, "t": None})

    def invalidate(self, *, resumable: bool) -> None:
        """Opcode 9."""
        for session in self.live:
            session.over = not resumable
        for line in list(self._lines):
            line.put({"op": 9, "d": resumable, "s": None, "t": None})

    @property
    def live(self) -> list[Session]:
        return [session for session in list(self.sessions) if not session.over]

    @property
    def connected(self) -> list[Session]:
        return [session for session in self.live if session.line is not None]

    def emit(self, name: str, data: Json, guild: Guild | None) -> None:
        """Dispatch to the shard that has the guild, if its intents ask for such events."""
        for session in self.live:
            if session.takes(guild) and not (self.silent or _unasked(name, session.intents, guild)):
                session.dispatch(name, self._data(name, data))

    def _data(self, name: str, data: Json) -> Json:
        if not name.startswith("MESSAGE_"):
            return data
        item = data["message"]
        hidden = not (item.author is self.world.bot or item.channel.guild is None or self.world.settings.reads_content)
        shape = shapes.message(item, self.world.app, with_nonce=name == "MESSAGE_CREATE", hidden=hidden)
        return shape if item.channel.guild is None else {**shape, "guild_id": str(item.channel.guild.id)}

    # --- the budget of session starts ---

    def limit(self) -> Json:
        """``session_start_limit`` of ``GET /gateway/bot``."""
        now, settings = self.world.clock.now(), self.world.settings
        used = [at for at, _, _ in self.started if at > now - DAY]
        reset = used[0] + DAY - now if used else 0
        return {"total": settings.identifies, "remaining": max(0, settings.identifies - len(used)),
                "reset_after": reset, "max_concurrency": settings.max_concurrency}  # fmt: skip

    def _spend(self, shard: int) -> bool:
        """Whether this IDENTIFY fits into 5 seconds; one beyond the day's budget resets the token, as Discord does."""
        settings = self.world.settings
        if self.limit()["remaining"] == 0:
            settings.token += ".reset"
            raise ClosedError(4004, "Authentication failed.")
        key, now = shard % settings.max_concurrency, time.monotonic()
        since = now - settings.identify_pause
        if any(at > since and other % settings.max_concurrency == key for _, at, other in self.started):
            return False
        self.started.append((self.world.clock.now(), now, shard))
        return True

    # --- one connection ---

    async def serve(self, request: web.Request) -> web.StreamResponse:
        if self.shut:
            return web.Response(status=503)
        socket = web.WebSocketResponse(compress=False, timeout=1.0)
        await socket.prepare(request)
        line = Line(socket, request.query.get("compress") == "zlib-stream")
        self._lines.add(line)
        sending = asyncio.create_task(line.send_all())
        line.put({"op": 10, "d": {"heartbeat_interval": self.heartbeat, "_trace": []}, "s": None, "t": None})
        session: Session | None = None
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    session = self._receive(line, message.data) or session
        except (KeyError, TypeError, ValueError):
            self.closed.append(4002)
            await socket.close(code=4002, message=b"Error while decoding payload.")
        except ClosedError as closed:
            self.closed.append(closed.code)
            await socket.close(code=closed.code, message=str(closed).encode())
        finally:
            self._left(line, socket)
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
        return socket

    def _left(self, line: Line, socket: web.WebSocketResponse) -> None:
        """A client that says 1000 or 1001 has no use for its session any more."""
        self._lines.discard(line)
        for session in self.sessions:
            if session.line is line:
                session.line = None
                by_client = not line.dropped and socket.close_code in {WSCloseCode.OK, WSCloseCode.GOING_AWAY}
                session.over |= by_client

    def _receive(self, line: Line, text: str) -> Session | None:
        self._measure(line, text)
        message = json.loads(text)
        opcodes: dict[int, Callable[[Line, Any], Session | None]] = {
            1: self._beat, 2: self._identify, 3: self._nothing, 6: self._resume
        }  # fmt: skip
        if message["op"] not in opcodes:
            raise ClosedError(4001, "Unknown opcode.")
        return opcodes[message["op"]](line, message["d"])

    def _measure(self, line: Line, text: str) -> None:
        now = time.monotonic()
        line.received.append(now)
        while line.received[0] < now - 60:
            line.received.popleft()
        if len(text.encode()) > PAYLOAD:
            raise ClosedError(4002, "Payload too large.")
        if len(line.received) > EVENTS_A_MINUTE:
            raise ClosedError(4008, "Rate limited.")

    def _beat(self, line: Line, _: Any) -> None:
        self.heartbeats += 1
        if not self.silent:
            line.put({"op": 11, "d": None, "s": None, "t": None})

    def _nothing(self, line: Line, _: Any) -> None:
        """Presence: accepted and shown to nobody."""

    def _identify(self, line: Line, data: Json) -> Session | None:
        shard, count = data.get("shard") or (0, 1)
        self._admit(data, shard, count)
        if not self._spend(shard):
            line.put({"op": 9, "d": False, "s": None, "t": None})
            return None
        identity = f"{self.world.snowflake():x}"
        session = Session(identity, shard, count, data["intents"], data["properties"], line=line)
        self.sessions.append(session)
        self._welcome(session)
        return session

    def _admit(self, data: Json, shard: int, count: int) -> None:
        if data["token"] != self.world.settings.token:
            raise ClosedError(4004, "Authentication failed.")
        if not 0 <= shard < count:
            raise ClosedError(4010, "Invalid shard.")
        if len([g for g in self.world.guilds.values() if g.joined]) > 2_500 * count:
            raise ClosedError(4011, "Sharding required.")
        if data["intents"] & ~KNOWN_INTENTS:
            raise ClosedError(4013, "Invalid intent(s).")
        if data["intents"] & PRIVILEGED & ~self.world.settings.privileged:
            raise ClosedError(4014, "Disallowed intent(s).")

    def _welcome(self, session: Session) -> None:
        """READY, and as the intents go the guilds one by one."""
        mine = [g for g in self.world.guilds.values() if g.joined and session.takes(g)]
        session.dispatch("READY", {
            "v": 10,
            "user": {**shapes.user(self.world.bot), "verified": True, "mfa_enabled": False, "email": None},
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in mine],
            "session_id": session.id,
            "resume_gateway_url": self.url,
            "shard": [session.shard, session.count],
            "application": {"id": str(self.world.app), "flags": 0},
            "private_channels": [],
        })  # fmt: skip
        if session.intents & GUILDS:
            for guild in (one for one in mine if not one.down):
                session.dispatch("GUILD_CREATE", shapes.guild(guild, self.world))

    def _resume(self, line: Line, data: Json) -> Session | None:
        if data["token"] != self.world.settings.token:
            raise ClosedError(4004, "Authentication failed.")
        found = [s for s in self.live if s.id == data["session_id"]]
        if not found:
            line.put({"op": 9, "d": False, "s": None, "t": None})
            return None
        session, seen = found[0], data.get("seq") or 0
        for event in session.events[seen:]:
            line.put(event)
        session.line = line
        self.resumed += 1
        session.dispatch("RESUMED", {"_trace": []})
        return session


def _unasked(name: str, intents: int, guild: Guild | None) -> bool:
    if name.startswith("MESSAGE_"):
        return not intents & (DIRECT_MESSAGES if guild is None else GUILD_MESSAGES)
    return name != "INTERACTION_CREATE" and not intents & GUILDS
