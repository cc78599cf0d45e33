"""An independent reading of the subscription language: random queries as plain tuples, their meaning by brute force.

A query here is ``("and", [q, ...])``, ``("or", [q, ...])``, ``("not", q)`` or a leaf ``(kind, text, ...)``. It is
evaluated on the paper's own fields, token by token, with none of the code in ``bot.query``.
"""

from datetime import UTC, date, datetime
from itertools import combinations
from typing import Any

from hypothesis import strategies as st

from bot.model import Facts, Links, Organization, Paper
from bot.text import parts, singular, words

TODAY = date(2026, 8, 11)
Query = tuple[Any, ...]

# --- leaves: as typed, and what is asked for; no two mean the same --------------------------------------------

WORDS = [
    ("model", ["model"], False),
    ("Diffusion", ["diffusion"], False),
    ("self-supervised", ["self", "supervised"], False),
    ('"video model"', ["video", "model"], False),
    ("Gödel", ["godel"], False),
    ("stream", ["stream"], False),
    ("net", ["net"], False),
    ("streamnet", ["streamnet"], False),
    ("C++", ["c++"], False),
    ("扩散", ["扩", "散"], False),
    ("categori*", ["categori"], True),
    ("vid*", ["vid"], True),
    ("streams*", ["streams"], True),
    ('"video mod*"', ["video", "mod"], True),
    ("gpt-4*", ["gpt", "4"], True),
]
AUTHORS = ["hinton", '"G. Hinton"', '"Geoffrey Hinton"', '"Yann LeCun"', "@gh", "lecun", "h", "hint*"]
ORGS = ["deepseek-ai", "DeepSeek", "google"]
CATEGORIES = ["cs.CL", "cs", "hep-th", "math.*"]
OPERATORS = (">=", ">", "<=", "<", "=")
NUMBERS = [(name, op, n) for name in ("votes", "comments", "stars") for op in OPERATORS for n in (0, 2)]
FLAGS = ["has:code", "has:project", "has:model", "has:summary", "is:daily", "is:trending", "is:new"]

LEAVES: list[Query] = [
    *(("word", scope, *word) for scope in ("", "title", "abstract", "keyword") for word in WORDS),
    *(("author", author) for author in AUTHORS),
    *(("org", org) for org in ORGS),
    *(("cat", category) for category in CATEGORIES),
    *(("source", source) for source in ("arxiv", "hf")),
    *(("number", *number) for number in NUMBERS),
    *(("flag", flag) for flag in FLAGS),
    ("star",),
]


def typed(leaf: Query) -> str:
    match leaf:
        case ("word", scope, text, _, _):
            return f"{scope}:{text}" if scope else str(text)
        case ("number", name, operator, number):
            return f"{name}{operator}{number}"
        case ("flag", text):
            return str(text)
        case ("star",):
            return "*"
    return f"{leaf[0]}:{leaf[1]}"


# --- the meaning ------------------------------------------------------------------------------------------------------


def hits(query: Query, paper: Paper, today: date = TODAY) -> list[str] | None:
    """The positive leaves that hold, each once, or None."""
    match query:
        case ("not", inner):
            return [] if hits(inner, paper, today) is None else None
        case ("and", items):
            found = [hits(item, paper, today) for item in items]
            return None if None in found else list(dict.fromkeys(hit for each in found for hit in each or []))
        case ("or", items):
            holding = [each for item in items if (each := hits(item, paper, today)) is not None]
            return list(dict.fromkeys(hit for each in holding for hit in each)) if holding else None
    return [typed(query)] if holds(query, paper, today) else None


def holds(leaf: Query, paper: Paper, today: date) -> bool:
    facts = paper.facts
    match leaf:
        case ("star",):
            return True
        case ("word", scope, _, tokens, prefix):
            return any(stands_in(tokens, prefix, list(place)) for place in places(paper, scope))
        case ("org", text):
            org = paper.organization
            return org is not None and any(stands_in(words(text), False, list(words(t))) for t in (org.slug, org.name))
        case ("cat", text):
            wanted = text.removesuffix(".*").lower()
            return any(c.lower() == wanted or c.lower().split(".")[0] == wanted for c in paper.categories)
        case ("source", text):
            return {"hf": "huggingface"}.get(text, text) in paper.sources
        case ("number", name, operator, number):
            known = getattr(facts, name)
            sign = (known > number) - (known < number) if known is not None else None
            return sign in {">=": (0, 1), ">": (1,), "<=": (0, -1), "<": (-1,), "=": (0,)}[operator]
        case ("author", text):
            return is_author(text.strip('"'), paper)
    seen = datetime.fromtimestamp(paper.first_seen / 1000, UTC).date() if paper.first_seen else None
    return {
        "has:code": paper.links.code != "",
        "has:project": paper.links.project != "",
        "has:model": facts.models is not None and facts.models > 0,
        "has:summary": facts.summary != "",
        "is:daily": facts.featured is not None,
        "is:trending": facts.trending is not None,
        "is:new": seen == today,
    }[leaf[1]]


def places(paper: Paper, scope: str) -> list[tuple[str, ...]]:
    """The stretches of tokens a word of this field may stand in."""
    title = [words(paper.title), *((part,) for part in parts(paper.title))]
    keywords = [words(keyword) for keyword in paper.facts.keywords]
    if scope:
        return {"title": title, "abstract": [words(paper.abstract)], "keyword": keywords}[scope]
    return [*title, words(paper.abstract), *keywords]


def stands_in(wanted: Any, prefix: bool, tokens: list[str]) -> bool:
    starts = range(len(tokens) - len(wanted) + 1)
    return any(all(map(is_token, wanted, tokens[at:], ends(wanted, prefix))) for at in starts)


def ends(wanted: Any, prefix: bool) -> list[bool]:
    return [prefix and at == len(wanted) - 1 for at in range(len(wanted))]


def is_token(wanted: str, token: str, prefix: bool) -> bool:
    plurals = [singular(wanted + ending) for ending in ("", "s", "es")]
    return token == wanted or (prefix and (token.startswith(wanted) or token in plurals))


def is_author(text: str, paper: Paper) -> bool:
    if text.startswith("@"):
        return text[1:].lower() in [handle.lower() for handle in paper.handles]
    prefix, wanted = text.endswith("*"), words(text.rstrip("*"))
    chosen = (some for name in paper.authors for some in combinations(words(name), len(wanted)))
    return any(all(map(is_name, wanted, some, ends(wanted, True), ends(wanted, prefix))) for some in chosen)


def is_name(wanted: str, token: str, is_last: bool, prefix: bool) -> bool:
    is_initial = len(wanted) == 1 or (len(token) == 1 and not is_last)
    return wanted[0] == token[0] if is_initial else is_token(wanted, token, prefix)


# --- random queries and papers ----------------------------------------------------------------------------------------


def _all_of(positive: st.SearchStrategy[Query]) -> st.SearchStrategy[Query]:
    """Items in any order, at least one of them no exclusion."""
    item = st.one_of(positive, st.tuples(st.just("not"), positive))
    return st.tuples(st.lists(item, max_size=2), positive, st.lists(item, max_size=2)).map(
        lambda drawn: ("and", [*drawn[0], drawn[1], *drawn[2]])
    )


def _any_of(positive: st.SearchStrategy[Query]) -> st.SearchStrategy[Query]:
    return st.lists(positive, min_size=1, max_size=3).map(lambda items: ("or", items))


# Bare words often, so that queries hit something.
_LEAF = st.one_of(st.sampled_from(LEAVES[: len(WORDS)]), st.sampled_from(LEAVES))
QUERIES: st.SearchStrategy[Query] = st.recursive(_LEAF, lambda inner: _all_of(inner) | _any_of(inner), max_leaves=12)


@st.composite
def written(draw: st.DrawFn, query: Query) -> str:
    """One of the many ways to type a query."""
    match query:
        case ("not", inner):
            sign = draw(st.sampled_from(["-", "NOT ", "–"]))
            return f"{sign}({draw(written(inner))})" if inner[0] in ("and", "or") else sign + draw(written(inner))
        case ("and" | "or" as kind, items):
            signs = ["  ", " AND ", " "] if kind == "and" else [" OR ", "|", " || "]
            sides = [draw(written(item)) for item in items]
            sides = [_bracketed(side, item) for side, item in zip(sides, items, strict=True)]
            return draw(st.sampled_from(signs)).join(sides)
    return typed(query)


def _bracketed(text: str, query: Query) -> str:
    return f"({text})" if query[0] in ("and", "or") else text


_TOKENS = ["model", "models", "diffusion", "self-supervised", "video", "Gödel", "StreamNet", "stream", "streams", "C++"]
_TOKENS += ["categories", "category", "GPT-4o", "扩散", "the", "net", "video models"]
_TEXT = st.lists(st.sampled_from(_TOKENS), max_size=8)
_COUNT = st.sampled_from([None, 0, 1, 2, 3])
PAPERS = st.builds(
    Paper,
    key=st.just("arxiv:2401.01234"),
    title=_TEXT.map(" ".join),
    abstract=_TEXT.map(", ".join),
    authors=st.lists(
        st.sampled_from(["Geoffrey E. Hinton", "G. Hinton", "Yann LeCun", "Hao H. Li", "Y LeCun"]), max_size=2
    ).map(tuple),
    handles=st.sampled_from([(), ("GH",), ("gh", "yl")]),
    organization=st.sampled_from([None, Organization("deepseek-ai", "DeepSeek"), Organization("google", "Google")]),
    categories=st.sampled_from([(), ("cs.CL",), ("hep-th", "cs.LG"), ("math.GT",), ("math-ph",)]),
    links=st.builds(Links, code=st.sampled_from(["", "https://x"]), project=st.sampled_from(["", "https://y"])),
    sources=st.sampled_from([("arxiv",), ("arxiv", "huggingface"), ("sample",)]),
    first_seen=st.sampled_from([0, 1, int(datetime(2026, 8, 11, 5, tzinfo=UTC).timestamp() * 1000)]),
    facts=st.builds(
        Facts,
        votes=_COUNT,
        comments=_COUNT,
        stars=_COUNT,
        models=_COUNT,
        summary=st.sampled_from(["", "Short."]),
        keywords=st.lists(_TEXT.map(" ".join), max_size=2).map(tuple),
        featured=st.sampled_from([None, TODAY]),
        trending=st.sampled_from([None, 1]),
    ),
)
