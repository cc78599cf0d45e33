"""What a picture of a chat is made of: message bodies as they arrived, and what a reader has to know of each.

Values only: who plays them is in ``lab.py`` and ``scenes.py``, who draws them in ``discord_page.py`` and
``slack_page.py``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

WHO = "curator"
"""Who does everything in the pictures, and may."""

Surface = Literal["message", "reply", "person", "unfurl", "home", "form"]
"""``reply``: in the thread below what came before. ``person``: somebody's own words, in ``text``. ``unfurl``: below a
link of theirs. ``home`` and ``form``: Slack's App Home and its forms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One thing to look at. ``said`` is what was done to get it (``/papers today``), empty for what came unasked."""

    body: Mapping[str, Any]
    said: str = ""
    private: bool = False
    """Only who asked sees it."""
    edited: bool = False
    surface: Surface = "message"
