"""What the orders of send and store of comparable bots come to under as many kills and faults as ours: no promise."""

from collections.abc import Iterator
from typing import get_args

from tests.faults.chat_shards import row, stormy
from tests.faults.orders import Order
from tests.faults.rows import Plan, Row


def run(plan: Plan) -> Iterator[Row]:
    kills, every = plan.pick(2, 6, 200), get_args(Order)
    for order in plan.pick(every[1:], every, every):
        damage = stormy(plan, order.replace(", ", "-").replace(" ", "-"), kills, orders=order)
        yield row(f"a peer: {order}", damage, peer=True)
    if plan.size != "small":
        yield row("ours, to compare", stormy(plan, "ours", kills))
