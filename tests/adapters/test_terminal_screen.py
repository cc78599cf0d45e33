"""How cards look on a screen: at every width, and whatever their texts hold."""

import io
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console, RenderableType

from adapters.terminal.screen import WIDEST, echo, fitting, post_picture, reply_picture
from bot.cards import (
    Button,
    Card,
    Link,
    Page,
    Post,
    Reply,
    Row,
    error_card,
    notice,
)

PAPER = Card(
    title="Glyph: Scaling Context Windows via Visual-Text Compression",
    url="https://huggingface.co/papers/2510.17800",
    byline="Some University of Technology",
    facts=("▲ 43", "3 comments", "★ 1.2k", "cs.CV", "20 Oct 2025"),
    body="A framework that draws long texts as images and reads them with vision-language models.",
    body_origin="from the abstract",
    matched="diffusion, author:hinton",
    links=(
        Link("HF", "https://huggingface.co/papers/2510.17800"),
        Link("arXiv", "https://arxiv.org/abs/2510.17800"),
        Link("PDF", "https://arxiv.org/pdf/2510.17800"),
        Link("code", "https://github.com/thu-coai/Glyph"),
    ),
    buttons=(Button("Save", "/papers save paper:2510.17800"), Button("Cite", "/papers cite paper:2510.17800")),
    label="SAMPLE EDITION",
    footer="bundled with Paperboy, not today's news",
    tone="paper",
)
LIST = Card(
    title="Subscriptions of #papers",
    rows=(
        Row(lead="#1", text="agent votes>=5", detail="instant · at most 5 a day"),
        Row(lead="#12", text='"video generation" OR "world model"', detail="daily at 09:00"),
    ),
)
BIBTEX = Card(title="Glyph", code="@misc{glyph2025,\n  title = {Glyph: Scaling Context Windows via Visual-Text}\n}")
EVERY = (PAPER, LIST, BIBTEX, error_card("I do not know that.", "/papers help"), notice("Done.", "good"))


def drawn(picture: RenderableType, width: int = 80, **more: object) -> str:
    out = io.StringIO()
    console = Console(file=out, width=width, **more)  # type: ignore[arg-type]
    console.print(picture, crop=False, highlight=False, markup=False, emoji=False)
    return out.getvalue()


def lines(picture: RenderableType, width: int = 80) -> list[str]:
    """What is drawn, without the blanks that fill a line up."""
    return [line.rstrip() for line in drawn(picture, width).rstrip().split("\n")]


def answer(card: Card, **more: object) -> RenderableType:
    return reply_picture(Reply(cards=(card,), private=False, **more))  # type: ignore[arg-type]


def test_a_paper_at_eighty_columns() -> None:
    assert lines(answer(PAPER)) == [
        "▎  SAMPLE EDITION",
        "▎ Glyph: Scaling Context Windows via Visual-Text Compression",
        "▎ Some University of Technology · ▲ 43 · 3 comments · ★ 1.2k · cs.CV",
        "▎ 20 Oct 2025",
        "▎ A framework that draws long texts as images and reads them with",
        "▎ vision-language models.",
        "▎ from the abstract",
        "▎ matched: diffusion, author:hinton",
        "▎ HF huggingface.co/papers/2510.17800 · arXiv arxiv.org/abs/2510.17800 · PDF",
        "▎ code github.com/thu-coai/Glyph",
        "▎ [1] Save  [2] Cite",
        "▎ bundled with Paperboy, not today's news",
    ]


def test_a_paper_at_forty_columns() -> None:
    assert lines(answer(PAPER), 40)[:9] == [
        "▎  SAMPLE EDITION",
        "▎ Glyph: Scaling Context Windows via",
        "▎ Visual-Text Compression",
        "▎ Some University of Technology · ▲ 43",
        "▎ 3 comments · ★ 1.2k · cs.CV",
        "▎ 20 Oct 2025",
        "▎ A framework that draws long texts as",
        "▎ images and reads them with",
        "▎ vision-language models.",
    ]


def test_a_list_has_columns_where_they_fit_and_lines_where_not() -> None:
    assert lines(answer(LIST), 120)[:3] == [
        "▎ Subscriptions of #papers",
        "▎  #1  agent votes>=5                       instant · at most 5 a day",
        '▎ #12  "video generation" OR "world model"  daily at 09:00',
    ]
    assert lines(answer(LIST), 40)[:6] == [
        "▎ Subscriptions of #papers",
        "▎  #1 agent votes>=5",
        "▎     instant · at most 5 a day",
        '▎ #12 "video generation" OR "world',
        '▎     model"',
        "▎     daily at 09:00",
    ]


def test_what_is_to_be_copied_stands_whole_and_without_the_bar() -> None:
    assert lines(answer(BIBTEX), 40)[1:4] == [f"  {line}" for line in BIBTEX.code.split("\n")]


def test_an_error_has_the_mended_command_on_a_line_of_its_own() -> None:
    card = error_card('I do not know the field "auther:".', "/papers subscribe author:hinton")
    assert lines(answer(card))[:3] == [
        '▎ I do not know the field "auther:".',
        "  /papers subscribe author:hinton",
        "▎ [1] Do this instead",
    ]


def test_a_private_answer_and_a_page_and_what_all_see_are_marked() -> None:
    page = Page(number=2, total=7, previous="/papers week page:1", next="/papers week page:3")
    reply = Reply(cards=(notice("Done."),), page=page, public="you subscribed #papers")
    assert drawn(reply_picture(reply)) == ("only you\n▎ Done.\n2/7 · n next · p previous\nyou subscribed #papers\n\n")


def test_buttons_are_numbered_through_all_cards() -> None:
    said = drawn(reply_picture(Reply(cards=(PAPER, PAPER))))
    assert re.findall(r"\[(\d)\]", said) == ["1", "2", "3", "4"]
    assert "[1]" not in drawn(post_picture(Post(kind="instant", cards=(PAPER,))))


def test_a_post_names_its_room_and_whom_it_calls() -> None:
    post = Post(kind="digest", heading="Digest · Mon 23 Nov", cards=(notice("One."), notice("Two.")), mentions=("@x",))
    assert drawn(post_picture(post, "#nlp")) == "#nlp ·\n@x\nDigest · Mon 23 Nov\n▎ One.\n\n▎ Two.\n\n"


@pytest.mark.parametrize("width", [20, 40, 80, 120, 200])
def test_no_line_is_wider_than_the_screen_or_than_reads_well(width: int) -> None:
    for card in (card for card in EVERY if not card.code):
        assert max(map(cell_len, drawn(answer(card), width).split("\n"))) <= min(width, WIDEST)


def test_a_screen_shows_titles_and_links_as_links() -> None:
    said = drawn(answer(PAPER), force_terminal=True, color_system="truecolor")
    assert "\x1b]8;" in said
    assert "https://github.com/thu-coai/Glyph\x1b\\" in said


def test_no_color_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    said = drawn(answer(PAPER), force_terminal=True)
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]m", said)


_OWN = re.compile(r"\x1b\[[0-9;]*m|\x1b\]8;(?:id=\d+)?;[^\x1b\x07]*\x1b\\")


@given(st.text(st.characters() | st.sampled_from("\x1b\x07\x9b\u202e[]")), st.text())
def test_no_text_reaches_the_terminal_as_a_command(one: str, two: str) -> None:
    card = Card(
        title=one,
        url=f"https://x.org/{one}",
        byline=two,
        facts=(one, two),
        body=one,
        body_origin=two,
        matched=one,
        rows=(Row(lead=one, text=two, detail=one, url=two),),
        code=one,
        links=(Link(one, f"https://x.org/{two}"),),
        buttons=(Button(one, two),),
        label=one,
        footer=two,
        tone="paper",
    )
    reply = Reply(cards=(card,), public=one)
    post = Post(kind="digest", heading=one, cards=(card,), footer=two, mentions=(one,))
    for picture in (reply_picture(reply), post_picture(post, "#room"), echo(one)):
        said = _OWN.sub("", drawn(picture, force_terminal=True, color_system="truecolor"))
        steering = [char for char in said if unicodedata.category(char) in {"Cc", "Cs"} and char != "\n"]
        assert not steering
        assert "\u202e" not in said


def test_a_line_too_narrow_for_all_leaves_out_the_hint_first_then_the_status() -> None:
    parts = ("#papers", "you", "Hugging Face 3 min ago", "Ctrl-D ends")
    assert fitting(parts, 80) == "#papers · you · Hugging Face 3 min ago · Ctrl-D ends"
    assert fitting(parts, 51) == "#papers · you · Hugging Face 3 min ago"
    assert fitting(parts, 30) == "#papers · you"
    assert fitting(parts, 3) == "#papers · you"
    assert fitting(("#papers", "you", "", "Ctrl-D ends"), 80) == "#papers · you · Ctrl-D ends"


def test_numbers_that_go_on_in_a_second_card_stand_in_one_column() -> None:
    near, more = (tuple(Row(lead=f"{n}.", text=f"Paper {n}") for n in some) for some in (range(1, 4), range(4, 11)))
    bare = Card(title="Told", rows=(Row(lead="", text="Not numbered"),))
    cards = (Card(title="Exact", rows=near), Card(title="Close", rows=more), bare)
    lines = [line.rstrip() for line in drawn(reply_picture(Reply(cards=cards))).splitlines()]
    assert {line.index("Paper") for line in lines if "Paper" in line} == {len("▎ 10.  ")}
    assert "▎ Not numbered" in lines


def test_markup_in_a_text_is_only_text() -> None:
    assert "[bold red]x[/bold red] :smile:" in drawn(answer(notice("[bold red]x[/bold red] :smile:")))
