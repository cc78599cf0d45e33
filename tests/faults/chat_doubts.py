"""What Slack's stand-in saw of posts whose sender was not told how they ended: each may be made once more, blindly."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from tests.faults.chat_scene import Scene, papers_in
from tests.standins.slack_calls import Call


class Doubts:
    """Counted by the nonce in a post, whatever the sender itself made of it."""

    def __init__(self) -> None:
        self._unclear = Counter[str]()

    def note(self, calls: Iterable[Call], under_way: Collection[str] = ()) -> None:
        """Before the calls are forgotten. ``under_way``: nonces of posts that somebody who was killed had begun.

        One of which no call is seen may still be on its way, so it counts too; one that met a fault counts once.
        """
        made = [call for call in calls if call.method == "chat.postMessage" and call.answer.get("ok")]
        self._unclear.update(_nonce(call.args.get("metadata")) for call in made if call.fault)
        last = {_nonce(call.args.get("metadata")): call.fault for call in made}
        self._unclear.update(nonce for nonce in under_way if not last.get(nonce))

    def allowed(self, on: Scene) -> int:
        """How many papers may stand in Slack's rooms once more than they should."""
        return sum(self._allowed(on.place.slack.channel(f"c{number}").messages) for number in range(on.rooms // 2))

    def _allowed(self, messages: Iterable[Any]) -> int:
        copies = {nonce: list[int]() for nonce in {_nonce(message.metadata) for message in messages}}
        for message in messages:
            copies[_nonce(message.metadata)].append(papers_in(message.blocks))
        return sum(max(papers) * min(len(papers) - 1, self._unclear[nonce]) for nonce, papers in copies.items())


def _nonce(metadata: Mapping[str, Any] | None) -> str:
    return str(((metadata or {}).get("event_payload") or {}).get("nonce", ""))
