"""The values that travel from room to room: frozen, plain, standard library only.

No I/O, no clock, no markup. Times are integer milliseconds since 1970 in UTC; local wall-clock times are minutes
after midnight; days are ``datetime.date``. What a value *says* to a reader is in ``cards.py``.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Literal, get_args

# --- papers -----------------------------------------------------------------------------------------------------------

# An arXiv identifier, https://info.arxiv.org/help/arxiv_identifier.html: 2401.01234 (4 digits until 1412) or the
# old hep-th/9901001 and math.GT/0309136; no archive has a name of more than eight letters. Always text: as a number
# 1206.0160 loses its last digit.
ARXIV_ID = re.compile(r"(?:\d{4}\.\d{4,5}|[a-z-]{2,10}(?:\.[A-Z]{2})?/\d{7})")
_SUBJECT_CLASS = re.compile(r"\.[A-Z]{2}/")
_ARXIV_ANYWHERE = re.compile(rf"(?<![\w.])({ARXIV_ID.pattern})(?:v(\d+))?(?![\w])", re.ASCII)


@dataclass(frozen=True, slots=True)
class Organization:
    """A lab or company as Hugging Face names it: ``slug`` is the handle, ``name`` what people read."""

    slug: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Absolute https addresses, empty where there is none."""

    page: str = ""
    pdf: str = ""
    code: str = ""
    project: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What changes after a paper is out. ``None`` means the source never said, which is not zero."""

    votes: int | None = None
    comments: int | None = None
    stars: int | None = None
    models: int | None = None
    summary: str = ""
    """The source's own AI summary; never ours."""
    keywords: tuple[str, ...] = ()
    featured: date | None = None
    """The first day the paper was in Hugging Face Daily Papers."""
    trending: int | None = None
    """1 for the first place of the trending list, None when not in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One paper, whatever sources told of it. ``key`` is ``arxiv:<id>`` without a version, always text."""

    key: str
    title: str
    abstract: str = ""
    authors: tuple[str, ...] = ()
    handles: tuple[str, ...] = ()
    """Hugging Face user names of authors whose claim is verified."""
    organization: Organization | None = None
    categories: tuple[str, ...] = ()
    """arXiv categories, the primary one first."""
    links: Links = Links()
    picture: str = ""
    submitter: str = ""
    published: date | None = None
    version: int = 0
    """The newest arXiv version seen, 0 when no source said."""
    comment: str = ""
    doi: str = ""
    journal: str = ""
    withdrawn: bool = False
    facts: Facts = Facts()
    sources: tuple[str, ...] = ()
    """Names of the sources that told of this paper, sorted."""
    first_seen: int = 0
    """When our store first heard of it; 0 until stored."""

    @property
    def name(self) -> str:
        """What people type for it: ``2401.01234``, or the whole key when it is not on arXiv."""
        return self.arxiv_id or self.key

    @property
    def arxiv_id(self) -> str:
        """``2401.01234``, or empty when the paper is not on arXiv."""
        return self.key.removeprefix("arxiv:") if self.key.startswith("arxiv:") else ""


def arxiv_key(text: str) -> str | None:
    """The key of the first arXiv id in an id, URL or guid of any form; None when there is none. Never raises."""
    found = _ARXIV_ANYWHERE.search(text)
    return key_of(found[1]) if found else None


def key_of(arxiv_id: str) -> str:
    """The key of an exact id without a version. ``math.GT/0309136`` and ``math/0309136`` are one paper."""
    return f"arxiv:{_SUBJECT_CLASS.sub('/', arxiv_id)}"


# Which source is believed first where both say something. A field not named here is said by one source only, and
# changes with it. Both say where a paper's page is; Hugging Face's has the discussion and leads on to arXiv's.
_OWNERS: Mapping[str, tuple[str, ...]] = {
    "title": ("arxiv", "huggingface", "sample"),
    "abstract": ("arxiv", "huggingface", "sample"),
    "authors": ("arxiv", "huggingface", "sample"),
    "published": ("arxiv", "huggingface", "sample"),
    "page": ("huggingface", "arxiv", "sample"),
}
_MERGED_APART = {"key", "version", "withdrawn", "links", "facts", "sources", "first_seen"}


def merge(known: Paper | None, seen: Paper) -> Paper:
    """What we know after one source said ``seen``. Pure; the order in which two sources speak does not matter.

    A field the source is silent about (empty, None) keeps its value, with one exception: ``facts.trending`` is
    cleared only by the store when a new trending list arrives without the paper. ``featured`` keeps the earliest day,
    ``version`` the highest, an older version only fills gaps, and a withdrawal is never forgotten by a source that
    does not know of it.
    """
    if known is None:
        return seen
    names = [f.name for f in fields(Paper) if f.name not in _MERGED_APART]
    changes = _said(names, known, seen, known, seen)
    changes["version"] = max(known.version, seen.version)
    changes["withdrawn"] = known.withdrawn or seen.withdrawn
    changes["sources"] = tuple(sorted({*known.sources, *seen.sources}))
    links = _said([f.name for f in fields(Links)], known, seen, known.links, seen.links)
    changes["links"] = replace(known.links, **links)  # type: ignore[arg-type]  # as below
    changes["facts"] = _newer_facts(known.facts, seen.facts)
    return replace(known, **changes)  # type: ignore[arg-type]  # names and values come from the same dataclass


def _said(names: Iterable[str], known: Paper, seen: Paper, old: object, new: object) -> dict[str, object]:
    """The fields of ``new``, a paper or a part of it, that take the place of those of ``old``."""
    values = ((name, getattr(new, name)) for name in names)
    return {name: v for name, v in values if v and (not getattr(old, name) or _believed(name, known, seen))}


def _believed(name: str, known: Paper, seen: Paper) -> bool:
    if 0 < seen.version < known.version:
        return False
    order = _OWNERS.get(name, ())
    ranks = [order.index(s) for s in known.sources if s in order]
    mine = [order.index(s) for s in seen.sources if s in order]
    return not ranks or (bool(mine) and min(mine) <= min(ranks))


def _newer_facts(known: Facts, seen: Facts) -> Facts:
    said = {f.name: v for f in fields(Facts) if (v := getattr(seen, f.name)) not in (None, "", ())}
    days = [day for day in (known.featured, seen.featured) if day is not None]
    return replace(known, **{**said, "featured": min(days, default=None)})


LIVE_DAYS = 2
"""Days before today that a poll reads again, so that votes and code stay fresh: a backfill leaves them alone."""

# --- what a source serves ---------------------------------------------------------------------------------------------

ListName = Literal["daily", "trending", "announced", "lookup"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One list as a source served it: a day's papers, the trending list, an announcement.

    ``cursor`` is what the source wants to be handed back next time (URL to ETag); it is stored in the same
    transaction as the papers. ``unchanged`` means the source answered "not modified": no papers, and none lost.
    ``complaints`` has one line for each item that could not be read, so nothing is dropped silently.
    """

    source: str
    list: ListName
    day: date
    papers: tuple[Paper, ...] = ()
    complaints: tuple[str, ...] = ()
    cursor: Mapping[str, str] = field(default_factory=dict)
    unchanged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """What the Hub built on a paper: counts, and the best few as (id, likes)."""

    models: int = 0
    datasets: int = 0
    spaces: int = 0
    best: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingested:
    """What one ``Papers.ingest`` did: ``fresh`` papers never seen before, ``changed`` ones, and the rest."""

    fresh: int = 0
    changed: int = 0
    same: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceHealth:
    """How a source fares. Times are ms; 0 means never. ``error`` is empty while it answers."""

    source: str
    last_try: int = 0
    last_ok: int = 0
    last_fresh: int = 0
    error: str = ""
    failing_since: int = 0
    """0 while it answers; after people were told that it does not, only once they were told that it does again."""
    not_before: int = 0
    """The source asked us to stay away until then (Retry-After)."""
    told: int = 0
    """When people were told that it does not answer; 0 while nobody was, or since they were told that it does again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A paper that is new or changed since it was last matched.

    ``before`` is the paper as it was when last matched, None when it never was. ``revision`` is the store's own
    clock: a counter that rises with every change of any paper, so "after the subscription" needs no wall clock.
    """

    paper: Paper
    before: Paper | None
    revision: int


@dataclass(frozen=True, slots=True)
class Term:
    """One word of a full-text search: folded text, the column it must stand in (or any), whether a prefix or phrase."""

    text: str
    column: Literal["any", "title", "abstract", "people"] = "any"
    prefix: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sieve:
    """What full text can do for a query: every clause of ``all`` must hold by one of its terms; ``any`` ranks.

    A sieve lets through at least what the query matches, never less; the query itself has the last word.
    """

    all: tuple[tuple[Term, ...], ...] = ()
    any: tuple[Term, ...] = ()
    need_any: bool = False
    """Whether a paper without a word of ``any`` is left out, instead of coming last."""
    since: date | None = None
    """Only papers published, featured or first seen on this day or later."""


# --- where and for whom -----------------------------------------------------------------------------------------------

Kind = Literal["channel", "person"]


@dataclass(frozen=True, slots=True)
class Address:
    """Where a message goes. Opaque to the core: only the adapter named ``platform`` can read ``space`` and ``room``.

    ``name`` is what people call the room (``nlp-papers``), empty when unknown. It is for reading and no part of where.
    """

    platform: str
    space: str
    room: str
    kind: Kind = "channel"
    name: str = field(default="", compare=False)

    def __str__(self) -> str:
        return f"{self.platform}:{self.space}/{self.room}"


Format = Literal["card", "line", "thread"]
FORMATS: tuple[Format, ...] = get_args(Format)
MOST_CAP = 10_000
"""Papers a day that a cap can be, wherever it is set."""
LONGEST_MENTION = 100
"""Characters of whom a subscription mentions, typed or imported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """How a target wants its posts. ``quiet`` is (from, to) in minutes after local midnight and may cross it."""

    timezone: str = "UTC"
    quiet: tuple[int, int] | None = None
    digest_at: int = 9 * 60
    format: Format = "card"
    cap: int = 100
    """Papers posted one by one per local day; the rest fold into one line."""
    living: bool = True
    """Whether a post may be shown anew, once, when code, a summary or many votes come later."""
    paused_until: int | None = None
    """None: not paused. 0: until resumed. Else a time in ms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """An address with its settings. ``suspended`` is the reason in plain words, empty while it takes posts.

    While ``on_trial`` a suspended target is posted to all the same, to see whether it takes posts again. When it
    is tried next is ``trial_due``, in ms, 0 for not by itself.
    """

    id: int
    address: Address
    preferences: Preferences = Preferences()
    suspended: str = ""
    suspended_at: int = 0
    on_trial: bool = False
    trial_due: int = 0


Every = Literal["instant", "daily", "weekly"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cadence:
    """How often. ``at`` in minutes after local midnight, None for the target's digest hour; ``weekday`` 0 is Monday."""

    every: Every = "instant"
    at: int | None = None
    weekday: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A query at a target. ``number`` is what people type (#2); it is never used twice at one target.

    ``since`` is the store's revision when it was made or its query last changed: only later changes can fire it.
    """

    id: int
    number: int
    target: int
    query: str
    cadence: Cadence = Cadence()
    max: int | None = None
    """At most this many papers a day (instant) or a digest; the rest fold."""
    mention: str = ""
    owner: str = ""
    owner_name: str = ""
    """What others called the owner when it was made; for reading only."""
    created: int = 0
    since: int = 0
    paused_until: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """One person's eye on one paper: tell me when ``query`` becomes true of it. Done once it has fired.

    ``number`` is what they type (#2); it is never used twice at one target.
    """

    id: int
    number: int
    target: int
    paper: str
    query: str
    done: bool = False


# --- the outbox -------------------------------------------------------------------------------------------------------

Occasion = str
"""'' for a match; 'watch:<id>:<query>' for a watched paper. A paper reaches a target once per occasion."""

DeliveryState = Literal["pending", "framed", "sent", "dead", "expired", "suspended"]
MessageState = Literal["ready", "sending", "ambiguous", "sent", "dead", "suspended", "expired"]
PostKind = Literal["instant", "digest", "fold", "reply", "notice"]
"""``reply``: in the thread below another message. ``notice``: something about Paperboy itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a paper reaches a target: the subscription, its query as people typed it, and the words that hit."""

    subscription: int
    number: int
    query: str
    terms: tuple[str, ...] = ()
    mention: str = ""
    max: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A delivery that matching decided on and the store has yet to write."""

    target: int
    paper: str
    occasion: Occasion
    reason: Reason
    kind: PostKind
    due: int
    slot: str = ""
    """The digest it belongs to: its nominal local time, '2026-11-23T09:00'. Empty for instant posts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One paper for one target. ``detail`` says in plain words why it is where it is."""

    id: int
    target: int
    paper: Paper
    occasion: Occasion
    reasons: tuple[Reason, ...]
    kind: PostKind
    due: int
    created: int
    slot: str = ""
    shown: bool = True
    """False when it went out only as part of an "N more" line."""
    state: DeliveryState = "pending"
    detail: str = ""
    sent_at: int = 0
    message: int | None = None
    beside: int = 0
    """How many other papers its message shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A frozen payload on its way: what is sent is exactly what was committed, with the same nonce every time.

    ``attempt`` counts the tries, one that a crash cut off together with the one that takes its place; ``resent`` the
    sends begun without knowing whether an earlier one arrived.
    ``plain`` is the same text without any markup, for a platform that refuses the payload. ``reply_to`` is the receipt
    of the message in whose thread it belongs, empty for most.
    """

    id: int
    target: int
    address: Address
    kind: PostKind
    payload: str
    plain: str
    nonce: str
    state: MessageState
    attempt: int = 0
    resent: int = 0
    degraded: bool = False
    due: int = 0
    started: int = 0
    created: int = 0
    receipt: str = ""
    error: str = ""
    reply_to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A message as a platform gets it. ``since`` is when its first send began, in ms: it cannot have arrived before."""

    where: Address
    payload: str
    nonce: str
    since: int = 0
    reply_to: str = ""
    """Receipt id of the message in whose thread it belongs; empty for a message of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A message about to be frozen: ``shown`` and ``folded`` are delivery ids, ``day`` the target's local date.

    ``slot`` is unique per target when not empty: a digest of one slot goes out once, whatever the clock does.
    ``heading`` is that of its post, kept so that the message can be shown anew; ``replies`` go into its thread.
    """

    target: int
    kind: PostKind
    payload: str
    plain: str
    nonce: str
    shown: tuple[int, ...] = ()
    folded: tuple[int, ...] = ()
    slot: str = ""
    day: str = ""
    heading: str = ""
    replies: tuple["Draft", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rework:
    """A sent message to be shown anew: what it carries now, in the order in which it was framed."""

    message: int
    target: Target
    kind: PostKind
    nonce: str
    receipt: str
    heading: str
    shown: tuple[Delivery, ...]
    folded: int = 0


@dataclass(frozen=True, slots=True)
class Receipt:
    """The platform's name for a message it accepted."""

    id: str
    link: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many rows are where: ``deliveries`` and ``messages`` by state.

    ``resent`` counts the sends begun without knowing whether an earlier one arrived; ``oldest_due`` is 0 when nothing
    waits.
    """

    papers: int = 0
    subscriptions: int = 0
    targets: int = 0
    deliveries: Mapping[str, int] = field(default_factory=dict)
    messages: Mapping[str, int] = field(default_factory=dict)
    resent: int = 0
    oldest_due: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """What waits for one platform: ``pending`` deliveries in no message yet, and unfinished ``messages`` by state.

    ``due`` counts deliveries and messages that could go out now, ``oldest_due`` says since when (ms, 0 for none): not
    what stands behind another message, nor what is for a target that takes no posts. ``suspended`` counts targets.
    """

    platform: str
    targets: int = 0
    suspended: int = 0
    pending: int = 0
    messages: Mapping[str, int] = field(default_factory=dict)
    due: int = 0
    oldest_due: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What is known and what waits. ``unmatched`` papers are new or changed since they were last matched."""

    papers: int = 0
    unmatched: int = 0
    subscriptions: int = 0
    queues: tuple[Queue, ...] = ()


WATCHED = "0"
"""What the nonce of a message begins with that only tells of a watched paper, and no other: it posts no match."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """One page of what a room shows of ours: by key, when each paper was posted there one by one; times are in ms.

    Papers that only a message for a watch shows are left out: a match of theirs may still have to be posted.
    ``counted`` is when its newest "N more" line was posted, 0 for none. ``further`` is where the next page begins,
    empty at the end.
    """

    papers: Mapping[str, int] = field(default_factory=dict)
    counted: int = 0
    further: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A delivery that turned out to have arrived: when (ms), on which local day, and whether shown or only counted."""

    delivery: int
    at: int
    day: str
    shown: bool = True


# --- people -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on a platform. ``id`` is the platform's, ``name`` what others see."""

    platform: str
    space: str
    id: str
    name: str = ""

    @property
    def address(self) -> Address:
        """Where a person is spoken to alone: their alerts and watches go there."""
        return Address(self.platform, self.space, self.id, "person")


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """A paper somebody kept, with a note."""

    paper: Paper
    note: str = ""
    at: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """One guild, workspace or terminal, and who may manage its channels there.

    ``open``: everybody may manage the subscriptions of a channel they are in. ``managers``: only those the platform
    calls managers, and the person ids in ``managers``.
    """

    platform: str
    space: str
    policy: Literal["open", "managers"] = "open"
    managers: tuple[str, ...] = ()
    paused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A command as somebody gave it. ``manager`` and ``admin`` are what the platform says of their rights.

    ``manager`` may manage this channel, ``admin`` the whole space. ``options`` are texts, as typed.
    """

    command: str
    options: Mapping[str, str] = field(default_factory=dict)
    person: Person
    where: Address
    manager: bool = False
    admin: bool = False
    barred: str = ""
    """Why Paperboy cannot post where this was said, and what to do about it; empty where it can."""
    guest: bool = False
    """A visitor in this space, of another company or for a few channels: what is everybody's is not theirs to manage,
    unless they are on the list of the space.
    """
    unasked: bool = False
    """The platform asks by itself, to fill a page of theirs: it is none of the person's commands a minute."""
    owner: bool = False
    """The operator, at a screen of this very machine: nothing is counted."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One suggestion while somebody types: ``label`` is what they read, ``value`` what is filled in."""

    label: str
    value: str


# --- the operator -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: fine, could be better, or will not work; with what to do about it."""

    level: Literal["ok", "hint", "bad"]
    subject: str
    text: str

    def __str__(self) -> str:
        return f"{self.level:4}  {self.subject}: {self.text}"
