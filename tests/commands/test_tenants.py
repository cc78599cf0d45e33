"""Nobody reads or changes what is another's: every command, as everybody, in every place, with all that can be typed.

The places, the people and the values are in at_tenants.py.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from bot.commands import TABLE, handle, offers, pasted
from bot.commands.table import Command, Desk
from bot.model import Address, Request
from bot.store.sqlite import SqliteStore, open_store
from tests.commands import at_tenants as tenants
from tests.commands.at_tenants import ASKERS, NOW, Asker, asked, desk, leaks, rows

ADMINISTRATOR = next(asker for asker in ASKERS if asker.name == "an administrator")
everybody = pytest.mark.parametrize("asker", ASKERS, ids=lambda asker: asker.name.replace(" ", "-"))
every_command = pytest.mark.parametrize("command", TABLE, ids=lambda command: command.name.replace(" ", "-"))


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with everything in every place, to be copied."""
    path = tmp_path_factory.mktemp("tenants") / "paperboy.db"

    async def plant() -> None:
        async with open_store(path, now=NOW) as store:
            await tenants.plant(store)

    asyncio.run(plant())
    return path


@asynccontextmanager
async def copied(planted: Path, folder: Path) -> AsyncIterator[tuple[SqliteStore, Path]]:
    path = folder / "paperboy.db"
    shutil.copy(planted, path)
    async with open_store(path, now=NOW) as store:
        yield store, path
    path.unlink()


def request(asker: Asker, command: str = "", **options: str) -> Request:
    return Request(
        command=command, options=options, person=asker.who, where=asker.where, manager=asker.manager, admin=asker.admin
    )


# --- commands ---------------------------------------------------------------------------------------------------------


@every_command
async def test_a_command_reads_and_changes_nothing_of_anybody_else(
    planted: Path, tmp_path: Path, command: Command
) -> None:
    async with copied(planted, tmp_path) as (store, path):
        forgotten = list[Address]()
        before = rows(path)
        for asker in ASKERS:
            await _use(desk(store, forgotten), command, asker)
            after = rows(path)
            changed = [owner for owner in {*before, *after} if before.get(owner) != after.get(owner)]
            others = [owner for owner in changed if not asker.owns(owner)]
            assert not others, f"{asker.name} changed what is of {others}"
            assert command.writes or set(changed) <= {_own(asker)}
            assert {where.room for where in forgotten} <= {asker.person}
            before = after
            forgotten.clear()


async def _use(bench: Desk, command: Command, asker: Asker) -> None:
    """Everything that can be asked of a command by one person."""
    typed = set[str]()
    for options in asked(command):
        reply = await handle(bench, request(asker, command.name, **options))
        typed |= set(options.values())
        found = leaks(reply, asker, typed=typed, titles=not tenants.shows_titles(command))
        assert not found, f"{asker.name} sees {found} by {command.name} {options}: {reply}"


@every_command
async def test_every_option_of_a_command_is_really_driven(planted: Path, tmp_path: Path, command: Command) -> None:
    """What is refused before it does anything shows nothing: each option is taken at least once somewhere."""
    wanted, taken = {"", *(o.name for o in command.options if not o.silent)}, set[str]()
    for options in asked(command):
        if wanted <= taken:
            break
        async with copied(planted, tmp_path) as (store, _):
            reply = await handle(desk(store, []), request(ADMINISTRATOR, command.name, **options))
        taken |= {"", *options} if not reply.failed else set()
    assert wanted <= taken


# --- while somebody types ---------------------------------------------------------------------------------------------


@everybody
async def test_nothing_of_anybody_else_is_offered_while_somebody_types(
    planted: Path, tmp_path: Path, asker: Asker
) -> None:
    async with copied(planted, tmp_path) as (store, path):
        before = rows(path)
        for command in TABLE:
            given = [{}, {"id": "1"}, {"id": "4"}] if command.option("id") else [{}]
            for option in command.options:
                own = option.kind in ("subscription", "alert", "watch") or command.words == ("saved", "remove")
                for typed in ("", "1", "z", "zq", "x", "#4", "votes>=8"):
                    for options in given:
                        found = await offers(
                            desk(store, []), request(asker, command.name, **options), option.name, typed
                        )
                        assert not leaks(found, asker, typed=(), titles=own), (command.name, option.name, typed)
        assert rows(path) == before


# --- papers named in a text -------------------------------------------------------------------------------------------


@everybody
async def test_that_a_paper_was_posted_is_told_only_where_it_was(planted: Path, tmp_path: Path, asker: Asker) -> None:
    async with copied(planted, tmp_path) as (store, path):
        before = rows(path)
        for at, where in enumerate(tenants.addresses()):
            reply = await pasted(desk(store, []), request(asker), f"see https://arxiv.org/abs/2611.{at:03}00")
            (card,) = reply.cards
            here = asker.who.address if not asker.room else asker.where
            assert ("already here" in card.label) == (where == here), where
            assert not leaks(replace(reply, data=None), asker, typed=(), titles=False)
        after = rows(path)
        assert {owner for owner in after if before.get(owner) != after[owner]} <= {_own(asker)}


def _own(asker: Asker) -> tuple[str, ...]:
    """Whose it is that somebody asked at all."""
    return (asker.platform, asker.who.space, asker.person, "person")


# --- the test itself --------------------------------------------------------------------------------------------------


async def test_what_is_planted_can_be_found_by_whose_it_is(planted: Path, tmp_path: Path) -> None:
    """Otherwise the tests above would look for what is nowhere."""
    async with copied(planted, tmp_path) as (store, path):
        kept = rows(path)
        for where in tenants.addresses():
            tables = {str(row[0]) for row in kept[(where.platform, where.space, where.room, where.kind)]}
            assert {"target", "subscription", "message", "delivery", "reason"} <= tables
            assert where.kind == "channel" or {"saved", "watch"} <= tables
        told = await handle(desk(store, []), request(ADMINISTRATOR, "subscriptions"))
        stranger = next(asker for asker in ASKERS if asker.name == "a stranger")
        assert leaks(told, stranger, typed=(), titles=False)
        assert not leaks(told, ADMINISTRATOR, typed=(), titles=False)
