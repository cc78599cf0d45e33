"""The one door to all commands: rights, rate, options, and what every kind of failure says."""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bot import meters
from bot.commands import TABLE, broke, handle, read, refusal, write
from bot.commands.sound import check
from bot.commands.table import Command, Desk, Option
from bot.errors import CommandError, ReadOnlyError, StoreError
from bot.model import Address, Person, Request, Space
from bot.query import parse
from bot.store.sqlite import open_store
from tests.commands.at_desk import LAB, MONDAY, Mouth, at_desk, ms, paper, said


@pytest.fixture
async def mouth(tmp_path: Path) -> AsyncIterator[Mouth]:
    async with at_desk(tmp_path) as mouth:
        yield mouth


@dataclass
class Failing:
    """The parts of a store that fail in one way, but for the count of commands."""

    error: BaseException

    async def days(self, *_: object) -> list[object]:
        raise self.error

    async def target(self, *_: object) -> object:
        raise self.error

    async def find_target(self, *_: object) -> object:
        return None

    async def spend(self, *_: object, **__: object) -> bool:
        return True

    async def space(self, platform: str, space: str) -> Space:
        return Space(platform=platform, space=space)


def failing_desk(error: BaseException) -> Desk:
    part = Failing(error)
    store: Any = SimpleNamespace(papers=part, subscriptions=part, people=part)
    return Desk(store=store, clock=lambda: ms(MONDAY))


def request(text: str, **more: Any) -> Request:
    command, options = read(text)
    given = {"person": Person("tower", "lab", "mei"), "where": Address("tower", "lab", "papers"), **more}
    return Request(command=command.name, options=options, **given)


# --- failures ---------------------------------------------------------------------------------------------------------


async def test_an_unexpected_failure_gives_a_ref_that_the_log_has_too(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        reply = await handle(failing_desk(ZeroDivisionError("boom")), request("today"))
    ref = re.search(r"Something broke \(ref ([0-9a-f]{4})\)\. The log has the details under", said(reply))
    assert ref
    assert reply.failed
    assert reply.private
    assert caplog.records[-1].ref == ref[1]  # type: ignore[attr-defined]
    assert "boom" in caplog.text


async def test_a_failing_database_gives_a_ref_too_and_its_own_words_are_for_the_log_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING):
        reply = await handle(failing_desk(StoreError("/srv is full.")), request("subscribe private words"))
    [record] = caplog.records
    ref = record.__dict__["ref"]
    assert said(reply) == f"The database failed (ref {ref}), so nothing was done. Try again in a minute."
    assert reply.failed
    logged = {name: record.__dict__[name] for name in ("command", "platform", "space", "error")}
    assert logged == {
        "command": "subscribe",
        "platform": "tower",
        "space": "lab",
        "error": "/srv is full.",
    }
    assert (record.message, record.levelname, record.exc_info) == ("command.not_stored", "ERROR", None)
    assert "private words" not in str(record.__dict__)


async def test_commands_are_timed_and_their_failures_counted_by_names_of_the_table_alone() -> None:
    def failed(command: str, kind: str) -> float:
        labels = {"command": command, "kind": kind}
        return meters.REGISTRY.get_sample_value("paperboy_commands_failed_total", labels) or 0

    def timed(command: str) -> float:
        return meters.REGISTRY.get_sample_value("paperboy_command_seconds_count", {"command": command}) or 0

    before = [failed("today", "store"), failed("today", "broke"), failed("unknown", "mistake"), timed("today")]
    await handle(failing_desk(StoreError("full")), request("today"))
    await handle(failing_desk(ZeroDivisionError("boom")), request("today"))
    await handle(failing_desk(ZeroDivisionError("boom")), replace(request("today"), command="private words"))
    after = [failed("today", "store"), failed("today", "broke"), failed("unknown", "mistake"), timed("today")]
    assert [now - then for now, then in zip(after, before, strict=True)] == [1, 1, 1, 2]
    assert timed("private words") == 0


def test_what_breaks_is_counted_only_where_it_was_a_command_and_by_a_name_of_the_table() -> None:
    def counted() -> dict[str, float]:
        samples = [sample for family in meters.REGISTRY.collect() for sample in family.samples]
        failed = [s for s in samples if s.name == "paperboy_commands_failed_total" and s.labels["kind"] == "broke"]
        return {s.labels["command"]: s.value for s in failed}

    before = counted()
    for command in ("", "today", "pasted", "words that somebody typed"):
        broke("command.broke", ZeroDivisionError("boom"), command=command, platform="tower")
    after = counted()
    assert {c: n - before.get(c, 0) for c, n in after.items() if n != before.get(c, 0)} == {
        "today": 1,
        "pasted": 1,
        "unknown": 1,
    }


async def test_a_database_held_by_another_paperboy_says_where_to_type_it() -> None:
    reply = await handle(failing_desk(ReadOnlyError("read-only")), request("subscribe video every:daily"))
    assert said(reply) == (
        "Another Paperboy is running on this database. Type it there: /papers subscribe every:daily video"
    )
    assert reply.failed


async def test_cancelling_is_never_swallowed() -> None:
    with pytest.raises(asyncio.CancelledError):
        await handle(failing_desk(asyncio.CancelledError()), request("today"))


async def test_a_command_no_table_has_is_refused(mouth: Mouth) -> None:
    reply = await handle(mouth.desk, replace(request("today"), command="fly"))
    assert said(reply).startswith('I do not know the command "fly".')


def test_a_refusal_offers_the_mended_command_to_copy_and_to_press() -> None:
    reply = refusal(CommandError("No.", mended="/papers today"))
    assert reply.cards[0].code == reply.cards[0].buttons[0].command == "/papers today"
    assert reply.failed
    assert reply.private
    assert reply.data == {"error": "No.", "mended": "/papers today"}


# --- options ----------------------------------------------------------------------------------------------------------


async def test_an_option_that_is_needed_is_asked_for_with_an_example(mouth: Mouth) -> None:
    reply = await mouth.say("show")
    assert "Something is missing: paper (an arXiv id, an address, or a title)." in said(reply)
    assert "For example: /papers show 1706.03762" in said(reply)
    assert reply.cards[0].code == "/papers help show"


async def test_an_example_is_never_put_under_a_finger(mouth: Mouth) -> None:
    """Its number names somebody's subscription."""
    for query in ("video", "audio", "text"):
        await mouth.say(f"subscribe {query}")
    for line in ("unsubscribe", "unsubscribe id:", "unsubscribe colour:red 3", "edit", "pause", "resume"):
        reply = await mouth.say(line)
        assert reply.failed
        assert [button.command for card in reply.cards for button in card.buttons] == ["/papers subscriptions"], line
    assert len(await mouth.store.subscriptions.at((await mouth.target()).id)) == 3


@pytest.mark.parametrize("line", [c.name for c in TABLE if any(o.required for o in c.options)])
async def test_what_is_missing_is_never_filled_in_with_the_example(mouth: Mouth, line: str) -> None:
    reply = await mouth.say(line, admin=True)
    assert reply.failed
    command, options = read(reply.cards[0].code)
    assert not command.writes
    assert not any(option.required and option.name not in options for option in command.options)


_SLIPS = (
    "", "foo", "-1", "99999999999", "25:00", "yesterdy", "2026-W99", "OR", "author:", "is:foo", "source:xx",
    "votes>=99999999999", '"', "(a", "-a", "Europe/Berlim", "auther:x evry:daily", "x" * 300, "at: at:",
)  # fmt: skip


@pytest.mark.parametrize("command", TABLE, ids=lambda command: command.name.replace(" ", "-"))
async def test_whatever_line_is_offered_works(mouth: Mouth, command: Command) -> None:
    """It reads as a command, its query parses, and only the command that was typed may change anything."""
    for slip in _SLIPS:
        for option in command.options or (None,):
            needed = {o.name: _value(o) for o in command.options if o.required and o is not option}
            line = f"{write(command, needed)} {option.name + ':' if option else ''}{slip}"
            for button in [b for card in (await mouth.say(line, admin=True)).cards for b in card.buttons]:
                offered, options = read(button.command)
                for name in [o.name for o in offered.options if o.kind == "query" and o.name in options]:
                    assert parse(options[name], limit=200)
                if button.label == "Do this instead":
                    twin = command.name in ("subscribe", "alert add") and offered.words[-1] == "edit"
                    assert offered.name == command.name or twin or not offered.writes, line
                    _has_readable_values(offered, options)


def _has_readable_values(command: Command, options: Mapping[str, str]) -> None:
    for name, value in options.items():
        option = command.option(name)
        assert option is not None
        if not option.silent:
            check(option, value, ms(MONDAY), 200)


def _value(option: Option) -> str:
    known = {"id": "1", "paper": "2611.00001", "query": "audio", "text": "version = 1", "confirm": "yes"}
    return option.choices[0] if option.choices else known.get(option.name, "09:00")


async def test_a_yes_is_never_put_into_anybodys_mouth(mouth: Mouth) -> None:
    for word in ("no", "ye", "sure"):
        reply = await mouth.say(f"unsubscribe all confirm:{word}")
        assert reply.failed
        assert "confirm:yes" not in reply.cards[0].code


async def test_a_choice_that_nobody_meant_is_not_made_for_them(mouth: Mouth) -> None:
    assert (await mouth.say("subscribe video every:century")).cards[0].code == "/papers help subscribe"
    assert (await mouth.say("subscribe video every:dayly")).cards[0].code == "/papers subscribe every:daily video"


async def test_a_choice_is_read_in_any_case_and_corrected_with_the_whole_command(mouth: Mouth) -> None:
    assert not (await mouth.say("today sort:VOTES")).failed
    reply = await mouth.say("search video generation in:arxvi since:30d")
    assert 'in: can be local, hf, arxiv, not "arxvi" (did you mean arxiv?).' in said(reply)
    assert read(reply.cards[0].code) == read("search video generation in:arxiv since:30d")


async def test_an_option_the_command_does_not_have_is_refused(mouth: Mouth) -> None:
    reply = await handle(mouth.desk, replace(request("today"), options={"colour": "red"}))
    assert 'There is no option "colour:" here.' in said(reply)


async def test_a_query_with_a_mistake_is_offered_back_as_a_whole_command(mouth: Mouth) -> None:
    reply = await mouth.say('subscribe auther:"Y. LeCun" -survey every:daily')
    assert "did you mean author:?" in said(reply)
    assert read(reply.cards[0].code) == read('subscribe author:"Y. LeCun" -survey every:daily')
    again = await mouth.say(reply.cards[0].code)
    assert not again.failed


# --- rights -----------------------------------------------------------------------------------------------------------


async def test_where_everybody_may_manage_nobody_is_refused(mouth: Mouth) -> None:
    assert not (await mouth.say("subscribe video")).failed


async def test_where_managers_manage_others_are_told_and_shown_what_they_may_do(mouth: Mouth) -> None:
    await mouth.store.people.edit_space(*LAB, lambda known: replace(known, policy="managers", managers=("ben",)))
    refused = await mouth.say("subscribe video")
    assert refused.failed
    assert "for those who may manage this channel" in said(refused)
    assert "/papers help alert" in said(refused)
    assert not (await mouth.say("subscribe video", by="ben")).failed
    assert not (await mouth.say("subscribe audio", manager=True)).failed
    assert not (await mouth.say("subscribe text", admin=True)).failed


async def test_guests_manage_nothing_of_everybodys_unless_they_are_on_the_list(mouth: Mouth) -> None:
    asked = Request(
        command="subscribe", options={"query": "video"}, person=Person("tower", "lab", "mei"),
        where=Address("tower", "lab", "papers"), guest=True,
    )  # fmt: skip
    refused = await handle(mouth.desk, asked)
    assert refused.failed
    assert not (await handle(mouth.desk, replace(asked, command="today", options={}))).failed
    own = replace(asked, command="alert add", where=asked.person.address)
    assert not (await handle(mouth.desk, own)).failed
    await mouth.store.people.edit_space(*LAB, lambda known: replace(known, managers=("mei",)))
    assert not (await handle(mouth.desk, asked)).failed


async def test_in_their_own_room_everybody_manages_their_own(mouth: Mouth) -> None:
    await mouth.store.people.edit_space(*LAB, lambda known: replace(known, policy="managers"))
    assert not (await mouth.say("subscribe video", alone=True)).failed


async def test_what_is_for_administrators_is_for_nobody_else(mouth: Mouth) -> None:
    for rights in ({}, {"manager": True}, {"alone": True}):
        reply = await mouth.say("admin channels", **rights)  # type: ignore[arg-type]
        assert "for administrators of this space" in said(reply)
    assert not (await mouth.say("admin channels", admin=True)).failed


async def test_every_command_that_needs_no_right_says_nothing_of_rights(mouth: Mouth) -> None:
    await mouth.store.people.edit_space(*LAB, lambda known: replace(known, policy="managers"))
    for command in TABLE:
        if command.needs == "nothing" and command.name != "help":
            assert "may manage" not in said(await mouth.say(command.example))


# --- rate -------------------------------------------------------------------------------------------------------------


async def test_more_commands_in_a_minute_than_allowed_are_refused(mouth: Mouth) -> None:
    desk = replace(mouth.desk, clock=lambda: ms(MONDAY))
    replies = [await handle(desk, request("help")) for _ in range(11)]
    assert [reply.failed for reply in replies] == [False] * 10 + [True]
    assert "That was more than 10 commands in a minute." in said(replies[-1])
    later = replace(mouth.desk, clock=lambda: ms(MONDAY) + 61_000)
    assert not (await handle(later, request("help"))).failed


async def test_one_persons_haste_is_not_anothers(mouth: Mouth) -> None:
    desk = replace(mouth.desk, clock=lambda: ms(MONDAY))
    for _ in range(11):
        await handle(desk, request("help"))
    assert not (await handle(desk, request("help", person=Person("tower", "lab", "ben")))).failed


async def test_administrators_are_not_counted(mouth: Mouth) -> None:
    desk = replace(mouth.desk, clock=lambda: ms(MONDAY))
    assert not any([(await handle(desk, request("help", admin=True))).failed for _ in range(15)])


async def test_pages_that_a_platform_fills_by_itself_are_not_counted(mouth: Mouth) -> None:
    desk = replace(mouth.desk, clock=lambda: ms(MONDAY))
    assert not any([(await handle(desk, request("help", unasked=True))).failed for _ in range(15)])
    assert not (await handle(desk, request("help"))).failed


async def test_look_ups_work_on_a_database_that_is_only_read(tmp_path: Path) -> None:
    async with at_desk(tmp_path), open_store(tmp_path / "paperboy.db", now=ms(MONDAY), read_only=True) as store:
        desk = Desk(store=store, clock=lambda: ms(MONDAY))
        assert not (await handle(desk, request("today"))).failed
        refused = await handle(desk, request("subscribe video"))
        assert "Another Paperboy is running on this database" in said(refused)


async def test_what_would_write_is_refused_before_it_runs_where_the_desk_only_reads(mouth: Mouth) -> None:
    desk = replace(mouth.desk, read_only=True)
    refused = await mouth.say("subscribe video", desk=desk)
    assert said(refused) == "Another Paperboy is running on this database. Type it there: /papers subscribe video"
    assert not (await mouth.say("subscriptions", desk=desk)).failed
    assert not (await mouth.say("admin settings", desk=desk, admin=True)).failed
    assert (await mouth.say("admin pause-all", desk=desk, admin=True)).failed
    assert (await mouth.store.subscriptions.targets()) == []


async def test_every_command_that_writes_says_so_in_its_row(tmp_path: Path) -> None:
    """On a database that may only be read nothing else runs into a refusal."""
    async with at_desk(tmp_path) as mouth:
        await mouth.read_day(MONDAY.date(), paper(1, "Diffusion"))
        for line in ("subscribe video", "alert add video", "save 2611.00001", "watch 2611.00001 votes:50"):
            assert not (await mouth.say(line)).failed
        async with open_store(tmp_path / "paperboy.db", now=mouth.now, read_only=True) as store:
            desk = replace(mouth.desk, store=store)
            for command in TABLE:
                for line in _ways(command):
                    reply = await mouth.say(line, desk=desk, admin=True)
                    wrote = "Another Paperboy" in said(reply)
                    assert not wrote or command.writes, line
                    assert not re.search(r"Something broke|read-only", said(reply)), line


def _ways(command: Command) -> list[str]:
    """The bare command, its example, and it with what is there."""
    options = {option.name: _value(option) for option in command.options if option.required}
    confirmed = {o.name: "yes" for o in command.options if o.name == "confirm"}
    return [command.name, command.example, write(command, options), write(command, options | confirmed)]


# --- help -------------------------------------------------------------------------------------------------------------


async def test_help_names_every_command_and_fits_a_phone(mouth: Mouth) -> None:
    reply = await mouth.say("")
    assert len(said(reply)) < 1200
    for command in TABLE:
        assert command.words[0] in said(reply)


async def test_every_topic_room_group_and_command_has_a_page(mouth: Mouth) -> None:
    topics = ["query", "cadence", "digest", "quiet", "channel", "personal", "admin", "look-ups", "alert", "saved", "me"]
    for topic in [*topics, *(command.name for command in TABLE)]:
        reply = await mouth.say(f"help {topic}")
        assert not reply.failed, topic
        assert len(said(reply)) < 4000


@pytest.mark.parametrize("group", ["me", "watch", "saved", "alert", "admin"])
async def test_help_on_a_group_shows_all_of_it_also_where_its_name_alone_is_a_command(mouth: Mouth, group: str) -> None:
    text = said(await mouth.say(f"help {group}"))
    within = [command.name for command in TABLE if command.words[0] == group]
    assert len(within) > 1
    assert all(f"/papers {name}" in text for name in within)


async def test_help_on_a_command_shows_its_options_and_an_example(mouth: Mouth) -> None:
    text = said(await mouth.say("help /papers search"))
    assert "/papers search <query> [since:] [in:] [sort:] [page:]" in text
    assert "in: where to look local, hf, arxiv" in text
    assert "/papers search video diffusion -survey since:30d" in text


async def test_commands_named_on_the_help_pages_can_be_typed(mouth: Mouth) -> None:
    for topic in ("", "query", "cadence", "digest", "quiet"):
        for typed in re.findall(r"/papers [^·\n]*[^·\n .,]", said(await mouth.say(f"help {topic}"))):
            read(typed)


async def test_help_on_nothing_known_says_so(mouth: Mouth) -> None:
    reply = await mouth.say("help qurey")
    assert said(reply).startswith('There is no help on "qurey" (did you mean query?).')
