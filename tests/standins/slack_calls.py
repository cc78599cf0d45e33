"""One call of Slack's Web API: who calls, with which arguments, what they may reach; and the table of methods."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from tests.standins.slack_world import JSON, Channel, Install, User, World


class RefusalError(Exception):
    """Slack says no: ``error``, with more in the body, mostly with status 200."""

    def __init__(self, error: str, status: int = 200, headers: dict[str, str] | None = None, **more: Any) -> None:
        super().__init__(error)
        self.status, self.headers = status, headers or {}
        self.body: JSON = {"ok": False, "error": error} | more


@dataclass(eq=False, repr=False)
class Call:
    """``args`` have JSON decoded where a form carried it. ``answer`` is what Slack meant to say, whatever arrived."""

    world: World
    method: str
    args: JSON
    token: str = ""
    agent: str = ""
    at: float = 0.0
    answer: JSON = field(default_factory=dict)
    fault: str = ""

    def __repr__(self) -> str:
        return f"<{self.method} {self.args} {self.fault or self.answer.get('error', 'ok')}>"

    def text(self, name: str, otherwise: str = "") -> str:
        value = self.args.get(name, otherwise)
        return value if isinstance(value, str) else str(value)

    def flag(self, name: str) -> bool:
        return self.args.get(name) in (True, 1, "1", "true", "True")

    @property
    def install(self) -> Install:
        """Whose token it is. Raises ``RefusalError`` unless it is the living token of a bot."""
        if not self.token:
            raise RefusalError("not_authed")
        if self.token.startswith("xapp-"):
            raise RefusalError("not_allowed_token_type")
        found = next((install for install in self.world.installs if install.token == self.token), None)
        if found is None:
            raise RefusalError("invalid_auth")
        if found.dead:
            raise RefusalError(found.dead)
        return found

    def need(self, scope: str) -> None:
        provided = self.install.scopes
        if scope and scope not in provided:
            raise RefusalError("missing_scope", needed=scope, provided=",".join(sorted(provided)))

    def channel(self, *, seen: bool = True) -> Channel:
        """The channel named. A token reaches its own places only; ``seen``: a private one also only from inside."""
        found = self.world.channels.get(self.text("channel"))
        if found is None or not self.install.reaches(found.team):
            raise RefusalError("channel_not_found")
        if seen and found.kind != "public" and self.install.bot.id not in found.members:
            raise RefusalError("channel_not_found")
        return found

    def user(self, name: str = "user", error: str = "user_not_found") -> User:
        found = self.world.users.get(self.text(name))
        if found is None or not self.install.reaches(found.team):
            raise RefusalError(error)
        return found


def slow_down(seconds: float) -> RefusalError:
    return RefusalError("ratelimited", 429, {"Retry-After": str(max(1, ceil(seconds)))})


Method = Callable[[Call], JSON]
METHODS: dict[str, Method] = {}


def method(name: str, scope: str = "") -> Callable[[Method], Method]:
    """Enter a function into the table: it returns what is said beside ``ok``, or raises ``RefusalError``."""

    def enter(function: Method) -> Method:
        def checked(call: Call) -> JSON:
            if scope:
                call.need(scope)
            return function(call)

        METHODS[name] = checked
        return function

    return enter


def is_ts(text: str) -> bool:
    return re.fullmatch(r"\d{1,12}(\.\d{1,6})?", text) is not None


def moment(ts: str) -> int:
    """Microseconds of a message id, to compare with."""
    seconds, _, rest = ts.partition(".")
    return int(seconds) * 1_000_000 + int(rest.ljust(6, "0"))
