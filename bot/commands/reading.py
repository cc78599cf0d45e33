"""Text as somebody types it: to a command with its options, and back. For every platform that takes plain lines.

Pure and without a store: what a value *means* is read in ``values.py``. Every error is a ``CommandError`` that names
the word, says why, and offers a whole command that would work.
"""

import difflib
import re
from collections.abc import Iterator, Mapping
from itertools import pairwise

import bot.commands  # the table is looked up when a line is read: the rooms in it import this file for their buttons
from bot.commands.table import Command, Option
from bot.commands.words import Word, quoted, split
from bot.errors import CommandError
from bot.model import arxiv_key
from bot.text import cut

BRAND = "papers"
# Discord gives rights per top-level command, so what administrators do has a brand word of its own there.
_ADMIN = re.compile(rf"^\s*/?{BRAND}-admin(?=\s|$)", re.IGNORECASE)

_NAMED = re.compile(r"([a-z][a-z_-]*):", re.IGNORECASE)
_NOT_OPTIONS = {"arxiv", "doi", "http", "https"}
_LONGEST_OFFER = 300
_LONE = re.compile(r"[\w-]+")
_LATER = {"similar": "show"}
"""Commands of a later version, with the one that comes nearest until then."""
_NUMBERED = {"subscription", "alert", "watch"}


def read(text: str) -> tuple[Command, dict[str, str]]:
    """The command a line stands for, and its options as texts.

    The brand word may be there or not; the longest command path wins; an empty line is ``help``. ``name:value`` is an
    option when the command has it, outside quotes and parentheses. Raises ``CommandError``.
    """
    text = _ADMIN.sub(f"/{BRAND} admin", text)
    words = _unbranded(split(text))
    command, used = _find(words, text)
    return command, _options(command, words[used:], text)


def write(command: Command, options: Mapping[str, str]) -> str:
    """The line that reads as this command with these options: ``read(write(c, o)) == (c, o)``."""
    rest = next((o.name for o in command.options if o.rest and o.name in options), None)
    parts = [f"/{BRAND}", *command.words]
    named = [f"{name}:{quoted(value)}" for name, value in options.items() if name != rest]
    if rest is None:
        return " ".join([*parts, *named])
    bare = " ".join([*parts, *named, options[rest]])
    if _reads_as(bare, command, options):
        return bare
    return " ".join([*parts, *named, f"{rest}:{quoted(options[rest])}"])


def complete(text: str) -> list[str]:
    """What the last word of an unfinished line may become: command words, option names, choices. Never raises."""
    spoken = split(_ADMIN.sub(f"/{BRAND} admin", text))
    partial = "" if text[-1:].isspace() or not spoken else spoken.pop().raw.lower()
    words = tuple(w.raw.lower() for w in _unbranded(spoken))
    table = bot.commands.TABLE
    found = [] if spoken else [f"/{BRAND}"]
    found += sorted({c.words[len(words)] for c in table if c.words[: len(words)] == words and c.words != words})
    for command in table:
        if words[: len(command.words)] == command.words:
            found += _offers(command, " ".join(words))
    return [word for word in dict.fromkeys(found) if word.startswith(partial)]


def suggest(word: str, known: Mapping[str, object] | list[str] | tuple[str, ...]) -> str:
    """The known word that was most likely meant, or empty. Case is ignored, the known spelling returned."""
    by_folded = {name.casefold(): name for name in known}
    close = difflib.get_close_matches(word.casefold()[:60], by_folded, n=1, cutoff=0.6)
    return by_folded[close[0]] if close else ""


# --- finding the command ----------------------------------------------------------------------------------------------


def _unbranded(words: list[Word]) -> list[Word]:
    first = words[0].raw.removeprefix("/").lower() if words else ""
    if first == BRAND:
        return words[1:]
    if words and words[0].raw.startswith("/"):
        return [Word(words[0].raw[1:], words[0].start + 1, words[0].end), *words[1:]]
    return words


def _paths() -> dict[tuple[str, ...], Command]:
    paths = {tuple(alias.split()): c for c in bot.commands.TABLE for alias in c.aliases}
    return paths | {c.words: c for c in bot.commands.TABLE}


def _find(words: list[Word], text: str) -> tuple[Command, int]:
    """The command with the longest path at the start of the words, and how many words that took."""
    paths = _paths()
    spoken = tuple(w.raw.lower() for w in words[:4])
    for length in range(len(spoken), 0, -1):
        if spoken[:length] in paths:
            return paths[spoken[:length]], length
    if not spoken:
        return paths[("help",)], 0
    if len(words) == 1 and any(path[0] == spoken[0] for path in paths):
        return paths[("help",)], 0  # a group such as "alert" alone: its name is the topic
    if spoken[0] in _LATER:
        raise _later(words, text)
    if len(words) == 1 and _LONE.fullmatch(spoken[0]) and not arxiv_key(text):
        raise _alone(words[0])
    raise _unknown(words, spoken, text)


def _later(words: list[Word], text: str) -> CommandError:
    name = words[0].raw.lower()
    about = text[words[0].end :].strip()
    mended = f"/{BRAND} {_LATER[name]} {about}" if about and len(about) <= _LONGEST_OFFER else f"/{BRAND} help"
    return CommandError(f'"{name}" comes in a later version.', mended=mended)


def _alone(word: Word) -> CommandError:
    """A single word is a slip more often than a search: what is like it, what has it in its path, or the help."""
    said = word.raw.lower()
    within = [_path(c) for c in bot.commands.TABLE if said in c.words]
    meant = "" if within else suggest(said, [c.words[0] for c in bot.commands.TABLE])
    hint = f" (did you mean {meant}?)." if meant else f". There is {_listed(within)}." if within else "."
    mended = f"/{BRAND} {meant or 'help'}"
    return CommandError(f'I do not know the command "{word.shown}"{hint}', mended=mended)


def _listed(paths: list[str]) -> str:
    *most, last = paths
    return f"{', '.join(most)} and {last}" if most else last


def _unknown(words: list[Word], spoken: tuple[str, ...], text: str) -> CommandError:
    names = [c.words for c in bot.commands.TABLE]
    depth = 1 if any(n[0] == spoken[0] and len(n) > 1 for n in names) and len(spoken) > 1 else 0
    known = sorted({n[depth] for n in names if n[:depth] == spoken[:depth] and len(n) > depth})
    before = " ".join([f"/{BRAND}", *spoken[:depth]])
    meant = suggest(spoken[depth], known)
    if meant:
        tail = text[words[depth].end :].strip()
        hint, mended = f" (did you mean {meant}?)", f"{before} {meant} {tail}".strip()
    elif depth:
        return CommandError(f'"{before}" has no "{words[depth].shown}". It has: {", ".join(known)}.', mended=before)
    else:
        verb = "show" if arxiv_key(text) else "search"
        said = text[words[0].start :].strip()
        hint, mended = "", f"/{BRAND} {verb} {said}" if len(said) <= _LONGEST_OFFER else ""
    name = " ".join([*spoken[:depth], words[depth].shown])
    return CommandError(f'I do not know the command "{name}"{hint}.', mended=mended)


# --- its options ------------------------------------------------------------------------------------------------------


def _options(command: Command, words: list[Word], text: str) -> dict[str, str]:
    named, loose = _named(command, words)
    rest = next((o for o in command.options if o.rest), None)
    for option in _wanting(command, named, rest):
        if not loose or (rest is not None and _is_named(rest, loose[0])):
            break
        if rest is None:
            _refuse_unknown(command, loose[0], words)
        named[option.name] = loose.pop(0).value
    if loose and rest is None:
        _refuse_unknown(command, loose[0], words)
        raise CommandError(f'"{_path(command)}" does not take "{loose[0].shown}".', mended=write(command, named))
    if loose and rest is not None:
        named[rest.name] = _rest_text(rest, loose, text)
    return {name: _plain_number(command, name, value) for name, value in named.items()}


def _named(command: Command, words: list[Word]) -> tuple[dict[str, str], list[Word]]:
    """The options given by name, and the words that are not. A named rest option stays among the words."""
    named: dict[str, str] = {}
    loose: list[Word] = []
    queue = list(reversed(words))
    while queue:
        word = queue.pop()
        option = _option_of(command, word)
        if option is None or option.rest:
            loose.append(word)
            continue
        value = Word(word.raw[len(option.name) + 1 :], word.start, word.end)
        if not value.raw:
            if not queue:
                raise CommandError(f"{option.name}: needs a value: {option.help}.", mended=command.example)
            value = queue.pop()
        if option.name in named:
            raise CommandError(f"{option.name}: is given twice.", mended=_without(command, words, word))
        named[option.name] = value.value
    return named, loose


def _without(command: Command, words: list[Word], word: Word) -> str:
    return " ".join([_path(command), *(other.raw for other in words if other is not word)])


def _option_of(command: Command, word: Word) -> Option | None:
    match = _NAMED.match(word.raw)
    return command.option(match[1].lower()) if match else None


def _wanting(command: Command, named: Mapping[str, str], rest: Option | None) -> list[Option]:
    """The options that words without a name fill, in order: required ones, and without a rest option all others."""
    open_ones = [o for o in command.options if o.name not in named]
    if rest is not None:
        return [o for o in open_ones if o.required and not o.rest]
    return [o for o in open_ones if o.required] + [o for o in open_ones if not o.required]


def _rest_text(rest: Option, loose: list[Word], text: str) -> str:
    """The words of the rest option as they were typed; ``query:"…"`` alone is the text between the quotes."""
    spans = []
    for word in loose:
        skip = len(rest.name) + 1 if _is_named(rest, word) else 0
        if skip and len(loose) == 1:
            return Word(word.raw[skip:], word.start, word.end).value
        spans.append((word.start + skip, word.end))
    parts = [text[spans[0][0] : spans[0][1]]]
    for (_, before), (start, end) in pairwise(spans):
        gap = text[before:start]
        parts += [gap if gap.isspace() else " ", text[start:end]]
    return "".join(parts).strip()


def _is_named(option: Option, word: Word) -> bool:
    match = _NAMED.match(word.raw)
    return match is not None and match[1].lower() == option.name


def _refuse_unknown(command: Command, word: Word, words: list[Word]) -> None:
    match = _NAMED.match(word.raw)
    if match is None or match[1].lower() in _NOT_OPTIONS:
        return
    names = [o.name for o in command.options]
    meant = suggest(match[1], names)
    hint = f" (did you mean {meant}:?)" if meant else ""
    has = f" It has: {', '.join(f'{n}:' for n in names)}." if names and not meant else ""
    right = [f"{meant}:{word.raw[match.end() :]}" if other is word else other.raw for other in words]
    mended = " ".join([_path(command), *right]) if meant else command.example
    raise CommandError(f'"{_path(command)}" has no option "{cut(match[0], 40)}"{hint}.{has}', mended=mended)


def _plain_number(command: Command, name: str, value: str) -> str:
    option = command.option(name)
    return value.lstrip("#") if option is not None and option.kind in _NUMBERED else value


def _path(command: Command) -> str:
    return " ".join([f"/{BRAND}", *command.words])


# --- writing and completing -------------------------------------------------------------------------------------------


def _reads_as(line: str, command: Command, options: Mapping[str, str]) -> bool:
    try:
        return read(line) == (command, dict(options))
    except CommandError:
        return False


def _offers(command: Command, before: str) -> Iterator[str]:
    for option in command.options:
        if f"{option.name}:" in before:
            continue
        yield f"{option.name}:"
        yield from (f"{option.name}:{choice}" for choice in option.choices)
