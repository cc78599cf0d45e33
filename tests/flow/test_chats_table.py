"""One table, two natives: every command is reached at Discord and at Slack by the same words, and means the same.

The whole Paperboy runs; between each platform and the core stands a scribe who writes down what was asked and answered.
"""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio

from bot.bot import Bot, Door
from bot.cards import Reply
from bot.commands import TABLE, write
from bot.commands.table import Command, OptionKind
from bot.model import Request
from tests.flow.chats import Chats, items, opened, standing, words

KEY = items()[0]["paper"]["id"]
VALUES: Mapping[OptionKind, str] = {
    "text": "reading group", "query": '"world model" -survey', "paper": KEY, "subscription": "1", "alert": "1",
    "watch": "1", "date": "yesterday", "week": "last", "month": "last", "number": "3", "time": "18:00",
    "hours": "22:00-08:00", "until": "tomorrow", "timezone": "Europe/Berlin", "span": "30d",
}  # fmt: skip

pytestmark = pytest.mark.asyncio(loop_scope="module")
every_command = pytest.mark.parametrize("command", TABLE, ids=lambda command: command.name.replace(" ", "-"))


class Scribe(Door):
    """The core as a platform sees it, with a memory."""

    def __init__(self, bot: Bot, platform: str) -> None:
        super().__init__(bot, platform)
        self.heard: list[tuple[Request, Reply]] = []

    async def handle(self, request: Request) -> Reply:
        reply = await super().handle(request)
        self.heard.append((request, reply))
        return reply


@dataclass
class Both:
    """A Paperboy, and by platform what was asked of it."""

    chats: Chats
    scribes: dict[str, Scribe] = field(default_factory=dict)

    def door(self, bot: Bot, platform: str) -> Scribe:
        return self.scribes.setdefault(platform, Scribe(bot, platform))

    def heard(self, platform: str) -> tuple[Request, Reply]:
        """The last request, with its reply."""
        return self.scribes[platform].heard[-1]

    def person(self, platform: str) -> str:
        return str(self.chats.member.id) if platform == "discord" else self.chats.slack.reader.id

    def values(self, command: Command, platform: str, *, all: bool) -> dict[str, str]:
        """Something for what a command needs, or for everything it takes."""
        some = [o for o in command.options if not o.silent and (all or o.required)]
        known = {**VALUES, "person": self.person(platform)}
        given = {o.name: o.choices[-1] if o.choices else known[o.kind] for o in some}
        # A platform takes nobody for a mention but whom it can call, and says who that is.
        member = self.chats.member
        called = {"slack": "<!subteam^S0123456>", "discord": f"<@{member.id}|@{member.name}>"}
        return given | ({"mention": called[platform]} if "mention" in given else {})


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def both(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Both]:
    async with standing(tmp_path_factory.mktemp("table")) as chats:
        both = Both(chats)
        async with opened(chats, both.door):
            await chats.news(*items())
            yield both


# --- the same words ---------------------------------------------------------------------------------------------------


def opens_its_form(command: Command) -> bool:
    """Where it is given bare, at Slack."""
    return command.form and not any(option.required for option in command.options)


@pytest.mark.parametrize(
    ("command", "all"), [(c, all) for c in TABLE for all in (False, True) if all or not opens_its_form(c)]
)
async def test_a_command_means_the_same_chosen_at_discord_and_typed_at_slack(
    both: Both, command: Command, all: bool
) -> None:
    chosen, typed = (both.values(command, platform, all=all) for platform in ("discord", "slack"))
    at_discord = await both.chats.say(command.name, where=both.chats.room, **_native(command, chosen))
    asked, reply = both.heard("discord")
    line = write(command, typed).removeprefix("/papers ")
    at_slack = await both.chats.enter(line)
    again, same = both.heard("slack")
    assert asked.command == again.command == command.name
    assert (asked.options, again.options) == (chosen, typed)
    assert _told(reply) <= _read(at_discord.text + str([m.embeds for m in at_discord.messages]))
    assert _told(same) <= _read(words(at_slack))


def _native(command: Command, options: Mapping[str, str]) -> dict[str, Any]:
    """As Discord sends them: numbers are numbers there."""
    return {n: int(v) if (o := command.option(n)) and o.kind == "number" else v for n, v in options.items()}


def _told(reply: Reply) -> set[str]:
    """The words that an answer begins with."""
    first = reply.cards[0]
    return set(list(_read(f"{first.title} {first.body}"))[:8])


def _read(text: str) -> set[str]:
    return set(re.findall(r"[a-z]{4,}", text.lower()))


# --- forms ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [c for c in TABLE if c.form], ids=lambda command: command.name.replace(" ", "-"))
async def test_a_form_has_every_option_by_its_name_and_asks_the_same(both: Both, command: Command) -> None:
    form = (await both.chats.enter(" ".join(command.words))).view
    shown = [block["block_id"] for block in form.body["blocks"] if block["type"] == "input"]
    assert shown == [option.name for option in command.options if not option.silent]
    values = both.values(command, "slack", all=True)
    elements = {
        block["block_id"]: block["element"]["type"] for block in form.body["blocks"] if block["type"] == "input"
    }
    await both.chats.slack.submit(form, {n: _entered(elements[n], v) for n, v in values.items()}, wait=False)
    asked, _ = both.heard("slack")
    assert (asked.command, dict(asked.options)) == (command.name, values)


def _entered(element: str, value: str) -> object:
    """What a menu that asks the app would have offered for what was typed."""
    return {"text": {"type": "plain_text", "text": value}, "value": value} if element == "external_select" else value


# --- help -------------------------------------------------------------------------------------------------------------


@every_command
async def test_help_tells_of_a_command_with_its_options_at_both(both: Both, command: Command) -> None:
    here = await both.chats.say("help", where=both.chats.room, topic=command.name)
    there = await both.chats.enter(f"help {command.name}")
    wanted = {command.name, command.example.split()[-1], *(f"{o.name}:" for o in command.options if not o.silent)}
    for text in (here.text + str([m.embeds for m in here.messages]), words(there)):
        plain = text.replace("\\", "").replace("\u2060", "").replace("\u200b", "")
        assert [word for word in wanted if word.rstrip(":") not in plain] == []


async def test_no_platform_offers_a_command_that_the_table_has_not(both: Both) -> None:
    offered = {name for top in both.chats.discord.commands for name in _paths(top, ())}
    table = {("papers-admin", *c.words[1:]) if c.room == "admin" else ("papers", *c.words) for c in TABLE}
    assert offered == table | {("Look up papers here",)}


def _paths(command: Mapping[str, Any], before: tuple[str, ...]) -> set[tuple[str, ...]]:
    inner = [o for o in command.get("options") or [] if o["type"] in {1, 2}]
    here = (*before, command["name"])
    return {path for child in inner for path in _paths(child, here)} if inner else {here}
