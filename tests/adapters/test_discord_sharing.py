"""What is for everybody and what for one: answers shared with a channel, people and roles called, private notes."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from adapters.discord import Discord
from adapters.discord.calling import ELSEWHERE, NOT_ONE
from adapters.discord.interactions import NOT_HERE, SHARED
from adapters.discord.people import called_by, told, unmarked
from bot.cards import Button, Card, Page, Reply, Row, notice
from bot.ports import Notes
from tests.adapters.at_discord import AskedCore, outgoing, person, post, serving, where
from tests.standins import discord as standin
from tests.standins.discord_actors import acked
from tests.standins.discord_answers import Answer
from tests.standins.discord_world import POSTING, Channel, Guild, Right, User

LONG = f"/papers search query:{'diffusion ' * 20}".strip()
SHARE = "Share to channel"


@pytest.fixture
async def server() -> AsyncIterator[standin.Discord]:
    async with standin.Discord(identify_pause=0.0) as started:
        started.guild("Lab", ["papers"])
        yield started
        assert started.violations == []


@pytest.fixture
def core() -> AskedCore:
    return AskedCore()


@pytest.fixture
async def discord(server: standin.Discord, notes: Notes, core: AskedCore) -> AsyncIterator[Discord]:
    async with serving(server, notes, core) as made:
        await asyncio.sleep(0.3)  # until the servers are known
        yield made


@pytest.fixture
def lab(server: standin.Discord) -> Guild:
    return next(iter(server.world.guilds.values()))


@pytest.fixture
def channel(server: standin.Discord, lab: Guild) -> Channel:
    return server.channel(lab, "papers")


@pytest.fixture
def reader(server: standin.Discord) -> User:
    return server.user("reader")


def saying(*cards: Card, **more: Any) -> Reply:
    return Reply(cards=cards or (notice("Here you are."),), **more)


async def further(answer: Answer, number: int = 1) -> Answer:
    return await answer.until(lambda a: len(a.followups) >= number)


# --- shared with the channel ------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("discord")
async def test_an_answer_is_shared_with_the_channel_once_and_says_by_whom(
    server: standin.Discord, core: AskedCore, reader: User, channel: Channel
) -> None:
    page = Page(number=1, total=2, next="/papers today page:2")
    core.reply = saying(Card(title="Today"), share="/papers today", page=page)
    answer = await server.slash(reader, "papers", "today", where=channel)
    first, second = await asyncio.gather(
        server.click(answer, SHARE, until=acked), server.click(answer, SHARE, until=acked)
    )
    [message], [other] = (await further(first)).followups, (await further(second)).followups
    message, other = (other, message) if message.ephemeral else (message, other)
    assert not message.ephemeral
    assert "Today" in str(message.embeds)
    assert "shared by reader" in message.content
    assert message.components == []
    assert other.ephemeral
    assert SHARED in other.content
    await answer.until(lambda a: SHARE not in str(a.original and a.original.components))
    assert "▶" in str(answer.original and answer.original.components)


@pytest.mark.usefixtures("discord")
async def test_what_cannot_be_shared_stays_private(
    server: standin.Discord, core: AskedCore, reader: User, channel: Channel
) -> None:
    core.reply = saying(Card(title="Today"), share="/papers today")
    answer, another = [await server.slash(reader, "papers", "today", where=channel) for _ in range(2)]
    core.reply = replace(saying(notice("Not now.")), failed=True)
    refused = await further(await server.click(answer, SHARE, until=acked))
    assert refused.followups[0].ephemeral
    server.permit(channel, int(Right.VIEW_CHANNEL))
    barred = await further(await server.click(another, SHARE, until=acked))
    assert NOT_HERE in barred.text
    assert barred.followups[0].ephemeral


@pytest.mark.usefixtures("discord")
async def test_sharing_is_not_offered_where_it_would_be_refused_or_nobody_else_is(
    server: standin.Discord, core: AskedCore, reader: User, lab: Guild
) -> None:
    core.reply = saying(Card(title="Today"), share="/papers today")
    silent = server.channel(lab, "silent", permissions=int(POSTING & ~Right.SEND_MESSAGES))
    foreign = server.channel(server.guild("Elsewhere", joined=False), "talk")
    visitor = server.user("visitor", installed=True)
    for somebody, place in ((reader, silent), (visitor, foreign), (reader, None)):
        answer = await server.slash(somebody, "papers", "today", where=place)
        assert SHARE not in str([message.components for message in answer.messages])


# --- whom to mention --------------------------------------------------------------------------------------------------


async def subscribe(server: standin.Discord, reader: User, channel: Channel, mention: str) -> Answer:
    options = {"query": "diffusion", "mention": mention}
    return await server.slash(reader, "papers", "subscribe", options, where=channel)


@pytest.mark.usefixtures("discord")
@pytest.mark.parametrize("mention", ["@everyone", "@here", "readers", "@readers", "<#1574318731729960962>"])
async def test_nobody_is_mentioned_by_words(
    server: standin.Discord, core: AskedCore, reader: User, channel: Channel, mention: str
) -> None:
    answer = await subscribe(server, reader, channel, mention)
    assert NOT_ONE.split(":")[0] in answer.text
    assert "pick from what Discord offers" in answer.text
    assert core.requests == []


@pytest.mark.usefixtures("discord")
async def test_a_role_is_kept_with_its_name_and_must_let_itself_be_mentioned(
    server: standin.Discord, core: AskedCore, reader: User, channel: Channel, lab: Guild
) -> None:
    quiet, loud = server.role(lab, "quiet|<ones>"), server.role(lab, "readers", mentionable=True)
    elsewhere = server.role(server.guild("Elsewhere"), "strangers", mentionable=True)
    await asyncio.sleep(0.2)
    assert "allow anyone" in (await subscribe(server, reader, channel, f"<@&{quiet.id}>")).text
    assert "allow anyone" not in (await subscribe(server, reader, channel, f"<@&{loud.id}>")).text
    await subscribe(server, reader, channel, "off")
    refused = await subscribe(server, reader, channel, f"<@&{elsewhere.id}>")
    everyone = await subscribe(server, reader, channel, f"<@&{lab.id}>")
    assert ELSEWHERE[:40] in refused.text
    assert "Everybody at once" in everyone.text
    kept = [request.options["mention"] for request in core.requests]
    assert kept == [f"<@&{quiet.id}|@quietones>", f"<@&{loud.id}|@readers>", "off"]


@pytest.mark.usefixtures("discord")
async def test_a_person_is_kept_with_their_name(
    server: standin.Discord, core: AskedCore, reader: User, channel: Channel
) -> None:
    other = server.user("other")
    await subscribe(server, reader, channel, f"<@{other.id}>")
    await subscribe(server, reader, channel, f"<@!{reader.id}>")
    assert "one person" in (await subscribe(server, reader, channel, "<@123456789012345678>")).text
    kept = [request.options["mention"] for request in core.requests]
    assert kept == [f"<@{other.id}|@other>", f"<@{reader.id}|@reader>"]


async def test_a_role_with_a_name_is_called_by_its_id(
    server: standin.Discord, discord: Discord, channel: Channel, lab: Guild
) -> None:
    loud, quiet = server.role(lab, "readers", mentionable=True), server.role(lab, "quiet")
    mentions = (f"<@&{loud.id}|@readers>", f"<@&{quiet.id}|@quiet>")
    for number, render in enumerate((discord.render, discord.plain)):
        payload = render(post(mentions=mentions))
        await discord.send(outgoing(discord, where(channel), payload=payload, nonce=f"a{number}"))
    for message in server.messages(channel):
        assert message.content.startswith(f"<@&{loud.id}> <@&{quiet.id}>")
        assert message.pings == [loud.id]


def test_answers_say_names_and_papers_say_what_they_say() -> None:
    mark = "<@&123456789012345678|@readers>"
    row = Row(lead="#1", text="diffusion", detail=f"mentions {mark}")
    paper = Card(title=f"On {mark}", url="https://arxiv.org/abs/1")
    said = told(saying(Card(body=f"For {mark}.", rows=(row,), code=f"/papers edit mention:{mark}"), paper, public=mark))
    assert said.cards[0].body == "For @readers."
    assert said.cards[0].rows[0].detail == "mentions @readers"
    assert said.cards[0].code == "/papers edit mention:<@&123456789012345678>"
    assert said.cards[1] == paper
    assert said.public == "@readers"
    assert unmarked("<@&123456789012345678> and @here") == "<@&123456789012345678> and @here"
    assert called_by("@everyone") is None


# --- private notes ----------------------------------------------------------------------------------------------------


async def test_what_a_persons_answers_left_is_forgotten_with_them(
    server: standin.Discord, discord: Discord, core: AskedCore, notes: Notes, reader: User, channel: Channel
) -> None:
    core.reply = saying(Card(body="wrong", buttons=(Button("Do this instead", LONG),), tone="error"))
    answer = await server.slash(reader, "papers", "today", where=channel)
    another = await server.slash(server.user("other"), "papers", "today", where=channel)
    alert = post(Card(title="A", buttons=(Button("Go", LONG),), tone="paper"))
    await discord.send(outgoing(discord, person(reader), alert))
    await discord.forget(person(reader))
    assert str(reader.id) not in str(await notes.keys("discord", ""))
    await server.click(another, "Do this instead")
    assert core.requests[-1].options["query"] == LONG.removeprefix("/papers search query:")
    assert "too old" in (await server.click(answer, "Do this instead")).text


async def test_a_button_of_a_post_is_everybodys(
    server: standin.Discord, discord: Discord, core: AskedCore, reader: User, channel: Channel
) -> None:
    card = Card(title="A", buttons=(Button("Go", LONG),), tone="paper")
    await discord.send(outgoing(discord, where(channel), post(card)))
    await discord.forget(person(reader))
    await server.click(server.messages(channel)[0], "Go", user=reader)
    assert core.requests[-1].command == "search"
