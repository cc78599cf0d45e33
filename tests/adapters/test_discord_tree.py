"""The table as Discord's slash commands: everything is there, within every limit, and comes back as what it was."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from adapters.discord import tree
from bot.commands import TABLE
from bot.commands.table import Command, Option
from tests.standins import discord_schema
from tests.standins.discord_commands import _problems, _text

TREE = tree.tree(TABLE)
PAPERS, ADMIN, LOOK_UP = TREE


def subcommands(command: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Every subcommand with its path."""
    for child in command["options"]:
        if child["type"] == 2:
            yield from (((child["name"], *path), inner) for path, inner in subcommands(child))
        else:
            yield (child["name"],), child


THERE = dict(subcommands(PAPERS)) | {("admin", *path): made for path, made in subcommands(ADMIN)}


def chosen(command: Command, options: Mapping[str, Any], focused: str = "") -> dict[str, Any]:
    """What Discord sends when somebody gives this command."""
    first, *path = ("papers-admin", *command.words[1:]) if command.room == "admin" else ("papers", *command.words)
    given = [{"name": name, "type": 3, "value": value, **({"focused": True} if name == focused else {})}
             for name, value in options.items()]  # fmt: skip
    for depth, word in enumerate(reversed(path)):
        given = [{"name": word, "type": 1 if depth == 0 else 2, "options": given}]
    return {"id": "1", "name": first, "type": 1, "options": given}


@pytest.mark.parametrize("command", TABLE, ids=lambda c: c.name)
def test_every_command_of_the_table_is_there_with_its_options_in_its_own_words(command: Command) -> None:
    made = THERE[command.words]
    assert made["description"] == command.help
    there = {option["name"]: option for option in made.get("options", ())}
    assert there.keys() == {o.name for o in command.options if not o.silent}
    for option in command.options:
        if not option.silent:
            assert there[option.name]["required"] == option.required
            assert [c["value"] for c in there[option.name].get("choices", ())] == list(option.choices)


def test_nothing_else_is_there() -> None:
    assert THERE.keys() == {c.words for c in TABLE}


@pytest.mark.parametrize("command", TABLE, ids=lambda c: c.name)
def test_what_is_chosen_comes_back_as_the_command_and_its_options(command: Command) -> None:
    options = {o.name: "7" for o in command.options}
    last = next(reversed(options), "")
    assert tree.asked(chosen(command, options, last), TABLE) == (command.name, options, last or None)


def test_numbers_and_booleans_come_back_as_texts() -> None:
    command = next(c for c in TABLE if c.name == "today")
    assert tree.asked(chosen(command, {"top": 5, "page": True}), TABLE)[1] == {"top": "5", "page": "yes"}


def test_a_command_without_options_comes_back_too() -> None:
    data = {"name": "papers", "type": 1, "options": [{"name": "status", "type": 1}]}
    assert tree.asked(data, TABLE) == ("status", {}, None)


def test_discord_would_take_it() -> None:
    assert list(_problems(TREE)) == []
    assert discord_schema.check("PUT", "/applications/{app}/commands", TREE) is None


def test_every_limit_of_discord_is_kept() -> None:
    for command in (PAPERS, ADMIN):
        assert _text(command) <= 8_000
        for thing in walk(command):
            assert re.fullmatch(r"[-_a-z0-9]{1,32}", thing["name"])
            assert 1 <= len(thing["description"]) <= 100
            assert len(thing.get("options", ())) <= 25
            assert len(thing.get("choices", ())) <= 25


def walk(thing: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield thing
    for inner in thing.get("options", ()):
        yield from walk(inner)


def test_what_we_know_values_of_is_offered_while_somebody_types() -> None:
    offered = {o["name"] for _, made in THERE.items() for o in made.get("options", ()) if o.get("autocomplete")}
    assert {"paper", "id", "query", "date", "week", "month", "timezone", "quiet", "until", "at", "since"} <= offered
    assert {"topic"} <= offered
    assert offered.isdisjoint({"note", "mention", "text", "top", "page", "every"})


def test_numbers_are_asked_for_as_numbers_and_ids_as_texts_that_are_offered() -> None:
    today = {o["name"]: o["type"] for o in THERE["today",]["options"]}
    assert (today["top"], today["page"], today["date"]) == (4, 4, 3)
    assert THERE["unsubscribe",]["options"][0]["type"] == 3


def test_everybody_has_papers_everywhere_and_a_server_decides_about_the_rest() -> None:
    assert PAPERS["integration_types"] == [0, 1]
    assert PAPERS["contexts"] == [0, 1, 2]
    assert "default_member_permissions" not in PAPERS
    assert (ADMIN["integration_types"], ADMIN["contexts"]) == ([0], [0])
    assert int(ADMIN["default_member_permissions"]) == 0x20
    assert LOOK_UP["type"] == 3
    assert LOOK_UP["contexts"] == [0, 1, 2]


def test_the_fingerprint_changes_with_what_people_see_and_only_then() -> None:
    assert tree.fingerprint(TREE) == tree.fingerprint(json.loads(json.dumps(tree.tree(TABLE))))
    other = (replace(TABLE[0], help="Other"), *TABLE[1:])
    assert tree.fingerprint(tree.tree(other)) != tree.fingerprint(TREE)


def test_a_new_command_needs_no_line_here() -> None:
    options = (Option(name="note", help="a note"), Option(name="paper", help="which", kind="paper", required=True),
               Option(name="old", help="no more", silent=True))  # fmt: skip
    new = replace(TABLE[0], words=("club", "vote"), help="x" * 150, options=options)
    club = next(c for c in tree.tree((*TABLE, new))[0]["options"] if c["name"] == "club")
    assert (club["type"], club["description"]) == (2, "vote")
    assert [o["name"] for o in club["options"][0]["options"]] == ["paper", "note"]
    assert len(club["options"][0]["description"]) == 100
