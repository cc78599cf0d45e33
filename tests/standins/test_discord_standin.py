"""The stand-in for Discord, driven by the real discord.py: messages, rights, limits and faults over REST."""

import asyncio
import io
import time
from collections.abc import AsyncIterator, Callable
from typing import Any, cast

import aiohttp
import discord
import pytest

from tests.standins.discord import Discord, serving
from tests.standins.discord_client import Client, logged_in
from tests.standins.discord_world import Channel, Right

POST = "/channels/{channel_id}/messages"


@pytest.fixture
async def server() -> AsyncIterator[Discord]:
    async with Discord() as server:
        yield server
    assert server.violations == []


@pytest.fixture
async def client(server: Discord) -> AsyncIterator[Client]:
    async with logged_in(server) as client:
        yield client


@pytest.fixture
def papers(server: Discord) -> Channel:
    return server.channel(server.guild("Reading group"), "papers")


async def room(client: Client, place: Channel) -> discord.TextChannel:
    return cast(discord.TextChannel, await client.fetch_channel(place.id))


def texts(server: Discord, place: Channel) -> list[str]:
    return [message.content for message in server.messages(place)]


async def refusal(doing: Any) -> discord.HTTPException:
    with pytest.raises(discord.HTTPException) as caught:
        await doing
    return caught.value


# --- who asks -----------------------------------------------------------------------------------------------------


async def test_a_wrong_token_is_refused(server: Discord) -> None:
    async with Client(server) as client:
        with pytest.raises(discord.LoginFailure):
            await client.login("another token")
    assert server.limits.invalid == 1


async def test_a_client_that_does_not_say_what_it_is_gets_no_further_than_cloudflare(server: Discord) -> None:
    headers = {"Authorization": f"Bot {server.token}"}
    async with aiohttp.ClientSession() as session, session.get(f"{server.url}/users/@me", headers=headers) as answer:
        assert (answer.status, (await answer.json())["code"]) == (403, 40333)
        assert answer.headers["Content-Type"] == "application/json"


async def test_the_world_is_shown_as_discord_shows_it(server: Discord, client: Client, papers: Channel) -> None:
    assert papers.guild is not None
    guild = await client.fetch_guild(papers.guild.id)
    application = await client.application_info()
    assert (guild.name, [c.name for c in await guild.fetch_channels()]) == ("Reading group", ["papers"])
    assert [role.name for role in await guild.fetch_roles()] == ["@everyone", "Paperboy"]
    assert (await guild.fetch_member(server.bot.id)).id == application.id == server.bot.id


# --- messages -----------------------------------------------------------------------------------------------------


async def test_a_nonce_used_twice_makes_one_message(server: Discord, client: Client, papers: Channel) -> None:
    place = await room(client, papers)
    first, second = await place.send("one", nonce="n" * 25), await place.send("two", nonce="n" * 25)
    assert (first.id, texts(server, papers)) == (second.id, ["one"])


async def test_a_nonce_is_forgotten_after_its_window(server: Discord, client: Client, papers: Channel) -> None:
    place = await room(client, papers)
    await place.send("one", nonce="n")
    server.advance(61)
    await place.send("two", nonce="n")
    assert texts(server, papers) == ["one", "two"]


async def test_a_nonce_counts_for_one_channel(server: Discord, client: Client, papers: Channel) -> None:
    assert papers.guild is not None
    other = server.channel(papers.guild, "other")
    for place in (papers, other):
        await (await room(client, place)).send("one", nonce="n")
    assert texts(server, papers) == texts(server, other) == ["one"]


async def test_history_comes_newest_first_within_bounds_and_without_nonces(
    server: Discord, client: Client, papers: Channel
) -> None:
    server.limits.off()
    place = await room(client, papers)
    sent = [await place.send(str(number), nonce=number) for number in range(5)]
    assert [m.content async for m in place.history(limit=2)] == ["4", "3"]
    assert [m.content async for m in place.history(after=sent[1], limit=2)] == ["2", "3"]
    assert [m.content async for m in place.history(before=sent[1])] == ["0"]
    assert {m.nonce async for m in place.history()} == {None}


async def test_what_others_write_is_hidden_without_the_intent(server: Discord, client: Client, papers: Channel) -> None:
    server.say(server.user(), papers, "a secret")
    assert [m.content async for m in (await room(client, papers)).history()] == [""]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"content": ""}, 50006),
        ({"content": "x" * 2001}, 50035),
        ({"embeds": [discord.Embed(description="x" * 4000), discord.Embed(description="x" * 2001)]}, 50035),
        ({"embed": discord.Embed(title="t", url="ftp://example.org")}, 50035),
    ],
)
async def test_messages_beyond_the_limits_are_refused(
    server: Discord, client: Client, papers: Channel, body: dict[str, Any], code: int
) -> None:
    assert (await refusal((await room(client, papers)).send(**body))).code == code
    assert texts(server, papers) == []


async def test_a_message_of_components_holds_four_thousand_characters(client: Client, papers: Channel) -> None:
    view, place = discord.ui.LayoutView(), await room(client, papers)
    view.add_item(discord.ui.TextDisplay("x" * 4000))
    assert (await place.send(view=view)).flags.components_v2
    view.add_item(discord.ui.TextDisplay("x"))
    assert (await refusal(place.send(view=view))).code == 50035


async def test_what_the_document_does_not_allow_is_noted_and_refused(client: Client, papers: Channel) -> None:
    async with Discord() as server, logged_in(server) as client:
        place = await room(client, server.channel(server.guild("Reading group"), "papers"))
        view = discord.ui.View().add_item(discord.ui.Button(label="x" * 81))
        error = await refusal(place.send(embed=discord.Embed(title="x" * 257), view=view))
        assert (error.code, len(server.violations)) == (50035, 1)
        assert '{"embeds": {"0": {"title": ' in server.violations[0]
        assert '{"components": {"0": {"label": ' in server.violations[0]


async def test_files_arrive(server: Discord, client: Client, papers: Channel) -> None:
    sent = await (await room(client, papers)).send("see", file=discord.File(io.BytesIO(b"abc"), "a.txt"))
    assert (sent.attachments[0].filename, server.messages(papers)[0].files) == ("a.txt", {"0": b"abc"})


async def test_an_edit_keeps_what_it_does_not_name(server: Discord, client: Client, papers: Channel) -> None:
    sent = await (await room(client, papers)).send("old", embed=discord.Embed(title="stays"))
    await sent.edit(content="new")
    message = server.messages(papers)[0]
    assert (message.content, message.embeds[0]["title"], len(message.versions)) == ("new", "stays", 1)


async def test_messages_of_an_hour_ago_are_not_edited(server: Discord, client: Client, papers: Channel) -> None:
    server.world.settings.old_edit_wait = 0.01
    sent = await (await room(client, papers)).send("old")
    server.advance(3601)
    error = await refusal(sent.edit(content="new"))
    assert (error.status, error.code, texts(server, papers)) == (429, 30046, ["old"])


async def test_only_whom_the_sender_allows_is_notified(server: Discord, client: Client, papers: Channel) -> None:
    someone, place = server.user(), await room(client, papers)
    await place.send(f"<@{someone.id}> @everyone", allowed_mentions=discord.AllowedMentions.none())
    await place.send(f"<@{someone.id}> @everyone", allowed_mentions=discord.AllowedMentions(users=True, everyone=False))
    assert [(m.pings, m.pings_everyone) for m in server.messages(papers)] == [([], False), ([someone.id], False)]


# --- rights -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rights", "code"),
    [(0, 50001), (Right.VIEW_CHANNEL, 50013), (Right.VIEW_CHANNEL | Right.SEND_MESSAGES, 50013)],
)
async def test_rights_count_in_each_channel(
    server: Discord, client: Client, papers: Channel, rights: int, code: int
) -> None:
    place = await room(client, papers)
    server.permit(papers, rights)
    assert (await refusal(place.send(embed=discord.Embed(title="t")))).code == code


async def test_unknown_channels_and_messages_have_their_codes(server: Discord, client: Client, papers: Channel) -> None:
    place = await room(client, papers)
    assert (await refusal(place.fetch_message(1))).code == 10008
    server.remove_channel(papers)
    assert (await refusal(place.send("x"))).code == 10003


async def test_a_person_may_take_no_messages(server: Discord, client: Client) -> None:
    someone = await client.fetch_user(server.user(dms=False).id)
    assert (await refusal(someone.send("x"))).code == 50007


async def test_opening_too_many_direct_messages_is_told_off(server: Discord, client: Client) -> None:
    server.world.settings.dms_a_day = 2
    people = [await client.fetch_user(server.user().id) for _ in range(3)]
    for person in people[:2]:
        await person.send("x")
    assert (await refusal(people[2].create_dm())).code == 40003
    assert list(server.world.opened) == [person.id for person in people[:2]]


# --- threads ------------------------------------------------------------------------------------------------------


async def test_threads_hang_on_messages_and_wake_when_posted_to(
    server: Discord, client: Client, papers: Channel
) -> None:
    sent = await (await room(client, papers)).send("parent")
    thread = await sent.create_thread(name="talk")
    place = server.threads(papers)[0]
    place.archived = True
    await thread.send("reply")
    assert (thread.id, place.archived, texts(server, place)) == (sent.id, False, ["reply"])
    assert (await refusal(sent.create_thread(name="again"))).code == 160004


async def test_threads_are_listed_while_active_and_when_archived(
    server: Discord, client: Client, papers: Channel
) -> None:
    place = await room(client, papers)
    for name in ("active", "archived"):
        await place.create_thread(name=name, type=discord.ChannelType.public_thread)
    thread = server.threads(papers)[1]
    await cast(discord.Thread, await client.fetch_channel(thread.id)).edit(archived=True)
    assert [t.name for t in await place.guild.active_threads()] == ["active"]
    assert [t.name async for t in place.archived_threads()] == ["archived"]


async def test_a_forum_takes_posts_with_its_tags(server: Discord, client: Client, papers: Channel) -> None:
    assert papers.guild is not None
    place = server.channel(papers.guild, "forum", "forum", tags=["cs.CL", "cs.CV"], needs_tag=True)
    forum = cast(discord.ForumChannel, await client.fetch_channel(place.id))
    assert (await refusal(forum.create_thread(name="A paper", content="x"))).code == 40067
    made = await forum.create_thread(name="A paper", content="x", applied_tags=forum.available_tags[:1])
    thread = server.threads(place)[0]
    assert (made.message.id, [place.tags[tag] for tag in thread.applied]) == (thread.id, ["cs.CL"])


# --- limits and faults --------------------------------------------------------------------------------------------


async def test_a_channel_takes_five_messages_in_its_window(server: Discord, client: Client, papers: Channel) -> None:
    server.limits.routes["POST", POST] = (5, 0.3)
    place, began = await room(client, papers), time.monotonic()
    for number in range(6):
        await place.send(str(number))
    assert (len(server.messages(papers)), time.monotonic() - began > 0.25) == (6, True)
    assert not server.limits.refused, "discord.py reads the headers and waits"


async def test_a_client_that_does_not_wait_is_told_how_long(server: Discord) -> None:
    server.limits.overall.limit = 3
    headers = {"Authorization": f"Bot {server.token}", "User-Agent": "DiscordBot (https://example.org, 1)"}
    async with aiohttp.ClientSession(headers=headers) as session:
        answers = [await session.get(f"{server.url}/users/@me") for _ in range(4)]
        body = await answers[3].json()
    assert [answer.status for answer in answers] == [200, 200, 200, 429]
    assert (body["global"], 0 < body["retry_after"] <= 1, answers[3].headers["X-RateLimit-Scope"]) == (
        True, True, "global",
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["429 route", "429 global", "429 shared"])
async def test_a_429_is_obeyed(server: Discord, client: Client, papers: Channel, kind: Any) -> None:
    place = await room(client, papers)
    server.fail("POST", "/messages$", kind, 2, seconds=0.02)
    await place.send("x")
    assert [seen.status for seen in server.requests("POST", POST)] == [429, 429, 200]
    assert server.limits.invalid == (0 if kind == "429 shared" else 2)


async def test_a_lost_answer_does_not_undo_the_message(server: Discord, client: Client, papers: Channel) -> None:
    """discord.py repeats the request after a second, with the same nonce."""
    place = await room(client, papers)
    server.fail("POST", "/messages$", "500 after")
    await place.send("x", nonce="n")
    assert (texts(server, papers), len(server.requests("POST", POST))) == (["x"], 2)


@pytest.mark.parametrize(
    ("kind", "error", "arrives"),
    [
        ("reset", aiohttp.ClientError, False),
        ("reset after", aiohttp.ClientError, True),
        ("silence after", aiohttp.ClientError, True),
        ("503", discord.DiscordServerError, False),
        ("429 cloudflare", discord.HTTPException, False),
        ("cut json", ValueError, True),
        ("wrong json", TypeError, True),
        ("html", TypeError, True),
    ],
)
async def test_faults_before_and_after_the_deed(
    server: Discord, client: Client, papers: Channel, kind: Any, error: type[Exception], arrives: bool
) -> None:
    place = await room(client, papers)
    server.fail("POST", "/messages$", kind)
    with pytest.raises(error):
        await place.send("x")
    assert (texts(server, papers), server.faults.happened) == (["x"] if arrives else [], {kind: 1})


async def test_a_slow_answer_is_whole_in_the_end(server: Discord, client: Client, papers: Channel) -> None:
    place, began = await room(client, papers), time.monotonic()
    server.fail("POST", "/messages$", "slow", seconds=0.2)
    assert (await place.send("x")).content == "x"
    assert time.monotonic() - began > 0.15


async def test_a_late_post_is_not_there_until_it_is_answered(server: Discord, client: Client, papers: Channel) -> None:
    place = await room(client, papers)
    server.fail("POST", "/messages$", "late", seconds=0.3)
    posting = asyncio.create_task(place.send("x"))
    await asyncio.sleep(0.1)
    assert (texts(server, papers), server.faults.happened) == ([], {"late": 1})
    assert (await posting).content == "x"
    assert texts(server, papers) == ["x"]


async def test_weather_is_the_same_for_the_same_seed(server: Discord, client: Client) -> None:
    def draw(seed: int) -> list[str]:
        server.weather(seed, {"500": 0.2, "reset after": 0.3}, method="POST")
        drawn = [server.faults.pick("POST", "/x") for _ in range(100)]
        return [fault.kind if fault else "" for fault in drawn]

    first = draw(1)
    assert (draw(1) == first, draw(2) == first, set(first)) == (True, False, {"", "500", "reset after"})
    assert server.faults.pick("GET", "/x") is None


# --- elsewhere ----------------------------------------------------------------------------------------------------


async def test_it_runs_in_a_thread_of_its_own_on_a_clock_of_its_own() -> None:
    clock: Callable[[], int] = lambda: 1_700_000_000_000  # noqa: E731
    with serving(Discord(clock=clock)) as server:
        papers = server.channel(server.guild("Reading group"), "papers")
        async with logged_in(server) as client:
            sent = await (await room(client, papers)).send("x")
    assert (sent.created_at.timestamp(), texts(server, papers)) == (1_700_000_000, ["x"])
