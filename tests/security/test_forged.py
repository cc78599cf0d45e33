"""What might be forged: buttons that carry another command, keys of what others were told, strangers' addresses."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from adapters.discord import buttons
from adapters.discord.remembered import recall, remember
from bot import portable
from bot.errors import DeliveryError
from bot.portable import Entry, Line
from bot.ports import Notes
from bot.store.sqlite import open_store
from tests.adapters.at_discord import adapter, outgoing, where
from tests.flow.chats import Chats, chatting, items, words
from tests.standins import discord as standin

PAPER = items()[0]
KEY = PAPER["paper"]["id"]


@pytest.fixture
async def chats(tmp_path: Path) -> AsyncIterator[Chats]:
    async with chatting(tmp_path) as chats:
        yield chats


@pytest.fixture
async def notes(tmp_path: Path) -> AsyncIterator[Notes]:
    async with open_store(tmp_path / "paperboy.db", now=0) as store:
        yield store.notes


def buttons_in(parts: Any) -> list[dict[str, Any]]:
    """Every button below some blocks or components, as the stand-in keeps them."""
    if isinstance(parts, list):
        return [found for part in parts for found in buttons_in(part)]
    if not isinstance(parts, dict):
        return []
    own = [parts] if parts.get("custom_id") or parts.get("action_id") else []
    return own + [found for part in parts.values() if isinstance(part, list | dict) for found in buttons_in(part)]


# --- buttons ----------------------------------------------------------------------------------------------------------


async def is_paused(chats: Chats, platform: str, space: object) -> bool:
    return (await chats.bot.store.people.space(platform, str(space))).paused


@pytest.mark.parametrize("verb", ["run", "turn", "share"])
async def test_a_forged_button_at_discord_gives_whoever_presses_it_no_right(chats: Chats, verb: buttons.Verb) -> None:
    await chats.news(PAPER)
    shown = await chats.say("show", by=chats.member, where=chats.room, paper=KEY)
    button = buttons_in(shown.messages[0].components)[0]
    button["custom_id"] = buttons.custom_id(verb, "/papers admin pause-all", 0)
    pressed = await chats.discord.click(shown, button["label"], user=chats.member)
    assert "for administrators of this space" in pressed.text
    assert not await is_paused(chats, "discord", chats.guild.id)


@pytest.mark.parametrize("verb", ["run", "turn", "share"])
async def test_a_forged_button_at_slack_gives_whoever_presses_it_no_right(chats: Chats, verb: str) -> None:
    await chats.news(PAPER)
    shown = await chats.enter(f"show {KEY}", by=chats.slack.reader)
    button = next(found for found in buttons_in(shown.message.blocks) if found.get("value"))
    button |= {"action_id": f"pb.{verb}.0", "value": "/papers admin pause-all"}
    pressed = await chats.slack.press(shown, button["text"]["text"], by=chats.slack.reader)
    assert "for administrators of this space" in words(pressed)
    assert not await is_paused(chats, "slack", chats.slack.lab.id)


async def test_a_forged_button_reaches_nothing_of_anybody_but_who_pressed_it(chats: Chats) -> None:
    await chats.news(PAPER)
    await chats.say("save", by=chats.member, paper=KEY, note="mine alone")
    shown = await chats.say("show", by=chats.owner, where=chats.room, paper=KEY)
    button = buttons_in(shown.messages[0].components)[0]
    button["custom_id"] = buttons.custom_id("run", "/papers saved list", 0)
    pressed = await chats.discord.click(shown, button["label"], user=chats.owner)
    assert "mine alone" not in str([m.embeds for m in pressed.messages])


@pytest.mark.parametrize("forged", ["2:{}", "1:{}", "{}:", ":{}", "", "%", "{}\n", "{0}{0}"])
async def test_what_one_person_was_told_has_no_name_that_another_could_forge(notes: Notes, forged: str) -> None:
    key = buttons.key("/papers search mine")
    await remember(notes, {key: "/papers search mine"}, 0, "1")
    assert await recall(notes, key, "1") == "/papers search mine"
    assert await recall(notes, key, "2") is None
    assert await recall(notes, forged.format(key), "2") is None


# --- addresses --------------------------------------------------------------------------------------------------------


async def test_a_channel_of_another_server_is_posted_to_under_no_other_name(notes: Notes, tmp_path: Path) -> None:
    async with standin.Discord(identify_pause=0.0) as server, adapter(server, notes) as made:
        ours, theirs = server.guild("ours", ["papers"]), server.guild("theirs", ["secret"])
        secret = where(server.channel(theirs, "secret"))
        forged = type(secret)(secret.platform, str(ours.id), secret.room)
        with pytest.raises(DeliveryError, match="another server") as refused:
            await made.send(outgoing(made, forged))
        assert refused.value.fault == "target"
        assert server.messages(server.channel(theirs, "secret")) == []


async def test_an_import_that_names_a_channel_of_another_server_posts_nothing_there(chats: Chats) -> None:
    theirs = chats.discord.guild("Another server", ["secret"])
    secret = chats.discord.channel(theirs, "secret")
    text = portable.dump([Entry(room=str(secret.id), subscriptions=(Line(query="*"),))])
    imported = await chats.say("admin import", where=chats.room, text=text)
    assert "added" in str([m.embeds for m in imported.messages])
    await chats.news(PAPER)
    (target,) = await chats.bot.store.subscriptions.targets("discord", str(chats.guild.id))
    assert "belongs to another server" in target.suspended
    assert chats.discord.messages(secret) == []


async def test_an_import_that_names_another_space_is_refused(chats: Chats) -> None:
    text = portable.dump([Entry(room="C1", platform="slack", space="T2", subscriptions=(Line(query="*"),))])
    reply = await chats.enter(f"admin import {text}")
    assert "not here" in words(reply)
    assert await chats.bot.store.subscriptions.targets("slack", "T2") == []
