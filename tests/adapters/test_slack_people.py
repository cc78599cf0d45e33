"""People and groups: ids where the core wants them, names where people read, and nothing that rings nobody."""

import pytest

from adapters.slack import people
from adapters.slack.mrkdwn import mention
from bot.cards import Button, Card, Reply, Row
from bot.commands import TABLE
from bot.errors import CommandError

SUBSCRIBE = next(command for command in TABLE if command.name == "subscribe")
PERMISSIONS = next(command for command in TABLE if command.name == "admin permissions")


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("<!subteam^S0123456|@nlp>", "<!subteam^S0123456|@nlp>"),
        ("<@U0123456|mei>", "<@U0123456|mei>"),
        ("S0123456", "<!subteam^S0123456>"),
        ("@U0123456", "<@U0123456>"),
        ("off", "off"),
        ("None", "None"),
    ],
)
def test_whom_to_mention_is_kept_as_something_that_rings(said: str, kept: str) -> None:
    options = people.taken(SUBSCRIBE, {"query": "diffusion", "mention": said})
    assert options == {"query": "diffusion", "mention": kept}
    assert mention(kept) or kept.lower() in {"off", "none"}


@pytest.mark.parametrize("said", ["@readers", "readers", "@here", "<!here>", "everyone", "SAM", "<@U0123456> <!here>"])
def test_whom_slack_would_not_call_is_refused_with_what_to_do(said: str) -> None:
    with pytest.raises(CommandError, match="mention:") as caught:
        people.taken(SUBSCRIBE, {"query": "diffusion", "mention": said})
    assert "S012AB3CD" in str(caught.value)


def test_a_person_is_an_id_however_they_were_named() -> None:
    for said in ("<@U0123456|mei>", "<@U0123456>", "U0123456"):
        assert people.taken(PERMISSIONS, {"add": said}) == {"add": "U0123456"}


def test_answers_have_names_for_ids_and_never_markup_while_buttons_and_papers_stay_as_they_are() -> None:
    undo = Button("Undo", "/papers edit id:1 mention:<!subteam^S0123456|@nlp>")
    listed = Row(lead="#1", text="diffusion", detail="mentions <!subteam^S0123456|@nlp> · by U0000042")
    paper = Row(lead="1.", text="On U0000042", url="https://arxiv.org/abs/2611.00001")
    card = Card(
        title="1 subscription", rows=(listed, paper), body="Ask <@U0000043> or <!subteam^S999>.", buttons=(undo,)
    )
    reply = Reply(cards=(card, Card(title="U0000042", url="https://x.org")), public="kai subscribed <@U0000042>")
    assert people.named_in(reply) == ["U0000042", "U0000043"]
    said = people.told(reply, {"U0000042": "mei"})
    first, second = said.cards
    assert first.rows[0].detail == "mentions @nlp · by @mei"
    assert (first.rows[1], first.buttons, second.title) == (paper, (undo,), "U0000042")
    assert first.body == "Ask U0000043 or S999."
    assert said.public == "kai subscribed @mei"


def test_not_more_people_are_looked_up_than_a_few() -> None:
    names = " ".join(f"U{n:08}" for n in range(50))
    assert len(people.named_in(Reply(cards=(Card(body=names),)))) == people.MOST
