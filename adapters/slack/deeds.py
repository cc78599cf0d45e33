"""What is done for somebody on Slack: commands run, buttons obeyed, forms opened, links unfolded, App Home filled.

Knows no payload but what ``asked.py`` read out of it, and no command but those that fill App Home.
"""

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from adapters.slack import forms, home, people, render
from adapters.slack.answers import Answers
from adapters.slack.api import Api
from adapters.slack.asked import Asked, pasted, reopened, typed
from adapters.slack.buttons import press
from adapters.slack.faults import SlackError
from adapters.slack.mrkdwn import unmarked
from adapters.slack.rights import Rights, matters
from adapters.slack.workspaces import Workspace
from bot.cards import Reply, notice
from bot.commands import TABLE, read, refusal
from bot.commands.table import Command
from bot.errors import CommandError
from bot.model import Request
from bot.ports import Core

log = logging.getLogger(__name__)

_LINKS = 5
_NO_PAPER = "I find no paper in this message: no arXiv id and no link to arXiv or Hugging Face."
_HOME = (("My alerts", "alert list"), ("Papers I watch", "watch list"), ("Saved papers", "saved list"),
         ("Settings", "me show"))  # fmt: skip


class Deeds:
    def __init__(self, api: Api, answers: Answers, rights: Rights, core: Core) -> None:
        self._api, self._answers, self._rights, self._core = api, answers, rights, core

    async def give(
        self, workspace: Workspace, asked: Asked, reply: Reply, *, turn: bool = False, shared: bool = False
    ) -> None:
        """See ``Answers.give``."""
        await self._answers.give(workspace, asked, reply, turn=turn, shared=shared)

    async def typed(self, workspace: Workspace, asked: Asked, line: str) -> None:
        """A slash command. One that has a form and was given bare opens it."""
        try:
            command, options = read(typed(line))
        except CommandError as error:
            await self.give(workspace, asked, refusal(error))
            return
        if not command.form or options:
            await self.give(workspace, asked, await self.run(workspace, asked, command.name, options))
            return
        # Bare, a command that asks for nothing says how things stand: that is what its form shows.
        stands = Reply(cards=())
        if not any(option.required for option in command.options):
            stands = await self.run(workspace, asked, command.name, {})
        if stands.failed or not await self._open(workspace, asked, command, _settings(stands)):
            shown = stands if stands.cards else await self.run(workspace, asked, command.name, {})
            await self.give(workspace, asked, shown)

    async def pressed(self, workspace: Workspace, asked: Asked, action: Mapping[str, Any], *, in_home: bool) -> None:
        """A button or a menu of ours. Anything else, such as a link that looks like a button, needs no answer."""
        pressed = press(action)
        if pressed is None:
            return
        try:
            command, options = read(pressed.command)
        except CommandError as error:
            await self.give(workspace, asked, refusal(error))
            return
        if pressed.verb == "form" and await self._open(workspace, asked, command, options):
            return
        reply = await self.run(workspace, asked, command.name, options)
        if in_home:
            await self.home(workspace, asked, reply)
        else:
            await self.give(workspace, asked, reply, turn=pressed.verb == "turn", shared=pressed.verb == "share")

    async def show(self, workspace: Workspace, asked: Asked, reply: Reply) -> None:
        """The answer to a form, where it was opened: in a channel, or in App Home, which is no channel."""
        if asked.channel:
            await self.give(workspace, asked, reply)
        else:
            await self.home(workspace, asked, reply)

    async def run(self, workspace: Workspace, asked: Asked, name: str, options: Mapping[str, str]) -> Reply:
        """The core's answer to a command, with names for ids."""
        command = next((c for c in TABLE if c.name == name), None)
        try:
            read = people.taken(command, options) if command else options
        except CommandError as error:
            return refusal(error)
        return await self._named(
            workspace, await self._core.handle(await self._request(workspace, asked, name, read, command))
        )

    async def _named(self, workspace: Workspace, reply: Reply) -> Reply:
        return people.told(reply, await self._rights.names(workspace, people.named_in(reply)))

    async def offered(self, workspace: Workspace, asked: Asked, payload: Mapping[str, Any]) -> dict[str, Any]:
        """What a menu of a form shows while somebody types. Raises ``ValueError`` for one that is none of ours."""
        name, option, text = forms.asked_offers(payload)
        _, given, kept = forms.submitted(payload.get("view") or {})
        request = Request(command=name, options=given, person=asked.person, where=reopened(kept, asked).where)
        offers = await self._core.offers(request, option, text)
        return forms.choices([replace(offer, label=unmarked(offer.label, {})) for offer in offers], text)

    async def looked_up(self, workspace: Workspace, asked: Asked, message: Mapping[str, Any]) -> None:
        """The papers named in somebody's message, for whoever wants to know."""
        request = Request(command="", person=asked.person, where=asked.where)
        reply = await self._core.pasted(request, pasted(message))
        await self.give(workspace, asked, reply if reply.cards else Reply(cards=(notice(_NO_PAPER),)))

    async def unfurled(self, workspace: Workspace, asked: Asked, event: Mapping[str, Any]) -> None:
        """Cards below the links of a person's message; nothing where no paper is found, and nothing for bots.

        Nobody asked for them, so they are none of anybody's commands; and everybody there sees them, so outside of
        channels they tell nothing of what the person has had.
        """
        if await self._rights.is_bot(workspace, asked.user):
            return
        request = Request(command="", person=asked.person, where=asked.where, unasked=True)
        unfurls: dict[str, Any] = {}
        for link in (event.get("links") or [])[:_LINKS]:
            reply = await self._core.pasted(request, str(link.get("url") or ""))
            if reply.cards and not reply.failed:
                unfurls[link["url"]] = render.unfurl(reply.cards[0])
        if unfurls:
            await self._api.write(workspace.token, "chat.unfurl", {**_message(event), "unfurls": unfurls})

    async def home(self, workspace: Workspace, asked: Asked, said: Reply | None = None) -> None:
        """Fill App Home; ``said`` is the answer to what was pressed there, on top."""
        parts = [("Just now", said)] if said else []
        for title, name in _HOME:
            request = Request(command=name, person=asked.person, where=asked.person.address, unasked=True)
            reply = await self._core.handle(request)
            if reply.failed and not reply.cards:
                return  # dropped: the page was opened too often, and stays as it is
            parts.append((title, await self._named(workspace, reply)))
        body = {"user_id": asked.user, "view": home.home(parts)}
        await self._api.write(workspace.token, "views.publish", body)

    async def _open(self, workspace: Workspace, asked: Asked, command: Command, options: Mapping[str, str]) -> bool:
        """Whether the form of a command was opened. It can be only in the first seconds."""
        view = forms.form(command, options, asked.kept())
        try:
            await self._api.write(workspace.token, "views.open", {"trigger_id": asked.trigger, "view": view})
        except SlackError as error:
            log.warning("slack.no_form", extra={"command": command.name, "error": str(error)})
            return False
        return True

    async def _request(
        self, workspace: Workspace, asked: Asked, name: str, options: Mapping[str, str], command: Command | None
    ) -> Request:
        standing = await self._rights.standing(workspace, asked, person=command is not None and matters(command))
        return Request(
            command=name,
            options=options,
            person=asked.person,
            where=asked.named(standing.name).where,
            manager=standing.manager,
            admin=standing.admin,
            guest=standing.guest,
            barred=standing.barred,
        )


def _settings(reply: Reply) -> dict[str, str]:
    """The options as they are set, where a reply tells them; a form leaves out what is none of its own."""
    told = reply.data.get("settings") if isinstance(reply.data, Mapping) else None
    return {str(name): str(value) for name, value in told.items()} if isinstance(told, Mapping) else {}


def _message(event: Mapping[str, Any]) -> dict[str, Any]:
    """How ``chat.unfurl`` wants the message named: the new way also works while it is still being written."""
    if event.get("unfurl_id") and event.get("source"):
        return {"unfurl_id": event["unfurl_id"], "source": event["source"]}
    return {"channel": event.get("channel"), "ts": event.get("message_ts")}
