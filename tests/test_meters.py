"""What is counted where it happens, and that no label can hold what somebody said or where."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest

from bot import deliver, meters, poll
from bot.errors import DeliveryError, SourceError
from bot.model import Edition, Linked, Paper
from tests.delivering import NOW, ROOM, Bench, bench_in, fault
from tests.making import edition, paper

LABELS = {"platform", "source", "outcome", "command", "kind", "beat"}
LIBRARYS = {"le", "generation", "implementation", "major", "minor", "patchlevel", "version"}
"""Labels of the library's own meters, of Python and of histograms."""


@contextmanager
def counted() -> Iterator[Counter[str]]:
    """What of ``fake`` and of no label was counted meanwhile: ``sends_total sent``."""
    before, found = _now(), Counter[str]()
    yield found
    found.update({name: value - before[name] for name, value in _now().items() if value != before[name]})


def _now() -> Counter[str]:
    samples = (sample for family in meters.REGISTRY.collect() for sample in family.samples)
    ours = (s for s in samples if s.name.startswith("paperboy_") and s.name.endswith("_total"))
    return Counter(
        {_short(s.name, s.labels): s.value for s in ours if set(s.labels.values()) & {"fake"} or not s.labels}
    )


def _short(name: str, labels: Mapping[str, str]) -> str:
    values = [value for value in labels.values() if value != "fake"]
    return " ".join([name.removeprefix("paperboy_").removesuffix("_total"), *values])


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with bench_in(tmp_path) as made:
        await made.subscribe()
        yield made


async def test_what_matches_is_frozen_and_sent_is_counted(bench: Bench) -> None:
    with counted() as found:
        await bench.publish(1, 2)
        await bench.deliver()
    assert found == {"deliveries_planned": 2, "messages_frozen": 1, "sends sent": 1}


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (fault("temporary"), {"sends again": 1}),
        (fault("busy"), {"sends busy": 1}),
        (fault("credential"), {"sends rests": 1}),
        (fault("payload"), {"sends plain": 1, "retries": 1, "sends dead": 1}),
        (fault("target"), {"sends suspend": 1, "sends sent": 1}),  # to its owner, who is told
        (fault("ambiguous"), {"sends again": 1, "ambiguous": 1}),
    ],
)
async def test_each_failure_is_counted_by_what_became_of_it(
    bench: Bench, error: DeliveryError, expected: dict[str, int]
) -> None:
    await bench.freeze(1)
    bench.platform.refuses[ROOM.room] = error
    with counted() as found:
        await bench.sender.drain(lambda: bench.now)
    assert found == expected


async def test_what_is_found_after_an_unclear_end_is_no_further_message(bench: Bench) -> None:
    await bench.freeze(1)
    bench.platform.after = [fault("ambiguous")]
    with counted() as found:
        await bench.deliver()
        await bench.deliver(deliver.MINUTE)
    assert found == {"sends again": 1, "ambiguous": 1, "retries": 1, "found": 1, "sends sent": 1}


async def test_a_send_at_the_risk_of_a_repeat_is_counted(bench: Bench) -> None:
    await bench.freeze(1)
    bench.platform.after = [fault("ambiguous")]
    bench.platform.blind = True
    with counted() as found:
        await bench.deliver()
        await bench.deliver(deliver.MINUTE)
    assert found["resent_at_risk"] == 1


async def test_a_message_that_is_given_up_is_counted_as_dead(bench: Bench) -> None:
    await bench.freeze(1)
    bench.platform.refuses[ROOM.room] = fault("temporary")
    with counted() as found:
        await bench.until_quiet()
    assert (found["sends dead"], found["sends again"], found["retries"]) == (1, 8, 8)


class Serves:
    """A source with one list, or one that fails."""

    name = "fake"
    scope = ""

    def __init__(self, *given: Edition | SourceError) -> None:
        self.given = given

    async def editions(self, now: datetime, cursor: Mapping[str, str]) -> AsyncIterator[Edition]:
        for one in self.given:
            if isinstance(one, SourceError):
                raise one
            yield one

    async def edition(self, day: object) -> Edition:
        raise SourceError("no such day")

    async def lookup(self, key: str) -> Paper | None:
        return None

    async def search(self, text: str, limit: int) -> list[Paper]:
        return []

    async def linked(self, key: str) -> Linked | None:
        return None


async def test_polls_are_counted_by_source_and_outcome_with_what_they_brought(bench: Bench) -> None:
    papers = bench.store.papers
    with counted() as found:
        await poll.poll(Serves(edition(paper(1), paper(2), source="fake")), papers, NOW)
        await poll.poll(Serves(SourceError("it answers 500.")), papers, NOW)
    assert found == {"polls ok": 1, "polls failed": 1, "papers_fresh": 2}


def test_labels_are_few_and_none_can_hold_a_room_a_person_a_paper_or_a_query() -> None:
    families = list(meters.REGISTRY.collect())
    used = {label for family in families for sample in family.samples for label in sample.labels}
    assert used <= LABELS | LIBRARYS
    assert [f.name for f in families if not f.name.startswith(("paperboy_", "process_", "python_"))] == []
    assert [f.name for f in families if not f.documentation] == []
