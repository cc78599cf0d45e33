"""Paperboy as a process whose time is read from a file: ``PYTHONPATH=. python tests/flow/launch.py CLOCK run``.

The file holds milliseconds since 1970 in UTC. Nothing else of the product is changed.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from bot.__main__ import main


def run(arguments: Sequence[str]) -> int:
    """The path of the clock, then the arguments of Paperboy. Returns the exit code."""
    clock = Path(arguments[0])
    return main(arguments[1:], os.environ, clock=lambda: int(clock.read_text()))


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
