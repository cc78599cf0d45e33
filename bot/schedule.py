"""Heartbeats. The only file that knows APScheduler, which is used as a clock and no more: what is due is in the store.

Jobs are few, fixed and kept in memory. A job that is late runs once, never twice at a time (reference: misfires).
"""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MAX_INSTANCES, JobEvent, JobExecutionEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """Something to do every ``seconds``, give or take ``jitter`` seconds; first after ``delay`` seconds."""

    name: str
    run: Callable[[], Awaitable[None]]
    seconds: float
    jitter: int = 0
    delay: float = 0


@asynccontextmanager
async def beating(beats: list[Beat]) -> AsyncIterator[None]:
    """Run the beats until the block ends. A beat under way is not interrupted by the end of the block."""
    scheduler = AsyncIOScheduler(
        timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    )
    scheduler.add_listener(_report, EVENT_JOB_ERROR | EVENT_JOB_MAX_INSTANCES)
    for beat in beats:
        scheduler.add_job(
            beat.run,
            IntervalTrigger(seconds=beat.seconds, jitter=beat.jitter or None, timezone=UTC),
            id=beat.name,
            next_run_time=datetime.now(UTC) + timedelta(seconds=beat.delay),
        )
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=False)


def _report(event: JobEvent) -> None:
    """A failed beat is logged; the next one tries again. A beat still running when due again is only worth a note."""
    if isinstance(event, JobExecutionEvent):
        log.error("schedule.beat_failed", extra={"beat": event.job_id}, exc_info=event.exception)
    else:
        log.debug("schedule.beat_still_running", extra={"beat": event.job_id})
