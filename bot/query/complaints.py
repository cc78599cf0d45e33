"""What is said of a query that does not parse: one function a mistake, from the text and the place to the complaint.

Every sentence names the word and says why; the repair is a whole text without that one mistake (there may be others).
"""

import difflib
import re
from collections.abc import Iterable, Sequence

from bot.query.lexer import Token
from bot.query.tree import MIN_PREFIX
from bot.query.vocabulary import ARCHIVES, FIELDS, FLAGS, LATER, MEANT, NUMBERS


class Complaint(Exception):  # noqa: N818  # it is one: QueryError is what it becomes
    """A mistake at ``start:end``, and the text ``without`` it; empty when there is no good repair.

    ``otherwise`` is the repair to take where nothing would be left without it.
    """

    def __init__(self, message: str, start: int, end: int, without: str = "", otherwise: str = "") -> None:
        super().__init__(message)
        self.start, self.end, self.without, self.otherwise = start, end, without, otherwise


# --- helpers ----------------------------------------------------------------------------------------------------------


def _shown(text: str) -> str:
    """A user's word in quotes on one line, cut where it is long."""
    text = " ".join(text.split())
    return f'"{text[:37]}…"' if len(text) > 40 else f'"{text}"'


def _listed(names: Iterable[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}"


def _closest(word: str, known: Iterable[str]) -> str:
    return next(iter(difflib.get_close_matches(word[:30].lower(), list(known), 1, 0.65)), "")


def _swapped(text: str, start: int, end: int, by: str) -> str:
    return text[:start] + by + text[end:]


def _dropped(text: str, token: Token, scope: str = "") -> str:
    """The text without a term, and without the field and the ``-`` or ``NOT`` that belong to it."""
    before = text[: token.start]
    if scope and before.lower().endswith(f"{scope}:"):
        before = before[: -len(scope) - 1]
    return f"{re.sub(r'(?:-+|NOT)[ ]*$', '', before)} {text[token.end :]}"


def _quoted(text: str, start: int, value: int, name: str = "") -> str:
    """The text with all from ``value`` to the next space or sign in quotes, and ``name`` for what was before it."""
    run = re.compile(r'[^\s()|"]*').match(text, value)
    said = run[0] if run else ""
    return _swapped(text, start, value + len(said), f'{name}"{said}"' if said.strip(":") else "")


def _span(first: Token, last: Token, text: str) -> Token:
    return Token(first.kind, text[first.start : last.end], first.start, last.end)


# --- the whole text ---------------------------------------------------------------------------------------------------


def too_long(text: str, limit: int) -> Complaint:
    """What is too much of it nobody can guess: the first words of it are another query."""
    return Complaint(f"This query has {len(text):,} characters; at most {limit:,} are allowed.", limit, len(text))


def too_long_written_out(text: str, length: int, limit: int) -> Complaint:
    return Complaint(f"Written out, this query has {length:,} characters; at most {limit:,} are allowed.", 0, len(text))


def invisible(text: str, places: Sequence[int]) -> Complaint:
    first, gone = places[0], frozenset(places)
    message = f"There is an invisible character in the query (U+{ord(text[first]):04X})."
    return Complaint(message, first, first + 1, "".join(char for at, char in enumerate(text) if at not in gone))


def empty(text: str) -> Complaint:
    message = "The query is empty: give it a word, a condition such as is:daily, or * for every paper."
    return Complaint(message, 0, len(text))


def too_many(text: str, token: Token, most: int) -> Complaint:
    return Complaint(f"This query has more than {most} terms.", token.start, token.end, text[: token.start])


# --- signs ------------------------------------------------------------------------------------------------------------


def too_deep(opened: Token, most: int) -> Complaint:
    return Complaint(f"These parentheses are more than {most} deep.", opened.start, opened.end)


def never_opened(text: str, closed: Token) -> Complaint:
    message = "This closing parenthesis was never opened."
    return Complaint(message, closed.start, closed.end, _swapped(text, closed.start, closed.end, " "))


def never_closed(text: str, opened: Token, depth: int) -> Complaint:
    return Complaint("This parenthesis is never closed.", opened.start, opened.end, text + ")" * depth)


def nothing_inside(text: str, opened: Token, closed: Token) -> Complaint:
    token = _span(opened, closed, text)
    message = "There is nothing between these parentheses."
    return Complaint(message, token.start, token.end, _dropped(text, token))


def one_sided(text: str, sign: Token) -> Complaint:
    message = "OR needs a word on both sides."
    without = _swapped(text, sign.start, sign.end, " ")
    return Complaint(message, sign.start, sign.end, without, _swapped(text, sign.start, sign.end, '"OR"'))


def only_excludes(text: str, first: Token, last: Token, either: Token | None) -> Complaint:
    """``either`` is the OR that makes a branch of it, if there is one."""
    token = _span(first, last, text)
    message = f"{_shown(token.text)} only excludes: say what to look for too (* is every paper)."
    mended = _swapped(text, either.start, either.end, " ") if either else _swapped(text, token.start, token.start, "* ")
    return Complaint(message, token.start, token.end, mended)


def excludes_nothing(text: str, sign: Token) -> Complaint:
    message = f"{_shown(sign.text)} has nothing to exclude: put it before a word, like -survey."
    return Complaint(message, sign.start, sign.end, _dropped(text, sign))


def excluded_twice(text: str, sign: Token, again: Token) -> Complaint:
    message = "This is excluded twice: one - is enough."
    return Complaint(message, again.start, again.end, _swapped(text, sign.start, again.start, ""))


def lone_minus(text: str, sign: Token, after: Token) -> Complaint:
    message = "A - that stands alone does nothing: put it right before the word to exclude, like -survey."
    return Complaint(message, sign.start, sign.end, _swapped(text, sign.start, after.start, "-"))


# --- fields -----------------------------------------------------------------------------------------------------------


def meant_field(name: str) -> str:
    """Our name for what somebody typed before a colon, or empty."""
    if name in LATER or name in NUMBERS:
        return name
    return MEANT.get(name) or _closest(name, [*FIELDS, *FLAGS, *NUMBERS])


def unknown_field(text: str, token: Token, value: Token) -> Complaint:
    name = token.text[:-1].lower()
    if name in LATER:
        return _later(text, token, value)
    if name in NUMBERS:
        return _number_as_field(text, token, value)
    if meant := meant_field(name):
        message = f"I do not know the field {_shown(token.text)} (did you mean {meant}:?)."
        return Complaint(message, token.start, token.end, _swapped(text, token.start, token.end, f"{meant}:"))
    known = _listed(f"{field}:" for field in FIELDS)
    message = f"I do not know the field {_shown(token.text)}. There are {known}; quote it to look for the text itself."
    return Complaint(message, token.start, token.end, _quoted(text, token.start, token.start))


def _later(text: str, token: Token, value: Token) -> Complaint:
    is_value = value.start == token.end and value.kind in ("word", "phrase", "number")
    whole = _span(token, value if is_value else token, text)
    message = f"{_shown(token.text)} (search by meaning) comes in a later version."
    return Complaint(message, whole.start, whole.end, _dropped(text, whole))


def _number_as_field(text: str, token: Token, value: Token) -> Complaint:
    name = token.text[:-1].lower()
    is_value = value.kind in ("word", "phrase")
    said = value.text.strip('"') if is_value else ""
    compared = said if said[:1] in ("<", ">", "=", "≥", "≤") else f">={said}"
    whole = _span(token, value if is_value else token, text)
    message = f"{name} is a number: compare it, like {name}>=10."
    mended = _swapped(text, whole.start, whole.end, f"{name}{compared}") if said else ""
    return Complaint(message, whole.start, whole.end, mended)


def nested_field(text: str, token: Token, scope: str) -> Complaint:
    message = f"{_shown(token.text)} stands inside {scope}:( ): a field cannot be inside another."
    return Complaint(message, token.start, token.end, _swapped(text, token.start, token.end, ""))


def no_value(text: str, token: Token, after: Token) -> Complaint:
    message = f"{_shown(token.text)} has no value: write it right behind the colon."
    follows = after.kind in ("word", "phrase", "open")
    mended = _swapped(text, token.end, after.start, "") if follows else _dropped(text, token)
    return Complaint(message, token.start, token.end, mended)


def bad_value(text: str, token: Token, value: Token) -> Complaint:
    name = token.text.lower()
    if value.kind == "not":
        message = f"Put the - before the field: -{name} and then the word."
        return Complaint(message, token.start, value.end, _swapped(text, token.start, value.end, f"-{name}"))
    message = f"{_shown(value.text)} cannot be the value of {name} as it stands; put it in quotes."
    return Complaint(message, value.start, value.end, _quoted(text, token.start, value.start, name))


def field_of_everything(text: str, star: Token, scope: str) -> Complaint:
    message = f"{scope}: needs a word: a * alone would be everything."
    return Complaint(message, star.start, star.end, _dropped(text, star, scope))


def unknown_choice(text: str, token: Token, scope: str, value: str, known: Iterable[str]) -> Complaint:
    meant = _closest(value, known)
    hint = f" (did you mean {scope}:{meant}?)" if meant else f"; there are {_listed(f'{scope}:{one}' for one in known)}"
    mended = _swapped(text, token.start, token.end, meant) if meant else ""
    message = f"I do not know {_shown(f'{scope}:{value}')}{hint}."
    return Complaint(message, token.start, token.end, mended)


def unknown_category(text: str, token: Token, value: str) -> Complaint:
    archive = value.lower().partition(".")[0]
    meant = archive if archive in ARCHIVES else _closest(archive, sorted(ARCHIVES))
    hint = f" (did you mean cat:{meant}?)" if meant else ""
    mended = _swapped(text, token.start, token.end, meant) if meant else ""
    message = f"{_shown(value)} is not an arXiv category such as cs.CL or cs.*{hint}."
    return Complaint(message, token.start, token.end, mended)


def bad_handle(text: str, token: Token) -> Complaint:
    message = f"{_shown(token.text)} is not a user name."
    return Complaint(message, token.start, token.end)


# --- numbers ----------------------------------------------------------------------------------------------------------


def unknown_number(text: str, token: Token, name: str) -> Complaint:
    meant = MEANT[name] if MEANT.get(name) in NUMBERS else _closest(name, NUMBERS)
    if meant:
        message = f"I do not know the number {_shown(token.text)} (did you mean {meant}?)."
        return Complaint(message, token.start, token.end, _swapped(text, token.start, token.start + len(name), meant))
    message = f"I can compare {_listed(NUMBERS)}, not {_shown(token.text)}; quote it to look for the text itself."
    return Complaint(message, token.start, token.end, _quoted(text, token.start, token.start))


def nested_number(text: str, token: Token, scope: str) -> Complaint:
    message = f"{_shown(token.text)} stands inside {scope}:( ): a condition stands by itself."
    return Complaint(message, token.start, token.end, _dropped(text, token))


def unknown_comparison(text: str, token: Token, name: str, operator: str, value: str) -> Complaint:
    message = f"I do not know the comparison {_shown(operator)}: there are >=, >, <=, < and =."
    return Complaint(message, token.start, token.end, _swapped(text, token.start, token.end, f"{name}>={value}"))


def not_a_number(text: str, token: Token, head: str, value: str) -> Complaint:
    message = f"{_shown(value)} is not a whole number." if value else f"{_shown(token.text)} lacks its number."
    if re.fullmatch("-[0-9]+", value):
        message = f"{_shown(value)} is less than any paper has: count from 0."
    likely = _likely_number(value)
    mended = _swapped(text, token.start, token.end, f"{head}{likely}") if likely else ""
    return Complaint(message, token.end - len(value), token.end, mended)


def _likely_number(text: str) -> str:
    """What somebody meant by ``1k``, ``1,000`` or ``2.5``; empty where nobody can tell."""
    joined = re.sub(r"(?<=[0-9])[,_](?=[0-9]{3})", "", text)
    found = re.match(r"[^\d-]{0,3}([0-9]{1,5})(?![0-9])(k?)", joined, re.IGNORECASE)
    return str(int(found[1]) * (1000 if found[2] else 1)) if found else ""


def too_large(text: str, token: Token, name: str, value: str) -> Complaint:
    message = f"{_shown(value)} is more than any paper has {name}."
    return Complaint(message, token.start, token.end)


# --- words ------------------------------------------------------------------------------------------------------------


def open_quote(text: str, token: Token, has_words: bool) -> Complaint:
    after = token.text[1:].strip()
    said = f"The quote before {_shown(after)} is never closed."
    message = said if after else "There is a quote with nothing behind it."
    return Complaint(message, token.start, token.end, f'{text}"' if has_words else text[: token.start])


def regular_expression(text: str, token: Token) -> Complaint:
    pieces = re.findall(rf"[^\W_]{{{MIN_PREFIX},}}", token.text[: token.text.rfind("/")])
    message = f'{_shown(token.text)} looks like a regular expression; I know words, "a phrase" and prefix* only.'
    return Complaint(message, token.start, token.end, _swapped(text, token.start, token.end, " ".join(pieces)))


def nothing_to_find(text: str, token: Token, scope: str) -> Complaint:
    where = "There is nothing between these quotes" if token.kind == "phrase" else f"{_shown(token.text)} is only signs"
    return Complaint(f"{where}: there is nothing to look for.", token.start, token.end, _dropped(text, token, scope))


def inner_star(text: str, token: Token) -> Complaint:
    pieces = token.text.split("*")
    head = next((piece for piece in pieces if sum(map(str.isalnum, piece)) >= MIN_PREFIX), "")
    mended = f"{head}*" if head and f"{head}*" in token.text else head
    message = f"In {_shown(token.text)} the * must come last, behind at least {MIN_PREFIX} letters, like stream*."
    return Complaint(message, token.start, token.end, _swapped(text, token.start, token.end, mended))


def short_prefix(text: str, token: Token) -> Complaint:
    message = f"{_shown(token.text)} is too short a prefix: give at least {MIN_PREFIX} letters before the *."
    mended = _swapped(text, token.start, token.end, token.text.replace("*", ""))
    return Complaint(message, token.start, token.end, mended)
