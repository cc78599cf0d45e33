"""How an interaction is answered over REST: acknowledged at once, shown a moment later. Decides nothing.

https://docs.discord.com/developers/interactions/receiving-and-responding: the first answer within three seconds, the
rest within fifteen minutes; then the token is dead. What comes too late is logged and hurts nobody.
"""

import json
import logging
from collections.abc import Mapping, Sequence
from typing import Any

import aiohttp
import discord

from adapters.discord.faults import ALREADY_ANSWERED, STALE_TOKENS
from adapters.discord.render import Said
from adapters.discord.wire import Wire

log = logging.getLogger(__name__)

_LATER, _LATER_IN_PLACE, _CHOICES = 5, 6, 8
_EPHEMERAL = 64
_NOBODY: Mapping[str, Any] = {"allowed_mentions": {"parse": []}}
_EMPTY: Mapping[str, Any] = {"content": "", "embeds": [], "components": [], "attachments": []}
_UNREADABLE = frozenset({400, 413})


class Answer:
    """The answer to one interaction. ``private`` is how it is shown where nothing else is said."""

    def __init__(self, wire: Wire, interaction: "discord.Interaction[Any]", *, private: bool) -> None:
        self._wire = wire
        self._interaction = interaction
        self._private = private
        self._waits = False

    async def later(self, *, in_place: bool = False) -> bool:
        """Say that an answer comes, ``in_place`` for one that changes the pressed message. False when it is too late.

        Where the line breaks it is said once more: a second time is refused, so that nothing happens twice.
        """
        data = (
            {"type": _LATER_IN_PLACE} if in_place else {"type": _LATER, "data": {"flags": self._flags(self._private)}}
        )
        try:
            acknowledged = await self._acknowledge(data)
        except (aiohttp.ClientError, OSError, discord.DiscordServerError):
            acknowledged = await self._acknowledge(data)
        self._waits = acknowledged and not in_place
        return acknowledged

    async def choices(self, choices: Sequence[Mapping[str, Any]]) -> None:
        """What may be typed."""
        await self._acknowledge({"type": _CHOICES, "data": {"choices": list(choices)}})

    async def show(self, said: Said) -> None:
        """Fill in the answer that was promised, or change the pressed message."""
        self._waits = False
        await self._ask("PATCH", "/messages/@original", {**_EMPTY, **said.body}, said)

    async def add(self, said: Said, *, private: bool | None = None) -> None:
        """A further message; where an answer was promised and never shown, this would become it."""
        flags = int(said.body.get("flags") or 0) | self._flags(self._private if private is None else private)
        await self._ask("POST", "", {**said.body, "flags": flags}, said)

    async def without(self, custom_id: str) -> None:
        """Take a button away from the pressed message."""
        message = self._interaction.message
        rows: list[dict[str, Any]] = [dict(row.to_dict()) for row in message.components] if message else []
        kept = [{**row, "components": [c for c in row.get("components", ()) if c.get("custom_id") != custom_id]}
                for row in rows]  # fmt: skip
        await self._ask("PATCH", "/messages/@original", {"components": [r for r in kept if r["components"]]}, None)

    async def take_back(self) -> None:
        """An answer comes, but not where it was promised."""
        self._waits = False
        await self._ask("DELETE", "/messages/@original", None, None)

    async def tell(self, said: Said) -> None:
        """Show it privately wherever that still can be done; acknowledges where nothing else has."""
        await (self.show(said) if self._waits else self.add(said, private=True))

    async def _acknowledge(self, data: Mapping[str, Any]) -> bool:
        path = "/interactions/{webhook_id}/{webhook_token}/callback"
        ids = {"webhook_id": str(self._interaction.id), "webhook_token": self._interaction.token}
        try:
            await self._wire.answer(self._interaction.client, "POST", path, json=data, **ids)
        except discord.HTTPException as error:
            if error.code == ALREADY_ANSWERED:
                return True
            if error.code in STALE_TOKENS:
                log.warning("discord.too_late", extra={"id": self._interaction.id, "error": str(error)})
                return False
            raise
        return True

    async def _ask(self, method: str, path: str, body: Mapping[str, Any] | None, said: Said | None) -> None:
        ids = {"webhook_id": str(self._interaction.application_id), "webhook_token": self._interaction.token}
        more = {} if body is None else _packed({**_NOBODY, **body}, said)
        whole = "/webhooks/{webhook_id}/{webhook_token}" + path
        try:
            await self._wire.answer(self._interaction.client, method, whole, **ids, **more)
        except discord.HTTPException as error:
            if error.code in STALE_TOKENS:
                log.warning("discord.answer_too_late", extra={"id": self._interaction.id, "error": str(error)})
            else:
                raise

    @staticmethod
    def _flags(private: bool) -> int:
        return _EPHEMERAL if private else 0


def is_unreadable(error: Exception) -> bool:
    """Whether Discord refused what was said, and plainer words may pass."""
    return isinstance(error, discord.HTTPException) and error.status in _UNREADABLE


def _packed(body: Mapping[str, Any], said: Said | None) -> dict[str, Any]:
    """As JSON, or as a form where a file comes with it."""
    if said is None or said.file is None:
        return {"json": body}
    name, text = said.file
    whole = {**body, "attachments": [{"id": 0, "filename": name}]}
    field = {"name": "files[0]", "value": text.encode(), "filename": name, "content_type": "text/plain"}
    return {"form": [{"name": "payload_json", "value": json.dumps(whole)}, field]}
