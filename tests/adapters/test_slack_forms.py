"""Any command of the table as a form, and back."""

from typing import Any

import pytest

from adapters.slack import forms
from bot.commands import TABLE
from bot.commands.table import Command, Option
from bot.model import Offer
from tests.standins.slack_schema import problems

WITH_OPTIONS = [command for command in TABLE if command.options]


def named(name: str) -> Command:
    return next(command for command in TABLE if command.name == name)


def value_of(option: Option) -> str:
    return option.choices[-1] if option.choices else "U0123456" if option.kind == "person" else f"a {option.name}"


def inputs(view: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {block["block_id"]: block for block in view["blocks"] if block["type"] == "input"}


def typed(view: dict[str, Any]) -> dict[str, Any]:
    """The view as Slack sends it back when nothing was changed."""
    state = {name: {block["element"]["action_id"]: held(block["element"])} for name, block in inputs(view).items()}
    kept = {key: view[key] for key in ("callback_id", "private_metadata")}
    return {**kept, "state": {"values": state}}


def held(element: dict[str, Any]) -> dict[str, Any]:
    kind = element["type"]
    if kind == "plain_text_input":
        return {"type": kind, "value": element.get("initial_value")}
    if kind == "users_select":
        return {"type": kind, "selected_user": element.get("initial_user")}
    return {"type": kind, "selected_option": element.get("initial_option")}


@pytest.mark.parametrize("command", TABLE, ids=lambda command: command.name)
def test_every_command_is_a_form_slack_takes_and_comes_back_as_it_was(command: Command) -> None:
    shown = [option for option in command.options if not option.silent]
    options = {option.name: value_of(option) for option in shown}
    view = forms.form(command, options, "where")
    assert problems(view) == []
    assert list(inputs(view)) == [option.name for option in shown]
    assert forms.submitted(typed(view)) == (command.name, options, "where")


@pytest.mark.parametrize("command", TABLE, ids=lambda command: command.name)
def test_every_form_can_be_opened_empty(command: Command) -> None:
    view = forms.form(command, {}, "")
    assert problems(view) == []
    assert forms.submitted(typed(view)) == (command.name, {}, "")


@pytest.mark.parametrize("command", WITH_OPTIONS, ids=lambda command: command.name)
def test_inputs_with_offers_say_whose_they_are(command: Command) -> None:
    kinds = ("paper", "subscription", "alert", "watch", "timezone", "date", "week", "month")
    wanted = [option.name for option in command.options if option.kind in kinds and not option.silent]
    asking = [
        b["element"] for b in inputs(forms.form(command, {}, "")).values() if b["element"]["type"] == "external_select"
    ]
    asked = [forms.asked_offers({"action_id": element["action_id"], "value": "sca"}) for element in asking]
    assert asked == [(command.name, name, "sca") for name in wanted]


def test_only_what_is_needed_must_be_filled_in() -> None:
    fields = inputs(forms.form(named("subscribe"), {}, ""))
    assert [name for name, block in fields.items() if not block["optional"]] == ["query"]
    assert fields["every"]["element"]["type"] == "static_select"
    assert fields["query"]["element"]["placeholder"]["text"] == '"video generation" -survey votes>=10'


def test_a_value_too_long_for_a_menu_is_kept_as_text() -> None:
    title = "A title of many words " * 8
    view = forms.form(named("show"), {"paper": title}, "")
    assert problems(view) == []
    assert forms.submitted(typed(view))[1] == {"paper": title.strip()}


def test_a_form_of_no_command_is_refused() -> None:
    with pytest.raises(ValueError, match="no command"):
        forms.submitted({"callback_id": "pb.form.rm", "state": {}})
    with pytest.raises(ValueError, match="no offers"):
        forms.asked_offers({"action_id": "pb.value"})


def test_a_context_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="too long"):
        forms.form(named("subscribe"), {}, "x" * 3001)


@pytest.mark.parametrize(
    ("text", "block"),
    [
        ('every: can be instant, daily, weekly, not "x".', "every"),
        ('I do not know the field "auther:".', "query"),
        ("at: takes an hour such as 09:00.", "at"),
        ('I cannot read "25" as a time of day.', "at"),
        ("Something broke (ref 7f3a).", "query"),
    ],
)
def test_an_error_stands_at_the_input_it_is_about(text: str, block: str) -> None:
    view = typed(forms.form(named("subscribe"), {"query": "x", "at": "25"}, ""))
    assert forms.errors(view, text) == {"response_action": "errors", "errors": {block: text}}


def test_an_error_of_a_form_without_inputs_takes_its_place() -> None:
    answer = forms.errors(typed(forms.form(named("me show"), {}, "")), "Something broke.")
    assert answer["response_action"] == "update"
    assert problems(answer) == []


def test_offers_fill_a_menu_and_what_was_typed_can_be_chosen_too() -> None:
    offers = [Offer("A paper " * 30, "2611.00001"), Offer("too long", "x" * 76)]
    answer = forms.choices(offers, "2611.0")
    assert problems(answer) == []
    assert [option["value"] for option in answer["options"]] == ["2611.00001", "2611.0"]
    assert forms.choices(offers, "2611.00001")["options"] == forms.choices(offers)["options"]
    assert len(forms.choices([Offer(f"{n}", f"{n}") for n in range(200)], "x")["options"]) == 100
