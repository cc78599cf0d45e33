"""Slack's own samples of answers and payloads, and what the stand-in says that they do not have."""

import json
import tarfile
from typing import Any

from tests.shared import specs


def sample(name: str) -> Any:
    with tarfile.open(specs("slack", "samples.tar.gz")) as archive:
        file = archive.extractfile(f"samples/{name}")
        assert file is not None
        return json.load(file)


UNSAMPLED = {"response_urls", "blocks"}
"""Keys of a submitted view that Slack documents and its samples leave out."""


def strange(value: Any, known: Any, path: str = "") -> list[str]:
    """Keys that the sample does not have. Where the sample has an empty object or null, anything may be."""
    if isinstance(value, dict) and isinstance(known, dict) and known:
        unknown = [f"{path}.{key}" for key in value.keys() - known.keys() - UNSAMPLED]
        return unknown + [s for key in value if key in known for s in strange(value[key], known[key], f"{path}.{key}")]
    if isinstance(value, list) and isinstance(known, list) and known and not path.endswith(".blocks"):
        return [s for inner in value for s in strange(inner, known[0], path)]
    return []
