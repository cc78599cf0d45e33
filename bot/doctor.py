"""What ``paperboy doctor`` looks at: one finding a line, each with what to do about it. It only looks.

A finding is ``ok``, a ``hint`` (it works, but could be better) or ``bad`` (something will not work).
"""

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import available_timezones

from bot import app, config, monitor
from bot.bot import Bot
from bot.config import Settings
from bot.errors import PaperboyError, SourceError, StoreError
from bot.model import Finding, SourceHealth, Tally
from bot.phrases import passed, plural, span
from bot.ports import Source, Store
from bot.store.sqlite import engine, lock

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


def files(dotenv: Path) -> list[Finding]:
    """Whether every user of this machine can read the secrets of the settings. Raises ``ConfigError``."""
    holds = any(config.typed_secrets(config.from_files({}, dotenv)))
    if not holds or not dotenv.stat().st_mode & 0o004:
        return []
    said = (
        f"{dotenv.absolute()} holds secrets, and every user of this machine can read it: chmod o= {dotenv.absolute()}"
    )
    return [Finding("hint", "settings", said)]


def _room(path: Path) -> Finding:
    folder = lock.resolved(path).absolute().parent
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


async def running(settings: Settings, *, expected: bool) -> list[Finding]:
    """What a running Paperboy says of itself, where it can be asked. It is ``expected`` where one ran before."""
    return [await monitor.examine(settings.monitor, expected=expected)] if settings.monitor else []


def reading(health: Sequence[SourceHealth], settings: Settings, now: int) -> list[Finding]:
    """Whether anything is read at all: if not for so long that people are to be told, nobody may be there to tell."""
    ours = [h for h in health if h.source in settings.sources]
    newest = max((h.last_ok or h.failing_since for h in ours), default=0)
    patience = max(settings.stale_hours * 3600, 2 * settings.poll_minutes * 60) * 1000
    if not newest or not settings.stale_hours or now - newest < patience:
        return []
    why = "With PAPERBOY_LOG_LEVEL=INFO its log says why (poll.failed)."
    said = f"no source was read for {span(newest, now)}. Does paperboy run? {why}"
    return [Finding("bad", "reading", said)]


def unprepared(path: Path, lacks: str) -> list[Finding]:
    """What the database ``lacks`` that a start gives it, if anything, and whether a start can."""
    folder = lock.resolved(path).absolute().parent
    if lacks and not folder.is_dir():
        return [Finding("bad", "database", f"There is no folder {folder}, where the database is to be. Make it first.")]
    if lacks and not os.access(folder, os.W_OK):
        return [Finding("bad", "database", f"{lacks} But this user cannot write in {folder}: give it the right to.")]
    return [Finding("hint", "database", lacks)] if lacks else []


async def database(store: Store, now: int) -> list[Finding]:
    """The check of the database, what waits in it, and when its sources were read last."""
    try:
        if problems := await store.check():
            said = f"it is damaged: {problems[0]}. Keep it aside and put a backup in its place: see docs/operating.md."
            return [Finding("bad", "database", said)]
        tally = await store.outbox.tally()
        health = await store.papers.health()
    except StoreError as error:
        return [Finding("bad", "database", str(error))]
    return [Finding("ok", "database", "; ".join(("sound", _counts(tally), *(_last(h, now) for h in health))))]


def _counts(tally: Tally) -> str:
    waiting = sum(tally.deliveries.get(state, 0) for state in ("pending", "framed", "suspended"))
    counted = (plural(tally.papers, "paper"), plural(tally.subscriptions, "subscription"), f"{waiting} waiting")
    return ", ".join(counted)


def _last(health: SourceHealth, now: int) -> str:
    """What a source did lately stands with the database, for what it does now is a finding of its own."""
    failed = ", the newest try failed" if health.error else ""
    told = f", those who manage were told {passed(health.told, now)}" if health.told else ""
    return f"{health.source} last read {passed(health.last_ok, now)}{failed}{told}"


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
