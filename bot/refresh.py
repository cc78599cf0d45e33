"""After the third step: a post is shown anew, once, when something worth showing came later. No SDK, no SQL.

Matching marks the messages (``match.is_telling``); here each is drawn with what is known now and put in the place of
what was sent. Nobody is notified, and nothing is lost where it fails: the message stays as it was.
"""

import logging

from bot import compose
from bot.deadline import within_deadline
from bot.errors import DeliveryError
from bot.model import Outgoing, Rework
from bot.ports import Adapter, Store

log = logging.getLogger(__name__)

AT_ONCE = 20
"""Messages shown anew in one step: one after the other, so that editing is never more than one request at a time."""
_LATER = {"busy", "temporary", "ambiguous", "credential"}
"""Failures that may be over at the next step. An edit can be repeated, so an unclear one is no worse."""


async def step(store: Store, adapter: Adapter, now: int) -> int:
    """Show anew what waits for it on one platform. Returns how many messages were. Raises ``StoreError``."""
    if not adapter.edit_window:
        return 0
    shown = 0
    for rework in await store.outbox.to_rework(adapter.name, now - adapter.edit_window, AT_ONCE):
        try:
            await _show(store, adapter, rework)
            shown += 1
        except DeliveryError as error:
            log.info("refresh.failed", extra={"id": rework.message, "error": str(error), "fault": error.fault})
            if error.fault == "credential":
                break
            if error.fault not in _LATER:
                await store.outbox.reworked(rework.message, "")
    return shown


async def _show(store: Store, adapter: Adapter, rework: Rework) -> None:
    """Draw and send one. Raises ``DeliveryError``; a mistake of ours is one too, and the message stays as it was."""
    where = rework.target.address

    async def edit() -> str:
        payload = adapter.render(compose.again(rework))
        await adapter.edit(Outgoing(where=where, payload=payload, nonce=rework.nonce), rework.receipt)
        return payload

    payload = await within_deadline(edit(), "ambiguous", broken="payload")
    await store.outbox.reworked(rework.message, payload)
    log.info("refresh.shown", extra={"id": rework.message, "to": str(where)})
