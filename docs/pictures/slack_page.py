"""Pictures of messages as Slack's client would show them, drawn from the very JSON the adapter sends.

Needs ``npm ci`` in ``docs/pictures/slack``, and a chromium and playwright (``requirements-pictures.txt``). Nothing is
loaded from the network: pictures of papers are shown as grey boxes.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image
from playwright.sync_api import Route, sync_playwright

HERE = Path(__file__).parent / "slack"
_COLOURS = 48
_BOX = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="160" height="160"><rect width="160" height="160" fill="#e4e7eb"/>'
    '<path d="M30 120l32-44 22 28 18-20 30 36z" fill="#b6bec8"/><circle cx="110" cy="50" r="12" fill="#b6bec8"/></svg>'
)


def draw(messages: Sequence[tuple[str, Mapping[str, Any]]], target: Path, width: int, scale: float = 2) -> None:
    """Draw titled messages one below the other into a small PNG, ``width`` CSS pixels wide, at ``scale`` dots each."""
    with TemporaryDirectory() as folder:
        source, page = Path(folder, "messages.json"), Path(folder, "page.html")
        source.write_text(json.dumps(list(messages)), encoding="utf-8")
        node = shutil.which("node") or "node"
        subprocess.run([node, str(HERE / "page.mjs"), str(source), str(page)], check=True)  # noqa: S603  # our own file
        _photograph(page, target, width, scale)


def _photograph(page: Path, target: Path, width: int, scale: float) -> None:
    with sync_playwright() as browsers:
        browser = browsers.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        shown = browser.new_page(viewport={"width": width, "height": 200}, device_scale_factor=scale)
        shown.route(re.compile("^https?:"), _boxed)
        shown.goto(page.as_uri())
        shown.wait_for_selector(".shown")
        taken = shown.screenshot(full_page=True)
        browser.close()
    with Image.open(BytesIO(taken)) as picture:
        picture.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE).save(target, optimize=True)


def _boxed(route: Route) -> None:
    route.fulfill(body=_BOX, content_type="image/svg+xml")
