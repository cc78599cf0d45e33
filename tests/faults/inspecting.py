"""Looking at a database from outside, without the product: everything in it as one value, and whether it is sound."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

_INDEXES = ("paper_exact", "paper_stems")


@dataclass(frozen=True)
class Dump:
    """The schema and the rows of every table but those inside the full-text indexes.

    The count of changes of subscriptions is left out: it only has to rise, and may do so for nothing.
    """

    version: int
    schema: tuple[str, ...]
    rows: Mapping[str, tuple[tuple[object, ...], ...]]

    def differs(self, other: "Dump") -> str:
        """Which tables differ, and by how many rows."""
        names = sorted(self.rows.keys() | other.rows.keys())
        found = [
            f"{name} ({len(set(mine) ^ set(theirs))} rows)"
            for name in names
            if (mine := self.rows.get(name, ())) != (theirs := other.rows.get(name, ()))
        ]
        schema = len(set(self.schema) ^ set(other.schema))
        return ", ".join(found + ([f"{schema} parts of the schema"] if schema else [])) or "the version"


def dump(path: Path) -> Dump:
    """What is in a database, once SQLite has recovered it."""
    with closing(sqlite3.connect(path)) as connection:
        master = "select name, sql from sqlite_master where sql is not null order by name"
        named = connection.execute(master).fetchall()
        tables = [
            name for name, sql in named if sql.lower().startswith("create table") and not name.startswith(_INDEXES)
        ]
        rows = {
            name: tuple(sorted(connection.execute(f"select * from {name}").fetchall(), key=repr)) for name in tables
        }
        rows["counter"] = tuple(row for row in rows.get("counter", ()) if row[0] != "subscriptions")
        version = connection.execute("pragma user_version").fetchone()[0]
    return Dump(version, tuple(sql for _, sql in named), rows)


def harm(path: Path) -> list[str]:
    """What is unsound: pages, rows that refer to nothing, full-text indexes that disagree with their texts."""
    with closing(sqlite3.connect(path)) as connection:
        found = [line for (line,) in connection.execute("pragma integrity_check") if line != "ok"]
        found += [f"{row[0]} {row[1]} refers to nothing" for row in connection.execute("pragma foreign_key_check")]
        known = {name for (name,) in connection.execute("select name from sqlite_master")}
        for index in known & set(_INDEXES):
            try:
                connection.execute(f"insert into {index} ({index}, rank) values ('integrity-check', 1)")
            except sqlite3.DatabaseError as error:
                found.append(f"{index}: {error}")
        connection.rollback()
    return found
