"""Heartbeats. The only file that knows APScheduler, which is used as a clock and no more: what is due is in the store.

Jobs are few, fixed and kept in memory. A job that is late runs once, never twice at a time (reference: misfires).
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MAX_INSTANCES, JobEvent, JobExecutionEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

log = logging.getLogger(__name__)

DRAIN = 5
"""Seconds for what is under way at the end: with a last round of posts it stays under the ten a system gives us."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """Something to do every ``seconds``, give or take ``jitter`` seconds; first after ``delay`` seconds."""

    name: str
    run: Callable[[], Coroutine[None, None, None]]
    seconds: float
    jitter: int = 0
    delay: float = 0


@asynccontextmanager
async def beating(beats: list[Beat]) -> AsyncIterator[None]:
    """Run the beats until the block ends. One under way then has ``DRAIN`` seconds to finish; no other starts."""
    running: dict[asyncio.Task[object], str] = {}
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
        await _drain(running)
        scheduler.shutdown(wait=False)
        # The scheduler carries that out in the next turn of the loop.
        await asyncio.sleep(0)


def _tracked(beat: Beat, running: dict[asyncio.Task[object], str]) -> Callable[[], Awaitable[None]]:
    """The beat, noting the scheduler's own task for it."""

    async def run() -> None:
        if task := asyncio.current_task():
            running[task] = beat.name
            task.add_done_callback(running.pop)
        await beat.run()

    return run


async def _drain(running: dict[asyncio.Task[object], str]) -> None:
    if not running:
        return
    _, late = await asyncio.wait(running, timeout=DRAIN)
    for task in late:
        log.warning("schedule.beat_cancelled", extra={"beat": running[task]})
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)


def _report(event: JobEvent) -> None:
    """A failed beat is logged; the next one tries again. A beat still running when due again is only worth a note."""
    if isinstance(event, JobExecutionEvent):
        log.error("schedule.beat_failed", extra={"beat": event.job_id}, exc_info=event.exception)
    else:
        log.debug("schedule.beat_still_running", extra={"beat": event.job_id})
