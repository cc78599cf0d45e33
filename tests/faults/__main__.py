"""The fault suite: ``python -m tests.faults [--full] [--seed N] [--table FILE] [CASE…]``. Exit code 1 for any harm.

A seed decides what is injected, where and how often; not the moments of processes that run in real time.
"""

import argparse
import platform
import signal
import sqlite3
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from bot import __version__
from tests.faults.rows import SEED, Case, Plan, Row, Size, heading, line, table
from tests.planted import found_under

CASES = {
    "kill-points": "tests.faults.kill_points",
    "kill-writer": "tests.faults.kill_writer",
    "power": "tests.faults.power",
    "disk": "tests.faults.disk",
    "hostile": "tests.faults.hostile",
    "fuzz": "tests.faults.fuzz",
    "clocks": "tests.faults.clocks",
    "backup": "tests.faults.backup",
    "chat-backup": "tests.faults.chat_backup",
    "stops": "tests.faults.stops",
    "network": "tests.faults.network",
    "crash-loop": "tests.faults.crash_loop",
    "drain": "tests.faults.drain",
    "chat-clocks": "tests.faults.chat_clocks",
    "chat-kills": "tests.faults.chat_kills",
    "chat-outage": "tests.faults.chat_outage",
    "chat-blind": "tests.faults.chat_blind",
    "chat-orders": "tests.faults.chat_orders",
}
"""Name to a module with ``run``, a ``Case``. In the order in which they are run."""
_MOST_PROBLEMS = 20
_MOST_SECONDS = 300
"""That the ci size of everything may take."""


def case(name: str) -> Case:
    found: Case = import_module(CASES[name]).run
    return found


def rows_of(name: str, size: Size, seed: int) -> Iterator[Row]:
    """Run one case in a folder that is gone afterwards, and look for secrets in what it left there."""
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        began = time.monotonic()
        try:
            for row in case(name)(Plan(size=size, seed=seed, folder=Path(folder))):
                yield replace(row, seconds=time.monotonic() - began)
                began = time.monotonic()
            if written := found_under(Path(folder)):
                found = tuple(f"a planted secret stands in {name}" for name in written)
                yield Row(case=name, size="secrets", injected=0, problems=found)
        except Exception as error:
            # The other cases are worth their rows all the same.
            traceback.print_exc()
            broke = f"the case broke off: {type(error).__name__}: {error}"[:500]
            yield Row(case=name, size="-", injected=0, problems=(broke,), seconds=time.monotonic() - began)


def main(arguments: list[str]) -> int:
    said = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))  # folders, mounts and processes go first
    size: Size = "full" if said.full else "ci"
    names = said.cases or list(CASES)
    machine = f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {platform.machine()}"
    about = f"Paperboy {__version__}, seed {said.seed}, size {size}, {machine}"
    print(about, heading(), sep="\n", flush=True)
    rows = [_shown(row) for name in names for row in rows_of(name, size, said.seed)]
    took = sum(row.seconds for row in rows)
    failed = [row for row in rows if row.failed]
    if failed and len(rows) > len(failed):
        # Once more, for often only the end of what a machine printed is kept.
        print("", "What failed:", *map(_said, failed), "", sep="\n")
    print(f"{len(rows)} rows in {took:.0f} s, {len(failed)} failed.")
    if size == "ci" and took > _MOST_SECONDS:
        print(f"warning: that is longer than the {_MOST_SECONDS} s that the sizes for CI are meant to take.")
    if said.table:
        said.table.write_text(table(rows, f"{about}."), encoding="utf-8")
    return int(bool(failed))


def _shown(row: Row) -> Row:
    print(_said(row), flush=True)
    return row


def _said(row: Row) -> str:
    return "\n".join((line(row), *(f"    {problem}" for problem in row.problems[:_MOST_PROBLEMS])))


_SEED_HELP = "another one gives other faults (default: %(default)s); moments of real time are its own, every time"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__, allow_abbrev=False)
    parser.add_argument("cases", nargs="*", choices=[[], *CASES], metavar="CASE", help=", ".join(CASES))
    parser.add_argument("--full", action="store_true", help="the long sizes")
    parser.add_argument("--seed", type=int, default=SEED, help=_SEED_HELP)
    parser.add_argument("--table", type=Path, metavar="FILE", help="write the rows as a Markdown table")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
