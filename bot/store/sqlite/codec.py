"""Papers to JSON and back. Only fields that say something are written; what is written comes back equal.

Field names are the names in ``model.py``: a renamed field needs a migration.
"""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any

from bot.model import Facts, Links, Organization, Paper
from bot.store.sqlite.connection import Row

COLUMNS = "p.id, p.key, p.title, p.abstract, p.doc, p.first_seen"
"""What ``from_row`` reads, of a table called p."""
_OWN_COLUMN = frozenset({"key", "title", "abstract", "first_seen"})
_PLAIN = frozenset({"picture", "submitter", "version", "comment", "doi", "journal", "withdrawn"})
_LISTS = frozenset({"authors", "handles", "categories", "sources"})


def dump(paper: Paper) -> str:
    """The whole paper."""
    return _json(_plain(paper))


def dump_rest(paper: Paper) -> str:
    """The paper without what has columns of its own."""
    return _json({name: value for name, value in _plain(paper).items() if name not in _OWN_COLUMN})


def load(text: str) -> Paper:
    """The paper that ``dump`` wrote."""
    return _paper(json.loads(text))


def from_row(row: Row | Mapping[str, Any]) -> Paper:
    """The paper in a row with ``COLUMNS``."""
    return _paper({**json.loads(row["doc"]), **{name: row[name] for name in _OWN_COLUMN}})


def _paper(plain: Mapping[str, Any]) -> Paper:
    said: dict[str, Any] = {name: plain[name] for name in (_OWN_COLUMN | _PLAIN) & plain.keys()}
    said |= {name: tuple(plain[name]) for name in _LISTS & plain.keys()}
    return Paper(
        **said,
        organization=Organization(**plain["organization"]) if "organization" in plain else None,
        links=Links(**plain.get("links", {})),
        published=_day(plain.get("published")),
        facts=_facts(plain.get("facts", {})),
    )


def _facts(plain: Mapping[str, Any]) -> Facts:
    keywords = tuple(plain.get("keywords", ()))
    return Facts(**{**plain, "keywords": keywords, "featured": _day(plain.get("featured"))})


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text is not None else None


def _plain(value: Any) -> Any:
    """A value as JSON has it; of a dataclass, the fields that differ from their default."""
    if is_dataclass(value):
        said = ((f.name, f.default, getattr(value, f.name)) for f in fields(value))
        return {name: _plain(v) for name, default, v in said if v != default}
    if isinstance(value, tuple):
        return list(value)
    return value.isoformat() if isinstance(value, date) else value


def _json(plain: object) -> str:
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
