"""What is played for the pictures of the chats: one week of the sample edition, the same on both platforms.

A scene is a list of things to look at. What a chat does is in ``lab.py``; a new picture is a line or a function here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from bot.model import Paper
from docs.pictures import hard
from docs.pictures.lab import Chat, Lab, Slack
from docs.pictures.shown import Shown

FIRST, EVE, LAST = date(2026, 7, 6), date(2026, 7, 9), date(2026, 7, 10)
LATE_CODE = "arxiv:2607.08758"
"""A paper whose code is kept back until its card was posted."""
TRENDING = ("2607.03118", "2607.07675", "2607.07534", "2601.16211", "2607.08770")

SUBSCRIBED: Mapping[str, str] = {
    "video": '/papers subscribe "video generation"',
    "lineage": "/papers subscribe lineage",
    "digest": "/papers subscribe * every:daily at:09:00 max:10",
    "robots": "/papers subscribe robot* OR embodied every:daily at:09:00",
    "hard": "/papers subscribe hardcase",
}
"""By room, what is subscribed there on the eve of the last day."""

TYPED: Mapping[str, Sequence[str]] = {
    "today": ["/papers today top:5"],
    "search": ["/papers search world model"],
    "trending": ["/papers trending top:5"],
    "full-card": ["/papers show 2607.03118"],
    "preview": ["/papers preview agent votes>=5"],
    "why": ["/papers why 2607.03118", "/papers why 2607.08758"],
    "subscribe": ["/papers subscribe agent -survey votes>=10 every:daily at:09:00"],
    "subscriptions": ["/papers subscriptions"],
    "help": ["/papers help"],
    "status": ["/papers status"],
    "cite": ["/papers cite 2607.03118"],
    "settings": ["/papers-admin settings"],
    "errors": [
        '/papers subscribe auther:"Y. LeCun" -survey',
        "/papers show 2607.99999",
        "/papers unsubscribe 7",
        "/papers subscribe -survey",
    ],
}
"""Typed on the last day, in this order: a later picture knows what an earlier one did."""
QUESTION = "Has anybody read https://arxiv.org/abs/2607.03118 or 2607.08758v1?"
HARD = ("/papers show 2607.99901", "/papers show 2607.99903", "/papers show 2607.99907")


async def play(lab: Lab) -> dict[str, dict[str, list[Shown]]]:
    """All scenes: by platform, then by name."""
    await _week(lab)
    await _last_day(lab)
    played = {chat.name: {**_posted(chat), **await _asked(chat)} for chat in lab.chats}
    await lab.read(hard.edition(LAST))
    for chat in lab.chats:
        full = [shown for line in HARD for shown in await chat.typed(line, "hard")]
        played[chat.name] |= {"hard": chat.posts("hard"), "hard-full": full}
    return played


async def _week(lab: Lab) -> None:
    """The days before, unannounced, and then the subscriptions."""
    while lab.clock.at.date() < LAST - timedelta(days=1):
        await lab.read_day(lab.clock.at.date())
        await lab.pass_time(days=1)
    for chat in lab.chats:
        await chat.typed("/papers-admin settings format:thread", "robots")
        for room, line in SUBSCRIBED.items():
            await chat.typed(line, room)
    await lab.read_day(EVE)


async def _last_day(lab: Lab) -> None:
    """The list comes in the morning, without one paper's code; the digests follow, then the code."""
    await lab.pass_time(hours=16)
    edition = await lab.bot.sources["sample"].edition(LAST)
    await lab.read(replace(edition, papers=tuple(map(_without_late_code, edition.papers))))
    await lab.pass_time(minutes=30)
    await lab.read(edition)
    await lab.pass_time(minutes=30)
    await lab.bot.poll()
    await lab.read_trending([await lab.paper(f"arxiv:{name}") for name in TRENDING])
    await lab.pass_time(hours=3)


def _without_late_code(paper: Paper) -> Paper:
    return replace(paper, links=replace(paper.links, code="")) if paper.key == LATE_CODE else paper


def _posted(chat: Chat) -> dict[str, list[Shown]]:
    """What was posted in the rooms; papers on a phone too."""
    compact, digest = chat.posts("video"), chat.posts("digest")
    return {
        "compact": compact,
        "compact-phone": compact,
        "digest": digest,
        "digest-phone": digest,
        "thread": chat.posts("robots"),
        "living": chat.posts("lineage"),
    }


async def _asked(chat: Chat) -> dict[str, list[Shown]]:
    """What was answered, in the room of the first picture."""
    answered = {name: [s for line in lines for s in await chat.typed(line, "video")] for name, lines in TYPED.items()}
    answered["look-up"] = await chat.looked_up(QUESTION, "video")
    return {**answered, **(await _on_slack_alone(chat) if isinstance(chat, Slack) else {})}


async def _on_slack_alone(slack: Slack) -> dict[str, list[Shown]]:
    """What Discord has no place for."""
    await slack.typed("/papers alert add speculative decoding every:weekly")
    await slack.typed("/papers watch 2607.05147 code:yes")
    await slack.typed('/papers save 2607.03118 note:"for the reading group"')
    return {
        "form": await slack.form("/papers subscribe", query="diffusion -survey", every="daily"),
        "home": await slack.home(),
        "unfurl": await slack.pasted("https://huggingface.co/papers/2607.03118", "video"),
    }
