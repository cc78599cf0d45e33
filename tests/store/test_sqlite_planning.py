"""Which of two ways out a paper takes: every pair of kinds, in either order."""

import pytest

from bot.store.sqlite.planning import When, sooner

NOW = When("instant", 100, "")
AT_DAWN = When("instant", 500, "")
DAILY = When("digest", 300, "2026-11-24T09:00")
WEEKLY = When("digest", 900, "2026-11-30T09:00")
TOMORROW = When("fold", 400, "more 2026-11-24T10:00")
LATER = When("fold", 800, "more 2026-11-25T10:00")


@pytest.mark.parametrize(
    ("one", "other", "taken"),
    [
        (NOW, AT_DAWN, NOW),
        (NOW, DAILY, NOW),
        (AT_DAWN, DAILY, AT_DAWN),
        (NOW, TOMORROW, NOW),
        (AT_DAWN, TOMORROW, AT_DAWN),
        (DAILY, WEEKLY, DAILY),
        (DAILY, TOMORROW, DAILY),
        (WEEKLY, TOMORROW, WEEKLY),
        (TOMORROW, LATER, TOMORROW),
    ],
)
def test_the_sooner_way_out_is_taken_whole_whichever_came_first(one: When, other: When, taken: When) -> None:
    assert sooner(one, other) is sooner(other, one) is taken
