"""Who may do what, and how often: what a platform says of somebody, weighed against what a space has set."""

from typing import Literal

from bot.commands.rates import MINUTE
from bot.commands.table import Desk
from bot.errors import CommandError, ReadOnlyError
from bot.model import Request

ADMIN = 6
"""How many times as many commands an administrator may give: setting up a server by hand is many in a row. Without any
limit whoever makes a server of their own would have none.
"""
SPACE = 30
"""How many people's commands a whole space may give in a minute."""


async def spend(desk: Desk, request: Request) -> None:
    """Count one use. Raises ``CommandError`` when there were too many, of one person or of a whole space.

    What is refused to one person takes nothing from their space: nobody alone can shut the others out.
    """
    if request.owner or request.unasked:
        return
    limit = desk.limits.commands_per_minute
    mine = limit * ADMIN if request.admin else limit
    if not await _of_person(desk, request, mine):
        raise CommandError(f"That was more than {mine} commands in a minute. Try again in a minute.")
    if not _of_space(desk, request, "command", limit * SPACE):
        raise CommandError("There were too many commands here within a minute. Try again in a minute.")


async def _of_person(desk: Desk, request: Request, limit: int) -> bool:
    """Whether one more command fits into what they may give; all do where nothing can be written."""
    try:
        return await desk.store.people.spend(request.person, "command", desk.now(), limit=limit, window=MINUTE)
    except ReadOnlyError:
        return True


def is_flood(desk: Desk, request: Request, what: Literal["typed", "unasked"]) -> bool:
    """Whether there was more than a person or a space can mean of what nobody waits for; it is dropped without a word.

    Counted in memory alone, for it comes with every letter and every link. The operator is not counted.
    """
    limit = desk.limits.typed_per_minute if what == "typed" else desk.limits.unasked_per_minute
    person = request.person
    if request.owner:
        return False
    mine = desk.rates.take((what, person.platform, person.space, person.id), limit, desk.now())
    return not (mine and _of_space(desk, request, what, limit * SPACE))


def _of_space(desk: Desk, request: Request, what: str, limit: int) -> bool:
    """Whether one more fits into what a space may do; people without a space have none together."""
    where = request.where
    return not where.space or desk.rates.take((what, where.platform, where.space), limit, desk.now())


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
