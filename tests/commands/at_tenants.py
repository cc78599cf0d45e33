"""Many places in one database, each with words of its own, and everything that can be asked of a command there.

A marker is a word that stands in everything of one place and nowhere else. What somebody may see or change is said by
``Asker``; what a command can be given is made from the table: a new command is tried, a new kind of option fails.
"""

import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from bot import portable
from bot.commands.table import Command, Desk, Limits, Option, OptionKind
from bot.model import (
    Address,
    Cadence,
    Delivery,
    Edition,
    Paper,
    Person,
    Planned,
    Preferences,
    Reason,
    Receipt,
    Space,
    Target,
)
from bot.store.sqlite import SqliteStore
from tests.commands.at_desk import MONDAY, ms
from tests.making import always, draft

NOW = ms(MONDAY)
DAY = date(2026, 11, 23)
SPACES = (("slack", "lab"), ("slack", "rival"), ("mirror", "lab"), ("guilds", "lab"), ("guilds", "rival"))
"""Platforms and spaces with the same names in them. People of ``guilds`` are the same in each of its spaces."""
PEOPLE: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("slack", "lab"): ("mei", "kai"),
    ("slack", "rival"): ("mei", "ann"),
    ("mirror", "lab"): ("mei", "ann"),
    ("guilds", ""): ("mei", "kai"),
}
ROOMS = ("c1", "c2", "c3")
SUSPENDED = "c3"
Policy = Literal["open", "managers"]
KEPT = ("saved", "spent")
"""Tables of what belongs to a person and hangs on no target."""


# --- who asks, and what is theirs -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Somebody somewhere. ``manager`` and ``admin`` as the platform says it."""

    name: str
    platform: str = "slack"
    space: str = "lab"
    person: str = "mei"
    room: str = "c1"
    """Empty for the room of one's own."""
    manager: bool = False
    admin: bool = False
    manages: bool = True
    """Whether they may change what is in the room, by the platform's word or by the policy of the space."""

    @property
    def who(self) -> Person:
        return Person(self.platform, "" if self.platform == "guilds" else self.space, self.person, self.person)

    @property
    def where(self) -> Address:
        return Address(self.platform, self.space, self.room, name=self.room) if self.room else self.who.address

    @property
    def seen(self) -> set[str]:
        """The markers of what they may read: the room they are in, what is their own, an administrator's space."""
        own = {marker(self.who.address), marker(self.where)}
        around = {marker(Address(self.platform, self.space, room)) for room in ROOMS}
        return own | around | {f"zqboss{self.platform}{self.space}"} if self.admin else own

    def owns(self, owner: tuple[str, ...]) -> bool:
        """Whether rows of this owner (see ``rows``) may be changed for them."""
        platform, space, room, kind = owner
        if kind == "person":
            return (platform, space, room) == (self.platform, self.who.space, self.person)
        if (platform, space) != (self.platform, self.space):
            return False
        return self.admin or (kind == "channel" and room == self.room and self.manages)


ASKERS = (
    Asker(name="a member"),
    Asker(name="a member of another channel", room="c2"),
    Asker(name="an administrator", admin=True, manager=True),
    Asker(name="somebody alone", room=""),
    Asker(name="an administrator alone", room="", admin=True, manager=True),
    Asker(name="a stranger", space="rival", person="ann", manages=False),
    Asker(name="an administrator of another workspace", space="rival", person="ann", admin=True),
    Asker(name="an administrator of a namesake", platform="mirror", person="ann", admin=True),
    Asker(name="a member of a guild", platform="guilds"),
    Asker(name="an administrator of a guild", platform="guilds", admin=True),
    Asker(name="an administrator of another guild", platform="guilds", space="rival", admin=True),
    Asker(name="somebody alone, of all guilds", platform="guilds", space="", room=""),
    Asker(name="an administrator of nothing yet", space="new", person="zoe", admin=True),
)
"""In the spaces called ``rival`` only managers may change subscriptions."""


# --- what is planted --------------------------------------------------------------------------------------------------


def marker(where: Address) -> str:
    return f"zq{where.kind}{where.platform}{where.space or 'all'}{where.room}"


def title_word(where: Address) -> str:
    """Stands in the titles of the papers of one place: they are public, but not that somebody has to do with them."""
    return marker(where).replace("zq", "xj")


def addresses() -> list[Address]:
    rooms = [Address(platform, space, room, name=room) for platform, space in SPACES for room in ROOMS]
    people = [Address(*space, person, "person") for space, names in PEOPLE.items() for person in names]
    return [*rooms, *people]


async def plant(store: SqliteStore) -> None:
    """Everything there can be, in every place."""
    papers = {where: _papers(at, where) for at, where in enumerate(addresses())}
    every = tuple(paper for some in papers.values() for paper in some)
    await store.papers.ingest(Edition(source="huggingface", list="daily", day=DAY, papers=every), NOW, announce=False)
    for number, (where, some) in enumerate(papers.items()):
        await _plant_place(store, where, some, number)
    for platform, space in SPACES:
        policy: Policy = "managers" if space == "rival" else "open"
        managed = Space(platform=platform, space=space, policy=policy, managers=(f"zqboss{platform}{space}",))
        await store.people.edit_space(platform, space, always(managed))
    # Last, because nothing is claimed where it is suspended.
    for where in addresses():
        if where.room == SUSPENDED:
            target = await store.subscriptions.target(where)
            await store.outbox.suspend(target.id, f"{marker(where)} is closed", NOW)


def _papers(at: int, where: Address) -> list[Paper]:
    """The first of the place ``at`` is 2611.<at>00."""
    keys = (f"arxiv:2611.{at:03}{n:02}" for n in range(4))
    return [Paper(key=key, title=f"Notes {title_word(where)}", sources=("huggingface",)) for key in keys]


async def _plant_place(store: SqliteStore, where: Address, papers: list[Paper], number: int) -> None:
    word = marker(where)
    settings = Preferences(cap=7000 + number, digest_at=60 + number, quiet=None)
    target = await store.subscriptions.target(where, settings)
    owner = where.room if where.kind == "person" else "mei" if where.platform != "guilds" else f"{word}owner"
    if (where.platform, where.space) == ("slack", "lab"):
        owner = f"{word}owner"
    for n in range(1 + number % 4):
        await store.subscriptions.add(
            target.id, f"{word} OR {word}{n}", Cadence(every="daily"), owner=owner, now=NOW, mention=f"@{word}",
            limit=100, space_limit=1000,
        )  # fmt: skip
    await _plant_posts(store, target, papers, word)
    if where.kind == "person":
        person = Person(where.platform, where.space, where.room)
        await store.people.save(person, papers[0].key, f"{word} note", NOW)
        await store.people.watch(target.id, papers[1].key, f"votes>={8000 + number}")


async def _plant_posts(store: SqliteStore, target: Target, papers: list[Paper], word: str) -> None:
    """A paper sent, one given up, one folded and waiting, one waiting for a digest."""
    [one, *_] = await store.subscriptions.at(target.id)
    reason = Reason(subscription=one.id, number=one.number, query=one.query, terms=(word,), mention=f"@{word}")
    kinds = (("instant", NOW), ("instant", NOW), ("fold", NOW + 1), ("digest", NOW + 10**7))
    planned = [
        Planned(target=target.id, paper=paper.key, occasion="", reason=reason, kind=kind, due=due)  # type: ignore[arg-type]
        for paper, (kind, due) in zip(papers, kinds, strict=False)
    ]
    await store.outbox.plan([], planned, [], NOW)
    for paper, dies in ((papers[0], False), (papers[1], True)):
        [row] = await store.outbox.trail(target.id, paper.key)
        await _frozen(store, target, row, word, dies)


async def _frozen(store: SqliteStore, target: Target, row: Delivery, word: str, dies: bool) -> None:
    made = draft(row, payload=f"{word} payload", plain=f"{word} plain", nonce=f"{word}{row.id}", heading=word)
    message = await store.outbox.freeze(made, NOW)
    assert message is not None
    assert [m.id for m in await store.outbox.claim(target.address.platform, NOW, 1000, 1000)] == [message]
    if dies:
        await store.outbox.dead(message, f"{word} was refused", NOW)
    else:
        await store.outbox.sent(message, Receipt(f"{word}:receipt"), NOW)


# --- what can be asked ------------------------------------------------------------------------------------------------

_PAPERS = tuple(f"2611.{at:03}00" for at in (0, 1, 15, 17))
_VALUES: Mapping[OptionKind, tuple[str, ...]] = {
    "text": ("subscribe",),
    "query": ("intruder",),
    "paper": _PAPERS,
    "subscription": ("1", "#4", "9", "all"),
    "alert": ("1", "#4", "9", "all"),
    "watch": tuple(map(str, range(1, 9))),
    "date": ("2026-11-23",),
    "week": ("2026-W48",),
    "month": ("2026-11",),
    "number": ("3",),
    "time": ("18:00",),
    "hours": ("21:00-07:00",),
    "until": ("2d",),
    "timezone": ("Asia/Tokyo",),
    "person": ("mei", "kai", "zqbossslacklab", "zqbossslackrival"),
    "span": ("30d",),
    "choice": (),
}


def values(command: Command, option: Option) -> tuple[str, ...]:
    """What an option can be given. Fails for a kind that is not known here."""
    if command.words == ("admin", "import"):
        return tuple(imports())
    return option.choices or _VALUES[option.kind]


def imports() -> Iterator[str]:
    """Exports that would plant something in each place, with and without saying where that is."""
    line = portable.Line(query="intruder")
    yield portable.dump([portable.Entry(room=room, subscriptions=(line,)) for room in (*ROOMS, "c9")])
    yield portable.dump(
        [
            portable.Entry(room=w.room, kind=w.kind, platform=w.platform, space=w.space, subscriptions=(line,))
            for w in addresses()
        ]
    )


def asked(command: Command) -> Iterator[dict[str, str]]:
    """Options of a command: what it needs, with each value of each, and with each other option; "all" comes last."""
    needed = {o.name: values(command, o) for o in command.options if o.required}
    others = {o.name: values(command, o) for o in command.options if not o.required and not o.silent}
    least = {name: some[0] for name, some in needed.items()}
    found = [least] if needed else [{}]
    found += [{**least, name: value} for name, some in needed.items() for value in some]
    for name, some in others.items():
        found += [{**least, name: value} for value in some]
        found += [{**least, n: v, name: some[0]} for n, every in needed.items() for v in every[1:]]
    if {"at", "on"} & set(others):
        found.append({**least, "every": "weekly", "at": "18:00", "on": "monday"})
    unique = list({tuple(sorted(one.items())): one for one in found}.values())
    yield from sorted(unique, key=lambda one: ("all" in one.values(), "confirm" in one))


# --- what was said, and what is stored --------------------------------------------------------------------------------


def leaks(said: object, asker: Asker, *, typed: Iterable[str], titles: bool) -> set[str]:
    """Markers of others in whatever was said; with ``titles``, also words of the papers others have to do with."""
    text = repr(said)
    seen = asker.seen
    words = set(re.findall(r"zq[a-z0-9]+", text.lower()))
    found = {word for word in words if not any(_is_of(word, own) for own in seen)}
    if titles:
        shown = {title_word(where) for where in addresses() if marker(where) not in seen}
        found |= {word for word in set(re.findall(r"xj[a-z0-9]+", text.lower())) if word in shown}
    numbers = {
        str(base + n) for n, where in enumerate(addresses()) if marker(where) not in seen for base in (7000, 8000)
    }
    found |= numbers & set(re.findall(r"(?<![\d.,:])\d{4}(?![\d.,:])", text))
    return {word for word in found if not any(word in value for value in typed)}


def _is_of(word: str, own: str) -> bool:
    return word == own or re.fullmatch(rf"{own}(owner|\d+)", word) is not None


_TARGETED = ("subscription", "message", "delivery", "watch")
_OF_TARGET = "select t.platform, t.space, t.room, t.kind, x.* from {} x join target t on t.id = x.target"
_OWNED: Mapping[str, str] = {
    "target": "select platform, space, room, kind, * from target",
    **{table: _OF_TARGET.format(table) for table in _TARGETED},
    "reason": "select t.platform, t.space, t.room, t.kind, x.* from reason x join delivery d on d.id = x.delivery"
    " join target t on t.id = d.target",
    **{table: f"select platform, space, person, 'person', * from {table}" for table in KEPT},
    "space": "select platform, space, '', 'space', * from space",
    "note": "select owner, key, '', 'note', * from note",
}
_PUBLIC = ("paper", "sighting", "listing", "cursor", "health", "job", "counter")
"""Tables that belong to nobody; those of the full text, ``paper_…``, are of this kind too."""

Rows = dict[tuple[str, ...], list[tuple[object, ...]]]


def rows(database: Path) -> Rows:
    """Every row by whose it is: (platform, space, room or person, kind). Fails for a table it does not know."""
    found: Rows = defaultdict(list)
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        tables = {name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")}
        unknown = {name for name in tables if name.split("_")[0] not in {*_OWNED, *_PUBLIC, "sqlite"}}
        assert not unknown, f"whose are the rows of {unknown}?"
        for table, sql in _OWNED.items():
            for platform, space, room, kind, *row in connection.execute(
                f"{sql} order by x.rowid" if " x " in sql else sql
            ):
                found[(platform, space, room, kind)].append((table, *row))
    return found


def desk(store: SqliteStore, forgotten: list[Address]) -> Desk:
    async def forget(where: Address) -> None:
        forgotten.append(where)

    limits = Limits(commands_per_minute=100_000, per_channel=1000, per_person=1000, per_space=10_000)
    return Desk(store=store, limits=limits, clock=lambda: NOW + 1000, forget=forget)


def shows_titles(command: Command) -> bool:
    """Whether an answer may show any paper there is: a look-up, or one that is given a paper or a query."""
    return command.room == "look-ups" or any(o.kind in ("paper", "query") for o in command.options)
