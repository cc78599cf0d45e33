"""The table of commands as Discord's slash commands, and what somebody chose there as a command of the table. Pure.

No command is named here: groups, options and choices are read from the table. Limits and rules:
https://docs.discord.com/developers/interactions/application-commands
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from bot.commands.table import Command, Option

BRAND = "papers"
ADMIN = "papers-admin"
"""A brand word of its own, because Discord gives rights per top-level command."""
LOOK_UP = "Look up papers here"
"""The entry in a message's menu; its answer is ``Core.pasted``, no command of the table."""

_SUBCOMMAND, _GROUP, _STRING, _INTEGER, _USER = 1, 2, 3, 4, 6
_CHAT, _MESSAGE = 1, 3
_EVERYWHERE = {"integration_types": [0, 1], "contexts": [0, 1, 2]}
"""Installed in a server or by a person; in servers, messages to the bot, and private channels."""
_MANAGE_SERVER = 1 << 5
_LONGEST = 100

_TYPES = {"number": _INTEGER, "person": _USER}
"""Everything else is text: what is wrong with it is told by the command, with a line that would work."""
_OFFERED = {
    "paper", "subscription", "alert", "watch", "date", "week", "month", "timezone", "query", "time", "hours", "until",
    "span",
}  # fmt: skip


def tree(table: Sequence[Command]) -> list[dict[str, Any]]:
    """What to put in place of all global commands."""
    administering = [c for c in table if _is_admin(c)]
    used = [c for c in table if not _is_admin(c)]
    papers = {"type": _CHAT, "name": BRAND, "description": "Research papers, for this channel and for you"}
    admin = {"type": _CHAT, "name": ADMIN, "description": "Paperboy's settings for this channel and this server"}
    return [
        papers | {"options": _children(used, 0)} | _EVERYWHERE,
        admin
        | {"options": _children(administering, 1), "integration_types": [0], "contexts": [0]}
        | {"default_member_permissions": _MANAGE_SERVER},
        {"type": _MESSAGE, "name": LOOK_UP} | _EVERYWHERE,
    ]


def fingerprint(commands: Sequence[Mapping[str, Any]]) -> str:
    """Equal for equal trees: what is there already need not be put again."""
    return hashlib.sha256(json.dumps(commands, sort_keys=True).encode()).hexdigest()


def asked(data: Mapping[str, Any], table: Sequence[Command]) -> tuple[str, dict[str, str], str | None]:
    """The command of the table that an interaction's ``data`` names, its options as texts, and the option being typed.

    A command the table does not have is returned by its words: the core says what to think of it.
    """
    words = ["admin"] if data["name"] == ADMIN else []
    options: Sequence[Mapping[str, Any]] = data.get("options") or ()
    while len(options) == 1 and options[0]["type"] in {_SUBCOMMAND, _GROUP}:
        words.append(options[0]["name"])
        options = options[0].get("options") or ()
    focused = next((o["name"] for o in options if o.get("focused")), None)
    return " ".join(words), {o["name"]: _text(o.get("value", "")) for o in options}, focused


def _is_admin(command: Command) -> bool:
    return command.room == "admin"


def _children(commands: Sequence[Command], depth: int) -> list[dict[str, Any]]:
    """Subcommands and groups, in the order of the table; ``depth`` words of the path were said before."""
    by_word: dict[str, list[Command]] = {}
    for command in commands:
        by_word.setdefault(command.words[depth], []).append(command)
    return [_child(word, inner, depth) for word, inner in by_word.items()]


def _child(word: str, commands: Sequence[Command], depth: int) -> dict[str, Any]:
    if len(commands) == 1 and len(commands[0].words) == depth + 1:
        return _subcommand(commands[0])
    inner = _children(commands, depth + 1)
    description = _cut(", ".join(child["name"] for child in inner))
    return {"type": _GROUP, "name": word, "description": description, "options": inner}


def _subcommand(command: Command) -> dict[str, Any]:
    shown = [o for o in command.options if not o.silent]
    ordered = sorted(shown, key=lambda o: not o.required)
    options = [_option(command, o) for o in ordered]
    return {
        "type": _SUBCOMMAND,
        "name": command.words[-1],
        "description": _cut(command.help),
        **({"options": options} if options else {}),
    }


def _option(command: Command, option: Option) -> dict[str, Any]:
    made: dict[str, Any] = {
        "type": _TYPES.get(option.kind, _STRING),
        "name": option.name,
        "description": _cut(option.help),
        "required": option.required,
    }
    if option.choices:
        made["choices"] = [{"name": choice, "value": choice} for choice in option.choices]
    elif _is_offered(command, option):
        made["autocomplete"] = True
    return made


def _is_offered(command: Command, option: Option) -> bool:
    """A free text is offered something only where it names a thing we know, such as a topic of the help.

    Elsewhere Discord's own offers (of roles, after an @) are worth more, and an offer hides them.
    """
    return option.kind in _OFFERED or (option.kind == "text" and option.rest and not command.writes)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _text(value: object) -> str:
    return "yes" if value is True else "no" if value is False else str(value)
