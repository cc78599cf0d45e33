"""What discord.py logs: outages are short, mistakes are not."""

import logging

import aiohttp
import pytest

from adapters.discord.quiet import hush
from bot.ports import Notes
from tests.adapters.at_discord import AskedCore, serving, until
from tests.standins import discord as standin


async def test_a_connection_that_breaks_is_a_line_and_no_traceback(
    server: standin.Discord, notes: Notes, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(server, notes, AskedCore()):
        server.gateway.shut = True
        server.gateway.drop()
        await until(lambda: [r for r in caplog.records if "reconnect" in r.getMessage()])
        server.gateway.shut = False
    told = [record for record in caplog.records if "reconnect" in record.getMessage()]
    assert {record.levelno for record in told} == {logging.WARNING}
    assert all(record.exc_info is None for record in told)
    assert ": WSServerHandshakeError: 503" in told[0].getMessage() or "ConnectionClosed" in told[0].getMessage()


@pytest.mark.parametrize(("error", "short"), [(aiohttp.ClientError("gone"), True), (KeyError("guild"), False)])
def test_a_mistake_keeps_its_traceback(error: Exception, short: bool, caplog: pytest.LogCaptureFixture) -> None:
    hush()
    logging.getLogger("discord.client").error("Attempting a reconnect in %.2fs", 1.5, exc_info=error)
    (record,) = caplog.records
    assert (record.exc_info is None) == short
    assert (record.getMessage() == "Attempting a reconnect in 1.50s: ClientError: gone") == short
