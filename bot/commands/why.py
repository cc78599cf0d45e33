"""``/papers why``: what every subscription of a place says of a paper, what became of it there, and who told of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bot.cadence import is_paused, quiet_end
from bot.cards import Card, Reply, Row, wished
from bot.commands.answers import moment_text, place, until_text
from bot.commands.fetching import find_paper, utc
from bot.commands.listing import paper_data
from bot.commands.rooms import here
from bot.commands.standing import next_trial, plain_reason, unreachable
from bot.commands.table import Desk
from bot.errors import QueryError
from bot.model import Delivery, Message, Paper, Request, Subscription, Target
from bot.phrases import ago, day_text, plural, spoken
from bot.query import document, parse

_TROUBLES = 50
"""Messages with trouble that are looked at, the newest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opinion:
    """What one subscription says: whether it matches, and everything that speaks for or against a post."""

    subscription: Subscription
    matches: bool
    said: tuple[str, ...]


async def why(desk: Desk, request: Request) -> Reply:
    """For the place the command was given in: a channel, or what is one's own."""
    paper = await find_paper(desk, request.options["paper"], "why")
    where = here(request)
    target = await desk.store.subscriptions.find_target(where)
    subscriptions = await desk.store.subscriptions.at(target.id) if target else []
    trail = await desk.store.outbox.trail(target.id, paper.key) if target else []
    now = desk.now()
    zone = target.preferences.timezone if target else "UTC"
    opinions = [_opinion(s, paper, trail, now, zone) for s in subscriptions]
    fates = await _fates(desk, target, trail, now) if target else []
    card = Card(
        title=paper.title,
        body=_known(paper, now),
        rows=tuple(
            Row(lead=f"#{o.subscription.number}", text=o.subscription.query, detail="; ".join(o.said)) for o in opinions
        ),
        footer=_place_line(target, subscriptions, trail, place(where), now),
    )
    became = Card(title="What became of it", rows=tuple(Row(lead="→", text=fate) for fate in fates))
    cards = (card, became) if fates else (card,)
    return Reply(cards=cards, data=_data(paper, opinions, trail, fates, card.footer))


def _known(paper: Paper, now: int) -> str:
    told = " and ".join(spoken(source) for source in paper.sources)
    since = f"First seen {ago(paper.first_seen, now)}" if paper.first_seen else "Seen just now, for this question"
    return f"{since}, from {told or 'no source'}."


def _place_line(
    target: Target | None, subscriptions: Sequence[Subscription], trail: Sequence[Delivery], where: str, now: int
) -> str:
    if target is None or not subscriptions:
        return f"There are no subscriptions in {where}." + ("" if trail else " So nothing is posted there.")
    if target.suspended:
        why = f"Posting to {where} is suspended: {plain_reason(target.suspended)}; {next_trial(target, now)}."
        return unreachable(target) or why
    paused = target.preferences.paused_until
    if paused is not None and is_paused(paused, now):
        return f"Everything in {where} is paused {until_text(paused, target.preferences.timezone, now)}."
    return "" if trail else f"Nothing was posted or planned in {where} for it."


# --- what the subscriptions say ---------------------------------------------------------------------------------------


def _opinion(subscription: Subscription, paper: Paper, trail: Sequence[Delivery], now: int, zone: str) -> _Opinion:
    matches, said = _verdict(subscription.query, paper, utc(now).date())
    paused = subscription.paused_until
    notes = []
    if paused is not None and is_paused(paused, now):
        notes.append(f"paused {until_text(paused, zone, now)}")
    fired = any(reason.subscription == subscription.id for delivery in trail for reason in delivery.reasons)
    if matches and not fired and subscription.created > paper.first_seen:
        notes.append("made after the paper came, so only what changes later counts")
    elif matches and not fired and not notes:
        notes.append("planned nothing: it came by a look-up, during a pause, or waits to be matched")
    return _Opinion(subscription=subscription, matches=matches, said=(said, *notes))


def _verdict(text: str, paper: Paper, today: date) -> tuple[bool, str]:
    try:
        query = parse(text)
    except QueryError as error:
        return False, f"cannot be read any more: {error}"
    doc = document(paper)
    hits = query.match(doc, today)
    if hits is not None:
        return True, f"matches: {', '.join(hits)}"
    return False, "does not match: " + "; ".join(v.text for v in query.explain(doc, today) if not v.ok)


# --- what became of it ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a paper goes, and what holds it up there: ``troubles`` are messages by id, ``rests`` a paused space."""

    target: Target
    rests: bool
    troubles: Mapping[int, Message]
    now: int

    def at(self, when: int) -> str:
        return moment_text(when, self.target.preferences.timezone, self.now)

    @property
    def holds(self) -> str:
        """What holds up everything that goes there, empty where nothing does."""
        target, until = self.target, self.target.preferences.paused_until
        if target.suspended and not target.on_trial:
            return f"posts rest here: {plain_reason(target.suspended)}; {next_trial(target, self.now)}"
        if self.rests:
            return "everything in this space is paused"
        if until is not None and is_paused(until, self.now):
            return f"everything here is paused {until_text(until, target.preferences.timezone, self.now)}"
        return ""


async def _fates(desk: Desk, target: Target, trail: Sequence[Delivery], now: int) -> list[str]:
    space = await desk.store.people.space(target.address.platform, target.address.space)
    troubles = await desk.store.outbox.recent_problems(target.id, _TROUBLES)
    there = _Place(target=target, rests=space.paused, troubles={m.id: m for m in troubles}, now=now)
    return [_fate(delivery, there) for delivery in trail]


def _fate(delivery: Delivery, there: _Place) -> str:
    numbers = ", ".join(f"#{r.number}" if r.number else wished(r.query) for r in delivery.reasons)
    watch = delivery.occasion.startswith("watch:")
    because = f" ({'watch ' if watch else 'for '}{numbers})" if numbers else ""
    return f"{_state(delivery, there)}{because}"


def _state(delivery: Delivery, there: _Place) -> str:
    detail = f": {plain_reason(delivery.detail)}" if delivery.detail else ""
    if delivery.state == "sent":
        return f"Sent {there.at(delivery.sent_at)}, {_company(delivery)}{detail}"
    if delivery.state == "expired":
        return f"Expired unsent{detail}"
    if delivery.state == "dead":
        return f"Given up{detail}".replace(": gave up ", " ", 1)
    if there.holds:
        return f"Waits, for {there.holds}"
    if delivery.state == "pending":
        return f"Waits until {there.at(delivery.due)}: {_cause(delivery, there)}"
    return _under_way(there.troubles.get(delivery.message or 0), there)


def _under_way(message: Message | None, there: _Place) -> str:
    """In a message that may have had trouble already."""
    if message is None or message.state == "sending":
        return "In a message that is being sent"
    again = there.at(message.due) if message.due > there.now else "any moment"
    trouble = f" ({plain_reason(message.error)})" if message.error else ""
    if message.state == "ambiguous":
        return f"In a message of which it is unclear whether it arrived{trouble}; asked about again {again}"
    return f"In a message that could not be posted yet{trouble}; tried again {again}"


def _company(delivery: Delivery) -> str:
    """How it came: with which others, in what."""
    if not delivery.shown:
        return "in an “N more” line"
    others = f"with {plural(delivery.beside, 'other')}" if delivery.beside else ""
    if delivery.kind == "digest":
        day = f" of {day_text(date.fromisoformat(delivery.slot[:10]))}" if delivery.slot else ""
        return f"in the digest{day}{f', {others}' if others else ''}"
    return others or "on its own"


def _cause(delivery: Delivery, there: _Place) -> str:
    if delivery.kind == "digest":
        return "the next digest"
    if delivery.kind == "fold":
        return "over the cap, so it joins the “N more” line"
    if quiet_end(there.now, there.target.preferences) is not None:
        return "quiet hours"
    return "due, goes out with the next round"


def _data(
    paper: Paper, opinions: Sequence[_Opinion], trail: Sequence[Delivery], fates: Sequence[str], place_line: str
) -> dict[str, object]:
    return {
        "paper": paper_data(paper),
        "subscriptions": [
            {
                "id": o.subscription.number,
                "query": o.subscription.query,
                "matches": o.matches,
                "said": list(o.said),
            }
            for o in opinions
        ],
        "deliveries": [
            {"state": d.state, "kind": d.kind, "due": d.due, "sent_at": d.sent_at or None, "said": said}
            for d, said in zip(trail, fates, strict=True)
        ],
        "note": place_line,
    }
