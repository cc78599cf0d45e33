"""Queries that parse and yet are odd: plain English taken for words, and parts that no paper has together."""

import pytest

from bot.query import hints, parse

OR = "“or” is read as a word. Alternatives are written OR."


@pytest.mark.parametrize("text", ["video or image", "(video or image) diffusion", 'title:video or "image model"'])
def test_a_small_or_is_told_of(text: str) -> None:
    assert hints(text) == (OR,)


@pytest.mark.parametrize("text", ["video OR image", '"video or image"', "or", "video title:or x", "more -or x"])
def test_what_is_written_as_it_should_be_is_left_alone(text: str) -> None:
    assert hints(text) == ()


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("video every day", "every:daily"),
        ("video Daily", "every:daily"),
        ("video weekly", "every:weekly"),
        ("video at noon", "every:daily at:12:00"),
    ],
)
def test_a_cadence_in_words_is_told_as_an_option(text: str, meant: str) -> None:
    assert hints(text)[0].endswith(f"Did you mean {meant}?")
    assert hints(text, posts=False) == ()


@pytest.mark.parametrize(
    "text", ["daily", "every day", "daily video", 'video "every day"', "video is:daily", "weekly:x"]
)
def test_words_of_time_elsewhere_are_words(text: str) -> None:
    assert hints(text) == ()


@pytest.mark.parametrize(
    ("text", "odd"),
    [
        ("video -video", "video and -video"),
        ("Videos -video votes>=3", "Videos and -video"),
        ("video -(image OR video)", "video and -(image OR video)"),
        ("votes>=10 votes<=5", "votes>=10 and votes<=5"),
        ("votes<0", "votes<0"),
        ("x votes>3 votes<4", "votes>3 and votes<4"),
        ("x (video -video OR votes>=2 votes=1)", "video and -video"),
        ("* -*", "* and -*"),
    ],
)
def test_what_can_match_nothing_is_seen(text: str, odd: str) -> None:
    assert parse(text).contradiction() == odd


@pytest.mark.parametrize(
    "text", ["video -survey", "votes>=5 votes<=5", "video -title:video", "video -video OR image", "votes<1 stars>=9"]
)
def test_what_can_match_something_is_left_alone(text: str) -> None:
    assert parse(text).contradiction() == ""
