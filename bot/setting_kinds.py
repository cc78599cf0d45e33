"""What the text of a setting may be: one function a kind, text in, value out.

Each raises ``ValueError`` with the end of the sentence ``NAME is "text", but ...``; `config.read` says the beginning.
Nothing here knows the name of a setting.
"""

import re
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo, available_timezones

from bot.log import redact


def number(low: float, high: float, unit: str) -> Callable[[str], float]:
    def parse(text: str) -> float:
        number = float(text) if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,6})?", text) else -1.0
        if not low <= number <= high:
            raise ValueError(f"it has to be a number from {low:g} to {high:g} ({unit})")
        return number

    return parse


def whole(low: int, high: int, unit: str) -> Callable[[str], int]:
    def parse(text: str) -> int:
        number = int(text) if re.fullmatch(r"[0-9]{1,9}", text) else -1
        if not low <= number <= high:
            raise ValueError(f"it has to be a whole number from {low} to {high} ({unit})")
        return number

    return parse


def choice(*words: str, fold: Callable[[str], str] = str.lower) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if fold(text) not in words:
            raise ValueError(f"it has to be {_either(words)}{did_you_mean(fold(text), words)}")
        return fold(text)

    return parse


def names(*words: str, later: tuple[str, ...] = ()) -> Callable[[str], tuple[str, ...]]:
    def parse(text: str) -> tuple[str, ...]:
        given = _listed(text.lower())
        for word in given:
            if word in later:
                raise ValueError(f"{word} comes in a later version; so far there is {_either(words)}")
            if word not in words:
                raise ValueError(f"{shown(word)} is not {_either(words)}{did_you_mean(word, words)}")
        return given

    return parse


def _listed(text: str) -> tuple[str, ...]:
    given = tuple(dict.fromkeys(word.strip() for word in text.split(",") if word.strip()))
    if not given:
        raise ValueError("it has to name at least one")
    return given


def _either(words: tuple[str, ...]) -> str:
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


# cs.CL, math.GT, hep-th, physics.data-an, cond-mat.mes-hall or a whole archive, https://arxiv.org/category_taxonomy
_CATEGORY = re.compile(r"[a-z]+(-[a-z]+)?(\.([A-Z]{2}|[a-z]{4,}|[a-z]+-[a-z]+))?")


def categories(text: str) -> tuple[str, ...]:
    given = _listed(text)
    for word in given:
        if not _CATEGORY.fullmatch(word):
            raise ValueError(f"{shown(word)} is not written like an arXiv category, such as cs.CL, math.GT or hep-th")
    if len(given) > 40:
        raise ValueError("it may name 40 categories at most")
    return given


def url(text: str) -> str:
    """An http(s) address without user, query or fragment. Plain http only to this machine: papers come from it."""
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname or "", parts.port
    except ValueError as error:
        raise ValueError("it is not an address") from error
    if parts.scheme not in {"http", "https"} or not host or not re.fullmatch(r"[!-~]+", text):
        raise ValueError("it has to be an address that begins with https://")
    if "@" in parts.netloc:
        raise ValueError("an address may not hold a user name or a password")
    if "?" in text or "#" in text:
        raise ValueError("an address may not have a ? or # part here")
    if parts.scheme == "http" and not is_loopback(host):
        raise ValueError("it has to begin with https://; http:// is only for servers on this machine")
    return text.rstrip("/")


def maybe(parse: Callable[[str], str]) -> Callable[[str], str]:
    """The same, or empty."""
    return lambda text: parse(text) if text else ""


def websocket(text: str) -> str:
    """A wss:// address; ws:// only to this machine."""
    given = re.fullmatch(r"(wss?)://([!-~]+)", text)
    if not given:
        raise ValueError("it has to be an address that begins with wss://")
    try:
        url(f"{'https' if given[1] == 'wss' else 'http'}://{given[2]}")
    except ValueError as error:
        raise ValueError(str(error).replace("https://", "wss://").replace("http://", "ws://")) from error
    return text


def listen(text: str, example: str = "127.0.0.1:3000") -> tuple[str, int]:
    """``host:port``, ``[::1]:3000``."""
    host, _, port = text.rpartition(":")
    if (
        not re.fullmatch(r"[\w.-]+|\[[0-9A-Fa-f:.]+\]", host)
        or not re.fullmatch(r"[0-9]{1,5}", port)
        or int(port) > 65535
    ):
        raise ValueError(f"it has to be an address and a port, such as {example}")
    return host.strip("[]"), int(port)


def loopback(text: str) -> tuple[str, int] | None:
    """The same on this machine, or None for nothing."""
    if not text:
        return None
    host, port = listen(text, "127.0.0.1:9464")
    if not is_loopback(host):
        raise ValueError(
            "there is no password on it, so it listens on this machine only, such as 127.0.0.1:9464; to reach it from "
            "elsewhere, put a proxy in front or take an ssh tunnel"
        )
    return host, port


def plain(text: str) -> str:
    if len(text) > 200 or not re.fullmatch(r"[!-~]*", text):
        raise ValueError("it has to be at most 200 plain characters without spaces")
    return text


# --- secrets: what is wrong with one is said without showing it ---


def secret(text: str) -> str:
    if text and not re.fullmatch(r"[!-~]{8,500}", text):
        raise ValueError("a secret is 8 to 500 plain characters without spaces: copy it again, whole")
    return text


def token(prefix: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text and not text.startswith(prefix):
            other = next((f": this one begins with {p}" for p in _SLACK if text.startswith(p)), "")
            raise ValueError(f"it has to begin with {prefix}{other}")
        return secret(text)

    return parse


_SLACK = ("xoxb-", "xapp-", "xoxp-", "xoxe-", "xoxa-")


def discord_token(text: str) -> str:
    if text.lower().startswith("bot "):
        raise ValueError('it has to be the token alone, without "Bot" in front')
    if text.isascii() and text.isdigit():
        raise ValueError("it is a number, such as an application ID: the token is on the page Bot, behind Reset Token")
    if text and text.count(".") != 2:
        raise ValueError("a bot's token has three parts with dots between them: copy it again, whole")
    return secret(text)


def keys(text: str) -> str:
    """Fernet keys: 32 bytes each in URL-safe base64, https://github.com/fernet/spec."""
    given = [key.strip() for key in text.split(",") if key.strip()]
    if not all(re.fullmatch(r"[\w-]{43}=", key, re.ASCII) for key in given):
        raise ValueError("a key is 44 characters that end with =: `paperboy key` makes one")
    return ",".join(given)


def is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def database(text: str) -> Path:
    """A path, or ``sqlite:///absolute/path`` with percent escapes."""
    scheme = re.match(r"([A-Za-z][A-Za-z0-9+.-]+):", text)  # two letters at least: C:\ is a drive
    kind = scheme[1].lower().split("+")[0] if scheme else ""
    if kind in {"postgresql", "postgres"}:
        raise ValueError("PostgreSQL comes in a later version; so far it has to be the path of an SQLite file")
    if scheme and not re.match(r"sqlite:///[^?#]*$", text, re.IGNORECASE):
        raise ValueError("it has to be the path of an SQLite file, or sqlite:///absolute/path")
    name = unquote(urlsplit(text).path) if scheme else text
    if name.startswith(":") or name.endswith(("/", "\\")) or not name.isprintable():
        raise ValueError("it has to name a file: what Paperboy promises must outlive the process")
    try:
        return Path(name).expanduser()
    except RuntimeError as error:
        raise ValueError("there is no such home folder; write the whole path") from error


def contact(text: str) -> str:
    if text and not re.fullmatch(r"(https?://[^\s@()<>]+|[^\s@/:()<>]+@[^\s@/()<>]+)", text, re.ASCII):
        raise ValueError("it has to be a mail address or a web address")
    if len(text) > 200 or not text.isascii():
        raise ValueError("it has to be at most 200 plain (ASCII) characters")
    return text


def timezone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ValueError, LookupError, OSError) as error:
        near = did_you_mean(text, sorted(available_timezones()))
        raise ValueError(f"it has to be a time zone such as Europe/Berlin or UTC{near}") from error
    return text


def clock(text: str) -> int:
    hour, minute = (int(found[1]), int(found[2])) if (found := re.fullmatch(r"(\d{1,2}):(\d{2})", text)) else (24, 0)
    if hour > 23 or minute > 59:
        raise ValueError("it has to be a time of day from 00:00 to 23:59")
    return hour * 60 + minute


def name(text: str) -> str:
    if len(text) > 80 or not text.isprintable() or " " in text:
        raise ValueError("it has to be at most 80 characters without spaces")
    return text


def yes(text: str) -> bool:
    return choice("yes", "no")(text) == "yes"


def shown(text: str) -> str:
    """The given value, short, on one line and without anything that looks like a secret."""
    safe = redact(text)
    return f'"{ascii(safe[:60] + "…")[1:-1]}"' if len(safe) > 60 or not safe.isprintable() else f'"{safe}"'


def did_you_mean(word: str, known: Iterable[str]) -> str:
    near = get_close_matches(word, known, n=1, cutoff=0.6)
    return f", did you mean {near[0]}?" if near else ""
