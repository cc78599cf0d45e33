"""Every case of the fault suite in its smallest size, and the harness: what it counts as harm, what it prints."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.faults import shim
from tests.faults.__main__ import CASES, main, rows_of
from tests.faults.child import ROOT
from tests.faults.poller import Pulse
from tests.faults.rows import SEED, Plan, Row, line, table


@pytest.mark.parametrize("name", CASES)
def test_nothing_is_lost_repeated_or_harmed(name: str) -> None:
    rows = list(rows_of(name, "small", SEED))
    assert rows
    assert [(line(row), row.problems) for row in rows if row.failed] == []


def test_any_harm_is_a_failure() -> None:
    fine = Row(case="a case", size="3 kills", injected=3)
    assert not fine.failed
    for harm in ({"lost": 1}, {"repeated": 1}, {"problems": ("a page is torn",)}):
        assert Row(case="a case", size="3 kills", injected=3, **harm).failed


def test_what_was_not_tried_is_a_failure_unless_it_says_why() -> None:
    untried = Row(case="a case", size="-", injected=0)
    assert untried.failed
    assert replace(untried, note="3 posts", peer=True).failed
    assert not replace(untried, note="not injected: no C compiler").failed


def test_more_repeats_than_nobody_could_avoid_are_a_failure() -> None:
    excused = Row(case="a case", size="3 kills", injected=3, repeated=2, allowed=2)
    assert not excused.failed
    assert replace(excused, repeated=3).failed


def test_what_the_order_of_a_peer_loses_is_no_failure_of_ours_unless_the_case_could_not_run() -> None:
    peer = Row(case="a peer", size="3 kills", injected=3, lost=1, repeated=1, peer=True)
    assert not peer.failed
    assert replace(peer, problems=("no kill struck",)).failed


def test_a_seed_gives_the_same_faults_again(tmp_path: Path) -> None:
    plans = [Plan(size="ci", seed=seed, folder=tmp_path) for seed in (1, 1, 2)]
    first, again, other = [plan.chance("a case").random() for plan in plans]
    assert first == again != other


def test_the_table_has_a_line_for_each_row() -> None:
    rows = [Row(case="a case", size="3 kills", injected=3, seconds=1.23, note="a note")]
    assert table(rows, "A run.").splitlines() == [
        "A run.",
        "",
        "| case | size | injected | lost | repeated | integrity | seconds | note |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
        "| a case | 3 kills | 3 | 0 | 0 | ok | 1.2 | a note |",
    ]


def test_what_failed_is_said_once_more_at_the_end(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        Row(case="bad", size="1", injected=1, problems=("a page is torn",)),
        *[Row(case="good", size="1", injected=1)] * 9,
    ]
    monkeypatch.setattr("tests.faults.__main__.case", lambda _: lambda _: iter(rows))
    assert main(["disk"]) == 1
    end = capsys.readouterr().out.partition("What failed:")[2]
    assert "a page is torn" in end
    assert "good" not in end


def test_a_case_that_does_not_exist_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["no-such-case"])
    assert ended.value.code == 2
    assert "no-such-case" in capsys.readouterr().err


def test_a_compiler_that_cannot_link_is_as_good_as_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cc").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "cc").chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert shim.built(tmp_path) is None


async def _blocked() -> None:
    time.sleep(0.3)  # noqa: ASYNC251  that is what is to be seen


async def _waited() -> None:
    await asyncio.sleep(0.3)


@pytest.mark.parametrize(("work", "stalls"), [(_blocked, True), (_waited, False)])
async def test_a_loop_that_waits_without_computing_is_seen_to_stand_still(
    work: Callable[[], Awaitable[None]], stalls: bool
) -> None:
    pulse = Pulse()
    beating = asyncio.create_task(pulse.beat())
    await asyncio.sleep(0.01)
    await work()
    await asyncio.sleep(0.01)
    beating.cancel()
    assert (pulse.worst > 0.2) is stalls


def test_told_to_end_it_leaves_no_folder_and_no_disk(tmp_path: Path) -> None:
    command, environ = [sys.executable, "-m", "tests.faults", "disk"], {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.DEVNULL) as suite:
        try:
            ends = time.monotonic() + 30
            while not list(tmp_path.glob("faults-*/full/*")):
                assert time.monotonic() < ends
                time.sleep(0.01)
        finally:
            suite.terminate()
        assert suite.wait(30) == 128 + signal.SIGTERM
    assert list(tmp_path.iterdir()) == []
