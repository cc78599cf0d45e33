"""Whatever people type, papers say and rooms are called: on its way through the whole Paperboy nothing of it acts.

The renderers are tried one by one in test_discord_hostile.py and test_slack_hostile.py. Here every body that went over
the wire to either platform is read: answers to hostile commands, their lines for everybody, errors, posts, notices,
posts shown anew, unfolded links. The stand-ins refuse what is over a limit.
"""

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from bot.commands import TABLE, write
from tests.adapters.reading_discord import acts, pings
from tests.flow.chats import Chats, Item, changed, chatting, items
from tests.standins.discord_world import POSTING, Right

EVIL = "https://evil.example/x"
HOSTS = {"arxiv.org", "huggingface.co", "github.com", "doi.org", "cdn-thumbnails.huggingface.co"}
"""Where our own links lead."""
FRAGMENTS = (
    "<@123456789012345678>", "<@&123456789012345678>", "<#123456789012345678>", "@everyone", "@here", "<t:0:R>",
    "</papers today:123456789012345678>", "<:e:123456789012345678>", f"[x]({EVIL})", EVIL, f"<{EVIL}>", f"]({EVIL})",
    "<!here>", "<!channel>", "<!everyone>", "<@U0123456>", "<#C0123456>", "<!subteam^S0123456|@lab>", "@channel",
    f"<{EVIL}|arxiv.org>", "&lt;!here&gt;", "www.evil.example", "a@evil.example", ":smile:", "*b*", "_i_", "~s~", "`c`",
    "```b```", "||s||", "# h", "> q", "- l", "1. l", "\\", '"', "(", ")", "|", "\u202eesrever", "\u200b", "👩\u200d🔬",
    "مرحبا", "e\u0301\u0302", "/papers admin pause-all", "query:", "votes>=", "a" * 180,
)  # fmt: skip
TEXTS = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=6), min_size=1, max_size=5).map(" ".join)
LINES: tuple[tuple[str, dict[str, str]], ...] = (
    ("subscribe", {"query": "{}"}), ("subscribe", {"query": '"{}"'}), ("search", {"query": "{}"}),
    ("preview", {"query": "{} OR diffusion"}), ("alert add", {"query": "{}"}), ("save", {"paper": "KEY", "note": "{}"}),
    ("show", {"paper": "{}"}), ("saved remove", {"paper": "{}"}), ("help", {"topic": "{}"}),
    ("unsubscribe", {"id": "{}"}), ("pause", {"id": "1", "until": "{}"}),
    ("me timezone", {"timezone": "{}"}), ("watch remove", {"id": "{}"}),
    ("edit", {"id": "1", "query": "{}"}), ("admin import", {"text": "{}"}), ("today", {"date": "{}"}),
    ("admin settings", {"quiet": "{}"}), ("subscribe", {"query": "diffusion {}", "at": "{}"}), ("saved list", {}),
    ("subscriptions", {}), ("alert list", {}), ("why", {"paper": "{}"}), ("admin export", {}), ("me export", {}),
)  # fmt: skip


def examples(amount: int) -> list[str]:
    """So many hostile texts, always the same."""
    found: list[str] = []

    @settings(max_examples=amount, phases=[Phase.generate])
    @given(TEXTS)
    def collect(text: str) -> None:
        found.append(text)

    collect()
    return [text for text in found if text.strip()]


PAPERS = [changed(item, projectPage="") for item in items()]
PAPER = PAPERS[0]
KEY = PAPER["paper"]["id"]


@pytest.fixture
async def chats(tmp_path: Path) -> AsyncIterator[Chats]:
    async with chatting(tmp_path) as chats:
        await chats.news(PAPERS[-1])
        yield chats
        assert_harmless(chats)


# --- what people type -------------------------------------------------------------------------------------------------


async def test_nothing_that_is_typed_acts_in_an_answer_an_error_or_a_line_for_everybody(chats: Chats) -> None:
    await chats.news(PAPER)
    for number, ((name, shape), text) in enumerate(zip(cycle(LINES), examples(100))):
        options: dict[str, Any] = {
            option: form.format(text).replace("KEY", KEY)[:1000] for option, form in shape.items()
        }
        command = next(c for c in TABLE if c.name == name)
        await chats.say(name, where=chats.room, **options)
        line = write(command, options).removeprefix("/papers ")
        await chats.enter(escaped(line) if number % 3 else line)


async def test_nothing_in_the_name_of_a_person_or_a_room_acts_where_it_is_told(chats: Chats) -> None:
    for number, text in enumerate(examples(9), 1):
        chats.owner.name = text[:32]
        chats.discord.rename(chats.room, text[:100])
        chats.slack.manager.name = text[:80]
        chats.slack.papers.name = text[:80]
        said = await chats.say("subscribe", where=chats.room, query=f"votes>={number}")
        await said.until(lambda answer: len(answer.messages) == 2)
        await chats.enter(f"subscribe votes>={number}", where=chats.slack.papers)
        await chats.say("status", where=chats.room)
        await chats.enter("status", where=chats.slack.papers)


# --- what papers say --------------------------------------------------------------------------------------------------


def hostile(item: Item, said: Iterator[str]) -> Item:
    """The item with hostile texts wherever a source has texts."""
    title, name, summary, words = next(said), next(said), next(said), next(said)
    paper = changed(item, title=title, authors=[{"name": name}, {"name": words}], summary=summary, ai_keywords=[words])
    organization = {"name": "lab", "fullname": name}
    return {
        **changed(paper, ai_summary=words, projectPage="javascript:alert(1)"),
        "title": title,
        "organization": organization,
    }


async def test_nothing_in_a_paper_acts_in_posts_digests_threads_answers_and_unfolded_links(chats: Chats) -> None:
    said = cycle(examples(120))
    news = [hostile(item, said) for item in PAPERS[:9]]
    for form, some in (("card", news[:1]), ("thread", news[1:3]), ("line", news[3:6]), ("card", news[6:])):
        await chats.say("subscribe", where=chats.room, query="*", format=form)
        await chats.enter(f"subscribe * format:{form}")
        await chats.say("admin settings", where=chats.room, format=form)
        await chats.enter(f"admin settings format:{form}")
        await chats.news(*some)
    await chats.news(*(changed(item, githubRepo="https://github.com/example/p") for item in news))
    for item in news[:3]:
        key = item["paper"]["id"]
        pasted = chats.discord.say(chats.member, chats.room, f"https://arxiv.org/abs/{key}")
        await chats.discord.menu(pasted, "Look up papers here", user=chats.member)
        await chats.slack.link_shared("papers", [f"https://arxiv.org/abs/{key}"], chats.slack.reader)
        for line in ("show", "similar", "cite", "why", "save", "watch add", "me less"):
            await chats.say(line, where=chats.room, paper=key)
            await chats.enter(f"{line} {key}")
    for line in ("today", "saved list", "saved export", "watch list", "me export"):
        await chats.say(line, where=chats.room)
        await chats.enter(line)
    await chats.slack.open_home(chats.slack.manager)
    assert any(call.method == "chat.update" for call in chats.slack.calls)
    assert any(call.method == "chat.unfurl" for call in chats.slack.calls)


async def test_a_notice_about_a_room_with_a_hostile_name_rings_at_nobody(chats: Chats) -> None:
    chats.discord.rename(chats.room, f"@everyone <@&1> [x]({EVIL})")
    chats.slack.papers.name = f"<!channel> <{EVIL}|x> @here"
    await chats.say("subscribe", where=chats.room, query="*")
    await chats.enter("subscribe *", where=chats.slack.papers)
    chats.discord.permit(chats.room, POSTING & ~Right.SEND_MESSAGES)
    chats.slack.papers.archived = True
    await chats.news(PAPER)
    direct = chats.slack.direct(chats.slack.bot, chats.slack.manager)
    told = [*chats.discord.messages(chats.discord.dm(chats.owner)), *chats.slack.messages(direct)]
    assert len(told) == 2


def test_the_readers_below_see_what_acts() -> None:
    """Otherwise the tests above would say nothing."""
    for text in ("@everyone", f"[x]({EVIL})", EVIL, "<@123456789012345678>", "# h", "||s||"):
        body = {"content": text, "allowed_mentions": {"parse": ["everyone"]}}
        assert [act for message in _messages({"data": body}) for act in _acting_at_discord(message)], text
    for said in ("<!here>", f"<{EVIL}|arxiv.org>", EVIL, "<@U0123456>", "a < b"):
        assert list(_acting_at_slack({"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": said}}]})), said
        assert list(_acting_at_slack({"text": said})), said
    assert list(_acting_at_slack({"unfurls": {"https://arxiv.org/abs/1": {"blocks": [{"type": "link", "url": EVIL}]}}}))


# --- what went over the wire ------------------------------------------------------------------------------------------


def assert_harmless(chats: Chats) -> None:
    sent = [seen.body for seen in chats.discord.log if isinstance(seen.body, Mapping)]
    assert [act for body in sent for message in _messages(body) for act in _acting_at_discord(message)] == []
    called = [call.args for call in chats.slack.calls]
    assert [act for body in called for act in _acting_at_slack(body)] == []


def _messages(body: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The message in a request, if there is one: in a callback and in a forum's post it lies inside."""
    for inner in (body, body.get("data"), body.get("message")):
        if isinstance(inner, Mapping) and {"content", "embeds"} & set(inner):
            yield inner


def _acting_at_discord(message: Mapping[str, Any]) -> Iterator[str]:
    allowed = {"parse": [], "users": [], "roles": [], **(message.get("allowed_mentions") or {})}
    yield from pings({**message, "allowed_mentions": allowed})
    texts = [message.get("content") or ""]
    for embed in message.get("embeds") or []:
        texts += [embed.get("title") or "", embed.get("description") or ""]
        texts += [text for one in embed.get("fields") or [] for text in (one["name"], one["value"])]
        yield from _elsewhere(
            embed.get("url"), (embed.get("author") or {}).get("url"), (embed.get("image") or {}).get("url")
        )
    for act in (act for text in texts for act in acts(text)):
        if act.kind == "link":
            yield from _elsewhere(act.value)
        elif act.kind not in {"bold", "code", "block", "small"}:
            yield str(act)


def _elsewhere(*urls: str | None) -> Iterator[str]:
    """Addresses that are not ours."""
    yield from (url for url in urls if url and (urlsplit(url).hostname not in HOSTS or not url.startswith("https://")))


_MARKUP = re.compile(r"<([^<>|]*)(?:\|[^<>]*)?>")


def _acting_at_slack(value: Any) -> Iterator[str]:
    """What stands between < and > acts, and so do addresses (https://docs.slack.dev/messaging/formatting-message-text)."""
    if isinstance(value, list):
        for inner in value:
            yield from _acting_at_slack(inner)
    if not isinstance(value, Mapping):
        return
    kind, text = value.get("type"), value.get("text")
    if kind in {"user", "usergroup", "broadcast", "channel", "emoji", "date"}:
        yield f"acts: {value}"
    if kind == "plain_text" and value.get("emoji") is not False:
        yield f"makes emoji: {value}"
    if isinstance(text, str) and kind in {None, "mrkdwn"}:
        yield from (found for url in _MARKUP.findall(text) for found in _elsewhere(url or "<>"))
        bare = _MARKUP.sub("", text)
        yield from re.findall(r"[<>].{0,20}|\w+://.{0,20}", bare)
    yield from _elsewhere(value.get("url") if kind in {"link", "button"} else None, value.get("image_url"))
    for name, inner in value.items():
        yield from _acting_at_slack(list(inner.values()) if name == "unfurls" else inner)


def escaped(line: str) -> str:
    """As Slack hands over what somebody typed: people and groups that exist are in angle brackets, the rest is not."""
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
