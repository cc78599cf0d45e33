"""Which papers a post shows, read from commands and addresses."""

import pytest

from adapters import shown
from bot.cards import Button, paper_card, paper_row
from bot.model import WATCHED, Past
from tests.making import paper

PAPER = paper(7)


def test_every_button_title_and_line_of_a_paper_names_it() -> None:
    card, row = paper_card(PAPER), paper_row(PAPER, "▪")
    marks = [card.url, row.url, row.command, *(button.command for button in card.buttons)]
    assert len(marks) > 5
    assert {shown.paper(mark) for mark in marks} == {PAPER.key}


@pytest.mark.parametrize(
    ("mark", "key"),
    [
        ("https://huggingface.co/papers/2401.00001", "arxiv:2401.00001"),
        ("https://arxiv.org/abs/math.GT/0309136", "arxiv:math/0309136"),
        ("/papers show hep-th/9901001", "arxiv:hep-th/9901001"),
        ("https://huggingface.co/papers/2401.00001/community", ""),
        ("https://github.com/somebody/2401.00001", ""),
        ("/papers why 2401.00001", ""),
        ("/papers search 2401.00001", ""),
        ("see https://arxiv.org/abs/2401.00001", ""),
        ("", ""),
    ],
)
def test_nothing_but_the_whole_command_or_page_counts(mark: str, key: str) -> None:
    assert shown.paper(mark) == key


def test_a_page_has_each_paper_at_its_newest_and_the_newest_more_line() -> None:
    more = Button("Show 3 more", "/papers more date:2026-11-23").command
    newest = ("c", 30, [page := "https://arxiv.org/abs/2401.00001", "https://code.example/x"])
    posts = [newest, ("b", 20, [more]), ("a", 10, [page, more, "/papers more"])]
    assert shown.past(posts, "next") == Past(papers={"arxiv:2401.00001": 30}, counted=20, further="next")


def test_that_a_watch_showed_a_paper_does_not_count() -> None:
    posts = [(nonce, 30, [f"https://arxiv.org/abs/2401.0000{n}"]) for n, nonce in enumerate((f"{WATCHED}abc", "abc"))]
    assert shown.past(posts) == Past(papers={"arxiv:2401.00001": 30})
