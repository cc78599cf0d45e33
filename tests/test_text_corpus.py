"""The cleaner on every real title and abstract we have: 100,000 papers from the archives and the daily lists.

A bound below is what was measured when it was written, with a little room. ``PAPERBOY_CORPUS_STEP=10`` reads every
tenth archive paper only.
"""

import gzip
import json
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context

from bot.text import clean, fold, words
from tests.shared import shared

STEP = int(os.environ.get("PAPERBOY_CORPUS_STEP", "1"))
COMMAND = re.compile(r"\\[A-Za-z]+")
UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ue000-\uf8ff]")
DOLLAR_FORMULA = re.compile(r"\$[^$\d\s][^$]{0,80}\$")
WORKERS = 2


def _archive(share: int) -> Iterator[tuple[str, str]]:
    with gzip.open(shared("corpus", "arxiv-98k.jsonl.gz"), "rt", encoding="utf-8") as lines:
        for line in islice(lines, share * STEP, None, WORKERS * STEP):
            paper = json.loads(line)
            yield paper["title"], paper["abstract"]


def _snapshot() -> Iterator[tuple[str, str]]:
    for path in sorted(shared("arxiv", "snapshot").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            paper = json.loads(line)
            yield paper["title"], paper["abstract"]


def _daily() -> Iterator[tuple[str, str]]:
    for path in sorted(shared("hf_daily").glob("*.json.gz")):
        for item in json.loads(gzip.decompress(path.read_bytes())):
            yield item["paper"]["title"], item["paper"]["summary"]


def _faults(papers: Iterator[tuple[str, str]]) -> Counter[str]:
    """Counts of papers and texts, and of everything a cleaned text should not have."""
    seen: Counter[str] = Counter()
    for title, abstract in papers:
        seen["papers"] += 1
        for raw in (title, abstract):
            seen["texts"] += 1
            seen.update(_faults_of(raw))
    return seen


def _faults_of(raw: str) -> Iterator[str]:
    shown = clean(raw)
    if raw.strip() and not shown:
        yield "emptied"
    if clean(shown) != shown:
        yield "unstable"
    if UNSEEN.search(shown) or not unicodedata.is_normalized("NFC", shown):
        yield "unseen characters"
    if COMMAND.search(shown):
        yield "commands"
    if DOLLAR_FORMULA.search(shown):
        yield "formulas"


def _archive_faults(share: int) -> Counter[str]:
    return _faults(_archive(share))


def test_every_archived_paper_becomes_readable() -> None:
    shared("corpus", "arxiv-98k.jsonl.gz")
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn")) as pool:
        seen = sum(pool.map(_archive_faults, range(WORKERS)), Counter[str]())
    print(dict(seen))
    assert seen["papers"] == -(-97_858 // STEP)
    assert seen["emptied"] == seen["unstable"] == seen["unseen characters"] == seen["commands"] == 0
    assert seen["formulas"] <= 20


def test_every_snapshot_and_daily_paper_becomes_readable() -> None:
    for papers, count in ((_snapshot(), 120), (_daily(), 2341)):
        seen = _faults(papers)
        print(dict(seen))
        assert seen.pop("papers") == count
        assert seen == {"texts": 2 * count}


def test_every_daily_title_has_words_that_survive_folding() -> None:
    for title, _ in _daily():
        shown = clean(title)
        assert words(shown)
        assert words(fold(shown)) == words(shown)
