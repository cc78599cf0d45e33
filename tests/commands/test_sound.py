"""Lines that are offered: they work, they lose no word, and they wish for nothing that nobody asked for."""

from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards import Reply
from bot.commands import TABLE, read
from bot.commands.reading import write
from bot.commands.sound import check, sound
from bot.commands.table import Command
from bot.errors import CommandError
from tests.commands.at_desk import MONDAY, Mouth, at_desk, ms, paper, said

NOW = ms(MONDAY)


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[Mouth]:
    async with at_desk(tmp_path) as mouth:
        await mouth.read_day(MONDAY.date(), paper(1, "Video agents", votes=12))
        yield mouth


def offered(reply: Reply) -> str:
    assert reply.failed
    return reply.cards[0].code


VALUES = st.sampled_from((
    "", "25", "25:00", "9", "9am", "30d", "0d", "-1", "0", "5", "999999", "foo", "off", "all", "#3", "2026-13-45",
    "2026-11-23", "2026-W99", "last", "monday", "mondy", "tomorow", "22:00-22:00", "22:00-25:00", "Europe/Berlim",
    "berlin", "votes>=abc", "has:foo", "author:", '"open', "yes", "daily", "weekly", "dayly", "2611.00001 twice",
    "10.1000/x", "@mei", "two words",
))  # fmt: skip


def lines(command: Command) -> st.SearchStrategy[str]:
    options = st.fixed_dictionaries({}, optional={option.name: VALUES for option in command.options})
    return options.map(lambda given: write(command, given))


@given(st.sampled_from(TABLE).flatmap(lines))
def test_every_value_of_an_offered_line_can_be_read(line: str) -> None:
    mended = sound(line, NOW)
    if mended:
        command, options = read(mended)
        for name, value in options.items():
            option = command.option(name)
            assert option is not None
            if not option.silent:
                check(option, value, NOW)


@given(st.sampled_from(TABLE).flatmap(lines))
def test_what_works_is_offered_as_it_is(line: str) -> None:
    with suppress(CommandError):
        command, options = read(line)
        for name, value in options.items():
            option = command.option(name)
            assert option is not None
            check(option, value, NOW)
        assert sound(line, NOW) == line


@pytest.mark.parametrize(
    ("typed", "told", "mended"),
    [
        ("subscribe diffusion at:25", 'I cannot read "25" as a time of day', "/papers help subscribe"),
        ("subscribe diffusion at:25 on:monday", 'I cannot read "25" as a time of day', "/papers help subscribe"),
        ("subscribe diffusion has:foo", "there are has:code", "/papers help query"),
        ("subscribe diffusion has:cod", "did you mean has:code?", "/papers subscribe diffusion has:code"),
        ("subscribe votes>=abc", '"abc" is not a whole number', "/papers help query"),
        ("subscribe votes>=-1", '"-1" is less than any paper has', "/papers help query"),
        ("subscribe cat:robotics arm", "not an arXiv category", "/papers help query"),
        ("search video in:nowhere", "in: can be local, hf, arxiv", "/papers help search"),
        ("searchworld models", "did you mean search?", "/papers search world models"),
        ("worldsearch models", "I do not know the command", "/papers search worldsearch models"),
    ],
)
async def test_nothing_is_invented_dropped_or_offered_in_vain(bot: Mouth, typed: str, told: str, mended: str) -> None:
    reply = await bot.say(typed)
    assert told in said(reply)
    assert offered(reply) == mended


def test_an_end_that_is_over_is_no_line_to_offer_where_the_day_is_known() -> None:
    over = "/papers pause id:1 until:2026-11-20"
    assert sound(over, NOW) == "/papers subscriptions"
    assert sound(over) == over


# --- words beside a paper, and channels among words -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "told", "mended"),
    [
        ("save 2611.00001 note:two words", 'note:"two words"', '/papers save note:"two words" 2611.00001'),
        ("save 2611.00001 two words", 'such as note:"two words"', "/papers help save"),
        ("cite 2611.00001 ris", "such as as:ris", "/papers cite as:ris 2611.00001"),
        ("watch add 2611.00001 fifty", "such as votes:…", "/papers help watch add"),
        ("why 2611.00001 here", 'but not "here" beside it.', "/papers why 2611.00001"),
    ],
)
async def test_a_misplaced_word_is_told_with_an_option_that_the_command_has(
    bot: Mouth, typed: str, told: str, mended: str
) -> None:
    reply = await bot.say(typed)
    assert told in said(reply)
    assert offered(reply) == mended


@pytest.mark.parametrize("reference", ["<#C123|general>", "<#123>", "<#C123|>"])
@pytest.mark.parametrize("command", ["subscribe", "preview", "search", "alert add"])
async def test_a_channel_among_the_words_of_a_query_is_no_word(bot: Mouth, command: str, reference: str) -> None:
    reply = await bot.say(f"{command} video {reference}")
    assert f"That is a channel: type the command there: /papers {command} video" in said(reply)
    assert "That is a channel: type the command there." in said(await bot.say(f"{command} {reference}"))


# --- the same query once more -----------------------------------------------------------------------------------------


async def test_the_same_query_with_other_options_leads_to_an_edit(bot: Mouth) -> None:
    await bot.say("subscribe video")
    reply = await bot.say("subscribe video every:daily at:09:00 max:3", manager=True)
    assert offered(reply) == "/papers edit id:1 every:daily at:09:00 max:3"
    assert not (await bot.say(offered(reply))).failed
    assert offered(await bot.say("subscribe video every:daily at:9")) == "/papers subscriptions"
    assert offered(await bot.say("subscribe video mention:@team", manager=True)) == "/papers edit id:1 mention:@team"
    assert offered(await bot.say("subscribe video")) == "/papers subscriptions"
    await bot.say("alert add video")
    assert offered(await bot.say("alert add video every:weekly")) == "/papers alert edit id:1 every:weekly"


# --- what there is to share -------------------------------------------------------------------------------------------


async def test_an_answer_that_found_nothing_is_not_shared(bot: Mouth) -> None:
    assert (await bot.say("search agents")).share
    assert not (await bot.say("search proteins")).share
    assert not (await bot.say("trending")).share
    assert not (await bot.say("show 9999.99999")).share
    assert not (await bot.say("search agents", barred="I am not here.")).share
