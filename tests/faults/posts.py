"""What stands in the transcript of a terminal: which paper was posted where, and how often."""

import json
from collections import Counter
from pathlib import Path
from typing import Any


def posted(transcript: Path) -> Counter[tuple[str, str]]:
    """How often each paper, by id, was shown in each room."""
    return Counter((post["where"], paper) for post in posts(transcript) for paper in papers(post["payload"]))


def posts(transcript: Path) -> list[dict[str, Any]]:
    """The posts in order, as they were written; a last line that was cut is none."""
    if not transcript.exists():
        return []
    lines = transcript.read_text().rpartition("\n")[0].splitlines()
    return [record for record in map(json.loads, lines) if "post" in record]


def papers(payload: str) -> list[str]:
    said = json.loads(payload)
    pages = [page for card in said["cards"] for page in (card["url"], *(row["url"] for row in card["rows"]))]
    return [page.rpartition("/")[2] for page in pages if page]
