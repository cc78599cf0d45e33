"""Heartbeats. The only file that knows APScheduler, which is used as a clock and no more: what is due is in the store.

Jobs are few, fixed and kept in memory. A job that is late runs once, never twice at a time (reference: misfires). Each
tells the pulse that it came round.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MAX_INSTANCES, JobEvent, JobExecutionEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bot import meters
from bot.log import outcry
from bot.pulse import Pulse

log = logging.getLogger(__name__)
# A beat that failed or is still running is reported by us, with its name as a field: once is enough.
for noisy in ("apscheduler.executors", "apscheduler.scheduler"):
    logging.getLogger(noisy).setLevel(logging.CRITICAL)

DRAIN = 2
"""Seconds for what is under way at the end. A last round of posts, answers under way and connections come after it, and
all of it has to fit into the ten that a system gives us."""
_LOOK = 1.0
"""Seconds between two looks at whether the clock was set back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """Something to do every ``seconds``, give or take ``jitter`` seconds; first after ``delay`` seconds."""

    name: str
    run: Callable[[], Coroutine[Any, Any, object]]
    seconds: float
    jitter: int = 0
    delay: float = 0


Wall = Callable[[], datetime]
"""The time that APScheduler goes by."""


def _wall() -> datetime:
    return datetime.now(UTC)


Running = dict[asyncio.Future[object], asyncio.Task[object]]
"""The scheduler's task for each beat under way, and ours within it."""


@asynccontextmanager
async def beating(
    beats: list[Beat], drain: float = DRAIN, pulse: Pulse | None = None, wall: Wall = _wall, look: float = _LOOK
) -> AsyncIterator[None]:
    """Run the beats until the block ends. One under way then has ``drain`` seconds to finish; no other starts.

    ``look`` in seconds between two looks at ``wall``.
    """
    pulse = pulse or Pulse()
    running: Running = {}
    scheduler = AsyncIOScheduler(
        timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    )
    scheduler.add_listener(_report, EVENT_JOB_ERROR | EVENT_JOB_MAX_INSTANCES)
    for beat in beats:
        pulse.expect(beat.name, beat.seconds, beat.delay)
        scheduler.add_job(
            _tracked(beat, running, pulse),
            IntervalTrigger(seconds=beat.seconds, jitter=beat.jitter or None, timezone=UTC),
            id=beat.name,
            next_run_time=datetime.now(UTC) + timedelta(seconds=beat.delay),
        )
    scheduler.start()
    following = asyncio.create_task(_follow(scheduler, wall, look), name="clock")
    following.add_done_callback(outcry)
    try:
        yield
    finally:
        following.cancel()
        pulse.forget()
        # Shut down at once it would cancel what is under way, and log that as a failure.
        scheduler.pause()
        await asyncio.sleep(0)  # what was handed over already begins, and is waited for
        await _drain(running, drain)
        scheduler.shutdown(wait=False)
        # The scheduler carries that out in the next turn of the loop.
        await asyncio.sleep(0)


def _tracked(beat: Beat, running: Running, pulse: Pulse) -> Callable[[], Awaitable[None]]:
    """The beat as a task of ours, so that it can be cancelled without the scheduler taking that for a failure."""

    async def run() -> None:
        outer, task = asyncio.current_task(), asyncio.create_task(beat.run(), name=beat.name)
        assert outer is not None
        running[outer] = task
        pulse.begun(beat.name)
        await asyncio.wait([task])
        del running[outer]
        if not task.cancelled():
            went_well = task.exception() is None
            (pulse.came if went_well else pulse.failed)(beat.name)
            meters.BEATS.labels(beat.name, "ok" if went_well else "failed").inc()
            task.result()

    return run


async def _follow(scheduler: AsyncIOScheduler, wall: Wall, look: float) -> None:
    """Bring the beats along when the clock is set back: they would be silent until it is where it was. Never ends.

    Set forward it does no harm: what it leaps over is late, and late beats run once.
    """
    loop = asyncio.get_running_loop()
    before = wall() - timedelta(seconds=loop.time())
    while True:
        await asyncio.sleep(look)
        now = wall() - timedelta(seconds=loop.time())
        leap, before = now - before, now
        if leap < -timedelta(seconds=1):
            log.warning("schedule.clock_set_back", extra={"seconds": round(-leap.total_seconds())})
            for job in scheduler.get_jobs():
                job.modify(next_run_time=job.next_run_time + leap)


async def _drain(running: Running, seconds: float) -> None:
    if not running:
        return
    outer = list(running)
    _, late = await asyncio.wait(running.values(), timeout=seconds)
    for task in late:
        log.info("schedule.beat_cancelled", extra={"beat": task.get_name()})
        task.cancel()
    await asyncio.wait(outer)


def _report(event: JobEvent) -> None:
    """A failed beat is logged; the next one tries again. A beat still running when due again is only worth a note."""
    if isinstance(event, JobExecutionEvent):
        log.error("schedule.beat_failed", extra={"beat": event.job_id}, exc_info=event.exception)
    else:
        log.debug("schedule.beat_still_running", extra={"beat": event.job_id})
