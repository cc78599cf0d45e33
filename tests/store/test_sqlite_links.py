"""A database under another name: a symbolic link is the file that it leads to."""

import os
import shutil
from pathlib import Path

import pytest

from bot.errors import LockedError, OutdatedError, StoreError
from bot.model import Receipt
from bot.ports import Store
from bot.store.sqlite import open_store
from tests.making import NOON, draft, edition, paper, pending, subscribe


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "its").mkdir()
    return tmp_path / "its" / "paperboy.db"


@pytest.fixture(params=["beside", "elsewhere", "by another link", "folder"])
def link(request: pytest.FixtureRequest, path: Path, tmp_path: Path) -> Path:
    """Ways to lead to ``path``."""
    match request.param:
        case "beside":
            (link := path.with_name("link.db")).symlink_to(path.name)
        case "elsewhere":
            (link := tmp_path / "paperboy.db").symlink_to(path)
        case "by another link":
            (tmp_path / "first.db").symlink_to(path)
            (link := tmp_path / "second.db").symlink_to("first.db")
        case _:
            (tmp_path / "linked").symlink_to(path.parent)
            link = tmp_path / "linked" / path.name
    return link


async def test_a_link_to_a_database_in_use_is_refused_like_the_file(path: Path, link: Path) -> None:
    for first, second in ((path, link), (link, path)):
        async with open_store(first, now=NOON):
            with pytest.raises(LockedError, match=f"in use by process {os.getpid()}"):
                async with open_store(second, now=NOON):
                    pass


async def test_what_stands_beside_a_database_stands_beside_the_file_and_not_the_link(path: Path, link: Path) -> None:
    with pytest.raises(OutdatedError):
        async with open_store(link, now=NOON, read_only=True):
            pass
    async with open_store(link, now=NOON) as store:
        await store.papers.ingest(edition(paper(1)), NOON)
        ends = {file.name.removeprefix(path.name) for file in path.parent.iterdir() if file.name.startswith(path.name)}
        assert ends == {"", "-wal", "-shm", ".lock"}
    async with open_store(path, now=NOON, read_only=True) as store:
        assert (await store.outbox.tally()).papers == 1


async def sent(store: Store, number: int) -> None:
    [due] = await pending(store, number, subscription=await subscribe(store, f"query {number}"))
    message = await store.outbox.freeze(draft(due), NOON)
    assert message
    await store.outbox.sent(message, Receipt("1"), NOON)


@pytest.mark.parametrize("way", ["the link leads to it", "it stands where the link was"])
async def test_an_older_copy_that_a_name_leads_to_is_noticed(tmp_path: Path, path: Path, way: str) -> None:
    (link := tmp_path / "paperboy.db").symlink_to(path)
    async with open_store(link, now=NOON) as store:
        await sent(store, 1)
    shutil.copy(path, copy := tmp_path / "copy.db")
    async with open_store(link, now=NOON) as store:
        await sent(store, 2)
    link.unlink()
    if way == "the link leads to it":
        link.symlink_to(copy)
    else:
        copy.rename(link)
    async with open_store(link, now=NOON) as store:
        assert await store.outbox.copied_at(NOON) > 0


async def test_a_link_that_leads_in_a_circle_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.db").symlink_to("b.db")
    (tmp_path / "b.db").symlink_to("a.db")
    with pytest.raises(StoreError, match=r"a\.db: Too many levels"):
        async with open_store(tmp_path / "a.db", now=NOON):
            pass
