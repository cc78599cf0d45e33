"""Logging: one line an event, fields as given, and no secret that anybody planted."""

import io
import json
import logging
import time
from collections.abc import Iterator
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.log import NOISY, redact, setup

# Made up here, in the shapes the platforms use. In pieces, so that no scanner takes them for real ones.
SLACK_BOT = "xoxb-" + "123456789012-1234567890123-AbCdEfGhIjKlMnOpQrStUvWx"
SLACK_APP = "xapp-" + "1-A0123456789-1234567890123-" + "0a1b2c3d" * 8
DISCORD = "MTE4NzY1NDMyMTA5ODc2NTQzMg" + ".GaBcDe." + "aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789_-"
SECRETS = {
    "a Slack bot token": (f"token {SLACK_BOT} given", SLACK_BOT),
    "a Slack app token": (f"app={SLACK_APP}", SLACK_APP),
    "a Slack refresh token": ("xoxe.xoxp-1-Mi0yLTEyMzQ1Njc4OTA", "Mi0yLTEyMzQ1Njc4OTA"),
    "a Slack webhook": ("https://hooks.slack.com/services/T0/B0/Zx9Yw8", "Zx9Yw8"),
    "a Discord bot token": (f"login with {DISCORD}.", DISCORD),
    "a Discord webhook": ("POST /api/webhooks/1187654321/s3cr3t-Hook_x", "s3cr3t-Hook_x"),
    "a Discord interaction": ("/api/v10/interactions/118/aW50ZXJhY3Rpb24/callback", "aW50ZXJhY3Rpb24"),
    "a header": ("Authorization: Bot abc.def", "abc.def"),
    "a header without a scheme": ("authorization=abcdef", "abcdef"),
    "a header in a dict": ("{'Authorization': 'Bearer hf_abc'}", "hf_abc"),
    "a header in bytes": ("(b'Authorization', b'Basic dTpw')", "dTpw"),
    "a header in JSON": ('{"authorization": "token ghp_abc"}', "ghp_abc"),
    "a bearer token alone": ("sent Bearer abcdefghijkl.mno", "abcdefghijkl"),
    "a password in a URL": ("postgresql://ada:hunter2@db/p", "hunter2"),
    "a password with an at sign in a URL": ("https://ada:hun@ter2@example.org/x", "ter2"),
    "a token as user in a URL": ("https://ghp_abc@example.org", "ghp_abc"),
    "a token parameter": ("GET https://x.org/a?token=abc&b=1", "abc"),
    "a key parameter": ("https://x.org/a?b=1&key=abc", "abc"),
    "an API key parameter": ("https://x.org/a?api_key=abc#top", "abc"),
    "a connection's ticket": ("wss://wss-primary.slack.com/link/?ticket=abc&app_id=1", "abc"),
    "a code of an installation": ("GET /slack/oauth_redirect?code=1.2.abc&state=x", "1.2.abc"),
    "a state of an installation": ("GET /slack/oauth_redirect?x=1&state=gAAA", "gAAA"),
    "a secret parameter": ("https://x.org/a?client_secret=abc", "abc"),
    "a password parameter": ("/login?password=abc", "abc"),
    "an access token parameter": ("https://x.org/?accessToken=abc", "abc"),
}


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    loggers = [root, *(logging.getLogger(name) for name in NOISY)]
    handlers, levels = root.handlers[:], [logger.level for logger in loggers]
    yield
    root.handlers[:] = handlers
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


def logger_to(stream: io.StringIO, format: Literal["text", "json"] = "text", level: str = "INFO") -> logging.Logger:
    setup(level, format, stream)
    return logging.getLogger("bot.test")


def test_an_event_is_one_line_of_time_level_name_and_fields() -> None:
    out = io.StringIO()
    logger_to(out).info("poll.done", extra={"source": "huggingface", "fresh": 3, "took": 0.5, "error": None})
    moment, rest = out.getvalue().split(" ", 1)
    assert moment.endswith("Z")
    assert len(moment) == len("2026-11-23T09:00:00.123Z")
    assert rest == "INFO poll.done source=huggingface fresh=3 took=0.5 error=None\n"


def test_as_json_an_event_is_one_object_a_line() -> None:
    out = io.StringIO()
    logger_to(out, "json").warning("poll.done", extra={"source": "a b\n", "fresh": 3, "stale": True})
    entry = json.loads(out.getvalue())
    assert entry.pop("time").endswith("Z")
    assert entry == {"level": "WARNING", "logger": "bot.test", "event": "poll.done", "source": "a b\n", "fresh": 3,
                     "stale": True}  # fmt: skip


def test_values_that_are_not_one_word_are_quoted() -> None:
    out = io.StringIO()
    logger_to(out).info("x", extra={"a": "two words", "b": 'say "hi"', "c": "k=v", "d": "", "e": "Zoë", "f": ("t", 1)})
    assert out.getvalue().split("INFO x ")[1] == (
        'a="two words" b="say \\"hi\\"" c="k=v" d="" e=Zoë f="(\'t\', 1)"\n'
    )  # fmt: skip


@pytest.mark.parametrize("format", ["text", "json"])
def test_what_came_from_outside_cannot_draw_a_line_of_its_own(format: Literal["text", "json"]) -> None:
    out = io.StringIO()
    forged = "x\r\n2026-11-23T09:00:00.000Z ERROR forged\x1b[2J\u2028\u202e"
    logger_to(out, format).info(forged, extra={"title": forged})
    assert out.getvalue().count("\n") == 1
    assert not set("\r\x1b\u2028\u202e") & set(out.getvalue())


@pytest.mark.parametrize("format", ["text", "json"])
def test_the_reason_of_a_failure_stands_on_the_line_of_its_event(format: Literal["text", "json"]) -> None:
    out = io.StringIO()
    log = logger_to(out, format)
    failure = ValueError(f"the disk is full, {SLACK_BOT}\nand more")
    log.error("beat.failed", extra={"beat": "poll"}, exc_info=failure)
    log.error("post.failed", extra={"error": "the room is gone"}, exc_info=failure)
    first, second = [line for line in out.getvalue().splitlines() if ".failed" in line]
    assert "ValueError: the disk is full, ***" in first
    assert "the room is gone" in second
    assert SLACK_BOT not in out.getvalue()


def test_a_traceback_stands_indented_below_its_line() -> None:
    out = io.StringIO()
    log = logger_to(out)
    try:
        raise RuntimeError("bad\n2026-11-23T09:00:00.000Z ERROR forged")
    except RuntimeError:
        log.exception("step.failed", extra={"step": "poll"})
    first, *rest = out.getvalue().splitlines()
    assert first.endswith('ERROR step.failed step=poll error="RuntimeError: bad"')
    assert all(line.startswith("    ") for line in rest)
    assert any("RuntimeError: bad" in line for line in rest)


@pytest.mark.parametrize("format", ["text", "json"])
@pytest.mark.parametrize(("text", "secret"), SECRETS.values(), ids=SECRETS.keys())
def test_no_planted_secret_is_written(text: str, secret: str, format: Literal["text", "json"]) -> None:
    out = io.StringIO()
    log = logger_to(out, format)
    log.info("request %s", text, extra={"url": text, "nested": {"headers": [text]}})
    try:
        raise ValueError(text)
    except ValueError:
        log.exception(text)
    assert secret in text
    assert secret not in out.getvalue()
    assert "***" in out.getvalue()


def test_a_field_named_like_a_secret_is_never_shown() -> None:
    out = io.StringIO()
    logger_to(out).info("login", extra={"slack_token": "plain", "Password": "p", "api_key": "k", "key": "arxiv:2401.1"})
    assert out.getvalue().endswith("login slack_token=*** Password=*** api_key=*** key=arxiv:2401.1\n")


@pytest.mark.parametrize(
    "text",
    [
        "GET https://huggingface.co/api/daily_papers?date=2026-11-20&limit=100&p=2",
        "https://export.arxiv.org/api/query?search_query=ti:%22key%22&start=0&keyword=x",
        "arxiv:2401.01234 by ada@example.org, see https://example.org/@ada/post",
        "tokenizers and secret sharing: a key to passwords",
        "bot.store.sqlite.papers.PapersOverSqlite.ingest",
        "9a8b7c6d-1234-5678-9abc-def012345678",
    ],
)
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert redact(text) == text


def test_a_message_whose_arguments_do_not_fit_is_still_written_without_its_secret() -> None:
    out = io.StringIO()
    logger_to(out)
    ours = logging.getLogger().handlers[-1]  # pytest's own handler would raise
    ours.handle(logging.makeLogRecord({"msg": "token %d", "args": (SLACK_BOT,)}))
    assert "token %d" in out.getvalue()
    assert SLACK_BOT not in out.getvalue()


def test_libraries_that_log_addresses_and_parameters_stay_quiet_at_every_level() -> None:
    out = io.StringIO()
    logger_to(out, level="DEBUG")
    for name in NOISY:
        logging.getLogger(name).info("HTTP Request: GET https://x.org/?q=1")
        logging.getLogger(f"{name}.sub").debug("noise")
    assert out.getvalue() == ""
    logging.getLogger("httpx").warning("heard")
    assert "heard" in out.getvalue()


def test_setting_up_again_replaces_the_first_and_leaves_handlers_of_others() -> None:
    first, second, other = io.StringIO(), io.StringIO(), logging.NullHandler()
    logging.getLogger().addHandler(other)
    logger_to(first)
    logger_to(second, level="ERROR").error("once")
    logging.getLogger("bot.test").info("not at this level")
    assert first.getvalue() == ""
    assert second.getvalue().count("\n") == 1
    assert other in logging.getLogger().handlers


@pytest.mark.parametrize(
    "text", ["a.", "a-", "?a&", "x://", "token", "Bearer ", "xoxb-", "authorization: ", "@", "a" * 9]
)
def test_redacting_a_long_hostile_text_is_quick(text: str) -> None:
    start = time.monotonic()
    redact(text * 20_000)
    assert time.monotonic() - start < 2  # a hang guard: a quadratic pattern takes minutes


def test_a_field_cannot_pass_for_the_time_or_level_of_a_json_line() -> None:
    out = io.StringIO()
    logger_to(out, "json").info("poll.done", extra={"level": "ERROR", "event": "forged"})
    assert {"level": "INFO", "event": "poll.done"}.items() <= json.loads(out.getvalue()).items()


@given(st.text())
def test_redacting_never_raises_and_is_done_once(text: str) -> None:
    assert redact(redact(text)) == redact(text)


def test_what_the_operator_wants_kept_secret_is_hidden_whatever_it_looks_like() -> None:
    stream = io.StringIO()
    setup("INFO", "text", stream, secrets=["plain words", "plain words and more", ""])
    try:
        logging.getLogger("x").info("said.it", extra={"all": "plain words and more, plain words"})
        assert "plain" not in stream.getvalue()
        assert stream.getvalue().count("***") == 2
    finally:
        setup("WARNING", "text", io.StringIO())
    assert redact("plain words") == "plain words"
