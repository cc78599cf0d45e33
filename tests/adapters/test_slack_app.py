"""What people do in Slack reaches the core, and its answers reach them: real bolt against the stand-in, both ways."""

import asyncio
from collections.abc import AsyncIterator
from html import escape
from pathlib import Path

import pytest

from bot.cards import Button, Card, Reply, Row
from bot.commands import TABLE, read
from bot.model import Address
from tests.adapters.at_slack import Lab, at_slack

PAPER = Card(
    title="Attention Is All You Need", url="https://arxiv.org/abs/1706.03762", tone="paper",
    buttons=(Button("Save", "/papers save paper:1706.03762"),),
)  # fmt: skip


@pytest.fixture(params=["socket", "http"])
async def lab(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Lab]:
    async with at_slack(tmp_path, request.param) as lab:
        yield lab


@pytest.fixture
async def socket(tmp_path: Path) -> AsyncIterator[Lab]:
    async with at_slack(tmp_path) as lab:
        yield lab


# --- slash commands ---------------------------------------------------------------------------------------------------


async def test_a_command_is_acknowledged_at_once_and_answered_privately(lab: Lab) -> None:
    answer = await lab.slack.slash(lab.slack.reader, "/papers", "today top:5", "papers")
    assert answer.acked is not None
    assert answer.acked < 1
    assert answer.body in (None, "")
    assert "answer to today" in answer.message.text
    assert answer.message.only_for == lab.slack.reader.id
    request = lab.core.request
    assert (request.command, request.options) == ("today", {"top": "5"})
    assert request.where == lab.channel()
    assert request.where.name == "papers"
    assert (request.person.id, request.person.space) == (lab.slack.reader.id, lab.slack.lab.id)
    assert request.person.name == "reader"


async def test_a_command_in_a_direct_message_is_said_to_the_person(socket: Lab) -> None:
    await socket.slack.slash(socket.slack.reader, "/papers", "today")
    reader = socket.slack.reader
    assert socket.core.request.where == Address("slack", socket.slack.lab.id, reader.id, "person")


async def test_what_slack_escapes_arrives_as_it_was_typed(socket: Lab) -> None:
    typed = 'subscribe "R&amp;D" votes&gt;=10 mention:<!subteam^S0123|@nlp> every:daily'
    await socket.slack.slash(socket.slack.manager, "/papers", typed, "papers")
    assert socket.core.request.options == {
        "query": '"R&D" votes>=10', "mention": "<!subteam^S0123|@nlp>", "every": "daily",
    }  # fmt: skip
    await socket.slack.slash(socket.slack.reader, "/papers", "show <https://arxiv.org/abs/1706.03762>", "papers")
    assert socket.core.request.options == {"paper": "https://arxiv.org/abs/1706.03762"}


async def test_a_slip_is_refused_with_the_way_out_and_does_not_reach_the_core(socket: Lab) -> None:
    answer = await socket.slack.slash(socket.slack.reader, "/papers", "todday", "papers")
    assert "did you mean today" in answer.message.text
    assert socket.core.asked == []


async def test_the_brand_word_is_ours_whatever_the_command_is_called(socket: Lab) -> None:
    await socket.slack.slash(socket.slack.manager, "/lab-papers", "today", "papers")
    assert socket.core.request.command == "today"
    await socket.slack.slash(socket.slack.manager, "/papers-admin", "permissions", "papers")
    assert socket.core.request.command == "admin permissions"


async def test_what_breaks_is_told_with_a_reference_that_is_in_the_log(
    lab: Lab, caplog: pytest.LogCaptureFixture
) -> None:
    lab.core.broken = True
    answer = await lab.slack.slash(lab.slack.reader, "/papers", "search secret words", "papers")
    assert "Something broke (ref " in answer.message.text
    (record,) = [r for r in caplog.records if r.message == "slack.deed_broke"]
    assert vars(record)["ref"] in answer.message.text
    logged = {name: vars(record)[name] for name in ("command", "platform", "space", "what")}
    assert logged == {"command": "search", "platform": "slack", "space": lab.slack.lab.id, "what": "command"}
    assert "secret words" not in str(vars(record))
    assert record.exc_info


async def test_every_command_of_the_table_is_had_as_text(socket: Lab) -> None:
    """Its example is typed. One that has a form of its own opens that when it is typed bare."""
    manager = socket.slack.manager
    for command in TABLE:
        line = command.example or f"/papers {command.name}"
        brand, _, text = line.partition(" ")
        wanted, options = read(line)
        answer = await socket.slack.slash(manager, brand, escape(text, quote=False), "papers", wait=False)
        await answer.wait(lambda a: a.shown or a.views)
        if not answer.views:
            assert (socket.core.request.command, dict(socket.core.request.options)) == (wanted.name, options)
        else:
            assert wanted.form
            assert not options


# --- rights and rooms -------------------------------------------------------------------------------------------------


async def test_administrators_are_known_and_others_are_not(socket: Lab) -> None:
    for person, high in ((socket.slack.manager, True), (socket.slack.reader, False)):
        await socket.slack.slash(person, "/papers", "subscribe diffusion", "papers")
        assert (socket.core.request.admin, socket.core.request.manager) == (high, high)


async def test_a_look_up_asks_nobody_who_somebody_is(socket: Lab) -> None:
    answer = await socket.slack.slash(socket.slack.manager, "/papers", "today", "papers")
    assert "users.info" not in [call.method for call in answer.calls]
    assert not socket.core.request.admin


async def test_a_guest_is_said_to_be_one(socket: Lab) -> None:
    guest = socket.slack.add_user(socket.slack.lab, "guest")
    guest.guest = True
    await socket.slack.slash(guest, "/papers", "subscribe diffusion", "papers")
    assert socket.core.request.guest
    await socket.slack.slash(socket.slack.reader, "/papers", "subscribe diffusion", "papers")
    assert not socket.core.request.guest


async def test_rights_are_remembered_for_a_while_and_lost_when_slack_does_not_answer(socket: Lab) -> None:
    await socket.slack.slash(socket.slack.manager, "/papers", "subscribe diffusion", "papers")
    answer = await socket.slack.slash(socket.slack.manager, "/papers", "subscribe video", "papers")
    assert [c.method for c in answer.calls if c.method.endswith("info")] == []
    socket.slack.faults.fail("users.info", "internal_error")
    other = socket.slack.add_user(socket.slack.lab, "other", admin=True)
    await socket.slack.slash(other, "/papers", "subscribe agents", "papers")
    assert not socket.core.request.admin


async def test_where_it_cannot_post_the_core_is_told_and_where_it_can_it_is_not(socket: Lab) -> None:
    await socket.slack.slash(socket.slack.manager, "/papers", "subscribe diffusion", "secret")
    assert "/invite @Paperboy" in socket.core.request.barred
    socket.slack.join(socket.slack.secret)
    await socket.slack.slash(socket.slack.manager, "/papers", "subscribe diffusion", "secret")
    assert socket.core.request.barred == ""
    assert socket.core.request.where.name == "secret"
    await socket.slack.slash(socket.slack.manager, "/papers", "subscribe diffusion", "general")
    assert socket.core.request.barred == ""


async def test_without_the_scope_for_it_a_public_channel_needs_an_invitation_too(tmp_path: Path) -> None:
    async with at_slack(tmp_path, scopes="commands,chat:write,channels:read,users:read") as lab:
        await lab.slack.slash(lab.slack.manager, "/papers", "subscribe diffusion", "general")
        assert "/invite @Paperboy" in lab.core.request.barred


async def test_an_archived_channel_is_said_to_be_one(socket: Lab) -> None:
    socket.slack.papers.archived = True
    await socket.slack.slash(socket.slack.manager, "/papers", "subscribe diffusion", "papers")
    assert "archived" in socket.core.request.barred


# --- buttons ----------------------------------------------------------------------------------------------------------


async def test_a_button_runs_its_command_and_answers_beside_it(lab: Lab) -> None:
    lab.core.answers["today"] = Reply(cards=(PAPER,))
    shown = await lab.slack.slash(lab.slack.reader, "/papers", "today", "papers")
    answer = await lab.slack.press(shown, "Save")
    assert (lab.core.request.command, lab.core.request.options) == ("save", {"paper": "1706.03762"})
    assert "answer to save" in answer.message.text
    assert answer.message.only_for == lab.slack.reader.id
    assert "Attention" in shown.messages[0].text


async def test_a_button_on_a_post_answers_only_who_pressed_it(lab: Lab) -> None:
    receipt = await lab.bot.send(lab.outgoing())
    (post,) = lab.slack.messages("papers")
    assert receipt.id.endswith(post.ts)
    post.blocks = [{"type": "actions", "elements": [_button("pb.run.0", "/papers save paper:1706.03762")]}]
    answer = await lab.slack.press(post, "Save", by=lab.slack.manager)
    assert answer.message.only_for == lab.slack.manager.id
    assert lab.core.request.person.id == lab.slack.manager.id


async def test_in_a_thread_the_answer_stays_there(socket: Lab) -> None:
    parent = await socket.bot.send(socket.outgoing())
    await socket.bot.send(socket.outgoing("below", nonce="n2", reply_to=parent.id))
    reply = socket.slack.messages("papers")[1]
    reply.blocks = [{"type": "actions", "elements": [_button("pb.run.0", "/papers save paper:1706.03762")]}]
    answer = await socket.slack.press(reply, "Save")
    assert answer.message.thread_ts == reply.thread_ts


async def test_what_only_looks_like_a_button_of_ours_is_acknowledged_and_nothing_more(socket: Lab) -> None:
    await socket.bot.send(socket.outgoing())
    (post,) = socket.slack.messages("papers")
    post.blocks = [{"type": "actions", "elements": [_button("elsewhere", "/papers save paper:1706.03762")]}]
    answer = await socket.slack.press(post, "Save", wait=False)
    assert answer.acked is not None
    assert socket.core.asked == []


def _button(action: str, value: str) -> dict[str, object]:
    text = {"type": "plain_text", "text": "Save", "emoji": False}
    return {"type": "button", "action_id": action, "text": text, "value": value}


# --- forms ------------------------------------------------------------------------------------------------------------


async def test_a_bare_command_with_a_form_opens_it_and_one_with_options_runs(lab: Lab) -> None:
    opened = await lab.slack.slash(lab.slack.manager, "/papers", "subscribe", "papers")
    assert opened.view.body["callback_id"] == "pb.form.subscribe"
    assert lab.core.asked == []
    await lab.slack.slash(lab.slack.manager, "/papers", "subscribe diffusion", "papers")
    assert lab.core.request.command == "subscribe"


async def test_the_form_of_settings_shows_how_they_are(lab: Lab) -> None:
    told = Reply(
        cards=(Card(body="as it is"),), data={"settings": {"timezone": "Europe/Berlin", "cap": "7", "paused": "no"}}
    )
    lab.core.answers["admin settings"] = told
    opened = await lab.slack.slash(lab.slack.manager, "/papers", "admin settings", "papers")
    shown = str(opened.view.body["blocks"])
    assert "Europe/Berlin" in shown
    assert "'initial_value': '7'" in shown


async def test_who_may_not_see_the_settings_is_told_so_and_gets_no_form(lab: Lab) -> None:
    lab.core.answers["admin settings"] = Reply(cards=(Card(body="That is for managers."),), failed=True)
    refused = await lab.slack.slash(lab.slack.manager, "/papers", "admin settings", "papers")
    assert "That is for managers." in refused.message.text
    assert refused.views == []


async def test_a_form_runs_its_command_where_it_was_opened(lab: Lab) -> None:
    opened = await lab.slack.slash(lab.slack.manager, "/papers", "subscribe", "papers")
    sent = await lab.slack.submit(opened.view, {"query": "diffusion -survey"}, wait=False)
    await opened.wait(lambda a: a.messages)
    assert sent.errors == {}
    assert opened.view.closed
    assert lab.core.request.options == {"query": "diffusion -survey"}
    assert lab.core.request.where == lab.channel()
    assert lab.core.request.manager
    assert "answer to subscribe" in opened.messages[0].text


async def test_a_refused_form_stays_open_and_says_why_at_the_input(lab: Lab) -> None:
    refused = Reply(cards=(Card(body="every: can be instant, daily, weekly."),), failed=True)
    lab.core.answers["subscribe"] = refused
    opened = await lab.slack.slash(lab.slack.manager, "/papers", "subscribe", "papers")
    sent = await lab.slack.submit(opened.view, {"query": "diffusion"}, wait=False)
    assert sent.errors == {"every": "every: can be instant, daily, weekly."}
    assert not opened.view.closed


async def test_a_form_whose_answer_takes_long_is_closed_in_time_and_answered_behind(socket: Lab) -> None:
    opened = await socket.slack.slash(socket.slack.manager, "/papers", "subscribe", "papers")
    socket.core.slow = 2.2
    sent = await socket.slack.submit(opened.view, {"query": "diffusion"}, wait=False)
    assert sent.acked is not None
    assert sent.acked < 3
    await opened.wait(lambda a: a.messages)


async def test_a_form_that_cannot_be_opened_any_more_gives_the_answer_in_words(socket: Lab) -> None:
    socket.slack.faults.fail("views.open", "internal_error")
    answer = await socket.slack.slash(socket.slack.manager, "/papers", "subscribe", "papers", wait=False)
    await answer.wait(lambda a: a.shown)
    assert "answer to subscribe" in answer.message.text


async def test_menus_of_a_form_offer_what_there_is_where_it_was_opened(lab: Lab) -> None:
    opened = await lab.slack.slash(lab.slack.manager, "/papers", "edit", "papers")
    await lab.slack.suggest(opened.view, "id", "1")
    request, option, _ = lab.core.offered[-1]
    assert (request.where, option) == (lab.channel(), "id")


async def test_a_mention_that_would_ring_nobody_is_refused_at_its_input_and_in_text(lab: Lab) -> None:
    opened = await lab.slack.slash(lab.slack.manager, "/papers", "subscribe", "papers")
    sent = await lab.slack.submit(opened.view, {"query": "diffusion", "mention": "@readers"}, wait=False)
    assert list(sent.errors) == ["mention"]
    answer = await lab.slack.slash(lab.slack.manager, "/papers", "subscribe diffusion mention:@readers", "papers")
    assert "none that Slack would call" in answer.message.text
    assert lab.core.asked == []
    await lab.slack.submit(opened.view, {"query": "diffusion", "mention": "S0123456"}, wait=False)
    assert lab.core.request.options == {"query": "diffusion", "mention": "<!subteam^S0123456>"}


async def test_people_are_called_by_name_in_answers(socket: Lab) -> None:
    reader = socket.slack.reader
    listed = Row(lead="", text="list", detail=f"{reader.id}, <!subteam^S0123|@nlp>")
    socket.core.answers["admin permissions"] = Reply(cards=(Card(title="Permissions", rows=(listed,)),))
    answer = await socket.slack.slash(socket.slack.manager, "/papers", "admin permissions", "papers")
    shown = str(answer.message.blocks)
    assert "@reader, @nlp" in shown
    assert reader.id not in shown


async def test_menus_of_a_form_offer_what_the_core_offers(lab: Lab) -> None:
    home = await lab.slack.open_home(lab.slack.reader)
    form = await lab.slack.press(home.view, "Watch a paper")
    found = await lab.slack.suggest(form.view, "paper", "atten")
    assert found[0]["value"] == "1706.03762"
    request, option, typed = lab.core.offered[-1]
    assert (request.command, option, typed) == ("watch add", "paper", "atten")
    assert request.person.id == lab.slack.reader.id


# --- App Home, links, shortcut ----------------------------------------------------------------------------------------


async def test_the_home_shows_what_is_ones_own_without_costing_commands(lab: Lab) -> None:
    lab.core.answers["saved list"] = Reply(cards=(PAPER,))
    answer = await lab.slack.open_home(lab.slack.reader)
    assert "Attention Is All You Need" in str(answer.view.body)
    assert [r.command for r in lab.core.asked] == ["alert list", "watch list", "saved list", "me show"]
    assert all(r.unasked and r.where.kind == "person" for r in lab.core.asked)


async def test_what_is_pressed_on_the_home_is_answered_there(socket: Lab) -> None:
    socket.core.answers["saved list"] = Reply(cards=(PAPER,))
    shown = await socket.slack.open_home(socket.slack.reader)
    await socket.slack.press(shown.view, "Save")
    await shown.wait(lambda a: "answer to save" in str(socket.slack.homes[socket.slack.reader.id].body))
    (pressed,) = [r for r in socket.core.asked if r.command == "save"]
    assert not pressed.unasked


async def test_a_form_opened_on_the_home_is_answered_there(socket: Lab) -> None:
    shown = await socket.slack.open_home(socket.slack.reader)
    form = await socket.slack.press(shown.view, "Add an alert")
    await socket.slack.submit(form.view, {"query": "diffusion"}, wait=False)
    await shown.wait(lambda a: "answer to alert add" in str(socket.slack.homes[socket.slack.reader.id].body))
    assert socket.slack.messages(socket.slack.direct(socket.slack.bot, socket.slack.reader)) == []


async def test_the_shortcut_looks_papers_up_for_one_person(lab: Lab) -> None:
    lab.core.found = {"1706.03762": Reply(cards=(PAPER,))}
    message = lab.slack.say(lab.slack.manager, "papers", "see <https://arxiv.org/abs/1706.03762|this one>")
    answer = await lab.slack.shortcut(message, "pb.look_up", by=lab.slack.reader)
    assert "Attention" in answer.message.text
    assert answer.message.only_for == lab.slack.reader.id
    assert "https://arxiv.org/abs/1706.03762" in lab.core.texts[-1]


async def test_the_shortcut_says_where_there_is_no_paper(socket: Lab) -> None:
    message = socket.slack.say(socket.slack.manager, "papers", "lunch?")
    answer = await socket.slack.shortcut(message, "pb.look_up")
    assert "no paper" in answer.message.text


# --- again and otherwise ----------------------------------------------------------------------------------------------


async def test_what_slack_tells_twice_is_done_once(lab: Lab) -> None:
    lab.core.found = {"1706.03762": Reply(cards=(PAPER,))}
    told = await lab.slack.link_shared("papers", ["https://arxiv.org/abs/1706.03762"], lab.slack.reader)
    again = await lab.slack.again(told)
    assert again.acked is not None
    typed = await lab.slack.slash(lab.slack.reader, "/papers", "today", "papers")
    await lab.slack.again(typed)
    await asyncio.sleep(0.05)
    assert len(lab.core.texts) == 1
    assert [r.command for r in lab.core.asked if r.command] == ["today"]


async def test_events_that_mean_nothing_to_us_are_acknowledged(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    answer = await lab.slack.happen(lab.slack.bot, lab.slack.lab, {"type": "team_rename", "name": "new"})
    assert answer.acked is not None
    assert answer.status == 200
    assert caplog.records == [r for r in caplog.records if r.levelname not in {"WARNING", "ERROR"}]


async def test_our_own_messages_tell_us_nothing(socket: Lab) -> None:
    urls = ["https://arxiv.org/abs/1706.03762"]
    await socket.slack.link_shared("papers", urls, socket.slack.bot.bot, wait=False)
    await asyncio.sleep(0.1)
    assert socket.core.texts == []


async def test_an_answer_under_way_is_given_before_the_end(tmp_path: Path) -> None:
    async with at_slack(tmp_path) as lab:
        lab.core.slow = 0.3
        answer = await lab.slack.slash(lab.slack.reader, "/papers", "today", "papers", wait=False)
    assert "answer to today" in answer.message.text
