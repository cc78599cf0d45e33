"""How often papers are shown in what stands in a room, as text: by their cards, which may stand there twice."""

import re
from collections import Counter
from collections.abc import Iterable

_PAPER = re.compile(r"\b26\d\d\.\d{5}\b")


def cards(texts: Iterable[str]) -> Counter[str]:
    """A card names its paper often, but has one link to the PDF; a line may have none."""
    found = Counter[str]()
    for text in texts:
        found.update({paper: max(1, text.count(f"/pdf/{paper}")) for paper in set(_PAPER.findall(text))})
    return found
