"""A reader of Discord's markdown for tests: what in a text would act. Its rules are written from Discord's behaviour.

Rules in the order in which Discord's client tries them at each place of a text; the first that fits takes its piece.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_RULES = [
    ("escape", r"\\([^0-9A-Za-z\s])"),
    ("block", r"```(?:[\w+.-]+\n)?\n*([^\n][\s\S]*?)\n*```"),
    ("code", r"(?P<tick>`+)([\s\S]*?[^`])(?P=tick)(?!`)"),
    ("timestamp", r"<t:-?\d+(?::\w)?>"),
    ("emoji", r"<a?:\w+:\d+>|:[\w+~-]+:"),
    ("mention", r"<@[!&]?\d+>|<#\d+>|@everyone|@here"),
    ("command", r"</[^:>\n]+:\d+>"),
    ("place", r"<id:\w+>"),
    ("link", r"\[((?:\[[^\]]*\]|[^\[\]]|\](?=[^\[]*\]))*)\]\(\s*<?((?:[^\s\\]|\\.)*?)>?\s*\)"),
    ("link", r"<(?P<angled>(?:https?|discord|mailto|tel|sms):[^\s>]+)>"),
    ("preview", r"(?P<bare>https?://[^\s<]+)"),
    ("invitation", r"discord(?:app)?\.(?:gg|com/invite|new|gift)/\w+"),
    ("bold", r"\*\*(?=\S)[\s\S]+?\*\*"),
    ("underline", r"__[\s\S]+?__"),
    ("italics", r"\*(?=\S)[^*]+?\*|\b_[^_]+_\b"),
    ("struck", r"~~[\s\S]+?~~"),
    ("spoiler", r"\|\|[\s\S]+?\|\|"),
]
_AT_START = [
    ("heading", r"\s*#{1,3}\s+\S"),
    ("small", r"\s*-#\s+\S"),
    ("quote", r"\s*>{1}\s|\s*>>>\s"),
    ("list", r"\s*(?:[-*]|\d+\.)\s"),
]
_MARKS = {"bold": 2, "underline": 2, "italics": 1, "struck": 2, "spoiler": 2}
_ANY = [(kind, re.compile(rule)) for kind, rule in _RULES]
_STARTS = [(kind, re.compile(rule)) for kind, rule in _AT_START]


@dataclass(frozen=True, slots=True)
class Act:
    """Something that is not mere text: what it is, and where it leads or what it says."""

    kind: str
    value: str


def acts(text: str) -> Iterator[Act]:
    """Everything in a text that formats, links, pings or hides."""
    at = 0
    while at < len(text):
        if at == 0 or text[at - 1] == "\n":
            yield from (Act(kind, text[at : at + 20]) for kind, rule in _STARTS if rule.match(text, at))
        kind, found = next(((k, m) for k, rule in _ANY if (m := rule.match(text, at))), ("", None))
        if found is None:
            at += 1
            continue
        yield from _told(kind, found)
        at = found.end()


def _told(kind: str, found: "re.Match[str]") -> Iterator[Act]:
    """Marked text may hold other things; what is in code or behind a backslash is text."""
    if kind == "escape":
        return
    if kind == "link" and not found.groupdict().get("angled"):
        yield Act("link", found[2])
        yield from acts(found[1])
        return
    yield Act(kind, found.groupdict().get("angled") or found[0])
    if kind in _MARKS:
        marks = _MARKS[kind]
        yield from acts(found[0][marks:-marks])


def shown(text: str) -> str:
    """A text without backslashes and invisible spaces: what a reader sees of what was escaped."""
    return re.sub(r"\\([^0-9A-Za-z\s])", r"\1", text).translate(dict.fromkeys(map(ord, "\u200b\u2068\u2069")))


def pings(body: Mapping[str, Any]) -> set[str]:
    """Whom a message calls: mentions anywhere in its text, as it was sent, that ``allowed_mentions`` lets through."""
    allowed = body["allowed_mentions"]
    content = body.get("content") or ""
    said = {f"<@{user}>" for user in re.findall(r"<@!?(\d+)>", content) if user in allowed["users"]}
    said |= {f"<@&{role}>" for role in re.findall(r"<@&(\d+)>", content) if role in allowed["roles"]}
    said |= {word for word in ("@everyone", "@here") if word in content and "everyone" in allowed["parse"]}
    return said
