"""What Slack knows: workspaces, an organization, people, channels, messages, views, tokens. State only: no network.

``World`` is born furnished (``lab`` with the bot installed, ``other`` without, the organization ``org`` with ``north``
and ``south``); tests add what they need. Times are seconds.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

from tests.planted import planted
from tests.standins.slack_faults import Faults, Pace

if TYPE_CHECKING:
    from tests.standins.slack_calls import Call
    from tests.standins.slack_oauth import Grant

JSON = dict[str, Any]

SCOPES = (
    "commands,chat:write,chat:write.public,channels:read,groups:read,im:read,im:write,users:read,team:read,"
    "channels:history,groups:history,im:history,links:read,links:write,app_mentions:read"
)
"""What the bot of ``lab`` may do unless a test says otherwise."""


@dataclass(eq=False)
class Enterprise:
    id: str
    name: str
    domain: str


@dataclass(eq=False)
class Team:
    id: str
    name: str
    domain: str
    enterprise: Enterprise | None = None


@dataclass(eq=False)
class User:
    id: str
    team: Team | None
    name: str
    admin: bool = False
    bot: bool = False
    deleted: bool = False
    guest: bool = False
    zone: str = "Europe/Berlin"


@dataclass(eq=False)
class Channel:
    """``kind`` is public, private or im; ``user`` is whom a direct channel is with; ``restricted``: admins post."""

    id: str
    team: Team
    name: str
    kind: str = "public"
    members: set[str] = field(default_factory=set)
    archived: bool = False
    restricted: bool = False
    user: User | None = None
    messages: list["Message"] = field(default_factory=list)


@dataclass(eq=False)
class Message:
    """``only_for`` is the id of the one who sees it, or empty. ``sent`` are the arguments as they came.

    ``unfurls`` is by URL what the app attached to the links of somebody's message; ``links`` are those links.
    """

    channel: Channel
    ts: str
    user: str
    sent: JSON
    install: "Install | None" = None
    text: str = ""
    blocks: list[JSON] = field(default_factory=list)
    attachments: list[JSON] = field(default_factory=list)
    metadata: JSON | None = None
    thread_ts: str = ""
    only_for: str = ""
    edited: str = ""
    deleted: bool = False
    links: list[str] = field(default_factory=list)
    unfurls: JSON = field(default_factory=dict)

    @property
    def unfurl_links(self) -> bool:
        return bool(self.sent.get("unfurl_links", False))

    @property
    def unfurl_media(self) -> bool:
        return bool(self.sent.get("unfurl_media", True))


@dataclass(eq=False)
class Install:
    """A bot token. ``team`` is None when it is for all of an organization; ``dead`` is the error it answers with."""

    token: str
    bot: User
    bot_id: str
    scopes: frozenset[str]
    team: Team | None = None
    enterprise: Enterprise | None = None
    dead: str = ""

    @property
    def org_wide(self) -> bool:
        return self.team is None

    def reaches(self, team: Team | None) -> bool:
        return team is self.team if self.team else team is not None and team.enterprise is self.enterprise


@dataclass(eq=False)
class View:
    """A modal or home as a person sees it; ``values`` by block and action id is what was entered so far."""

    id: str
    install: Install
    user: User
    body: JSON
    hash: str
    trigger: str = ""
    root: str = ""
    previous: str = ""
    closed: bool = False
    values: dict[str, dict[str, JSON]] = field(default_factory=dict)


@dataclass(eq=False)
class Trigger:
    """What lets the app open a modal within 3 s of what somebody did."""

    id: str
    install: Install
    user: User
    at: float
    used: bool = False
    view: View | None = None
    """The modal in which it was done."""
    views: list[View] = field(default_factory=list)
    """What was opened with it."""


@dataclass(eq=False)
class Hook:
    """A response_url: who sees what is said there, what it may replace, and what came of it."""

    id: str
    install: Install
    user: User
    channel: Channel
    at: float
    original: Message | None = None
    uses: int = 0
    said: list[Message] = field(default_factory=list)


class World:
    """``clock`` gives seconds since 1970, of which message ids are made; ``advance`` moves it and every lifetime."""

    app_id = "A00000001"
    client_id = "1000.2000"
    client_secret = planted("client-secret-")
    signing_secret = planted("signing-secret-")
    app_token = planted("xapp-standin-")
    verification_token = planted("verification-token-")
    redirect_uri = ""
    """Where OAuth sends people who came without an address to return to."""

    ack_deadline = 3.0
    """Seconds in which an app must acknowledge; what comes later is noted in ``late``."""
    ack_patience = 5.0
    """Seconds after which an acknowledgement is not waited for any more."""

    def __init__(self, clock: Callable[[], float] = time.time, scopes: str = SCOPES) -> None:
        self._clock, self._skew = clock, 0.0
        self._number = count(1)
        self._last_ts = 0
        self.enterprises: list[Enterprise] = []
        self.teams: list[Team] = []
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.installs: list[Install] = []
        self.views: dict[str, View] = {}
        self.homes: dict[str, View] = {}
        self.violations: list[str] = []
        self.late: list[tuple[str, float]] = []
        self.edit_window: float | None = None
        """Seconds after which the workspace lets nobody edit; None: never."""
        self.outsider_error = "not_in_channel"
        """What a post to a private channel without the bot meets; Slack also says ``channel_not_found``."""
        self.triggers: dict[str, Trigger] = {}
        self.hooks: dict[str, Hook] = {}
        self.tickets: set[str] = set()
        self.grants: dict[str, Grant] = {}
        self.shared: dict[str, Message] = {}
        """Messages with links, by the id that lets the app unfurl them."""
        self.calls: list[Call] = []
        self.faults = Faults()
        self.posting = Pace(per_second=1, burst=3)
        """How quickly one channel takes posts."""
        self.reading = Pace(per_second=50 / 60, burst=50)
        """How quickly one workspace gives out history, below at most how much of it at once; see ``sell``."""
        self.most_read = 999
        self.url = ""
        """Where this world is served, without a slash at the end."""
        self._furnish(scopes)

    def _furnish(self, scopes: str) -> None:
        self.lab, self.other = self.add_team("lab"), self.add_team("other")
        self.org = self.add_enterprise("org")
        self.north, self.south = self.add_team("north", self.org), self.add_team("south", self.org)
        self.bot = self.install(self.lab, scopes)
        self.reader = self.add_user(self.lab, "reader")
        self.manager = self.add_user(self.lab, "manager", admin=True)
        self.papers = self.add_channel(self.lab, "papers", joined=True)
        self.general = self.add_channel(self.lab, "general")
        self.secret = self.add_channel(self.lab, "secret", kind="private")
        self.stranger = self.add_user(self.other, "stranger")
        self.elsewhere = self.add_channel(self.other, "elsewhere")

    def sell(self) -> None:
        """The app is sold outside the Marketplace: history once a minute, 15 messages at most."""
        self.reading, self.most_read = Pace(per_second=1 / 60, burst=1), 15

    # --- time ---

    def now(self) -> float:
        return self._clock() + self._skew

    def elapsed(self) -> float:
        """Seconds on a clock that only goes forward, whatever the clock of message ids does."""
        return time.monotonic() + self._skew

    def advance(self, seconds: float) -> None:
        self._skew += seconds

    def new_ts(self) -> str:
        """A message id: later than every other, microseconds apart where the clock stands."""
        self._last_ts = max(round(self.now() * 1_000_000), self._last_ts + 1)
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def new_id(self, letter: str) -> str:
        return f"{letter}{next(self._number):08d}"

    # --- furniture ---

    def add_enterprise(self, name: str) -> Enterprise:
        self.enterprises.append(Enterprise(self.new_id("E"), name, name))
        return self.enterprises[-1]

    def add_team(self, name: str, enterprise: Enterprise | None = None) -> Team:
        self.teams.append(Team(self.new_id("T"), name, name, enterprise))
        return self.teams[-1]

    def add_user(self, team: Team | None, name: str, *, admin: bool = False, bot: bool = False) -> User:
        user = User(self.new_id("U"), team, name, admin=admin, bot=bot)
        self.users[user.id] = user
        return user

    def add_channel(
        self,
        team: Team,
        name: str,
        *,
        kind: str = "public",
        joined: bool = False,
        members: Iterable[User] | None = None,
    ) -> Channel:
        """A channel of everybody in the team, or of ``members``; ``joined``: the bot of the team is in it."""
        people = [user for user in self.users.values() if user.team is team] if members is None else members
        channel = Channel(self.new_id("C"), team, name, kind, {user.id for user in people if not user.bot})
        self.channels[channel.id] = channel
        if joined:
            self.join(channel)
        return channel

    def join(self, channel: Channel) -> None:
        """Somebody invites the bot."""
        install = self.install_of(channel.team)
        assert install is not None, f"the app is not installed in {channel.team.name}"
        channel.members.add(install.bot.id)

    def direct(self, install: Install, user: User) -> Channel:
        """The channel of a bot and a person, made if need be."""
        members = {install.bot.id, user.id}
        for channel in self.channels.values():
            if channel.kind == "im" and channel.members == members:
                return channel
        team = user.team or install.team
        assert team is not None
        channel = Channel(self.new_id("D"), team, "directmessage", "im", members, user=user)
        self.channels[channel.id] = channel
        return channel

    # --- installations ---

    def install(self, place: Team | Enterprise, scopes: str = SCOPES) -> Install:
        """Install the app, as after OAuth; again, it keeps its token and gains scopes."""
        wanted = frozenset(filter(None, scopes.split(",")))
        for known in self.installs:
            if not known.dead and place in (known.team, known.enterprise if known.org_wide else None):
                known.scopes |= wanted
                return known
        team = place if isinstance(place, Team) else None
        enterprise = place if isinstance(place, Enterprise) else place.enterprise
        bot = self.add_user(team, "paperboy", bot=True)
        token = planted("xoxb-standin-", next(self._number))
        self.installs.append(Install(token, bot, self.new_id("B"), wanted, team, enterprise))
        return self.installs[-1]

    def end(self, install: Install, error: str, events: tuple[str, ...]) -> None:
        """The token dies; ``events`` are what the app is told, for which a world needs doors."""
        install.dead = error

    def install_of(self, team: Team) -> Install | None:
        """The living installation that answers for a team, its own before that of its organization."""
        living = [install for install in self.installs if not install.dead and install.reaches(team)]
        return min(living, key=lambda install: install.org_wide, default=None)

    def trigger(self, install: Install, user: User) -> Trigger:
        trigger = Trigger(f"{next(self._number)}.trigger", install, user, self.elapsed())
        self.triggers[trigger.id] = trigger
        return trigger

    def hook(self, install: Install, user: User, channel: Channel, original: Message | None = None) -> Hook:
        hook = Hook(planted("", next(self._number)), install, user, channel, self.elapsed(), original)
        self.hooks[hook.id] = hook
        return hook

    # --- what can be seen ---

    def channel(self, name: "Channel | str", team: Team | None = None) -> Channel:
        """A channel by id, or by name in a team (``lab`` unless said)."""
        if isinstance(name, Channel):
            return name
        if name in self.channels:
            return self.channels[name]
        return next(c for c in self.channels.values() if c.name == name and c.team is (team or self.lab))

    def messages(self, channel: "Channel | str", *, private: bool = False) -> list[Message]:
        """What stands in a channel, oldest first; with ``private`` also what only one person sees."""
        found = self.channel(channel).messages
        return [m for m in found if not m.deleted and (private or not m.only_for)]

    def put(self, message: Message) -> Message:
        message.channel.messages.append(message)
        return message

    def say(self, user: User, channel: "Channel | str", text: str, thread_ts: str = "") -> Message:
        """A person writes something. Nobody is told."""
        room = self.channel(channel)
        return self.put(Message(room, self.new_ts(), user.id, {}, text=text, thread_ts=thread_ts))
