"""What discord.py logs of a connection that broke: one line a try, where it writes a traceback.

An hour without a network has hundreds of tries. Mistakes of code keep their tracebacks.
"""

import logging

import aiohttp
import discord

from adapters.discord.faults import named

_OUTAGES = (aiohttp.ClientError, discord.ConnectionClosed, discord.GatewayNotFound, discord.HTTPException, OSError)
"""With ``TimeoutError``, which is an ``OSError``."""


class OneLine(logging.Filter):
    """Passes everything on, an outage as a warning of one line."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, _OUTAGES):
            record.msg, record.args = f"{record.getMessage()}: {named(error)}", ()
            record.exc_info = record.exc_text = None
            record.levelno, record.levelname = logging.WARNING, "WARNING"
        return True


def hush() -> None:
    """From here on."""
    for name in ("discord.client", "discord.shard"):
        logger = logging.getLogger(name)
        if not any(isinstance(known, OneLine) for known in logger.filters):
            logger.addFilter(OneLine())
