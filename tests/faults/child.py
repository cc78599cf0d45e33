"""Work that needs a process of its own: its memory measured, its files left behind by a kill.

``python -m tests.faults.child MODULE FUNCTION ARGUMENTS``: the function gets the arguments, JSON, as keywords; what it
returns is printed as JSON, on the last line.
"""

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 1800
"""Seconds after which a process that should have ended never will."""


def command(module: str, function: str, **arguments: object) -> list[str]:
    return [sys.executable, "-m", "tests.faults.child", module, function, json.dumps(arguments)]


def result(module: str, function: str, *, environ: dict[str, str] | None = None, **arguments: object) -> Any:
    """What the function returns in a process of its own. Raises ``RuntimeError`` with what it said when it fails."""
    done = subprocess.run(
        command(module, function, **arguments),
        cwd=ROOT,
        capture_output=True,
        text=True,
        env=environ,
        timeout=PATIENCE,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{module}.{function} ended with {done.returncode}: {done.stderr[-3000:]}")
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    name, function, arguments = sys.argv[1:]
    print(json.dumps(getattr(import_module(name), function)(**json.loads(arguments))))
