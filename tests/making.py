"""Values for tests of the store, with everything that does not matter left out."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any, TypeVar

from bot.model import Address, Cadence, Delivery, Draft, Edition, Facts, ListName, Paper, Planned, Reason, Subscription
from bot.ports import Store

Value = TypeVar("Value")

DAY = date(2026, 11, 23)
HOUR = 60 * 60 * 1000
NOON = 1_795_435_200_000
"""2026-11-23 12:00 UTC."""
ROOM = Address("terminal", "lab", "general")


def paper(number: int = 1, title: str = "", *, source: str = "huggingface", **more: Any) -> Paper:
    """A paper by number. Facts (``votes=…``) may be given directly."""
    facts = {name: more.pop(name) for name in list(more) if name in Facts.__dataclass_fields__}
    return Paper(
        key=f"arxiv:2611.{number:05}", title=title or f"Paper {number}", sources=(source,), facts=Facts(**facts), **more
    )


def edition(*papers: Paper, name: ListName = "daily", day: date = DAY, **more: Any) -> Edition:
    return Edition(source=more.pop("source", "huggingface"), list=name, day=day, papers=papers, **more)


async def subscribe(store: Store, query: str = "diffusion", where: Address = ROOM, **more: Any) -> Subscription:
    target = await store.subscriptions.target(where)
    given = {"owner": "someone", "now": NOON, "limit": 100, "space_limit": 100, **more}
    return await store.subscriptions.add(target.id, query, given.pop("cadence", Cadence()), **given)


def always(value: Value) -> Callable[[object], Value]:
    """A change that sets everything."""
    return lambda _: value


async def rest(store: Store, paused: bool) -> None:
    """Let the space of ``ROOM`` rest, or go on."""
    await store.people.edit_space(ROOM.platform, ROOM.space, lambda known: replace(known, paused=paused))


def planned(subscription: Subscription, number: int = 1, **more: Any) -> Planned:
    reason = Reason(subscription=subscription.id, number=subscription.number, query=subscription.query)
    given = {"occasion": "", "reason": reason, "kind": "instant", "due": NOON, **more}
    return Planned(target=subscription.target, paper=paper(number).key, **given)


async def pending(store: Store, *numbers: int, subscription: Subscription | None = None, **more: Any) -> list[Delivery]:
    """Papers stored, matched and planned for one target: its pending deliveries, in order."""
    subscription = subscription or await subscribe(store)
    await store.papers.ingest(edition(*map(paper, numbers)), NOON)
    await store.outbox.plan(
        await store.outbox.unmatched(100), [planned(subscription, n, **more) for n in numbers], [], NOON
    )
    return [(await store.outbox.trail(subscription.target, paper(n).key))[0] for n in numbers]


async def frozen(store: Store, *numbers: int, nonce: str = "nonce", **more: Any) -> int:
    """A frozen message of these papers; its id."""
    due = await pending(store, *numbers, **more)
    message = await store.outbox.freeze(draft(*due, nonce=nonce), NOON)
    assert message is not None
    return message


def draft(*shown: Delivery, folded: tuple[Delivery, ...] = (), **more: Any) -> Draft:
    given = {"kind": "instant", "payload": "{}", "plain": "text", "nonce": "nonce", "day": "2026-11-23", **more}
    given.setdefault("target", next((d.target for d in (*shown, *folded)), 0))
    return Draft(shown=tuple(d.id for d in shown), folded=tuple(d.id for d in folded), **given)
