"""What the operator's tools are told, over a real server: numbers, health, and nothing else."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot import config, monitor
from bot.errors import ConfigError, PaperboyError, StoreError
from bot.model import SourceHealth
from bot.monitor import Watched, examine, serving, written
from bot.ports import Store
from bot.pulse import CONNECTING, SPARE, Pulse
from bot.schedule import Beat, beating
from bot.store.sqlite import open_store
from tests.making import HOUR, NOON, ROOM, frozen, pending, subscribe
from tests.test_pulse import let_pass

HERE = ("127.0.0.1", 0)


@dataclass
class Place:
    """A store, a pulse, and a monitor that looks at them. ``now`` may be set."""

    store: Store
    pulse: Pulse = field(default_factory=Pulse)
    now: int = NOON
    lines: dict[str, bool] = field(default_factory=dict)
    resting: dict[str, str] = field(default_factory=dict)
    at: monitor.Listen = HERE

    @property
    def watched(self) -> Watched:
        return Watched(
            store=self.store,
            clock=lambda: self.now,
            sources=("huggingface",),
            pulse=self.pulse,
            lines=lambda: self.lines,
            resting=lambda: self.resting,
        )

    async def ask(self, path: str, method: str = "GET", **more: Any) -> tuple[int, str]:
        url = f"http://{written(self.at)}{path}"
        async with aiohttp.ClientSession() as session, session.request(method, url, **more) as answer:
            return answer.status, await answer.text()

    async def numbers(self) -> dict[str, float]:
        """Every sample, as ``name{label=value}``."""
        status, text = await self.ask("/metrics")
        assert status == 200
        samples = (sample for family in text_string_to_metric_families(text) for sample in family.samples)
        return {s.name + "".join(f"{{{k}={v}}}" for k, v in s.labels.items()): s.value for s in samples}


@asynccontextmanager
async def watching(store: Store, **given: Any) -> AsyncIterator[Place]:
    place = Place(store, **given)
    async with serving(place.watched, HERE) as place.at:
        yield place


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with open_store(tmp_path / "paperboy.db", now=NOON) as store:
        yield store


@pytest.fixture
async def place(store: Store) -> AsyncIterator[Place]:
    async with watching(store) as place:
        yield place


# --- numbers ----------------------------------------------------------------------------------------------------------


async def test_facts_of_the_database_are_told_as_they_are_now(store: Store) -> None:
    made = await subscribe(store)
    await frozen(store, 1, subscription=made)
    await pending(store, 2, subscription=made, due=NOON + HOUR)
    healthy = SourceHealth(source="huggingface", last_ok=NOON - 60_000, error="it answers 500.", failing_since=NOON)
    await store.papers.note_health(healthy)
    await store.papers.note_health(replace(healthy, source="arxiv"))
    async with watching(store, now=NOON + 2_000, lines={"slack": False}, resting={"discord": "no"}) as place:
        found = await place.numbers()
    of = "{platform=terminal}"
    expected = {
        "paperboy_papers": 2, "paperboy_papers_unmatched": 0, "paperboy_subscriptions": 1, "paperboy_database_up": 1,
        f"paperboy_targets{of}": 1, f"paperboy_targets_suspended{of}": 0, f"paperboy_deliveries_pending{of}": 1,
        f"paperboy_due{of}": 1, f"paperboy_oldest_due_seconds{of}": 2,
        f"paperboy_messages{of}{{state=ready}}": 1, f"paperboy_messages{of}{{state=suspended}}": 0,
        "paperboy_poll_age_seconds{source=huggingface}": 62, "paperboy_source_failing{source=huggingface}": 1,
        "paperboy_connected{platform=slack}": 0, "paperboy_resting{platform=discord}": 1, "paperboy_healthy": 1,
    }  # fmt: skip
    assert {name: found.get(name) for name in expected} == expected
    assert not [name for name in found if "arxiv" in name]  # it is no source of this Paperboy any more
    assert found["paperboy_uptime_seconds"] >= 0
    assert any(name.startswith("paperboy_build_info{version=") for name in found)
    assert {"process_resident_memory_bytes", "process_open_fds"} <= found.keys()


async def test_nothing_in_it_names_a_room_a_person_or_a_query(store: Store) -> None:
    await frozen(store, 1, subscription=await subscribe(store, "unicorns", owner="someone", owner_name="Someone"))
    async with watching(store) as place:
        _, text = await place.ask("/metrics")
    assert not [word for word in (ROOM.room, ROOM.space, "unicorns", "someone", "Someone", "2611") if word in text]


async def test_who_asks_again_at_once_is_told_the_same(place: Place) -> None:
    assert (await place.numbers())["paperboy_subscriptions"] == 0
    await subscribe(place.store)
    assert (await place.numbers())["paperboy_subscriptions"] == 0


@pytest.mark.parametrize("error", [StoreError("The disk is full."), TimeoutError()])
async def test_a_database_that_fails_is_told_as_that_and_hides_no_other_number(error: Exception) -> None:
    class Broken:
        async def backlog(self, now: int) -> None:
            raise error

    store: Any = type("Store", (), {"outbox": Broken()})()
    async with watching(store) as place:
        found = await place.numbers()
    assert found["paperboy_database_up"] == 0
    assert "paperboy_papers" not in found
    assert "process_resident_memory_bytes" in found


# --- health -----------------------------------------------------------------------------------------------------------


async def test_while_all_goes_well_it_is_ok(place: Place) -> None:
    place.pulse.expect("tick", 15)
    assert await place.ask("/healthz") == (200, "ok\n")


async def test_a_beat_that_hangs_is_named_with_since_when_and_all_is_well_when_it_ends(place: Place) -> None:
    hang, begun, came = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def run() -> None:
        if hang.is_set():
            came.set()
        begun.set()
        await hang.wait()

    async with beating([Beat(name="tick", run=run, seconds=0.01)], pulse=place.pulse):
        await begun.wait()
        let_pass(place.pulse, SPARE + 60)
        status, text = await place.ask("/healthz")
        told = json.loads(text)
        assert (status, told["status"], told["degraded"]) == (503, "stalled", [])
        [stalled] = told["stalled"]
        assert (stalled["what"], stalled["why"]) == ("tick", "it began and does not end")
        assert stalled["seconds"] == pytest.approx(SPARE + 60, abs=2)
        assert stalled["since"].startswith("2026-11-23T11:5")
        assert (await place.numbers())["paperboy_healthy"] == 0
        hang.set()
        await asyncio.wait_for(came.wait(), 10)
        assert await place.ask("/healthz") == (200, "ok\n")


async def test_what_a_restart_would_not_mend_is_told_without_asking_for_one(place: Place) -> None:
    place.resting = {"slack": "Slack says invalid_auth for xoxb-" + "123456789012-abcdef"}
    place.pulse.connected({"discord": False})
    let_pass(place.pulse, CONNECTING + 60)
    status, text = await place.ask("/healthz")
    told = json.loads(text)
    assert (status, told["status"], told["stalled"]) == (200, "degraded", [])
    assert [trouble["what"] for trouble in told["degraded"]] == ["slack", "discord"]
    assert told["degraded"][0]["why"] == "it rests: Slack says invalid_auth for ***"
    assert told["degraded"][1]["seconds"] == pytest.approx(CONNECTING + 60, abs=2)


async def test_health_is_told_although_the_database_hangs(place: Place) -> None:
    class Hangs:
        async def backlog(self, now: int) -> None:
            await asyncio.Event().wait()

    place.store.outbox = Hangs()  # type: ignore[assignment]
    scrape = asyncio.create_task(place.ask("/metrics"))
    await asyncio.sleep(0.05)
    assert await place.ask("/healthz") == (200, "ok\n")
    scrape.cancel()
    await asyncio.gather(scrape, return_exceptions=True)


async def test_a_pulse_that_breaks_off_is_no_health_and_stands_in_the_log(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    broken = asyncio.Event()

    def lines() -> dict[str, bool]:
        broken.set()
        raise ZeroDivisionError("a mistake in a platform")

    async with serving(replace(Place(store).watched, lines=lines), HERE) as at:
        await asyncio.wait_for(broken.wait(), 10)
        await asyncio.sleep(0)
        status, text = await Place(store, at=at).ask("/healthz")
    assert (status, [trouble["what"] for trouble in json.loads(text)["stalled"]]) == (503, ["pulse"])
    assert [(r.message, r.__dict__["what"]) for r in caplog.records] == [("paperboy.task_broke", "pulse")]
    assert "a mistake in a platform" in caplog.text


# --- the server -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("POST", "/metrics", 405), ("HEAD", "/healthz", 405), ("DELETE", "/healthz", 405), ("GET", "/", 404),
     ("GET", "/metrics/", 404), ("GET", "/../etc/passwd", 404)],
)  # fmt: skip
async def test_only_two_pages_are_there_and_only_to_be_read(place: Place, method: str, path: str, status: int) -> None:
    assert (await place.ask(path, method))[0] == status


async def test_an_address_that_is_taken_is_said_in_one_line(place: Place) -> None:
    with pytest.raises(PaperboyError) as caught:
        async with serving(place.watched, place.at):
            pass
    assert str(caught.value) == (
        f"PAPERBOY_MONITOR is {written(place.at)}, which cannot be listened on: Address already in use. "
        "Name another port."
    )


async def test_after_its_end_nobody_answers_and_the_address_is_free(store: Store) -> None:
    async with watching(store) as place:
        pass
    with pytest.raises(aiohttp.ClientConnectorError):
        await place.ask("/healthz")
    async with serving(place.watched, place.at) as again:
        assert again == place.at


@pytest.mark.parametrize("text", ["127.0.0.1:9464", "[::1]:9464", "localhost:9464", "127.8.8.8:1"])
def test_it_listens_on_this_machine(text: str) -> None:
    listen = config.read({"PAPERBOY_MONITOR": text}).monitor
    assert listen is not None
    assert written(listen) == text


@pytest.mark.parametrize("text", ["0.0.0.0:9464", "[::]:9464", "192.168.0.7:9464", "papers.example:9464"])
def test_it_listens_nowhere_else_and_says_why(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        config.read({"PAPERBOY_MONITOR": text})
    assert "there is no password on it, so it listens on this machine only" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("LOCALHOST:9464", 200),
        ("127.0.0.1", 200),
        ("127.0.0.1:1", 200),
        ("[::1]", 200),
        ("[::1]:9464", 200),
        ("papers.example.org", 403),
        ("papers.example.org:9464", 403),
        ("10.0.0.1:9464", 403),
        ("127.0.0.1.example.org", 403),
        ("", 403),
    ],
)
async def test_only_who_asks_for_this_machine_is_answered(place: Place, host: str, status: int) -> None:
    for path in ("/healthz", "/metrics"):
        assert (await place.ask(path, headers={"Host": host}))[0] == status


def test_it_is_off_unless_asked_for() -> None:
    assert config.read({}).monitor is None


# --- the doctor -------------------------------------------------------------------------------------------------------


async def test_the_doctor_is_told_by_a_running_one_how_it_is(place: Place) -> None:
    assert (
        str(await examine(place.at))
        == f"ok    monitor: a Paperboy runs and says at {written(place.at)} that it is well"
    )
    place.resting = {"slack": "the token was revoked"}
    found = await examine(place.at)
    assert (found.level, found.text.split(", but ")[1]) == ("hint", "slack: it rests: the token was revoked")
    place.pulse.expect("tick", 1)
    let_pass(place.pulse, SPARE + 60)
    found = await examine(place.at)
    assert found.level == "bad"
    assert "tick: it does not succeed; slack" in found.text


async def test_the_doctor_knows_that_nobody_runs(store: Store) -> None:
    async with watching(store) as place:
        pass
    found = await examine(place.at)
    assert (found.level, "nobody answers at" in found.text) == ("hint", True)
    assert (await examine(place.at, expected=True)).level == "bad"


async def test_the_doctor_knows_somebody_else(store: Store) -> None:
    async def other(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(other, "127.0.0.1", 0)
    async with server:
        found = await examine(("127.0.0.1", server.sockets[0].getsockname()[1]))
    assert (found.level, "something else answers at" in found.text) == ("bad", True)
