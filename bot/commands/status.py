"""How things stand, in plain words: sources, this room, what waits and what went wrong. Reads only.

Everybody sees the sources and the room they are in; numbers are of their own space and of no other.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from bot.cadence import clock_text, is_paused, local, local_day
from bot.cards import Card, Reply, Row
from bot.commands import standing
from bot.commands.answers import line, moment_text, place
from bot.commands.rooms import here, look
from bot.commands.standing import warnings
from bot.commands.table import Desk
from bot.model import Address, Delivery, Message, Request, SourceHealth, Space, Tally, Target
from bot.phrases import ago, day_text, passed, plural, span, without_codes

_PROBLEMS = 5
_LATELY = 14 * 24 * 3600 * 1000
"""Trouble with what is older than this, in ms, is told only as a number."""
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
    "ambiguous": "unclear whether it arrived; asked about again",
    "ready": "not posted yet; tried again",
    "sending": "being sent",
    "expired": "too old to send",
}


async def status(desk: Desk, request: Request) -> Reply:
    """The sources, the room the question came from, and the numbers of its space's channels, or of the asker alone."""
    now = desk.now()
    target = await look(desk, here(request))
    space = await desk.store.people.space(request.where.platform, request.where.space)
    sources = await desk.store.papers.health()
    problems = lately(await desk.store.outbox.recent_problems(target.id, _PROBLEMS), now)
    own = target.address.kind == "person"
    tally = await _tally(desk, target.address, whole=not own)
    rows, room = await _room(desk, target, space, request.barred)
    cards = (
        Card(title="Sources", rows=source_rows(sources, now, desk.poll_every)),
        Card(title="Your own messages" if own else place(target.address), rows=rows),
        *warnings(target),
        *problem_cards(problems, target, now),
        Card(title="In all", body=own_text(tally) if own else total_text(tally)),
    )
    said = [as_data(m) for m in problems]
    data = {"sources": [health_data(h) for h in sources], "room": room, "problems": said, "totals": tally_data(tally)}
    return Reply(cards=cards, data=data)


async def _tally(desk: Desk, where: Address, *, whole: bool = False) -> Tally:
    """The numbers of one room, or of all rooms of its kind in its ``whole`` space: what others have is theirs."""
    return await desk.store.outbox.tally(
        where.platform, where.space, kind=where.kind, room=None if whole else where.room
    )


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
    failing = f"failing for {span(health.failing_since, now)}: {health.error}"
    rest, sentence = _REST.get(health.source, (frozenset[int](), ""))
    weekend = datetime.fromtimestamp(now / 1000, UTC).weekday() in rest
    said = (
        f"read {passed(health.last_ok, now)}",
        f"last new paper {passed(health.last_fresh, now)}" if health.last_fresh else "",
        coming,
        asked,
        sentence if weekend else "",
        failing if health.error else "",
        f"those who manage were told {passed(health.told, now)}" if health.told else "",
    )
    lead = "!" if health.error or health.told else ""
    return Row(lead=lead, text=health.source, detail=" · ".join(part for part in said if part))


def health_data(health: SourceHealth) -> dict[str, object]:
    return {
        "source": health.source,
        "last_try": health.last_try,
        "last_ok": health.last_ok,
        "last_fresh": health.last_fresh,
        "error": health.error,
        "failing_since": health.failing_since,
        "not_before": health.not_before,
        "told": health.told,
    }


# --- the room ---------------------------------------------------------------------------------------------------------


async def _room(desk: Desk, target: Target, space: Space, barred: str) -> tuple[tuple[Row, ...], dict[str, object]]:
    """What comes to a room and what waits for it, as rows and as JSON values."""
    now, preferences = desk.now(), target.preferences
    subscriptions = await desk.store.subscriptions.at(target.id)
    pending = await desk.store.outbox.pending(target.id)
    waiting = waits(await _tally(desk, target.address))
    posted = await desk.store.outbox.posted(target.id, local_day(now, preferences.timezone), arrived=True)
    today = posted.get(0, 0)
    paused = sum(is_paused(s.paused_until, now) for s in subscriptions)
    state = standing.state(target, space, now, barred)
    hint = "" if barred else f"add one: {line('subscribe', query='diffusion')}"
    names = ", ".join(f"#{s.number}" for s in subscriptions[:20]) or hint
    quiet = f"quiet {'–'.join(map(clock_text, preferences.quiet))}" if preferences.quiet else "no quiet hours"
    rows = (
        Row(lead="", text=state, detail=standing.next_trial(target, now)),
        Row(lead="", text=plural(len(subscriptions), "subscription"), detail=_some_paused(names, paused)),
        Row(lead="", text=f"{today} of {preferences.cap} posted today", detail=f"{preferences.timezone}, {quiet}"),
        Row(lead="", text=f"{plural(waiting, 'paper')} waiting", detail=_next(pending, waiting, target, now)),
    )
    data = {
        "room": target.address.room,
        "state": state,
        "suspended_at": target.suspended_at,
        "next_trial": target.trial_due,
        "subscriptions": len(subscriptions),
        "paused": paused,
        "waiting": waiting,
        "posted_today": today,
        "cap": preferences.cap,
    }
    return rows, data


def _some_paused(names: str, paused: int) -> str:
    return f"{names} · {paused} paused" if paused else names


def _next(pending: list[Delivery], waiting: int, target: Target, now: int) -> str:
    if target.suspended:
        return "until posts go on here" if waiting else ""
    due = min((d.due for d in pending), default=0)
    if not due:
        return "on the way" if waiting else ""
    return f"the next {moment_text(due, target.preferences.timezone, now)}" if due > now else "going out now"


# --- problems and numbers ---------------------------------------------------------------------------------------------


def lately(problems: Sequence[Message], now: int) -> list[Message]:
    """Those that are still worth a line each."""
    return [message for message in problems if message.created > now - _LATELY]


def problem_cards(problems: list[Message], target: Target, now: int) -> tuple[Card, ...]:
    """What went wrong lately at a target; no card when nothing did."""
    if not problems:
        return ()
    return (
        Card(title="What went wrong lately", rows=tuple(_problem(m, target, now) for m in problems), tone="warning"),
    )


def _problem(message: Message, target: Target, now: int) -> Row:
    waits = message.state in {"ready", "ambiguous"}
    again = f" {ago(message.due, now) if message.due > now else 'any moment'}" if waits else ""
    what = "digest" if message.kind == "digest" else "post"
    tries = f" · {plural(message.attempt, 'try', 'tries')}" if waits else ""
    said = f"{without_codes(message.error).removeprefix('gave up ') or 'no reason given'}{tries}"
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
    """``1,204 papers known. Here: 3 subscriptions in 2 rooms; 40 papers sent, 3 waiting, 1 given up.``"""
    return (
        f"{plural(tally.papers, 'paper')} known. Here: {plural(tally.subscriptions, 'subscription')} in "
        f"{plural(tally.targets, 'room')}; {_moved(tally)}"
    )


def own_text(tally: Tally) -> str:
    """The same for what belongs to one person."""
    return f"{plural(tally.papers, 'paper')} known. Yours: {plural(tally.subscriptions, 'alert')}; {_moved(tally)}"


def _moved(tally: Tally) -> str:
    """What became of the papers; what went wrong only where something did."""
    ends = {"given up": tally.deliveries.get("dead", 0), "expired unsent": tally.deliveries.get("expired", 0)}
    said = "".join(f", {many:,} {end}" for end, many in ends.items() if many)
    return f"{plural(tally.deliveries.get('sent', 0), 'paper')} sent, {waits(tally):,} waiting{said}.{_risked(tally)}"


def _risked(tally: Tally) -> str:
    if not tally.resent:
        return ""
    often = "Once" if tally.resent == 1 else f"{tally.resent:,} times"
    return f" {often} a message was sent again, for there was no telling whether it had arrived."


def waits(tally: Tally) -> int:
    """Papers that are still to arrive: planned, on the way, or held with a place that takes no posts."""
    return sum(tally.deliveries.get(state, 0) for state in ("pending", "framed", "suspended"))


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
