"""Pictures of messages as Slack's client would show them, drawn from the very JSON the adapter sends.

Needs ``npm ci`` in ``docs/pictures/slack``, and a chromium and playwright (``requirements-pictures.txt``). Nothing is
loaded from the network: pictures of papers are shown as grey boxes.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Route, sync_playwright

HERE = Path(__file__).parent / "slack"
_BOX = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="160" height="160"><rect width="160" height="160" fill="#e4e7eb"/>'
    '<path d="M30 120l32-44 22 28 18-20 30 36z" fill="#b6bec8"/><circle cx="110" cy="50" r="12" fill="#b6bec8"/></svg>'
)


def draw(messages: Sequence[tuple[str, Mapping[str, Any]]], target: Path, width: int) -> None:
    """Draw titled messages one below the other into a PNG, ``width`` CSS pixels wide at twice the resolution."""
    with TemporaryDirectory() as folder:
        source, page = Path(folder, "messages.json"), Path(folder, "page.html")
        source.write_text(json.dumps(list(messages)), encoding="utf-8")
        node = shutil.which("node") or "node"
        subprocess.run([node, str(HERE / "page.mjs"), str(source), str(page)], check=True)  # noqa: S603  # our own file
        _photograph(page, target, width)


def _photograph(page: Path, target: Path, width: int) -> None:
    with sync_playwright() as browsers:
        browser = browsers.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        shown = browser.new_page(viewport={"width": width, "height": 200}, device_scale_factor=2)
        shown.route(re.compile("^https?:"), _boxed)
        shown.goto(page.as_uri())
        shown.wait_for_selector(".shown")
        shown.screenshot(path=str(target), full_page=True)
        browser.close()


def _boxed(route: Route) -> None:
    route.fulfill(body=_BOX, content_type="image/svg+xml")
