"""What administrators do, and that none of it reaches into another space."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot import portable
from bot.cards import Reply
from bot.commands import TABLE
from bot.commands.moving import gather_all, plant_all
from bot.commands.table import Limits
from bot.model import Draft, Preferences, SourceHealth
from bot.portable import Entry, Line
from bot.store.sqlite import open_store
from tests.commands.at_desk import Mouth, at_desk, ms, paper, said


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[Mouth]:
    async with at_desk(tmp_path) as mouth:
        yield mouth


async def order(bot: Mouth, text: str, **more: object) -> Reply:
    return await bot.say(text, admin=True, **more)  # type: ignore[arg-type]


# --- one channel ------------------------------------------------------------------------------------------------------


async def test_settings_are_shown_changed_and_made_public(bot: Mouth) -> None:
    assert "timezone UTC" in said(await order(bot, "admin settings"))
    reply = await order(bot, "admin settings timezone:berlin quiet:22:00-07:00 digest:8 format:line cap:20")
    assert reply.private
    assert reply.public == (
        "Mei changed #papers: timezone UTC → Europe/Berlin; quiet off → 22:00-07:00; digest 09:00 → 08:00; "
        "format card → line; cap 100 → 20"
    )
    assert (await bot.target()).preferences == Preferences(
        timezone="Europe/Berlin", quiet=(22 * 60, 7 * 60), digest_at=8 * 60, format="line", cap=20
    )
    assert "set like that already" in said(await order(bot, "admin settings cap:20"))


@pytest.mark.parametrize("text", ["timezone:mars", "quiet:often", "digest:25", "format:poem", "cap:0", "cap:10001"])
async def test_a_setting_that_cannot_be_changes_none_of_them(bot: Mouth, text: str) -> None:
    assert (await order(bot, f"admin settings cap:7 {text}" if "cap" not in text else f"admin settings {text}")).failed
    target = await bot.store.subscriptions.targets("tower", "lab")
    assert [t.preferences for t in target] in ([], [Preferences()])


async def test_settings_of_a_channel_move_the_digest_that_waits_there(bot: Mouth) -> None:
    await bot.say("subscribe agents every:daily")
    target = await bot.target()
    (made,) = await bot.store.subscriptions.at(target.id)
    await bot.read_day(date(2026, 11, 20), paper(1, "Agents"))
    due = ms(datetime(2026, 11, 24, 9, tzinfo=UTC))
    await bot.wait_for(target, paper(1, "Agents"), due, kind="digest", slot="2026-11-24T09:00", subscription=made.id)
    await order(bot, "admin settings digest:18:00")
    (moved,) = await bot.store.outbox.pending(target.id)
    assert (moved.due, moved.slot) == (ms(datetime(2026, 11, 23, 18, tzinfo=UTC)), "2026-11-23T18:00")


# --- rights -----------------------------------------------------------------------------------------------------------


def test_who_may_do_what_stands_in_the_table() -> None:
    needs = {c.name: c.needs for c in TABLE if c.room == "admin"}
    assert needs.pop("admin settings") == "manager"
    assert set(needs.values()) == {"admin"}


async def test_none_of_it_is_done_for_anybody_else(bot: Mouth) -> None:
    await order(bot, "admin permissions policy:managers")
    for command in TABLE:
        if command.room == "admin":
            reply = await bot.say(
                f"{' '.join(command.words)} {'version = 1' if command.options else ''}", manager=False
            )
            assert reply.failed, command.name
    assert (await bot.say("admin channels", manager=True)).failed
    assert not (await bot.say("admin settings", manager=True)).failed


async def test_managers_are_added_and_taken_off(bot: Mouth) -> None:
    assert "Everybody may manage" in said(await order(bot, "admin permissions"))
    await order(bot, "admin permissions policy:managers add:@kai")
    assert (await bot.say("subscribe video")).failed
    assert not (await bot.say("subscribe video", by="kai")).failed
    assert "list kai" in said(await order(bot, "admin permissions"))
    await order(bot, "admin permissions remove:kai")
    assert (await bot.say("subscribe maps", by="kai")).failed
    assert '"zoe" is not on the list' in said(await order(bot, "admin permissions remove:zoe"))
    assert not (await bot.say("subscribe maps", space="other")).failed


async def test_what_a_list_counts_for_where_everybody_may_manage_is_said(bot: Mouth) -> None:
    assert "With policy:open the list counts for settings and mentions." in said(
        await order(bot, "admin permissions add:@kai")
    )
    assert "not one person" in said(await order(bot, 'admin permissions add:"kai and mei"'))


# --- the space --------------------------------------------------------------------------------------------------------


async def test_channels_are_listed_with_counts_and_state_and_persons_only_counted(bot: Mouth) -> None:
    await bot.say("subscribe video")
    await bot.say("subscribe maps")
    await bot.say("subscribe video", room="nlp")
    await bot.say("pause all", room="nlp")
    await bot.say("subscribe video", room="gone")
    await bot.store.outbox.suspend((await bot.target("gone")).id, "the channel was deleted", bot.now)
    await bot.say("alert add secret", by="kai")
    await bot.say("subscribe elsewhere", room="theirs", space="other")
    text = said(await order(bot, "admin channels"))
    assert "3 channels" in text
    assert "#papers 2 subscriptions · live" in text
    assert "#nlp 1 subscription · paused until resumed" in text
    assert "suspended" in text
    assert "the channel was deleted" in text
    assert "1 person with settings or alerts of their own" in text
    assert "secret" not in text
    assert "theirs" not in text


async def test_many_channels_come_in_pages(bot: Mouth) -> None:
    for number in range(11):
        await bot.say("subscribe video", room=f"room{number}")
    first = await order(bot, "admin channels")
    assert first.page is not None
    assert "#room10" in said(await order(bot, first.page.next))


async def test_status_gives_the_numbers_of_this_space_and_of_no_other(bot: Mouth) -> None:
    for space in ("lab", "other"):
        await bot.say("subscribe agents", space=space)
        target = await bot.target(space=space)
        await bot.read_day(date(2026, 11, 20), paper(1, "Agents"), paper(2, "More agents"))
        await bot.wait_for(target, paper(1, "Agents"), bot.now)
        (due,) = await bot.store.outbox.pending(target.id)
        draft = Draft(target=target.id, kind="instant", payload="{}", plain="", nonce="n", shown=(due.id,), day="x")
        message = await bot.store.outbox.freeze(draft, bot.now)
        assert message is not None
        await bot.store.outbox.note_resend(message)
        await bot.store.outbox.dead(message, "refused", bot.now)
        await bot.wait_for(target, paper(2, "More agents"), bot.now - 3 * 3_600_000)
    await bot.store.papers.note_health(SourceHealth(source="arxiv", last_try=bot.now, error="down", failing_since=1))
    text = said(await order(bot, "admin status"))
    assert "2 papers known. Here: 1 subscription in 1 room" in text
    assert "papers 1 planned, 1 given up" in text
    assert "messages 1 given up · the oldest since 3 hours ago" in text
    assert "Once a message was sent again, for there was no telling whether it had arrived." in text
    assert "! arxiv" in text


async def test_everything_is_paused_and_goes_on_again(bot: Mouth) -> None:
    paused = await order(bot, "admin pause-all")
    assert "are paused" in said(paused)
    assert "paused already" in said(await order(bot, "admin pause-all"))
    assert "paused by an administrator" in said(await bot.say("status"))
    assert (await bot.store.people.space("tower", "lab")).paused
    assert not (await bot.store.people.space("tower", "other")).paused
    assert "Posts go on" in said(await order(bot, "admin resume-all"))
    assert "was not paused" in said(await order(bot, "admin resume-all"))


async def test_orders_given_at_the_same_moment_all_hold(bot: Mouth) -> None:
    await bot.say("subscribe video")
    said_at_once = ("admin pause-all", "admin permissions policy:managers add:@ben", "admin permissions add:@kai")
    await asyncio.gather(*(order(bot, text) for text in said_at_once))
    space = await bot.store.people.space("tower", "lab")
    assert (space.paused, space.policy, set(space.managers)) == (True, "managers", {"ben", "kai"})
    texts = ("pause all", "admin settings cap:7", "admin settings digest:8", "edit 1 max:3", "edit 1 every:daily")
    await asyncio.gather(*(order(bot, text) for text in texts))
    target = await bot.target()
    held = target.preferences
    assert (held.paused_until, held.cap, held.digest_at) == (0, 7, 8 * 60)
    (subscription,) = await bot.store.subscriptions.at(target.id)
    assert (subscription.max, subscription.cadence.every) == (3, "daily")


async def test_looking_at_the_permissions_writes_nothing(bot: Mouth, tmp_path: Path) -> None:
    async with open_store(tmp_path / "paperboy.db", now=bot.now, read_only=True) as beside:
        reply = await order(bot, "admin permissions", desk=replace(bot.desk, store=beside))
    assert not reply.failed


async def test_pausing_everything_stops_what_was_due(bot: Mouth) -> None:
    await bot.say("subscribe agents")
    await bot.read_day(date(2026, 11, 20), paper(1, "Agents"))
    await bot.wait_for(await bot.target(), paper(1, "Agents"), bot.now)
    await order(bot, "admin pause-all")
    assert await bot.store.outbox.ripe(("tower",), bot.now, 10) == []
    await order(bot, "admin resume-all")
    assert len(await bot.store.outbox.ripe(("tower",), bot.now, 10)) == 1


# --- in and out -------------------------------------------------------------------------------------------------------


async def furnish(bot: Mouth) -> None:
    await bot.say("subscribe video every:weekly on:friday max:3 mention:@team", manager=True)
    await bot.say('subscribe "large models" -survey')
    await bot.say("pause 2 until:monday")
    await order(bot, "admin settings timezone:Europe/Berlin cap:20")
    await bot.say("subscribe maps", room="nlp")
    await bot.say("alert add secret", by="kai")
    await bot.say("subscribe elsewhere", space="other")


async def test_an_export_lands_in_another_space_as_it_was(bot: Mouth) -> None:
    await furnish(bot)
    text = (await order(bot, "admin export")).cards[0].code
    assert "secret" not in text
    assert "elsewhere" not in text
    reply = await order(bot, f"admin import {text}", space="third", by="zoe")
    assert said(reply).startswith("5 added, 0 there already, 0 refused")
    assert (await order(bot, "admin export", space="third")).cards[0].code == text
    assert "by you" in said(await bot.say("subscriptions", space="third", by="zoe"))


async def test_an_import_adds_what_is_not_there_and_changes_nothing_that_is(bot: Mouth) -> None:
    await furnish(bot)
    text = (await order(bot, "admin export")).cards[0].code
    await bot.say("unsubscribe 1")
    await order(bot, "admin settings cap:50")
    reply = said(await order(bot, f"admin import ```toml\n{text}```"))
    assert "1 added, 4 there already, 0 refused" in reply
    assert "+ #papers: #3 video added" in reply
    assert "= #papers: settings there already: other ones, which were kept" in reply
    assert (await bot.target()).preferences.cap == 50


async def test_what_is_refused_is_said_line_by_line_and_the_rest_is_added(bot: Mouth) -> None:
    entries = [
        Entry(room="papers", subscriptions=(Line(query="video"), Line(query="autor:x"), Line(query="maps"))),
        Entry(room="kai", kind="person", subscriptions=(Line(query="secret"),)),
        Entry(room="theirs", space="other", subscriptions=(Line(query="video"),)),
    ]
    desk = replace(bot.desk, limits=Limits(per_channel=1))
    reply = await order(bot, f"admin import {portable.dump(entries)}", desk=desk)
    text = said(reply)
    assert "2 added, 0 there already, 4 refused" in text
    assert "! #papers: autor:x refused: I do not know the field" in text
    assert "! #papers: maps refused" in text
    assert "! #kai: everything refused: alerts are a person's own" in text
    assert "! #theirs: everything refused: it belongs to tower:other, not here" in text
    assert await bot.store.subscriptions.targets("tower", "other") == []
    assert len(await bot.store.subscriptions.targets("tower", "lab")) == 1


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("version = 7", "this Paperboy reads version 1"),
        ("hello there", "This is not TOML"),
        ('version = 1\n[[target]]\nroom = "x"\ncpa = 3', "Line 4, target 1, “cpa”: there is no such key (did you mean"),
        ("version = 1 # " + "x" * 100_001, "at most 100,000"),
    ],
)
async def test_a_text_that_cannot_be_read_imports_nothing(bot: Mouth, text: str, told: str) -> None:
    reply = await order(bot, f"admin import {text}")
    assert reply.failed
    assert told in said(reply)
    assert await bot.store.subscriptions.targets("tower", "lab") == []


async def test_the_operator_takes_everything_out_and_puts_it_back_where_it_was(bot: Mouth) -> None:
    await furnish(bot)
    text = portable.dump(await gather_all(bot.desk))
    assert "secret" in text
    assert "elsewhere" in text
    await bot.say("me forget confirm:yes", by="kai")
    await bot.say("unsubscribe all confirm:yes", space="other")
    outcomes = await plant_all(bot.desk, portable.load(text), "moat", "field")
    added = {o.what for o in outcomes if o.fate == "added"}
    assert added == {"settings", "#1 secret", "#2 elsewhere"}
    assert portable.dump(await gather_all(bot.desk)).count("query =") == text.count("query =")
    assert "#1 secret" in said(await bot.say("alert list", by="kai"))


async def test_what_names_no_place_lands_where_the_operator_says(bot: Mouth) -> None:
    entry = Entry(room="papers", subscriptions=(Line(query="video", paused_until=0),))
    await plant_all(bot.desk, [entry], "tower", "third")
    assert "#1 video at once · paused until resumed" in said(await bot.say("subscriptions", space="third"))


async def test_every_answer_of_admins_is_private_and_plain_json_too(bot: Mouth) -> None:
    await furnish(bot)
    lines = (
        "admin settings", "admin settings cap:9", "admin channels", "admin permissions", "admin permissions add:@kai",
        "admin export", "admin import version = 1", "admin status", "admin pause-all", "admin resume-all",
    )  # fmt: skip
    for text in lines:
        reply = await order(bot, text)
        assert not reply.failed, text
        assert reply.private, text
        assert json.loads(json.dumps(reply.data)) is not None, text
