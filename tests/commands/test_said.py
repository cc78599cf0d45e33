"""What answers say: commands by their whole name with no prose behind, people by name, each thing once."""

import ast
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.commands import TABLE, read
from tests.commands.at_desk import Mouth, at_desk, paper, said

ROOT = Path(__file__).parents[2]
SOURCES = (*sorted((ROOT / "bot/commands").glob("*.py")), ROOT / "bot/cards.py", ROOT / "bot/app.py")
NAMED = re.compile(r"/papers((?: [a-z][a-z-]*\b(?!:))+)")
NAMES = {command.words for command in TABLE}
VERBS = ("adds", "shows", "makes", "changes", "brings", "goes", "takes", "needs", "has", "is", "asks", "opens", "tells")


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[Mouth]:
    async with at_desk(tmp_path) as mouth:
        yield mouth


def texts(path: Path) -> Iterator[str]:
    """Every text in a file that is no docstring; what is filled in stands as … in it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    pieces = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if id(node) in pieces:
            continue
        if isinstance(node, ast.JoinedStr):
            yield "".join(part.value if isinstance(part, ast.Constant) else "…" for part in node.values)  # type: ignore[misc]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and "``" not in node.value:
            yield node.value


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_a_command_in_a_text_has_its_whole_name_and_no_prose_behind_it(path: Path) -> None:
    for text in texts(path):
        for found in NAMED.finditer(text):
            words = tuple(found[1].split())
            whole = words[:2] in NAMES or words[:1] in NAMES or text[found.end() :].startswith(" …")
            assert whole or words[0] == "command", text
            assert not set(words) & set(VERBS), text


def test_every_example_has_the_whole_name_of_its_command() -> None:
    for command in TABLE:
        named, _ = read(command.example)
        assert command.example.startswith(f"/papers {named.name}"), command.example


async def test_whose_a_subscription_is_is_said_by_name_and_never_by_id(bot: Mouth) -> None:
    await bot.say("subscribe video", by="U00000010")
    (made,) = await bot.store.subscriptions.at((await bot.target()).id)
    assert (made.owner, made.owner_name) == ("U00000010", "U00000010".capitalize())
    assert "by you" in said(await bot.say("subscriptions", by="U00000010"))
    await bot.store.subscriptions.remove(made.id)
    await bot.store.subscriptions.add(
        made.target, "audio", made.cadence, owner="157", owner_name="", now=bot.now, limit=9, space_limit=9
    )
    assert "by" not in said(await bot.say("subscriptions")).split("audio")[1].split("\n")[0]


async def test_somebody_forgotten_is_named_nowhere(bot: Mouth) -> None:
    await bot.say("subscribe video")
    assert "by Mei" in said(await bot.say("subscriptions", by="kai"))
    await bot.say("me forget confirm:yes")
    assert "Mei" not in said(await bot.say("subscriptions", by="kai"))


async def test_each_persons_watches_are_numbered_from_one(bot: Mouth) -> None:
    await bot.read_day(bot.desk.today(), paper(1, "Video"), paper(2, "Audio"))
    for person in ("mei", "kai"):
        reply = await bot.say("watch add 2611.00001", by=person)
        assert reply.cards[0].buttons[0].command == "/papers watch remove 1"
    await bot.say("watch add 2611.00002", by="kai")
    listed = said(await bot.say("watch list", by="kai"))
    assert "#1 Video" in listed
    assert "#2 Audio" in listed
    assert "2611.00002 no more" in said(await bot.say("watch remove id:2", by="kai"))
    assert "#1 Video" in said(await bot.say("watch list"))


async def test_what_is_not_there_is_not_listed_to_be_forgotten(bot: Mouth) -> None:
    await bot.say("alert add video")
    asked = (await bot.say("me forget")).cards[0]
    assert all(int(row.detail) > 0 for row in asked.rows)
    assert any("alerts" in row.text for row in asked.rows)


async def test_settings_of_a_channel_are_for_managers_whatever_the_policy(bot: Mouth) -> None:
    for line in ("admin settings", "admin settings cap:3"):
        refused = await bot.say(line)
        assert refused.failed
        assert "That is for managers of this channel." in said(refused)
        assert not (await bot.say(line, manager=True)).failed
    assert not (await bot.say("subscribe video")).failed
    await bot.say("admin permissions add:@mei", admin=True)
    assert not (await bot.say("admin settings cap:4")).failed
    assert "also where everybody may manage" in said(await bot.say("help admin settings"))


async def test_notes_of_a_search_stand_on_lines_of_their_own(bot: Mouth) -> None:
    told = said(await bot.say("search titel:foo")).split("\n")
    assert told[0].endswith("(did you mean title:?).")
    assert told[1:] == ["Searched for: title:foo", "No paper here fits “titel:foo”."]
    assert 'No paper here fits ‘"unclosed’.' in said(await bot.say('search "unclosed'))
    assert "No paper here fits “graph embedding”." in said(await bot.say("search “graph embedding”"))


async def test_where_nothing_can_be_posted_a_subscribe_is_refused_once(bot: Mouth) -> None:
    reply = await bot.say("subscribe video", barred="I cannot post here.")
    assert said(reply) == "I cannot post here.\n/papers alert add video"
