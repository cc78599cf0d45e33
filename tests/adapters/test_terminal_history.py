"""What the terminal tells of its own history: the papers it showed in a room since a time."""

from pathlib import Path

from adapters.terminal import Terminal
from bot.cards import Card, Post, Row, fold_post
from bot.model import WATCHED, Address, Outgoing, Past
from bot.ports import History

WATCH = 50
"""When a watch shows what was posted before."""
PAPERS = Address("terminal", "local", "#papers")
CARD = Post(kind="instant", cards=(Card(title="One", url="https://huggingface.co/papers/2401.00001"),))
ROWS = Post(
    kind="instant",
    cards=(
        Card(
            rows=(
                Row(lead="1.", text="Two", url="https://arxiv.org/abs/2401.00002"),
                Row(lead="2.", text="Three", url="https://arxiv.org/abs/math/0309136"),
            )
        ),
    ),
)


async def test_papers_of_cards_and_of_lines_and_more_lines_are_told_by_room_and_time(tmp_path: Path) -> None:
    now = [0]
    terminal = Terminal(
        tmp_path / "transcript", read=lambda _: ("", {}), clock=lambda: now[0], shows_posts=False, room="#papers"
    )
    for now[0], where, post in (
        (10, PAPERS, CARD),
        (20, PAPERS, ROWS),
        (30, Address("terminal", "local", "#nlp"), CARD),
        (40, PAPERS, fold_post(3, "2026-11-23")),
        (50, PAPERS, CARD),
    ):
        payload, nonce = terminal.render(post), f"{WATCHED if now[0] == WATCH else 'n'}{now[0]}"
        await terminal.send(Outgoing(where=where, payload=payload, nonce=nonce))
    assert isinstance(terminal, History)
    newer = {"arxiv:2401.00002": 20, "arxiv:math/0309136": 20}
    assert await terminal.posted(PAPERS, 0) == Past(papers={"arxiv:2401.00001": 10, **newer}, counted=40)
    assert await terminal.posted(PAPERS, 15) == Past(papers=newer, counted=40)
    assert await terminal.posted(Address("terminal", "local", "#other"), 0) == Past()
