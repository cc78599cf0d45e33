"""The pictures of the chats: what the adapters really send to Slack and Discord, drawn as people see it.

``python -m docs.pictures.chats [SCENE…]`` plays the scenes in a laboratory (``lab.py``, ``scenes.py``) and writes a PNG
for each into ``docs/pictures/slack`` and ``docs/pictures/discord``. ``make pictures`` does it for all.
"""

import asyncio
import logging
import shutil
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

from playwright.async_api import Browser, async_playwright

from docs.pictures import discord_page, scenes, slack_page, stills
from docs.pictures.lab import open_lab
from docs.pictures.shown import Shown

HERE = Path(__file__).parent
HOUR = 16
WIDE, PHONE = 720, 390
SCALES = (2, 1)
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
Page = Callable[[Browser, Sequence[Shown], Path, int, int], Awaitable[None]]
PAGES: Mapping[str, Page] = {"slack": slack_page.draw, "discord": discord_page.draw}


async def main(wanted: Sequence[str]) -> None:
    """Play everything, draw what is ``wanted``; all when nothing is named."""
    async with open_lab(scenes.FIRST, HOUR) as lab:
        played = await scenes.play(lab)
    async with async_playwright() as playwright:
        found = next(filter(None, map(shutil.which, BROWSERS)), None)
        browser = await playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        for chat, shown in played.items():
            await _draw(browser, chat, {name: s for name, s in shown.items() if not wanted or name in wanted})
        await browser.close()


async def _draw(browser: Browser, chat: str, played: Mapping[str, Sequence[Shown]]) -> None:
    folder = HERE / chat
    folder.mkdir(exist_ok=True)
    for name, shown in played.items():
        assert shown, f"nothing to see: {name} on {chat}"
        width = PHONE if name.endswith("-phone") else WIDE
        size = await _fitting(browser, PAGES[chat], shown, folder / f"{name}.png", width)
        print(f"{chat}/{name}.png {size // 1000} kB")


async def _fitting(browser: Browser, page: Page, shown: Sequence[Shown], target: Path, width: int) -> int:
    """Sharp where that is not too large a file. Returns its bytes."""
    size = 0
    for scale in SCALES:
        await page(browser, shown, target, width, scale)
        size = stills.shrink(target)
        if size <= stills.LARGEST:
            break
    return size


if __name__ == "__main__":
    logging.disable(logging.WARNING)  # some scenes are about failures
    asyncio.run(main(sys.argv[1:]))
