"""Tokens to a tree by recursive descent; the grammar is in the package's docstring. Sentences are in ``complaints``."""

import re

from bot.errors import QueryError
from bot.query import complaints, lexer
from bot.query.complaints import Complaint
from bot.query.lexer import Token
from bot.query.queries import Query
from bot.query.tree import MIN_PREFIX, Everything, Flag, Node, Not, Number, Word, either, every
from bot.query.vocabulary import ARCHIVES, CATEGORY, COMPARE, FIELDS, FLAGS, NUMBERS, SOURCES, SPELLED
from bot.text import fold, words

LONGEST = 1000
"""Characters of a query, typed or stored. A deployment may allow fewer to be typed, never more."""

_MAX_DEPTH = 20
_MAX_TERMS = 100
_MAX_DIGITS = 9
_MAX_MENDINGS = 8


def parse(text: str, *, limit: int = LONGEST) -> Query:
    """Read a query. ``limit`` is its greatest length in characters.

    Raises ``QueryError`` and nothing else: its text says what is wrong, where and why; ``start`` and ``end`` are
    offsets of the offending words; ``mended`` is a query that parses, or empty. The text does not repeat ``mended``.
    """
    try:
        return _read(text, limit)
    except Complaint as found:
        mended = _mended(found.without, limit) or _mended(found.otherwise, limit)
        raise QueryError(str(found), start=found.start, end=found.end, mended=mended) from None


def _read(text: str, limit: int) -> Query:
    if len(text) > limit:
        raise complaints.too_long(text, limit)
    if places := lexer.invisible(text):
        raise complaints.invisible(text, places)
    query = Query(_Parser(lexer.plain(text)).whole())
    # "a|b" is written "a OR b": what we hand out must be something we take.
    if len(written := str(query)) > limit:
        raise complaints.too_long_written_out(text, len(written), limit)
    return query


def _mended(text: str, limit: int) -> str:
    """The text after as many repairs as it takes, written out; empty when it takes too many or nothing is left."""
    for _ in range(_MAX_MENDINGS):
        try:
            return str(_read(text, limit))
        except Complaint as found:
            text = found.without
    return ""


class _Parser:
    """Reads one text, once. ``scope`` is the field whose parentheses we are in, or empty."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = lexer.tokens(text)
        self.at = 0
        self.depth = 0
        self.terms = 0

    @property
    def next(self) -> Token:
        return self.tokens[self.at]

    def take(self) -> Token:
        self.at += 1
        return self.tokens[self.at - 1]

    # --- the grammar

    def whole(self) -> Node:
        root = self.either("")
        if self.next.kind == "close":
            raise complaints.never_opened(self.text, self.next)
        return root

    def either(self, scope: str) -> Node:
        branches = [self.every(scope)]
        while self.next.kind == "or":
            self.take()
            branches.append(self.every(scope))
        return either(branches)

    def every(self, scope: str) -> Node:
        first = self.at
        items = []
        while self.next.kind not in ("or", "close", "end"):
            if self.next.kind == "and":
                self.take()
            else:
                items.append(self.item(scope))
        if not items:
            raise self.nothing(first)
        if all(isinstance(item, Not) for item in items):
            raise self.only_exclusions(first)
        return every(items)

    def item(self, scope: str) -> Node:
        token = self.take()
        if token.kind == "not":
            return self.exclusion(token, scope)
        if token.kind == "open":
            return self.group(token, scope)
        if token.kind == "field":
            return self.field(token, scope)
        if token.kind == "number":
            return self.number(token, scope)
        return self.value(token, scope)

    def exclusion(self, sign: Token, scope: str) -> Node:
        after = self.next
        if after.kind in ("or", "and", "close", "end"):
            raise complaints.excludes_nothing(self.text, sign)
        if after.kind == "not":
            raise complaints.excluded_twice(self.text, sign, after)
        if sign.text != "NOT" and after.start > sign.end:
            raise complaints.lone_minus(self.text, sign, after)
        return Not(self.item(scope))

    def group(self, opened: Token, scope: str) -> Node:
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise complaints.too_deep(opened, _MAX_DEPTH)
        inner = self.either(scope)
        if self.next.kind == "end":
            raise complaints.never_closed(self.text, opened, self.depth)
        self.take()
        self.depth -= 1
        return inner

    def nothing(self, first: int) -> Complaint:
        before, here = self.tokens[first - 1] if first else None, self.next
        if before and before.kind == "or":
            return complaints.one_sided(self.text, before)
        if here.kind == "or":
            return complaints.one_sided(self.text, here)
        if here.kind == "close" and not self.depth:
            return complaints.never_opened(self.text, here)
        if before and here.kind == "close":
            return complaints.nothing_inside(self.text, before, here)
        if before:
            return complaints.never_closed(self.text, before, self.depth)
        return complaints.empty(self.text)

    def only_exclusions(self, first: int) -> Complaint:
        before = self.tokens[first - 1]
        signs = [sign for sign in (before, self.next) if sign.kind == "or"]
        return complaints.only_excludes(
            self.text, self.tokens[first], self.tokens[self.at - 1], signs[0] if signs else None
        )

    # --- fields and conditions

    def field(self, token: Token, outer: str) -> Node:
        name, value = token.text[:-1].lower(), self.next
        is_beside = value.start == token.end and value.kind not in ("close", "end")
        if name not in FIELDS and name not in FLAGS:
            # "Mamba: linear time" is a pasted title.
            if not is_beside and not complaints.meant_field(name):
                return self.value(token._replace(kind="word"), outer)
            raise complaints.unknown_field(self.text, token, value)
        if outer:
            raise complaints.nested_field(self.text, token, outer)
        if not is_beside:
            raise complaints.no_value(self.text, token, value)
        if value.kind == "open":
            return self.group(self.take(), name)
        if value.kind not in ("word", "phrase", "quote", "regex"):
            raise complaints.bad_value(self.text, token, value)
        return self.value(self.take(), name)

    def number(self, token: Token, scope: str) -> Node:
        self.count(token)
        name, operator, value = (part.strip() for part in re.split(rf"({lexer.OPERATOR})", token.text, maxsplit=1))
        name, asked = name.lower(), SPELLED.get(operator, operator)
        if name not in NUMBERS:
            raise complaints.unknown_number(self.text, token, name)
        if scope:
            raise complaints.nested_number(self.text, token, scope)
        if asked not in COMPARE:
            raise complaints.unknown_comparison(self.text, token, name, operator, value)
        if not re.fullmatch("[0-9]+", value):
            raise complaints.not_a_number(self.text, token, f"{name}{asked}", value)
        if len(value.lstrip("0")) > _MAX_DIGITS:
            raise complaints.too_large(self.text, token, name, value)
        return Number(name, asked, int(value))

    # --- values

    def count(self, token: Token) -> None:
        self.terms += 1
        if self.terms > _MAX_TERMS:
            raise complaints.too_many(self.text, token, _MAX_TERMS)

    def value(self, token: Token, scope: str) -> Node:
        self.count(token)
        if token.kind == "quote":
            raise complaints.open_quote(self.text, token, bool(words(token.text)))
        if token.kind == "regex":
            raise complaints.regular_expression(self.text, token)
        if not token.text.strip("*"):
            return self.star(token, scope)
        if scope in FLAGS:
            return self.flag(token, scope)
        if scope == "cat":
            return self.category(token)
        if scope == "source":
            return self.source(token)
        if scope == "author" and token.text.startswith("@"):
            return self.handle(token)
        return self.phrase(token, scope) if token.kind == "phrase" else self.word(token, scope)

    def star(self, token: Token, scope: str) -> Node:
        if scope:
            raise complaints.field_of_everything(self.text, token, scope)
        return Everything()

    def flag(self, token: Token, scope: str) -> Node:
        value = token.text.strip('"').lower()
        if value not in FLAGS[scope]:
            raise complaints.unknown_choice(self.text, token, scope, value, FLAGS[scope])
        return Flag(scope, value)

    def source(self, token: Token) -> Node:
        value = token.text.strip('"').lower()
        if value not in SOURCES:
            raise complaints.unknown_choice(self.text, token, "source", value, SOURCES)
        return Word("source", SOURCES[value], False, value)

    def category(self, token: Token) -> Node:
        value = token.text.strip('"')
        shape = CATEGORY.fullmatch(value.lower())
        if not shape or shape[1] not in ARCHIVES:
            raise complaints.unknown_category(self.text, token, value)
        return Word("cat", shape[1] + (shape[2] or ""), False, value)

    def handle(self, token: Token) -> Node:
        if not re.fullmatch(r"@[\w.-]+", token.text):
            raise complaints.bad_handle(self.text, token)
        return Word("author", token.text.casefold(), False, token.text)

    def word(self, token: Token, scope: str) -> Node:
        text = token.text.rstrip(",;:.!?")
        stem = text.rstrip("*")
        is_prefix = stem != text
        if "*" in stem:
            raise complaints.inner_star(self.text, token)
        if is_prefix and _letters(stem) < MIN_PREFIX:
            raise complaints.short_prefix(self.text, token)
        return self.found(token, scope, stem, is_prefix, _bare(f"{stem}*" if is_prefix else text))

    def phrase(self, token: Token, scope: str) -> Node:
        body, _, star = token.text[1:].rpartition('"')
        body = " ".join(body.split())
        if star and _letters(body) < MIN_PREFIX:
            raise complaints.short_prefix(self.text, token)
        stem = body.rstrip("*")
        # "A* search" and "RRT*" are names: in quotes only a star behind three letters means a prefix.
        is_prefix = bool(star) or (stem != body and _letters(stem.rpartition(" ")[2]) >= MIN_PREFIX)
        return self.found(token, scope, stem, is_prefix, f'"{body}"{star}')

    def found(self, token: Token, scope: str, stem: str, is_prefix: bool, text: str) -> Node:
        tokens = _prefix_tokens(stem) if is_prefix else words(stem)
        if not tokens:
            raise complaints.nothing_to_find(self.text, token, scope)
        return Word(scope, " ".join(tokens), is_prefix, text)


def _bare(text: str) -> str:
    """The text, in quotes where it would be read as something else when it stands alone (``OR!``, ``>5``)."""
    return f'"{text}"' if text in ("OR", "AND", "NOT") or text.startswith(tuple("<>=≥≤/")) else text


def _letters(text: str) -> int:
    return sum(map(str.isalnum, text))


def _prefix_tokens(stem: str) -> tuple[str, ...]:
    """The tokens of a stem, the last one without plural folding: ``streams*`` asks for more than ``stream*``."""
    tokens = words(stem)
    last = re.findall(r"[^\W_]+", fold(stem))[-1:]
    return (*tokens[:-1], last[0]) if last and words(last[0]) == tokens[-1:] else tokens
