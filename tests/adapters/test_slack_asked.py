"""What Slack's payloads say, read: who, where, and what was typed."""

from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.slack.asked import Asked, asked, occurrence, pasted, reopened, typed
from bot.model import Address

SLASH = {
    "team_id": "T9", "user_id": "U1", "user_name": "mei", "channel_id": "C1", "channel_name": "papers",
    "response_url": "https://hooks.slack.com/1", "trigger_id": "tr",
}  # fmt: skip
PRESS = {
    "type": "block_actions", "team": {"id": "T9"}, "user": {"id": "U1", "username": "mei"}, "trigger_id": "tr",
    "channel": {"id": "C1", "name": "papers"}, "container": {"thread_ts": "1.2"}, "response_url": "https://hooks.slack.com/1",
}  # fmt: skip
EVENT = {"event_id": "Ev1", "event": {"type": "link_shared", "user": "U1", "channel": "C1"}}


def test_the_three_families_say_the_same() -> None:
    slash, press, event = (asked(body, "T1") for body in (SLASH, PRESS, EVENT))
    for one in (slash, press, event):
        assert (one.team, one.user, one.channel) == ("T1", "U1", "C1")
        assert one.where == Address("slack", "T1", "C1")
    assert (slash.name, press.name, slash.where.name, press.thread) == ("mei", "mei", "papers", "1.2")
    assert [occurrence(body) for body in (SLASH, PRESS, EVENT, {})] == ["tr", "tr", "Ev1", ""]


@pytest.mark.parametrize(
    ("channel", "name"), [("D1", "directmessage"), ("C1", "directmessage"), ("", ""), ("COMPOSER", "")]
)
def test_where_no_channel_is_meant_the_person_is(channel: str, name: str) -> None:
    assert Asked(team="T1", user="U1", channel=channel, channel_name=name).where == Address(
        "slack", "T1", "U1", "person"
    )


def test_a_private_channel_has_a_name_only_when_slack_tells_it_elsewhere() -> None:
    private = Asked(team="T1", user="U1", channel="C1", channel_name="privategroup")
    assert private.where.name == ""
    assert private.named("secret").where.name == "secret"
    assert Asked(team="T1", user="U1", channel="C1", channel_name="papers").named("other").where.name == "papers"


def test_a_form_takes_along_where_it_was_opened_and_nobody_it_was_not_sent_by() -> None:
    there = asked(PRESS, "T1")
    now = Asked(team="T2", user="U2", name="kai", trigger="new")
    back = reopened(there.kept(), now)
    assert (back.channel, back.url, back.thread) == ("C1", there.url, "1.2")
    assert (back.team, back.user, back.name, back.trigger) == ("T2", "U2", "kai", "new")
    assert len(there.kept()) < 3000


@given(st.text())
def test_a_context_that_is_none_of_ours_says_nothing(text: str) -> None:
    assert reopened(text, Asked(team="T1", user="U1")).channel == ""


@pytest.mark.parametrize(
    ("escaped", "text"),
    [
        ("votes&gt;=10 R&amp;D &lt;3", "votes>=10 R&D <3"),
        ("&amp;gt;", "&gt;"),
        ("<https://arxiv.org/abs/1706.03762>", "https://arxiv.org/abs/1706.03762"),
        ("<http://arxiv.org|arxiv.org> x", "http://arxiv.org x"),
        ("<https://x.org/?a=1&amp;b=2>", "https://x.org/?a=1&b=2"),
        ("mention:<@U123|mei>", "mention:<@U123|mei>"),
        ("mention:<!subteam^S123|@nlp>", "mention:<!subteam^S123|@nlp>"),
        ("mention:<!subteam^S123> <@U1|two words>", "mention:<!subteam^S123> <@U1>"),
        ("<#C123|papers> and <#C123>", "#papers and #C123"),
        ("<!here> <!here|@here>", "@here @here"),
        ("<mailto:a@b.org|a@b.org>", "a@b.org"),
    ],
)
def test_what_slack_escaped_is_read_as_it_was_typed(escaped: str, text: str) -> None:
    assert typed(escaped) == text


@given(st.text())
def test_any_text_that_was_typed_comes_back(text: str) -> None:
    assert typed(escape(text, quote=False)) == text


def test_everything_in_a_message_that_leads_to_a_paper_is_looked_at() -> None:
    link = {"type": "link", "url": "https://arxiv.org/abs/2"}
    message = {
        "text": "see <https://arxiv.org/abs/1|this>",
        "blocks": [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [link]}]}],
        "attachments": [{"from_url": "https://huggingface.co/papers/3", "title_link": 7}],
    }
    said = pasted(message)
    assert [part for part in ("abs/1", "abs/2", "papers/3") if part not in said] == []
