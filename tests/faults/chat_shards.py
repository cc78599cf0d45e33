"""Runs of ``chat_storm`` side by side, each in a process of its own with a seed of its own, summed up into one row."""

import json
import subprocess
from dataclasses import asdict
from functools import reduce
from operator import add
from typing import Any

from tests.faults import child
from tests.faults.chat_storm import Damage, Storm, weathered
from tests.faults.rows import Plan, Row

_MANY = 50
"""Kills."""


def stormy(plan: Plan, name: str, kills: int, **more: Any) -> Damage:
    """So many kills in all, of ours a few more in the smallest size. ``more`` are fields of ``Storm``."""
    shards = plan.pick(1, 2, 2)
    more["longer"] = plan.size == "small" and not more.get("orders")
    storms = [
        Storm(name=name, seed=f"{plan.seed} {name} {number}", kills=kills // shards, **more) for number in range(shards)
    ]
    if shards == 1:
        return weathered(storms[0], plan.room(name))
    started = [_started(storm, plan) for storm in storms]
    try:
        return reduce(add, map(_ended, started))
    finally:
        for process in started:
            process.kill()
            process.wait()


def _started(storm: Storm, plan: Plan) -> subprocess.Popen[str]:
    folder = str(plan.room(storm.seed.replace(" ", "-")))
    command = child.command("tests.faults.chat_storm", "run", storm=asdict(storm), folder=folder)
    return subprocess.Popen(command, cwd=child.ROOT, stdout=subprocess.PIPE, text=True)


def _ended(process: subprocess.Popen[str]) -> Damage:
    said, _ = process.communicate()
    if process.returncode:
        raise RuntimeError(f"{' '.join(process.args)} ended with {process.returncode}")  # type: ignore[arg-type]  # it is a list
    return Damage(**json.loads(said.splitlines()[-1]))


def row(case: str, damage: Damage, note: str = "", peer: bool = False) -> Row:
    """A peer is only measured: it need not have been struck."""
    return Row(
        case=case,
        size=f"{damage.kills} kills",
        injected=damage.kills + damage.before + damage.after,
        lost=damage.lost,
        repeated=damage.repeated,
        problems=(*damage.problems, *_delayed(damage), *([] if peer else _void(damage))),
        note=", ".join(filter(None, [noted(damage), note])),
        peer=peer,
    )


def noted(damage: Damage) -> str:
    said = (
        f"{damage.deliveries} deliveries",
        f"{damage.late} of them after the storm",
        f"{damage.struck} kills cut off {damage.cut} posts",
        f"faults {damage.before} before and {damage.after} after",
        f"{damage.looked_up} look-ups",
        f"{damage.resent} resent",
        f"{_share(damage.lost, damage)} lost",
        f"{_share(damage.repeated, damage)} repeated",
    )
    return ", ".join(said)


def _share(count: int, damage: Damage) -> str:
    return f"{100 * count / damage.deliveries:.3g} %"


def _delayed(damage: Damage) -> list[str]:
    """Of a few kills the last one may well be in the midst of everything."""
    is_late = damage.kills >= _MANY and damage.late > damage.deliveries / 2
    return [f"{damage.late} of {damage.deliveries} deliveries were made after the last kill"] if is_late else []


def _void(damage: Damage) -> list[str]:
    """What was not tried at all proves nothing."""
    tried = {"kill struck": damage.struck, "fault came before": damage.before, "fault came after": damage.after}
    return [f"no {what}" for what, times in tried.items() if not times]
