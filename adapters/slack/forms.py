"""Forms: any command of the table as a modal, what was put into it, and the menus it asks for while somebody types.

Pure. Which commands open a form is said in the table (``Command.form``); what a form runs is the same command as typed.
https://docs.slack.dev/reference/views/modal-views
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import bot.commands  # the table is looked up when a form comes back
from adapters.slack.buttons import option as choice
from adapters.slack.mrkdwn import cut, plain_text
from adapters.text import one_line, safe
from bot.commands.table import Command, Option, OptionKind
from bot.errors import CommandError
from bot.model import Offer

SUBMITTED = re.compile(r"pb\.form\.(.+)")
"""The ``callback_id`` of every form: the command's words with dots between them."""
OFFERED = re.compile(r"pb\.offer\.(.+)\.([a-z_-]+)")
"""The ``action_id`` of inputs that ask for offers: the command's words, then the option."""

_OFFERS: frozenset[OptionKind] = frozenset(
    {"paper", "subscription", "alert", "watch", "timezone", "date", "week", "month"}
)
_HINTS = {
    "mention": "Whom to mention with each post: the id of a group (S012AB3CD) or a person (U012AB3CD); off for nobody. "
    "In a typed command, mention:@name does it."
}
"""Where a form has to ask for something else than a command: a text field turns no name into an id."""
_TITLE = 24
_LABEL = 75
_VALUE = 75
_PLACEHOLDER = 150
_HINT = 2000
_CONTEXT = 3000
_TEXT = 3000
_CHOICES = 100
_ERROR = 500


def form(command: Command, options: Mapping[str, str], context: str) -> dict[str, Any]:
    """The modal of a command, filled with the options already given. ``context`` comes back with it.

    Raises ``ValueError`` for a context over 3,000 characters: what is put there is ours, and short.
    """
    if len(context) > _CONTEXT:
        raise ValueError("the context of a form is too long")
    inputs = [_input(command, option, options.get(option.name, "")) for option in _shown(command)]
    return {
        "type": "modal",
        "callback_id": f"pb.form.{_dotted(command)}",
        "title": plain_text(_title(command), _TITLE),
        "submit": plain_text("Save" if command.writes else "Show", _TITLE),
        "close": plain_text("Cancel", _TITLE),
        "private_metadata": context,
        "blocks": [_about(command), *inputs],
    }


def submitted(view: Mapping[str, Any]) -> tuple[str, dict[str, str], str]:
    """The command's name, its options as texts, and the context of a form that was sent off.

    ``view`` is that of a ``view_submission``. What was left empty is not there. Raises ``ValueError`` for a form that
    is none of ours.
    """
    state: Mapping[str, Mapping[str, Any]] = (view.get("state") or {}).get("values") or {}
    values = ((name, _value(next(iter(inputs.values()), {}))) for name, inputs in state.items())
    return _command(view).name, {name: value for name, value in values if value}, str(view.get("private_metadata", ""))


def asked_offers(payload: Mapping[str, Any]) -> tuple[str, str, str]:
    """The command's name, the option, and what is typed so far, of a ``block_suggestion``.

    Raises ``ValueError`` for an input that is none of ours.
    """
    found = OFFERED.fullmatch(str(payload.get("action_id", "")))
    if found is None:
        raise ValueError("this input asks for no offers")
    return found[1].replace(".", " "), found[2], str(payload.get("value") or "")


def choices(offers: Sequence[Offer], typed: str = "") -> dict[str, Any]:
    """The answer to a ``block_suggestion``: the offers that fit a menu, and last what was ``typed`` as it stands.

    A menu takes nothing but its own lines, so what was typed is one of them: an id nobody knows yet can be chosen.
    """
    own = one_line(typed)
    known = {offer.value for offer in offers}
    lines = [(offer.label, offer.value) for offer in offers if 0 < len(offer.value) <= _VALUE][: _CHOICES - 1]
    if own and len(own) <= _VALUE and own not in known:
        lines.append((f"“{own}”", own))
    return {"options": [choice(one_line(label) or value, value) for label, value in lines]}


def errors(view: Mapping[str, Any], text: str) -> dict[str, Any]:
    """The answer to a ``view_submission`` that shows why it was refused, at the input it is about."""
    command = _command(view)
    said = cut(safe(text), _ERROR)
    if not _shown(command):
        told = {"type": "section", "text": plain_text(said, _TEXT)}
        shut = {key: value for key, value in form(command, {}, "").items() if key != "submit"}
        return {"response_action": "update", "view": {**shut, "blocks": [told]}}
    return {"response_action": "errors", "errors": {_meant(command, submitted(view)[1], text): said}}


def _meant(command: Command, given: Mapping[str, str], text: str) -> str:
    """The option an error is about: its value is quoted, or it is named as ``every:``; else the query or the first."""
    shown = _shown(command)
    quoted = (o.name for o in shown if o.kind != "query" and f'"{given.get(o.name, "").strip()}"' in text)
    named = (o.name for o in shown if re.search(rf"(?<![\w-]){re.escape(o.name)}:", text))
    queries = (o.name for o in shown if o.kind == "query")
    return next(quoted, "") or next(named, "") or next(queries, "") or shown[0].name


def _command(view: Mapping[str, Any]) -> Command:
    found = SUBMITTED.fullmatch(str(view.get("callback_id", "")))
    named = (c for c in bot.commands.TABLE if found and _dotted(c) == found[1])
    command = next(named, None)
    if command is None:
        raise ValueError("this form is of no command")
    return command


def _dotted(command: Command) -> str:
    return ".".join(command.words)


def _title(command: Command) -> str:
    return " · ".join(word.capitalize() for word in command.words)


def _shown(command: Command) -> list[Option]:
    return [option for option in command.options if not option.silent]


def _about(command: Command) -> dict[str, Any]:
    said: list[dict[str, Any]] = [{"type": "text", "text": command.help}]
    if command.example:
        said.append({"type": "text", "text": "\nAs a command: "})
        said.append({"type": "text", "text": command.example, "style": {"code": True}})
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": said}]}


# --- inputs -----------------------------------------------------------------------------------------------------------


def _input(command: Command, option: Option, given: str) -> dict[str, Any]:
    block = {
        "type": "input",
        "block_id": option.name,
        "label": plain_text(option.name.capitalize(), _LABEL),
        "element": _element(command, option, safe(given)),
        "optional": not option.required,
    }
    hint = _HINTS.get(option.name) or option.help[:1].upper() + option.help[1:]
    return {**block, "hint": plain_text(hint, _HINT)}


def _element(command: Command, option: Option, given: str) -> dict[str, Any]:
    if option.choices and given in ("", *option.choices):
        return _choices(option, given)
    # A value longer than a menu can hold is still a value: it is given as text.
    if option.kind in _OFFERS and len(given) <= _VALUE:
        return _offering(command, option, given)
    if option.kind == "person":
        return _person(given)
    return _text(command, option, given)


def _choices(option: Option, given: str) -> dict[str, Any]:
    lines = [choice(value, value) for value in option.choices]
    element = {
        "type": "static_select",
        "action_id": "pb.value",
        "placeholder": plain_text("Choose", _PLACEHOLDER),
        "options": lines,
    }
    return {**element, "initial_option": choice(given, given)} if given else element


def _offering(command: Command, option: Option, given: str) -> dict[str, Any]:
    element = {
        "type": "external_select",
        "action_id": f"pb.offer.{_dotted(command)}.{option.name}",
        "placeholder": plain_text(_example(command, option) or "Choose or type", _PLACEHOLDER),
        "min_query_length": 0,
    }
    return {**element, "initial_option": choice(one_line(given) or given, given)} if given else element


def _person(given: str) -> dict[str, Any]:
    element = {"type": "users_select", "action_id": "pb.value", "placeholder": plain_text("Choose", _PLACEHOLDER)}
    return {**element, "initial_user": given} if re.fullmatch(r"[UW][A-Z0-9]+", given) else element


def _text(command: Command, option: Option, given: str) -> dict[str, Any]:
    element: dict[str, Any] = {"type": "plain_text_input", "action_id": "pb.value"}
    if example := _example(command, option):
        element["placeholder"] = plain_text(example, _PLACEHOLDER)
    if option.kind == "text" and option.rest and option.required:
        element["multiline"] = True
    return {**element, "initial_value": given[:_TEXT]} if given else element


def _example(command: Command, option: Option) -> str:
    """The value the command's own example gives this option."""
    try:
        shown, options = bot.commands.read(command.example)
    except CommandError:
        return ""
    return options.get(option.name, "") if shown.name == command.name else ""


def _value(said: Mapping[str, Any]) -> str:
    """What an input of any kind holds; empty where nothing was put in."""
    chosen = said.get("selected_option") or {}
    held = said.get("value") or chosen.get("value") or said.get("selected_user") or ""
    return str(held).strip()
