"""The Home tab: a how-to, forms, and what is one's own."""

import json
from typing import Any

from adapters.slack import home
from adapters.slack.buttons import press
from bot.cards import Card, Page, Reply, Row
from bot.commands import TABLE, read
from tests.standins.slack_schema import problems


def texts(view: dict[str, object]) -> str:
    return json.dumps(view, ensure_ascii=False)


def forms_of(view: dict[str, Any]) -> list[str]:
    actions = [block for block in view["blocks"] if block["type"] == "actions"]
    pressed = [press(element) for element in actions[0]["elements"]]
    return [found.command for found in pressed if found and found.verb == "form"]


def test_a_newcomer_is_told_how_to_begin() -> None:
    view = home.home([])
    assert problems(view) == []
    assert "/papers alert add diffusion" in texts(view)


def test_every_form_on_it_is_of_a_command() -> None:
    commands = [read(text)[0] for text in forms_of(home.home([]))]
    assert len(commands) > 4
    assert all(command in TABLE for command in commands)


def test_a_section_is_named_once_and_drawn_from_the_answer() -> None:
    alerts = Reply(cards=(Card(title="2 alerts", rows=(Row(lead="#1", text="agents", detail="at once"),)),))
    view = home.home([("My alerts", alerts)])
    assert problems(view) == []
    assert "My alerts" in texts(view)
    assert "2 alerts" not in texts(view)
    assert "agents" in texts(view)


def test_a_long_list_tells_how_to_see_the_rest() -> None:
    alerts = Reply(cards=(Card(body="x"),), page=Page(number=1, total=3, next="/papers alert list page:2"))
    assert "/papers alert list page:2" in texts(home.home([("My alerts", alerts)]))


def test_more_than_a_view_holds_is_left_out_and_said() -> None:
    rows = tuple(
        Row(lead=f"{n}.", text=f"Paper {n}", detail="x", url="https://arxiv.org/abs/2611.00001") for n in range(90)
    )
    view = home.home([("Saved papers", Reply(cards=(Card(rows=rows),)))])
    assert problems(view) == []
    assert "… and more" in texts(view)
