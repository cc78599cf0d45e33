"""The bolt app: which of Slack's payloads goes to which deed, acknowledged first, for Slack waits three seconds.

What the deeds are is in ``deeds.py``. Nothing here knows a command.
"""

import asyncio
import logging
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_bolt.response import BoltResponse

from adapters.slack import forms
from adapters.slack.api import Api, sdk_log
from adapters.slack.asked import Asked, asked, occurrence, reopened
from adapters.slack.buttons import press
from adapters.slack.comings import Comings
from adapters.slack.deeds import Deeds
from adapters.slack.faults import SlackError
from adapters.slack.workspaces import Workspace, Workspaces
from bot.cards import Reply
from bot.commands import broke, read, refusal
from bot.errors import CommandError

log = logging.getLogger(__name__)

SOON = 2.0
"""Seconds a form and its menus wait for what they show; Slack gives up after three."""
DRAIN = 3.0
"""Seconds that answers under way get at the end."""
_ANY = re.compile(r".*", re.DOTALL)
_SEEN = 5000

Body = dict[str, Any]
Deed = Callable[[AsyncAck, Body, AsyncBoltContext], Awaitable[None]]


class Listeners:
    """One bolt app. ``signing_secret`` is empty for Socket Mode, where nothing is signed."""

    def __init__(
        self, api: Api, workspaces: Workspaces, deeds: Deeds, comings: Comings, signing_secret: str = ""
    ) -> None:
        self._workspaces, self._deeds, self._comings = workspaces, deeds, comings
        self._seen = Seen()
        self._working: set[asyncio.Task[None]] = set()
        self.app = AsyncApp(
            logger=sdk_log(),
            name="paperboy",
            client=api.client(None),
            signing_secret=signing_secret,
            ssl_check_enabled=False,  # it would go by a token of the environment; see ``web.py``
            authorize=_Authorize(workspaces),  # type: ignore[arg-type]  # bolt takes its own class too
        )
        self._register()

    def _register(self) -> None:
        app = self.app
        app.use(self._once)
        app.command(_ANY)(self._listener("command", self._command))
        app.action(_ANY)(self._listener("action", self._action))
        app.options(_ANY)(self._listener("options", self._options, tells=False))
        app.view_submission(_ANY)(self._listener("form", self._submission))
        app.shortcut(_ANY)(self._listener("shortcut", self._shortcut))
        app.event("link_shared")(self._listener("links", self._link_shared, tells=False))
        app.event("app_home_opened")(self._listener("home", self._home_opened, tells=False))
        app.event("app_uninstalled")(self._listener("removed", self._removed, tells=False))
        app.event("tokens_revoked")(self._listener("revoked", self._revoked, tells=False))
        # Slack stops sending events to an app that leaves most of them unanswered.
        app.event(_ANY)(self._listener("event", _nothing, tells=False))

    async def drain(self) -> None:
        """Let what is under way end, for a few seconds."""
        if self._working:
            _, late = await asyncio.wait(self._working, timeout=DRAIN)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _listener(self, what: str, deed: Deed, *, tells: bool = True) -> Deed:
        """A deed as bolt runs it: whatever breaks is logged under a reference, which the person is told."""

        async def listener(ack: AsyncAck, body: Body, context: AsyncBoltContext) -> None:
            task = asyncio.current_task()
            self._working.add(task)  # type: ignore[arg-type]  # bolt runs listeners in tasks of their own
            try:
                await deed(ack, body, context)
            except Exception as error:
                command, space = _command_of(body), _team(body, context)
                said = broke("slack.deed_broke", error, command=command, platform="slack", space=space, what=what)
                await ack()
                if tells:
                    await self._tell(body, context, said)
            finally:
                self._working.discard(task)

        return listener

    async def _tell(self, body: Body, context: AsyncBoltContext, said: str) -> None:
        try:
            await self._deeds.give(*await self._who(body, context), refusal(CommandError(said)))
        except Exception as error:
            log.warning("slack.not_told", extra={"said": said, "error": str(error)})

    async def _who(self, body: Body, context: AsyncBoltContext) -> tuple[Workspace, Asked]:
        """Where it was said and by whom. Raises ``SlackError`` where Paperboy is not installed."""
        team, org_wide = _team(body, context), bool(context.is_enterprise_install)
        workspace = await self._workspaces.of(
            team, context.enterprise_id or "", org_wide=org_wide, learns=team in _told(body, context)
        )
        return workspace, asked(body, workspace.team)

    # --- what Slack tells ---------------------------------------------------------------------------------------------

    async def _once(self, body: Body, ack: AsyncAck, next: Callable[[], Awaitable[None]]) -> BoltResponse | None:
        """Slack tells again what it thinks was not heard. That happens within minutes, so memory is enough: after a
        restart a command may be answered twice, but what it writes is the same the second time.
        """
        if self._seen.before(occurrence(body)):
            return await ack()
        await next()
        return None

    async def _command(self, ack: AsyncAck, body: Body, context: AsyncBoltContext) -> None:
        await ack()
        await self._deeds.typed(*await self._who(body, context), _line(body))

    async def _action(self, ack: AsyncAck, body: Body, context: AsyncBoltContext) -> None:
        await ack()
        action: Mapping[str, Any] = next(iter(body.get("actions") or []), {})
        in_home = (body.get("view") or {}).get("type") == "home"
        await self._deeds.pressed(*await self._who(body, context), action, in_home=in_home)

    async def _options(self, ack: AsyncAck, body: Body, context: AsyncBoltContext) -> None:
        try:
            async with asyncio.timeout(SOON):
                offered = await self._deeds.offered(*await self._who(body, context), body)
        except TimeoutError:
            offered = {"options": []}
        await ack(offered)

    async def _submission(self, ack: AsyncAck, body: Body, context: AsyncBoltContext) -> None:
        """Closed at once where all is well, else it stays open and says why; a slow answer comes behind it."""
        running = asyncio.ensure_future(self._submitted(body, context))
        try:
            done, _ = await asyncio.wait({running}, timeout=SOON)
            if done and (refused := _why(running.result()[2])):
                await ack(forms.errors(body["view"], refused))
                return
            await ack()
            await self._deeds.show(*await running)
        finally:
            running.cancel()

    async def _submitted(self, body: Body, context: AsyncBoltContext) -> tuple[Workspace, Asked, Reply]:
        workspace, who = await self._who(body, context)
        name, options, kept = forms.submitted(body["view"])
        there = reopened(kept, who)
        return workspace, there, await self._deeds.run(workspace, there, name, options)

    async def _shortcut(self, ack: AsyncAck, body: Body, context: AsyncBoltContext) -> None:
        await ack()
        await self._deeds.looked_up(*await self._who(body, context), body.get("message") or {})

    async def _link_shared(self, _: AsyncAck, body: Body, context: AsyncBoltContext) -> None:
        await self._deeds.unfurled(*await self._who(body, context), body["event"])

    async def _home_opened(self, _: AsyncAck, body: Body, context: AsyncBoltContext) -> None:
        if body["event"].get("tab") == "home":
            await self._deeds.home(*await self._who(body, context))

    async def _removed(self, _: AsyncAck, body: Body, context: AsyncBoltContext) -> None:
        team = "" if context.is_enterprise_install else _team(body, context)
        at = body.get("event_time")
        await self._comings.removed(team, context.enterprise_id or "", at if isinstance(at, int) else 0)

    async def _revoked(self, ack: AsyncAck, body: Body, context: AsyncBoltContext) -> None:
        if (body["event"].get("tokens") or {}).get("bot"):
            await self._removed(ack, body, context)


async def _nothing(_: AsyncAck, __: Body, ___: AsyncBoltContext) -> None:
    """Heard, and nothing to do."""


def _team(body: Body, context: AsyncBoltContext) -> str:
    """The workspace it happened in. Events say of an installation for an organization only that there is none."""
    user = body.get("user")
    at_home = user.get("team_id") if isinstance(user, Mapping) else None
    return str(context.team_id or body.get("team_id") or at_home or "")


def _command_of(body: Body) -> str:
    """The name of the command that was given, for the log; empty where none can be read."""
    try:
        if body.get("type") == "view_submission":
            return forms.submitted(body["view"])[0]
        pressed = press(next(iter(body.get("actions") or []), {}))
        line = pressed.command if pressed else _line(body) if "command" in body else ""
        return read(line)[0].name if line else ""
    except Exception:  # what broke the deed may well break this
        return ""


def _line(body: Body) -> str:
    """A slash command as it was typed. Only the brand words mean something to the core, whatever a workspace has
    called the command.
    """
    brand = "/papers-admin" if str(body.get("command", "")).endswith("-admin") else "/papers"
    return f"{brand} {body.get('text') or ''}"


def _told(body: Body, context: AsyncBoltContext) -> set[str]:
    """The workspace that Slack itself says is one of the organization's; none where it says so of nobody.

    What is known of the person alone says nothing: somebody of another company may have pressed it.
    """
    team = body.get("team")
    place = (
        team if isinstance(team, Mapping) else {"id": body.get("team_id"), "enterprise_id": body.get("enterprise_id")}
    )
    theirs = body.get("is_ext_shared_channel") or place.get("enterprise_id") != context.enterprise_id
    return set() if theirs else {str(place.get("id") or "")}


def _why(reply: Reply) -> str:
    """Why a form was refused, empty where it was not."""
    return "\n".join(card.body for card in reply.cards if card.body) if reply.failed else ""


class Seen:
    """The last few thousand things that Slack told."""

    def __init__(self) -> None:
        self._names: OrderedDict[str, None] = OrderedDict()

    def before(self, name: str) -> bool:
        """Whether it was asked of this name already; never of an empty one."""
        known = name in self._names
        if name:
            self._names[name] = None
        if len(self._names) > _SEEN:
            self._names.popitem(last=False)
        return known


class _Authorize(AsyncAuthorize):
    """Tells bolt who our bot is where something happened, so that it hears nothing of what the bot does itself.

    Bolt asks before anything is acknowledged: so Slack is not asked here.
    """

    def __init__(self, workspaces: Workspaces) -> None:
        self._workspaces = workspaces

    async def __call__(
        self,
        *,
        context: AsyncBoltContext,
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None,
        **_: object,
    ) -> AuthorizeResult | None:
        try:
            found = await self._workspaces.bot(
                team_id or "", enterprise_id or "", org_wide=bool(context.is_enterprise_install)
            )
        except SlackError as error:
            log.warning("slack.stranger", extra={"space": team_id or enterprise_id, "error": str(error)})
            return None
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            user_id=user_id,
            bot_user_id=found.bot_user,
            bot_id=found.bot,
            bot_token=found.token,
        )
