"""A running Paperboy as its operator's tools see it: scraped over HTTP while it reads, matches and posts."""

import socket
import urllib.request
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.flow.hub import Hub, serving
from tests.flow.running import Paperboy
from tests.flow.world import World
from tests.shared import shared

NOW = datetime(2025, 9, 19, 6, tzinfo=UTC)
TICKS = "paperboy_beats_total{beat=tick}{outcome=ok}"
SENT = "paperboy_sends_total{outcome=sent}{platform=terminal}"


@pytest.fixture
def listen() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{free.getsockname()[1]}"


@pytest.fixture
def hub() -> Hub:
    """It refuses to answer until its ``state`` is set to ``NOW``: to it, that is in the future."""
    hub = Hub(World(shared("hf_daily"), date(2025, 9, 15), date(2025, 9, 19)), NOW)
    hub.state = hub.pending = NOW - timedelta(days=9)
    return hub


@pytest.fixture
def paperboy(hub: Hub, tmp_path: Path, listen: str) -> Iterator[Paperboy]:
    with serving(hub.answer) as url:
        settings = {"HUGGINGFACE_URL": url, "EXAMPLES": "no", "TICK_SECONDS": "0.1", "POLL_MINUTES": "0.01"}
        paperboy = Paperboy(tmp_path, NOW, MONITOR=listen, **settings)
        yield paperboy
        paperboy.close()


def asked(listen: str, path: str) -> str:
    with urllib.request.urlopen(f"http://{listen}{path}", timeout=20) as answer:
        assert answer.status == 200
        return str(answer.read().decode())


def numbers(listen: str) -> dict[str, float]:
    families = text_string_to_metric_families(asked(listen, "/metrics"))
    samples = (sample for family in families for sample in family.samples)
    return {s.name + "".join(f"{{{k}={v}}}" for k, v in s.labels.items()): s.value for s in samples}


def test_numbers_move_with_what_it_does(paperboy: Paperboy, hub: Hub, listen: str) -> None:
    paperboy.start()
    paperboy.type("/papers subscribe diffusion", "nonsense")
    paperboy.wait(lambda: numbers(listen).get("paperboy_polls_total{outcome=failed}{source=huggingface}"), "no poll")
    paperboy.wait(lambda: numbers(listen).get("paperboy_source_failing{source=huggingface}"), "no failure")
    assert asked(listen, "/healthz") == "ok\n", "that a source is down is no matter of ours"
    before = numbers(listen)
    assert before["paperboy_command_seconds_count{command=subscribe}"] == 1
    assert SENT not in before
    hub.state = hub.pending = NOW
    paperboy.wait(lambda: numbers(listen).get(SENT), "no post was counted")
    paperboy.wait(lambda: not numbers(listen)["paperboy_source_failing{source=huggingface}"], "it fails still")
    after = numbers(listen)
    assert after[SENT] == paperboy.count_posts()
    assert after["paperboy_papers_fresh_total{source=huggingface}"] == after["paperboy_papers"] > 0
    assert after["paperboy_deliveries_planned_total"] > 0
    assert after["paperboy_messages_frozen_total{platform=terminal}"] == after[SENT]
    assert after[TICKS] > before.get(TICKS, 0)
    assert after["paperboy_loop_lag_seconds_count"] > 0
    assert not [name for name in after if "diffusion" in name or "papers}" in name]


def test_it_says_that_it_is_well_until_it_ends(paperboy: Paperboy, listen: str) -> None:
    paperboy.start()
    paperboy.type("help")
    assert asked(listen, "/healthz") == "ok\n"
    assert f"ok    monitor: a Paperboy runs and says at {listen} that it is well" in paperboy.call("doctor").stdout
    assert paperboy.end() == 0
    assert paperboy.errors == ""
    with pytest.raises(OSError, match="refused"):
        asked(listen, "/healthz")


def test_an_address_that_is_taken_ends_it_with_one_line(paperboy: Paperboy, listen: str) -> None:
    with socket.socket() as taken:
        host, _, port = listen.partition(":")
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind((host, int(port)))
        taken.listen()
        called = paperboy.call("run")
    assert (called.returncode, called.stderr) == (
        1,  # whoever restarts it may: the other program may end
        f"paperboy: PAPERBOY_MONITOR is {listen}, which cannot be listened on: Address already in use. "
        "Name another port.\n",
    )
