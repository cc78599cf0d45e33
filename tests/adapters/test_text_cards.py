"""Cards as plain lines: the fallback of every platform, and what a pipe gets."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from adapters.text import PRIVATE, one_line, plain, safe, web
from bot.cards import Button, Card, Link, Page, Post, Reply, Row

PAPER = Card(
    title="Glyph: Scaling Context Windows",
    url="https://huggingface.co/papers/2511.01234",
    byline="Some Lab",
    facts=("▲ 43", "3 comments"),
    body="A framework that draws long texts as images.",
    body_origin="from the abstract",
    matched="diffusion, video",
    links=(
        Link("HF", "https://huggingface.co/papers/2511.01234"),
        Link("arXiv", "https://arxiv.org/abs/2511.01234"),
    ),
    buttons=(Button("Save", "/papers save paper:2511.01234"),),
    label="SAMPLE EDITION",
    footer="bundled with Paperboy, not today's news",
    tone="paper",
)


def test_a_paper_is_told_line_by_line() -> None:
    assert plain(PAPER).split("\n") == [
        "SAMPLE EDITION",
        "Glyph: Scaling Context Windows",
        "Some Lab · ▲ 43 · 3 comments",
        "A framework that draws long texts as images.",
        "(from the abstract)",
        "matched: diffusion, video",
        "HF: https://huggingface.co/papers/2511.01234",
        "arXiv: https://arxiv.org/abs/2511.01234",
        "bundled with Paperboy, not today's news",
    ]


def test_what_is_empty_leaves_no_line() -> None:
    assert plain(Card(body="Done.")) == "Done."


def test_rows_stand_under_their_numbers_with_whole_addresses() -> None:
    rows = (
        Row(lead="#2", text="diffusion", detail="daily at 09:00"),
        Row(lead="", text="doi", url="https://doi.org/1"),
    )
    assert plain(Card(title="Subscriptions", rows=rows)).split("\n") == [
        "Subscriptions",
        "#2 diffusion",
        "   daily at 09:00",
        "doi",
        "  https://doi.org/1",
    ]


def test_code_comes_out_as_it_is() -> None:
    code = "@misc{key,\n  title = {A <b> & _c_},\n}"
    assert plain(Card(title="Cite", code=code)) == f"Cite\n{code}"


def test_a_private_answer_says_so_first_and_the_public_line_stands_apart() -> None:
    reply = Reply(cards=(Card(body="Subscribed #3."), Card(body="It takes one paper a day.")), public="you subscribed")
    assert plain(reply) == f"{PRIVATE}\nSubscribed #3.\n\nIt takes one paper a day.\n\nyou subscribed"
    assert not plain(Reply(cards=(PAPER,), private=False)).startswith(PRIVATE)


def test_pages_are_turned_by_whole_commands() -> None:
    page = Page(number=2, total=3, previous="/papers today page:1", next="/papers today page:3")
    said = plain(Reply(cards=(Card(body="…"),), private=False, page=page))
    assert said.endswith("page 2 of 3 · next: /papers today page:3 · previous: /papers today page:1")


def test_a_post_has_one_blank_line_between_cards() -> None:
    post = Post(kind="digest", heading="Digest", cards=(Card(body="one"), Card(body="two")), mentions=("@a", "@b"))
    assert plain(post) == "@a @b\nDigest\n\none\n\ntwo"


def test_only_web_addresses_become_links() -> None:
    assert web("https://example.org/a?b=c#d") == "https://example.org/a?b=c#d"
    for bad in ("javascript:alert(1)", "file:///etc/passwd", "https://a b", "ftp://x.y", "", "https://"):
        assert web(bad) == ""
    assert plain(Card(title="T", url="javascript:alert(1)", links=(Link("code", "data:,x"),))) == "T"


def test_letters_marks_and_line_ends_stay() -> None:
    text = "Poincaré “αₜ” — 模型\nзаметка 👩‍🔬"
    assert safe(text) == text
    assert safe("a\tb\r\nc") == "a    b\nc"
    assert one_line(" a\n b\t c ") == "a b c"


@given(st.text())
def test_nothing_that_steers_a_terminal_gets_through(text: str) -> None:
    card = Card(title=text, byline=text, body=text, code=text, footer=text, links=(Link(text, text),), url=text)
    said = plain(Reply(cards=(card,), public=text))
    assert not [char for char in said if unicodedata.category(char) in {"Cc", "Cs"} and char != "\n"]
    assert not set(said) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    said.encode()
