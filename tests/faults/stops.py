"""Stopped in the middle of posting: by signals, which have to end it within ten seconds, and by kills after a start."""

import signal
import time
from collections.abc import Iterator

from tests.faults.inspecting import harm
from tests.faults.rows import Plan, Row
from tests.faults.scene import LEASE_AND_MORE, Scene, scene
from tests.flow.running import PATIENCE

SOON = 10
"""Seconds that a system gives a process that it told to end."""
COMPLAINTS = ("Traceback", '"level": "ERROR"', " ERROR ")


def run(plan: Plan) -> Iterator[Row]:
    yield _terminated(plan)
    yield _crashing(plan)


def _terminated(plan: Plan) -> Row:
    stops, chance = plan.pick(1, 2, 100), plan.chance("terminated")
    problems, slowest, amid = [], 0.0, 0
    with scene(plan.room("terminated"), plan.pick(5, 10, 20)) as on:
        on.set_up()
        for number in range(stops):
            on.stand.publish(20)
            before = on.paperboy.count_posts()
            on.paperboy.start()
            _until_posted(on, before + chance.randint(1, len(on.rooms)))
            amid += on.paperboy.count_posts() < on.due
            began = time.monotonic()
            code = on.paperboy.terminate(chance.choice((signal.SIGTERM, signal.SIGINT, signal.SIGHUP)))
            slowest = max(slowest, time.monotonic() - began)
            if code or time.monotonic() - began > SOON:
                problems.append(f"stop {number} took {time.monotonic() - began:.1f} s and ended with {code}")
            on.advance(LEASE_AND_MORE)
        return _ended(on, "SIGTERM while posting", f"{stops} stops", amid, problems, f"slowest {slowest:.1f} s")


def _crashing(plan: Plan) -> Row:
    """Killed again and again, with news each time: as it starts, or in the middle of its posts."""
    kills, chance, amid = plan.pick(1, 3, 50), plan.chance("crashing"), 0
    with scene(plan.room("crashing"), plan.pick(10, 30, 60)) as on:
        on.set_up()
        for number in range(kills):
            on.stand.publish(5)
            before = on.paperboy.count_posts()
            on.paperboy.start()
            if number % 4 == 3:
                time.sleep(chance.uniform(0.2, 0.7))
            else:
                _until_posted(on, before + chance.randint(1, len(on.rooms)))
            on.paperboy.kill()
            amid += on.paperboy.count_posts() < on.due
            on.advance(LEASE_AND_MORE)
        return _ended(on, "crash loop", f"{kills} kills", amid, [], "")


def _until_posted(on: Scene, posts: int) -> None:
    """Until there are so many, to the millisecond: between two of them there are only a few."""
    ends = time.monotonic() + PATIENCE
    while on.paperboy.count_posts() < posts:
        assert time.monotonic() < ends, f"never {posts} posts: {on.paperboy.errors[-1500:]}"
        time.sleep(0.001)


def _ended(on: Scene, case: str, size: str, injected: int, problems: list[str], note: str) -> Row:
    """Let it run undisturbed, end it, and count. ``injected`` are those that came while there was more to post."""
    on.paperboy.start()
    on.settle()
    on.paperboy.type("/papers status")  # by then it listens to signals
    problems += [f"it ended with {code}" for code in [on.paperboy.terminate()] if code]
    problems += [line for line in on.paperboy.errors.splitlines() if any(word in line for word in COMPLAINTS)]
    lost, repeated = on.lost_and_repeated()
    note = ", ".join(filter(None, [f"{on.due} posts", note]))
    return Row(
        case=case,
        size=size,
        injected=injected,
        lost=lost,
        repeated=repeated,
        problems=(*problems, *harm(on.paperboy.database)),
        note=note,
    )
