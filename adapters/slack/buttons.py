"""What a button or a menu carries: a verb in its name and a whole command as its value, so it works after a restart.

Pure. How buttons stand in a message is decided in ``blocks.py`` and ``render.py``; what a press does, in the app.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from adapters.slack.mrkdwn import plain_text
from adapters.text import one_line

Verb = Literal["run", "turn", "share", "pick", "form"]
"""Answer privately; show another page in the place of the answer; answer for everybody in the channel; run what was
chosen in a menu, privately; open the form of a command."""

Style = Literal["", "primary", "danger"]

PRESSED = re.compile(r"pb\.(run|turn|share|pick|form)\.\d+")
"""The ``action_id`` of everything that can be pressed in a message or in App Home."""

# https://docs.slack.dev/reference/block-kit/block-elements/button-element and …/composition-objects/option-object
_LABEL = 75
_COMMAND = 2000
_VALUE = 75
_OPTIONS = 100
_QUESTION = 300


@dataclass(frozen=True, slots=True)
class Press:
    """What was pressed or chosen. ``command`` is a whole command, ``/papers save paper:2401.01234``."""

    verb: Verb
    command: str


def button(
    label: str,
    command: str,
    *,
    verb: Verb,
    number: int,
    confirm: str = "",
    style: Style = "",
) -> dict[str, Any] | None:
    """A button element; None for a command too long to be carried. ``number`` makes it unique in its message.

    ``confirm`` is a question to ask first.
    """
    text = one_line(label)
    if len(command) > _COMMAND or not command or not text:
        return None
    element = {
        "type": "button",
        "action_id": f"pb.{verb}.{number}",
        "text": plain_text(text, _LABEL),
        "value": command,
    }
    if style:
        element["style"] = style
    return {**element, "confirm": _asked(confirm)} if confirm else element


def menu(placeholder: str, choices: Sequence[tuple[str, str]], *, number: int) -> dict[str, Any] | None:
    """A menu of (what is read, command); commands too long for it are left out. None when nothing is left."""
    said = ((one_line(label), command) for label, command in choices)
    options = [option(label, command) for label, command in said if label and 0 < len(command) <= _VALUE]
    if not options:
        return None
    return {
        "type": "static_select",
        "action_id": f"pb.pick.{number}",
        "placeholder": plain_text(placeholder, _LABEL),
        "options": options[:_OPTIONS],
    }


def option(label: str, value: str) -> dict[str, Any]:
    """A line of a menu. Callers see to it that ``value`` has at most 75 characters."""
    return {"text": plain_text(label, _LABEL), "value": value}


def press(action: Mapping[str, Any]) -> Press | None:
    """What an action of a ``block_actions`` payload stands for; None when it is none of ours."""
    found = PRESSED.fullmatch(str(action.get("action_id", "")))
    chosen = action.get("selected_option") or {}
    command = action.get("value") or chosen.get("value")
    if not found or not isinstance(command, str):
        return None
    return Press(cast("Verb", found[1]), command)


def _asked(question: str) -> dict[str, Any]:
    return {
        "title": plain_text("Really?", _LABEL),
        "text": plain_text(one_line(question), _QUESTION),
        "confirm": plain_text("Yes", _LABEL),
        "deny": plain_text("No", _LABEL),
        "style": "danger",
    }
