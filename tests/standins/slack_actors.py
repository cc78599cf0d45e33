"""What people do in Slack: each deed reaches the app over Socket Mode or HTTP and gives an ``Answer`` of what came of it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.standins import slack_hooks as hooks
from tests.standins import slack_payloads as payloads
from tests.standins.slack_calls import Call, Refusal
from tests.standins.slack_doors import DEADLINE, Ack, Forgery, Parcel, Requests, Sockets
from tests.standins.slack_world import JSON, Channel, Hook, Install, Message, Trigger, User, View, World

SILENT = {"auth.test", "users.info", "team.info", "apps.connections.open"}
"""Methods that show nothing: nobody has been answered by them (nor by reading a conversation)."""


@dataclass(eq=False)
class Answer:
    """``acked`` is after how many seconds the app acknowledged, None for never; ``body`` what it said with that."""

    world: World
    parcel: Parcel
    user: User
    first_call: int
    acked: float | None = None
    status: int = 0
    body: Any = None
    hook: Hook | None = None
    trigger: Trigger | None = None
    channel: Channel | None = None
    views: list[View] = field(default_factory=list)
    _first_ts: str = ""

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
        said = {id(m) for m in self.messages}
        found = [m for room in rooms for m in room.messages if m.only_for == self.user.id and m.ts > self._first_ts]
        return [m for m in found if id(m) not in said and not m.deleted]

    @property
    def shown(self) -> list[Message]:
        """Everything this person was answered in private or by the response_url."""
        return self.messages + self.ephemerals

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
        shows = any(c.method not in SILENT and ".history" not in c.method and c.answer for c in self.calls)
        return bool(self.body) or bool(self.shown) or shows

    async def wait(self, until: Callable[["Answer"], object], seconds: float = 5.0) -> "Answer":
        """Until something is true of this answer. Fails with what there is instead."""
        ends = asyncio.get_running_loop().time() + seconds
        while not until(self):
            assert asyncio.get_running_loop().time() < ends, f"it did not come: {self}"
            await asyncio.sleep(0.005)
        return self

    def __str__(self) -> str:
        said = [m.text or m.blocks for m in self.shown]
        return f"{self.parcel.kind} acked {self.acked} ({self.status}) {self.body} said {said} calls {self.calls}"


class Actors(World):
    """Actors return when the app acknowledged and its first visible answer is there and quiet has come back."""

    patience = 5.0
    """Seconds to wait for something visible."""
    quiet = 0.03
    """Seconds without a call of the app after which its answer counts as complete."""

    def open_doors(self) -> None:
        self.sockets = Sockets(self)
        self.requests = Requests(self)
        self.busy = 0

    # --- slash commands ---

    async def slash(
        self, user: User, command: str, text: str = "", channel: Channel | str | None = None, *, wait: bool = True
    ) -> Answer:
        """Type a command; in the channel with the bot unless another is named. ``wait``: for a visible answer."""
        install = self._install_for(user)
        room = self.channel(channel) if channel else self.direct(install, user)
        hook, trigger = self.hook(install, user, room), self.trigger(install, user)
        form = payloads.slash(self, hook, trigger, command, text)
        answer = self._answer(Parcel("slash_commands", form), user, hook=hook, trigger=trigger)
        await self._deliver(answer)
        if answer.body:
            self._show(hook, answer.body)
        return await self._settled(answer) if wait else answer

    def _show(self, hook: Hook, body: JSON) -> None:
        try:
            hooks.apply(self, hook, body, "acknowledgement")
        except Refusal:
            return  # it is among the violations

    def _install_for(self, user: User) -> Install:
        assert user.team is not None
        install = self.install_of(user.team)
        assert install is not None, f"the app is not installed in {user.team.name}"
        return install

    # --- delivery ---

    def _answer(self, parcel: Parcel, user: User, hook: Hook | None = None, trigger: Trigger | None = None) -> Answer:
        channel = hook.channel if hook else None
        answer = Answer(self, parcel, user, len(self.calls), hook=hook, trigger=trigger, channel=channel)
        answer._first_ts = self.new_ts()
        if trigger:
            trigger.views = answer.views
        return answer

    async def _deliver(self, answer: Answer, forgery: Forgery | None = None) -> Answer:
        if self.requests.address:
            ack = await self.requests.deliver(answer.parcel, forgery)
        else:
            ack = await self.sockets.deliver(answer.parcel)
        self._note(answer, ack)
        return answer

    def _note(self, answer: Answer, ack: Ack) -> None:
        answer.acked, answer.status, answer.body = ack.after, ack.status, ack.body
        if ack.after is None or ack.after > DEADLINE:
            self.late.append((answer.parcel.kind, ack.after if ack.after is not None else float("inf")))

    async def _settled(self, answer: Answer) -> Answer:
        """Something visible, then nothing for a while."""
        loop = asyncio.get_running_loop()
        ends = loop.time() + self.patience
        while not answer.is_visible and loop.time() < ends:
            await asyncio.sleep(0.005)
        calls, since = len(self.calls), loop.time()
        while loop.time() - since < self.quiet:
            await asyncio.sleep(0.005)
            if self.busy or len(self.calls) != calls:
                calls, since = len(self.calls), loop.time()
        return answer
