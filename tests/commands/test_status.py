"""How things stand, told to whoever asks: what rests and until when, and what went wrong in numbers."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.commands.standing import next_trial
from bot.commands.status import lately, own_text, total_text
from bot.model import Address, Message, Preferences, Tally, Target
from tests.commands.at_desk import Mouth, at_desk, framed, said

DAY = 24 * 3600 * 1000
BARRED = "I am not a member of this server, so I cannot post here."
NOON = 1_795_435_200_000
"""2026-11-23 12:00 UTC."""


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[Mouth]:
    async with at_desk(tmp_path) as mouth:
        yield mouth


# --- a room that rests ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("due", "told"),
    [
        (NOON + 3600_000, "tried again today 14:00"),
        (NOON + 13 * 3600_000, "tried again tomorrow 02:00"),
        (NOON + 7 * DAY, "tried again Mon 30 Nov 13:00"),
        (NOON - 1, "tried again any moment"),
    ],
)
def test_when_a_place_is_tried_again_is_told_on_its_own_clock(due: int, told: str) -> None:
    berlin = Preferences(timezone="Europe/Berlin")
    place = Target(id=1, address=Address("tower", "lab", "papers"), preferences=berlin, suspended="gone", trial_due=due)
    assert next_trial(place, NOON) == told


def test_a_place_that_takes_posts_is_not_tried_and_one_on_trial_waits_for_a_post() -> None:
    place = Target(id=1, address=Address("tower", "lab", "papers"))
    assert next_trial(place, NOON) == ""
    tried = Target(id=1, address=place.address, suspended="gone", on_trial=True, trial_due=NOON + DAY)
    assert next_trial(tried, NOON) == "tried again with the next post"
    given_up = Target(id=1, address=place.address, suspended="gone")
    assert next_trial(given_up, NOON) == "tried again when a command is typed there"


async def test_administrators_see_which_channels_rest_why_and_until_when(bot: Mouth) -> None:
    await bot.say("subscribe agents")
    await bot.store.outbox.suspend((await bot.target()).id, "the channel is archived [is_archived]", bot.now)
    told = "#papers suspended just now: the channel is archived; tried again tomorrow 12:00"
    assert told in said(await bot.say("admin status", admin=True, room="other"))
    listed = said(await bot.say("admin channels", admin=True, room="other"))
    assert "#papers 1 subscription · suspended just now: the channel is archived; tried again tomorrow" in listed


# --- what went wrong --------------------------------------------------------------------------------------------------


async def test_what_is_unclear_says_when_it_is_asked_about_again(bot: Mouth) -> None:
    await bot.say("subscribe agents")
    await framed(bot, await bot.target(), 1)
    [message] = await bot.store.outbox.claim("tower", bot.now, 30_000, 10)
    await bot.store.outbox.again(message.id, bot.now + 320_000, "no answer in time", ambiguous=True)
    told = said(await bot.say("status"))
    assert "post of Mon 23 Nov: unclear whether it arrived; asked about again in 5 minutes no answer in time" in told
    bot.now += 400_000
    assert "asked about again any moment" in said(await bot.say("status"))


async def test_what_expired_is_told_for_two_weeks_and_counted_for_good(bot: Mouth) -> None:
    await bot.say("subscribe agents")
    await framed(bot, await bot.target(), 1)
    await bot.store.outbox.suspend((await bot.target()).id, "the channel is archived", bot.now)
    bot.now += 7 * DAY
    await bot.store.outbox.expire(bot.now, bot.now)
    told = said(await bot.say("status", barred=BARRED))
    assert "post of Mon 23 Nov: too old to send waited 7 days: the channel is archived" in told
    bot.now += 8 * DAY
    later = said(await bot.say("status", barred=BARRED))
    assert "too old to send" not in later
    assert "0 papers sent, 0 waiting, 1 expired unsent." in later


def test_old_trouble_is_no_news() -> None:
    where = Address("tower", "lab", "papers")
    made = {"target": 1, "address": where, "kind": "instant", "payload": "", "plain": "", "nonce": "", "state": "dead"}
    old, new = (Message(id=n, created=at, **made) for n, at in ((1, NOON - 14 * DAY), (2, NOON - 13 * DAY)))  # type: ignore[arg-type]
    assert lately([new, old], NOON) == [new]


# --- in all -----------------------------------------------------------------------------------------------------------


def test_the_numbers_are_a_few_sentences() -> None:
    tally = Tally(papers=1204, subscriptions=3, targets=2, deliveries={"sent": 40, "pending": 2, "framed": 1})
    assert total_text(tally) == ("1,204 papers known. Here: 3 subscriptions in 2 rooms; 40 papers sent, 3 waiting.")
    assert own_text(tally) == "1,204 papers known. Yours: 3 alerts; 40 papers sent, 3 waiting."


@pytest.mark.parametrize(
    ("resent", "told"),
    [
        (1, "Once a message was sent again, for there was no telling whether it had arrived."),
        (1200, "1,200 times a message was sent again, for there was no telling whether it had arrived."),
    ],
)
def test_what_went_wrong_is_counted_where_something_did(resent: int, told: str) -> None:
    tally = Tally(deliveries={"sent": 1, "dead": 4, "expired": 9, "suspended": 5}, resent=resent)
    assert own_text(tally) == (
        f"0 papers known. Yours: 0 alerts; 1 paper sent, 5 waiting, 4 given up, 9 expired unsent. {told}"
    )
