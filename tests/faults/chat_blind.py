"""The same kills where Slack gives no history: each unclear end risks a repeat, which is counted; nothing is lost."""

from collections.abc import Iterator
from dataclasses import replace

from tests.faults.chat_shards import row, stormy
from tests.faults.chat_storm import Damage
from tests.faults.rows import Plan, Row


def run(plan: Plan) -> Iterator[Row]:
    damage = stormy(plan, "blind", plan.pick(2, 8, 100), blind=True)
    note = f"{damage.doubtful} repeats excused by unclear ends, {damage.risked} papers risked"
    found = row("killed, no history at Slack", damage, note)
    yield replace(found, allowed=damage.doubtful, problems=(*found.problems, *_unexcused(damage)))


def _unexcused(damage: Damage) -> Iterator[str]:
    """Discord tells what arrived; and whoever repeats without knowing has to have it in the books."""
    if damage.at_discord:
        yield f"{damage.at_discord} repeated at Discord, where it can be known what arrived"
    if damage.risked < (seen := damage.repeated - damage.at_discord):
        yield f"{seen} repeated at Slack, but only {damage.risked} are noted as risked"
