"""The shape of a command and the desk it works at. What the commands do is in the rooms beside this file.

One table serves every platform: names, options and help here become slash commands on Discord, text on Slack and in
the terminal, and the help pages. A new command is one function and one row, and needs no line in an adapter.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from bot.cards import Reply
from bot.commands.rates import Rates
from bot.model import Address, Person, Preferences, Request, Target
from bot.ports import Source, Store

OptionKind = Literal[
    "text", "query", "paper", "subscription", "alert", "watch", "date", "week", "month", "number", "time", "hours",
    "until", "timezone", "choice", "person", "span",
]  # fmt: skip
"""What a value means: platforms choose autocomplete by it, ``values.py`` reads it."""

Room = Literal["look-ups", "channel", "personal", "admin"]
Needs = Literal["nothing", "manager", "admin"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One named value of a command. ``rest`` takes all words that belong to no other option."""

    name: str
    help: str
    kind: OptionKind = "text"
    required: bool = False
    rest: bool = False
    choices: tuple[str, ...] = ()
    bounds: tuple[int, int] = (1, 1_000_000)
    """The least and the most a number can be."""
    all: bool = False
    """Whether "all" may stand in place of one number of a list."""
    silent: bool = False
    """Read and without effect, for a line pasted from another command: shown in no help."""


Run = Callable[["Desk", Request], Awaitable[Reply]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A row of the table. ``words`` is its path: ``("alert", "add")``; ``needs`` the right it takes to run it.

    ``writes`` when it changes something: then nobody is led into it by a guess, and beside a running Paperboy it is
    refused. One that can be given options and is given none only shows what there is.
    """

    words: tuple[str, ...]
    help: str
    room: Room
    run: Run
    options: tuple[Option, ...] = ()
    needs: Needs = "nothing"
    aliases: tuple[str, ...] = ()
    example: str = ""
    writes: bool = False
    posts: bool = False
    """Whether it makes posts come where it is said: refused where Paperboy cannot post."""
    share: bool = False
    """Whether its answer has nothing of the asker in it, and may be shown to everybody where it was asked."""
    form: bool = False
    """Whether a platform that has forms opens one for it when it is given bare."""

    @property
    def name(self) -> str:
        """``alert add``: how a request names it."""
        return " ".join(self.words)

    def option(self, name: str) -> Option | None:
        return next((o for o in self.options if o.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Quotas. Counts; ``query`` in characters. Those without a setting are far above what people need."""

    per_channel: int = 10
    per_person: int = 20
    per_space: int = 50
    query: int = 200
    commands_per_minute: int = 10
    typed_per_minute: int = 240
    """Questions of autocomplete, one for each letter that is typed: four in a second."""
    unasked_per_minute: int = 60
    """What a platform asks for by itself: a Home tab is four, a message with links up to five."""
    saved: int = 2_000
    """Papers on one person's shelf, which is read whole."""
    managers: int = 50
    """People on one space's list, which is read at every command that takes a manager."""


async def _nothing_kept(_where: Address) -> None:
    """Most platforms keep their own history: there is nothing of ours to delete."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Everything a command may reach. ``clock`` gives ms UTC; a command reads it once.

    ``read_only`` where nothing can be written: another Paperboy holds the database, or ``full`` says that the disk is.
    """

    store: Store
    sources: Mapping[str, Source] = field(default_factory=dict)
    limits: Limits = Limits()
    defaults: Preferences = field(default_factory=Preferences)
    clock: Callable[[], int]
    poll_every: int = 20 * 60_000
    rates: Rates = field(default_factory=Rates)
    forget: Callable[[Address], Awaitable[None]] = _nothing_kept
    read_only: bool = False
    full: str = ""

    def now(self) -> int:
        return self.clock()

    def today(self, timezone: str = "UTC") -> date:
        """The calendar day in a time zone."""
        return datetime.fromtimestamp(self.clock() / 1000, UTC).astimezone(ZoneInfo(timezone)).date()

    async def target(self, where: Address) -> Target:
        """The target at an address, made with the defaults of this installation when it is new."""
        return await self.store.subscriptions.target(where, self.defaults)

    async def own(self, person: Person) -> Target:
        """A person's own target: alerts and watches."""
        return await self.target(person.address)
