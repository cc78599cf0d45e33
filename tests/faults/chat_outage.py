"""The same kills, each followed by an outage longer than Discord knows a nonce: then only its history can tell."""

from collections.abc import Iterator

from tests.faults.chat_shards import row, stormy
from tests.faults.chat_storm import WINDOW
from tests.faults.rows import Plan, Row

AWAY = (5 * WINDOW, 60 * WINDOW)
"""Seconds from a kill to the next start; the window is that of the stand-in, Discord's is "a few minutes"."""


def run(plan: Plan) -> Iterator[Row]:
    kills = plan.pick(2, 8, 100)
    damage = stormy(plan, "outage", kills, away=AWAY)
    yield row("killed, away for long", damage, f"away {AWAY[0] // 60} to {AWAY[1] // 60} minutes")
