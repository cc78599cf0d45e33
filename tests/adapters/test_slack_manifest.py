"""The app manifest, against the limits of its schema (slackapi/manifest-schema, version 2)."""

import json

import pytest

from adapters.slack import manifest


def test_socket_mode_names_no_address() -> None:
    made = manifest.manifest("socket")
    assert "http" not in json.dumps(made)
    assert made["settings"]["socket_mode_enabled"] is True
    assert made["settings"]["org_deploy_enabled"] is False


def test_http_mode_names_the_public_address_everywhere_slack_calls() -> None:
    made = manifest.manifest("http", "https://papers.example.org/")
    events = "https://papers.example.org/slack/events"
    assert made["features"]["slash_commands"][0]["url"] == events
    assert made["settings"]["event_subscriptions"]["request_url"] == events
    assert made["settings"]["interactivity"] == {
        "is_enabled": True,
        "request_url": events,
        "message_menu_options_url": events,
    }
    assert made["settings"]["socket_mode_enabled"] is False


def test_only_the_manifest_for_many_workspaces_lets_others_install_it() -> None:
    one, many = (manifest.manifest(mode, "https://papers.example.org/") for mode in ("http", "many"))
    assert "redirect_urls" not in one["oauth_config"]
    assert one["settings"]["org_deploy_enabled"] is False
    assert many["oauth_config"]["redirect_urls"] == ["https://papers.example.org/slack/oauth_redirect"]
    assert many["settings"]["org_deploy_enabled"] is True
    assert {**many, "oauth_config": {}, "settings": {}} == {**one, "oauth_config": {}, "settings": {}}


@pytest.mark.parametrize("mode", ["http", "many"])
@pytest.mark.parametrize("url", ["", "http://papers.example.org"])
def test_a_mode_that_slack_calls_needs_an_https_address(mode: manifest.Mode, url: str) -> None:
    with pytest.raises(ValueError, match="https://"):
        manifest.manifest(mode, url)


def test_names_arrive_with_ids_so_that_a_group_can_be_mentioned() -> None:
    assert manifest.manifest("socket")["features"]["slash_commands"][0]["should_escape"] is True


def test_tokens_do_not_rotate_as_nothing_would_renew_them() -> None:
    assert manifest.manifest("socket")["settings"]["token_rotation_enabled"] is False


def test_every_scope_and_event_has_its_reason() -> None:
    made = manifest.manifest("socket")
    assert made["oauth_config"]["scopes"] == {"bot": list(manifest.REASONS)}
    assert made["settings"]["event_subscriptions"]["bot_events"] == list(manifest.EVENTS)
    assert all(len(reason) > 10 for reason in (*manifest.REASONS.values(), *manifest.EVENTS.values()))


def test_texts_are_within_what_slack_takes() -> None:
    made = manifest.manifest("socket")
    shown, features = made["display_information"], made["features"]
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert 175 <= len(shown["long_description"]) <= 4000
    assert len(features["bot_user"]["display_name"]) <= 80
    [shortcut], [command] = features["shortcuts"], features["slash_commands"]
    assert len(shortcut["name"]) <= 24
    assert len(shortcut["description"]) <= 150
    assert len(command["command"]) <= 32
    assert len(features["unfurl_domains"]) <= 5


def test_the_text_is_the_same_as_json() -> None:
    assert json.loads(manifest.manifest_text("socket")) == manifest.manifest("socket")
