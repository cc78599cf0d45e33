"""Where Paperboy talks. A platform is one folder and one line in ``ADAPTERS``, imported when a setting asks for it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, cast

from bot.errors import ConfigError

if TYPE_CHECKING:
    from bot.ports import Adapter

ADAPTERS: Mapping[str, str] = {"terminal": "adapters.terminal"}
"""Name to module; each module has ``build(options) -> Adapter``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What platforms can be told. ``beside`` is the database's path: files of a platform's own are named after it.

    ``read`` turns a typed line into a command and its options, ``complete`` offers what the last word may become,
    ``status`` is a line about the sources, ``clock`` the time in ms UTC.
    """

    beside: Path
    user: str
    room: str
    read: Callable[[str], tuple[str, Mapping[str, str]]]
    complete: Callable[[str], Sequence[str]]
    status: Callable[[], str]
    clock: Callable[[], int]


def adapter(name: str, options: Options) -> "Adapter":
    """The adapter of that name. Raises ``ConfigError`` for an unknown name."""
    module = ADAPTERS.get(name)
    if module is None:
        raise ConfigError(f"there is no platform called {name}; known are {', '.join(ADAPTERS)}.")
    return cast("Adapter", import_module(module).build(options))
