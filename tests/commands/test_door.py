"""What the door to all commands adds: what may be shared, who may mention, rooms without posts, and waking them."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.commands import TABLE, handle, read
from bot.model import Address, Person, Request
from tests.commands.at_desk import LAB, MONDAY, Mouth, at_desk, paper, said

BARRED = "Paperboy may not write in #papers: give it the right to send messages."


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[Mouth]:
    async with at_desk(tmp_path) as mouth:
        await mouth.read_day(MONDAY.date(), paper(1, "Video agents"), *(paper(n, f"Maps {n}") for n in range(2, 15)))
        yield mouth


# --- showing an answer to everybody -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line", ["today", "search maps", "show 2611.00001", "cite 2611.00001 as:ris", "similar 2611.00002", "preview maps"]
)
async def test_a_look_up_in_a_channel_may_be_shared_as_the_same_command(bot: Mouth, line: str) -> None:
    reply = await bot.say(line)
    assert reply.private
    assert read(reply.share) == read(line)
    assert (await bot.say(line, alone=True)).share == ""


async def test_a_shared_page_is_that_page(bot: Mouth) -> None:
    first = await bot.say("today")
    assert first.page is not None
    assert read((await bot.say(first.page.next)).share)[1] == {"page": "2"}


@pytest.mark.parametrize(
    "line", ["help", "why 2611.00001", "subscriptions", "status", "alert list", "saved", "me", "me less 2611.00001"]
)
async def test_what_has_something_of_the_asker_in_it_is_never_shared(bot: Mouth, line: str) -> None:
    assert (await bot.say(line)).share == ""


async def test_a_failure_is_not_shared(bot: Mouth) -> None:
    for line in ("show nothing at all", "today date:2027-01-01", "search", "preview OR"):
        reply = await bot.say(line)
        assert (reply.failed, reply.share) == (True, ""), line


def test_only_what_changes_nothing_and_needs_no_right_can_be_shared() -> None:
    assert [c.name for c in TABLE if c.share and (c.writes or c.needs != "nothing" or c.room == "personal")] == []


# --- mentioning -------------------------------------------------------------------------------------------------------


async def test_a_mention_takes_a_manager_also_where_everybody_may_subscribe(bot: Mouth) -> None:
    refused = await bot.say("subscribe video mention:@team")
    assert "rings at many, so it is for those who manage this channel" in said(refused)
    assert read(refused.cards[0].code) == read("subscribe video")
    assert not (await bot.say("subscribe video mention:@team", manager=True)).failed
    assert not (await bot.say("subscribe maps mention:@team", admin=True)).failed
    await bot.store.people.edit_space(*LAB, lambda known: replace(known, managers=("kai",)))
    assert not (await bot.say("subscribe agents mention:@team", by="kai")).failed


async def test_one_that_mentions_is_changed_by_managers_alone_but_anybody_may_silence_it(bot: Mouth) -> None:
    await bot.say("subscribe video mention:@team", manager=True)
    await bot.say("subscribe maps")
    for line in ("edit 1 query:*", "edit 1 every:daily", "edit 2 mention:@team"):
        assert "rings at many" in said(await bot.say(line)), line
    assert not (await bot.say("edit 1 mention:off")).failed
    assert not (await bot.say("edit 1 every:daily")).failed


# --- where nothing can be posted --------------------------------------------------------------------------------------


async def test_where_nothing_can_be_posted_nothing_is_set_up_and_an_alert_is_offered(bot: Mouth) -> None:
    refused = await bot.say("subscribe video every:daily mention:@team", barred=BARRED, admin=True)
    assert said(refused).startswith(BARRED)
    assert read(refused.cards[0].code) == read("alert add video every:daily")
    assert await bot.store.subscriptions.targets() == []
    for line in ("edit 1 every:daily", "resume all", "admin resume-all"):
        assert said(await bot.say(line, barred=BARRED, admin=True)) == BARRED, line


async def test_what_stops_posts_works_also_where_nothing_can_be_posted(bot: Mouth) -> None:
    await bot.say("subscribe video", admin=True)
    for line in ("pause 1", "admin settings cap:3", "admin pause-all", "unsubscribe 1"):
        assert not (await bot.say(line, barred=BARRED, admin=True)).failed, line


async def test_looking_and_what_is_ones_own_work_where_nothing_can_be_posted(bot: Mouth) -> None:
    for line in ("today", "subscriptions", "admin settings", "alert add video", "save 2611.00001", "status"):
        assert not (await bot.say(line, barred=BARRED, admin=True)).failed, line


# --- waking -----------------------------------------------------------------------------------------------------------


async def test_a_command_from_a_suspended_room_has_it_tried_and_says_so(bot: Mouth) -> None:
    await bot.say("subscribe video")
    for line, fails in (("today", False), ("show nothing at all", True), ("unsubscribe 7", True)):
        await bot.store.outbox.suspend((await bot.target()).id, "the bot was removed.", bot.now)
        reply = await bot.say(line)
        assert said(reply).endswith("Posting here is tried again now; it had stopped (the bot was removed).")
        assert reply.failed == fails
        tried = await bot.target()
        assert (tried.on_trial, tried.suspended) == (True, "the bot was removed."), "nobody knows yet how it ends"
        assert "tried again" not in said(await bot.say("today")), "it is being tried"


async def test_to_a_person_who_speaks_in_their_own_room_it_is_tried_again(bot: Mouth) -> None:
    await bot.say("alert add video")
    await bot.store.outbox.suspend((await bot.target("mei", alone=True)).id, "messages are closed", bot.now)
    assert "tried again" not in said(await bot.say("today"))
    assert "Posting to you is tried again now" in said(await bot.say("today", alone=True))


async def test_other_rooms_and_rooms_where_nothing_can_be_posted_sleep_on(bot: Mouth) -> None:
    await bot.say("subscribe video")
    await bot.store.outbox.suspend((await bot.target()).id, "gone", bot.now)
    for there in ({"room": "other"}, {"space": "other"}, {"alone": True}, {"barred": BARRED}):
        await bot.say("today", **there)
    await bot.say("today", desk=replace(bot.desk, read_only=True))
    assert (await bot.target()).suspended == "gone"


# --- leaving everywhere -----------------------------------------------------------------------------------------------


async def test_somebody_of_no_space_is_forgotten_in_all_of_them(bot: Mouth) -> None:
    wide = Person("tower", "", "mei", "Mei")

    async def says(line: str, space: str) -> str:
        command, options = read(line)
        where = Address("tower", space, "papers")
        bot.now += 10_000
        return said(await handle(bot.desk, Request(command=command.name, options=options, person=wide, where=where)))

    for space in ("lab", "other"):
        await says("subscribe video", space)
        await bot.store.people.edit_space("tower", space, lambda known: replace(known, managers=("mei", "kai")))
    assert "your name on channel subscriptions, which stay 2" in await says("me forget", "lab")
    assert "your right to manage channels 2" in await says("me forget", "lab")
    await says("me forget confirm:yes", "lab")
    for space in ("lab", "other"):
        assert (await bot.store.people.space("tower", space)).managers == ("kai",)
        (kept,) = await bot.store.subscriptions.at((await bot.target(space=space)).id)
        assert kept.owner == ""
