"""A source that cannot be read for hours, and its return, are told once to those who manage. No SDK, no SQL.

Who was told what is in the store: the slot of a notice names the outage, and that people were told is written together
with it. So a crash neither repeats a notice nor swallows one.
"""

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from bot import compose
from bot.cards import Post
from bot.model import Address, Draft, Preferences, SourceHealth
from bot.notices import TOLD, hears, written
from bot.ports import Adapter, Store
from bot.sayings import back_post, stale_post

log = logging.getLogger(__name__)

MOST = 200
"""People told of one outage: platforms take many private messages at once for spam."""
ASLEEP = 10 * 60_000
"""In ms: after a longer pause between two steps the machine slept, and nothing was asked meanwhile."""

Adapters = Mapping[str, Adapter]


# --- when -------------------------------------------------------------------------------------------------------------


def silent_since(health: SourceHealth, now: int, *, patience: int, every: int, awake: int) -> int:
    """Since when a source does not answer, if that is ``patience`` ms or more; else 0. Pure.

    A source that fails is silent for as long as it was asked in vain: a machine that is off makes none stale. One that
    is not even asked, though it should be ``every`` ms, counts since we were ``awake``.
    """
    if health.error and health.last_try - health.failing_since >= patience:
        return health.failing_since
    asked = max(health.last_try, health.not_before, awake)
    return asked if now - asked >= max(patience, 2 * every) else 0


def is_back(health: SourceHealth) -> bool:
    """Whether a source answers again of which people were told that it does not."""
    return bool(health.told) and not health.error and health.last_ok > health.failing_since


# --- whom -------------------------------------------------------------------------------------------------------------


async def managers(store: Store, adapters: Adapters, alone: Mapping[str, str], now: int) -> list[Address]:
    """Where those who manage live channels are spoken to alone; the first of each space, then the second, and so on.

    Nobody after the first ``MOST`` spaces is looked for: more than ``MOST`` people are not told at once.
    They are those on the list of their space, or else whoever made its oldest subscriptions; a few of each. On a
    platform in ``alone`` it is that person. Whoever takes no posts is left out. Raises ``StoreError``.
    """
    owners = await store.subscriptions.owners()
    targets = {target.id: target for target in await store.subscriptions.targets()}
    spaces: dict[tuple[str, str], list[tuple[Address, str]]] = {}
    for number, owner in owners:
        where = targets[number].address
        if where.platform in adapters and hears(targets[number], now):
            spaces.setdefault((where.platform, where.space), []).append((where, owner))
    deaf = {target.address for target in targets.values() if not hears(target, now)}
    told: list[list[Address]] = []
    for (platform, space), owned in spaces.items():
        if sum(map(bool, told)) == MOST:
            break
        listed = (alone[platform],) if platform in alone else (await store.people.space(platform, space)).managers
        people = listed or tuple(owner for _, owner in owned if owner)
        addresses = dict.fromkeys(adapters[platform].private(owned[0][0], person) for person in people)
        told.append([address for address in addresses if address not in deaf][:TOLD])
    return list(dict.fromkeys(address for rank in zip_longest(*told) for address in rank if address))


# --- telling ----------------------------------------------------------------------------------------------------------


@dataclass(kw_only=True)
class Stale:
    """Tells of an outage after ``patience`` ms (0: never) of sources that are asked ``every`` ms.

    ``alone`` are platforms with one person who runs everything, and who that is. ``defaults`` are those of a person
    never spoken to before.
    """

    store: Store
    patience: int
    every: int
    alone: Mapping[str, str]
    defaults: Preferences
    _awake: int = 0
    _before: int = 0
    _nobody: int = 0
    """When people were looked for last and there was nobody to tell, in ms."""

    async def step(self, sources: Collection[str], adapters: Adapters, now: int) -> int:
        """Tell what is to be told of these sources. Returns how many notices were written. Raises ``StoreError``."""
        if not 0 <= now - self._before <= ASLEEP:
            self._awake = now
        self._before = now
        known = {health.source: health for health in await self.store.papers.health()}
        healths = [known.get(name, SourceHealth(source=name)) for name in sources]
        return await self._tell_back(healths, adapters, now) + await self._tell_stale(healths, adapters, now)

    async def _tell_stale(self, healths: Sequence[SourceHealth], adapters: Adapters, now: int) -> int:
        """One notice for each person, also where several sources fell silent about the same time."""
        if not self.patience or not self._silent(healths, self.patience, now):
            return 0
        if 0 <= now - self._nobody < self.every:
            return 0
        outages = self._silent(healths, self.patience * 3 // 4, now)
        people = await managers(self.store, adapters, self.alone, now)
        if not people:
            self._nobody = now
            return 0
        post = stale_post(outages, _answering(healths, outages), now)
        notices = [await self._notice(adapters, where, post, f"stale {_named(outages)}") for where in people[:MOST]]
        frozen = await self.store.outbox.tell([replace(outage, told=now) for outage in outages], notices, now)
        log.warning("source.stale", extra={"sources": _names(outages), "told": frozen})
        return frozen

    def _silent(self, healths: Iterable[SourceHealth], patience: int, now: int) -> list[SourceHealth]:
        """Outages of which nobody was told; their ``failing_since`` is when the source fell silent."""
        untold = [health for health in healths if not health.told]
        since = [silent_since(h, now, patience=patience, every=self.every, awake=self._awake) for h in untold]
        return [replace(h, failing_since=at) for h, at in zip(untold, since, strict=True) if at]

    async def _tell_back(self, healths: Sequence[SourceHealth], adapters: Adapters, now: int) -> int:
        """Exactly those who were told of the outage are told that it is over."""
        back = [health for health in healths if is_back(health)]
        if not back:
            return 0
        told: dict[Address, list[SourceHealth]] = {}
        for outage in back:
            for where in await self._told(outage, adapters):
                told.setdefault(where, []).append(outage)
        notices = [
            await self._notice(adapters, where, back_post(over, now), f"back {_named(over)}")
            for where, over in told.items()
        ]
        over = [replace(health, told=0, failing_since=0) for health in back]
        frozen = await self.store.outbox.tell(over, notices, now, await self._anew(healths, adapters, now))
        log.warning("source.back", extra={"sources": _names(back), "told": frozen})
        return frozen

    async def _anew(self, healths: Sequence[SourceHealth], adapters: Adapters, now: int) -> list[Draft]:
        """Of each outage that lasts, for whoever would hear of it in one notice with one that is over."""
        lasting = [health for health in healths if health.told and not is_back(health)]
        others = _answering(healths, lasting)
        return [
            await self._notice(adapters, where, stale_post([outage], others, now), f"stale {_named([outage])}")
            for outage in lasting
            for where in await self._told(outage, adapters, resting=True)
        ]

    async def _told(self, outage: SourceHealth, adapters: Adapters, *, resting: bool = False) -> list[Address]:
        told = await self.store.outbox.told_of(f"stale {_named([outage])}", resting=resting)
        return [target.address for target in told if target.address.platform in adapters]

    async def _notice(self, adapters: Adapters, where: Address, post: Post, slot: str) -> Draft:
        own = await self.store.subscriptions.target(where, self.defaults)
        draft = written(adapters[where.platform], own, post, compose.slot_nonce(where, slot))
        return replace(draft, slot=slot)


def _answering(healths: Iterable[SourceHealth], outages: Iterable[SourceHealth]) -> list[str]:
    silent = {outage.source for outage in outages}
    return [health.source for health in healths if not health.error and health.source not in silent]


def _names(outages: Iterable[SourceHealth]) -> str:
    return " ".join(outage.source for outage in outages)


def _named(outages: Iterable[SourceHealth]) -> str:
    """Outages in a slot: ``arxiv 1795435200000 huggingface 1795435200004``."""
    return " ".join(f"{outage.source} {outage.failing_since}" for outage in outages)
