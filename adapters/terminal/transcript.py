"""The terminal's channel history: a file of JSON lines, the only truth of what was posted. No screen, no async.

A line is a post, ``{"post": 7, "nonce": …, "where": "#papers", "kind": "channel", "at": ms, "payload": …}`` (one in a
thread also has ``"answers": "6"``, the number of the post it belongs to), or ``{"shown": nonce}`` once somebody saw it,
or ``{"next": 8}`` at the start of a file that was written anew. Every method may raise ``OSError``; whatever happened
then, the file is read again before anything else is done with it.
"""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import BinaryIO


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A post as it stands in the file. ``at`` is in ms."""

    number: int
    nonce: str
    where: str
    kind: str
    at: int
    payload: str
    answers: str = ""


@dataclass(slots=True)
class _Known:
    entries: dict[str, Entry] = field(default_factory=dict)
    shown: set[str] = field(default_factory=set)
    next: int = 1


class Transcript:
    """Append-only, safe to be killed at any moment, one process at a time. Methods may be called from any thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = Lock()
        self._known: _Known | None = None

    def accept(
        self, *, nonce: str, where: str, kind: str, at: int, payload: str, answers: str = ""
    ) -> tuple[Entry, bool]:
        """The entry with this nonce, and whether it is new. It is on disk when this returns."""
        with self._lock:
            known = self._read()
            if nonce in known.entries:
                return known.entries[nonce], False
            entry = Entry(
                number=known.next, nonce=nonce, where=where, kind=kind, at=at, payload=payload, answers=answers
            )
            self._append(_record(entry), sync=True)
            _learn(known, _record(entry))
            return entry, True

    def find(self, nonce: str) -> Entry | None:
        with self._lock:
            return self._read().entries.get(nonce)

    def numbered(self, number: str) -> Entry | None:
        """The entry with this number, looked for from the newest on."""
        with self._lock:
            return next((e for e in reversed(self._read().entries.values()) if str(e.number) == number), None)

    def since(self, where: str, kind: str, at: int) -> list[Entry]:
        """The posts to an address from a time on, in ms."""
        with self._lock:
            known = self._read().entries.values()
            return [entry for entry in known if (entry.where, entry.kind) == (where, kind) and entry.at >= at]

    def mark_shown(self, nonce: str) -> None:
        """Not synced: a mark lost in a power cut shows a post again, which is better than never."""
        with self._lock:
            known = self._read()
            if nonce in known.entries and nonce not in known.shown:
                self._append({"shown": nonce}, sync=False)
                known.shown.add(nonce)

    def unseen(self) -> list[Entry]:
        """Posts that were accepted but never shown, oldest first."""
        with self._lock:
            known = self._read()
            return [entry for nonce, entry in known.entries.items() if nonce not in known.shown]

    def forget(self, where: str, kind: str) -> int:
        """Write the file anew without the posts to this address; numbers are not used twice. Returns how many went."""
        with self._lock:
            known = self._read()
            kept = {n: e for n, e in known.entries.items() if (e.where, e.kind) != (where, kind)}
            gone = len(known.entries) - len(kept)
            if gone:
                self._replace(_Known(kept, known.shown & kept.keys(), known.next))
            return gone

    def _read(self) -> _Known:
        if self._known is None:
            self._known = _load(self.path)
        return self._known

    def _append(self, record: Mapping[str, object], *, sync: bool) -> None:
        fresh = not self.path.exists()
        try:
            with _opened(self.path, os.O_APPEND) as file:
                file.write(_line(record))
                file.flush()
                if sync:
                    os.fsync(file.fileno())
            if fresh:
                _sync_folder(self.path.parent)
        except OSError:
            self._known = None
            raise

    def _replace(self, known: _Known) -> None:
        new = self.path.with_name(f"{self.path.name}.new")
        try:
            with _opened(new, os.O_TRUNC) as file:
                file.writelines(map(_line, _records(known)))
                file.flush()
                os.fsync(file.fileno())
            new.replace(self.path)
            _sync_folder(self.path.parent)
        finally:
            self._known = None
            new.unlink(missing_ok=True)


def _record(entry: Entry) -> dict[str, object]:
    return {
        "post": entry.number,
        "nonce": entry.nonce,
        "where": entry.where,
        "kind": entry.kind,
        "at": entry.at,
        "payload": entry.payload,
        **({"answers": entry.answers} if entry.answers else {}),
    }


def _records(known: _Known) -> Iterator[dict[str, object]]:
    yield {"next": known.next}
    for nonce, entry in known.entries.items():
        yield _record(entry)
        if nonce in known.shown:
            yield {"shown": nonce}


def _line(record: Mapping[str, object]) -> bytes:
    return (json.dumps(record) + "\n").encode()


def _load(path: Path) -> _Known:
    """What the file says. A last line that a crash tore is cut off; a line that is no record is passed over."""
    known = _Known()
    if not path.exists():
        return known
    content = path.read_bytes()
    whole = content.rfind(b"\n") + 1
    if whole < len(content):
        os.truncate(path, whole)
    for line in content[:whole].splitlines():
        record = _parsed(line)
        if record is not None:
            _learn(known, record)
    return known


def _parsed(line: bytes) -> dict[str, object] | None:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


def _learn(known: _Known, record: Mapping[str, object]) -> None:
    match record:
        case {"post": int(number), "nonce": str(nonce), "where": str(where), "kind": str(kind)}:
            at, payload = record.get("at"), record.get("payload")
            known.entries[nonce] = Entry(
                number=number,
                nonce=nonce,
                where=where,
                kind=kind,
                at=at if isinstance(at, int) else 0,
                payload=str(payload),
                answers=str(record.get("answers", "")),
            )
            known.next = max(known.next, number + 1)
        case {"shown": str(nonce)}:
            known.shown.add(nonce)
        case {"next": int(number)}:
            known.next = max(known.next, number)
        case _:
            pass


def _opened(path: Path, how: int) -> BinaryIO:
    """A file for writing that only its owner may read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | how, 0o600), "wb")


def _sync_folder(path: Path) -> None:
    """Make a new name in a folder last through a power cut."""
    folder = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
