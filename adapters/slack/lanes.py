"""How fast Slack is posted to: a lane for each channel and one for each workspace. In memory, one process."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from adapters.pace import Bucket
from adapters.slack.faults import SlackError

PATIENCE = 1.5
"""Seconds a message waits for its turn here; together with one call it stays inside the deadline of a send."""
FULL = 5.0
"""Messages a second in one workspace: "several hundred a minute", https://docs.slack.dev/apis/web-api/rate-limits."""
LEAST = 0.25
_CHANNEL_RATE, _CHANNEL_BURST = 1.0, 3

Sleep = Callable[[float], Awaitable[object]]


class Lanes:
    """One message a second in a channel, short bursts allowed; ``FULL`` in a workspace, less after a refusal.

    A refusal halves the workspace's rate; each message that goes through gives a fiftieth of the full rate back.
    """

    def __init__(
        self, *, most: int = 5000, clock: Callable[[], float] = time.monotonic, sleep: Sleep = asyncio.sleep
    ) -> None:
        """``most`` lanes are kept; of more, those not used for longest are forgotten."""
        self._most, self._clock, self._sleep = most, clock, sleep
        self._workspaces: OrderedDict[str, Bucket] = OrderedDict()
        self._channels: OrderedDict[str, Bucket] = OrderedDict()

    async def turn(self, team: str, channel: str) -> None:
        """Wait for a turn. Raises ``SlackError`` (busy) when it does not come within ``PATIENCE`` seconds."""
        try:
            async with asyncio.timeout(PATIENCE):
                await self._lane(self._channels, f"{team}/{channel}", _CHANNEL_RATE, _CHANNEL_BURST).take()
                await self._workspace(team).take()
        except TimeoutError:
            raise SlackError("many posts wait for their turn", fault="busy", retry_after=1) from None

    def went(self, team: str) -> None:
        """A message was taken."""
        bucket = self._workspace(team)
        bucket.rate = min(FULL, bucket.rate + FULL / 50)

    def refused(self, team: str, channel: str, seconds: float) -> None:
        """Slack asked for a pause of so many seconds. It does not say whether for the channel or the workspace."""
        self._lane(self._channels, f"{team}/{channel}", _CHANNEL_RATE, _CHANNEL_BURST).pause(seconds)
        bucket = self._workspace(team)
        bucket.rate = max(LEAST, bucket.rate / 2)

    def rate(self, team: str) -> float:
        """Messages a second this workspace is given now."""
        return self._workspace(team).rate

    def _workspace(self, team: str) -> Bucket:
        return self._lane(self._workspaces, team, FULL, 2 * FULL)

    def _lane(self, lanes: OrderedDict[str, Bucket], name: str, rate: float, burst: float) -> Bucket:
        if name not in lanes:
            lanes[name] = Bucket(rate, burst, clock=self._clock, sleep=self._sleep)
        lanes.move_to_end(name)
        if len(lanes) > self._most:
            lanes.popitem(last=False)
        return lanes[name]
