"""What Slack shows of ours since a time: read back from the stand-in's history."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.slack.faults import SlackError
from bot.cards import Reply, digest_post, fold_post, instant_post, paper_card
from bot.model import FORMATS, WATCHED, Address, Format, Outgoing
from bot.ports import History, Reach
from tests.adapters.at_slack import Lab, at_slack, now
from tests.making import paper
from tests.standins.slack_faults import Pace

PAPERS = [paper(number) for number in range(1, 11)]


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    async with at_slack(tmp_path, serve=False) as lab:
        yield lab


async def told(lab: Lab, to: Address, since: int = 0) -> tuple[set[str], int]:
    """All pages: the papers, and how many pages there were."""
    papers, further, pages = set[str](), "", 0
    while further or not pages:
        page = await lab.bot.posted(to, since, further)
        papers |= page.papers.keys()
        further, pages = page.further, pages + 1
    return papers, pages


async def refused(lab: Lab, to: Address) -> SlackError:
    with pytest.raises(SlackError) as error:
        await lab.bot.posted(to, 0)
    return error.value


async def post(lab: Lab, to: Address, *numbers: int, nonce: str = "n1") -> None:
    payload = lab.bot.render(instant_post([(paper(number), ()) for number in numbers]))
    await lab.bot.send(Outgoing(where=to, payload=payload, nonce=nonce))


@pytest.mark.parametrize("plain", [False, True], ids=["rich", "plain"])
@pytest.mark.parametrize("format", FORMATS)
async def test_every_paper_of_every_kind_of_post_is_read_back(lab: Lab, format: Format, plain: bool) -> None:
    assert isinstance(lab.bot, History)
    for count in (1, 2, 10):
        items = [(one, ()) for one in PAPERS[:count]]
        for kind, said in enumerate((instant_post(items, format), digest_post(items, 3, "Digest", format))):
            room = lab.slack.add_channel(lab.slack.lab, f"{kind}-{count}", joined=True)
            payload = lab.bot.plain(said) if plain else lab.bot.render(said)
            await lab.bot.send(Outgoing(where=lab.channel(room.name), payload=payload, nonce="n1"))
            assert await told(lab, lab.channel(room.name)) == ({p.key for p, _ in items}, 1)


async def test_a_more_line_is_told_with_its_time_and_a_digests_rest_is_none(lab: Lab) -> None:
    for nonce, said in (("n1", digest_post([(PAPERS[0], ())], 4, "Digest")), ("n2", fold_post(3, "2026-11-23"))):
        assert (await lab.bot.posted(lab.channel(), 0)).counted == 0
        await lab.bot.send(Outgoing(where=lab.channel(), payload=lab.bot.render(said), nonce=nonce))
    assert now() - 60_000 < (await lab.bot.posted(lab.channel(), 0)).counted <= now()


async def test_answers_and_what_others_say_are_no_posts(tmp_path: Path) -> None:
    async with at_slack(tmp_path) as lab:
        card = paper_card(PAPERS[0])
        lab.core.answers["show"] = Reply(cards=(card,), private=False, share="/papers show 2611.00001")
        answer = await lab.slack.slash(lab.slack.reader, "/papers", "show 2611.00001", "papers")
        assert "Save" in str([message.blocks for message in answer.messages])
        lab.slack.say(lab.slack.reader, "papers", f"<{card.url}|One>")
        assert await told(lab, lab.channel()) == (set(), 1)


async def test_a_post_for_a_watch_shows_no_match(lab: Lab) -> None:
    await post(lab, lab.channel(), 1, nonce=f"{WATCHED}n1")
    await post(lab, lab.channel(), 2, nonce="n2")
    assert (await told(lab, lab.channel()))[0] == {PAPERS[1].key}


async def test_only_what_was_posted_since_is_told(lab: Lab) -> None:
    await post(lab, lab.channel(), 1)
    assert (await told(lab, lab.channel(), now() + 2 * 3_600_000))[0] == set()
    page = await lab.bot.posted(lab.channel(), now())
    [at] = page.papers.values()
    assert now() - 60_000 < at <= now()


async def test_a_long_channel_is_read_page_by_page(lab: Lab) -> None:
    await post(lab, lab.channel(), 1)
    for number in range(210):
        lab.slack.say(lab.slack.reader, "papers", f"chat {number}")
    assert await told(lab, lab.channel()) == ({PAPERS[0].key}, 3)


async def test_a_page_more_than_may_be_read_now_is_one_for_later(lab: Lab) -> None:
    await post(lab, lab.channel(), 1)
    lab.slack.reading.per_second, lab.slack.reading.burst = 1 / 60, 1
    lab.slack.most_read = 15
    for number in range(20):
        lab.slack.say(lab.slack.reader, "papers", f"chat {number}")
    first = await lab.bot.posted(lab.channel(), 0)
    assert (first.papers, bool(first.further)) == ({}, True)
    with pytest.raises(SlackError) as caught:
        await lab.bot.posted(lab.channel(), 0, first.further)
    assert caught.value.fault == "busy"
    assert 30 < (caught.value.retry_after or 0) <= 60
    lab.slack.reading = Pace(1, 1)
    assert (await lab.bot.posted(lab.channel(), 0, first.further)).papers.keys() == {PAPERS[0].key}


async def test_a_direct_channel_that_was_forgotten_is_read_all_the_same(lab: Lab) -> None:
    reader = lab.bot.private(lab.channel(), lab.slack.reader.id)
    await post(lab, reader, 1)
    await lab.notes.erase("slack", f"direct/{reader.space}/{reader.room}")
    assert await told(lab, reader) == ({PAPERS[0].key}, 1)


async def test_a_direct_channel_that_is_gone_is_asked_for_anew(lab: Lab) -> None:
    reader = lab.bot.private(lab.channel(), lab.slack.reader.id)
    await lab.notes.write("slack", f"direct/{reader.space}/{reader.room}", "D0GONE")
    assert (await refused(lab, reader)).fault == "temporary"
    assert await told(lab, reader) == (set(), 1)


async def test_where_nothing_can_be_posted_either_the_room_is_read_when_it_can(lab: Lab, tmp_path: Path) -> None:
    assert (await refused(lab, lab.channel("secret"))).fault == "target"
    assert (await refused(lab, lab.channel("general"))).fault == "ambiguous"  # public: it may be posted to unasked
    (tmp_path / "member").mkdir()
    scopes = "chat:write,commands,channels:history"
    async with at_slack(tmp_path / "member", serve=False, scopes=scopes) as member:
        assert (await refused(member, member.channel("general"))).fault == "target"


async def test_without_the_scope_to_read_there_is_no_telling(tmp_path: Path) -> None:
    async with at_slack(tmp_path, serve=False, scopes="chat:write,commands") as blind:
        error = await refused(blind, blind.channel())
        assert error.fault == "ambiguous"
        assert "channels:history" in str(error)


@pytest.mark.parametrize(
    ("kind", "fault"),
    [("500 before", "temporary"), ("cut", "temporary"), ("wrong", "temporary"), ("account_inactive", "credential")],
)
async def test_what_fails_for_now_is_asked_again(lab: Lab, kind: str, fault: str) -> None:
    lab.slack.faults.fail(r"conversations\.history", kind)
    assert (await refused(lab, lab.channel())).fault == fault


@pytest.mark.parametrize("kind", ["500 before", "token_revoked"])
async def test_it_tells_whether_posts_could_be_sent(lab: Lab, kind: str) -> None:
    assert isinstance(lab.bot, Reach)
    lab.slack.faults.fail(r"conversations\.history", kind)
    await lab.bot.reach(lab.channel())
    lab.slack.faults.fail(r"auth\.test", kind)
    with pytest.raises(SlackError):
        await lab.bot.reach(lab.channel())
