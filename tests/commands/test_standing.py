"""What is said of a place that takes no posts: to a channel, and to a person about themselves."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from bot.cards import suspended_post
from bot.commands.standing import unreachable
from bot.model import Address, Draft, Receipt, Target
from bot.phrases import without_codes
from tests.commands.at_desk import Mouth, at_desk, framed, paper, said

BARRED = "I am not a member of this server, so I cannot post here."


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[Mouth]:
    async with at_desk(tmp_path) as mouth:
        yield mouth


async def test_status_of_a_suspended_room_counts_what_waits_as_waiting(bot: Mouth) -> None:
    await bot.say("subscribe agents")
    target = await bot.target()
    await framed(bot, target, 1)
    await bot.store.outbox.suspend(target.id, "Paperboy lacks a right here (403, code 50013).", bot.now)
    told = said(await bot.say("status", barred=BARRED))
    assert "posts rest, suspended just now: Paperboy lacks a right here tried again tomorrow 12:00\n" in told
    assert "0 of 100 posted today" in told
    assert "1 paper waiting until posts go on here" in told
    assert "0 papers sent, 1 waiting" in told
    assert "50013" not in told


async def test_status_counts_what_is_on_its_way_as_waiting(bot: Mouth) -> None:
    await bot.say("subscribe agents")
    await framed(bot, await bot.target(), 1, 2)
    told = said(await bot.say("status"))
    assert "0 of 100 posted today" in told
    assert "2 papers waiting on the way" in told


async def test_status_counts_the_channels_of_a_space_or_what_is_the_askers_own(bot: Mouth) -> None:
    await bot.say("subscribe agents")
    for person in ("mei", "kai"):
        await bot.say("alert add video", by=person)
    await bot.say("alert add audio", by="kai")
    assert "Here: 1 subscription in 1 room;" in said(await bot.say("status"))
    assert "Yours: 1 alert;" in said(await bot.say("status", alone=True))
    assert "Here: 1 subscription in 1 room;" in said(await bot.say("admin status", admin=True))


async def test_where_nothing_can_be_posted_nothing_is_said_to_take_posts(bot: Mouth) -> None:
    told = await bot.say("status", barred=BARRED)
    assert BARRED in said(told)
    assert "takes posts" not in said(told)
    assert "subscribe" not in said(told).replace("0 subscriptions", "")
    listed = await bot.say("subscriptions", barred=BARRED)
    assert said(listed) == f"There are no subscriptions here yet. {BARRED}"
    assert not listed.cards[0].buttons
    tried = await bot.say("preview agents", barred=BARRED)
    assert [button.label for card in tried.cards for button in card.buttons] == ["Alert me"]


async def test_somebody_whom_nothing_reaches_is_told_so_wherever_their_own_is_shown(bot: Mouth) -> None:
    await bot.say("alert add video")
    closed = "This person takes no direct messages from Paperboy. They can allow them (403, code 50007)."
    await bot.store.outbox.suspend((await bot.target("mei", alone=True)).id, closed, bot.now)
    for text in ("alert list", "me show", "alert add audio"):
        told = said(await bot.say(text))
        assert "You take no direct messages from me: you can allow them. When" in told, text
    assert "You take" not in said(await bot.say("alert list", by="kai"))
    assert "You take" not in said(await bot.say("subscriptions"))


@pytest.mark.parametrize(
    ("suspended", "told"),
    [
        (
            "This person takes no direct messages from Paperboy. They can allow them in their settings (403).",
            "You take no direct messages from me: you can allow them in your settings.",
        ),
        (
            "this person's account is deactivated [user_disabled]",
            "You take no direct messages from me: your account is deactivated.",
        ),
        (
            "messages to Paperboy are off: switch on the Messages Tab [messages_tab_disabled]",
            "You take no direct messages from me: messages to Paperboy are off, switch on the Messages Tab.",
        ),
        ("This person takes no direct messages from Paperboy.", "You take no direct messages from me."),
    ],
)
def test_a_platforms_word_on_a_person_is_said_to_them(suspended: str, told: str) -> None:
    target = Target(id=1, address=Address("tower", "lab", "mei", "person"), suspended=suspended)
    assert unreachable(target) == f"{told} When that is mended: /papers alert resume id:all"


def test_of_a_channel_nobody_is_spoken_to() -> None:
    assert not unreachable(Target(id=1, address=Address("tower", "lab", "papers"), suspended="gone"))


@pytest.mark.parametrize(
    ("reason", "plain"),
    [
        ("Paperboy lacks a right here (403, code 50013).", "Paperboy lacks a right here."),
        ("Discord refuses the message (400, code 50035: In content (x): too long).", "Discord refuses the message."),
        ("the channel is archived [is_archived]", "the channel is archived"),
        ("waited 7 days: the channel is archived [is_archived]", "waited 7 days: the channel is archived"),
        ("Slack cannot be reached (ClientConnectorError)", "Slack cannot be reached"),
        ("The connection to Discord broke (OSError: [Errno 104] reset (by peer)).", "The connection to Discord broke."),
        ("Discord cannot be reached (ServerDisconnected: late).", "Discord cannot be reached."),
        ("the channel is gone (or private)", "the channel is gone (or private)"),
    ],
)
def test_codes_are_for_the_log(reason: str, plain: str) -> None:
    assert without_codes(reason) == plain


def test_whoever_subscribed_is_told_without_codes() -> None:
    (card,) = suspended_post(Address("tower", "lab", "c", name="papers"), "it is archived [is_archived]", 7).cards
    assert "I can no longer post in #papers: it is archived. Nothing is lost" in card.body


# --- what became of a paper -------------------------------------------------------------------------------------------


async def test_why_tells_with_what_a_paper_came(bot: Mouth) -> None:
    await bot.say("subscribe agents")
    target = await bot.target()
    await framed(bot, target, 1, 2, 3)
    (message,) = await bot.store.outbox.claim("tower", bot.now, 1000, 10)
    await bot.store.outbox.sent(message.id, Receipt("1"), bot.now)
    assert ", with 2 others (" in said(await bot.say("why 2611.00001"))
    await framed(bot, target, 4)
    (message,) = await bot.store.outbox.claim("tower", bot.now, 1000, 10)
    await bot.store.outbox.sent(message.id, Receipt("2"), bot.now)
    assert ", on its own (" in said(await bot.say("why 2611.00004"))


async def test_why_names_the_digest_a_paper_came_in(bot: Mouth) -> None:
    await bot.say("subscribe agents every:daily")
    target = await bot.target()
    made = [paper(number, f"Agents {number}") for number in (1, 2)]
    await bot.read_day(date(2026, 11, 20), *made)
    for one in made:
        await bot.wait_for(target, one, bot.now, kind="digest", slot="2026-11-23T09:00")
    due = await bot.store.outbox.pending(target.id)
    draft = Draft(
        target=target.id, kind="digest", payload="{}", plain="", nonce="n", slot="2026-11-23T09:00",
        shown=tuple(d.id for d in due), day="2026-11-23",
    )  # fmt: skip
    await bot.store.outbox.freeze(draft, bot.now)
    (message,) = await bot.store.outbox.claim("tower", bot.now, 1000, 10)
    await bot.store.outbox.sent(message.id, Receipt("1"), bot.now)
    assert ", in the digest of Mon 23 Nov, with 1 other (" in said(await bot.say("why 2611.00001"))
