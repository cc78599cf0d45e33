"""Thirty weekdays of recorded lists into a real process that is killed on the way, against an independent oracle."""

import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from difflib import unified_diff
from typing import Any

import pytest

from tests.flow import wishes
from tests.flow.hub import Hub, serving
from tests.flow.naive import Event, Naive, Waiting, least
from tests.flow.running import Paperboy, from_milliseconds
from tests.flow.world import World
from tests.shared import shared

SEED = 20250915
FIRST, LAST = date(2025, 9, 15), date(2025, 10, 24)
PAGED = frozenset({date(2025, 9, 30)})
KILLS = 5
BUSY_KILLS = 2
"""Kills that have to find work unfinished."""
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
LEASE_AND_MORE = timedelta(seconds=40)
"""After a kill, what was being sent is left alone for half a minute: somebody may still be sending it."""

SOURCE, CLOCK = "source", "clock"


@dataclass(frozen=True)
class Move:
    """The clock is set to ``at``; a source move also lets the hub serve what it has by then."""

    at: datetime
    kind: str


def moves() -> list[Move]:
    """Some moments of every day, until everything of the last weeks is out. Before the source moves, the clock does:
    what is due then goes out before facts change, whatever a process does first."""
    found = []
    for number in range((LAST - FIRST).days + 4):
        day = FIRST + DAY * number
        # New York's summer time opens a day at 01:30: the list that is there by one o'clock is not asked for before.
        opening = [] if number % 9 else [time(1), time(1, 30)]
        listing = [time(6)] if day.weekday() < 5 else []
        trending = [time(16)] if day.weekday() < 5 else []
        for at in [*opening, *listing, time(12), *trending]:
            moment = datetime.combine(day, at, UTC)
            found += [Move(moment - MINUTE, CLOCK), Move(moment, SOURCE)]
        for at in (time(9), time(22), time(23, 50)):
            found.append(Move(datetime.combine(day, at, UTC), CLOCK))
    return sorted(found, key=lambda move: move.at)


def commands(at: datetime) -> dict[str, str]:
    """What is typed when the clock stands at ``at``, by a name for the deed."""
    return {
        datetime(2025, 9, 24, 22, tzinfo=UTC): {
            "remove": "/papers unsubscribe id:2",
            "add": "/papers subscribe generaliz*",
        },
        datetime(2025, 9, 29, 22, tzinfo=UTC): {"watch": "/as sam\n/papers watch 2509.21679 votes:60"},
        datetime(2025, 9, 30, 22, tzinfo=UTC): {"pause": "/papers pause id:1"},
        datetime(2025, 10, 9, 9, tzinfo=UTC): {"resume": "/papers resume id:1"},
    }.get(at, {})


@pytest.fixture(scope="module")
def world() -> World:
    return World(shared("hf_daily"), FIRST, LAST)


# --- what should happen -----------------------------------------------------------------------------------------------


def expected(world: World) -> Naive:
    oracle = Naive(wishes.places())
    for place in oracle.places.values():
        for number, wish in enumerate(place.wishes, 1):
            wish.number = number
    before = moves()[0].at - DAY
    for move in moves():
        due = oracle.next_due()
        if move.kind == SOURCE:
            assert due is None or not before < due <= move.at, f"something falls due just when facts change, at {due}"
            oracle.poll(world, move.at)
        oracle.deliver(move.at)
        _change(oracle, commands(move.at))
        before = move.at
    return oracle


def _change(oracle: Naive, deeds: dict[str, str]) -> None:
    if "watch" in deeds:
        oracle.watches.append(("@sam", "2509.21679", least("votes", 60)))
    there = oracle.places["#changing"].wishes
    if "remove" in deeds:
        there[:] = [wish for wish in there if wish.number != 2]
    if "add" in deeds:
        there.append(wishes.late())
        there[-1].number = 4
    for wish in there:
        if wish.number == 1 and deeds.keys() & {"pause", "resume"}:
            wish.paused = "pause" in deeds


# --- what happens -----------------------------------------------------------------------------------------------------


class Replay:
    """Moves the clock and the hub, waits, kills. ``busy`` counts the kills that found work unfinished."""

    def __init__(self, paperboy: Paperboy, hub: Hub, plan: dict[datetime, int]) -> None:
        self.paperboy = paperboy
        self.hub = hub
        self.plan = plan
        self.busy: list[str] = []

    def run(self) -> None:
        for move in moves():
            self.paperboy.set_clock(move.at)
            if move.kind == SOURCE:
                self.hub.pending = move.at
            if move.at in self.plan:
                self._kill(self.plan[move.at])
            self._settle(move)
            if deeds := commands(move.at):
                self.paperboy.type("/as you", "/join #changing", *deeds.values())

    def _settle(self, move: Move) -> None:
        tags = [f'"{move.at.isoformat()}"'] if move.kind == SOURCE else []
        self.paperboy.wait(lambda: self.paperboy.is_idle(*tags), f"never idle at {move}")

    def _kill(self, posts: int) -> None:
        """Kill it after so many posts (0: as it polls), start it again, and let the dead one's lease run out."""
        paperboy, before = self.paperboy, self.paperboy.count_posts()
        paperboy.wait(lambda: self.hub.state == self.hub.pending, "no poll came")
        paperboy.wait(lambda: paperboy.count_posts() >= before + posts, f"fewer than {posts} posts came")
        paperboy.kill()
        with paperboy.reading_a_copy() as connection:
            left = paperboy.work_left(connection)
        if any(left.values()):
            self.busy.append(f"{paperboy.now} with {left}")
        paperboy.start()
        paperboy.set_clock(paperboy.now + LEASE_AND_MORE)


def chosen_kills(oracle: Naive) -> dict[datetime, int]:
    """At which moves to kill and after how many posts: moves at which many places get something."""
    rooms: dict[datetime, set[str]] = {}
    for name, events in oracle.events.items():
        for event in events:
            rooms.setdefault(event[0], set()).add(name)
    crowded = sorted(at for at, names in rooms.items() if len(names) >= 6)
    chance = random.Random(SEED)
    chosen = chance.sample(crowded, KILLS)
    return dict(sorted(zip(chosen, [0, *(chance.randint(1, 4) for _ in chosen[1:])], strict=True)))


@dataclass
class Outcome:
    oracle: Naive
    posts: list[dict[str, Any]]
    rows: list[tuple[str, str, str, int, str]]
    """Place, paper (and "watched"), state, whether it was shown, numbers of the subscriptions that wanted it."""
    busy: list[str]
    served: dict[str, int]
    errors: str


@pytest.fixture(scope="module")
def outcome(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outcome]:
    oracle = expected(world)
    plan = chosen_kills(oracle)
    print(f"seed {SEED}: killed at {', '.join(f'{at:%m-%d %H:%M} after {n}' for at, n in plan.items())}")
    eve = datetime(2025, 9, 14, 12, tzinfo=UTC)
    hub = Hub(world, eve, PAGED)
    with serving(hub.answer) as url:
        paperboy = Paperboy(
            tmp_path_factory.mktemp("replay"),
            eve,
            HUGGINGFACE_URL=url,
            POLL_MINUTES="0.005",
            TICK_SECONDS="0.1",
            COMMANDS_PER_MINUTE="1000",
            EXAMPLES="no",
        )
        try:
            paperboy.start()
            paperboy.type(*(line for place in wishes.places() for line in wishes.commands(place)))
            replay = Replay(paperboy, hub, plan)
            replay.run()
            assert paperboy.terminate() == 0
            with paperboy.reading_a_copy() as connection:
                rows = connection.execute(_ROWS).fetchall()
            yield Outcome(oracle, paperboy.posts, rows, replay.busy, hub.counts, paperboy.errors)
        finally:
            paperboy.close()


_ROWS = """
select case t.kind when 'person' then '@' || t.room else t.room end,
  substr(p.key, 7) || case d.occasion when '' then '' else ' watched' end,
  d.state,
  d.shown,
  (select group_concat(number) from (select number from reason r where r.delivery = d.id order by number))
from delivery d join target t on t.id = d.target join paper p on p.id = d.paper
"""

# --- reading the transcript -------------------------------------------------------------------------------------------


def place_of(post: dict[str, Any]) -> str:
    return f"@{post['where']}" if post["kind"] == "person" else str(post["where"])


def events(post: dict[str, Any]) -> list[Event]:
    """What a post says, in the oracle's terms."""
    said, when = post["payload"], last_move(from_milliseconds(post["at"]))
    pages = [page for card in said["cards"] for page in (card["url"], *(row["url"] for row in card["rows"]))]
    ids = [page.rpartition("/")[2] for page in pages if page]
    bodies = [card["body"] for card in said["cards"] if not card["url"] and not card["rows"]]
    if said["kind"] == "instant":
        assert not bodies
        return [(when, "paper", paper) for paper in ids]
    if said["kind"] == "fold":
        line = re.match(r"(\d+) more papers? matched, over the daily cap. .* /papers more date:(\S+)$", bodies[0])
        assert line is not None
        return [(when, "fold", int(line[1]), date.fromisoformat(line[2]))]
    heading = re.match(r"Digest · (.+) · (\d+) papers?(?: · part \d+ of \d+)?$", said["heading"])
    folded = re.match(r"\d+", bodies[0]) if bodies else None
    assert heading is not None
    return [(when, "digest", tuple(ids), int(folded[0]) if folded else 0, int(heading[2]), heading[1])]


def joined(found: list[Event], post: dict[str, Any]) -> list[Event]:
    """What was found before and what ``post`` says; a further part of a digest goes to the parts before it."""
    added = events(post)
    part = re.search(r" · part (\d+) of \d+$", post["payload"]["heading"])
    if part is None or part[1] == "1":
        return found + added
    last, (when, kind, ids, folded, *rest) = found[-1], added[0]
    assert (*last[:2], *last[4:]) == (when, kind, *rest), "parts of one digest come together"
    return [*found[:-1], (when, kind, last[2] + ids, last[3] + folded, *rest)]


def last_move(at: datetime) -> datetime:
    return max(move.at for move in moves() if move.at <= at)


def readable(event: Event) -> str:
    days = [f"{part:%a} {part.day} {part:%b}" if isinstance(part, date) else part for part in event[1:]]
    return f"{event[0]:%m-%d %H:%M} {json.dumps(days)}"


# --- the comparison ---------------------------------------------------------------------------------------------------


def test_every_place_got_exactly_what_it_asked_for_once_and_in_order(outcome: Outcome) -> None:
    found: dict[str, list[Event]] = {name: [] for name in outcome.oracle.places}
    for post in outcome.posts:
        found[place_of(post)] = joined(found[place_of(post)], post)
    got = {name: [readable(event) for event in events] for name, events in found.items()}
    wanted = {name: [readable(event) for event in events] for name, events in outcome.oracle.events.items()}
    differences = [
        line
        for name in wanted
        for line in unified_diff(wanted[name], got[name], f"{name} should get", f"{name} got", lineterm="", n=1)
    ]
    assert not differences, "\n".join(differences[:80])
    assert all(wanted.values()), "every place should get something, or it shows nothing"
    assert sum(map(len, wanted.values())) > 1000


def test_every_paper_has_the_reasons_it_was_wanted_for_and_none_is_left_over(outcome: Outcome) -> None:
    got = {(place, paper): (shown, state, numbers) for place, paper, state, shown, numbers in outcome.rows}
    wanted = {
        (name, paper): (int(row.state != "folded"), "sent" if row.state != "waits" else "pending", numbers(row))
        for name, rows in outcome.oracle.rows.items()
        for paper, row in rows.items()
    }
    assert len(got) == len(outcome.rows)
    assert {key: value for key, value in got.items() if wanted.get(key) != value} == {}
    assert wanted.keys() == got.keys()
    assert not [row for row in outcome.rows if row[2] != "sent"], "the last moves should bring everything out"


def numbers(row: Waiting) -> str:
    return ",".join(str(number) for number in sorted({wish.number for wish in row.reasons}))


def test_every_card_says_why_it_is_there(outcome: Outcome) -> None:
    """But where somebody asked for everything: that it is a paper is no reason worth telling."""
    places = outcome.oracle.places
    told = [p for p in outcome.posts if "*" not in {wish.text for wish in places[place_of(p)].wishes}]
    cards = [card for post in told for card in post["payload"]["cards"] if card["url"]]
    rows = [row for post in told for card in post["payload"]["cards"] for row in card["rows"]]
    assert cards
    assert all(card["matched"] or "You watched this" in card["label"] for card in cards)
    assert rows
    assert all("matched: " in row["detail"] for row in rows)


def test_it_was_killed_while_busy_and_had_nothing_to_complain_of(outcome: Outcome) -> None:
    print("killed busy:", *outcome.busy, sep="\n  ")
    assert len(outcome.busy) >= BUSY_KILLS
    assert all(outcome.served.values()), f"a way of answering was never used: {outcome.served}"
    # The scheduler's own remark that a tick waited for a poll, which is meant to be so.
    complaints = [line for line in outcome.errors.splitlines() if "maximum number of running instances" not in line]
    assert complaints == []
