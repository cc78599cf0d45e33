"""How the papers in a room are counted."""

from tests.faults.chat_cards import cards


def test_a_paper_with_two_cards_in_one_message_is_shown_twice() -> None:
    card = "https://huggingface.co/papers/{0} https://arxiv.org/abs/{0} https://arxiv.org/pdf/{0}|PDF"
    one, other = card.format("2611.00001"), card.format("2612.00002")
    assert cards([one + other + one, other]) == {"2611.00001": 2, "2612.00002": 2}


def test_a_line_without_links_shows_a_paper_once() -> None:
    assert cards(["2611.00001 is 2611.00001", "nothing"]) == {"2611.00001": 1}
