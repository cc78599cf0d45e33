"""Papers that a text names by id or link: short cards, with when each was here before. Nothing is set up or saved."""

import re
from dataclasses import replace
from itertools import islice

from bot.cards import Card, Reply, paper_card
from bot.commands.failures import guarded
from bot.commands.fetching import known_or_asked
from bot.commands.listing import paper_data
from bot.commands.rights import is_flood, spend
from bot.commands.rooms import here
from bot.commands.table import Desk
from bot.errors import CommandError
from bot.model import ARXIV_ID, Paper, Request, Target, key_of
from bot.phrases import ago
from bot.query.vocabulary import ARCHIVES

MOST = 5
_READ = 20_000
"""Characters of a text that are looked at."""
_NAMED = re.compile(rf"(?<![\w.])({ARXIV_ID.pattern})(?:v\d+)?(?!\w|\.\d)", re.ASCII)
_DOI = re.compile(r"arxiv\.(?=\d|[a-z-]+/\d)", re.IGNORECASE)
_AROUND = len("arxiv.org/abs/")


async def pasted(desk: Desk, request: Request, text: str) -> Reply:
    """See ``ports.Core.pasted``. Papers that nobody knows are left out; where none is known, the reply has failed."""
    return await guarded("pasted", request, _pasted(desk, request, text))


def named(text: str) -> list[str]:
    """The keys of papers named by arXiv ids, arxiv.org or huggingface.co/papers links, in order, each once.

    Versions and ``.pdf`` are no part of a key. A number that has only the shape of an id (``issues/1234567``, a month
    13) is none.
    """
    said = _DOI.sub("arxiv:", text[:_READ])
    sound = (key_of(found[1]) for found in _NAMED.finditer(said) if _is_id(found, said))
    return list(islice(dict.fromkeys(sound), MOST))


def _is_id(found: re.Match[str], text: str) -> bool:
    archive, slash, _ = found[1].partition("/")
    if not slash:
        return 1 <= int(found[1][2:4]) <= 12
    before = text[max(0, found.start() - _AROUND) : found.start()].lower()
    return archive.partition(".")[0] in ARCHIVES or "arxiv" in before


async def _pasted(desk: Desk, request: Request, text: str) -> Reply:
    keys = named(text)
    if not keys:
        return Reply(cards=(), data={"papers": []})
    if request.unasked and is_flood(desk, request, "unasked"):
        return Reply(cards=(), failed=True, data={"papers": []})
    await spend(desk, request)
    papers, missing = [], []
    for key in keys:
        try:
            papers.append(await known_or_asked(desk, key))
        except CommandError as error:
            missing.append(error)
    if not papers:
        raise missing[0]
    # What nobody asked for is shown to others too: they are not told what came to one person alone.
    shown = request.unasked and request.where.kind == "person"
    target = None if shown else await desk.store.subscriptions.find_target(here(request))
    cards = tuple([await _card(desk, target, paper) for paper in papers])
    return Reply(cards=cards, data={"papers": [paper_data(paper) for paper in papers]})


async def _card(desk: Desk, target: Target | None, paper: Paper) -> Card:
    """The short card, labelled with when the paper was posted here."""
    card = paper_card(paper)
    trail = await desk.store.outbox.trail(target.id, paper.key) if target else []
    sent = next((delivery.sent_at for delivery in trail if delivery.state == "sent" and delivery.shown), 0)
    before = f"already here {ago(sent, desk.now())}" if sent else ""
    return replace(card, label=" · ".join(part for part in (card.label, before) if part))
