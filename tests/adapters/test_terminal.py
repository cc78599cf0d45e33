"""The terminal as a platform: posting, finding, forgetting, typing. Whole, through its front door."""

import asyncio
import io
import json
import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from rich.console import Console

from adapters import ADAPTERS, Options, TerminalOptions, adapter
from adapters.terminal import Terminal
from bot.cards import Button, Card, Page, Post, Reply, Row, notice
from bot.errors import CommandError, ConfigError, DeliveryError
from bot.model import Address, Offer, Outgoing, Receipt, Request
from bot.ports import Adapter, Notes

PAPERS = Address("terminal", "local", "#papers")
NLP = Address("terminal", "local", "#nlp")
MEI = Address("terminal", "local", "mei", "person")
POST = Post(kind="instant", cards=(Card(title="A paper", body="What it says."),))


def read(text: str) -> tuple[str, Mapping[str, str]]:
    """``/papers name rest`` as the command table would read it; ``broken`` is a mistake."""
    name, _, rest = text.removeprefix("/papers ").partition(" ")
    if name == "broken":
        raise CommandError('I do not know "broken".', mended="/papers help")
    return name, {"text": rest}


TERMINAL = TerminalOptions(
    beside=Path("paperboy.db"),
    user="mei",
    room="#nlp",
    read=read,
    complete=lambda _: (),
    status=lambda: "",
)
OPTIONS = Options(clock=lambda: 0, notes=cast("Notes", None), terminal=TERMINAL)


class Desk:
    """A core that answers every command with what was asked, and remembers it."""

    def __init__(self, **answers: Reply) -> None:
        self.asked: list[Request] = []
        self.answers = answers

    async def handle(self, request: Request) -> Reply:
        self.asked.append(request)
        said = f"{request.command} {request.options['text']}".strip()
        return self.answers.get(request.command, Reply(cards=(notice(f"did {said}"),), private=False))

    async def offers(self, request: Request, option: str, typed: str) -> list[Offer]:
        return []

    async def pasted(self, request: Request, text: str) -> Reply:
        return Reply(cards=())

    async def suspend(self, space: str, room: str, reason: str) -> None: ...

    async def resume(self, space: str, room: str, reason: str) -> None: ...

    async def present(self, spaces: Collection[str], reason: str) -> None: ...

    async def retry(self, space: str, room: str) -> None: ...

    @property
    def commands(self) -> list[str]:
        return [f"{request.command} {request.options['text']}".strip() for request in self.asked]


class Screen:
    """A terminal platform whose input and output are in memory."""

    def __init__(self, folder: Path, typed: str | bytes = "", **more: object) -> None:
        self.path = folder / "transcript.jsonl"
        self.out = io.StringIO()
        stdin = io.BytesIO(typed.encode() if isinstance(typed, str) else typed)
        console = Console(file=self.out, width=80)
        self.terminal = Terminal(self.path, read=read, stdin=stdin, console=console, **more)  # type: ignore[arg-type]

    @property
    def shown(self) -> str:
        return self.out.getvalue()

    @property
    def records(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.path.read_text().splitlines()]

    async def send(self, nonce: str, where: Address = PAPERS, post: Post = POST) -> Receipt:
        return await self.terminal.send(outgoing(self.terminal.render(post), nonce, where))

    async def find(self, nonce: str, where: Address = PAPERS) -> Receipt | None:
        return await self.terminal.find(outgoing("", nonce, where))


def outgoing(payload: str, nonce: str = "n1", where: Address = PAPERS) -> Outgoing:
    return Outgoing(where=where, payload=payload, nonce=nonce)


@pytest.fixture
def screen(tmp_path: Path) -> Screen:
    return Screen(tmp_path)


async def run(folder: Path, typed: str | bytes, desk: Desk | None = None) -> Screen:
    screen = Screen(folder, typed)
    await screen.terminal.run(desk or Desk())
    return screen


# --- posts ------------------------------------------------------------------------------------------------------------


def test_it_is_an_adapter_under_its_name(screen: Screen) -> None:
    listed: Adapter = screen.terminal
    assert ADAPTERS[listed.name] == Terminal.__module__.rpartition(".")[0]
    with pytest.raises(ConfigError, match="no platform called pigeon; known are terminal"):
        adapter("pigeon", OPTIONS)


def test_it_keeps_its_files_beside_the_database(tmp_path: Path) -> None:
    made = adapter("terminal", replace(OPTIONS, terminal=replace(TERMINAL, beside=tmp_path / "paperboy.db")))
    assert isinstance(made, Terminal)
    assert str(made.room) == "terminal:local/#nlp"
    assert made.person.id == "mei"


async def test_a_post_is_shown_and_can_be_found_by_its_nonce(screen: Screen) -> None:
    receipt = await screen.send("n1")
    assert "A paper\nWhat it says." in screen.shown
    assert await screen.find("n1") == receipt
    assert await screen.find("n2") is None
    assert await screen.find("n1", NLP) is None


async def test_receipts_are_numbers_in_order(screen: Screen) -> None:
    assert [(await screen.send(nonce)).id for nonce in ("a", "b", "c")] == ["1", "2", "3"]


async def test_the_same_nonce_twice_is_one_post_also_after_a_restart(screen: Screen, tmp_path: Path) -> None:
    first = await screen.send("n1")
    assert await screen.send("n1") == first
    again = Screen(tmp_path)
    assert await again.send("n1") == first
    assert screen.shown.count("A paper") == 1
    assert again.shown == ""


async def test_two_posts_at_once_get_two_numbers(screen: Screen) -> None:
    receipts = await asyncio.gather(*(screen.send(f"n{n}") for n in range(20)))
    assert len({receipt.id for receipt in receipts}) == 20


async def test_a_post_to_another_room_names_it(screen: Screen) -> None:
    await screen.send("n1", NLP)
    await screen.send("n2", MEI)
    assert screen.shown.startswith("#nlp ·\nA paper")
    assert "\n@mei ·\nA paper" in screen.shown


async def test_a_post_in_a_thread_says_whose_also_when_it_is_shown_later(tmp_path: Path) -> None:
    hidden = Screen(tmp_path, shows_posts=False)
    top = await hidden.send("n1", NLP, Post(kind="instant", cards=(Card(title="2 new papers"),)))
    said = hidden.terminal.render(replace(POST, kind="reply"))
    await hidden.terminal.send(replace(outgoing(said, "n2", NLP), reply_to=top.id))
    screen = await run(tmp_path, "")
    assert screen.shown.endswith("#nlp · in the thread of “2 new papers” ·\nA paper\nWhat it says.\n\n")
    await screen.terminal.send(replace(outgoing(said, "n3"), reply_to=top.id))
    assert screen.shown.endswith("\n\nin the thread of “2 new papers” ·\nA paper\nWhat it says.\n\n")
    await screen.terminal.send(replace(outgoing(said, "n4"), reply_to="404"))
    assert screen.shown.endswith("\n\nA paper\nWhat it says.\n\n")


async def test_what_was_accepted_but_not_shown_comes_when_somebody_is_back(tmp_path: Path) -> None:
    hidden = Screen(tmp_path, shows_posts=False)
    await hidden.send("n1")
    assert hidden.shown == ""
    screen = await run(tmp_path, "")
    assert screen.shown.startswith("While you were away: 1 post.\n\nA paper\n")
    assert (await run(tmp_path, "")).shown == ""


async def test_a_torn_last_line_is_cut_off_and_nothing_else_is_lost(screen: Screen, tmp_path: Path) -> None:
    await screen.send("n1")
    await screen.send("n2")
    whole = screen.path.read_bytes()
    for end in {*range(0, len(whole), 17), len(whole) - 1}:
        screen.path.write_bytes(whole[:end])
        again = Screen(tmp_path)
        for nonce in ("n1", "n2", "n3"):
            await again.send(nonce)
        posts = [record["nonce"] for record in again.records if "post" in record]
        assert posts == ["n1", "n2", "n3"]
        assert [record["post"] for record in again.records if "post" in record] == [1, 2, 3]


async def test_a_line_that_is_no_record_does_not_stop_it(screen: Screen) -> None:
    screen.path.write_bytes(b'garbage\n[1]\n{"post": "x"}\n\xff\n{"post": 4, "nonce": "n4"}\n')
    assert await screen.send("n1") == Receipt("1")


async def test_a_disk_that_refuses_is_a_delivery_error_to_try_again(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    screen = Screen(tmp_path / "file")
    with pytest.raises(DeliveryError) as refused:
        await screen.send("n1")
    assert refused.value.fault == "temporary"


async def test_a_full_disk_loses_nothing_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    screen = Screen(tmp_path)
    await screen.send("n1")
    kept = screen.path.rename(tmp_path / "kept")
    screen.path.symlink_to(full)
    with pytest.raises(DeliveryError):
        await screen.send("n2")
    kept.rename(screen.path)
    assert await screen.send("n2") == Receipt("2")
    assert await screen.send("n1") == Receipt("1")


async def test_forgetting_a_person_takes_their_posts_out_of_the_file_and_no_one_elses(screen: Screen) -> None:
    secret = Post(kind="instant", cards=(Card(title="Only for mei"),))
    await screen.send("n1")
    await screen.send("n2", MEI, secret)
    await screen.terminal.forget(MEI)
    assert "Only for mei" not in screen.path.read_text()
    assert await screen.find("n2", MEI) is None
    assert await screen.find("n1") == Receipt("1")
    assert await screen.send("n3") == Receipt("3"), "a number is never used twice"
    assert os.listdir(screen.path.parent) == [screen.path.name]


async def test_the_transcript_is_for_its_owner_alone(screen: Screen) -> None:
    await screen.send("n1")
    assert screen.path.stat().st_mode & 0o077 == 0


def test_a_payload_is_the_same_for_the_same_post(screen: Screen) -> None:
    assert screen.terminal.render(POST) == screen.terminal.render(Post(kind="instant", cards=POST.cards))


async def test_what_was_shown_cannot_be_changed_and_there_are_no_rights_to_lack(screen: Screen) -> None:
    receipt = await screen.send("n1")
    assert screen.terminal.edit_window == 0
    with pytest.raises(DeliveryError) as refused:
        await screen.terminal.edit(outgoing("{}"), receipt.id)
    assert refused.value.fault == "payload"
    assert await screen.terminal.examine([PAPERS]) == []
    await screen.terminal.close()
    assert await screen.send("n2") == Receipt("2")


def test_a_person_is_spoken_to_alone_under_their_name(screen: Screen) -> None:
    assert screen.terminal.private(PAPERS, "mei") == MEI


async def test_a_plain_payload_is_shown_as_it_is(screen: Screen) -> None:
    await screen.terminal.send(outgoing(screen.terminal.plain(POST)))
    assert screen.shown == "A paper\nWhat it says.\n\n"


# --- typing -----------------------------------------------------------------------------------------------------------


async def test_piped_lines_are_echoed_answered_and_end_with_the_input(tmp_path: Path) -> None:
    screen = await run(tmp_path, "/papers today\nsubscribe diffusion")
    assert screen.shown == "> /papers today\n\ndid today\n\n> subscribe diffusion\n\ndid subscribe diffusion\n\n"


async def test_blank_lines_and_comments_are_passed_over(tmp_path: Path) -> None:
    desk = Desk()
    await run(tmp_path, "\n   \n# a comment\n today \r\n", desk)
    assert desk.commands == ["today"]


async def test_quitting_ends_it_before_the_input_does(tmp_path: Path) -> None:
    for word in ("quit", "exit", "/quit"):
        desk = Desk()
        await run(tmp_path, f"today\n{word}\nweek\n", desk)
        assert desk.commands == ["today"]


async def test_a_mistake_shows_what_would_work_and_the_next_line_is_read(tmp_path: Path) -> None:
    desk = Desk()
    screen = await run(tmp_path, "broken\ntoday\n", desk)
    assert '(only you)\nI do not know "broken".\n/papers help\n' in screen.shown
    assert desk.commands == ["today"]


async def test_the_mended_command_of_a_mistake_is_a_button(tmp_path: Path) -> None:
    desk = Desk()
    await run(tmp_path, "broken\n1\n", desk)
    assert desk.commands == ["help"]


async def test_bytes_that_are_no_text_and_lines_without_end_are_refused_and_it_goes_on(tmp_path: Path) -> None:
    desk = Desk()
    screen = await run(tmp_path, b"\xff\xfe today\n" + b"x" * 200_000 + b"\ntoday\n", desk)
    assert "That line is not UTF-8 (at byte 1); it was not read." in screen.shown
    assert "That line is longer than 64 KB; it was not read." in screen.shown
    assert desk.commands == ["today"]


async def test_steering_characters_in_a_line_reach_nobody(tmp_path: Path) -> None:
    desk = Desk()
    screen = await run(tmp_path, "search a\x1b]0;x\x07b\x00c\n", desk)
    assert desk.commands == ["search a]0;xbc"]
    assert "\x1b" not in screen.shown


async def test_the_owner_manages_everything_and_others_nothing(tmp_path: Path) -> None:
    desk = Desk()
    screen = await run(tmp_path, "today\n/as mei\ntoday\n/as @you\ntoday\n", desk)
    assert [(r.person.id, r.manager, r.admin) for r in desk.asked] == [
        ("you", True, True),
        ("mei", False, False),
        ("you", True, True),
    ]
    assert "Typing as mei, nobody special here." in screen.shown
    assert "Typing as you, the owner." in screen.shown


async def test_joining_a_room_changes_where_commands_come_from(tmp_path: Path) -> None:
    desk = Desk()
    screen = await run(
        tmp_path, "today\n/join nlp\ntoday\n/join @you\ntoday\n/as mei\ntoday\n/join @you\ntoday\n", desk
    )
    rooms = [(r.where.room, r.where.kind) for r in desk.asked]
    assert rooms == [
        ("#papers", "channel"),
        ("#nlp", "channel"),
        ("you", "person"),
        ("mei", "person"),
        ("mei", "person"),
    ]
    assert "Which room? A channel in one word, or @mei for your own messages." in screen.shown


async def test_pages_are_turned_with_one_letter(tmp_path: Path) -> None:
    page = Page(number=1, total=2, next="/papers week page:2")
    desk = Desk(today=Reply(cards=(notice("many"),), page=page))
    screen = await run(tmp_path, "p\ntoday\np\nn\nn\n", desk)
    assert desk.commands == ["today", "week page:2"]
    assert screen.shown.count("The last answer has no previous page.") == 2
    assert screen.shown.count("The last answer has no next page.") == 1


async def test_its_own_words_are_told_on_asking(tmp_path: Path) -> None:
    desk = Desk()
    screen = await run(tmp_path, "/as mei\n/keys\n", desk)
    answer = screen.shown.partition("> /keys\n\n")[2]
    assert all(word in answer for word in ("n and p", "number", "quit", "/join #room", "@mei", "/as name"))
    assert answer.count("\n") == 3, "two lines"
    assert desk.commands == []


async def test_a_number_presses_a_button_of_the_last_answer(tmp_path: Path) -> None:
    cards = tuple(Card(title=f"{n}", buttons=(Button("Save", f"/papers save {n}"),)) for n in range(12))
    desk = Desk(today=Reply(cards=cards))
    screen = await run(tmp_path, "1\ntoday\n12\ntoday\n13\n", desk)
    assert desk.commands == ["today", "save 11", "today"]
    assert "There is no [1]: the last answer has no buttons." in screen.shown
    assert "There is no [13]: the last answer has 12 buttons." in screen.shown


async def test_a_number_without_a_button_opens_the_paper_of_that_line(tmp_path: Path) -> None:
    rows = tuple(Row(lead=f"{n}.", text=f"Paper {n}", command=f"/papers show {n}") for n in (1, 2, 3))
    desk = Desk(today=Reply(cards=(Card(title="Today", rows=rows, buttons=(Button("More", "/papers more"),)),)))
    screen = await run(tmp_path, "today\n3\ntoday\n1\ntoday\n4\n", desk)
    assert desk.commands == ["today", "show 3", "today", "more", "today"]
    assert "There is no [4]: the last answer has 1 button." in screen.shown


async def test_what_cannot_be_undone_is_asked_first(tmp_path: Path) -> None:
    button = Button("Forget", "/papers me forget-really", "Delete everything of yours?")
    desk = Desk(forget=Reply(cards=(Card(body="Sure?", buttons=(button,)),)))
    screen = await run(tmp_path, "forget\n1\nno\nforget\n1\ny\n", desk)
    assert desk.commands == ["forget", "forget", "me forget-really"]
    assert "Delete everything of yours? (y/n)" in screen.shown
    assert "Nothing was done." in screen.shown


async def test_a_line_that_answers_no_question_is_a_no_and_is_carried_out(tmp_path: Path) -> None:
    button = Button("Forget", "/papers me forget-really", "Delete everything of yours?")
    desk = Desk(forget=Reply(cards=(Card(body="Sure?", buttons=(button,)),)))
    screen = await run(tmp_path, "forget\n1\nsearch robot\n", desk)
    assert desk.commands == ["forget", "search robot"]
    assert "Nothing was done." in screen.shown


async def test_asking_once_shows_nothing_and_can_be_as_anybody_anywhere(screen: Screen) -> None:
    desk = Desk()
    reply = await screen.terminal.ask(desk.handle, "/papers today", user="mei", room="#nlp")
    assert reply.cards == (notice("did today"),)
    assert (desk.asked[0].person.id, desk.asked[0].where, desk.asked[0].admin) == ("mei", NLP, False)
    refused = await screen.terminal.ask(desk.handle, "broken")
    assert refused.failed
    assert refused.data == {"error": 'I do not know "broken".', "mended": "/papers help"}
    assert screen.shown == ""


async def test_nobody_reading_the_output_ends_it_quietly(tmp_path: Path) -> None:
    class Closed(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    terminal = Terminal(tmp_path / "t", read=read, stdin=io.BytesIO(b"today\n"), console=Console(file=Closed()))
    await terminal.run(Desk())
    receipt = await terminal.send(outgoing(terminal.render(POST)))
    assert receipt == Receipt("1")


async def test_waiting_for_a_line_does_not_hold_up_the_rest(tmp_path: Path) -> None:
    inward, outward = os.pipe()
    with os.fdopen(inward) as stdin, os.fdopen(outward, "w") as typed:
        out = io.StringIO()
        terminal = Terminal(tmp_path / "t", read=read, stdin=stdin, console=Console(file=out))
        running = asyncio.create_task(terminal.run(Desk()))
        await terminal.send(outgoing(terminal.render(POST)))
        assert "A paper" in out.getvalue()
        typed.write("today\n")
        typed.flush()
        await _until(lambda: "did today" in out.getvalue())
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running


async def _until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not true():  # noqa: ASYNC110  # the output is a plain file: nothing tells us of a write
            await asyncio.sleep(0.01)
