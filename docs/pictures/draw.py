"""The pictures of the documents: a session on the bundled sample edition, drawn by the terminal platform itself.

``make pictures`` writes them anew, beside this file. The clock is put to the week of the sample, one list a day, so
that they show what a reader of that week would have seen; nothing else is staged. The same code draws the same bytes.
What is typed for a picture stands in ``SCENES``; how it looks is decided in ``adapters/terminal/screen.py``.
"""

import asyncio
import io
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from rich.console import Console

from adapters.terminal import Terminal
from bot import app, commands, config
from bot.bot import Bot, Door

WIDTH = 100
FIRST, LAST = date(2026, 7, 6), date(2026, 7, 10)
HOUR = 16
"""When a day's list is read, in UTC."""

SUBSCRIBE = '/papers subscribe "video generation" OR "world model"'
SCENES: Mapping[str, Sequence[str]] = {
    "today": ["/papers today top:5"],
    "search": ["/papers search world model"],
    "show": ["/papers show 2607.08758"],
    "preview": ["/papers preview agent votes>=5"],
    "why": ["/papers why 2607.03118", "/papers why 2607.08758"],
    "subscriptions": ["/papers subscribe agent -survey votes>=10 every:daily at:09:00", "/papers subscriptions"],
    "mended": ['/papers subscribe auther:"Y. LeCun" -survey', "1"],
    "help": ["/papers help"],
    "status": ["/papers status"],
}
"""Typed one after the other on the last day, in this order: a later picture knows what an earlier one did."""

FONT = "'DejaVu Sans Mono', Menlo, Consolas, monospace"
# rich's own frame loads a font from elsewhere, which no picture in a repository should.
FRAME = f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {{width}} {{height}}" role="img">
<style>
.{{unique_id}}-matrix {{{{ font-family: {FONT}; font-size: {{char_height}}px; line-height: {{line_height}}px; }}}}
.{{unique_id}}-title {{{{ font-family: {FONT}; font-size: 18px; }}}}
{{styles}}
</style>
<defs>
<clipPath id="{{unique_id}}-clip-terminal"><rect width="{{terminal_width}}" height="{{terminal_height}}"/></clipPath>
{{lines}}
</defs>
{{chrome}}
<g transform="translate({{terminal_x}}, {{terminal_y}})" clip-path="url(#{{unique_id}}-clip-terminal)">
{{backgrounds}}
<g class="{{unique_id}}-matrix" xml:space="preserve">
{{matrix}}
</g>
</g>
</svg>
"""


class Studio:
    """A whole Paperboy without network, a clock that is moved by hand, and a console that remembers what it showed."""

    def __init__(self, bot: Bot, folder: Path) -> None:
        self.bot = bot
        self.transcript = folder / "transcript.jsonl"
        self.console = Console(
            record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor"
        )

        # Posts and answers go to one console, whoever of them draws.
        bot.adapters["terminal"] = self._terminal([])

    async def typed(self, lines: Sequence[str]) -> None:
        """Answer lines as if they came from the keyboard."""
        await self._terminal(lines).run(Door(self.bot, "terminal"))

    def _terminal(self, lines: Sequence[str]) -> Terminal:
        return Terminal(
            self.transcript,
            read=_read,
            user=self.bot.settings.user,
            room=self.bot.settings.channel,
            stdin=io.StringIO("\n".join(lines)),
            console=self.console,
            clock=self.bot.clock,
        )

    async def read_list(self, day: date) -> None:
        """What a poll of that day would have brought: the sample's own poll brings its whole week."""
        edition = await self.bot.sources["sample"].edition(day)
        await self.bot.store.papers.ingest(edition, self.bot.clock())
        await self.bot.beat()

    def save(self, name: str, title: str) -> None:
        """Everything shown since the last picture."""
        svg = self.console.export_svg(title=title, code_format=FRAME, unique_id=name, font_aspect_ratio=0.602)
        (Path(__file__).parent / f"{name}.svg").write_text(_tidy(svg), encoding="utf-8")


def _read(text: str) -> tuple[str, Mapping[str, str]]:
    command, options = commands.read(text)
    return command.name, options


def _tidy(svg: str) -> str:
    return "\n".join(line.rstrip() for line in svg.splitlines() if line.strip()) + "\n"


@asynccontextmanager
async def studio(now: list[datetime]) -> AsyncIterator[Studio]:
    """``now`` holds the one moment it is; whoever changes it moves the clock."""
    with tempfile.TemporaryDirectory() as folder:
        wanted = {"SOURCES": "sample", "DATABASE": f"{folder}/paperboy.db", "COMMANDS_PER_MINUTE": "100"}
        settings = config.read({f"PAPERBOY_{name}": value for name, value in wanted.items()})
        async with app.opened(settings, lambda: round(now[0].timestamp() * 1000)) as bot:
            yield Studio(bot, Path(folder))


async def draw() -> None:
    now = [datetime(FIRST.year, FIRST.month, FIRST.day, HOUR, tzinfo=UTC)]
    async with studio(now) as room:
        while now[0].date() < LAST:
            await room.read_list(now[0].date())
            now[0] += timedelta(days=1)
        await room.typed([SUBSCRIBE])
        await room.bot.poll()
        await room.bot.beat()
        now[0] += timedelta(minutes=5)
        await room.typed(["/papers why 2607.03118"])
        room.save("session", "paperboy run")
        for name, lines in SCENES.items():
            await room.typed(lines)
            room.save(name, "paperboy run")


if __name__ == "__main__":
    sys.exit(asyncio.run(draw()))
