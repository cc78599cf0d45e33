"""People in Discord and what they are answered, with the real discord.py against the stand-in."""

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest
from discord import HTTPException, InteractionType, Permissions
from discord.app_commands import AppCommandContext

from adapters.discord import Discord
from adapters.discord.interactions import FOREIGN, NOTHING_NAMED, TOO_OLD, Interactions
from bot.cards import Button, Card, Page, Reply, Row, notice
from bot.model import Offer, Request
from bot.ports import Notes
from tests.adapters.at_discord import AskedCore, outgoing, post, serving, where
from tests.standins import discord as standin
from tests.standins.discord_actors import acked
from tests.standins.discord_answers import Answer
from tests.standins.discord_faults import Kind as Fault
from tests.standins.discord_world import POSTING, Channel, Right, User

LONG = f"/papers search query:{'diffusion ' * 20}".strip()


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
        yield made


@pytest.fixture
def channel(server: standin.Discord) -> Channel:
    return server.channel(next(iter(server.world.guilds.values())), "papers")


@pytest.fixture
def reader(server: standin.Discord) -> User:
    return server.user("reader")


def saying(*cards: Card, **more: Any) -> Reply:
    return Reply(cards=cards or (notice("Here you are."),), **more)


async def further(answer: Answer, number: int = 1) -> Answer:
    return await answer.until(lambda a: len(a.followups) >= number)


# --- commands ---------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("discord")
async def test_a_command_is_acknowledged_at_once_and_answered_to_its_asker_alone(
    server: standin.Discord, core: AskedCore, reader: User, channel: Channel
) -> None:
    core.slow = 0.5
    answer = await server.slash(reader, "papers", "show", {"paper": "2401.01234"}, where=channel)
    assert answer.acked_after < 0.4
    assert answer.ephemeral
    assert "Yes." in answer.text
    [request] = core.requests
    assert (request.command, request.options) == ("show", {"paper": "2401.01234"})
    assert request.where == where(channel)
    assert request.where.name == "papers"
    assert (request.person.space, request.person.id) == ("", str(reader.id))
    assert request.barred == ""


@pytest.mark.usefixtures("discord")
@pytest.mark.parametrize(
    ("rights", "manager", "admin"),
    [(0, False, False), (Right.MANAGE_CHANNELS, True, False), (Right.MANAGE_GUILD, True, True),
     (Right.ADMINISTRATOR, True, True)],
)  # fmt: skip
async def test_discord_says_who_may_manage(
    server: standin.Discord, core: AskedCore, reader: User, channel: Channel, rights: int, manager: bool, admin: bool
) -> None:
    await server.slash(reader, "papers", "today", where=channel, permissions=int(POSTING | rights))
    assert (core.requests[0].manager, core.requests[0].admin) == (manager, admin)


@pytest.mark.usefixtures("discord")
async def test_in_direct_messages_somebody_is_in_their_own_room(
    server: standin.Discord, core: AskedCore, reader: User
) -> None:
    answer = await server.slash(reader, "papers", "today")
    [request] = core.requests
    assert request.where == request.person.address
    assert request.barred == ""
    assert not answer.ephemeral  # nobody else is there, and what is private is gone when the app is closed


@pytest.mark.usefixtures("discord")
async def test_a_line_for_the_channel_follows_the_private_answer(
    server: standin.Discord, core: AskedCore, reader: User, channel: Channel
) -> None:
    core.reply = saying(public="@everyone reader subscribed this channel to *diffusion*.")
    answer = await further(await server.slash(reader, "papers", "today", where=channel))
    assert answer.ephemeral
    [line] = answer.followups
    assert not line.ephemeral
    assert line.sent["allowed_mentions"] == {"parse": [], "roles": [], "users": []} or not line.sent[
        "allowed_mentions"
    ].get("parse")
    assert "@everyone" not in line.content


@pytest.mark.usefixtures("discord")
async def test_a_shared_answer_is_for_everybody(
    server: standin.Discord, core: AskedCore, reader: User, channel: Channel
) -> None:
    core.reply = saying(private=False)
    answer = await further(await server.slash(reader, "papers", "today", where=channel, until=acked))
    assert not answer.followups[0].ephemeral
    assert answer.original is None


@pytest.mark.usefixtures("discord")
async def test_where_paperboy_may_not_post_it_says_so_and_stays_private(
    server: standin.Discord, core: AskedCore, reader: User
) -> None:
    guild = next(iter(server.world.guilds.values()))
    silent = server.channel(guild, "silent", permissions=int(POSTING & ~Right.SEND_MESSAGES))
    core.reply = saying(public="reader did something.", private=False)
    answer = await server.slash(reader, "papers", "today", where=silent)
    assert answer.ephemeral
    assert answer.followups == []
    assert "Send Messages" in core.requests[0].barred


@pytest.mark.usefixtures("discord")
async def test_in_a_server_without_paperboy_look_ups_work_and_posts_are_barred(
    server: standin.Discord, core: AskedCore
) -> None:
    foreign = server.guild("Elsewhere", ["talk"], joined=False)
    visitor = server.user("visitor", installed=True)
    core.reply = saying(public="visitor did something.")
    answer = await server.slash(visitor, "papers", "today", where=server.channel(foreign, "talk"))
    assert "Here you are." in answer.text
    assert answer.ephemeral
    assert answer.followups == []
    assert core.requests[0].barred == FOREIGN


@pytest.mark.usefixtures("discord")
async def test_a_command_in_a_post_of_a_forum_is_about_the_forum(
    server: standin.Discord, core: AskedCore, reader: User
) -> None:
    forum = server.channel(next(iter(server.world.guilds.values())), "journal", "forum")
    thread = server.channel(forum.guild, "welcome", "thread", parent=forum)  # type: ignore[arg-type]  # it has a guild
    await asyncio.sleep(0.2)
    await server.slash(reader, "papers", "today", where=thread)
    assert core.requests[0].where == where(forum)


@pytest.mark.usefixtures("discord")
async def test_a_failure_of_ours_is_told_with_a_reference_that_is_in_the_log(
    server: standin.Discord, core: AskedCore, reader: User, channel: Channel, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: Request) -> Reply:
        raise RuntimeError("a mistake")

    core.reply = broken
    answer = await server.slash(reader, "papers", "today", where=channel)
    refs = [record.__dict__["ref"] for record in caplog.records if record.message == "discord.interaction_broke"]
    assert f"ref {refs[0]}" in answer.text
    record = next(r.__dict__ for r in caplog.records if r.message == "discord.interaction_broke")
    said = (record["command"], record["platform"], record["space"])
    assert said == ("today", "discord", str(channel.guild.id if channel.guild else 0))
    core.reply = saying()
    assert "Here" in (await server.slash(reader, "papers", "today", where=channel)).text


@pytest.mark.usefixtures("discord")
async def test_a_failure_of_discords_is_tried_again(
    server: standin.Discord, core: AskedCore, reader: User, channel: Channel
) -> None:
    core.reply = saying(Card(title="Kept"))
    server.fail("PATCH", "/@original", "500", times=1)
    assert "Kept" in (await server.slash(reader, "papers", "today", where=channel)).text


class Picky:
    """In the place of ``Wire``: takes no boxes."""

    def __init__(self) -> None:
        self.shown: list[str] = []

    async def answer(self, _client: object, _method: str, path: str, **more: Any) -> None:
        body = more["json"]
        if body.get("embeds"):
            response: Any = SimpleNamespace(status=400, reason="Bad Request", headers={})
            raise HTTPException(response, {"code": 50035, "message": "Invalid Form Body"})
        if path.endswith("@original"):
            self.shown.append(body["content"])


async def test_an_answer_discord_cannot_read_is_said_in_plain_words(notes: Notes, core: AskedCore) -> None:
    wire = Picky()
    core.reply = saying(Card(title="Attention", body="Is all you need.", tone="paper"))
    somebody = SimpleNamespace(id=1, display_name="reader")
    interaction: Any = SimpleNamespace(
        id=1, token="t", application_id=2, client=None, type=InteractionType.application_command, user=somebody,
        data={"type": 1, "name": "papers", "options": [{"type": 1, "name": "today"}]}, guild_id=None, channel=None,
        context=AppCommandContext(dm_channel=True), permissions=Permissions.none(),
    )  # fmt: skip
    await Interactions(wire, core, notes, int).answer(interaction)  # type: ignore[arg-type]  # a fake at the seam
    assert wire.shown == ["Attention\nIs all you need."]


@pytest.mark.usefixtures("discord")
async def test_a_long_answer_takes_several_messages_and_a_longer_one_a_file(
    server: standin.Discord, core: AskedCore, reader: User, channel: Channel
) -> None:
    rows = tuple(Row(lead=f"{n}.", text="word " * 30) for n in range(60))
    core.reply = saying(Card(title="Many", rows=rows), Card(title="Shelf", code="@article{x}\n" * 800))
    answer = await further(await server.slash(reader, "papers", "today", where=channel))
    assert all(message.ephemeral for message in answer.followups)
    files = [attachment for message in answer.messages for attachment in message.attachments]
    assert [file["filename"] for file in files] == ["papers.bib"]


# --- too late ---------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("discord")
async def test_a_command_that_came_too_late_is_not_run(
    server: standin.Discord, core: AskedCore, reader: User, channel: Channel, caplog: pytest.LogCaptureFixture
) -> None:
    server.world.settings.answer_deadline = 0.0
    answer = await server.slash(reader, "papers", "today", where=channel, until=lambda a: a.refused)
    assert not answer.acked
    server.world.settings.answer_deadline = 3.0
    await server.slash(reader, "papers", "week", where=channel)
    assert [request.command for request in core.requests] == ["week"]
    assert "discord.interaction_broke" not in caplog.messages


@pytest.mark.usefixtures("discord")
async def test_an_answer_after_its_token_has_expired_is_logged_and_breaks_nothing(
    server: standin.Discord, core: AskedCore, reader: User, channel: Channel, caplog: pytest.LogCaptureFixture
) -> None:
    core.slow = 0.3
    answer = await server.slash(reader, "papers", "today", where=channel, until=acked)
    server.advance(901)
    await answer.until(lambda a: a.refused)
    core.slow = 0
    assert "Yes." in (await server.slash(reader, "papers", "today", where=channel)).text
    assert "discord.answer_too_late" in caplog.messages
    assert "discord.interaction_broke" not in caplog.messages


@pytest.mark.usefixtures("discord")
@pytest.mark.parametrize("fault", ["reset", "reset after", "502 after"])
async def test_a_broken_line_while_acknowledging_runs_the_command_once(
    server: standin.Discord, core: AskedCore, reader: User, channel: Channel, fault: Fault
) -> None:
    server.fail("POST", "/callback", fault)
    answer = await server.slash(reader, "papers", "today", where=channel)
    assert "Yes." in answer.text
    assert len(core.requests) == 1


# --- suggestions ------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("discord")
async def test_suggestions_come_from_the_core(
    server: standin.Discord, core: AskedCore, reader: User, channel: Channel
) -> None:
    core.offered = [Offer("Attention · 2401.01234", "2401.01234")]
    offered = await server.autocomplete(reader, "papers", "show", ("paper", "atten"), where=channel)
    assert offered == [{"name": "Attention · 2401.01234", "value": "2401.01234"}]
    assert core.typed == [("paper", "atten")]
    assert core.requests[0].options == {}


@pytest.mark.usefixtures("discord")
async def test_suggestions_that_take_too_long_are_none(
    server: standin.Discord, core: AskedCore, reader: User, channel: Channel
) -> None:
    core.slow, core.offered = 10, [Offer("late", "late")]
    assert await server.autocomplete(reader, "papers", "show", ("paper", "x"), where=channel) == []


# --- the menu of a message --------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("discord")
async def test_papers_are_looked_up_in_a_message(
    server: standin.Discord, core: AskedCore, reader: User, channel: Channel
) -> None:
    message = server.say(reader, channel, "look: https://arxiv.org/abs/2401.01234")
    message.embeds = [{"type": "link", "url": "https://huggingface.co/papers/2401.05678"}]
    answer = await server.menu(message, "Look up papers here", user=reader)
    assert "Yes." in answer.text
    assert answer.ephemeral
    assert "2401.01234" in core.texts[0]
    assert "2401.05678" in core.texts[0]


@pytest.mark.usefixtures("discord")
async def test_a_message_that_names_no_paper_is_told_so(
    server: standin.Discord, core: AskedCore, reader: User, channel: Channel
) -> None:
    core.reply = Reply(cards=())
    answer = await server.menu(server.say(reader, channel, "hello"), "Look up papers here", user=reader)
    assert NOTHING_NAMED in answer.text


# --- buttons ----------------------------------------------------------------------------------------------------------


async def test_a_button_of_a_post_works_after_a_restart(
    server: standin.Discord, notes: Notes, core: AskedCore, reader: User, channel: Channel
) -> None:
    card = Card(title="A", buttons=(Button("Save", "/papers save paper:2401.01234"),), tone="paper")
    async with serving(server, notes, AskedCore()) as before:
        await before.send(outgoing(before, where(channel), post(card)))
    async with serving(server, notes, core):
        answer = await server.click(server.messages(channel)[0], "Save", user=reader)
    assert answer.ephemeral
    assert "Yes." in answer.text
    assert (core.requests[0].command, core.requests[0].options) == ("save", {"paper": "2401.01234"})


async def test_a_command_too_long_for_its_button_is_remembered_over_a_restart(
    server: standin.Discord, notes: Notes, core: AskedCore, reader: User, channel: Channel
) -> None:
    core.reply = saying(Card(body="wrong", buttons=(Button("Do this instead", LONG),), tone="error"))
    async with serving(server, notes, core):
        answer = await server.slash(reader, "papers", "today", where=channel)
    async with serving(server, notes, core):
        await server.click(answer, "Do this instead")
    assert core.requests[-1].options["query"] == LONG.removeprefix("/papers search query:")


async def test_a_button_whose_command_is_forgotten_says_so(
    server: standin.Discord, notes: Notes, core: AskedCore, reader: User, channel: Channel
) -> None:
    core.reply = saying(Card(body="wrong", buttons=(Button("Do this instead", LONG),), tone="error"))
    async with serving(server, notes, core):
        answer = await server.slash(reader, "papers", "today", where=channel)
        for key in await notes.keys("discord", "long:"):
            await notes.erase("discord", key)
        pressed = await server.click(answer, "Do this instead")
    assert TOO_OLD in pressed.text
    assert pressed.ephemeral
    assert len(core.requests) == 1


@pytest.mark.usefixtures("discord")
async def test_pages_turn_in_their_place(
    server: standin.Discord, core: AskedCore, reader: User, channel: Channel
) -> None:
    def pages(request: Request) -> Reply:
        number = int(request.options.get("page", "1"))
        ahead = f"/papers today page:{number + 1}" if number < 3 else ""
        behind = f"/papers today page:{number - 1}" if number > 1 else ""
        return saying(Card(title=f"Page {number}"), page=Page(number=number, total=3, previous=behind, next=ahead))

    core.reply = pages
    answer = await server.slash(reader, "papers", "today", where=channel)
    assert "Page 1" in answer.text
    turned = await server.click(answer, "▶", until=lambda a: a.updated)
    assert turned.original is answer.original
    assert "Page 2" in answer.text
    assert "Page 1" not in answer.text
    assert len(answer.messages) == 1


@pytest.mark.usefixtures("discord")
async def test_what_everybody_sees_has_no_pages_and_is_not_shared_again(
    server: standin.Discord, core: AskedCore, reader: User, channel: Channel
) -> None:
    core.reply = saying(
        Card(title="Page 1"), page=Page(number=1, total=2, next="/papers today page:2"), share="/papers today",
        private=False,
    )  # fmt: skip
    shared = await further(await server.slash(reader, "papers", "today", where=channel, until=acked))
    assert shared.followups[0].components == []


@pytest.mark.usefixtures("discord")
async def test_a_page_that_fails_leaves_the_page_as_it_is(
    server: standin.Discord, core: AskedCore, reader: User, channel: Channel
) -> None:
    core.reply = saying(Card(title="Page 1"), page=Page(number=1, total=2, next="/papers today page:2"))
    answer = await server.slash(reader, "papers", "today", where=channel)
    core.reply = saying(notice("That was more than 10 commands in a minute."), failed=True)
    pressed = await further(await server.click(answer, "▶", until=acked))
    assert pressed.followups[0].ephemeral
    assert "Page 1" in answer.text


@pytest.mark.usefixtures("discord")
async def test_what_cannot_be_undone_is_asked_about_first(
    server: standin.Discord, core: AskedCore, reader: User, channel: Channel
) -> None:
    button = Button("Forget everything", "/papers me forget", confirm="Really?")
    core.reply = saying(Card(body="All that is known of you.", buttons=(button,)))
    answer = await server.slash(reader, "papers", "today", where=channel)
    question = await server.click(answer, "Forget everything")
    assert question.ephemeral
    assert "Really?" in question.text
    assert len(core.requests) == 1
    await server.click(question, "Forget everything")
    assert core.requests[-1].command == "me forget"


@pytest.mark.usefixtures("discord")
async def test_a_button_of_somebody_elses_making_runs_nothing(
    server: standin.Discord, discord: Discord, core: AskedCore, reader: User, channel: Channel
) -> None:
    await discord.send(outgoing(discord, where(channel)))
    message = server.messages(channel)[0]
    message.components = [{"type": 1, "components": [{"type": 2, "style": 2, "label": "x", "custom_id": "?", "id": 9}]}]
    assert TOO_OLD in (await server.click(message, "x", user=reader)).text
    assert core.requests == []


# --- while much goes on -----------------------------------------------------------------------------------------------


async def test_answers_do_not_wait_behind_posts(
    server: standin.Discord, discord: Discord, core: AskedCore, reader: User
) -> None:
    guild = next(iter(server.world.guilds.values()))
    rooms = [server.channel(guild, f"room-{n}") for n in range(120)]
    await asyncio.sleep(0.2)
    posting = asyncio.gather(*(discord.send(outgoing(discord, where(room))) for room in rooms))
    await asyncio.sleep(0.1)
    answers = await asyncio.gather(*(server.slash(reader, "papers", "today", where=rooms[n]) for n in range(20)))
    assert not posting.done()
    assert max(answer.acked_after for answer in answers) < 1
    await posting
    assert len(core.requests) == 20
