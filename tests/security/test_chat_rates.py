"""Rates hold whichever way somebody comes in: lines, buttons, forms, menus, letters, links and pages, on both chats."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.flow.chats import Chats, items, opened, standing, words

PAPER = items()[0]
KEY = PAPER["paper"]["id"]
LINK = f"https://arxiv.org/abs/{KEY}"
MOST = 4
"""Commands a minute here."""


@pytest.fixture
async def chats(tmp_path: Path) -> AsyncIterator[Chats]:
    async with standing(tmp_path) as chats:
        chats.environ = {**chats.environ, "PAPERBOY_COMMANDS_PER_MINUTE": str(MOST)}
        async with opened(chats):
            await chats.news(PAPER)
            yield chats


def spend(chats: Chats, what: str, *name: str) -> None:
    """Nothing is left of what somebody may do unasked, or type; nor is at the next moment."""
    limits = chats.bot.desk.limits
    limit = limits.typed_per_minute if what == "typed" else limits.unasked_per_minute
    while chats.bot.desk.rates.take((what, *name), limit, chats.clock() + 60_000):
        pass


# --- Discord ----------------------------------------------------------------------------------------------------------


async def _by_line(chats: Chats) -> str:
    return str((await chats.say("show", by=chats.member, where=chats.room, paper=KEY)).text)


async def _by_menu(chats: Chats) -> str:
    message = chats.discord.say(chats.member, chats.room, LINK)
    return (await chats.discord.menu(message, "Look up papers here", user=chats.member)).text


def _by_button(label: str) -> Callable[[Chats], Awaitable[str]]:
    async def press(chats: Chats) -> str:
        shown = await chats.say("show", by=chats.owner, where=chats.room, paper=KEY)
        return (await chats.discord.click(shown, label, user=chats.member)).text

    return press


WAYS_AT_DISCORD = {"a line": _by_line, "a menu of a message": _by_menu, "a button": _by_button("Save")}


@pytest.mark.parametrize("way", WAYS_AT_DISCORD.values(), ids=WAYS_AT_DISCORD.keys())
async def test_every_way_at_discord_is_counted_as_one_of_the_persons_commands(
    chats: Chats, way: Callable[[Chats], Awaitable[str]]
) -> None:
    for _ in range(MOST):
        await _by_line(chats)
    assert f"more than {MOST} commands in a minute" in await way(chats)


async def test_letters_at_discord_offer_nothing_beyond_their_rate_and_commands_go_on(chats: Chats) -> None:
    async def typed() -> list[Any]:
        return await chats.discord.autocomplete(chats.member, "papers", "show", ("paper", ""), where=chats.room)

    assert await typed()
    spend(chats, "typed", "discord", "", str(chats.member.id))
    assert await typed() == []
    assert PAPER["paper"]["title"][:20] in await _by_line(chats)


# --- Slack ------------------------------------------------------------------------------------------------------------


async def _typed(chats: Chats) -> str:
    return words(await chats.enter(f"show {KEY}", by=chats.slack.reader))


async def _pressed(chats: Chats) -> str:
    shown = await chats.enter(f"show {KEY}", by=chats.slack.manager)
    return words(await chats.slack.press(shown, "Save", by=chats.slack.reader))


async def _sent(chats: Chats) -> str:
    home = await chats.slack.open_home(chats.slack.reader)
    form = await chats.slack.press(home.view, "Watch a paper", by=chats.slack.reader)
    chosen = {"text": {"type": "plain_text", "text": KEY}, "value": KEY}
    sent = await chats.slack.submit(form.view, {"paper": chosen}, wait=False)
    return str(sent.errors)


async def _looked_up(chats: Chats) -> str:
    message = chats.slack.say(chats.slack.manager, "papers", LINK)
    return words(await chats.slack.shortcut(message, "pb.papers", by=chats.slack.reader))


WAYS_AT_SLACK = {"a line": _typed, "a button": _pressed, "a form": _sent, "a menu of a message": _looked_up}


@pytest.mark.parametrize("way", WAYS_AT_SLACK.values(), ids=WAYS_AT_SLACK.keys())
async def test_every_way_at_slack_is_counted_as_one_of_the_persons_commands(
    chats: Chats, way: Callable[[Chats], Awaitable[str]]
) -> None:
    for _ in range(MOST):
        await _typed(chats)
    assert f"more than {MOST} commands in a minute" in await way(chats)


async def test_links_at_slack_are_left_alone_beyond_their_rate_and_commands_go_on(chats: Chats) -> None:
    async def linked() -> bool:
        await chats.slack.link_shared("papers", [LINK], chats.slack.reader)
        return bool([m for m in chats.slack.messages("papers") if m.links][-1].unfurls)

    assert await linked()
    spend(chats, "unasked", "slack", chats.slack.lab.id, chats.slack.reader.id)
    assert not await linked()
    assert PAPER["paper"]["title"][:20] in await _typed(chats)


async def test_a_home_tab_that_is_opened_too_often_stays_as_it_is(chats: Chats) -> None:
    await chats.slack.open_home(chats.slack.reader)
    spend(chats, "unasked", "slack", chats.slack.lab.id, chats.slack.reader.id)
    before = len([call for call in chats.slack.calls if call.method == "views.publish"])
    await chats.slack.open_home(chats.slack.reader, wait=False)
    await _typed(chats)
    assert len([call for call in chats.slack.calls if call.method == "views.publish"]) == before


async def test_letters_in_a_form_at_slack_offer_nothing_beyond_their_rate(chats: Chats) -> None:
    home = await chats.slack.open_home(chats.slack.reader)
    form = await chats.slack.press(home.view, "Watch a paper", by=chats.slack.reader)
    assert await chats.slack.suggest(form.view, "paper", "")
    spend(chats, "typed", "slack", chats.slack.lab.id, chats.slack.reader.id)
    assert await chats.slack.suggest(form.view, "paper", "") == []
