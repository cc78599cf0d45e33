"""Whatever a paper, a query or a name says: on Discord it pings nobody, leads nowhere and breaks no limit."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from adapters.discord import buttons, render
from adapters.discord.embeds import length
from adapters.discord.escape import address, escaped, fitted, line, link, prose, size
from adapters.text import one_line
from bot.cards import Button, Card, Link, Page, Post, Reply, Row, error_card
from bot.model import Offer
from tests.adapters.reading_discord import Act, acts, pings, shown
from tests.standins import discord_rules, discord_schema

LARGE = settings(max_examples=30, phases=[Phase.explicit, Phase.generate])
"""For whole messages: making a failing one smaller takes minutes, and says little more."""
NONCE = "abcdefghijklmnopqrstuvwx"
EVIL = "https://evil.example/x"
FRAGMENTS = [
    "<@123456789012345678>", "<@!123456789012345678>", "<@&123456789012345678>", "<#123456789012345678>", "@everyone",
    "@here", "<t:0:R>", "</papers today:123456789012345678>", "<:e:123456789012345678>", "<a:e:123456789012345678>",
    "<id:browse>", ":smile:", "::a:b::", f"[x]({EVIL})", EVIL, f"<{EVIL}>", f"]({EVIL})", f"[{EVIL}]({EVIL})",
    "<mailto:a@evil.example>", "discord.gg/abc", "discordapp.com/invite/abc", "**b**", "__u__", "*i*", "_i_", "~~s~~",
    "||s||", "`c`", "```b```", "``", "\n# h", "\n## h", "\n> q", "\n>>> q", "\n- l", "\n* l", "\n1. l", "\n-# s", "\\",
    "[", "]", "(", ")", "\n", " ", "$\\alpha_t$", "مرحبا", "\u202eevil", "👩\u200d🔬", "e\u0301\u0302", "\ud800",
    "/papers admin x", "/papers `x`", "a" * 300, "é " * 200,
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=8), max_size=6).map("".join)
ADDRESSES = [
    "", "https://arxiv.org/abs/2401.01234", "https://a.example/x)(y", "javascript:alert(1)", "https://a.example/ b",
    "https://a.example/\"'>", "https://a.example/" + "é" * 300, "https://ä.example/[x]", "data:x", "https://a.example/`|_*",
]  # fmt: skip
URLS = st.sampled_from(ADDRESSES)
BUTTONS = st.builds(Button, TEXTS, TEXTS.map(lambda text: f"/papers show {text}"), st.sampled_from(["", "Sure?"]))
ROWS = st.builds(
    Row,
    lead=st.sampled_from(["", "#2", "3.", "▪"]) | TEXTS,
    text=TEXTS,
    detail=TEXTS,
    url=URLS,
    command=st.just("") | TEXTS.map(lambda text: f"/papers show {text}"),
)


def many(values: st.SearchStrategy[Any], most: int) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(values, max_size=most).map(tuple)


CARDS = st.builds(
    Card,
    title=TEXTS,
    url=URLS,
    byline=TEXTS,
    facts=many(TEXTS, 3),
    body=TEXTS,
    body_origin=TEXTS,
    matched=TEXTS,
    rows=many(ROWS, 4),
    code=st.just("") | TEXTS | st.just("x\n" * 3_000),
    links=many(st.builds(Link, TEXTS, URLS), 4),
    buttons=many(BUTTONS, 6),
    picture=URLS,
    label=TEXTS,
    footer=TEXTS,
    tags=many(TEXTS, 2),
    tone=st.sampled_from(["paper", "plain", "error"]),
).filter(lambda card: bool(card.title.strip() or card.body.strip()))
CALLED = ["<@&123456789012345678>", "<@123456789012345678>", "@everyone", "<#123456789012345678>"]
POSTS = st.builds(
    Post,
    kind=st.just("digest"),
    heading=TEXTS,
    cards=st.lists(CARDS, min_size=1, max_size=11).map(tuple),
    footer=TEXTS,
    mentions=many(st.sampled_from(CALLED) | TEXTS, 3),
)
PAGES = st.none() | st.builds(Page, number=st.just(2), total=st.sampled_from([1, 3]), previous=TEXTS, next=TEXTS)
REPLIES = st.builds(Reply, cards=many(CARDS, 11), page=PAGES, share=st.just("") | TEXTS)


def texts(body: Mapping[str, Any]) -> Iterator[str]:
    """Where Discord reads markdown."""
    yield body["content"]
    for embed in body["embeds"]:
        yield from (embed.get("title", ""), embed.get("description", ""))


def wanted(cards: tuple[Card, ...]) -> set[str]:
    urls = (url for c in cards for url in (c.url, *(one.url for one in c.links), *(row.url for row in c.rows)))
    return {address(url) for url in urls}


def assert_harmless(body: Mapping[str, Any], cards: tuple[Card, ...], mentions: tuple[str, ...] = ()) -> None:
    assert pings(body) <= set(mentions)
    for text in texts(body):
        for act in acts(text):
            if act.kind == "link":
                assert act.value in wanted(cards)
            elif act.kind == "mention":
                assert act.value in mentions
            else:
                assert act.kind in {"bold", "code", "block", "small"}, act


def assert_fits(body: dict[str, Any], template: str = "/channels/{channel_id}/messages") -> None:
    sent = buttons.named(body, NONCE)
    assert discord_rules.problems(sent, sent.get("flags", 0)) == []
    assert size(sent["content"]) <= 2_000
    assert sum(map(length, sent["embeds"])) <= 6_000
    assert not discord_rules.is_empty(body["content"], body["embeds"], body["components"], [])
    assert discord_schema.check("POST", template, sent) is None
    for _, part in discord_rules.walk(sent["components"]):
        assert 1 <= size(part.get("custom_id", "x")) <= 100
        assert 1 <= size(part.get("label", "x")) <= 80
        options = part.get("options", [])
        assert len({option["value"] for option in options}) == len(options) <= 25
        assert all(1 <= size(o["label"]) <= 100 and 1 <= size(o["value"]) <= 100 for o in options)
        assert all(1 <= size(o.get("description", "x")) <= 100 for o in options)


@LARGE
@given(POSTS)
def test_a_post_is_harmless_and_fits(post: Post) -> None:
    made = render.post(post)
    assert_harmless(made["body"], post.cards, post.mentions)
    assert_fits(made["body"])
    assert 1 <= size(made["name"]) <= 100
    json.dumps(made, ensure_ascii=False).encode()


@LARGE
@given(POSTS)
def test_its_plain_form_is_harmless_and_fits_and_shows_no_preview(post: Post) -> None:
    made = render.plain_post(post)
    assert made.keys() == render.post(post).keys()
    assert_harmless(made["body"], post.cards, post.mentions)
    assert_fits(made["body"])
    assert made["body"]["flags"] == 4
    assert not made["body"]["embeds"]


@LARGE
@given(REPLIES)
def test_an_answer_is_harmless_and_fits(reply: Reply) -> None:
    made = render.answer(reply)
    assert 1 <= len(made) <= 5
    for said in made:
        assert_harmless(said.body, reply.cards)
        assert_fits(said.body)
        assert said.body["allowed_mentions"] == {"parse": [], "roles": [], "users": []}
        update = {"type": 7, "data": said.body}
        assert discord_schema.check("POST", "/interactions/{id}/{token}/callback", update) is None
        assert discord_schema.check("PATCH", "/webhooks/{app}/{token}/messages/{which}", said.body) is None


@given(REPLIES)
@LARGE
def test_what_no_button_can_carry_is_handed_over_to_be_remembered(reply: Reply) -> None:
    for said in render.answer(reply):
        keys = [p.key for _, part in discord_rules.walk(said.body["components"]) if part.get("custom_id")
                if (p := buttons.press(part["custom_id"])) and p.key]  # fmt: skip
        values = [buttons.picked(o["value"]).key for _, part in discord_rules.walk(said.body["components"])
                  for o in part.get("options", [])]  # fmt: skip
        assert set(filter(None, (*keys, *values))) <= said.long.keys()


@given(TEXTS)
def test_an_escaped_text_does_nothing_and_shows_what_it_says(text: str) -> None:
    assert list(acts(escaped(text))) == []
    assert shown(line(text)) == one_line(text).replace("\u200b", "")


@given(TEXTS)
def test_our_own_sentences_have_nothing_but_commands_in_them(text: str) -> None:
    assert {act.kind for act in acts(prose(text))} <= {"code"}
    assert all(act.value.startswith("`/papers") for act in acts(prose(text)))


@given(TEXTS, URLS)
def test_a_masked_link_leads_to_its_address_only(text: str, url: str) -> None:
    assert set(acts(link(text, url))) <= {Act("link", address(url))}
    assert set(acts(link(text, url, quiet=True))) <= {Act("link", address(url))}


@given(TEXTS, st.integers(0, 300))
def test_a_cut_text_fits_and_is_still_harmless(text: str, room: int) -> None:
    made = fitted(text, room)
    assert size(made) <= room
    assert list(acts(made)) == []


@given(st.lists(st.builds(Offer, TEXTS, TEXTS), max_size=40))
def test_offers_fit_and_no_value_is_cut(offers: list[Offer]) -> None:
    made = render.choices(offers)
    assert len(made) <= 25
    assert {choice["value"] for choice in made} <= {offer.value for offer in offers}
    assert all(1 <= size(choice["name"]) <= 100 and 1 <= size(choice["value"]) <= 100 for choice in made)
    body = {"type": 8, "data": {"choices": made}}
    assert discord_schema.check("POST", "/interactions/{id}/{token}/callback", body) is None


@given(TEXTS, TEXTS)
def test_an_error_about_a_hostile_query_is_harmless(text: str, mended: str) -> None:
    cards = (error_card(f'I do not know "{text}".', f"/papers search {mended}"),)
    for said in render.answer(Reply(cards=cards)):
        assert_harmless(said.body, cards)
        assert_fits(said.body)


@given(TEXTS)
def test_a_line_for_the_channel_is_harmless(text: str) -> None:
    body = render.notice(f"mei subscribed to {text}")
    assert_harmless(body, ())
    assert_fits(body)
