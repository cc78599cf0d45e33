"""The words in which people are told of sources that cannot be read."""

from bot.cards import Post
from bot.model import SourceHealth
from bot.sayings import back_post, stale_post
from tests.making import HOUR, NOON


def ill(
    source: str = "huggingface", hours: int = 12, error: str = "huggingface.co answered 503; try again later."
) -> SourceHealth:
    return SourceHealth(source=source, failing_since=NOON - hours * HOUR, error=error)


def said(post: Post) -> str:
    [card] = post.cards
    return card.body


def test_one_source_is_named_with_since_when_why_and_what_happens_next() -> None:
    assert said(stale_post([ill()], ["arxiv"], NOON)) == (
        "Hugging Face could not be read whole for 12 hours: huggingface.co answered 503. Its new papers may come late:"
        " when it answers again, the days between are read too, and what matches is posted. arXiv is read as ever."
    )


def test_several_sources_are_told_of_in_one_message() -> None:
    both = [ill(error="huggingface.co cannot be reached"), ill("arxiv", 50, "arXiv cannot be reached")]
    assert said(stale_post(both, [], NOON)) == (
        "Hugging Face could not be read whole for 12 hours: huggingface.co cannot be reached. arXiv could not be read"
        " whole for 2 days: arXiv cannot be reached. Their new papers may come late: when they answer again, the days"
        " between are read too, and what matches is posted."
    )


def test_a_source_that_was_not_even_asked_is_nobodys_fault_but_ours() -> None:
    assert said(stale_post([ill(error="")], [], NOON)).startswith(
        "Hugging Face was not even asked for 12 hours: something is stuck in Paperboy. Whoever runs it should look at"
        " its log and start it again. Its new papers may come late"
    )


def test_the_return_is_told_in_two_sentences() -> None:
    assert said(back_post([ill(hours=14)], NOON)) == (
        "Hugging Face is read whole again, after 14 hours. What came meanwhile is being posted."
    )
    assert said(back_post([ill(hours=14), ill("arxiv")], NOON)) == (
        "Hugging Face is read whole again, after 14 hours. arXiv is read whole again, after 12 hours. What came"
        " meanwhile is being posted."
    )
