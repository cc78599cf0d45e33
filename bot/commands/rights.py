"""Who may do what: the one place that weighs what a platform says of somebody against what a space has set."""

from bot.commands.table import Desk
from bot.model import Request


async def may_manage(desk: Desk, request: Request) -> bool:
    """In their own room everybody manages what is theirs; elsewhere the policy of the space decides."""
    if request.manager or request.admin or request.where.kind == "person":
        return True
    space = await desk.store.people.space(request.where.platform, request.where.space)
    return space.policy == "open" or request.person.id in space.managers


async def may_mention(desk: Desk, request: Request) -> bool:
    """A post that mentions rings at many: that takes a manager, also where everybody may manage subscriptions."""
    if request.manager or request.admin or request.where.kind == "person":
        return True
    space = await desk.store.people.space(request.where.platform, request.where.space)
    return request.person.id in space.managers
