"""What became of a paper, in plain words: each state with its reason, and when it goes on."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.model import Receipt
from tests.commands.at_desk import LAB, MONDAY, Mouth, at_desk, framed, paper, said

DAY = 24 * 3600 * 1000
LACKS = "Paperboy lacks a right here (403, code 50013)."


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[Mouth]:
    async with at_desk(tmp_path) as mouth:
        await mouth.say("subscribe agents")
        yield mouth


async def fate(bot: Mouth) -> str:
    """What ``why`` says became of the first paper, asked where nothing can be posted, so that nothing goes on."""
    reply = await bot.say("why 2611.00001", barred="I cannot post here.")
    [card] = [card for card in reply.cards if card.title == "What became of it"]
    return card.rows[0].text.removesuffix(" (for #1)")


async def waiting(bot: Mouth) -> None:
    made = paper(1, "Agents 1")
    await bot.read_day(MONDAY.date(), made)
    await bot.wait_for(await bot.target(), made, bot.now + 3600_000)


async def claimed(bot: Mouth) -> int:
    await framed(bot, await bot.target(), 1)
    [message] = await bot.store.outbox.claim("tower", bot.now, 30_000, 10)
    return message.id


async def test_what_waits_for_a_place_that_rests_says_why_and_when_it_is_tried(bot: Mouth) -> None:
    await waiting(bot)
    target = await bot.target()
    await bot.store.outbox.suspend(target.id, LACKS, bot.now)
    told = "Waits, for posts rest here: Paperboy lacks a right here; tried again tomorrow 12:00"
    assert await fate(bot) == told
    await bot.store.outbox.try_out(target.id, bot.now + DAY)
    assert await fate(bot) == "Waits until Mon 23 Nov 13:00: due, goes out with the next round"


async def test_what_was_under_way_when_posts_stopped_waits_with_the_rest(bot: Mouth) -> None:
    await claimed(bot)
    await bot.store.outbox.suspend((await bot.target()).id, LACKS, bot.now)
    assert (await fate(bot)).startswith("Waits, for posts rest here: Paperboy lacks a right here; tried again")


async def test_what_waits_for_a_pause_says_whose(bot: Mouth) -> None:
    await waiting(bot)
    await bot.say("pause all")
    assert await fate(bot) == "Waits, for everything here is paused until resumed"
    await bot.store.people.edit_space(*LAB, lambda known: replace(known, paused=True))
    assert await fate(bot) == "Waits, for everything in this space is paused"


async def test_what_may_have_arrived_says_so_and_when_it_is_asked_about(bot: Mouth) -> None:
    message = await claimed(bot)
    assert await fate(bot) == "In a message that is being sent"
    error = "Slack did not answer in time (TimeoutError)"
    await bot.store.outbox.again(message, bot.now + 600_000, error, ambiguous=True)
    assert await fate(bot) == (
        "In a message of which it is unclear whether it arrived (Slack did not answer in time);"
        " asked about again Mon 23 Nov 12:10"
    )
    bot.now += 3600_000
    assert (await fate(bot)).endswith("; asked about again any moment")


async def test_what_is_tried_again_says_what_went_wrong_and_when(bot: Mouth) -> None:
    message = await claimed(bot)
    await bot.store.outbox.again(message, bot.now + 600_000, "Slack is not available", ambiguous=False)
    told = "In a message that could not be posted yet (Slack is not available); tried again Mon 23 Nov 12:10"
    assert await fate(bot) == told


async def test_an_end_has_its_reason(bot: Mouth) -> None:
    message = await claimed(bot)
    await bot.store.outbox.dead(message, "Slack refused how this message is built [invalid_blocks]", bot.now)
    assert await fate(bot) == "Given up: Slack refused how this message is built"


async def test_what_was_tried_too_often_says_how_often(bot: Mouth) -> None:
    message = await claimed(bot)
    await bot.store.outbox.dead(message, "gave up after 9 tries: Slack is not available", bot.now)
    assert await fate(bot) == "Given up after 9 tries: Slack is not available"
    told = said(await bot.say("status"))
    assert "post of Mon 23 Nov: given up after 9 tries: Slack is not available\n" in told


async def test_what_was_sent_after_all_says_when(bot: Mouth) -> None:
    message = await claimed(bot)
    await bot.store.outbox.sent(message, Receipt("1"), bot.now)
    assert await fate(bot) == "Sent Mon 23 Nov 12:00, on its own"


async def test_the_place_itself_says_until_when_it_rests(bot: Mouth) -> None:
    await waiting(bot)
    await bot.store.outbox.suspend((await bot.target()).id, LACKS, bot.now)
    reply = await bot.say("why 2611.00001", barred="I cannot post here.")
    told = "Posting to #papers is suspended: Paperboy lacks a right here; tried again tomorrow 12:00."
    assert told in said(reply)
