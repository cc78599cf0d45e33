"""What is odd about a query that parses: words that were meant as signs, and parts that exclude each other. Pure."""

from collections.abc import Iterator, Sequence

from bot.query.lexer import plain, tokens
from bot.query.tree import And, Node, Not, Number, Or

_JOINERS = {
    "or": "“or” is read as a word. Alternatives are written OR.",
    "and": "“and” is read as a word. Words are asked for together without it.",
}
_ENDINGS = (
    ("every day", "every:daily"),
    ("each day", "every:daily"),
    ("every morning", "every:daily"),
    ("daily", "every:daily"),
    ("every week", "every:weekly"),
    ("each week", "every:weekly"),
    ("weekly", "every:weekly"),
    ("at noon", "every:daily at:12:00"),
)


def hints(text: str, *, posts: bool = True) -> tuple[str, ...]:
    """A sentence for each thing that looks like plain English; ``posts`` where the query is to bring posts."""
    spoken = tokens(plain(text))[:-1]
    before = ["", *(token.kind for token in spoken)]
    # Anything but a bare word, such as the value of a field, is a gap in the sentence.
    said = [
        token.text if token.kind == "word" and kind not in ("field", "not") else ""
        for token, kind in zip(spoken, before, strict=False)
    ]
    return tuple(dict.fromkeys((*_joiners(said), *(_ending(said) if posts else ()))))


def _joiners(said: Sequence[str]) -> Iterator[str]:
    """A joiner at the beginning or the end joins nothing."""
    yield from (_JOINERS[word] for word in said[1:-1] if word in _JOINERS)


def _ending(said: Sequence[str]) -> Iterator[str]:
    """Only behind something else: ``daily`` alone is a word to look for."""
    for ending, meant in _ENDINGS:
        amount = len(ending.split())
        if len(said) > amount and " ".join(said[-amount:]).lower() == ending:
            yield f"“{ending}” is read as words. Did you mean {meant}?"


def contradiction(node: Node) -> str:
    """Two parts that no paper has together, ``video and -video``; empty where none are seen. Simple cases only."""
    if isinstance(node, Or):
        found = [contradiction(item) for item in node.items]
        return found[0] if all(found) else ""
    items = node.items if isinstance(node, And) else (node,)
    return next((said for said in (*_struck(items), *_bounds(items), *_within(node)) if said), "")


def _within(node: Node) -> Iterator[str]:
    if isinstance(node, And):
        yield from (contradiction(item) for item in node.items if isinstance(item, And | Or))


def _struck(items: Sequence[Node]) -> Iterator[str]:
    """An exclusion of what is asked for."""
    for sign in items:
        if isinstance(sign, Not):
            struck = sign.item.items if isinstance(sign.item, Or) else (sign.item,)
            yield from (f"{item} and {sign}" for item in items if item in struck)


def _bounds(items: Sequence[Node]) -> Iterator[str]:
    """Comparisons of one number that leave no room between them. No number is less than 0."""
    numbers = [item for item in items if isinstance(item, Number)]
    for name in dict.fromkeys(number.name for number in numbers):
        mine = [number for number in numbers if number.name == name]
        low = max((_low(number) for number in mine), default=0)
        high = min((high for number in mine if (high := _high(number)) is not None), default=low)
        if low > high:
            yield " and ".join(map(str, mine))


def _low(number: Number) -> int:
    return {">=": number.value, "=": number.value, ">": number.value + 1}.get(number.operator, 0)


def _high(number: Number) -> int | None:
    return {"<=": number.value, "=": number.value, "<": number.value - 1}.get(number.operator)
