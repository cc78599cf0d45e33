"""The full-text index: which words of a paper stand in it, and a ``Sieve`` as an FTS5 expression.

The only room that speaks FTS5. Words are those of ``bot.text``, here and in the matcher, so the index can never know
less than a query asks for.
"""
# ruff: noqa: S608  the pieces of SQL put together here are our own, values are always parameters

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

from bot.model import Paper, Sieve, Term
from bot.store.sqlite import codec, counter
from bot.store.sqlite.connection import Session, in_turns
from bot.text import parts, words

Index = Literal["paper_exact", "paper_stems"]
_INDEXES: tuple[Index, ...] = ("paper_exact", "paper_stems")
READING = 1
"""The edition of ``bot.text``'s rules for words. One more when they change: every database is then indexed anew."""
_BATCH = 1000
# A word in a title says five times as much: the best of 1, 2, 3, 5 and 10 on the SciFact judgments.
RANK = "bm25({}, 5.0, 1.0, 1.0, 1.0)"
_COLUMNS = {"any": "{title abstract extra}", "title": "title", "abstract": "abstract", "people": "people"}


class Words(NamedTuple):
    """What the index knows of a paper, by column."""

    title: str
    abstract: str
    people: str
    extra: str


def index_words(paper: Paper) -> Words:
    """The words of a paper, a column of the index each."""
    organization = (paper.organization.name, paper.organization.slug) if paper.organization else ()
    people = (*paper.authors, *paper.handles, *organization, paper.submitter)
    return Words(
        title=" ".join((*words(paper.title), *sorted(parts(paper.title)))),
        abstract=" ".join(words(paper.abstract)),
        people=_each(people),
        extra=_each(paper.facts.keywords),
    )


def differ(one: Paper, other: Paper) -> bool:
    """Whether any text that the index reads differs: most changes are of votes, and need no new words."""
    return _texts(one) != _texts(other)


def _texts(paper: Paper) -> tuple[object, ...]:
    people = (paper.authors, paper.handles, paper.organization, paper.submitter)
    return paper.title, paper.abstract, people, paper.facts.keywords


def _each(texts: Iterable[str]) -> str:
    return " ".join(word for text in texts for word in words(text))


async def store_words(session: Session, known: Iterable[int], wanted: Mapping[int, Words]) -> None:
    """Index papers by id; ``known`` are those that are indexed already, with other words."""
    changed = list(known)
    for index in _INDEXES:
        await session.among(
            f"insert into {index} ({index}, rowid, title, abstract, people, extra) "
            "select 'delete', id, title, abstract, people, extra from paper_words where id in ({})",
            changed,
        )
    await session.many(
        "insert into paper_words (id, title, abstract, people, extra) values (?, ?, ?, ?, ?) on conflict (id) do update"
        " set title = excluded.title, abstract = excluded.abstract, people = excluded.people, extra = excluded.extra",
        [(paper, *words) for paper, words in wanted.items()],
    )
    for index in _INDEXES:
        await session.among(
            f"insert into {index} (rowid, title, abstract, people, extra) "
            "select id, title, abstract, people, extra from paper_words where id in ({})",
            list(wanted),
        )


async def renew(session: Session) -> None:
    """Index every paper anew if the index was made by other reading rules. Raises ``sqlite3.Error``."""
    if await counter.read(session, counter.WORDS) == READING:
        return
    for index in _INDEXES:
        await session.rows(f"insert into {index} ({index}) values ('delete-all')")
    await session.rows("delete from paper_words")
    papers = f"select {codec.COLUMNS} from paper p where p.id > ? order by p.id limit ?"
    last = 0
    while rows := await session.rows(papers, (last, _BATCH)):
        words = {row["id"]: index_words(codec.from_row(row)) async for row in in_turns(rows)}
        await store_words(session, (), words)
        last = rows[-1]["id"]
    await counter.write(session, counter.WORDS, READING)


async def merge_segments(session: Session) -> None:
    """Spend a little work on keeping the indexes fast. A call with nothing to do costs nothing."""
    for index in _INDEXES:
        await session.rows(f"insert into {index} ({index}, rank) values ('merge', 500)")


def expression(sieve: Sieve) -> tuple[Index, str] | None:
    """The index to ask and what to ask it, or None when the sieve has no words. Never a syntax error.

    With ``all`` the exact words decide and ``any`` only ranks; without, ``any`` ranks by stems.
    """
    required = [clause for clause in map(_either, sieve.all) if clause]
    decided = {term for clause in sieve.all for term in clause} if required else set()
    loose = _either(term for term in sieve.any if term not in decided)
    if not required:
        return ("paper_stems", loose) if loose else None
    must = " AND ".join(required)
    # A term that always holds excludes nothing, but what stands beside it counts for the rank.
    return "paper_exact", f"({must}) AND ({must} OR {loose})" if loose else must


def title_prefix(text: str) -> str | None:
    """An expression for titles with every word of ``text``, the last one as a prefix. None without any word."""
    return _prefixed(text, "title")


def people_prefix(text: str) -> str | None:
    """The same for authors and organizations."""
    return _prefixed(text, "people")


def _prefixed(text: str, column: Literal["title", "people"]) -> str | None:
    terms = [Term(word, column) for word in words(text)]
    if not terms:
        return None
    terms[-1] = Term(terms[-1].text, column, prefix=True)
    return " AND ".join(map(_one, terms))


def _either(terms: Iterable[Term]) -> str:
    """Terms joined by OR. A term without a word cannot be looked up, so a clause with one lets everything through."""
    alternatives = [_one(term) for term in terms]
    return f"({' OR '.join(alternatives)})" if alternatives and all(alternatives) else ""


def _one(term: Term) -> str:
    if not words(term.text):
        return ""
    # Inside quotes FTS5 knows no operator; only a quote itself and the end of a C string are special.
    quoted = '"' + term.text.replace('"', '""').replace("\0", " ") + '"'
    return f"{_COLUMNS[term.column]} : {quoted}{' *' if term.prefix else ''}"
