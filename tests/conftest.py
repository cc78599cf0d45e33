"""What every test shares: one deterministic Hypothesis profile, and nets for planted secrets.

Every secret that a stand-in hands out has a mark in it (``planted.py``). What a test printed and logged, and the files
in its folder, are searched for it when it has ended; what fixtures of several tests left, at the end of the run.
"""

from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests import planted

settings.register_profile(
    "paperboy",
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("paperboy")

SHOWN_ON_PURPOSE: dict[tuple[str, str], str] = {}
"""Where a secret may stand: the beginning of a test's name and of the place, with the reason."""
_searched: set[Path] = set()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "teardown":
        folder = getattr(item, "funcargs", {}).get("tmp_path")
        search(report, folder if isinstance(folder, Path) else None)
    return report


def search(report: pytest.TestReport, folder: Path | None) -> None:
    """Fail the report of an ended test if it wrote a planted secret, into its output or below its folder."""
    hits = planted.found_in_output(report.sections)
    if folder is not None:
        _searched.add(folder)
        hits |= planted.found_under(folder)
    hits = {place: around for place, around in hits.items() if not _on_purpose(report.nodeid, place)}
    if hits:
        report.outcome = "failed"
        report.longrepr = planted.complaint(report.nodeid, hits)


def _on_purpose(test: str, place: str) -> bool:
    return any(test.startswith(name) and place.startswith(where) for name, where in SHOWN_ON_PURPOSE)


@pytest.fixture(scope="session", autouse=True)
def _nothing_planted_in_shared_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    yield
    folders = [path for path in tmp_path_factory.getbasetemp().iterdir() if path.is_dir() and not path.is_symlink()]
    hits = {path.name: planted.found_under(path) for path in folders if path not in _searched}
    assert {name: found for name, found in hits.items() if found} == {}
