"""Blocks as Slack reads them: ids where the app gave none, what can be used, what was entered into it. Pure."""

from collections.abc import Iterator
from typing import Any

from tests.standins.slack_world import JSON

STATE = {
    "plain_text_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "checkboxes": ("selected_options", "initial_options"),
    "multi_static_select": ("selected_options", "initial_options"),
    "multi_external_select": ("selected_options", "initial_options"),
    "users_select": ("selected_user", "initial_user"),
    "multi_users_select": ("selected_users", "initial_users"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "channels_select": ("selected_channel", "initial_channel"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "rich_text_input": ("rich_text_value", "initial_value"),
}
"""By type of element, under which key its value is sent and under which the app sets it at first."""


def numbered(blocks: list[JSON]) -> list[JSON]:
    """The blocks with an id each, as Slack gives one to those that have none."""
    return [{**block, "block_id": block.get("block_id") or f"block-{n}"} for n, block in enumerate(blocks)]


def elements(blocks: list[JSON]) -> Iterator[tuple[JSON, JSON]]:
    """Everything in the blocks that can be used, with its block."""
    for block in numbered(blocks):
        for element in _usable(block):
            yield block, element


def _usable(value: Any) -> Iterator[JSON]:
    if isinstance(value, dict):
        if "action_id" in value:
            yield value
        for inner in value.values():
            yield from _usable(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _usable(inner)


def names(block: JSON, element: JSON) -> set[str]:
    """What one may call an element: its action id, what is written on it, its block's id and label."""
    found = {element["action_id"], block["block_id"], _label(element), _label(block, "label")}
    return {name for name in found if name}


def _label(value: JSON, key: str = "text") -> str:
    text = value.get(key)
    return str(text.get("text", "")) if isinstance(text, dict) else ""


def find(blocks: list[JSON], name: str) -> tuple[JSON, JSON] | None:
    """The element called so; by its own id or label before its block's."""
    usable = list(elements(blocks))
    own = [(b, e) for b, e in usable if name in (e["action_id"], _label(e))]
    return next(iter(own or [(b, e) for b, e in usable if name in names(b, e)]), None)


def all_names(blocks: list[JSON]) -> list[str]:
    return sorted({name for block, element in elements(blocks) for name in names(block, element)})


def state(blocks: list[JSON], before: dict[str, dict[str, JSON]]) -> dict[str, dict[str, JSON]]:
    """The values of a view: what was entered ``before`` where the element is still there, else what the app set."""
    values: dict[str, dict[str, JSON]] = {}
    for block, element in elements(blocks):
        if element["type"] in STATE:
            block_id, action_id = block["block_id"], element["action_id"]
            entered = before.get(block_id, {}).get(action_id)
            values.setdefault(block_id, {})[action_id] = entered or _initial(element)
    return values


def _initial(element: JSON) -> JSON:
    key, first = STATE[element["type"]]
    many: list[str] = []
    return {"type": element["type"], key: element.get(first, many if key.endswith("s") else None)}


def entry(element: JSON, value: Any) -> JSON:
    """What is sent when ``value`` is entered: text, a label or value of an option, an option, an id, or a list."""
    key = "selected_option" if element["type"] == "overflow" else STATE[element["type"]][0]
    if key == "selected_option":
        value = None if value is None else option(element, value)
    elif key == "selected_options":
        value = [option(element, one) for one in value]
    return {"type": element["type"], key: value}


def option(element: JSON, wanted: Any) -> JSON:
    """One of the options on offer, by label or value; for those the app offers while one types, an option itself."""
    if isinstance(wanted, dict):
        return wanted
    offered: list[JSON] = element.get("options") or [o for g in element.get("option_groups", []) for o in g["options"]]
    found = next((o for o in offered if wanted in (o["text"]["text"], o.get("value"))), None)
    assert found is not None, f"{wanted} is none of {[o['text']['text'] for o in offered]}"
    return found


def missing(blocks: list[JSON], values: dict[str, dict[str, JSON]]) -> list[str]:
    """Blocks that must be filled in and are not: with them, Slack does not let one submit."""
    empty: tuple[Any, ...] = (None, "", [])
    asked = [(b, e) for b, e in elements(blocks) if b["type"] == "input" and not b.get("optional")]
    return [b["block_id"] for b, e in asked if values[b["block_id"]][e["action_id"]][STATE[e["type"]][0]] in empty]
