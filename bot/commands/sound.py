"""Whether a line that is about to be offered works, as far as that can be told without a store. Pure.

Everything offered under "Do this instead" passes here: it reads as a command, and each of its values can be read too.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime

from bot.commands import reading, values
from bot.commands.reading import way_out, write
from bot.commands.table import Command, Option, OptionKind
from bot.errors import CommandError
from bot.query import LONGEST, parse

_TRIES = 4
_SOME_DAY = 1_800_000_000_000
"""Stands for now where nobody says: how a day is written does not depend on it."""


def sound(line: str, now: int | None = None, limit: int = LONGEST) -> str:
    """The line, where it reads and each value does; else the best that can be offered for it. May be empty.

    ``now`` is in ms; without it, whether an end is still to come is not looked at. ``limit`` is a query's longest.
    """
    for _ in range(_TRIES):
        line = reading.sound(line)
        try:
            command, options = reading.read(line)
        except CommandError:
            break
        wrong = _first_wrong(command, options, now, limit)
        if wrong is None:
            return line
        name, error = wrong
        instead = error.instead if isinstance(error, values.BadValueError) else ""
        line = write(command, {**options, name: instead}) if instead else way_out(command)
    return f"/{reading.BRAND} help"


def _first_wrong(
    command: Command, options: Mapping[str, str], now: int | None, limit: int
) -> tuple[str, CommandError] | None:
    for name, text in options.items():
        option = command.option(name)
        try:
            if option is not None and not option.silent:
                check(option, text, _SOME_DAY if now is None else now, limit)
        except CommandError as error:
            if now is None and option is not None and option.kind == "until" and not _is_unreadable(error):
                continue
            return name, error
    return None


def _is_unreadable(error: CommandError) -> bool:
    return isinstance(error, values.BadValueError)


def check(option: Option, text: str, now: int, limit: int = LONGEST) -> None:
    """Read a value as the commands do that take such an option. Raises ``CommandError``."""
    if option.choices and text.strip().lower() not in option.choices:
        raise CommandError(f"{option.name}: can be {', '.join(option.choices)}.")
    if option.kind == "query":
        parse(text, limit=limit)
    elif option.kind == "number" and not (option.bounds[0] == 0 and text.strip().lower() in {"off", "none"}):
        values.number(text, option.name, *option.bounds)
    elif option.kind in ("subscription", "alert") and not (option.all and text.strip().lower() == "all"):
        values.ident(text)
    elif option.kind == "until":
        values.until(text, now, "UTC")
    elif option.kind in _DAYS:
        _DAYS[option.kind](text, datetime.fromtimestamp(now / 1000, UTC).date())
    elif option.kind in _PLAIN:
        _PLAIN[option.kind](text)


_DAYS: Mapping[OptionKind, Callable[[str, date], object]] = {
    "date": values.day,
    "week": values.week,
    "month": values.month,
    "span": values.since,
}
_PLAIN: Mapping[OptionKind, Callable[[str], object]] = {
    "time": values.clock,
    "hours": values.quiet,
    "timezone": values.timezone,
    "paper": values.paper_key,
    "watch": values.paper_key,
    "person": values.person,
}
