"""What the orders of send and store of comparable bots come to under the same kills and faults: no promise of ours."""

from collections.abc import Iterator
from dataclasses import replace
from typing import get_args

from tests.faults.chat_shards import row, stormy
from tests.faults.orders import Order
from tests.faults.rows import Plan, Row


def run(plan: Plan) -> Iterator[Row]:
    kills, every = plan.pick(2, 10, 200), get_args(Order)
    for order in plan.pick(every[1:], every, every):
        damage = stormy(plan, order.replace(", ", "-").replace(" ", "-"), kills, orders=order)
        found = row(f"a peer: {order}", kills, damage)
        yield replace(found, peer=True)
