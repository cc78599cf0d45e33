"""Rooms and persons of the one screen: what people type for them, what they are called. Pure."""

from adapters.text import one_line
from bot.model import Address, Person

SPACE = "local"


def address(room: str, user: str) -> Address:
    """The address somebody means by a room: ``#nlp`` or ``nlp`` a channel, ``@`` and their own name themselves."""
    if room == f"@{user}":
        return whom(user).address
    return Address("terminal", SPACE, f"#{one_line(room).lstrip('#@')}")


def whom(user: str) -> Person:
    return Person("terminal", SPACE, user, user)


def called(where: str, kind: str) -> str:
    return f"@{one_line(where)}" if kind == "person" else one_line(where)
