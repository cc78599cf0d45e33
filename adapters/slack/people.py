"""People and groups in commands and answers: ids where the core wants them, names where people read. Pure.

Slack names nobody in a text but by an id, and a name typed in a form stays a text that rings nobody.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from adapters.slack.mrkdwn import mention, unmarked
from bot.cards import Card, Reply, Row
from bot.commands.table import Command
from bot.errors import CommandError

MOST = 10
"""Ids in one answer that are looked up."""
_ID = re.compile(r"\b[UW](?=[A-Z]*\d)[A-Z0-9]{7,20}\b")
_BARE = re.compile(r"@?((?P<group>S)|[UW])(?=[A-Z]*\d)[A-Z0-9]{7,20}")
_MARKED = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>")
_NOBODY = {"", "off", "none"}


def taken(command: Command, options: Mapping[str, str]) -> dict[str, str]:
    """The options as the core takes them: a person is an id, and whom to mention is markup that can ring.

    Raises ``CommandError`` for a mention that never would.
    """
    read = dict(options)
    for option in command.options:
        said = read.get(option.name, "").strip()
        if said and option.kind == "person":
            read[option.name] = _MARKED.sub(r"\1", said)
        elif said.lower() not in _NOBODY and option.name == "mention":
            read[option.name] = _ringing(said)
    return read


def _ringing(said: str) -> str:
    if bare := _BARE.fullmatch(said):
        id = said.lstrip("@")
        return f"<!subteam^{id}>" if bare["group"] else f"<@{id}>"
    if mention(said):
        return said
    raise CommandError(
        f'mention: needs a person or a group of this workspace, and "{said[:80]}" is none that Slack would call. Type '
        "the whole command in the message box and pick whom Slack offers behind mention:@, or give an id such as "
        "S012AB3CD (a group) or U012AB3CD (a person), which their profile has under Copy ID."
    )


def named_in(reply: Reply) -> list[str]:
    """The ids of people in an answer that stand where a name should, each once, at most ``MOST``."""
    found: dict[str, None] = {}
    _told(reply, lambda text: found.update(dict.fromkeys(_ID.findall(text))) or text)
    return list(found)[:MOST]


def told(reply: Reply, names: Mapping[str, str]) -> Reply:
    """An answer with names for ids. What papers say and what buttons do stays as it is."""

    def spoken(text: str) -> str:
        return _ID.sub(lambda found: f"@{names[found[0]]}" if found[0] in names else found[0], unmarked(text, names))

    return _told(reply, spoken)


def _told(reply: Reply, spoken: Callable[[str], str]) -> Reply:
    cards = tuple(card if card.url else _card(card, spoken) for card in reply.cards)
    return replace(reply, cards=cards, public=spoken(reply.public))


def _card(card: Card, spoken: Callable[[str], str]) -> Card:
    rows = tuple(row if row.url else _row(row, spoken) for row in card.rows)
    return replace(card, title=spoken(card.title), body=spoken(card.body), rows=rows, code=spoken(card.code))


def _row(row: Row, spoken: Callable[[str], str]) -> Row:
    return replace(row, text=spoken(row.text), detail=spoken(row.detail))
