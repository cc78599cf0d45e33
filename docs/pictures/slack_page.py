"""Pictures of what Slack's client would show, drawn from the very JSON the adapter sends.

Needs ``npm ci`` in ``docs/pictures/slack_blocks``, and a chromium and playwright (``requirements-pictures.txt``).
Nothing is loaded from the network: pictures of papers are shown as grey boxes.
"""

import asyncio
import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.async_api import Browser, Route

from docs.pictures.shown import WHO, Shown
from docs.pictures.stills import placeholder

BLOCKS = Path(__file__).parent / "slack_blocks"


async def draw(browser: Browser, shown: Sequence[Shown], target: Path, width: int, scale: int) -> None:
    """Draw things to look at one below the other into a PNG, ``width`` CSS pixels wide."""
    with TemporaryDirectory() as folder:
        page = await asyncio.to_thread(_made, shown, Path(folder))
        await _photograph(browser, page, target, width, scale)


def _made(shown: Sequence[Shown], folder: Path) -> Path:
    """The page, which needs nothing else."""
    source, page = folder / "shown.json", folder / "page.html"
    source.write_text(json.dumps([*_captioned(shown)]), encoding="utf-8")
    node = shutil.which("node") or "node"
    subprocess.run([node, str(BLOCKS / "page.mjs"), str(source), str(page)], check=True)  # noqa: S603  # our own file
    return page


def _captioned(shown: Sequence[Shown]) -> Iterator[dict[str, Any]]:
    """Each with the words that stand above it."""
    opened = False
    for each in shown:
        reply = each.surface == "reply"
        before = "In the thread below it" if reply and not opened else f"{WHO} used" if each.said else ""
        opened = reply
        yield {**asdict(each), "before": before}


async def _photograph(browser: Browser, page: Path, target: Path, width: int, scale: int) -> None:
    tab = await browser.new_page(viewport={"width": width, "height": 200}, device_scale_factor=scale)
    await tab.route(re.compile("^https?:"), _boxed)
    await tab.goto(page.as_uri())
    await tab.wait_for_selector(".shown")
    await tab.screenshot(path=target, full_page=True)
    await tab.close()


async def _boxed(route: Route) -> None:
    await route.fulfill(body=placeholder(), content_type="image/png")
