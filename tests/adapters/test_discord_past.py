"""What Discord shows of ours since a time: read back with the real discord.py, against the stand-in."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from adapters.discord import Discord
from adapters.discord.rights import MINIMAL
from bot.cards import Reply, digest_post, fold_post, instant_post, paper_card
from bot.errors import DeliveryError
from bot.model import FORMATS, WATCHED, Address, Format
from bot.ports import History, Notes, Reach
from tests.adapters.at_discord import AskedCore, adapter, outgoing, person, serving, until, where
from tests.making import paper
from tests.standins import discord as standin
from tests.standins.discord_faults import Kind as Fault
from tests.standins.discord_world import Channel, Right

PAPERS = [paper(number) for number in range(1, 11)]


@pytest.fixture
async def discord(server: standin.Discord, notes: Notes) -> AsyncIterator[Discord]:
    async with adapter(server, notes) as made:
        yield made


async def told(discord: Discord, to: Address, since: int = 0) -> tuple[set[str], int]:
    """All pages: the papers, and how many pages there were."""
    papers, further, pages = set[str](), "", 0
    while further or not pages:
        page = await discord.posted(to, since, further)
        papers |= page.papers.keys()
        further, pages = page.further, pages + 1
    return papers, pages


async def refused(discord: Discord, to: Address) -> DeliveryError:
    with pytest.raises(DeliveryError) as error:
        await discord.posted(to, 0)
    return error.value


@pytest.mark.parametrize("plain", [False, True], ids=["rich", "plain"])
@pytest.mark.parametrize("count", [1, 2, 10])
@pytest.mark.parametrize("format", FORMATS)
async def test_every_paper_of_every_kind_of_post_is_read_back(
    server: standin.Discord, discord: Discord, format: Format, count: int, plain: bool
) -> None:
    assert isinstance(discord, History)
    guild = server.guild("Lab")
    items = [(one, ()) for one in PAPERS[:count]]
    for number, said in enumerate((instant_post(items, format), digest_post(items, 3, "Digest", format))):
        for kind in ("text", "forum"):
            room = server.channel(guild, f"{kind}{number}", kind)
            payload = discord.plain(said) if plain else discord.render(said)
            await discord.send(outgoing(discord, where(room), payload=payload))
            assert await told(discord, where(room)) == ({p.key for p, _ in items}, 1 + (kind == "forum"))


async def test_a_more_line_is_told_with_its_time_and_a_digests_rest_is_none(
    server: standin.Discord, discord: Discord
) -> None:
    room = server.channel(server.guild("Lab"), "papers")
    digest = digest_post([(PAPERS[0], ())], 4, "Digest")
    await discord.send(outgoing(discord, where(room), digest))
    assert (await discord.posted(where(room), 0)).counted == 0
    await discord.send(outgoing(discord, where(room), fold_post(3, "2026-11-23"), nonce="a1"))
    [_, line] = server.messages(room)
    assert (await discord.posted(where(room), 0)).counted == line.at


async def test_answers_and_what_others_say_are_no_posts(server: standin.Discord, notes: Notes) -> None:
    room, reader = server.channel(server.guild("Lab", ["papers"]), "papers"), server.user("reader")
    card = paper_card(PAPERS[0])
    core = AskedCore(reply=Reply(cards=(card,), share="/papers show 2611.00001"))
    async with serving(server, notes, core) as discord:
        await asyncio.sleep(0.3)  # until the servers are known
        answer = await server.slash(reader, "papers", "show", {"paper": "2611.00001"}, where=room)
        await server.click(answer, "Share to channel", user=reader)
        await until(lambda: any("Save" in str(message.components) for message in server.messages(room)))
        server.say(server.user(), room, f"<{card.url}>\n-# ref abc")
        assert await told(discord, where(room)) == (set(), 1)


async def test_a_post_for_a_watch_shows_no_match(server: standin.Discord, discord: Discord) -> None:
    guild = server.guild("Lab")
    for room in (server.channel(guild, "papers"), server.channel(guild, "forum", "forum")):
        for shown, nonce in ((PAPERS[0], f"{WATCHED}a1"), (PAPERS[1], "a1")):
            await discord.send(outgoing(discord, where(room), instant_post([(shown, ())]), nonce=nonce))
        assert (await told(discord, where(room)))[0] == {PAPERS[1].key}


async def test_only_what_was_posted_since_is_told(server: standin.Discord, discord: Discord) -> None:
    room = server.channel(server.guild("Lab"), "papers")
    await discord.send(outgoing(discord, where(room), instant_post([(PAPERS[0], ())])))
    server.advance(3600)
    since = server.world.clock.now()
    await discord.send(outgoing(discord, where(room), instant_post([(PAPERS[1], ())]), nonce="a1"))
    page = await discord.posted(where(room), since)
    assert page.papers == {PAPERS[1].key: server.messages(room)[-1].at}


async def test_a_long_channel_is_read_page_by_page(server: standin.Discord, discord: Discord) -> None:
    room, somebody = server.channel(server.guild("Lab"), "papers"), server.user()
    await discord.send(outgoing(discord, where(room), instant_post([(PAPERS[0], ())])))
    for number in range(210):
        server.say(somebody, room, f"{number}")
    assert await told(discord, where(room)) == ({PAPERS[0].key}, 3)


async def test_a_long_forum_is_read_page_by_page_open_posts_and_archived_ones(
    server: standin.Discord, discord: Discord
) -> None:
    guild = server.guild("Lab")
    forum, other = server.channel(guild, "papers", "forum"), server.channel(guild, "other", "forum")
    for number in range(24):
        said = instant_post([(paper(100 + number), ())])
        await discord.send(outgoing(discord, where(forum), said, nonce=f"n{number}"))
        server.advance(1)
    await discord.send(outgoing(discord, where(other), instant_post([(PAPERS[0], ())])))
    for thread in sorted(server.threads(forum), key=lambda thread: thread.id)[:12]:
        thread.archived = True
    papers, pages = await told(discord, where(forum))
    assert papers == {paper(100 + number).key for number in range(24)}
    assert pages == 4


async def test_a_conversation_that_the_notes_forgot_is_read_all_the_same(
    server: standin.Discord, discord: Discord, notes: Notes
) -> None:
    somebody = server.user("reader", installed=True)
    said = outgoing(discord, person(somebody), instant_post([(PAPERS[0], ())]))
    sent = await discord.send(said)
    await notes.erase("discord", f"dm:{somebody.id}")
    assert await told(discord, person(somebody)) == ({PAPERS[0].key}, 1)
    await notes.erase("discord", f"dm:{somebody.id}")
    assert await discord.find(said) == sent


def hidden(server: standin.Discord, kind: str) -> Channel:
    rights = MINIMAL.value & ~Right.READ_MESSAGE_HISTORY
    return server.channel(server.guild("Lab"), "papers", kind, permissions=rights)  # type: ignore[arg-type]  # as above


@pytest.mark.parametrize("kind", ["text", "forum"])
async def test_without_the_right_to_read_back_there_is_no_telling(
    server: standin.Discord, discord: Discord, kind: str
) -> None:
    room = hidden(server, kind)
    await discord.send(outgoing(discord, where(room), instant_post([(PAPERS[0], ())])))
    error = await refused(discord, where(room))
    assert error.fault == "ambiguous"
    assert "Read Message History" in str(error)


@pytest.mark.parametrize("kind", ["text", "forum"])
async def test_a_channel_out_of_sight_takes_no_posts_either(
    server: standin.Discord, discord: Discord, kind: standin.ChannelType
) -> None:
    room = server.channel(server.guild("Lab"), "papers", kind)
    await discord.send(outgoing(discord, where(room), instant_post([(PAPERS[0], ())])))
    server.permit(room, 0)
    error = await refused(discord, where(room))
    assert error.fault == "target"
    assert "View Channel" in str(error)


async def test_a_channel_that_is_gone_takes_no_posts_either(server: standin.Discord, discord: Discord) -> None:
    room = server.channel(server.guild("Lab"), "papers")
    server.remove_channel(room)
    assert (await refused(discord, where(room))).fault == "target"


@pytest.mark.parametrize(("kind", "fault"), [("429 route", "busy"), ("cut json", "temporary"), ("401", "credential")])
async def test_what_fails_for_now_is_asked_again(
    server: standin.Discord, discord: Discord, kind: Fault, fault: str
) -> None:
    room = server.channel(server.guild("Lab"), "papers")
    await discord.send(outgoing(discord, where(room)))
    server.fail("GET", "/messages", kind, times=9, seconds=120)
    assert (await refused(discord, where(room))).fault == fault


@pytest.mark.parametrize("kind", ["cut json", "401"])
async def test_it_tells_whether_posts_could_be_sent(server: standin.Discord, discord: Discord, kind: Fault) -> None:
    assert isinstance(discord, Reach)
    room = server.channel(server.guild("Lab"), "papers")
    server.fail("GET", "/messages", kind, times=9)
    await discord.reach(where(room))
    server.fail("GET", f"/channels/{room.id}", kind, times=9)
    with pytest.raises(DeliveryError):
        await discord.reach(where(room))
