"""The nets that every test runs in: a planted secret is found wherever a test wrote it, and every secret is planted."""

import base64
from pathlib import Path
from types import ModuleType

import pytest
from cryptography.fernet import Fernet

from tests.flow.places import SECRETS
from tests.planted import MARK, WAYS, found_in, found_under, planted, planted_key
from tests.standins.discord_world import Settings
from tests.standins.slack_world import World as SlackWorld


@pytest.fixture
def net(request: pytest.FixtureRequest) -> ModuleType:
    """The conftest that pytest itself has loaded."""
    plugins = request.config.pluginmanager.get_plugins()
    conftest = next(p for p in plugins if hasattr(p, "SHOWN_ON_PURPOSE"))
    assert isinstance(conftest, ModuleType)
    return conftest


def ended(*sections: tuple[str, str]) -> pytest.TestReport:
    """The report of a test that went well, and what it printed."""
    return pytest.TestReport(
        "tests/test_x.py::test_y", ("", 0, ""), {}, "passed", None, "teardown", sections=sections, duration=0.0
    )


SHOWN = {
    "as it is": planted("xoxb-1-"),
    "in a URL": f"GET https://example.org/hook/{planted('', 7)}/messages?x=1",
    "quoted": repr({"token": planted("a\nb")}),
    "in base64": base64.b64encode(f"app:{planted('x')}".encode()).decode(),
    "a key": planted_key(),
}


@pytest.mark.parametrize("said", SHOWN.values(), ids=SHOWN.keys())
@pytest.mark.parametrize("where", ["Captured stdout call", "Captured stderr setup", "Captured log teardown"])
def test_a_secret_in_what_a_test_printed_or_logged_fails_it_and_is_named(
    net: ModuleType, where: str, said: str
) -> None:
    report = ended(("Captured stdout setup", "all is well"), (where, f"before\n{said}\nafter"))
    net.search(report, None)
    assert report.failed
    assert "tests/test_x.py::test_y" in str(report.longrepr)
    assert where in str(report.longrepr)


@pytest.mark.parametrize("name", ["paperboy.db", "backups/paperboy-1.db", "transcript", ".hidden/log.txt"])
def test_a_secret_in_a_file_that_a_test_left_fails_it_and_is_named(net: ModuleType, tmp_path: Path, name: str) -> None:
    left = tmp_path / "left" / name
    left.parent.mkdir(parents=True)
    left.write_bytes(b"SQLite format 3\0\xff\xfe" + planted("xoxb-").encode() + b"\0" * 5000)
    report = ended()
    net.search(report, tmp_path)
    left.unlink()
    assert report.failed
    assert name in str(report.longrepr)


def test_a_test_that_wrote_no_secret_stays_as_it_was(net: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "paperboy.db").write_bytes(Fernet(planted_key()).encrypt(planted("xoxb-").encode()))
    report = ended(("Captured stderr call", "WARNING slack.refused token=*** planted"))
    net.search(report, tmp_path)
    assert report.passed


def test_what_is_shown_on_purpose_is_let_through_only_there(net: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(net.SHOWN_ON_PURPOSE, ("tests/test_x.py::test_y", "Captured stdout"), "a test of this net")
    allowed, other = ended(("Captured stdout call", MARK)), ended(("Captured stderr call", MARK))
    net.search(allowed, None)
    net.search(other, None)
    assert (allowed.passed, other.failed) == (True, True)


def test_a_report_of_another_process_is_failed_before_it_travels(net: ModuleType) -> None:
    """Workers hand reports over as they are: what fails there fails the run."""
    report = ended(("Captured stdout call", MARK))
    net.search(report, None)
    there = pytest.TestReport._from_json(report._to_json())
    assert (there.failed, there.nodeid) == (True, report.nodeid)
    assert "Captured stdout call" in str(there.longrepr)


def test_the_mark_is_found_at_every_offset_of_base64() -> None:
    for before in ("", "a", "ab", "abc", "abcd"):
        for after in ("", "z", "zz"):
            assert found_in(base64.b64encode(f"{before}{MARK}{after}".encode()))
    assert all(len(way) >= len(MARK) for way in WAYS)


def test_every_secret_of_the_stand_ins_and_fixtures_is_planted() -> None:
    slack = SlackWorld()
    hook = slack.hook(slack.bot, slack.reader, slack.papers)
    named = [slack.client_secret, slack.signing_secret, slack.app_token, slack.verification_token]
    held = [*named, slack.bot.token, hook.id, Settings().token, *SECRETS.values(), planted_key()]
    assert [secret for secret in held if MARK not in secret] == []


def test_the_nets_name_files_below_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b.log").write_text(f"x {MARK} y")
    (tmp_path / "c.log").write_text("nothing")
    found = found_under(tmp_path)
    (tmp_path / "a" / "b.log").unlink()
    assert list(found) == ["a/b.log"]
    assert "x" in found["a/b.log"]


def test_a_key_to_plant_is_a_key() -> None:
    seal = Fernet(planted_key())
    assert seal.decrypt(seal.encrypt(b"x")) == b"x"
