"""Which papers a post of ours shows, read back from what stands in it: commands of its buttons, addresses in it. Pure.

For platforms that tell what a room shows (``bot.ports.History``). Buttons and titles are in every post, in every form
(``bot/cards.py``); texts of papers, which may name other papers, are not read.
"""

import re
from collections.abc import Iterable

from bot.model import ARXIV_ID, WATCHED, Past, key_of

_COMMAND = re.compile(rf"/papers (?:show|save|similar|cite|me less) (?:paper:)?({ARXIV_ID.pattern})")
_PAGE = re.compile(rf"https://(?:huggingface\.co/papers|arxiv\.org/abs)/({ARXIV_ID.pattern})")
_MORE = re.compile(r"/papers more date:\d{4}-\d{2}-\d{2}")


def past(posts: Iterable[tuple[str, int, Iterable[str]]], further: str = "") -> Past:
    """A page of a room's past. Of each post: its nonce, when it was posted (ms), the commands and addresses in it."""
    papers: dict[str, int] = {}
    counted = 0
    for nonce, at, marks in posts:
        for mark in () if nonce.startswith(WATCHED) else marks:
            if key := paper(mark):
                papers.setdefault(key, at)
            elif _MORE.fullmatch(mark):
                counted = max(counted, at)
    return Past(papers=papers, counted=counted, further=further)


def paper(mark: str) -> str:
    """The key of the paper whose button has this command or whose page has this address; empty for any other."""
    found = _COMMAND.fullmatch(mark) or _PAGE.fullmatch(mark)
    return key_of(found[1]) if found else ""
