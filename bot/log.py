"""One logging setup: an event name and fields in, one line out, and never a secret in it.

Log like this: ``log.info("poll.done", extra={"source": "huggingface", "fresh": 3})``. What looks like a token or a
password is taken out of everything that is written, tracebacks included, whichever library logged it. This file knows
nothing of the program but that.
"""

import asyncio
import json
import logging
import re
import sys
import threading
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Literal, TextIO

NOISY = ("httpx", "httpcore", "apscheduler", "aiosqlite", "aiohttp", "discord", "slack_bolt", "slack_sdk")
"""Kept at WARNING whatever the level: at INFO they log whole URLs, and at DEBUG every SQL parameter or payload."""

_STAR = "***"
_GUARDED = r"(?:[\w.-]*(?:token|secret|password|passwd|ticket)|(?:[\w-]*[_.-])?(?:api)?key|code|state)"
_SECRETS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), replacement)
    for pattern, replacement in (
        # Header, as text, as a dict's repr or as a pair of bytes: Authorization: Bearer …, (b'authorization', b'…')
        (r"(authorization\W{1,6}(?:b['\"])?)(?:(?:bearer|basic|bot|token)\s+)?[^\s'\",;})\]]+", rf"\1{_STAR}"),
        (r"\b(bearer\s+)[\w.~+/=-]{12,}", rf"\1{_STAR}"),
        # user:password@ or token@ in any URL
        (r"(\b[a-z][a-z0-9+.-]{0,20}://)[^\s/?#\"'<>]*@", rf"\1{_STAR}@"),
        (rf"([?&;]{_GUARDED}=)[^&;\s#\"'<>]+", rf"\1{_STAR}"),
        # Slack tokens and webhooks, https://api.slack.com/authentication/token-types
        (r"\bx(?:ox[a-z]|app)[-.][\w.-]{4,}", _STAR),
        (r"(hooks\.slack\.com/)[\w/-]+", rf"\1{_STAR}"),
        # Discord: webhook and interaction URLs hold a token; a bot token is id.time.signature in URL-safe base64
        (r"(/(?:webhooks|interactions)/\d+/)[\w.-]+", rf"\1{_STAR}"),
        (r"\b[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}", _STAR),
    )
)
_planted: list[str] = []
"""What the operator told us to keep secret, the longest first."""
_SECRET_FIELD = re.compile(r"token|secret|password|passwd|authorization|api_?key", re.IGNORECASE)
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def setup(level: str, format: Literal["text", "json"], stream: TextIO, secrets: Iterable[str] = ()) -> None:
    """Send everything from ``level`` up to ``stream``, one line each. A second call replaces the first.

    ``secrets`` are values that must never be written, whatever they look like.
    """
    _planted[:] = sorted(filter(None, secrets), key=len, reverse=True)
    root = logging.getLogger()
    for old in [handler for handler in root.handlers if isinstance(handler, _Handler)]:
        root.removeHandler(old)
    handler = _Handler(stream)
    handler.setFormatter(_JsonFormatter() if format == "json" else _TextFormatter())
    root.addHandler(handler)
    root.setLevel(level)
    for name in NOISY:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))


def redact(text: str) -> str:
    """``text`` with what we were told to hide and every token and password we can recognise replaced by ``***``."""
    for secret in _planted:
        text = text.replace(secret, _STAR)
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


def last_words() -> None:
    """Log, in one of our lines, what Python itself would print: what nobody caught, in a thread neither, and warnings.

    Only for a process that is ours alone.
    """
    log = logging.getLogger(__name__)

    def uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        log.critical("paperboy.crashed", exc_info=(kind, error, trace))

    def in_thread(told: threading.ExceptHookArgs) -> None:
        if told.exc_value is not None and not isinstance(told.exc_value, SystemExit):
            extra = {"what": told.thread.name if told.thread else ""}
            log.error("paperboy.thread_broke", extra=extra, exc_info=told.exc_value)

    def unraisable(told: "sys.UnraisableHookArgs") -> None:
        log.warning("paperboy.unraisable", extra={"what": told.err_msg or ""}, exc_info=told.exc_value)

    sys.excepthook, threading.excepthook, sys.unraisablehook = uncaught, in_thread, unraisable
    logging.captureWarnings(True)


def outcry(task: asyncio.Task[Any]) -> None:
    """Log that a task broke off whose end nobody waits for: ``task.add_done_callback(outcry)``."""
    if not task.cancelled() and (error := task.exception()):
        extra = {"what": task.get_name()}
        logging.getLogger(__name__).error("paperboy.task_broke", extra=extra, exc_info=error)


class _Handler(logging.StreamHandler[TextIO]):
    """Ours, so that a second `setup` finds it."""


class _TextFormatter(logging.Formatter):
    """``2026-11-23T09:00:00.123Z INFO poll.done source=huggingface fresh=3``, a traceback indented below."""

    def format(self, record: logging.LogRecord) -> str:
        fields = [f"{_escape(name)}={_quote(value)}" for name, value in _fields(record).items()]
        line = " ".join([_time(record), record.levelname, _escape(_event(record)), *fields])
        return "\n    ".join([line, *(_escape(text) for text in _trace(record).splitlines())])


class _JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, event, the fields, and the traceback if there is one."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, object] = {"time": _time(record), "level": record.levelname, "logger": record.name}
        entry["event"] = _event(record)
        if trace := _trace(record):
            entry["traceback"] = trace
        return json.dumps({**entry, **_fields(record), **entry})  # ours come first, and win


def _reason(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".partition("\n")[0].rstrip(": ")


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _event(record: logging.LogRecord) -> str:
    try:
        return redact(record.getMessage())
    except (TypeError, ValueError):  # somebody's arguments do not fit their message: say what there is
        return redact(f"{record.msg} {record.args}")


def _fields(record: logging.LogRecord) -> Mapping[str, object]:
    given = {name: value for name, value in vars(record).items() if name not in _STANDARD}
    if record.exc_info and record.exc_info[1] is not None:
        # On the line of the event, for whoever looks for lines sees no traceback.
        given.setdefault("error", _reason(record.exc_info[1]))
    return {name: _STAR if _SECRET_FIELD.search(name) else _safe(value) for name, value in given.items()}


def _safe(value: object) -> object:
    return value if isinstance(value, bool | int | float | None) else redact(str(value))


def _trace(record: logging.LogRecord) -> str:
    parts = [logging.Formatter().formatException(record.exc_info)] if record.exc_info else []
    return redact("\n".join([*parts, record.stack_info or ""]).strip())


def _quote(value: object) -> str:
    text = str(value)
    if text and not re.search(r"[\s\"=\\]", text) and text.isprintable():
        return text
    return '"' + _escape(text.replace("\\", "\\\\").replace('"', '\\"')) + '"'


def _escape(text: str) -> str:
    """No line breaks, terminal codes or direction marks: what came from outside cannot draw a line of its own."""
    return text if text.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
