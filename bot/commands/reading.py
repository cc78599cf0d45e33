"""Text as somebody types it: to a command with its options, and back. For every platform that takes plain lines.

Pure and without a store: what a value *means* is read in ``values.py``. Every error is a ``CommandError`` that names
the word, says why, and offers a whole command that would work.
"""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

import bot.commands  # the table is looked up when a line is read: the rooms in it import this file for their buttons
from bot.commands.table import Command, Option
from bot.commands.words import Word, quoted, split
from bot.errors import CommandError, QueryError
from bot.model import arxiv_key
from bot.query import parse
from bot.query.vocabulary import is_known
from bot.text import cut

BRAND = "papers"
# Discord gives rights per top-level command, so what administrators do has a brand word of its own there.
_ADMIN = re.compile(rf"^\s*/?{BRAND}-admin(?=\s|$)", re.IGNORECASE)

_NAMED = re.compile(r"([a-z][a-z_-]*):", re.IGNORECASE)
_NOT_OPTIONS = {"arxiv", "doi", "http", "https"}
_LONGEST_OFFER = 200
_SLIP = 2
"""Letters that a slip adds or leaves out at most."""
_LONE = re.compile(r"[\w-]+")
_NUMBERED = {"subscription": "subscriptions", "alert": "alert list", "watch": "watch list"}
"""Kinds of options that name one of a list, with the command that shows it."""


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
    given = (option.name for option in command.options if option.name in options)
    named = [f"{name}:{quoted(options[name])}" for name in given if name != rest]
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


def way_out(command: Command) -> str:
    """The line to offer where something is missing: the list of what can be named, or the help.

    Never the example, which would act on what happens to have its number.
    """
    lists = [_NUMBERED[o.kind] for o in command.options if o.kind in _NUMBERED]
    return f"/{BRAND} {lists[0] if lists else f'help {command.name}'}"


def search_line(text: str) -> str:
    """The line that searches for a text; the help where nothing can be made of it."""
    return sound(f"/{BRAND} search {text}") if len(text) <= _LONGEST_OFFER else f"/{BRAND} help search"


def sound(line: str) -> str:
    """The line, where it reads as a command and its query parses; else what is offered for it. May be empty."""
    try:
        command, options = read(line)
    except CommandError as error:
        return error.mended
    for option in command.options:
        if option.kind == "query" and option.name in options:
            try:
                parse(options[option.name])
            except QueryError as error:
                mended = {**options, option.name: error.mended}
                return write(command, mended) if error.mended else f"/{BRAND} help query"
    return line


# --- finding the command ----------------------------------------------------------------------------------------------


def _unbranded(words: list[Word]) -> list[Word]:
    """Without the brand word, also a misspelled one and one that a platform has put before another."""
    while words and _is_brand(words[0].raw.removeprefix("/").lower()):
        words = words[1:]
    if words and words[0].raw.startswith("/"):
        return [Word(words[0].raw[1:], words[0].start + 1, words[0].end), *words[1:]]
    return words


def _is_brand(said: str) -> bool:
    return said == BRAND or (_is_slip(said, BRAND) and not any(path[0] == said for path in _paths()))


def _is_slip(said: str, name: str) -> bool:
    """Whether one letter too many, too few, wrong or in the place of its neighbour makes the difference."""
    shorter = min(len(said), len(name))
    at = next((i for i in range(shorter) if said[i] != name[i]), shorter)
    a, b = said[at:], name[at:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])


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
    if len(words) == 1 and _LONE.fullmatch(spoken[0]) and not arxiv_key(text):
        raise _alone(words[0])
    raise _unknown(words, spoken, text)


def _alone(word: Word) -> CommandError:
    """A single word is a slip more often than a search: what is like it, what has it in its path, or the help."""
    said = word.raw.lower()
    within = _within(said)
    meant = "" if within else suggest(said, [c.words[0] for c in bot.commands.TABLE])
    hint = f" (did you mean {meant}?)." if meant else f". There is {_listed(within)}." if within else "."
    mended = f"/{BRAND} help"
    if meant:
        there = _paths().get((meant,))
        bare = there is not None and not there.writes and not any(option.required for option in there.options)
        mended = f"/{BRAND} {meant}" if bare else f"/{BRAND} help {meant}"
    return CommandError(f'I do not know the command "{word.shown}"{hint}', mended=mended)


def _within(said: str) -> list[str]:
    """The commands that have this word further on in their path."""
    return [_path(c) for c in bot.commands.TABLE if said in c.words]


def _listed(paths: list[str]) -> str:
    *most, last = paths
    return f"{', '.join(most)} and {last}" if most else last


def _unknown(words: list[Word], spoken: tuple[str, ...], text: str) -> CommandError:
    names = [c.words for c in bot.commands.TABLE]
    depth = 1 if any(n[0] == spoken[0] and len(n) > 1 for n in names) and len(spoken) > 1 else 0
    known = sorted({n[depth] for n in names if n[:depth] == spoken[:depth] and len(n) > depth})
    before = " ".join([f"/{BRAND}", *spoken[:depth]])
    tail = text[words[depth].end :].strip()
    unknown = f'I do not know the command "{" ".join([*spoken[:depth], words[depth].shown])}"'
    if not depth and (within := _within(spoken[0])):
        return CommandError(f"{unknown}. There is {_listed(within)}.", mended=f"/{BRAND} help")
    said = words[depth].raw
    for meant in difflib.get_close_matches(said.lower()[:60], known, n=3, cutoff=0.6):
        # "searchworld models": what is glued to the command is a word of its own, and none may get lost.
        glued = said[len(meant) :] if said.lower().startswith(meant) and len(said) > len(meant) + _SLIP else ""
        if not glued and abs(len(said) - len(meant)) > _SLIP:
            continue
        line = " ".join(part for part in (before, meant, glued, tail) if part)
        if not _changes(line):
            return CommandError(f"{unknown} (did you mean {meant}?).", mended=sound(line))
        if glued or _is_slip(spoken[depth], meant):
            # What changes something is for the person to type, not for us to put under their finger.
            return CommandError(f"{unknown}. If you meant {meant}, type: {line}", mended=_help(before, meant))
    if depth:
        return CommandError(
            f'There is no "{words[depth].shown}" in {before}. It has: {", ".join(known)}.', mended=before
        )
    said = text[words[0].start :].strip()
    is_paper = arxiv_key(text) and len(said) <= _LONGEST_OFFER
    return CommandError(f"{unknown}.", mended=sound(f"/{BRAND} show {said}") if is_paper else search_line(said))


def _help(before: str, meant: str) -> str:
    return f"/{BRAND} help{before.removeprefix(f'/{BRAND}')} {meant}"


def _changes(line: str) -> bool:
    """Whether this is a command that changes something, also where its options still have a mistake."""
    words = _unbranded(split(line))
    paths = _paths()
    spoken = tuple(word.raw.lower() for word in words[:4])
    found = (paths.get(spoken[:length]) for length in range(len(spoken), 0, -1))
    return any(command is not None and command.writes for command in found)


# --- its options ------------------------------------------------------------------------------------------------------


def _options(command: Command, words: list[Word], text: str) -> dict[str, str]:
    named, loose = _named(command, words)
    rest = next((o for o in command.options if o.rest), None)
    if rest is None:
        _refuse_bare_names(command, loose, words)
    elif rest.kind == "query":
        _refuse_slips(command, loose, words)
    for option in _wanting(command, named, rest):
        if not loose or (rest is not None and _is_named(rest, loose[0])):
            break
        if rest is None:
            _refuse_unknown(command, loose[0], words)
        named[option.name] = loose.pop(0).value
    if loose and rest is None:
        _refuse_unknown(command, loose[0], words)
        raise CommandError(f'"{loose[0].shown}" is one word too many.', mended=write(command, named))
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
                said = f"{option.name}: needs a value: {option.help}. For example: {command.example}"
                raise CommandError(said, mended=way_out(command))
            value = queue.pop()
        if option.name in named:
            mended = _respelled(command, (other.raw for other in words if other.start not in (word.start, value.start)))
            raise CommandError(f"{option.name}: is given twice.", mended=mended)
        named[option.name] = value.value
    return named, loose


def _respelled(command: Command, words: Iterable[str]) -> str:
    line = sound(" ".join([_path(command), *words]))
    try:
        return write(*read(line))
    except CommandError:
        return line


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
    names = [o.name for o in command.options if not o.silent]
    meant = suggest(match[1], names)
    hint = f" (did you mean {meant}:?)" if meant else ""
    has = f" There are: {', '.join(f'{n}:' for n in names)}." if names and not meant else ""
    mended = _renamed(command, words, {word.start: f"{meant}:{word.raw[match.end() :]}"}) if meant else way_out(command)
    raise CommandError(f'There is no option "{cut(match[0], 40)}" here{hint}.{has}', mended=mended)


def _renamed(command: Command, words: list[Word], instead: Mapping[int, str]) -> str:
    """The line with other words ``instead`` of those that start at its keys."""
    return _respelled(command, (instead.get(word.start, word.raw) for word in words))


def _refuse_bare_names(command: Command, loose: list[Word], words: list[Word]) -> None:
    """``pause 1 until tuesday``: an option's name without its colon, where no value could be meant."""
    names = {option.name for option in command.options}
    bare = [word for word, _ in pairwise(loose) if word.raw.lower() in names]
    if bare:
        said = bare[0].raw.lower()
        mended = _renamed(command, words, {word.start: f"{word.raw.lower()}:" for word in bare})
        raise CommandError(f'"{bare[0].shown}" needs a colon to be an option: {said}:…', mended=mended)


def _refuse_slips(command: Command, loose: list[Word], words: list[Word]) -> None:
    """``evry:daily`` among the words of a query, which has no field of that name."""
    for word in loose:
        match = _NAMED.match(word.raw)
        if match is None or match.end() == len(word.raw) or is_known(name := match[1].lower()):
            continue
        meant = next((o.name for o in command.options if not o.rest and o.name != name and _is_slip(name, o.name)), "")
        if meant:
            mended = _renamed(command, words, {word.start: f"{meant}:{word.raw[match.end() :]}"})
            text = f'There is no option or field "{cut(match[0], 40)}" (did you mean {meant}:?).'
            raise CommandError(text, mended=mended)


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
        if f"{option.name}:" in before or option.silent:
            continue
        yield f"{option.name}:"
        yield from (f"{option.name}:{choice}" for choice in option.choices)
