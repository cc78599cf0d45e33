"""Application commands at the stand-in: what Discord takes as a command, and looking one up as its own client would.

Rules: interactions/application-commands. Text and option order are not in the official document.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.standins.discord_errors import invalid_form, unknown
from tests.standins.discord_rest import Call
from tests.standins.discord_rules import Problem
from tests.standins.discord_world import World

Json = dict[str, Any]
SUB, GROUP, STRING, INTEGER, BOOLEAN, USER, NUMBER = 1, 2, 3, 4, 5, 6, 10
CHAT, USER_MENU, MESSAGE_MENU = 1, 2, 3
MOST = {CHAT: 100, USER_MENU: 15, MESSAGE_MENU: 15}
TEXT = 8_000
_NAME = re.compile(r"[-_'\w]{1,32}")


def listed(world: World, call: Call) -> list[Json]:
    return world.commands


def overwrite(world: World, call: Call) -> list[Json]:
    """``PUT``: all of them at once. One whose type and name stay keeps its id."""
    if call.ids["app"] != str(world.app):
        raise unknown("Application")
    found = list(_problems(call.body))
    if found:
        raise invalid_form(found)
    old = {(c["type"], c["name"]): c["id"] for c in world.commands}
    world.commands = [_stored(world, command, old) for command in call.body]
    return world.commands


def _stored(world: World, command: Json, old: Mapping[tuple[int, str], str]) -> Json:
    kind = command.get("type") or CHAT
    known = old.get((kind, command["name"])) or str(world.snowflake())
    default = {"description": "", "default_member_permissions": None, "nsfw": False, "contexts": None,
               "integration_types": [0], "dm_permission": True}  # fmt: skip
    given = {key: value for key, value in command.items() if value is not None}
    rights = given.get("default_member_permissions")
    given |= {"default_member_permissions": str(rights)} if rights is not None else {}
    return {**default, **given, "type": kind, "id": known, "application_id": str(world.app), "version": known}


# --- what is refused ---


def _problems(commands: list[Json]) -> Iterator[Problem]:
    kinds = [(c.get("type") or CHAT, c["name"]) for c in commands]
    for kind, most in MOST.items():
        if sum(k == kind for k, _ in kinds) > most:
            yield ([], "APPLICATION_COMMAND_TOO_MANY", f"At most {most} commands of type {kind}")
    for number, command in enumerate(commands):
        if kinds.index(kinds[number]) != number:
            yield ([number, "name"], "APPLICATION_COMMANDS_DUPLICATE_NAME", "Application command names must be unique")
        if _text(command) > TEXT:
            yield ([number], "APPLICATION_COMMAND_TOO_LARGE", f"Command exceeds maximum size ({TEXT})")
        if kinds[number][0] == CHAT:
            yield from _named([number], command)
            yield from _options([number], command.get("options") or [], depth=0)
        elif command.get("description") or command.get("options"):
            yield ([number], "APPLICATION_COMMAND_CONTEXT_MENU", "A context menu has a name only")


def _text(thing: Json) -> int:
    """What counts towards the 8,000: names, descriptions and values of a command, its options and choices."""
    own = len(thing["name"]) + len(thing.get("description") or "") + len(str(thing.get("value") or ""))
    return own + sum(_text(inner) for key in ("options", "choices") for inner in thing.get(key) or [])


def _named(path: list[str | int], thing: Json) -> Iterator[Problem]:
    name = thing["name"]
    if not _NAME.fullmatch(name) or name != name.lower():
        yield ([*path, "name"], "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
    if not 1 <= len(thing.get("description") or "") <= 100:
        yield ([*path, "description"], "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length.")


def _options(path: list[str | int], options: list[Json], depth: int) -> Iterator[Problem]:
    names = [option["name"] for option in options]
    optional_seen = False
    for number, option in enumerate(options):
        here: list[str | int] = [*path, "options", number]
        yield from _named(here, option)
        if names.index(option["name"]) != number:
            yield ([*here, "name"], "APPLICATION_COMMAND_OPTIONS_NAME_INVALID", "Option names must be unique")
        if option.get("required") and optional_seen:
            yield (here, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", "Required options must come first")
        optional_seen |= not option.get("required")
        yield from _option(here, option, options, depth)


def _option(here: list[str | int], option: Json, beside: list[Json], depth: int) -> Iterator[Problem]:
    kind = option["type"]
    if kind in {SUB, GROUP}:
        if any(o["type"] not in {SUB, GROUP} for o in beside) or depth >= (2 if kind == SUB else 1):
            yield ([*here, "type"], "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Sub-command not possible here")
        yield from _options(here, option.get("options") or [], depth + 1)
    if option.get("autocomplete") and option.get("choices"):
        yield ([*here, "autocomplete"], "APPLICATION_COMMAND_AUTOCOMPLETE_CHOICES", "Not together with choices")
    for number, choice in enumerate(option.get("choices") or []):
        if not 1 <= len(choice["name"]) <= 100 or len(str(choice["value"])) > 100:
            yield ([*here, "choices", number], "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length.")


# --- what a person can choose ---


def find(world: World, name: str, kind: int = CHAT) -> Json:
    found = [c for c in world.commands if c["name"] == name and c["type"] == kind]
    assert found, f"there is no command /{name}; there are {[c['name'] for c in world.commands]}"
    return found[0]


def filled(command: Json, path: Sequence[str], given: Mapping[str, Any], focused: str = "") -> list[Json]:
    """``data.options`` for a command with its subcommand path and values, as Discord's client would let one give them.

    ``focused`` is the option being typed in; then nothing else is required.
    """
    if path:
        subs = {o["name"]: o for o in command.get("options") or [] if o["type"] in {SUB, GROUP}}
        assert path[0] in subs, f"{command['name']} has no {path[0]}; it has {sorted(subs)}"
        chosen = subs[path[0]]
        inner = filled(chosen, path[1:], given, focused)
        return [{"name": chosen["name"], "type": chosen["type"], "options": inner}]
    options = {o["name"]: o for o in command.get("options") or []}
    kinds = {o["type"] for o in options.values()}
    assert not kinds & {SUB, GROUP}, f"{command['name']} needs one of {sorted(options)}"
    assert set(given) <= set(options), f"{command['name']} has no {set(given) - set(options)}; it has {sorted(options)}"
    missing = [name for name, o in options.items() if o.get("required") and name not in given]
    assert focused or not missing, f"{command['name']} cannot be sent without {missing}"
    return [_value(options[name], value, focused) for name, value in given.items()]


def _value(option: Json, value: Any, focused: str) -> Json:
    is_focused = option["name"] == focused
    allowed = [choice["value"] for choice in option.get("choices") or []]
    assert is_focused or not allowed or value in allowed, f"{option['name']} is one of {allowed}"
    assert not is_focused or option.get("autocomplete"), f"{option['name']} offers nothing"
    low, high = option.get("min_value"), option.get("max_value")
    assert low is None or is_focused or value >= low, f"{option['name']} is at least {low}"
    assert high is None or is_focused or value <= high, f"{option['name']} is at most {high}"
    shape = {"name": option["name"], "type": option["type"], "value": value}
    return {**shape, "focused": True} if is_focused else shape
