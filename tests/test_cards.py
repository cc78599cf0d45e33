"""What a card says of a paper, what a post says of many, and the short words both are made of."""

from dataclasses import replace
from datetime import date

from bot.cards import (
    SAMPLE_LABEL,
    Card,
    Link,
    Post,
    digest_post,
    error_card,
    fold_post,
    instant_post,
    matched_words,
    notice,
    paper_card,
    paper_row,
    suspended_post,
    thread_posts,
)
from bot.model import Address, Facts, Links, Organization, Paper, Reason

PAPER = Paper(
    key="arxiv:2511.01234",
    title="Glyph: Scaling Context Windows",
    abstract="Long documents are costly. We propose Glyph, a framework that draws long texts as images for reading.",
    authors=("First Author", "Second Author", "Third Author", "Fourth Author"),
    categories=("cs.CV", "cs.CL"),
    links=Links(
        page="https://huggingface.co/papers/2511.01234",
        pdf="https://arxiv.org/pdf/2511.01234",
        code="https://github.com/lab/glyph",
        project="https://GitHub.com/lab/glyph/",
    ),
    picture="https://example.org/p.png",
    published=date(2025, 11, 3),
    version=1,
    facts=Facts(votes=43, comments=3, stars=1_234),
    sources=("huggingface",),
)
REASON = Reason(subscription=7, number=2, query="diffusion -survey", terms=("diffusion", "video"))


def with_facts(**changes: object) -> Paper:
    return replace(PAPER, facts=replace(PAPER.facts, **changes))  # type: ignore[arg-type]


def test_a_card_says_who_what_how_liked_and_why() -> None:
    card = paper_card(PAPER, matched=("diffusion", "author:hinton"))
    assert card.title == PAPER.title
    assert card.url == "https://huggingface.co/papers/2511.01234"
    assert card.byline == "First Author, Second Author +2"
    assert card.facts == ("▲ 43", "3 comments", "★ 1.2k", "cs.CV", "3 Nov 2025")
    assert card.body == "Glyph, a framework that draws long texts as images for reading."
    assert card.body_origin == "from the abstract"
    assert card.matched == "diffusion, author:hinton"
    assert card.tone == "paper"
    assert PAPER.title in card.picture_alt


def test_an_organization_says_more_than_two_of_its_authors() -> None:
    paper = replace(PAPER, organization=Organization("some-lab", "Some Lab"))
    assert paper_card(paper).byline == "Some Lab"
    assert paper_row(paper, "1.").detail.startswith("Some Lab · ▲ 43")
    assert paper_card(paper, full=True).byline.startswith("Some Lab · First Author, Second Author, Third")


def test_what_no_source_said_is_left_out_and_zero_votes_are_said() -> None:
    assert paper_card(replace(PAPER, facts=Facts(), categories=(), published=None)).facts == ()
    assert paper_card(with_facts(votes=0, comments=0, stars=None)).facts[0] == "▲ 0"
    assert "comment" not in " ".join(paper_card(with_facts(comments=0)).facts)


def test_the_sources_own_summary_comes_before_an_extract_and_says_whose_it_is() -> None:
    card = paper_card(with_facts(summary="Glyph reads pictures of texts."))
    assert card.body == "Glyph reads pictures of texts."
    assert card.body_origin == "AI summary, Hugging Face"


def test_a_paper_without_abstract_or_summary_has_no_body_and_no_origin() -> None:
    card = paper_card(replace(PAPER, abstract=""))
    assert (card.body, card.body_origin) == ("", "")


def test_a_link_that_is_there_already_under_another_name_is_not_said_twice() -> None:
    assert paper_card(PAPER).links == (
        Link("HF", "https://huggingface.co/papers/2511.01234"),
        Link("arXiv", "https://arxiv.org/abs/2511.01234"),
        Link("PDF", "https://arxiv.org/pdf/2511.01234"),
        Link("code", "https://github.com/lab/glyph"),
    )


def test_a_paper_only_arxiv_knows_links_to_arxiv() -> None:
    paper = replace(PAPER, sources=("arxiv",), links=Links(page="https://arxiv.org/abs/2511.01234"))
    card = paper_card(paper)
    assert card.url == "https://arxiv.org/abs/2511.01234"
    assert [link.label for link in card.links] == ["arXiv", "PDF"]


def test_a_paper_of_both_sources_links_to_both_whoever_spoke_last() -> None:
    paper = replace(PAPER, sources=("arxiv", "huggingface"), links=Links(page="https://arxiv.org/abs/2511.01234"))
    assert [link.label for link in paper_card(paper).links] == ["HF", "arXiv", "PDF"]


def test_a_withdrawn_paper_warns_on_top() -> None:
    card = paper_card(replace(PAPER, withdrawn=True, version=3))
    assert (card.label, card.tone) == ("WITHDRAWN", "warning")
    assert "version 3" in card.facts


def test_a_paper_of_the_sample_edition_says_so_on_top_and_whose_words_it_has() -> None:
    paper = replace(PAPER, sources=("sample",))
    card = paper_card(paper, note="read this one")
    assert card.label == SAMPLE_LABEL
    assert card.footer == "read this one"
    assert (card.body, card.body_origin) == (PAPER.abstract, "written for the sample edition")
    lines = instant_post([(PAPER, (REASON,)), (paper, (REASON,))], "line")
    assert lines.cards[0].label == SAMPLE_LABEL


def test_the_whole_card_has_the_abstract_and_what_else_is_known() -> None:
    paper = replace(with_facts(summary="In short.", keywords=("ocr", "context")), doi="10.1/x", comment="12 pages")
    card = paper_card(replace(paper, authors=tuple(f"Author {n}" for n in range(14))), full=True)
    assert card.body == PAPER.abstract
    assert card.byline.endswith("Author 9 +4")
    known = {row.text: row.detail for row in card.rows}
    assert known["keywords"] == "ocr, context"
    assert known["AI summary, Hugging Face"] == "In short."
    assert known["authors' comment"] == "12 pages"
    assert next(row.url for row in card.rows if row.text == "doi") == "https://doi.org/10.1/x"
    assert [button.label for button in card.buttons] == ["Save", "More like this", "Less", "Cite"]


def test_buttons_are_whole_commands() -> None:
    assert [button.command for button in paper_card(PAPER).buttons] == [
        "/papers save paper:2511.01234",
        "/papers similar paper:2511.01234",
        "/papers me less paper:2511.01234",
        "/papers show paper:2511.01234",
        "/papers cite paper:2511.01234",
    ]
    assert paper_card(PAPER, buttons=False).buttons == ()


def test_reasons_say_their_words_once_and_a_wordless_query_says_itself() -> None:
    everything = Reason(subscription=8, number=3, query="* votes>=10")
    assert matched_words([REASON, everything, REASON]) == ("diffusion", "video", "* votes>=10")


def test_every_paper_is_no_reason_worth_showing() -> None:
    everything = Reason(subscription=8, number=3, query="*")
    [alone, beside] = instant_post([(PAPER, [everything]), (PAPER, [everything, REASON])]).cards
    assert (alone.matched, beside.matched) == ("", "diffusion, video")


def test_instant_papers_come_as_a_card_each_or_as_lines() -> None:
    items = [(PAPER, (REASON,)), (PAPER, (replace(REASON, mention="@reading-group"),))]
    cards = instant_post(items)
    assert [card.matched for card in cards.cards] == ["diffusion, video"] * 2
    assert cards.mentions == ("@reading-group",)
    lines = instant_post(items, "line").cards
    assert len(lines) == 1
    assert lines[0].title == "2 new papers"
    assert lines[0].rows[0].detail.endswith("matched: diffusion, video")


def test_over_a_thread_stand_quiet_lines_and_in_it_a_card_for_each_paper() -> None:
    items = [(PAPER, (REASON,)), (replace(PAPER, title="Another"), (replace(REASON, mention="@reading-group"),))]
    assert instant_post(items, "thread") == instant_post(items, "line")
    assert digest_post(items, 2, "Digest", "thread") == digest_post(items, 2, "Digest", "line")
    first, second = thread_posts(items)
    assert (first.kind, first.cards, first.heading, second.mentions) == ("reply", instant_post(items).cards[:1], "", ())
    assert second.cards[0].title == "Another"


def test_a_card_can_be_filed_by_categories_then_keywords() -> None:
    keywords = ("ocr", "cs.CL", "x" * 41, *(f"word {n}" for n in range(30)))
    tags = paper_card(with_facts(keywords=keywords)).tags
    assert tags[:4] == ("cs.CV", "cs.CL", "ocr", "word 0")
    assert len(tags) == 20
    assert paper_card(replace(PAPER, categories=())).tags == ()


def test_a_channel_that_takes_no_posts_is_named_with_the_reason_and_what_to_do() -> None:
    said = suspended_post(Address("chat", "lab", "C123", name="nlp"), "it was archived.", 7)
    assert (said.kind, said.cards[0].tone) == ("notice", "warning")
    assert said.cards[0].body == (
        "I can no longer post in #nlp: it was archived. Nothing is lost: what matched waits up to 7 days,"
        " and I try again every day. Once it is mended, any /papers command there lets me go on at once."
    )
    assert "in #papers:" in suspended_post(Address("chat", "lab", "#papers"), "gone", 7).cards[0].body


def test_a_digest_ends_with_how_to_open_the_rest() -> None:
    post = digest_post([(PAPER, (REASON,))], 7, "Digest · Mon 23 Nov · 8 papers")
    assert post.heading == "Digest · Mon 23 Nov · 8 papers"
    assert post.cards[-1].body == "7 more papers — /papers more"
    assert post.cards[-1].buttons[0].command == "/papers more"
    assert len(digest_post([(PAPER, (REASON,))], 0, "Digest").cards) == 1


def test_what_is_over_the_cap_is_one_line_that_opens() -> None:
    assert fold_post(4, "2026-11-23") == Post(
        kind="fold",
        cards=(
            Card(
                body="4 more papers matched, over the daily cap. Open them: /papers more date:2026-11-23",
                buttons=fold_post(4, "2026-11-23").cards[0].buttons,
            ),
        ),
    )
    assert fold_post(1, "2026-11-23", label=SAMPLE_LABEL).cards[0].label == SAMPLE_LABEL


def test_an_error_offers_the_command_that_works() -> None:
    card = error_card("I do not know auther:.", "/papers subscribe author:hinton")
    assert (card.tone, card.code) == ("error", "/papers subscribe author:hinton")
    assert card.buttons[0].command == "/papers subscribe author:hinton"
    assert error_card("No.").buttons == ()
    assert notice("Done.", "good") == Card(body="Done.", tone="good")


def test_a_watched_paper_says_on_top_what_was_waited_for() -> None:
    watch = Reason(subscription=0, number=0, query="votes>=20 OR has:code", terms=("votes>=20", "has:code"))
    match = Reason(subscription=1, number=1, query="diffusion", terms=("diffusion",))
    watched = "You watched this: it now has 20 votes and code"
    card = instant_post([(PAPER, [watch, match])]).cards[0]
    assert (card.label, card.matched) == (watched, "diffusion")
    assert instant_post([(PAPER, [match])]).cards[0].label == ""
    assert instant_post([(PAPER, [watch])]).cards[0].matched == ""
    (row,) = instant_post([(PAPER, [watch])], "line").cards[0].rows
    assert row.detail.startswith(watched)
