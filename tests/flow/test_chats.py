"""Paperboy whole, between stand-ins of Slack, Discord and Hugging Face: what people do and what is posted.

Each test ends with the assertion that nothing was sent that a platform would refuse, and that every answer was in time.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.flow.chats import Chats, chatting, items, opened, said, shown, standing, words
from tests.standins.discord_world import Message

PAPERS = items()
PAPER = PAPERS[0]
KEY = PAPER["paper"]["id"]
TITLE = PAPER["title"]


@pytest.fixture
async def chats(tmp_path: Path) -> AsyncIterator[Chats]:
    """Lists have been read before, so that what comes now is new."""
    async with chatting(tmp_path) as chats:
        await chats.news(PAPERS[-1])
        yield chats


async def subscribed(chats: Chats, query: str = "votes>=1", **options: Any) -> None:
    """Both channels, by their administrators."""
    given = " ".join(f"{name}:{value}" for name, value in options.items())
    assert "Subscription #1" in (await chats.say("subscribe", where=chats.room, query=query, **options)).text
    assert "Subscription #1" in words(await chats.enter(f"subscribe {query} {given}"))


async def post_of(chats: Chats) -> Message:
    """The one post of one paper at Discord; Slack has one too."""
    await subscribed(chats)
    await chats.news(PAPER)
    (post,) = [m for m in chats.discord.messages(chats.room) if m.author is chats.discord.bot and m.embeds]
    return post


# --- from a command to posts ------------------------------------------------------------------------------------------


async def test_a_new_list_appears_once_wherever_somebody_asked_for_it(chats: Chats) -> None:
    await subscribed(chats)
    await chats.say("alert add", by=chats.member, query="votes>=1")
    await chats.enter("alert add votes>=1", by=chats.slack.reader)
    await chats.news(*PAPERS[:2])
    await chats.news()
    wanted = sorted(item["paper"]["id"] for item in PAPERS[:2])
    direct = chats.slack.direct(chats.slack.bot, chats.slack.reader)
    places = [chats.posted(), chats.told(), chats.posted(chats.discord.dm(chats.member)), chats.told(direct)]
    assert [sorted(shown) for shown in places] == [wanted] * 4
    assert chats.told("general") == []


async def test_a_paper_that_two_subscriptions_ask_for_is_one_post_with_both_reasons(chats: Chats) -> None:
    word = TITLE.split()[1].strip(":,").lower()
    await subscribed(chats)
    await chats.enter(f"subscribe {word}")
    await chats.say("subscribe", where=chats.room, query=word)
    await chats.news(PAPER)
    assert (chats.posted(), chats.told()) == ([KEY], [KEY])
    (there,) = [m for m in chats.slack.messages("papers") if m.metadata]
    (here,) = [m for m in chats.discord.messages(chats.room) if m.embeds]
    for text in (str(there.blocks), str(here.embeds)):
        assert word in text
        assert "votes" in text


async def test_a_digest_is_one_message_at_its_hour_and_a_thread_has_a_card_for_each_paper(chats: Chats) -> None:
    await subscribed(chats, format="thread")
    await chats.news(*PAPERS[:3])
    first, *below = [m for m in chats.slack.messages("papers") if m.metadata]
    assert [m.thread_ts for m in below] == [first.ts] * 3
    (parent,) = [m for m in chats.discord.messages(chats.room) if m.thread]
    assert parent.thread is not None
    assert sorted(chats.posted(parent.thread)) == sorted(item["paper"]["id"] for item in PAPERS[:3])


# --- what can be pressed ----------------------------------------------------------------------------------------------


async def test_every_button_of_a_post_answers_whoever_pressed_it_also_after_a_restart(tmp_path: Path) -> None:
    async with standing(tmp_path) as chats:
        async with opened(chats):
            await chats.news(PAPERS[-1])
            post = await post_of(chats)
            await _press_all_at_discord(chats, post)
            await _press_all_at_slack(chats)
        async with opened(chats):
            await _press_all_at_discord(chats, post)
            await _press_all_at_slack(chats)
    assert (chats.posted(), chats.told()) == ([KEY], [KEY])


PRESSED = {
    "Save": "aved",
    "More like this": "Like “",
    "Less": "Fewer papers like",
    "Abstract": PAPER["paper"]["summary"][:60],
    "Cite": "@",
}
"""The buttons of a paper, and what stands in the answer."""


async def _press_all_at_discord(chats: Chats, post: Message) -> None:
    for label, expected in PRESSED.items():
        answer = await chats.discord.click(post, label, user=chats.member)
        assert expected in answer.text
        assert answer.ephemeral
    saved = await chats.say("saved list", by=chats.member)
    assert TITLE[:40] in saved.text


async def _press_all_at_slack(chats: Chats) -> None:
    (post,) = [m for m in chats.slack.messages("papers") if m.metadata]
    for label, expected in PRESSED.items():
        answer = await chats.slack.press(post, label, by=chats.slack.reader)
        assert expected in words(answer)
        assert answer.message.only_for == chats.slack.reader.id
    assert TITLE[:40] in words(await chats.enter("saved list", by=chats.slack.reader))


async def test_pages_are_turned_in_place_both_ways_also_after_a_restart(tmp_path: Path) -> None:
    async with standing(tmp_path) as chats:
        async with opened(chats):
            await chats.news(*PAPERS)
            listed = await chats.say("today", by=chats.member, where=chats.room)
            typed = await chats.enter("today", by=chats.slack.reader)
            first_page = [shown(said(listed.messages[0])), shown(typed.message.blocks)]
        async with opened(chats):
            await chats.discord.click(listed, "▶")
            await chats.slack.press(typed, "Next ▶")
            second = [shown(said(listed.messages[0])), shown(typed.message.blocks)]
            assert len(typed.messages) == 1
            await chats.discord.click(listed, "◀")
            await chats.slack.press(typed, "◀ Back")
            assert [shown(said(listed.messages[0])), shown(typed.message.blocks)] == first_page
    assert first_page[0] == first_page[1]
    assert second[0] == second[1]
    assert not set(first_page[0]) & set(second[0])


async def test_a_private_answer_is_shared_with_everybody_when_its_owner_says_so(chats: Chats) -> None:
    looked = await chats.say("show", by=chats.member, where=chats.room, paper=PAPERS[-1]["paper"]["id"])
    typed = await chats.enter(f"show {PAPERS[-1]['paper']['id']}", by=chats.slack.reader)
    assert looked.ephemeral
    assert typed.message.only_for
    await chats.discord.click(looked, "Share to channel")
    await chats.slack.press(typed, "Share to channel")
    assert chats.posted() == chats.told() == [PAPERS[-1]["paper"]["id"]]
    assert [m.ephemeral for m in chats.discord.messages(chats.room) if m.embeds][-1] is False


async def test_a_form_subscribes_as_its_line_would_and_says_why_where_it_cannot(chats: Chats) -> None:
    opened_form = await chats.enter("subscribe", by=chats.slack.reader)
    refused = await chats.slack.submit(opened_form.view, {"query": "-survey"}, wait=False)
    assert "query" in refused.errors
    sent = await chats.slack.submit(opened_form.view, {"query": "votes>=5", "every": "instant"}, wait=False)
    assert sent.errors == {}
    await opened_form.wait(lambda answer: len(answer.messages) == 2)
    assert "reader subscribed" in str([m.text for m in chats.slack.messages("papers")])
    await chats.news(PAPER)
    assert chats.told() == [KEY]


async def test_what_is_typed_is_completed_from_what_is_there(chats: Chats) -> None:
    await subscribed(chats)
    offered = await chats.discord.autocomplete(chats.owner, "papers", "unsubscribe", ("id", ""), where=chats.room)
    assert [choice["value"] for choice in offered] == ["1", "all"]
    named = await chats.discord.autocomplete(chats.member, "papers", "show", ("paper", ""), where=chats.room)
    assert [choice["value"] for choice in named] == [PAPERS[-1]["paper"]["id"]]
    home = await chats.slack.open_home(chats.slack.reader)
    form = await chats.slack.press(home.view, "Watch a paper")
    found = await chats.slack.suggest(form.view, "paper", "")
    assert [choice["value"] for choice in found] == [PAPERS[-1]["paper"]["id"]]


async def test_a_link_somebody_pastes_is_told_when_it_was_here_before(chats: Chats) -> None:
    await post_of(chats)
    chats.clock.advance(hours=50)
    pasted = chats.discord.say(chats.member, chats.room, f"look: https://arxiv.org/abs/{KEY}")
    answer = await chats.discord.menu(pasted, "Look up papers here", user=chats.member)
    assert "already here 2 days ago" in str(answer.messages[0].embeds)
    await chats.slack.link_shared("papers", [f"https://arxiv.org/abs/{KEY}"], chats.slack.reader)
    (link,) = [m for m in chats.slack.messages("papers") if m.unfurls]
    assert "already here 2 days ago" in str(link.unfurls)
