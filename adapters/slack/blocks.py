"""The few kinds of blocks Paperboy's messages are made of, each within Slack's limits. Pure; knows no card.

Texts go into rich text and ``plain_text``, where Slack reads no markup, so that no text can act by construction:
https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
"""

import json
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from adapters.slack.mrkdwn import LONGEST_URL, address, cut, link, plain_text, runs, units
from adapters.text import one_line, safe

Block = dict[str, Any]

MOST_BLOCKS = 50
"""Blocks in a message (https://docs.slack.dev/reference/block-kit/blocks)."""
MOST_CHARACTERS = 12_000
"""Of all blocks of a message, as JSON. Slack refuses somewhere above and tells neither where nor what it counts:
13,200 characters of text were refused, and 11,341 in many small elements (slackapi/bolt-js#2509 and #2867)."""

_HEADER = 150
_SECTION = 3000
_ALT = 2000
_ELEMENTS = 10
MOST_BUTTONS = 25
_UNBROKEN = 16
_PICTURES = (".png", ".jpg", ".jpeg", ".gif")
_PICTURE_HOST = "cdn-uploads.huggingface.co"


def size(blocks: Sequence[Block]) -> int:
    """Characters of the blocks as JSON, which is more than any way of counting their texts."""
    return units(json.dumps(blocks, ensure_ascii=False, separators=(",", ":")))


def header(text: str) -> Block:
    return {"type": "header", "text": plain_text(one_line(text), _HEADER)}


def divider() -> Block:
    return {"type": "divider"}


def section(text: str, accessory: Block | None = None) -> Block:
    """A paragraph, with a picture beside it; cut at 3,000 characters."""
    block = {"type": "section", "text": plain_text(text, _SECTION)}
    return {**block, "accessory": accessory} if accessory else block


def context(texts: Iterable[str], links: Iterable[tuple[str, str]] = ()) -> Iterator[Block]:
    """Small grey parts on one line, then links (address, label); nothing where there is none of them."""
    parts = [{"type": "plain_text", "text": cut(text, _SECTION), "emoji": False} for text in texts if text]
    shown = [markup for url, label in links if (markup := link(url, label)).startswith("<")]
    if shown:
        parts.append({"type": "mrkdwn", "text": _within(shown, _SECTION), "verbatim": True})
    if parts:
        yield {"type": "context", "elements": parts[:_ELEMENTS]}


def _within(parts: Sequence[str], limit: int) -> str:
    """As many parts as fit: markup cut in the middle would be no markup any more."""
    kept: list[str] = []
    for part in parts:
        if units(" · ".join([*kept, part])) <= limit:
            kept.append(part)
    return " · ".join(kept) or "–"


def actions(elements: Iterable[Block | None]) -> Iterator[Block]:
    """Buttons and menus, those that could be made; nothing where there is none."""
    usable = [element for element in elements if element is not None]
    for at in range(0, len(usable), MOST_BUTTONS):
        yield {"type": "actions", "elements": usable[at : at + MOST_BUTTONS]}


def picture(url: str, alt: str) -> Block | None:
    """A picture element; None for what Slack would not show.

    Only what authors put on Hugging Face: its social thumbnails repeat the title, and a post whose picture cannot be
    loaded is refused as a whole.
    """
    target = address(url)
    parts = urlsplit(target)
    shown = parts.scheme == "https" and parts.hostname == _PICTURE_HOST and parts.path.lower().endswith(_PICTURES)
    if not shown or len(target) > LONGEST_URL:
        return None
    return {"type": "image", "image_url": target, "alt_text": cut(one_line(alt), _ALT) or "Picture for the paper"}


def image(element: Block) -> Block:
    """A picture of its own, as wide as the message."""
    return dict(element)


# --- rich text --------------------------------------------------------------------------------------------------------


def rich(elements: Sequence[Block], quoted: Sequence[Block] = ()) -> Block:
    """A paragraph of text, links and mentions, and below it one in somebody else's words."""
    parts = (("rich_text_section", elements), ("rich_text_quote", quoted))
    return {"type": "rich_text", "elements": [{"type": kind, "elements": [*inner]} for kind, inner in parts if inner]}


def bullets(items: Sequence[Sequence[Block]]) -> Block:
    """A list with a dot before each item."""
    lines = [{"type": "rich_text_section", "elements": list(item)} for item in items]
    return {"type": "rich_text", "elements": [{"type": "rich_text_list", "style": "bullet", "elements": lines}]}


def preformatted(text: str) -> Block:
    """Text in a fixed width, as it is."""
    box = {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": text}]}
    return {"type": "rich_text", "elements": [box]}


def run(text: str, *style: str) -> Block:
    """A piece of text; ``style`` is any of bold, italic, code."""
    element: Block = {"type": "text", "text": text}
    return {**element, "style": dict.fromkeys(style, True)} if style else element


def anchor(url: str, label: str, *style: str) -> Block:
    """A link, or the text alone where the address may not become one."""
    target = address(url)
    if not target:
        return run(label, *style)
    element: Block = {"type": "link", "url": target, "text": label}
    return {**element, "style": dict.fromkeys(style, True)} if style else element


def spoken(text: str) -> list[Block]:
    """A text of ours, its commands as code."""
    return [run(part, "code") if is_command else run(part) for part, is_command in runs(safe(text))]


def dotted(parts: Iterable[str]) -> str:
    """Short parts on one line, none broken: ``★ 12`` never after the star.

    Each keeps to itself which way it is written: the votes stay behind a name in Arabic.
    """
    return " · ".join(_isolated(line) for part in parts if (line := one_line(part)))


def _isolated(text: str) -> str:
    if len(text) <= _UNBROKEN:
        text = text.replace(" ", "\u00a0")
    if text.isascii() or not any(unicodedata.bidirectional(char) in {"R", "AL", "AN"} for char in text):
        return text
    return f"\u2068{text}\u2069"
