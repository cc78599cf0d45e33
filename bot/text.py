"""Text as people read it and as the matcher reads it: cleaning, folding, tokens, sentences, cutting.

Pure functions over str, for any str (lone surrogates too): nothing here raises, logs or knows where a text came from.
Escaping for a platform belongs to that platform; TeX lives in ``latex.py``.
"""

import html
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from bot import latex

# --- cleaning ---------------------------------------------------------------------------------------------------------

_MARKUP = re.compile(r"[\\$<&{~^`]|--")
# Old Hangul and Khmer fillers and the grapheme joiner: letters or marks by category, invisible by nature.
_FILLERS = "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0"
_JOINERS = "\u200c\u200d"
_MARKS = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_MARK_TOWER = re.compile(f"([{_MARKS}]{{3}})[{_MARKS}]+")
_PLAIN = re.compile(r"[\t\n\r\x20-\x7e\xa0-\xac\xae-\u02ff\u2010-\u2027\u2030-\u205e]*")
# Scripts that spell with joiners (Hebrew to Mongolian, without East Asia), and what emoji sequences are made of.
_JOINED_SCRIPT = "\u0590-\u109f\u1780-\u18af\ufb50-\ufdff\ufe70-\ufefc"
_EMOJI = "\u2190-\u2bff\ufe0f\U0001f000-\U0001faff"
_KEPT_JOINER = re.compile(
    f"(?<=[{_JOINED_SCRIPT}])[{_JOINERS}](?=[{_JOINED_SCRIPT}])|(?<=[{_EMOJI}])\u200d(?=[{_EMOJI}])"
)

_HYPHEN_WRAP = re.compile(r"-(?<=\w-)[ \t\r]*\n\s*(?=\w)")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]\w{1,31});")
_BLOCK_TAGS = "p|br|hr|div|li|ul|ol|blockquote|h[1-6]"
_INLINE_TAGS = "a|abbr|b|big|center|code|em|font|i|img|mark|small|span|strong|sub|sup|tt|u"
_TAG = re.compile(
    rf"<(?P<close>/?)(?P<name>{_BLOCK_TAGS}|{_INLINE_TAGS}|mml:\w+|inline-formula|tex-math|jats:\w+)"
    r"(?P<attributes>\s+[\w:-]+\s*=[^<>]{0,2000})?\s*/?>",
    re.IGNORECASE,
)
_SCRIPT_TAG = re.compile(r"<(su[bp])>([^<>]{1,40})</\1>", re.IGNORECASE)
_COMMENT = re.compile(r"<!--(?:(?!<!--|-->).){0,2000}-->", re.DOTALL)
_AUTOLINK = re.compile(r"<(https?://[^<>\s]{1,2000})>")

# Cleaning can uncover more to clean (``&amp;lt;``, an escaped TeX command), seldom twice.
_PASSES = 4


def clean(raw: str) -> str:
    """One readable line: wraps joined, HTML and TeX resolved, invisible characters gone, NFC. Never raises.

    A text with a visible character never becomes empty. Cleaning a cleaned text changes nothing, except for texts
    built to need more than four rounds (an entity of an entity of an entity ...).
    """
    text = _line(_HYPHEN_WRAP.sub("-", raw) if "\n" in raw else raw)
    if not _MARKUP.search(text):
        return text
    for _ in range(_PASSES):
        before, text = text, _pass(text)
        if text == before:
            break
    return text


def _pass(text: str) -> str:
    """One round; falls back to gentler forms where a round would leave nothing."""
    plain = _line(_without_html(text))
    return _line(latex.readable(plain)) or plain or text


def _line(text: str) -> str:
    # U+2800 is a braille cell without dots: a space by its looks.
    return " ".join(_visible(text).replace("\u2800", " ").split())


def _visible(text: str) -> str:
    """The text in NFC without characters nobody sees."""
    if _PLAIN.fullmatch(text):
        return text
    hidden = {char for char in set(text) if not _is_shown(char)}
    if hidden:
        kept = {found.start() for found in _KEPT_JOINER.finditer(text)}
        text = "".join(char for at, char in enumerate(text) if char not in hidden or at in kept)
    return _MARK_TOWER.sub(r"\1", unicodedata.normalize("NFC", text))


@lru_cache(maxsize=4096)
def _is_shown(char: str) -> bool:
    if char.isspace():
        return True
    code = ord(char)
    # From U+E0000 on there are only tags, variation selectors and private use.
    if char in _FILLERS or 0xFFF0 <= code <= 0xFFF8 or (code >= 0xE0000 and not 0xE0100 <= code <= 0xE01EF):
        return False
    category = unicodedata.category(char)
    # An unassigned character may be an emoji younger than this Python: only those that can never be one are dropped.
    noncharacter = 0xFDD0 <= code <= 0xFDEF or code & 0xFFFE == 0xFFFE
    return category not in {"Cc", "Cf", "Cs", "Co"} and not noncharacter


def _without_html(text: str) -> str:
    if "&" in text:
        text = _ENTITY.sub(lambda found: html.unescape(found[0]), text)
    if "<" not in text:
        return text
    text = _SCRIPT_TAG.sub(lambda found: latex.script("^" if found[1].lower() == "sup" else "_", found[2]), text)
    text = _AUTOLINK.sub(r"\1", _COMMENT.sub("", text))
    names = {(found["close"], found["name"].lower()) for found in _TAG.finditer(text)}
    return _TAG.sub(lambda found: _untagged(found, names), text)


def _untagged(tag: re.Match[str], names: set[tuple[str, str]]) -> str:
    """What stays of a tag: ``<b>`` without any ``</b>`` is no markup but somebody's symbol."""
    name = tag["name"].lower()
    if re.fullmatch(_BLOCK_TAGS, name):
        return " "
    paired = {("", name), ("/", name)} <= names
    return "" if paired or tag["attributes"] or ":" in name else tag[0]


# --- tokens -----------------------------------------------------------------------------------------------------------

_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ı": "i", "ŧ": "t", "ŋ": "n"}
)
_ACCENTS = re.compile(f"[{_MARKS}]+")
_CJK = "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_TOKEN = re.compile(rf"(?<![^\W_])c(?:\+\+|#)(?![^\W_])|[{_CJK}]|[^\W_{_CJK}]+")
_POSSESSIVE = re.compile(r"(?<=[^\W_])['’]s(?![^\W_])")


def fold(text: str) -> str:
    """The text without case and accents: ``Łukasz`` and ``lukasz`` are one. Other scripts keep their letters."""
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    # Only the accents of alphabets go: the marks of Indic, Thai, kana are letters to their readers.
    return unicodedata.normalize("NFC", _ACCENTS.sub("", text).translate(_LETTERS))


def words(text: str) -> tuple[str, ...]:
    """The tokens in order: letters and digits, folded, singular. A hyphen, slash or apostrophe separates like a space.

    ``'s`` is dropped, ``c++`` and ``c#`` are words, a CJK character is a word of its own.
    """
    return tuple(map(singular, _TOKEN.findall(_POSSESSIVE.sub("", fold(text)))))


def _listed(table: str) -> frozenset[str]:
    return frozenset(table.split())


# Words with an s at their end that are no plurals.
_INVARIANT = _listed("""
bias gas lens series species news atlas canvas always perhaps towards besides afterwards whereas sometimes nowadays
does goes themselves ourselves texas kansas thomas douglas jones bayes gibbs stokes reynolds hawkes langlands
kubernetes diabetes clothes pancreas christmas chaos cosmos ethos pathos kudos nlos ddos rhinoceros physics
mathematics dynamics semantics robotics ethics economics politics graphics optics mechanics linguistics genetics
analytics kinetics basics academics
""")
_IRREGULAR = {
    "analyses": "analysis", "hypotheses": "hypothesis", "syntheses": "synthesis", "parentheses": "parenthesis",
    "theses": "thesis", "crises": "crisis", "diagnoses": "diagnosis", "prognoses": "prognosis", "oases": "oasis",
    "matrices": "matrix", "vertices": "vertex", "indices": "index", "appendices": "appendix", "vortices": "vortex",
    "simplices": "simplex", "movies": "movie", "cookies": "cookie", "axes": "axis", "lenses": "lens",
    "biases": "bias", "corpora": "corpus", "buses": "bus", "gases": "gas", "viruses": "virus", "calories": "calorie",
    "gpus": "gpu", "cpus": "cpu", "tpus": "tpu", "npus": "npu", "menus": "menu", "caches": "cache", "niches": "niche",
    "focuses": "focus", "statuses": "status", "bonuses": "bonus", "campuses": "campus", "atlases": "atlas",
    "canvases": "canvas", "quizzes": "quiz", "shoes": "shoe", "toes": "toe", "halves": "half", "sheaves": "sheaf",
}  # fmt: skip


@lru_cache(maxsize=1 << 16)
def singular(token: str) -> str:
    """The singular of an English plural as far as simple rules go. The same for a token that is one already."""
    if len(token) < 4 or token[-1] != "s" or token in _INVARIANT:
        return _IRREGULAR.get(token, token)
    if token in _IRREGULAR:
        return _IRREGULAR[token]
    if token.endswith(("ss", "us", "is")):
        return token
    if token.endswith("ies") and len(token) > 4:
        return token[:-3] + "y"
    if token.endswith(("sses", "shes", "ches", "xes", "zzes", "oes")):
        return token[:-2]
    return token[:-1]


_RAW_TOKEN = re.compile(r"[^\W_]+")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_PLURAL_ACRONYM = re.compile(r"[A-Z]{2,}s\d*|\d+[A-Za-z]|[A-Z]?[a-z]*|[A-Z]+")


def parts(text: str) -> frozenset[str]:
    """Folded parts of names that mix cases, or letters and digits: ``PyTorch`` has py and torch, ``GPT4`` has gpt.

    Parts have two letters at least; a last lone letter stays with the part before it (``DeepSeekMoE``: deep, seek,
    moe). A plain acronym in the plural (``LLMs``) has no parts.
    """
    found: set[str] = set()
    for token in _RAW_TOKEN.findall(text):
        if not _PLURAL_ACRONYM.fullmatch(token):
            found.update(_split_name(token))
    return frozenset(found)


def _split_name(token: str) -> list[str]:
    pieces = _PART.findall(_strip_accents(token))
    if len(pieces) > 2 and len(pieces[-1]) == 1 and pieces[-1].isalpha() and pieces[-2].isalpha():
        pieces[-2:] = [pieces[-2] + pieces[-1]]
    whole = fold(token)
    return [singular(fold(piece)) for piece in pieces if len(piece) > 1 and piece.isalpha() and fold(piece) != whole]


def _strip_accents(token: str) -> str:
    return token if token.isascii() else _ACCENTS.sub("", unicodedata.normalize("NFKD", token))


# --- sentences, cutting, names ----------------------------------------------------------------------------------------

_STOP = re.compile(r"(?:[.!?…]+[\"'”’)\]]*\s+(?=[\"'“‘(\[]?[^\W_a-z])|[。！？]\s*)")
_LAST_WORD = re.compile(r"[^\s(\[\"'“‘]{1,20}$")
_ABBREVIATIONS = _listed("""
e.g i.e et.al al cf vs fig figs eq eqs sec secs ref refs no nos approx resp etc ca dr prof mr mrs ms st jr sr inc ltd co
corp dept univ vol pp ed eds ch thm lem prop def app tab viz w.r.t a.k.a i.i.d u.s u.k ph.d
""")


def sentences(text: str) -> list[str]:
    """The sentences of a cleaned text, in order. Abbreviations, initials and numbers do not end one."""
    found, start = [], 0
    for stop in _STOP.finditer(text):
        is_single = stop[0][0] == "." and stop[0][:2] != ".."
        if not (is_single and _is_abbreviation(text[max(0, stop.start() - 20) : stop.start()])):
            found.append(text[start : stop.end()].strip())
            start = stop.end()
    found.append(text[start:].strip())
    return [sentence for sentence in found if sentence]


def _is_abbreviation(before: str) -> bool:
    last = _LAST_WORD.search(before)
    if last is None:
        return False
    word = last[0]
    return (len(word) == 1 and word.isupper()) or word.lower() in _ABBREVIATIONS


_CONTINUES = re.compile(f"[{_MARKS}{_JOINERS}\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\U000e0100-\U000e01ef\udc00-\udfff]")


def cut(text: str, limit: int) -> str:
    """At most ``limit`` characters (code points), ended by "…" where something was left out, at a word where possible.

    A letter keeps its accents and an emoji its parts. Empty for a limit under 1.
    """
    if len(text) <= limit:
        return text
    if limit < 1:
        return ""
    end = limit - 1
    while end > 0 and (_continues(text[end]) or text[end - 1] == "\u200d"):
        end -= 1
    if not text[end].isspace():
        space = text.rfind(" ", end * 2 // 3, end)
        end = space if space > 0 else end
    return text[:end].rstrip(" \t\n,;:–—-") + "…"


def _continues(char: str) -> bool:
    return _CONTINUES.match(char) is not None or unicodedata.combining(char) != 0 or unicodedata.category(char) == "Mc"


_NAME_LIMIT = 60


def names(authors: Sequence[str], keep: int = 2) -> str:
    """Authors in one short line: ``A``, ``A, B``, ``A, B +6``. One too many is shown, for it takes no more room."""
    known = [" ".join(name.split()) for name in authors if name.strip()]
    shown = known if len(known) <= keep + 1 else known[:keep]
    line = ", ".join(cut(name, _NAME_LIMIT) for name in shown)
    return f"{line} +{len(known) - len(shown)}".strip() if len(shown) < len(known) else line
