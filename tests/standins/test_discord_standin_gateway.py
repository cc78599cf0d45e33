"""The stand-in for Discord, driven by the real discord.py: gateway sessions, commands and what people do with them."""

from collections.abc import AsyncIterator
from typing import Any

import discord
import pytest
from discord import app_commands

from tests.standins.discord import Discord
from tests.standins.discord_actors import acked
from tests.standins.discord_answers import Answer
from tests.standins.discord_client import Client, connected
from tests.standins.discord_world import Channel, Right, User

Interaction = discord.Interaction[Client]


@pytest.fixture
async def server() -> AsyncIterator[Discord]:
    async with Discord(identify_pause=0) as server:
        yield server
    assert server.violations == []


@pytest.fixture
def papers(server: Discord) -> Channel:
    return server.channel(server.guild("Reading group"), "papers")


@pytest.fixture
def reader(server: Discord) -> User:
    return server.user("reader", installed=True)


@pytest.fixture
async def client(server: Discord, papers: Channel) -> AsyncIterator[Client]:
    async with connected(server) as client:
        await add_commands(client)
        yield client


async def add_commands(client: Client) -> None:
    group = app_commands.Group(name="papers", description="Papers", allowed_installs=app_commands.AppInstallationType(
        guild=True, user=True))  # fmt: skip

    @group.command(name="echo", description="Says it again")
    async def echo(interaction: Interaction, text: str) -> None:
        await interaction.response.defer(ephemeral=True)
        view = discord.ui.View()
        view.add_item(discord.ui.Button(label="More", custom_id="more"))
        view.add_item(discord.ui.Select(placeholder="Which?", custom_id="which", options=[
            discord.SelectOption(label="First", value="1")]))  # fmt: skip
        await interaction.edit_original_response(content=f"{text} {interaction.permissions.value}", view=view)

    @echo.autocomplete("text")
    async def offer(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=f"{typed}?", value=typed)]

    @group.command(name="late", description="Answers when told to")
    async def late(interaction: Interaction) -> None:
        client.touched = None
        interaction.extras["late"] = True
        waiting.append(interaction)

    @client.tree.context_menu(name="Look up papers here")
    async def look(interaction: Interaction, message: discord.Message) -> None:
        await interaction.response.send_message(f"in: {message.content}", ephemeral=True)

    @client.tree.command(name="manage", description="For managers")
    @app_commands.default_permissions(manage_guild=True)
    @app_commands.guild_only()
    async def manage(interaction: Interaction) -> None:
        await interaction.response.send_message("managed")

    client.tree.add_command(group)
    waiting.clear()
    await client.tree.sync()


waiting: list[Interaction] = []


def at_once(answer: Answer) -> bool:
    return bool(waiting)


# --- sessions -----------------------------------------------------------------------------------------------------


async def test_a_session_starts_with_its_guilds(server: Discord, papers: Channel) -> None:
    async with connected(server) as client:
        assert [(g.name, [c.name for c in g.text_channels]) for g in client.guilds] == [("Reading group", ["papers"])]
        channel = client.get_channel(papers.id)
        assert isinstance(channel, discord.TextChannel)
        assert channel.permissions_for(channel.guild.me).send_messages
    session = server.gateway.sessions[0]
    assert (session.intents, session.over, server.gateway.limit()["remaining"]) == (1, True, 999)


async def test_every_shard_gets_its_own_guilds() -> None:
    async with Discord(shards=2, max_concurrency=2) as server:
        for shard in (0, 1):
            server.guild(f"on {shard}", shard=(shard, 2))
        async with connected(server) as client:
            assert {guild.name: guild.shard_id for guild in client.guilds} == {"on 0": 0, "on 1": 1}


async def test_changes_are_told(server: Discord, client: Client, papers: Channel) -> None:
    assert papers.guild is not None
    await client.until(lambda: "guild_available" in client.seen)
    client.seen.clear()
    server.permit(papers, 0)
    server.remove_channel(papers)
    server.outage(papers.guild)
    server.outage(papers.guild, over=True)
    server.kick(papers.guild)
    await client.until(lambda: {"guild_remove", "guild_available"} <= set(client.seen))
    told = ["guild_channel_update", "guild_channel_delete", "guild_unavailable", "guild_remove"]
    assert [event for event in client.seen if event in told] == told


async def test_a_dropped_connection_resumes_and_misses_nothing(server: Discord, client: Client) -> None:
    server.gateway.drop()
    server.guild("joined meanwhile")
    await client.until(lambda: len(client.guilds) == 2)
    assert (server.gateway.resumed, len(server.gateway.started)) == (1, 1)


async def test_a_client_asked_to_reconnect_resumes(server: Discord, client: Client) -> None:
    server.gateway.reconnect()
    await client.until(lambda: server.gateway.resumed == 1)
    assert len(server.gateway.started) == 1


async def test_a_session_that_is_over_starts_anew(server: Discord, client: Client) -> None:
    server.gateway.invalidate(resumable=False)
    await client.until(lambda: len(server.gateway.connected) == 1 and len(server.gateway.started) == 2)
    assert server.gateway.resumed == 0


@pytest.mark.parametrize(("token", "intents", "code"), [("wrong", 1, 4004), ("", 1 << 15, 4014)])
async def test_the_gateway_lets_in_only_whom_it_should(server: Discord, token: str, intents: int, code: int) -> None:
    client = Client(server, shard_count=1)
    client._connection._intents = discord.Intents._from_value(intents)
    async with client:
        await client.login(server.token)
        client.http.token = token or server.token
        with pytest.raises((discord.ConnectionClosed, discord.PrivilegedIntentsRequired)):
            await client.connect()
    assert server.gateway.closed == [code]


async def test_one_start_too_many_resets_the_token() -> None:
    async with Discord(identifies=1, identify_pause=0) as server:
        token = server.token
        server.guild("Reading group")
        async with connected(server):
            assert server.gateway.limit()["remaining"] == 0
        with pytest.raises(discord.ConnectionClosed):
            async with connected(server):
                pass
        assert server.token != token


# --- commands -----------------------------------------------------------------------------------------------------


async def test_a_command_is_acknowledged_and_answered(
    server: Discord, client: Client, papers: Channel, reader: User
) -> None:
    rights = int(Right.VIEW_CHANNEL | Right.MANAGE_GUILD)
    answer = await server.slash(reader, "papers", "echo", {"text": "hello"}, where=papers, permissions=rights)
    assert (answer.text.splitlines()[0], answer.ephemeral, server.messages(papers)) == (f"hello {rights}", True, [])
    assert answer.acked_after < 3


async def test_an_answer_for_all_stands_in_the_channel(
    server: Discord, client: Client, papers: Channel, reader: User
) -> None:
    await server.slash(reader, "manage", where=papers, permissions=Right.MANAGE_GUILD)
    assert [message.content for message in server.messages(papers)] == ["managed"]


async def test_a_command_works_where_only_the_user_brought_it(server: Discord, client: Client, reader: User) -> None:
    abroad = server.channel(server.guild("Elsewhere", joined=False), "general")
    answer = await server.slash(reader, "papers", ("echo",), {"text": "far"}, where=abroad)
    assert (answer.text.startswith("far"), set(answer.payload["authorizing_integration_owners"])) == (True, {"1"})
    with pytest.raises(AssertionError, match="not installed"):
        await server.slash(server.user(), "papers", ("echo",), {"text": "far"}, where=abroad)


async def test_an_app_that_only_a_user_brought_may_follow_up_five_times(
    server: Discord, client: Client, reader: User
) -> None:
    abroad = server.channel(server.guild("Elsewhere", joined=False), "general")
    answer = await server.slash(reader, "papers", "late", where=abroad, until=at_once)
    await waiting[0].response.send_message("first", ephemeral=True)
    for _ in range(5):
        await waiting[0].followup.send("more", ephemeral=True)
    with pytest.raises(discord.HTTPException) as caught:
        await waiting[0].followup.send("too much", ephemeral=True)
    assert (caught.value.code, len(answer.followups)) == (40094, 5)


async def test_direct_messages_know_no_guild(server: Discord, client: Client, reader: User) -> None:
    answer = await server.slash(reader, "papers", "echo", {"text": "here"})
    assert (answer.text.startswith("here"), "guild_id" in answer.payload, answer.payload["context"]) == (True, False, 1)


async def test_a_command_is_hidden_where_it_is_not_meant_to_be(
    server: Discord, client: Client, papers: Channel, reader: User
) -> None:
    for where, why in ((papers, "lacks"), (None, "not offered")):
        with pytest.raises(AssertionError, match=why):
            await server.slash(reader, "manage", where=where, permissions=0)
    with pytest.raises(AssertionError, match="cannot be sent without"):
        await server.slash(reader, "papers", "echo", where=papers)


async def test_suggestions_come_while_typing(server: Discord, client: Client, papers: Channel, reader: User) -> None:
    offered = await server.autocomplete(reader, "papers", "echo", ("text", "abc"), where=papers)
    assert offered == [{"name": "abc?", "value": "abc"}]


async def test_a_menu_shows_the_message_it_hangs_on(
    server: Discord, client: Client, papers: Channel, reader: User
) -> None:
    message = server.say(server.user(), papers, "2401.00001")
    assert (await server.menu(message, "Look up papers here", user=reader)).text == "in: 2401.00001"


async def test_buttons_selects_and_forms(server: Discord, client: Client, papers: Channel, reader: User) -> None:
    async def touched(interaction: discord.Interaction) -> None:
        data: Any = interaction.data
        if data["custom_id"] == "more":
            form = discord.ui.Modal(title="More", custom_id="form")
            form.add_item(discord.ui.TextInput(label="Words", custom_id="words"))
            await interaction.response.send_modal(form)
        elif data["custom_id"] == "form":
            await interaction.response.send_message(data["components"][0]["components"][0]["value"])
        else:
            await interaction.response.edit_message(content=f"chosen {data['values']}", view=None)

    client.touched = touched
    answer = await server.slash(reader, "papers", "echo", {"text": "hello"}, where=papers)
    form = await server.click(answer, "More")
    assert (await server.submit(form, {"words": "diffusion"})).text == "diffusion"
    chosen = await server.select(answer, "Which?", ["First"])
    assert (chosen.updated, answer.text) == (True, "chosen ['1']")


async def test_an_answer_after_three_seconds_finds_nobody(
    server: Discord, client: Client, papers: Channel, reader: User
) -> None:
    answer = await server.slash(reader, "papers", "late", where=papers, until=at_once)
    server.advance(3.1)
    with pytest.raises(discord.NotFound) as caught:
        await waiting[0].response.defer()
    assert (caught.value.code, answer.acked) == (10062, False)


async def test_an_interaction_is_acknowledged_once(
    server: Discord, client: Client, papers: Channel, reader: User
) -> None:
    answer = await server.slash(reader, "papers", "late", where=papers, until=at_once)
    await waiting[0].response.send_message("first")
    waiting[0].response._response_type = None
    with pytest.raises(discord.HTTPException) as caught:
        await waiting[0].response.send_message("second")
    assert (caught.value.code, answer.text) == (40060, "first")


async def test_a_token_lives_for_fifteen_minutes(
    server: Discord, client: Client, papers: Channel, reader: User
) -> None:
    answer = await server.slash(reader, "papers", "late", where=papers, until=at_once)
    await waiting[0].response.defer(ephemeral=True)
    await waiting[0].followup.send("in time")
    server.advance(901)
    with pytest.raises(discord.HTTPException) as caught:
        await waiting[0].followup.send("too late")
    assert (caught.value.code, answer.text, answer.ephemeral) == (50027, "in time", True)
    assert acked(answer)


@pytest.mark.parametrize(
    "command",
    [
        {"name": "Papers", "description": "x"},
        {"name": "papers", "description": ""},
        {"name": "papers", "description": "x", "options": [
            {"type": 3, "name": "a", "description": "x"},
            {"type": 3, "name": "b", "description": "x", "required": True}]},
        {"name": "papers", "description": "x", "options": [
            {"type": 3, "name": f"o{n}", "description": "x" * 100, "choices": [
                {"name": f"{c:0100}", "value": f"{c:0100}"} for c in range(25)]} for n in range(2)]},
    ],
)  # fmt: skip
async def test_commands_that_discord_would_not_take_are_refused(
    server: Discord, client: Client, command: dict[str, Any]
) -> None:
    with pytest.raises(discord.HTTPException) as caught:
        await client.http.bulk_upsert_global_commands(server.bot.id, [command])
    assert (caught.value.code, len(server.commands)) == (50035, 3)
