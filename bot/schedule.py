"""Heartbeats. The only file that knows APScheduler, which is used as a clock and no more: what is due is in the store.

Jobs are few, fixed and kept in memory. A job that is late runs once, never twice at a time (reference: misfires).
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

log = logging.getLogger(__name__)
# A beat that failed or is still running is reported by us, with its name as a field: once is enough.
for noisy in ("apscheduler.executors", "apscheduler.scheduler"):
    logging.getLogger(noisy).setLevel(logging.CRITICAL)

DRAIN = 4
"""Seconds for what is under way at the end: with a last round of posts it stays under the ten a system gives us."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """Something to do every ``seconds``, give or take ``jitter`` seconds; first after ``delay`` seconds."""

    name: str
    run: Callable[[], Coroutine[Any, Any, object]]
    seconds: float
    jitter: int = 0
    delay: float = 0


Running = dict[asyncio.Future[object], asyncio.Task[object]]
"""The scheduler's task for each beat under way, and ours within it."""


@asynccontextmanager
async def beating(beats: list[Beat], drain: float = DRAIN) -> AsyncIterator[None]:
    """Run the beats until the block ends. One under way then has ``drain`` seconds to finish; no other starts."""
    running: Running = {}
    scheduler = AsyncIOScheduler(
        timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    )
    scheduler.add_listener(_report, EVENT_JOB_ERROR | EVENT_JOB_MAX_INSTANCES)
    for beat in beats:
        scheduler.add_job(
            _tracked(beat, running),
            IntervalTrigger(seconds=beat.seconds, jitter=beat.jitter or None, timezone=UTC),
            id=beat.name,
            next_run_time=datetime.now(UTC) + timedelta(seconds=beat.delay),
        )
    scheduler.start()
    try:
        yield
    finally:
        # Shut down at once it would cancel what is under way, and log that as a failure.
        scheduler.pause()
        await asyncio.sleep(0)  # what was handed over already begins, and is waited for
        await _drain(running, drain)
        scheduler.shutdown(wait=False)
        # The scheduler carries that out in the next turn of the loop.
        await asyncio.sleep(0)


def _tracked(beat: Beat, running: Running) -> Callable[[], Awaitable[None]]:
    """The beat as a task of ours, so that it can be cancelled without the scheduler taking that for a failure."""

    async def run() -> None:
        outer, task = asyncio.current_task(), asyncio.create_task(beat.run(), name=beat.name)
        assert outer is not None
        running[outer] = task
        await asyncio.wait([task])
        del running[outer]
        if not task.cancelled():
            task.result()

    return run


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
