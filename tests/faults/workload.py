"""What a store does all day, one acknowledged commit after the other: editions, matches, frozen messages, receipts.

Everything can be told from the number of an edition alone, so that whoever looks at the file later knows what has to
be in it.
"""

import sqlite3
from collections.abc import AsyncIterator, Iterable
from contextlib import closing
from pathlib import Path

from bot import deliver
from bot.match import Matcher
from bot.model import Receipt
from bot.store.sqlite import SqliteStore
from tests.delivering import ROOM, Platform
from tests.making import NOON, edition, paper, subscribe

PAPERS = 5
"""In one edition."""


async def furnish(store: SqliteStore) -> None:
    """A room that gets everything. Nothing where it is there already."""
    target = await store.subscriptions.target(ROOM)
    if not await store.subscriptions.at(target.id):
        await subscribe(store, "paper", ROOM)


async def day(store: SqliteStore, number: int, platform: Platform) -> AsyncIterator[str]:
    """Publish and post one edition. Yields after each acknowledged commit what is certain from then on."""
    now = NOON + number * 60_000
    papers = map(paper, range(number * PAPERS, (number + 1) * PAPERS))
    await store.papers.ingest(edition(*papers, cursor={"last": str(number)}), now)
    yield f"edition {number}"
    await Matcher(store).step(now)
    yield f"planned {number}"
    await deliver.freeze_due(store, {"fake": platform}, now)
    yield f"frozen {number}"
    for message in await store.outbox.claim("fake", now, deliver.LEASE, 10):
        yield f"claimed {message.nonce}"
        await store.outbox.sent(message.id, Receipt(message.nonce), now)
        yield f"sent {message.nonce}"


def missing(path: Path, acknowledged: Iterable[str]) -> list[str]:
    """What was acknowledged and is not in the file."""
    with closing(sqlite3.connect(path)) as connection:
        sent = {nonce for (nonce,) in connection.execute("select nonce from message where state = 'sent'")}
        numbers = {int(key[11:]) for (key,) in connection.execute("select key from paper")}
        planned = {
            int(key[11:]) for (key,) in connection.execute("select key from paper p join delivery d on d.paper = p.id")
        }
    whole = {number // PAPERS for number in numbers if numbers >= set(range(number, number + PAPERS))}
    known = {f"edition {number}" for number in whole} | {f"sent {nonce}" for nonce in sent}
    known |= {f"planned {number // PAPERS}" for number in planned}
    return [said for said in acknowledged if said.split()[0] in {"edition", "planned", "sent"} and said not in known]


def halves(path: Path) -> list[str]:
    """Editions of which only a part is there, and papers that are framed twice."""
    with closing(sqlite3.connect(path)) as connection:
        count = "select substr(key, 12) / ?, count(*) from paper group by 1 having count(*) <> ?"
        found = [f"{papers} papers of edition {n}" for n, papers in connection.execute(count, (PAPERS, PAPERS))]
        twice = "select paper, count(*) from delivery group by paper, target having count(*) > 1"
        found += [f"paper {key} is planned {times} times" for key, times in connection.execute(twice)]
        nonces = "select nonce, count(*) from message group by nonce having count(*) > 1"
        return found + [f"message {nonce} is there {times} times" for nonce, times in connection.execute(nonces)]
