"""Real recorded data and official documents beside the checkout: read in place; nothing of them is in the project."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2] / "shared"


def shared(*parts: str) -> Path:
    """The path of shared data, e.g. ``shared("hf_daily")``. Skips without it, but fails in CI, where it must be."""
    return _beside("data", *parts)


def specs(*parts: str) -> Path:
    """The path of an official document, e.g. ``specs("discord", "openapi.json.gz")``; as ``shared`` where absent."""
    return _beside("specs", *parts)


def _beside(*parts: str) -> Path:
    path = ROOT.joinpath(*parts)
    if not path.exists():
        reason = f"{'/'.join(parts)} is not beside this checkout (looked in ../shared)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return path
