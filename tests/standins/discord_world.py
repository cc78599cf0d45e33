"""What there is at the stand-in for Discord: people, guilds, channels, messages, rights and time. No network, no JSON.

Ids are true snowflakes (https://docs.discord.com/developers/reference#snowflakes): the milliseconds of their making
stand in them, taken from a clock that tests may set ahead.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum, IntFlag
from typing import TYPE_CHECKING, Any

from tests.planted import planted

if TYPE_CHECKING:
    from tests.standins.discord_answers import Answer

EPOCH = 1_420_070_400_000
"""The first millisecond of 2015, from which snowflakes count."""
_WORKER = 1 << 17


class Right(IntFlag):
    """The permissions that matter to a bot that posts, by their documented bits."""

    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_EXTERNAL_EMOJIS = 1 << 18
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    SEND_MESSAGES_IN_THREADS = 1 << 38
    USE_EXTERNAL_APPS = 1 << 50


ALL = (1 << 53) - 1
POSTING = (
    Right.VIEW_CHANNEL | Right.SEND_MESSAGES | Right.EMBED_LINKS | Right.ATTACH_FILES | Right.READ_MESSAGE_HISTORY
    | Right.USE_APPLICATION_COMMANDS | Right.CREATE_PUBLIC_THREADS | Right.SEND_MESSAGES_IN_THREADS
    | Right.USE_EXTERNAL_APPS
)  # fmt: skip
"""What everybody may where nothing else is said."""


class Kind(IntEnum):
    """Channel types."""

    TEXT = 0
    DM = 1
    ANNOUNCEMENT = 5
    THREAD = 11
    FORUM = 15


class Clock:
    """Milliseconds since 1970 in UTC; ``ahead`` is what tests add to it."""

    def __init__(self, source: Callable[[], int] | None = None) -> None:
        self._source = source or (lambda: time.time_ns() // 1_000_000)
        self.ahead = 0

    def now(self) -> int:
        return self._source() + self.ahead

    def advance(self, seconds: float) -> None:
        self.ahead += round(seconds * 1000)


def made_at(snowflake: int) -> int:
    """When a thing with this id was made, in ms."""
    return (snowflake >> 22) + EPOCH


@dataclass(eq=False)
class User:
    """``installed``: added the app to their account; ``open``: takes direct messages from it."""

    id: int
    name: str
    bot: bool = False
    installed: bool = False
    open: bool = True
    locale: str = "en-US"


@dataclass(eq=False)
class Role:
    """``mentionable``: anybody may call it."""

    id: int
    name: str
    mentionable: bool = False


@dataclass(eq=False)
class Guild:
    """``joined``: the bot is a member. ``rights`` are the bot's own, ``everyone`` those of all others.

    One that is ``down`` is in trouble: the bot is in it still, and hears no more of it.
    """

    id: int
    name: str
    owner: User
    joined: bool = True
    down: bool = False
    rights: int = int(POSTING)
    everyone: int = int(POSTING)
    locale: str = "en-US"
    roles: list[Role] = field(default_factory=list)
    """Beside @everyone and the bot's own."""

    @property
    def role_id(self) -> int:
        """Of the role that an installed app gets."""
        return self.id + 1


@dataclass(eq=False)
class Channel:
    """``rights``: the bot's in this channel where they differ from the guild's. ``tags``: id and name, of a forum."""

    id: int
    kind: Kind
    name: str = ""
    guild: Guild | None = None
    parent: "Channel | None" = None
    recipient: User | None = None
    rights: int | None = None
    tags: dict[int, str] = field(default_factory=dict)
    needs_tag: bool = False
    applied: list[int] = field(default_factory=list)
    archived: bool = False
    locked: bool = False
    touched: int = 0

    @property
    def is_thread(self) -> bool:
        return self.kind is Kind.THREAD


@dataclass(eq=False)
class Message:
    """A message as it stands. ``sent`` is the body it was made from, ``versions`` how it stood before each edit."""

    id: int
    channel: Channel
    author: User
    at: int
    sent: dict[str, Any]
    content: str = ""
    embeds: list[dict[str, Any]] = field(default_factory=list)
    components: list[dict[str, Any]] = field(default_factory=list)
    attachments: list[dict[str, Any]] = field(default_factory=list)
    flags: int = 0
    kind: int = 0
    nonce: str | int | None = None
    edited: int = 0
    versions: list[dict[str, Any]] = field(default_factory=list)
    reference: "Message | None" = None
    thread: Channel | None = None
    asked_by: dict[str, Any] | None = None
    pings: list[int] = field(default_factory=list)
    """Ids of the people and roles it notifies."""
    pings_everyone: bool = False
    files: dict[str, bytes] = field(default_factory=dict)

    @property
    def ephemeral(self) -> bool:
        return bool(self.flags & 64)


@dataclass
class Settings:
    """What Discord does not publish or a test wants otherwise. Times in seconds."""

    token: str = planted("stand-in.discord.")
    nonce_window: float = 60.0
    """How long the same nonce in the same channel gives the old message; measured by the stand-in's clock."""
    answer_deadline: float = 3.0
    token_life: float = 900.0
    edit_hour: float = 3600.0
    old_edit_wait: float = 0.2
    """What ``retry_after`` says when a message older than ``edit_hour`` is edited."""
    reads_content: bool = False
    """Whether the message content intent is granted in the portal."""
    privileged: int = 0
    """Privileged gateway intents granted in the portal."""
    shards: int = 1
    max_concurrency: int = 1
    identifies: int = 1_000
    """Session starts in 24 hours."""
    identify_pause: float = 5.0
    """In real seconds, between two session starts of one shard or of shards that share a key."""
    dms_a_day: int = 100
    """New direct-message channels in 24 hours before the bot is told off with 40003."""


class Nonces:
    """Which message a nonce made, by channel. ``swallowed`` posts were known by theirs and not shown again."""

    def __init__(self) -> None:
        self.swallowed = 0
        self._made: dict[tuple[int, str], Message] = {}

    def add(self, key: tuple[int, str], message: Message) -> None:
        self._made[key] = message

    def get(self, key: tuple[int, str], since: float) -> Message | None:
        """The bot's message with this nonce in this channel, if it was made after ``since`` (ms)."""
        found = self._made.get(key)
        return found if found is not None and found.at > since else None


class World:
    """All there is. ``app`` is the application's id, which is also its bot's."""

    def __init__(self, clock: Clock, settings: Settings | None = None) -> None:
        self.clock = clock
        self.settings = settings or Settings()
        self.emit: Callable[[str, dict[str, Any], Guild | None], None] = lambda event, data, guild: None
        """Tells connected clients; the gateway sets it."""
        self.commands: list[dict[str, Any]] = []
        self.answers: dict[str, Answer] = {}
        """By interaction token."""
        self.nonces = Nonces()
        self._last = 0
        self._counting = threading.Lock()
        self.users: dict[int, User] = {}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self._messages: dict[int, dict[int, Message]] = {}
        self.opened: dict[int, int] = {}
        """Whom the bot opened a direct-message channel with, and when (ms)."""
        self.bot = self.user("Paperboy", bot=True)
        self.operator = self.user("operator")

    @property
    def app(self) -> int:
        return self.bot.id

    def snowflake(self) -> int:
        """A new id, never the same twice. Greater than those before, and than its bare milliseconds, as true ones."""
        with self._counting:
            self._last = max(self._last + 1, (self.clock.now() - EPOCH << 22) + _WORKER)
            return self._last

    # --- making ---

    def user(self, name: str = "somebody", *, bot: bool = False, installed: bool = False, dms: bool = True) -> User:
        user = User(self.snowflake(), name, bot=bot, installed=installed, open=dms)
        self.users[user.id] = user
        return user

    def guild(self, name: str, *, shard: tuple[int, int] | None = None, **more: Any) -> Guild:
        """``shard``: (shard, of how many) it shall fall to, (id >> 22) % count. ``more`` are fields of ``Guild``."""
        identity = self._id_of_shard(*shard) if shard else self.snowflake()
        guild = Guild(identity, name, self.operator, **more)
        self._last = max(self._last, guild.role_id)
        self.guilds[guild.id] = guild
        return guild

    def _id_of_shard(self, shard: int, count: int) -> int:
        identity = self.snowflake()
        while (identity >> 22) % count != shard:
            identity += 1 << 22
        self._last = max(self._last, identity)
        return identity

    def channel(self, guild: Guild | None, name: str, kind: Kind, **more: Any) -> Channel:
        """``more`` are further fields of ``Channel``; ``id`` too where it is given by another thing."""
        channel = Channel(more.pop("id", None) or self.snowflake(), kind, name, guild, **more)
        channel.touched = self.clock.now()
        self.channels[channel.id] = channel
        self._messages[channel.id] = {}
        return channel

    def dm(self, user: User) -> Channel:
        """The bot's direct-message channel with somebody; there is always one, opened by the bot or not."""
        known = (c for c in list(self.channels.values()) if c.kind is Kind.DM and c.recipient is user)
        return next(known, None) or self.channel(None, "", Kind.DM, recipient=user)

    def keep(self, message: Message) -> Message:
        self._messages[message.channel.id][message.id] = message
        message.channel.touched = message.at
        return message

    # --- looking ---

    def messages(self, channel: Channel) -> list[Message]:
        """Oldest first."""
        return sorted(self._messages.get(channel.id, {}).values(), key=lambda message: message.id)

    def message(self, channel: Channel, identity: int) -> Message | None:
        return self._messages.get(channel.id, {}).get(identity)

    def channels_of(self, guild: Guild) -> list[Channel]:
        return [c for c in list(self.channels.values()) if c.guild is guild and not c.is_thread]

    def threads_of(self, guild: Guild) -> list[Channel]:
        return [c for c in list(self.channels.values()) if c.guild is guild and c.is_thread]

    def threads_in(self, channel: Channel) -> list[Channel]:
        return [c for c in list(self.channels.values()) if c.parent is channel]

    def rights(self, channel: Channel) -> int:
        """The bot's rights in a channel; in direct messages there are none to ask for."""
        if channel.guild is None:
            return ALL
        if not channel.guild.joined:
            return 0
        home = channel.parent or channel
        rights = channel.guild.rights if home.rights is None else home.rights
        return ALL if channel.guild.rights & Right.ADMINISTRATOR else rights

    # --- taking away ---

    def remove_message(self, message: Message) -> None:
        self._messages.get(message.channel.id, {}).pop(message.id, None)

    def remove_channel(self, channel: Channel) -> None:
        for thread in self.threads_in(channel):
            self.remove_channel(thread)
        self.channels.pop(channel.id, None)
        self._messages.pop(channel.id, None)
