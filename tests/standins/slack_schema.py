"""Whether Slack would take a body: its own schema, block by block, and the limits that stand only in its documents."""

import gzip
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import jsonschema_rs

from tests.shared import specs

MOST_TEXT = 40_000
MOST_BLOCKS = 50
MOST_CHARACTERS = 13_200
"""Above this a message was refused as ``msg_blocks_too_long`` (slackapi/bolt-js#2509)."""
MOST_IN_A_VIEW = 250_000


def problems(body: Mapping[str, Any]) -> list[str]:
    """What Slack would refuse in a message, a view, an unfurl or an answer with options; none is fine.

    Skips the test where the official document is absent.
    """
    _definitions()
    if body.get("type") in ("modal", "home"):
        return list(_view(body))
    if body.get("response_action") == "errors":
        return [] if body.get("errors") else ["errors: none are named"]
    if "view" in body:
        return problems(body["view"])
    if "options" in body:
        return [found for option in body["options"] for found in _against("PlainTextOption", option)]
    return list(_message(body))


def _message(body: Mapping[str, Any]) -> Iterator[str]:
    blocks = body.get("blocks") or []
    text = body.get("text", "")
    if not (text or blocks or body.get("attachments")):
        yield "no_text: neither text nor blocks"
    if len(text) > MOST_TEXT:
        yield f"text: {len(text)} characters"
    if len(blocks) > MOST_BLOCKS:
        yield f"{len(blocks)} blocks"
    if (size := _size(blocks)) > MOST_CHARACTERS:
        yield f"msg_blocks_too_long: {size} characters"
    yield from _blocks(blocks)
    for attachment in body.get("attachments") or []:
        yield from _against("MessageAttachment", attachment)
        yield from _blocks(attachment.get("blocks") or [])
    if "metadata" in body:
        yield from _against("MessageMetadata", body["metadata"])


def _view(view: Mapping[str, Any]) -> Iterator[str]:
    yield from _against("ModalView" if view["type"] == "modal" else "HomeView", {**view, "blocks": []})
    blocks = view.get("blocks") or []
    if not 0 < len(blocks) <= 100:
        yield f"{len(blocks)} blocks in a view"
    if _size([view]) > MOST_IN_A_VIEW:
        yield "the view is too large"
    if any(block["type"] == "input" for block in blocks) and view["type"] == "modal" and "submit" not in view:
        yield "a modal with inputs needs a submit button"
    yield from _blocks(blocks)


def _size(blocks: list[Any]) -> int:
    return len(json.dumps(blocks, ensure_ascii=False, separators=(",", ":")).encode("utf-16-le", "surrogatepass")) // 2


def _blocks(blocks: list[Mapping[str, Any]]) -> Iterator[str]:
    for at, block in enumerate(blocks):
        yield from (f"blocks/{at}: {found}" for found in _block(block))
    for name in ("block_id", "action_id"):
        ids = Counter(str(part[name]) for part in _parts(blocks) if name in part)
        yield from (f"{name} {text} stands {count} times" for text, count in ids.items() if count > 1 and _told(text))
    if sum(block["type"] == "table" for block in blocks) > 1:
        yield "more than one table"


def _told(text: str) -> bool:
    """Inputs are told apart by their block; everything else of ours by its ``action_id``."""
    return text != "pb.value"


def _block(block: Mapping[str, Any]) -> Iterator[str]:
    name = "".join(word.capitalize() for word in str(block.get("type", "")).split("_")) + "Block"
    if name not in _definitions():
        yield f"there is no block of type {block.get('type')!r}"
        return
    yield from _against(name, block)
    for part in _parts(block):
        if part.get("type") in _TEXTS and not part.get("text"):
            yield "a text must have more than 0 characters"
        if part.get("type") in ("rich_text", "rich_text_section", "context", "actions") and not part.get("elements"):
            yield f"{part['type']} has no elements"
        if part.get("type") == "static_select" and not (part.get("options") or part.get("option_groups")):
            yield "a menu has no options"


_TEXTS = ("text", "plain_text", "mrkdwn", "markdown")


def _parts(value: Any) -> Iterator[Mapping[str, Any]]:
    """Every object within a block or a list of them, itself included."""
    if isinstance(value, Mapping):
        yield value
        for inner in value.values():
            yield from _parts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _parts(inner)


@cache
def _definitions() -> dict[str, Any]:
    with gzip.open(specs("slack", "blockkit.schema.json.gz"), "rt", encoding="utf-8") as file:
        definitions: dict[str, Any] = json.load(file)["definitions"]
    return definitions


@cache
def _validator(name: str) -> jsonschema_rs.Draft7Validator:
    return jsonschema_rs.Draft7Validator({"$ref": f"#/definitions/{name}", "definitions": _definitions()})


def _against(name: str, value: Any) -> Iterator[str]:
    for error in _validator(name).iter_errors(value):
        yield f"{name} at {'/'.join(map(str, error.instance_path))}: {error.message[:300]}"
