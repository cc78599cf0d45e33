"""SECURITY.md says what is true: the files it names are there, and its figures are those of the code."""

import re
from pathlib import Path

from bot.commands import admin
from bot.commands.rights import ADMIN, SPACE
from bot.commands.table import Limits
from bot.model import Preferences

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "SECURITY.md").read_text(encoding="utf-8")


def test_every_file_it_names_is_there() -> None:
    named = set(re.findall(r"`((?:bot|adapters|tests|\.ci)/[\w./-]+)`", PAGE)) | set(
        re.findall(r"\]\(([\w./-]+)\)", PAGE)
    )
    assert len(named) > 40
    assert sorted(name for name in named if not (ROOT / name).exists()) == []


def test_its_quotas_are_those_of_the_code() -> None:
    limits = Limits()
    quotas = PAGE.partition("## Quotas")[2].partition("## What is stored")[0]
    assert (limits.commands_per_minute, ADMIN, SPACE) == (10, 6, 30)
    figures = (
        f"| {limits.commands_per_minute} |",
        f"{ADMIN} times as many",
        f"{SPACE} times as many",
        f"{limits.typed_per_minute} a person, {limits.typed_per_minute * SPACE:,} a space",
        f"{limits.unasked_per_minute} a person, {limits.unasked_per_minute * SPACE:,} a space",
        f"{limits.per_channel} a channel, {limits.per_person} a person, {limits.per_space} a space",
        f"| {limits.query} |",
        f"{Preferences().cap}, then one",
        f"{limits.saved:,} a person",
        f"| {limits.managers} |",
        f"{admin._LONGEST:,} characters, {admin._MOST_CHANNELS} channels, {admin._MOST_LINES:,} subscriptions",
    )
    assert [figure for figure in figures if figure not in quotas] == []
