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
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
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


async def prompted(
    history: Path, complete: Complete, room: Callable[[], str], status: Callable[[], str]
) -> AsyncGenerator[str, None]:
    """Lines as they are entered, until Ctrl-D. Ctrl-C clears the line. ``room`` and ``status`` are asked each time."""
    session: PromptSession[str] = PromptSession(
        history=_history(history),
        completer=_Words(complete),
        complete_while_typing=False,
        bottom_toolbar=lambda: FormattedText([("class:bottom-toolbar", f" {status()} ")]),
        style=_STYLE,
    )
    with patch_stdout(raw=True):
        while True:
            message = FormattedText([("class:room", room()), ("", " › ")])
            try:
                yield await session.prompt_async(message)
            except KeyboardInterrupt:
                continue
            except EOFError:
                return


def _history(path: Path) -> History:
    """Typed lines are nobody else's business: only their owner may read the file. Where none can be, none is kept."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        return FileHistory(str(path))
    return InMemoryHistory()
