"""What CI looks for: fresh secrets in files, and known vulnerabilities, without claiming a look that was not had."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
# In pieces, so that the scan of this very file finds nothing.
FRESH = {
    "a Slack bot token": "xoxb-" + "210987654321-" + "3210987654321-" + "aBcDeFgHiJkL" + "MnOpQrStUvWx",
    "a Discord bot token": "MTE4NzY1NDMy"
    + "MTA5ODc2NTQzMg"
    + ".GaBcDe."
    + "aBcDeFgHiJkLmNoP"
    + "qRsTuVwXyZ0123456789_-",
    "a key of a cloud": "AKIA" + "IOSFODNN7QWERTYU",
    "a private key": "-----BEGIN RSA " + "PRIVATE KEY-----",
    "a password in an address": "postgresql://paperboy:" + "s3cr3tpassw0rd" + "@db/papers",
}


@pytest.fixture(scope="module")
def scans() -> ModuleType:
    spec = importlib.util.spec_from_file_location("scans", ROOT / ".ci" / "scans.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("secret", FRESH.values(), ids=FRESH.keys())
def test_a_fresh_secret_in_a_file_is_found_and_not_shown(scans: ModuleType, tmp_path: Path, secret: str) -> None:
    (tmp_path / "settings.py").write_text(f'"""Settings."""\n\ntoken = "{secret}"\n')
    found = scans.secrets_in(tmp_path, ["settings.py"])
    lines = list(scans.of_secrets(found, []))
    assert any(line.startswith("settings.py:3: looks like a secret") for line in lines)
    assert not any(secret in line for line in lines)


def test_new_files_are_looked_at_too_and_ignored_ones_are_not(scans: ModuleType, tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    for name, text in ((".gitignore", ".env\n"), (".env", "TOKEN=x"), ("new file.py", ""), ("requirements.txt", "")):
        (tmp_path / name).write_text(text)
    assert sorted(scans.tracked(tmp_path)) == [".gitignore", "new file.py"]


def test_where_git_knows_no_files_one_sentence_says_so(scans: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="is no checkout that git can list"):
        scans.tracked(tmp_path)


def test_every_lock_of_python_packages_is_audited(scans: ModuleType) -> None:
    assert sorted(scans.LOCKS) == sorted(path.name for path in ROOT.glob("requirements*.txt"))


def test_drawings_are_read_and_pictures_are_not(scans: ModuleType, tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    for name in ("drawing.svg", "picture.png"):
        (tmp_path / name).write_text("")
    assert scans.tracked(tmp_path) == ["drawing.svg"]


def test_what_is_accepted_is_accepted_in_its_file_alone_and_only_while_it_is_there(scans: ModuleType) -> None:
    here, elsewhere = scans.Secret("a.py", 1, "Slack Token", "12ab"), scans.Secret("b.py", 2, "Slack Token", "12ab")
    accepted = [{"file": "a.py", "sign": "12ab", "reason": "made up"}]
    assert list(scans.of_secrets([here], accepted)) == []
    assert list(scans.of_secrets([here, elsewhere], accepted)) == ["b.py:2: looks like a secret (Slack Token, 12ab)"]
    (left,) = scans.of_secrets([], accepted)
    assert "not there any more" in left


def test_every_acceptance_needs_its_reason(scans: ModuleType) -> None:
    scans.reasons(scans.ACCEPTED.read_text())
    with pytest.raises(ValueError, match="needs a reason"):
        scans.reasons('[[vulnerability]]\nid = "X-1"\n')


# --- packages ---------------------------------------------------------------------------------------------------------

SOUND = {"name": "aiohttp", "version": "3.14.5", "vulns": []}
BAD = {"name": "rich", "version": "1.0", "vulns": [{"id": "X-1", "aliases": ["C-9"], "fix_versions": ["1.1"]}]}
UNKNOWN = {"name": "httpx", "skip_reason": "Dependency not found and could not be audited: httpx (1.0)"}


def told(*packages: object) -> str:
    return json.dumps({"dependencies": packages, "fixes": []})


def test_a_known_vulnerability_fails_and_says_what_mends_it(scans: ModuleType) -> None:
    lines, well = scans.of_packages(told(SOUND, BAD), "", [])
    assert not well
    assert lines == ["rich 1.0: X-1, mended in 1.1", "audited: 2 of 2 packages, 1 known vulnerabilities"]


@pytest.mark.parametrize("id", ["X-1", "C-9"])
def test_a_vulnerability_can_be_accepted_by_any_of_its_names(scans: ModuleType, id: str) -> None:
    lines, well = scans.of_packages(told(BAD), "", [{"id": id, "reason": "not reached by us"}])
    assert (lines, well) == (["audited: 1 of 1 packages, 0 known vulnerabilities"], True)


def test_packages_nobody_could_tell_of_are_said_to_be_unaudited(scans: ModuleType) -> None:
    lines, well = scans.of_packages(told(SOUND, UNKNOWN), "", [])
    assert well
    assert lines == [
        "audited: 1 of 2 packages, 0 known vulnerabilities",
        "not audited: 1 packages, for which no advisories could be had: httpx",
    ]


@pytest.mark.parametrize(
    ("out", "errors"),
    [
        (told(UNKNOWN), "No known vulnerabilities found"),
        ("", "Traceback …\nrequests.exceptions.ProxyError: HTTPSConnectionPool(…)"),
        ("", "Traceback …\nrequests.exceptions.ReadTimeout: HTTPSConnectionPool(…)"),
        ("", "ERROR:pip_audit._cli:Could not connect to OSV's vulnerability feed"),
        ("", "no answer within 120 seconds"),
    ],
)
def test_where_no_advisory_could_be_had_nothing_is_claimed(scans: ModuleType, out: str, errors: str) -> None:
    lines, well = scans.of_packages(out, errors, [])
    assert well
    assert [line for line in lines if not line.startswith("not audited")] == []
    assert lines


@pytest.mark.parametrize("kind", ["HTTPError: 503 Server Error", "InvalidURL: …", "JSONDecodeError: …"])
def test_only_a_service_that_cannot_be_reached_is_an_excuse(scans: ModuleType, kind: str) -> None:
    assert not scans.of_packages("", f"Traceback …\nrequests.exceptions.{kind}", [])[1]


@pytest.mark.parametrize("out", ["", "{}", "[]", '{"dependencies": []}'])
def test_a_failure_of_the_audit_itself_fails(scans: ModuleType, out: str) -> None:
    lines, well = scans.of_packages(out, "usage: pip-audit\npip-audit: error: no such option", [])
    assert not well
    assert lines == ["not audited: pip-audit failed: pip-audit: error: no such option"]


def test_the_locks_are_audited_as_they_are_without_resolving_or_installing(scans: ModuleType) -> None:
    how = ("--dry-run", "--require-hashes", "--disable-pip", "--progress-spinner", "off")
    locks = [word for lock in scans.LOCKS for word in ("--requirement", lock)]
    command = [sys.executable, "-m", "pip_audit", *how, *locks]
    said = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert said.returncode == 0, said.stderr
    assert "would have audited" in said.stderr
