"""What every store keeps for platforms: texts under keys, apart for each, changed whole or not at all."""

import pytest

from bot.ports import Store


async def test_a_note_is_read_as_it_was_written_last(store: Store) -> None:
    assert await store.notes.read("slack", "team:T1") is None
    await store.notes.write("slack", "team:T1", "first")
    await store.notes.write("slack", "team:T1", "second")
    assert await store.notes.read("slack", "team:T1") == "second"


async def test_platforms_do_not_see_each_others_notes(store: Store) -> None:
    await store.notes.write("slack", "budget", "3")
    assert await store.notes.read("discord", "budget") is None
    assert await store.notes.keys("discord", "") == []
    assert not await store.notes.erase("discord", "budget")
    assert await store.notes.read("slack", "budget") == "3"


async def test_keys_are_found_by_how_they_begin_whatever_is_in_them(store: Store) -> None:
    for key in ("team:T2", "team:T1", "team%", "teem:T3"):
        await store.notes.write("slack", key, key)
    assert await store.notes.keys("slack", "team:") == ["team:T1", "team:T2"]
    assert await store.notes.keys("slack", "team%") == ["team%"]
    assert await store.notes.keys("slack", "") == ["team%", "team:T1", "team:T2", "teem:T3"]


async def test_a_change_sees_what_is_there_and_may_erase_it(store: Store) -> None:
    assert await store.notes.change("discord", "starts", lambda known: f"{known or ''}x") == "x"
    assert await store.notes.change("discord", "starts", lambda known: f"{known or ''}x") == "xx"
    assert await store.notes.change("discord", "starts", lambda _: None) is None
    assert await store.notes.read("discord", "starts") is None


async def test_a_change_that_fails_leaves_the_note_as_it_was(store: Store) -> None:
    await store.notes.write("discord", "starts", "3")

    def fail(_: str | None) -> str:
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011
        await store.notes.change("discord", "starts", fail)
    assert await store.notes.read("discord", "starts") == "3"


async def test_upkeep_drops_what_is_over_and_nothing_else(store: Store) -> None:
    await store.notes.write("discord", "for good", "a")
    await store.notes.write("discord", "until ten", "b", until=10)
    await store.notes.write("discord", "until eleven", "c", until=11)
    await store.tidy(10)
    assert await store.notes.keys("discord", "") == ["for good", "until eleven"]
