"""The orders of send and store of comparable bots in the place of ours, for what they lose on the same stand-ins.

Everything else is Paperboy's: the queue, the rates, the adapters, discord.py's own repeats of a request. Knows of no
test: ``take`` is called in a process that is about to be Paperboy.
"""

import asyncio
import secrets
from typing import Literal, get_args

from bot import deliver
from bot.deadline import within_deadline
from bot.deliver import Clock, Sender
from bot.errors import DeliveryError
from bot.model import Message, Outgoing, Receipt

Order = Literal["mark, then send", "send, then mark"]
TRIES = 3
_AT_ONCE = 0.1
"""Seconds between two tries of those that are made at once."""


def take(order: str) -> None:
    """Have this process send in that order."""
    assert order in get_args(Order), order
    senders: dict[str, type[Sender]] = {"mark, then send": MarkThenSend, "send, then mark": SendThenMark}
    deliver.Sender = senders[order]  # type: ignore[misc]  # in this process nobody is to have another


class MarkThenSend(Sender):
    """Noted as sent first, then three tries at once and none later.

    The order of healthchecks (``sendalerts.py``, https://github.com/healthchecks/healthchecks). Being asked to wait is
    no try here, which is kinder than most.
    """

    async def _bring(self, message: Message, clock: Clock) -> None:
        await self._store.outbox.sent(message.id, Receipt(""), clock())
        for _ in range(TRIES):
            try:
                await self._patiently(message)
            except DeliveryError:
                await asyncio.sleep(_AT_ONCE)
            else:
                return

    async def _patiently(self, message: Message) -> None:
        while True:
            try:
                await within_deadline(self._adapter.send(_nameless(message)), "ambiguous")
            except DeliveryError as error:
                if error.fault != "busy":
                    raise
                await asyncio.sleep(error.retry_after or 1)
            else:
                return


class SendThenMark(Sender):
    """Sent first, then noted as sent; what was not noted is sent again. No history is asked.

    The order of most outboxes, and of feed bots that note an entry as seen once it was posted.
    """

    async def _deliver(self, message: Message) -> Receipt:
        return await within_deadline(self._adapter.send(_nameless(message)), "ambiguous")


def _nameless(message: Message) -> Outgoing:
    """With another nonce at every try: discord.py makes a random one for whoever gives it none."""
    payload = message.plain if message.degraded else message.payload
    return Outgoing(
        where=message.address,
        payload=payload,
        nonce=secrets.token_hex(12),
        since=message.started,
        reply_to=message.reply_to,
    )
