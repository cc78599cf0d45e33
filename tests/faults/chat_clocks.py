"""A clock that is set, or a machine that slept, while messages to both chats are on their way: each is there once."""

import time
from collections.abc import Iterator

from tests.faults.chat_ending import ended, settle, start, until
from tests.faults.chat_scene import Scene, scene
from tests.faults.forked import launcher
from tests.faults.rows import Plan, Row
from tests.standins.discord_faults import Kind

LEAPS = (31, 7200, -7200, 90, -90, 900)
"""Seconds by which the clock is set: the shortest one ends every lease."""
_AT_DISCORD: dict[Kind, float] = {"late": 0.6, "slow": 0.1}
_AT_SLACK = {"late": 0.6, "slow": 0.1}
_SLOW = 3
"""Seconds until a late post is there and answered: by then whoever sends has looked for more to do, several times."""
_LOOKS = 1.7
"""Seconds after a leap in which whoever looks once a second has looked."""


def run(plan: Plan) -> Iterator[Row]:
    leaps, chance = plan.pick(2, 3, 60), plan.chance("chat clocks")
    with launcher() as launched, scene(plan.room("chat-clocks"), launched, plan.pick(2, 3, 5)) as on:
        start(on)
        met = 0
        for number in range(leaps):
            _be_slow(on, chance.getrandbits(30))
            on.press.bring(2)
            until(lambda: all(on.sending(name) for name in ("discord", "slack")), "nothing was on its way")
            time.sleep(chance.uniform(0, 0.5))
            before = _under_way(on)
            leap = LEAPS[number % len(LEAPS)]
            on.advance(leap)
            time.sleep(_LOOKS)
            met += len(before & _under_way(on))
            if leap < 0:
                on.advance(-leap)  # put right: what was put off waits for the hour that it was given
        _calm(on)
        settle(on)
        code = on.paperboy.terminate()
        yield ended(
            on,
            case="clock set while posting",
            size=f"{leaps} leaps",
            injected=met,
            problems=[f"it ended with {code}"] if code else [],
            note=f"{met} messages on their way before and after a leap of up to two hours",
        )


def _under_way(on: Scene) -> set[str]:
    """The nonces of what is being sent."""
    return {*on.sending("discord"), *on.sending("slack")}


def _be_slow(on: Scene, seed: int) -> None:
    on.place.discord.weather(seed, _AT_DISCORD, path=r"/messages$", seconds=_SLOW)
    on.place.slack.weather(seed, _AT_SLACK, r"chat\.postMessage")
    on.place.slack.faults.drip = _SLOW


def _calm(on: Scene) -> None:
    on.place.slack.faults.calm()
    on.place.discord.faults.calm()
