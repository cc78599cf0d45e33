"""The interactive prompt: history, completion and a status line at the bottom, with posts appearing above it.

Only this file knows prompt_toolkit. What a line means is in ``platform.py``.
"""

import inspect
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import FormattedText
from prompt_toolkit.history import FileHistory
from prompt_toolkit.patch_stdout import patch_stdout
from prompt_toolkit.styles import Style

Complete = Callable[[str], Sequence[str] | Awaitable[Sequence[str]]]
"""What the last word of an unfinished line may become."""

_STYLE = Style.from_dict({"bottom-toolbar": "noreverse fg:ansibrightblack", "room": "bold ansimagenta"})


class _Words(Completer):
    def __init__(self, complete: Complete) -> None:
        self._complete = complete

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        """prompt_toolkit asks for this one only outside a running loop, where we never are."""
        return ()

    async def get_completions_async(
        self, document: Document, complete_event: CompleteEvent
    ) -> AsyncGenerator[Completion, None]:
        typed = document.text_before_cursor
        offered = self._complete(typed)
        last = 0 if typed[-1:].isspace() else len(typed.split()[-1]) if typed.split() else 0
        for word in await offered if inspect.isawaitable(offered) else offered:
            yield Completion(word, start_position=-last)


class _OwnHistory(FileHistory):
    """Typed lines are nobody else's business: only their owner may read the file. What cannot be kept is not kept."""

    def __init__(self, path: Path) -> None:
        self._path = path
        super().__init__(str(path))

    def load_history_strings(self) -> Iterable[str]:
        try:
            self._close_to_others()
            return super().load_history_strings()
        except OSError:
            return ()

    def store_string(self, string: str) -> None:
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.touch(mode=0o600)
            self._close_to_others()
            super().store_string(string)

    def _close_to_others(self) -> None:
        if self._path.is_file():
            self._path.chmod(0o600)


class Prompt:
    """Takes lines, with those typed before at hand, until it is told to forget them.

    ``room`` stands before the line and ``status`` below it; both are asked each time.
    """

    def __init__(self, history: Path, complete: Complete, room: Callable[[], str], status: Callable[[], str]) -> None:
        self._history = history
        self._complete = complete
        self._room = room
        self._status = status
        self._session: PromptSession[str] | None = None

    async def lines(self) -> AsyncGenerator[str, None]:
        """Lines as they are entered, until Ctrl-D. Ctrl-C clears the line."""
        with patch_stdout(raw=True):
            while True:
                self._session = self._session or self._new_session()
                message = FormattedText([("class:room", self._room()), ("", " › ")])
                try:
                    # Its own handler would print what breaks elsewhere, with everything in it, past the log.
                    yield await self._session.prompt_async(message, set_exception_handler=False)
                except KeyboardInterrupt:
                    continue
                except EOFError:
                    return

    def forget(self) -> None:
        """Delete the file of typed lines; the next line is typed without memory of any. Raises ``OSError``."""
        self._session = None  # it has them as history, as undo and on its clipboard
        self._history.unlink(missing_ok=True)

    def _new_session(self) -> PromptSession[str]:
        return PromptSession(
            history=_OwnHistory(self._history),
            completer=_Words(self._complete),
            complete_while_typing=False,
            bottom_toolbar=lambda: FormattedText([("class:bottom-toolbar", f" {self._status()} ")]),
            style=_STYLE,
        )
