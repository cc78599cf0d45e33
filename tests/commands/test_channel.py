"""The commands of a channel, spoken to a desk over a real store."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.cards import Reply
from bot.commands import TABLE
from bot.commands.table import Limits
from bot.errors import StoreError
from bot.model import Draft, SourceHealth
from tests.commands.at_desk import MONDAY, Mouth, at_desk, ms, paper, said

HOUR = 60 * 60_000


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[Mouth]:
    async with at_desk(tmp_path) as mouth:
        yield mouth


async def queries(bot: Mouth, room: str = "papers", **more: object) -> list[str]:
    target = await bot.target(room, **more)  # type: ignore[arg-type]
    return [s.query for s in await bot.store.subscriptions.at(target.id)]


def buttons(reply: Reply) -> list[str]:
    return [button.command for card in reply.cards for button in card.buttons]


# --- subscribing ------------------------------------------------------------------------------------------------------


async def test_subscribing_says_what_will_come_and_how_to_undo_it(bot: Mouth) -> None:
    reply = await bot.say('subscribe "video generation" -survey')
    assert not reply.failed
    assert reply.private
    assert 'New papers that match "video generation" -survey will be posted in #papers at once.' in said(reply)
    assert "Undo: /papers unsubscribe id:1" in said(reply)
    assert "/papers unsubscribe id:1" in buttons(reply)
    assert reply.public == 'Mei subscribed #papers to "video generation" -survey, at once'
    assert await queries(bot) == ['"video generation" -survey']


async def test_the_undo_of_a_confirmation_undoes_it(bot: Mouth) -> None:
    reply = await bot.say("subscribe video")
    await bot.say(buttons(reply)[0])
    assert await queries(bot) == []


async def test_the_confirmation_tells_what_the_last_days_would_have_brought(bot: Mouth) -> None:
    await bot.read_day(date(2026, 11, 19), paper(1, "Video agents"), paper(2, "Video maps"), paper(3, "Proteins"))
    await bot.read_day(date(2026, 11, 20), paper(4, "Robots"))
    reply = await bot.say("subscribe video")
    assert "The last 14 days would have brought about 1.0 papers a weekday (2 on 2 stored days)." in said(reply)


async def test_a_subscription_remembers_every_option(bot: Mouth) -> None:
    await bot.say("subscribe video every:weekly on:friday at:17:30 max:5 mention:@readers", manager=True)
    target = await bot.target()
    (made,) = await bot.store.subscriptions.at(target.id)
    assert (made.cadence.every, made.cadence.at, made.cadence.weekday) == ("weekly", 17 * 60 + 30, 4)
    assert (made.max, made.mention, made.owner) == (5, "@readers", "mei")


async def test_the_format_is_set_for_the_whole_channel_and_said(bot: Mouth) -> None:
    reply = await bot.say("subscribe video format:line")
    assert "All posts in #papers now look like: line." in said(reply)
    assert (await bot.target()).preferences.format == "line"


@pytest.mark.parametrize(
    ("text", "told", "mended"),
    [
        ("subscribe video at:09:00", "comes at once", "/papers subscribe every:daily at:09:00 video"),
        ("subscribe video every:instant at:09:00", "comes at once", "/papers subscribe every:daily at:09:00 video"),
        ("subscribe video on:friday", "comes at once", "/papers subscribe every:weekly on:friday video"),
        ("subscribe video every:daily on:friday", "every day", "/papers subscribe every:weekly on:friday video"),
        ("subscribe video every:hourly", "can be instant, daily, weekly", ""),
        ("subscribe video max:many", "not a whole number", "/papers help subscribe"),
        ("subscribe video max:-1", "out of range: 0 to 100", "/papers help subscribe"),
        ("subscribe video max:2000", "out of range", "/papers subscribe max:100 video"),
        ("subscribe video every:daily at:25:00", "time of day", "/papers help subscribe"),
        ("subscribe video -video", "This can match nothing: no paper has video and -video.", "/papers help query"),
        ("subscribe author:", "has no value", "/papers help query"),
        ("subscribe is:foo", "there are is:daily", "/papers help query"),
        ("subscribe video has:foo", "there are has:code", "/papers help query"),
        ("subscribe source:xx", "there are source:arxiv", "/papers help query"),
        ("subscribe votes>=abc", "not a whole number", "/papers help query"),
        ("subscribe diffusion at:25", 'I cannot read "25" as a time of day', "/papers help subscribe"),
        ("subscribe OR", "both sides", '/papers subscribe "OR"'),
        ("subscribe votes>=99999999999", "more than any paper", "/papers help query"),
        ("subscribe video evry:daily", "did you mean every:?", "/papers subscribe every:daily video"),
        ("me timezone berlim", "did you mean Europe/Berlin?", "/papers me timezone Europe/Berlin"),
        ("me quiet 22:00-25:00", "time of day", "/papers help me quiet"),
        ("more date:yesterdy", "as a day", "/papers more date:yesterday"),
        ("subscribe autor:hinton", "did you mean author:?", "/papers subscribe author:hinton"),
        ("subscribe -survey", "only excludes", "/papers subscribe * -survey"),
        ("subscribe", "missing: query (", "/papers help subscribe"),
        ("subscribe " + "x" * 201, "at most 200", ""),
        ("subscribe video mention:" + "x" * 101, "one role or person", ""),
    ],
)
async def test_a_mistake_is_explained_with_a_command_that_works(bot: Mouth, text: str, told: str, mended: str) -> None:
    reply = await bot.say(text)
    assert reply.failed
    assert told in said(reply)
    if mended:
        assert mended in buttons(reply)
        assert not (await bot.say(mended)).failed


async def test_a_query_like_plain_english_is_taken_and_told_how_it_is_read(bot: Mouth) -> None:
    for deed in ("subscribe", "preview", "alert add", "search"):
        reply = await bot.say(f"{deed} video or image every day")
        assert not reply.failed
        assert "“or” is read as a word. Alternatives are written OR." in said(reply)
        assert ("Did you mean every:daily?" in said(reply)) == (deed != "search")
    for deed in ("preview", "search"):
        assert "This can match nothing" in said(await bot.say(f"{deed} video votes>=10 votes<=5"))


async def test_the_mention_is_told_to_who_asks_and_to_the_channel(bot: Mouth) -> None:
    reply = await bot.say("subscribe video mention:@readers", manager=True)
    assert "will be posted in #papers at once, mentioning @readers." in said(reply)
    assert reply.public.endswith("at once, mentioning @readers")


async def test_a_maximum_of_0_is_none_as_the_help_says(bot: Mouth) -> None:
    await bot.say("subscribe video max:0")
    assert (await bot.store.subscriptions.at((await bot.target()).id))[0].max is None
    assert "to 100; 0: no maximum" in said(await bot.say("help subscribe"))


async def test_a_line_of_subscribe_may_be_tried_in_a_preview_as_it_is(bot: Mouth) -> None:
    reply = await bot.say("preview video -survey every:daily at:18:00 max:5")
    assert not reply.failed
    assert "Not used here: every:, at:, max:." in said(reply)
    assert "/papers subscribe every:daily at:18:00 max:5 video -survey" in buttons(reply)
    assert "every" not in said(await bot.say("help preview"))


async def test_the_same_query_twice_is_refused(bot: Mouth) -> None:
    await bot.say("subscribe video")
    reply = await bot.say("subscribe  video")
    assert reply.failed
    assert "#1 asks for “video” already" in said(reply)


async def test_a_channel_has_room_for_so_many_and_a_space_for_so_many(bot: Mouth) -> None:
    desk = replace(bot.desk, limits=Limits(per_channel=2, per_space=3))
    for text in ("subscribe a", "subscribe b"):
        assert not (await bot.say(text, desk=desk)).failed
    full = await bot.say("subscribe c", desk=desk)
    assert full.failed
    assert "2 subscriptions are the most there can be here" in said(full)
    assert not (await bot.say("subscribe a", room="nlp", desk=desk)).failed
    assert (await bot.say("subscribe b", room="nlp", desk=desk)).failed
    assert not (await bot.say("subscribe a", room="nlp", space="other", desk=desk)).failed


async def test_a_confirmation_says_what_keeps_posts_back(bot: Mouth) -> None:
    await bot.say("pause all")
    await bot.say("admin pause-all", admin=True)
    await bot.say("admin settings quiet:22:00-08:00", manager=True)
    reply = await bot.say("subscribe video")
    assert "Posts here are paused until resumed." in said(reply)
    assert "An administrator has paused all posts in this space." in said(reply)
    assert "Quiet hours 22:00–08:00 are kept." in said(reply)


async def test_in_a_room_of_ones_own_one_subscribes_oneself_and_nobody_reads_of_it(bot: Mouth) -> None:
    reply = await bot.say("subscribe video", alone=True)
    assert reply.public == ""
    assert "sent to you alone" in said(reply)
    assert await queries(bot, "mei", alone=True) == ["video"]
    assert "video" in said(await bot.say("alert list", room="papers"))


async def test_a_channel_called_like_a_person_is_not_that_person(bot: Mouth) -> None:
    await bot.say("subscribe video", room="mei")
    assert "no alerts" in said(await bot.say("alert list"))


# --- listing and editing ----------------------------------------------------------------------------------------------


async def test_a_list_shows_numbers_cadence_maximum_pause_and_owner(bot: Mouth) -> None:
    await bot.say("subscribe video every:daily at:18:00 max:3 mention:@team", manager=True)
    await bot.say("subscribe agents", by="kai")
    await bot.say("pause 2 until:friday")
    reply = await bot.say("subscriptions")
    assert "2 subscriptions in #papers" in said(reply)
    assert "#1 video daily at 18:00 · at most 3 · mentions @team · by you" in said(reply)
    assert "#2 agents at once · paused until Fri 27 Nov 00:00 · by Kai" in said(reply)


async def test_a_long_list_comes_in_pages_of_whole_commands(bot: Mouth) -> None:
    desk = replace(bot.desk, limits=Limits(per_channel=30))
    for number in range(12):
        await bot.say(f"subscribe word{number}", desk=desk)
    first = await bot.say("subscriptions")
    assert first.page is not None
    assert (first.page.number, first.page.total, first.page.previous) == (1, 2, "")
    second = await bot.say(first.page.next)
    assert "#11 word10" in said(second)
    assert (await bot.say("subscriptions page:99")).page == second.page
    assert (await bot.say("subscriptions page:0")).failed


async def test_an_empty_list_shows_how_to_begin(bot: Mouth) -> None:
    reply = await bot.say("subscriptions")
    assert "no subscriptions here yet" in said(reply)
    assert await bot.store.subscriptions.targets("tower", "lab") == []


async def test_an_edit_changes_only_what_is_given_and_shows_both(bot: Mouth) -> None:
    await bot.say("subscribe video every:daily at:18:00 max:3")
    reply = await bot.say("edit 1 every:weekly on:friday")
    assert "comes daily at 18:00 → Fridays at 18:00" in said(reply)
    assert reply.public == "Mei changed subscription #1 of #papers: comes daily at 18:00 → Fridays at 18:00"
    assert "max" not in said(reply)
    assert "#1 video Fridays at 18:00 · at most 3" in said(await bot.say("subscriptions"))


@pytest.mark.parametrize(
    "change",
    ["query:agents", "every:instant", "max:0", "max:7", "mention:@kai", "every:weekly on:sunday at:7 max:off robots"],
)
async def test_the_undo_of_an_edit_brings_everything_back(bot: Mouth, change: str) -> None:
    await bot.say('subscribe "video generation" every:daily at:18:00 max:3 mention:"@reading group"', manager=True)
    before = said(await bot.say("subscriptions"))
    reply = await bot.say(f"edit 1 {change}", manager=True)
    assert not reply.failed
    assert said(await bot.say("subscriptions")) != before
    await bot.say(buttons(reply)[0], manager=True)
    assert said(await bot.say("subscriptions")) == before


async def test_an_edit_of_nothing_says_so(bot: Mouth) -> None:
    await bot.say("subscribe video max:3")
    assert "Say what to change in #1" in said(await bot.say("edit 1"))
    assert "like that already" in said(await bot.say("edit 1 max:3"))
    assert (await bot.say("edit 1 at:09:00")).failed


async def test_an_edit_cannot_make_two_of_one_query(bot: Mouth) -> None:
    await bot.say("subscribe video")
    await bot.say("subscribe agents")
    assert "#1 asks for “video” already" in said(await bot.say("edit 2 video"))


async def test_a_new_query_sees_only_papers_from_now_on(bot: Mouth) -> None:
    await bot.say("subscribe video")
    await bot.read_day(date(2026, 11, 20), paper(1, "Agents"), announce=True)
    reply = await bot.say("edit 1 agents")
    assert "sees papers from now on" in said(reply)
    target = await bot.target()
    (changed,) = await bot.store.subscriptions.at(target.id)
    (change,) = await bot.store.outbox.unmatched(10)
    assert changed.since >= change.revision


async def test_a_number_that_is_not_there_is_named_with_those_that_are(bot: Mouth) -> None:
    await bot.say("subscribe video")
    reply = await bot.say("edit 7 max:3")
    assert "There is no subscription #7 here. There is #1." in said(reply)
    assert "There are none yet" in said(await bot.say("pause 1", room="nlp"))
    assert "not a number of the list" in said(await bot.say("unsubscribe video"))


async def test_a_later_hour_moves_the_digest_that_waits(bot: Mouth) -> None:
    await bot.say("subscribe agents every:daily at:18:00")
    target = await bot.target()
    (made,) = await bot.store.subscriptions.at(target.id)
    waiting = paper(1, "Agents")
    await bot.read_day(date(2026, 11, 20), waiting)
    due = ms(MONDAY.replace(hour=18))
    await bot.wait_for(target, waiting, due, kind="digest", slot="2026-11-23T18:00", subscription=made.id)
    await bot.say("edit 1 at:20:00")
    (moved,) = await bot.store.outbox.pending(target.id)
    assert (moved.due, moved.slot) == (due + 2 * HOUR, "2026-11-23T20:00")


# --- removing ---------------------------------------------------------------------------------------------------------


async def test_unsubscribing_acts_at_once_and_offers_the_way_back(bot: Mouth) -> None:
    await bot.say(
        'subscribe "video generation" -survey every:weekly on:friday max:5 mention:"@reading group"', manager=True
    )
    before = said(await bot.say("subscriptions")).replace("#1", "#2")
    reply = await bot.say("unsubscribe 1")
    assert "Removed subscription #1" in said(reply)
    assert reply.public == 'Mei removed subscription #1 of #papers: "video generation" -survey'
    assert await queries(bot) == []
    await bot.say(buttons(reply)[0], manager=True)
    assert said(await bot.say("subscriptions")) == before


async def test_all_go_only_after_a_yes(bot: Mouth) -> None:
    await bot.say("subscribe video")
    await bot.say("subscribe agents every:daily")
    asked = await bot.say("unsubscribe all")
    assert "Remove 2 subscriptions?" in said(asked)
    assert asked.cards[0].buttons[0].confirm == "Remove 2 subscriptions of #papers: #1, #2?"
    assert len(await queries(bot)) == 2
    done = await bot.say(buttons(asked)[0])
    assert await queries(bot) == []
    for line in done.cards[0].code.splitlines():
        assert not (await bot.say(line)).failed
    assert sorted(await queries(bot)) == ["agents", "video"]


async def test_what_waited_for_a_removed_subscription_alone_does_not_come_any_more(bot: Mouth) -> None:
    await bot.say("subscribe agents every:daily")
    target = await bot.target()
    (made,) = await bot.store.subscriptions.at(target.id)
    one = paper(1, "Agents")
    await bot.read_day(date(2026, 11, 20), one)
    due = ms(MONDAY.replace(day=24, hour=9))
    await bot.wait_for(target, one, due, kind="digest", slot="2026-11-24T09:00", subscription=made.id)
    await bot.say("unsubscribe 1")
    assert await bot.store.outbox.pending(target.id) == []
    [gone] = await bot.store.outbox.trail(target.id, one.key)
    assert (gone.state, gone.detail) == ("expired", "its subscription was removed before it was due")


async def test_there_is_nothing_to_remove_where_nothing_is(bot: Mouth) -> None:
    assert (await bot.say("unsubscribe all confirm:yes")).failed


# --- pausing ----------------------------------------------------------------------------------------------------------


async def test_a_pause_ends_in_the_rooms_own_time(bot: Mouth) -> None:
    await bot.say("subscribe video")
    await bot.say("admin settings timezone:Asia/Tokyo", manager=True)
    reply = await bot.say("pause 1 until:tomorrow")
    assert "until Tue 24 Nov 00:00" in said(reply)
    target = await bot.target()
    (paused,) = await bot.store.subscriptions.at(target.id)
    assert paused.paused_until == ms(datetime(2026, 11, 23, 15, tzinfo=UTC))


async def test_pausing_all_pauses_the_room_and_leaves_its_subscriptions_alone(bot: Mouth) -> None:
    await bot.say("subscribe video")
    await bot.say("pause 1")
    reply = await bot.say("pause all")
    assert reply.public == "Mei paused #papers until resumed"
    assert (await bot.target()).preferences.paused_until == 0
    again = await bot.say(buttons(reply)[0])
    assert again.public == "Mei resumed #papers"
    assert (await bot.target()).preferences.paused_until is None
    rest = await bot.say("resume all")
    assert "was not paused" in said(rest)
    assert "Paused on its own: #1." in said(rest)
    assert rest.public == ""


async def test_resuming_all_tries_it_again_where_the_platform_had_refused_posts(bot: Mouth) -> None:
    await bot.say("subscribe video")
    target = await bot.target()
    await bot.store.outbox.suspend(target.id, "the bot may not post here", bot.now)
    assert "the bot may not post here" in said(await bot.say("status", barred="It may still not."))
    assert "tried again now; it had stopped (the bot may not post here)." in said(await bot.say("resume all"))
    assert (await bot.target()).on_trial


# --- what was folded, and how things stand ----------------------------------------------------------------------------


async def fold(bot: Mouth, amount: int, day: str) -> None:
    target = await bot.target()
    papers = [paper(i, f"Agents {i}", votes=i) for i in range(1, amount + 1)]
    await bot.read_day(date(2026, 11, 20), *papers)
    for one in papers:
        await bot.wait_for(target, one, bot.now)
    folded = tuple(d.id for d in await bot.store.outbox.pending(target.id))
    draft = Draft(target=target.id, kind="fold", payload="{}", plain="", nonce="n", folded=folded, day=day)
    message = await bot.store.outbox.freeze(draft, bot.now)
    assert message is not None


async def test_more_opens_the_line_that_stands_for_many(bot: Mouth) -> None:
    await bot.say("subscribe agents")
    await fold(bot, 12, "2026-11-23")
    reply = await bot.say("more")
    assert "12 more papers" in said(reply)
    assert "1. Agents 1" in said(reply)
    assert "matched: agents" in said(reply)
    assert reply.page is not None
    assert "11. Agents 11" in said(await bot.say(reply.page.next))
    assert "12 more papers" in said(await bot.say("more date:today"))
    assert "Nothing was folded" in said(await bot.say("more date:yesterday"))


async def test_a_pause_that_ends_in_another_year_says_which(bot: Mouth) -> None:
    await bot.say("subscribe video")
    assert "until Wed 24 Nov 2027 00:00" in said(await bot.say("pause 1 until:2027-11-24"))
    assert "until Wed 24 Nov 2027 00:00" in said(await bot.say("subscriptions"))


async def test_more_of_today_shows_what_waits_for_its_line(bot: Mouth) -> None:
    await bot.say("subscribe agents")
    target = await bot.target()
    for number in (1, 2):
        one = paper(number, f"Agents {number}")
        await bot.read_day(date(2026, 11, 20), one)
        await bot.wait_for(target, one, bot.now + HOUR, kind="fold", slot="2026-11-23")
    assert "2 more papers" in said(await bot.say("more"))
    assert "2 more papers" in said(await bot.say("more date:today"))
    assert "2 more papers" in said(await bot.say("more date:2026-11-24"))
    assert "Nothing was folded" in said(await bot.say("more date:yesterday"))


async def test_more_shows_a_room_its_own_and_no_other(bot: Mouth) -> None:
    await bot.say("subscribe agents")
    await fold(bot, 3, "2026-11-23")
    for elsewhere in ({"room": "nlp"}, {"space": "other"}, {"alone": True}):
        assert "Nothing was folded" in said(await bot.say("more", **elsewhere))


async def test_status_tells_of_sources_in_plain_words(bot: Mouth) -> None:
    health = SourceHealth(source="huggingface", last_try=bot.now - 5 * 60_000, last_ok=bot.now - 5 * 60_000)
    await bot.store.papers.note_health(health)
    ill = SourceHealth(
        source="arxiv", last_try=bot.now, last_ok=bot.now - 50 * HOUR, error="no answer in 30 seconds",
        failing_since=bot.now - 3 * HOUR, not_before=bot.now + HOUR, told=bot.now - 2 * HOUR,
    )  # fmt: skip
    await bot.store.papers.note_health(ill)
    reply = said(await bot.say("status"))
    assert "huggingface read 5 minutes ago · next in 14 minutes" in reply
    assert "! arxiv read 2 days ago · next in 59 minutes · it asked us to wait" in reply
    assert "failing for 3 hours: no answer in 30 seconds · those who manage were told 2 hours ago" in reply


async def test_status_knows_that_there_are_no_lists_on_weekends(bot: Mouth) -> None:
    bot.now = ms(datetime(2026, 11, 22, 12, tzinfo=UTC))
    for source in ("huggingface", "arxiv", "sample"):
        await bot.store.papers.note_health(SourceHealth(source=source, last_try=bot.now, last_ok=bot.now))
    reply = said(await bot.say("status"))
    assert "no list on weekends" in reply
    assert "no announcement on Friday and Saturday nights" in reply
    bot.now = ms(MONDAY)
    assert "weekends" not in said(await bot.say("status"))


async def test_status_tells_of_the_room_what_waits_and_what_went_wrong(bot: Mouth) -> None:
    await bot.say("subscribe agents")
    await bot.say("subscribe video")
    await bot.say("pause 2")
    target = await bot.target()
    first, second = paper(1, "Agents"), paper(2, "More agents")
    await bot.read_day(date(2026, 11, 20), first, second)
    await bot.wait_for(target, first, bot.now)
    (due,) = await bot.store.outbox.pending(target.id)
    draft = Draft(
        target=target.id, kind="instant", payload="{}", plain="", nonce="n", shown=(due.id,), day="2026-11-23"
    )
    message = await bot.store.outbox.freeze(draft, bot.now)
    assert message is not None
    await bot.store.outbox.dead(message, "the platform refused the text", bot.now)
    await bot.wait_for(target, second, ms(MONDAY.replace(hour=18)))
    reply = said(await bot.say("status"))
    assert "live: takes posts" in reply
    assert "2 subscriptions #1, #2 · 1 paused" in reply
    assert "0 of 100 posted today" in reply
    assert "1 paper waiting the next Mon 23 Nov 18:00" in reply
    assert "post of Mon 23 Nov: given up the platform refused the text" in reply
    assert "2 papers known. Here: 2 subscriptions in 1 room" in reply


async def test_status_of_another_room_or_space_shows_nothing_of_this_one(bot: Mouth) -> None:
    await bot.say("subscribe agents")
    for elsewhere in ({"space": "other"}, {"space": "other", "alone": True}):
        reply = said(await bot.say("status", **elsewhere))
        assert "Yours: 0 alerts" in reply if "alone" in elsewhere else "Here: 0 subscriptions" in reply
        assert "#1" not in reply


# --- rights and walls -------------------------------------------------------------------------------------------------


def test_who_may_do_what_in_a_channel_stands_in_the_table() -> None:
    needs = {c.name: c.needs for c in TABLE if c.room == "channel"}
    managing = {"subscribe", "unsubscribe", "edit", "pause", "resume"}
    assert {name for name, need in needs.items() if need == "manager"} == managing
    assert {name for name, need in needs.items() if need == "nothing"} == {"subscriptions", "preview", "more", "status"}


async def test_what_changes_a_channel_takes_the_right_to(bot: Mouth) -> None:
    await bot.say("subscribe video")
    await bot.say("admin permissions policy:managers add:@kai", admin=True)
    for text in ("subscribe agents", "unsubscribe 1", "edit 1 max:3", "pause 1", "resume 1", "pause all"):
        assert (await bot.say(text)).failed, text
    assert not (await bot.say("subscriptions")).failed
    assert not (await bot.say("subscribe agents", by="kai")).failed
    assert not (await bot.say("subscribe maps", manager=True)).failed
    assert not (await bot.say("subscribe maps", alone=True)).failed
    assert (await bot.say("subscribe maps", by="kai", space="other")).failed is False


@pytest.mark.parametrize("elsewhere", [{"room": "nlp"}, {"space": "other"}, {"alone": True}])
async def test_a_number_never_reaches_another_room(bot: Mouth, elsewhere: dict[str, object]) -> None:
    await bot.say("subscribe proteins")
    for text in ("edit 1 max:3", "pause 1", "resume 1", "unsubscribe 1"):
        reply = await bot.say(text, **elsewhere)  # type: ignore[arg-type]
        assert "There is no subscription #1 here" in said(reply)
    await bot.say("unsubscribe all confirm:yes", **elsewhere)  # type: ignore[arg-type]
    assert "proteins" not in said(await bot.say("subscriptions", **elsewhere))  # type: ignore[arg-type]
    assert "#1 proteins at once" in said(await bot.say("subscriptions"))


async def test_looking_writes_nothing(bot: Mouth) -> None:
    for text in ("status", "subscriptions", "more", "admin settings", "alert list", "me", "watch list"):
        assert not (await bot.say(text, manager=True)).failed
    assert await bot.store.subscriptions.targets("tower", "lab") == []


async def test_every_answer_is_plain_json_too(bot: Mouth) -> None:
    import json

    await bot.read_day(date(2026, 11, 20), paper(1, "Video"))
    for text in ("subscribe video every:weekly", "subscriptions", "edit 1 max:2", "pause 1", "resume 1", "status",
                 "preview video", "more", "unsubscribe 1"):  # fmt: skip
        reply = await bot.say(text)
        assert not reply.failed
        assert json.loads(json.dumps(reply.data))


async def test_a_store_that_fails_is_said_and_nothing_is_half_done(bot: Mouth) -> None:
    class Full:
        def __getattr__(self, name: str) -> object:
            return getattr(bot.store.subscriptions, name)

        async def add(self, *_: object, **__: object) -> None:
            raise StoreError("The disk is full.")

    class Broken:
        papers, outbox, people = bot.store.papers, bot.store.outbox, bot.store.people
        subscriptions = Full()

    reply = await bot.say("subscribe video format:line", desk=replace(bot.desk, store=Broken()))  # type: ignore[arg-type]
    assert reply.failed
    assert "The database failed" in said(reply)
    assert reply.public == ""
    assert (await bot.target()).preferences.format == "card"
