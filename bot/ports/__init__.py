"""The seams: what the steps need from the outside, as Protocols with their contracts.

An implementation is found by name in ``app.py``. Every docstring says what may be raised; nothing else may be.
"""

from bot.ports.notes import Notes
from bot.ports.outbox import Outbox
from bot.ports.platforms import Adapter, Core, Handler, History, Line, Reach
from bot.ports.sources import Source
from bot.ports.store import Papers, People, Store, Subscriptions

__all__ = [
    "Adapter",
    "Core",
    "Handler",
    "History",
    "Line",
    "Notes",
    "Outbox",
    "Papers",
    "People",
    "Reach",
    "Source",
    "Store",
    "Subscriptions",
]
