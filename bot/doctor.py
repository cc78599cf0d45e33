"""What ``paperboy doctor`` looks at: one finding a line, each with what to do about it. It only looks.

A finding is ``ok``, a ``hint`` (it works, but could be better) or ``bad`` (something will not work).
"""

import asyncio
import shutil
import sys
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import available_timezones

from bot import app, monitor
from bot.bot import Bot
from bot.config import Settings
from bot.errors import PaperboyError, SourceError, StoreError
from bot.model import Finding, SourceHealth, Tally
from bot.phrases import ago, plural
from bot.ports import Source, Store
from bot.store.sqlite import engine

LITTLE_ROOM = 200 << 20
"""Bytes free below which a database that grows by some 100 MB a year deserves a word."""
FIRST_YEAR, LAST_YEAR = 2025, 2100
"""A clock outside of these was never set."""
FEW_ZONES = 300
"""There are some six hundred names of zones; with none, only UTC works."""
NAPS, NAP, SLOW = 10, 0.02, 0.25
"""How often and how long it is slept to see how late it goes on, and what is slow, in seconds."""
MOST_ROOMS = 50
"""Places of one platform that are looked at: each may cost a request or two."""
WELL_KNOWN = "arxiv:1706.03762"
"""A paper every source has: asking for it shows that the source answers."""


def machine(settings: Settings) -> list[Finding]:
    """What can be said without opening anything."""
    version = ".".join(map(str, sys.version_info[:3]))
    text, sound = engine.verdict()
    findings = [Finding("ok", "Python", version), Finding("ok" if sound else "hint", "SQLite", text)]
    findings.append(_room(settings.database_path))
    if not settings.contact:
        hint = "set PAPERBOY_CONTACT, so that a source can write to you before it blocks you."
        findings.append(Finding("hint", "contact", hint))
    return findings


def _room(path: Path) -> Finding:
    folder = path.absolute().parent
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return Finding("bad", "disk", f"{folder} cannot be looked at: {error.strerror}. Does the folder exist?")
    text = f"{free >> 20:,} MB free in {folder}"
    return Finding("ok", "disk", text) if free > LITTLE_ROOM else Finding("bad", "disk", f"only {text}. Free some.")


def clock(now: int) -> Finding:
    """Whether the machine's clock and its time zones can be believed: digests go by them, and certificates."""
    moment = datetime.fromtimestamp(now / 1000, UTC)
    said = f"{moment:%Y-%m-%d %H:%M} UTC"
    if not FIRST_YEAR <= moment.year < LAST_YEAR:
        return Finding("bad", "clock", f"it is set to {said}. Set it, and let it be kept by NTP.")
    known = len(available_timezones())
    if known < FEW_ZONES:
        return Finding("bad", "clock", f"{said}, but only {known} time zones are known. Install tzdata again.")
    return Finding("ok", "clock", f"{said}, {known} time zones known")


async def pace() -> Finding:
    """Whether this machine lets a program go on when it should."""
    loop, late = asyncio.get_running_loop(), 0.0
    for _ in range(NAPS):
        before = loop.time()
        await asyncio.sleep(NAP)
        late = max(late, loop.time() - before - NAP)
    if late < SLOW:
        return Finding("ok", "pace", f"it goes on within {late * 1000:.0f} ms of when it should")
    return Finding("hint", "pace", f"it went on {late:.1f} s late: this machine is busy, and answers will be slow.")


async def running(settings: Settings) -> list[Finding]:
    """What a running Paperboy says of itself, where it can be asked."""
    return [await monitor.examine(settings.monitor)] if settings.monitor else []


async def database(store: Store, now: int) -> list[Finding]:
    """The check of the database, what waits in it, and when its sources were read last."""
    try:
        problems = await store.check()
        tally = await store.outbox.tally()
        health = await store.papers.health()
    except StoreError as error:
        return [Finding("bad", "database", str(error))]
    bad = [Finding("bad", "database", f"{p}. Restore a backup.") for p in problems]
    return bad or [Finding("ok", "database", "; ".join(("sound", _counts(tally), *(_last(h, now) for h in health))))]


def _counts(tally: Tally) -> str:
    waiting = sum(tally.deliveries.get(state, 0) for state in ("pending", "framed", "suspended"))
    counted = (plural(tally.papers, "paper"), plural(tally.subscriptions, "subscription"), f"{waiting} waiting")
    return ", ".join(counted)


def _last(health: SourceHealth, now: int) -> str:
    """What a source did lately stands with the database, for what it does now is a finding of its own."""
    failed = ", the newest try failed" if health.error else ""
    told = f", those who manage were told {ago(health.told, now)}" if health.told else ""
    return f"{health.source} last read {ago(health.last_ok, now)}{failed}{told}"


async def platforms(bot: Bot) -> AsyncIterator[Finding]:
    """Whether tokens, rights and rooms of each chat are as they must be."""
    for name in bot.settings.platforms:
        try:
            bot.adapters.setdefault(name, app.build(bot, name))
            rooms = [target.address for target in await bot.store.subscriptions.targets(name)]
        except PaperboyError as error:
            yield Finding("bad", name, str(error))
            continue
        for finding in await bot.adapters[name].examine(rooms[:MOST_ROOMS]):
            yield finding
        if len(rooms) > MOST_ROOMS:
            yield Finding("hint", name, f"only {MOST_ROOMS} of {len(rooms)} places were looked at.")


async def sources(named: Mapping[str, Source]) -> AsyncIterator[Finding]:
    """Whether each source answers now: one small look-up each."""
    for name, source in named.items():
        try:
            await source.lookup(WELL_KNOWN)
        except SourceError as error:
            yield Finding("bad", name, str(error))
        else:
            yield Finding("ok", name, "answers now")
