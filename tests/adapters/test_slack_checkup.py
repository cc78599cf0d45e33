"""What the doctor says of Slack: tokens, scopes, rooms, and what to do."""

from dataclasses import replace
from pathlib import Path

from cryptography.fernet import Fernet

from adapters.slack import build
from adapters.slack.manifest import REASONS
from bot.model import Address, Finding
from tests.adapters.at_slack import Lab, at_slack

EVERYTHING = ",".join(REASONS)


def said(findings: list[Finding], level: str) -> str:
    return "\n".join(str(finding) for finding in findings if finding.level == level)


async def test_where_all_is_well_there_is_nothing_to_do(tmp_path: Path) -> None:
    async with at_slack(tmp_path, serve=False, scopes=EVERYTHING) as lab:
        reader = lab.bot.private(lab.channel(), lab.slack.reader.id)
        findings = await lab.bot.examine([lab.channel(), reader])
        assert [f.level for f in findings] == ["ok"] * 4
        assert "Slack lab" in said(findings, "ok")
        assert "#papers" in said(findings, "ok")
        assert "xoxb" not in said(findings, "ok")
        assert lab.slack.messages(lab.slack.papers) == []


async def test_without_the_right_to_read_history_the_doctor_says_what_it_costs(tmp_path: Path) -> None:
    scopes = set(REASONS) - {"channels:history"}
    async with at_slack(tmp_path, serve=False, scopes=",".join(scopes)) as lab:
        findings = await lab.bot.examine([])
    [hint] = [finding.text for finding in findings if finding.level == "hint"]
    assert hint.startswith("lacks the scope channels:history (after an unclear answer of Slack")
    assert "Without it such a post may come twice" in hint


async def test_missing_scopes_are_named_with_what_they_are_for(tmp_path: Path) -> None:
    scopes = set(REASONS) - {"chat:write", "users:read"}
    async with at_slack(tmp_path, serve=False, scopes=",".join(scopes)) as lab:
        findings = await lab.bot.examine([])
        assert "chat:write" in said(findings, "bad")
        assert "users:read" in said(findings, "hint")
        assert "reinstall" in said(findings, "hint")


async def test_rooms_that_cannot_be_posted_to_are_bad(tmp_path: Path) -> None:
    async with at_slack(tmp_path, serve=False, scopes=EVERYTHING) as lab:
        gone = Address("slack", lab.slack.lab.id, "C404", "channel", "gone")
        left = lab.slack.add_user(lab.slack.lab, "left")
        left.deleted = True
        old = lab.slack.add_channel(lab.slack.lab, "old", joined=True)
        old.archived = True
        rooms = [lab.channel("secret"), gone, lab.channel("old"), lab.bot.private(gone, left.id)]
        bad = [f for f in await lab.bot.examine([*rooms, lab.channel("general")]) if f.level == "bad"]
        assert [f.subject for f in bad] == ["Slack #secret", "Slack #gone", "Slack #old", f"Slack {left.id}"]
        assert "/invite @Paperboy" in bad[0].text
        assert "archived" in bad[2].text
        hints = said(await lab.bot.examine([lab.channel("general")]), "hint")
        assert "#general" in hints
        assert "/invite @Paperboy" in hints


async def test_tokens_that_do_not_work_are_named_and_never_shown(tmp_path: Path) -> None:
    async with at_slack(tmp_path, serve=False) as lab:
        wrong = replace(lab.options.slack, bot_token="xoxb-very-secret", app_token="xapp-very-secret")
        bot = build(replace(lab.options, slack=wrong))
        bad = said(await bot.examine([lab.channel()]), "bad")
        await bot.close()
        assert "PAPERBOY_SLACK_BOT_TOKEN" in bad
        assert "PAPERBOY_SLACK_APP_TOKEN" in bad
        assert "very-secret" not in bad


async def test_many_workspaces_are_looked_at_each(tmp_path: Path) -> None:
    async with at_slack(tmp_path, "install") as lab:
        lab.slack.installs.clear()
        assert f"{lab.url}/slack/install" in said(await lab.bot.examine([]), "hint")
        for team in (lab.slack.lab, lab.slack.other):
            await lab.slack.visit_install(f"{lab.url}/slack/install", team)
        await lab.slack.uninstall(lab.slack.other)
        lab.slack.install_at(lab.slack.lab).scopes = frozenset({"commands", "chat:write"})
        findings = await lab.bot.examine([])
        assert "lacks the scope" in said(findings, "hint")
        assert await wrong_key(lab) == "bad"


async def wrong_key(lab: Lab) -> str:
    key = Fernet.generate_key().decode()
    bot = build(replace(lab.options, slack=replace(lab.options.slack, key=key)))
    (finding,) = await bot.examine([lab.channel()])
    await bot.close()
    assert "PAPERBOY_KEY" in finding.text
    return finding.level


async def test_a_slack_out_of_reach_is_a_finding_and_no_failure(tmp_path: Path) -> None:
    async with at_slack(tmp_path, serve=False) as lab:
        bot = build(replace(lab.options, slack=replace(lab.options.slack, url="http://127.0.0.1:9/api")))
        findings = await bot.examine([lab.channel()])
        await bot.close()
        assert {f.level for f in findings} == {"bad"}
        tokens = ("PAPERBOY_SLACK_BOT_TOKEN", "PAPERBOY_SLACK_APP_TOKEN")
        for finding, token in zip(findings, tokens, strict=False):
            assert finding.text.startswith("Slack cannot be reached (")
            assert finding.text.endswith(f": check the network; {token} was not tested")
        assert "does not work" not in said(findings, "bad")
