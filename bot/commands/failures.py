"""What a failure says: the same private answer for every command and every platform."""

import logging
import secrets
from collections.abc import Awaitable

from bot.cards import Reply, error_card
from bot.commands.sound import sound
from bot.errors import CommandError, StoreError

log = logging.getLogger(__name__)


def refusal(error: CommandError) -> Reply:
    """How a user's mistake is answered, also one that an adapter's ``read`` raised: the text, and the way out."""
    mended = sound(error.mended) if error.mended else ""
    data = {"error": str(error), "mended": mended}
    return Reply(cards=(error_card(str(error), mended),), failed=True, data=data)


async def guarded(name: str, answer: Awaitable[Reply]) -> Reply:
    """The answer, or a private reply with ``failed`` set: nothing is raised but cancellation. The log gets ``name``."""
    try:
        return await answer
    except CommandError as error:
        return refusal(error)
    except StoreError as error:
        log.info("command.store_failed", extra={"command": name, "error": str(error)})
        return refusal(CommandError(str(error)))
    except Exception:
        ref = secrets.token_hex(2)
        log.exception("command.broke", extra={"ref": ref, "command": name})
        return refusal(CommandError(f"Something broke (ref {ref}). The log has the details under that reference."))
