"""What a failure says: the same private answer for every command and every platform, and a reference into the log.

Names of commands are logged and counted, never what somebody typed: a query can be nobody else's business.
"""

import logging
import secrets
from collections.abc import Awaitable

import bot.commands  # the table is looked up when something broke: the rooms in it import this file
from bot import meters
from bot.cards import Reply, error_card
from bot.commands.sound import sound
from bot.errors import CommandError, DeliveryError, PaperboyError, StoreError
from bot.model import Request

log = logging.getLogger(__name__)

_SAID = "Something broke (ref {}). The log has the details under that reference."
_NOT_STORED = "The database failed (ref {}), so nothing was done. Try again in a minute."
_OTHERS = {"pasted"}
"""What is answered as commands are and has no line in the table."""


def refusal(error: CommandError) -> Reply:
    """How a user's mistake is answered, also one that an adapter's ``read`` raised: the text, and the way out."""
    mended = sound(error.mended) if error.mended else ""
    data = {"error": str(error), "mended": mended}
    return Reply(cards=(error_card(str(error), mended),), failed=True, data=data)


def broke(event: str, error: Exception, *, command: str = "", platform: str, space: str = "", **more: object) -> str:
    """Log what was no mistake of the asker's under a new reference; the sentence with it, for them.

    ``command`` is empty where it was no command, or none was read yet: then nothing is counted. What we raised on
    purpose says all it knows; anything else is logged with its traceback.
    """
    ref = secrets.token_hex(2)
    kind = "store" if isinstance(error, StoreError) else "platform" if isinstance(error, DeliveryError) else "broke"
    command = _known(command)
    if command:
        meters.FAILED.labels(command, kind).inc()
    extra = {"ref": ref, "command": command, "platform": platform, "space": space, "error": str(error), **more}
    log.error(event, extra=extra, exc_info=None if isinstance(error, PaperboyError) else error)
    return (_NOT_STORED if kind == "store" else _SAID).format(ref)


def _known(name: str) -> str:
    """What the log and the meters may call it: a platform may hand us any name, and each label is kept for good."""
    known = name in {"", *_OTHERS} or any(command.name == name for command in bot.commands.TABLE)
    return name if known else "unknown"


async def guarded(name: str, request: Request, answer: Awaitable[Reply]) -> Reply:
    """The answer, or a private reply with ``failed`` set: nothing is raised but cancellation.

    ``name`` stands for it in the log and the meters: one of the table's, or one of few others.
    """
    said = {"command": name, "platform": request.where.platform, "space": request.where.space}
    with meters.COMMANDS.labels(name).time():
        try:
            reply = await answer
        except CommandError as error:
            reply = refusal(error)
        except StoreError as error:
            return refusal(CommandError(broke("command.not_stored", error, **said)))
        except Exception as error:
            return refusal(CommandError(broke("command.broke", error, **said)))
    if reply.failed:
        meters.FAILED.labels(name, "mistake").inc()
    return reply
