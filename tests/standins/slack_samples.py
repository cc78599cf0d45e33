"""Slack's own samples of answers and payloads, and what the stand-in says that they do not have."""

import json
import tarfile
from functools import cache
from typing import Any

from tests.shared import specs


def sample(name: str) -> Any:
    return json.loads(_files()[f"samples/{name}"])


@cache
def _files() -> dict[str, bytes]:
    with tarfile.open(specs("slack", "samples.tar.gz")) as archive:
        return {member.name: file.read() for member in archive if (file := archive.extractfile(member))}


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
