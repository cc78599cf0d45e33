"""How posts, answers and links look on Slack. What hostile texts do is in ``test_slack_hostile.py``."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from adapters.slack import blocks, mrkdwn, render
from adapters.slack.buttons import Press, button, menu, press
from bot.cards import (
    Button,
    Card,
    Link,
    Page,
    Post,
    Reply,
    Row,
    digest_post,
    error_card,
    fold_post,
    instant_post,
    paper_card,
    paper_row,
)
from bot.model import Facts, Links, Organization, Paper, Reason
from tests.standins.slack_schema import problems

PAPER = Paper(
    key="arxiv:2611.00001",
    title="Video Diffusion at Scale",
    abstract="We train one. It is large.",
    authors=("First Author", "Second Author", "Third Author", "Fourth Author"),
    links=Links(code="https://github.com/lab/video"),
    picture="https://cdn-uploads.huggingface.co/production/uploads/video.png",
    published=date(2026, 11, 20),
    sources=("arxiv", "huggingface"),
    facts=Facts(votes=43, comments=3, stars=1200, summary="A video model. It scales."),
)
WHY = [Reason(subscription=1, number=1, query="diffusion", terms=("diffusion",))]


def numbered(amount: int) -> list[tuple[Paper, list[Reason]]]:
    return [
        (replace(PAPER, key=f"arxiv:2611.{n:05}", title=f"Paper {n}", picture=""), WHY) for n in range(1, amount + 1)
    ]


def parts(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, Mapping):
        yield value
        for inner in value.values():
            yield from parts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from parts(inner)


def kinds(body: Mapping[str, Any]) -> list[str]:
    return [block["type"] for block in body["blocks"]]


def told(body: Mapping[str, Any]) -> str:
    """Every text of the blocks, in order."""
    return "\n".join(part["text"] for part in parts(body["blocks"]) if isinstance(part.get("text"), str))


def pressable(body: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = [part for part in parts(body["blocks"]) if "action_id" in part and part["type"] == "button"]
    return [(part["text"]["text"], part["value"]) for part in found]


def links(body: Mapping[str, Any]) -> list[str]:
    return [part["url"] for part in parts(body["blocks"]) if part.get("type") == "link"]


# --- posts ------------------------------------------------------------------------------------------------------------


def test_a_card_has_its_title_as_a_link_and_says_whose_words_the_summary_is() -> None:
    body = render.post(instant_post([(PAPER, WHY)]))
    assert problems(body) == []
    assert links(body)[0] == "https://huggingface.co/papers/2611.00001"
    said = told(body).replace("\u00a0", " ")
    assert "First Author, Second Author +2 · ▲ 43 · 3 comments · ★ 1.2k · 20 Nov 2026" in said
    assert "A video model. It scales." in said
    assert "AI summary, Hugging Face" in said
    assert "matched: diffusion" in said
    assert "<https://github.com/lab/video|code>" in said


def test_a_card_has_a_button_for_every_offer_of_the_core() -> None:
    body = render.post(instant_post([(PAPER, WHY)]))
    assert pressable(body) == [(b.label, b.command) for b in paper_card(PAPER).buttons]


def test_the_picture_stands_beside_the_summary_with_a_text_for_who_cannot_see_it() -> None:
    body = render.post(instant_post([(PAPER, WHY)]))
    [section] = [block for block in body["blocks"] if block["type"] == "section"]
    assert section["text"]["text"] == "A video model. It scales."
    assert section["accessory"]["image_url"] == PAPER.picture
    assert PAPER.title in section["accessory"]["alt_text"]


@pytest.mark.parametrize(
    "url",
    [
        "https://cdn-thumbnails.huggingface.co/social-thumbnails/papers/2611.00001.png",
        "https://cdn-uploads.huggingface.co/production/uploads/video.webp",
        "http://cdn-uploads.huggingface.co/production/uploads/video.png",
        "https://cdn-uploads.huggingface.co.evil.example/video.png",
    ],
)
def test_a_picture_that_slack_may_not_load_or_that_shows_only_the_title_is_left_out(url: str) -> None:
    body = render.post(instant_post([(replace(PAPER, picture=url), WHY)]))
    assert "image_url" not in json.dumps(body)
    assert "A video model" in told(body)


def test_a_digest_of_ten_is_one_message_with_one_menu_and_at_most_four_blocks_a_paper() -> None:
    body = render.post(digest_post(numbered(10), 5, "Daily digest · Mon 23 Nov · 10 papers"))
    assert problems(body) == []
    assert kinds(body)[0] == "header"
    assert len(body["blocks"]) <= 1 + 10 * 4 + 4
    assert blocks.size(body["blocks"]) <= blocks.MOST_CHARACTERS
    [opened] = [part for part in parts(body["blocks"]) if part.get("type") == "static_select"]
    assert [option["value"] for option in opened["options"]] == [
        f"/papers show paper:2611.{n:05}" for n in range(1, 11)
    ]
    assert pressable(body) == [("Show 5 more", "/papers more")]


def test_a_digest_of_long_papers_keeps_every_title() -> None:
    long = replace(PAPER, picture="", facts=replace(PAPER.facts, summary="Long words. " * 100))
    items = [(replace(long, key=f"arxiv:2611.{n:05}", title=f"Number {n}: {'title ' * 60}"), WHY) for n in range(10)]
    body = render.post(digest_post(items, 0, "Daily digest"))
    assert problems(body) == []
    assert blocks.size(body["blocks"]) <= blocks.MOST_CHARACTERS
    assert [n for n in range(10) if f"Number {n}:" not in told(body)] == []


def test_what_fits_into_no_message_says_so() -> None:
    body = render.post(instant_post(numbered(200)))
    assert problems(body) == []
    assert told(body).endswith("… and more than Slack takes in one message")


def test_the_line_format_is_a_list_with_a_menu() -> None:
    body = render.post(instant_post(numbered(3), "line"))
    assert problems(body) == []
    assert "3 new papers" in told(body)
    assert len(links(body)) == 3
    assert kinds(body)[-1] == "actions"


def test_a_fold_shows_its_command_as_code_and_as_a_button() -> None:
    body = render.post(fold_post(12, "2026-11-23"))
    [code] = [part for part in parts(body["blocks"]) if part.get("style") == {"code": True}]
    assert code["text"] == "/papers more date:2026-11-23"
    assert pressable(body) == [("Show 12 more", "/papers more date:2026-11-23")]


def test_a_mention_pings_only_in_the_exact_forms_of_a_person_or_a_group() -> None:
    wanted = ("<!subteam^S0123456|@lab>", "<@U0123456>", "<!here>", "<!channel>", "@everyone", "<@U0123456> <!here>")
    said = replace(instant_post([(PAPER, WHY)]), mentions=wanted)
    pings = [
        part for part in parts(render.post(said)["blocks"]) if part.get("type") in ("user", "usergroup", "broadcast")
    ]
    assert pings == [{"type": "usergroup", "usergroup_id": "S0123456"}, {"type": "user", "user_id": "U0123456"}]
    assert render.plain_post(said)["text"].startswith("<!subteam^S0123456> <@U0123456>\n")


def test_a_label_stands_above_the_title() -> None:
    body = render.post(instant_post([(replace(PAPER, withdrawn=True), WHY)]))
    assert told(body).startswith("WITHDRAWN\n")


def test_a_label_that_all_papers_of_a_digest_have_is_said_once() -> None:
    items = [(replace(paper, withdrawn=True), why) for paper, why in numbered(5)]
    assert told(render.post(digest_post(items, 2, "Digest"))).count("WITHDRAWN") == 1
    items[0] = (PAPER, WHY)
    assert told(render.post(digest_post(items, 2, "Digest"))).count("WITHDRAWN") == 4


def test_the_fallback_says_what_a_notification_needs() -> None:
    assert render.post(instant_post([(PAPER, WHY)]))["text"].replace("\u00a0", " ") == (
        "Video Diffusion at Scale — First Author, Second Author +2 · ▲ 43 · 3 comments · ★ 1.2k"
    )
    digest = render.post(digest_post(numbered(10), 0, "Daily digest"))["text"]
    assert digest.startswith("Daily digest\nPaper 1 — ")


def test_a_post_without_blocks_says_the_same() -> None:
    body = render.plain_post(digest_post(numbered(10), 5, "Daily digest"))
    assert list(body) == ["text"]
    assert len(body["text"]) <= 4_000
    assert "<https://huggingface.co/papers/2611.00010|Paper 10>" in body["text"]
    assert "5 more papers — /papers more" in body["text"]


def test_the_same_post_is_the_same_message() -> None:
    first, again = (json.dumps(render.post(instant_post([(PAPER, WHY)]))) for _ in range(2))
    assert first == again


# --- how names and texts of all kinds look ----------------------------------------------------------------------------


def test_six_hundred_authors_are_two_and_a_number() -> None:
    crowd = replace(PAPER, authors=tuple(f"Author {n}" for n in range(600)))
    assert "Author 0, Author 1 +598 ·" in told(render.post(instant_post([(crowd, WHY)])))


def test_no_authors_leave_no_gap() -> None:
    alone = told(render.post(instant_post([(replace(PAPER, authors=()), WHY)])))
    assert "\n▲" in alone


def test_a_name_of_forty_words_is_cut_at_a_word() -> None:
    lab = replace(PAPER, organization=Organization("lab", "Institute " * 40))
    body = render.post(instant_post([(lab, WHY)]))
    assert problems(body) == []
    assert "Institute…" in told(body)


def test_what_is_written_from_right_to_left_leaves_the_facts_where_they_are() -> None:
    arabic = replace(PAPER, title="نماذج الانتشار", authors=("محمد أحمد",))
    assert "\u2068محمد\u00a0أحمد\u2069 · ▲" in told(render.post(instant_post([(arabic, WHY)])))


def test_maths_and_emoji_stay_as_they_are() -> None:
    odd = replace(PAPER, title="∑αₜ² with 👩‍👩‍👧‍👦 and a*b*c :x:")
    assert "∑αₜ² with 👩‍👩‍👧‍👦 and a*b*c :x:" in told(render.post(instant_post([(odd, WHY)])))


# --- answers ----------------------------------------------------------------------------------------------------------


def test_a_list_has_its_numbers_links_a_menu_and_the_way_on() -> None:
    rows = tuple(paper_row(paper, f"{n}.") for n, (paper, _) in enumerate(numbered(10), 1))
    page = Page(number=2, total=3, previous="/papers today page:1", next="/papers today page:3")
    [body] = render.answer(Reply(cards=(Card(title="Today", rows=rows),), page=page, share="/papers today page:2"))
    assert problems(body) == []
    assert told(body).startswith("Today\n1. \nPaper 1\n")
    assert "2/3" in told(body)
    assert pressable(body) == [
        ("Next ▶", "/papers today page:3"),
        ("◀ Back", "/papers today page:1"),
        ("Share to channel", "/papers today page:2"),
    ]
    verbs = [press(part) for part in parts(body["blocks"]) if part.get("type") == "button"]
    assert [found.verb for found in verbs if found] == ["turn", "turn", "share"]


@pytest.mark.parametrize(("number", "way"), [(1, "Next ▶"), (3, "◀ Back")])
def test_at_the_ends_of_a_list_only_the_other_way_is_offered(number: int, way: str) -> None:
    page = Page(number=number, total=3, previous="/papers today" * (number > 1), next="/papers today" * (number < 3))
    [body] = render.answer(Reply(cards=(Card(body="x"),), page=page))
    assert pressable(body) == [(way, "/papers today")]
    assert f"{number}/3" in told(body)


def test_an_error_offers_the_command_that_works_as_code_and_button() -> None:
    [body] = render.answer(Reply(cards=(error_card("I do not know auther:.", "/papers search author:x"),), failed=True))
    assert problems(body) == []
    assert "rich_text_preformatted" in json.dumps(body)
    assert pressable(body) == [("Do this instead", "/papers search author:x")]
    assert body["text"] == "I do not know auther:."


def test_a_question_is_asked_before_what_cannot_be_undone() -> None:
    sure = Button("Forget me", "/papers me forget confirm:yes", confirm="Delete everything?")
    [body] = render.answer(Reply(cards=(Card(title="Forget me?", buttons=(sure,)),)))
    [offer] = [part for part in parts(body["blocks"]) if part.get("type") == "button"]
    assert problems(body) == []
    assert offer["confirm"]["text"]["text"] == "Delete everything?"
    assert offer["style"] == "danger"


def test_a_bare_command_that_has_a_form_opens_it() -> None:
    [body] = render.answer(Reply(cards=(Card(body="x", buttons=(Button("Add", "/papers subscribe"),)),)))
    [offer] = [part for part in parts(body["blocks"]) if part.get("type") == "button"]
    assert press(offer) == Press("form", "/papers subscribe")


def test_a_long_text_to_copy_comes_whole_in_several_messages() -> None:
    entries = [f"@misc{{paper{n},\n  title = {{Some title {n}}},\n}}\n" for n in range(500)]
    answers = render.answer(Reply(cards=(Card(title="Your shelf", code="\n".join(entries)),)))
    assert 1 < len(answers) <= 5
    assert all(problems(body) == [] for body in answers)
    boxes = [part for body in answers for part in parts(body["blocks"]) if part.get("type") == "rich_text_preformatted"]
    copied = "\n".join(box["elements"][0]["text"] for box in boxes)
    assert copied.count("@misc{paper") == 500


def test_what_five_messages_do_not_hold_says_so() -> None:
    answers = render.answer(Reply(cards=(Card(code="a line of it\n" * 10_000),), share="/papers saved export"))
    assert len(answers) == 5
    assert "more than Slack takes" in told(answers[-1])
    assert pressable(answers[-1]) == [("Share to channel", "/papers saved export")]


def test_help_shows_commands_as_code() -> None:
    rows = (
        Row(lead="", text="/papers today", detail="The papers of today's list"),
        Row(lead="every:", text="how often"),
    )
    [body] = render.answer(Reply(cards=(Card(title="Help", rows=rows),)))
    coded = [part["text"] for part in parts(body["blocks"]) if part.get("style") == {"code": True}]
    assert coded == ["/papers today", "every:"]


def test_no_card_is_no_answer() -> None:
    assert render.answer(Reply(cards=())) == []


def test_a_link_below_a_message_is_made_of_sections() -> None:
    shown = render.unfurl(replace(paper_card(PAPER), label="already here 12 days ago"))
    assert problems(shown) == []
    assert {block["type"] for block in shown["blocks"]} == {"section", "context", "actions"}
    assert "already here 12 days ago" in told(shown)


def test_a_whole_abstract_is_shown_with_the_picture_below_it() -> None:
    full = paper_card(replace(PAPER, abstract="Many words. " * 150), full=True)
    [body] = render.answer(Reply(cards=(full,)))
    assert problems(body) == []
    assert "image" in kinds(body)


# --- buttons and commands in texts ------------------------------------------------------------------------------------


def test_what_a_button_carries_comes_back() -> None:
    made = button("Save", "/papers save paper:2611.00001", verb="run", number=7)
    assert made is not None
    assert press(made) == Press("run", "/papers save paper:2611.00001")
    picked = {"action_id": "pb.pick.3", "selected_option": {"value": "/papers show paper:2611.00001"}}
    assert press(picked) == Press("pick", "/papers show paper:2611.00001")


@pytest.mark.parametrize("action", [{}, {"action_id": "pb.value", "value": "x"}, {"action_id": "pb.run.1"}])
def test_what_is_no_button_of_ours_is_none(action: dict[str, str]) -> None:
    assert press(action) is None


def test_a_command_too_long_to_carry_is_left_out() -> None:
    assert button("Go", "/papers search " + "x" * 2000, verb="run", number=1) is None
    assert menu("Open", [("Paper", "/papers show " + "x" * 75)], number=1) is None
    body = render.answer(Reply(cards=(error_card("No.", "/papers search " + "x" * 2000),)))[0]
    assert problems(body) == []
    assert pressable(body) == []


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ("Open them: /papers more date:2026-11-23", ["/papers more date:2026-11-23"]),
        ("5 more papers — /papers more", ["/papers more"]),
        (
            "Yours: /papers me digest 09:00 · none: /papers me quiet off",
            ["/papers me digest 09:00", "/papers me quiet off"],
        ),
        ('"/papers admin export" is for administrators', ["/papers admin export"]),
        ("or for yourself: /papers help alert.", ["/papers help alert"]),
        ("/papers subscribe video posts matching papers. /papers today shows", ["/papers subscribe", "/papers today"]),
        ("More: /papers help and a command, or a topic", ["/papers help"]),
        ("(an export first: /papers me export):", ["/papers me export"]),
        ("see /papers/x and /papersx", []),
    ],
)
def test_commands_in_a_sentence_are_found(text: str, commands: list[str]) -> None:
    found = list(mrkdwn.runs(text))
    assert [part for part, is_command in found if is_command] == commands
    assert "".join(part for part, _ in found) == text


def test_links_are_escaped_and_foreign_forms_refused() -> None:
    assert mrkdwn.link("https://arxiv.org/a|b", "a|b > c") == "<https://arxiv.org/a%7Cb|a│b › c>"
    assert mrkdwn.link("javascript:alert(1)", "x") == "x"
    assert mrkdwn.address("https://arxiv.org@evil.example/") == ""


def test_a_card_of_anything_else_keeps_its_footer_and_links() -> None:
    card = Card(
        title="Subscribed", body="Done.", footer="Undo: /papers undo", links=(Link("help", "https://x.example/"),)
    )
    [body] = render.answer(Reply(cards=(card,)))
    assert problems(body) == []
    assert "/papers undo" in told(body)
    assert "<https://x.example/|help>" in told(body)


def test_a_post_with_a_footer_ends_with_it() -> None:
    body = render.post(Post(kind="notice", cards=(Card(body="arXiv answers again."),), footer="since 09:00"))
    assert problems(body) == []
    assert told(body).endswith("since 09:00")
