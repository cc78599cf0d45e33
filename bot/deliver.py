"""The third step: due deliveries become frozen messages, and messages reach their platform. No SDK, no SQL.

A message is committed before its first send and carries the same nonce at every try. An unclear end (a crash, a lost
answer) is looked up at the platform before anything is sent again. What each kind of failure leads to is decided in
``verdict``, a pure function; ``Sender`` only carries it out.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby
from typing import Literal

from bot import compose, meters, notices
from bot.cadence import local_day
from bot.deadline import within_deadline
from bot.errors import DeliveryError, StaleError, StoreError
from bot.model import Delivery, Draft, Message, Outgoing, Preferences, Receipt, Target
from bot.notices import written
from bot.ports import Adapter, Store

log = logging.getLogger(__name__)

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
RETRIES = (0, 5 * SECOND, 30 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 10 * HOUR)
"""How long to wait before each try, in ms; after the last one the message is dead."""
MOST_RISKED = len(RETRIES) - 1
"""Sends of one message that are risked without knowing whether an earlier one arrived: each may show it once more."""
LEASE = 30 * SECOND
CREDENTIAL_WAIT = 10 * MINUTE
LANES = 32
"""Messages of a platform that may be on their way at once, one to a target."""
_RIPE = 50
"""Targets frozen in one round at most: the first posts go out while the rest of a long list is still drawn."""
_LOOK = 1.0
"""Seconds after which it is looked for more to send although nothing ended: what was frozen or fell due meanwhile."""


# --- freezing ---------------------------------------------------------------------------------------------------------


Ripe = tuple[Target, list[Delivery]]
"""What is due at a target."""
Left = Callable[[Mapping[str, Adapter], Sequence[Ripe], int], Awaitable[list[Ripe]]]
"""Of what is due, what is still to be posted; the rest is not due any more. See ``put_back.py``."""


async def freeze_due(store: Store, adapters: Mapping[str, Adapter], now: int, left: Left | None = None) -> int:
    """Turn what is due into frozen messages. Returns 0 when nothing is due any more. Raises ``StoreError``."""
    ripe = await store.outbox.ripe(adapters.keys(), now, _RIPE)
    wanted = await left(adapters, ripe, now) if left else ripe
    done = sum(len(due) for _, due in ripe) - sum(len(due) for _, due in wanted)
    for target, due in wanted:
        done += await _freeze_sound(store, adapters[target.address.platform], target, due, now)
    return done


async def _freeze_sound(store: Store, adapter: Adapter, target: Target, due: list[Delivery], now: int) -> int:
    """A paper that cannot be shown, or a time zone that is no more, must not stop the posts to everybody else.

    What cannot be composed stays where it is: it goes out when that is mended, or expires like anything that waits.
    """
    try:
        return await _freeze_target(store, adapter, target, due, now)
    except StoreError:
        raise
    except Exception as error:
        _tell_once(str(target.address), repr(error))
    sound = [delivery for delivery in due if _can_be_shown(adapter, target, delivery, now)]
    return await _freeze_target(store, adapter, target, sound, now) if 0 < len(sound) < len(due) else 0


def _can_be_shown(adapter: Adapter, target: Target, delivery: Delivery, now: int) -> bool:
    try:
        for parcel in compose.arrange(target, [delivery], {}, now).parcels:
            _draft(adapter, target, parcel)
    except Exception as error:
        _tell_once(f"{target.address} {delivery.paper.key}", repr(error))
        return False
    return True


@lru_cache(maxsize=1000)
def _tell_once(what: str, error: str) -> None:
    """It is tried again at every heartbeat; the mistake is worth one traceback."""
    log.exception("deliver.not_composed", extra={"what": what, "error": error})


async def _freeze_target(store: Store, adapter: Adapter, target: Target, due: list[Delivery], now: int) -> int:
    posted = await store.outbox.posted(target.id, local_day(now, target.preferences.timezone))
    arrangement = compose.arrange(target, due, posted, now)
    # Everything is rendered before anything is written, so that a mistake in rendering leaves no half of it.
    drafts = []
    for parcel in arrangement.parcels:
        drafts.append((parcel, _draft(adapter, target, parcel)))
        await asyncio.sleep(0)  # ten long posts take a while to draw, and people want to be heard meanwhile
    if arrangement.postpone:
        await store.outbox.postpone(arrangement.postpone)
    if arrangement.fold:
        await store.outbox.fold(arrangement.fold, *arrangement.fold_due)
    frozen = 0
    for _, parts in groupby(drafts, key=lambda pair: pair[0].kind):
        frozen += await _freeze(store, target, list(parts), now)
    return frozen


async def _freeze(store: Store, target: Target, parts: list[tuple[compose.Parcel, Draft]], now: int) -> int:
    """Commit parcels of one kind together: a digest of several messages is frozen whole. Returns how many there are."""
    first, *rest = [draft for _, draft in parts]
    try:
        if await store.outbox.freeze(first, now, rest) is not None:
            meters.FROZEN.labels(target.address.platform).inc(len(parts))
            return len(parts)
    except StaleError:
        return 0  # somebody unsubscribed meanwhile: what still waits is ripe again in the next round
    # The slot went out already (the clock was set back, or a late match): these papers belong to the next one.
    carried = [d for parcel, _ in parts for d in (*parcel.shown, *parcel.folded)]
    await store.outbox.postpone(compose.next_slots(target, carried, now))
    return 0


def _draft(adapter: Adapter, target: Target, parcel: compose.Parcel) -> Draft:
    nonce = compose.nonce(target.address, parcel)
    replies = enumerate(parcel.replies, 1)
    return replace(
        written(adapter, target, parcel.post, nonce),
        shown=tuple(d.id for d in parcel.shown),
        folded=tuple(d.id for d in parcel.folded),
        slot=parcel.slot,
        day=parcel.day,
        replies=tuple(written(adapter, target, post, compose.reply_nonce(nonce, n)) for n, post in replies),
    )


# --- deciding ---------------------------------------------------------------------------------------------------------


Outcome = Literal["again", "busy", "rests", "plain", "dead", "suspend"]
EVENTS: Mapping[Outcome, str] = {
    "again": "deliver.again",
    "busy": "deliver.busy",
    "rests": "deliver.rests",
    "plain": "deliver.plain",
    "dead": "deliver.dead",
    "suspend": "deliver.suspend",
}
LEVELS: Mapping[Outcome, int] = {"busy": logging.INFO, "rests": logging.ERROR, "dead": logging.ERROR}
"""To be asked to wait is everyday; a platform that takes nothing, and a post that is given up, somebody has to see."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What becomes of a message after a failed try. ``wait`` is in ms; ``counts`` false gives the attempt back.

    ``rests`` when the whole platform waits as long: every other message would fail for the same reason.
    """

    fate: Literal["again", "plain", "dead", "suspend"]
    reason: str
    wait: int = 0
    ambiguous: bool = False
    counts: bool = True
    rests: bool = False

    @property
    def outcome(self) -> Outcome:
        """What it comes down to, for the log and the meters."""
        if self.rests:
            return "rests"
        return "busy" if self.fate == "again" and not self.counts else self.fate


def verdict(message: Message, error: DeliveryError, chance: float) -> Verdict:
    """Decide on a failed try. Pure; ``chance`` in 0..1 spreads the retries by ±20 %.

    ``message.attempt`` counts this try. An unclear earlier try stays unclear, whatever this one said.
    """
    unclear = error.fault == "ambiguous" or message.state in {"ambiguous", "sending"}
    reason = str(error)
    if error.fault == "target":
        return Verdict(fate="suspend", reason=reason, ambiguous=unclear, counts=False)
    if error.fault == "payload":
        return Verdict(fate="dead" if message.degraded else "plain", reason=reason, ambiguous=unclear)
    if error.fault in {"credential", "busy"}:
        least = CREDENTIAL_WAIT if error.fault == "credential" else SECOND
        wait = max(least, round((error.retry_after or 0) * SECOND))
        rests = error.fault == "credential"
        return Verdict(fate="again", reason=reason, wait=wait, ambiguous=unclear, counts=False, rests=rests)
    if message.attempt >= len(RETRIES):
        return Verdict(fate="dead", reason=f"gave up after {message.attempt} tries: {reason}")
    wait = max(round(RETRIES[message.attempt] * (0.8 + 0.4 * chance)), round((error.retry_after or 0) * SECOND))
    return Verdict(fate="again", reason=reason, wait=wait, ambiguous=unclear)


# --- sending ----------------------------------------------------------------------------------------------------------


Clock = Callable[[], int]
"""The time in ms UTC."""


class Sender:
    """Brings one platform's messages out: ``LANES`` at once, one at a time to each target.

    Where the bot's own rights are gone the whole platform rests, here and at the next ``drain`` of this instance.
    ``defaults`` are those of people who have to be told something and were never spoken to. ``gets_on`` is called
    whenever a try has ended and is noted.
    """

    def __init__(
        self,
        store: Store,
        adapter: Adapter,
        chance: random.Random | None = None,
        defaults: Preferences = Preferences(),  # noqa: B008  frozen
        gets_on: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._adapter = adapter
        self._defaults = defaults
        self._chance = chance or random.Random()  # noqa: S311  spreads retries, guards nothing
        self._gets_on = gets_on
        self._under_way: set[int] = set()
        """Messages. A clock that is set forward ends no send, and must not make it seem that nobody is at it."""
        self._resting = range(0)
        self._why = ""

    def rests(self, now: int) -> str:
        """Why the whole platform rests, empty while it does not."""
        return self._why if now in self._resting else ""

    async def drain(self, clock: Clock) -> int:
        """Send until nothing is due and nothing on its way. Returns how many messages were tried.

        Whenever one ends the next is taken, so that a slow target holds up no other. After a failure of ours what is
        on its way still ends; cancelled, it is cut off and asked about when its lease is over. Raises ``StoreError``.
        """
        tried = 0
        under_way: set[asyncio.Task[None]] = set()
        try:
            while True:
                claimed = await self._claim(clock(), LANES - len(under_way))
                under_way |= {asyncio.create_task(self._bring(message, clock)) for message in claimed}
                tried += len(claimed)
                if not under_way:
                    return tried
                under_way = await _unless_ended(under_way)
        except asyncio.CancelledError:
            for task in under_way:
                task.cancel()
            raise
        finally:
            await asyncio.gather(*under_way, return_exceptions=True)

    async def _claim(self, now: int, room: int) -> list[Message]:
        if not room or self.rests(now):
            return []
        return await self._store.outbox.claim(self._adapter.name, now, LEASE, room, self._under_way)

    async def _bring(self, message: Message, clock: Clock) -> None:
        self._under_way.add(message.id)
        try:
            await self._try(message, clock)
        finally:
            self._under_way.discard(message.id)

    async def _try(self, message: Message, clock: Clock) -> None:
        platform = self._adapter.name
        if message.attempt > 1:
            meters.RETRIES.labels(platform).inc()
        try:
            receipt = await self._deliver(message)
        except DeliveryError as error:
            if error.fault == "ambiguous":
                meters.AMBIGUOUS.labels(platform).inc()
            fate = verdict(message, error, self._chance.random())
            await self._carry_out(message, fate, clock())
            meters.SENDS.labels(platform, fate.outcome).inc()
        else:
            await self._arrived(message, receipt, clock())
            meters.SENDS.labels(platform, "sent").inc()
        self._gets_on()

    async def _arrived(self, message: Message, receipt: Receipt, now: int) -> None:
        resumed = await self._resumed(message)
        if await self._store.outbox.sent(message.id, receipt, now, resumed):
            log.info("target.resumed", extra={"to": str(message.address)})
        log.info("deliver.sent", extra={"id": message.id, "to": str(message.address), "try": message.attempt})

    async def _resumed(self, message: Message) -> list[Draft]:
        """Who is told of it. Looked at only now: its target may have been suspended and tried while it was on its way.

        Nothing here may keep from being noted what arrived: it would be posted again.
        """
        try:
            target = await self._store.subscriptions.find_target(message.address)
        except StoreError:
            log.exception("notice.not_composed", extra={"to": str(message.address)})
            return []
        return await notices.resumed(self._store, self._adapter, target) if target else []

    async def _deliver(self, message: Message) -> Receipt:
        """One try. Raises ``DeliveryError``."""
        outgoing = _outgoing(message)
        if message.state != "ready" and (found := await self._reconcile(message, outgoing)):
            meters.FOUND.labels(self._adapter.name).inc()
            return found
        return await within_deadline(self._adapter.send(outgoing), "ambiguous")

    async def _reconcile(self, message: Message, outgoing: Outgoing) -> Receipt | None:
        """Ask whether an earlier try arrived. Where the platform cannot tell, one more send is risked and counted.

        That is done again where the new one ends unclear too, for it may be that none has arrived; but not for ever.
        """
        try:
            return await within_deadline(self._adapter.find(outgoing), "temporary")
        except DeliveryError as error:
            if error.fault != "ambiguous":
                raise
            if message.resent >= MOST_RISKED:
                raise DeliveryError(f"no telling whether it arrived: {error}", fault="temporary") from error
            await self._store.outbox.note_resend(message.id)
            meters.RISKED.labels(self._adapter.name).inc()
            return None

    async def _carry_out(self, message: Message, fate: Verdict, now: int) -> None:
        extra = {"id": message.id, "to": str(message.address), "try": message.attempt, "error": fate.reason}
        level = LEVELS.get(fate.outcome, logging.WARNING)
        log.log(level, EVENTS[fate.outcome], extra=extra)
        outbox = self._store.outbox
        if fate.fate == "dead":
            await outbox.dead(message.id, fate.reason, now)
            return
        if fate.rests:
            self._resting, self._why = range(now, now + fate.wait), fate.reason
        if fate.fate == "suspend":
            # Before it is put back, so that nobody takes it meanwhile.
            await self._suspend(message, fate.reason, now)
        degraded = message.degraded or fate.fate == "plain"
        await outbox.again(
            message.id, now + fate.wait, fate.reason, ambiguous=fate.ambiguous, counts=fate.counts, degraded=degraded
        )

    async def _suspend(self, message: Message, reason: str, now: int) -> None:
        target = await self._store.subscriptions.find_target(message.address)
        if target is not None:
            await notices.suspend(self._store, self._adapter, target, reason, now, self._defaults)


async def _unless_ended(under_way: set[asyncio.Task[None]]) -> set[asyncio.Task[None]]:
    """Wait until something ended, or a moment; what has not. Raises what was raised there."""
    ended, rest = await asyncio.wait(under_way, timeout=_LOOK, return_when=asyncio.FIRST_COMPLETED)
    for failure in [task.exception() for task in ended]:
        if failure is not None:
            raise failure
    return rest


def _outgoing(message: Message) -> Outgoing:
    return Outgoing(
        where=message.address,
        payload=message.plain if message.degraded else message.payload,
        nonce=message.nonce,
        since=message.started,
        reply_to=message.reply_to,
    )
