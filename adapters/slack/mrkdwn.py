"""Texts made harmless for Slack: no text of a paper may ping, link, format or become an emoji. Pure.

Most texts go where Slack reads no markup at all: ``plain_text`` and rich text elements. Markup is written in three
places only: the fallback of a message, a message without blocks, and lines of links; there texts are escaped.
https://docs.slack.dev/messaging/formatting-message-text
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

import bot.commands  # its table says how many words of a text are a command
from adapters.text import one_line, safe, web
from bot import text as texts

LONGEST_URL = 3000
"""Characters (https://docs.slack.dev/reference/block-kit/blocks/image-block, and every other address)."""

# Where exactly these format depends on the characters around them, in ways that are not written down. So look-alikes
# stand for them wherever they are not inside an ASCII word, where they never format.
_FORMATS = re.compile(r"(?<![A-Za-z0-9])[*_~`]|[*_~`](?![A-Za-z0-9])")
_LOOKALIKES = str.maketrans({"*": "∗", "_": "ˍ", "~": "∼", "`": "ˋ"})
_IN_LINKS = str.maketrans({"|": "│", "<": "‹", ">": "›"})
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_QUOTE = re.compile(r"^(\s*)>", re.MULTILINE)
_EMOJI = re.compile(r":(?=[^\s:]{1,100}:)")
# A word joiner is invisible and ends what looks like a name or an address.
_ACTS = re.compile(r"[@#](?=\w)|:(?=//)|(?<=[^\W_])\.(?=[a-z]{2})|(?<=www)\.")
_MENTION = re.compile(
    r"<(?:!subteam\^(?P<group>S[A-Z0-9]{2,30})|@(?P<user>[UW][A-Z0-9]{2,30}))(?:\|(?P<label>[^<>|]{0,80}))?>"
)

_COMMAND = re.compile(r"/papers(?:-admin)?(?![\w/-])")
_ENDS = re.compile(r" · | — |\. | and |\n|$")
_NAMED = re.compile(r' [a-z_-]+:(?:"[^"]*"|[^\s"]+)')
_LEADS = (": ", "— ", "· ")


def cut(text: str, limit: int) -> str:
    """At most ``limit`` UTF-16 units: Slack does not say what it counts, and no other count is larger."""
    shorter, over = text, units(text) - limit
    while over > 0:
        shorter = texts.cut(shorter, max(len(shorter) - (over + 1) // 2, 1)) if len(shorter) > 1 else ""
        over = units(shorter) - limit
    return shorter


def units(text: str) -> int:
    """How long a text is in UTF-16."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def plain_text(text: str, limit: int) -> dict[str, Any]:
    """A ``plain_text`` object, read as it stands, colons too. Never empty, which Slack would refuse."""
    return {"type": "plain_text", "text": cut(safe(text), limit) or "–", "emoji": False}


def escape(text: str) -> str:
    """A text for where Slack reads markup: it looks the same and nothing of it acts. Keeps line ends."""
    quiet = _EMOJI.sub("꞉", _QUOTE.sub(r"\1›", safe(text)))
    quiet = _ACTS.sub(lambda found: f"{found[0]}\u2060", quiet)
    return _FORMATS.sub(lambda found: found[0].translate(_LOOKALIKES), quiet).translate(_ESCAPES)


def link(url: str, label: str) -> str:
    """Markup of a link; the escaped label alone where the address is none that may become a link."""
    text = escape(one_line(label).translate(_IN_LINKS))
    target = address(url)
    return f"<{target}|{text}>" if target and text else text


def address(url: str) -> str:
    """The address with everything percent-escaped that markup knows; empty when it is no plain http(s) one."""
    escaped = quote(web(url), safe="%/:=&?+$,;@#!*'()[]~-._", errors="replace")
    try:
        parts = urlsplit(escaped)
    except ValueError:
        return ""
    # What stands before an @ looks like the host and is not.
    usable = parts.hostname and "@" not in parts.netloc and len(escaped) <= LONGEST_URL
    return escaped if usable else ""


def mention(text: str) -> dict[str, str] | None:
    """A rich text element that pings one person or user group; None for anything else, above all for @here.

    The forms are those Slack sends when somebody typed a name in a command (``should_escape`` in the manifest).
    """
    found = _MENTION.fullmatch(text.strip())
    if found is None:
        return None
    if found["group"]:
        return {"type": "usergroup", "usergroup_id": found["group"]}
    return {"type": "user", "user_id": found["user"]}


def mention_markup(text: str) -> str:
    """The same as markup, empty for anything else."""
    element = mention(text) or {}
    if element.get("type") == "usergroup":
        return f"<!subteam^{element['usergroup_id']}>"
    return f"<@{element['user_id']}>" if element else ""


def unmarked(text: str, names: Mapping[str, str]) -> str:
    """A text to read: people and groups by what they are called, by their id where nobody says, never as markup."""
    return _MENTION.sub(lambda found: _called(found, names), text)


def _called(found: re.Match[str], names: Mapping[str, str]) -> str:
    id = found["group"] or found["user"]
    name = (found["label"] or names.get(id, "")).lstrip("@")
    return f"@{name}" if name else id


def runs(text: str) -> Iterator[tuple[str, bool]]:
    """A text of ours in parts, and whether each is a command to type. Nothing is left out.

    Where a command ends is a matter of style: on a line of its own and after a colon, a dash or a dot it goes on to
    the next dash, dot or "and"; in quotes to the closing one; within a sentence over its words and named options.
    """
    at = 0
    for found in _COMMAND.finditer(text):
        start = found.start()
        if start >= at:
            end = start + len(_spoken(text[:start], text[start:]))
            yield from (part for part in ((text[at:start], False), (text[start:end], True)) if part[0])
            at = end
    if at < len(text):
        yield text[at:], False


def _spoken(before: str, rest: str) -> str:
    line = rest[: _ENDS.search(rest).start()]  # type: ignore[union-attr]  # matches at the end at the latest
    if before.endswith('"') and '"' in line:
        return line[: line.index('"')]
    ends_sentence = rest[len(line) :].startswith(".") or line.endswith(".")
    starts = not before or before.endswith("\n")
    whole = before.endswith(_LEADS) or (starts and not ends_sentence)
    return line.rstrip(" .,;:)") if whole and ", " not in line else _words(line)


def _words(line: str) -> str:
    """The command at the start of a sentence: its words in the table, and the named options behind them."""
    names = (f"/papers {command.name}" for command in bot.commands.TABLE)
    known = max((n for n in names if re.match(rf"{re.escape(n)}(?![\w-])", line)), key=len, default="/papers")
    end = len(known) if line.startswith(known) else len("/papers")
    while option := _NAMED.match(line, end):
        end = option.end()
    return line[:end].rstrip(".,;)")
