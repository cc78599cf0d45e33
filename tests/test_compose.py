"""What a target gets now: batches, caps, quiet hours, digests and the line for the rest."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from bot import compose
from bot.cards import digest_post, instant_post
from bot.model import WATCHED, Address, Delivery, Facts, Paper, PostKind, Preferences, Reason, Rework, Target

ROOM = Address("terminal", "local", "#papers")
TARGET = Target(id=1, address=ROOM)


def at(text: str, zone: str = "UTC") -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


NOW = at("2026-11-23T12:00")


def delivery(
    number: int,
    kind: PostKind = "instant",
    *,
    votes: int = 0,
    slot: str = "",
    subscription: int = 1,
    most: int | None = None,
) -> Delivery:
    return Delivery(
        id=number,
        target=1,
        paper=Paper(key=f"arxiv:2601.{number:05}", title=f"Paper {number}", facts=Facts(votes=votes)),
        occasion="",
        reasons=(Reason(subscription=subscription, number=subscription, query="x", terms=("x",), max=most),),
        kind=kind,
        due=NOW - 1,
        created=NOW - 1,
        slot=slot or ("" if kind == "instant" else "2026-11-23T12:00"),
    )


def shown(arrangement: compose.Arrangement) -> list[list[int]]:
    return [[d.id for d in parcel.shown] for parcel in arrangement.parcels]


def test_instant_papers_go_out_in_order_ten_to_a_message() -> None:
    arrangement = compose.arrange(TARGET, [delivery(n) for n in range(1, 24)], {}, NOW)
    assert shown(arrangement) == [list(range(1, 11)), list(range(11, 21)), [21, 22, 23]]


def test_papers_over_the_daily_cap_fold_into_tomorrows_line_and_none_is_lost() -> None:
    capped = replace(TARGET, preferences=Preferences(cap=5))
    arrangement = compose.arrange(capped, [delivery(n) for n in range(1, 6)], {0: 2, 1: 2}, NOW)
    assert shown(arrangement) == [[1, 2, 3]]
    assert arrangement.fold == (4, 5)
    assert arrangement.fold_due == (at("2026-11-24T09:00"), "more 2026-11-24T09:00")


def test_a_full_subscription_does_not_take_a_paper_from_another_one() -> None:
    both = replace(delivery(2, most=1), reasons=(*delivery(2, most=1).reasons, *delivery(2, subscription=2).reasons))
    arrangement = compose.arrange(TARGET, [delivery(1, most=1), both, delivery(3, most=1)], {}, NOW)
    assert shown(arrangement) == [[1, 2]]
    assert arrangement.fold == (3,)


def test_in_quiet_hours_everything_waits_for_their_end_but_a_digest_that_is_on_time() -> None:
    quiet = replace(TARGET, preferences=Preferences(quiet=(11 * 60, 14 * 60)))
    late = replace(delivery(3, "digest"), due=NOW - 2 * 3_600_000, slot="2026-11-23T10:00")
    arrangement = compose.arrange(quiet, [delivery(1), delivery(2, "digest"), late], {}, NOW)
    assert shown(arrangement) == [[2]]
    assert arrangement.postpone == {1: (at("2026-11-23T14:00"), ""), 3: (at("2026-11-23T14:00"), "2026-11-23T10:00")}


def test_a_digest_shows_the_most_voted_first_and_counts_the_rest() -> None:
    papers = [delivery(n, "digest", votes=n) for n in range(1, 14)]
    [parcel] = compose.arrange(TARGET, papers, {}, NOW).parcels
    assert [d.id for d in parcel.shown] == [13, 12, 11, 10, 9, 8, 7, 6, 5, 4]
    assert {d.id for d in parcel.folded} == {1, 2, 3}
    assert parcel.post.heading == "Digest · Mon 23 Nov · 13 papers"
    assert "3 more papers" in parcel.post.cards[-1].body


def test_a_digest_may_be_asked_to_show_more_or_fewer() -> None:
    [few] = compose.arrange(TARGET, [delivery(n, "digest", most=2) for n in range(1, 6)], {}, NOW).parcels
    assert (len(few.shown), len(few.folded)) == (2, 3)


def test_a_long_digest_is_several_messages_of_ten_each_with_a_slot_of_its_own() -> None:
    parts = compose.arrange(TARGET, [delivery(n, "digest", most=15) for n in range(1, 21)], {}, NOW).parcels
    assert [(len(p.shown), len(p.folded)) for p in parts] == [(10, 0), (5, 5)]
    assert [p.slot for p in parts] == ["2026-11-23T12:00", "2026-11-23T12:00 part 2"]
    assert parts[1].post.heading == "Digest · Mon 23 Nov · 20 papers · part 2 of 2"


def test_a_watched_paper_counts_once_against_the_cap() -> None:
    watched = [replace(delivery(n), reasons=(Reason(subscription=0, number=0, query="votes>=9"),)) for n in (1, 2)]
    capped = replace(TARGET, preferences=Preferences(cap=3))
    assert shown(compose.arrange(capped, [*watched, delivery(3)], {}, NOW)) == [[1, 2, 3]]


def test_the_thread_format_puts_each_paper_that_is_shown_behind_its_post() -> None:
    threaded = replace(TARGET, preferences=Preferences(format="thread"))
    due = [delivery(1), delivery(2), *(delivery(n, "digest", most=15) for n in range(11, 31))]
    parcels = compose.arrange(threaded, due, {}, NOW).parcels
    said = [(p.kind, [reply.cards[0].title for reply in p.replies]) for p in parcels]
    assert said == [
        ("instant", ["Paper 1", "Paper 2"]),
        ("digest", [f"Paper {n}" for n in range(11, 21)]),
        ("digest", [f"Paper {n}" for n in range(21, 26)]),
    ]
    assert all(p.replies == () for p in compose.arrange(TARGET, due, {}, NOW).parcels)


def test_a_message_is_shown_anew_as_it_was_framed_with_what_is_known_now() -> None:
    shown, items = (delivery(2, votes=9), delivery(1)), [(delivery(n).paper, delivery(n).reasons) for n in (2, 1)]
    items[0] = (delivery(2, votes=9).paper, items[0][1])
    sent = Rework(
        message=1, target=TARGET, kind="digest", nonce="n", receipt="r", heading="Digest", shown=shown,
        folded=3,
    )  # fmt: skip
    assert compose.again(sent) == digest_post(items, 3, "Digest")
    assert compose.again(replace(sent, kind="instant", heading="")) == instant_post(items)


def test_a_missed_digest_is_joined_with_the_next_one() -> None:
    missed = [delivery(1, "digest", slot="2026-11-21T09:00"), delivery(2, "digest", slot="2026-11-23T09:00")]
    [parcel] = compose.arrange(TARGET, missed, {}, NOW).parcels
    assert (len(parcel.shown), parcel.slot) == (2, "2026-11-23T09:00")


def test_folded_papers_become_one_line_with_the_command_that_opens_them() -> None:
    folded = [delivery(n, "fold", slot="more 2026-11-23T09:00") for n in (1, 2)]
    [parcel] = compose.arrange(TARGET, folded, {}, NOW).parcels
    assert (parcel.kind, len(parcel.folded), parcel.slot) == ("fold", 2, "more 2026-11-23T09:00")
    assert "/papers more date:2026-11-23" in parcel.post.cards[0].body


def test_a_used_slot_moves_its_papers_to_the_next_one_of_the_same_hour() -> None:
    moved = compose.next_slots(
        TARGET, [delivery(1, "digest", slot="2026-11-23T11:30"), delivery(2, "fold", slot="more 2026-11-23T09:00")], NOW
    )
    assert moved == {
        1: (at("2026-11-24T11:30"), "2026-11-24T11:30"),
        2: (at("2026-11-24T09:00"), "more 2026-11-24T09:00"),
    }


def test_a_nonce_depends_on_the_papers_and_the_place_but_on_no_database_id() -> None:
    [parcel] = compose.arrange(TARGET, [delivery(1), delivery(2)], {}, NOW).parcels
    renumbered = replace(parcel, shown=tuple(replace(d, id=d.id + 100) for d in reversed(parcel.shown)))
    elsewhere = Address("terminal", "local", "#other")
    assert compose.nonce(ROOM, parcel) == compose.nonce(ROOM, renumbered)
    assert compose.nonce(ROOM, parcel) != compose.nonce(elsewhere, parcel)
    assert compose.nonce(ROOM, parcel) != compose.nonce(ROOM, replace(parcel, shown=parcel.shown[:1]))
    assert len(compose.nonce(ROOM, parcel)) == 24


def test_what_is_posted_for_a_watch_alone_can_be_told_by_its_nonce_and_nothing_else_can() -> None:
    watched = replace(delivery(1), occasion="watch:1:votes>=9")
    parcels = compose.arrange(TARGET, [watched, delivery(2)], {}, NOW).parcels
    of_match, of_watch = (compose.nonce(ROOM, parcel) for parcel in parcels)
    assert [name[0] == WATCHED for name in (of_match, of_watch)] == [False, True]
    assert [compose.reply_nonce(name, 1)[0] == WATCHED for name in (of_match, of_watch)] == [False, True]
    assert len(of_watch) == 24
    alphabet = {compose.slot_nonce(ROOM, str(number))[0] for number in range(1000)}
    assert len(alphabet) == 32
    assert WATCHED not in alphabet


def test_replies_and_notices_have_names_of_their_own() -> None:
    mei = Address("terminal", "local", "mei", "person")
    replies = {compose.reply_nonce(parent, number) for parent in ("a", "b") for number in (1, 2)}
    notices = {
        compose.notice_nonce(where, ROOM, reason, day)
        for where in (mei, replace(mei, room="ann")) for reason in ("gone", "closed") for day in ("1", "2")
    }  # fmt: skip
    assert (len(replies), len(notices)) == (4, 8)
    assert {len(name) for name in replies | notices} == {24}
    assert compose.notice_nonce(mei, ROOM, "gone", "1") in notices
