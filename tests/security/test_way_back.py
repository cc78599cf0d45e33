"""The pages that anybody's browser can ask for: what is put into their addresses is text, and stays out of the log."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.adapters.at_slack import Lab, at_slack

SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    async with at_slack(tmp_path, "install") as lab:
        yield lab


@pytest.mark.parametrize(
    "query",
    [
        {"error": SCRIPT},
        {"error": SCRIPT, "state": SCRIPT},
        {"state": SCRIPT, "code": SCRIPT},
        {"code": SCRIPT},
        {},
        {"error": "\0\r\nSet-Cookie: a=b"},
        {"state": "x" * 4000},
    ],
)
async def test_no_page_shows_markup_of_whoever_made_its_address(lab: Lab, query: dict[str, str]) -> None:
    async with aiohttp.ClientSession() as browser:
        for page in ("slack/oauth_redirect", "slack/install", "healthz", "slack/events"):
            async with browser.get(f"{lab.url}/{page}", params=query, allow_redirects=False) as answer:
                body = await answer.text()
                assert SCRIPT not in body
                assert answer.status != 500
                assert answer.headers.get("Set-Cookie", "").partition("=")[0] in {"", "slack-app-oauth-state"}
    assert await lab.notes.keys("slack", "") == [], "nothing is kept of whom nobody knows"


@pytest.mark.parametrize(
    "path", ["../../etc/passwd", "slack/../../secret", "%2e%2e/%2e%2e/etc/passwd", "metrics", ".env"]
)
async def test_the_public_server_serves_its_own_pages_alone(lab: Lab, path: str) -> None:
    async with aiohttp.ClientSession() as browser, browser.get(f"{lab.url}/{path}") as answer:
        assert answer.status == 404
