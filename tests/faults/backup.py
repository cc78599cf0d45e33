"""Backups of a process that posts: sound, a state that was; and going on from an old one posts nothing a second time.

The transcript is the platform's own history here, so it stays when the database is put back.
"""

import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from tests.faults.inspecting import harm
from tests.faults.posts import posted
from tests.faults.rows import Plan, Row
from tests.faults.scene import LEASE_AND_MORE, Scene, scene


def run(plan: Plan) -> Iterator[Row]:
    backups, restores = plan.pick((1, 1), (2, 2), (40, 10))
    chance = plan.chance("backup")
    with scene(plan.room("backup"), plan.pick(3, 10, 10)) as on:
        on.set_up()
        on.paperboy.start()
        copies, problems = [], []
        for number in range(backups):
            on.stand.publish(chance.randint(5, 15))
            time.sleep(chance.uniform(0, 0.5))
            copies.append(on.paperboy.folder / f"copy{number}")
            problems += _taken(on, copies[-1])
        on.settle()
        on.paperboy.kill()
        yield _row(on, "backup under load", f"{backups} copies", backups, problems)
        plain = Path(shutil.copytree(on.paperboy.folder, plan.folder / "plain")) / "paperboy.db"
        for _ in range(restores):
            _go_on(on)
            _put_back(on, plain, "paperboy.db*[!k]")  # the lock file stays, as after ``cp``: by it an old one is known
            _go_on(on)
        yield _row(on, "restore of a plain copy", f"{restores} restores", restores, [])
        for copy in chance.sample(copies, min(restores, len(copies))):
            _put_back(on, copy, "paperboy.db*")
            _go_on(on)
        yield _row(on, "restore of an old backup", f"{restores} restores", restores, [])


def _go_on(on: Scene) -> None:
    """Started again with news, until all of it is posted, and killed."""
    on.stand.publish(5)
    on.advance(LEASE_AND_MORE)
    on.paperboy.start()
    on.settle()
    on.paperboy.kill()


def _taken(on: Scene, copy: Path) -> list[str]:
    """Take a backup beside the running process; what is wrong with it."""
    called = on.paperboy.call("backup", str(copy))
    if called.returncode:
        return [called.stderr]
    return [*harm(copy), *_not_a_state(copy, on)]


def _not_a_state(copy: Path, on: Scene) -> Iterator[str]:
    """Papers come in order and whole lists at a time, and what is sent stands in the transcript by now."""
    with closing(sqlite3.connect(copy)) as connection:
        papers = [key.removeprefix("arxiv:") for (key,) in connection.execute("select key from paper order by id")]
        sent = connection.execute(
            "select t.room, substr(p.key, 7) from delivery d join paper p on p.id = d.paper"
            " join target t on t.id = d.target where d.state = 'sent'"
        ).fetchall()
    if papers != on.stand.papers[: len(papers)]:
        yield "its papers are not the first ones"
    shown = posted(on.paperboy.transcript)
    yield from (f"{place} is sent there, but was not posted" for place in sent if place not in shown)


def _put_back(on: Scene, copy: Path, old: str) -> None:
    """As an operator does it: the ``old`` files away, the copy in their place, with its log where it has one."""
    for file in on.paperboy.folder.glob(old):
        if file.suffix != ".jsonl":
            file.unlink()
    for file in (copy, copy.with_name(f"{copy.name}-wal")):
        if file.exists():
            shutil.copy(file, on.paperboy.database.with_name(file.name.replace(copy.name, on.paperboy.database.name)))


def _row(on: Scene, case: str, size: str, injected: int, problems: list[str]) -> Row:
    lost, repeated = on.lost_and_repeated()
    posts = f"{len(on.rooms) * len(on.stand.papers)} posts"
    found = (*problems, *harm(on.paperboy.database))
    return Row(case=case, size=size, injected=injected, lost=lost, repeated=repeated, problems=found, note=posts)
