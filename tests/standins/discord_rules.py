"""What Discord refuses in a message though its document allows it. Pure: a body in, problems out.

Limits: resources/message (embeds, 2,000 characters of content for bots), components/reference (40 components; 4,000
characters of text, as the API answers).
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

Json = dict[str, Any]
Problem = tuple[list[str | int], str, str]

V2 = 1 << 15
CONTENT = 2_000
EMBEDS_TEXT = 6_000
V2_COMPONENTS = 40
V2_TEXT = 4_000
ROWS = 5
BUTTON, SELECTS = 2, (3, 5, 6, 7, 8)
LINK_STYLE, PREMIUM_STYLE = 5, 6
ONLY_V2 = frozenset({9, 10, 11, 12, 13, 14, 17})
ALLOWED_FLAGS = (1 << 2) | (1 << 6) | (1 << 12) | V2


def problems(body: Json, flags: int) -> list[Problem]:
    """All that is wrong with a message body. ``flags`` are those of the message it makes."""
    found = [*_content(body), *_embeds(body.get("embeds") or []), *_components(body.get("components") or [], flags)]
    if flags & V2:
        found += [([key], "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", f"{key} beside Components V2")
                  for key in ("content", "embeds", "sticker_ids", "poll") if body.get(key)]  # fmt: skip
    if flags & ~ALLOWED_FLAGS:
        found.append((["flags"], "BASE_TYPE_BAD_INT", "These flags cannot be set"))
    return found


def is_empty(content: str, embeds: list[Json], components: list[Json], attachments: list[Json]) -> bool:
    return not (content.strip() or embeds or components or attachments)


def _too_long(path: list[str | int], most: int) -> Problem:
    return (path, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")


def _content(body: Json) -> Iterator[Problem]:
    if len(body.get("content") or "") > CONTENT:
        yield _too_long(["content"], CONTENT)
    if body.get("enforce_nonce") and len(str(body.get("nonce") or "")) > 25:
        yield _too_long(["nonce"], 25)


# --- embeds ---


def _embeds(embeds: list[Json]) -> Iterator[Problem]:
    if sum(map(embed_text, embeds)) > EMBEDS_TEXT:
        yield (["embeds"], "MAX_EMBED_SIZE_EXCEEDED", f"Embed size exceeds maximum size of {EMBEDS_TEXT}")
    for number, embed in enumerate(embeds):
        for path, address in _addresses(embed):
            if urlsplit(address).scheme not in {"http", "https", "attachment"}:
                yield (["embeds", number, *path], "URL_TYPE_INVALID_URL", "Not a well formed URL.")
        for at, field in enumerate(embed.get("fields") or []):
            for key in ("name", "value"):
                if not str(field.get(key) or "").strip():
                    yield (["embeds", number, "fields", at, key], "BASE_TYPE_REQUIRED", "This field is required")


def embed_text(embed: Json) -> int:
    """How many characters of an embed count towards the 6,000."""
    parts = [embed.get("title"), embed.get("description"), (embed.get("footer") or {}).get("text")]
    parts += [(embed.get("author") or {}).get("name")]
    parts += [field.get(key) for field in embed.get("fields") or [] for key in ("name", "value")]
    return sum(len(part or "") for part in parts)


def _addresses(embed: Json) -> Iterator[tuple[list[str | int], str]]:
    for key in ("image", "thumbnail", "author"):
        if (embed.get(key) or {}).get("url"):
            yield [key, "url"], embed[key]["url"]
    if embed.get("url"):
        yield ["url"], embed["url"]


# --- components ---


def walk(
    components: list[Json], path: tuple[str | int, ...] = ("components",)
) -> Iterator[tuple[list[str | int], Json]]:
    """Every component with its path, outer before inner."""
    for number, component in enumerate(components):
        here = (*path, number)
        yield list(here), component
        yield from walk(component.get("components") or [], (*here, "components"))
        if isinstance(component.get("accessory"), dict):
            yield [*here, "accessory"], component["accessory"]


def _components(components: list[Json], flags: int) -> Iterator[Problem]:
    every = list(walk(components))
    yield from _identities(every)
    if flags & V2:
        if len(every) > V2_COMPONENTS:
            yield (["components"], "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", f"More than {V2_COMPONENTS} components")
        if sum(len(component.get("content") or "") for _, component in every) > V2_TEXT:
            yield (["components"], "COMPONENT_MAX_TOTAL_TEXT_EXCEEDED", f"More than {V2_TEXT} characters of text")
        return
    if len(components) > ROWS:
        yield _too_long(["components"], ROWS)
    for path, component in every:
        if component["type"] in ONLY_V2:
            yield (path, "UNION_TYPE_CHOICES", "Needs the Components V2 flag")


def _identities(every: list[tuple[list[str | int], Json]]) -> Iterator[Problem]:
    """``custom_id`` once each and wherever somebody can act; a link has an address and no ``custom_id``."""
    seen: set[str] = set()
    for path, component in every:
        custom = component.get("custom_id")
        if custom in seen:
            yield ([*path, "custom_id"], "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated")
        if custom:
            seen.add(custom)
        yield from _acting(path, component)


def _acting(path: list[str | int], component: Json) -> Iterator[Problem]:
    kind, style = component["type"], component.get("style")
    is_link = kind == BUTTON and style == LINK_STYLE
    if is_link and (component.get("custom_id") or not component.get("url")):
        yield (path, "BUTTON_COMPONENT_LINK", "A link button has a url and no custom id")
    if (kind == BUTTON and style not in {LINK_STYLE, PREMIUM_STYLE}) or kind in SELECTS:
        if not component.get("custom_id"):
            yield ([*path, "custom_id"], "BASE_TYPE_REQUIRED", "This field is required")
        if component.get("url"):
            yield ([*path, "url"], "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", "Not with a custom id")
    if kind == BUTTON and style != PREMIUM_STYLE and not (component.get("label") or component.get("emoji")):
        yield ([*path, "label"], "BUTTON_COMPONENT_LABEL_OR_EMOJI", "A label or an emoji is needed")
    if kind == 1 and len(component.get("components") or []) > 5:
        yield _too_long([*path, "components"], 5)
