"""What belongs to one person: alerts, watches, saved papers, settings, and being forgotten."""

import csv
import io
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot import portable
from bot.cards import Reply
from bot.commands import TABLE
from bot.commands.saving import as_csv, as_markdown
from bot.commands.table import Desk, Limits
from bot.errors import SourceError
from bot.model import Address, Paper, Person, Saved
from bot.store.sqlite import open_store
from tests.commands.at_desk import MONDAY, Mouth, at_desk, ms, paper, said

DAY = date(2026, 11, 20)
VIDEO = paper(1, "Video agents", votes=12)
MAPS = paper(2, "Maps of proteins", votes=3, code="https://github.com/x/y")


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[Mouth]:
    async with at_desk(tmp_path) as mouth:
        await mouth.read_day(DAY, VIDEO, MAPS)
        yield mouth


def buttons(reply: Reply) -> list[str]:
    return [button.command for card in reply.cards for button in card.buttons]


# --- alerts -----------------------------------------------------------------------------------------------------------


async def test_an_alert_is_nobodys_business_wherever_it_is_added(bot: Mouth) -> None:
    reply = await bot.say("alert add video every:daily at:18:00", room="papers")
    assert reply.private
    assert reply.public == ""
    assert "sent to you alone daily at 18:00" in said(reply)
    assert "#1 video daily at 18:00" in said(await bot.say("alert list", alone=True))
    assert "no subscriptions here" in said(await bot.say("subscriptions", room="papers"))


async def test_alerts_are_edited_paused_resumed_and_removed_by_their_own_commands(bot: Mouth) -> None:
    added = await bot.say("alert add video")
    assert buttons(added)[0] == "/papers alert remove id:1"
    edited = await bot.say("alert edit 1 max:3")
    assert buttons(edited) == ["/papers alert edit id:1 max:off"]
    paused = await bot.say("alert pause 1 until:friday")
    assert buttons(paused) == ["/papers alert resume id:1"]
    assert "Resumed alert #1" in said(await bot.say("alert resume 1"))
    assert "Paused everything sent to you until resumed" in said(await bot.say("alert pause all"))
    assert "Resumed everything sent to you" in said(await bot.say("alert resume all"))
    removed = await bot.say("alert remove 1")
    assert buttons(removed) == ["/papers alert add max:3 video"]
    for reply in (added, edited, paused, removed):
        assert not reply.failed
        assert reply.public == ""


async def test_resuming_all_of_ones_own_tries_it_where_messages_were_refused(bot: Mouth) -> None:
    await bot.say("alert add video")
    await bot.store.outbox.suspend((await bot.target("mei", alone=True)).id, "messages are closed", bot.now)
    resumed = await bot.say("alert resume all")
    assert said(resumed) == "Posting to you is tried again now; it had stopped (messages are closed)."
    target = await bot.target("mei", alone=True)
    assert (target.on_trial, target.suspended) == (True, "messages are closed"), "nobody knows yet how it ends"


async def test_alerts_need_no_rights(bot: Mouth) -> None:
    await bot.say("admin permissions policy:managers", admin=True)
    assert not (await bot.say("alert add video")).failed
    assert {c.needs for c in TABLE if c.room == "personal"} == {"nothing"}


async def test_a_person_has_room_for_so_many_alerts_and_none_of_the_channels(bot: Mouth) -> None:
    desk = replace(bot.desk, limits=Limits(per_person=2, per_channel=1, per_space=1))
    await bot.say("subscribe video", desk=desk)
    await bot.say("alert add video", desk=desk)
    await bot.say("alert add agents", desk=desk)
    full = await bot.say("alert add maps", desk=desk)
    assert full.failed
    assert "2 alerts are the most there can be here. Remove one first: /papers alert remove" in said(full)


async def test_alerts_of_others_cannot_be_seen_or_touched(bot: Mouth) -> None:
    await bot.say("alert add video", by="kai")
    for who in ({"by": "mei"}, {"by": "kai", "space": "other"}):
        assert "no alerts here yet" in said(await bot.say("alert list", **who))  # type: ignore[arg-type]
        for text in ("alert edit 1 max:3", "alert pause 1", "alert remove 1"):
            assert (await bot.say(text, admin=True, **who)).failed  # type: ignore[arg-type]
    assert "#1 video at once" in said(await bot.say("alert list", by="kai"))


# --- watches ----------------------------------------------------------------------------------------------------------


async def watch_queries(bot: Mouth, by: str = "mei") -> list[str]:
    target = await bot.target(by, alone=True)
    return [w.query for w in await bot.store.people.watches(target.id)]


@pytest.mark.parametrize(
    ("text", "query", "told"),
    [
        ("watch 2611.00001 votes:50 code:yes", "votes>=50 OR has:code", "when it has 50 votes or code"),
        ("watch 2611.00001 models:yes", "has:model", "when it has a model"),
        ("watch 2611.00001", "votes>=25 OR has:code", "when it has 25 votes or code"),
        ("watch 2611.00002", "votes>=10", "when it has 10 votes"),
        ('watch "maps of proteins"', "votes>=10", "when it has 10 votes"),
        ("watch https://arxiv.org/abs/2611.00001v2 votes:13", "votes>=13", "when it has 13 votes"),
    ],
)
async def test_a_watch_waits_for_what_is_asked_or_for_the_next_round_number(
    bot: Mouth, text: str, query: str, told: str
) -> None:
    reply = await bot.say(text)
    assert told in said(reply)
    assert await watch_queries(bot) == [query]
    await bot.say(buttons(reply)[0])
    assert await watch_queries(bot) == []


@pytest.mark.parametrize("named", ["2611.00001", "https://arxiv.org/abs/2611.00001", "id:1", "#1"])
async def test_a_watch_ends_by_its_number_or_its_paper(bot: Mouth, named: str) -> None:
    await bot.say("watch 2611.00001 votes:50")
    await bot.say('watch "maps of proteins"')
    assert not (await bot.say(f"watch remove {named}")).failed
    assert await watch_queries(bot) == ["votes>=10"]
    assert not (await bot.say("watch remove maps of")).failed
    assert await watch_queries(bot) == []


async def test_a_paper_that_is_watched_twice_needs_the_number(bot: Mouth) -> None:
    await bot.say("watch 2611.00001 votes:50")
    await bot.say("watch 2611.00001 votes:100")
    assert 'You have 2 watches of "2611.00001": name one by its number.' in said(await bot.say("unwatch 2611.00001"))


@pytest.mark.parametrize("text", ["watch 2611.00001 votes:12", "watch 2611.00002 code:yes votes:100"])
async def test_what_is_true_already_is_said_and_not_watched(bot: Mouth, text: str) -> None:
    reply = await bot.say(text)
    assert not reply.failed
    assert "already: there is nothing to wait for" in said(reply)
    assert await bot.store.subscriptions.find_target(Address("tower", "lab", "mei", "person")) is None


async def test_a_paper_with_everything_has_nothing_to_wait_for(bot: Mouth) -> None:
    await bot.read_day(DAY, paper(3, "Famous", votes=2000, code="https://github.com/x/z"))
    assert "It has code already" in said(await bot.say("watch 2611.00003"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("watch 2611.00001 code:no", "Say what to wait for"),
        ("watch 2611.00001 votes:0", "out of range"),
        ("watch", "missing: paper ("),
        ("watch nothing called so", "I know no paper called"),
        ("watch remove 9", "You have no watch #9"),
    ],
)
async def test_a_watch_that_cannot_be_says_why(bot: Mouth, text: str, told: str) -> None:
    reply = await bot.say(text)
    assert reply.failed
    assert told in said(reply)


async def test_a_paper_nobody_knows_is_asked_for_before_it_is_watched(bot: Mouth) -> None:
    class Hub:
        name = "huggingface"

        async def lookup(self, key: str) -> Paper | None:
            return replace(paper(9, "Asked for"), key=key) if key == "arxiv:2611.00009" else None

    desk = replace(bot.desk, sources={"huggingface": Hub()})  # type: ignore[dict-item]
    assert "Watching: Asked for" in said(await bot.say("watch 2611.00009 votes:50", desk=desk))
    assert "Saved" in said(await bot.say("save 2611.00009", desk=desk))
    assert (await bot.say("watch 2611.00008", desk=desk)).failed


async def test_a_source_that_is_down_is_said(bot: Mouth) -> None:
    class Down:
        name = "huggingface"

        async def lookup(self, key: str) -> Paper | None:
            raise SourceError("no answer", unreachable=True)

    desk: Desk = replace(bot.desk, sources={"huggingface": Down()})  # type: ignore[dict-item]
    reply = await bot.say("watch 2611.00009", desk=desk)
    assert reply.failed
    assert "Hugging Face cannot be reached" in said(reply)


async def test_watches_are_limited_and_done_ones_do_not_count(bot: Mouth) -> None:
    desk = replace(bot.desk, limits=Limits(per_person=1))
    await bot.say("watch 2611.00001", desk=desk)
    full = await bot.say("watch 2611.00002", desk=desk)
    assert full.failed
    assert "that is the limit" in said(full)
    target = await bot.target("mei", alone=True)
    (open_one,) = await bot.store.people.watches(target.id)
    await bot.store.outbox.plan([], [], [open_one.id], bot.now)
    assert not (await bot.say("watch 2611.00002", desk=desk)).failed
    listed = said(await bot.say("watch list"))
    assert "Video agents it happened" in listed
    assert "Maps of proteins waits until it has 10 votes" in listed


async def test_watches_of_others_cannot_be_removed(bot: Mouth) -> None:
    await bot.say("watch 2611.00001", by="kai")
    for who in ({"by": "mei"}, {"by": "kai", "space": "other"}):
        assert (await bot.say("watch remove 1", admin=True, **who)).failed  # type: ignore[arg-type]
        assert "You watch no paper" in said(await bot.say("watch list", **who))  # type: ignore[arg-type]
    assert len(await watch_queries(bot, "kai")) == 1


# --- saved papers -----------------------------------------------------------------------------------------------------


async def test_saving_twice_changes_the_note_and_keeps_it_where_none_is_given(bot: Mouth) -> None:
    assert "Saved" in said(await bot.say('save 2611.00001 note:"for the reading group"'))
    assert "Saved already · note: for the reading group" in said(await bot.say("save 2611.00001"))
    assert "note changed · note: later" in said(await bot.say("save video agents note:later"))
    assert "1 saved paper" in said(await bot.say("saved"))


async def test_a_note_has_an_end(bot: Mouth) -> None:
    assert "500 characters" in said(await bot.say(f"save 2611.00001 note:{'x' * 501}"))


async def test_the_shelf_shows_newest_first_and_comes_in_pages(bot: Mouth) -> None:
    many = [paper(100 + i, f"Paper {i}") for i in range(12)]
    await bot.read_day(DAY, *many)
    for one in many:
        await bot.say(f"save {one.arxiv_id}")
    first = await bot.say("saved")
    assert "1. Paper 11 2611.00111" in said(first)
    assert first.page is not None
    assert "12. Paper 0" in said(await bot.say(first.page.next))


async def test_unsaving_takes_an_id_or_words_of_a_title_and_can_be_undone(bot: Mouth) -> None:
    await bot.say('save 2611.00001 note:"read this"')
    gone = await bot.say("unsave video")
    assert "No longer saved: Video agents" in said(gone)
    await bot.say(buttons(gone)[0])
    assert "note: read this" in said(await bot.say("saved"))
    assert not (await bot.say("unsave arxiv.org/abs/2611.00001")).failed
    assert "is not among your saved papers" in said(await bot.say("unsave 2611.00001"))


async def test_unsaving_does_not_guess_between_two(bot: Mouth) -> None:
    await bot.read_day(DAY, paper(3, "Video maps"))
    await bot.say("save 2611.00001")
    await bot.say("save 2611.00003")
    assert "could be 2 of your saved papers" in said(await bot.say("unsave video"))


@pytest.mark.parametrize(
    ("form", "part"),
    [("bibtex", "@misc{"), ("ris", "TY  - "), ("csv", "id,title,authors"), ("md", "- [Video agents](https://")],
)
async def test_the_shelf_is_exported_in_every_form(bot: Mouth, form: str, part: str) -> None:
    await bot.say("save 2611.00001")
    reply = await bot.say(f"saved export as:{form}")
    assert part in reply.cards[0].code
    assert json.loads(json.dumps(reply.data))[form] == reply.cards[0].code


async def test_an_empty_shelf_has_nothing_to_export(bot: Mouth) -> None:
    assert (await bot.say("saved export")).failed
    assert "Nothing is saved yet" in said(await bot.say("saved"))


async def test_shelves_are_apart_by_person_and_space(bot: Mouth) -> None:
    await bot.say("save 2611.00001 note:secret", by="kai")
    for who in ({"by": "mei"}, {"by": "kai", "space": "other"}):
        assert "Nothing is saved yet" in said(await bot.say("saved", **who))  # type: ignore[arg-type]
        assert (await bot.say("unsave 2611.00001", **who)).failed  # type: ignore[arg-type]
    assert "secret" in said(await bot.say("saved", by="kai", room="elsewhere"))


def test_no_cell_of_a_spreadsheet_is_run_as_a_formula() -> None:
    shelf = [Saved(paper=paper(1, '=HYPERLINK("x"), "y"'), note="@sum")]
    (_, row) = csv.reader(io.StringIO(as_csv(shelf)))
    assert row[1].startswith("'=")
    assert row[-1] == "'@sum"


def test_a_title_cannot_break_out_of_its_markdown_link() -> None:
    text = as_markdown([Saved(paper=paper(1, "A](http://evil) [*b*"), note="<script>")])
    assert text == "- [A\\](http://evil) \\[\\*b\\*](https://arxiv.org/abs/2611.00001) — \\<script\\>\n"


# --- settings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("me timezone berlin", "timezone UTC → Europe/Berlin"),
        ("me quiet 22:00-8", "quiet off → 22:00-08:00"),
        ("me digest 6pm", "digest 09:00 → 18:00"),
        ("me format line", "format card → line"),
    ],
)
async def test_a_setting_shows_before_and_after_and_holds(bot: Mouth, text: str, told: str) -> None:
    assert told in said(await bot.say(text))
    assert told.split("→ ")[1] in said(await bot.say("me"))
    assert "already" in said(await bot.say(text))


@pytest.mark.parametrize(
    "text", ["me timezone mars", "me quiet often", "me digest noon", "me format poem", "me digest"]
)
async def test_a_setting_that_cannot_be_read_changes_nothing(bot: Mouth, text: str) -> None:
    reply = await bot.say(text)
    assert reply.failed
    assert "timezone UTC" in said(await bot.say("me"))


async def test_me_shows_what_is_set_and_how_much_is_kept(bot: Mouth) -> None:
    await bot.say("alert add video")
    await bot.say("watch 2611.00001")
    await bot.say("watch 2611.00002")
    await bot.say("save 2611.00001")
    reply = await bot.say("me", room="papers")
    assert reply.private
    assert "yours 1 alert · 2 open watches · 1 saved paper" in said(reply)
    assert all(row.lead for row in reply.cards[0].rows)
    assert "0 alerts" in said(await bot.say("me", by="kai"))


async def waiting_at(bot: Mouth) -> list[tuple[int, str]]:
    target = await bot.target("mei", alone=True)
    return [(d.due, d.slot) for d in await bot.store.outbox.pending(target.id)]


async def test_another_time_zone_or_digest_hour_moves_the_digest_that_waits(bot: Mouth) -> None:
    await bot.say("alert add agents every:daily")
    target = await bot.target("mei", alone=True)
    (alert,) = await bot.store.subscriptions.at(target.id)
    due = ms(datetime(2026, 11, 24, 9, tzinfo=UTC))
    await bot.wait_for(target, VIDEO, due, kind="digest", slot="2026-11-24T09:00", subscription=alert.id)
    await bot.say("me timezone Europe/Berlin")
    assert await waiting_at(bot) == [(ms(datetime(2026, 11, 24, 8, tzinfo=UTC)), "2026-11-24T09:00")]
    await bot.say("me digest 18:00")
    assert await waiting_at(bot) == [(ms(datetime(2026, 11, 23, 17, tzinfo=UTC)), "2026-11-23T18:00")]


async def test_an_alert_with_its_own_hour_keeps_it(bot: Mouth) -> None:
    await bot.say("alert add agents every:daily at:20:00")
    target = await bot.target("mei", alone=True)
    (alert,) = await bot.store.subscriptions.at(target.id)
    due = ms(datetime(2026, 11, 23, 20, tzinfo=UTC))
    await bot.wait_for(target, VIDEO, due, kind="digest", slot="2026-11-23T20:00", subscription=alert.id)
    await bot.say("me digest 18:00")
    assert await waiting_at(bot) == [(due, "2026-11-23T20:00")]


async def test_a_digest_whose_alert_comes_at_once_by_now_still_comes(bot: Mouth) -> None:
    await bot.say("alert add agents every:daily")
    target = await bot.target("mei", alone=True)
    (alert,) = await bot.store.subscriptions.at(target.id)
    due = ms(datetime(2026, 11, 24, 9, tzinfo=UTC))
    await bot.wait_for(target, VIDEO, due, kind="digest", slot="2026-11-24T09:00", subscription=alert.id)
    await bot.say("alert edit id:1 every:instant")
    await bot.say("me digest 18:00")
    assert await waiting_at(bot) == [(due, "2026-11-24T09:00")]


async def test_ending_the_quiet_hours_frees_what_they_held(bot: Mouth) -> None:
    await bot.say("me quiet 11:00-15:00")
    target = await bot.target("mei", alone=True)
    await bot.wait_for(target, VIDEO, ms(MONDAY.replace(hour=15)))
    await bot.say("me quiet off")
    ((due, slot),) = await waiting_at(bot)
    assert due <= bot.now
    assert slot == ""


async def test_what_is_due_already_is_left_where_it_is(bot: Mouth) -> None:
    await bot.say("alert add agents every:daily")
    target = await bot.target("mei", alone=True)
    (alert,) = await bot.store.subscriptions.at(target.id)
    await bot.wait_for(target, VIDEO, bot.now - 1, kind="digest", slot="2026-11-23T09:00", subscription=alert.id)
    before = await waiting_at(bot)
    await bot.say("me digest 18:00")
    assert await waiting_at(bot) == before


# --- taking it along, and leaving -------------------------------------------------------------------------------------


async def test_the_export_has_everything_of_mine_and_loads_again(bot: Mouth) -> None:
    await bot.say("me timezone Europe/Berlin")
    await bot.say("alert add video every:weekly on:friday max:3")
    await bot.say("watch 2611.00001 votes:50")
    await bot.say("save 2611.00002 note:nice")
    await bot.say("alert add secret", by="kai")
    reply = await bot.say("me export", room="papers")
    assert reply.private
    (mine,) = portable.load(reply.cards[0].code)
    assert (mine.room, mine.kind) == ("mei", "person")
    assert mine.preferences.timezone == "Europe/Berlin"
    assert [line.query for line in mine.subscriptions] == ["video"]
    assert mine.watches == (("arxiv:2611.00001", "votes>=50"),)
    assert mine.saved == (("arxiv:2611.00002", "nice"),)


async def everything_of(bot: Mouth, by: str, space: str = "lab") -> None:
    await bot.say("alert add zebrafish", by=by, space=space)
    await bot.say("watch 2611.00001", by=by, space=space)
    await bot.say("save 2611.00002 note:giraffe", by=by, space=space)
    await bot.say("me digest 18:00", by=by, space=space)
    await bot.say(f"subscribe elephants{by}", by=by, space=space)


async def test_forgetting_first_says_exactly_what_would_go(bot: Mouth) -> None:
    await everything_of(bot, "mei")
    asked = await bot.say("me forget")
    assert asked.data == {
        "would_delete": {
            "your saved papers and notes": 1,
            "your alerts, with what was and would be posted for them": 1,
            "your watches": 1,
            "your settings": 1,
            "your name on channel subscriptions, which stay": 1,
            "your right to manage channels": 0,
        }
    }
    assert asked.cards[0].buttons[0].confirm
    assert "1 alert · 1 open watch · 1 saved paper" in said(await bot.say("me"))


async def test_forgetting_deletes_everything_of_mine_and_nothing_of_others(bot: Mouth, tmp_path: Path) -> None:
    await everything_of(bot, "mei")
    await everything_of(bot, "kai")
    await everything_of(bot, "mei", "other")
    await bot.say("admin permissions add:@mei", admin=True)
    await bot.say("admin permissions add:@kai", admin=True)
    asked = await bot.say("me forget")
    done = await bot.say(buttons(asked)[0])
    assert "Deleted for good" in said(done)
    assert bot.forgotten == [Address("tower", "lab", "mei", "person")]
    mine = Person("tower", "lab", "mei")
    assert await bot.store.subscriptions.find_target(mine.address) is None
    assert await bot.store.people.saved(mine) == []
    assert (await bot.store.people.space("tower", "lab")).managers == ("kai",)
    owners = {s.query: s.owner for s in await bot.store.subscriptions.at((await bot.target()).id)}
    assert owners == {"elephantsmei": "", "elephantskai": "kai"}
    for who in ({"by": "kai"}, {"by": "mei", "space": "other"}):
        assert "1 alert · 1 open watch · 1 saved paper" in said(await bot.say("me", **who))  # type: ignore[arg-type]


async def test_what_was_forgotten_is_not_in_the_file_any_more(bot: Mouth, tmp_path: Path) -> None:
    await bot.say("alert add zebrafish")
    await bot.say("save 2611.00002 note:giraffe")
    await bot.say("me forget confirm:yes")
    for file in tmp_path.glob("paperboy.db*"):
        content = file.read_bytes()
        assert b"zebrafish" not in content
        assert b"giraffe" not in content


async def test_beside_a_running_bot_nothing_at_all_is_forgotten(bot: Mouth, tmp_path: Path) -> None:
    await bot.say("alert add video")
    async with open_store(tmp_path / "paperboy.db", now=ms(MONDAY), read_only=True) as beside:
        reply = await bot.say("me forget confirm:yes", desk=replace(bot.desk, store=beside))
    assert reply.failed
    assert bot.forgotten == []
    assert "1 alert" in said(await bot.say("me"))


async def test_forgetting_twice_is_harmless(bot: Mouth) -> None:
    await bot.say("me forget confirm:yes")
    again = await bot.say("me forget confirm:yes")
    assert not again.failed
    assert "there was nothing" in said(again)


async def test_every_personal_answer_is_private_and_plain_json_too(bot: Mouth) -> None:
    lines = (
        "alert add video", "alert list", "alert edit 1 max:2", "alert pause 1", "alert resume 1", "alert remove 1",
        "watch 2611.00001", "watch list", "watch remove 1", "save 2611.00001", "saved", "saved export as:csv",
        "unsave 2611.00001", "me", "me format line", "me export", "me forget", "me forget confirm:yes",
    )  # fmt: skip
    for text in lines:
        reply = await bot.say(text, room="papers")
        assert not reply.failed, text
        assert reply.private, text
        assert reply.public == "", text
        assert json.loads(json.dumps(reply.data)) is not None, text
