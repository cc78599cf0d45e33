"""People at the stand-in who type commands, press buttons, choose and open menus; payloads as Discord sends them.

Every method may be awaited in any loop and thread. An actor can do only what Discord's own client would let one do:
a command that is not registered, not meant for the place or needs another right is an ``AssertionError``.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tests.planted import planted
from tests.standins import discord_commands as commands
from tests.standins import discord_shapes as shapes
from tests.standins.discord_answers import Answer
from tests.standins.discord_rules import walk
from tests.standins.discord_world import ALL, POSTING, Channel, Guild, Kind, Message, User, World, made_at

Json = dict[str, Any]
COMMAND, COMPONENT, AUTOCOMPLETE, SUBMIT = 2, 3, 4, 5
IN_GUILD, IN_DM = 0, 1
ATTACHMENT_LIMIT = 10 * 1024 * 1024
BUTTON, LINK, TEXT_SELECT = 2, 5, 3


def acked(answer: Answer) -> bool:
    return answer.acked


def settled(answer: Answer) -> bool:
    return answer.settled


class Actors:
    """``world`` is set by the server that is made of this."""

    world: World

    async def slash(
        self,
        user: User,
        command: str,
        path: Sequence[str] | str = (),
        options: Mapping[str, Any] | None = None,
        *,
        where: Channel | None = None,
        permissions: int | None = None,
        until: Callable[[Answer], object] = settled,
        seconds: float = 10,
    ) -> Answer:
        """Run ``/command path…``, the path as ``("alert", "add")`` or "alert add".

        ``where`` is a channel of any guild; without it, the direct messages with the bot.
        ``permissions`` are the user's in that channel. Waits until the answer can be read; ``until=acked`` for less.
        """
        found = commands.find(self.world, command)
        answer = self._ask(
            user, found, commands.filled(found, _words(path), options or {}), where, permissions, COMMAND
        )
        return await answer.until(until, seconds)

    async def autocomplete(
        self,
        user: User,
        command: str,
        path: Sequence[str] | str,
        focused: tuple[str, str],
        options: Mapping[str, Any] | None = None,
        *,
        where: Channel | None = None,
        permissions: int | None = None,
        seconds: float = 10,
    ) -> list[Json]:
        """What is offered while ``focused`` (option, text so far) is being typed: ``[{"name": …, "value": …}]``."""
        found = commands.find(self.world, command)
        given = commands.filled(found, _words(path), {**(options or {}), focused[0]: focused[1]}, focused[0])
        answer = self._ask(user, found, given, where, permissions, AUTOCOMPLETE)
        return (await answer.until(acked, seconds)).choices

    async def menu(
        self,
        message: Message,
        name: str,
        *,
        user: User,
        permissions: int | None = None,
        until: Callable[[Answer], object] = settled,
        seconds: float = 10,
    ) -> Answer:
        """Choose an app's entry in a message's context menu. Its content is shown to the app, whatever the intents."""
        found = commands.find(self.world, name, commands.MESSAGE_MENU)
        shape = shapes.message(message, self.world.app)
        more = {"target_id": str(message.id), "resolved": {"messages": {str(message.id): shape}}}
        answer = self._ask(user, found, None, message.channel, permissions, COMMAND, more)
        return await answer.until(until, seconds)

    async def click(
        self,
        on: Message | Answer,
        what: str,
        *,
        user: User | None = None,
        permissions: int | None = None,
        until: Callable[[Answer], object] = settled,
        seconds: float = 10,
    ) -> Answer:
        """Press the button with this ``custom_id`` or label on a message or on an answer's message."""
        message, someone, button = _touched(on, what, user)
        assert button["type"] == BUTTON, f"{what} is no button"
        assert button["style"] != LINK, f"{what} is a link: {button.get('url')}"
        answer = self._touch(message, someone, button, {}, permissions)
        return await answer.until(until, seconds)

    async def select(
        self,
        on: Message | Answer,
        what: str,
        values: Sequence[str],
        *,
        user: User | None = None,
        permissions: int | None = None,
        until: Callable[[Answer], object] = settled,
        seconds: float = 10,
    ) -> Answer:
        """Choose values (or labels) in the select with this ``custom_id`` or placeholder."""
        message, someone, menu = _touched(on, what, user)
        names = {o["label"]: o["value"] for o in menu.get("options") or []}
        chosen = [names.get(value, value) for value in values]
        assert menu["type"] != TEXT_SELECT or set(chosen) <= set(names.values()), f"{values} of {sorted(names)}"
        assert menu.get("min_values", 1) <= len(chosen) <= menu.get("max_values", 1), f"{len(chosen)} values"
        answer = self._touch(message, someone, menu, {"values": chosen}, permissions)
        return await answer.until(until, seconds)

    async def submit(
        self,
        form: Answer,
        values: Mapping[str, str],
        *,
        until: Callable[[Answer], object] = settled,
        seconds: float = 10,
    ) -> Answer:
        """Fill in and send the form that an interaction was answered with. ``values`` by ``custom_id``."""
        assert form.modal is not None, "no form was opened"
        components = [_filled(component, values) for component in form.modal["components"]]
        data = {"custom_id": form.modal["custom_id"], "components": components, "resolved": {}}
        answer = self._send(SUBMIT, form.user, form.channel, data, None, form.source)
        return await answer.until(until, seconds)

    # --- what is sent ---

    def _ask(
        self, user: User, command: Json, options: list[Json] | None, where: Channel | None, permissions: int | None,
        kind: int, more: Json | None = None,
    ) -> Answer:  # fmt: skip
        place = where or self.world.dm(user)
        _assert_offered(command, user, place, permissions)
        data = {"id": command["id"], "name": command["name"], "type": command["type"], **(more or {})}
        data |= {} if options is None else {"options": options}
        return self._send(kind, user, place, data, permissions)

    def _touch(self, message: Message, user: User, component: Json, more: Json, permissions: int | None) -> Answer:
        assert not component.get("disabled"), f"{component.get('label')} is disabled"
        data = {"custom_id": component["custom_id"], "component_type": component["type"], "id": component["id"], **more}
        return self._send(COMPONENT, user, message.channel, data, permissions, message)

    def _send(
        self, kind: int, user: User, place: Channel, data: Json, permissions: int | None, source: Message | None = None
    ) -> Answer:
        world, token, identity = self.world, planted("", uuid.uuid4().hex), self.world.snowflake()
        payload = {
            "id": str(identity), "token": token, "type": kind, "version": 1, "data": data,
            "application_id": str(world.app), "locale": user.locale, "entitlements": [], "entitlement_sku_ids": [],
            "attachment_size_limit": ATTACHMENT_LIMIT, "context": _context(place),
            "authorizing_integration_owners": owners(user, place),
            "channel_id": str(place.id), "app_permissions": str(int(world.rights(place) or POSTING)),
            **_whereabouts(user, place, world, permissions),
        }  # fmt: skip
        if source is not None:
            payload["message"] = shapes.message(source, world.app)
        user_only = place.guild is not None and not place.guild.joined
        answer = Answer(identity, token, kind, user, place, payload, world.clock.now(), source, user_only)
        world.answers[token] = answer
        world.emit("INTERACTION_CREATE", payload, place.guild)
        return answer


def _words(path: Sequence[str] | str) -> Sequence[str]:
    return path.split() if isinstance(path, str) else path


def owners(user: User, place: Channel) -> dict[str, str]:
    """By which installations the app is there: "0" the guild's ("0" in direct messages), "1" the user's."""
    found = {"1": str(user.id)} if user.installed else {}
    if place.guild is None:
        return {"0": "0", **found}
    return {"0": str(place.guild.id), **found} if place.guild.joined else found


def _context(place: Channel) -> int:
    return IN_GUILD if place.guild is not None else IN_DM


def _whereabouts(user: User, place: Channel, world: World, permissions: int | None) -> Json:
    """Guild, member and channel as far as the app may know them."""
    if place.guild is None:
        return {"channel": shapes.channel(place, world.app), "user": shapes.user(user)}
    rights = _rights(user, place.guild, permissions)
    channel = {**shapes.channel(place, world.app), "permissions": str(rights)}
    channel.pop("permission_overwrites", None)
    return {
        "guild_id": str(place.guild.id),
        "guild": {"id": str(place.guild.id), "locale": place.guild.locale, "features": []},
        "guild_locale": place.guild.locale,
        "channel": channel,
        "member": {**shapes.member(user, place.guild), "permissions": str(rights),
                   "joined_at": shapes.iso(made_at(user.id)), "unusual_dm_activity_until": None,
                   "communication_disabled_until": None},
    }  # fmt: skip


def _rights(user: User, guild: Guild, permissions: int | None) -> int:
    if permissions is not None:
        return int(permissions)
    return ALL if user is guild.owner else int(guild.everyone)


def _assert_offered(command: Json, user: User, place: Channel, permissions: int | None) -> None:
    """Discord's client shows a command only where it is meant to be and to whom it is meant."""
    name = command["name"]
    installs = {int(kind) for kind in owners(user, place)}
    assert installs & set(command["integration_types"]), f"/{name} is not installed for this user or place"
    context = IN_GUILD if place.kind is not Kind.DM else IN_DM
    contexts = command["contexts"]
    assert contexts is None or context in contexts, f"/{name} is not offered here"
    needed = int(command["default_member_permissions"] or 0)
    if place.guild is not None and 0 in installs:
        missing = needed & ~_rights(user, place.guild, permissions)
        assert not missing, f"/{name} is hidden from who lacks {missing}"


# --- what can be touched ---


def _touched(on: Message | Answer, what: str, user: User | None) -> tuple[Message, User, Json]:
    """The newest message that has a component of this ``custom_id``, label or placeholder; who touches it; and it."""
    someone = user or (on.user if isinstance(on, Answer) else None)
    assert someone is not None, "who touches it?"
    messages = on.messages[::-1] if isinstance(on, Answer) else [on]
    every = [(message, component) for message in messages for _, component in walk(message.components)]
    for message, component in every:
        if what in {component.get("custom_id"), component.get("label"), component.get("placeholder")}:
            return message, someone, component
    names = [name for _, c in every if (name := c.get("label") or c.get("placeholder"))]
    raise AssertionError(f"nothing called {what} to touch; there are {names}")


def _filled(component: Json, values: Mapping[str, str]) -> Json:
    """A component of a form as it is sent back: labels and rows with what they hold, the rest by id."""
    shape: Json = {key: component[key] for key in ("id", "type", "custom_id") if key in component}
    shape.setdefault("id", 0)
    if "components" in component:
        shape["components"] = [_filled(inner, values) for inner in component["components"]]
    if "component" in component:
        shape["component"] = _filled(component["component"], values)
    if "custom_id" in component:
        given = values.get(component["custom_id"], component.get("value", ""))
        assert given or not component.get("required", True), f"{component['custom_id']} is required"
        assert len(given) <= component.get("max_length", 4000), f"{component['custom_id']} is too long"
        shape |= {"value": given} if component["type"] == 4 else {"values": [given] if given else []}
    return shape
