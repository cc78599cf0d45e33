"""Which SQLite this is, and what is known of it. No connection is opened here."""

import sqlite3

# sqlite.org/wal.html#walresetbug: fixed in 3.51.3, and in the branches 3.44 and 3.50.
_FIXED = (3, 51, 3)
_BACKPORTS = {(3, 44): 6, (3, 50): 7}


def has_wal_reset_bug(version: tuple[int, int, int]) -> bool:
    """Whether this version can corrupt a file when two connections commit and checkpoint at once."""
    patch = _BACKPORTS.get(version[:2])
    return (3, 7, 0) <= version < _FIXED and (patch is None or version[2] < patch)


def verdict() -> tuple[str, bool]:
    """The library in use, in words, and whether it is free of the WAL-reset bug."""
    version = sqlite3.sqlite_version_info
    if has_wal_reset_bug((version[0], version[1], version[2])):
        text = (
            f"nothing has to be done, but let no other program write to the file: SQLite {sqlite3.sqlite_version} has "
            "the WAL-reset bug (mended in 3.51.3, 3.50.7, 3.44.6)."
        )
        return text, False
    return f"SQLite {sqlite3.sqlite_version}, without the WAL-reset bug.", True
