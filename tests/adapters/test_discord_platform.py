"""Posts to Discord with the real discord.py, against the stand-in: sent once, found again, shown anew."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from adapters.discord import Discord, build
from adapters.discord.gateway import REMOVED
from adapters.discord.rights import MINIMAL
from bot.cards import Button, Card
from bot.errors import ConfigError, DeliveryError
from bot.model import Address
from bot.ports import Notes
from tests.adapters.at_discord import NONCE, AskedCore, adapter, options, outgoing, person, post, serving, until, where
from tests.standins import discord as standin
from tests.standins import discord_shapes as shapes
from tests.standins.discord_faults import Kind as Fault
from tests.standins.discord_world import Guild, Right

POST = ("POST", "/channels/{channel_id}/messages")


@pytest.fixture
async def discord(server: standin.Discord, notes: Notes) -> AsyncIterator[Discord]:
    async with adapter(server, notes) as made:
        yield made


async def refused(discord: Discord, *, to: Address, **more: Any) -> DeliveryError:
    with pytest.raises(DeliveryError) as error:
        await discord.send(outgoing(discord, to, **more))
    return error.value


# --- channels ---------------------------------------------------------------------------------------------------------


async def test_a_post_needs_no_gateway_and_its_receipt_opens_it(server: standin.Discord, discord: Discord) -> None:
    channel = server.channel(server.guild("Lab"), "papers")
    receipt = await discord.send(outgoing(discord, where(channel)))
    [message] = server.messages(channel)
    assert receipt.id == str(message.id)
    assert receipt.link == f"https://discord.com/channels/{channel.guild.id}/{channel.id}/{message.id}"  # type: ignore[union-attr]
    assert message.author is server.bot
    assert message.sent["nonce"] == NONCE
    assert message.sent["enforce_nonce"] is True
    assert message.sent["allowed_mentions"]["parse"] == []
    assert server.gateway.sessions == []


async def test_the_same_post_twice_shows_once(server: standin.Discord, discord: Discord) -> None:
    channel = server.channel(server.guild("Lab"), "papers")
    first = await discord.send(outgoing(discord, where(channel)))
    assert await discord.send(outgoing(discord, where(channel))) == first
    assert len(server.messages(channel)) == 1


async def test_a_lost_answer_is_retried_by_the_library_under_the_same_nonce(
    server: standin.Discord, discord: Discord
) -> None:
    channel = server.channel(server.guild("Lab"), "papers")
    server.fail("POST", "/messages", "500 after")
    await discord.send(outgoing(discord, where(channel)))
    assert len(server.requests(*POST)) == 2
    assert len(server.messages(channel)) == 1


@pytest.mark.parametrize("fault", ["reset after", "cut json", "wrong json", "html"])
async def test_a_broken_answer_is_ambiguous_and_the_post_is_found(
    server: standin.Discord, discord: Discord, fault: Fault
) -> None:
    channel = server.channel(server.guild("Lab"), "papers")
    server.fail("POST", "/messages", fault)
    assert (await refused(discord, to=where(channel))).fault == "ambiguous"
    found = await discord.find(outgoing(discord, where(channel), since=server.world.clock.now()))
    assert found is not None
    assert found.id == str(server.messages(channel)[0].id)


async def test_silence_until_the_deadline_is_ambiguous(server: standin.Discord, notes: Notes) -> None:
    channel = server.channel(server.guild("Lab"), "papers")
    server.fail("POST", "/messages", "silence after", seconds=3)
    async with adapter(server, notes, deadline=0.5) as discord:
        assert (await refused(discord, to=where(channel))).fault == "ambiguous"


async def test_a_post_that_cannot_even_be_begun_did_not_arrive(server: standin.Discord, notes: Notes) -> None:
    channel = server.channel(server.guild("Lab"), "papers")
    server.fail("GET", "/channels/", "silence", seconds=3)
    async with adapter(server, notes, deadline=0.5) as discord:
        assert (await refused(discord, to=where(channel))).fault == "temporary"


async def test_nobody_listening_is_temporary(notes: Notes) -> None:
    server = standin.Discord()
    server.url = "http://127.0.0.1:1/api/v10"
    async with adapter(server, notes) as discord:
        assert (await refused(discord, to=Address("discord", "1", "2"))).fault == "temporary"


async def test_what_is_not_there_is_not_found(server: standin.Discord, discord: Discord) -> None:
    channel = server.channel(server.guild("Lab"), "papers")
    server.say(server.user(), channel, f"-# ref {NONCE}")
    assert await discord.find(outgoing(discord, where(channel), since=server.world.clock.now())) is None


async def test_a_post_without_any_button_is_found_too(server: standin.Discord, discord: Discord) -> None:
    channel = server.channel(server.guild("Lab"), "papers")
    message = outgoing(discord, where(channel), payload=discord.plain(post()))
    sent = await discord.send(message)
    assert await discord.find(message) == sent


async def test_a_post_is_found_behind_many_messages_of_others(server: standin.Discord, discord: Discord) -> None:
    channel, somebody = server.channel(server.guild("Lab"), "papers"), server.user()
    since = server.world.clock.now()
    for number in range(120):
        server.say(somebody, channel, f"{number}")
    message = outgoing(discord, where(channel), since=since)
    sent = await discord.send(message)
    assert await discord.find(message) == sent


async def test_a_post_from_before_is_not_looked_at(server: standin.Discord, discord: Discord) -> None:
    channel = server.channel(server.guild("Lab"), "papers")
    message = outgoing(discord, where(channel), since=server.world.clock.now() + 3_600_000)
    await discord.send(message)
    assert await discord.find(message) is None


async def test_without_the_right_to_read_back_there_is_no_telling(server: standin.Discord, discord: Discord) -> None:
    rights = MINIMAL.value & ~Right.READ_MESSAGE_HISTORY
    channel = server.channel(server.guild("Lab"), "papers", permissions=rights)
    with pytest.raises(DeliveryError, match="Read Message History") as error:
        await discord.find(outgoing(discord, where(channel)))
    assert error.value.fault == "ambiguous"


async def test_a_search_that_fails_is_tried_again_and_nothing_is_sent_meanwhile(
    server: standin.Discord, notes: Notes
) -> None:
    channel = server.channel(server.guild("Lab"), "papers")
    server.fail("GET", "/messages", "reset", times=3)
    async with adapter(server, notes) as discord:
        with pytest.raises(DeliveryError) as error:
            await discord.find(outgoing(discord, where(channel)))
    assert error.value.fault == "temporary"


# --- limits -----------------------------------------------------------------------------------------------------------


async def test_a_short_pause_is_waited_for_inside(server: standin.Discord, discord: Discord) -> None:
    channel = server.channel(server.guild("Lab"), "papers")
    server.fail("POST", "/messages", "429 route", seconds=0.1)
    await discord.send(outgoing(discord, where(channel)))
    assert len(server.messages(channel)) == 1


@pytest.mark.parametrize("kind", ["429 route", "429 global", "429 shared"])
async def test_a_pause_beyond_the_deadline_is_busy_and_says_how_long(
    server: standin.Discord, notes: Notes, kind: Fault
) -> None:
    channel = server.channel(server.guild("Lab"), "papers")
    server.fail("POST", "/messages", kind, seconds=20)
    async with adapter(server, notes, deadline=0.5) as discord:
        error = await refused(discord, to=where(channel))
    assert error.fault == "busy"
    assert error.retry_after == pytest.approx(20, abs=1)


async def test_a_long_pause_is_busy_at_once(server: standin.Discord, discord: Discord) -> None:
    channel = server.channel(server.guild("Lab"), "papers")
    server.fail("POST", "/messages", "429 route", seconds=120)
    error = await refused(discord, to=where(channel))
    assert (error.fault, error.retry_after) == ("busy", 120)


async def test_a_page_of_cloudflare_is_busy(server: standin.Discord, discord: Discord) -> None:
    channel = server.channel(server.guild("Lab"), "papers")
    server.fail("POST", "/messages", "429 cloudflare")
    error = await refused(discord, to=where(channel))
    assert (error.fault, error.retry_after) == ("busy", 60)


async def test_a_pause_after_a_failure_stays_ambiguous(server: standin.Discord, notes: Notes) -> None:
    channel = server.channel(server.guild("Lab"), "papers")
    server.fail("POST", "/messages", "500 after")
    server.fail("POST", "/messages", "429 route", seconds=20)
    async with adapter(server, notes, deadline=2) as discord:
        assert (await refused(discord, to=where(channel))).fault == "ambiguous"


async def test_many_posts_at_once_stay_under_the_global_limit(server: standin.Discord, discord: Discord) -> None:
    guild = server.guild("Lab", [f"room-{n}" for n in range(60)])
    rooms = [server.channel(guild, f"room-{n}") for n in range(60)]
    await asyncio.gather(*(discord.send(outgoing(discord, where(room))) for room in rooms))
    assert server.limits.refused == {}
    assert all(len(server.messages(room)) == 1 for room in rooms)


# --- closed doors -----------------------------------------------------------------------------------------------------


async def test_a_channel_that_is_gone_is_the_targets_fault(server: standin.Discord, discord: Discord) -> None:
    channel = server.channel(server.guild("Lab"), "papers")
    server.remove_channel(channel)
    error = await refused(discord, to=where(channel))
    assert error.fault == "target"
    assert "gone" in str(error)


async def test_a_missing_right_is_named(server: standin.Discord, discord: Discord) -> None:
    channel = server.channel(server.guild("Lab"), "papers", permissions=int(Right.VIEW_CHANNEL))
    error = await refused(discord, to=where(channel))
    assert error.fault == "target"
    assert "Send Messages and Embed Links" in str(error)


async def test_a_channel_of_another_server_gets_nothing(server: standin.Discord, discord: Discord) -> None:
    channel, other = server.channel(server.guild("Lab"), "papers"), server.guild("Elsewhere")
    error = await refused(discord, to=Address("discord", str(other.id), str(channel.id)))
    assert error.fault == "target"
    assert server.messages(channel) == []


async def test_a_bad_token_stops_posts_after_one_request_and_is_never_told(
    server: standin.Discord, notes: Notes
) -> None:
    channel = server.channel(server.guild("Lab"), "papers")
    async with adapter(server, notes, token="wrong.token.here") as discord:
        for _ in range(3):
            error = await refused(discord, to=where(channel))
            assert error.fault == "credential"
            assert "wrong.token.here" not in str(error)
    assert len(server.log) == 1


async def test_a_refused_body_is_the_payloads_fault(server: standin.Discord, discord: Discord) -> None:
    channel = server.channel(server.guild("Lab"), "papers")
    payload = json.dumps({"body": {"content": "x" * 2100}, "name": "n", "tags": [], "long": {}})
    assert (await refused(discord, to=where(channel), payload=payload)).fault == "payload"


# --- threads and forums -----------------------------------------------------------------------------------------------


async def test_answers_go_into_the_thread_of_their_post(server: standin.Discord, discord: Discord) -> None:
    channel = server.channel(server.guild("Lab"), "papers")
    parent = await discord.send(outgoing(discord, where(channel)))
    first = outgoing(discord, where(channel), nonce="a1", reply_to=parent.id)
    assert await discord.find(first) is None
    sent = await discord.send(first)
    await discord.send(outgoing(discord, where(channel), nonce="a2", reply_to=parent.id))
    [thread] = server.threads(channel)
    assert str(thread.id) == parent.id
    assert len([m for m in server.messages(thread) if m.author is server.bot and m.sent]) >= 2
    assert await discord.find(first) == sent
    assert f"/{parent.id}/" in sent.link


async def test_a_thread_that_is_there_already_is_used(server: standin.Discord, notes: Notes) -> None:
    channel = server.channel(server.guild("Lab"), "papers")
    async with adapter(server, notes) as before:
        parent = await before.send(outgoing(before, where(channel)))
        await before.send(outgoing(before, where(channel), nonce="a1", reply_to=parent.id))
    async with adapter(server, notes) as after:
        await after.send(outgoing(after, where(channel), nonce="a2", reply_to=parent.id))
    assert len(server.threads(channel)) == 1


async def test_a_thread_that_is_gone_costs_its_answer_and_not_the_channel(
    server: standin.Discord, discord: Discord
) -> None:
    channel = server.channel(server.guild("Lab"), "papers")
    parent = await discord.send(outgoing(discord, where(channel)))
    await discord.send(outgoing(discord, where(channel), nonce="a1", reply_to=parent.id))
    server.remove_channel(server.threads(channel)[0])
    assert (await refused(discord, to=where(channel), nonce="a2", reply_to=parent.id)).fault == "payload"


async def test_a_thread_is_a_room_of_its_own(server: standin.Discord, discord: Discord) -> None:
    guild = server.guild("Lab", ["papers"])
    thread = server.channel(guild, "reading", "thread", parent=server.channel(guild, "papers"))
    thread.archived = True
    await discord.send(outgoing(discord, where(thread)))
    await discord.send(outgoing(discord, where(thread), nonce="a1", reply_to="1"))
    assert len(server.messages(thread)) == 2
    assert not thread.archived


async def test_a_forum_gets_a_post_with_the_tags_it_knows(server: standin.Discord, discord: Discord) -> None:
    forum = server.channel(server.guild("Lab"), "papers", "forum", tags=["CS.CL", "vision"])
    said = post(Card(title="Attention", tags=("cs.CL", "speech"), tone="paper"))
    message = outgoing(discord, where(forum), said, since=server.world.clock.now())
    sent = await discord.send(message)
    [thread] = server.threads(forum)
    assert (str(thread.id), thread.name) == (sent.id, "Attention")
    assert [forum.tags[tag] for tag in thread.applied] == ["CS.CL"]
    assert await discord.find(message) == sent
    await discord.send(outgoing(discord, where(forum), nonce="a1", reply_to=sent.id))
    assert len(server.messages(thread)) == 2


async def test_a_forum_that_wants_a_tag_gets_one(server: standin.Discord, discord: Discord) -> None:
    forum = server.channel(server.guild("Lab"), "papers", "forum", tags=["misc"], needs_tag=True)
    await discord.send(outgoing(discord, where(forum)))
    assert len(server.threads(forum)[0].applied) == 1


async def test_a_forum_that_wants_a_tag_and_has_none_is_told_of(server: standin.Discord, discord: Discord) -> None:
    forum = server.channel(server.guild("Lab"), "papers", "forum", needs_tag=True)
    error = await refused(discord, to=where(forum))
    assert error.fault == "target"
    assert "tag" in str(error)


async def test_a_forum_post_whose_answer_was_lost_is_found_even_when_archived(
    server: standin.Discord, discord: Discord
) -> None:
    forum = server.channel(server.guild("Lab"), "papers", "forum")
    server.fail("POST", "/threads", "reset after")
    message = outgoing(discord, where(forum), since=server.world.clock.now())
    assert (await refused(discord, to=where(forum))).fault == "ambiguous"
    server.threads(forum)[0].archived = True
    assert await discord.find(message) is not None
    assert await discord.find(outgoing(discord, where(forum), nonce="other")) is None


# --- persons ----------------------------------------------------------------------------------------------------------


async def test_a_conversation_is_opened_once_and_remembered(server: standin.Discord, notes: Notes) -> None:
    somebody = server.user("reader", installed=True)
    for nonce in ("a1", "a2"):
        async with adapter(server, notes) as discord:
            message = outgoing(discord, person(somebody), nonce=nonce)
            assert await discord.find(message) is None
            sent = await discord.send(message)
            assert await discord.find(message) == sent
            assert sent.link.startswith("https://discord.com/channels/@me/")
    assert len(server.requests("POST", "/users/@me/channels")) == 1
    assert len(server.messages(server.dm(somebody))) == 2


async def test_closed_direct_messages_are_the_persons_to_open(server: standin.Discord, discord: Discord) -> None:
    error = await refused(discord, to=person(server.user("closed", installed=True, dms=False)))
    assert error.fault == "target"
    assert "direct messages" in str(error)


async def test_what_a_person_wants_forgotten_is_forgotten(
    server: standin.Discord, discord: Discord, notes: Notes
) -> None:
    somebody = server.user("reader", installed=True)
    await discord.send(outgoing(discord, person(somebody)))
    await discord.forget(person(somebody))
    assert await notes.keys("discord", "dm:") == []


async def test_only_so_many_conversations_are_begun_a_day(
    server: standin.Discord, discord: Discord, notes: Notes
) -> None:
    somebody = server.user("reader", installed=True)
    await notes.write("discord", f"dms:{_day(server)}", "500")
    error = await refused(discord, to=person(somebody))
    assert (error.fault, error.retry_after) == ("busy", 3600)


def _day(server: standin.Discord) -> str:
    from datetime import UTC, datetime

    return str(datetime.fromtimestamp(server.world.clock.now() / 1000, UTC).date())


# --- shown anew -------------------------------------------------------------------------------------------------------


async def test_a_post_is_shown_anew_in_its_place_and_still_found(server: standin.Discord, discord: Discord) -> None:
    channel = server.channel(server.guild("Lab"), "papers")
    sent = await discord.send(outgoing(discord, where(channel)))
    anew = outgoing(discord, where(channel), post(Card(title="Attention", body="With code now.", tone="paper")))
    await discord.edit(anew, sent.id)
    await discord.edit(anew, sent.id)
    [message] = server.messages(channel)
    assert "With code now." in json.dumps(message.embeds)
    assert await discord.find(anew) == sent


async def test_a_post_of_a_forum_is_shown_anew(server: standin.Discord, discord: Discord) -> None:
    forum = server.channel(server.guild("Lab"), "papers", "forum")
    sent = await discord.send(outgoing(discord, where(forum)))
    await discord.edit(outgoing(discord, where(forum), post(Card(title="Anew", tone="paper"))), sent.id)
    assert "Anew" in str(server.messages(server.threads(forum)[0])[0].content)


async def test_a_deleted_post_is_not_shown_anew(server: standin.Discord, discord: Discord) -> None:
    channel = server.channel(server.guild("Lab"), "papers")
    sent = await discord.send(outgoing(discord, where(channel)))
    server.world.remove_message(server.messages(channel)[0])
    with pytest.raises(DeliveryError) as error:
        await discord.edit(outgoing(discord, where(channel)), sent.id)
    assert error.value.fault == "payload"


# --- the life of a connection -----------------------------------------------------------------------------------------


async def test_commands_are_put_once_and_again_only_when_they_changed(server: standin.Discord, notes: Notes) -> None:
    for _ in range(2):
        async with serving(server, notes, AskedCore()):
            pass
    assert [c["name"] for c in server.commands] == ["papers", "papers-admin", "Look up papers here"]
    assert len(server.requests("PUT", "/applications/{app}/commands")) == 1


async def test_a_bad_token_ends_the_run_with_one_line(server: standin.Discord, notes: Notes) -> None:
    async with adapter(server, notes, token="wrong.token.here") as discord:
        with pytest.raises(ConfigError, match="PAPERBOY_DISCORD_TOKEN") as error:
            await discord.run(AskedCore())
    assert "wrong.token.here" not in str(error.value)


async def test_a_token_that_is_reset_while_we_run_ends_the_run(server: standin.Discord, notes: Notes) -> None:
    async with adapter(server, notes) as discord:
        running = asyncio.create_task(discord.run(AskedCore()))
        await until(lambda: server.gateway.connected)
        server.world.settings.token = "another"
        server.gateway.drop(4004)
        with pytest.raises(ConfigError, match="PAPERBOY_DISCORD_TOKEN"):
            await asyncio.wait_for(running, 10)


async def test_without_a_token_nothing_is_built(server: standin.Discord, notes: Notes) -> None:
    with pytest.raises(ConfigError, match="PAPERBOY_DISCORD_TOKEN"):
        build(options(standin.Discord(token=" "), notes))
    assert build(options(server, notes)).name == "discord"


async def test_a_dropped_connection_is_resumed(server: standin.Discord, notes: Notes) -> None:
    async with serving(server, notes, AskedCore()):
        server.gateway.drop()
        await until(lambda: server.gateway.resumed)
    assert len(server.gateway.started) == 1


async def test_we_can_stop_while_a_shard_begins_a_session(server: standin.Discord, notes: Notes) -> None:
    sleeping = asyncio.Event()

    async def sleep(_: float) -> None:
        sleeping.set()
        await asyncio.sleep(30)

    async with serving(server, notes, AskedCore(), sleep=sleep):
        server.gateway.invalidate(resumable=False)
        await sleeping.wait()


async def test_a_session_that_is_over_is_begun_anew_where_we_were_told(server: standin.Discord, notes: Notes) -> None:
    async with serving(server, notes, AskedCore()):
        server.gateway.invalidate(resumable=False)
        await until(lambda: len(server.gateway.sessions) >= 2)


async def test_discord_being_down_at_the_start_is_waited_out(server: standin.Discord, notes: Notes) -> None:
    server.fail("GET", "/users/@me", "503", times=2)
    async with serving(server, notes, AskedCore()):
        assert server.gateway.connected


async def test_every_shard_listens(server: standin.Discord, notes: Notes) -> None:
    server.world.settings.shards = 2
    server.world.settings.max_concurrency = 2
    async with serving(server, notes, AskedCore()):
        await until(lambda: len(server.gateway.connected) == 2)
    assert [shard for _, _, shard in server.gateway.started] == [0, 1]


async def test_the_core_hears_of_servers_and_channels_that_come_and_go(
    server: standin.Discord, notes: Notes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "adapters.discord")
    guild, core = server.guild("Lab", ["papers"]), AskedCore()
    channel = server.channel(guild, "papers")
    thread = server.channel(guild, "reading", "thread", parent=server.channel(guild, "other"))
    async with serving(server, notes, core):
        await until(lambda: "discord.ready" in caplog.messages)  # until then discord.py takes a new server for an old
        server.outage(guild)
        server.outage(guild, over=True)
        server.remove_channel(thread)
        server.remove_channel(channel)
        server.kick(guild)
        await until(lambda: len(core.told) >= 3)
        joined(server, guild)
        await until(lambda: len(core.told) >= 4)
    assert [told[:3] for told in core.told] == [
        ("suspend", str(guild.id), str(thread.id)),
        ("suspend", str(guild.id), str(channel.id)),
        ("suspend", str(guild.id), ""),
        ("resume", str(guild.id), ""),
    ]


async def test_at_every_start_the_core_hears_where_we_are_also_of_servers_in_trouble(
    server: standin.Discord, notes: Notes
) -> None:
    lab, club = server.guild("Lab"), server.guild("Club")
    gone, core = server.guild("Gone"), AskedCore()
    gone.joined = False
    club.down = True
    async with serving(server, notes, core):
        await until(lambda: core.present_in)
        server.gateway.invalidate(resumable=False)
        await until(lambda: len(core.present_in) > 1)
    here = ({str(lab.id), str(club.id)}, REMOVED)
    assert core.present_in == [here, here]


async def test_the_core_hears_where_rights_may_have_changed(server: standin.Discord, notes: Notes) -> None:
    guild, core = server.guild("Lab", ["papers"]), AskedCore()
    channel = server.channel(guild, "papers")
    thread = server.channel(guild, "reading", "thread", parent=channel)
    async with serving(server, notes, core):
        await until(lambda: core.present_in)
        server.permit(channel, 0)
        server.rename(thread, "talking")
        await until(lambda: len(core.retried) >= 2)
    assert core.retried == [(str(guild.id), str(channel.id)), (str(guild.id), str(thread.id))]


def joined(server: standin.Discord, guild: Guild) -> None:
    """A server that is new to us comes without a word about being available; discord.py tells joining by that."""
    guild.joined = True
    shape = {key: value for key, value in shapes.guild(guild, server.world).items() if key != "unavailable"}
    server.world.emit("GUILD_CREATE", shape, guild)


async def test_while_we_listen_channels_need_not_be_asked_about(server: standin.Discord, notes: Notes) -> None:
    channel = server.channel(server.guild("Lab"), "papers")
    async with serving(server, notes, AskedCore()) as discord:
        await asyncio.sleep(0.3)
        await discord.send(outgoing(discord, where(channel)))
    assert server.requests("GET", "/channels/{channel_id}") == []


async def test_commands_too_long_for_a_button_are_remembered_before_the_post_is_out(
    server: standin.Discord, discord: Discord, notes: Notes
) -> None:
    channel = server.channel(server.guild("Lab"), "papers")
    server.fail("POST", "/messages", "reset")
    card = Card(title="A", buttons=(Button("Go", f"/papers search {'word ' * 40}"),), tone="paper")
    await refused(discord, to=where(channel), payload=discord.render(post(card)))
    assert len(await notes.keys("discord", "long:")) == 1
