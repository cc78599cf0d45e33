"""The bundled sample edition as a source: one week of real papers, for where no network is.

The JSON files beside this one have Hugging Face's own shape and go through its parser. Their facts are real, as the
lists of that week had them; the abstracts are our own short summaries. No network, no clock, nothing written.
"""

from collections.abc import AsyncIterator, Mapping
from datetime import date, datetime
from importlib.resources import files

from bot.model import Edition, Linked, Paper
from bot.sources import Options
from bot.sources.http import Fetcher
from bot.sources.parse_huggingface import parse_list
from bot.text import words


class Sample:
    """Five days of papers that never change. Implements ``ports.Source``."""

    name = "sample"
    scope = ""

    def __init__(self) -> None:
        """Reads all of it, about 80 kB. Raises ``SourceError`` when the installation is damaged."""
        self._editions = {edition.day: edition for edition in map(_edition, _days())}

    async def editions(self, now: datetime, cursor: Mapping[str, str]) -> AsyncIterator[Edition]:
        """All five days, the oldest first, at any ``now``."""
        for day in sorted(self._editions):
            yield self._editions[day]

    async def edition(self, day: date) -> Edition:
        """One day; an empty one for any day the sample does not have."""
        return self._editions.get(day) or Edition(source=self.name, list="daily", day=day)

    async def lookup(self, key: str) -> Paper | None:
        return next((paper for paper in self._papers() if paper.key == key), None)

    async def search(self, text: str, limit: int) -> list[Paper]:
        """Papers that have every word of ``text``, those with most of them in the title first."""
        wanted = frozenset(words(text))
        if not wanted:
            return []
        found = [paper for paper in self._papers() if wanted <= _said(paper)]
        found.sort(key=lambda paper: -len(wanted.intersection(words(paper.title))))
        return found[: max(limit, 0)]

    async def linked(self, key: str) -> Linked | None:
        """None: the sample has no linked repositories."""
        return None

    def _papers(self) -> list[Paper]:
        return [paper for edition in self._editions.values() for paper in edition.papers]


def build(fetcher: Fetcher, options: Options) -> Sample:
    return Sample()


def _days() -> list[date]:
    names = (entry.name for entry in files(__name__).iterdir())
    return sorted(date.fromisoformat(name.removesuffix(".json")) for name in names if name.endswith(".json"))


def _edition(day: date) -> Edition:
    body = files(__name__).joinpath(f"{day.isoformat()}.json").read_bytes()
    papers, complaints = parse_list(body, day=day, source=Sample.name)
    return Edition(source=Sample.name, list="daily", day=day, papers=tuple(papers), complaints=tuple(complaints))


def _said(paper: Paper) -> frozenset[str]:
    organization = paper.organization.name if paper.organization else ""
    return frozenset(words(" ".join((paper.title, paper.abstract, organization, *paper.authors))))
