"""Papers that a text names: found in any form, shown short, with when they were here before."""

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards import Reply
from bot.commands import pasted
from bot.commands.pasted import MOST, named
from bot.errors import SourceError, StoreError
from bot.model import Address, Paper, Person, Receipt, Request
from tests.commands.at_desk import MONDAY, Mouth, at_desk, ms, paper, said
from tests.making import draft

DAY_MS = 24 * 3600 * 1000


@dataclass
class Library:
    """A source that knows some papers, counts what it is asked, and may be down."""

    papers: tuple[Paper, ...] = ()
    down: bool = False
    asked: list[str] = field(default_factory=list)
    name: str = "huggingface"

    async def lookup(self, key: str) -> Paper | None:
        self.asked.append(key)
        if self.down:
            raise SourceError("No answer.", unreachable=True)
        return next((one for one in self.papers if one.key == key), None)


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[Mouth]:
    async with at_desk(tmp_path) as mouth:
        await mouth.read_day(MONDAY.date(), *(paper(n, f"Video agents, part {n}") for n in range(1, 8)))
        yield mouth


async def paste(bot: Mouth, text: str, *, library: Any = None, room: str = "papers", **more: Any) -> Reply:
    person = Person("tower", "lab", "mei")
    where = person.address if more.pop("alone", False) else Address("tower", "lab", room)
    desk = replace(bot.desk, sources={"huggingface": library} if library else {})
    return await pasted(desk, Request(command="", person=person, where=where, **more), text)


# --- what is named ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("see https://arxiv.org/abs/2611.00001v2 and arXiv:2611.00002", ["2611.00001", "2611.00002"]),
        ("<https://arxiv.org/pdf/2611.00001v3.pdf|the paper>", ["2611.00001"]),
        ("https://huggingface.co/papers/2611.00001?x=1#top", ["2611.00001"]),
        ("https://www.alphaxiv.org/abs/2611.00001", ["2611.00001"]),
        ("doi 10.48550/arXiv.2611.00001.", ["2611.00001"]),
        ("2611.00001, (2611.00001) and 2611.00002!", ["2611.00001", "2611.00002"]),
        ("hep-th/9901001 and math.GT/0309136", ["hep-th/9901001", "math/0309136"]),
        ("arxiv.org/abs/cmp-lg/9404001", ["cmp-lg/9404001"]),
        ("issues/1234567, 2613.00001, 12.2611.00001, 2611.000011, 1.2611.00001v2", []),
        ("nothing here", []),
        ("", []),
    ],
)  # fmt: skip
def test_ids_and_links_of_every_form_name_a_paper_once_in_order(text: str, keys: list[str]) -> None:
    assert named(text) == [f"arxiv:{key}" for key in keys]


def test_at_most_a_few_are_named() -> None:
    assert len(named(" ".join(f"2611.{n:05}" for n in range(40)))) == MOST


@given(st.text(max_size=200))
def test_any_text_names_something_or_nothing(text: str) -> None:
    assert len(named(text)) <= MOST


def test_a_hostile_text_is_read_in_no_time() -> None:
    begun = time.perf_counter()
    for text in ("a" * 1_000_000, "2611." * 200_000, "hep-th/" * 200_000, "arxiv." * 200_000, "-" * 1_000_000):
        named(text)
    assert time.perf_counter() - begun < 5


# --- the answer -------------------------------------------------------------------------------------------------------


async def test_named_papers_are_shown_short_with_their_buttons(bot: Mouth) -> None:
    reply = await paste(bot, "arxiv.org/abs/2611.00002 and 2611.00001")
    assert [card.title for card in reply.cards] == ["Video agents, part 2", "Video agents, part 1"]
    assert [button.label for button in reply.cards[0].buttons][:2] == ["Save", "More like this"]
    assert reply.cards[0].label == ""
    assert reply.private
    assert await bot.store.subscriptions.targets() == []


async def test_where_none_is_named_there_are_no_cards(bot: Mouth) -> None:
    reply = await paste(bot, "good morning")
    assert (reply.cards, reply.failed) == ((), False)


async def test_one_that_was_posted_here_says_when_and_in_other_rooms_it_does_not(bot: Mouth) -> None:
    await bot.say("subscribe agents")
    target = await bot.target()
    (one,) = await bot.store.subscriptions.at(target.id)
    await bot.wait_for(target, paper(1, ""), bot.now, subscription=one.id)
    (due,) = await bot.store.outbox.trail(target.id, paper(1, "").key)
    assert (await paste(bot, "2611.00001")).cards[0].label == ""
    message = await bot.store.outbox.freeze(draft(due), bot.now)
    assert message is not None
    await bot.store.outbox.claim("tower", bot.now, 1000, 1)
    await bot.store.outbox.sent(message, Receipt("1"), bot.now)
    bot.now += 12 * DAY_MS + 1
    assert (await paste(bot, "2611.00001")).cards[0].label == "already here 12 days ago"
    assert (await paste(bot, "2611.00002")).cards[0].label == ""
    for there in ({"room": "other"}, {"alone": True}):
        assert (await paste(bot, "2611.00001", **there)).cards[0].label == ""


async def test_a_paper_we_do_not_have_is_looked_up_and_kept_quietly(bot: Mouth) -> None:
    library = Library((replace(paper(99, "Unheard of"), first_seen=0),))
    reply = await paste(bot, "2611.00099 and 2611.00098", library=library)
    assert [card.title for card in reply.cards] == ["Unheard of"]
    assert await bot.store.papers.get(paper(99, "").key) is not None
    assert await bot.store.outbox.unmatched(10) == []
    await paste(bot, "2611.00099", library=library)
    assert library.asked.count("arxiv:2611.00099") == 1


async def test_where_none_of_them_is_known_the_answer_says_so_and_has_failed(bot: Mouth) -> None:
    unknown = await paste(bot, "2611.00098", library=Library())
    assert unknown.failed
    assert "Hugging Face does not know 2611.00098" in said(unknown)
    assert "could not ask" in said(await paste(bot, "2611.00098", library=Library(down=True)))


async def test_looking_up_counts_as_one_command(bot: Mouth) -> None:
    replies = [await paste(bot, "2611.00001 2611.00002") for _ in range(11)]
    assert [reply.failed for reply in replies] == [False] * 10 + [True]
    assert not (await paste(bot, "nothing named")).failed
    assert not (await paste(bot, "2611.00001", admin=True)).failed


async def test_what_was_told_to_one_alone_is_no_label_where_others_see_it(bot: Mouth) -> None:
    await bot.say("alert add agents", alone=True)
    target = await bot.target("mei", alone=True)
    (one,) = await bot.store.subscriptions.at(target.id)
    await bot.wait_for(target, paper(1, ""), bot.now, subscription=one.id)
    (due,) = await bot.store.outbox.trail(target.id, paper(1, "").key)
    message = await bot.store.outbox.freeze(draft(due), bot.now)
    assert message is not None
    await bot.store.outbox.claim("tower", bot.now, 1000, 1)
    await bot.store.outbox.sent(message, Receipt("1"), bot.now)
    assert "already here" in (await paste(bot, "2611.00001", alone=True)).cards[0].label
    assert (await paste(bot, "2611.00001", alone=True, unasked=True)).cards[0].label == ""


async def test_what_nobody_asked_for_costs_no_commands(bot: Mouth) -> None:
    for _ in range(15):
        assert not (await paste(bot, "2611.00001", unasked=True)).failed


async def test_a_failing_store_is_told_and_raises_nothing(bot: Mouth) -> None:
    class Full:
        async def spend(self, *_: object, **__: object) -> bool:
            raise StoreError("The disk is full.")

    store: Any = type("Store", (), {"people": Full()})()
    desk = replace(bot.desk, store=store)
    person = Person("tower", "lab", "mei")
    reply = await pasted(desk, Request(command="", person=person, where=person.address), "2611.00001")
    assert reply.failed
    assert said(reply).startswith("The database failed (ref ")
    assert bot.now >= ms(MONDAY)
