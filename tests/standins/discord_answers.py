"""What becomes of one interaction: how it was acknowledged, which messages came of it, and when; with Discord's rules.

https://docs.discord.com/developers/interactions/receiving-and-responding: first answer within 3 s and once, token
good for 15 min, the first follow-up after a deferral fills the deferred message, 5 follow-ups where only a user
installed the app.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.standins import discord_posts as posts
from tests.standins import discord_shapes as shapes
from tests.standins.discord_errors import RefusalError, empty, invalid_form, unknown
from tests.standins.discord_rest import Call
from tests.standins.discord_rules import walk
from tests.standins.discord_world import Channel, Message, User, World

Json = dict[str, Any]
MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9
FITTING = {2: {MESSAGE, DEFERRED, MODAL}, 3: {MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE, MODAL}, 4: {CHOICES},
           5: {MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE}}  # fmt: skip
"""Which callbacks an interaction of a type takes."""


@dataclass(eq=False)
class Answer:
    """``type`` is that of the callback, 0 before there is one; ``times`` are seconds from the interaction to each step.

    ``original`` is the message of the answer, or the clicked one where it was updated in place; ``followups`` are
    further messages. ``updated``: the clicked message was changed. ``refused``: the bot's steps that Discord refused.
    """

    id: int
    token: str
    kind: int
    user: User
    channel: Channel
    payload: Json
    born: int
    source: Message | None = None
    user_only: bool = False
    started: float = field(default_factory=time.monotonic)
    type: int = 0
    ephemeral: bool = False
    original: Message | None = None
    followups: list[Message] = field(default_factory=list)
    choices: list[Json] = field(default_factory=list)
    modal: Json | None = None
    updated: bool = False
    deleted: bool = False
    times: list[float] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    @property
    def acked(self) -> bool:
        return self.type != 0

    @property
    def acked_after(self) -> float:
        """Seconds."""
        assert self.acked, "not acknowledged"
        return self.times[0]

    @property
    def settled(self) -> bool:
        """Acknowledged, and where that was a deferral, followed by something to see or by deletion."""
        if self.type == DEFERRED:
            return self.original is not None or self.deleted
        if self.type == DEFERRED_UPDATE:
            return self.updated or self.deleted or bool(self.followups)
        return self.acked

    @property
    def messages(self) -> list[Message]:
        return [m for m in (self.original, *self.followups) if m is not None]

    @property
    def text(self) -> str:
        """All that can be read in the messages, line by line, for tests that look for words."""
        return "\n".join(readable(message) for message in self.messages)

    async def until(self, condition: Callable[["Answer"], object], seconds: float = 10) -> "Answer":
        """Wait for a condition, from whatever loop or thread."""
        ends = time.monotonic() + seconds
        while not condition(self):
            assert time.monotonic() < ends, f"it never came to that: {self.type=} {self.text=} {self.refused=}"
            await asyncio.sleep(0.005)
        return self

    def step(self) -> None:
        self.times.append(time.monotonic() - self.started)


def readable(message: Message) -> str:
    """Content, embeds and components as lines of text."""
    lines = [message.content]
    for embed in message.embeds:
        lines += [str(embed.get("title") or ""), str(embed.get("description") or "")]
        lines += [f"{f['name']}: {f['value']}" for f in embed.get("fields") or []]
        lines.append((embed.get("footer") or {}).get("text") or "")
    for _, component in walk(message.components):
        lines += [component.get("content") or "", component.get("label") or ""]
    return "\n".join(line for line in lines if line)


# --- the first answer ---


def respond(world: World, call: Call) -> Json | None:
    """``POST /interactions/{id}/{token}/callback``."""
    answer = world.answers.get(call.ids["token"])
    if answer is None or str(answer.id) != call.ids["id"] or _too_late(world, answer):
        raise unknown("interaction")
    if answer.acked:
        raise RefusalError(400, 40060, "Interaction has already been acknowledged.")
    kind, data = int(call.body["type"]), call.body.get("data") or {}
    if kind not in FITTING[answer.kind]:
        raise invalid_form([(["type"], "INTERACTION_CALLBACK_INVALID", f"Type {kind} does not answer {answer.kind}")])
    _take(world, answer, kind, data, call.files)
    answer.type = kind
    answer.step()
    wanted = call.query.get("with_response", "").lower() in {"1", "true"}
    return _callback_shape(world, answer) if wanted else None


def _too_late(world: World, answer: Answer) -> bool:
    """By the stand-in's clock or by the real one, whichever is further: a clock that stands still excuses nobody."""
    deadline = world.settings.answer_deadline
    return world.clock.now() - answer.born > deadline * 1000 or time.monotonic() - answer.started > deadline


def _take(world: World, answer: Answer, kind: int, data: Json, files: Mapping[str, bytes]) -> None:
    if kind == MESSAGE:
        answer.original = _said(world, answer, data, files)
        answer.ephemeral = answer.original.ephemeral
    elif kind == DEFERRED:
        answer.ephemeral = bool((data.get("flags") or 0) & 64)
    elif kind == UPDATE:
        assert answer.source is not None
        answer.original = posts.edit(world, answer.source, data, files, by_token=True)
        answer.updated = True
    elif kind == DEFERRED_UPDATE:
        answer.original = answer.source
    elif kind == CHOICES:
        answer.choices = _checked_choices(data.get("choices") or [])
    elif kind == MODAL:
        answer.modal = data


def _checked_choices(choices: list[Json]) -> list[Json]:
    if len(choices) > 25:
        raise invalid_form([(["data", "choices"], "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.")])
    for number, choice in enumerate(choices):
        for key in ("name", "value"):
            if not 1 <= len(str(choice.get(key, ""))) <= 100:
                path: list[str | int] = ["data", "choices", number, key]
                raise invalid_form([(path, "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length.")])
    return choices


def _said(
    world: World, answer: Answer, body: Json, files: Mapping[str, bytes], reference: Message | None = None
) -> Message:
    asked_by = {
        "id": str(answer.id),
        "type": answer.kind,
        "user": shapes.user(answer.user),
        "authorizing_integration_owners": answer.payload["authorizing_integration_owners"],
    }
    kind = {2: 20 if answer.payload["data"].get("type") == 1 else 23}.get(answer.kind, 0)
    return posts.make(world, answer.channel, world.bot, body, files, kind=kind, asked_by=asked_by, reference=reference)


def _callback_shape(world: World, answer: Answer) -> Json:
    interaction: Json = {"id": str(answer.id), "type": answer.kind}
    shape: Json = {"interaction": interaction}
    if answer.type in {MESSAGE, DEFERRED, UPDATE, DEFERRED_UPDATE}:
        interaction["response_message_loading"] = answer.type == DEFERRED
        interaction["response_message_ephemeral"] = answer.ephemeral
    if answer.type in {MESSAGE, UPDATE} and answer.original is not None:
        interaction["response_message_id"] = str(answer.original.id)
        shape["resource"] = {"type": answer.type, "message": shapes.message(answer.original, world.app)}
    return shape


# --- afterwards, by the token ---


def _answer(world: World, call: Call) -> Answer:
    """The acknowledged interaction of a token that is not older than 15 minutes."""
    answer = world.answers.get(call.ids["token"])
    if answer is None or call.ids["app"] != str(world.app) or not answer.acked:
        raise unknown("Webhook")
    if world.clock.now() - answer.born > world.settings.token_life * 1000:
        raise RefusalError(401, 50027, "Invalid Webhook Token")
    return answer


def follow_up(world: World, call: Call) -> Json:
    """``POST /webhooks/{app}/{token}``."""
    answer = _answer(world, call)
    if answer.type == DEFERRED and answer.original is None and not answer.deleted:
        return _shape(world, _fill(world, answer, call.body, call.files))
    if answer.user_only and len(answer.followups) >= 5:
        raise RefusalError(400, 40094, "Maximum number of follow-up messages reached")
    answer.followups.append(_said(world, answer, call.body, call.files, reference=answer.original))
    answer.step()
    return _shape(world, answer.followups[-1])


def _fill(world: World, answer: Answer, body: Json, files: Mapping[str, bytes]) -> Message:
    """The deferred message gets its content; whether only one person sees it was settled by the deferral."""
    flags = (body.get("flags") or 0) & ~64 | (64 if answer.ephemeral else 0)
    answer.original = _said(world, answer, {**body, "flags": flags}, files)
    answer.step()
    return answer.original


def _shape(world: World, message: Message) -> Json:
    return shapes.message(message, world.app)


def _which(world: World, answer: Answer, call: Call) -> Message:
    wanted = call.ids["which"]
    found = [m for m in answer.messages if wanted in {str(m.id), "@original" if m is answer.original else ""}]
    if not found:
        raise unknown("Message")
    return found[0]


def said(world: World, call: Call) -> Json:
    """``GET /webhooks/{app}/{token}/messages/{which}``."""
    return _shape(world, _which(world, _answer(world, call), call))


def change_said(world: World, call: Call) -> Json:
    answer = _answer(world, call)
    if call.ids["which"] == "@original" and answer.type == DEFERRED and answer.original is None:
        if not (set(call.body) & {"content", "embeds", "components", "attachments"} or call.files):
            raise empty()
        return _shape(world, _fill(world, answer, call.body, call.files))
    item = posts.edit(world, _which(world, answer, call), call.body, call.files, by_token=True)
    answer.updated = answer.updated or item is answer.source
    answer.step()
    return _shape(world, item)


def delete_said(world: World, call: Call) -> None:
    answer = _answer(world, call)
    if call.ids["which"] == "@original" and answer.original is None:
        answer.deleted = True
        return
    item = _which(world, answer, call)
    world.remove_message(item)
    if item is answer.original:
        answer.original, answer.deleted = None, True
    else:
        answer.followups.remove(item)
