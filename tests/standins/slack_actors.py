"""What people do in Slack: each deed reaches the app over Socket Mode or HTTP and gives an ``Answer``, what came of it.

Here are slash commands and events; what people do with what they were shown is in slack_hands.py.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from math import inf
from typing import Any
from urllib.parse import urlsplit

from tests.standins import slack_hooks as hooks
from tests.standins import slack_payloads as payloads
from tests.standins import slack_shapes as shapes
from tests.standins.slack_calls import Call, RefusalError
from tests.standins.slack_doors import Forgery, Parcel, Requests, Sockets
from tests.standins.slack_world import (
    JSON,
    Channel,
    Enterprise,
    Hook,
    Install,
    Message,
    Team,
    Trigger,
    User,
    View,
    World,
)

SILENT = frozenset({"auth.test", "users.info", "team.info", "apps.connections.open"})
"""Methods that show nobody anything, as do all of conversations."""


@dataclass(eq=False)
class Answer:
    """``acked`` is after how many seconds the app acknowledged, None for never; ``body`` what it said with that."""

    world: World
    parcel: Parcel
    user: User
    first_call: int
    since: str
    hook: Hook | None
    trigger: Trigger | None
    channel: Channel | None
    views: list[View]
    acked: float | None = None
    status: int = 0
    body: Any = None

    @property
    def messages(self) -> list[Message]:
        """What was said through the response_url or with the acknowledgement, as it stands now."""
        return [m for m in self.hook.said if not m.deleted] if self.hook else []

    @property
    def calls(self) -> list[Call]:
        """What the app asked of Slack since, for whomever."""
        return self.world.calls[self.first_call :]

    @property
    def ephemerals(self) -> list[Message]:
        """What only this person sees since, by chat.postEphemeral."""
        rooms = self.world.channels.values()
        found = [m for room in rooms for m in self.world.messages(room, private=True) if m.ts > self.since]
        return [m for m in found if m.only_for == self.user.id and m not in self.messages]

    @property
    def shown(self) -> list[Message]:
        """Everything this person was answered in private or by the response_url."""
        return self.messages + self.ephemerals

    @property
    def posts(self) -> list[Message]:
        """What the app said since for everybody, wherever."""
        rooms = self.world.channels.values()
        found = [m for room in rooms for m in self.world.messages(room) if m.install and m.ts > self.since]
        return [m for m in found if m not in self.messages]

    @property
    def everything(self) -> list[Message | View]:
        return [*self.posts, *self.shown, *self.views]

    @property
    def message(self) -> Message:
        """The last of them."""
        assert self.shown, f"nothing was answered: {self}"
        return self.shown[-1]

    @property
    def view(self) -> View:
        assert self.views, f"no view was opened: {self}"
        return self.views[-1]

    @property
    def errors(self) -> dict[str, str]:
        """By block id, why a form was not taken."""
        return self.body.get("errors", {}) if isinstance(self.body, dict) else {}

    @property
    def is_visible(self) -> bool:
        took_effect = (call.method for call in self.calls if call.answer.get("ok"))
        shows = any(name not in SILENT and not name.startswith("conversations.") for name in took_effect)
        return bool(self.body) or bool(self.shown) or shows

    async def wait(self, until: Callable[["Answer"], object], seconds: float = 5.0) -> "Answer":
        """Until something is true of this answer. Fails with what there is instead."""
        ends = time.monotonic() + seconds
        while not until(self):
            assert time.monotonic() < ends, f"it did not come: {self}"
            await asyncio.sleep(0.005)
        return self

    def __str__(self) -> str:
        said = [m.text or m.blocks for m in self.shown]
        return f"{self.parcel.kind} acked {self.acked} ({self.status}) {self.body} said {said} calls {self.calls}"


class Actors(World):
    """Who acts waits, unless told not to, for something visible and then until the app has nothing more to say."""

    patience = 5.0
    """Seconds to wait for something visible."""
    quiet = 0.03
    """Seconds without a call of the app after which its answer counts as complete."""

    def open_doors(self) -> None:
        self.sockets = Sockets(self)
        self.requests = Requests(self)
        self._telling: set[asyncio.Task[object]] = set()

    async def close_doors(self) -> None:
        for task in self._telling:
            task.cancel()
        await asyncio.gather(*self._telling, return_exceptions=True)
        await self.requests.close()
        await self.sockets.close()

    # --- slash commands ---

    async def slash(
        self, user: User, command: str, text: str = "", channel: Channel | str | None = None, *, wait: bool = True
    ) -> Answer:
        """Type a command in a channel, or in the direct one with the bot."""
        install = self.installed_for(user)
        room = self.channel(channel) if channel else self.direct(install, user)
        hook, trigger = self.hook(install, user, room), self.trigger(install, user)
        form = payloads.slash(self, hook, trigger, command, text)
        answer = self._answer(Parcel("slash_commands", form), user, hook=hook, trigger=trigger)
        await self._deliver(answer)
        if answer.body and answer.acked is not None:
            self._show(hook, answer.body)
        return await self._settled(answer) if wait else answer

    def _show(self, hook: Hook, body: JSON) -> None:
        with suppress(RefusalError):  # it is among the violations
            hooks.apply(self, hook, body, "acknowledgement")

    def installed_for(self, user: User) -> Install:
        assert user.team is not None
        install = self.install_of(user.team)
        assert install is not None, f"the app is not installed in {user.team.name}"
        return install

    # --- events ---

    async def happen(
        self, install: Install, team: Team | None, inner: JSON, *, at: int = 0, wait: bool = False
    ) -> Answer:
        """The app is told of an event, of now or of ``at``. ``wait``: something visible is expected of it."""
        event = ({"event_ts": self.new_ts()} if "user" in inner else {}) | inner
        user = self.users.get(str(inner.get("user", "")), install.bot)
        body = payloads.event(self, install, team, event)
        answer = self._answer(Parcel("events_api", body | ({"event_time": at} if at else {})), user)
        await self._deliver(answer)
        return await self._settled(answer) if wait else answer

    async def link_shared(
        self, channel: Channel | str, urls: Sequence[str], user: User, *, thread_ts: str = "", wait: bool = True
    ) -> Answer:
        """Somebody writes links; the answer's ``channel`` has the message last."""
        room, install = self.channel(channel), self.installed_for(user)
        assert "links:read" in install.scopes, "without links:read Slack does not tell of links"
        message = self.say(user, room, " ".join(urls), thread_ts)
        message.links, unfurl_id = list(urls), self.new_id("unfurl-")
        self.shared[unfurl_id] = message
        inner: JSON = {"type": "link_shared", "channel": room.id, "user": user.id, "message_ts": message.ts}
        inner |= {"thread_ts": thread_ts} if thread_ts else {}
        inner["links"] = [{"domain": urlsplit(url).hostname, "url": url} for url in urls]
        inner |= {"is_bot_user_member": install.bot.id in room.members, "unfurl_id": unfurl_id}
        answer = await self.happen(install, room.team, inner | {"source": "conversations_history"}, wait=wait)
        answer.channel = room
        return answer

    async def open_home(self, user: User, *, wait: bool = True) -> Answer:
        """Look at the app's home; what it shows is the answer's ``view``."""
        install = self.installed_for(user)
        inner: JSON = {"type": "app_home_opened", "user": user.id, "tab": "home"}
        inner["channel"] = self.direct(install, user).id
        if user.id in self.homes:
            inner["view"] = shapes.view(self, self.homes[user.id])
        answer = await self.happen(install, user.team, inner, wait=wait)
        if user.id in self.homes:
            answer.views.append(self.homes[user.id])
        return answer

    async def uninstall(self, place: Team | Enterprise) -> list[Answer]:
        """Somebody takes the app away: its token dies, then it is told twice."""
        install = self.install_at(place)
        install.dead = "account_inactive"
        return [await self._tell_end(install, kind) for kind in ("tokens_revoked", "app_uninstalled")]

    async def revoke(self, place: Team | Enterprise) -> Answer:
        """Somebody takes back the bot's token alone."""
        install = self.install_at(place)
        install.dead = "token_revoked"
        return await self._tell_end(install, "tokens_revoked")

    def install_at(self, place: Team | Enterprise) -> Install:
        found = (i for i in self.installs if not i.dead and place in (i.team, i.enterprise if i.org_wide else None))
        return next(found)

    def end(self, install: Install, error: str, events: tuple[str, ...]) -> None:
        super().end(install, error, events)
        for kind in events:
            task: asyncio.Task[object] = asyncio.ensure_future(self._tell_end(install, kind))
            self._telling.add(task)
            task.add_done_callback(self._telling.discard)

    async def _tell_end(self, install: Install, kind: str) -> Answer:
        inner: JSON = {"type": kind}
        if kind == "tokens_revoked":
            inner["tokens"] = {"oauth": [], "bot": [install.bot.id]}
        return await self.happen(install, install.team, inner)

    # --- trouble ---

    def fail(self, method: str, kind: str, times: int = 1, channel: str = "") -> None:
        """See ``Faults.fail``."""
        self.faults.fail(method, kind, times, channel)

    def weather(self, seed: int, chances: Mapping[str, float], method: str = ".*") -> None:
        """See ``Faults.weather``."""
        self.faults.weather(seed, chances, method)

    async def again(self, answer: Answer, number: int = 1, reason: str = "http_timeout") -> Answer:
        """Slack tries once more to tell: the same event with the same ``event_id``, marked as a retry."""
        parcel = replace(answer.parcel, retry=number, reason=reason)
        return await self._deliver(self._answer(parcel, answer.user, answer.hook, answer.trigger))

    async def forge(self, answer: Answer, forgery: Forgery) -> Answer:
        """Somebody else sends over HTTP what Slack had sent, differing in ``forgery``."""
        return await self._deliver(self._answer(answer.parcel, answer.user, answer.hook, answer.trigger), forgery)

    # --- delivery ---

    def _answer(self, parcel: Parcel, user: User, hook: Hook | None = None, trigger: Trigger | None = None) -> Answer:
        channel, views = hook.channel if hook else None, trigger.views if trigger else []
        return Answer(self, parcel, user, len(self.calls), self.new_ts(), hook, trigger, channel, views)

    async def _deliver(self, answer: Answer, forgery: Forgery | None = None) -> Answer:
        over_http = bool(self.requests.address)
        sent = self.requests.deliver(answer.parcel, forgery) if over_http else self.sockets.deliver(answer.parcel)
        ack = await sent
        answer.acked, answer.status, answer.body = ack.after, ack.status, ack.body
        if not ack.status or (ack.after or 0) > self.ack_deadline:
            self.late.append((answer.parcel.kind, inf if ack.after is None else ack.after))
        return answer

    async def _settled(self, answer: Answer) -> Answer:
        """Something visible, then nothing for a while."""
        ends = time.monotonic() + self.patience
        while not answer.is_visible and time.monotonic() < ends:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        calls, since = len(self.calls), time.monotonic()
        while time.monotonic() < since + self.quiet:
            await asyncio.sleep(0.005)
            if len(self.calls) != calls:
                calls, since = len(self.calls), time.monotonic()
        return answer
