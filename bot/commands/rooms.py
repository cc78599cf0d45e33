"""Which target a request means, and how to look at it without making one. The only place that turns a request into
an address: nothing else decides whose rows a command reaches."""

from bot.commands.table import Desk
from bot.model import Address, Request, Target


def here(request: Request) -> Address:
    """Where the request was made; in a room of their own, the person it belongs to."""
    return request.person.address if request.where.kind == "person" else request.where


def own(request: Request) -> Address:
    """Where the person is spoken to alone, wherever the request was made."""
    return request.person.address


async def look(desk: Desk, where: Address) -> Target:
    """The target at an address for reading; with id 0, at which nothing is stored, when there is none yet."""
    found = await desk.store.subscriptions.find_target(where)
    return found or Target(id=0, address=where, preferences=desk.defaults)
