"""What a case of the fault suite came to: a row, the sizes it can be run in, and how rows are printed and kept."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

Size = Literal["small", "ci", "full"]
"""``small`` keeps the case alive in ``make test``, ``ci`` is ``make faults``, ``full`` is ``make faults FULL=1``."""

SEED = 20261123
NOT_INJECTED = "not injected: "
"""How the note of a row begins of which nothing could be tried on this machine; the reason follows."""
_COLUMNS = ("case", "size", "injected", "lost", "repeated", "integrity", "seconds", "note")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table. ``problems`` are further things that are wrong, in words: any of them is a failure.

    So is a row that injected nothing and does not say why: what was not tried proves nothing.

    ``allowed``: so many repeats are no failure, for nobody could have known better.

    ``peer``: measured of somebody else's order of send and store. What it loses or repeats is no failure of ours.
    """

    case: str
    size: str
    injected: int
    lost: int = 0
    repeated: int = 0
    problems: tuple[str, ...] = ()
    note: str = ""
    seconds: float = 0.0
    peer: bool = False
    allowed: int = 0

    @property
    def failed(self) -> bool:
        untried = not self.injected and not self.note.startswith(NOT_INJECTED)
        return bool(self.problems or untried or (not self.peer and (self.lost or self.repeated > self.allowed)))

    @property
    def cells(self) -> tuple[str, ...]:
        integrity = f"{len(self.problems)} BAD" if self.problems else "ok" if self.injected else "untried"
        counts = (self.injected, self.lost, self.repeated)
        return (self.case, self.size, *map(str, counts), integrity, f"{self.seconds:.1f}", self.note)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a case is to be run: in which size, by which seed, and a folder of its own."""

    size: Size
    seed: int
    folder: Path

    def pick(self, small: _T, ci: _T, full: _T) -> _T:
        """What is for this size."""
        return {"small": small, "ci": ci, "full": full}[self.size]

    def chance(self, name: str) -> random.Random:
        """Dice that fall the same way for the same seed and name. The moments of real time are not theirs."""
        return random.Random(f"{self.seed} {name}")

    def room(self, name: str) -> Path:
        """A fresh folder."""
        folder = self.folder / name
        folder.mkdir(parents=True)
        return folder


Case = Callable[[Plan], Iterator[Row]]
"""Runs to its end and yields its rows as it has them; ``seconds`` is filled in by who runs it."""


def heading() -> str:
    return _line(_COLUMNS)


def line(row: Row) -> str:
    return _line(row.cells)


def _line(cells: Sequence[str]) -> str:
    case, size, injected, lost, repeated, integrity, seconds, note = cells
    return f"{case:26} {size:24} {injected:>8} {lost:>6} {repeated:>8} {integrity:>9} {seconds:>8}  {note}".rstrip()


def table(rows: Sequence[Row], heading: str) -> str:
    """Markdown, with a line above it that says of which run it is."""
    body = [row.cells for row in rows]
    lines = [f"| {' | '.join(cells)} |" for cells in (_COLUMNS, ("---",) * len(_COLUMNS), *body)]
    return "\n".join([heading, "", *lines, ""])
