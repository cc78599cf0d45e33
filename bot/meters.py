"""What is counted where it happens, for Prometheus: counters and timings of this process, handed out by ``monitor.py``.

A fact of the database is no meter: the monitor reads it there. No label ever holds a room, a person, a paper or a
query: labels are names of platforms, sources and commands of the table, and the few words listed here.
docs/monitoring.md explains them all.
"""

from prometheus_client import (
    CollectorRegistry,
    Counter,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)

disable_created_metrics()  # type: ignore[no-untyped-call]  # one more line for each that nobody asks for

REGISTRY = CollectorRegistry()
"""Ours alone: the library's own is everybody's."""
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)
GCCollector(registry=REGISTRY)

POLLS = Counter(
    "paperboy_polls_total", "Polls of a source that ended, by outcome (ok, failed).", ["source", "outcome"],
    registry=REGISTRY,
)  # fmt: skip
FRESH = Counter("paperboy_papers_fresh_total", "Papers that a poll brought for the first time.", ["source"],
                registry=REGISTRY)  # fmt: skip
PLANNED = Counter("paperboy_deliveries_planned_total", "Papers matched, once for each target.", registry=REGISTRY)
FROZEN = Counter("paperboy_messages_frozen_total", "Messages frozen to be sent.", ["platform"], registry=REGISTRY)
SENDS = Counter(
    "paperboy_sends_total",
    "Tries that ended, by outcome (sent, again, busy, rests, plain, dead, suspend).",
    ["platform", "outcome"],
    registry=REGISTRY,
)
RETRIES = Counter("paperboy_retries_total", "Tries begun that were not a message's first.", ["platform"],
                  registry=REGISTRY)  # fmt: skip
AMBIGUOUS = Counter("paperboy_ambiguous_total", "Tries that ended without telling whether the message arrived.",
                    ["platform"], registry=REGISTRY)  # fmt: skip
FOUND = Counter("paperboy_found_total", "Messages that were looked for after an unclear end and had arrived.",
                ["platform"], registry=REGISTRY)  # fmt: skip
RISKED = Counter("paperboy_resent_at_risk_total", "Sends begun although an earlier one may have arrived.",
                 ["platform"], registry=REGISTRY)  # fmt: skip
COMMANDS = Histogram(
    "paperboy_command_seconds", "How long a command took to be answered, platforms not counted.", ["command"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30), registry=REGISTRY,
)  # fmt: skip
FAILED = Counter(
    "paperboy_commands_failed_total",
    "Commands that failed, by kind (mistake: the user's; store: the database; broke: ours; platform: theirs).",
    ["command", "kind"],
    registry=REGISTRY,
)
BEATS = Counter("paperboy_beats_total", "Heartbeats that ended, by outcome (ok, failed).", ["beat", "outcome"],
                registry=REGISTRY)  # fmt: skip
LAG = Histogram(
    "paperboy_loop_lag_seconds", "How much later than asked for the event loop went on.",
    buckets=(0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10), registry=REGISTRY,
)  # fmt: skip
