"""What those who manage are told of sources that cannot be read. Pure, plain text; what is said of papers is in cards.

What went wrong is in the source's or the network's own words: adapters escape it like any text.
"""

from collections.abc import Sequence

from bot.cards import Post, Tone, notice
from bot.model import SourceHealth
from bot.phrases import span, spoken


def stale_post(outages: Sequence[SourceHealth], others: Sequence[str], now: int) -> Post:
    """For sources that could not be read since their ``failing_since``; ``others`` are read as ever."""
    its, it_answers = ("Its", "it answers") if len(outages) == 1 else ("Their", "they answer")
    said = [
        *(_stale(outage, now) for outage in outages),
        f"{its} new papers may come late: when {it_answers} again, the days between are read too, and what matches is"
        " posted.",
    ]
    if others:
        said.append(f"{' and '.join(map(spoken, others))} {'is' if len(others) == 1 else 'are'} read as ever.")
    return _post(said, "warning")


def back_post(outages: Sequence[SourceHealth], now: int) -> Post:
    """For those who were told of these outages."""
    said = [f"{spoken(o.source)} is read whole again, after {span(o.failing_since, now)}." for o in outages]
    return _post([*said, "What came meanwhile is being posted."], "good")


def _stale(outage: SourceHealth, now: int) -> str:
    lasting = span(outage.failing_since, now)
    if outage.error:
        why = outage.error.partition(";")[0].rstrip(". ")  # what follows says what the next poll does
        return f"{spoken(outage.source)} could not be read whole for {lasting}: {why}."
    return (
        f"{spoken(outage.source)} was not even asked for {lasting}: something is stuck in Paperboy. Whoever runs it"
        " should look at its log and start it again."
    )


def _post(said: Sequence[str], tone: Tone) -> Post:
    return Post(kind="notice", cards=(notice(" ".join(said), tone),))
