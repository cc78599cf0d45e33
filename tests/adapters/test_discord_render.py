"""How posts and answers look on Discord: what stands where, what gives way, and what is never left out."""

from dataclasses import replace
from datetime import date
from typing import Any

from adapters.discord import buttons, render
from adapters.discord.embeds import fair, length
from adapters.discord.escape import address, code, link, prose
from bot import cards
from bot.cards import Button, Card, Link, Page, Post, Reply, Row, error_card, paper_card, paper_row
from bot.model import Links, Offer, Organization, Reason
from tests.adapters.reading_discord import shown
from tests.making import paper

REASON = Reason(subscription=1, number=1, query="video diffusion", terms=("diffusion", "video"))
LONG = "It draws long texts as images, and a model reads them from there. " * 6
GLYPH = replace(
    paper(1, "Glyph: Scaling Context_Windows", votes=43, comments=3, stars=1_204, summary=LONG[:200]),
    organization=Organization("lab", "Some Lab"),
    links=Links(code="https://github.com/lab/glyph"),
    published=date(2026, 11, 20),
    picture="https://cdn.example/1.png",
)


def many(number: int, title: str = "A paper", **more: Any) -> list[cards.Match]:
    return [(replace(GLYPH, key=f"arxiv:2611.{n:05}", title=f"{title} {n}", **more), (REASON,)) for n in range(number)]


def digest(number: int, folded: int = 0, **more: Any) -> dict[str, Any]:
    return render.post(cards.digest_post(many(number, **more), folded, "Digest · Mon 23 Nov · 18 papers"))


def labels(body: dict[str, Any]) -> list[list[str]]:
    return [[part.get("label") or part["placeholder"] for part in row["components"]] for row in body["components"]]


def commands(body: dict[str, Any]) -> dict[str, str]:
    parts = [part for row in body["components"] for part in row["components"] if "label" in part]
    return {part["label"]: pressed.command for part in parts if (pressed := buttons.press(part["custom_id"]))}


def spaced(text: str) -> str:
    """A text with plain spaces where lines are kept from being broken."""
    return text.replace("\xa0", " ")


def test_a_fact_is_not_broken_between_two_lines() -> None:
    assert "3\xa0comments" in box_of(paper_card(GLYPH))["description"]


# --- posts ------------------------------------------------------------------------------------------------------------


def test_one_paper_has_its_title_where_a_notification_shows_it_and_the_rest_in_a_box() -> None:
    body = render.post(cards.instant_post([(GLYPH, (REASON,))]))["body"]
    assert body["content"] == "**[Glyph: Scaling Context\\_Windows](<https://huggingface.co/papers/2611.00001>)**"
    [box] = body["embeds"]
    told, said, links = box["description"].split("\n\n")
    assert told == "Some Lab\xa0· ▲\xa043\xa0· 3\xa0comments\xa0· ★\xa01.2k\xa0· 20\xa0Nov\xa02026"
    assert said == LONG[:200]
    assert links == (
        "[HF](https://huggingface.co/papers/2611.00001) · [arXiv](https://arxiv.org/abs/2611.00001) · "
        "[PDF](https://arxiv.org/pdf/2611.00001) · [code](https://github.com/lab/glyph)"
    )
    assert box["footer"]["text"] == "matched: diffusion, video · AI summary, Hugging Face"
    assert box["thumbnail"] == {"url": GLYPH.picture, "description": f"Picture for the paper “{GLYPH.title}”"}
    assert "title" not in box
    assert labels(body) == [["Save", "More like this", "Less", "Abstract", "Cite"]]
    assert commands(body)["Save"] == "/papers save paper:2611.00001"


def test_a_digest_has_its_heading_each_paper_whole_and_a_menu_to_open_them() -> None:
    body = digest(10, folded=8)["body"]
    assert body["content"] == "**Digest · Mon 23 Nov · 18 papers**\n8 more papers — `/papers more`"
    assert [box["title"] for box in body["embeds"]] == [f"A paper {n}" for n in range(10)]
    assert all(box["url"].startswith("https://huggingface.co/papers/2611.") for box in body["embeds"])
    assert labels(body) == [["Open a paper…"], ["Show 8 more"]]
    menu = body["components"][0]["components"][0]
    assert [buttons.picked(o["value"]).command for o in menu["options"]] == [
        f"/papers show paper:2611.{n:05}" for n in range(10)
    ]
    assert menu["options"][3]["label"] == "A paper 3"


def test_a_full_digest_cuts_bodies_fairly_and_leaves_out_no_paper() -> None:
    papers = many(10, "A title of quite some length that says a lot about what is in the paper, number")
    long = [(replace(p, facts=replace(p.facts, summary=LONG)), r) for p, r in papers]
    short = (replace(papers[0][0], facts=replace(papers[0][0].facts, summary="Short.")), papers[0][1])
    body = render.post(cards.digest_post([short, *long[1:]], 0, "Digest"))["body"]
    sizes = [length(box) for box in body["embeds"]]
    assert sum(sizes) <= 6_000
    assert "Short." in body["embeds"][0]["description"]
    assert max(sizes[1:]) - min(sizes[1:]) < 40
    assert all("It draws long texts as images" in box["description"] for box in body["embeds"][1:])


def test_more_papers_than_boxes_share_the_last_box() -> None:
    body = digest(12)["body"]
    assert len(body["embeds"]) == 10
    assert [f"A paper {n}](" in body["embeds"][9]["description"] for n in (9, 10, 11)] == [True] * 3


def test_lines_are_one_box_with_a_menu() -> None:
    said = cards.digest_post(many(10), 0, "Digest · Mon 23 Nov · 10 papers", "line")
    body = render.post(said)["body"]
    [box] = body["embeds"]
    assert box["description"].count("](https://huggingface.co/papers/2611.") == 10
    assert "**•** [A paper 0](https://huggingface.co/papers/2611.00000)\nSome\xa0Lab\xa0· ▲\xa043" in box["description"]
    assert len(body["components"][0]["components"][0]["options"]) == 10


def test_many_long_lines_are_shortened_and_what_finds_no_room_is_counted() -> None:
    rows = tuple(paper_row(p, f"{n}.") for n, (p, _) in enumerate(many(60, "x" * 240)))
    [said] = render.answer(
        Reply(cards=(Card(title="Papers", rows=rows),), page=Page(number=1, total=2, next="/papers x"))
    )
    description = "\n".join(box.get("description", "") for box in said.body["embeds"])
    shown_rows = description.count("xxx…](https://huggingface.co")
    assert f"… and {60 - shown_rows} more" in description
    assert shown_rows > 30


def test_a_mention_calls_only_whom_a_manager_asked_for() -> None:
    title = "All of <@&222222222222222222> and @everyone"
    post = Post(kind="instant", cards=(Card(title=title),), mentions=("<@&111111111111111111>", "@everyone"))
    for made in (render.post(post), render.plain_post(post)):
        assert made["body"]["allowed_mentions"] == {"parse": [], "roles": ["111111111111111111"], "users": []}
        assert made["body"]["content"].startswith("<@&111111111111111111> ")
        assert "<@&222222222222222222>" not in made["body"]["content"]


def test_a_label_all_papers_share_is_said_once() -> None:
    said = replace(cards.digest_post(many(3), 0, "Digest"), footer="See you tomorrow.")
    sample = replace(said, cards=tuple(replace(c, label="SAMPLE EDITION") for c in said.cards))
    body = render.post(sample)["body"]
    assert body["content"].split("\n") == ["-# SAMPLE EDITION", "**Digest**", "-# See you tomorrow."]
    assert not any("author" in box for box in body["embeds"])
    mixed = replace(said, cards=(replace(said.cards[0], label="WITHDRAWN"), *said.cards[1:]))
    assert [box.get("author") for box in render.post(mixed)["body"]["embeds"]] == [{"name": "WITHDRAWN"}, None, None]


def test_pictures_are_for_few_papers_only() -> None:
    assert all("thumbnail" in box for box in digest(3)["body"]["embeds"])
    assert not any("thumbnail" in box for box in digest(4)["body"]["embeds"])


def test_a_line_of_ours_needs_no_box() -> None:
    body = render.post(cards.fold_post(12, "2026-11-23"))["body"]
    assert body["embeds"] == []
    assert body["content"].endswith("Open them: `/papers more date:2026-11-23`")
    assert labels(body) == [["Show 12 more"]]


def test_a_forum_gets_a_short_title_and_tags() -> None:
    tagged = replace(paper_card(replace(GLYPH, title="word " * 50)), tags=("cs.CV", "diffusion", "cs.CV"))
    made = render.post(Post(kind="instant", cards=(tagged,)))
    assert made["tags"] == ["cs.CV", "diffusion"]
    assert len(made["name"]) <= 100
    assert made["name"].endswith("word…")


def test_the_plain_form_names_every_paper_of_a_digest_with_its_address() -> None:
    content = render.plain_post(cards.digest_post(many(10, "A rather long title " * 5), 8, "Digest"))["body"]["content"]
    assert content.startswith("Digest\nA rather long title")
    assert content.count("<https://huggingface.co/papers/2611.") == 10
    assert "8 more papers — `/papers more`" in content


def test_the_same_post_gives_the_same_payload() -> None:
    assert digest(10) == digest(10)


# --- hard papers ------------------------------------------------------------------------------------------------------


def test_hard_papers_look_right() -> None:
    nobody = paper_card(replace(GLYPH, organization=None, authors=()))
    assert spaced(box_of(nobody)["description"]).startswith("▲ 43")
    crowd = paper_card(replace(GLYPH, organization=None, authors=tuple(f"Author {n}" for n in range(600))), full=True)
    assert "Author 9 +590" in box_of(crowd)["description"]
    wordy = paper_card(replace(GLYPH, organization=Organization("o", "Institute of " + "Very " * 40)))
    assert len(box_of(wordy)["description"].split("\n")[0]) < 400
    maths = box_of(paper_card(replace(GLYPH, title="On α_t* and ∑ᵢ xᵢ² 🤖")))
    assert shown(maths["title"]) == "On α_t* and ∑ᵢ xᵢ² 🤖"


def test_a_name_from_right_to_left_stays_apart_from_the_numbers_beside_it() -> None:
    box = box_of(paper_card(replace(GLYPH, organization=Organization("o", "جامعة القاهرة"))))
    assert box["description"].startswith("\u2068جامعة القاهرة\u2069\xa0· ▲\xa043")


def box_of(card: Card) -> dict[str, Any]:
    [said] = render.answer(Reply(cards=(card,)))
    box: dict[str, Any] = said.body["embeds"][0]
    return box


# --- answers ----------------------------------------------------------------------------------------------------------


def test_an_answer_is_a_box_with_the_title_in_it() -> None:
    [said] = render.answer(Reply(cards=(paper_card(GLYPH, full=True),), share="/papers show paper:2611.00001"))
    assert said.body["content"] == ""
    assert said.body["embeds"][0]["url"] == "https://huggingface.co/papers/2611.00001"
    assert labels(said.body) == [["Save", "More like this", "Less", "Cite", "Share to channel"]]
    assert said.body["components"][0]["components"][-1]["custom_id"].startswith("s")


def test_pages_turn_in_one_message_and_a_way_that_ends_is_disabled_not_missing() -> None:
    rows = tuple(paper_row(p, f"{n}.") for n, (p, _) in enumerate(many(10)))
    page = Page(number=1, total=12, next="/papers search page:2 video")
    [said] = render.answer(Reply(cards=(Card(title="Papers", rows=rows),), page=page, share="/papers search video"))
    back, place, on, share = said.body["components"][-1]["components"]
    assert [part["label"] for part in (back, place, on, share)] == ["◀", "1/12", "▶", "Share to channel"]
    assert [part.get("disabled", False) for part in (back, place, on, share)] == [True, True, False, False]
    assert buttons.press(on["custom_id"]) == buttons.Press("turn", "/papers search page:2 video")


def test_a_mistake_shows_the_command_that_works_and_a_button_for_it() -> None:
    card = error_card('I do not know the field "auther:".', '/papers subscribe author:"Y. LeCun" -survey')
    [said] = render.answer(Reply(cards=(card,), failed=True))
    [box] = said.body["embeds"]
    assert box["description"].endswith('\n`/papers subscribe author:"Y. LeCun" -survey`')
    [button] = said.body["components"][0]["components"]
    assert (button["label"], button["style"]) == ("Do this instead", 1)
    assert box["color"] != box_of(Card(body="Fine.", tone="good"))["color"]


def test_a_button_that_cannot_be_undone_asks_first() -> None:
    card = Card(body="Sure?", buttons=(Button("Forget me", "/papers me forget confirm:yes", confirm="Delete all?"),))
    [said] = render.answer(Reply(cards=(card,)))
    [button] = said.body["components"][0]["components"]
    assert button["style"] == 4
    press = buttons.press(button["custom_id"])
    assert press
    assert press.verb == "ask"
    asked = render.question("Forget me", said.long[press.key])
    assert asked.body["embeds"][0]["description"] == "Delete all?"
    assert commands(asked.body) == {"Forget me": "/papers me forget confirm:yes"}


def test_short_code_can_be_copied_and_long_code_is_attached() -> None:
    bibtex = "@misc{x,\n  title = {A `title` with ```fences```},\n}"
    [short] = render.answer(Reply(cards=(Card(title="Cite", code=bibtex),)))
    assert short.file is None
    assert short.body["embeds"][0]["description"].startswith("```\n@misc{x,\n")
    [long] = render.answer(Reply(cards=(Card(title="Shelf", code=bibtex * 100),)))
    assert long.file == ("papers.bib", bibtex * 100)
    two = render.answer(Reply(cards=(Card(title="A", code="x" * 5_000), Card(title="B", code="[[target]]" * 500))))
    assert [said.file and said.file[0] for said in two] == ["papers.txt", "papers.toml"]


def test_a_long_answer_takes_several_messages_and_keeps_everything() -> None:
    sections = tuple(Card(title=f"Section {n}", body=f"{n} " + "word " * 500) for n in range(5))
    made = render.answer(Reply(cards=sections, share="/papers x"))
    assert 2 <= len(made) <= 5
    bodies = [box["description"] for said in made for box in said.body["embeds"]]
    assert [shown(body).rstrip() for body in bodies] == [card.body.rstrip() for card in sections]
    assert [bool(said.body["components"]) for said in made] == [False] * (len(made) - 1) + [True]


def test_lists_are_neat() -> None:
    rows = (
        Row(lead="#2", text="diffusion -survey", detail="daily at 09:00 · by you"),
        Row(lead="", text="policy", detail="open"),
        Row(lead="", text="/papers alert edit id:", detail="Change one of your alerts"),
        Row(lead="", text="doi", detail="10.1/x", url="https://doi.org/10.1/x"),
    )
    assert shown(box_of(Card(title="Here", rows=rows))["description"]).split("\n") == [
        "`#2` **diffusion -survey**", "daily at 09:00 · by you", "", "**policy** · open",
        "`/papers alert edit id:` · Change one of your alerts", "", "[doi](https://doi.org/10.1/x)", "10.1/x",
    ]  # fmt: skip


def test_an_empty_answer_says_so() -> None:
    assert [said.body["content"] for said in render.answer(Reply(cards=()))] == ["There is nothing to show."]


# --- words ------------------------------------------------------------------------------------------------------------


def test_commands_in_sentences_are_shown_as_commands() -> None:
    said = {
        "Open them: /papers more date:2026-11-23": "Open them: `/papers more date:2026-11-23`",
        '"/papers admin export" is for administrators.': '"`/papers-admin export`" is for administrators.',
        "/papers subscribe x posts. /papers today shows": "`/papers subscribe x` posts. `/papers today` shows",
        "Yours: /papers me digest 09:00 · none: /papers me quiet off": (
            "Yours: `/papers me digest 09:00` · none: `/papers me quiet off`"
        ),
        "(an export first: /papers me export):": "(an export first: `/papers me export`):",
        'Type /papers subscribe author:"Y. LeCun" -survey.': 'Type `/papers subscribe author:"Y. LeCun" -survey`.',
    }
    assert {text: prose(text) for text in said} == said


def test_what_administrators_do_has_its_own_word() -> None:
    assert code("/papers admin settings") == "`/papers-admin settings`"
    assert code("/papers administer") == "`/papers administer`"


def test_addresses_are_safe_in_a_link() -> None:
    assert link("a [b] c", "https://x.example/(a) b") == "a \\[b\\] c"
    assert link("a [b]", "https://x.example/(a)") == "[a ［b］](https://x.example/%28a%29)"
    assert [address(u) for u in ("javascript:alert(1)", "", "https://x.example/" + "a" * 600)] == ["", "", ""]


def test_offers_are_cut_to_what_discord_shows() -> None:
    offers = [Offer("x" * 150, "2401.01234"), Offer("", "cs.CV"), Offer("long", "v" * 101)]
    assert render.choices(offers) == [
        {"name": "x" * 99 + "…", "value": "2401.01234"},
        {"name": "cs.CV", "value": "cs.CV"},
    ]


def test_room_is_shared_fairly() -> None:
    assert fair([100, 1_000, 1_000], 900) == [100, 400, 400]
    assert fair([10, 20], 900) == [10, 20]
    assert fair([], 900) == []


def test_links_that_are_none_are_left_out() -> None:
    card = Card(title="x", url="javascript:x", links=(Link("bad", "data:x"), Link("good", "https://a.example")))
    box = box_of(card)
    assert "url" not in box
    assert box["description"] == "[good](https://a.example)"


def test_the_whole_of_a_paper_names_its_abstract_and_keeps_its_figures_apart_from_its_authors() -> None:
    whole = replace(GLYPH, authors=tuple(f"Some Author {n}" for n in range(9)), abstract="All of it.")
    box = box_of(paper_card(whole, full=True))
    people, figures, *_ = box["description"].split("\n")
    assert people.startswith("Some Lab · Some Author 0, ")
    assert figures.startswith("▲\xa043\xa0· 3\xa0comments")
    assert "**abstract** · All of it." in box["description"]
    assert "footer" not in box


def test_papers_beside_many_others_have_the_same_links_short_names_and_no_second_way_to_their_page() -> None:
    name = "Institute of " + "Very Long Names " * 20
    boxes = digest(5, organization=Organization("long", name))["body"]["embeds"]
    assert not any("[HF](" in box["description"] for box in boxes)
    assert all("[arXiv](" in box["description"] for box in boxes)
    assert all(len(box["description"].split("\n")[0]) < 200 for box in boxes)
