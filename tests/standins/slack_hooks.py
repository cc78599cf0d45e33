"""response_url: where an app answers an interaction later, five times within half an hour."""

import json

from aiohttp import web

from tests.standins import slack_checks as checks
from tests.standins.slack_calls import Call, RefusalError
from tests.standins.slack_world import JSON, Hook, Message, World

LIFE = 30 * 60
USES = 5


async def read(world: World, request: web.Request) -> Call:
    args: JSON = json.loads(await request.text() or "{}")
    return Call(world, "response_url", args, agent=request.headers.get("User-Agent", ""), at=world.elapsed())


def respond(call: Call, name: str) -> JSON:
    """Raises ``RefusalError`` where the address is worn out or the body bad."""
    hook = call.world.hooks.get(name)
    if hook is None or call.world.elapsed() - hook.at > LIFE:
        raise RefusalError("expired_url", 404)
    if hook.uses >= USES:
        raise RefusalError("used_url", 404)
    hook.uses += 1
    apply(call.world, hook, call.args)
    return {}


def apply(world: World, hook: Hook, body: JSON, what: str = "response_url") -> None:
    """Show, replace or delete, as the body says; the answer to a slash command in its acknowledgement does the same."""
    original = hook.original
    if original is not None and body.get("delete_original"):
        original.deleted = True
        return
    checks.message(world, body, what)
    if original is not None and body.get("replace_original"):
        _replace(world, original, body)
        if original not in hook.said:
            hook.said.append(original)
        return
    message = world.put(_made(world, hook, body))
    hook.said.append(message)
    hook.original = original or message


def _replace(world: World, message: Message, body: JSON) -> None:
    message.text = body.get("text", "")
    message.blocks, message.attachments = body.get("blocks") or [], body.get("attachments") or []
    message.sent, message.edited = body, world.new_ts()


def _made(world: World, hook: Hook, body: JSON) -> Message:
    return Message(
        channel=hook.channel,
        ts=world.new_ts(),
        user=hook.install.bot.id,
        sent=body,
        install=hook.install,
        text=body.get("text", ""),
        blocks=body.get("blocks") or [],
        attachments=body.get("attachments") or [],
        metadata=body.get("metadata"),
        thread_ts=body.get("thread_ts", ""),
        only_for="" if body.get("response_type") == "in_channel" else hook.user.id,
    )
