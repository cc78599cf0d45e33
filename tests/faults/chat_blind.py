"""The same kills where Slack gives no history: each unclear end risks a repeat, which is counted; nothing is lost."""

from collections.abc import Iterator
from dataclasses import replace

from tests.faults.chat_shards import row, stormy
from tests.faults.rows import Plan, Row


def run(plan: Plan) -> Iterator[Row]:
    kills = plan.pick(2, 8, 100)
    damage = stormy(plan, "blind", kills, blind=True)
    found = row(plan, "killed, no history at Slack", damage, f"{damage.repeated} repeated of {damage.risked} risked")
    allowed = damage.repeated <= damage.risked
    yield replace(found, repeated=0 if allowed else damage.repeated)
