"""How things stand, in plain words: sources, this room, what waits and what went wrong. Reads only.

Everybody sees the sources and the room they are in; numbers are of their own space and of no other.
"""

from datetime import UTC, datetime

from bot.cadence import clock_text, is_paused, local, local_day
from bot.cards import Card, Reply, Row
from bot.commands.answers import line, moment_text, place, until_text
from bot.commands.rooms import here, look
from bot.commands.table import Desk
from bot.model import Delivery, Message, Request, SourceHealth, Space, Tally, Target
from bot.phrases import ago, day_text, plural

_PROBLEMS = 5
# When a source has nothing to read by its own calendar: UTC weekdays, and the sentence.
# https://info.arxiv.org/help/availability.html; Daily Papers are sent in on weekdays.
_REST: dict[str, tuple[frozenset[int], str]] = {
    "huggingface": (frozenset({5, 6}), "no list on weekends, the next one is Monday's"),
    "arxiv": (
        frozenset({5, 6}),
        "no announcement on Friday and Saturday nights, the next one comes Monday about 01:00 UTC",
    ),
}
_STATES = {
    "dead": "given up",
    "ambiguous": "unclear whether it arrived, will be checked",
    "ready": "will be tried again",
    "sending": "being sent",
    "suspended": "held with this room",
    "expired": "too old to send",
}


async def status(desk: Desk, request: Request) -> Reply:
    """The sources, the room the question came from, and the numbers of its space."""
    now = desk.now()
    target = await look(desk, here(request))
    space = await desk.store.people.space(request.where.platform, request.where.space)
    sources = await desk.store.papers.health()
    problems = await desk.store.outbox.recent_problems(target.id, _PROBLEMS)
    tally = await desk.store.outbox.tally(request.where.platform, request.where.space)
    rows, room = await _room(desk, target, space, now)
    cards = (
        Card(title="Sources", rows=source_rows(sources, now, desk.poll_every)),
        Card(title="Your own messages" if target.address.kind == "person" else place(target.address), rows=rows),
        *problem_cards(problems, target, now),
        Card(title="In all", body=total_text(tally)),
    )
    said = [as_data(m) for m in problems]
    data = {"sources": [health_data(h) for h in sources], "room": room, "problems": said, "totals": tally_data(tally)}
    return Reply(cards=cards, data=data)


# --- sources ----------------------------------------------------------------------------------------------------------


def source_rows(sources: list[SourceHealth], now: int, every: int) -> tuple[Row, ...]:
    """Each source: when it was read, when it is read next, and what is wrong with it."""
    if not sources:
        return (Row(lead="", text="no source was read yet"),)
    return tuple(_source_row(health, now, every) for health in sources)


def _source_row(health: SourceHealth, now: int, every: int) -> Row:
    following = max(health.last_try + every, health.not_before) if health.last_try else now
    coming = f"next {ago(following, now)}" if following > now else "next one due now"
    asked = "it asked us to wait" if health.not_before > now else ""
    failing = f"failing since {ago(health.failing_since, now).removesuffix(' ago')}: {health.error}"
    rest, sentence = _REST.get(health.source, (frozenset[int](), ""))
    weekend = datetime.fromtimestamp(now / 1000, UTC).weekday() in rest
    said = (
        f"read {ago(health.last_ok, now)}",
        f"last new paper {ago(health.last_fresh, now)}" if health.last_fresh else "",
        coming,
        asked,
        sentence if weekend else "",
        failing if health.error else "",
    )
    return Row(lead="!" if health.error else "", text=health.source, detail=" · ".join(part for part in said if part))


def health_data(health: SourceHealth) -> dict[str, object]:
    return {
        "source": health.source,
        "last_try": health.last_try,
        "last_ok": health.last_ok,
        "last_fresh": health.last_fresh,
        "error": health.error,
        "failing_since": health.failing_since,
        "not_before": health.not_before,
    }


# --- the room ---------------------------------------------------------------------------------------------------------


async def _room(desk: Desk, target: Target, space: Space, now: int) -> tuple[tuple[Row, ...], dict[str, object]]:
    """What comes to a room and what waits for it, as rows and as JSON values."""
    preferences = target.preferences
    subscriptions = await desk.store.subscriptions.at(target.id)
    waiting = await desk.store.outbox.pending(target.id)
    posted = await desk.store.outbox.posted(target.id, local_day(now, preferences.timezone))
    today = posted.get(0, 0)
    paused = sum(is_paused(s.paused_until, now) for s in subscriptions)
    state = _state(target, space, now)
    names = (
        ", ".join(f"#{s.number}" for s in subscriptions[:20])
    ) or f"add one: {line('subscribe', query='diffusion')}"
    quiet = f"quiet {'–'.join(map(clock_text, preferences.quiet))}" if preferences.quiet else "no quiet hours"
    rows = (
        Row(lead="", text=state),
        Row(lead="", text=plural(len(subscriptions), "subscription"), detail=_some_paused(names, paused)),
        Row(lead="", text=f"{today} of {preferences.cap} posted today", detail=f"{preferences.timezone}, {quiet}"),
        Row(lead="", text=f"{plural(len(waiting), 'paper')} waiting", detail=_next(waiting, target, now)),
    )
    data = {
        "room": target.address.room,
        "state": state,
        "subscriptions": len(subscriptions),
        "paused": paused,
        "waiting": len(waiting),
        "posted_today": today,
        "cap": preferences.cap,
    }
    return rows, data


def _state(target: Target, space: Space, now: int) -> str:
    until = target.preferences.paused_until
    if target.suspended:
        return f"suspended {ago(target.suspended_at, now)}: {target.suspended}"
    if space.paused:
        return "paused by an administrator, with everything in this space"
    if until is not None and is_paused(until, now):
        return f"paused {until_text(until, target.preferences.timezone, now)}"
    return "live: takes posts"


def _some_paused(names: str, paused: int) -> str:
    return f"{names} · {paused} paused" if paused else names


def _next(waiting: list[Delivery], target: Target, now: int) -> str:
    due = min((d.due for d in waiting), default=0)
    if not due:
        return ""
    return f"the next {moment_text(due, target.preferences.timezone, now)}" if due > now else "going out now"


# --- problems and numbers ---------------------------------------------------------------------------------------------


def problem_cards(problems: list[Message], target: Target, now: int) -> tuple[Card, ...]:
    """What went wrong lately at a target; no card when nothing did."""
    if not problems:
        return ()
    return (
        Card(title="What went wrong lately", rows=tuple(_problem(m, target, now) for m in problems), tone="warning"),
    )


def _problem(message: Message, target: Target, now: int) -> Row:
    again = f", {ago(message.due, now)}" if message.state == "ready" and message.due > now else ""
    what = "digest" if message.kind == "digest" else "post"
    said = f"{message.error or 'no reason given'} · {plural(message.attempt, 'try', 'tries')}"
    zone = target.preferences.timezone
    when = day_text(local(message.created, zone).date(), local(now, zone).date())
    return Row(lead="!", text=f"{what} of {when}: {_STATES.get(message.state, message.state)}{again}", detail=said)


def as_data(message: Message) -> dict[str, object]:
    """A message with trouble as JSON values; never what it says."""
    return {
        "message": message.id,
        "kind": message.kind,
        "state": message.state,
        "attempt": message.attempt,
        "due": message.due,
        "error": message.error,
    }


def total_text(tally: Tally) -> str:
    """``1,204 papers known. Here: 3 subscriptions in 2 rooms; 40 papers sent, 3 waiting.``"""
    sent, waiting = tally.deliveries.get("sent", 0), tally.deliveries.get("pending", 0)
    return (
        f"{plural(tally.papers, 'paper')} known. Here: {plural(tally.subscriptions, 'subscription')} in "
        f"{plural(tally.targets, 'room')}; {plural(sent, 'paper')} sent, {waiting:,} waiting."
    )


def tally_data(tally: Tally) -> dict[str, object]:
    return {
        "papers": tally.papers,
        "subscriptions": tally.subscriptions,
        "targets": tally.targets,
        "deliveries": dict(tally.deliveries),
        "messages": dict(tally.messages),
        "resent": tally.resent,
        "oldest_due": tally.oldest_due,
    }
