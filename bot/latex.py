"""TeX as people type it in titles and abstracts, to Unicode. Pure; never raises; knows nothing of papers.

A scanner of our own, because neither known library suits text from strangers. pylatexenc 2.11 takes ``%`` for a
comment and ``$5 and $10`` for a formula, leaves ``x^2``, needs 7 ms for an abstract and answers ``{{{{`` with
RecursionError; unicodeit 0.7.5 leaves ``$``, accents and ``\\textbf`` standing and reads ``\\log`` as ``\\l`` + og.
Here one pass over the tokens feeds a bounded stack of groups, so any input takes linear time.
"""

import re
import unicodedata
from dataclasses import dataclass, field

from bot.latex_tables import (
    ACCENTS,
    BINARY,
    DOUBLE_STRUCK,
    DROPPED,
    FONTS,
    FUNCTIONS,
    LOWERED,
    PREFIXES,
    RAISED,
    RELATIONS,
    SILENT,
    SPACES,
    SYMBOLS,
    TAKES,
)

_OPEN, _CLOSE = "\x01", "\x02"  # where a formula begins and ends; never in the text itself, which has no controls
_TOKEN = re.compile(
    r"\\(?P<command>[A-Za-z]+)\*?[ ]*|\\(?P<escaped>.)|(?P<mark>[{}^_\x01\x02])|[^\\{}^_\x01\x02]+|\\", re.DOTALL
)
_EVIDENCE = re.compile(r"\\[A-Za-z\"'`^~=.(\[{]|\x01")
_OPTION = re.compile(r"\[([^\[\]]{0,80})\]")
_PHRASE = re.compile(r"[A-Za-z]{2,} [A-Za-z]{2,}")
_NUMBER = re.compile(r"-?\d+")
_LOOSE = re.compile(r"(?<![,;]) ([)\]⟩])|([(\[⟨]) ")
_DEPTH = 16
"""How deep groups, and commands waiting for arguments, may nest: real texts stay under ten, and work per character is
bounded by it."""


def readable(text: str) -> str:
    """The text with its TeX resolved, as far as it is TeX: ``$5``, the braces of a set and ``x_i`` in prose stay."""
    if "~" in text:
        text = _TIE.sub(" ", text)
    if "\\" in text or "$" in text or "{" in text or "^" in text:
        text = _Scanner(_mark_formulas(_straighten(text))).run()
    return _typeset(text)


def script(mark: str, text: str) -> str:
    """``text`` raised (mark ``^``) or lowered (``_``), or marked as such where Unicode has no such letters."""
    table = RAISED if mark == "^" else LOWERED
    text = text.strip()
    tight = text.replace(" ", "")
    if all(char in table for char in tight):
        return "".join(table[char] for char in tight)
    if len(tight) == 1 or (tight.isalnum() and tight[0].isalpha()):
        return tight if tight in "*'′" else mark + tight
    return f"{mark}({text if _PHRASE.search(text) else tight})"


# --- what is TeX ------------------------------------------------------------------------------------------------------

_TIE = re.compile(r"(?<![\s/~(\\\d])~(?=[^\s~])(?<!^~)|(?<=\d)~(?=[^\d\s~])")
_CONTRACTION = re.compile(r"(?<=[A-Za-z])\\'(?=(?:s|t|re|ll|ve|d|m)?(?![A-Za-z{\\]))")
_ESCAPED_QUOTES = re.compile(r'(?<![A-Za-z{}\\])\\"([^\\"{}]{1,200})\\"(?![A-Za-z{])')


def _straighten(text: str) -> str:
    """Undo quotes that were escaped by a program, not accented by an author: ``Bob\\'s``, ``\\"so called\\"``."""
    return _ESCAPED_QUOTES.sub(r'"\1"', _CONTRACTION.sub("'", text))


_DOLLAR = re.compile(r"(?<!\\)\$")
_TEX_SIGN = re.compile(r"[\\^_{}=<>]")
_PROSE = re.compile(r"(?<![\\A-Za-z{])[A-Za-z]{3,}(?![A-Za-z}])")
_FORMULA_LIMIT = 3000


def _mark_formulas(text: str) -> str:
    """Replace the dollars (and ``\\( \\)``, ``\\[ \\]``) that enclose formulas by marks."""
    text = text.replace("\\(", _OPEN).replace("\\)", _CLOSE) if "\\)" in text else text
    text = text.replace("\\[", _OPEN).replace("\\]", _CLOSE) if "\\]" in text else text
    at = [found.start() for found in _DOLLAR.finditer(text)]
    out, done, i = [], 0, 0
    while i < len(at):
        width = _width(at, i)
        end = i + width
        if end < len(at) and _is_formula(text[at[i] + width : at[end]], text[at[end] + 1 : at[end] + 2]):
            close = _width(at, end) if width == 2 else 1
            out += [text[done : at[i]], _OPEN, text[at[i] + width : at[end]], _CLOSE]
            done, i = at[end] + close, end + close
        else:
            i = end
    return "".join(out) + text[done:]


def _width(at: list[int], i: int) -> int:
    """2 for a doubled dollar, else 1."""
    return 2 if i + 1 < len(at) and at[i + 1] == at[i] + 1 else 1


def _is_formula(inner: str, after: str) -> bool:
    if not inner.strip() or len(inner) > _FORMULA_LIMIT:
        return False
    has_tex = _TEX_SIGN.search(inner) is not None
    prose = len(_PROSE.findall(inner)) if " " in inner else 0
    if inner[0].isdigit() and _is_money(has_tex, prose, before_digit=after.isdigit(), loose=inner[-1] == " "):
        return False
    # A formula is spaced evenly: "$ x $" or "$x$"; "US$ and A$" is not.
    return has_tex or (prose < 2 and (inner[0] == " ") == (inner[-1] == " "))


def _is_money(has_tex: bool, prose: int, *, before_digit: bool, loose: bool) -> bool:
    """Whether ``$5`` and what follows up to the next dollar is an amount: ``$5 and $10``, ``$5-$10``."""
    return prose >= 2 or (not has_tex and (prose == 1 or before_digit or loose))


# --- the scanner ------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Waiting:
    """A command that waits for its arguments."""

    name: str
    takes: int
    option: str = ""
    got: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Group:
    """An open group: what it was opened by, what it holds so far, which commands wait in it."""

    opener: str = ""
    formula: bool = False
    out: list[str] = field(default_factory=list)
    waiting: list[_Waiting] = field(default_factory=list)

    def last(self) -> str:
        return self.out[-1][-1:] if self.out else ""


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.groups = [_Group()]
        self.is_tex = _EVIDENCE.search(text) is not None

    @property
    def top(self) -> _Group:
        return self.groups[-1]

    def run(self) -> str:
        while found := _TOKEN.match(self.text, self.at):
            self.at = found.end()
            if found["command"]:
                self.command(found["command"], found[0][-1] == " ")
            elif found["escaped"]:
                self.escaped(found["escaped"])
            elif found["mark"]:
                self.mark(found["mark"])
            else:
                self.plain(found[0])
        while len(self.groups) > 1:
            self.close()
        return self.finish(self.groups[0])

    # tokens

    def plain(self, run: str) -> None:
        """A run of ordinary characters; a waiting command takes only the first."""
        while self.top.waiting and (run := run.lstrip(" ")):
            self.give(run[0])
            run = run[1:]
        if run:
            self.top.out.append(run)

    def mark(self, mark: str) -> None:
        if mark in "{" + _OPEN:
            if len(self.groups) < _DEPTH:
                self.groups.append(_Group(mark, formula=mark == _OPEN or self.top.formula))
        elif mark == "}":
            self.close_brace()
        elif mark == _CLOSE:
            self.close_formula()
        else:
            self.script(mark)

    def close_brace(self) -> None:
        if self.top.opener == "{":
            self.close()
        elif not self.top.formula and not self.is_tex:
            self.top.out.append("}")

    def close_formula(self) -> None:
        if any(group.opener == _OPEN for group in self.groups):
            while self.top.opener != _OPEN:
                self.close()
            self.close()

    def script(self, mark: str) -> None:
        ahead = self.text[self.at : self.at + 1]
        number = _NUMBER.match(self.text, self.at)
        if self.top.formula or (ahead == "{" and self.text[self.at + 1 : self.at + 2] != "}"):
            self.wait(mark, 1)
        elif mark == "^" and number:
            self.at = number.end()
            self.give(script(mark, number[0]))
        elif mark == "^" and ahead == "\\" and self.text[self.at + 1 : self.at + 2].isalpha():
            self.wait(mark, 1)
        else:
            self.give(mark)

    def escaped(self, char: str) -> None:
        ahead = self.text[self.at : self.at + 1]
        if char in ACCENTS and (ahead.isalpha() or ahead in "{\\ ") and ahead and not self.top.formula:
            self.wait(char, 1)
        elif char in SPACES:
            self.plain(SPACES[char])
        elif char == "|":
            self.give("‖" if self.top.formula else "|")
        else:
            self.give(char)

    def command(self, name: str, spaced: bool) -> None:
        if name in FUNCTIONS:
            self.function(name)
        elif name in RELATIONS:
            self.relation(RELATIONS[name])
        elif name in BINARY or name in SYMBOLS:
            self.symbol(BINARY.get(name) or SYMBOLS[name], spaced)
        elif name in SILENT:
            if spaced and not self.top.formula and not self.top.last():
                return
        elif name in TAKES or name in FONTS:
            self.wait(name, TAKES.get(name, 1), self.option() if name in TAKES else "")
        else:
            self.unknown(name, spaced)

    def function(self, name: str) -> None:
        before = " " if self.top.last().isalnum() or self.top.last() == ")" else ""
        ahead = self.text[self.at : self.at + 2]
        after = " " if ahead[:1].isalnum() or (ahead[:1] == "\\" and ahead[1:].isalpha()) else ""
        self.give(before + FUNCTIONS[name] + after)

    def relation(self, sign: str) -> None:
        """A sign like ≤ stands free, except where it opens something: (≤5)."""
        if self.top.waiting or self.top.last() in "([{,|":
            self.give(sign)
        else:
            self.give(f" {sign} ")

    def symbol(self, sign: str, spaced: bool) -> None:
        """TeX swallows the space after a command; a reader wants it where there is one before, too, or in prose."""
        wants = spaced and (self.top.last() == " " or not self.top.formula)
        self.give(sign)
        if wants and not self.top.waiting:
            self.top.out.append(" ")

    def unknown(self, name: str, spaced: bool) -> None:
        """An author's own macro or one of mere looks: its argument when it has one, else its name."""
        if self.text[self.at : self.at + 1] == "{" and self.text[self.at + 1 : self.at + 2] != "}":
            return
        self.give(name + (" " if spaced and not self.top.formula else ""))

    def option(self) -> str:
        found = _OPTION.match(self.text, self.at)
        if found is None:
            return ""
        self.at = found.end()
        return found[1]

    # arguments

    def wait(self, name: str, takes: int, option: str = "") -> None:
        if len(self.top.waiting) < _DEPTH:
            self.top.waiting.append(_Waiting(name, takes, option))

    def give(self, piece: str) -> None:
        """Hand a finished piece to the command that waits for it, or to the text."""
        top = self.top
        while top.waiting:
            command = top.waiting[-1]
            command.got.append(piece)
            if len(command.got) < command.takes:
                return
            top.waiting.pop()
            piece = _apply(command)
            if command.name in DROPPED and top.last() == " ":
                top.out[-1] = top.out[-1].rstrip(" ")
        if piece:
            top.out.append(piece)

    def finish(self, group: _Group) -> str:
        """What a group holds; commands that still wait make do with what they have."""
        while group.waiting:
            command = group.waiting.pop()
            piece = _apply(command) if command.got else command.name if command.name in "^_" else ""
            if group.waiting:
                group.waiting[-1].got.append(piece)
            else:
                group.out.append(piece)
        return "".join(group.out)

    def close(self) -> None:
        group = self.groups.pop()
        inner = self.finish(group)
        if group.opener == _OPEN:
            self.give(_LOOSE.sub(r"\1\2", inner).strip())
        elif group.formula or self.top.waiting or len(inner) < 2 or (self.is_tex and "," not in inner):
            self.give(inner)
        else:
            self.give("{" + inner + "}")


def _apply(command: _Waiting) -> str:
    """What a command makes of its arguments."""
    name, got = command.name, command.got
    if name in "^_":
        return script(name, got[0])
    if name in ACCENTS:
        return _accented(got[0], ACCENTS[name], strict=len(name) == 1)
    if name in DROPPED:
        return ""
    if name in {"mathbb", "Bbb", "mathds", "mathbbm"}:
        return "".join(DOUBLE_STRUCK.get(char, char) for char in got[0])
    if name == "sqrt":
        return (script("^", command.option) if command.option else "") + "√" + _bracketed(got[0])
    if name.endswith("frac") and len(got) == 2:
        return _bracketed(got[0]) + "/" + _bracketed(got[-1])
    if name in PREFIXES:
        before, after = PREFIXES[name]
        return before + (" choose ".join(got) if name.endswith("binom") else got[-1]) + after
    if name == "unicode":
        return _code_point(got[0])
    if name in {"textsuperscript", "textsubscript"}:
        return script("^" if name == "textsuperscript" else "_", got[0])
    return got[-1]


def _bracketed(text: str) -> str:
    text = text.strip()
    simple = re.fullmatch(r"[\w.√]*|\(.*\)", text) is not None or len(text) == 1
    return text if simple else f"({text})"


def _accented(base: str, accent: str, *, strict: bool) -> str:
    """The first letter with the accent on it; quotes stay quotes where no such letter exists."""
    base = base.strip()
    letter = {"ı": "i", "ȷ": "j"}.get(base[:1], base[:1])
    if not letter or (not strict and len(base) > 1):
        return base
    whole = unicodedata.normalize("NFC", letter + accent)
    if strict and len(whole) > 1:
        return {"\u0301": "'", "\u0308": '"', "\u0300": "`"}.get(accent, "") + base
    return whole + base[1:]


def _code_point(text: str) -> str:
    found = re.fullmatch(r"\s*x?([0-9a-fA-F]{1,6})\s*", text)
    code = int(found[1], 16 if "x" in text else 10) if found and (("x" in text) or found[1].isdigit()) else 0
    return chr(code) if 31 < code < 0xD800 or 0xDFFF < code < 0x110000 else ""


# --- dashes and quotes ------------------------------------------------------------------------------------------------

_EN_DASH = re.compile(r"(?<=[\w.)\]’”])--(?=[\w(“‘$])|(?<=[^\s-] )--(?= [^\s-])")
_EM_DASH = re.compile(r"(?<=[\w.)\]’”,\"])---(?=[\w(“‘\"])|(?<=[^\s-] )---(?= ?[^\s-])|(?<=[\w)\]])---(?= [^\s-])")
_DOUBLE_QUOTES = re.compile(r"(?<!`)``(?!`)([^`]{1,400}?)(?:''|\"|”)")
_SINGLE_QUOTES = re.compile(r"(?<![`\w])`([^`'\s][^`']{0,80})'(?![\w'])")


def _typeset(text: str) -> str:
    if "--" in text:
        text = _EN_DASH.sub("–", _EM_DASH.sub("—", text))
    if "`" in text:
        text = _SINGLE_QUOTES.sub(r"‘\1’", _DOUBLE_QUOTES.sub(r"“\1”", text))
    return text
