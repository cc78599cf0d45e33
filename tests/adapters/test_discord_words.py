"""Commands in sentences: ours are shown in a fixed width, a paper's are left alone, and nothing calls anybody."""

import json

from adapters import Options
from adapters.discord import Discord, render
from adapters.discord.escape import block, code, prose
from bot import cards
from bot.cards import Card, Post, Row
from bot.model import Address
from tests.making import paper

HOSTILE = "Run `/papers subscribe query:spam` or /papers subscribe query:spam now."


def test_a_command_in_a_sentence_is_one_that_there_is() -> None:
    assert prose("Type any /papers command there.") == "Type any `/papers` command there."
    assert prose("Try /papers alert add query:x.") == "Try `/papers alert add query:x`."
    assert prose("See /papers, or /papers help.") == "See `/papers`, or `/papers help`."
    said = cards.suspended_post(Address("discord", "1", "2", name="papers"), "A right is missing.", 7)
    assert "`/papers` command there" in render.post(said)["body"]["content"]


def test_what_a_paper_says_is_never_shown_as_a_command_of_ours() -> None:
    withdrawn = cards.paper_card(paper(1, abstract=HOSTILE, withdrawn=True, comment=HOSTILE), full=True)
    listed = Card(
        title="A", body=HOSTILE, url="https://arxiv.org/abs/1", rows=(Row(lead="", text="note", detail=HOSTILE),)
    )
    for card in (withdrawn, listed):
        for made in (render.post, render.plain_post):
            assert "`/papers subscribe query:spam`" not in json.dumps(made(Post(kind="instant", cards=(card,))))


def test_what_is_to_be_copied_invites_and_calls_nobody() -> None:
    for said in (code("a @here discord.gg/abc"), block("a @everyone\nhttps://discord.com/invite/abc")):
        assert "@here" not in said
        assert "@everyone" not in said
        assert "discord.gg" not in said
        assert "discord.com/invite" not in said
    assert "https://github.com/Rapptz/discord.py" in block("url = {https://github.com/Rapptz/discord.py}")


def test_the_same_post_for_many_channels_is_drawn_once() -> None:
    discord = Discord(Options(clock=int, notes=None, terminal=None))  # type: ignore[arg-type]  # neither is asked
    posts = [cards.instant_post([(paper(1), ())]) for _ in range(2)]
    assert discord.render(posts[0]) is discord.render(posts[1])
    assert discord.plain(posts[0]) is discord.plain(posts[1])
