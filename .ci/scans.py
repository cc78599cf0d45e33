"""Two looks at what this checkout holds: ``scans.py secrets`` and ``scans.py audit``. Exit code 1: something was found.

``secrets`` reads every file but locks and pictures as detect-secrets does, and asks nobody; ``audit`` holds the pinned
packages of Python against the advisories that pip-audit asks for; the npm packages that help to draw the pictures it
does not know. What is accepted stands in ``accepted.toml``, each with its reason.
"""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from detect_secrets.core.secrets_collection import SecretsCollection
from detect_secrets.settings import default_settings

ROOT = Path(__file__).resolve().parents[1]
ACCEPTED = Path(__file__).with_name("accepted.toml")
LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements-pictures.txt")
_NPM_LOCK = "docs/pictures/slack_blocks/package-lock.json"
_NOT_READ = re.compile(r"requirements[\w-]*\.txt|.*\.png|.*/package-lock\.json")
"""Hashes of packages (a test looks at the locks) and pictures that are no text."""
_ASKING_SERVICES = "detect_secrets.filters.common.is_ignored_due_to_verification_policies"
_UNREACHABLE = re.compile(
    r"^requests\.exceptions\.(ConnectionError|ConnectTimeout|ReadTimeout|ProxyError)\b"
    r"|Could not connect to .* vulnerability feed|within \d+ seconds$",
    re.MULTILINE,
)
"""What pip-audit ends with where its service cannot be reached; other errors of the service are failures."""
_PATIENCE = 120
"""Seconds in which pip-audit has its answer."""


class Secret(NamedTuple):
    """What looks like a secret. ``sign`` is the beginning of its SHA-1: enough to tell it by, and no secret itself."""

    file: str
    line: int
    kind: str
    sign: str


# --- secrets ----------------------------------------------------------------------------------------------------------


def tracked(root: Path) -> list[str]:
    """The files of a checkout, also new ones that are not ignored. Ends with a sentence where git knows of none."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        names = subprocess.run(listed, cwd=root, check=True, capture_output=True, text=True).stdout.split("\0")  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        sys.exit(f"{root} is no checkout that git can list: which files belong to it is not known, none was looked at.")
    return [name for name in names if name and not _NOT_READ.fullmatch(name) and (root / name).is_file()]


def secrets_in(root: Path, files: Iterable[str]) -> list[Secret]:
    """Everything that looks like a secret. No service is asked whether it is a living one."""
    with default_settings() as settings:
        settings.disable_filters(_ASKING_SERVICES)
        seen = SecretsCollection(root=str(root))
        for file in files:
            seen.scan_file(file)
    return [Secret(file, each.line_number, each.type, each.secret_hash[:8]) for file, each in seen]


def of_secrets(found: Sequence[Secret], accepted: Sequence[Mapping[str, str]]) -> Iterator[str]:
    """A line for each that is not accepted, and for each acceptance that nothing needs any more."""
    known = {(entry["file"], entry["sign"]) for entry in accepted}
    there = {(each.file, each.sign) for each in found}
    for each in found:
        if (each.file, each.sign) not in known:
            yield f"{each.file}:{each.line}: looks like a secret ({each.kind}, {each.sign})"
    for file, sign in sorted(known - there):
        yield f"{file}: {sign} is accepted and not there any more: take it out of {ACCEPTED.name}"


# --- packages ---------------------------------------------------------------------------------------------------------


def asked() -> "subprocess.CompletedProcess[str]":
    """What pip-audit says of the locks, as they are: nothing is resolved and nothing is installed."""
    locks = [word for lock in LOCKS for word in ("--requirement", lock)]
    how = ("--require-hashes", "--disable-pip", "--format", "json", "--progress-spinner", "off")
    command = [sys.executable, "-m", "pip_audit", *how, *locks]
    try:
        return subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, timeout=_PATIENCE)  # noqa: S603
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 1, "", f"no answer within {_PATIENCE} seconds")


def of_packages(out: str, errors: str, accepted: Sequence[Mapping[str, str]]) -> tuple[list[str], bool]:
    """Lines to print, and whether all is well. A package nobody could tell of is said to be unaudited, never sound."""
    try:
        packages: list[Mapping[str, Any]] = json.loads(out)["dependencies"]
    except (ValueError, KeyError, TypeError):
        packages = []
    if not packages:
        return _unasked(errors)
    ignored = {entry["id"] for entry in accepted}
    bad = [line for package in packages for line in _vulnerable(package, ignored)]
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    audited = len(packages) - len(skipped)
    told = [f"audited: {audited} of {len(packages)} packages, {len(bad)} known vulnerabilities"] if audited else []
    lines = [*bad, *told]
    if skipped:
        some = ", ".join(skipped[:5]) + (" …" if len(skipped) > 5 else "")
        lines.append(f"not audited: {len(skipped)} packages, for which no advisories could be had: {some}")
    return lines, not bad


def _vulnerable(package: Mapping[str, Any], ignored: set[str]) -> Iterator[str]:
    for each in package.get("vulns", ()):
        if not ignored & {each["id"], *each.get("aliases", ())}:
            fixed = ", ".join(each.get("fix_versions", ())) or "no version yet"
            yield f"{package['name']} {package['version']}: {each['id']}, mended in {fixed}"


def _unasked(errors: str) -> tuple[list[str], bool]:
    if _UNREACHABLE.search(errors):
        return ["not audited: the service that knows of advisories cannot be reached"], True
    last = errors.strip().rpartition("\n")[2]
    return [f"not audited: pip-audit failed: {last}"], False


# --- both -------------------------------------------------------------------------------------------------------------


def reasons(text: str) -> dict[str, list[dict[str, str]]]:
    """What ``accepted.toml`` says. Raises ``ValueError`` where a reason is missing."""
    said = tomllib.loads(text)
    for kind, entries in said.items():
        if not all(entry.get("reason", "").strip() for entry in entries):
            raise ValueError(f"{ACCEPTED.name}: every [[{kind}]] needs a reason")
    return said


def main(what: str) -> int:
    accepted = reasons(ACCEPTED.read_text(encoding="utf-8"))
    if what == "secrets":
        files = tracked(ROOT)
        lines = list(of_secrets(secrets_in(ROOT, files), accepted.get("secret", [])))
        well = not lines
        lines.append(f"{len(files)} files, {len(lines)} findings")
    else:
        said = asked()
        lines, well = of_packages(said.stdout, said.stderr, accepted.get("vulnerability", []))
        lines.append(f"not audited: {_NPM_LOCK}, which pip-audit cannot read")
    print("\n".join(lines))
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
