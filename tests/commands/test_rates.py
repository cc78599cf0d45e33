"""Quotas and rates at the desk: what one person, one space and everybody unasked may do, and what is said beyond it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import portable
from bot.commands import handle, offers, pasted
from bot.commands.rates import MINUTE, Rates
from bot.commands.rights import ADMIN, SPACE
from bot.commands.table import Desk, Limits
from bot.model import Address, Person, Request
from bot.portable import Entry, Line
from tests.commands.at_desk import MONDAY, Mouth, at_desk, ms, paper, said

MEI = Person("tower", "lab", "mei")


@pytest.fixture
async def mouth(tmp_path: Path) -> AsyncIterator[Mouth]:
    async with at_desk(tmp_path) as mouth:
        await mouth.read_day(MONDAY.date(), *(paper(n, f"Video agents, part {n}") for n in range(1, 8)))
        yield mouth


def standing_still(mouth: Mouth, **limits: int) -> Desk:
    """A desk at which no time goes by, with one memory."""
    return replace(mouth.desk, clock=lambda: ms(MONDAY), limits=replace(Limits(), **limits))


def asked(command: str = "help", who: Person = MEI, room: str = "papers", **more: object) -> Request:
    return Request(command=command, person=who, where=Address("tower", who.space, room), **more)  # type: ignore[arg-type]


async def answered(desk: Desk, times: int, request: Request) -> int:
    """How many of so many requests were answered."""
    return sum([not (await handle(desk, request)).failed for _ in range(times)])


# --- counting in memory -----------------------------------------------------------------------------------------------


@given(st.integers(1, 300), st.lists(st.integers(0, 3 * MINUTE), max_size=60))
def test_never_more_than_two_minutes_worth_fits_into_a_minute(limit: int, gaps: list[int]) -> None:
    rates, now, taken = Rates(), 0, list[int]()
    for gap in gaps:
        now += gap
        taken += [now] * sum(rates.take(("mei",), limit, now) for _ in range(3 * limit))
    assert all(sum(start <= at < start + MINUTE for at in taken) <= 2 * limit for start in set(taken))


def test_a_bucket_is_full_at_first_and_again_after_a_minute() -> None:
    rates = Rates()
    assert [rates.take(("mei",), 3, 0) for _ in range(5)] == [True, True, True, False, False]
    assert not rates.take(("mei",), 3, 19_000)
    assert rates.take(("mei",), 3, 20_001)
    assert [rates.take(("mei",), 3, 20_001 + MINUTE) for _ in range(4)] == [True, True, True, False]


def test_a_clock_that_is_set_back_or_far_ahead_locks_nobody_out_and_gives_nothing_away() -> None:
    rates = Rates()
    assert rates.take(("mei",), 1, 10 * MINUTE)
    assert not rates.take(("mei",), 1, 0)
    assert rates.take(("mei",), 1, MINUTE)
    assert not rates.take(("mei",), 1, MINUTE)
    assert rates.take(("mei",), 1, 10**15)
    assert not rates.take(("mei",), 1, 10**15)


def test_names_beyond_number_take_no_memory_beyond_measure() -> None:
    rates = Rates()
    for number in range(60_000):
        rates.take((str(number),), 5, number)
    assert len(rates._buckets) <= 20_000


# --- commands a minute ------------------------------------------------------------------------------------------------


async def test_a_person_may_give_ten_commands_a_minute_and_others_are_not_held_up(mouth: Mouth) -> None:
    desk = standing_still(mouth)
    assert await answered(desk, 12, asked()) == 10
    assert await answered(desk, 2, asked(who=replace(MEI, id="ada"))) == 2
    assert await answered(desk, 2, asked(who=replace(MEI, space="other"))) == 2


async def test_an_administrator_may_give_more_and_not_any_number(mouth: Mouth) -> None:
    desk = standing_still(mouth, commands_per_minute=2)
    assert await answered(desk, 30, asked(admin=True)) == 2 * ADMIN
    assert "more than 12 commands in a minute" in said(await handle(desk, asked(admin=True)))


async def test_a_space_has_a_rate_of_its_own_however_many_people_it_has(mouth: Mouth) -> None:
    desk = standing_still(mouth, commands_per_minute=1)
    people = [replace(MEI, id=f"p{n}") for n in range(SPACE + 5)]
    assert sum([await answered(desk, 1, asked(who=who)) for who in people]) == SPACE
    assert "too many commands here" in said(await handle(desk, asked(who=replace(MEI, id="late"))))
    assert await answered(desk, 1, asked(who=replace(MEI, space="other"))) == 1


async def test_nobody_alone_can_shut_out_their_space(mouth: Mouth) -> None:
    desk = standing_still(mouth, commands_per_minute=2)
    assert await answered(desk, 3 * 2 * SPACE, asked()) == 2
    assert await answered(desk, 1, asked(who=replace(MEI, id="ada"))) == 1


async def test_people_who_have_no_space_in_common_share_no_rate(mouth: Mouth) -> None:
    desk = standing_still(mouth, commands_per_minute=1)
    people = [Person("tower", "", f"p{n}") for n in range(SPACE + 5)]
    requests = [replace(asked(who=who), where=who.address) for who in people]
    assert sum([await answered(desk, 1, request) for request in requests]) == len(people)


async def test_the_operator_at_their_own_machine_is_not_counted(mouth: Mouth) -> None:
    desk = standing_still(mouth, commands_per_minute=1)
    assert await answered(desk, 100, asked(owner=True)) == 100


async def test_a_pasted_text_that_somebody_asks_about_is_one_of_their_commands(mouth: Mouth) -> None:
    desk = standing_still(mouth, commands_per_minute=2)
    replies = [await pasted(desk, asked(), "2611.00001") for _ in range(3)]
    assert [reply.failed for reply in replies] == [False, False, True]
    assert "more than 2 commands" in said(replies[-1])


# --- what nobody waits for --------------------------------------------------------------------------------------------


async def test_links_and_pages_beyond_a_generous_rate_are_dropped_without_a_word(mouth: Mouth) -> None:
    desk = standing_still(mouth, unasked_per_minute=3)
    replies = [await pasted(desk, asked(unasked=True), "2611.00001") for _ in range(4)]
    assert [bool(reply.cards) for reply in replies] == [True, True, True, False]
    page = await handle(desk, asked("saved list", unasked=True))
    assert (page.cards, page.failed) == ((), True)
    assert await answered(desk, 1, asked("saved list")) == 1, "what they ask for themselves is another matter"


async def test_links_of_many_people_fit_into_the_rate_of_their_space(mouth: Mouth) -> None:
    desk = standing_still(mouth, unasked_per_minute=1)
    people = [replace(MEI, id=f"p{n}") for n in range(SPACE + 5)]
    replies = [await pasted(desk, asked(who=who, unasked=True), "2611.00001") for who in people]
    assert sum(bool(reply.cards) for reply in replies) == SPACE


async def test_a_flood_of_links_asks_no_source_and_not_the_store(mouth: Mouth) -> None:
    class Counted:
        name, asked = "huggingface", 0

        async def lookup(self, key: str) -> None:
            self.asked += 1

    source = Counted()
    desk = replace(standing_still(mouth, unasked_per_minute=5), sources={"huggingface": source})  # type: ignore[dict-item]
    for number in range(200):
        await pasted(desk, asked(unasked=True), f"2512.{number:05}")
    assert source.asked == 5


async def test_a_text_that_names_no_paper_is_none_of_anybodys_links(mouth: Mouth) -> None:
    desk = standing_still(mouth, unasked_per_minute=1)
    for _ in range(5):
        await pasted(desk, asked(unasked=True), "good morning")
    assert (await pasted(desk, asked(unasked=True), "2611.00001")).cards


async def test_letters_typed_beyond_a_generous_rate_offer_nothing(mouth: Mouth) -> None:
    desk = standing_still(mouth, typed_per_minute=4)
    found = [await offers(desk, asked("show"), "paper", "video") for _ in range(6)]
    assert [bool(some) for some in found] == [True] * 4 + [False] * 2
    assert await offers(desk, asked("show", who=replace(MEI, id="ada")), "paper", "video")
    assert await answered(desk, 1, asked()) == 1


# --- how much one may have --------------------------------------------------------------------------------------------


async def test_a_channel_a_person_and_a_space_have_so_many_subscriptions_and_no_more(mouth: Mouth) -> None:
    desk = replace(mouth.desk, limits=Limits(per_channel=2, per_person=1, per_space=3))
    words = [f"subscribe word{n}" for n in range(3)]
    assert [(await mouth.say(text, desk=desk)).failed for text in words] == [False, False, True]
    assert [(await mouth.say(text, room="other", desk=desk)).failed for text in words[:2]] == [False, True]
    assert [(await mouth.say(f"alert add word{n}", desk=desk)).failed for n in range(2)] == [False, True]
    assert not (await mouth.say(words[0], space="elsewhere", desk=desk)).failed


async def test_a_query_has_a_longest_length_wherever_it_is_given(mouth: Mouth) -> None:
    desk = replace(mouth.desk, limits=Limits(query=30))
    await mouth.say("subscribe agents", desk=desk)
    long = "agents " + " ".join(f"-word{n}" for n in range(8))
    for line in (
        f"subscribe {long}",
        f"preview {long}",
        f"alert add {long}",
        f"edit 1 {long}",
    ):
        reply = await mouth.say(line, desk=desk)
        assert reply.failed, line


async def test_a_shelf_has_a_last_place_and_what_stands_there_can_still_be_noted(mouth: Mouth) -> None:
    desk = replace(mouth.desk, limits=Limits(saved=2))
    for number in (1, 2):
        assert not (await mouth.say(f"save 2611.0000{number}", desk=desk)).failed
    full = await mouth.say("save 2611.00003", desk=desk)
    assert full.failed
    assert "2 papers are saved already, and that is the limit" in said(full)
    assert not (await mouth.say("save 2611.00001 note:again", desk=desk)).failed
    assert not (await mouth.say("save 2611.00003", by="ada", desk=desk)).failed


async def test_one_can_wait_for_so_many_papers(mouth: Mouth) -> None:
    desk = replace(mouth.desk, limits=Limits(per_person=2))
    done = [(await mouth.say(f"watch add 2611.0000{number}", desk=desk)).failed for number in (1, 2, 3)]
    assert done == [False, False, True]


async def test_a_list_of_managers_has_an_end_and_whoever_is_on_it_can_go(mouth: Mouth) -> None:
    desk = replace(mouth.desk, limits=Limits(managers=2))
    done = [
        (await mouth.say(f"admin permissions add:{who}", admin=True, desk=desk)).failed for who in ("ada", "bo", "cy")
    ]
    assert done == [False, False, True]
    assert not (await mouth.say("admin permissions add:ada", admin=True, desk=desk)).failed
    assert not (await mouth.say("admin permissions remove:ada add:cy", admin=True, desk=desk)).failed
    assert (await mouth.store.people.space("tower", "lab")).managers == ("bo", "cy")


@pytest.mark.parametrize(
    "entries",
    [
        [Entry(room=f"r{n}") for n in range(201)],
        [Entry(room="r", subscriptions=tuple(Line(query=f"word{n}") for n in range(1001)))],
    ],
    ids=["channels", "subscriptions"],
)
async def test_an_import_of_too_much_is_refused_before_anything_is_made(mouth: Mouth, entries: list[Entry]) -> None:
    reply = await mouth.say(f"admin import {portable.dump(entries)}", admin=True)
    assert reply.failed
    assert "can be imported at once" in said(reply)
    assert await mouth.store.subscriptions.targets() == []


async def test_a_channels_posts_a_day_have_a_most_that_nobody_can_lift(mouth: Mouth) -> None:
    reply = await mouth.say("admin settings cap:100000", admin=True)
    assert reply.failed
