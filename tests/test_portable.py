"""Targets as TOML: nothing is lost on the way, and whatever is wrong is named with its line."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import portable
from bot.cadence import WEEKDAYS
from bot.errors import ConfigError
from bot.model import Address, Cadence, Facts, Paper, Preferences, Saved, Subscription, Target, Watch
from bot.portable import Entry, Line

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
SAID = TEXT.filter(str.strip)
CLOCK = st.integers(0, 1439)
PAUSE = st.none() | st.just(0) | st.integers(1, 4_000_000_000_000)
CADENCES = st.just(Cadence()) | st.builds(
    Cadence, every=st.sampled_from(["daily", "weekly"]), at=st.none() | CLOCK, weekday=st.integers(0, 6)
)
LINES = st.builds(
    Line, query=SAID, cadence=CADENCES, max=st.none() | st.integers(1, 100), mention=TEXT, paused_until=PAUSE
)
ENTRIES = st.builds(
    Entry,
    room=SAID,
    kind=st.sampled_from(["channel", "person"]),
    platform=TEXT,
    space=TEXT,
    preferences=st.builds(
        Preferences,
        timezone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York"]),
        quiet=st.none() | st.tuples(CLOCK, CLOCK),
        digest_at=CLOCK,
        format=st.sampled_from(["card", "line", "thread"]),
        living=st.booleans(),
        cap=st.integers(1, 500),
        paused_until=PAUSE,
    ),
    subscriptions=st.lists(LINES, max_size=3).map(tuple),
    watches=st.lists(st.tuples(SAID, SAID), max_size=2).map(tuple),
    saved=st.lists(st.tuples(SAID, TEXT), max_size=2).map(tuple),
)

FILE = """version = 1

[[target]]
room = "papers"
timezone = "Europe/Berlin"

[[target.subscription]]
query = "video diffusion"

[[target.subscription]]
query = "agents -survey"
every = "weekly"
on = "friday"

[[target]]
room = "nlp"

[[target.subscription]]
query = "llm"
"""


@given(st.lists(ENTRIES, max_size=4))
def test_what_is_dumped_loads_as_it_was(entries: list[Entry]) -> None:
    assert portable.load(portable.dump(entries)) == tuple(entries)


def test_what_a_file_leaves_out_is_as_usual() -> None:
    (papers, nlp) = portable.load(FILE)
    assert papers.preferences == Preferences(timezone="Europe/Berlin")
    assert papers.subscriptions[0] == Line(query="video diffusion")
    assert papers.subscriptions[1].cadence == Cadence(every="weekly", weekday=4)
    assert nlp.kind == "channel"
    assert nlp.subscriptions == (Line(query="llm"),)


def test_a_stored_target_becomes_an_entry_without_ids_and_owners() -> None:
    target = Target(id=7, address=Address("tower", "lab", "papers"), preferences=Preferences(cap=5))
    made = portable.entry(
        target,
        [Subscription(id=3, number=2, target=7, query="agents", owner="mei", mention="@team")],
        watches=[
            Watch(id=1, number=1, target=7, paper="arxiv:2611.00001", query="has:code"),
            Watch(id=2, number=2, target=7, paper="arxiv:2611.00002", query="has:code", done=True),
        ],
        saved=[Saved(paper=Paper(key="arxiv:2611.00003", title="Agents", facts=Facts()), note="nice")],
    )
    assert made == Entry(
        room="papers",
        preferences=Preferences(cap=5),
        subscriptions=(Line(query="agents", mention="@team"),),
        watches=(("arxiv:2611.00001", "has:code"),),
        saved=(("arxiv:2611.00003", "nice"),),
    )
    assert "mei" not in portable.dump([made])


def test_an_entry_lands_where_it_is_imported_unless_it_names_a_place() -> None:
    assert Entry(room="papers").address("tower", "lab") == Address("tower", "lab", "papers")
    target = Target(id=1, address=Address("moat", "guild", "papers"))
    placed = portable.entry(target, [], placed=True)
    assert placed.address("tower", "lab") == Address("moat", "guild", "papers")
    assert portable.entry(target, []).platform == ""


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (FILE, "", "There is nothing in it. An export begins with version = 1."),
        ('query = "llm"', f'query = "llm"\nmention = "{"x" * 101}"', "“mention”: has 101 characters; at most 100"),
        ("version = 1", "version = 2", "Line 1, the file, “version”"),
        ("version = 1\n", "", "the file, “version”: this Paperboy reads version 1"),
        ("version = 1", "version = 1\nverson = 1", "did you mean version?"),
        ('timezone = "Europe/Berlin"', 'timezone = "Mars"', "Line 5, target 1, “timezone”: “Mars” is not a time zone"),
        ('timezone = "Europe/Berlin"', 'timezone = "../etc/passwd"', "is not a time zone"),
        ('timezone = "Europe/Berlin"', "cpa = 3", "Line 5, target 1, “cpa”: there is no such key (did you mean cap?)"),
        ('timezone = "Europe/Berlin"', "cap = 0", "“cap”: must be a whole number from 1 to 10000"),
        ('timezone = "Europe/Berlin"', 'living = "on"', "“living”: must be true or false"),
        ('timezone = "Europe/Berlin"', "cap = true", "“cap”: must be a whole number from 1 to 10000"),
        ('timezone = "Europe/Berlin"', 'quiet = "22:00"', "“22:00” is not a span"),
        ('timezone = "Europe/Berlin"', 'quiet = "22:00-25:00"', "“25:00” is not a time of day"),
        ('timezone = "Europe/Berlin"', 'digest = "9 o\'clock"', "is not a time of day such as 09:00"),
        ('timezone = "Europe/Berlin"', "paused = 3", "must be true, false or a moment"),
        ('timezone = "Europe/Berlin"', "paused = 2026-11-30T09:00:00", "must be true, false or a moment"),
        ('timezone = "Europe/Berlin"', "watch = 3", "“watch”: must be a list of tables"),
        ('room = "papers"', "room = 4", "“room”: must be a text in quotes"),
        ('room = "papers"', 'room = " "', "“room”: must not be empty"),
        ('room = "nlp"', "", "Line 15, target 2, “room”: is missing"),
        ('every = "weekly"', 'every = "hourly"', "Line 12, target 1, subscription 2, “every”: “hourly” is none of"),
        ('on = "friday"', 'on = "fri"', "Line 13, target 1, subscription 2, “on”"),
        ('query = "llm"', 'querry = "llm"', "Line 19, target 2, subscription 1, “querry”"),
        ('query = "llm"', 'max = "3"\nquery = "llm"', "Line 19, target 2, subscription 1, “max”"),
    ],
)
def test_a_mistake_is_named_with_its_line_table_and_key(old: str, new: str, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        portable.load(FILE.replace(old, new, 1))
    assert told in str(caught.value)


def test_a_mistake_in_a_table_as_dump_writes_it_is_found_too() -> None:
    entry = Entry(room="papers", subscriptions=(Line(query="a"), Line(query="b")), watches=(("x", "y"),))
    text = portable.dump([Entry(room="nlp", subscriptions=(Line(query="c"),)), entry])
    broken = text.replace('query = "b"', 'queri = "b"')
    at = next(i for i, row in enumerate(broken.splitlines(), 1) if "queri" in row)
    with pytest.raises(ConfigError, match=f"^Line {at}, target 2, subscription 2, “queri”"):
        portable.load(broken)


@pytest.mark.parametrize(
    "text", ["version = ", "\x00", "[[target]\n", "x = " + "[" * 5000, "= 1", "version = 1\nversion = 1"]
)
def test_what_is_not_toml_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(ConfigError, match="This is not TOML"):
        portable.load(text)


@given(st.text(max_size=200))
def test_any_text_loads_or_is_refused(text: str) -> None:
    for whole in (text, f"version = 1\n{text}", f'version = 1\n[[target]]\nroom = "x"\n{text}'):
        with contextlib.suppress(ConfigError):
            portable.load(whole)


def test_an_empty_file_of_the_right_version_has_no_entries() -> None:
    assert portable.load("version = 1\n") == ()
    assert portable.load(portable.dump([])) == ()


def test_weekdays_are_written_as_names() -> None:
    text = portable.dump(
        [Entry(room="x", subscriptions=(Line(query="q", cadence=Cadence(every="weekly", weekday=6)),))]
    )
    assert f'on = "{WEEKDAYS[6].lower()}"' in text
