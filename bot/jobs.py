"""What the command line does besides running: backfill, export, import, backup. Files are touched here only."""

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

from bot import poll, portable
from bot.bot import Bot
from bot.commands import moving
from bot.errors import ConfigError, PaperboyError
from bot.phrases import plural

OUTPUT = Path("-")
"""What stands for the output in the place of a file, as other programs have it."""

Tick = Callable[[date, int], None]
"""Told each day that is done, and how many papers it brought."""


async def backfill(bot: Bot, name: str, since: date, until: date, tick: Tick) -> int:
    """Store a source's days from ``since`` to ``until``. Returns how many papers came.

    Raises ``SourceError`` when the source fails; what was stored stays, and the next call goes on from there.
    """
    total = 0
    async for day, papers in poll.backfill(bot.sources[name], bot.store.papers, since, until, bot.clock()):
        tick(day, papers)
        total += papers
    return total


async def export(bot: Bot, path: Path, put_out: Callable[[str], None]) -> str:
    """Write every subscription as TOML to a new file, or put it out. Raises ``PaperboyError`` for a file that fails."""
    entries = await moving.gather_all(bot.desk)
    text = portable.dump(entries)
    if path == OUTPUT:
        put_out(text)
    else:
        _write_new(path, text)
    lines = sum(len(entry.subscriptions) for entry in entries)
    database = bot.settings.database_path
    return f"{path}: {plural(lines, 'subscription')} at {plural(len(entries), 'place')} of {database}."


async def load(bot: Bot, path: Path) -> tuple[list[str], bool]:
    """Add what a TOML file holds. Returns a line for each thing, and whether anything was refused."""
    try:
        text = path.read_text(encoding="utf-8")  # noqa: ASYNC240  one local file, before anything runs
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {_why(error)}.") from error
    outcomes = await moving.plant_all(bot.desk, portable.load(text), "terminal", "local")
    words = {"added": "added", "there": "there already", "refused": "refused"}
    lines = [f"{words[o.fate]}: {o.room} {o.what}" + (f" ({o.why})" if o.why else "") for o in outcomes]
    return lines, any(o.fate == "refused" for o in outcomes)


def _write_new(path: Path, text: str) -> None:
    """A new file that only its owner can read: queries tell what people work on."""
    try:
        file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8")
    except FileExistsError as error:
        raise PaperboyError(f"{path} is there already, and nothing is overwritten. Name a new file.") from error
    except OSError as error:
        raise PaperboyError(f"{path} cannot be written: {_why(error)}.") from error
    try:
        with file:
            file.write(text)
    except OSError as error:
        path.unlink(missing_ok=True)  # half a file would only be in the way of the next try
        raise PaperboyError(f"{path} cannot be written: {_why(error)}.") from error


def _why(error: OSError | UnicodeDecodeError) -> str:
    return error.strerror or str(error) if isinstance(error, OSError) else "it is not UTF-8 text"
