"""Every exception Paperboy raises on purpose. The type says whose fault it is.

PaperboyError
 ├ ConfigError     the operator's mistake: one line, exit code 2, no traceback
 ├ CommandError    the user's mistake: its text is shown to the user, privately
 │  └ QueryError   a word of the subscription language that cannot be understood
 ├ SourceError     their server: other sources go on, the cursor stays
 ├ DeliveryError   the platform refused or went quiet
 └ StoreError      our database: the step rolls back, the next heartbeat tries again
    ├ LockedError    another Paperboy writes this database
    ├ FullError      the disk has no room left
    ├ ReadOnlyError  this process may only read it
    ├ OutdatedError  a start has to make it first, or to bring it up to date
    └ StaleError     the rows moved on since they were read: read them again

Foreign exceptions become one of these at the border, with ``raise … from error``.
"""

from typing import Literal


class PaperboyError(Exception):
    """The root. Its text is one sentence a person can act on."""


class ConfigError(PaperboyError):
    """A setting or an argument is wrong. Says which one, where it was read and how to mend it."""


class CommandError(PaperboyError):
    """What a user typed cannot be done. ``mended`` is a whole command that would work, or empty."""

    def __init__(self, text: str, *, mended: str = "") -> None:
        super().__init__(text)
        self.mended = mended


class QueryError(CommandError):
    """A query that does not parse. ``start`` and ``end`` are offsets into the text that was given."""

    def __init__(self, text: str, *, start: int = 0, end: int = 0, mended: str = "") -> None:
        super().__init__(text, mended=mended)
        self.start = start
        self.end = end


class SourceError(PaperboyError):
    """A paper source failed. ``retry_after`` is in seconds, or None when it did not say.

    ``unreachable`` is true when no answer came at all (no network, name not found, refused, deadline passed),
    false when the server answered something unusable.
    """

    def __init__(self, text: str, *, retry_after: float | None = None, unreachable: bool = False) -> None:
        super().__init__(text)
        self.retry_after = retry_after
        self.unreachable = unreachable


Fault = Literal["target", "credential", "payload", "busy", "ambiguous", "temporary"]


class DeliveryError(PaperboyError):
    """A platform did not take a message. ``fault`` decides what happens next (see ``deliver.py``).

    target      the channel or person cannot be posted to: suspend the target at once
    credential  the bot's own rights are gone: stop that platform, rows wait
    payload     this very message is refused: plain text once, then dead
    busy        asked to wait ``retry_after`` seconds: not an attempt
    ambiguous   no telling whether it arrived: reconcile before anything is sent again
    temporary   surely not accepted, worth another try later
    """

    def __init__(self, text: str, *, fault: Fault, retry_after: float | None = None) -> None:
        super().__init__(text)
        self.fault: Fault = fault
        self.retry_after = retry_after


class StoreError(PaperboyError):
    """Our own database failed: busy, full, read-only, corrupt, or of a newer version."""


class LockedError(StoreError):
    """Another Paperboy writes this database. Its text names the process."""


class FullError(StoreError):
    """The disk has no room left. What was to be written was not, and what is there can still be read."""


class ReadOnlyError(StoreError):
    """This process may only read: another Paperboy holds this database, or the disk is full."""


class OutdatedError(StoreError):
    """There is no database yet, or it lacks steps of the schema: a start makes it, or brings it up to date."""


class StaleError(StoreError):
    """What was read has changed meanwhile, so nothing was written. An everyday race, not a failure: read again."""
