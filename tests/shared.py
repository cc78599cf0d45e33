"""Real recorded data beside the checkout. Tests read it in place; nothing of it is copied into the project."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2] / "shared"


def shared(*parts: str) -> Path:
    """The path of shared data, e.g. ``shared("hf_daily")``. Skips without it, but fails in CI, where it must be."""
    path = ROOT.joinpath("data", *parts)
    if not path.exists():
        reason = f"the shared data {'/'.join(parts)} is not beside this checkout (looked in ../shared/data)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return path
