"""How Slack writes down what it knows, for answers and payloads, after its own samples. Pure."""

from tests.standins.slack_elements import numbered
from tests.standins.slack_world import JSON, Channel, Install, Message, Team, User, View, World


def message(world: World, m: Message, *, metadata: bool = False) -> JSON:
    shape: JSON = {"type": "message", "user": m.user, "ts": m.ts, "text": m.text, "team": m.channel.team.id}
    if m.install:
        shape |= {"bot_id": m.install.bot_id, "app_id": world.app_id, "bot_profile": profile(world, m.install)}
    if m.blocks:
        shape["blocks"] = numbered(m.blocks)
    attachments = m.attachments + [{"from_url": url, "is_app_unfurl": True} | body for url, body in m.unfurls.items()]
    if attachments:
        shape["attachments"] = [{"id": n} | attachment for n, attachment in enumerate(attachments, 1)]
    if m.edited:
        shape["edited"] = {"user": m.user, "ts": m.edited}
    if metadata and m.metadata:
        shape["metadata"] = m.metadata
    return shape | _thread(m)


def _thread(m: Message) -> JSON:
    if m.thread_ts:
        parent = next((other for other in m.channel.messages if other.ts == m.thread_ts), None)
        return {"thread_ts": m.thread_ts, "parent_user_id": parent.user if parent else ""}
    replies = [r for r in m.channel.messages if r.thread_ts == m.ts and not r.deleted and not r.only_for]
    if not replies:
        return {}
    users = sorted({reply.user for reply in replies})
    last = {"latest_reply": replies[-1].ts, "reply_users": users, "reply_users_count": len(users)}
    return {"thread_ts": m.ts, "reply_count": len(replies), "subscribed": False, "is_locked": False} | last


def profile(world: World, install: Install) -> JSON:
    icons = {f"image_{size}": f"https://www.example.com/{size}.png" for size in (36, 48, 72)}
    known: JSON = {"id": install.bot_id, "deleted": False, "name": "paperboy", "updated": 1, "app_id": world.app_id}
    return known | {"icons": icons, "team_id": install.team.id if install.team else ""}


def channel(c: Channel, install: Install) -> JSON:
    shape: JSON = {"id": c.id, "created": 1, "is_archived": c.archived, "is_im": c.kind == "im", "is_org_shared": False}
    shape |= {"context_team_id": c.team.id, "updated": 1}
    if c.kind == "im":
        return shape | {"user": c.user.id if c.user else "", "is_open": True}
    note = {"value": "", "creator": "", "last_set": 0}
    shape |= {"name": c.name, "name_normalized": c.name, "is_channel": c.kind == "public"}
    shape |= {"is_group": c.kind == "private", "is_private": c.kind == "private", "is_mpim": False}
    shape |= {"is_member": install.bot.id in c.members, "is_general": False, "is_shared": False}
    return shape | {"is_ext_shared": False, "topic": note, "purpose": note, "previous_names": []}


def user(u: User) -> JSON:
    shape: JSON = {"id": u.id, "team_id": u.team.id if u.team else "", "name": u.name, "real_name": u.name}
    shape |= {"deleted": u.deleted, "tz": u.zone, "tz_label": u.zone, "tz_offset": 3600, "updated": 1}
    shape |= {"is_admin": u.admin, "is_owner": u.admin, "is_primary_owner": False, "is_restricted": u.guest}
    shape |= {"is_ultra_restricted": False, "is_bot": u.bot, "is_app_user": False}
    shape["profile"] = {"real_name": u.name, "display_name": u.name, "team": shape["team_id"]}
    if u.team and u.team.enterprise:
        org = {"enterprise_id": u.team.enterprise.id, "enterprise_name": u.team.enterprise.name}
        shape["enterprise_user"] = {"id": u.id, "is_admin": False, "is_owner": False, "teams": [u.team.id]} | org
    return shape


def team(t: Team) -> JSON:
    shape: JSON = {"id": t.id, "name": t.name, "domain": t.domain, "email_domain": "", "is_verified": False}
    shape |= {"url": f"https://{t.domain}.slack.com/", "icon": {"image_default": True}}
    if t.enterprise:
        shape |= {"enterprise_id": t.enterprise.id, "enterprise_name": t.enterprise.name}
    return shape


def view(world: World, v: View) -> JSON:
    fixed = ("type", "title", "submit", "close", "blocks", "private_metadata", "callback_id", "external_id")
    shape: JSON = {key: v.body.get(key, "" if key in fixed[-3:] else None) for key in fixed}
    shape["blocks"] = numbered(v.body.get("blocks", []))
    team_id = v.user.team.id if v.user.team else ""
    shape |= {"id": v.id, "team_id": team_id, "state": {"values": v.values}, "hash": v.hash, "app_id": world.app_id}
    shape |= {"clear_on_close": v.body.get("clear_on_close", False), "bot_id": v.install.bot_id}
    shape |= {"notify_on_close": v.body.get("notify_on_close", False), "submit_disabled": False}
    return shape | {"root_view_id": v.root, "previous_view_id": v.previous or None, "app_installed_team_id": team_id}
