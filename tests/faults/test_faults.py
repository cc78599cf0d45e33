"""Every case of the fault suite in its smallest size, and the harness: what it counts as harm, what it prints."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.faults.__main__ import CASES, main, rows_of
from tests.faults.rows import SEED, Plan, Row, line, table


@pytest.mark.parametrize("name", CASES)
def test_nothing_is_lost_repeated_or_harmed(name: str) -> None:
    rows = list(rows_of(name, "small", SEED))
    assert rows
    assert [(line(row), row.problems) for row in rows if row.failed] == []
    assert all(row.injected or row.note.startswith("not injected: ") for row in rows)


def test_any_harm_is_a_failure() -> None:
    fine = Row(case="a case", size="3 kills", injected=3)
    assert not fine.failed
    for harm in ({"lost": 1}, {"repeated": 1}, {"problems": ("a page is torn",)}):
        assert Row(case="a case", size="3 kills", injected=3, **harm).failed


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


def test_a_case_that_does_not_exist_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["no-such-case"])
    assert ended.value.code == 2
    assert "no-such-case" in capsys.readouterr().err
