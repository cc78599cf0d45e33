"""The command line: arguments and environment in, exit code out. What is done is in ``app.py`` and ``jobs.py``.

0 done · 1 it could not be done · 2 wrong use or a wrong setting · 130 interrupted. Errors are one line on stderr.
"""

import argparse
import asyncio
import faulthandler
import json
import logging
import os
import sys
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from cryptography.fernet import Fernet
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from adapters import ADAPTERS
from bot import __version__, app, config, doctor, jobs, log, poll, setting_kinds
from bot.bot import PER_PLATFORM, ROLES, Clock
from bot.config import Settings
from bot.errors import ConfigError, PaperboyError
from bot.model import Finding, SourceHealth
from bot.phrases import plural
from bot.sources import SOURCES

DONE, FAILED, MISUSED, INTERRUPTED = 0, 1, 2, 130
DOTENV = Path(".env")


def system_clock() -> int:
    """The time in ms UTC."""
    return time.time_ns() // 1_000_000


def entry() -> NoReturn:
    """What ``paperboy`` and ``python -m bot`` run."""
    log.last_words()
    if sys.stderr is not None:
        faulthandler.enable()  # names of functions and files only, should the interpreter itself break
    code = main(sys.argv[1:], os.environ)
    try:
        if sys.stdout is not None:  # None when we were started with the output closed (``>&-``)
            sys.stdout.flush()
    except OSError as error:
        # What is left would fail once more, with a traceback, when the interpreter flushes it at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = code if isinstance(error, BrokenPipeError) else FAILED
    sys.exit(code)


def main(argv: Sequence[str], environ: Mapping[str, str], clock: Clock = system_clock) -> int:
    """Do what the arguments say and return the exit code. ``clock`` gives the time in ms UTC."""
    log.setup("WARNING", "text", sys.stderr, config.typed_secrets(environ))
    try:
        arguments = _parser().parse_args(argv)
        given = config.from_files(environ, DOTENV)
        log.setup("WARNING", "text", sys.stderr, config.typed_secrets(given))
        settings = config.read(given)
        log.setup(settings.log_level, settings.log_format, sys.stderr, config.secrets(settings))
        _at_home()
        code: int = asyncio.run(arguments.job(_Call(arguments, settings, clock)))
    except SystemExit as done:
        return int(done.code or DONE)
    except ConfigError as error:
        return _complain(str(error), MISUSED)
    except PaperboyError as error:
        return _complain(str(error), FAILED)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        return DONE  # whoever read our output has gone (paperboy do … | head): nothing is wrong
    except OSError as error:
        return _complain(f"{error.filename or 'the output'} could not be read or written: {error.strerror}.", FAILED)
    except Exception:
        logging.getLogger(__name__).critical("paperboy.crashed", exc_info=True)
        return _complain("a mistake of ours ended it; the line above tells where it happened.", FAILED)
    return code


def _at_home() -> None:
    """slack_sdk asks for the home folder when it is imported; a user whom the machine does not know has none."""
    try:
        Path.home()
    except RuntimeError:
        os.environ["HOME"] = os.sep


def _complain(text: str, code: int) -> int:
    print(f"paperboy: {text}", file=sys.stderr)
    return code


def _say(text: str) -> None:
    print(text, flush=True)


# --- jobs -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Call:
    arguments: argparse.Namespace
    settings: Settings
    clock: Clock


Job = Callable[[_Call], Coroutine[Any, Any, int]]


async def _run(call: _Call) -> int:
    roles = call.arguments.roles or ROLES
    if sys.stdout is not None and sys.stdout.isatty():
        _say("Reading the lists of new papers …")
    return await app.run(call.settings, roles, once=call.arguments.once, clock=call.clock, say=_say)


async def _do(call: _Call) -> int:
    said = call.arguments
    reply, terminal = await app.do(call.settings, said.text, said.user, said.channel, call.clock)
    if said.json:
        _say(json.dumps({"ok": not reply.failed, "data": reply.data}, ensure_ascii=False, indent=2))
    else:
        terminal.show(reply)
    return FAILED if reply.failed else DONE


async def _backfill(call: _Call) -> int:
    said = call.arguments
    last = poll.last_settled_day(call.clock())
    until = min(said.until or last, last)
    if said.since > until:
        raise ConfigError(f"--since {said.since} is after {until}, the newest day that is not left to the poll.")
    settings = replace(call.settings, sources=(said.source,))
    async with app.opened(settings, call.clock, roles=()) as bot:
        with _progress() as bar:
            task = bar.add_task(said.source, total=(until - said.since).days + 1)
            papers = await jobs.backfill(
                bot, said.source, said.since, until, lambda day, _: bar.update(task, advance=1, description=str(day))
            )
    _say(f"{said.source}: {plural(papers, 'paper')} from {said.since} to {until}.")
    return DONE


def _progress() -> Progress:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("days"),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=Console(stderr=True))


async def _export(call: _Call) -> int:
    async with app.opened(call.settings, call.clock, roles=(), read_only=True) as bot:
        said = await jobs.export(bot, call.arguments.file, partial(print, end=""))
    print(said, file=sys.stderr if call.arguments.file == jobs.OUTPUT else sys.stdout)
    return DONE


async def _import(call: _Call) -> int:
    async with app.opened(call.settings, call.clock, roles=()) as bot:
        lines, refused = await jobs.load(bot, call.arguments.file)
    for line in lines:
        _say(line)
    return FAILED if refused else DONE


async def _backup(call: _Call) -> int:
    async with app.opened(call.settings, call.clock, roles=(), read_only=True) as bot:
        await bot.store.backup(str(call.arguments.file))
    _say(f"{call.arguments.file}: a copy of {call.settings.database_path}.")
    return DONE


async def _doctor(call: _Call) -> int:
    findings = [*doctor.machine(call.settings), *doctor.files(DOTENV), doctor.clock(call.clock()), await doctor.pace()]
    health: list[SourceHealth] = []
    try:
        async with app.opened_to_look(call.settings, call.clock) as (bot, lacks):
            findings += doctor.unprepared(call.settings.database_path, lacks)
            health = await bot.store.papers.health()
            if app.is_made(call.settings.database_path):
                findings += await doctor.database(bot.store, call.clock())
            findings += doctor.reading(health, call.settings, call.clock())
            findings += [found async for found in doctor.sources(bot.sources)]
            findings += [found async for found in doctor.platforms(bot)]
    except PaperboyError as error:
        findings.append(Finding("bad", "database", str(error)))
    findings += await doctor.running(call.settings, expected=bool(health))
    for finding in findings:
        _say(str(finding))
    return FAILED if any(finding.level == "bad" for finding in findings) else DONE


async def _key(_call: _Call) -> int:
    _say(Fernet.generate_key().decode())
    return DONE


async def _manifest(call: _Call) -> int:
    from adapters.slack.manifest import manifest_text  # a job of one platform: nobody else waits for its import

    url, many = call.arguments.url or "", call.arguments.many
    if many and not url:
        raise ConfigError("--many needs --url: Slack and the workspaces reach Paperboy there.")
    _say(manifest_text("many" if many else "http" if url else "socket", url))
    return DONE


# --- arguments --------------------------------------------------------------------------------------------------------


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, as every other error does."""

    def error(self, message: str) -> NoReturn:
        raise ConfigError(f"{message}. See {self.prog} --help.")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="paperboy", description="Brings research papers to the people who want them.", allow_abbrev=False
    )
    parser.add_argument("--version", action="version", version=f"paperboy {__version__}")
    jobs_of = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=_Parser)

    run = _add(jobs_of, "run", _run, "poll, match, post and take commands, until the input ends")
    run.add_argument(
        "roles", nargs="*", metavar="ROLE", type=_role, help=f"only these of {', '.join(ROLES)} (default: all)"
    )
    run.add_argument("--once", action="store_true", help="do everything that is due once, take no commands, and end")

    do = _add(jobs_of, "do", _do, "answer one command and end")
    do.add_argument("text", metavar='"/papers …"', help="a command as people type it")
    do.add_argument("--json", action="store_true", help="answer in JSON, for scripts")
    do.add_argument("--user", type=_person, metavar="U", help="who asks (default: the owner, PAPERBOY_USER)")
    do.add_argument("--channel", type=_name, metavar="C", help="where, #nlp or @you (default: PAPERBOY_CHANNEL)")

    backfill = _add(jobs_of, "backfill", _backfill, "store past days, to search and preview; nothing is posted")
    backfill.add_argument("source", choices=[name for name in SOURCES if name != "sample"], metavar="SOURCE")
    backfill.add_argument("--since", type=_day, required=True, metavar="YYYY-MM-DD")
    backfill.add_argument(
        "--until", type=_day, metavar="YYYY-MM-DD", help="default: the newest day not left to the poll"
    )

    for name, job, text in (
        ("export", _export, "write all subscriptions to a TOML file, or with - to the output"),
        ("import", _import, "add the subscriptions of a TOML file"),
        ("backup", _backup, "copy the database, while it is in use or not"),
    ):
        _add(jobs_of, name, job, text).add_argument("file", type=Path, metavar="FILE")
    _add(jobs_of, "doctor", _doctor, "look at settings, database, sources and chats, and say what to mend")
    _add(jobs_of, "key", _key, "make a key for PAPERBOY_KEY")
    slack = _add(jobs_of, "slack", _manifest, "what Slack has to be told").add_subparsers(
        metavar="WHAT", required=True, parser_class=_Parser
    )
    manifest = _add(slack, "manifest", _manifest, "the app manifest to paste into Slack")
    manifest.add_argument(
        "--url", type=_https, metavar="https://…", help="for HTTP mode: where the world reaches Paperboy"
    )
    manifest.add_argument("--many", action="store_true", help="for many workspaces, which install it by themselves")
    return parser


def _add(jobs_of: Any, name: str, job: Job, text: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = jobs_of.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
    parser.set_defaults(job=job)
    return parser


def _role(text: str) -> str:
    """A role; ``deliver:slack`` and ``serve:slack`` are those of one platform."""
    role, colon, platform = text.partition(":")
    if role not in ROLES or (colon and (role not in PER_PLATFORM or platform not in ADAPTERS)):
        raise argparse.ArgumentTypeError(f'"{text}" is no role; there are {", ".join(ROLES)}, deliver:slack …')
    return text


def _https(text: str) -> str:
    try:
        url = setting_kinds.url(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f'"{text}": {error}') from error
    if not url.startswith("https://"):
        raise argparse.ArgumentTypeError(f'"{text}": it has to begin with https://, which Slack calls alone')
    return url


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f'"{text}" is no day; write it like 2026-11-23') from error


def _person(text: str) -> str:
    return _name(text.removeprefix("@"))


def _name(text: str) -> str:
    if not text or len(text) > 80 or not text.isprintable() or " " in text:
        raise argparse.ArgumentTypeError(f'"{text[:80]}" is no name: at most 80 characters, without spaces')
    return text


if __name__ == "__main__":
    entry()
