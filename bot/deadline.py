"""One call to a platform, bounded: it ends in time, and in an error of ours. Knows no step and no store."""

import asyncio
import logging
from collections.abc import Awaitable
from typing import TypeVar

from bot.errors import DeliveryError, Fault, StoreError

log = logging.getLogger(__name__)

_T = TypeVar("_T")

DEADLINE = 10
"""Seconds one call may take: well inside a lease, so that nobody else takes the message meanwhile."""
BROKEN = "Paperboy made a mistake here, which its log has"


async def within_deadline(
    call: Awaitable[_T], unclear: Fault, broken: Fault | None = None, *, seconds: float = DEADLINE
) -> _T:
    """What the call returns. Raises ``DeliveryError``, ``StoreError``.

    ``unclear`` is the fault when it never ends, ``broken`` that of a mistake of ours (the same, unless given).
    """
    try:
        async with asyncio.timeout(seconds):
            return await call
    except TimeoutError as error:
        raise DeliveryError(f"no answer within {seconds:g} seconds", fault=unclear) from error
    except (DeliveryError, StoreError):
        raise
    except Exception as error:
        # A mistake of ours in an adapter: without a verdict the message would be tried for ever.
        log.exception("platform.broke")
        raise DeliveryError(f"{BROKEN} ({type(error).__name__}: {error})", fault=broken or unclear) from error
