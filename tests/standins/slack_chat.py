"""The Web API's chat methods: post, post for one person, update, delete, unfurl."""

from tests.standins import slack_checks as checks
from tests.standins import slack_shapes as shapes
from tests.standins.slack_calls import Call, RefusalError, is_ts, method, moment, slow_down
from tests.standins.slack_world import JSON, Channel, Message


@method("chat.postMessage", "chat:write")
def post_message(call: Call) -> JSON:
    channel = _room(call)
    if wait := call.world.posting.take(channel.id, call.world.elapsed()):
        raise slow_down(wait)
    may_speak(call, channel)
    thread_ts = call.text("thread_ts")
    if thread_ts:
        _parent(channel, thread_ts)
    checks.message(call.world, call.args, call.method)
    message = call.world.put(made(call, channel, thread_ts=thread_ts))
    return {"channel": channel.id, "ts": message.ts, "message": shapes.message(call.world, message, metadata=True)}


def _room(call: Call) -> Channel:
    """A person's id stands for the direct channel with them."""
    if call.text("channel")[:1] in ("U", "W"):
        return call.world.direct(call.install, call.user("channel", "channel_not_found"))
    return call.channel(seen=False)


def may_speak(call: Call, channel: Channel) -> None:
    if channel.archived:
        raise RefusalError("is_archived")
    if call.install.bot.id not in channel.members:
        if channel.kind == "private":
            raise RefusalError(call.world.outsider_error)
        if "chat:write.public" not in call.install.scopes:
            raise RefusalError("not_in_channel")
    if channel.restricted:
        raise RefusalError("restricted_action")
    if channel.user and channel.user.deleted:
        raise RefusalError("user_is_deactivated" if call.method == "chat.postEphemeral" else "channel_not_found")


def _parent(channel: Channel, ts: str) -> Message:
    """The message a thread hangs on; replies to replies are refused, as they show nowhere."""
    if not is_ts(ts):
        raise RefusalError("invalid_thread_ts")
    found = next((m for m in channel.messages if m.ts == ts and not m.only_for), None)
    if found is None or found.deleted or found.thread_ts:
        raise RefusalError("cannot_reply_to_message")
    return found


def made(call: Call, channel: Channel, *, thread_ts: str = "", only_for: str = "") -> Message:
    args = call.args
    return Message(
        channel=channel,
        ts=call.world.new_ts(),
        user=call.install.bot.id,
        sent=args,
        install=call.install,
        text=call.text("text"),
        blocks=args.get("blocks") or [],
        attachments=args.get("attachments") or [],
        metadata=args.get("metadata") or None,
        thread_ts=thread_ts,
        only_for=only_for,
    )


@method("chat.postEphemeral", "chat:write")
def post_ephemeral(call: Call) -> JSON:
    channel, user = call.channel(seen=False), call.user()
    may_speak(call, channel)
    if user.id not in channel.members:
        raise RefusalError("user_not_in_channel")
    checks.message(call.world, call.args, call.method)
    message = call.world.put(made(call, channel, thread_ts=call.text("thread_ts"), only_for=user.id))
    return {"message_ts": message.ts}


@method("chat.update", "chat:write")
def update(call: Call) -> JSON:
    """What is left out stays; an empty list takes away."""
    message = _own(call, "cant_update_message")
    if call.world.edit_window is not None:
        age = call.world.now() - moment(message.ts) / 1_000_000
        if age > call.world.edit_window:
            raise RefusalError("edit_window_closed")
    kept = {"text": message.text, "blocks": message.blocks, "attachments": message.attachments}
    checks.message(call.world, kept | call.args, call.method)
    for name in ("text", "blocks", "attachments", "metadata"):
        if name in call.args:
            setattr(message, name, call.args[name] or (None if name == "metadata" else type(kept[name])()))
    message.edited = call.world.new_ts()
    shape = shapes.message(call.world, message, metadata=True)
    del shape["ts"]
    return {"channel": message.channel.id, "ts": message.ts, "text": message.text, "message": shape}


@method("chat.delete", "chat:write")
def delete(call: Call) -> JSON:
    message = _own(call, "cant_delete_message")
    message.deleted = True
    return {"channel": message.channel.id, "ts": message.ts}


def _own(call: Call, error: str) -> Message:
    channel, ts = call.channel(), call.text("ts")
    found = next((m for m in channel.messages if m.ts == ts and not m.only_for and not m.deleted), None)
    if found is None:
        raise RefusalError("message_not_found")
    if found.install is not call.install:
        raise RefusalError(error)
    if channel.archived:
        raise RefusalError("is_inactive")
    return found


@method("chat.unfurl", "links:write")
def unfurl(call: Call) -> JSON:
    """Only links that stand in the message, by its channel and ts or by the ``unfurl_id`` of the event."""
    message = _shared(call)
    unfurls = call.args.get("unfurls")
    if not unfurls:
        raise RefusalError("missing_unfurls")
    if not isinstance(unfurls, dict):
        raise RefusalError("invalid_unfurls_format")
    for url, body in unfurls.items():
        if url not in message.links:
            raise RefusalError("cannot_unfurl_url")
        checks.attachment(call.world, body, call.method)
    message.unfurls |= unfurls
    return {}


def _shared(call: Call) -> Message:
    if unfurl_id := call.text("unfurl_id"):
        found = call.world.shared.get(unfurl_id)
    else:
        channel, ts = call.channel(seen=False), call.text("ts")
        found = next((m for m in channel.messages if m.ts == ts and not m.deleted), None)
    if found is None or not call.install.reaches(found.channel.team):
        raise RefusalError("cannot_find_message")
    return found
