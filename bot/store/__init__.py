"""Where everything is kept. A store is one package below this one and one line in ``STORES``.

Nothing here knows SQL; nothing below here knows a step, a command or a platform.
"""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from bot.errors import ConfigError
from bot.ports import Store

STORES: Mapping[str, str] = {"sqlite": "bot.store.sqlite:open_store"}
"""URL scheme to ``module:opener``; a module is imported when its scheme is first asked for."""


class Opener(Protocol):
    """Opens a store for as long as its context lasts. Raises ``StoreError``. ``now`` is in ms UTC.

    Somebody else who holds it is waited for, at most ``patience`` seconds.
    """

    def __call__(
        self, path: Path, *, now: int, read_only: bool = False, patience: float = 0.0
    ) -> AbstractAsyncContextManager[Store]: ...


def opener(scheme: str) -> Opener:
    """The opener for a URL scheme. Raises ``ConfigError`` for one nobody implements."""
    try:
        module, _, name = STORES[scheme].partition(":")
    except KeyError:
        known = ", ".join(sorted(STORES))
        raise ConfigError(f"There is no store for {scheme}: addresses; this version knows {known}.") from None
    return cast(Opener, getattr(import_module(module), name))
