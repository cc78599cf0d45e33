"""The preview: what a query would have sent, counted on stored days."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands import backtest
from bot.commands.backtest import Backtest, bars, busiest, count_day, own_words, sentence, variants
from bot.commands.table import Desk
from bot.model import Facts, Organization, Paper, Sieve
from bot.ports import Papers, Source, Store
from bot.query import document, parse
from tests.commands.at_desk import Mouth, at_desk, paper, said

FRIDAY = date(2026, 11, 20)
TODAY = date(2026, 11, 23)


class Crowded:
    """Papers of a store whose full text finds as many candidates as it is asked for; ``asked`` is how many."""

    def __init__(self, papers: Papers) -> None:
        self.papers = papers
        self.asked = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.papers, name)

    async def search(self, sieve: Sieve, limit: int) -> list[Paper]:
        self.asked = limit
        return [paper(99, "Elsewhere")] * limit


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[Mouth]:
    async with at_desk(tmp_path) as mouth:
        yield mouth


def tried(text: str, days: Mapping[date, Sequence[Paper]], window: int = 14) -> Backtest:
    query = parse(text)
    changed = variants(query)
    counted = tuple(count_day(query, changed, day, papers) for day, papers in sorted(days.items()))
    return Backtest(query=query, first=TODAY - timedelta(days=window - 1), last=TODAY, variants=changed, days=counted)


WEEK = {
    date(2026, 11, 16): [paper(1, "Agents that plan", votes=20), paper(2, "A survey of agents", votes=3)],
    date(2026, 11, 17): [paper(3, "LLM agents"), paper(4, "Proteins"), paper(5, "LLM memory", votes=11)],
    date(2026, 11, 18): [paper(6, "Robots")],
    FRIDAY: [paper(7, "LLM agents again", votes=50), paper(8, "LLM")],
}


# --- counting ---------------------------------------------------------------------------------------------------------


def test_the_rate_is_papers_on_a_stored_weekday() -> None:
    test = tried("agent", WEEK)
    assert (test.total, test.weekdays, test.rate(test.total)) == (4, 4, 1.0)
    assert sentence(test) == "The last 14 days would have brought about 1.0 papers a weekday (4 on 4 stored days)."


def test_papers_of_a_weekend_count_to_the_weekdays() -> None:
    saturday = {date(2026, 11, 21): [paper(9, "Agents")]}
    assert tried("agent", {**WEEK, **saturday}).rate(5) == 1.25
    assert tried("agent", saturday).rate(1) == 1.0


def test_a_rare_match_is_not_rounded_to_nothing() -> None:
    days = {TODAY - timedelta(days=n): [paper(n, "Maps")] for n in range(40)}
    days[FRIDAY] = [paper(99, "Agents")]
    test = tried("agent", days, 60)
    assert "1 paper in 28 weekdays" in sentence(test)


def test_nothing_stored_and_nothing_found_are_told_apart() -> None:
    assert "are not stored" in sentence(tried("agent", {}))
    assert "would have brought nothing (looked at 4 stored days)" in sentence(tried("zebra", WEEK))


def test_what_brings_the_noise_is_counted_by_the_querys_own_words() -> None:
    assert own_words(tried("agent OR llm OR protein", WEEK)) == [("agent", 4), ("llm", 4), ("protein", 1)]


def test_busiest_title_words_leave_out_small_words_and_what_stands_once() -> None:
    assert busiest(tried("agent OR llm", WEEK)) == [("agent", 4), ("llm", 4)]
    twice = tried("*", {FRIDAY: [paper(1, "The zebra of the map"), paper(2, "A zebra and the sea")]})
    assert busiest(twice) == [("zebra", 2)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("agent", [("votes>=10", "agent votes>=10", True)]),
        (
            "agent OR llm",
            [
                ("agent", "llm", False),
                ("llm", "agent", False),
                ("votes>=10", "(agent OR llm) votes>=10", True),
            ],
        ),
        (
            "(agent OR llm) -survey votes>=3 has:code",
            [
                ("agent", "llm -survey votes>=3 has:code", False),
                ("llm", "agent -survey votes>=3 has:code", False),
                ("votes>=3", "(agent OR llm) -survey has:code", False),
                ("has:code", "(agent OR llm) -survey votes>=3", False),
            ],
        ),
        ("is:daily -survey", [("votes>=10", "is:daily -survey votes>=10", True)]),
        ("*", [("votes>=10", "* votes>=10", True)]),
        ("author:(hinton OR bengio)", [
            ("author:hinton", "author:bengio", False),
            ("author:bengio", "author:hinton", False),
            ("votes>=10", "author:(hinton OR bengio) votes>=10", True),
        ]),
    ],
)  # fmt: skip
def test_a_query_is_tried_without_each_part_that_could_be_spared(text: str, found: list[tuple[str, str, bool]]) -> None:
    made = [(v.text, str(v.query), v.added) for v in variants(parse(text))]
    assert made == [(part, str(parse(query)), added) for part, query, added in found]


WORDS = st.sampled_from(["agent", "llm", "survey", "title:map", "votes>=3", "has:code", '"a map"', "author:hinton"])
QUERIES = st.recursive(
    WORDS,
    lambda inner: (
        st.lists(inner, min_size=2, max_size=3).map(" ".join)
        | st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({' OR '.join(parts)})")
        | inner.map(lambda part: f"* -({part})")
    ),
    max_leaves=6,
)


@given(QUERIES)
def test_every_variant_reads_and_brings_either_less_or_more_never_others(text: str) -> None:
    query = parse(text)
    docs = [(document(one), day) for day, papers in WEEK.items() for one in papers]
    whole = {doc.paper.key for doc, day in docs if query.match(doc, day) is not None}
    for variant in variants(query):
        assert parse(str(variant.query)) == variant.query
        part = {doc.paper.key for doc, day in docs if variant.query.match(doc, day) is not None}
        assert part <= whole if variant.added else part <= whole or whole <= part


def test_a_query_as_long_as_can_be_is_tried_too() -> None:
    assert variants(parse(" ".join(f"w{number}" for number in range(100)))) == ()


def test_a_paper_was_new_on_its_own_day() -> None:
    test = tried("is:new agent", WEEK)
    assert test.total == 4


# --- saying it --------------------------------------------------------------------------------------------------------


def test_bars_have_a_sign_a_day_and_blanks_for_days_that_are_not_stored() -> None:
    assert bars(tried("agent OR llm", WEEK)) == "Mon 16 Nov ██· █ Fri 20 Nov   up to 2 a day"
    many = {FRIDAY: [paper(i, "Agents") for i in range(16)], date(2026, 11, 19): [paper(20, "Agents")]}
    assert bars(tried("agent", many)) == "Thu 19 Nov ▁█ Fri 20 Nov   up to 16 a day"
    assert bars(tried("zebra", WEEK)) == ""


def notes(test: Backtest) -> list[str]:
    return [f"{row.text} {row.detail}".strip() for row in backtest.notes(test)]


def test_each_part_is_told_with_what_it_brings_and_costs() -> None:
    told = notes(tried("agent OR llm OR memory", WEEK))
    assert told[0] == "Which of its words bring them agent 67 %, llm 67 %, memory 17 %"
    assert not any("busiest" in line for line in told), "two words are no crowd"
    assert "Without agent: 1.0 papers a weekday" in told
    assert not any(line.startswith("Without memory") for line in told)
    assert "votes>=10 would leave 0.8 papers a weekday" in told


def test_the_busiest_title_words_are_told_with_how_many_are_its_own() -> None:
    week = {FRIDAY: [paper(n, "Agents plan maps together") for n in range(1, 6)]}
    told = notes(tried("agent", week))
    assert told[0] == ("1 of the 4 busiest title words are its own agent 100 %, map 100 %, plan 100 %, together 100 %")


def test_a_condition_is_told_with_what_it_leaves() -> None:
    assert "votes>=10 leaves 0.5 of 1.0 papers a weekday" in notes(tried("agent votes>=10", WEEK))


def test_a_quiet_query_is_not_told_how_to_be_quieter() -> None:
    assert notes(tried("protein", WEEK)) == []


# --- the command ------------------------------------------------------------------------------------------------------


async def read_week(bot: Mouth) -> None:
    for day, papers in WEEK.items():
        await bot.read_day(day, *papers)


async def test_a_preview_shows_rate_bars_noise_and_the_newest_five(bot: Mouth) -> None:
    await read_week(bot)
    reply = await bot.say("preview agent OR llm")
    assert not reply.failed
    assert reply.private
    text = said(reply)
    assert "about 1.5 papers a weekday (6 on 4 stored days)" in text
    assert "██· █" in text
    assert "Fri 20 Nov LLM agents again" in text
    assert "A survey of agents" not in text
    assert [b.command for b in reply.cards[-1].buttons] == [
        "/papers subscribe agent OR llm",
        "/papers alert add agent OR llm",
    ]
    assert "counted as they are now" in text


@pytest.mark.parametrize(
    "text",
    ["map", "maps", "Gan", "styl*", '"neural map"', "title:map", "author:hinton", "cat:cs.CV", "org:deepmind",
     "map OR votes>=10", "* -map", "votes>=10", "is:new", "keyword:maps OR zebra", "source:huggingface map"],
)  # fmt: skip
async def test_the_store_only_spares_work_and_never_a_match(bot: Mouth, text: str) -> None:
    papers = [
        paper(1, "Neural maps", votes=10),
        paper(2, "StyleGAN", authors=("Geoffrey E. Hinton",)),
        paper(3, "Proteins", abstract="We neurally map.", categories=("cs.CV",)),
        paper(4, "Zebras", organization=Organization("deepmind", "DeepMind")),
        replace(paper(5, "Quiet"), facts=Facts(keywords=("maps",))),
    ]
    await bot.read_day(FRIDAY, *papers)
    data = (await bot.say(f"preview {text}")).data
    assert isinstance(data, dict)
    assert data["total"] == tried(text, {FRIDAY: papers}).total
    assert data["days"][0]["papers"] == 5


async def test_the_same_paper_on_two_lists_counts_once_on_its_first_day(bot: Mouth) -> None:
    one = paper(1, "Agents")
    await bot.read_day(date(2026, 11, 19), one, name="announced")
    await bot.read_day(FRIDAY, one, paper(2, "Maps"))
    data = (await bot.say("preview agent")).data
    assert isinstance(data, dict)
    assert [(d["day"], d["matched"]) for d in data["days"]] == [("2026-11-19", 1), ("2026-11-20", 0)]


async def test_days_beyond_the_window_are_not_looked_at(bot: Mouth) -> None:
    await read_week(bot)
    data = (await bot.say("preview agent days:7")).data
    assert isinstance(data, dict)
    assert (data["first"], data["last"], data["total"]) == ("2026-11-17", "2026-11-23", 2)


@pytest.mark.parametrize("days", ["0", "61", "many"])
async def test_a_window_that_cannot_be_is_refused(bot: Mouth, days: str) -> None:
    assert (await bot.say(f"preview agent days:{days}")).failed


def on_hugging_face(bot: Mouth) -> Desk:
    return replace(bot.desk, sources={"huggingface": cast(Source, None)})  # never asked, but there


async def test_days_that_are_not_stored_are_counted_and_the_way_to_them_told(bot: Mouth) -> None:
    await read_week(bot)
    text = said(await bot.say("preview agent", desk=on_hugging_face(bot)))
    assert "5 weekdays of these 14 days are not stored" in text
    assert "paperboy backfill huggingface --since 2026-11-10" in text
    empty = said(await bot.say("preview agent", space="other"))
    assert "5 weekdays of these 14 days are not stored." in empty, "nothing to fetch them from"


async def test_the_days_in_signs_are_a_line_of_what_is_said(bot: Mouth) -> None:
    await read_week(bot)
    card = (await bot.say("preview agent")).cards[0]
    assert card.code == ""
    assert card.body.splitlines()[1].endswith("a day")
    assert "\n" not in (await bot.say("preview zebra")).cards[0].body


async def test_where_no_late_day_is_stored_the_newest_stored_ones_are_looked_at(bot: Mouth) -> None:
    await bot.read_day(date(2026, 7, 9), paper(1, "Agents"))
    await bot.read_day(date(2026, 7, 10), paper(2, "Agents again"))
    text = said(await bot.say("preview agent", desk=on_hugging_face(bot)))
    assert "The 14 days to Fri 10 Jul 2026 would have brought about 1.0 papers a weekday" in text
    assert "--since 2026-06-27" in text


async def test_an_empty_store_gives_no_false_numbers(bot: Mouth) -> None:
    text = said(await bot.say("preview agent", desk=on_hugging_face(bot)))
    assert "no telling" in text
    assert "paperboy backfill" in text


async def test_a_query_that_does_not_read_is_mended(bot: Mouth) -> None:
    reply = await bot.say("preview autor:hinton -survey")
    assert reply.failed
    assert "/papers preview author:hinton -survey" in [b.command for b in reply.cards[0].buttons]


async def test_looking_back_does_not_subscribe_or_announce(bot: Mouth) -> None:
    await read_week(bot)
    await bot.say("preview agent")
    assert await bot.store.subscriptions.targets("tower", "lab") == []


def test_the_preview_needs_nothing_and_writes_nothing() -> None:
    (command,) = backtest.COMMANDS
    assert (command.needs, command.writes, command.room) == ("nothing", False, "channel")


async def test_a_word_that_is_everywhere_is_counted_without_loading_every_paper(bot: Mouth) -> None:
    for day, papers in WEEK.items():
        await bot.read_day(day, *papers)
    crowded = Crowded(bot.store.papers)
    store = SimpleNamespace(papers=crowded, subscriptions=bot.store.subscriptions, outbox=bot.store.outbox)
    narrowed = await backtest.look_back(bot.desk, "agent", 14)
    test = await backtest.look_back(replace(bot.desk, store=cast(Store, store)), "agent", 14)
    assert test == narrowed
    assert test.total == 4
    assert crowded.asked <= 2_001
