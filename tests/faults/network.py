"""A network that fails between Paperboy and both platforms, and between it and its sources.

One process lives through everything. On the platforms each kind of fault has rooms of its own, so that all kinds happen
at once and each is counted by itself; a source fails in one way after the other while the second one is well.
"""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from tests.faults.network_scene import Net, Rooms, connected
from tests.faults.network_sources import Kind as SourceKind
from tests.faults.network_sources import Name
from tests.faults.rows import Plan, Row
from tests.standins.discord_faults import Kind as DiscordKind


@dataclass(frozen=True, slots=True)
class Fault:
    """As the two stand-ins call it; empty where a platform does not fail so.

    It ``lasts`` so many seconds, longer ``at_length``, which is beyond every deadline; 0: it is no matter of time, or
    happens at length only. ``unclear``: on both, once is enough for Paperboy to look whether the post arrived.
    """

    name: str
    discord: DiscordKind
    slack: str
    lasts: float = 0.0
    at_length: float = 0.0
    unclear: bool = False

    @property
    def takes_long(self) -> bool:
        """Whether it happens at length only."""
        return self.at_length > self.lasts == 0


FAULTS = (
    Fault("reset before", "reset", "reset before", unclear=True),
    Fault("reset after", "reset after", "reset after", unclear=True),
    Fault("500 before", "500", "500 before"),
    Fault("500 after", "500 after", "500 after"),
    Fault("silence before", "silence", "silence before", at_length=9),
    Fault("silence after", "silence after", "silence after", at_length=9),
    Fault("429 of a route", "429 route", "ratelimited", 0.5, 15),
    Fault("429 for everything", "429 global", "", 0.5, 0.5),
    Fault("429 shared", "429 shared", "", 0.5, 15),
    Fault("429 page of Cloudflare", "429 cloudflare", "", 1, 1),
    Fault("cut JSON", "cut json", "cut", unclear=True),
    Fault("wrong type of JSON", "wrong json", "wrong", unclear=True),
    Fault("web page", "html", "html", unclear=True),
    Fault("a byte at a time", "slow", "slow", 1, 9),
)
SOURCE_FAULTS: tuple[SourceKind, ...] = (
    "reset", "500", "silence", "429", "broken off", "cut document", "wrong type", "web page", "a byte at a time",
    "no name",
)  # fmt: skip
_FEW: tuple[SourceKind, ...] = ("reset", "no name")
_TIMES: dict[SourceKind, tuple[int, int, int]] = {"silence": (1, 1, 8), "a byte at a time": (1, 1, 8), "429": (1, 1, 1)}
"""How often a source fails in the three sizes, where that takes long."""
_POSTS, _HISTORY = "chat.postMessage", "conversations.history"
_SPRING, _NAME, _STORM = "spring", "name", "storm"


def run(plan: Plan) -> Iterator[Row]:
    here, there = plan.pick((1, 1), (6, 1), (10, 4))
    faults = plan.pick([fault for fault in FAULTS if not fault.takes_long], list(FAULTS), list(FAULTS))
    with connected(plan.room("network")) as net:
        net.add_rooms("sources", _SPRING, 1, 1)
        net.add_rooms("no name", _NAME, *plan.pick((2, 1), (6, 3), (20, 10)))
        for fault in faults:
            net.add_rooms(fault.name, _STORM, here, there if fault.slack else 0)
        net.subscribe()
        net.place.start()
        yield from _failing_sources(net, plan)
        yield _nameless(net, plan)
        yield from _storm(net, faults, plan)


# --- sources ----------------------------------------------------------------------------------------------------------


def _failing_sources(net: Net, plan: Plan) -> Iterator[Row]:
    """In ci sizes the two take turns. arXiv is not asked for a minute after a 429, which is for long runs."""
    both: tuple[Name, Name] = ("huggingface", "arxiv")
    for number, kind in enumerate(plan.pick(_FEW, SOURCE_FAULTS, SOURCE_FAULTS)):
        turns = plan.pick(both[number % 2 :][:1], both[number % 2 :][:1], both)
        if kind == "429":
            turns = plan.pick(both[:1], both[:1], both)
        problems = [problem for name in turns for problem in _failing(net, name, kind, plan)]
        failed = sum(net.presses[name].done[kind] for name in turns)
        lost, repeated = net.count("sources")
        yield Row(
            case=f"source: {kind}",
            size=" and ".join(turns),
            injected=failed if kind != "no name" else net.unresolved(*turns),
            lost=lost,
            repeated=repeated,
            problems=tuple(problems),
        )


def _failing(net: Net, name: Name, kind: SourceKind, plan: Plan) -> Iterator[str]:
    """It fails some times, with news that nobody can read yet, while the other one has news too; then it is well."""
    press, times = net.presses[name], plan.pick(*_TIMES.get(kind, (1, 3, 20)))
    other: Name = "arxiv" if name == "huggingface" else "huggingface"
    least = press.done[kind] + net.unresolved(name) + times
    if kind == "no name":
        net.forget_names(name)
    press.wrong = kind
    held, brought = net.publish(_SPRING, name), net.publish(_SPRING, other)
    if not net.happens(lambda: net.shows("sources", brought)):
        yield f"while {name} failed, nothing came from {other}"
    if not net.happens(lambda: press.done[kind] + net.unresolved(name) >= least):
        yield f"{name} was not asked again"
    press.wrong = None
    net.forget_names()
    if not net.happens(lambda: net.shows("sources", held)):
        yield f"{name} was well again, and its news did not come"


# --- names ------------------------------------------------------------------------------------------------------------


def _nameless(net: Net, plan: Plan) -> Row:
    """Connections break, and to no name there is a new one: neither for posts nor for commands."""
    place, problems = net.place, list[str]()
    for _ in range(plan.pick(1, 1, 10)):
        asked = {name: net.unresolved(name) for name in ("discord", "slack")}
        net.forget_names("discord", "slack")
        place.discord.fail("*", r"/channels/", "reset", 1000)
        place.slack.fail(f"{_POSTS}|{_HISTORY}", "reset before", 1000)
        net.publish(_NAME)
        place.discord.gateway.drop()
        for name, before in asked.items():
            least = before + plan.pick(1, 5, 10)
            if not net.happens(lambda name=name, least=least: net.unresolved(name) >= least):  # type: ignore[misc]
                problems.append(f"nobody asked for the name of {name}")
        place.discord.faults.calm()
        place.slack.faults.calm()
        net.forget_names()
        if not net.settles():
            problems.append("not everything was posted once names were known again")
    lost, repeated = net.count("no name")
    here, there = net.unresolved("discord"), net.unresolved("slack")
    return Row(
        case="network: no name",
        size=f"{_deliveries(net.topics['no name'])} posts",
        injected=here + there,
        lost=lost,
        repeated=repeated,
        problems=tuple(problems),
        note=f"Discord {here}, Slack {there}",
    )


# --- the storm --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Round:
    """``at_length``: in every second room faults last; ``most`` of them for one post, and no look fails where it is 1.

    ``pauses``: in so many rooms of a kind Slack may ask for a pause, which halves the pace of all posts there.
    """

    at_length: bool = False
    most: int = 2
    pauses: int = 1


def _storm(net: Net, faults: list[Fault], plan: Plan) -> Iterator[Row]:
    in_ci = [Round(at_length=True, most=1, pauses=0), Round()]
    rounds, problems = (
        plan.pick([Round()], in_ci, [Round(at_length=number % 3 > 0) for number in range(25)]),
        list[str](),
    )
    for number, turn in enumerate(rounds):
        for fault in faults:
            _brew(net, fault, plan.chance(f"{fault.name} {number}"), turn)
        net.publish(_STORM)
        if not net.settles():
            problems.append(f"not everything of round {number} was posted in time")
        net.place.discord.faults.calm()
        net.place.slack.faults.calm()
    problems += net.harm()
    for fault in faults:
        yield _weathered(net, fault, problems if fault is faults[0] else [])


def _brew(net: Net, fault: Fault, chance: random.Random, turn: Round) -> None:
    """Plan what happens to the next post in each of its rooms, and to looking for it, if anybody does.

    In the first room of each platform something happens whatever the dice say.
    """
    if fault.takes_long and not turn.at_length:
        return
    rooms = net.topics[fault.name]
    for number, room in enumerate(rooms.discord):
        is_long = turn.at_length and (fault.takes_long or number % 2 == 0)
        lasts = fault.at_length if is_long else fault.lasts
        posts, looks = _draw(chance, turn.most if lasts > 1 else 2, fault if number == 0 else None)
        net.place.discord.fail("POST", rf"/channels/{room.id}/messages$", fault.discord, posts, seconds=lasts)
        net.place.discord.fail("GET", rf"/channels/{room.id}/messages$", fault.discord, looks, seconds=lasts)
    net.place.slack.faults.drip = 9 if turn.at_length else 1
    for number, channel in enumerate(rooms.slack):
        most = turn.most if turn.at_length and fault.at_length else 2
        posts, looks = _draw(chance, most, fault if number == 0 else None)
        if fault.slack != "ratelimited" or number < turn.pauses:
            net.place.slack.fail(_POSTS, fault.slack, posts, channel.id)
        net.place.slack.fail(_HISTORY, fault.slack, looks, channel.id)


def _draw(chance: random.Random, most: int, surely: Fault | None) -> tuple[int, int]:
    """How many tries to post fail, and how many to look for what may have arrived; ``surely``: at least one."""
    posts = chance.choice((0, 1, 1, 1, 1, most))
    looks = chance.choice((0, 1)) if posts and most > 1 else 0
    return (max(posts, 1), max(looks, int(surely.unclear))) if surely else (posts, looks)


def _weathered(net: Net, fault: Fault, problems: list[str]) -> Row:
    lost, repeated = net.count(fault.name)
    rooms = net.topics[fault.name]
    ids = {str(room.id) for room in rooms.discord} | {channel.id for channel in rooms.slack}
    here = Counter(seen.method for seen in net.place.discord.log if seen.fault and seen.path.split("/")[2] in ids)
    there = Counter(call.method for call in net.place.slack.calls if call.fault and call.text("channel") in ids)
    said = [f"Discord {here['POST']} posts and {here['GET']} looks"]
    said += [f"Slack {there[_POSTS]} and {there[_HISTORY]}"] if fault.slack else []
    hit = {"post at Discord": here["POST"]} | ({"look at Discord": here["GET"]} if fault.unclear else {})
    if fault.slack:
        hit |= {"post at Slack": there[_POSTS]} | ({"look at Slack": there[_HISTORY]} if fault.unclear else {})
    return Row(
        case=f"network: {fault.name}",
        size=f"{_deliveries(rooms)} posts",
        injected=here.total() + there.total(),
        lost=lost,
        repeated=repeated,
        problems=(*problems, *(f"no {what} was hit" for what, times in hit.items() if not times)),
        note=", ".join(said),
    )


def _deliveries(rooms: Rooms) -> int:
    return len(rooms.papers) * (len(rooms.discord) + len(rooms.slack))
