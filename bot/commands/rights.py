"""Who may do what, and how often: what a platform says of somebody, weighed against what a space has set."""

from bot.commands.table import Desk
from bot.errors import CommandError, ReadOnlyError
from bot.model import Request

_MINUTE = 60_000


async def spend(desk: Desk, request: Request) -> None:
    """Count one use; administrators and pages are not counted. Raises ``CommandError`` when there were too many."""
    limit = desk.limits.commands_per_minute
    if request.admin or request.unasked:
        return
    try:
        free = await desk.store.people.spend(request.person, "command", desk.now(), limit=limit, window=_MINUTE)
    except ReadOnlyError:
        return
    if not free:
        raise CommandError(f"That was more than {limit} commands in a minute. Try again in a minute.")


async def may_manage(desk: Desk, request: Request) -> bool:
    """In their own room everybody manages what is theirs; elsewhere the policy of the space decides, for its own."""
    if request.manager or request.admin or request.where.kind == "person":
        return True
    space = await desk.store.people.space(request.where.platform, request.where.space)
    return (space.policy == "open" and not request.guest) or request.person.id in space.managers


async def may_mention(desk: Desk, request: Request) -> bool:
    """A post that mentions rings at many: that takes a manager, also where everybody may manage subscriptions."""
    if request.manager or request.admin or request.where.kind == "person":
        return True
    space = await desk.store.people.space(request.where.platform, request.where.space)
    return request.person.id in space.managers
