"""The house rules that no linter knows: who may look at the world, how long a file may be, that tests mirror rooms."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MODULES = sorted(path for room in ("bot", "adapters") for path in (ROOT / room).rglob("*.py"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

PURE = (
    "brief",
    "cadence",
    "cards",
    "compose",
    "errors",
    "latex",
    "latex_tables",
    "matching",
    "model",
    "phrases",
    "query",
    "sayings",
    "text",
)
"""Rooms of `bot` without a clock: what they say depends on their arguments alone."""

LONG = {"bot/model.py": "every value that travels, in one place: the glossary in code"}
"""Files that may be longer than MOST_LINES, with the reason."""
MOST_LINES = 400

ROOMS = {"/".join(path.relative_to(ROOT).with_suffix("").parts[:2]) for path in MODULES}
"""``bot/poll``, ``bot/sources``, ``adapters/terminal`` …"""

PAGES = [ROOT / page for page in ("README.md", "SECURITY.md", "CHANGELOG.md")] + sorted((ROOT / "docs").glob("*.md"))

LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements-pictures.txt")

UNTESTED = {
    "adapters/__init__": "holds a table of names",
    "bot/__init__": "holds the version",
    "bot/app": "tests/flow runs it whole",
    "bot/bot": "tests/flow runs it whole",
    "bot/jobs": "tests/flow/test_process.py runs each of its jobs",
    "bot/latex": "test_text reads it through bot/text.py",
    "bot/errors": "exceptions without behaviour; every room's tests raise them",
    "bot/latex_tables": "data; test_text reads it through bot/latex.py",
    "bot/ports": "Protocols; tests/contract runs them against every implementation",
    "bot/setting_table": "data; test_config compares it with .env.example",
    "bot/setting_kinds": "test_config tries every kind through the setting that has it",
}
"""Rooms without tests named after them, with the reason."""


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def dotted(path: Path) -> Iterator[tuple[str, int]]:
    """Every dotted name a module mentions or imports, such as ``os.environ``, with its line."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Attribute | ast.Name):
            yield ast.unparse(node), node.lineno
        elif isinstance(node, ast.ImportFrom):
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def mentions(pattern: str, paths: list[Path]) -> list[str]:
    """Where modules mention a dotted name that the pattern matches whole, as ``file:line name``."""
    return [f"{name(p)}:{line} {text}" for p in paths for text, line in dotted(p) if re.fullmatch(pattern, text)]


def modules_of(*rooms: str) -> list[Path]:
    wanted = {f"bot/{room}" for room in rooms}
    return [path for path in MODULES if name(path).removesuffix(".py") in wanted or name(path.parent) in wanted]


def test_only_the_command_line_looks_at_the_environment() -> None:
    elsewhere = [path for path in MODULES if name(path) != "bot/__main__.py"]
    assert mentions(r"os\.(environb?|getenv|putenv)", elsewhere) == []


def test_only_the_command_line_and_platforms_print() -> None:
    core = [path for path in MODULES if name(path).startswith("bot/") and name(path) != "bot/__main__.py"]
    assert mentions(r"print|sys\.(stdout|stderr)", core) == []


def test_pure_rooms_have_no_clock_and_no_dice() -> None:
    assert mentions(r"(datetime\.)*datetime\.(now|utcnow|today)|(\w+\.)?date\.today|time\.\w+|random\.\w+",
                    modules_of(*PURE)) == []  # fmt: skip


def test_pure_rooms_do_not_wait() -> None:
    waiting = (ast.AsyncFunctionDef, ast.Await, ast.AsyncFor, ast.AsyncWith)
    assert [name(p) for p in modules_of(*PURE) if any(isinstance(node, waiting) for node in ast.walk(tree(p)))] == []


def test_every_module_says_what_lives_in_it() -> None:
    assert [name(path) for path in MODULES if not ast.get_docstring(tree(path))] == []


def test_no_file_grows_beyond_what_one_reads_in_a_sitting() -> None:
    lengths = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert {path: lines for path, lines in lengths.items() if lines > MOST_LINES and path not in LONG} == {}


def test_the_lists_of_exceptions_name_only_what_needs_one() -> None:
    lengths = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert [path for path in LONG if lengths.get(path, 0) <= MOST_LINES] == []
    assert sorted(UNTESTED.keys() - ROOMS) == []


def test_tests_mirror_the_rooms() -> None:
    """``bot/poll.py`` has a ``test_poll*.py``, ``bot/sources/`` a ``test_*.py`` in ``tests/sources/`` or its name."""
    tests = [path.relative_to(ROOT / "tests").with_suffix("") for path in (ROOT / "tests").rglob("test_*.py")]
    places = tuple({part.removeprefix("test_") for path in tests for part in path.parts})
    stems = {room: room.split("/")[1].strip("_") for room in ROOMS - UNTESTED.keys()}
    assert sorted(room for room, stem in stems.items() if not any(p.startswith(stem) for p in places)) == []


def test_every_folder_with_modules_is_a_package() -> None:
    """Otherwise the import rules and the type checker would not see it and would not say so."""
    assert [name(p.parent) for p in MODULES if not (p.parent / "__init__.py").exists()] == []


def test_tests_are_no_packages_and_have_names_of_their_own() -> None:
    files = sorted((ROOT / "tests").rglob("*.py"))
    assert [name(path) for path in files if path.name == "__init__.py"] == []
    names = [path.name for path in files if path.name != "conftest.py"]
    assert sorted({n for n in names if names.count(n) > 1}) == []


def test_every_room_stands_under_an_import_rule() -> None:
    """A new room has to be put into one of the contracts, or it would be free to know everybody."""
    free = {"bot.log", "bot.config", "bot.setting_kinds", "bot.setting_table"}
    ruled = {m for c in PROJECT["tool"]["importlinter"]["contracts"] for m in c.get("source_modules", [])}
    ruled |= {m for c in PROJECT["tool"]["importlinter"]["contracts"] for m in c.get("protected_modules", [])}
    rooms = {room.replace("/", ".") for room in ROOMS if room.startswith("bot/")}
    assert rooms - ruled - free - {"bot.__init__"} == set()


def anchors(page: Path) -> set[str]:
    """What headings are called in links: small, without marks, with hyphens for spaces."""
    headings = re.findall(r"(?m)^#+ (.+)$", page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_link_between_the_pages_leads_somewhere(page: Path) -> None:
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", link):
            continue
        file, _, heading = link.partition("#")
        target = page.parent / file if file else page
        if not target.exists() or (heading and heading not in anchors(target)):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("lock", LOCKS)
def test_locks_pin_every_package_with_hashes_and_name_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    entries = re.findall(r"(?m)^(?!\s|#)(.+(?:\n    --hash=.+)*)", text)
    assert len(entries) > 10
    assert [
        entry for entry in entries if not re.match(r"[a-z0-9.-]+==\S+ ", entry) or "--hash=sha256:" not in entry
    ] == []
    assert re.search(r"://|--(extra-)?index-url|--find-links", text) is None


def test_the_locks_hold_what_the_project_asks_for_and_agree() -> None:
    pins = [dict(re.findall(r"(?m)^([a-z0-9.-]+)==(\S+) ", (ROOT / lock).read_text(encoding="utf-8")))
            for lock in LOCKS]  # fmt: skip
    runtime, everything, drawing = pins
    asked = {re.split(r"[<>=~!\[; ]", d)[0].lower().replace(".", "-")
             for d in PROJECT["project"]["dependencies"]}  # fmt: skip
    assert asked <= set(runtime)
    assert runtime.items() <= everything.items() <= drawing.items()
    assert "setuptools" in runtime
    tools = {re.split(r"[<>=~!\[; ]", d)[0] for d in PROJECT["dependency-groups"]["dev"] if isinstance(d, str)}
    assert tools <= set(everything)


def test_every_lint_exception_has_its_reason_on_its_line() -> None:
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if re.match(r'\s+"[A-Z]+[0-9]*",', line)]
    assert len(rules) > 3
    assert [line for line in rules if "# " not in line] == []


def test_every_silenced_warning_in_the_code_names_its_rule() -> None:
    bare = re.compile(r"#\s*(noqa(?!: ?[A-Z])|type: ignore(?!\[))")
    found = [f"{name(p)}:{n}" for p in MODULES for n, line in enumerate(p.read_text("utf-8").splitlines(), 1)
             if bare.search(line)]  # fmt: skip
    assert found == []
