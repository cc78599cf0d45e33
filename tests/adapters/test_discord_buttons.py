"""Buttons of Discord: a whole command in a ``custom_id``, and a nonce that history shows."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.discord import buttons
from bot import compose

NONCE = "abcdefghijklmnopqrstuvwx"
COMMANDS = ["", "/papers", "/papers save paper:2401.01234", "/papers admin pause-all", "/papers /help", "plain", " /x "]


def row(*names: str) -> dict[str, Any]:
    return {"type": 1, "components": [{"type": 2, "style": 2, "label": "x", "custom_id": name} for name in names]}


@given(st.sampled_from(["run", "turn", "share", "ask", "pick"]), st.text() | st.sampled_from(COMMANDS),
       st.integers(0, 99))  # fmt: skip
def test_a_press_gives_back_the_verb_and_the_command_or_the_key_it_is_remembered_under(
    verb: buttons.Verb, command: str, number: int
) -> None:
    name = buttons.custom_id(verb, command, number)
    pressed = buttons.press(name)
    assert pressed is not None
    assert pressed.verb == verb
    remembered = buttons.too_long([command])
    assert (remembered[pressed.key] if pressed.key else pressed.command) == command


@given(st.text() | st.sampled_from(COMMANDS))
def test_a_chosen_value_gives_back_its_command(command: str) -> None:
    pressed = buttons.picked(buttons.value(command))
    remembered = buttons.too_long([command], menu=True)
    assert (remembered[pressed.key] if pressed.key else pressed.command) == command
    assert pressed.verb == "run"


@given(st.text() | st.text(min_size=60).map(lambda text: f"/papers search {text}"))
def test_every_name_fits_also_with_its_nonce(command: str) -> None:
    body = {"components": [row(buttons.custom_id("turn", command, 99))]}
    sent = buttons.named(body, NONCE)["components"][0]["components"][0]["custom_id"]
    assert 1 <= len(sent.encode("utf-16-le")) // 2 <= buttons.LONGEST
    assert buttons.press(sent) == buttons.press(buttons.custom_id("turn", command, 99))
    assert len(buttons.value(command).encode("utf-16-le")) // 2 <= buttons.LONGEST


def test_everyday_commands_are_carried_whole() -> None:
    everyday = ["/papers save paper:math.GT/0309136", "/papers more date:2026-11-23", "/papers today top:50 page:3",
                '/papers search page:2 "video generation" OR "world model" votes>=10']  # fmt: skip
    assert buttons.too_long(everyday) == {}


def test_the_same_long_command_has_the_same_key_in_every_process() -> None:
    assert buttons.key("/papers search x") == "86af2938e12a97d757dc7298afead644"


def test_names_of_others_are_none_of_ours() -> None:
    assert [buttons.press(name) for name in ("", "r", "rx:save", "z1:save", "hello world", "r1save", "r100:x")] == [
        None
    ] * 7


def test_the_nonce_is_found_again_in_the_message_as_discord_returns_it() -> None:
    first, second = buttons.custom_id("run", "/papers save paper:1", 0), buttons.custom_id("run", "/papers help", 1)
    body = {"embeds": [{"title": "x"}], "components": [row(first, second), row(buttons.custom_id("pick", "", 2))]}
    sent = buttons.named(body, NONCE)
    assert buttons.nonce_of(sent) == NONCE
    assert buttons.nonce_of(body) == ""
    assert sent["components"][0]["components"][1]["custom_id"] == second
    assert sent["components"][1] == body["components"][1]


def test_a_link_in_front_does_not_hide_the_nonce_and_a_part_inside_a_container_takes_it() -> None:
    link = {"type": 1, "components": [{"type": 2, "style": 5, "label": "HF", "url": "https://huggingface.co"}]}
    inner = {"type": 9, "components": [{"type": 10, "content": "x"}], "accessory": row("r0:help")["components"][0]}
    body = {"components": [link, {"type": 17, "components": [inner]}]}
    assert buttons.nonce_of(buttons.named(body, NONCE)) == NONCE


@pytest.mark.parametrize("content", ["", "Text only."])
def test_a_message_without_buttons_says_its_nonce_in_small(content: str) -> None:
    sent = buttons.named({"content": content}, NONCE)
    assert buttons.nonce_of(sent) == NONCE
    assert sent["content"].startswith(content)


def test_the_room_for_a_nonce_is_what_the_core_makes() -> None:
    assert compose._NONCE <= buttons.NONCE
