"""The commands of a channel: its subscriptions, what was folded, how things stand. In somebody's own room, theirs.

The deeds are in ``subscriptions.py``, because alerts do the same; how things stand is told in ``status.py``.
"""

from dataclasses import replace
from datetime import date

from bot.cadence import local_day
from bot.cards import Card, Reply, Row, matched_words, paper_row
from bot.commands import pausing, status, values
from bot.commands import subscriptions as deeds
from bot.commands.answers import PAGE, YES, paged, place
from bot.commands.backtest import COMMANDS as PREVIEW
from bot.commands.rooms import here, look
from bot.commands.subscription_words import AT, EVERY, FORMAT, MAX, MENTION, ON, QUERY, UNTIL
from bot.commands.table import Command, Desk, Option
from bot.commands.verbs import CHANNEL
from bot.model import Delivery, Request
from bot.phrases import day_text, plural


async def more(desk: Desk, request: Request) -> Reply:
    """The papers that an "N more" line stands for."""
    target = await look(desk, here(request))
    timezone = target.preferences.timezone
    today, asked = desk.today(timezone), request.options.get("date")
    day = values.day(asked, today).isoformat() if asked else ""
    folded = await desk.store.outbox.more(target.id, day)
    if not folded and day >= today.isoformat():
        # The line of a day that is not over may still have to come.
        folded = [d for d in await desk.store.outbox.more(target.id, "") if d.state == "pending"]
    data = {"papers": [{"key": d.paper.key, "title": d.paper.title} for d in folded]}
    if not folded:
        when = f" on {day}" if day else ""
        return Reply(cards=(Card(body=f"Nothing was folded in {place(target.address)}{when}."),), data=data)
    shown, page = paged(folded, request)
    first = page.number * 10 - 9 if page else 1
    rows = tuple(_row(d, f"{at}.") for at, d in enumerate(shown, first))
    title = f"{plural(len(folded), 'more paper')} · {day_text(_day(folded[0], timezone), today)}"
    return Reply(cards=(Card(title=title, rows=rows, tone="paper"),), page=page, data=data)


def _row(delivery: Delivery, lead: str) -> Row:
    return paper_row(delivery.paper, lead, matched=matched_words(delivery.reasons))


def _day(delivery: Delivery, timezone: str) -> date:
    return date.fromisoformat(local_day(delivery.sent_at or delivery.created, timezone))


_ID = CHANNEL.id()
COMMANDS: tuple[Command, ...] = (
    Command(
        words=("subscribe",),
        help="Post new papers that match a query in this channel",
        room="channel",
        run=deeds.bound(CHANNEL, deeds.add),
        options=(QUERY, EVERY, AT, ON, MAX, MENTION, FORMAT),
        needs="manager",
        aliases=("sub",),
        example='/papers subscribe "video generation" -survey votes>=10 every:daily at:09:00',
        writes=True,
        posts=True,
        form=True,
    ),
    Command(
        words=("unsubscribe",),
        help="Stop a subscription of this channel, or all of them",
        room="channel",
        run=deeds.bound(CHANNEL, deeds.remove),
        options=(_ID, YES),
        needs="manager",
        aliases=("unsub", "rm"),
        example="/papers unsubscribe id:3",
        writes=True,
    ),
    Command(
        words=("subscriptions",),
        help="What this channel is subscribed to, with numbers",
        room="channel",
        run=deeds.bound(CHANNEL, deeds.listing),
        options=(PAGE,),
        aliases=("ls", "subs"),
        example="/papers subscriptions",
    ),
    Command(
        words=("edit",),
        help="Change a subscription: only what is given changes",
        room="channel",
        run=deeds.bound(CHANNEL, deeds.edit),
        options=(CHANNEL.id(all=False), replace(QUERY, required=False), EVERY, AT, ON, MAX, MENTION),
        needs="manager",
        example="/papers edit id:3 every:weekly on:monday",
        writes=True,
        posts=True,
        form=True,
    ),
    *PREVIEW,
    Command(
        words=("pause",),
        help="Hold a subscription, or everything in this channel",
        room="channel",
        run=deeds.bound(CHANNEL, pausing.pause),
        options=(_ID, UNTIL),
        needs="manager",
        example="/papers pause id:all until:monday",
        writes=True,
    ),
    Command(
        words=("resume",),
        help="Go on with a paused subscription, or with everything in this channel",
        room="channel",
        run=deeds.bound(CHANNEL, pausing.resume),
        options=(_ID,),
        needs="manager",
        example="/papers resume id:all",
        writes=True,
        posts=True,
    ),
    Command(
        words=("more",),
        help='Open the last "N more" line, or the one of a day',
        room="channel",
        run=more,
        options=(Option(name="date", help="the day of the line", kind="date"), PAGE),
        example="/papers more",
    ),
    Command(
        words=("status",),
        help="How the sources fare, what comes here, and what went wrong",
        room="channel",
        run=status.status,
        example="/papers status",
    ),
)
