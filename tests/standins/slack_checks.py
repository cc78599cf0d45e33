"""Whether Slack would take what the app sends: lengths it names, lengths it does not name, and the official schema.

What is wrong is collected in ``world.violations``. Without the official document only the lengths are looked at.
"""

import json
import re
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import pytest

from tests.standins.slack_calls import RefusalError
from tests.standins.slack_world import JSON, World

MOST_TEXT = 40_000
MOST_BLOCK_TEXT = 13_200
"""Characters in all blocks of a message; Slack documents no figure, this one was met by others."""
MOST_METADATA = 8_000
MOST_OPTIONS = 100


_schema: list[Callable[[JSON], list[str]]] = []


def load() -> None:
    """Read the document before anything is served. Outside CI nothing is validated where it is absent."""
    try:
        found = import_module("tests.standins.slack_schema").problems
        found({"text": "warm"})
    except (pytest.skip.Exception, ModuleNotFoundError):
        return
    _schema[:] = [found]


def problems(body: JSON) -> list[str]:
    """What the official schema says against a message or a view."""
    return [line for against in _schema for line in against(body)]


def message(world: World, body: JSON, what: str) -> None:
    """Raises ``RefusalError`` for what Slack would not show."""
    text, blocks = body.get("text") or "", body.get("blocks") or []
    if not text and not blocks and not body.get("attachments") and not body.get("markdown_text"):
        raise _violation(world, what, "no_text", [])
    if len(text) > MOST_TEXT:
        raise _violation(world, what, "msg_too_long", [f"{len(text)} characters of text"])
    if (length := sum(map(len, texts(blocks)))) > MOST_BLOCK_TEXT:
        raise _violation(world, what, "msg_blocks_too_long", [f"{length} characters in blocks"])
    if body.get("metadata"):
        metadata(world, body["metadata"], what)
    if found := problems({key: body[key] for key in ("text", "blocks", "attachments", "metadata") if body.get(key)}):
        too_long = any(line.startswith("msg_blocks_too_long") for line in found)
        raise _violation(world, what, "msg_blocks_too_long" if too_long else "invalid_blocks", found)


def metadata(world: World, value: Any, what: str) -> None:
    kind = value.get("event_type") if isinstance(value, dict) else None
    if not isinstance(kind, str) or not re.fullmatch(r"[A-Za-z0-9_.\-]{1,255}", kind):
        raise _violation(world, what, "invalid_metadata_format", [f"metadata {value}"])
    if not isinstance(value.get("event_payload"), dict):
        raise _violation(world, what, "invalid_metadata_format", ["event_payload is no object"])
    if len(json.dumps(value)) > MOST_METADATA:
        raise _violation(world, what, "metadata_too_large", [])


def attachment(world: World, body: JSON, what: str) -> None:
    """Raises ``RefusalError`` for what may not hang below a link."""
    if not isinstance(body, dict) or not body:
        raise _violation(world, what, "invalid_unfurls_format", [f"{body}"])
    if found := problems({"text": "link", "attachments": [body]}):
        raise _violation(world, what, "invalid_unfurls_format", found)


def view(world: World, body: JSON, what: str) -> None:
    """Raises ``RefusalError`` for a modal or home that Slack would not open."""
    if found := problems(body):
        raise _violation(world, what, "invalid_arguments", found)


def options(world: World, body: Any) -> None:
    """What a menu that asks the app is offered."""
    groups = body.get("option_groups") if isinstance(body, dict) else None
    offered = [o for g in groups for o in g["options"]] if groups else (body or {}).get("options")
    if not isinstance(offered, list) or len(offered) > MOST_OPTIONS:
        world.violations.append(f"suggestion: no list of at most {MOST_OPTIONS} options: {body}")
        return
    for option in offered:
        label, value = option.get("text", {}).get("text", ""), option.get("value", "")
        if not 0 < len(label) <= 75 or not 0 < len(value) <= 150:
            world.violations.append(f"suggestion: {option}")


def _violation(world: World, what: str, error: str, found: list[str]) -> RefusalError:
    world.violations.append(f"{what}: {error} {'; '.join(found)[:2000]}")
    return RefusalError(error, response_metadata={"messages": [f"[ERROR] {line}" for line in found]})


def texts(value: Any) -> Iterator[str]:
    """Every string under a ``text`` key, at any depth."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "text" and isinstance(inner, str):
                yield inner
            else:
                yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
