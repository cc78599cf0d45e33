"""Secrets that tests plant, all with one mark in them, and the search for that mark in whatever was written.

The stand-ins make every token, code and address that opens something with `planted`, so whoever writes one anywhere is
found, whichever secret it was: the mark stands in it as it is, and as base64 would show it. The nets that search are
in ``conftest.py``.
"""

import base64
import mmap
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

MARK = "pLaNtEd"
"""Letters only, so that no escaping changes it; in no word of ours, nor of any library."""


def _ways() -> Iterator[str]:
    """The mark as it may be written: plain, and in base64 at each of its three offsets."""
    yield MARK
    for offset in range(3):
        whole = base64.b64encode(b"\0" * offset + MARK.encode()).decode()
        # The first and last characters depend on what stands around the mark.
        yield whole[(offset * 8 + 5) // 6 : (offset + len(MARK)) * 8 // 6]


WAYS = tuple(_ways())
_FOUND = re.compile("|".join(map(re.escape, WAYS)).encode())
_AROUND = 60


def planted(beginning: str, end: object = "") -> str:
    """A secret: ``planted("xoxb-", 7)`` is ``xoxb-pLaNtEd7``."""
    return f"{beginning}{MARK}{end}"


def planted_key() -> str:
    """A Fernet key, always the same: 32 bytes in URL-safe base64, which reads as the mark and filling."""
    return f"{MARK * 6}A="


def found_in(text: str | bytes | mmap.mmap) -> str:
    """What stands around a planted secret, empty where there is none."""
    raw = text.encode(errors="replace") if isinstance(text, str) else text
    hit = _FOUND.search(raw)
    return raw[max(0, hit.start() - _AROUND) : hit.end() + _AROUND].decode(errors="replace") if hit else ""


def found_under(folder: Path) -> dict[str, str]:
    """Files below a folder in which a secret stands, with what stands around it. Sockets and links are passed over."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())
    hits = ((str(path.relative_to(folder)), _found_in_file(path)) for path in files)
    return {name: around for name, around in hits if around}


def _found_in_file(path: Path) -> str:
    """Also in one of some hundred megabytes."""
    with path.open("rb") as file:
        if not path.stat().st_size:
            return ""
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as whole:
            return found_in(whole)


def found_in_output(sections: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The same of what pytest captured, by the name of the section."""
    return {name: around for name, text in sections if (around := found_in(text))}


def complaint(test: str, hits: Mapping[str, str]) -> str:
    """What is said of a test that let a secret out."""
    places = "\n".join(f"  {place}: …{around!r}…" for place, around in hits.items())
    return f"A planted secret was written by {test}:\n{places}"
