"""What a button carries: a verb and a whole command in its ``custom_id``, so that it works after a restart. Pure.

How buttons look and stand in rows is decided in ``render.py``; what a press does, in ``interactions.py``.

A ``custom_id`` is ``r3:save paper:2401.01234``: a letter for the verb, a number that makes it unique in its message,
and the command without its brand word. The first one of a message that was sent also carries the message's nonce,
``r0~<nonce>:…``: history shows no nonces (https://docs.discord.com/developers/resources/message), but components.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

Verb = Literal["run", "turn", "share", "ask", "pick"]
"""Answer privately; show another page in the same message; answer for everybody; ask first; a menu of commands."""

LONGEST = 100
"""Characters of a ``custom_id`` and of a menu's value (https://docs.discord.com/developers/components/reference)."""
NONCE = 24
_HEAD = len("r99:")
_BRAND = "/papers "
_LETTERS: Mapping[str, str] = {verb[0]: verb for verb in get_args(Verb)}
_ID = re.compile(r"([rtsap])\d{1,2}(?:~([a-z0-9]+))?([:#])(.*)", re.DOTALL)
_TRACE = re.compile(r"-# ref ([a-z0-9]+)\Z")


@dataclass(frozen=True, slots=True)
class Press:
    """What was pressed. Where ``key`` is not empty the command was too long and is remembered under it."""

    verb: Verb
    command: str
    key: str = ""


def custom_id(verb: Verb, command: str, number: int) -> str:
    """The name of button ``number`` (0..99) of a message, with room left for the nonce."""
    return f"{verb[0]}{number}{_carried(command, LONGEST - _HEAD - NONCE - 1)}"


def value(command: str) -> str:
    """A command as a value of a menu."""
    return _carried(command, LONGEST)


def too_long(commands: Iterable[str], *, menu: bool = False) -> dict[str, str]:
    """The commands that do not fit, by the key their button (or value) carries: they must be remembered."""
    room = LONGEST if menu else LONGEST - _HEAD - NONCE - 1
    long = [command for command in commands if not _fits(command, room)]
    return {key(command): command.encode("utf-8", "replace").decode() for command in long}


def key(command: str) -> str:
    """The same command has the same key, in every process and version."""
    return hashlib.blake2b(command.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def press(custom_id: str) -> Press | None:
    """What a ``custom_id`` stands for; None when it is none of ours. For a menu, see ``picked``."""
    found = _ID.fullmatch(custom_id)
    if not found:
        return None
    return _press(_LETTERS[found[1]], found[3] + found[4])  # type: ignore[arg-type]  # the table has verbs only


def picked(value: str) -> Press:
    """What the chosen value of a menu stands for: a command, answered privately."""
    return _press("run", value)


def named(body: Mapping[str, Any], nonce: str) -> dict[str, Any]:
    """The body with the nonce in its first ``custom_id``; at the end of its text where it has no component.

    ``nonce`` are small letters and digits, at most 24.
    """
    if not body.get("components"):
        content = f"{body.get('content', '')}\n-# ref {nonce}".lstrip("\n")
        return {**body, "content": content}
    state = [nonce]
    return {**body, "components": _renamed(body["components"], state)}


def nonce_of(message: Mapping[str, Any]) -> str:
    """The nonce that ``named`` gave a message, read from the message as Discord returns it; empty where it has none."""
    for part in _parts(message.get("components") or ()):
        found = _ID.fullmatch(str(part.get("custom_id", "")))
        if found and found[2]:
            return str(found[2])
    trace = _TRACE.search(message.get("content") or "")
    return trace[1] if trace else ""


def commands_of(message: Mapping[str, Any]) -> list[str]:
    """The commands behind the buttons and menus of a message as Discord returns it, those that are not remembered."""
    parts = [*_parts(message.get("components") or ())]
    pressed = [press(str(part["custom_id"])) for part in parts if "custom_id" in part]
    chosen = [picked(str(option["value"])) for part in parts for option in part.get("options") or ()]
    return [one.command for one in (*pressed, *chosen) if one and one.command]


def _carried(command: str, room: int) -> str:
    return f":{command.removeprefix(_BRAND)}" if _fits(command, room) else f"#{key(command)}"


def _fits(command: str, room: int) -> bool:
    """Counted in UTF-16, the strictest reading of "characters". What a form might trim or fold does not fit either."""
    carried = f":{command.removeprefix(_BRAND)}"
    if not carried.isprintable() or carried != carried.strip() or len(carried.encode("utf-16-le")) // 2 > room:
        return False
    return _press("run", carried).command == command


def _press(verb: Verb, carried: str) -> Press:
    sign, rest = carried[:1], carried[1:]
    if sign == "#":
        return Press(verb, "", rest)
    return Press(verb, rest if rest.startswith("/") or not rest else f"{_BRAND}{rest}")


def _renamed(part: Any, state: list[str]) -> Any:
    """A copy of components; the first ``custom_id`` met takes the nonce out of ``state``."""
    if isinstance(part, list):
        return [_renamed(each, state) for each in part]
    if not isinstance(part, Mapping):
        return part
    copy = {}
    for name, inner in part.items():
        if name == "custom_id" and state:
            head, sign, rest = re.split(r"([:#])", inner, maxsplit=1)
            copy[name] = f"{head}~{state.pop()}{sign}{rest}"
        else:
            copy[name] = _renamed(inner, state) if name in {"components", "accessory"} else inner
    return copy


def _parts(parts: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for part in parts:
        yield part
        yield from _parts(part.get("components") or ())
        if accessory := part.get("accessory"):
            yield from _parts([accessory])
