"""Which messages a target gets now, out of what is due for it. Pure: rows in, decisions out, ``now`` is an argument.

Quiet hours, the daily cap, a subscription's ``max`` and the grouping into messages are decided here and nowhere else.
"""

import base64
import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from bot import cadence
from bot.cards import SAMPLE_LABEL, Match, Post, digest_post, fold_post, instant_post, thread_posts
from bot.model import WATCHED, Address, Cadence, Delivery, Format, PostKind, Rework, Target
from bot.phrases import day_text, plural

BATCH = 10
"""Papers in one message: what both chats can show without cutting anybody's summary."""
_NONCE = 24
"""Characters; Discord takes at most 25 (docs, ``resources/message``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A post with the deliveries it carries: ``shown`` one by one, ``folded`` only as a number.

    ``replies`` go into its thread, one for each paper shown; the deliveries are those of the post all the same.
    """

    kind: PostKind
    post: Post
    replies: tuple[Post, ...] = ()
    shown: tuple[Delivery, ...] = ()
    folded: tuple[Delivery, ...] = ()
    slot: str = ""
    day: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrangement:
    """What to do with the due deliveries of a target: new (due, slot) for ``postpone``, a line for ``fold``."""

    parcels: tuple[Parcel, ...] = ()
    postpone: Mapping[int, tuple[int, str]] = field(default_factory=dict)
    fold: tuple[int, ...] = ()
    fold_due: tuple[int, str] = (0, "")


def arrange(target: Target, due: Sequence[Delivery], posted: Mapping[int, int], now: int) -> Arrangement:
    """Decide on the deliveries that are due at a target.

    ``posted`` is how many papers went out one by one on this local day: by subscription id, the sum under key 0.
    """
    preferences = target.preferences
    quiet_until = cadence.quiet_end(now, preferences)
    held = [d for d in due if quiet_until and (d.kind != "digest" or cadence.is_late(now, d.due))]
    waits = {d.id for d in held}
    ready = [d for d in due if d.id not in waits]
    fitting, over = _budget([d for d in ready if d.kind == "instant"], preferences.cap, posted)
    day = cadence.local_day(now, preferences.timezone)
    return Arrangement(
        parcels=(
            *_instant(fitting, target, day),
            *_digest([d for d in ready if d.kind == "digest"], target, day),
            *_folded([d for d in ready if d.kind == "fold"], day),
        ),
        postpone={d.id: (quiet_until, d.slot) for d in held} if quiet_until else {},
        fold=tuple(d.id for d in over),
        fold_due=cadence.fold_due(now, preferences) if over else (0, ""),
    )


def _budget(
    deliveries: Sequence[Delivery], cap: int, posted: Mapping[int, int]
) -> tuple[list[Delivery], list[Delivery]]:
    """Split by the cap of the day and each subscription's own maximum: first come, first served."""
    spent = Counter(posted)
    fitting: list[Delivery] = []
    over: list[Delivery] = []
    for delivery in deliveries:
        if spent[0] < cap and _has_room(delivery, spent):
            fitting.append(delivery)
            # A watch is nobody's subscription: its reason must not count as one more paper under key 0.
            spent.update([0, *(r.subscription for r in delivery.reasons if r.subscription)])
        else:
            over.append(delivery)
    return fitting, over


def _has_room(delivery: Delivery, spent: Mapping[int, int]) -> bool:
    """One reason with room left is enough: a second subscription must not take a paper away."""
    reasons = delivery.reasons
    return not reasons or any(r.max is None or spent.get(r.subscription, 0) < r.max for r in reasons)


def _instant(deliveries: Sequence[Delivery], target: Target, day: str) -> Iterator[Parcel]:
    for batch in _batches(deliveries):
        items, format = [_match(d) for d in batch], target.preferences.format
        post = instant_post(items, format)
        yield Parcel(kind="instant", post=post, replies=_replies(items, format), shown=batch, day=day)


def _batches(deliveries: Sequence[Delivery]) -> Iterator[tuple[Delivery, ...]]:
    """As many together as fit; on an occasion of its own alone, so that its name depends on nothing else."""
    together = [d for d in deliveries if not d.occasion]
    yield from (tuple(together[start : start + BATCH]) for start in range(0, len(together), BATCH))
    yield from ((d,) for d in deliveries if d.occasion)


def _digest(deliveries: Sequence[Delivery], target: Target, day: str) -> Iterator[Parcel]:
    """One digest of everything due, the most voted first; a digest that was missed is joined with the next.

    It shows ten papers, or as many as a subscription asks for, ten to a message; the rest is counted in the last one.
    """
    if not deliveries:
        return
    best_first = sorted(deliveries, key=lambda d: (-(d.paper.facts.votes or 0), d.id))
    asked_for = [r.max for d in deliveries for r in d.reasons if r.max]
    shown, folded = _budget(best_first, max([BATCH, *asked_for]), {})
    slot, format = max(d.slot for d in deliveries), target.preferences.format
    batches = [shown[start : start + BATCH] for start in range(0, len(shown), BATCH)]
    for number, batch in enumerate(batches, 1):
        rest = tuple(folded) if number == len(batches) else ()
        heading = _heading(day, len(deliveries)) + (f" · part {number} of {len(batches)}" if len(batches) > 1 else "")
        items = [_match(d) for d in batch]
        yield Parcel(
            kind="digest",
            post=digest_post(items, len(rest), heading, format),
            replies=_replies(items, format),
            shown=tuple(batch),
            folded=rest,
            slot=slot if number == 1 else f"{slot} part {number}",
            day=day,
        )


def _heading(day: str, papers: int) -> str:
    return f"Digest · {day_text(date.fromisoformat(day))} · {plural(papers, 'paper')}"


def _folded(deliveries: Sequence[Delivery], day: str) -> Iterator[Parcel]:
    if not deliveries:
        return
    sample = any("sample" in d.paper.sources for d in deliveries)
    post = fold_post(len(deliveries), day, label=SAMPLE_LABEL if sample else "")
    yield Parcel(kind="fold", post=post, folded=tuple(deliveries), slot=max(d.slot for d in deliveries), day=day)


def _replies(items: Sequence[Match], format: Format) -> tuple[Post, ...]:
    return thread_posts(items) if format == "thread" else ()


def _match(delivery: Delivery) -> Match:
    return delivery.paper, delivery.reasons


def again(rework: Rework) -> Post:
    """What a message that was sent says with what is known now."""
    items, format = [_match(d) for d in rework.shown], rework.target.preferences.format
    if rework.kind == "digest":
        return digest_post(items, rework.folded, rework.heading, format)
    return instant_post(items, format)


def next_slots(target: Target, deliveries: Sequence[Delivery], now: int) -> dict[int, tuple[int, str]]:
    """Where deliveries go whose slot was used already: by id, the next (due, slot) of the same nominal hour."""
    return {d.id: _next_slot(target, d, now) for d in deliveries}


def _next_slot(target: Target, delivery: Delivery, now: int) -> tuple[int, str]:
    if delivery.kind == "fold":
        return cadence.fold_due(now, target.preferences)
    hour, minute = delivery.slot[-5:].split(":")
    same_hour = Cadence(every="daily", at=int(hour) * 60 + int(minute))
    return cadence.next_digest(now, target.preferences, same_hour)


def nonce(where: Address, parcel: Parcel) -> str:
    """The name a message carries at every try: the same papers on the same occasion at the same place, hashed.

    No id of a delivery or message goes in, so a database restored from a backup names it as it was named before.
    """
    items = sorted(f"{d.paper.key} {d.occasion}" for d in (*parcel.shown, *parcel.folded))
    hashed = _hashed(str(where), where.kind, parcel.kind, parcel.slot, *items)
    return _for_watch(hashed) if parcel.shown and all(d.occasion for d in parcel.shown) else hashed


def reply_nonce(parent: str, number: int) -> str:
    """The name of what stands at ``number`` in the thread of the message with the nonce ``parent``."""
    hashed = _hashed(parent, str(number))
    return _for_watch(hashed) if parent.startswith(WATCHED) else hashed


def notice_nonce(where: Address, about: Address, what: str, once: str) -> str:
    """The name of what tells somebody at ``where`` how ``about`` stands, ``once``: on a local day, for instance."""
    return _hashed(str(where), where.kind, "notice", str(about), about.kind, what, once)


def slot_nonce(where: Address, slot: str) -> str:
    """The name of a notice that is the only one of its slot at ``where``."""
    return _hashed(str(where), where.kind, "notice", slot)


def _for_watch(hashed: str) -> str:
    """No hash begins so: base 32 has no such digit."""
    return f"{WATCHED}{hashed[1:]}"


def _hashed(*parts: str) -> str:
    digest = hashlib.blake2b("\n".join(parts).encode(), digest_size=15).digest()
    return base64.b32encode(digest).decode().lower()[:_NONCE]
