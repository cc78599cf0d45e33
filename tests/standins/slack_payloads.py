"""What Slack sends to an app when somebody does something, after its own samples."""

from typing import Any

from tests.standins import slack_shapes as shapes
from tests.standins.slack_world import JSON, Channel, Hook, Install, Message, Team, Trigger, User, View, World

NAMES = {"im": "directmessage", "private": "privategroup"}


def slash(world: World, hook: Hook, trigger: Trigger, command: str, text: str) -> JSON:
    """A form: every value is text."""
    team, user = hook.channel.team, hook.user
    form: JSON = {"token": world.verification_token, "api_app_id": world.app_id, "team_id": team.id}
    form |= {"team_domain": team.domain, "channel_id": hook.channel.id, "channel_name": _name(hook.channel)}
    if team.enterprise:
        form |= {"enterprise_id": team.enterprise.id, "enterprise_name": team.enterprise.name}
    form |= {"user_id": user.id, "user_name": user.name, "command": command, "text": text}
    form |= {"response_url": url(world, hook), "trigger_id": trigger.id}
    return form | {"is_enterprise_install": str(hook.install.org_wide).lower()}


def url(world: World, hook: Hook) -> str:
    return f"{world.url}/commands/{hook.id}"


def interaction(world: World, install: Install, user: User, kind: str, *, in_view: bool = False) -> JSON:
    """What every interaction says. In views of an app installed for an organization there is no team."""
    team = user.team
    assert team is not None
    known: JSON = {"id": team.id, "domain": team.domain}
    body: JSON = {"type": kind, "token": world.verification_token, "enterprise": None}
    if team.enterprise:
        known |= {"enterprise_id": team.enterprise.id, "enterprise_name": team.enterprise.name}
        body["enterprise"] = {"id": team.enterprise.id, "name": team.enterprise.name}
    body["team"] = None if in_view and install.org_wide else known
    body["user"] = {"id": user.id, "name": user.name, "team_id": team.id}
    if kind != "message_action":
        body["user"]["username"], body["api_app_id"] = user.name, world.app_id
    return body | {"is_enterprise_install": install.org_wide}


def on_message(world: World, message: Message) -> JSON:
    """Where a button or menu in a message was used. What only one person sees is not sent along."""
    container: JSON = {"type": "message", "message_ts": message.ts, "channel_id": message.channel.id}
    container["is_ephemeral"] = bool(message.only_for)
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    body: JSON = {"container": container, "channel": {"id": message.channel.id, "name": _name(message.channel)}}
    if not message.only_for:
        body["message"] = shapes.message(world, message, metadata=True)
    return body | {"state": {"values": {}}}


def on_view(world: World, view: View) -> JSON:
    return {"container": {"type": "view", "view_id": view.id}, "view": shapes.view(world, view)}


def shortcut(world: World, message: Message, hook: Hook, trigger: Trigger, callback: str) -> JSON:
    """With what ``interaction`` says."""
    body: JSON = {"callback_id": callback, "trigger_id": trigger.id, "message_ts": message.ts}
    body |= {"response_url": url(world, hook), "message": shapes.message(world, message)}
    return body | {"channel": {"id": message.channel.id, "name": _name(message.channel)}, "action_ts": world.new_ts()}


def event(world: World, install: Install, team: Team | None, inner: JSON) -> JSON:
    """``team`` is where it happened; None where a whole organization is meant."""
    enterprise = install.enterprise
    body: JSON = {"token": world.verification_token, "api_app_id": world.app_id, "type": "event_callback"}
    if team:
        body["team_id"] = team.id
    if enterprise:
        body["enterprise_id"] = enterprise.id
    authorization: dict[str, Any] = {"enterprise_id": enterprise.id if enterprise else None}
    authorization |= {"team_id": None if install.org_wide else install.team and install.team.id}
    authorization |= {"user_id": install.bot.id, "is_bot": True, "is_enterprise_install": install.org_wide}
    body |= {"event": inner, "authorizations": [authorization], "is_ext_shared_channel": False}
    return body | {"event_id": world.new_id("Ev"), "event_time": int(world.now()), "event_context": "standin"}


def _name(channel: Channel) -> str:
    return NAMES.get(channel.kind, channel.name)
