"""Paperboy as a process of its own between Slack and Discord: killed in the middle, misconfigured, and its secrets."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.adapters.at_slack import free_port
from tests.flow.places import AFTER_LEASE, CHANNELS, KEYS, PAPERS, SECRETS, Place, placed
from tests.planted import found_in, planted, planted_key
from tests.standins import discord_faults


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with placed(tmp_path) as place:
        yield place
        assert place.slack.violations == place.discord.violations == []
        assert place.slack.late == []


# --- killed -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("chance", "kills"), [(0, 3), (0.04, 1)], ids=["calm", "stormy"])
def test_killed_in_the_middle_of_posting_nothing_is_lost_or_twice(place: Place, chance: float, kills: int) -> None:
    place.stand.publish(PAPERS[-1])
    place.start()
    place.paperboy.wait(place.has_read, "no first poll")
    place.subscribe()
    place.slack.weather(7, {"500 after": chance, "reset after": chance, "reset before": chance}, "chat.postMessage")
    stormy: dict[discord_faults.Kind, float] = {"500 after": chance, "reset after": chance, "reset": chance}
    place.discord.weather(7, stormy, method="POST", path=r"/channels/\d+/messages")
    place.publish()
    killed = 0
    while killed < kills:
        place.wait_for_a_post()
        if place.count() == place.whole:
            break
        killed += 1
        place.paperboy.kill()
        place.paperboy.set_clock(place.paperboy.now + AFTER_LEASE)
        place.start()
    assert killed, "it was never killed in the middle"
    place.go_on(at_least=place.whole)
    place.paperboy.wait(place.paperboy.is_idle, "something is still under way")
    assert place.paperboy.terminate() == 0
    assert [sorted(keys) for keys in place.posted] == [KEYS] * (2 * CHANNELS)
    assert place.secrets_found() == []
    struck = [*place.slack.faults.done.values(), *place.discord.faults.happened.values()]
    assert (sum(struck) > 5) == bool(chance)


def test_buttons_of_messages_from_before_a_kill_still_work(place: Place) -> None:
    place.stand.publish(PAPERS[-1])
    place.start()
    place.paperboy.wait(place.has_read, "no first poll")
    place.subscribe()
    place.stand.publish(PAPERS[0])
    place.paperboy.wait(lambda: place.count() == 2 * CHANNELS, "not everything was posted")
    place.paperboy.kill()
    place.start()
    (here,) = [m for m in place.discord.messages(place.rooms[0]) if m.embeds]
    (there,) = [m for m in place.slack.messages("c0") if m.metadata]
    somebody = place.discord.user("somebody")
    assert "Saved" in place.at_discord(place.discord.click(here, "Save", user=somebody)).text
    pressed = place.at_slack(place.slack.press(there, "Save", by=place.slack.reader))
    assert "Saved" in str(pressed.message.blocks)


# --- wrong settings ---------------------------------------------------------------------------------------------------

WRONG = planted("xoxb-9999-wrongbutsecret")
MISTAKES = [
    ({"SLACK_BOT_TOKEN": WRONG}, "PAPERBOY_SLACK_BOT_TOKEN"),
    ({"SLACK_APP_TOKEN": "xapp-9-wrongbutsecret"}, "PAPERBOY_SLACK_APP_TOKEN"),
    ({"SLACK_APP_TOKEN": ""}, "PAPERBOY_SLACK_APP_TOKEN"),
    ({"SLACK_BOT_TOKEN": "xapp-9-wrongbutsecret"}, "PAPERBOY_SLACK_BOT_TOKEN"),
    ({"SLACK_SIGNING_SECRET": "wrongbutsecret"}, "PAPERBOY_SLACK_SIGNING_SECRET"),
    ({"DISCORD_TOKEN": "wrongbutsecret.of.discord"}, "PAPERBOY_DISCORD_TOKEN"),
    ({"DISCORD_TOKEN": "Bot wrongbutsecret.of.discord"}, "PAPERBOY_DISCORD_TOKEN"),
    ({"DISCORD_TOKEN": ""}, "PAPERBOY_DISCORD_TOKEN"),
    ({"KEY": "wrongbutsecret"}, "PAPERBOY_KEY"),
]


@pytest.mark.parametrize(("wrong", "named"), MISTAKES)
def test_a_wrong_token_is_one_line_that_names_it_and_exit_code_2(
    place: Place, wrong: dict[str, str], named: str
) -> None:
    place.paperboy.environ |= {f"PAPERBOY_{name}": value for name, value in wrong.items()}
    place.paperboy.environ["PAPERBOY_LOG_LEVEL"] = "WARNING"
    called = place.paperboy.call("run")
    assert called.returncode == 2, called
    assert called.stdout == ""
    (line,) = called.stderr.splitlines()
    assert named in line
    assert "wrongbutsecret" not in line
    assert place.secrets_found("wrongbutsecret") == []


def test_the_doctor_says_which_token_is_wrong_and_what_to_do_and_shows_none(place: Place) -> None:
    well = place.paperboy.call("doctor")
    assert well.returncode == 0, well
    place.paperboy.environ |= {"PAPERBOY_DISCORD_TOKEN": "wrongbutsecret.of.discord", "PAPERBOY_SLACK_BOT_TOKEN": WRONG}
    ill = place.paperboy.call("doctor")
    assert ill.returncode == 1
    bad = [line for line in ill.stdout.splitlines() if line.startswith("bad")]
    assert {"slack", "discord"} <= {word for line in bad for word in line.lower().replace(":", " ").split()}
    said = well.stdout + well.stderr + ill.stdout + ill.stderr
    assert [secret for secret in (*SECRETS.values(), "wrongbutsecret") if secret in said] == []


# --- secrets ----------------------------------------------------------------------------------------------------------


def test_what_opens_many_workspaces_stands_nowhere_in_what_it_writes(tmp_path: Path) -> None:
    port, key = free_port(), planted_key()
    many: dict[str, Any] = {
        "SLACK_BOT_TOKEN": "", "SLACK_APP_TOKEN": "", "SLACK_CLIENT_SECRET": planted("secretoftheclient"),
        "SLACK_SIGNING_SECRET": planted("secretofsigning"), "SLACK_LISTEN": f"127.0.0.1:{port}",
        "SLACK_PUBLIC_URL": f"http://127.0.0.1:{port}", "KEY": key,
    }  # fmt: skip
    with placed(tmp_path, **many) as place:
        slack = place.slack
        slack.client_secret, slack.signing_secret = many["SLACK_CLIENT_SECRET"], many["SLACK_SIGNING_SECRET"]
        place.paperboy.environ |= {
            "PAPERBOY_SLACK_CLIENT_ID": slack.client_id,
            "PAPERBOY_SLACK_AUTHORIZE_URL": slack.authorize_url,
        }
        slack.installs.clear()
        slack.requests.address = f"http://127.0.0.1:{port}/slack/events"
        place.paperboy.start()
        place.paperboy.wait(lambda: _listens(port), "nobody listens")
        page = place.at_slack(slack.visit_install(f"http://127.0.0.1:{port}/slack/install", slack.lab))
        assert page.status == 200
        answer = place.at_slack(slack.slash(slack.reader, "/papers", "help"))
        assert "/papers" in answer.message.text
        for job in (("backup", "copy.db"), ("export", "all.toml"), ("doctor",)):
            called = place.paperboy.call(*job)
            assert found_in(called.stdout + called.stderr) == ""
        assert place.paperboy.terminate() == 0
        with place.paperboy.reading() as connection:
            kept = connection.execute("select count(*) from note where key like 'install/%'").fetchone()
        assert kept == (1,)
        assert (place.paperboy.folder / "copy.db").stat().st_size > 0
        (token,) = [install.token for install in slack.installs]
        held = (token, key, *(many[name] for name in ("SLACK_CLIENT_SECRET", "SLACK_SIGNING_SECRET")))
        assert place.secrets_found(*held) == []


def _listens(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


# --- the beginning and the end ----------------------------------------------------------------------------------------


def test_roles_divide_the_work_and_serving_one_platform_leaves_the_other_alone(place: Place) -> None:
    place.paperboy.start("run", "serve:discord")
    place.paperboy.wait(lambda: place.discord.gateway.connected, "no session at Discord")
    answer = place.discord.slash(place.discord.user("somebody"), "papers", "help", where=place.rooms[0])
    assert "/papers" in place.at_discord(answer).text
    assert place.paperboy.terminate() == 0
    assert place.slack.sockets.opened == 0
