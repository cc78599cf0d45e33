"""Posts on Slack: sent once, changed, and never faster than Slack likes it."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from adapters import SlackOptions
from adapters.slack import build
from adapters.slack.faults import SlackError
from adapters.slack.lanes import FULL, LEAST, Lanes
from bot.cards import Card, Post
from bot.model import Address, Outgoing
from tests.adapters.at_slack import Lab, at_slack, notes_at, options_of
from tests.standins.slack_calls import Call

DELIVERIES = r"chat\.postMessage"


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    async with at_slack(tmp_path, serve=False) as lab:
        yield lab


def posts(lab: Lab) -> list[Call]:
    return [call for call in lab.slack.calls if call.method == "chat.postMessage"]


async def fault_of(lab: Lab, message: Outgoing) -> SlackError:
    with pytest.raises(SlackError) as caught:
        await lab.bot.send(message)
    assert "xoxb" not in str(caught.value)
    return caught.value


# --- sending ----------------------------------------------------------------------------------------------------------


async def test_a_post_carries_its_nonce_and_neither_unfurls_nor_links_names(lab: Lab) -> None:
    receipt = await lab.bot.send(lab.outgoing("A paper"))
    (message,) = lab.slack.messages("papers")
    assert receipt.id == f"{lab.slack.papers.id}:{message.ts}"
    assert receipt.link == f"https://lab.slack.com/archives/{lab.slack.papers.id}/p{message.ts.replace('.', '')}"
    assert message.metadata == {"event_type": "paperboy_post", "event_payload": {"nonce": "n1"}}
    assert not message.unfurl_links
    assert not message.unfurl_media
    assert "link_names" not in message.sent
    assert "A paper" in message.text
    assert message.blocks


async def test_what_is_frozen_is_the_same_for_the_same_post_and_has_a_plain_form(lab: Lab) -> None:
    post = Post(kind="instant", cards=(Card(title="Ünïcode", url="https://arxiv.org/abs/2611.00001"),))
    assert lab.bot.render(post) == lab.bot.render(post)
    assert json.loads(lab.bot.plain(post)).keys() == {"text"}
    await lab.bot.send(Outgoing(where=lab.channel(), payload=lab.bot.plain(post), nonce="n"))
    assert "Ünïcode" in lab.slack.messages("papers")[0].text


async def test_a_reply_stands_in_the_thread_of_its_parent(lab: Lab) -> None:
    parent = await lab.bot.send(lab.outgoing())
    await lab.bot.send(lab.outgoing("more", nonce="n2", reply_to=parent.id))
    first, second = lab.slack.messages("papers")
    assert second.thread_ts == first.ts


async def test_a_person_is_written_to_in_a_channel_opened_once_and_remembered(lab: Lab) -> None:
    where = lab.bot.private(lab.channel(), lab.slack.reader.id)
    assert where == Address("slack", lab.slack.lab.id, lab.slack.reader.id, "person")
    await lab.bot.send(lab.outgoing(where=where))
    await lab.bot.send(lab.outgoing(where=where, nonce="n2"))
    room = lab.slack.direct(lab.slack.bot, lab.slack.reader)
    assert len(lab.slack.messages(room)) == 2
    assert [c.method for c in lab.slack.calls].count("conversations.open") == 1
    await lab.bot.forget(where)
    assert await lab.notes.keys("slack", "direct/") == []


async def test_a_direct_channel_that_is_gone_is_opened_anew(lab: Lab) -> None:
    where = lab.bot.private(lab.channel(), lab.slack.reader.id)
    await lab.notes.write("slack", f"direct/{where.space}/{where.room}", "D999999")
    await lab.bot.send(lab.outgoing(where=where))
    assert len(lab.slack.messages(lab.slack.direct(lab.slack.bot, lab.slack.reader))) == 1


async def test_another_workspace_is_not_posted_to(lab: Lab) -> None:
    elsewhere = Address("slack", lab.slack.other.id, lab.slack.papers.id, "channel")
    assert (await fault_of(lab, lab.outgoing(where=elsewhere))).fault == "target"
    assert posts(lab) == []


@pytest.mark.parametrize(
    ("room", "change", "fault", "says"),
    [
        ("secret", {}, "target", "/invite @Paperboy"),
        ("papers", {"archived": True}, "target", "archived"),
        ("papers", {"restricted": True}, "target", "only some people"),
    ],
)
async def test_rooms_that_cannot_be_posted_to_say_what_to_do(
    lab: Lab, room: str, change: dict[str, bool], fault: str, says: str
) -> None:
    for name, value in change.items():
        setattr(lab.slack.channel(room), name, value)
    error = await fault_of(lab, lab.outgoing(where=lab.channel(room)))
    assert (error.fault, says in str(error)) == (fault, True)


async def test_a_dead_token_is_a_matter_of_credentials(lab: Lab) -> None:
    await lab.bot.send(lab.outgoing())
    lab.slack.bot.dead = "token_revoked"
    assert (await fault_of(lab, lab.outgoing(nonce="n2"))).fault == "credential"


async def test_what_slack_newly_says_before_a_post_costs_no_message(lab: Lab) -> None:
    lab.slack.faults.fail(r"auth\.test", "a_new_trouble")
    assert (await fault_of(lab, lab.outgoing())).fault == "temporary"
    lab.slack.faults.fail(r"conversations\.open", "a_new_trouble")
    where = lab.bot.private(lab.channel(), lab.slack.reader.id)
    assert (await fault_of(lab, lab.outgoing(where=where))).fault == "temporary"


@pytest.mark.parametrize(
    "code", ["restricted_action_non_threadable_channel", "restricted_action_thread_locked", "cannot_reply_to_message"]
)
async def test_a_thread_that_takes_nothing_costs_its_replies_and_not_the_channel(lab: Lab, code: str) -> None:
    parent = await lab.bot.send(lab.outgoing())
    lab.slack.faults.fail(DELIVERIES, code)
    assert (await fault_of(lab, lab.outgoing(nonce="n2", reply_to=parent.id))).fault == "payload"
    assert await lab.bot.send(lab.outgoing(nonce="n3"))


@pytest.mark.parametrize("kind", ["500 after", "reset after", "fatal_error", "internal_error", "cut", "wrong"])
async def test_an_unclear_end_is_looked_up_and_found_and_nothing_is_posted_twice(lab: Lab, kind: str) -> None:
    lab.slack.faults.fail(DELIVERIES, kind)
    message = lab.outgoing()
    assert (await fault_of(lab, message)).fault == "ambiguous"
    assert len(posts(lab)) == 1
    receipt = await lab.bot.find(message)
    assert receipt is not None
    assert receipt.id.endswith(lab.slack.messages("papers")[0].ts)


@pytest.mark.parametrize("kind", ["500 before", "reset before", "html"])
async def test_an_unclear_end_before_it_counted_is_looked_up_and_not_found(lab: Lab, kind: str) -> None:
    lab.slack.faults.fail(DELIVERIES, kind)
    message = lab.outgoing()
    assert (await fault_of(lab, message)).fault == "ambiguous"
    assert await lab.bot.find(message) is None
    assert await lab.bot.send(message)
    assert len(lab.slack.messages("papers")) == 1


async def test_a_pause_slack_asks_for_is_kept_to(lab: Lab) -> None:
    lab.slack.faults.retry_after = 7
    lab.slack.faults.fail(DELIVERIES, "ratelimited")
    error = await fault_of(lab, lab.outgoing())
    assert (error.fault, error.retry_after) == ("busy", 7)
    again = await fault_of(lab, lab.outgoing())
    assert again.fault == "busy"
    assert len(posts(lab)) == 1


async def test_a_failure_before_the_post_is_never_unclear(lab: Lab) -> None:
    lab.slack.faults.fail(r"auth\.test", "500 after")
    assert (await fault_of(lab, lab.outgoing())).fault == "temporary"
    lab.slack.faults.fail(r"conversations\.open", "reset after")
    where = lab.bot.private(lab.channel(), lab.slack.reader.id)
    assert (await fault_of(lab, lab.outgoing(where=where))).fault == "temporary"
    assert posts(lab) == []


async def test_nobody_there_means_surely_not_sent(tmp_path: Path) -> None:
    async with notes_at(tmp_path) as notes:
        nowhere = SlackOptions(bot_token="xoxb-1", app_token="xapp-1", url="http://127.0.0.1:9/api")
        bot = build(options_of(nowhere, notes))
        with pytest.raises(SlackError) as caught:
            await bot.send(Outgoing(where=Address("slack", "T1", "C1"), payload='{"text":"x"}', nonce="n"))
        assert caught.value.fault == "temporary"
        await bot.close()


async def test_in_bad_weather_everything_arrives_once(lab: Lab) -> None:
    """As the core does it: what ended unclear is looked up before it is sent again."""
    kinds = ["500 before", "500 after", "reset before", "reset after", "fatal_error", "cut", "html"]
    lab.slack.faults.weather(7, dict.fromkeys(kinds, 0.08), r"chat\.postMessage|conversations\.history")
    rooms = [lab.slack.add_channel(lab.slack.lab, f"room-{n}", joined=True).name for n in range(8)]
    messages = [lab.outgoing(where=lab.channel(room), nonce=f"{room}-{n}") for room in rooms for n in range(2)]
    await asyncio.gather(*(brought(lab, message) for message in messages))
    nonces = [m.metadata["event_payload"]["nonce"] for r in rooms for m in lab.slack.messages(r) if m.metadata]
    assert sorted(nonces) == sorted(message.nonce for message in messages)
    assert sum(lab.slack.faults.done.values()) > 10


async def brought(lab: Lab, message: Outgoing) -> None:
    unclear = False
    async with asyncio.timeout(30):
        while True:
            try:
                if not unclear or not await lab.bot.find(message):
                    await lab.bot.send(message)
                return
            except SlackError as error:
                unclear = unclear or error.fault == "ambiguous"
                await asyncio.sleep(error.retry_after or 0)


# --- changing ---------------------------------------------------------------------------------------------------------


async def test_a_post_shown_anew_keeps_its_nonce_and_place(lab: Lab) -> None:
    message = lab.outgoing("before")
    receipt = await lab.bot.send(message)
    for _ in range(2):
        await lab.bot.edit(replace(message, payload=lab.outgoing("after").payload), receipt.id)
    (shown,) = lab.slack.messages("papers")
    assert "after" in shown.text
    assert shown.metadata == {"event_type": "paperboy_post", "event_payload": {"nonce": "n1"}}
    await lab.bot.edit(replace(message, payload='{"text":"plain"}'), receipt.id)
    assert shown.blocks == []


async def test_what_cannot_be_changed_any_more_is_left(lab: Lab) -> None:
    message = lab.outgoing()
    receipt = await lab.bot.send(message)
    lab.slack.edit_window = 60
    lab.slack.advance(100)
    for wrong in (receipt.id, f"{lab.slack.papers.id}:1.000001", "nonsense"):
        with pytest.raises(SlackError) as caught:
            await lab.bot.edit(message, wrong)
        assert caught.value.fault == "payload"


# --- pace -------------------------------------------------------------------------------------------------------------


class Time:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


async def test_a_channel_gets_one_a_second_after_a_short_burst_and_others_do_not_wait_for_it() -> None:
    time = Time()
    paced = Lanes(clock=time, sleep=time.sleep)
    for _ in range(5):
        await paced.turn("T1", "C1")
    assert time.now == pytest.approx(2)
    await paced.turn("T1", "C2")
    assert time.now == pytest.approx(2)


async def test_a_workspace_is_slowed_by_half_and_recovers_with_what_goes_through() -> None:
    time = Time()
    paced = Lanes(clock=time, sleep=time.sleep)
    paced.refused("T1", "C1", 3)
    assert (paced.rate("T1"), paced.rate("T2")) == (FULL / 2, FULL)
    await paced.turn("T1", "C1")
    assert time.now >= 3
    for _ in range(50):
        paced.refused("T1", "C1", 1)
    assert paced.rate("T1") == LEAST
    for _ in range(100):
        paced.went("T1")
    assert paced.rate("T1") == FULL


async def test_whoever_would_wait_long_is_told_to_come_again() -> None:
    paced = Lanes()
    paced.refused("T1", "C1", 30)
    with pytest.raises(SlackError) as caught:
        await paced.turn("T1", "C1")
    assert caught.value.fault == "busy"


async def test_lanes_not_used_for_longest_are_forgotten() -> None:
    time = Time()
    paced = Lanes(most=3, clock=time, sleep=time.sleep)
    for _ in range(3):
        await paced.turn("T1", "C0")
    for number in range(1, 4):
        await paced.turn("T1", f"C{number}")
    await paced.turn("T1", "C0")
    assert time.now == 0
