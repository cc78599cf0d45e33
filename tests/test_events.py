"""The log's vocabulary: every event has a name of its own shape, and stands in docs/monitoring.md with its meaning."""

import ast
import logging
import re
from collections.abc import Iterator
from pathlib import Path

from bot import deliver, meters

ROOT = Path(__file__).resolve().parents[1]
MODULES = sorted(path for room in ("bot", "adapters") for path in (ROOT / room).rglob("*.py"))
DOCUMENT = (ROOT / "docs/monitoring.md").read_text(encoding="utf-8")
WRITES = {"debug", "info", "warning", "error", "exception", "critical", "log"}
PASSED_ON = {"bot/commands/failures.py: event"}
"""Where an event comes as an argument: callers of ``broke`` name it, and are looked at."""
STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime"}
FIELDS = {
    "at", "beat", "bot", "changed", "command", "commands", "day", "error", "fault", "fresh", "guilds", "id", "mode",
    "nonce", "of", "option", "paper", "path", "platform", "reason", "ref", "remaining", "repeats", "said", "seconds",
    "shards", "source", "sources", "space", "to", "told", "try", "what",
}  # fmt: skip
"""What an event may tell. Nobody's words: no query, no title, no name of a person."""


def trees() -> Iterator[tuple[str, ast.Module]]:
    for path in MODULES:
        yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def calls() -> Iterator[tuple[str, ast.Module, ast.Call, ast.expr]]:
    """Every line that writes to the log: where, the call, and what it gives for the event."""
    for where, tree in trees():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            made = node.func
            if isinstance(made, ast.Name) and made.id == "broke":
                yield where, tree, node, node.args[0]
            if isinstance(made, ast.Attribute) and made.attr in WRITES and _is_log(made.value):
                yield where, tree, node, node.args[1 if made.attr == "log" else 0]


def _is_log(value: ast.expr) -> bool:
    return ast.unparse(value) in {"log", "logging.getLogger(__name__)"}


def events() -> dict[str, set[str]]:
    """Every event the code can write, with where."""
    found: dict[str, set[str]] = {}
    for where, tree, _, event in calls():
        for name in _names(tree, event):
            found.setdefault(name, set()).add(where)
        if not list(_names(tree, event)):
            assert f"{where}: {ast.unparse(event)}" in PASSED_ON
    return found


def _names(tree: ast.Module, event: ast.expr) -> Iterator[str]:
    """A literal, or everything in the table ``EVENTS`` of the file."""
    if isinstance(event, ast.Constant):
        yield str(event.value)
    elif isinstance(event, ast.Subscript) and ast.unparse(event.value) == "EVENTS":
        tables = (
            node for node in tree.body if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "EVENTS"
        )
        for table in tables:
            assert isinstance(table.value, ast.Dict)
            yield from (str(ast.literal_eval(value)) for value in table.value.values)


def rows(heading: str) -> dict[str, str]:
    """The first cell of each row under a heading of the document, to the rest of it."""
    section = re.split(r"(?m)^## ", DOCUMENT.split(f"\n## {heading}\n", 1)[1])[0]
    return dict(re.findall(r"(?m)^\| `([^`]+)`[^|]*\| (.+) \|$", section))


def test_every_event_is_explained_and_nothing_is_explained_that_is_no_event() -> None:
    written, explained = events().keys(), rows("Events").keys()
    assert sorted(written - explained) == []
    assert sorted(explained - written) == []


def test_levels_are_explained_as_they_are() -> None:
    told = {name: rest.split(" | ")[0] for name, rest in rows("Events").items()}
    levels: dict[str, set[str]] = {}
    for _, tree, call, event in calls():
        for name in _names(tree, event):
            attribute = call.func.attr if isinstance(call.func, ast.Attribute) else "error"  # ``broke``
            levels.setdefault(name, set()).add({"exception": "ERROR"}.get(attribute, attribute.upper()))
    fixed = {name: known for name, known in levels.items() if known != {"LOG"}}
    assert {name: told[name] for name, known in fixed.items() if told[name] not in known} == {}
    computed = {deliver.EVENTS[outcome]: deliver.LEVELS.get(outcome, logging.WARNING) for outcome in deliver.EVENTS}
    assert {name: told[name] for name in computed} == {n: logging.getLevelName(level) for n, level in computed.items()}


def test_an_event_is_a_room_and_what_happened_there() -> None:
    assert [name for name in events() if not re.fullmatch(r"[a-z_]+\.[a-z_]+", name)] == []


def test_fields_have_the_same_names_everywhere_and_hide_none_of_the_logs_own() -> None:
    wrong = []
    for where, _, call, _ in calls():
        given = [k.value for k in call.keywords if k.arg == "extra" and isinstance(k.value, ast.Dict)]
        names = {ast.literal_eval(key) for extra in given for key in extra.keys if key is not None}
        names |= {k.arg for k in call.keywords if k.arg and isinstance(call.func, ast.Name)}
        wrong += [f"{where}:{call.lineno} {name}" for name in names - FIELDS]
    assert wrong == []
    assert not FIELDS & STANDARD


def test_every_number_is_explained_and_nothing_is_explained_that_is_not_told() -> None:
    monitor = (ROOT / "bot/monitor.py").read_text(encoding="utf-8")
    told = {family.name for family in meters.REGISTRY.collect() if family.name.startswith("paperboy_")}
    told |= set(re.findall(r'"(paperboy_[a-z_]+)"', monitor))
    explained = {name.split("{")[0].removesuffix("_total").removesuffix("_info") for name in rows("Numbers")}
    assert sorted(told - explained) == []
    assert sorted(explained - told) == []
