"""Told to end while it posts to both chats, which answer slowly or not at all, and people have just typed commands.

At every second stop its source is silent as well, with a poll and a search waiting for it.
"""

import asyncio
import signal
import time
from collections.abc import Iterator

from aiohttp import web

from tests.faults.chat_ending import ended, start, until
from tests.faults.chat_scene import Scene, scene
from tests.faults.forked import launcher
from tests.faults.rows import Plan, Row
from tests.faults.scene import LEASE_AND_MORE
from tests.flow.hub import serving
from tests.standins.discord_faults import Kind

SOON = 10
"""Seconds that a system gives a process that it told to end."""
_AT_DISCORD: dict[Kind, float] = {"slow": 0.3, "silence": 0.15, "silence after": 0.15}
_AT_SLACK = {"slow": 0.3, "silence before": 0.15, "silence after": 0.15}
_SECONDS = 15
"""For which an answer drips or fails to come: longer than anybody waits for one."""


def run(plan: Plan) -> Iterator[Row]:
    stops, chance, silent = plan.pick(1, 2, 30), plan.chance("drain"), Silent()
    with (
        launcher() as launched,
        serving(silent.answer) as nobody,
        scene(plan.room("drain"), launched, plan.pick(3, 5, 10)) as on,
    ):
        problems, slowest = list[str](), 0.0
        sources = on.paperboy.environ["PAPERBOY_HUGGINGFACE_URL"], nobody
        for number in range(stops):
            on.press.bring(2)
            _be_slow(on, chance.getrandbits(30))
            before = _struck(on), silent.asked
            on.paperboy.environ["PAPERBOY_HUGGINGFACE_URL"] = sources[number % 2]
            start(on)
            until(lambda before=before: (_struck(on), silent.asked) != before, "nothing was slow")  # type: ignore[misc]
            time.sleep(chance.uniform(0, 1))
            _type(on)
            began = time.monotonic()
            code = on.paperboy.terminate(chance.choice((signal.SIGTERM, signal.SIGINT, signal.SIGHUP)))
            took = time.monotonic() - began
            slowest = max(slowest, took)
            problems += [f"stop {number} took {took:.1f} s and ended with {code}"] if code or took > SOON else []
            on.advance(LEASE_AND_MORE.total_seconds())
        struck = _struck(on)
        on.paperboy.environ["PAPERBOY_HUGGINGFACE_URL"] = sources[0]
        on.place.slack.faults.calm()
        on.place.discord.faults.calm()
        yield ended(
            on,
            case="SIGTERM between slow chats",
            size=f"{stops} stops",
            injected=struck + silent.asked,
            problems=problems,
            note=f"{struck} slow or no answers of chats, {silent.asked} of sources, slowest stop {slowest:.1f} s",
        )


class Silent:
    """A source that never answers, and how often it was ``asked``."""

    asked = 0

    async def answer(self, _: web.Request) -> web.Response:
        self.asked += 1
        await asyncio.sleep(60)
        return web.Response(status=500)


def _be_slow(on: Scene, seed: int) -> None:
    on.place.discord.weather(seed, _AT_DISCORD, path=r"/messages$", seconds=_SECONDS)
    on.place.slack.weather(seed, _AT_SLACK, r"chat\.postMessage|conversations\.history")
    on.place.slack.faults.drip = _SECONDS


def _struck(on: Scene) -> int:
    return on.place.slack.faults.done.total() + on.place.discord.faults.happened.total()


def _type(on: Scene) -> None:
    """Commands that ask the source, of which nobody waits for the answer."""
    place, query = on.place, {"query": "attention", "in": "hf"}
    if place.slack.sockets.count:
        place.at_slack(place.slack.slash(place.slack.reader, "/papers", "search attention in:hf", "c0", wait=False))
    if place.discord.gateway.connected:
        somebody, room = place.discord.user("somebody"), place.rooms[0]
        asked = place.discord.slash(somebody, "papers", "search", query, where=room, until=lambda _: True)
        place.at_discord(asked)
