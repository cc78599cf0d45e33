"""One run between the chats: news all the time, faults in the platforms, kill -9 at random moments, a count after.

The cases are in ``chat_kills.py``; here is what they have in common. A run is made of values that go through JSON, so
that several can be made side by side in processes of their own.
"""

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from tests.faults.chat_doubts import Doubts
from tests.faults.chat_scene import Scene, scene
from tests.faults.forked import launcher
from tests.faults.inspecting import harm
from tests.flow.running import milliseconds
from tests.standins.discord_faults import BEFORE, Kind
from tests.standins.slack_faults import is_before

ROOMS = 5
"""On each platform: each round's news is a message in every one of them."""
NEWS = (5, 7)
"""Papers published before each start, from and to."""
LEASE = 30
WINDOW = 60
"""Seconds for which Discord's stand-in knows a nonce again."""
PATIENCE = 600
"""Seconds in which everything is posted once nobody disturbs any more."""
_MOST = 10
"""Times as many kills at most, should some of what is to be survived never happen."""
_PAUSE = 0.3
"""Seconds without a post after which no more is waited for: what is left is put off."""
_LATEST = 3.0
"""Seconds after which somebody is killed although what was waited for did not happen."""
_QUIET = 1.0
"""Seconds without a post after which no more will come: who notes a post before it is made seems to be done early."""
_LOOK = 0.001

AT_SLACK = {"500 before": 0.04, "500 after": 0.05, "reset before": 0.02, "reset after": 0.04,
            "silence before": 0.005, "silence after": 0.015, "ratelimited": 0.03}  # fmt: skip
AT_DISCORD: dict[Kind, float] = {"500": 0.04, "500 after": 0.05, "reset": 0.02, "reset after": 0.04,
                                 "silence": 0.005, "silence after": 0.015, "429 route": 0.03}  # fmt: skip
"""One request in five fails, about as many before it was carried out as after."""
_POSTS = "chat.postMessage|conversations.history"
_MESSAGES = r"/channels/\d+/messages$"
_UNFINISHED = "('ready', 'ambiguous', 'sending')"
_COMPLAINTS = ("Traceback", " ERROR ", " CRITICAL ")


@dataclass(frozen=True, kw_only=True)
class Storm:
    """``away``: seconds by the clock between a kill and the next start, from and to. ``orders``: a peer's, or ours.

    ``blind``: Slack gives no history. ``longer``: more kills, should some of what is to be survived not have happened.
    """

    name: str
    seed: str
    kills: int
    away: tuple[float, float] = (LEASE + 1, 90)
    orders: str = ""
    blind: bool = False
    longer: bool = False


@dataclass(kw_only=True)
class Damage:
    """What came of a run. ``struck`` kills left messages on their way, ``cut`` of them in all.

    ``late`` deliveries were made after the last kill, when there were no more faults.
    """

    kills: int = 0
    struck: int = 0
    cut: int = 0
    deliveries: int = 0
    late: int = 0
    lost: int = 0
    repeated: int = 0
    before: int = 0
    after: int = 0
    looked_up: int = 0
    resent: int = 0
    at_discord: int = 0
    """Of what is repeated."""
    risked: int = 0
    """Papers in messages to Slack that were sent again without knowing whether they had arrived, for each such send.

    By the bot's own book.
    """
    doubtful: int = 0
    """Of the repeats at Slack, those of posts whose end could not be known, by what the stand-in saw."""
    swallowed: int = 0
    """Posts that Discord knew by their nonce and did not show again."""
    unsent: int = 0
    problems: list[str] = field(default_factory=list)

    def __add__(self, other: "Damage") -> "Damage":
        mine, theirs = asdict(self), asdict(other)
        return Damage(**{name: mine[name] + theirs[name] for name in mine})


def run(storm: Mapping[str, Any], folder: str) -> dict[str, Any]:
    """A ``Storm`` as JSON has it; the ``Damage`` likewise."""
    return asdict(weathered(Storm(**{**storm, "away": tuple(storm["away"])}), Path(folder)))


def weathered(storm: Storm, folder: Path) -> Damage:
    with launcher() as launched, scene(folder, launched, ROOMS, storm.orders) as on:
        if storm.blind:
            on.place.slack.bot.scopes -= {"channels:history"}
        chance, damage, doubts = Random(storm.seed), Damage(), Doubts()
        _begin(on, storm.seed)
        most = storm.kills * (_MOST if storm.longer else 1)
        while damage.kills < storm.kills or (_is_void(damage) and damage.kills < most):
            _killed(on, chance, damage, doubts)
            on.advance(chance.uniform(*storm.away))
            _tell(storm, on, damage.kills)
        _calm(on)
        left = on.lost
        _finish(on, damage, doubts)
        damage.late = left - on.lost
        return damage


def _begin(on: Scene, seed: str) -> None:
    number = Random(seed).randrange(1 << 30)
    on.place.slack.faults.weather(number, AT_SLACK, _POSTS)
    on.place.discord.weather(number + 1, AT_DISCORD, path=_MESSAGES, seconds=0.5)


def _calm(on: Scene) -> None:
    on.place.slack.faults.calm()
    on.place.discord.weather(0, {})


def _is_void(damage: Damage) -> bool:
    """Whether something of what is to be survived has not happened yet."""
    return not (damage.struck and damage.before and damage.after)


# --- one kill ---------------------------------------------------------------------------------------------------------


def _killed(on: Scene, chance: Random, damage: Damage, doubts: Doubts) -> None:
    on.press.bring(chance.randint(*NEWS))
    on.paperboy.start()
    chance.choice(MOMENTS)(on, chance)
    on.paperboy.kill()
    cut = on.value("select count(*) from message where state = 'sending'")
    damage.kills, damage.struck, damage.cut = damage.kills + 1, damage.struck + bool(cut), damage.cut + cut
    damage.problems += complaints(on.paperboy.forget_errors())
    damage.looked_up += _looked_up(on)
    damage.before, damage.after = _faults(on)
    doubts.note(on.place.slack.calls, on.sending("slack"))
    on.count()
    on.take_down()
    on.begin_anew()


def _as_it_starts(on: Scene, chance: Random) -> None:
    time.sleep(chance.uniform(0, 0.4))


def _as_it_freezes(on: Scene, chance: Random) -> None:
    served = on.press.served
    _until(lambda: on.press.served > served)
    time.sleep(chance.uniform(0, 0.12))


def _as_it_posts(on: Scene, chance: Random) -> None:
    """After some posts, more where more are left over from earlier rounds: at once, or a moment later."""
    waiting = on.lost // NEWS[0]
    wanted, posts, since = chance.randint(1, on.rooms + waiting), 0, time.monotonic()

    def is_enough() -> bool:
        nonlocal posts, since
        if (now := _posts_since_start(on)) > posts:
            posts, since = now, time.monotonic()
        return posts >= wanted or (posts > 0 and time.monotonic() > since + _PAUSE)

    _until(is_enough)
    time.sleep(chance.choice((0, chance.uniform(0, 0.01), chance.uniform(0, 0.1))))


MOMENTS = (_as_it_starts, _as_it_freezes, _as_it_posts, _as_it_posts, _as_it_posts)


def _posts_since_start(on: Scene) -> int:
    """Answered at Discord, begun at Slack."""
    slack = sum(call.method == "chat.postMessage" for call in on.place.slack.calls)
    return slack + len(on.place.discord.requests("POST", "/channels/{channel_id}/messages"))


def _unsent(on: Scene) -> int:
    return on.value(f"select count(*) from message where state in {_UNFINISHED}")


def _until(happened: Callable[[], object], seconds: float = _LATEST) -> None:
    ends = time.monotonic() + seconds
    while not happened() and time.monotonic() < ends:
        time.sleep(_LOOK)


def _looked_up(on: Scene) -> int:
    """How often it was asked whether a message had arrived."""
    slack = sum(call.method == "conversations.history" for call in on.place.slack.calls)
    return slack + len(on.place.discord.requests("GET", "/channels/{channel_id}/messages"))


def _faults(on: Scene) -> tuple[int, int]:
    """How many came before and after the request was carried out, on both platforms."""
    slack, discord = on.place.slack.faults.done, on.place.discord.faults.happened
    before = sum(n for (_, kind), n in slack.items() if is_before(kind)) + sum(discord[kind] for kind in BEFORE)
    return before, slack.total() + discord.total() - before


def complaints(errors: str) -> list[str]:
    return [line for line in errors.splitlines() if any(word in line for word in _COMPLAINTS)]


def _tell(storm: Storm, on: Scene, kills: int) -> None:
    if kills % 100 == 0:
        print(f"{storm.name}, seed {storm.seed}: {kills} kills, {on.due} deliveries", file=sys.stderr, flush=True)


# --- the end ----------------------------------------------------------------------------------------------------------


def _finish(on: Scene, damage: Damage, doubts: Doubts) -> None:
    """Undisturbed until nothing waits any more and nothing comes any more, ended, and counted."""
    sockets = on.place.slack.sockets
    before = sockets.opened
    on.paperboy.start()
    _until(lambda: sockets.opened > before, PATIENCE)  # by then it listens to signals
    began = looked = time.monotonic()
    while _waits(on, time.monotonic() - looked) and looked < began + PATIENCE:
        looked = time.monotonic()
        time.sleep(0.05)
    posts = -1
    while posts < (posts := _posts_since_start(on)):
        time.sleep(_QUIET)
    damage.looked_up += _looked_up(on)
    code = on.paperboy.terminate()
    doubts.note(on.place.slack.calls)
    damage.problems += on.count_anew()
    damage.deliveries, damage.lost, damage.repeated = on.due, on.lost, on.repeated
    damage.at_discord, damage.doubtful = on.repeated_at("discord"), doubts.allowed(on)
    damage.swallowed = on.place.discord.world.nonces.swallowed
    damage.resent = on.value("select sum(resent) from message")
    damage.risked = on.value(
        "select sum(m.resent) from message m join delivery d on d.message = m.id join target t on t.id = m.target"
        " where t.platform = 'slack'"
    )
    damage.unsent = on.due - on.value("select count(*) from delivery where state = 'sent'")
    damage.problems += complaints(on.paperboy.forget_errors()) + harm(on.paperboy.database)
    damage.problems += [f"it ended with {code}"] if code else []
    damage.problems += [f"{damage.unsent} deliveries are not sent: {_fates(on)}"] if damage.unsent else []
    damage.problems += [*on.place.slack.violations, *on.place.discord.violations]


def _waits(on: Scene, seconds: float) -> bool:
    """Whether there is more to do. The clock moves on by ``seconds``, or to what is put off where nothing else is."""
    unread = len(on.press.papers) - on.value("select count(*) from paper where revision = matched_revision")
    unframed = on.value("select count(*) from delivery where state = 'pending'")
    if not (unread or unframed or _unsent(on)):
        return False
    sending = on.value("select count(*) from message where state = 'sending'")
    next_due = on.value(
        f"select min(due) from (select due, min(id) from message where state in {_UNFINISHED} group by target)"
    )
    ahead = (next_due - milliseconds(on.paperboy.now)) / 1000
    on.advance(ahead if ahead > 0 and not (sending or unread or unframed) else seconds)
    return True


def _fates(on: Scene) -> str:
    with on.paperboy.reading() as connection:
        found = connection.execute(
            "select d.state, d.detail, count(*) from delivery d where d.state <> 'sent' group by 1, 2 limit 5"
        ).fetchall()
    return "; ".join(f"{count} {state} ({detail})" for state, detail, count in found)
