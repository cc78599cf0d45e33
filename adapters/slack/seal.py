"""Secrets closed with the operator's keys, and signed states. No I/O. https://cryptography.io/en/latest/fernet/

The first key closes, all of them open: to change it, the new one is put in front of the old one.
"""

import secrets

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from bot.errors import ConfigError

STATE_SECONDS = 600
_STATE = "state:"


class Seal:
    """Raises ``ConfigError`` for keys that are none."""

    def __init__(self, keys: str) -> None:
        try:
            self._keys = [Fernet(key.strip()) for key in keys.split(",") if key.strip()]
            self._all = MultiFernet(self._keys)
        except (ValueError, TypeError):
            raise ConfigError("PAPERBOY_KEY is no key: paperboy key makes one.") from None

    def close(self, text: str) -> str:
        return self._all.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """Raises ``ConfigError`` when no key opens it."""
        try:
            return self._all.decrypt(sealed).decode()
        except InvalidToken:
            raise ConfigError(
                "PAPERBOY_KEY does not open the installations in the database: "
                "put the key they were sealed with behind the new one, with a comma."
            ) from None

    def is_old(self, sealed: str) -> bool:
        """Whether it was closed with another than the first key."""
        try:
            self._keys[0].decrypt(sealed)
        except InvalidToken:
            return True
        return False

    def new_state(self, now: int) -> str:
        """A text nobody can guess or make; ``now`` in ms. Nothing is kept of it, so asking for many fills nothing."""
        text = f"{_STATE}{secrets.token_urlsafe(16)}".encode()
        return self._keys[0].encrypt_at_time(text, now // 1000).decode().rstrip("=")

    def state(self, text: str, now: int) -> str:
        """The unique part of a state of ours that is still good, else empty. Whether it was used is not known here."""
        try:
            padded = text + "=" * (-len(text) % 4)
            opened = self._all.decrypt_at_time(padded, STATE_SECONDS, now // 1000).decode()
        except (InvalidToken, ValueError):
            return ""
        return opened.removeprefix(_STATE) if opened.startswith(_STATE) else ""
