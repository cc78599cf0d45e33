"""Discord's refusals: whose fault each is, in words that say what to do; and how we keep from being banned."""

from types import SimpleNamespace
from typing import Any

import aiohttp
import discord
import pytest
from multidict import CIMultiDict

from adapters.discord import faults
from adapters.discord.faults import StoppedError, fault
from adapters.discord.wire import CAREFUL_AT, CAREFUL_RATE, RATE, STOP_AT, Attempt, Wire
from adapters.pace import Bucket, Window


def refusal(status: int, code: int = 0, message: str = "no", retry_after: str = "") -> discord.HTTPException:
    response: Any = SimpleNamespace(status=status, reason="", headers=CIMultiDict({"Retry-After": retry_after}))
    kind = {403: discord.Forbidden, 404: discord.NotFound}.get(status, discord.HTTPException)
    kind = discord.DiscordServerError if status >= 500 else kind
    return kind(response, {"code": code, "message": message})


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (401, 0, "credential"), (401, 50014, "credential"), (401, 40001, "credential"),
        (404, 10003, "target"), (404, 10004, "target"), (403, 50001, "target"), (403, 50013, "target"),
        (403, 50007, "target"), (403, 50278, "target"), (400, 40067, "target"), (400, 160005, "target"),
        (400, 160006, "target"), (400, 160002, "target"), (403, 0, "target"), (404, 0, "target"),
        (403, 99999, "target"),
        (400, 50035, "payload"), (400, 50006, "payload"), (413, 40005, "payload"), (403, 240000, "payload"),
        (403, 200000, "payload"), (404, 10008, "payload"), (400, 30046, "payload"), (400, 0, "payload"),
        (400, 50109, "payload"), (429, 0, "busy"), (429, 20028, "busy"), (403, 20016, "busy"), (400, 40003, "busy"),
        (503, 130000, "busy"), (500, 0, "ambiguous"), (502, 0, "ambiguous"), (504, 0, "ambiguous"),
    ],
)  # fmt: skip
def test_every_refusal_has_the_fault_that_decides_what_happens_next(status: int, code: int, expected: str) -> None:
    told = fault(refusal(status, code))
    assert told.fault == expected
    assert str(told).endswith(".")
    assert "None" not in str(told)


def test_every_code_has_a_sentence_for_people() -> None:
    for code in (*faults._CODES, 1):
        text = str(fault(refusal(403, code), "View Channel"))
        assert len(text) > 20
        assert "Forbidden" not in text


def test_a_missing_right_is_named_with_the_place_to_give_it() -> None:
    text = str(fault(refusal(403, 50013), "Create Posts"))
    assert "Create Posts" in text
    assert "Permissions" in text


def test_what_has_words_of_ours_needs_no_number() -> None:
    told = str(fault(refusal(403, 50007)))
    assert told.startswith("You take no direct messages")
    assert "403" not in told
    assert "50007" not in told
    assert "code 99999" in str(fault(refusal(403, 99999)))


def test_an_unreadable_message_says_where() -> None:
    assert "embeds.0.title" in str(fault(refusal(400, 50035, "In embeds.0.title: too long")))


@pytest.mark.parametrize(("header", "seconds"), [("", 60), ("7.5", 7.5), ("soon", 60)])
def test_a_pause_is_as_long_as_asked_or_a_minute(header: str, seconds: float) -> None:
    told = fault(refusal(429, retry_after=header))
    assert (told.fault, told.retry_after) == ("busy", seconds)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (discord.RateLimited(31), "busy"), (StoppedError(600), "busy"), (discord.LoginFailure("no"), "credential"),
        (ConnectionResetError(), "ambiguous"), (aiohttp.ServerDisconnectedError(), "ambiguous"),
        (aiohttp.ClientPayloadError(), "ambiguous"), (TimeoutError(), "ambiguous"), (ValueError("?"), "ambiguous"),
    ],
)  # fmt: skip
def test_broken_lines_leave_open_what_arrived(error: Exception, expected: str) -> None:
    assert fault(error).fault == expected


def test_a_server_that_cannot_be_reached_got_nothing() -> None:
    connection: Any = SimpleNamespace(host="discord.com", port=443, ssl=True, is_ssl=True)
    assert fault(aiohttp.ClientConnectorError(connection, OSError("refused"))).fault == "temporary"


# --- what is known of an attempt --------------------------------------------------------------------------------------


def test_only_a_post_that_was_sent_and_not_refused_leaves_doubt() -> None:
    reading = Attempt(waiting=True)
    assert not reading.unclear
    posting = Attempt(posting=True)
    assert not posting.unclear
    posting.waiting = True
    assert posting.unclear
    posting.answered(403, "")
    assert not posting.unclear
    posting.answered(502, "")
    posting.begun()
    posting.answered(429, "3")
    assert posting.unclear
    assert posting.retry_after == 3


# --- pace -------------------------------------------------------------------------------------------------------------


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


async def test_a_bucket_lets_a_few_go_at_once_and_the_rest_at_its_rate() -> None:
    time = Time()
    bucket = Bucket(2, 3, clock=time, sleep=time.sleep)
    went = []
    for _ in range(6):
        await bucket.take()
        went.append(time.now)
    assert went == pytest.approx([0, 0, 0, 0.5, 1.0, 1.5])


async def test_a_pause_holds_everybody_and_a_shorter_one_ends_none() -> None:
    time = Time()
    bucket = Bucket(10, 1, clock=time, sleep=time.sleep)
    bucket.pause(5)
    bucket.pause(1)
    await bucket.take()
    assert time.now == 5


def test_a_window_forgets_what_is_old() -> None:
    time = Time()
    window = Window(10, clock=time)
    window.add()
    time.now = 9
    window.add()
    assert len(window) == 2
    time.now = 10
    assert len(window) == 1


async def test_refusals_slow_us_down_and_then_stop_us_before_discord_bans_us() -> None:
    time = Time()
    refusals = Window(600, clock=time)
    wire = Wire("token", "https://discord.com/api/v10", make=lambda _: pytest.fail("no client"), refusals=refusals)
    for _ in range(CAREFUL_AT - 1):
        refusals.add()
    assert wire.rate == RATE
    refusals.add()
    assert wire.rate == CAREFUL_RATE
    for _ in range(STOP_AT - CAREFUL_AT):
        refusals.add()
    with pytest.raises(StoppedError):
        await wire.turn("https://discord.com/api/v10/channels/1")
    time.now = 601
    assert wire.rate == RATE
    await wire.turn("https://discord.com/api/v10/channels/1")
