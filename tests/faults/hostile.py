"""Sources that bomb, drip, lie and break off: no crash, little memory, no stall, and the other source goes on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.faults import child, hostile_bodies
from tests.faults.posts import posted
from tests.faults.rows import Plan, Row
from tests.faults.sources import Round, Sources, mark
from tests.flow.hub import serving

MOST_MEGABYTES = 64
"""By which a round may make the process grow."""
LONGEST_STALL = 0.1
"""Seconds for which the event loop may stand still."""


def run(plan: Plan) -> Iterator[Row]:
    rounds = hostile_bodies.rounds(plan.pick(hostile_bodies.FEW, None, None))
    yield row("hostile sources", f"{len(rounds)} rounds", [polled(rounds, plan.room("answers"))])
    yield _unnamed(plan)


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled:
    """What one process came to that polled through all of ``rounds``; ``costs`` is what each of them cost and said.

    ``given``: how many hostile answers it got.
    """

    rounds: list[Round]
    costs: list[dict[str, Any]]
    given: int
    lost: int
    repeated: int
    problems: tuple[str, ...]


def polled(rounds: list[Round], folder: Path, **settings: str) -> Polled:
    """Run the process, and see what became of the papers of the source that was well."""
    settings = {"FETCH_SECONDS": "1.5", **settings}
    sources = Sources(rounds)
    with serving(sources.answer) as url:
        seen = child.result(
            "tests.faults.poller", "watched", url=url, folder=str(folder), rounds=len(rounds), settings=settings
        )
    counts = posted(folder / "paperboy.db.terminal.jsonl")
    marks = [mark(number, turn.hostile) for number, turn in enumerate(rounds)]
    return Polled(
        rounds=rounds,
        costs=seen["rounds"],
        given=len(sources.given),
        lost=sum(("#well", paper) not in counts for paper in marks),
        repeated=sum(count - 1 for count in counts.values()),
        problems=(*_problems(rounds, seen), *_unasked(rounds, sources)),
    )


def row(case: str, size: str, ends: Sequence[Polled]) -> Row:
    """Of some processes together."""
    return Row(
        case=case,
        size=size,
        injected=sum(end.given for end in ends),
        lost=sum(end.lost for end in ends),
        repeated=sum(end.repeated for end in ends),
        problems=tuple(problem for end in ends for problem in end.problems),
        note=_worst([turn for end in ends for turn in end.rounds], [cost for end in ends for cost in end.costs]),
    )


def _problems(rounds: list[Round], seen: dict[str, Any]) -> Iterator[str]:
    yield from (*seen["complaints"], *seen["unsound"])
    if seen["kept"] > MOST_MEGABYTES:
        yield f"{seen['kept']:.0f} MiB were kept to the end"
    for turn, cost in zip(rounds, seen["rounds"], strict=True):
        well = "arxiv" if turn.hostile == "huggingface" else "huggingface"
        if cost["errors"].get(well):
            yield f"{turn.name}: the other source failed: {cost['errors'][well]}"
        if "mistake of ours" in cost["errors"].get(turn.hostile, ""):
            yield f"{turn.name}: {cost['errors'][turn.hostile]}"
        if cost["grew"] > MOST_MEGABYTES:
            yield f"{turn.name}: memory grew by {cost['grew']:.0f} MiB"
        if cost["stall"] > LONGEST_STALL:
            yield f"{turn.name}: the event loop stood still for {1000 * cost['stall']:.0f} ms"


def _unasked(rounds: list[Round], sources: Sources) -> Iterator[str]:
    given = {number for number, _ in sources.given}
    yield from (f"{turn.name}: nobody asked" for n, turn in enumerate(rounds) if turn.answers and n not in given)


def _worst(rounds: list[Round], costs: list[dict[str, Any]]) -> str:
    grew, most = max((cost["grew"], turn.name) for turn, cost in zip(rounds, costs, strict=True))
    stall, longest = max((cost["stall"], turn.name) for turn, cost in zip(rounds, costs, strict=True))
    refused = sum(bool(cost["errors"].get(turn.hostile)) for turn, cost in zip(rounds, costs, strict=True))
    said = f"{refused} of {len(rounds)} polls refused, most memory +{grew:.0f} MiB ({most})"
    return f"{said}, longest stall {1000 * stall:.0f} ms ({longest})"


def _unnamed(plan: Plan) -> Row:
    """A source whose name no resolver knows, and one that nobody answers at."""
    rounds = [Round(name="huggingface: unknown host", hostile="huggingface", answers={})] * 3
    end = polled(rounds, plan.room("dns"), HUGGINGFACE_URL="https://no-such-host.invalid")
    refused = sum(bool(cost["errors"].get("huggingface")) for cost in end.costs)
    return row("hostile DNS", f"{len(rounds)} polls", [replace(end, given=refused)])
