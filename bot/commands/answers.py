"""Small things that answers of several rooms share: a command as a line, a long list in pages, a place in words.

No command lives here, and nothing here reads the store.
"""

from collections.abc import Mapping, Sequence
from typing import TypeVar

import bot.commands  # the table is looked up when a line is written: the rooms in it import this file
from bot.cadence import clock_text, local
from bot.cards import Page
from bot.commands.reading import write
from bot.commands.table import Option
from bot.commands.values import number
from bot.model import Address, Person, Request
from bot.phrases import day_text
from bot.text import cut

PAGE = Option(name="page", help="which page of a long list", kind="number")
PAPER = Option(name="paper", help="its id, address or title", kind="paper", required=True, rest=True)
YES = Option(name="confirm", help="yes to really do it", kind="choice", choices=("yes",))

_Item = TypeVar("_Item")


def line(command: str, options: Mapping[str, str] | None = None, /, **more: str) -> str:
    """The line that gives a command of the table: ``line("unsubscribe", id="3")``."""
    row = next(c for c in bot.commands.TABLE if c.name == command)
    return write(row, {**(options or {}), **more})


def paged(items: Sequence[_Item], request: Request, size: int = 10) -> tuple[Sequence[_Item], Page | None]:
    """The items of the page asked for (past the end: the last one), and where it is; None when all fit on one."""
    total = max(1, -(-len(items) // size))
    at = min(number(request.options.get("page", "1"), "page", *PAGE.bounds), total)
    if total == 1:
        return items, None
    before = line(request.command, request.options, page=str(at - 1)) if at > 1 else ""
    after = line(request.command, request.options, page=str(at + 1)) if at < total else ""
    return items[(at - 1) * size : at * size], Page(number=at, total=total, previous=before, next=after)


def place(where: Address) -> str:
    """``#papers``, or ``your own messages`` for a person."""
    return "your own messages" if where.kind == "person" else f"#{(where.name or where.room).removeprefix('#')}"


def called(person: Person) -> str:
    """What somebody is called, on one short line; empty where no platform says."""
    return cut(" ".join(person.name.split()), 80)


def moment_text(at: int, timezone: str, now: int) -> str:
    """``Mon 23 Nov 09:00``: a time in ms, on a target's own clock; with the year where it is not that of ``now``."""
    wall = local(at, timezone)
    return f"{day_text(wall.date(), local(now, timezone).date())} {clock_text(wall.hour * 60 + wall.minute)}"


def soon_text(at: int, timezone: str, now: int) -> str:
    """``today 14:05``, ``tomorrow 09:12``, ``Tue 1 Dec 09:12``: a time to come, in ms."""
    wall, today = local(at, timezone), local(now, timezone).date()
    name = {0: "today", 1: "tomorrow"}.get((wall.date() - today).days)
    return f"{name} {clock_text(wall.hour * 60 + wall.minute)}" if name else moment_text(at, timezone, now)


def until_text(until: int, timezone: str, now: int) -> str:
    """``until Mon 23 Nov 09:00``, or ``until resumed`` for 0."""
    return f"until {moment_text(until, timezone, now)}" if until else "until resumed"
