"""``/papers why``: what every subscription of a place says of a paper, what became of it there, and who told of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.cadence import is_paused, quiet_end
from bot.cards import Card, Reply, Row, wished
from bot.commands.answers import moment_text, place, until_text
from bot.commands.fetching import find_paper, utc
from bot.commands.listing import paper_data
from bot.commands.rooms import here
from bot.commands.standing import plain_reason, unreachable
from bot.commands.table import Desk
from bot.errors import QueryError
from bot.model import Delivery, Paper, Request, Subscription, Target
from bot.phrases import ago, day_text, plural, spoken, without_codes
from bot.query import document, parse


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
    fates = [_fate(delivery, target, now) for delivery in trail] if target else []
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
        return unreachable(target) or f"Posting to {where} is suspended: {plain_reason(target.suspended)}"
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


def _fate(delivery: Delivery, target: Target | None, now: int) -> str:
    numbers = ", ".join(f"#{r.number}" if r.number else wished(r.query) for r in delivery.reasons)
    watch = delivery.occasion.startswith("watch:")
    because = f" ({'watch ' if watch else 'for '}{numbers})" if numbers else ""
    return f"{_state(delivery, target, now)}{because}"


def _state(delivery: Delivery, target: Target | None, now: int) -> str:
    zone = target.preferences.timezone if target else "UTC"
    detail = f": {without_codes(delivery.detail)}" if delivery.detail else ""
    if delivery.state == "sent":
        return f"Sent {moment_text(delivery.sent_at, zone, now)}, {_company(delivery)}"
    if delivery.state == "pending":
        return f"Waits until {moment_text(delivery.due, zone, now)}: {_cause(delivery, target, now)}"
    if delivery.state == "suspended":
        return (
            f"Waits for posting to be resumed: {plain_reason((target.suspended if target else '') or delivery.detail)}"
        )
    if delivery.state == "framed":
        return f"In a message that is being sent{detail}"
    return f"{'Expired unsent' if delivery.state == 'expired' else 'Given up'}{detail}"


def _company(delivery: Delivery) -> str:
    """How it came: with which others, in what."""
    if not delivery.shown:
        return "in an “N more” line"
    others = f"with {plural(delivery.beside, 'other')}" if delivery.beside else ""
    if delivery.kind == "digest":
        day = f" of {day_text(date.fromisoformat(delivery.slot[:10]))}" if delivery.slot else ""
        return f"in the digest{day}{f', {others}' if others else ''}"
    return others or "on its own"


def _cause(delivery: Delivery, target: Target | None, now: int) -> str:
    if delivery.detail:
        return without_codes(delivery.detail)
    if delivery.kind == "digest":
        return "the next digest"
    if delivery.kind == "fold":
        return "over the cap, so it joins the “N more” line"
    if target and quiet_end(now, target.preferences) is not None:
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
