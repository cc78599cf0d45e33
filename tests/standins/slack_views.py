"""The Web API's views: modals that open upon what somebody did, within 3 s, and the home of the app."""

from collections.abc import Callable

from tests.standins import slack_checks as checks
from tests.standins import slack_elements as elements
from tests.standins import slack_shapes as shapes
from tests.standins.slack_calls import Call, RefusalError, method
from tests.standins.slack_world import JSON, Install, Trigger, User, View, World

TRIGGER_LIFE = 3.0
DEEPEST = 3


def shown(world: World, view: View, body: JSON) -> View:
    """The view with another body; what was entered stays in fields that stay."""
    view.body, view.hash = body, world.new_id("hash")
    view.values = elements.state(body.get("blocks", []), view.values)
    return view


def new(world: World, install: Install, user: User, body: JSON, *, under: View | None = None) -> View:
    view = View(world.new_id("V"), install, user, body, "")
    view.root, view.previous = (under.root, under.id) if under else (view.id, "")
    world.views[view.id] = view
    return shown(world, view, body)


@method("views.open")
def views_open(call: Call) -> JSON:
    trigger, body = _triggered(call), _body(call, "modal")
    view = new(call.world, call.install, trigger.user, body)
    trigger.views.append(view)
    return {"view": shapes.view(call.world, view)}


@method("views.push")
def views_push(call: Call) -> JSON:
    trigger, body = _triggered(call), _body(call, "modal")
    if trigger.view is None:
        raise RefusalError("not_found")
    if depth(call.world, trigger.view) >= DEEPEST:
        raise RefusalError("push_limit_reached")
    view = new(call.world, call.install, trigger.user, body, under=trigger.view)
    trigger.views.append(view)
    return {"view": shapes.view(call.world, view)}


def depth(world: World, view: View) -> int:
    return 1 + (depth(world, world.views[view.previous]) if view.previous else 0)


def _triggered(call: Call) -> Trigger:
    trigger = call.world.triggers.get(call.text("trigger_id"))
    if trigger is None or trigger.install is not call.install:
        raise RefusalError("invalid_trigger_id")
    if call.world.elapsed() - trigger.at > TRIGGER_LIFE:
        raise RefusalError("expired_trigger_id")
    if trigger.used:
        raise RefusalError("exchanged_trigger_id")
    trigger.used = True
    return trigger


def _body(call: Call, kind: str) -> JSON:
    body = call.args.get("view")
    if not isinstance(body, dict) or body.get("type") != kind:
        raise RefusalError("invalid_arguments", response_metadata={"messages": [f"[ERROR] no {kind} in view"]})
    checks.view(call.world, body, call.method)
    return body


@method("views.update")
def views_update(call: Call) -> JSON:
    by_own_id = (call.install, call.text("external_id"))
    known: Callable[[View], bool] = lambda v: (v.install, v.body.get("external_id")) == by_own_id  # noqa: E731
    view = call.world.views.get(call.text("view_id")) or next(filter(known, call.world.views.values()), None)
    if view is None or view.closed or view.install is not call.install:
        raise RefusalError("not_found")
    if call.text("hash", view.hash) != view.hash:
        raise RefusalError("hash_conflict")
    shown(call.world, view, _body(call, view.body["type"]))
    return {"view": shapes.view(call.world, view)}


@method("views.publish")
def views_publish(call: Call) -> JSON:
    user = call.user("user_id")
    before, body = call.world.homes.get(user.id), _body(call, "home")
    if before and call.text("hash", before.hash) != before.hash:
        raise RefusalError("hash_conflict")
    view = shown(call.world, before, body) if before else new(call.world, call.install, user, body)
    call.world.homes[user.id] = view
    return {"view": shapes.view(call.world, view)}
