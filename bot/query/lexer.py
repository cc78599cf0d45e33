"""Text to tokens. Every pattern here is linear in its text; nothing is refused but characters nobody can see."""

import re
import unicodedata
from typing import NamedTuple

# Typographic and full-width forms of our signs, one character for one, so that offsets stay.
_LOOKALIKES = str.maketrans("“”„‟«»＂–—−‐‑－（）｜：＊＞＜＝", '"""""""------()|:*><=')

OPERATOR = r"[<>=≥≤]{1,2}"
_LEXEME = re.compile(
    rf"""
      (?P<space>\s+)
    | (?P<open>\() | (?P<close>\)) | (?P<or>\|+) | (?P<not>-+)
    | (?P<regex>/[^\s/]+/[a-z]*(?=[\s)]|$))
    | (?P<number>(?i:votes|comments|stars)\s*{OPERATOR}\s*[^\s()|"]* | [A-Za-z_]+{OPERATOR}[^\s()|"]*)
    | (?P<field>[A-Za-z_]+:)
    | (?P<phrase>"[^"]*"\*?)
    | (?P<quote>".*)
    | (?P<word>[^\s()|"]+)
    """,
    re.VERBOSE | re.DOTALL,
)


class Token(NamedTuple):
    """``text`` stands at ``start:end``. ``kind`` is a group of ``_LEXEME``, ``and``, or ``end`` after the last one."""

    kind: str
    text: str
    start: int
    end: int


def plain(text: str) -> str:
    """The text with look-alike signs as the plain ones; same length."""
    return text.translate(_LOOKALIKES)


def tokens(text: str) -> list[Token]:
    """The tokens of a plain text; every character but white space is in one."""
    found = []
    for lexeme in _LEXEME.finditer(text):
        kind, part = lexeme.lastgroup or "", lexeme[0]
        if kind != "space":
            found.append(Token(part.lower() if part in ("OR", "AND", "NOT") else kind, part, *lexeme.span()))
    return [*found, Token("end", "", len(text), len(text))]


def invisible(text: str) -> list[int]:
    """Where control, direction, surrogate and private characters stand. Joiners are none: some scripts need them."""
    if text.isprintable():
        return []
    return [at for at, char in enumerate(text) if char not in _SEEN and unicodedata.category(char) in _UNSEEN]


_SEEN = frozenset("\t\n\r\u200c\u200d")
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co"})
