"""Killed at random moments while it posts to Slack and Discord under load, one request in five failing."""

from collections.abc import Iterator
from dataclasses import replace

from tests.faults.chat_shards import row, stormy
from tests.faults.rows import Plan, Row


def run(plan: Plan) -> Iterator[Row]:
    kills = plan.pick(3, 60, 2000)
    damage = stormy(plan, "kills", kills)
    found = row("killed between chats", damage, f"{damage.swallowed} known to Discord by their nonce")
    untried = [] if damage.swallowed or plan.size != "full" else ["no nonce kept a post from showing twice"]
    yield replace(found, problems=(*found.problems, *untried))
