"""How far what others write can reach: into no regular expression, no search syntax, and to no server but ours."""

import ast
import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.commands import handle, offers
from bot.model import Address, Person, Request
from tests.commands.at_desk import MONDAY, Mouth, at_desk, paper, said
from tests.flow.chats import Chats, changed, items, opened, standing, words
from tests.flow.hub import serving

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted(path for room in ("bot", "adapters") for path in (ROOT / room).rglob("*.py"))

# --- regular expressions ----------------------------------------------------------------------------------------------

TAKES_A_PATTERN = {"compile", "search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer"}


def is_ours(pattern: ast.expr) -> bool:
    """Whether a pattern is written in the code: text, a constant's name, or both put together; others' text escaped."""
    match pattern:
        case ast.Constant():
            return True
        case ast.Name(id=name) | ast.Attribute(attr=name) if name.isupper():
            return True
        case ast.Attribute(attr="pattern", value=ast.Name(id=name)) if name.isupper():
            return True
        case ast.Call(func=ast.Attribute(value=ast.Name(id="re"), attr="escape")):
            return True
        case ast.JoinedStr(values=parts):
            return all(is_ours(part.value if isinstance(part, ast.FormattedValue) else part) for part in parts)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return is_ours(left) and is_ours(right)
    return False


def patterns_of_others(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Patterns put together inside a function, where text of others can be: at import there is none yet."""
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    for function in (node for node in ast.walk(tree) if isinstance(node, kinds)):
        for node in ast.walk(function):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id="re"), attr=verb), args=[pattern, *_]):
                    if verb in TAKES_A_PATTERN and not is_ours(pattern):
                        yield node.lineno, ast.unparse(pattern)


def test_no_pattern_is_ever_made_of_what_somebody_wrote() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line} {pattern}"
        for path in MODULES
        for line, pattern in patterns_of_others(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert found == []


def test_a_pattern_of_somebodys_would_be_found() -> None:
    bad = "import re\ndef f(said): return re.search(said, 'x') or re.compile(f'a{said}') or re.sub('a' + said, '', '')"
    good = "import re\nA = re.compile(X)\ndef f(said): return re.search(rf'{A.pattern}{re.escape(said)}' + 'b', said)"
    assert len(list(patterns_of_others(ast.parse(bad)))) == 3
    assert list(patterns_of_others(ast.parse(good))) == []


def test_nobody_has_a_door_round_the_search_for_patterns() -> None:
    """``from re import …``, another name for ``re`` or another engine would not be seen above."""
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias for alias in getattr(node, "names", ()) if isinstance(alias, ast.alias)]
            if isinstance(node, ast.ImportFrom):
                assert node.module not in {"re", "regex", "re2", "fnmatch"}, path
            if isinstance(node, ast.Import):
                assert not [a for a in names if a.name in {"regex", "re2", "fnmatch"} or (a.name == "re" and a.asname)]


# --- full text --------------------------------------------------------------------------------------------------------

MARKS = ['"', "'", "*", "^", "-", "+", "(", ")", ":", ";", "--", "%", "_", "\\", "?", "\0", "\ud83d"]
SYNTAX = ["AND", "OR", "NOT", "NEAR(", "NEAR(a b, 5)", "{title}:", "title:", "rowid", "a*", '"a" *', "drop table paper"]
FTS_WORDS = st.sampled_from([*MARKS, *SYNTAX, "agents", "votes>=3", "author:"])
HOSTILE = st.lists(FTS_WORDS | st.text(max_size=6), min_size=1, max_size=12).map(" ".join)
ASKED = [
    ("search", "query"), ("subscribe", "query"), ("preview", "query"), ("alert add", "query"), ("show", "paper"),
    ("save", "paper"), ("saved remove", "paper"), ("watch add", "paper"), ("watch remove", "id"), ("similar", "paper"),
    ("why", "paper"),
]  # fmt: skip


@pytest.fixture(scope="module")
def said_to(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Runs coroutines at one desk with a few papers: ``said_to(mouth -> coroutine)``."""
    with asyncio.Runner() as runner:
        opened_desk = at_desk(tmp_path_factory.mktemp("hostile"))
        mouth: Mouth = runner.run(opened_desk.__aenter__())
        runner.run(mouth.read_day(MONDAY.date(), *(paper(n, f"Video agents {n}") for n in range(1, 8))))
        yield lambda doing: runner.run(doing(mouth))
        runner.run(opened_desk.__aexit__(None, None, None))


@settings(max_examples=60)
@given(text=HOSTILE)
def test_whatever_is_searched_subscribed_or_named_the_database_understands(said_to: Any, text: str) -> None:
    async def everything(mouth: Mouth) -> None:
        who = Person("tower", "lab", "mei")
        for name, option in ASKED:
            mouth.now += 60_000
            request = Request(command=name, options={option: text}, person=who, where=Address("tower", "lab", "papers"))
            reply = await handle(mouth.desk, request)
            assert "ref " not in said(reply), (name, said(reply))
            assert await offers(mouth.desk, request, option, text) is not None

    said_to(everything)


# --- the network ------------------------------------------------------------------------------------------------------


class Heard:
    """What this process connects to and looks up while ``on``; an audit hook can never be taken away again."""

    def __init__(self) -> None:
        self.on = False
        self.hosts: set[tuple[str, int]] = set()
        self.names: set[str] = set()
        sys.addaudithook(self._hear)

    def _hear(self, event: str, given: tuple[Any, ...]) -> None:
        if not self.on:
            return
        if event == "socket.connect" and isinstance(given[1], tuple):
            self.hosts.add((str(given[1][0]), int(given[1][1])))
        elif event in {"socket.getaddrinfo", "socket.gethostbyname"}:
            name = given[0].decode() if isinstance(given[0], bytes) else str(given[0])
            self.names.add(name)

    @contextmanager
    def listening(self) -> Iterator["Heard"]:
        self.on = True
        try:
            yield self
        finally:
            self.on = False


@pytest.fixture(scope="session")
def heard() -> Heard:
    return Heard()


ELSEWHERE = "https://trap.example.org"
"""An address that is shown as a link; to look it up would be heard."""


def hostile(item: Any, trap: str) -> Any:
    """An item every address and text of which leads somewhere else."""
    text = f"See {trap}/text <{trap}/auto> [x]({trap}/link) ![x]({trap}/picture) {ELSEWHERE}/name"
    organization = {"name": "org", "fullname": f"Org {trap}/org", "avatar": f"{ELSEWHERE}/avatar"}
    spoilt = changed(
        item,
        title=f"Agents {text}",
        summary=text,
        ai_summary=text,
        ai_keywords=[text],
        githubRepo=f"{ELSEWHERE}/repo",
        projectPage=f"{ELSEWHERE}/project",
        mediaUrls=[f"{ELSEWHERE}/media.png"],
        organization=organization,
        upvotes=99,
    )
    submitter = {"fullname": text, "name": f"{trap}/user", "avatarUrl": f"{ELSEWHERE}/face"}
    pictures = {"thumbnail": f"{ELSEWHERE}/thumbnail.png", "mediaUrls": [f"{trap}/m.png", f"{ELSEWHERE}/m.png"]}
    return {**spoilt, **pictures, "submittedBy": submitter}


async def test_nothing_that_papers_or_people_write_makes_us_connect_to_anybody_else(
    tmp_path: Path, heard: Heard
) -> None:
    hits: list[str] = []

    async def caught(request: web.Request) -> web.Response:
        hits.append(request.path)
        return web.Response(text="caught")

    with serving(caught) as trap:
        async with standing(tmp_path) as chats:
            with heard.listening():
                async with opened(chats):
                    await _everything(chats, trap)
            ours = {urlsplit(value).port for value in chats.environ.values() if "://" in value}
    assert hits == []
    assert {host for host, _ in heard.hosts} == {"127.0.0.1"}
    assert {port for _, port in heard.hosts} <= ours
    assert heard.names <= {"127.0.0.1"}


async def _everything(chats: Chats, trap: str) -> None:
    """Subscriptions, posts, look-ups, buttons, forms, links and pages, each with the address of the trap in it."""
    bad = hostile(items()[0], trap)
    key = bad["paper"]["id"]
    await chats.say("subscribe", where=chats.room, query="*")
    await chats.enter("subscribe *")
    await chats.news(bad)
    assert (chats.posted(), chats.told()) == ([key], [key])
    assert ELSEWHERE in str([m.embeds for m in chats.discord.messages(chats.room)]), "it is shown, and not looked at"
    for path in ("search", "preview", "show"):
        for text in (f"{trap}/typed", f'"{ELSEWHERE}/typed"', f"{ELSEWHERE}/abs/{key}"):
            options: dict[str, Any] = {"paper" if path == "show" else "query": text}
            await chats.say(path, where=chats.room, **options)
            await chats.enter(f"{path} {text}")
    await chats.say("save", where=chats.room, paper=key, note=f"{trap}/note")
    await chats.say("saved export", where=chats.room)
    for label in ("Abstract", "Cite", "More like this"):
        (here,) = [m for m in chats.discord.messages(chats.room) if m.embeds]
        (there,) = [m for m in chats.slack.messages("papers") if m.metadata]
        await chats.discord.click(here, label, user=chats.member)
        await chats.slack.press(there, label, by=chats.slack.reader)
    said_there = chats.discord.say(chats.member, chats.room, f"{trap}/papers/{key} {ELSEWHERE}/{key}")
    await chats.discord.menu(said_there, "Look up papers here", user=chats.member)
    await chats.slack.link_shared("papers", [f"{ELSEWHERE}/abs/{key}", f"{trap}/abs/2401.99999"], chats.slack.reader)
    assert words(await chats.enter("saved list"))
    await chats.slack.open_home(chats.slack.reader)
