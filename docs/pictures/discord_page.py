"""Real message bodies of Discord as a picture: posted to an imitated server and drawn as Discord's client would.

Needs ``requirements-pictures.txt`` and a Chromium on the machine; no network, no account. What is drawn is what the
adapter sends: nothing here knows cards. Used by ``chats.py``.
"""

import base64
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import discord
import simcord
from discord.http import Route
from playwright.async_api import Browser, FloatRect

from docs.pictures.shown import WHO, Shown
from docs.pictures.stills import placeholder

LOGO = Path(__file__).parent / "logo.svg"
_TALLEST = 16_000
_SETTLED = 1_500
"""Milliseconds: the preview fits itself to the window in several steps, and greys its buttons meanwhile."""
# Only the conversation: no toolbar, no list of messages, no composer, and no scrolling inside the page.
_STYLE = """
.preview-toolbar, .messages-sidebar, .channel-header, .channel-composer, #composer, .timeline-day-divider,
.history-button { display: none !important; }
#preview-app, .preview-stage, .preview-workspace, .channel-layout, #channel-timeline {
  width: 100% !important; max-width: none !important; height: auto !important; max-height: none !important;
  overflow: visible !important; margin: 0 !important; padding: 0 !important; border: 0 !important;
  display: block !important;
}
/* As Discord's client: an empty line is one, links have no line below them, code is wrapped. */
.embed-card .markdown-paragraph + .markdown-paragraph { margin-top: 1.3em !important; }
.markdown-link { text-decoration: none !important; }
.code-block, .code-block code { white-space: pre-wrap !important; min-width: 0 !important; }
.message-avatar-image.avatar-bot { background: url("LOGO") center / cover !important; }
.message-avatar-image.avatar-bot svg { display: none; }
.asked { font: 500 13px "Noto Sans", sans-serif; color: #949ba4; padding: 14px 16px 0 72px; overflow-wrap: anywhere; }
.asked b { color: #c9cdfb; font-weight: 500; }
article.in-thread { border-left: 3px solid #4e5058; margin-left: 28px !important; }
"""
_CAPTIONS = """
(captions) => {
  const list = document.querySelector('#channel-message-list');
  list.replaceWith(list.cloneNode(true));  // nobody draws on the copy again
  const made = (tag, name, text) => {
    const element = document.createElement(tag);
    element.className = name;
    element.textContent = text;
    return element;
  };
  document.querySelectorAll('article.channel-message').forEach((message, n) => {
    const { before, command, secret, reply } = captions[n];
    if (message.querySelector('.message-app-badge')) message.querySelector('.message-author').textContent = 'Paperboy';
    message.querySelectorAll('time').forEach((time) => { time.firstChild.textContent = 'Today at 9:00 AM'; });
    if (reply) message.classList.add('in-thread');
    if (secret) message.append(made('div', 'message-ephemeral-note', '👁 Only you can see this · Dismiss message'));
    if (!before && !command) return;
    const line = made('div', 'asked', before);
    line.append(made('b', '', command));
    message.before(line);
  });
}
"""


async def draw(browser: Browser, shown: Sequence[Shown], target: Path, width: int, scale: int) -> None:
    """Write a PNG of the messages, one below the other, ``width`` CSS pixels wide."""
    client = discord.Client(intents=discord.Intents.default())
    async with simcord.run(client) as env:
        guild = env.create_guild("Lab")
        channel = guild.create_text_channel("papers")
        reader = guild.add_member(env.create_user(WHO))
        for each in shown:
            if each.surface == "person":
                await reader.send(channel, each.body["content"])
            else:
                await _post(client, channel.id, each)
        pictures = {url: ("picture.png", placeholder()) for each in shown for url in _pictures(each.body)}
        async with env.preview(
            channel, viewers=[reader], layout="channel", width=width, height=900, assets=pictures
        ) as preview:
            await _capture(browser, preview.url, [*_captions(shown)], target, width, scale)


async def _post(client: discord.Client, channel: int, shown: Shown) -> None:
    made = await client.http.request(
        Route("POST", "/channels/{channel_id}/messages", channel_id=channel), json=dict(shown.body)
    )
    if shown.edited:
        ids = {"channel_id": channel, "message_id": made["id"]}
        await client.http.request(
            Route("PATCH", "/channels/{channel_id}/messages/{message_id}", **ids), json={"content": made["content"]}
        )


def _pictures(body: Mapping[str, Any]) -> Iterator[str]:
    yield from (embed["thumbnail"]["url"] for embed in body.get("embeds", ()) if "thumbnail" in embed)


def _captions(shown: Sequence[Shown]) -> Iterator[dict[str, Any]]:
    """What stands above each message and what marks it."""
    opened = False
    for each in shown:
        reply = each.surface == "reply"
        before = "In the thread below it" if reply and not opened else f"{WHO} used " if each.said else ""
        opened = reply
        yield {"before": before, "command": each.said, "secret": each.private, "reply": reply}


def _logo() -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(LOGO.read_bytes()).decode()}"


async def _capture(
    browser: Browser, url: str, captions: Sequence[Mapping[str, Any]], target: Path, width: int, scale: int
) -> None:
    page = await browser.new_page(
        viewport={"width": width, "height": _TALLEST}, device_scale_factor=scale, bypass_csp=True
    )
    await page.goto(url)
    await page.wait_for_selector("article.channel-message")
    await page.add_style_tag(content=_STYLE.replace("LOGO", _logo()))
    await page.wait_for_timeout(_SETTLED)
    await page.evaluate(_CAPTIONS, [*captions])
    box = await page.locator("#channel-message-list").bounding_box()
    assert box is not None
    clip = FloatRect(x=0.0, y=max(box["y"] - 8, 0.0), width=float(width), height=box["height"] + 16)
    await page.screenshot(path=target, clip=clip)
    await page.close()
