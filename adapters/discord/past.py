"""Which papers a channel shows: its own posts read back, a page at a time. Sends nothing.

A post is told from an answer to a command by the nonce in it. What stands in a thread below a post is a part of it.
"""

import re
from collections.abc import Iterator

from adapters import shown
from adapters.discord import buttons, history
from adapters.discord.history import Json
from adapters.discord.rooms import Room
from adapters.discord.wire import Wire
from bot.model import Past

_ADDRESS = re.compile(r"^<(https://\S+)>$", re.MULTILINE)
"""A line with an address alone, as the plain form of a post has them."""
_AT_ONCE = 10
"""Posts of a forum in a page: each is a request."""


async def of_channel(wire: Wire, room: Room, since: int, further: str) -> Past:
    """``further`` is the id of the oldest message that was read. Raises ``DeliveryError`` (ambiguous) where hidden."""
    page = await history.page(wire, room.id, further)
    if not page and not further:
        await history.must_be_readable(wire, room)
    recent = [message for message in page if int(message["id"]) >= history.snowflake(since)]
    oldest = min((int(message["id"]) for message in recent), default=0)
    return _past(wire, recent, str(oldest) if len(recent) == history.PAGE else "")


async def of_forum(wire: Wire, room: Room, since: int, further: str) -> Past:
    """Open posts first, then archived ones: ``open <id>`` and ``shut <when it was archived>`` are the last ones read.

    The first message of a post has the id of its thread; who wrote below it does not matter.
    """
    if not further:
        await history.must_be_readable(wire, room)  # threads that may not be seen are left out without a word
    stage, _, place = further.partition(" ")
    read = _shut if stage == "shut" else _open
    threads, next_ = await read(wire, room, since, place)
    recent = [thread for thread in threads if int(thread["id"]) >= history.snowflake(since)]
    own = [str(thread["id"]) for thread in recent if str(thread.get("owner_id")) == wire.own_id]
    first = [await history.first_message(wire, thread) for thread in own]
    return _past(wire, [message for message in first if message], next_)


async def _open(wire: Wire, room: Room, since: int, place: str) -> tuple[list[Json], str]:
    threads = [
        thread
        for thread in await history.open_threads(wire, room)
        if int(thread["id"]) >= history.snowflake(since) and (not place or int(thread["id"]) < int(place))
    ]
    threads.sort(key=lambda thread: -int(thread["id"]))
    page = threads[:_AT_ONCE]
    return page, f"open {page[-1]['id']}" if len(threads) > _AT_ONCE else "shut"


async def _shut(wire: Wire, room: Room, since: int, place: str) -> tuple[list[Json], str]:
    said = await history.archived(wire, room, place, _AT_ONCE)
    page: list[Json] = said["threads"]
    last = str(page[-1]["thread_metadata"]["archive_timestamp"]) if page else ""
    is_over = not last or not said.get("has_more") or history.is_before(last, since)
    return page, "" if is_over else f"shut {last}"


def _past(wire: Wire, messages: list[Json], further: str) -> Past:
    posts = [(buttons.nonce_of(m), m) for m in messages if history.is_own(wire, m.get("author"))]
    return shown.past(((nonce, history.posted_at(m), _marks(m)) for nonce, m in posts if nonce), further)


def _marks(post: Json) -> Iterator[str]:
    yield from buttons.commands_of(post)
    yield from _ADDRESS.findall(post.get("content") or "")
