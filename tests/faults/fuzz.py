"""Lists and feeds mutated from recorded ones, through the real sources into the real store, with posts at the end."""

import gzip
import json
import random
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from tests.faults.hostile import Polled, polled, row
from tests.faults.mutate import few_entries, json_document, xml_document
from tests.faults.rows import Plan, Row
from tests.faults.sources import Answer, Round
from tests.shared import shared

_LISTS = ("today", "yesterday", "before", "trending")
_AT_ONCE = 1000
"""Documents through one process: its server holds as many answers."""


def run(plan: Plan) -> Iterator[Row]:
    """Half of the documents are JSON, a quarter is feeds (RSS and Atom), a quarter answers of arXiv's API."""
    documents = plan.pick(40, 500, 50_000)
    with ThreadPoolExecutor(plan.pick(1, 1, 2)) as pool:
        ends = list(pool.map(partial(_batch, plan, Samples(), documents), range(0, documents, _AT_ONCE)))
    yield row("fuzzed sources", f"{documents} documents", ends)


def _batch(plan: Plan, samples: "Samples", documents: int, start: int) -> Polled:
    """Those from ``start`` on, through a process of their own. Their bodies are let go of again."""
    chance, size = plan.chance(f"fuzz {start}"), min(_AT_ONCE, documents - start)
    rounds = [*json_rounds(samples, chance, size // 2), *xml_rounds(samples, chance, size - size // 2)]
    chance.shuffle(rounds)
    # Nothing is slow here but this machine, and what comes too late is not read.
    end = polled(rounds, plan.room(str(start)), FETCH_SECONDS="20")
    shutil.rmtree(plan.folder / str(start))
    return replace(end, rounds=[replace(turn, answers={}) for turn in rounds])


class Samples:
    """The recordings that are mutated."""

    def __init__(self) -> None:
        self.days = sorted(shared("hf_daily").glob("*.json.gz"))
        feeds = sorted(shared("arxiv", "rss").glob("*"))
        self.feeds = [_read(path).decode() for path in feeds]
        self.answers = [_read(path).decode() for path in sorted(shared("arxiv", "api").glob("*.xml"))]

    def items(self, chance: random.Random) -> list[Any]:
        """A few items of a day; one time in thirty all of them."""
        items: list[Any] = json.loads(_read(chance.choice(self.days)))
        return items if chance.random() < 1 / 30 else chance.sample(items, min(4, len(items)))

    def feed(self, chance: random.Random) -> str:
        text = chance.choice(self.feeds)
        return text if chance.random() < 1 / 30 else few_entries(text, chance)


def json_rounds(samples: Samples, chance: random.Random, documents: int) -> Iterator[Round]:
    """The four lists of a poll, and the bare paper of a look-up, each a document."""
    for number in range(0, documents, len(_LISTS) + 1):
        asked = [*_LISTS, "paper"][: documents - number]
        bodies = {name: json_document(chance, samples.items(chance)) for name in asked if name != "paper"}
        if "paper" in asked:
            bodies["paper"] = json_document(chance, samples.items(chance)[0]["paper"])
        answers = {name: Answer(body=body) for name, body in bodies.items()}
        yield Round(name=f"huggingface: JSON {number}", hostile="huggingface", answers=answers)


def xml_rounds(samples: Samples, chance: random.Random, documents: int) -> Iterator[Round]:
    """The feed of a poll, and an answer to a search."""
    for number in range(0, documents, 2):
        feed = Answer(body=xml_document(chance, samples.feed(chance)))
        answer = Answer(body=xml_document(chance, few_entries(chance.choice(samples.answers), chance)))
        yield Round(name=f"arxiv: XML {number}", hostile="arxiv", answers={"feed": feed, "api": answer})


def _read(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
