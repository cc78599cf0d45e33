"""The seam to the queue between matching and the platforms: one of the store's domains, see ``store.py``."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from bot.model import (
    Backlog,
    Change,
    Delivery,
    Draft,
    Kind,
    Message,
    Planned,
    Receipt,
    Rework,
    Settled,
    SourceHealth,
    Tally,
    Target,
)


class Outbox(Protocol):
    """The queue between matching and the platforms: the database is the only copy. Raises ``StoreError``."""

    async def unmatched(self, limit: int) -> list[Change]:
        """Changes that no matching has seen, at most ``limit``, in the order in which they began to wait."""
        ...

    async def plan(
        self,
        changes: Sequence[Change],
        planned: Sequence[Planned],
        watched: Sequence[int],
        now: int,
        *,
        telling: Sequence[str] = (),
    ) -> int:
        """Write deliveries and mark the changes matched and the ``watched`` watches done, in one transaction.

        ``telling`` are papers of which something worth showing became known: messages that show one of them one by
        one and were never reworked wait to be (``to_rework``), those not yet sent too.

        A delivery that exists for (target, paper, occasion) takes the further reason and the sooner way out while it
        is pending: at once beats a digest, a digest beats an "N more" line, of two alike the earlier one. One that
        expired before it was in any message is pending again, for the new reasons alone. Any other is left alone.
        What is planned for a subscription or a target that is gone is left out. A paper that changed again meanwhile
        stays unmatched. Returns how many deliveries are new or pending again.
        """
        ...

    async def ripe(self, platforms: Collection[str], now: int, limit: int) -> list[tuple[Target, list[Delivery]]]:
        """Pending deliveries that are due at targets of these platforms that take posts, by target, oldest first.

        All that is due at the targets of the ``limit`` oldest ones: a digest is never cut in two.
        """
        ...

    async def postpone(self, due: Mapping[int, tuple[int, str]]) -> None:
        """Give pending deliveries a new (due, slot)."""
        ...

    async def settle(self, settled: Sequence[Settled], detail: str) -> None:
        """End pending deliveries as sent without any message of ours: they are known to have arrived before."""
        ...

    async def copied_at(self, now: int) -> int:
        """Since when (ms) things may have happened that this database, a backup put back, does not know of.

        Some hours before the backup was made, in case the clock was ahead; 0 for no backup, or after two weeks.
        """
        ...

    async def fold(self, deliveries: Sequence[int], due: int, slot: str) -> None:
        """Turn pending instant deliveries into a part of the "N more" line of ``slot``."""
        ...

    async def posted(self, target: int, day: str, *, arrived: bool = False) -> Mapping[int, int]:
        """How many papers were framed one by one on that local day: by subscription id, the sum under key 0.

        ``arrived`` counts only what the platform has.
        """
        ...

    async def freeze(self, draft: Draft, now: int, rest: Sequence[Draft] = ()) -> int | None:
        """Commit a message with its deliveries before its first send, and the ``rest`` of its parts with it.

        The replies of a draft are messages of their own right behind it, written with it; they carry no deliveries.

        Returns the message's id, None when its slot was used already: then none of the parts was written.

        Raises ``StaleError``, writing nothing, when one of its deliveries is pending no more (somebody unsubscribed
        meanwhile): what still waits is ripe again.
        """
        ...

    async def claim(
        self, platform: str, now: int, lease: int, limit: int, under_way: Collection[int] = ()
    ) -> list[Message]:
        """Take messages to send, for ``lease`` ms: the oldest unfinished one of each target, when due.

        Those ``under_way`` are not taken: their claimer lives and knows, whatever a clock that was set says of leases.

        What is for a target or space that is paused stays as it is until posts go on there. Quiet hours hold no
        message: what was frozen before them is brought to its end, further tries too.

        The state returned is the one *before* the claim: ``ready`` was surely never sent; ``ambiguous`` and
        ``sending`` (a lease ran out: somebody died) must be reconciled first. That is no further attempt, for nobody is
        to be given up because we crashed. A reply has the receipt of what it answers in ``reply_to``; where that never
        arrived, the reply ends with it and is never claimed.
        """
        ...

    async def sent(self, message: int, receipt: Receipt, now: int, notices: Sequence[Draft] = ()) -> bool:
        """The platform has it. True when its target was on trial: it takes posts again from now on.

        Then, in the same transaction, notices of the suspension that surely never went out end: nobody is told any
        more. Of the ``notices``, which tell that it is over (their slots begin with ``resumed`` and the target's id),
        those are frozen whose targets heard of it, or still may. One whose target is gone is left out.
        """
        ...

    async def again(
        self, message: int, due: int, error: str, *, ambiguous: bool, counts: bool = True, degraded: bool = False
    ) -> None:
        """Put a claimed message back until ``due``. ``counts`` false gives the attempt back (we were asked to wait)."""
        ...

    async def note_resend(self, message: int) -> None:
        """Count a send begun although an earlier one may have arrived."""
        ...

    async def dead(self, message: int, reason: str, now: int) -> None: ...

    async def suspend(self, target: int, reason: str, now: int, notices: Sequence[Draft] = ()) -> bool:
        """Stop posting to a target. Its rows wait. False when it was suspended already: then the reason stays too.

        The ``notices`` tell of it elsewhere (their slots begin with ``suspended`` and the target's id). They are frozen
        in the same transaction when it is new; when this ends a trial, for those alone who do not know. One whose slot
        was used already or whose target is gone is left out; the slot of a notice that ended because it was over before
        it could be told was not used. Notices of an earlier end that never went out end.
        """
        ...

    async def trials(self, platforms: Collection[str], now: int, limit: int) -> list[Target]:
        """Suspended targets of these platforms, not on trial, whose next trial is due (``trial_due``), oldest first.

        The first is due a day after the suspension began; with 0 none is any more.
        """
        ...

    async def try_out(self, target: int, following: int) -> bool:
        """Put a suspended target on trial: its waiting rows go on, and what is due is frozen, as if it took posts.

        ``sent`` ends the suspension with the first message that arrives; ``suspend`` ends the trial and keeps the
        reason and when it began. ``following`` is when the next trial is due, in ms, 0 for none. False when the target
        is not suspended, or on trial already.
        """
        ...

    async def resume(self, target: int, now: int, notices: Sequence[Draft] = ()) -> bool:
        """Take posts again; waiting messages go on where they were. False when it was not suspended.

        Of the ``notices``, and of what is not told yet, becomes the same as with ``sent``.
        """
        ...

    async def tell(
        self, outages: Sequence[SourceHealth], notices: Sequence[Draft], now: int, anew: Sequence[Draft] = ()
    ) -> int:
        """Note whom was told what of sources: ``told`` and ``failing_since`` of these, with the ``notices``.

        All in one transaction; a notice whose slot was used already or whose target is gone is left out. Where an
        outage is over (``told`` 0), notices of it (``stale …`` with the source in it) that surely never went out end,
        and only those are told its end (``back …``) who heard of it, or still may. The rest of a source's health stays.

        A notice that ends so may have told of other outages that last. Each of those ``anew`` tells of one outage
        (``stale huggingface 1795435200000``), and is frozen where a notice with that in it ends.

        Returns how many notices were frozen.
        """
        ...

    async def told_of(self, slot: str, *, resting: bool = False) -> list[Target]:
        """Who was told something: the targets of notices, sent or on their way, whose slot begins with the first word
        of this one and has the others in it (``stale huggingface 1795435200000``, ``suspended 12``).

        With ``resting`` also those whose notice waits until they take posts again.
        """
        ...

    async def expire(self, before: int, now: int) -> int:
        """End everything unsent that was planned before ``before``, with a reason. Returns how many deliveries.

        The reason is what is known at ``now``: the suspension, the last error, the pause, or only that it waited.
        """
        ...

    async def to_rework(self, platform: str, since: int, limit: int) -> list[Rework]:
        """Messages to be shown anew with what is known now, oldest first: sent at ``since`` ms or later, to targets
        that take posts and want living posts. Older ones are not waiting any more; each is reworked once.
        """
        ...

    async def reworked(self, message: int, payload: str) -> None:
        """It was shown anew, or cannot be (then ``payload`` is empty and the old one stays)."""
        ...

    async def pending(self, target: int) -> list[Delivery]:
        """What waits at a target and is in no message yet, the next due first: to show or to ``postpone``."""
        ...

    async def trail(self, target: int, paper: str) -> list[Delivery]:
        """What became of a paper at a target, newest first."""
        ...

    async def more(self, target: int, day: str) -> list[Delivery]:
        """What the "N more" lines of a local day stand for.

        For an empty ``day``: what is folded and waits for its line, and when nothing does, the newest such day.
        """
        ...

    async def tally(
        self,
        platform: str | None = None,
        space: str | None = None,
        *,
        kind: Kind | None = None,
        room: str | None = None,
    ) -> Tally:
        """Counts of one space, of its channels or persons alone (``kind``), or of one room.

        None means all of them; an empty text is a space.
        """
        ...

    async def backlog(self, now: int) -> Backlog:
        """What is known and what waits for each platform that has targets. Cheap, however much ended already."""
        ...

    async def recent_problems(self, target: int, limit: int) -> list[Message]:
        """Messages of a target that are dead, expired, ambiguous or waiting for another try, newest first."""
        ...
