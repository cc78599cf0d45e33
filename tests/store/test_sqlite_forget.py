"""After ``forget`` nobody with a hex editor finds the person in the database's files."""

import random
from pathlib import Path

import pytest

from bot.model import Person
from bot.ports import Store
from bot.store.sqlite import open_store
from tests.making import NOON, edition, frozen, paper, pending, subscribe

ADA = Person("terminal", "lab", "ada-id", "ada-name")
BOB = Person("terminal", "lab", "bob-id", "bob-name")
ROUNDS = 60


async def furnish(store: Store, person: Person, number: int, chance: random.Random) -> None:
    """A few rows of a person in every table, each with their id in its text and a length of its own."""

    def text(what: str) -> str:
        return f"{person.id} {what} {number} " + "word " * chance.randrange(chance.choice((5, 60, 900)))

    made = await subscribe(store, text("query"), person.address, limit=10_000, space_limit=10_000)
    await (frozen if chance.random() < 0.5 else pending)(store, number, subscription=made)
    await store.people.save(person, paper(number).key, text("note"), NOON)
    await store.people.watch(made.target, paper(number).key, text("watch"))
    await store.people.spend(person, text("bucket"), NOON, limit=9, window=1000)
    if chance.random() < 0.3:
        await store.subscriptions.remove(made.id)
    if chance.random() < 0.3:
        await store.people.unsave(person, paper(number).key)


def lingering(folder: Path) -> list[str]:
    return [file.name for file in folder.iterdir() if b"ada-id" in file.read_bytes()]


@pytest.mark.parametrize("seed", range(4))
async def test_what_was_forgotten_does_not_linger_in_the_file(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    async with open_store(tmp_path / "paperboy.db", now=NOON) as store:
        for number in range(ROUNDS):
            await furnish(store, chance.choice((ADA, BOB)), number, chance)
        assert lingering(tmp_path)
        await store.people.forget(ADA, ADA.address)
        assert lingering(tmp_path) == []
        assert await store.check() == []
        bobs = await store.subscriptions.find_target(BOB.address)
        assert bobs is not None
        assert await store.subscriptions.at(bobs.id)
    assert lingering(tmp_path) == []


async def test_reading_at_the_same_time_does_not_keep_forgotten_pages(tmp_path: Path) -> None:
    async with open_store(tmp_path / "paperboy.db", now=NOON) as store:
        await furnish(store, ADA, 1, random.Random(1))
        await store.papers.ingest(edition(paper(2)), NOON)
        assert await store.people.saved(ADA) is not None
        await store.people.forget(ADA, ADA.address)
        assert lingering(tmp_path) == []
