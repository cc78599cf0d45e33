"""A Paperboy between both chats that dies as soon as it is there, again and again: how often it identifies.

Discord counts sessions and resets the token of a bot that begins too many. From the fourth start on most die before
their turn comes; one in twelve lives until it is there. For it a minute of waiting takes a moment, for the clock is set
ahead, but only while it is known to wait: whoever did not wait would be seen to come too soon.
"""

import random
import time
from collections.abc import Iterator
from itertools import pairwise

from tests.faults.chat_ending import ended, until
from tests.faults.chat_scene import Scene, scene
from tests.faults.forked import launcher
from tests.faults.rows import Plan, Row

FREE_STARTS = 3
"""So many may come one after the other."""
MINUTE = 60_000
"""In ms: what is to lie between two identifies after those. Written here, not asked of the code that is tried."""
_LIVES = 12
"""One in so many starts lives until it has begun a session."""
_HURRY = 100
"""How many times faster the clock is while somebody waits."""
_WAITS = "discord.starts_slowly"


def run(plan: Plan) -> Iterator[Row]:
    crashes, chance = plan.pick(5, 50, 50), plan.chance("crash loop")
    with launcher() as launched, scene(plan.room("loop"), launched, plan.pick(2, 4, 10), LOG_LEVEL="WARNING") as on:
        problems: list[str] = []
        waited = 0
        for number in range(crashes):
            on.paperboy.start()
            if number < FREE_STARTS or number % _LIVES == FREE_STARTS + 1:
                on.press.bring(2)
                waited += _begun(on)
                chance.choice((_at_once, _at_once, _soon, _while_posting))(on, chance)
            else:
                waited += _came(on, at_all=chance.random() < 0.5)
            on.paperboy.kill()
            problems += [line for line in on.paperboy.forget_errors().splitlines() if "Traceback" in line]
            on.advance(chance.uniform(1, 5))
        stamps = [at for at, _, _ in on.place.discord.gateway.started]
        yield ended(
            on,
            case="crash loop between chats",
            size=f"{crashes} crashes",
            injected=crashes,
            problems=[*problems, *_too_soon(stamps), *_untried(stamps, waited, crashes)],
            note=f"{waited} starts waited, {_closest(stamps):.0f} s between identifies at least",
        )


def _came(on: Scene, *, at_all: bool) -> bool:
    """Until it has asked Discord for anything ``at_all``, or waits, or began a session. Returns whether it waits."""
    gateway, requests = on.place.discord.gateway, on.place.discord.log
    sessions, asked = len(gateway.started), len(requests)

    def is_there() -> bool:
        at_once = at_all and len(requests) > asked
        return at_once or _WAITS in on.paperboy.errors or len(gateway.started) > sessions

    until(is_there, "it did not come")
    return _WAITS in on.paperboy.errors


def _begun(on: Scene) -> bool:
    """Until it has begun a session at Discord. Returns whether it waited for that."""
    gateway = on.place.discord.gateway
    sessions, waits = len(gateway.started), False

    def is_there() -> bool:
        nonlocal waits
        waits = waits or _WAITS in on.paperboy.errors
        if waits and len(gateway.started) == sessions:
            time.sleep(0.05)
            on.advance(0.05 * _HURRY)
        return len(gateway.started) > sessions

    until(is_there, "no session at Discord")
    return waits


# --- when it dies -----------------------------------------------------------------------------------------------------


def _at_once(_: Scene, __: random.Random) -> None:
    """In the moment in which the session has begun."""


def _soon(_: Scene, chance: random.Random) -> None:
    time.sleep(chance.uniform(0, 0.3))


def _while_posting(on: Scene, chance: random.Random) -> None:
    """Or after a while: what its predecessor was sending is left alone for half a minute, by the clock."""
    on.count()
    posts, least, ends = on.found.total(), chance.randint(1, on.rooms), time.monotonic() + 1
    while on.found.total() < posts + least and time.monotonic() < ends:
        on.count()


# --- how often --------------------------------------------------------------------------------------------------------


def _too_soon(stamps: list[int]) -> Iterator[str]:
    """``stamps``: when sessions began, in ms, by the clock that everybody goes by."""
    for earlier, later in list(pairwise(stamps))[FREE_STARTS - 1 :]:
        if later - earlier < MINUTE:
            yield f"a session began {(later - earlier) / 1000:.1f} s after another one"


def _untried(stamps: list[int], waited: int, crashes: int) -> Iterator[str]:
    """``waited``: how many said so."""
    judged, least = len(stamps) - FREE_STARTS, max(1, crashes // _LIVES)
    if judged < least:
        yield f"only {judged} gaps between identifies could be judged, {least} are the least"
    if waited < least:
        yield f"only {waited} starts had to wait"


def _closest(stamps: list[int]) -> float:
    gaps = [later - earlier for earlier, later in pairwise(stamps)][FREE_STARTS - 1 :]
    return min(gaps, default=0) / 1000
