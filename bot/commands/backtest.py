"""``/papers preview``: what a query would have sent, told from the days we have stored.

The counting is pure: papers of a day in, numbers out. Only ``look_back`` reads the store, a day at a time, so that a
long look back holds one day and its hits, and for a moment the candidates that full text finds, which are few or none.
"""

import asyncio
from collections import Counter
from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from bot.cards import Button, Card, Reply, Row, paper_row
from bot.commands import values
from bot.commands.answers import line
from bot.commands.subscription_words import AT, EVERY, FORMAT, MAX, MENTION, ON
from bot.commands.table import Command, Desk, Option
from bot.errors import QueryError
from bot.model import Paper, Request
from bot.phrases import day_text, plural
from bot.query import Query, document, hints, parse
from bot.query.tree import And, Flag, Node, Not, Number, Or
from bot.text import words

DAYS = 14
MOST_DAYS = 60
_LISTS = ("daily", "announced")
_MARGIN = timedelta(days=90)
"""A list can have a paper that was out long before: arXiv holds some back for weeks."""
_MOST_CANDIDATES = 2_000
"""Papers; loading more of them costs as much as it saves."""
_EXAMPLES = 5
_BUSIEST = 10
_FEWEST_BUSY = 3
"""Fewer words that stand often say nothing about what a query brings."""
_VARIANTS = 8
_MANY = 1.0
"""From this many papers a weekday on, ways to fewer are shown."""
SMALL = frozenset(
    words(
        "a an and are as at be beyond by can do does for from how in into is it its not of on or our out over than "
        "that the their there this through to toward towards under up using via we what when where which while why "
        "with without you your new based driven aware one all more 1 2 3"
    )
)


# --- counting (pure) --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Variant:
    """The query changed at one place: ``without`` that part, or with it ``added``."""

    text: str
    query: Query
    added: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCount:
    """One stored day: the papers on its lists that no earlier day had, the hits, and the count of each variant."""

    day: date
    papers: int
    hits: tuple[tuple[Paper, tuple[str, ...]], ...]
    variants: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """What a query would have sent from ``first`` to ``last``. ``days`` are the stored ones, oldest first.

    ``past`` when ``last`` is not today but the newest stored day, because none of the last days is stored.
    """

    query: Query
    first: date
    last: date
    variants: tuple[Variant, ...]
    days: tuple[DayCount, ...]
    past: bool = False

    @property
    def total(self) -> int:
        return sum(len(day.hits) for day in self.days)

    @property
    def weekdays(self) -> int:
        """Stored days from Monday to Friday; all of them where there is only a weekend."""
        return sum(day.day.weekday() < 5 for day in self.days) or len(self.days)

    def rate(self, amount: int) -> float:
        """Papers a weekday."""
        return amount / self.weekdays if self.days else 0.0

    @property
    def unread(self) -> int:
        """Weekdays before ``last`` that are not stored."""
        window = ((self.first + timedelta(days=i)) for i in range((self.last - self.first).days))
        stored = {day.day for day in self.days}
        return sum(day.weekday() < 5 and day not in stored for day in window)

    @property
    def newest(self) -> list[tuple[date, Paper, tuple[str, ...]]]:
        return [(day.day, paper, hits) for day in reversed(self.days) for paper, hits in day.hits]


def variants(query: Query) -> tuple[Variant, ...]:
    """The query without each alternative of an OR, and without each condition; else with ``votes>=10``."""
    items = query.root.items if isinstance(query.root, And) else (query.root,)
    changed = []
    for at, item in enumerate(items):
        before, after = items[:at], items[at + 1 :]
        if isinstance(item, Or):
            for left in item.items:
                rest = tuple(other for other in item.items if other != left)
                changed.append(_variant(str(left), (*before, rest[0] if len(rest) == 1 else Or(rest), *after)))
        elif isinstance(item, Number | Flag) and any(not isinstance(other, Not) for other in (*before, *after)):
            changed.append(_variant(str(item), (*before, *after)))
    if not any(isinstance(item, Number) for item in items):
        with suppress(QueryError):  # it has as many terms as a query can have
            changed.append(_variant("votes>=10", (*items, Number("votes", ">=", 10)), added=True))
    return tuple(changed[:_VARIANTS])


def _variant(text: str, items: Sequence[Node], *, added: bool = False) -> Variant:
    spelled = " ".join(f"({item})" if isinstance(item, Or) and len(items) > 1 else str(item) for item in items)
    return Variant(text, parse(spelled, limit=10_000), added)


def count_day(
    query: Query, changed: Sequence[Variant], day: date, papers: Collection[Paper], among: Container[str] | None = None
) -> DayCount:
    """Match one day's papers as they would have matched then: each was new on its day.

    Only papers with a key ``among`` these can match; None when any can.
    """
    likely = (paper for paper in papers if among is None or paper.key in among)
    ready = [document(replace(paper, first_seen=_noon(day))) for paper in likely]
    hits = [(doc.paper, found) for doc in ready if (found := query.match(doc, day)) is not None]
    counts = (sum(other.query.match(doc, day) is not None for doc in ready) for other in changed)
    return DayCount(day=day, papers=len(papers), hits=tuple(hits), variants=tuple(counts))


def _noon(day: date) -> int:
    return round(datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp() * 1000)


def busiest(test: Backtest) -> list[tuple[str, int]]:
    """The words most often in the titles of the hits, with how many titles; once is not often."""
    titles = Counter(word for _, paper, _ in test.newest for word in set(words(paper.title)))
    often = [(word, n) for word, n in titles.items() if n > 1 and word not in SMALL and len(word) > 1]
    return sorted(often, key=lambda pair: (-pair[1], pair[0]))[:_BUSIEST]


def own_words(test: Backtest) -> list[tuple[str, int]]:
    """The query's own words with how many of the hits each brought, the busiest first."""
    found = Counter(hit for _, _, hits in test.newest for hit in hits)
    return sorted(((term, found[term]) for term in test.query.terms()), key=lambda pair: (-pair[1], pair[0]))


# --- saying it (pure) -------------------------------------------------------------------------------------------------


def sentence(test: Backtest) -> str:
    """One line: ``The last 14 days would have brought about 3.2 papers a weekday (32 on 10 days).``"""
    length = (test.last - test.first).days + 1
    window = f"The {length} days to {day_text(test.last)} {test.last.year}" if test.past else f"The last {length} days"
    if not test.days:
        return f"{window} are not stored, so there is no telling how many it would have brought."
    looked = plural(len(test.days), "stored day")
    if not test.total:
        return f"{window} would have brought nothing (looked at {looked})."
    return f"{window} would have brought about {_rate(test, test.total)} ({test.total:,} on {looked})."


def _rate(test: Backtest, amount: int) -> str:
    rate = test.rate(amount)
    if amount and rate < 0.1:
        return f"{plural(amount, 'paper')} in {plural(test.weekdays, 'weekday')}"
    return f"{rate:.1f} papers a weekday"


def bars(test: Backtest) -> str:
    """One sign a day, ``▂·█▄▁``, and a blank for a day that is not stored; empty without hits."""
    if not test.total:
        return ""
    counts = {day.day: len(day.hits) for day in test.days}
    first, most = min(counts), max(counts.values())
    signs = "".join(_sign(counts.get(first + timedelta(days=i)), most) for i in range((max(counts) - first).days + 1))
    return f"{day_text(first, test.last)} {signs} {day_text(max(counts), test.last)}   up to {most} a day"


def _sign(amount: int | None, most: int) -> str:
    return " " if amount is None else "·" if not amount else "▁▂▃▄▅▆▇█"[(amount * 8 - 1) // most]


def notes(test: Backtest) -> Iterator[Row]:
    """What makes the noise and what would lessen it, a row each."""
    own = [f"{term} {_share(n, test)}" for term, n in own_words(test)]
    if len(own) > 1:
        yield Row(lead="", text="Which of its words bring them", detail=", ".join(own[:_BUSIEST]))
    titles = busiest(test)
    if len(titles) >= _FEWEST_BUSY and test.total > 3:
        mine = {word for term in test.query.terms() for word in words(term)}
        loud = [word for word, _ in titles if word in mine]
        said = f"{len(loud)} of the {len(titles)} busiest title words are its own" if loud else "Busiest title words"
        yield Row(lead="", text=said, detail=", ".join(f"{word} {_share(n, test)}" for word, n in titles))
    totals = [sum(day.variants[at] for day in test.days) for at in range(len(test.variants))]
    for variant, amount in zip(test.variants, totals, strict=True):
        if amount != test.total and (not variant.added or test.rate(test.total) >= _MANY):
            yield _effect(test, variant, amount)


def _effect(test: Backtest, variant: Variant, amount: int) -> Row:
    if variant.added:
        return Row(lead="", text=f"{variant.text} would leave {_rate(test, amount)}")
    if amount < test.total:
        return Row(lead="", text=f"Without {variant.text}: {_rate(test, amount)}")
    return Row(lead="", text=f"{variant.text} leaves {test.rate(test.total):.1f} of {_rate(test, amount)}")


def _share(amount: int, test: Backtest) -> str:
    return f"{100 * amount / test.total:.0f} %" if test.total else "0 %"


def as_data(test: Backtest) -> dict[str, object]:
    """The same as JSON values; days as ISO dates, rates in papers a weekday."""
    return {
        "query": str(test.query),
        "first": test.first.isoformat(),
        "last": test.last.isoformat(),
        "days": [{"day": d.day.isoformat(), "papers": d.papers, "matched": len(d.hits)} for d in test.days],
        "total": test.total,
        "per_weekday": round(test.rate(test.total), 2),
        "words": dict(own_words(test)),
        "busiest": dict(busiest(test)),
        "variants": [
            {"text": v.text, "added": v.added, "total": sum(day.variants[at] for day in test.days)}
            for at, v in enumerate(test.variants)
        ],
        "examples": [{"day": day.isoformat(), "key": p.key, "title": p.title} for day, p, _ in test.newest[:_EXAMPLES]],
    }


def cards(
    test: Backtest, query: str, pasted: Mapping[str, str], *, can_backfill: bool, can_post: bool = True
) -> tuple[Card, ...]:
    """The whole preview: the numbers, then a few papers it would have brought.

    ``pasted`` are the options of a subscription that make no difference to a preview.
    """
    names = ", ".join(f"{name}:" for name in pasted)
    note = f"Not used here: {names}. They say how a subscription posts what matches." if pasted else ""
    odd = test.query.contradiction()
    never = f"This can match nothing: no paper has {odd}." if odd else ""
    told = "\n".join(part for part in (never, sentence(test), bars(test), *hints(query), note) if part)
    numbers = Card(title=f"Preview: {query}", body=told, rows=tuple(notes(test)))
    rows = tuple(paper_row(p, day_text(day, test.last), matched=hits) for day, p, hits in test.newest[:_EXAMPLES])
    here = (Button("Subscribe here", line("subscribe", pasted, query=query)),) if can_post else ()
    shown = Card(
        title=("The newest" if len(rows) > 1 else "It would have been") if rows else "",
        rows=rows,
        buttons=(*here, Button("Alert me", line("alert add", query=query))),
        footer=" ".join(_caveats(test, can_backfill)),
    )
    return numbers, shown


def _caveats(test: Backtest, can_backfill: bool) -> Iterator[str]:
    if test.unread > 1 or not test.days:
        fetch = f"paperboy backfill huggingface --since {test.first.isoformat()}"
        way = f"; whoever runs this bot can fetch them: {fetch}" if can_backfill else ""
        yield f"{plural(test.unread, 'weekday')} of these {(test.last - test.first).days + 1} days are not stored{way}."
    yield "Votes, comments, stars and code are counted as they are now, not as they were that day."


# --- the store --------------------------------------------------------------------------------------------------------


async def look_back(desk: Desk, text: str, days: int) -> Backtest:
    """Try a query on the stored lists of the last ``days`` days. Raises ``QueryError``, ``StoreError``."""
    query = parse(text, limit=desk.limits.query)
    last = await _last_day(desk, days)
    first = last - timedelta(days=days - 1)
    changed = variants(query)
    among = await _candidates(desk, query, first)
    seen: set[str] = set()
    counted = []
    for day in (first + timedelta(days=i) for i in range(days)):
        listed = [paper for name in _LISTS for _, paper in await desk.store.papers.listed(name, day, day)]
        fresh = {paper.key: paper for paper in listed if paper.key not in seen}
        seen.update(fresh)
        if listed:
            # A day of all announcements is hundreds of papers to read: not on the loop that answers everybody.
            counted.append(await asyncio.to_thread(count_day, query, changed, day, fresh.values(), among))
    return Backtest(
        query=query, first=first, last=last, variants=changed, days=tuple(counted), past=last < desk.today()
    )


async def _last_day(desk: Desk, days: int) -> date:
    """Today; the newest stored day where the ``days`` to today are not stored at all (a sample, a bot long off)."""
    today = desk.today()
    stored = [day for name in _LISTS for day in await desk.store.papers.days(name, 1) if day <= today]
    newest = max(stored, default=today)
    return today if today - newest < timedelta(days=days) else newest


async def _candidates(desk: Desk, query: Query, first: date) -> frozenset[str] | None:
    """The keys of all papers since ``first`` that have the words of a query; None where that narrows nothing.

    Reading a paper's words costs ten times what loading it does, and most papers of a day have none of them. Every
    variant asks for the same words or fewer alternatives, so these are enough for all.
    """
    sieve = query.sieve(since=first - _MARGIN)
    if not sieve.all:
        return None
    found = await desk.store.papers.search(replace(sieve, any=()), _MOST_CANDIDATES + 1)
    return frozenset(paper.key for paper in found) if len(found) <= _MOST_CANDIDATES else None


async def preview(desk: Desk, request: Request) -> Reply:
    """What a query would have sent, how many a day, which examples, and which of its words make the noise."""
    said = " ".join(request.options["query"].split())
    days = values.number(request.options.get("days", str(DAYS)), "days", *_DAYS.bounds)
    test = await look_back(desk, said, days)
    pasted = {option.name: request.options[option.name] for option in _PASTED if option.name in request.options}
    told = cards(test, said, pasted, can_backfill="huggingface" in desk.sources, can_post=not request.barred)
    return Reply(cards=told, data=as_data(test))


_DAYS = Option(name="days", help=f"how far to look back, up to {MOST_DAYS}", kind="number", bounds=(1, MOST_DAYS))
_PASTED = tuple(replace(option, silent=True) for option in (EVERY, AT, ON, MAX, MENTION, FORMAT))


COMMANDS: tuple[Command, ...] = (
    Command(
        words=("preview",),
        help="What a query would have sent on the last days, and which of its words make the noise",
        room="channel",
        run=preview,
        options=(
            Option(name="query", help="what to try: /papers help query", kind="query", required=True, rest=True),
            _DAYS,
            *_PASTED,
        ),
        example="/papers preview diffusion video -survey",
        share=True,
    ),
)
