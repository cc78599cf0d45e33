"""How cards, posts and replies look on a terminal, drawn with rich. Pure: no printing, no state.

Texts become ``rich.text.Text`` after ``safe``, never markup, so that no title can colour, move or link anything.
"""

from collections.abc import Iterator, Sequence
from itertools import count
from urllib.parse import urlsplit

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.measure import Measurement
from rich.segment import Segment
from rich.style import Style
from rich.table import Table
from rich.text import Text

from adapters.text import one_line, safe, web
from bot.cards import Card, Link, Page, Post, Reply, Row, Tone

WIDEST = 100
"""Columns; longer lines are hard to read."""

_BAR = {"paper": "blue", "plain": "bright_black", "good": "green", "warning": "yellow", "error": "red"}
_BODY = {"error": "red", "good": "green"}
_DOT = " · "


def post_picture(post: Post, room: str = "") -> RenderableType:
    """A post; ``room`` stands above it: where it is, when that is not plain from what is on the screen."""
    head = (Text(f"{room} ·", "bold magenta") if room else None, _mentions(post.mentions))
    heading = Text(one_line(post.heading), "bold") if post.heading else None
    footer = Text(one_line(post.footer), "dim") if post.footer else None
    return _stack([*head, heading], [_Barred(_card(card, ()), card.tone) for card in post.cards], footer)


def reply_picture(reply: Reply) -> RenderableType:
    """An answer, its buttons numbered through all its cards: ``buttons(reply)`` has them in that order."""
    private = Text("only you", "dim italic") if reply.private else None
    numbers = count(1)
    lead = max((_lead(card.rows) for card in reply.cards), default=0)
    cards = [_Barred(_card(card, [next(numbers) for _ in card.buttons], lead), card.tone) for card in reply.cards]
    public = Text(one_line(reply.public), "magenta") if reply.public else None
    page = _page(reply.page)
    return _stack([private], cards, *([page] if page else []), *([public] if public else []))


def echo(line: str) -> RenderableType:
    """A line that came through a pipe, as if it had been typed."""
    return Text.assemble(("› ", "bold magenta"), one_line(line))


def fitting(parts: Sequence[str], width: int) -> str:
    """Parts on one line of ``width`` columns; without room the last are left out, but never the first two."""
    told = [part for part in parts if part]
    while len(told) > 2 and cell_len(_DOT.join(told)) > width:
        told.pop()
    return _DOT.join(told)


class _Verbatim:
    """Lines as they are, a little indented: never wrapped, cropped or padded, so that they can be copied whole."""

    def __init__(self, text: str) -> None:
        self.lines = safe(text).split("\n")

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        style = console.get_style("cyan")
        for line in self.lines:
            yield Segment(f"  {line}", style)
            yield Segment.line()


class _Barred:
    """Parts of a card behind a coloured bar as tall as they are. What is to be copied stands without it."""

    def __init__(self, parts: Iterator[RenderableType], tone: Tone) -> None:
        self.parts = list(parts)
        self.tone = tone

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = min(options.max_width, WIDEST)
        inner = options.update(width=max(width - 2, 10), height=None)
        bar = Segment("▎ ", console.get_style(_BAR[self.tone]))
        for part in self.parts:
            if isinstance(part, _Verbatim):
                yield part
                continue
            for line in console.render_lines(part, inner, pad=False):
                yield bar
                yield from Segment.simplify(line)
                yield Segment.line()


def _stack(head: Sequence[RenderableType | None], cards: Sequence[_Barred], *tail: RenderableType | None) -> Group:
    parts: list[RenderableType] = [part for part in head if part is not None]
    for card in cards:
        parts += [*([Text("")] if parts and card is not cards[0] else []), card]
    return Group(*parts, *(part for part in tail if part is not None), Text(""))


def _card(card: Card, numbers: Sequence[int], lead: int = 0) -> Iterator[RenderableType]:
    if card.label:
        yield Text(f" {one_line(card.label)} ", "bold black on yellow")
    if card.title:
        yield Text(one_line(card.title), Style(bold=True, link=web(card.url) or None))
    if told := [one_line(fact) for fact in (card.byline, *card.facts) if fact]:
        yield _Dotted([Text(fact, "dim") for fact in told])
    if card.body:
        yield Text(safe(card.body), _BODY.get(card.tone, ""))
    if card.body and card.body_origin:
        yield Text(one_line(card.body_origin), "dim italic")
    if card.matched:
        yield Text.assemble(("matched: ", "dim"), (one_line(card.matched), "green"))
    if card.rows:
        yield _Rows(card.rows, lead)
    if card.code:
        yield _Verbatim(card.code)
    yield from _below(card, numbers)


def _below(card: Card, numbers: Sequence[int]) -> Iterator[RenderableType]:
    if links := _links(card.links):
        yield _Dotted(links)
    if numbers:
        labels = (f"[{number}] {one_line(b.label)}" for number, b in zip(numbers, card.buttons, strict=True))
        yield Text("  ".join(labels), "cyan")
    if card.footer:
        yield Text(one_line(card.footer), "dim")


def _mentions(mentions: Sequence[str]) -> Text | None:
    return Text(" ".join(map(one_line, mentions)), "bold yellow") if mentions else None


def _links(links: Sequence[Link]) -> list[Text]:
    """Label and short address, both clickable; the label alone where the same page was just named."""
    told: set[tuple[str, str]] = set()
    shown = []
    for link in links:
        url = web(link.url)
        if url:
            parts = urlsplit(url)
            same = (parts.netloc, parts.path.rpartition("/")[2])
            address = "" if same in told else f" {_short(url)}"
            told.add(same)
            shown.append(Text(f"{one_line(link.label)}{address}", Style(color="bright_blue", link=url)))
    return shown


def _short(url: str) -> str:
    return url.partition("://")[2].removeprefix("www.").rstrip("/")


class _Dotted:
    """Short parts with dots between them, broken between parts: ``▲ 43 · 3 comments`` never after the 3."""

    def __init__(self, parts: Sequence[Text]) -> None:
        self.parts = parts

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        dot, line = Text(_DOT, "dim"), Text()
        for part in self.parts:
            if line and line.cell_len + cell_len(_DOT) + part.cell_len > options.max_width:
                yield line
                line = Text()
            line = Text.assemble(line, dot if line else "", part)
        yield line

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        widths = [part.cell_len for part in self.parts]
        whole = sum(widths) + cell_len(_DOT) * (len(widths) - 1)
        return Measurement(min(max(widths), options.max_width), min(whole, options.max_width))


def _lead(rows: Sequence[Row]) -> int:
    return max((cell_len(one_line(row.lead)) for row in rows), default=0)


class _Rows:
    """A list with its leads in a column; details in one too when they fit or the texts are mere names, else below.

    ``lead`` is how wide the leads of the lists beside it are, so that the numbers of an answer stand in one column.
    """

    def __init__(self, rows: Sequence[Row], lead: int) -> None:
        self.rows = rows
        self.lead = lead

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        wide = max(cell_len(one_line(row.text)) for row in self.rows)
        long = max(cell_len(one_line(row.detail)) for row in self.rows)
        lead = _lead(self.rows) and max(_lead(self.rows), self.lead)
        fits = lead + wide + long + 4 <= options.max_width
        beside = fits or (not lead and wide <= options.max_width // 3)
        table = Table.grid(padding=(0, 2 if beside else 1, 0, 0))
        if lead:
            table.add_column(justify="right", no_wrap=True, min_width=lead)
        for _ in range(1 + beside):
            table.add_column(overflow="fold")
        for row in self.rows:
            first = [Text(one_line(row.lead), "cyan")] if lead else []
            text = Text(one_line(row.text), Style(link=web(row.url) or None))
            detail = _Dotted([Text(part, "dim") for part in one_line(row.detail).split(_DOT)])
            both = [text, detail] if beside else [Group(text, detail) if row.detail else text]
            table.add_row(*first, *both)
        yield table


def _page(page: Page | None) -> Text | None:
    if page is None or page.total < 2:
        return None
    ways = [way for way, command in (("n next", page.next), ("p previous", page.previous)) if command]
    return Text(_DOT.join([f"{page.number}/{page.total}", *ways]), "dim")
