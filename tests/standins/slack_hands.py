"""What people do with what the app showed them: press, pick, type, submit, close; and the words for what they use."""

from typing import Any

from tests.standins import slack_checks as checks
from tests.standins import slack_elements as elements
from tests.standins import slack_payloads as payloads
from tests.standins import slack_shapes as shapes
from tests.standins import slack_views as views
from tests.standins.slack_actors import Actors, Answer
from tests.standins.slack_calls import RefusalError
from tests.standins.slack_doors import Parcel
from tests.standins.slack_world import JSON, Install, Message, User, View

Place = Answer | Message | View


class Hands(Actors):
    """``which`` names an element by what is written on it, its action id, or its block's label or id.

    ``by`` is who does it: whoever the thing was shown to, and the reader in what everybody sees.
    """

    async def press(self, on: Place, which: str, *, by: User | None = None, wait: bool = True) -> Answer:
        """Press a button, and agree where it asks first."""
        place, block, element = self._find(on, which)
        action: JSON = {key: element[key] for key in ("action_id", "text", "value", "style", "url") if key in element}
        return await self._use(place, block, element, action, by, wait)

    async def pick(self, on: Place, which: str, value: Any, *, by: User | None = None, wait: bool = True) -> Answer:
        """Choose in a menu, or type in a field that reports at once; see ``elements.entry`` for what a value is."""
        place, block, element = self._find(on, which)
        entry = elements.entry(element, value)
        if isinstance(place, View):
            place.values.setdefault(block["block_id"], {})[element["action_id"]] = entry
        return await self._use(place, block, element, {"action_id": element["action_id"]} | entry, by, wait)

    async def submit(self, on: View | Answer, values: dict[str, Any], *, wait: bool = True) -> Answer:
        """Fill in fields and submit the form; what the app says in its acknowledgement happens to the form."""
        view = on.view if isinstance(on, Answer) else on
        assert not view.closed, "the form is closed"
        for name, value in values.items():
            _, block, element = self._find(view, name)
            view.values[block["block_id"]][element["action_id"]] = elements.entry(element, value)
        empty = elements.missing(view.body["blocks"], view.values)
        assert not empty, f"Slack asks to fill in {empty}"
        trigger = self.trigger(view.install, view.user)
        body = payloads.interaction(self, view.install, view.user, "view_submission", in_view=True)
        body |= {"view": shapes.view(self, view), "trigger_id": trigger.id, "response_urls": []}
        answer = self._answer(Parcel("interactive", body), view.user, trigger=trigger)
        await self._deliver(answer)
        if answer.acked is not None:
            self._after(view, answer)
        return await self._settled(answer) if wait else answer

    def _after(self, view: View, answer: Answer) -> None:
        body = answer.body if isinstance(answer.body, dict) else {}
        action = body.get("response_action")
        if action == "errors":
            unknown = set(body.get("errors", {})) - set(view.values)
            if unknown or not body.get("errors"):
                self.violations.append(f"view_submission: errors for no field of the form: {body}")
        elif action in ("update", "push"):
            self._change(view, answer, body.get("view", {}), push=action == "push")
        elif action in (None, "clear"):
            self._close(view, everything=action == "clear")
        else:
            self.violations.append(f"view_submission: response_action {action}")

    def _change(self, view: View, answer: Answer, body: JSON, *, push: bool) -> None:
        try:
            checks.view(self, body, "view_submission")
        except RefusalError:
            return  # it is among the violations
        install, user = view.install, view.user
        changed = views.new(self, install, user, body, under=view) if push else views.shown(self, view, body)
        answer.views.append(changed)

    def _close(self, view: View, *, everything: bool) -> None:
        for other in self.views.values():
            if other is view or (everything and other.root == view.root):
                other.closed = True

    async def close(self, view: View) -> Answer | None:
        """Close a form without submitting; the app is told where it asked to be."""
        view.closed = True
        if not view.body.get("notify_on_close"):
            return None
        body = payloads.interaction(self, view.install, view.user, "view_closed", in_view=True)
        body |= {"view": shapes.view(self, view), "is_cleared": False}
        return await self._deliver(self._answer(Parcel("interactive", body), view.user))

    async def suggest(self, on: Place, which: str, typed: str, *, by: User | None = None) -> list[JSON]:
        """What a menu that asks the app offers while one types."""
        place, block, element = self._find(on, which)
        user = by or self._whose(place)
        body = payloads.interaction(self, self._owner(place), user, "block_suggestion", in_view=isinstance(place, View))
        body |= {"action_id": element["action_id"], "block_id": block["block_id"], "value": typed}
        body |= self._where(place)
        answer = await self._deliver(self._answer(Parcel("interactive", body), user))
        checks.options(self, answer.body)
        said = answer.body if isinstance(answer.body, dict) else {}
        groups: list[JSON] = said.get("option_groups") or []
        found: list[JSON] = said.get("options") or [option for group in groups for option in group["options"]]
        return found

    async def shortcut(self, message: Message, callback: str, *, by: User | None = None, wait: bool = True) -> Answer:
        """Use the app's shortcut on anybody's message."""
        user = by or self.reader
        install = self.installed_for(user)
        hook, trigger = self.hook(install, user, message.channel), self.trigger(install, user)
        body = payloads.interaction(self, install, user, "message_action")
        body |= payloads.shortcut(self, message, hook, trigger, callback)
        answer = self._answer(Parcel("interactive", body), user, hook=hook, trigger=trigger)
        await self._deliver(answer)
        return await self._settled(answer) if wait else answer

    # --- what is used, where and by whom ---

    async def _use(
        self, place: Message | View, block: JSON, element: JSON, action: JSON, by: User | None, wait: bool
    ) -> Answer:
        user, install = by or self._whose(place), self._owner(place)
        trigger, hook = self.trigger(install, user), None
        body = payloads.interaction(self, install, user, "block_actions", in_view=isinstance(place, View))
        if isinstance(place, View):
            trigger.view = place
        else:
            hook = self.hook(install, user, place.channel, place)
            body["response_url"] = payloads.url(self, hook)
        done = {"type": element["type"], "block_id": block["block_id"], "action_ts": self.new_ts()}
        body |= {**self._where(place), "trigger_id": trigger.id, "actions": [action | done]}
        answer = self._answer(Parcel("interactive", body), user, hook=hook, trigger=trigger)
        await self._deliver(answer)
        return await self._settled(answer) if wait else answer

    def _where(self, place: Message | View) -> JSON:
        return payloads.on_view(self, place) if isinstance(place, View) else payloads.on_message(self, place)

    def _find(self, on: Place, which: str) -> tuple[Message | View, JSON, JSON]:
        """In an answer, what came last is looked at first."""
        places: list[Message | View] = [on] if not isinstance(on, Answer) else list(reversed(on.everything))
        for place in places:
            if found := elements.find(_blocks(place), which):
                return place, *found
        raise AssertionError(f"there is no {which}, but {[elements.all_names(_blocks(place)) for place in places]}")

    def _whose(self, place: Message | View) -> User:
        if isinstance(place, View):
            return place.user
        people = [place.only_for] if place.only_for else sorted(place.channel.members)
        return next(self.users[name] for name in people if not self.users[name].bot)

    def _owner(self, place: Message | View) -> Install:
        assert place.install is not None, "this is not of the app"
        return place.install


def _blocks(place: Message | View) -> list[JSON]:
    blocks: list[JSON] = place.body.get("blocks", []) if isinstance(place, View) else place.blocks
    return blocks
