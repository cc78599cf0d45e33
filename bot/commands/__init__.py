"""Every command in one table, and the one door to them: ``handle``. What a command does is in its room.

Here lives what is the same for all of them: rights, rate, required options and choices, and which line mends a mistake.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from bot.cards import Reply, notice
from bot.commands import admin, channel, lookups, personal, values
from bot.commands import help as help_pages
from bot.commands.failures import broke, guarded, refusal
from bot.commands.offering import offers
from bot.commands.pasted import pasted
from bot.commands.reading import complete, read, suggest, way_out, write
from bot.commands.rights import is_flood, may_manage, may_mention, spend
from bot.commands.rooms import here
from bot.commands.sound import sound
from bot.commands.table import Command, Desk, Option
from bot.commands.waking import woken
from bot.commands.words import quoted
from bot.errors import CommandError, QueryError, ReadOnlyError
from bot.model import Request

__all__ = ["TABLE", "broke", "complete", "handle", "offers", "pasted", "read", "refusal", "write"]

TABLE: tuple[Command, ...] = (
    *lookups.COMMANDS,
    *help_pages.COMMANDS,
    *channel.COMMANDS,
    *personal.COMMANDS,
    *admin.COMMANDS,
)

_CHANNEL = re.compile(r"[<‹]#\w+(?:\|[^>›]*)?[>›]")


async def handle(desk: Desk, request: Request) -> Reply:
    """Answer one command. Never raises but for cancellation: every failure is a private reply with ``failed`` set."""
    command = _command(request)
    return await guarded(command.name if command else "unknown", request, _answer(desk, request))


async def _answer(desk: Desk, request: Request) -> Reply:
    try:
        return await _admitted(desk, request)
    except CommandError as error:
        raise _mended(desk, _whole(error, request)) from error
    except ReadOnlyError as error:
        raise _elsewhere(desk, request) from error


async def _admitted(desk: Desk, request: Request) -> Reply:
    command = _command(request)
    if command is None:
        raise CommandError(f'I do not know the command "{request.command}".', mended="/papers help")
    if request.unasked and is_flood(desk, request, "unasked"):
        return Reply(cards=(), failed=True)
    await spend(desk, request)
    if not await _may(desk, command, request):
        raise CommandError(_refused(command), mended=_for_yourself(command))
    options = _checked(command, request)
    if command.writes and (options or not command.options):
        if desk.read_only:
            raise _elsewhere(desk, request)
        if request.barred and command.posts:
            raise _barred(request, options)
    tried = await _tried(desk, request)
    try:
        reply = await command.run(desk, replace(request, options=options))
    except CommandError as error:
        reply = refusal(_mended(desk, _whole(error, request)))
    if command.share and _is_worth_sharing(request, reply):
        reply = replace(reply, share=_line(request))
    return replace(reply, cards=(*reply.cards, notice(tried))) if tried else reply


def _is_worth_sharing(request: Request, reply: Reply) -> bool:
    """Whether there is something to show, and somebody to show it to. An answer without a title found nothing."""
    found = reply.private and not reply.failed and any(card.title for card in reply.cards)
    return found and request.where.kind == "channel" and not request.barred


def _mended(desk: Desk, error: CommandError) -> CommandError:
    """The same, with an offer that works."""
    mended = sound(error.mended, desk.now(), desk.limits.query) if error.mended else ""
    return CommandError(str(error), mended=mended)


def _command(request: Request) -> Command | None:
    return next((c for c in TABLE if c.name == request.command), None)


def _elsewhere(desk: Desk, request: Request) -> CommandError:
    return CommandError(desk.full or f"Another Paperboy is running on this database. Type it there: {_line(request)}")


def _barred(request: Request, options: Mapping[str, str]) -> CommandError:
    """Nothing can be posted there; what somebody wanted to subscribe to can still come to them alone."""
    alert = next(c for c in TABLE if c.name == "alert add")
    same = {name: value for name, value in options.items() if alert.option(name)}
    return CommandError(request.barred, mended=write(alert, same) if "query" in same else "")


async def _tried(desk: Desk, request: Request) -> str:
    """Posting stopped because the platform refused it; whoever speaks there shows that it can be tried again."""
    if desk.read_only or request.barred:
        return ""
    target = await desk.store.subscriptions.find_target(here(request))
    return await woken(desk, target) if target else ""


def _line(request: Request) -> str:
    """The request as somebody would type it."""
    command = _command(request)
    return write(command, request.options) if command else f"/papers {request.command}"


def _whole(error: CommandError, request: Request) -> CommandError:
    """A query's or a value's error mends that alone; what is offered is always a whole command."""
    command = _command(request)
    if command is not None and isinstance(error, values.BadValueError):
        return CommandError(str(error), mended=_with_value(command, request, error))
    if command is not None and isinstance(error, values.BesideError):
        return _beside(command, request, error)
    option = next((o.name for o in command.options if o.kind == "query"), "") if command else ""
    if command is None or not option or not isinstance(error, QueryError):
        return error
    mended = write(command, {**request.options, option: error.mended}) if error.mended else "/papers help query"
    return CommandError(str(error), mended=mended)


def _beside(command: Command, request: Request, error: values.BesideError) -> CommandError:
    """Words beside a paper: more of an option that was given, a choice of one that was not, or nothing."""
    named = {o.name: value for o in command.options if o.kind == "paper" for value in (error.paper,)}
    kept = {name: value for name, value in request.options.items() if name not in named} | named
    open_ones = [o for o in command.options if o.kind == "text" and not o.required]
    given = next((o for o in open_ones if o.name in request.options), None)
    if given is not None:
        whole = f"{request.options[given.name]} {error.beside}"
        said = f"{error} In quotes it is one value: {given.name}:{quoted(whole)}"
        return CommandError(said, mended=write(command, {**kept, given.name: whole}))
    chosen = next((o for o in command.options if error.beside.strip().lower() in o.choices), None)
    option = chosen or next((o for o in (*open_ones, *command.options) if o.kind != "paper"), None)
    if option is None:
        return CommandError(str(error), mended=write(command, kept))
    value = error.beside.strip().lower() if chosen else quoted(error.beside) if option in open_ones else "…"
    said = f"{error} Options have names, such as {option.name}:{value}"
    return CommandError(said, mended=write(command, {**kept, option.name: value}) if chosen else way_out(command))


def _with_value(command: Command, request: Request, error: values.BadValueError) -> str:
    typed = error.typed.strip().lower()
    wrong = [name for name, value in request.options.items() if value.strip().lower() == typed]
    if not error.instead or not wrong:
        return way_out(command)
    return write(command, {**request.options, wrong[0]: error.instead})


# --- who may --------------------------------------------------------------------------------------------------------


async def _may(desk: Desk, command: Command, request: Request) -> bool:
    if command.needs == "nothing" or request.admin:
        return True
    if command.needs != "manager":
        return False
    # What administrators do stays with managers also where a space lets everybody manage subscriptions.
    return await (may_mention if command.room == "admin" else may_manage)(desk, request)


def _refused(command: Command) -> str:
    if command.needs == "admin":
        return "That is for administrators of this space. Ask one of them."
    if command.room == "admin":
        return "That is for managers of this channel. Ask one of them."
    return "That is for those who may manage this channel. Ask one of them, or get papers for yourself."


def _for_yourself(command: Command) -> str:
    return "/papers help alert" if command.needs == "manager" and command.room != "admin" else ""


# --- what was typed ---------------------------------------------------------------------------------------------------


def _checked(command: Command, request: Request) -> dict[str, str]:
    """The options with choices in the table's own spelling; raises for unknown, missing and impossible ones."""
    checked = {}
    for name, value in request.options.items():
        option = command.option(name)
        if option is None:
            raise CommandError(f'There is no option "{name}:" here.', mended=way_out(command))
        if option.kind == "query":
            _refuse_channel(command, name, value, request)
        checked[name] = _choice(command, option, value, request) if option.choices else value
    missing = [o for o in command.options if o.required and not checked.get(o.name, "").strip()]
    if missing:
        names = " and ".join(f"{o.name} ({o.help})" for o in missing)
        said = f"Something is missing: {names}. For example: {command.example}"
        raise CommandError(said, mended=way_out(command))
    return checked


def _refuse_channel(command: Command, name: str, query: str, request: Request) -> None:
    """Platforms turn ``#general`` into a reference; read as words it would be a number that no paper has."""
    if not _CHANNEL.search(query):
        return
    rest = " ".join(_CHANNEL.sub(" ", query).split())
    example = f": {write(command, {**request.options, name: rest})}" if rest else "."
    raise CommandError(f"That is a channel: type the command there{example}", mended=way_out(command))


def _choice(command: Command, option: Option, value: str, request: Request) -> str:
    word = value.strip().lower()
    if word in option.choices:
        return word
    meant = suggest(word, option.choices)
    hint = f" (did you mean {meant}?)" if meant else ""
    options = {**request.options, option.name: meant}
    if option.name == "confirm":
        del options["confirm"]  # a yes is never put into anybody's mouth
    mended = write(command, options) if meant else way_out(command)
    raise CommandError(f'{option.name}: can be {", ".join(option.choices)}, not "{value}"{hint}.', mended=mended)
