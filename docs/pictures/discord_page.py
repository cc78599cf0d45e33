"""Real message bodies of Discord as a picture: posted to an imitated server and drawn as Discord's client would.

Needs the ``pictures`` group of dependencies and a Chromium on the machine; no network, no account. What is drawn is
what the adapter sends: nothing here knows cards. Used by ``make pictures``.
"""

import asyncio
import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import discord
import simcord
from discord.http import Route
from playwright.async_api import Page, async_playwright

Shown = tuple[str, Mapping[str, Any], str]
"""What was done (``/papers today``; may be empty), the body that answers it, and who did it (empty: nobody asked)."""

_TALLEST = 12_000
_SETTLED = 1_500
"""Milliseconds: the preview fits itself to the window in several steps, and greys its buttons meanwhile."""
# Only the conversation: no toolbar, no list of messages, no composer, and no scrolling inside the page.
_STYLE = """
.preview-toolbar, .messages-sidebar, .channel-header, .channel-composer, #composer, .timeline-day-divider,
.history-button { display: none !important; }
#preview-app, .preview-stage, .preview-workspace, .channel-layout, #channel-timeline {
  width: 100% !important; max-width: none !important; height: auto !important; max-height: none !important;
  overflow: visible !important; margin: 0 !important; padding: 0 !important; border: 0 !important; display: block !important;
}
.asked { font: 500 13px "Noto Sans", sans-serif; color: #949ba4; padding: 14px 16px 0 72px; }
.asked b { color: #c9cdfb; font-weight: 500; }
"""
_CAPTIONS = """
(captions) => {
  const list = document.querySelector('#channel-message-list');
  list.replaceWith(list.cloneNode(true));  // nobody draws on the copy again
  document.querySelectorAll('article.channel-message').forEach((message, n) => {
  const [said, who] = captions[n];
  if (!said) return;
  const line = document.createElement('div');
  line.className = 'asked';
  line.append(who ? who + ' used ' : '');
  const what = document.createElement('b');
  what.textContent = said;
  line.append(what);
  message.before(line);
  });
}
"""


async def draw(messages: Sequence[Shown], target: Path, width: int = 720) -> None:
    """Write a PNG of the messages, one below the other, ``width`` pixels wide; 400 is a telephone."""
    client = discord.Client(intents=discord.Intents.default())
    async with simcord.run(client) as env:
        guild = env.create_guild("Lab")
        channel = guild.create_text_channel("papers")
        reader = guild.add_member(env.create_user("reader"))
        for _, body, _ in messages:
            await client.http.request(
                Route("POST", "/channels/{channel_id}/messages", channel_id=channel.id), json=body
            )
        async with env.preview(channel, viewers=[reader], layout="channel", width=width, height=900) as preview:
            await _capture(preview.url, [(said, who) for said, _, who in messages], target, width)


async def _capture(url: str, captions: Sequence[tuple[str, str]], target: Path, width: int) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = await browser.new_page(viewport={"width": width, "height": _TALLEST}, bypass_csp=True)
        await page.goto(url)
        await page.wait_for_selector("article.channel-message")
        await page.add_style_tag(content=_STYLE)
        await page.wait_for_timeout(_SETTLED)
        await page.evaluate(_CAPTIONS, [list(caption) for caption in captions])
        await _shoot(page, target, width)
        await browser.close()


async def _shoot(page: Page, target: Path, width: int) -> None:
    box = await page.locator("#channel-message-list").bounding_box()
    assert box is not None
    clip = {"x": 0.0, "y": max(box["y"] - 8, 0.0), "width": float(width), "height": box["height"] + 16}
    await page.screenshot(path=target, clip=clip)


if __name__ == "__main__":
    import sys

    bodies, name, *wide = sys.argv[1:]
    read = [(said, body, who) for said, body, who in json.loads(Path(bodies).read_text(encoding="utf-8"))]
    asyncio.run(draw(read, Path(name), *map(int, wide)))
