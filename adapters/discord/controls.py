"""The rows below a message: a menu of papers, buttons, and the way through a long answer. Pure.

What a button carries is in ``buttons.py``; which cards share a message is decided in ``render.py``.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Any

from adapters.discord import buttons
from adapters.discord.escape import fitted
from adapters.text import one_line
from bot.cards import Button, Card, Page

Parts = list[dict[str, Any]]

LABEL, OPTION, PLACEHOLDER = 80, 100, 150
ROWS, IN_A_ROW, OPTIONS = 5, 5, 25
"""https://docs.discord.com/developers/components/reference: rows of a message, buttons of a row, options of a menu."""
_ROW, _BUTTON, _MENU = 1, 2, 3
_BLUE, _GREY, _RED = 1, 2, 4
_OPENS = "/papers show "


def controls(cards: Sequence[Card], page: Page | None = None, share: str = "") -> tuple[Parts, dict[str, str]]:
    """The rows below these cards, and the commands that are too long to be carried, by their key."""
    numbers = count()
    several = sum(bool(card.title and card.buttons) for card in cards) > 1
    entries = dict(_entries(cards, several))
    pressed = [(b, c) for c in cards if not (several and c.title) for b in c.buttons]
    made = [*_menus(entries, numbers)][:2]
    acting = [_button(b, c, next(numbers)) for b, c in pressed]
    turning, sharing = _turning(page, numbers), _sharing(share, numbers)
    last = [*turning, *sharing] if turning or not len(acting) % IN_A_ROW > 0 else []
    made += _rows(acting if last else [*acting, *sharing])
    rows = [*made[: ROWS - bool(last)], *([_row(last)] if last else [])]
    carried = [_carried(b) for b, _ in pressed] + ([page.previous, page.next] if page else []) + [share]
    return rows, buttons.too_long(carried) | buttons.too_long(entries, menu=True)


def _entries(cards: Sequence[Card], several: bool) -> Iterator[tuple[str, tuple[str, str]]]:
    """By command, what the menu says of it: the rows that can be opened, and papers that share the message."""
    for card in cards:
        if several and card.title and card.buttons:
            yield _opening(card.buttons).command, (card.title, " · ".join((card.byline, *card.facts)))
        for row in card.rows:
            if row.command:
                yield row.command, (f"{row.lead} {row.text}" if row.lead != "▪" else row.text, row.detail)


def _opening(offered: Sequence[Button]) -> Button:
    return next((b for b in offered if b.command.startswith(_OPENS)), offered[0])


def _menus(entries: Mapping[str, tuple[str, str]], numbers: "count[int]") -> Iterator[dict[str, Any]]:
    options = [_option(command, *said) for command, said in entries.items()]
    papers = all(command.startswith(_OPENS) for command in entries)
    for start in range(0, len(options), OPTIONS):
        menu = {
            "type": _MENU,
            "custom_id": buttons.custom_id("pick", "", next(numbers)),
            "placeholder": "Open a paper…" if papers else "Open…",
            "options": options[start : start + OPTIONS],
        }
        yield _row([menu])


def _option(command: str, label: str, detail: str) -> dict[str, Any]:
    said = fitted(one_line(label), OPTION, str) or "…"
    more = fitted(one_line(detail), OPTION, str)
    return {"label": said, "value": buttons.value(command), **({"description": more} if more else {})}


def _button(button: Button, card: Card, number: int) -> dict[str, Any]:
    style = _RED if button.confirm else _BLUE if card.tone == "error" else _GREY
    verb: buttons.Verb = "ask" if button.confirm else "run"
    return _made(button.label or button.command, buttons.custom_id(verb, _carried(button), number), style)


def _carried(button: Button) -> str:
    """The command, and on a line of its own what is asked first: two lines never fit and are always remembered."""
    return f"{button.command}\n{one_line(button.confirm)}" if button.confirm else button.command


def _made(label: str, name: str, style: int = _GREY, **more: bool) -> dict[str, Any]:
    said = fitted(one_line(label), LABEL, str) or "…"
    return {"type": _BUTTON, "style": style, "label": said, "custom_id": name, **more}


def _turning(page: Page | None, numbers: "count[int]") -> Parts:
    """Both ways and where we are. A way that ends is shown and cannot be pressed, so that nothing jumps."""
    if page is None or page.total < 2:
        return []
    ways = (("◀", page.previous), (f"{page.number}/{page.total}", ""), ("▶", page.next))
    return [_made(label, buttons.custom_id("turn", command, next(numbers)), disabled=not command)
            for label, command in ways]  # fmt: skip


def _sharing(share: str, numbers: "count[int]") -> Parts:
    return [_made("Share to channel", buttons.custom_id("share", share, next(numbers)))] if share else []


def _rows(made: Parts) -> Parts:
    return [_row(made[start : start + IN_A_ROW]) for start in range(0, len(made), IN_A_ROW)]


def _row(parts: Parts) -> dict[str, Any]:
    return {"type": _ROW, "components": parts}
