"""After the third step: a post is shown anew, once, when something worth showing came later. No SDK, no SQL.

Matching marks the messages (``match.is_telling``); here each is drawn with what is known now and put in the place of
what was sent. Nobody is notified, and nothing is lost where it fails: the message stays as it was.
"""

import asyncio
import logging

from bot import compose
from bot.errors import DeliveryError
from bot.model import Outgoing, Rework
from bot.ports import Adapter, Store

log = logging.getLogger(__name__)

AT_ONCE = 20
"""Messages shown anew in one step: editing never takes the platform's patience away from posting."""
DEADLINE = 10
"""Seconds one call to a platform may take."""
_LATER = {"busy", "temporary", "ambiguous", "credential"}
"""Failures that may be over at the next step. An edit can be repeated, so an unclear one is no worse."""


async def step(store: Store, adapter: Adapter, now: int) -> int:
    """Show anew what waits for it on one platform. Returns how many messages were. Raises ``StoreError``."""
    if not adapter.edit_window:
        return 0
    shown = 0
    for rework in await store.outbox.to_rework(adapter.name, now - adapter.edit_window, AT_ONCE):
        try:
            shown += await _show(store, adapter, rework)
        except DeliveryError as error:
            log.info("refresh.failed", extra={"id": rework.message, "error": str(error), "fault": error.fault})
            if error.fault in _LATER:
                break
            await store.outbox.reworked(rework.message, "")
    return shown


async def _show(store: Store, adapter: Adapter, rework: Rework) -> int:
    """Draw and send one. Raises ``DeliveryError``."""
    payload = adapter.render(compose.again(rework))
    where = rework.target.address
    message = Outgoing(where=where, payload=payload, nonce=rework.nonce, since=rework.created)
    try:
        async with asyncio.timeout(DEADLINE):
            await adapter.edit(message, rework.receipt)
    except TimeoutError as error:
        raise DeliveryError(f"no answer within {DEADLINE} seconds", fault="ambiguous") from error
    await store.outbox.reworked(rework.message, payload)
    log.info("refresh.shown", extra={"id": rework.message, "to": str(where)})
    return 1
