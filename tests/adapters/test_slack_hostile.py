"""Whatever stands in titles, names, queries and notes: nothing of it acts on Slack, and nothing is over a limit."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.slack import blocks, forms, home, mrkdwn, render
from bot.cards import Card, Link, Page, Post, Reply, Row, digest_post, error_card, instant_post, paper_card, paper_row
from bot.commands import TABLE
from bot.model import Facts, Links, Offer, Organization, Paper, Reason
from tests.standins.slack_schema import problems

CONSTRUCTS = (
    "<!here>", "<!channel>", "<!everyone>", "<@U0123456>", "<#C0123456>", "<!subteam^S0123456|@lab>", "@channel",
    "@here", "<https://evil.example|arxiv.org>", "https://evil.example/x", "www.evil.example", "a@evil.example",
    "*bold*", "_italic_", "~gone~", "`code`", "```block```", ":smile:", ":skin-tone-2:", "> quoted", "\n> quoted",
    "- item", "\n• item", "1. item", "&lt;!here&gt;", "&amp;", "|", ">", "<", "<!date^1^{date}^https://evil.example|x>",
    "\u202eesrever", "\u2066", "\x00\x1b[31m", "\ud800", "👩‍👩‍👧‍👦", "مرحبا", "שלום", "∑αₜ²", "\\n", '"', "{",
    "\u2028", "",
)  # fmt: skip

texts = st.lists(st.one_of(st.sampled_from(CONSTRUCTS), st.text(max_size=40)), max_size=6).map(" ".join)
longer = st.builds(lambda text, times: (text * times)[:4000], texts, st.sampled_from((1, 1, 1, 1, 60)))
urls = st.one_of(
    st.sampled_from(("", "https://github.com/lab/code", "http://lab.example/a|b>c<d", "javascript:alert(1)")),
    st.builds("https://lab.example/{}".format, texts),
    st.just("https://arxiv.org@evil.example/x"),
)
papers = st.builds(
    lambda number, **more: Paper(key=f"arxiv:2611.{number:05}", sources=("huggingface",), **more),
    number=st.integers(1, 99_999),
    title=longer,
    abstract=longer,
    authors=st.one_of(st.lists(texts, max_size=4), st.builds(lambda a: [a] * 600, texts)).map(tuple),
    organization=st.one_of(st.none(), st.builds(Organization, st.just("lab"), longer)),
    categories=st.just(("cs.CV",)),
    links=st.builds(Links, code=urls, project=urls),
    picture=st.one_of(st.just("https://cdn-uploads.huggingface.co/p/x.png"), urls),
    published=st.just(date(2026, 11, 20)),
    facts=st.builds(
        Facts,
        votes=st.one_of(st.none(), st.integers(0, 10**9)),
        comments=st.integers(0, 10**6),
        stars=st.one_of(st.none(), st.integers(0, 10**9)),
        summary=longer,
        keywords=st.lists(texts, max_size=3).map(tuple),
    ),
)
reasons = st.lists(
    st.builds(
        Reason, subscription=st.just(1), number=st.just(1), query=texts, terms=st.lists(texts, max_size=3).map(tuple)
    ),
    max_size=2,
)
pings = st.lists(st.one_of(texts, st.sampled_from(("<@U0123456>", "<!subteam^S0123456|@lab>"))), max_size=3).map(tuple)

LINK = re.compile(r"<(https?://[^<>|\s]+)\|[^<>|]+>")
OURS = re.compile(r"<@U0123456>|<!subteam\^S0123456>")
FORMATTING = re.compile(
    r"(?<![A-Za-z0-9])[*_~`]|[*_~`](?![A-Za-z0-9])|:[^\s:]{1,100}:|://|[@#]\w|^\s*(>|&gt;)", re.MULTILINE
)


def parts(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, Mapping):
        yield value
        for inner in value.values():
            yield from parts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from parts(inner)


def markup(text: str, mentions: bool) -> list[str]:
    """What of a text acts, besides links that are written as such and, where they may be, mentions."""
    bare = OURS.sub("", text) if mentions else text
    bare = re.sub(r"^\*(?=<http)|(?<=>)\*$", "", bare, flags=re.MULTILINE)
    labels = LINK.sub(lambda found: found[0].rpartition("|")[2][:-1], bare)
    return [*re.findall(r"[<>]", labels), *(found[0] for found in FORMATTING.finditer(labels))]


def acting(body: Mapping[str, Any], urls: set[str], mentions: bool = False) -> list[str]:
    found = []
    for part in parts(body):
        kind = part.get("type")
        if kind in ("user", "usergroup") and not mentions:
            found.append(f"pings {part}")
        if kind in ("broadcast", "channel", "emoji", "date", "team", "markdown"):
            found.append(f"acts {part}")
        if kind == "plain_text" and part.get("emoji") is not False:
            found.append(f"makes emoji {part}")
        if kind == "mrkdwn":
            found += markup(part["text"], False)
            found += [url for url in LINK.findall(part["text"]) if url not in urls]
        if kind == "link" and part["url"] not in urls:
            found.append(part["url"])
        if kind == "image" and not part["image_url"].startswith("https://cdn-uploads.huggingface.co/"):
            found.append(part["image_url"])
    return [*found, *markup(body.get("text", ""), mentions)] if "blocks" in body or "text" in body else found


def known(*cards: Card) -> set[str]:
    """Every address a card may lead to, as it is written."""
    said = [card.url for card in cards] + [link.url for card in cards for link in card.links]
    return {mrkdwn.address(url) for url in [*said, *(row.url for card in cards for row in card.rows)]} - {""}


def check(body: Mapping[str, Any], urls: set[str], mentions: bool = False) -> None:
    assert problems(body) == []
    assert acting(body, urls, mentions) == []
    if body.get("type") != "home":
        assert blocks.size(body.get("blocks", [])) <= blocks.MOST_CHARACTERS
        assert len(body.get("text", "")) <= 12_100


@settings(max_examples=30)
@given(st.lists(st.tuples(papers, reasons), min_size=1, max_size=3), pings, texts, st.sampled_from(("card", "line")))
def test_no_post_acts_or_is_too_long(items: Any, mentions: tuple[str, ...], heading: str, form: Any) -> None:
    for said in (instant_post(items, form), digest_post(items, 3, heading, form)):
        meant = Post(kind=said.kind, heading=said.heading, cards=said.cards, mentions=mentions, footer=heading)
        check(render.post(meant), known(*meant.cards), mentions=True)
        check(render.plain_post(meant), known(*meant.cards), mentions=True)
        assert render.post(meant) == render.post(meant)


@settings(max_examples=30)
@given(papers, texts, texts)
def test_no_card_and_no_unfurled_link_acts(paper: Paper, matched: str, note: str) -> None:
    for full in (False, True):
        card = paper_card(paper, matched=[matched], note=note, full=full, watched=note)
        check(render.unfurl(card), known(card))
        for body in render.answer(Reply(cards=(card,), share=f"/papers show {paper.name}")):
            check(body, known(card))


rows = st.builds(
    Row, lead=st.sampled_from(("", "#2", "3.", "every:")), text=longer, detail=longer, url=urls, command=texts
)
cards = st.builds(
    Card,
    title=longer,
    url=urls,
    byline=longer,
    facts=st.lists(texts, max_size=2).map(tuple),
    body=longer,
    body_origin=texts,
    matched=longer,
    rows=st.builds(lambda some, times: (*some,) * times, st.lists(rows, max_size=2), st.sampled_from((1, 1, 12))),
    code=longer,
    links=st.lists(st.builds(Link, label=texts, url=urls), max_size=2).map(tuple),
    label=longer,
    footer=longer,
    picture=urls,
    picture_alt=longer,
    tone=st.sampled_from(("paper", "plain", "good", "warning", "error")),
)  # fmt: skip
replies = st.builds(
    Reply,
    cards=st.lists(cards, min_size=1, max_size=2).map(tuple),
    page=st.one_of(st.none(), st.builds(Page, number=st.just(2), total=st.just(3), previous=texts, next=texts)),
    share=longer,
)


@settings(max_examples=50)
@given(replies)
def test_no_answer_acts_or_is_too_long(reply: Reply) -> None:
    answers = render.answer(reply)
    assert len(answers) <= render.MOST_BODIES
    for body in answers:
        check(body, known(*reply.cards))


@settings(max_examples=30)
@given(st.lists(st.tuples(longer, replies), max_size=2))
def test_no_home_acts_or_is_too_long(sections: list[tuple[str, Reply]]) -> None:
    view = home.home(sections)
    check(view, known(*(card for _, reply in sections for card in reply.cards)))


@settings(max_examples=40)
@given(longer, st.sampled_from(TABLE), texts)
def test_no_value_of_a_form_acts_or_is_too_long(value: str, command: Any, context: str) -> None:
    view = forms.form(command, {option.name: value for option in command.options}, context)
    check(view, set())
    check(forms.errors(view, value), set())


@given(st.lists(st.builds(Offer, label=longer, value=longer), max_size=120), longer)
def test_no_offer_acts_or_is_too_long(offers: list[Offer], typed: str) -> None:
    answer = forms.choices(offers, typed)
    assert problems(answer) == []
    assert len(answer["options"]) <= 100


@given(texts)
def test_the_text_of_a_mistake_does_not_act(typed: str) -> None:
    for body in render.answer(Reply(cards=(error_card(f'I do not know "{typed}".', f"/papers search {typed}"),))):
        check(body, set())


@given(longer)
def test_escaped_text_has_no_markup_left(text: str) -> None:
    assert markup(mrkdwn.escape(text), False) == []


@given(texts, texts)
def test_a_link_is_the_one_that_was_meant(path: str, label: str) -> None:
    written = mrkdwn.link(f"https://arxiv.org/{path}", label)
    assert markup(written, False) == []
    assert all(url.startswith("https://arxiv.org/") for url in LINK.findall(written))


def test_a_row_of_a_list_is_as_harmless() -> None:
    paper = Paper(key="arxiv:2611.00001", title="<!here> *x* :smile:", sources=("arxiv",))
    body = render.answer(Reply(cards=(Card(title="List", rows=(paper_row(paper, "1."),)),)))[0]
    check(body, {"https://arxiv.org/abs/2611.00001"})
