"""Killed at random moments while it posts to Slack and Discord under load, one request in five failing."""

from collections.abc import Iterator

from tests.faults.chat_shards import row, stormy
from tests.faults.rows import Plan, Row


def run(plan: Plan) -> Iterator[Row]:
    kills = plan.pick(3, 60, 2000)
    yield row(plan, "killed between chats", stormy(plan, "kills", kills, shards=plan.pick(1, 1, 2)))
