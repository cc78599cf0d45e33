"""Texts made safe for Discord: nothing a paper says formats, links or pings. Pure; knows markdown, no cards.

Discord's markdown is none of the standard ones (https://support.discord.com/hc/articles/210298617). Where a
backslash does not reach, an invisible space does: mentions and invitations are read from the text as it was sent,
backslashes and all, and a masked link ends at a bracket whether it is escaped or not.
"""

import re
import unicodedata
from collections.abc import Callable
from urllib.parse import quote

from adapters.text import one_line, safe, web
from bot.commands import TABLE
from bot.text import cut

_GAP = "\u200b"
_ANYWHERE = re.compile(r"[\\*_~`|<\[\]]|:(?=[\w+~-]+:)")
_AT_START = re.compile(r"(?m)^([^\S\n]*)(?:([#>+-])|(\d{1,9})([.)]))")
_STEERING = re.compile(
    r"(?<=:)(?=//)|(?<=\])(?=\()|(?<=@)(?=everyone|here)|(?<=<)(?=[@#/:]|a:|t:|id:|sound:)"
    r"|(?<=discord)(?=\.)|(?<=discordapp)(?=\.)",
    re.IGNORECASE,
)
_CALLING = re.compile(
    r"(?<=@)(?=everyone|here)|(?<=discord)(?=\.gg|\.com/invite)|(?<=discordapp)(?=\.com/invite)", re.IGNORECASE
)
"""What means something even in a fixed width. No more than that is broken there, for it is meant to be copied."""
_BRACKETS = str.maketrans({"[": "［", "]": "］"})
_LONGEST_URL = 512
_IN_URL = "%/:?#@!$&+,;=~-._"
"""What may stand in an address of ours as it is. A parenthesis would end a masked link, a quote begin its title."""
_RIGHT_TO_LEFT = {"R", "AL"}
_ISOLATE, _RELEASE = "\u2068", "\u2069"

_COMMAND = re.compile(r"/papers(?![\w-])(?: (?!· )[^\s`\"“”;]+| ?\"[^\"`\n]*\")*")
_FIRST = frozenset(word for command in TABLE for word in (command.words[0], *(a.split()[0] for a in command.aliases)))
_STOP = re.compile(r"[.,!?)]+:?$")
_PROSE = {"adds", "and", "brings", "changes", "for", "goes", "makes", "or", "posts", "shows", "takes", "to"}


def size(text: str) -> int:
    """How long Discord may find a text: in UTF-16, the strictest reading of its "characters"."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def escaped(text: str) -> str:
    """The text as it is, wherever markdown is read. Keeps line ends."""
    said = _STEERING.sub(_GAP, safe(text))
    said = _ANYWHERE.sub(r"\\\g<0>", said)
    return _AT_START.sub(lambda m: f"{m[1]}\\{m[2]}" if m[2] else f"{m[1]}{m[3]}\\{m[4]}", said)


def line(text: str) -> str:
    """The same on one line, kept apart from its neighbours where it is written from right to left."""
    said = escaped(one_line(text))
    if any(unicodedata.bidirectional(char) in _RIGHT_TO_LEFT for char in said):
        return f"{_ISOLATE}{said}{_RELEASE}"
    return said


def prose(text: str) -> str:
    """Our own sentences, escaped, with the commands they name in a fixed width. Keeps line ends."""
    said, parts, last = safe(text), [], 0
    while found := _COMMAND.search(said, last):
        command = _named(found[0])
        parts += [escaped(said[last : found.start()]), code(command)]
        last = found.start() + len(command)
    return "".join([*parts, escaped(said[last:])])


def spoken(command: str) -> str:
    """A command as people type it on Discord: what administrators do has a brand word of its own there."""
    return re.sub(r"^/papers admin(?=\s|$)", "/papers-admin", command)


def code(text: str) -> str:
    """One line in a fixed width, as it is."""
    said = spoken(one_line(text)).replace("`", "ˋ")
    return f"`{_apart(said)}`" if said else ""


def block(text: str) -> str:
    """Lines in a fixed width, as they are: a fence inside is broken by an invisible space."""
    return f"```\n{_apart(safe(text)).replace('```', f'`{_GAP}`{_GAP}`')}\n```"


def _apart(text: str) -> str:
    """Without what an open bracket somewhere before would make a masked link of: Discord looks for links first."""
    return _CALLING.sub(_GAP, text.replace("](", f"]{_GAP}("))


def address(url: str) -> str:
    """An http(s) address that can stand in a masked link; empty where it is none, or longer than Discord takes."""
    whole = quote(web(url), safe=_IN_URL)
    return whole if len(whole) <= _LONGEST_URL else ""


def link(text: str, url: str, *, quiet: bool = False) -> str:
    """A masked link; the text alone where there is no address. ``quiet`` keeps a preview away outside a box."""
    where = address(url)
    label = line(text.translate(_BRACKETS) if where else text)
    if not where or not label:
        return label
    return f"[{label}](<{where}>)" if quiet else f"[{label}]({where})"


def fitted(text: str, room: int, dress: Callable[[str], str] = escaped) -> str:
    """The dressed text, cut before it was dressed so that it is at most ``room`` long. ``dress`` may only add."""
    made = dress(text)
    if size(made) <= room:
        return made
    low, high = 0, min(len(text), max(room, 0))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if size(dress(cut(text, middle))) <= room else (low, middle - 1)
    made = dress(cut(text, low)) if low else ""
    return made if size(made) <= room else ""


def _named(run: str) -> str:
    """The command in a run of words: it ends before a word of the sentence around it, and with the sentence."""
    words = run.split(" ")
    if len(words) > 1 and _STOP.sub("", words[1]) not in _FIRST:
        return words[0]  # "any /papers command"
    for n in range(2, len(words)):
        is_quoted = " ".join(words[:n]).count('"') % 2
        if not is_quoted and (_STOP.sub("", words[n]) in _PROSE or words[n - 1].endswith(".")):
            words = words[:n]
            break
    return _STOP.sub("", " ".join(words))
