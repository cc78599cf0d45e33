"""``/papers me less``: what brings a paper, and commands that would bring fewer of its kind."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards import Reply
from bot.commands import read
from bot.commands.less import stricter, without
from bot.model import Facts, Paper
from bot.query import document, parse
from tests.commands.at_desk import LAB, MONDAY, Mouth, at_desk, paper, said

TODAY = date(2026, 11, 23)
SURVEY = paper(1, "A Survey of Video Agents", votes=12, categories=("cs.CV", "cs.AI"), abstract="We review agents.")
SURVEY = replace(SURVEY, facts=replace(SURVEY.facts, keywords=("world models",)))


@pytest.fixture
async def mouth(tmp_path: Path) -> AsyncIterator[Mouth]:
    async with at_desk(tmp_path) as mouth:
        await mouth.read_day(MONDAY.date(), SURVEY, paper(2, "Knots"))
        yield mouth


def commands(reply: Reply) -> dict[str, str]:
    return {button.label: button.command for card in reply.cards for button in card.buttons}


# --- queries that bring less ------------------------------------------------------------------------------------------


def test_a_paper_is_excluded_by_its_kind_first_then_by_a_keyword() -> None:
    assert without("agents", SURVEY, TODAY, 200) == [
        ("survey", "agents -survey"),
        ('"world model"', 'agents -"world model"'),
    ]


def test_without_either_by_its_category_unless_the_query_asks_for_it() -> None:
    plain = replace(SURVEY, title="Video Agents", facts=Facts())
    assert without("agents", plain, TODAY, 200)[0] == ("cat:cs.CV", "agents -cat:cs.CV")
    assert without("agents cat:cs.CV", plain, TODAY, 200) == [("video", "agents cat:cs.CV -video")]


def test_the_name_a_paper_gives_itself_is_nothing_to_exclude_others_by() -> None:
    named = replace(SURVEY, title="RynnWorld-4D: 4D Worlds for Robots", facts=Facts(), categories=())
    assert [word for word, _ in without("world*", named, TODAY, 200)] == ["robot"]


def test_alternatives_are_bracketed_before_something_is_excluded() -> None:
    assert without("video OR agents", SURVEY, TODAY, 200)[0][1] == "(video OR agents) -survey"


def test_votes_rise_to_the_next_step_above_the_papers_in_place_of_what_was_asked() -> None:
    assert stricter("agents", SURVEY, 200) == (25, "agents votes>=25")
    assert stricter("votes>=10 agents", SURVEY, 200) == (25, "agents votes>=25")
    assert stricter("video OR agents", SURVEY, 200) == (25, "(video OR agents) votes>=25")
    assert stricter("*", replace(SURVEY, facts=Facts()), 200) == (10, "* votes>=10")
    assert stricter("agents", replace(SURVEY, facts=Facts(votes=1000)), 200) is None


def test_what_would_grow_too_long_is_not_offered() -> None:
    assert stricter("agents", SURVEY, 10) is None
    assert without("agents", SURVEY, TODAY, 10) == []


QUERIES = st.sampled_from([
    "agents", "video OR agents", "(video OR image) -knots", "title:agents votes>=5", "*", "is:daily", "votes<50",
    'author:"Y. LeCun" OR agents', "cat:cs.CV", "keyword:(world OR agent) has:code", "survey", '"video agent"',
])  # fmt: skip
PAPERS = st.builds(
    Paper,
    key=st.just("arxiv:2611.00001"),
    title=st.text(max_size=60) | st.sampled_from(["A Survey", 'Say "agents"', "-video OR", "c++ (video)", "votes>=3"]),
    categories=st.sampled_from([(), ("cs.CV",), ("math.AG", "cs.CV"), ("weird",)]),
    facts=st.builds(Facts, votes=st.none() | st.integers(0, 2000), keywords=st.lists(st.text(max_size=20)).map(tuple)),
)


@given(QUERIES, PAPERS)
def test_whatever_is_offered_parses_and_leaves_this_paper_out(query: str, one: Paper) -> None:
    offered = [after for _, after in without(query, one, TODAY, 200)]
    higher = stricter(query, one, 200)
    for after in [*offered, *([higher[1]] if higher else [])]:
        assert parse(after, limit=200).match(document(one), TODAY) is None


# --- the answer -------------------------------------------------------------------------------------------------------


async def test_what_brings_the_paper_is_told_with_the_words_and_ways_to_fewer(mouth: Mouth) -> None:
    await mouth.say("subscribe video agents")
    await mouth.say("subscribe knots")
    await mouth.say("alert add survey votes>=10")
    reply = await mouth.say("me less 2611.00001")
    assert "It comes to #papers for subscription #1, “video agents”: video, agents." in said(reply)
    assert "It comes to your own messages for alert #1" in said(reply)
    assert "#2" not in said(reply)
    assert [button.label for button in reply.cards[1].buttons] == [
        "Without survey", 'Without "world model"', "From 25 votes on", "Pause for a week", "Remove",
    ]  # fmt: skip
    assert reply.private
    assert reply.share == ""


async def test_every_button_works_and_says_what_it_removes(mouth: Mouth) -> None:
    await mouth.say("subscribe video agents")
    reply = await mouth.say("me less 2611.00001")
    for label in ("Without survey", "From 25 votes on", "Pause for a week", "Remove"):
        assert not (await mouth.say(commands(reply)[label])).failed, label
    assert reply.cards[1].buttons[-1].confirm == "Remove subscription #1, “video agents”?"


async def test_alerts_are_edited_as_alerts_also_in_the_room_of_ones_own(mouth: Mouth) -> None:
    await mouth.say("alert add agents", alone=True)
    reply = await mouth.say("me less 2611.00001", alone=True)
    assert {read(command)[0].name for command in commands(reply).values()} == {
        "alert edit", "alert pause", "alert remove",
    }  # fmt: skip


async def test_who_may_not_manage_the_channel_gets_no_button_for_it(mouth: Mouth) -> None:
    await mouth.say("subscribe agents", manager=True)
    await mouth.store.people.edit_space(*LAB, lambda known: replace(known, policy="managers"))
    reply = await mouth.say("me less 2611.00001", by="kai")
    assert "is for the managers of #papers" in said(reply)
    assert commands(reply) == {}


async def test_other_peoples_alerts_are_not_told(mouth: Mouth) -> None:
    await mouth.say("alert add agents", by="kai")
    assert "brings this paper, so there is nothing to lessen" in said(await mouth.say("me less 2611.00001"))


async def test_a_subscription_that_brought_it_is_told_although_it_would_not_any_more(mouth: Mouth) -> None:
    await mouth.say("subscribe votes<5")
    target = await mouth.target()
    (one,) = await mouth.store.subscriptions.at(target.id)
    await mouth.wait_for(target, SURVEY, mouth.now, subscription=one.id)
    assert "for subscription #1" in said(await mouth.say("me less 2611.00001"))
