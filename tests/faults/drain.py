"""Told to end while it posts to both chats, answers slowly or not at all, and somebody has just typed a command."""

import signal
import time
from collections.abc import Iterator

from tests.faults.chat_ending import ended, until
from tests.faults.chat_scene import Scene, scene
from tests.faults.forked import launcher
from tests.faults.rows import Plan, Row
from tests.faults.scene import LEASE_AND_MORE
from tests.standins.discord_faults import Kind

SOON = 10
"""Seconds that a system gives a process that it told to end."""
_AT_DISCORD: dict[Kind, float] = {"slow": 0.3, "silence": 0.15, "silence after": 0.15}
_AT_SLACK = {"slow": 0.3, "silence before": 0.15, "silence after": 0.15}
_SECONDS = 15
"""For which an answer drips or fails to come: longer than anybody waits for one."""


def run(plan: Plan) -> Iterator[Row]:
    stops, chance = plan.pick(1, 3, 30), plan.chance("drain")
    with launcher() as launched, scene(plan.room("drain"), launched, plan.pick(3, 5, 10)) as on:
        problems, slowest = list[str](), 0.0
        for number in range(stops):
            on.press.bring(2)
            _be_slow(on, chance.getrandbits(30))
            before = _struck(on)
            on.paperboy.start()
            until(lambda before=before: _struck(on) > before, "nothing was slow")  # type: ignore[misc]
            time.sleep(chance.uniform(0, 1))
            _type(on)
            began = time.monotonic()
            code = on.paperboy.terminate(chance.choice((signal.SIGTERM, signal.SIGINT, signal.SIGHUP)))
            took = time.monotonic() - began
            slowest = max(slowest, took)
            problems += [f"stop {number} took {took:.1f} s and ended with {code}"] if code or took > SOON else []
            on.advance(LEASE_AND_MORE.total_seconds())
        struck = _struck(on)
        on.place.slack.faults.calm()
        on.place.discord.faults.calm()
        yield ended(
            on,
            case="SIGTERM between slow chats",
            size=f"{stops} stops",
            injected=stops,
            problems=problems,
            note=f"{struck} slow or no answers, slowest stop {slowest:.1f} s",
        )


def _be_slow(on: Scene, seed: int) -> None:
    on.place.discord.weather(seed, _AT_DISCORD, path=r"/messages$", seconds=_SECONDS)
    on.place.slack.weather(seed, _AT_SLACK, r"chat\.postMessage|conversations\.history")
    on.place.slack.faults.drip = _SECONDS


def _struck(on: Scene) -> int:
    return on.place.slack.faults.done.total() + on.place.discord.faults.happened.total()


def _type(on: Scene) -> None:
    """A command at Slack, of which nobody waits for the answer."""
    place = on.place
    if place.slack.sockets.opened:
        place.at_slack(place.slack.slash(place.slack.reader, "/papers", "search attention", "c0", wait=False))
