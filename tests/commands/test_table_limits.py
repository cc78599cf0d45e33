"""The table as a native command menu: Discord's limits are the narrowest, so the table keeps within them.

https://discord.com/developers/docs/interactions/application-commands: names of 1 to 32 characters, descriptions of 100,
25 children a level, 25 options, 25 choices, 8,000 characters in all texts of one command. The commands of
administrators are a command of their own there.
"""

import re
from collections import defaultdict

import pytest

from bot.commands import TABLE
from bot.commands.table import Command, Option

CHILDREN = OPTIONS = CHOICES = 25
TOGETHER = 8000
BRAND, ADMIN = "papers", "papers-admin"


def path(command: Command) -> tuple[str, ...]:
    """``("papers", "alert", "add")``; ``("papers-admin", "settings")``."""
    return (ADMIN, *command.words[1:]) if command.words[0] == "admin" else (BRAND, *command.words)


def shown(command: Command) -> list[Option]:
    return [option for option in command.options if not option.silent]


@pytest.mark.parametrize("command", TABLE, ids=lambda command: command.name)
def test_every_name_and_description_is_short_and_plain(command: Command) -> None:
    for name in (*path(command), *(option.name for option in command.options)):
        assert re.fullmatch(r"[a-z][a-z-]{0,31}", name)
    for text in (command.help, *(option.help for option in command.options)):
        assert 1 <= len(text) <= 100
        assert text == text.strip()


@pytest.mark.parametrize("command", TABLE, ids=lambda command: command.name)
def test_options_and_choices_fit_and_have_names_of_their_own(command: Command) -> None:
    names = [option.name for option in command.options]
    assert len(names) == len(set(names)) <= OPTIONS
    for option in shown(command):
        assert len(option.choices) <= CHOICES
        assert all(1 <= len(choice) <= 100 for choice in option.choices)
        assert (option.kind == "choice") == bool(option.choices)


def test_no_level_has_too_many_children_and_none_lies_deeper_than_a_group() -> None:
    children: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for command in TABLE:
        for depth in range(1, len(path(command))):
            children[path(command)[:depth]].add(path(command)[depth])
    assert max(len(path(command)) for command in TABLE) == 3
    assert {level: len(found) for level, found in children.items() if len(found) > CHILDREN} == {}


def test_a_name_is_a_command_or_a_group_but_not_both() -> None:
    paths = {path(command) for command in TABLE}
    assert len(paths) == len(TABLE)
    assert [one for one in paths for other in paths if one != other and other[: len(one)] == one] == []


def test_required_options_can_stand_first_and_no_choice_is_needed_to_see_what_there_is() -> None:
    """Discord wants required ones first; sorted so, what words without a name fill stays the same."""
    for command in TABLE:
        needed = [option.name for option in shown(command) if option.required]
        first = sorted(shown(command), key=lambda option: not option.required)
        assert [option.name for option in first][: len(needed)] == needed


def test_all_texts_of_a_command_together_stay_within_bounds() -> None:
    texts: dict[str, int] = defaultdict(int)
    for command in TABLE:
        said = [*path(command)[1:], command.help]
        for option in shown(command):
            # A choice counts twice: as the name that is read and as the value that is sent.
            said += [option.name, option.help, *option.choices, *option.choices]
        texts[path(command)[0]] += sum(map(len, said))
    assert {name: amount for name, amount in texts.items() if amount > TOGETHER} == {}
