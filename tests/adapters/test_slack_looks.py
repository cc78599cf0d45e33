"""What was ugly on Slack when it was looked at, and is not any more: see docs/pictures.md."""

from typing import Any

from adapters.slack import render
from bot.cards import Card, Reply, Row


def answer(*cards: Card) -> list[dict[str, Any]]:
    [body] = render.answer(Reply(cards=cards, share="/papers search x"))
    blocks: list[dict[str, Any]] = body["blocks"]
    return blocks


def rows(first: int) -> tuple[Row, ...]:
    return tuple(
        Row(
            lead=f"{n}.",
            text=f"Paper {n}",
            url="https://arxiv.org/abs/2611.00001",
            command=f"/papers show 2611.0000{n}",
        )
        for n in range(first, first + 2)
    )


def runs(blocks: list[dict[str, Any]]) -> list[str]:
    sections = [part for block in blocks if block["type"] == "rich_text" for part in block["elements"]]
    lines = [line for part in sections for line in (part["elements"] if "list" in part["type"] else [part])]
    return ["".join(run.get("text", "") for run in line["elements"]) for line in lines]


def test_lists_that_follow_each_other_share_one_menu_beside_the_way_to_share() -> None:
    *_, last = blocks = answer(Card(title="Exact", rows=rows(1)), Card(title="Close", rows=rows(3)))
    assert [block["type"] for block in blocks].count("actions") == 1
    assert [element["type"] for element in last["elements"]] == ["static_select", "button"]
    assert [line["text"]["text"] for line in last["elements"][0]["options"]] == [f"{n}. Paper {n}" for n in range(1, 5)]


def test_figures_stand_below_a_long_byline_and_beside_a_short_one() -> None:
    url, figures = "https://arxiv.org/abs/2611.00001", ("▲ 43", "3 comments")
    people = ", ".join(f"Author {n}" for n in range(20))
    [long] = runs(answer(Card(title="A paper", url=url, byline=people, facts=figures)))
    [short] = runs(answer(Card(title="A paper", url=url, byline="Some Lab", facts=figures)))
    assert long.split("\n")[2].replace("\xa0", " ") == "▲ 43 · 3 comments"
    assert short.split("\n")[1].replace("\xa0", " ") == "Some Lab · ▲ 43 · 3 comments"


def test_an_arrow_does_not_stand_beside_the_dot_of_a_list() -> None:
    rows = (Row(lead="→", text="Sent today"), Row(lead="quiet", text="off"))
    assert runs(answer(Card(title="What became of it", rows=rows))) == ["Sent today", "quiet off"]
