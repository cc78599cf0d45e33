"""Paperboy as a process whose time is read from a file: ``PYTHONPATH=. python tests/flow/launch.py CLOCK run``.

The file holds milliseconds since 1970 in UTC. Nothing else of the product is changed.
"""

import os
import sys
from pathlib import Path

from bot.__main__ import main

if __name__ == "__main__":
    clock = Path(sys.argv[1])
    sys.exit(main(sys.argv[2:], os.environ, clock=lambda: int(clock.read_text())))
