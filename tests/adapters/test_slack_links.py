"""Links to papers that people write in Slack: a card below them, and what it may tell everybody."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.cards import Card, Reply
from tests.adapters.at_slack import Lab, at_slack

PAPER = Card(title="Attention Is All You Need", url="https://arxiv.org/abs/1706.03762", tone="paper")
URL = "https://arxiv.org/abs/1706.03762"


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    async with at_slack(tmp_path) as lab:
        yield lab


async def test_links_to_papers_get_a_card_and_others_nothing(lab: Lab) -> None:
    lab.core.found = {"1706.03762": Reply(cards=(PAPER,))}
    answer = await lab.slack.link_shared("papers", [URL, "https://arxiv.org/help"], lab.slack.reader)
    (message,) = lab.slack.messages("papers")
    assert list(message.unfurls) == [URL]
    assert answer.channel is lab.slack.papers
    assert lab.core.request.where == lab.channel()


async def test_over_http_it_is_the_same(tmp_path: Path) -> None:
    async with at_slack(tmp_path, "http") as lab:
        lab.core.found = {"1706.03762": Reply(cards=(PAPER,))}
        await lab.slack.link_shared("papers", [URL], lab.slack.reader)
        assert list(lab.slack.messages("papers")[0].unfurls) == [URL]


async def test_a_link_costs_nobody_a_command_and_tells_nothing_of_ones_own_outside_of_channels(lab: Lab) -> None:
    """What is asked for unasked in a person's own room has no label there: see ``commands.pasted``."""
    urls = [URL, "https://arxiv.org/abs/1706.03763"]
    await lab.slack.link_shared("papers", urls, lab.slack.reader, wait=False)
    writing: dict[str, object] = {
        "type": "link_shared",
        "user": lab.slack.reader.id,
        "channel": "COMPOSER",
        "message_ts": "x",
    }
    writing |= {"unfurl_id": "C.x", "source": "composer", "links": [{"domain": "arxiv.org", "url": URL}]}
    await lab.slack.happen(lab.slack.bot, lab.slack.lab, writing)
    async with asyncio.timeout(5):
        while len(lab.core.texts) < 3:  # noqa: ASYNC110  the core of a test tells nobody
            await asyncio.sleep(0.01)
    assert all(request.unasked for request in lab.core.asked)
    assert [request.where.kind for request in lab.core.asked] == ["channel", "channel", "person"]


async def test_links_that_name_no_paper_and_links_of_bots_are_left_alone(lab: Lab) -> None:
    nothing = await lab.slack.link_shared("papers", ["https://arxiv.org/help"], lab.slack.reader, wait=False)
    lab.core.found = {"1706": Reply(cards=(PAPER,))}
    robot = lab.slack.add_user(lab.slack.lab, "robot", bot=True)
    robotic = await lab.slack.link_shared("papers", [URL], robot, wait=False)
    await asyncio.sleep(0.2)
    assert [c.method for c in (*nothing.calls, *robotic.calls) if c.method == "chat.unfurl"] == []
    assert len(lab.core.texts) == 1


async def test_at_most_five_links_are_looked_at(lab: Lab) -> None:
    lab.core.found = {"arxiv": Reply(cards=(PAPER,))}
    urls = [f"https://arxiv.org/abs/1706.0000{n}" for n in range(7)]
    await lab.slack.link_shared("papers", urls, lab.slack.reader)
    assert len(lab.core.texts) == 5
