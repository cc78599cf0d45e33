"""Installing the app: the page that asks, the code it hands out, the token for the code, and how tokens end."""

import html
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from aiohttp import web

from tests.planted import planted
from tests.standins.slack_calls import Call, RefusalError, method
from tests.standins.slack_world import JSON, Enterprise, Team, User, World

CODE_LIFE = 600.0


@dataclass
class Grant:
    """What a code stands for. ``redirect_uri`` must come again with it, where it was given."""

    place: Team | Enterprise
    user: User
    scopes: str
    redirect_uri: str
    at: float
    used: bool = False


async def authorize(world: World, request: web.Request) -> web.StreamResponse:
    """``/oauth/v2/authorize``: a page that asks where to install; with ``place`` the answer is given already."""
    query = dict(request.query)
    if query.get("client_id") != world.client_id:
        return web.Response(status=400, text="invalid_client_id")
    place = query.get("place", "")
    if not place:
        return web.Response(text=_page(world, query), content_type="text/html")
    back = query.get("redirect_uri") or world.redirect_uri
    said = {"error": "access_denied"} if place == "deny" else {"code": _grant(world, place, query)}
    raise web.HTTPFound(with_query(back, said | {"state": query.get("state", "")}))


def _page(world: World, query: dict[str, str]) -> str:
    places: list[Team | Enterprise] = [*world.teams, *world.enterprises]
    names = {place.id: place.name for place in places} | {"deny": "Cancel"}
    links = [f'<a href="?{html.escape(urlencode(query | {"place": key}))}">{name}</a>' for key, name in names.items()]
    return f"<title>Paperboy asks for {html.escape(query.get('scope', ''))}</title>{' '.join(links)}"


def _grant(world: World, place: str, query: dict[str, str]) -> str:
    """Whoever manages the place agrees; the first of its people where none does."""
    places: list[Team | Enterprise] = [*world.teams, *world.enterprises]
    found = next(p for p in places if p.id == place)
    people = [u for u in world.users.values() if u.team and found in (u.team, u.team.enterprise) and not u.bot]
    assert people, f"nobody is in {found.name}"
    user = min(people, key=lambda person: not person.admin)
    code = world.new_id(planted("code-"))
    grant = Grant(found, user, query.get("scope", ""), query.get("redirect_uri", ""), world.elapsed())
    world.grants[code] = grant
    return code


def with_query(url: str, more: dict[str, str]) -> str:
    parts = urlsplit(url)
    return parts._replace(query=urlencode(parse_qsl(parts.query) + list(more.items()))).geturl()


@method("oauth.v2.access")
def access(call: Call) -> JSON:
    _known_app(call)
    grant = call.world.grants.get(call.text("code"))
    if grant is None:
        raise RefusalError("invalid_code")
    if grant.used or call.world.elapsed() - grant.at > CODE_LIFE:
        raise RefusalError("code_already_used" if grant.used else "code_expired")
    if call.text("redirect_uri") != grant.redirect_uri:
        raise RefusalError("bad_redirect_uri")
    grant.used = True
    install = call.world.install(grant.place, grant.scopes)
    team, enterprise = install.team, install.enterprise
    said: JSON = {"app_id": call.world.app_id, "authed_user": {"id": grant.user.id}, "token_type": "bot"}
    said |= {"scope": ",".join(sorted(install.scopes)), "access_token": install.token, "bot_user_id": install.bot.id}
    said["team"] = {"id": team.id, "name": team.name} if team else None
    said["enterprise"] = {"id": enterprise.id, "name": enterprise.name} if enterprise else None
    return said | {"is_enterprise_install": install.org_wide}


def _known_app(call: Call) -> None:
    if call.text("client_id") != call.world.client_id:
        raise RefusalError("invalid_client_id")
    if call.text("client_secret") != call.world.client_secret:
        raise RefusalError("bad_client_secret")


@method("apps.uninstall")
def uninstall(call: Call) -> JSON:
    _known_app(call)
    call.world.end(call.install, "account_inactive", ("tokens_revoked", "app_uninstalled"))
    return {}


@method("auth.revoke")
def revoke(call: Call) -> JSON:
    if not call.flag("test"):
        call.world.end(call.install, "token_revoked", ("tokens_revoked",))
    return {"revoked": not call.flag("test")}
