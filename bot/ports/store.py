"""The seam to the database: five domains, each with a few verbs; the largest is in ``outbox.py``.

Each verb is atomic: it happened whole or not at all. ``now`` is always handed in, in ms UTC. Docstrings say what may
be raised; nothing else may be.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Protocol

from bot.model import (
    Address,
    Cadence,
    Edition,
    Ingested,
    Paper,
    Person,
    Preferences,
    Saved,
    Sieve,
    SourceHealth,
    Space,
    Subscription,
    Target,
    Watch,
)
from bot.ports.notes import Notes
from bot.ports.outbox import Outbox


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

    async def note_health(self, health: SourceHealth) -> None:
        """Keep how a source fares. What people were told is not its to change: of a source that is known ``told``
        stays, and while it is set ``failing_since`` stays too (see ``Outbox.tell``).
        """
        ...

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
        """A number that rises whenever what ``live`` returns may have changed, but for whether posts rest. Cheap."""
        ...

    async def live(self) -> tuple[int, list[Subscription], dict[int, Target]]:
        """Every subscription with its target, and the version they are of."""
        ...

    async def owners(self) -> list[tuple[int, str]]:
        """The channels with subscriptions, but for paused spaces, as (target, owner): each pair once, oldest first."""
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
        """How many subscriptions of channels name them (as owner, or to be called), and how many lists of managers."""
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
        """Problems found by the database's own check, a line each; empty when sound."""
        ...

    async def tidy(self, now: int) -> None:
        """Daily upkeep: old rate windows and notes, statistics, full-text index."""
        ...
