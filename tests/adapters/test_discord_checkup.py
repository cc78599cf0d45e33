"""What the doctor finds out about Discord, and the link that adds Paperboy to a server."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from discord import Permissions

from adapters.discord import Discord, invite, rights
from bot.model import Address, Finding
from bot.ports import Notes
from tests.adapters.at_discord import AskedCore, adapter, person, serving, where
from tests.standins import discord as standin
from tests.standins.discord_world import Right

NEEDED = rights.MINIMAL.value


@pytest.fixture
async def server() -> AsyncIterator[standin.Discord]:
    async with standin.Discord(identify_pause=0.0) as started:
        yield started


@pytest.fixture
async def discord(server: standin.Discord, notes: Notes) -> AsyncIterator[Discord]:
    async with adapter(server, notes) as made:
        yield made


def said(findings: list[Finding], level: str) -> str:
    return "\n".join(str(finding) for finding in findings if finding.level == level)


def test_the_invitation_asks_for_what_is_needed_and_nothing_else() -> None:
    query = parse_qs(urlsplit(invite("123")).query)
    assert query["client_id"] == ["123"]
    assert query["scope"] == ["bot applications.commands"]
    assert Permissions(int(query["permissions"][0])) == Permissions(
        view_channel=True, send_messages=True, embed_links=True, read_message_history=True,
        attach_files=True, create_public_threads=True, send_messages_in_threads=True,
    )  # fmt: skip


async def test_a_healthy_installation_is_said_to_be_one(server: standin.Discord, notes: Notes) -> None:
    channel = server.channel(server.guild("Lab"), "papers", permissions=NEEDED)
    async with serving(server, notes, AskedCore()) as discord:
        findings = await discord.examine([where(channel), where(channel)])
    assert [finding.level for finding in findings] == ["ok"] * len(findings)
    text = said(findings, "ok")
    assert "oauth2/authorize" in text
    assert "999 of 1000 sessions" in text or "1000 of 1000 sessions" in text
    assert text.count("#papers") == 1


async def test_before_the_first_start_the_commands_are_not_there_yet(discord: Discord) -> None:
    assert "commands" in said(await discord.examine([]), "hint")


async def test_a_bad_token_is_one_finding_without_the_token(server: standin.Discord, notes: Notes) -> None:
    async with adapter(server, notes, token="wrong.token.here") as discord:
        [finding] = await discord.examine([where(server.channel(server.guild("Lab"), "papers"))])
    assert finding.level == "bad"
    assert "PAPERBOY_DISCORD_TOKEN" in finding.text
    assert "wrong.token.here" not in finding.text


async def test_discord_out_of_reach_is_told_and_raises_nothing(notes: Notes) -> None:
    server = standin.Discord()
    server.url = "http://127.0.0.1:1/api/v10"
    async with adapter(server, notes) as discord:
        [finding] = await discord.examine([])
    assert finding.level == "bad"
    assert finding.text.count("reached") == 1
    assert "the token was not tested" in finding.text


async def test_out_of_reach_the_link_is_told_all_the_same(notes: Notes) -> None:
    server = standin.Discord()
    server.url = "http://127.0.0.1:1/api/v10"
    async with adapter(server, notes, token="MTIzNDU2Nzg5MDEyMzQ1Njc4.abc.def") as discord:
        findings = await discord.examine([])
    assert "the token was not tested" in said(findings, "bad")
    assert "client_id=123456789012345678" in said(findings, "hint")
    assert "abc.def" not in str(findings)


async def test_few_sessions_are_told_of_before_there_are_none(server: standin.Discord, discord: Discord) -> None:
    server.world.settings.identifies = 10
    server.world.settings.shards = 10
    assert "sessions are left" in said(await discord.examine([]), "bad")


@pytest.mark.parametrize(
    ("taken", "level", "name"),
    [
        (Right.SEND_MESSAGES, "bad", "Send Messages"),
        (Right.EMBED_LINKS, "bad", "Embed Links"),
        (Right.READ_MESSAGE_HISTORY, "hint", "Read Message History"),
        (Right.CREATE_PUBLIC_THREADS, "hint", "Create Public Threads"),
    ],
)
async def test_each_missing_right_is_named(
    server: standin.Discord, discord: Discord, taken: Right, level: str, name: str
) -> None:
    channel = server.channel(server.guild("Lab"), "papers", permissions=NEEDED & ~taken)
    told = said(await discord.examine([where(channel)]), level)
    assert name in told
    assert "Permissions" in told


async def test_a_channel_that_cannot_be_seen_or_is_gone_is_told(server: standin.Discord, discord: Discord) -> None:
    guild = server.guild("Lab", ["gone"])
    gone, hidden = server.channel(guild, "gone"), server.channel(guild, "hidden", permissions=0)
    server.remove_channel(gone)
    findings = await discord.examine([where(gone), where(hidden), person(server.user())])
    assert "#gone" in said(findings, "bad")
    assert "View Channel" in said(findings, "bad")
    assert len([f for f in findings if f.subject != "discord"]) == 2


async def test_an_address_that_is_none_is_told_and_raises_nothing(server: standin.Discord, discord: Discord) -> None:
    findings = await discord.examine([Address("discord", "lab", "general")])
    assert "general" in said(findings, "bad") + said(findings, "hint")


async def test_a_thread_has_the_rights_of_its_channel(server: standin.Discord, discord: Discord) -> None:
    guild = server.guild("Lab", ["papers"])
    thread = server.channel(guild, "reading", "thread", parent=server.channel(guild, "papers"))
    assert "#reading" in said(await discord.examine([where(thread)]), "ok")


# --- rights -----------------------------------------------------------------------------------------------------------

VIEW, SEND = int(Right.VIEW_CHANNEL), int(Right.SEND_MESSAGES)


def granted(roles: dict[str, int], mine: list[str], *overwrites: tuple[str, int, int], owner: str = "9") -> int:
    """``overwrites`` are (id, allow, deny). The guild is 1, the bot 2."""
    guild: dict[str, Any] = {"id": "1", "owner_id": owner}
    listed = [{"id": id, "permissions": str(bits)} for id, bits in roles.items()]
    over = [{"id": id, "type": 0, "allow": str(allow), "deny": str(deny)} for id, allow, deny in overwrites]
    return rights.of_bot(guild, {"user": {"id": "2"}, "roles": mine}, listed, over).value


def test_rights_add_up_as_discord_adds_them() -> None:
    assert granted({"1": VIEW, "5": SEND, "6": 1}, ["5"]) == VIEW | SEND
    assert granted({"1": VIEW | SEND}, [], ("1", 0, SEND)) == VIEW
    assert granted({"1": VIEW | SEND, "5": 0}, ["5"], ("1", 0, SEND), ("5", SEND, 0)) == VIEW | SEND
    assert granted({"1": VIEW | SEND, "5": 0}, ["5"], ("5", SEND, 0), ("2", 0, SEND)) == VIEW
    assert granted({"1": VIEW, "6": 0}, [], ("6", SEND, 0)) == VIEW


def test_owners_and_administrators_may_everything() -> None:
    everything = Permissions.all().value
    assert granted({"1": 0}, [], ("1", 0, VIEW), owner="2") == everything
    assert granted({"1": int(Right.ADMINISTRATOR)}, [], ("1", 0, VIEW)) == everything
