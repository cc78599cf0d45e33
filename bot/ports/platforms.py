"""The seam to platforms, both ways: what the core asks of a platform, and what a platform may ask of the core."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Protocol, runtime_checkable

from bot.cards import Post, Reply
from bot.model import Address, Finding, Offer, Outgoing, Past, Receipt, Request

Handler = Callable[[Request], Awaitable[Reply]]


class Core(Protocol):
    """The core as one platform sees it. Every method answers quickly and none raises but for cancellation."""

    async def handle(self, request: Request) -> Reply:
        """Answer a command. Failures are replies with ``failed`` set."""
        ...

    async def offers(self, request: Request, option: str, typed: str) -> list[Offer]:
        """What the value of ``option`` may become, best first, at most 25, from what is ``typed`` so far.

        ``request.options`` are the values already given. Nothing that is not the asker's is offered.
        """
        ...

    async def pasted(self, request: Request, text: str) -> Reply:
        """The papers named in a text by id or link (at most five), and when they were posted here before.

        ``request`` says who and where; its command and options are not looked at. No cards where none is named.
        """
        ...

    async def suspend(self, space: str, room: str, reason: str) -> None:
        """A room of this platform takes no posts any more; for an empty ``room``, all rooms and persons of a space."""
        ...

    async def resume(self, space: str, room: str, reason: str) -> None:
        """It takes posts again, if it was for this ``reason`` that it took none; for any other, it is tried now."""
        ...

    async def present(self, spaces: Collection[str], reason: str) -> None:
        """These are all spaces that Paperboy is in now. Where something rests for this ``reason``, Paperboy came back:
        the space goes on as with ``resume``. What is in any other rests for it. What is in no space stays as it is.
        """
        ...

    async def retry(self, space: str, room: str) -> None:
        """Rights there may have changed: what takes no posts is tried now, not only when its time comes.

        For an empty ``room``, in the whole space, some at a time; what is tried no more by itself stays as it is there.
        """
        ...


class Adapter(Protocol):
    """A platform. ``render`` and ``plain`` are pure; the rest is I/O and raises ``DeliveryError`` unless said."""

    name: str
    edit_window: int
    """For how many ms after it was sent a message may be shown anew; 0 where it never may."""

    def render(self, post: Post) -> str:
        """The payload to freeze, as text. Deterministic."""
        ...

    def plain(self, post: Post) -> str:
        """The same without any markup, for when the platform refuses the payload."""
        ...

    def private(self, where: Address, person: str) -> Address:
        """Where somebody known by this id in a room is spoken to alone. Pure."""
        ...

    async def send(self, message: Outgoing) -> Receipt:
        """Post it. The same nonce twice within the platform's window must not show twice, where it can help that."""
        ...

    async def find(self, message: Outgoing) -> Receipt | None:
        """Whether it arrived since ``message.since``. Raises ``ambiguous`` when that cannot be told."""
        ...

    async def edit(self, message: Outgoing, receipt: str) -> None:
        """Show ``message.payload`` in the place of a message sent before. Nobody is notified. Idempotent."""
        ...

    async def forget(self, where: Address) -> None:
        """Delete our own record of posts to a person, if the platform leaves that record to us."""
        ...

    async def examine(self, rooms: Sequence[Address]) -> list[Finding]:
        """Whether tokens, scopes, intents and the rights in these rooms suffice, and what to do. Never raises."""
        ...

    async def run(self, core: Core) -> None:
        """Take commands until the platform ends (end of input). Raises ``ConfigError`` when its credentials are bad."""
        ...

    async def close(self) -> None:
        """Let go of connections. Called once, after ``run`` and every send have ended."""
        ...


@runtime_checkable
class History(Protocol):
    """What a platform may know besides: which papers it shows. Asked when a database was put back from a backup."""

    async def posted(self, where: Address, since: int, further: str = "") -> Past:
        """The papers in our posts at an address since a time in ms, the newest first, page by page.

        ``further`` is that of the page before. Posts alone count, not answers to commands. Raises ``DeliveryError``:
        ``ambiguous`` where it cannot be told, ``target`` where nothing can be posted either, anything else where it
        may be later.
        """
        ...


@runtime_checkable
class Reach(Protocol):
    """A platform may tell whether posts could be sent now. Asked where what it shows cannot be read."""

    async def reach(self, where: Address) -> None:
        """One small question with the rights that a post there needs. Raises ``DeliveryError`` when it fails."""
        ...


@runtime_checkable
class Line(Protocol):
    """A platform that takes commands by a connection it holds open may tell of it."""

    @property
    def connected(self) -> bool:
        """Whether the whole of it is there now. Quick, and raises nothing."""
        ...
