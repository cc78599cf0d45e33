"""The terminal as a platform: what is posted, what is typed, and who types it.

How things look is in ``screen.py`` and ``adapters/text.py``; what was posted is in ``transcript.py``. Knows no store.
"""

import asyncio
import io
import logging
import sys
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing, suppress
from functools import cached_property
from pathlib import Path
from typing import IO, TYPE_CHECKING, TypeVar

from rich.console import Console, RenderableType

from adapters.terminal import screen
from adapters.terminal.lines import lines, text_of
from adapters.terminal.payload import decode, encode, papers, title
from adapters.terminal.rooms import address, called, whom
from adapters.terminal.transcript import Entry, Transcript
from adapters.text import one_line, plain, safe
from bot.cards import Button, Card, Post, Reply, error_card, notice
from bot.commands import refusal
from bot.errors import CommandError, DeliveryError
from bot.model import WATCHED, Address, Finding, Outgoing, Past, Person, Receipt, Request
from bot.phrases import plural
from bot.ports import Core, Handler

if TYPE_CHECKING:
    from adapters.terminal.prompt import Complete, Prompt

log = logging.getLogger(__name__)

_Kept = TypeVar("_Kept")
Read = Callable[[str], tuple[str, Mapping[str, str]]]
"""A typed line to a command's name and its options. Raises ``CommandError``."""

_ENDS = frozenset({"quit", "exit", "/quit", "/exit"})
_GREETING = "Type a command: today, search diffusion, subscribe agents. help lists them all."
_KEYS = """n and p turn pages, a number presses its button or opens its paper, quit ends. Again: /keys
/join #room changes the room (@{user}: your own messages), /as name who is typing."""
"""What this terminal itself understands: no command of the table, so no other help has it."""
_PAGE_KEYS = {"n": "next", "p": "previous"}


class Terminal:
    """One screen with rooms (``#papers``) and persons (``you``). Its owner manages everything, others nothing.

    ``status`` is a line for the bottom of the screen, asked at each redraw. Input and output are those of the process
    unless handed in; a ``console`` that is no terminal gets plain text. With ``shows_posts`` false posts wait in the
    transcript for the next one that shows them: for a process that answers one command.
    """

    name = "terminal"
    edit_window = 0

    def __init__(
        self,
        transcript: Path,
        *,
        read: Read,
        complete: "Complete" = lambda _: (),
        user: str = "you",
        room: str = "#papers",
        stdin: IO[str] | IO[bytes] | None = None,
        console: Console | None = None,
        status: Callable[[], str] = lambda: "",
        shows_posts: bool = True,
        clock: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        self._transcript = Transcript(transcript)
        self._read = read
        self._owner = self._user = user
        self._where = address(room, user)
        self._stdin = stdin
        self._console = console or _own_console()
        self._status = status
        self._history = transcript.with_name(f"{transcript.name}.history")
        self._complete = complete
        self._shows_posts = shows_posts
        self._seen: set[str] = set()
        self._clock = clock
        self._last = Reply(cards=())
        self._asked: Button | None = None

    @property
    def old_posts(self) -> Path | None:
        """The transcript, when there is something in it."""
        path = self._transcript.path
        return path if path.exists() and path.stat().st_size else None

    @property
    def room(self) -> Address:
        """The room on the screen."""
        return self._where

    @property
    def person(self) -> Person:
        """Who is typing."""
        return whom(self._user)

    # --- posts --------------------------------------------------------------------------------------------------------

    def render(self, post: Post) -> str:
        return encode(post)

    def plain(self, post: Post) -> str:
        return plain(post)

    def private(self, where: Address, person: str) -> Address:
        return whom(person).address

    async def send(self, message: Outgoing) -> Receipt:
        """Write it into the transcript, then show it. Raises ``DeliveryError`` (temporary) when the disk refuses."""
        entry, fresh = await self._kept(
            lambda: self._transcript.accept(
                nonce=message.nonce,
                where=message.where.room,
                kind=message.where.kind,
                at=self._clock(),
                payload=message.payload,
                answers=message.reply_to,
            )
        )
        if fresh and self._shows_posts:
            await self._show_entry(entry)
        return Receipt(str(entry.number))

    async def find(self, message: Outgoing) -> Receipt | None:
        """The transcript knows for sure. Raises ``DeliveryError`` (ambiguous) when it cannot be read."""
        try:
            entry = await asyncio.to_thread(self._transcript.find, message.nonce)
        except OSError as error:
            raise DeliveryError(f"The transcript cannot be read: {error}.", fault="ambiguous") from error
        here = (message.where.room, message.where.kind)
        return Receipt(str(entry.number)) if entry and (entry.where, entry.kind) == here else None

    async def posted(self, where: Address, since: int, further: str = "") -> Past:
        """See ``bot.ports.History``. Raises ``DeliveryError`` (temporary) when the transcript cannot be read."""
        entries = await self._kept(lambda: self._transcript.since(where.room, where.kind, since))
        posts = [(decode(entry.payload), entry.at) for entry in entries if not entry.nonce.startswith(WATCHED)]
        return Past(
            papers={key: at for post, at in posts for key in papers(post)},
            counted=max((at for post, at in posts if post.kind == "fold"), default=0),
        )

    async def edit(self, message: Outgoing, receipt: str) -> None:
        """What scrolled by is not drawn again. Raises ``DeliveryError`` (payload), always."""
        raise DeliveryError("A terminal cannot change what it has shown.", fault="payload")

    async def forget(self, where: Address) -> None:
        """Take a person's posts out of the transcript, and the owner's typed lines with theirs."""
        await self._kept(lambda: self._transcript.forget(where.room, where.kind))
        if where == whom(self._owner).address:
            await self._kept(self._prompt.forget)

    async def _kept(self, change: Callable[[], _Kept]) -> _Kept:
        try:
            return await asyncio.to_thread(change)
        except OSError as error:
            raise DeliveryError(f"The transcript cannot be written: {error}.", fault="temporary") from error

    async def _show_entry(self, entry: Entry) -> None:
        """Once it is in the transcript it is posted: a screen that fails shows it the next time."""
        if entry.nonce in self._seen:
            return
        self._seen.add(entry.nonce)
        post = decode(entry.payload)
        room = called(entry.where, entry.kind)
        elsewhere = "" if (entry.where, entry.kind) == (self._where.room, self._where.kind) else room
        try:
            place = " · ".join(filter(None, (elsewhere, await self._thread(entry))))
            header = f"{place} ·\n" if place else ""
            self._show(screen.post_picture(post, place), f"{header}{plain(post)}")
            await asyncio.to_thread(self._transcript.mark_shown, entry.nonce)
        except BrokenPipeError:
            log.info("terminal.not_shown", extra={"nonce": entry.nonce, "error": "nobody reads the output any more"})
        except OSError as error:
            log.warning("terminal.not_shown", extra={"nonce": entry.nonce, "error": str(error)})

    async def _thread(self, entry: Entry) -> str:
        """What a post in a thread belongs to, empty for one of its own."""
        above = await asyncio.to_thread(self._transcript.numbered, entry.answers) if entry.answers else None
        return f"in the thread of “{one_line(title(decode(above.payload)))}”" if above else ""

    # --- commands -----------------------------------------------------------------------------------------------------

    async def ask(self, handle: Handler, text: str, user: str = "", room: str = "") -> Reply:
        """The answer to one typed command, without showing it. ``user`` and ``room`` are those on screen when empty."""
        who = user or self._user
        where = address(room, who) if room else self._where
        try:
            command, options = self._read(text)
        except CommandError as error:
            return refusal(error)
        return await handle(
            Request(
                command=command,
                options=options,
                person=whom(who),
                where=where,
                manager=who == self._owner,
                admin=who == self._owner,
                owner=who == self._owner,
            )
        )

    def show(self, reply: Reply) -> None:
        """Print an answer as this terminal does. Raises ``OSError`` when nobody reads the output any more."""
        self._show(screen.reply_picture(reply), plain(reply))

    async def run(self, core: Core) -> None:
        """Take lines until the input ends, somebody quits, or nobody reads the output any more."""
        with suppress(BrokenPipeError):
            await self._catch_up()
            if self._interactive:
                self._say(notice(f"{_GREETING}\n{self._keys}"))
            async with aclosing(self._lines()) as typed:
                async for line in typed:
                    if not await self._take(safe(line).strip(), core.handle):
                        return

    async def examine(self, rooms: Sequence[Address]) -> list[Finding]:
        """There are no rights to lack here."""
        return []

    async def close(self) -> None:
        """The input and output are the process's own, and stay open."""

    async def _catch_up(self) -> None:
        missed: list[Entry] = []
        try:
            missed = await asyncio.to_thread(self._transcript.unseen)
        except OSError as error:
            self._say(error_card(f"The transcript cannot be read: {error}."))
        missed = [entry for entry in missed if entry.nonce not in self._seen]
        if missed:
            self._say(notice(f"While you were away: {plural(len(missed), 'post')}."))
        for entry in missed:
            await self._show_entry(entry)

    @cached_property
    def _prompt(self) -> "Prompt":
        # prompt_toolkit takes a third of a second to import: not for a pipe, nor for one command.
        from adapters.terminal.prompt import Prompt

        return Prompt(self._history, self._complete, lambda: self._here, self._toolbar)

    @property
    def _interactive(self) -> bool:
        return self._input is not None and self._input.isatty() and self._console.is_terminal

    @property
    def _input(self) -> IO[str] | IO[bytes] | None:
        """None when the process was started with its input closed (``run <&-``), which is an input that has ended."""
        return self._stdin or sys.stdin

    def _lines(self) -> AsyncGenerator[str, None]:
        """Typed or piped lines. A piped one is shown first, as if it had been typed."""
        if self._interactive:
            return self._prompt.lines()
        return self._piped()

    async def _piped(self) -> AsyncGenerator[str, None]:
        if self._input is None:
            return
        async for raw in lines(self._input):
            try:
                line = text_of(raw)
            except CommandError as error:
                self._say(error_card(str(error)))
                continue
            if line and not line.startswith("# "):
                self._show(screen.echo(line), f"> {one_line(line)}")
                yield line

    async def _take(self, line: str, handle: Handler) -> bool:
        """Act on one line. False when it was the last."""
        word, _, rest = line.partition(" ")
        asked, self._asked = self._asked, None
        if asked is not None and await self._confirmed(asked, word, rest, handle):
            return True
        if word.lower() in _ENDS and not rest:
            return False
        if word == "/keys" and not rest:
            self._say(notice(self._keys))
        elif word == "/join":
            self._join(rest.strip())
        elif word == "/as":
            self._become(rest.strip())
        elif word in _PAGE_KEYS and not rest:
            await self._turn(_PAGE_KEYS[word], handle)
        elif word.isascii() and word.isdigit() and not rest:
            await self._press(int(word), handle)
        elif word:
            await self._answer(line, handle)
        return True

    async def _answer(self, text: str, handle: Handler) -> None:
        """A line that does not start with a slash is a command without its brand word."""
        reply = await self.ask(handle, text if text.startswith("/") else f"/papers {text}")
        self._last = reply
        self.show(reply)

    async def _turn(self, way: str, handle: Handler) -> None:
        page = self._last.page
        command = getattr(page, way) if page else ""
        if command:
            await self._answer(command, handle)
        else:
            self._say(error_card(f"The last answer has no {way} page."))

    async def _press(self, number: int, handle: Handler) -> None:
        """The button of that number, else the paper of the line that has it."""
        buttons = [button for card in self._last.cards for button in card.buttons]
        lines = [row for card in self._last.cards for row in card.rows if row.lead == f"{number}." and row.command]
        if not 0 < number <= len(buttons) and lines:
            await self._answer(lines[0].command, handle)
        elif not 0 < number <= len(buttons):
            known = plural(len(buttons), "button") if buttons else "no buttons"
            self._say(error_card(f"There is no [{number}]: the last answer has {known}."))
        elif buttons[number - 1].confirm:
            self._asked = buttons[number - 1]
            self._say(Card(body=f"{self._asked.confirm} (y/n)", tone="warning"))
        else:
            await self._answer(buttons[number - 1].command, handle)

    async def _confirmed(self, button: Button, word: str, rest: str, handle: Handler) -> bool:
        """Whether the line answered the question. Anything but yes is a no; what is no answer is a line of its own."""
        answer = "" if rest else word.lower()
        if answer in {"y", "yes"}:
            await self._answer(button.command, handle)
            return True
        self._say(notice("Nothing was done."))
        return answer in {"", "n", "no"} and not rest

    def _join(self, room: str) -> None:
        mine = f"@{self._user}"
        if not room.lstrip("#@") or " " in room or (room[0] == "@" and room != mine):
            self._say(
                error_card(f"Which room? A channel in one word, or {mine} for your own messages.", "/join #papers")
            )
        else:
            self._where = address(room, self._user)
            self._say(notice(f"You are in {self._here}."))

    def _become(self, user: str) -> None:
        name = user.removeprefix("@")
        if not name or " " in name:
            self._say(error_card("As whom? A name in one word.", f"/as {self._owner}"))
            return
        self._user = name
        if self._where.kind == "person":
            self._where = self.person.address
        rights = "the owner" if name == self._owner else "nobody special here"
        self._say(notice(f"Typing as {name}, {rights}."))

    # --- the screen ---------------------------------------------------------------------------------------------------

    @property
    def _here(self) -> str:
        return called(self._where.room, self._where.kind)

    @property
    def _keys(self) -> str:
        return _KEYS.format(user=self._user)

    def _toolbar(self) -> str:
        return screen.fitting(
            (self._here, self._user, one_line(self._status()), "Ctrl-D ends"), self._console.width - 2
        )

    def _say(self, card: Card) -> None:
        """Something about the terminal itself."""
        self.show(Reply(cards=(card,), private=False))

    def _show(self, picture: RenderableType, text: str) -> None:
        if self._console.is_terminal:
            self._console.print(picture, crop=False, highlight=False, markup=False, emoji=False)
        else:
            self._console.file.write(f"{text}\n\n")
        self._console.file.flush()


def _own_console() -> Console:
    """The process's output; a character that its encoding lacks becomes ``?`` and never an error."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    return Console()
