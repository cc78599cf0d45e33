"""What Slack's errors mean, in plain words, and never with a secret."""

from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.errors import SlackApiError, SlackRequestError

from adapters.slack.faults import SlackError, explained, of_one, understood, unsent
from bot.errors import Fault
from tests.planted import planted

SECRET = planted("xoxb-1-")
NOWHERE = ConnectionKey("h", 1, False, True, None, None, None)


def refused(status: int = 200, headers: dict[str, str] | None = None, **data: Any) -> SlackApiError:
    response = SimpleNamespace(status_code=status, headers=headers or {}, data=data or None)
    return SlackApiError(f"asked with {SECRET}", response)  # type: ignore[no-untyped-call]  # slack_sdk says nothing


@pytest.mark.parametrize(
    ("fault", "codes"),
    [
        ("credential", "invalid_auth not_authed account_inactive token_revoked token_expired"),
        ("target", "channel_not_found team_not_found not_in_channel is_archived restricted_action missing_scope"),
        ("payload", "invalid_blocks msg_too_long msg_blocks_too_long no_text edit_window_closed message_not_found "
                    "cant_update_message cannot_reply_to_message something_new thread_not_found "
                    "restricted_action_non_threadable_channel restricted_action_thread_locked"),
        ("busy", "ratelimited rate_limited message_limit_exceeded org_login_required"),
        ("ambiguous", "fatal_error internal_error request_timeout"),
        ("temporary", "service_unavailable"),
    ],
)  # fmt: skip
def test_each_code_has_its_class_and_a_sentence(fault: Fault, codes: str) -> None:
    for code in codes.split():
        error = understood(refused(ok=False, error=code))
        assert error.fault == fault, code
        assert len(str(error)) > len(code) + 10


def test_sentences_say_what_to_do() -> None:
    assert "/invite @Paperboy" in str(explained("not_in_channel"))
    assert "unarchive" in str(explained("is_archived"))
    assert "chat:write" in str(understood(refused(ok=False, error="missing_scope", needed="chat:write")))


@pytest.mark.parametrize(
    ("header", "seconds"), [({"Retry-After": "12"}, 12), ({}, 30), ({"Retry-After": "soon"}, 30),
                            ({"Retry-After": "999999"}, 3600)],
)  # fmt: skip
def test_a_pause_is_as_long_as_slack_says_within_reason(header: dict[str, str], seconds: float) -> None:
    error = understood(refused(429, header, ok=False, error="ratelimited"))
    assert (error.fault, error.retry_after) == ("busy", seconds)
    assert understood(refused(429, header)).retry_after == seconds


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (TimeoutError(), "ambiguous"),
        (aiohttp.ServerDisconnectedError(), "ambiguous"),
        (aiohttp.ClientPayloadError("half"), "ambiguous"),
        (
            aiohttp.ClientConnectorError(ConnectionKey("h", 1, False, True, None, None, None), OSError("no")),
            "temporary",
        ),
        (aiohttp.ConnectionTimeoutError(), "temporary"),
        (SlackRequestError("what"), "ambiguous"),
        (AttributeError("a list has no get"), "ambiguous"),
        (refused(500), "ambiguous"),
        (refused(503), "ambiguous"),
        (refused(404), "temporary"),
        (refused(200), "ambiguous"),
    ],
)
def test_broken_connections_are_unclear_unless_nothing_was_sent(error: Exception, fault: Fault) -> None:
    assert understood(error).fault == fault


def test_a_workspace_at_its_limit_is_left_alone_for_long() -> None:
    assert explained("message_limit_exceeded").retry_after == 3600
    assert explained("ratelimited", retry_after=3).retry_after == 3


def test_before_a_post_nothing_is_unclear_nor_refused_and_the_rest_stays_as_it_is() -> None:
    for code in ("fatal_error", "something_new", "invalid_arguments"):
        assert unsent(explained(code)).fault == "temporary"
    kept = unsent(explained("missing_scope", needed="im:write"))
    assert (kept.fault, kept.code, kept.needed) == ("target", "missing_scope", "im:write")


def test_a_dead_token_among_many_is_a_matter_of_its_workspace() -> None:
    error = of_one(explained("token_revoked"))
    assert (error.fault, error.code) == ("target", "token_revoked")
    assert "install Paperboy again" in str(error)
    for other in (explained("fatal_error"), SlackError("PAPERBOY_KEY opens nothing", fault="credential")):
        assert of_one(other) is other


@given(st.text() | st.integers() | st.none(), st.integers(100, 599), st.text(max_size=20))
def test_whatever_slack_answers_it_is_one_short_line_without_a_secret(code: Any, status: int, needed: str) -> None:
    error = understood(refused(status, ok=False, error=code, needed=needed + SECRET))
    assert "\n" not in str(error)
    assert len(str(error)) < 300
    assert SECRET not in str(error)
    assert SECRET not in repr(error.__cause__)
