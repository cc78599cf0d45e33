"""Where papers come from. A source is one file and one line in ``SOURCES``, imported when it is first asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, cast

from bot.errors import ConfigError

if TYPE_CHECKING:
    from bot.ports import Source
    from bot.sources.http import Fetcher

SOURCES: Mapping[str, str] = {
    "huggingface": "bot.sources.huggingface",
    "arxiv": "bot.sources.arxiv",
    "sample": "bot.sources.sample",
}
"""Name to module; each module has ``build(fetcher, options) -> Source``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What sources can be told. ``arxiv_interval`` is in seconds between two requests to arXiv."""

    huggingface_url: str = "https://huggingface.co"
    arxiv_url: str = "https://export.arxiv.org/api/query"
    arxiv_rss_url: str = "https://rss.arxiv.org/rss"
    arxiv_categories: tuple[str, ...] = ("cs.AI", "cs.CL", "cs.CV", "cs.LG")
    arxiv_interval: float = 3.0


def source(name: str, fetcher: "Fetcher", options: Options) -> "Source":
    """The source of that name. Raises ``ConfigError`` for an unknown name or an unusable option."""
    module = SOURCES.get(name)
    if module is None:
        raise ConfigError(f"there is no source called {name}; known are {', '.join(SOURCES)}.")
    return cast("Source", import_module(module).build(fetcher, options))
