"""How a run between the chats ends: undisturbed until nothing waits any more, then counted."""

import time
from collections.abc import Callable, Iterable

from tests.faults.chat_scene import Scene
from tests.faults.inspecting import harm
from tests.faults.rows import Row

PATIENCE = 120
"""Seconds in which what should happen has happened."""
_WAITS = "select count(*) from delivery where state in ('pending', 'framed', 'suspended')"
_READ = "select count(*) from paper where revision = matched_revision"


def until(condition: Callable[[], object], otherwise: str, every: float = 0.005) -> None:
    ends = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < ends, otherwise
        time.sleep(every)


def start(on: Scene) -> None:
    """Start it, and wait until it listens to signals."""
    sockets = on.place.slack.sockets
    before = sockets.opened
    on.paperboy.start()
    until(lambda: sockets.opened > before, "no connection to Slack")


def settle(on: Scene) -> None:
    """Let it run until everything that was published is posted; what is put off comes soon, for time goes quickly."""

    def is_over() -> bool:
        sending = on.value("select count(*) from message where state = 'sending'")
        on.advance(0.15 if sending else 10)
        return on.value(_READ) == len(on.press.papers) and not on.value(_WAITS)

    until(is_over, "never idle", every=0.1)


def ended(on: Scene, *, case: str, size: str, injected: int, problems: Iterable[str], note: str) -> Row:
    """Start it once more, undisturbed; end it, and count."""
    start(on)
    settle(on)
    code = on.paperboy.terminate()
    found = [
        *problems,
        *on.count_anew(),
        *harm(on.paperboy.database),
        *on.place.slack.violations,
        *on.place.discord.violations,
    ]
    return Row(
        case=case,
        size=size,
        injected=injected,
        lost=on.lost,
        repeated=on.repeated,
        problems=(*found, *([f"it ended with {code}"] if code else [])),
        note=f"{on.due} posts, {note}",
    )
