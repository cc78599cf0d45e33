"""The seam to the database: five domains, each with a few verbs.

Each verb is atomic: it happened whole or not at all. ``now`` is always handed in, in ms UTC. Docstrings say what may
be raised; nothing else may be.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from typing import Protocol

from bot.model import (
    Address,
    Cadence,
    Change,
    Delivery,
    Draft,
    Edition,
    Ingested,
    Kind,
    Message,
    Paper,
    Person,
    Planned,
    Preferences,
    Receipt,
    Rework,
    Saved,
    Sieve,
    SourceHealth,
    Space,
    Subscription,
    Tally,
    Target,
    Watch,
)
from bot.ports.notes import Notes


class Papers(Protocol):
    """Papers and what sources said of them. Raises ``StoreError``."""

    async def ingest(self, edition: Edition, now: int, *, announce: bool = True) -> Ingested:
        """Store an edition: papers (merged), sightings, the list itself and the cursor, in one transaction.

        A paper is fresh when no source ever announced it. With ``announce`` false (look-ups, backfill of days gone
        by) such a paper is stored without waiting to be matched; one stored by a look-up is still fresh when a poll
        brings it later, one stored by a backfill is not. A change of a paper that was announced before counts
        whoever tells of it, and waits to be matched; only what a backfill fills in where nothing was known is old
        news. A trending edition clears ``facts.trending`` of papers that left the list, a repeated edition changes
        nothing.
        """
        ...

    async def get(self, key: str) -> Paper | None: ...

    async def by_title(self, text: str, limit: int) -> list[Paper]:
        """Papers whose title holds every word of ``text`` (the last as a prefix), newest first. For autocomplete."""
        ...

    async def listed(self, name: str, first: date, last: date) -> list[tuple[date, Paper]]:
        """Papers on the lists called ``name`` from ``first`` to ``last``, by day, then in the list's order."""
        ...

    async def days(self, name: str, limit: int) -> list[date]:
        """The newest days that have a non-empty list called ``name``, newest first."""
        ...

    async def organizations(self, text: str, limit: int) -> list[str]:
        """Names of organizations with a word that begins with ``text``, those with the most papers first."""
        ...

    async def search(self, sieve: Sieve, limit: int) -> list[Paper]:
        """Candidates that pass the sieve, best first by full text, newest first where it has no terms."""
        ...

    async def health(self) -> list[SourceHealth]: ...

    async def cursor(self, source: str) -> dict[str, str]: ...

    async def note_health(self, health: SourceHealth) -> None: ...

    async def done(self, job: str) -> bool:
        """Whether ``mark_done(job)`` was ever called: resumable work such as a backfilled day."""
        ...

    async def mark_done(self, job: str) -> None: ...


class Subscriptions(Protocol):
    """Targets and their subscriptions. Raises ``StoreError``.

    A verb that takes a ``change`` gives it the value as it is and writes what it returns, in one transaction, so that
    of two changes at once none is lost. It returns (before, after); what ``change`` raises undoes and goes on up.
    """

    async def target(self, address: Address, defaults: Preferences = ...) -> Target:
        """The target at an address, made with ``defaults`` when there is none yet. A name of the room is kept."""
        ...

    async def find_target(self, address: Address) -> Target | None: ...

    async def targets(self, platform: str | None = None, space: str | None = None) -> list[Target]:
        """The targets of one space, in the order they were made. None means all of them; an empty text is a space."""
        ...

    async def prefer(
        self, target: int, change: Callable[[Preferences], Preferences]
    ) -> tuple[Preferences, Preferences]: ...

    async def add(
        self,
        target: int,
        query: str,
        cadence: Cadence,
        *,
        owner: str,
        owner_name: str = "",
        now: int,
        max: int | None = None,
        mention: str = "",
        paused_until: int | None = None,
        limit: int,
        space_limit: int,
    ) -> Subscription:
        """Add one with the next number. Raises ``CommandError`` when a limit is reached or the same query is there."""
        ...

    async def change(
        self, subscription: int, change: Callable[[Subscription], Subscription]
    ) -> tuple[Subscription, Subscription]:
        """Change query, cadence, max, mention and pause. A changed query starts afresh: ``since`` becomes now.

        Raises ``CommandError`` when its target has another subscription with that query.
        """
        ...

    async def remove(self, subscription: int) -> bool:
        """Remove one; what is pending only because of it ends as expired. False when there is none."""
        ...

    async def at(self, target: int) -> list[Subscription]:
        """A target's subscriptions, by number."""
        ...

    async def version(self) -> int:
        """A number that rises whenever what ``live`` returns may have changed. Cheap."""
        ...

    async def live(self) -> tuple[int, list[Subscription], dict[int, Target]]:
        """Every subscription with its target, and the version they are of."""
        ...


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

    async def settle(self, deliveries: Sequence[int], detail: str, now: int) -> None:
        """End pending deliveries as sent without any message of ours: they are known to have arrived before."""
        ...

    async def copied_at(self, now: int) -> int:
        """Of when the backup is that was put in the place of this database, in ms; 0 for none, or after two weeks."""
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

    async def claim(self, platform: str, now: int, lease: int, limit: int) -> list[Message]:
        """Take messages to send, for ``lease`` ms: the oldest unfinished one of each target, when due.

        What is for a target or space that is paused stays as it is until posts go on there. Quiet hours hold no
        message: what was frozen before them is brought to its end, further tries too.

        The state returned is the one *before* the claim: ``ready`` was surely never sent; ``ambiguous`` and
        ``sending`` (a lease ran out: somebody died) must be reconciled first. A reply has the receipt of what it
        answers in ``reply_to``; where that never arrived, the reply ends with it and is never claimed.
        """
        ...

    async def sent(self, message: int, receipt: Receipt, now: int) -> None: ...

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

        The ``notices`` tell of it elsewhere; they are frozen in the same transaction, and only when it is new. One
        whose slot was used already is left out.
        """
        ...

    async def resume(self, target: int, now: int) -> bool:
        """Take posts again; waiting messages go on where they were. False when it was not suspended."""
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

    async def recent_problems(self, target: int, limit: int) -> list[Message]:
        """Messages of a target that are dead, ambiguous or waiting for another try, newest first."""
        ...


class People(Protocol):
    """What belongs to persons and spaces. Raises ``StoreError``. A person reaches only their own."""

    async def save(self, person: Person, paper: str, note: str, now: int) -> bool:
        """Keep a paper; a second time changes the note. Returns whether it is new."""
        ...

    async def unsave(self, person: Person, paper: str) -> bool: ...

    async def saved(self, person: Person) -> list[Saved]:
        """Newest first."""
        ...

    async def watch(self, target: int, paper: str, query: str) -> Watch:
        """Watch a paper. An open watch with that query is the one; one that has fired gives way to a new one.

        A new one has an id of its own, so that what it brings is an occasion of its own.
        """
        ...

    async def unwatch(self, target: int, watch: int) -> bool: ...

    async def watches(self, target: int) -> list[Watch]: ...

    async def watching(self, papers: Sequence[str]) -> list[Watch]:
        """Open watches on these papers."""
        ...

    async def watched_papers(self, limit: int) -> list[str]:
        """Papers with open watches to be read again now, those handed out longest ago first.

        Handing them out moves them to the end of the row, whatever their reading brings.
        """
        ...

    async def spend(self, person: Person, bucket: str, now: int, *, limit: int, window: int) -> bool:
        """Count one use; False when ``limit`` uses fell into the running window of ``window`` ms already."""
        ...

    async def space(self, platform: str, space: str) -> Space: ...

    async def edit_space(self, platform: str, space: str, change: Callable[[Space], Space]) -> tuple[Space, Space]:
        """Change who may manage a space and whether it rests: (before, after), as ``Subscriptions`` says."""
        ...

    async def named(self, person: Person) -> tuple[int, int]:
        """On how many subscriptions of channels they stand as the owner, and on how many lists of managers."""
        ...

    async def forget(self, person: Person, target: Address) -> Mapping[str, int]:
        """Delete everything of a person: saved, watches, own target with all of it, what ``named`` counts. Returns
        counts by kind. What was deleted does not linger in the file."""
        ...


class Store(Protocol):
    """The five domains over one database."""

    papers: Papers
    subscriptions: Subscriptions
    outbox: Outbox
    people: People
    notes: Notes

    async def backup(self, path: str) -> None:
        """A sound copy of the database in a new file. Raises ``StoreError``, also when the file exists."""
        ...

    async def check(self) -> list[str]:
        """Problems found by the database's own check; empty when sound."""
        ...

    async def tidy(self, now: int) -> None:
        """Daily upkeep: old rate windows and notes, statistics, full-text index."""
        ...
