"""Thirty-one subscriptions at twelve places, each as Paperboy is told it and as a plain predicate."""

from tests.flow.naive import (
    Place,
    Wish,
    author,
    both,
    either,
    everything,
    has,
    keyword,
    least,
    org,
    phrase,
    prefix,
    submitter,
    without,
    word,
)

FRIDAY = 4
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")


def places() -> list[Place]:
    """Fresh ones each time: a replay changes them."""
    return [
        Place(
            "#agents",
            [
                Wish("agent votes>=20", both(word("agent"), least("votes", 20))),
                Wish('"multi-agent system"', phrase("multi agent system")),
                Wish("tool -survey", both(word("tool"), without(word("survey")))),
            ],
            zone="Europe/Berlin",
        ),
        Place(
            "#video",
            [
                Wish('"video generation" OR "world model"', either(phrase("video generation"), phrase("world model"))),
                Wish("title:video -benchmark", both(word("video", where="title"), without(word("benchmark")))),
                Wish("author:wang votes>=30", both(author("wang"), least("votes", 30))),
            ],
            zone="Asia/Tokyo",
            format="line",
        ),
        Place(
            "#rewards",
            [
                Wish('"reinforcement learning"', phrase("reinforcement learning")),
                Wish("reward has:code", both(word("reward"), has("code"))),
                Wish("keyword:grpo", keyword("grpo")),
            ],
            zone="America/New_York",
            quiet=(22 * 60, 7 * 60 + 30),
        ),
        Place(
            "#few",
            [
                Wish("language model", both(word("language"), word("model"))),
                Wish("reasoning", word("reasoning")),
            ],
            cap=4,
        ),
        Place(
            "#labs",
            [
                Wish("org:nvidia", org("nvidia")),
                Wish("org:google OR org:kaist-ai", either(org("google"), org("kaist ai"))),
            ],
        ),
        Place(
            "#daily",
            [
                Wish("* is:daily", everything, every="daily", at=18 * 60, max=10),
                Wish("diffusion", word("diffusion"), every="daily"),
            ],
            zone="America/New_York",
            digest=9 * 60 + 30,
        ),
        Place(
            "#weekly",
            [
                Wish('"large language model"', phrase("large language model"), "weekly", 17 * 60 + 30, FRIDAY, max=12),
                Wish("diffus* votes>=10", both(prefix("diffus"), least("votes", 10)), "weekly", 8 * 60 + 15),
            ],
            zone="Europe/London",
        ),
        Place(
            "#popular",
            [
                Wish("votes>=50", least("votes", 50)),
                Wish("is:trending votes>=15", both(has("trending"), least("votes", 15))),
                Wish("has:code votes>=40", both(has("code"), least("votes", 40))),
            ],
        ),
        Place(
            "#sip",
            [
                Wish("*", everything, max=3),
                Wish("submitter:taesiri", submitter("taesiri"), max=2),
            ],
            zone="Asia/Kolkata",
        ),
        Place(
            "#changing",
            [
                Wish("benchmark", word("benchmark")),
                Wish("dataset has:project", both(word("dataset"), has("project"))),
                Wish("image (editing OR generation)", both(word("image"), word("editing", "generation"))),
            ],
            zone="Europe/Berlin",
        ),
        Place(
            "@mei",
            [
                Wish("author:zhang votes>=25", both(author("zhang"), least("votes", 25))),
                Wish("quantiz*", prefix("quantiz")),
                Wish("stars>=100", least("stars", 100)),
                Wish(
                    "retrieval -title:survey",
                    both(word("retrieval"), without(word("survey", where="title"))),
                    every="daily",
                    at=8 * 60 + 30,
                ),
            ],
            zone="Australia/Sydney",
            quiet=(21 * 60, 7 * 60 + 15),
        ),
        Place(
            "@sam",
            [
                Wish("comments>=3", least("comments", 3)),
                Wish("has:summary abstract:safety", both(has("summary"), word("safety", where="abstract"))),
                Wish("is:trending", has("trending"), every="daily", at=20 * 60),
            ],
            zone="Asia/Tokyo",
        ),
    ]


def late() -> Wish:
    """One that is added on the way."""
    return Wish("generaliz*", prefix("generaliz"))


def commands(place: Place) -> list[str]:
    """What somebody types to set all of it up, as ``place`` is now."""
    name = place.name
    if name.startswith("@"):
        add = "alert add"
        setup = [f"/as {name[1:]}", f"/papers me timezone {place.zone}", f"/papers me digest {clock(place.digest)}"]
        setup += [f"/papers me quiet {clock(place.quiet[0])}-{clock(place.quiet[1])}"] if place.quiet else []
    else:
        add, quiet = "subscribe", f" quiet:{clock(place.quiet[0])}-{clock(place.quiet[1])}" if place.quiet else ""
        digest = f"digest:{clock(place.digest)} format:{place.format} cap:{place.cap}"
        setup = ["/as you", f"/join {name}", f"/papers admin settings timezone:{place.zone} {digest}{quiet}"]
    return setup + [f"/papers {add} {wish.text}{options(wish)}" for wish in place.wishes]


def options(wish: Wish) -> str:
    said = {
        "every": wish.every if wish.every != "instant" else "",
        "on": WEEKDAYS[wish.weekday] if wish.every == "weekly" else "",
        "at": clock(wish.at) if wish.at is not None else "",
        "max": str(wish.max or ""),
    }
    return "".join(f" {name}:{value}" for name, value in said.items() if value)


def clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
