"""The Web API's methods about who one is and what is where: auth, conversations, users, team."""

from tests.planted import planted
from tests.standins import slack_shapes as shapes
from tests.standins.slack_calls import Call, RefusalError, is_ts, method, moment, slow_down
from tests.standins.slack_world import JSON, Channel, Message


@method("auth.test")
def auth_test(call: Call) -> JSON:
    install = call.install
    place = install.team or install.enterprise
    assert place is not None
    said: JSON = {"url": f"https://{place.domain}.slack.com/", "team": place.name, "user": install.bot.name}
    said |= {"team_id": place.id, "user_id": install.bot.id, "bot_id": install.bot_id}
    if install.enterprise:
        said["enterprise_id"] = install.enterprise.id
    return said | {"is_enterprise_install": install.org_wide}


@method("apps.connections.open")
def connections_open(call: Call) -> JSON:
    if not call.token:
        raise RefusalError("not_authed")
    if not call.token.startswith("xapp-"):
        raise RefusalError("not_allowed_token_type")
    if call.token != call.world.app_token:
        raise RefusalError("invalid_auth")
    ticket = call.world.new_id(planted("S"))
    call.world.tickets.add(ticket)
    return {"url": f"{call.world.url.replace('http', 'ws', 1)}/link/?ticket={ticket}&app_id={call.world.app_id}"}


@method("team.info", "team:read")
def team_info(call: Call) -> JSON:
    wanted = call.text("team") or (call.install.team.id if call.install.team else "")
    found = next((t for t in call.world.teams if t.id == wanted and call.install.reaches(t)), None)
    if found is None:
        raise RefusalError("team_not_found")
    return {"team": shapes.team(found)}


@method("users.info", "users:read")
def users_info(call: Call) -> JSON:
    return {"user": shapes.user(call.user())}


READ = {"public": "channels:read", "private": "groups:read", "im": "im:read"}
HISTORY = {"public": "channels:history", "private": "groups:history", "im": "im:history"}


@method("conversations.open", "im:write")
def conversations_open(call: Call) -> JSON:
    """With one person only; Paperboy has no use for groups."""
    user = call.user("users")
    if user.deleted:
        raise RefusalError("user_disabled")
    channel = call.world.direct(call.install, user)
    return {"channel": shapes.channel(channel, call.install) if call.flag("return_im") else {"id": channel.id}}


@method("conversations.info")
def conversations_info(call: Call) -> JSON:
    channel = call.channel()
    call.need(READ[channel.kind])
    return {"channel": shapes.channel(channel, call.install)}


@method("conversations.members")
def conversations_members(call: Call) -> JSON:
    channel = call.channel()
    call.need(READ[channel.kind])
    return {"members": sorted(channel.members), "response_metadata": {"next_cursor": ""}}


@method("conversations.history")
def conversations_history(call: Call) -> JSON:
    """Newest first. Replies in threads are not in it, nor what only one person sees."""
    channel = _readable(call)
    found = [m for m in call.world.messages(channel) if not m.thread_ts]
    return {**_page(call, list(reversed(found)), channel), "pin_count": 0, "channel_actions_ts": None}


@method("conversations.replies")
def conversations_replies(call: Call) -> JSON:
    """The parent, then its replies, oldest first."""
    channel, ts = _readable(call), call.text("ts")
    found = [m for m in call.world.messages(channel) if ts in (m.ts, m.thread_ts)]
    if not found:
        raise RefusalError("thread_not_found")
    return _page(call, found, channel)


def _readable(call: Call) -> Channel:
    channel = call.channel()
    call.need(HISTORY[channel.kind])
    if wait := call.world.reading.take(f"{call.method} {channel.team.id}", call.world.elapsed()):
        raise slow_down(wait)
    if call.install.bot.id not in channel.members:
        raise RefusalError("not_in_channel")
    return channel


def _page(call: Call, messages: list[Message], channel: Channel) -> JSON:
    within = [m for m in messages if _is_within(call, m)]
    start = _position(call)
    asked = call.text("limit", "100")
    if not asked.isdigit() or not int(asked):
        raise RefusalError("invalid_limit")
    limit = min(int(asked), call.world.most_read)
    page, more = within[start : start + limit], len(within) > start + limit
    metadata = call.flag("include_all_metadata")
    said: JSON = {"messages": [shapes.message(call.world, m, metadata=metadata) for m in page], "has_more": more}
    if more:
        said["response_metadata"] = {"next_cursor": f"next:{start + limit}"}
    return said


def _is_within(call: Call, m: Message) -> bool:
    at, inclusive = moment(m.ts), call.flag("inclusive")
    for name, sign in (("oldest", 1), ("latest", -1)):
        bound = call.text(name)
        if bound and not is_ts(bound):
            raise RefusalError(f"invalid_ts_{name}")
        if bound and (at - moment(bound)) * sign < (0 if inclusive else 1):
            return False
    return True


def _position(call: Call) -> int:
    cursor = call.text("cursor")
    if cursor and not cursor.removeprefix("next:").isdigit():
        raise RefusalError("invalid_cursor")
    return int(cursor.removeprefix("next:")) if cursor else 0
