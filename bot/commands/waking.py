"""A place that takes no posts, tried because somebody asked for that or spoke there. The rest is in ``trials.py``."""

from bot.cadence import trial_after
from bot.commands.standing import plain_reason
from bot.commands.table import Desk
from bot.model import Target


async def woken(desk: Desk, target: Target) -> str:
    """Try a place now, and say so; empty where posts go, and where it is being tried already. Raises ``StoreError``.

    Whether posts go on there is known when one has arrived.
    """
    following = trial_after(target.suspended_at, desk.now())
    if not target.suspended or not await desk.store.outbox.try_out(target.id, following):
        return ""
    there = "here" if target.address.kind == "channel" else "to you"
    return f"Posting {there} is tried again now; it had stopped ({plain_reason(target.suspended)})."
