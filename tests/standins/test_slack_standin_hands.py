"""The stand-in for Slack, what people do with what they are shown, tried with a real bolt app."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.errors import SlackApiError

from tests.standins import slack_payloads as payloads
from tests.standins.slack import Slack, running
from tests.standins.slack_bolts import client, http_mode, socket_mode
from tests.standins.slack_samples import sample, strange

LINK = "https://arxiv.org/abs/1706.03762"


def text(said: str) -> dict[str, str]:
    return {"type": "plain_text", "text": said}


def section(said: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": said}}


def option(label: str, value: str) -> dict[str, Any]:
    return {"text": text(label), "value": value}


MORE = {"type": "overflow", "action_id": "more", "options": [option("Abstract", "abstract"), option("Cite", "cite")]}
SAVE = {"type": "button", "action_id": "save", "text": text("Save"), "value": "1706.03762"}
CADENCE = [option("Instantly", "instant"), option("Daily", "daily")]
FORM = {
    "type": "modal",
    "callback_id": "subscribe",
    "title": text("Subscribe"),
    "submit": text("Subscribe"),
    "private_metadata": "C1",
    "blocks": [
        {
            "type": "input",
            "block_id": "query",
            "label": text("Query"),
            "element": {"type": "plain_text_input", "action_id": "query"},
        },
        {
            "type": "input",
            "block_id": "every",
            "label": text("How often"),
            "element": {
                "type": "static_select",
                "action_id": "every",
                "options": CADENCE,
                "initial_option": CADENCE[0],
            },
        },
        {
            "type": "input",
            "block_id": "category",
            "label": text("Category"),
            "optional": True,
            "element": {"type": "external_select", "action_id": "category", "min_query_length": 0},
        },
    ],
}


def buttons(slack: Slack) -> AsyncApp:
    """An app with a button, a form, suggestions, a home, a shortcut and unfurls."""
    app = AsyncApp(client=client(slack), signing_secret=slack.signing_secret, token=slack.bot.token)

    @app.command("/papers")
    async def papers(ack: Any, respond: Any, command: Any, client: Any) -> None:
        await ack()
        if command["text"] == "subscribe":
            await client.views_open(trigger_id=command["trigger_id"], view=FORM)
        else:
            await respond(text="A paper", blocks=[section("A paper"), {"type": "actions", "elements": [SAVE, MORE]}])

    @app.action("save")
    async def save(ack: Any, respond: Any, action: Any) -> None:
        await ack()
        await respond(text=f"Saved {action['value']}", replace_original=True)

    @app.action("more")
    async def more(ack: Any, respond: Any, action: Any) -> None:
        await ack()
        await respond(f"More: {action['selected_option']['value']}")

    @app.view("subscribe")
    async def subscribe(ack: Any, view: Any, body: Any, client: Any) -> None:
        values = view["state"]["values"]
        if len(values["query"]["query"]["value"]) < 3:
            await ack(response_action="errors", errors={"query": "Too short"})
            return
        await ack()
        every = values["every"]["every"]["selected_option"]["value"]
        said = f"{values['query']['query']['value']} {every} {view['private_metadata']}"
        await client.chat_postMessage(channel=body["user"]["id"], text=said)

    @app.options("category")
    async def categories(ack: Any, payload: Any) -> None:
        await ack(options=[option(f"{payload['value']}.LG", f"{payload['value']}.LG")])

    _rest(app)
    return app


def _rest(app: AsyncApp) -> None:
    @app.event("app_home_opened")
    async def home(event: Any, client: Any) -> None:
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": [section("Hello")]})

    @app.shortcut("look_up")
    async def look_up(ack: Any, shortcut: Any, respond: Any) -> None:
        await ack()
        await respond(f"Looking up {shortcut['message']['text']}")

    @app.event("tokens_revoked")
    async def revoked() -> None:
        return

    @app.event("link_shared")
    async def shared(event: Any, client: Any) -> None:
        unfurls = {link["url"]: {"blocks": [section("A paper")]} for link in event["links"]}
        await client.chat_unfurl(channel=event["channel"], ts=event["message_ts"], unfurls=unfurls)


@pytest.fixture(params=["socket", "http"])
async def slack(request: pytest.FixtureRequest) -> AsyncIterator[Slack]:
    async with running() as served:
        mode = socket_mode if request.param == "socket" else http_mode
        async with mode(served, buttons(served)):
            yield served


async def test_a_button_is_pressed_by_what_is_written_on_it(slack: Slack) -> None:
    shown = await slack.slash(slack.reader, "/papers", "latest", slack.papers)
    saved = await slack.press(shown, "Save")
    assert saved.message is shown.message
    assert (shown.message.text, shown.message.blocks) == ("Saved 1706.03762", [])
    assert saved.parcel.payload["container"]["is_ephemeral"]


async def test_a_choice_is_picked_by_its_label(slack: Slack) -> None:
    shown = await slack.slash(slack.reader, "/papers", "latest", slack.papers)
    assert (await slack.pick(shown, "more", "Cite")).message.text == "More: cite"
    assert [m.text for m in shown.messages] == ["A paper"]


async def test_a_form_of_an_app_for_an_organization_comes_without_a_team(slack: Slack) -> None:
    install, person = slack.install(slack.org), slack.add_user(slack.north, "reader")
    body = payloads.interaction(slack, install, person, "view_submission", in_view=True)
    assert (body["team"], body["enterprise"]["id"], body["is_enterprise_install"]) == (None, slack.org.id, True)
    event = payloads.event(slack, install, slack.north, {"type": "app_home_opened"})
    (authorization,) = event["authorizations"]
    assert (authorization["team_id"], authorization["is_enterprise_install"]) == (None, True)


async def test_a_button_that_is_not_there_is_told_with_those_that_are(slack: Slack) -> None:
    shown = await slack.slash(slack.reader, "/papers", "latest", slack.papers)
    with pytest.raises(AssertionError, match="Save"):
        await slack.press(shown, "Delete")


async def test_a_form_opens_is_refused_and_taken(slack: Slack) -> None:
    opened = await slack.slash(slack.reader, "/papers", "subscribe", slack.papers)
    (category,) = await slack.suggest(opened, "category", "cs")
    refused = await slack.submit(opened, {"query": "ab"})
    assert refused.errors == {"query": "Too short"}
    assert not opened.view.closed
    taken = await slack.submit(opened, {"Query": "diffusion", "every": "Daily", "category": category})
    assert [m.text for m in taken.posts] == ["diffusion daily C1"]
    assert opened.view.closed
    assert opened.view.values["category"]["category"]["selected_option"]["value"] == "cs.LG"


async def test_a_form_with_an_empty_field_cannot_be_submitted(slack: Slack) -> None:
    opened = await slack.slash(slack.reader, "/papers", "subscribe", slack.papers)
    with pytest.raises(AssertionError, match="query"):
        await slack.submit(opened, {})


async def test_a_form_opens_only_within_three_seconds_and_once(slack: Slack) -> None:
    opened = await slack.slash(slack.reader, "/papers", "subscribe", slack.papers)
    for seconds, error in ((0, "exchanged_trigger_id"), (3.1, "expired_trigger_id")):
        slack.advance(seconds)
        with pytest.raises(SlackApiError, match=error):
            await client(slack).views_open(trigger_id=opened.parcel.payload["trigger_id"], view=FORM)


async def test_a_home_is_shown_when_somebody_looks(slack: Slack) -> None:
    opened = await slack.open_home(slack.reader)
    assert opened.view.body["blocks"] == [section("Hello")]
    again = await slack.open_home(slack.reader)
    assert again.parcel.payload["event"]["view"]["id"] == opened.view.id


async def test_a_shortcut_knows_the_message_it_was_used_on(slack: Slack) -> None:
    message = slack.say(slack.manager, slack.papers, "1706.03762")
    answer = await slack.shortcut(message, "look_up", by=slack.reader)
    assert (answer.message.text, answer.message.only_for) == ("Looking up 1706.03762", slack.reader.id)


async def test_links_are_told_of_and_unfurled(slack: Slack) -> None:
    await slack.link_shared(slack.papers, [LINK], slack.reader)
    (message,) = slack.messages(slack.papers)
    assert list(message.unfurls) == [LINK]
    with pytest.raises(SlackApiError, match="cannot_unfurl_url"):
        await client(slack).chat_unfurl(
            channel=slack.papers.id, ts=message.ts, unfurls={"https://example.com": {"text": "Else"}}
        )


async def test_payloads_have_no_key_that_slacks_samples_lack(slack: Slack) -> None:
    shown = await slack.slash(slack.reader, "/papers", "latest", slack.papers)
    opened = await slack.slash(slack.reader, "/papers", "subscribe", slack.papers)
    message = slack.say(slack.manager, slack.papers, "1706.03762")
    payloads = {
        "app-backend/SlashCommandPayload.json": shown,
        "app-backend/BlockActionPayload.json": await slack.press(shown, "Save"),
        "app-backend/ViewSubmissionPayload.json": await slack.submit(opened, {"query": "diffusion"}),
        "app-backend/MessageShortcutPayload.json": await slack.shortcut(message, "look_up"),
        "events/AppHomeOpenedPayload.json": await slack.open_home(slack.reader),
        "events/LinkSharedPayload.json": await slack.link_shared(slack.papers, [LINK], slack.reader),
        "events/TokensRevokedPayload.json": await slack.revoke(slack.lab),
    }
    for name, answer in payloads.items():
        assert strange(answer.parcel.payload, sample(name)) == [], name
