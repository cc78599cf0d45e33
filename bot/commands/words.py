"""A typed line as words: what belongs together in quotes or parentheses, and a value in quotes of its own.

No command is known here; which word is what is decided in ``reading.py``. Linear in the length of the line.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.text import cut

# Quotes that phones and word processors type for us. Same length, so offsets stay those of the original text.
_CURLY = "“”„‟«»"
_STRAIGHT = str.maketrans(dict.fromkeys(_CURLY, '"'))
_ESCAPED = re.compile(rf'\\(["\\{_CURLY}])')
_TO_ESCAPE = re.compile(rf'["\\{_CURLY}]')
_PLAIN = re.compile(rf'[^\s"\\(){_CURLY}]+')


@dataclass(frozen=True, slots=True)
class Word:
    """A word with its place: ``raw`` is the original text, with its quotes."""

    raw: str
    start: int
    end: int

    @property
    def shown(self) -> str:
        """For an error: cut where it is long."""
        return cut(self.raw, 40)

    @property
    def value(self) -> str:
        """The text without the quotes around all of it."""
        text = self.raw.translate(_STRAIGHT)
        if len(text) > 1 and text[0] == '"' and _closing(text, 0) == len(text) - 1:
            return _ESCAPED.sub(r"\1", self.raw[1:-1])
        return self.raw


def quoted(value: str) -> str:
    """The value as one word that reads back as it, in quotes where it needs them."""
    if _PLAIN.fullmatch(value):
        return value
    return '"' + _TO_ESCAPE.sub(r"\\\g<0>", value) + '"'


def split(text: str) -> list[Word]:
    """The words of a line; a space inside closed quotes or parentheses does not end a word."""
    shadow = text.translate(_STRAIGHT)
    closes = _closed_parentheses(shadow)
    words: list[Word] = []
    at = 0
    while at < len(shadow):
        if shadow[at].isspace():
            at += 1
            continue
        start = at
        while at < len(shadow) and not shadow[at].isspace():
            at = _after(shadow, at, closes)
        words.append(Word(text[start:at], start, at))
    return words


def _after(shadow: str, at: int, closes: Mapping[int, int]) -> int:
    if shadow[at] == "\\" and shadow[at + 1 : at + 2] in {'"', "\\"}:
        return at + 2
    if shadow[at] == '"':
        end = _closing(shadow, at)
        return end + 1 if end > 0 else at + 1
    return closes.get(at, at) + 1


def _closing(shadow: str, start: int) -> int:
    """Where the quote that opens at ``start`` closes, -1 when it does not."""
    at = start + 1
    while at < len(shadow):
        if shadow[at] == "\\":
            at += 1
        elif shadow[at] == '"':
            return at
        at += 1
    return -1


def _closed_parentheses(shadow: str) -> dict[int, int]:
    """Where each parenthesis that has a partner closes; those inside quotes are text."""
    closes: dict[int, int] = {}
    stack: list[int] = []
    at = 0
    while at < len(shadow):
        if shadow[at] == "(":
            stack.append(at)
        elif shadow[at] == ")" and stack:
            closes[stack.pop()] = at
        at = _after(shadow, at, {})
    return closes
