"""What the deeds on subscriptions are called in a channel and for a person, and on whose target they work."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.commands.rooms import here, own
from bot.commands.table import Option, OptionKind
from bot.model import Address, Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Verbs:
    """The names of the commands of one room, and whose target they work on."""

    add: str
    list: str
    edit: str
    pause: str
    resume: str
    remove: str
    noun: str
    where: Callable[[Request], Address]

    def id(self, *, all: bool = True) -> Option:
        """Numbers of this room's kind; ``all`` where the command takes them all at once."""
        kind: OptionKind = "alert" if self.noun == "alert" else "subscription"
        or_all = ", or all" if all else ""
        return Option(name="id", help=f"its number in /papers {self.list}{or_all}", kind=kind, required=True, all=all)


CHANNEL = Verbs(
    add="subscribe",
    list="subscriptions",
    edit="edit",
    pause="pause",
    resume="resume",
    remove="unsubscribe",
    noun="subscription",
    where=here,
)
ALERTS = Verbs(
    add="alert add",
    list="alert list",
    edit="alert edit",
    pause="alert pause",
    resume="alert resume",
    remove="alert remove",
    noun="alert",
    where=own,
)
