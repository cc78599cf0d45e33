"""How much the subscription index saves: papers against many subscriptions, with the index and without.

Run ``.venv/bin/python -m bench.matching [DAYS_FOLDER] [SUBSCRIPTIONS]``. Papers are recorded Hugging Face days, queries
are drawn from their own words by a fixed seed. Both ways must give the same answers, or it says so and fails. Read
the ratio: the times depend on the machine, and both are measured turn about in one run.
"""

import gzip
import random
import sys
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from bot.matching import Index
from bot.query import Document, Query, document, parse
from bot.sources.parse_huggingface import parse_list

ROUNDS = 5
TODAY = date(2026, 1, 1)


def papers(folder: Path, days: int) -> list[Document]:
    """The papers of the newest recorded days, ready to match."""
    found = []
    for path in sorted(folder.glob("*.json.gz"))[-days:]:
        listed, _ = parse_list(gzip.decompress(path.read_bytes()), day=date.fromisoformat(path.name[:10]))
        found += [document(paper) for paper in listed]
    return found


def queries(docs: Sequence[Document], count: int, chance: random.Random) -> list[Query]:
    """Words (half), pairs, alternatives, exclusions and conditions, from words that occur."""
    words = sorted({word for doc in docs for word in doc.words if len(word) > 3})
    forms = ("{0}", "{0}", "{0} {1}", "{0} OR {1}", "{0} -{1}", "{0} votes>=10")
    return [parse(chance.choice(forms).format(*chance.sample(words, 2))) for _ in range(count)]


def main(folder: Path, count: int) -> int:
    docs = papers(folder, 10)
    asked = list(enumerate(queries(docs, count, random.Random(7))))
    index = Index(asked)
    with_index, without = [], []
    for _ in range(ROUNDS):
        started = time.process_time()
        quick = [index.match(doc, TODAY) for doc in docs]
        middle = time.process_time()
        slow = [[(i, hit) for i, q in asked if (hit := q.match(doc, TODAY)) is not None] for doc in docs]
        without.append(time.process_time() - middle)
        with_index.append(middle - started)
        if quick != slow:
            print("the index and the plain way disagree")
            return 1
    hits = sum(map(len, quick))
    per_paper = [1000 * min(times) / len(docs) for times in (with_index, without)]
    print(f"{len(docs)} papers, {count:,} subscriptions, {hits / len(docs):.0f} matches a paper, equal answers")
    ratio = per_paper[1] / per_paper[0]
    print(f"index {per_paper[0]:.2f} ms a paper, trying all {per_paper[1]:.2f} ms: {ratio:.1f} times")
    return 0


if __name__ == "__main__":
    place = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("../shared/data/hf_daily")
    sys.exit(main(place, int(sys.argv[2]) if len(sys.argv) > 2 else 10_000))
