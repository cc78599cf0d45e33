"""What people do in Discord, as requests to the core, and the core's replies as answers. Knows no command by name.

A button is its command, so buttons work after a restart. The tree of commands: ``tree.py``; how an answer travels:
``answers.py``; how it looks: ``render.py``.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

import discord

from adapters.discord import buttons, calling, people, render, rights, tree
from adapters.discord.answers import Answer, is_unreadable
from adapters.discord.escape import fitted, line, prose
from adapters.discord.faults import named
from adapters.discord.remembered import recall, remember
from adapters.discord.render import Said
from adapters.discord.rooms import kind_of
from adapters.discord.wire import Wire
from adapters.text import plain
from bot.cards import Reply, notice
from bot.commands import TABLE, broke, read, refusal
from bot.errors import CommandError
from bot.model import Address, Person, Request
from bot.ports import Core, Notes

log = logging.getLogger(__name__)

Interaction = discord.Interaction[Any]

FOREIGN: Final = (
    "I am not a member of this server, so I cannot post here. "
    "Add me to the server, or use /papers alert add for yourself."
)
GROUP: Final = "I cannot post in this conversation. Use /papers alert add to get papers for yourself."
TOO_OLD: Final = "This button is too old; type the command again."
NOTHING_NAMED: Final = "I find no paper in this message: no arXiv id and no link to arXiv or Hugging Face."
NOT_HERE: Final = "I may not post in this channel, so this cannot be shared here."
SHARED: Final = "This is shared already."
NOBODY = frozenset({"", "off", "none"})
"""What is written where nobody shall be mentioned."""
_MOST_SHARED = 1_000
OFFERS_WITHIN = 2.0
"""Seconds: suggestions that come after three are not shown."""
_MOST_PLAIN = 1_900
_MESSAGE_MENU = 3


class Once:
    """Names that were seen; the oldest is forgotten when there are too many."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._seen: dict[str, None] = {}

    def add(self, name: str) -> bool:
        """Whether it is new."""
        if name in self._seen:
            return False
        self._seen[name] = None
        if len(self._seen) > self._most:
            self._seen.pop(next(iter(self._seen)))
        return True


class Interactions:
    """Answers interactions, one call of ``answer`` each."""

    def __init__(self, wire: Wire, core: Core, notes: Notes, clock: Callable[[], int]) -> None:
        self._wire = wire
        self._core = core
        self._notes = notes
        self._clock = clock
        self._shared = Once(_MOST_SHARED)

    async def answer(self, interaction: Interaction) -> None:
        """Take it to its answer. Whatever goes wrong, somebody is told something, if Discord still lets us."""
        answer = Answer(self._wire, interaction, private=not _is_own_room(interaction))
        try:
            await self._route(interaction, answer)
        except Exception as error:
            command, space = _command_of(interaction), str(interaction.guild_id or "")
            said = {"command": command, "platform": "discord", "space": space}
            await self._apologize(answer, broke("discord.interaction_broke", error, **said, id=interaction.id))

    async def _route(self, interaction: Interaction, answer: Answer) -> None:
        data: Mapping[str, Any] = interaction.data or {}
        kinds = discord.InteractionType
        if interaction.type is kinds.autocomplete:
            await self._offer(interaction, data, answer)
        elif interaction.type is kinds.component:
            await self._pressed(interaction, data, answer)
        elif interaction.type is kinds.application_command and data.get("type") == _MESSAGE_MENU:
            await self._look_up(interaction, data, answer)
        elif interaction.type is kinds.application_command:
            command, options, _ = tree.asked(data, TABLE)
            if await answer.later():
                await self._say(interaction, answer, await self._handle(interaction, command, options))

    # --- typed --------------------------------------------------------------------------------------------------------

    async def _offer(self, interaction: Interaction, data: Mapping[str, Any], answer: Answer) -> None:
        command, options, focused = tree.asked(data, TABLE)
        typed = options.pop(focused or "", "")
        offers = []
        try:
            async with asyncio.timeout(OFFERS_WITHIN):
                offers = await self._core.offers(asked(interaction, command, options), focused or "", typed)
        except TimeoutError:
            log.info("discord.offers_late", extra={"command": command, "option": focused})
        await answer.choices(render.choices(offers))

    async def _look_up(self, interaction: Interaction, data: Mapping[str, Any], answer: Answer) -> None:
        if not await answer.later():
            return
        messages = data.get("resolved", {}).get("messages", {})
        text = "\n".join(_words(messages.get(str(data.get("target_id")), {})))
        reply = await self._core.pasted(asked(interaction, "", {}), text)
        await self._say(interaction, answer, reply if reply.cards else Reply(cards=(notice(NOTHING_NAMED),)))

    # --- pressed ------------------------------------------------------------------------------------------------------

    async def _pressed(self, interaction: Interaction, data: Mapping[str, Any], answer: Answer) -> None:
        press = buttons.press(str(data.get("custom_id", "")))
        if press and press.verb == "pick":
            press = buttons.picked(str((data.get("values") or [""])[0]))
        verb = press.verb if press else "run"
        if not await answer.later(in_place=verb in {"turn", "share"}):
            return
        command = await self._command(press, str(interaction.user.id))
        if not command:
            await answer.tell(_noted(TOO_OLD))
        elif verb == "ask":
            question = render.question(_label(interaction), command)
            await remember(self._notes, question.long, self._clock(), str(interaction.user.id))
            await answer.show(question)
        elif verb == "share":
            await self._share(interaction, answer, command)
        elif verb == "turn":
            await self._turn(interaction, answer, await self._run(interaction, command))
        else:
            await self._say(interaction, answer, await self._run(interaction, command))

    async def _command(self, press: buttons.Press | None, person: str) -> str | None:
        """The whole command behind a button, remembered where it did not fit; None when it is not known any more."""
        if press is None or not press.key:
            return press.command if press else None
        return await recall(self._notes, press.key, person)

    async def _run(self, interaction: Interaction, text: str) -> Reply:
        try:
            command, options = read(text)
        except CommandError as error:
            return refusal(error)
        return await self._handle(interaction, command.name, options)

    async def _handle(self, interaction: Interaction, command: str, options: Mapping[str, str]) -> Reply:
        """The core's reply, told by names. Whom to mention is looked up before, as only Discord knows."""
        given, warning = dict(options), ""
        if options.get("mention", "").strip().lower() not in NOBODY:
            try:
                given["mention"], warning = await calling.checked(self._wire, interaction, options["mention"])
            except CommandError as error:
                return refusal(error)
        reply = people.told(await self._core.handle(asked(interaction, command, given)))
        more = (notice(warning, "warning"),) if warning and not reply.failed else ()
        return replace(reply, cards=(*reply.cards, *more))

    async def _share(self, interaction: Interaction, answer: Answer, text: str) -> None:
        """For everybody here, once; a refusal stays between us."""
        if not _may_speak(interaction):
            await answer.tell(_noted(NOT_HERE))
            return
        if not self._shared.add(str(interaction.message.id if interaction.message else 0)):
            await answer.tell(_noted(SHARED))
            return
        reply = await self._run(interaction, text)
        if reply.failed:
            await answer.tell((await self._rendered(interaction, replace(reply, share="")))[0])
            return
        by = f"-# shared by {line(interaction.user.display_name)}"
        await self._publish(answer, reply, by)
        await answer.without(_pressed_id(interaction))

    async def _turn(self, interaction: Interaction, answer: Answer, reply: Reply) -> None:
        first, *_ = await self._rendered(interaction, reply)
        await (answer.tell(first) if reply.failed else answer.show(first))

    # --- said ---------------------------------------------------------------------------------------------------------

    async def _say(self, interaction: Interaction, answer: Answer, reply: Reply) -> None:
        """The reply to the one who asked, and its line for the channel where there is one."""
        if not reply.private and _may_speak(interaction) and not _is_own_room(interaction):
            await answer.take_back()
            await self._publish(answer, reply)
        else:
            await self._show(interaction, answer, reply)
        if reply.public and interaction.guild_id and _may_speak(interaction):
            await answer.add(Said(render.notice(reply.public)), private=False)

    async def _publish(self, answer: Answer, reply: Reply, by: str = "") -> None:
        """For everybody here. Its pages and its sharing would be one person's, so it has neither."""
        first, *more = await self._remembered(replace(reply, share="", page=None, private=False), "")
        headed = replace(first, body={**first.body, "content": by}) if by else first
        try:
            for said in (headed, *more):
                await answer.add(said, private=False)
        except discord.HTTPException as error:
            if not is_unreadable(error):
                raise
            log.exception("discord.answer_refused")
            await answer.add(_noted(plain(replace(reply, private=False, public="", page=None))), private=False)

    async def _show(self, interaction: Interaction, answer: Answer, reply: Reply) -> None:
        first, *more = await self._rendered(interaction, reply)
        try:
            await answer.show(first)
            for said in more:
                await answer.add(said)
        except discord.HTTPException as error:
            if not is_unreadable(error):
                raise
            log.exception("discord.answer_refused")
            await answer.show(_noted(plain(replace(reply, private=False, public=""))))

    async def _rendered(self, interaction: Interaction, reply: Reply) -> list[Said]:
        """The messages of a reply to the one who asked; sharing is offered where others are and may see it."""
        can_share = _may_speak(interaction) and not _is_own_room(interaction)
        shown = reply if can_share else replace(reply, share="")
        return await self._remembered(shown, str(interaction.user.id))

    async def _remembered(self, reply: Reply, person: str) -> list[Said]:
        """The messages of a reply; commands too long for a button are remembered before somebody can press it."""
        said = render.answer(reply)
        for each in said:
            await remember(self._notes, each.long, self._clock(), person)
        return said

    async def _apologize(self, answer: Answer, said: str) -> None:
        try:
            await answer.tell(_noted(said))
        except Exception as error:
            log.warning("discord.not_told", extra={"said": said, "error": named(error)})


# --- who and where ----------------------------------------------------------------------------------------------------


def asked(interaction: Interaction, command: str, options: Mapping[str, str]) -> Request:
    """The request of somebody who did something in Discord, with what Discord says of their rights."""
    user, granted = interaction.user, interaction.permissions
    admin = bool(granted.administrator or granted.manage_guild)
    return Request(
        command=command,
        options=options,
        person=Person("discord", "", str(user.id), user.display_name),
        where=_where(interaction),
        manager=admin or granted.manage_channels,
        admin=admin,
        barred=_barred(interaction),
    )


def _where(interaction: Interaction) -> Address:
    """The channel; in a post of a forum, the forum: nobody can type a command anywhere else in it."""
    if _is_own_room(interaction):
        return Address("discord", "", str(interaction.user.id), "person")
    room = _room(interaction)
    name = str(getattr(room, "name", "") or "")
    return Address("discord", str(interaction.guild_id or ""), str(room.id if room else 0), "channel", name)


def _room(interaction: Interaction) -> Any:
    channel = interaction.channel
    forum = channel.parent if isinstance(channel, discord.Thread) else None
    return forum if isinstance(forum, discord.ForumChannel) else channel


def _is_own_room(interaction: Interaction) -> bool:
    """Whether somebody speaks with Paperboy alone."""
    return not interaction.guild_id and not interaction.context.private_channel


def _barred(interaction: Interaction) -> str:
    if _is_own_room(interaction):
        return ""
    if not interaction.guild_id:
        return GROUP
    if not interaction.is_guild_integration():
        return FOREIGN
    lacking = _lacking(interaction)
    if not lacking:
        return ""
    return f"I may not post here: allow me {', '.join(lacking)} in the channel's settings under Permissions."


def _lacking(interaction: Interaction) -> list[str]:
    room = _room(interaction)
    return rights.missing(kind_of(room.type.value) if room else "text", interaction.app_permissions)


def _may_speak(interaction: Interaction) -> bool:
    """Whether others here may see what Paperboy says."""
    return _is_own_room(interaction) or (interaction.is_guild_integration() and not _lacking(interaction))


# --- texts ------------------------------------------------------------------------------------------------------------


def _words(message: Mapping[str, Any]) -> list[str]:
    """Everything in a message that may name a paper."""
    embeds = message.get("embeds") or ()
    parts = (embed.get(part) or "" for embed in embeds for part in ("url", "title", "description"))
    return [text for text in (message.get("content") or "", *parts) if text]


def _noted(text: str) -> Said:
    return Said({"content": fitted(text, _MOST_PLAIN, prose)})


def _label(interaction: Interaction) -> str:
    """What stands on the pressed button."""
    name = _pressed_id(interaction)
    rows = interaction.message.components if interaction.message else []
    buttons_there = (b for row in rows if isinstance(row, discord.ActionRow) for b in row.children)
    labels = (b.label for b in buttons_there if isinstance(b, discord.Button) and b.custom_id == name)
    return next((label for label in labels if label), "Do it")


def _command_of(interaction: Interaction) -> str:
    """The name of the command that was given, for the log; empty where none can be read."""
    data: Mapping[str, Any] = interaction.data or {}
    try:
        if interaction.type is not discord.InteractionType.component:
            return tree.asked(data, TABLE)[0]
        press = buttons.press(_pressed_id(interaction))
        return read(press.command)[0].name if press and press.command else ""
    except Exception:  # what broke the answer may well break this
        return ""


def _pressed_id(interaction: Interaction) -> str:
    data: Mapping[str, Any] = interaction.data or {}
    return str(data.get("custom_id", ""))
