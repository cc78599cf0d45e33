"""Look-ups over a real store and a small source: what is answered, what is asked for, and what is kept."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.cards import Reply
from bot.commands import handle, read
from bot.commands.table import Desk
from bot.errors import SourceError
from bot.model import Address, Cadence, Edition, Linked, Paper, Person, Preferences, Request, SourceHealth, Subscription
from bot.store.sqlite import open_store
from tests.commands.at_desk import Mouth, at_desk, ms, paper, said

FRIDAY, MONDAY = date(2026, 11, 20), date(2026, 11, 23)
NO_NETWORK = SourceError("huggingface.co did not answer", unreachable=True)


@dataclass
class FakeSource:
    """A source that knows what it is given, fails when it is told to, and remembers what it was asked."""

    name: str = "huggingface"
    scope: str = ""
    lists: dict[date, Sequence[Paper]] = field(default_factory=dict)
    papers: Sequence[Paper] = ()
    error: SourceError | None = None
    asked: list[str] = field(default_factory=list)
    built: Linked | None = None
    silent: bool = False

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        if self.error:
            raise self.error

    def editions(self, now: datetime, cursor: Mapping[str, str]) -> AsyncIterator[Edition]:
        raise NotImplementedError

    async def edition(self, day: date) -> Edition:
        self._ask(f"day {day}")
        return Edition(source=self.name, list="daily", day=day, papers=tuple(self.lists.get(day, ())))

    async def period(self, now: datetime, *, week: str = "", month: str = "") -> Edition:
        self._ask(f"period {week or month}")
        every = tuple(p for papers in self.lists.values() for p in papers)
        return Edition(source=self.name, list="lookup", day=now.date(), papers=every)

    async def lookup(self, key: str) -> Paper | None:
        self._ask(f"lookup {key}")
        return next((p for p in self.papers if p.key == key), None)

    async def search(self, text: str, limit: int) -> list[Paper]:
        self._ask(f"search {text}")
        return list(self.papers[:limit])

    async def linked(self, key: str) -> Linked | None:
        if self.silent:
            await asyncio.sleep(60)
        if self.error:
            raise self.error
        return self.built


@dataclass
class Reader:
    """Somebody who looks things up, at a time of our choosing."""

    mouth: Mouth
    hub: FakeSource = field(default_factory=FakeSource)
    arxiv: FakeSource = field(default_factory=lambda: FakeSource(name="arxiv"))

    async def asks(self, text: str, at: datetime | None = None, **more: Any) -> Reply:
        if at:
            self.mouth.now = ms(at)
        sources = {source.name: source for source in (self.arxiv, self.hub)}
        return await self.mouth.say(text, desk=replace(self.mouth.desk, sources=sources), **more)

    async def hears(self, text: str, at: datetime | None = None, **more: Any) -> str:
        return said(await self.asks(text, at, **more))


@pytest.fixture
async def reader(tmp_path: Path) -> AsyncIterator[Reader]:
    async with at_desk(tmp_path) as mouth:
        yield Reader(mouth)


def day(of: int, hour: int = 12, minute: int = 0) -> datetime:
    return datetime(2026, 11, of, hour, minute, tzinfo=UTC)


def titles(reply: Reply) -> list[str]:
    return [row.text for card in reply.cards for row in card.rows]


# --- today ------------------------------------------------------------------------------------------------------------


async def test_today_is_the_days_list_with_most_votes_first(reader: Reader) -> None:
    await reader.mouth.read_day(MONDAY, paper(1, "One", votes=3), paper(2, "Two", votes=9), paper(3, "Three"))
    reply = await reader.asks("today")
    assert reply.cards[0].title == "Daily Papers · Mon 23 Nov · 3 papers"
    assert [row.lead for row in reply.cards[0].rows] == ["1.", "2.", "3."]
    assert titles(reply) == ["Two", "One", "Three"]
    assert titles(await reader.asks("today sort:new")) == ["Three", "Two", "One"]
    assert reply.cards[0].body == ""
    assert reply.private
    assert reader.hub.asked == []


async def test_a_list_of_the_sample_edition_says_what_it_is(reader: Reader) -> None:
    await reader.mouth.read_day(MONDAY, paper(1, "Diffusion", sources=("sample",)))
    assert (await reader.asks("today")).cards[0].label == "SAMPLE EDITION"
    assert (await reader.asks("search diffusion")).cards[0].label == "SAMPLE EDITION"


async def test_top_keeps_the_first_few(reader: Reader) -> None:
    await reader.mouth.read_day(MONDAY, *(paper(n, f"Paper {n}", votes=n) for n in range(1, 5)))
    assert titles(await reader.asks("today top:2")) == ["Paper 4", "Paper 3"]
    assert "top:0 is out of range" in await reader.hears("today top:0")


async def test_on_a_weekend_the_newest_list_is_shown_and_said_to_be_fridays(reader: Reader) -> None:
    await reader.mouth.read_day(FRIDAY, paper(1, "One"))
    text = await reader.hears("today", day(21))
    assert "No list on Saturday; the newest is Fri 20 Nov." in text
    assert "1. One" in text
    assert reader.hub.asked == []


async def test_before_a_day_opens_in_new_york_its_list_is_not_expected(reader: Reader) -> None:
    await reader.mouth.read_day(FRIDAY, paper(1, "One"))
    text = await reader.hears("today", day(23, 2, 15))
    assert "The list of Mon 23 Nov is not open yet; the newest is Fri 20 Nov." in text
    assert reader.hub.asked == []


async def test_after_a_day_opened_the_source_is_asked_for_what_no_poll_has_brought(reader: Reader) -> None:
    await reader.mouth.read_day(FRIDAY, paper(1, "One"))
    reader.hub.lists[MONDAY] = [paper(2, "Two")]
    assert titles(await reader.asks("today", day(23, 2, 45))) == ["Two"]
    assert await reader.mouth.store.papers.listed("daily", MONDAY, MONDAY) == []  # the poll's to store and announce


async def test_an_empty_list_is_no_list_yet(reader: Reader) -> None:
    await reader.mouth.read_day(FRIDAY, paper(1, "One"))
    assert "No list for Mon 23 Nov yet; the newest is Fri 20 Nov." in await reader.hears("today")


async def test_without_any_network_what_is_stored_is_shown_and_the_reason_said(reader: Reader) -> None:
    await reader.mouth.read_day(FRIDAY, paper(1, "One"))
    reader.hub.error = NO_NETWORK
    text = await reader.hears("today")
    assert "Hugging Face cannot be reached just now. No list for Mon 23 Nov yet; the newest is Fri 20 Nov." in text
    assert "1. One" in text


async def test_an_empty_store_without_a_network_says_so_in_one_line(reader: Reader) -> None:
    reader.hub.error = NO_NETWORK
    reply = await reader.asks("today")
    assert said(reply) == "Hugging Face cannot be reached just now. No list is stored yet."
    assert reply.failed
    assert (await reader.asks("today date:2026-11-20")).failed
    assert await reader.hears("week") == "Hugging Face cannot be reached just now. No list is stored yet."
    assert (await reader.asks("month")).failed


async def test_a_past_day_is_asked_for_once_and_kept_without_being_news(reader: Reader) -> None:
    past = date(2026, 11, 12)
    reader.hub.lists[past] = [paper(1, "One")]
    assert titles(await reader.asks(f"today {past}")) == ["One"]
    assert titles(await reader.asks(f"today date:{past}")) == ["One"]
    assert reader.hub.asked == [f"day {past}"]
    assert await reader.mouth.store.outbox.unmatched(10) == []


async def test_a_day_without_a_list_shows_the_one_before(reader: Reader) -> None:
    await reader.mouth.read_day(FRIDAY, paper(1, "One"))
    text = await reader.hears("today 2026-11-22")
    assert "No list on Sun 22 Nov; the one before is Fri 20 Nov." in text
    assert reader.hub.asked == []


async def test_a_past_day_that_cannot_be_asked_for_says_so_and_shows_the_one_before(reader: Reader) -> None:
    await reader.mouth.read_day(date(2026, 11, 10), paper(1, "One"))
    reader.hub.error = NO_NETWORK
    assert (
        "Hugging Face cannot be reached just now. The list of Thu 12 Nov is not stored; the one before is Tue 10 Nov."
        in await reader.hears("today 2026-11-12")
    )


async def test_a_day_to_come_is_refused(reader: Reader) -> None:
    reply = await reader.asks("today 2026-11-24")
    assert said(reply).startswith("Tue 24 Nov is still to come.")
    assert reply.failed


# --- pages ------------------------------------------------------------------------------------------------------------


async def test_a_long_list_has_pages_with_whole_commands(reader: Reader) -> None:
    await reader.mouth.read_day(MONDAY, *(paper(n, f"Paper {n}", votes=100 - n) for n in range(1, 24)))
    first = await reader.asks("today sort:votes")
    assert first.page
    assert (first.page.number, first.page.total, first.page.previous) == (1, 3, "")
    second = await reader.asks(first.page.next)
    assert [row.lead for row in second.cards[0].rows] == [f"{n}." for n in range(11, 21)]
    assert second.page
    assert titles(await reader.asks(second.page.previous)) == titles(first)
    last = await reader.asks(second.page.next)
    assert titles(last) == ["Paper 21", "Paper 22", "Paper 23"]
    assert last.page
    assert last.page.next == ""


async def test_a_page_past_the_end_is_the_last_one(reader: Reader) -> None:
    await reader.mouth.read_day(MONDAY, *(paper(n, f"Paper {n}", votes=100 - n) for n in range(1, 13)))
    reply = await reader.asks("today page:99")
    assert reply.page
    assert reply.page.number == 2
    assert titles(reply) == ["Paper 11", "Paper 12"]
    assert (await reader.asks("today page:0")).failed


# --- week, month, trending --------------------------------------------------------------------------------------------


async def test_a_week_is_its_days_with_most_votes_first_and_each_paper_once(reader: Reader) -> None:
    again = paper(1, "One", votes=5)
    for number in range(16, 21):
        await reader.mouth.read_day(date(2026, 11, number), again, paper(number, f"Paper {number}", votes=number))
    reply = await reader.asks("week last")
    assert reply.cards[0].title == "Week 2026-W47 · Mon 16 Nov to Sun 22 Nov · 6 papers"
    assert titles(reply) == ["Paper 20", "Paper 19", "Paper 18", "Paper 17", "Paper 16", "One"]
    assert reader.hub.asked == []


async def test_a_week_with_holes_is_asked_for_and_its_papers_kept_but_not_announced(reader: Reader) -> None:
    await reader.mouth.read_day(date(2026, 11, 16), paper(1, "One", votes=5))
    reader.hub.lists[date(2026, 11, 17)] = [paper(2, "Two", votes=7), paper(1, "One", votes=6)]
    assert titles(await reader.asks("week 2026-W47")) == ["Two", "One"]
    assert reader.hub.asked == ["period 2026-W47"]
    assert (await reader.asks("show Two")).cards[0].title == "Two"
    assert await reader.mouth.store.outbox.unmatched(10) == []


async def test_a_week_with_holes_that_cannot_be_asked_for_is_what_is_stored(reader: Reader) -> None:
    await reader.mouth.read_day(date(2026, 11, 16), paper(1, "One"))
    reader.hub.error = NO_NETWORK
    text = await reader.hears("week 2026-W47")
    assert "Hugging Face cannot be reached just now. Only the days that are stored." in text
    assert "1. One" in text


async def test_this_week_needs_only_the_days_that_are_open(reader: Reader) -> None:
    await reader.mouth.read_day(MONDAY, paper(1, "One"))
    assert titles(await reader.asks("week")) == ["One"]
    assert reader.hub.asked == []


async def test_week_53_is_the_calendars(reader: Reader) -> None:
    assert "There is no week 53 in 2025" in await reader.hears("week 2025-W53")
    assert "still to come" in await reader.hears("week 2026-W53")
    await reader.asks("week 2026-W53", datetime(2027, 1, 3, tzinfo=UTC))
    assert reader.hub.asked == ["period 2026-W53"]


async def test_a_month_is_its_days(reader: Reader) -> None:
    reader.hub.lists[date(2026, 10, 1)] = [paper(1, "One", votes=1), paper(2, "Two", votes=2)]
    reply = await reader.asks("month october")
    assert reply.cards[0].title == "October 2026 · 2 papers"
    assert titles(reply) == ["Two", "One"]
    assert reader.hub.asked == ["period 2026-10"]
    assert "December 2026 is still to come." in await reader.hears("month 2026-12")


async def test_a_month_of_nothing_says_so(reader: Reader) -> None:
    assert await reader.hears("month 2023-01") == "January 2023 · 0 papers."


async def test_a_week_or_month_without_a_list_names_the_newest_stored_one(reader: Reader) -> None:
    await reader.mouth.read_day(date(2026, 10, 7), paper(1, "One", votes=1))
    reader.hub.error = NO_NETWORK
    text = await reader.hears("week 2026-W47")
    assert "No list in week 2026-W47; the newest is week 2026-W41: /papers week 2026-W41" in text
    assert "1. One" not in text
    assert "the newest is October 2026: /papers month 2026-10" in await reader.hears("month september")


async def test_the_newest_stored_week_or_month_is_shown_when_none_was_asked_for(reader: Reader) -> None:
    await reader.mouth.read_day(date(2026, 10, 7), paper(1, "One", votes=1))
    reply = await reader.asks("week")
    assert reply.cards[0].title == "Week 2026-W41 · Mon 5 Oct to Sun 11 Oct · 1 paper"
    assert reply.cards[0].body == "No list in week 2026-W48; the newest is week 2026-W41."
    assert isinstance(reply.data, dict)
    assert reply.data["week"] == "2026-W41"
    reply = await reader.asks("month")
    assert reply.cards[0].title == "October 2026 · 1 paper"
    assert reply.cards[0].body == "No list in November 2026; the newest is October 2026."
    reader.hub.error = NO_NETWORK
    assert (await reader.asks("week")).cards[0].body == (
        "No list in week 2026-W48; the newest is week 2026-W41. "
        "Hugging Face cannot be reached just now. Only the days that are stored."
    )


async def test_trending_promises_nothing_where_no_source_has_such_a_list(reader: Reader) -> None:
    reader.hub = reader.arxiv
    expected = "There is no trending list: it comes from Hugging Face, which is not read here."
    assert await reader.hears("trending") == expected


async def test_trending_keeps_its_own_order_and_says_how_old_it_is(reader: Reader) -> None:
    assert "No trending list is stored yet" in await reader.hears("trending")
    await reader.mouth.read_day(FRIDAY, paper(1, "One", votes=1), paper(2, "Two", votes=9), name="trending")
    reply = await reader.asks("trending")
    assert titles(reply) == ["One", "Two"]
    assert "As it was on Fri 20 Nov; no newer one has come." in said(reply)
    assert titles(await reader.asks("trending 1")) == ["One"]


# --- search -----------------------------------------------------------------------------------------------------------


async def library(reader: Reader) -> None:
    await reader.mouth.read_day(
        MONDAY,
        paper(1, "Video Diffusion at Speed", abstract="Generation of video made faster.", votes=5),
        paper(2, "A Survey of Video Diffusion", votes=50),
        paper(3, "Image Diffusion", abstract="Pictures.", authors=("Geoffrey E. Hinton",), votes=20),
        paper(4, "Proteins that Fold", abstract="Biology.", published=date(2024, 1, 2)),
    )


async def test_search_speaks_the_query_language(reader: Reader) -> None:
    await library(reader)
    exact = (await reader.asks("search video diffusion -survey")).cards[0]
    assert exact.title == "1 paper for “video diffusion -survey”"
    assert [row.text for row in exact.rows] == ["Video Diffusion at Speed"]
    exact = (await reader.asks("search diffusion votes>=20 sort:votes")).cards[0]
    assert [row.text for row in exact.rows] == ["A Survey of Video Diffusion", "Image Diffusion"]
    exact = (await reader.asks("search votes>=20")).cards[0]
    assert len(exact.rows) == 2
    assert [row.text for row in (await reader.asks("search author:hinton")).cards[0].rows] == ["Image Diffusion"]


async def test_close_matches_stand_apart_below_the_exact_ones(reader: Reader) -> None:
    await library(reader)
    exact, close = (await reader.asks("search video diffusion")).cards
    assert {row.text for row in exact.rows} == {"Video Diffusion at Speed", "A Survey of Video Diffusion"}
    assert close.title == "Close matches"
    assert [(row.lead, row.text) for row in close.rows] == [("3.", "Image Diffusion")]


async def test_close_matches_keep_to_what_is_excluded(reader: Reader) -> None:
    await library(reader)
    for query in ("diffusion -video", "auther:nobody diffusion -video", "diffusion speed -survey"):
        reply = await reader.asks(f"search {query}")
        struck = query.rpartition("-")[2]
        assert not [title for title in titles(reply) if struck in title.lower()], query


async def test_close_matches_share_half_of_what_was_asked_for_where_any_do(reader: Reader) -> None:
    await library(reader)
    reply = await reader.asks("search diffusion pictures of galaxies votes>=900")
    assert titles(reply) == ["Image Diffusion"]
    few = await reader.asks("search diffusion galaxies telescopes spectra")
    assert len(titles(few)) == 3
    assert "Proteins that Fold" not in titles(few)


async def test_a_question_in_plain_words_finds_papers(reader: Reader) -> None:
    await library(reader)
    reply = await reader.asks("find What is a good way to make the generation of videos faster?")
    assert titles(reply)[0] == "Video Diffusion at Speed"
    assert "Proteins that Fold" not in titles(reply)


async def test_a_name_in_plain_words_finds_the_authors_papers(reader: Reader) -> None:
    await library(reader)
    assert titles(await reader.asks("search hinton")) == ["Image Diffusion"]


async def test_a_mistake_in_a_query_is_mended_and_said(reader: Reader) -> None:
    await library(reader)
    reply = await reader.asks("search auther:hinton")
    assert titles(reply) == ["Image Diffusion"]
    assert 'I do not know the field "auther:" (did you mean author:?).\nSearched for: author:hinton' in said(reply)
    assert not reply.failed


async def test_a_quote_alone_is_refused_with_the_way_out(reader: Reader) -> None:
    reply = await reader.asks('search "')
    assert said(reply) == "There is a quote with nothing behind it. Give a word to look for.\n/papers help query"
    assert reply.failed


async def test_hugging_face_is_only_offered_where_it_is_read(reader: Reader) -> None:
    assert [b.label for b in (await reader.asks("search xyzzy")).cards[0].buttons] == ["Ask Hugging Face"]
    reader.hub = reader.arxiv
    assert (await reader.asks("search xyzzy")).cards[0].buttons == ()


async def test_a_text_far_too_long_still_finds_what_it_speaks_of(reader: Reader) -> None:
    await library(reader)
    reply = await reader.asks(f"search proteins fold {'in many ways ' * 800}")
    assert "Proteins that Fold" in titles(reply)
    assert "at most 200 are allowed" in said(reply)


@pytest.mark.parametrize(
    "text", ['"', "((((", "-", "OR OR", "* -", "votes>=", "🙂", "a" * 5_000, "/.*/", "author:", "-survey"]
)
async def test_no_query_breaks_a_search(reader: Reader, text: str) -> None:
    await library(reader)
    assert "Something broke" not in await reader.hears(f"search {text}")


async def test_nothing_found_offers_the_sources_own_search(reader: Reader) -> None:
    await library(reader)
    reply = await reader.asks("search xyzzyq since:30d")
    assert said(reply) == "No paper here fits “xyzzyq”."
    assert read(reply.cards[0].buttons[0].command)[1] == {"query": "xyzzyq", "in": "hf"}
    assert not reply.failed


async def test_since_leaves_out_what_is_older(reader: Reader) -> None:
    old = paper(9, "Old Diffusion", published=date(2024, 1, 2), featured=date(2024, 1, 3))
    reader.mouth.now = ms(datetime(2024, 1, 3, tzinfo=UTC))
    await reader.mouth.read_day(date(2024, 1, 3), old)
    reader.mouth.now = ms(day(23))
    await library(reader)
    assert "Old Diffusion" in titles(await reader.asks("search diffusion"))
    assert "Old Diffusion" not in titles(await reader.asks("search diffusion since:30d"))


async def test_many_hits_come_in_pages(reader: Reader) -> None:
    await reader.mouth.read_day(MONDAY, *(paper(n, f"Diffusion {n}") for n in range(1, 31)))
    reply = await reader.asks("search diffusion sort:new")
    assert reply.cards[0].title == "30 papers for “diffusion”"
    assert reply.page
    assert titles(await reader.asks(reply.page.next))[0] == "Diffusion 20"


@pytest.mark.parametrize(
    "text", ["2611.00001", "https://arxiv.org/abs/2611.00001v2", "https://huggingface.co/papers/2611.00001"]
)
async def test_an_id_or_address_as_a_query_is_that_paper(reader: Reader, text: str) -> None:
    await library(reader)
    reply = await reader.asks(f"search {text}")
    assert reply.cards[0].title == "Video Diffusion at Speed"
    assert reply.cards[0].body == "Generation of video made faster."


async def test_a_source_can_be_searched_itself_and_what_it_finds_is_kept_quietly(reader: Reader) -> None:
    reader.arxiv.papers = [paper(7, "Seven"), paper(8, "Eight", published=date(2020, 1, 1))]
    assert titles(await reader.asks("search seven in:arxiv since:60d")) == ["Seven"]
    assert reader.arxiv.asked == ["search seven"]
    assert await reader.mouth.store.papers.get("arxiv:2611.00008")
    assert await reader.mouth.store.outbox.unmatched(10) == []


async def test_a_source_that_cannot_be_reached_leaves_what_is_stored(reader: Reader) -> None:
    await library(reader)
    reader.hub.error = NO_NETWORK
    reply = await reader.asks("search proteins in:hf")
    assert titles(reply) == ["Proteins that Fold"]
    assert "Hugging Face cannot be reached just now. This is what is stored." in said(reply)


# --- one paper --------------------------------------------------------------------------------------------------------


async def test_a_known_paper_is_shown_whole_without_asking_anybody(reader: Reader) -> None:
    await library(reader)
    for text in ("2611.00003", "arXiv:2611.00003v2", "image diffusion", "https://huggingface.co/papers/2611.00003"):
        card = (await reader.asks(f"show {text}")).cards[0]
        assert card.title == "Image Diffusion"
        assert card.byline == "Geoffrey E. Hinton"
    assert reader.hub.asked == reader.arxiv.asked == []


async def test_a_paper_is_shown_with_what_was_built_on_it(reader: Reader) -> None:
    await library(reader)
    best = (("lab/one", 1_200), ("lab/two", 3), ("lab/three", 2), ("lab/four", 1))
    reader.hub.built = Linked(models=12, datasets=1, best=best)
    reply = await reader.asks("show 2611.00003")
    assert reply.cards[0].rows[-1].text == "Built on it"
    assert reply.cards[0].rows[-1].detail == ("12 models, 1 dataset · lab/one ♥ 1.2k · lab/two ♥ 3 · lab/three ♥ 2")
    reader.hub.built = Linked()
    assert "Built on it" not in await reader.hears("show 2611.00003")


async def test_what_was_built_on_a_paper_is_never_waited_for_in_vain(reader: Reader) -> None:
    await library(reader)
    reader.hub.built, reader.hub.error = Linked(models=12), NO_NETWORK
    assert "Image Diffusion" in await reader.hears("show 2611.00003")
    reader.hub.error = None
    ill = SourceHealth(source="huggingface", error="no answer")
    await reader.mouth.store.papers.note_health(ill)
    assert "Built on it" not in await reader.hears("show 2611.00003")
    await reader.mouth.store.papers.note_health(replace(ill, error=""))
    assert "Built on it" in await reader.hears("show 2611.00003")
    desk = replace(reader.mouth.desk, sources={"huggingface": reader.hub}, read_only=True)
    assert "Built on it" not in said(await reader.mouth.say("show 2611.00003", desk=desk))


async def test_a_source_that_says_nothing_holds_an_answer_up_for_seconds_only(reader: Reader) -> None:
    await library(reader)
    reader.hub.silent = True
    async with asyncio.timeout(20):
        assert "Image Diffusion" in await reader.hears("show 2611.00003")


async def test_an_unknown_paper_is_asked_of_hugging_face_then_of_arxiv_and_kept(reader: Reader) -> None:
    reader.arxiv.papers = [paper(7, "Seven")]
    assert (await reader.asks("show 2611.00007")).cards[0].title == "Seven"
    assert reader.hub.asked == reader.arxiv.asked == ["lookup arxiv:2611.00007"]
    assert (await reader.asks("show seven")).cards[0].title == "Seven"
    assert len(reader.hub.asked) == 1
    assert await reader.mouth.store.outbox.unmatched(10) == []


async def test_a_paper_nobody_knows_is_said_to_be_unknown(reader: Reader) -> None:
    reply = await reader.asks("show 2611.99999")
    assert said(reply) == "Hugging Face and arXiv do not know 2611.99999. Is the id right?"
    reader.hub = reader.arxiv = FakeSource(name="sample")
    assert await reader.hears("show 2611.99999") == "The sample edition does not know 2611.99999. Is the id right?"
    reader.hub.error = NO_NETWORK
    assert "The sample edition cannot be reached just now." in await reader.hears("show 2611.99999")
    assert reply.failed


async def test_a_paper_that_could_not_be_asked_for_is_not_said_to_be_unknown(reader: Reader) -> None:
    reader.hub.error = NO_NETWORK
    reply = await reader.asks("show 2611.99999")
    assert said(reply) == "I do not have 2611.99999, and could not ask for it. Hugging Face cannot be reached just now."


async def test_a_title_of_many_papers_lists_some_and_says_that_there_are_more(reader: Reader) -> None:
    await reader.mouth.read_day(MONDAY, *(paper(n, f"A Model {n}") for n in range(1, 8)))
    heard = await reader.hears("show model")
    assert heard.count("/papers show") == 5
    assert "and more: give more words of its title, or /papers search model" in heard


async def test_a_title_of_several_papers_lists_them(reader: Reader) -> None:
    await library(reader)
    text = await reader.hears("show diffusion")
    assert '"diffusion" could be:' in text
    assert "Image Diffusion: /papers show 2611.00003" in text


async def test_a_paper_is_cited_in_the_form_asked_for(reader: Reader) -> None:
    await library(reader)
    reply = await reader.asks("cite 2611.00003")
    assert reply.cards[0].code.startswith("@misc{hinton2026image,")
    assert (
        (await reader.asks("cite 2611.00003 as:ris")).cards[0].code.startswith("TY  - UNPB\nAU  - Hinton, Geoffrey E.")
    )
    assert (await reader.asks("cite image diffusion as:text")).cards[0].code.startswith("Geoffrey E. Hinton (2026).")
    assert 'not "ris" beside it' in await reader.hears("cite 2611.00003 ris")
    assert [read(b.command)[1]["as"] for b in reply.cards[0].buttons] == ["ris", "text"]


async def test_a_long_list_of_authors_is_cut_on_the_card_and_whole_in_the_data(reader: Reader) -> None:
    await reader.mouth.read_day(MONDAY, paper(1, "One", authors=tuple(f"Given Family{n}" for n in range(600))))
    reply = await reader.asks("cite 2611.00001")
    assert " ".join(reply.cards[0].code.split()).count(" and ") == 30
    assert isinstance(reply.data, dict)
    assert " ".join(reply.data["text"].split()).count(" and ") == 599


async def test_a_database_that_is_only_read_still_answers_from_the_sources(tmp_path: Path) -> None:
    hub = FakeSource(papers=[paper(7, "Seven")], lists={date(2026, 11, 12): [paper(8, "Eight")]})
    async with at_desk(tmp_path), open_store(tmp_path / "paperboy.db", now=ms(day(23)), read_only=True) as store:
        desk = Desk(store=store, sources={"huggingface": hub}, clock=lambda: ms(day(23)))
        for text, title in (("show 2611.00007", "Seven"), ("today 2026-11-12", "Eight"), ("week 2026-W46", "Eight")):
            command, options = read(text)
            where, person = Address("tower", "lab", "papers"), Person("tower", "lab", "mei")
            asked = Request(command=command.name, options=options, person=person, where=where)
            assert title in said(await handle(desk, asked))


async def test_every_look_up_has_the_same_answer_as_plain_data(reader: Reader) -> None:
    await library(reader)
    data: Any = (await reader.asks("today")).data
    assert data["day"] == "2026-11-23"
    assert data["total"] == 4
    assert data["papers"][0] == {
        **data["papers"][0],
        "key": "arxiv:2611.00002",
        "title": "A Survey of Video Diffusion",
        "url": "https://arxiv.org/abs/2611.00002",
        "votes": 50,
        "stars": None,
        "authors": [],
    }
    found: Any = (await reader.asks("search video diffusion")).data
    assert [p["key"] for p in found["close"]] == ["arxiv:2611.00003"]


# --- why --------------------------------------------------------------------------------------------------------------


async def subscribed(reader: Reader, query: str, *, created: datetime | None = None, **more: Any) -> Subscription:
    subscriptions = reader.mouth.store.subscriptions
    target = await subscriptions.target(Address("tower", "lab", "papers"), more.pop("preferences", Preferences()))
    now = ms(created or day(20))
    return await subscriptions.add(target.id, query, Cadence(), owner="mei", now=now, limit=99, space_limit=99)


async def test_why_tells_what_each_subscription_says(reader: Reader) -> None:
    for query in ("diffusion votes>=10", "video -survey", "protein", "survey"):
        await subscribed(reader, query)
    await library(reader)
    await reader.mouth.say("pause id:4")
    text = await reader.hears("why 2611.00002")
    assert "#1 diffusion votes>=10 matches: diffusion, votes>=10" in text
    assert "#2 video -survey does not match: excluded by -survey" in text
    assert "#3 protein does not match: no protein in title, abstract or keywords" in text
    assert "#4 survey matches: survey; paused" in text
    assert "from Hugging Face." in text
    low = await reader.hears("why 2611.00001")
    assert "#1 diffusion votes>=10 does not match: votes 5 of the 10 asked" in low


async def test_why_tells_that_a_subscription_is_younger_than_the_paper(reader: Reader) -> None:
    await library(reader)
    await subscribed(reader, "diffusion", created=day(24))
    text = await reader.hears("why 2611.00002", day(24))
    assert "made after the paper came, so only what changes later counts" in text
    assert "Nothing was posted or planned in #papers for it." in text


async def test_why_tells_when_a_paper_waits_and_for_what(reader: Reader) -> None:
    subscription = await subscribed(reader, "agents")
    one, two = paper(1, "Agents"), paper(2, "More Agents")
    await reader.mouth.read_day(MONDAY, one, two)
    target = await reader.mouth.target()
    due = ms(day(24, 9))
    await reader.mouth.wait_for(target, one, due, kind="digest", slot="2026-11-24T09:00", subscription=subscription.id)
    await reader.mouth.wait_for(target, two, due, kind="fold", subscription=subscription.id)
    assert "Waits until Tue 24 Nov 09:00: the next digest (for #1)" in await reader.hears("why 2611.00001")
    reply = await reader.asks("why 2611.00002")
    assert [card.title for card in reply.cards] == ["More Agents", "What became of it"]
    assert [row.lead for card in reply.cards for row in card.rows] == ["#1", "→"]
    assert "over the cap, so it joins the “N more” line (for #1)" in said(reply)


async def test_why_tells_of_quiet_hours_and_of_a_suspended_place(reader: Reader) -> None:
    subscription = await subscribed(reader, "agents", preferences=Preferences(quiet=(11 * 60, 14 * 60)))
    one = paper(1, "Agents")
    await reader.mouth.read_day(MONDAY, one)
    target = await reader.mouth.target()
    await reader.mouth.wait_for(target, one, ms(day(23, 14)), subscription=subscription.id)
    assert "Waits until Mon 23 Nov 14:00: quiet hours (for #1)" in await reader.hears("why 2611.00001")
    await reader.mouth.store.outbox.suspend(target.id, "the channel is gone", ms(day(23)))
    told = said(await reader.mouth.say("why 2611.00001", barred="It is gone."))
    assert "Posting to #papers is suspended: the channel is gone" in told


async def test_why_tells_what_ran_out(reader: Reader) -> None:
    subscription = await subscribed(reader, "agents")
    one = paper(1, "Agents")
    await reader.mouth.read_day(MONDAY, one)
    await reader.mouth.wait_for(await reader.mouth.target(), one, ms(day(23)), subscription=subscription.id)
    await reader.mouth.store.outbox.expire(ms(day(25)), ms(day(25)))
    assert "Expired unsent" in await reader.hears("why 2611.00001")


async def test_why_in_ones_own_room_is_about_ones_own_alerts(reader: Reader) -> None:
    await subscribed(reader, "diffusion")
    await library(reader)
    assert "There are no subscriptions in your own messages." in await reader.hears("why 2611.00002", alone=True)


async def test_why_tells_how_long_a_paper_is_known(reader: Reader) -> None:
    await library(reader)
    later = day(23) + timedelta(days=3)
    assert "First seen 3 days ago, from Hugging Face." in await reader.hears("why 2611.00002", later)
