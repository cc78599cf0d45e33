"""Autocomplete: what is offered for every kind of value, that it is sound, and that it is nobody else's."""

import logging
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands import TABLE, handle, offers
from bot.commands.completing import completions, ending
from bot.commands.offering import LONGEST, MOST
from bot.commands.table import Command, Desk, Option
from bot.errors import StoreError
from bot.model import Address, Organization, Person, Request
from bot.query import parse
from tests.commands.at_desk import MONDAY, Mouth, at_desk, ms, paper

PAPERS = (
    paper(1, "Video agents", organization=Organization("acme", "Acme Labs"), votes=3),
    paper(2, "Diffusion maps", organization=Organization("acme", "Acme Labs")),
    paper(3, "A title that goes on " + "and on " * 40),
)


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[Mouth]:
    async with at_desk(tmp_path) as mouth:
        await mouth.read_day(date(2026, 11, 20), paper(9, "Old video"))
        await mouth.read_day(MONDAY.date(), *PAPERS)
        yield mouth


async def offered(bot: Mouth, command: str, option: str, typed: str = "", **more: Any) -> list[tuple[str, str]]:
    """(label, value) of what is offered; ``by``, ``room``, ``alone`` and given ``options`` as somebody has them."""
    person = Person("tower", more.get("space", "lab"), more.get("by", "mei"))
    where = person.address if more.get("alone") else Address("tower", person.space, more.get("room", "papers"))
    request = Request(command=command, options=more.get("options", {}), person=person, where=where)
    return [(offer.label, offer.value) for offer in await offers(bot.desk, request, option, typed)]


async def values(bot: Mouth, command: str, option: str, typed: str = "", **more: Any) -> list[str]:
    return [value for _, value in await offered(bot, command, option, typed, **more)]


# --- papers -----------------------------------------------------------------------------------------------------------


async def test_the_newest_list_is_offered_where_nothing_is_typed_and_titles_where_something_is(bot: Mouth) -> None:
    assert (await offered(bot, "show", "paper"))[0] == ("2611.00001 · Video agents", "2611.00001")
    assert await values(bot, "show", "paper") == ["2611.00001", "2611.00002", "2611.00003"]
    assert await values(bot, "cite", "paper", "vid") == ["2611.00001", "2611.00009"]
    assert await values(bot, "cite", "paper", "nothing like it") == []


async def test_an_exact_id_or_address_comes_first_also_of_a_paper_never_seen(bot: Mouth) -> None:
    assert await values(bot, "show", "paper", "https://arxiv.org/pdf/2611.00002v3") == ["2611.00002"]
    assert await offered(bot, "show", "paper", "1706.03762") == [("1706.03762 · not seen here yet", "1706.03762")]
    assert await values(bot, "show", "paper", "2611.000") == ["2611.00001", "2611.00002", "2611.00003"]
    assert await values(bot, "show", "paper", "2611.00001 and more") == []


async def test_of_the_shelf_only_ones_own_is_offered(bot: Mouth) -> None:
    await bot.say("save 2611.00001")
    await bot.say("save 2611.00002", by="kai")
    assert await values(bot, "saved remove", "paper") == ["2611.00001"]
    assert await values(bot, "saved remove", "paper", "maps", by="kai") == ["2611.00002"]
    assert await values(bot, "saved remove", "paper", "maps") == []
    assert await values(bot, "saved remove", "paper", by="mei", space="other") == []


# --- numbers of lists -------------------------------------------------------------------------------------------------


async def test_subscriptions_of_this_channel_are_offered_with_query_and_cadence(bot: Mouth) -> None:
    await bot.say("subscribe video every:daily at:09:00")
    await bot.say("subscribe maps", room="other")
    assert await offered(bot, "unsubscribe", "id") == [("#1 “video” · daily at 09:00", "1"), ("all of them", "all")]
    assert await values(bot, "edit", "id") == ["1"]
    assert await offered(bot, "pause", "id", "map", room="other") == [("#1 “maps” · at once", "1")]
    assert await values(bot, "pause", "id", "#1") == ["1"]
    for elsewhere in ({"room": "third"}, {"space": "other"}, {"alone": True}):
        assert await values(bot, "unsubscribe", "id", **elsewhere) == []


async def test_alerts_and_watches_are_ones_own_wherever_one_asks(bot: Mouth) -> None:
    await bot.say("alert add agents", by="kai")
    await bot.say("watch 2611.00001 votes:50", by="kai")
    assert await offered(bot, "alert remove", "id", by="kai") == [
        ("#1 “agents” · at once", "1"),
        ("all of them", "all"),
    ]
    assert await offered(bot, "watch remove", "id", "vid", by="kai") == [("#1 Video agents · votes>=50", "1")]
    assert await values(bot, "unsubscribe", "id", by="kai", alone=True) == ["1", "all"]
    assert await values(bot, "alert remove", "id") == await values(bot, "watch remove", "id") == []


# --- days, hours, amounts ---------------------------------------------------------------------------------------------


async def test_days_weeks_and_months_are_those_that_have_a_list(bot: Mouth) -> None:
    assert await offered(bot, "today", "date") == [("Mon 23 Nov", "2026-11-23"), ("Fri 20 Nov", "2026-11-20")]
    assert await values(bot, "today", "date", "fri") == ["2026-11-20"]
    assert (await offered(bot, "week", "week"))[1] == ("2026-W47 · from Mon 16 Nov", "2026-W47")
    assert await offered(bot, "month", "month", "nov") == [("November 2026", "2026-11")]
    assert (await values(bot, "more", "date"))[:2] == ["2026-11-23", "2026-11-22"]


async def test_zones_are_found_by_any_part_with_the_hour_it_is_there(bot: Mouth) -> None:
    assert await offered(bot, "me timezone", "timezone", "new yo") == [
        ("America/New York · now 07:00", "America/New_York")
    ]
    assert (await values(bot, "admin settings", "timezone", "berlin")) == ["Europe/Berlin"]
    assert (await values(bot, "me timezone", "timezone"))[0] == "UTC"


async def test_what_is_typed_comes_first_where_it_can_be_read(bot: Mouth) -> None:
    assert (await values(bot, "subscribe", "at", "7pm")) == ["19:00"]
    assert (await values(bot, "me quiet", "quiet", "21-7")) == ["21:00-07:00"]
    assert (await values(bot, "pause", "until", "fri")) == ["fri"]
    assert (await offered(bot, "search", "since", "3w")) == [("3w · since Mon 2 Nov", "3w")]
    assert (await values(bot, "subscribe", "max", "7"))[0] == "7"
    assert (await values(bot, "subscribe", "at"))[0] == "09:00"
    assert ("0 · no maximum", "0") in await offered(bot, "subscribe", "max")


async def test_a_pause_ends_in_the_rooms_own_time(bot: Mouth) -> None:
    await bot.say("subscribe video")
    await bot.say("admin settings timezone:Asia/Tokyo", manager=True)
    assert (await offered(bot, "pause", "until", "18:00"))[0][0] == "18:00 · until Tue 24 Nov 18:00"


async def test_choices_and_help_topics_are_offered_and_free_text_is_not(bot: Mouth) -> None:
    assert await values(bot, "subscribe", "every") == ["instant", "daily", "weekly"]
    assert await values(bot, "subscribe", "every", "da") == ["daily"]
    assert (await values(bot, "help", "topic", "alert"))[0] == "alert add"
    assert await values(bot, "subscribe", "mention", "@") == []
    assert await values(bot, "admin permissions", "add", "m") == []


# --- queries ----------------------------------------------------------------------------------------------------------


async def test_the_last_word_of_a_query_is_completed_and_the_rest_kept(bot: Mouth) -> None:
    assert "-survey cat:cs.CV" in await values(bot, "subscribe", "query", "-survey cat:cs.c")
    assert ("cat:cs.CV · Computer Vision and Pattern Recognition", "cat:cs.CV") in await offered(
        bot, "subscribe", "query", "cat:visi"
    )
    assert 'video -org:"Acme Labs"' in await values(bot, "subscribe", "query", "video -org:ac")
    assert 'org:"Acme Labs"' in await values(bot, "search", "query", 'org:"Acme L')
    assert 'org:"Acme Labs"' in await values(bot, "search", "query", "labs")
    assert await values(bot, "alert add", "query", "maps is:") == ["maps is:daily", "maps is:trending", "maps is:new"]
    assert "maps votes>=10" in await values(bot, "preview", "query", "maps vo")
    assert "maps votes>=30" in await values(bot, "preview", "query", "maps votes>=3")
    assert "title:" in await values(bot, "search", "query", "ti")


async def test_a_query_that_parses_is_offered_itself_with_what_is_open_closed(bot: Mouth) -> None:
    assert (await values(bot, "search", "query", "video diff"))[0] == "video diff"
    assert (await values(bot, "search", "query", '(video OR "world mo'))[0] == '(video OR "world mo")'


async def test_examples_are_offered_where_nothing_is_typed_but_while_editing_the_query_itself(bot: Mouth) -> None:
    for query in await values(bot, "subscribe", "query"):
        parse(query)
    await bot.say("subscribe video maps")
    assert (await values(bot, "edit", "query", options={"id": "1"}))[0] == "video maps"
    assert "video maps has:code" in await values(bot, "edit", "query", options={"id": "1"})
    assert (await values(bot, "alert edit", "query", options={"id": "1"}))[0] == "video diffusion"


@given(st.text(alphabet='ab(" -:cat>=1“”\n', max_size=30), st.lists(st.text(max_size=12), max_size=3))
def test_a_completion_begins_with_what_was_typed_before_it(typed: str, organizations: list[str]) -> None:
    before = ending(typed).before
    for offer in completions(typed, organizations) if typed.strip() else []:
        assert offer.value.startswith(before.strip()[: len(offer.value)])


# --- whatever is asked ------------------------------------------------------------------------------------------------

_SLIPS = ("", "a", "video", "#1", '"', "(", "\0", "x" * 300, "2611.00001", "votes>=", "cat:", 'org:"', "24:61", "😀")
_EVERY = [(command, option) for command in TABLE for option in command.options]


@pytest.mark.parametrize(("command", "option"), _EVERY, ids=lambda one: one.name.replace(" ", "-"))
async def test_whatever_is_typed_what_is_offered_is_short_and_each_once(
    bot: Mouth, command: Command, option: Option
) -> None:
    await bot.say("subscribe " + "video " * 25 + "end")
    for typed in _SLIPS:
        found = await offered(bot, command.name, option.name, typed)
        assert len(found) <= MOST
        assert len({value for _, value in found}) == len(found)
        for label, value in found:
            assert 0 < len(label) <= LONGEST
            assert 0 < len(value) <= LONGEST


async def test_every_first_offer_is_taken_by_its_command(bot: Mouth) -> None:
    for line in ("subscribe video", "alert add agents", "save 2611.00001", "watch 2611.00001 votes:50"):
        await bot.say(line)
    needed = {"paper": "2611.00001", "query": "video"}
    for command, option in _EVERY:
        if option.kind in ("text", "person", "choice") or command.writes or option.silent:
            continue
        for value in (await values(bot, command.name, option.name))[:3]:
            options = {o.name: needed[o.name] for o in command.options if o.required} | {option.name: value}
            person = Person("tower", "lab", "mei")
            bot.now += 10_000
            asked = Request(command=command.name, options=options, person=person, where=person.address, admin=True)
            assert not (await handle(bot.desk, asked)).failed, (command.name, option.name, value)


async def test_nothing_is_offered_for_what_is_not_there(bot: Mouth) -> None:
    assert await offered(bot, "fly", "query") == []
    assert await offered(bot, "search", "colour") == []


async def test_a_failing_store_or_a_mistake_of_ours_offers_nothing(
    bot: Mouth, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(*_: object) -> object:
        raise StoreError("The disk is full.")

    async def slip(*_: object) -> object:
        raise ZeroDivisionError

    where = Address("tower", "lab", "papers")
    asked = Request(command="show", person=Person("tower", "lab", "mei"), where=where)
    for days, logged in ((fail, 0), (slip, 1)):
        store: Any = SimpleNamespace(papers=SimpleNamespace(days=days))
        with caplog.at_level(logging.ERROR):
            assert await offers(Desk(store=store, clock=lambda: ms(MONDAY)), asked, "paper", "") == []
        assert len(caplog.records) == logged


async def test_offers_read_only(bot: Mouth) -> None:
    before = await bot.store.subscriptions.targets()
    for command, option in _EVERY:
        await offered(bot, command.name, option.name, "v", alone=True)
    assert await bot.store.subscriptions.targets() == before
