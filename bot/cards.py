"""What is said, in plain text: cards, posts and replies, and the builders of them. No markup, no platform, no clock.

An adapter turns these into what its platform shows. Every text here is already clean (``text.py``) but not escaped.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from bot.brief import brief
from bot.model import Address, Format, Paper, PostKind, Reason
from bot.phrases import count, date_text, plural, without_codes
from bot.text import cut, names

Tone = Literal["paper", "plain", "good", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Link:
    """A named address: ``label`` is what people read."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Button:
    """An offer: ``command`` is the whole command it stands for, such as ``/papers save paper:2401.01234``."""

    label: str
    command: str
    confirm: str = ""
    """A question to ask first, for what cannot be undone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of a list: what it is about, in one short text, and what is known of it."""

    lead: str
    """A number or id to type: ``#2``, ``3.``; may be empty."""
    text: str
    detail: str = ""
    url: str = ""
    command: str = ""
    """The whole command that opens it: for a platform where its number can be typed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One thing said. Any field may be empty, but not title, body and rows at once. Adapters leave out what is."""

    title: str = ""
    url: str = ""
    byline: str = ""
    """Authors or organization."""
    facts: tuple[str, ...] = ()
    """Short facts in order: ``▲ 43``, ``3 comments``, ``★ 1.2k``."""
    body: str = ""
    body_origin: str = ""
    """Whose words the body is: ``AI summary, Hugging Face``, ``from the abstract``."""
    matched: str = ""
    """Why it is here: ``diffusion, author:hinton``."""
    rows: tuple[Row, ...] = ()
    code: str = ""
    """Text to copy as it is, such as BibTeX: shown in a fixed width, never wrapped or escaped away."""
    links: tuple[Link, ...] = ()
    buttons: tuple[Button, ...] = ()
    picture: str = ""
    picture_alt: str = ""
    label: str = ""
    """A warning on top of everything: ``SAMPLE EDITION``."""
    footer: str = ""
    tags: tuple[str, ...] = ()
    """Categories and keywords, for a platform that files posts by them."""
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What goes to a target unasked: one message of one or more cards."""

    kind: PostKind
    heading: str = ""
    """``Daily digest · Mon 23 Nov · 8 papers``; empty for instant posts."""
    cards: tuple[Card, ...]
    footer: str = ""
    mentions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Where in a long answer we are; ``previous`` and ``next`` are whole commands, empty at the ends."""

    number: int
    total: int
    previous: str = ""
    next: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The answer to a command. ``private`` answers are for the asker alone; ``public`` is a line for the channel."""

    cards: tuple[Card, ...]
    private: bool = True
    page: Page | None = None
    public: str = ""
    share: str = ""
    """The whole command whose answer may be shown to everybody here; empty where there is nothing to share."""
    failed: bool = False
    """The command was refused or broke: for exit codes."""
    data: object = None
    """The same answer as plain JSON values, for scripts; cards say it for people."""


# --- papers -----------------------------------------------------------------------------------------------------------

SAMPLE_LABEL = "SAMPLE EDITION"
_SAMPLE_ORIGIN = "written for the sample edition"
"""Its papers carry a short summary of our own where others have their abstract."""
_SUMMARY_LIMIT = 400
_MANY_AUTHORS = 10
_MOST_TAGS = 20
_LONGEST_TAG = 40
"""Characters; what is longer is left out, for half a keyword is none."""

Match = tuple[Paper, Sequence[Reason]]
"""A paper and why it reaches a target."""


def paper_card(
    paper: Paper,
    *,
    matched: Sequence[str] = (),
    full: bool = False,
    note: str = "",
    buttons: bool = True,
    watched: str = "",
) -> Card:
    """A paper as a card. ``matched`` is why it is here, ``note`` what its reader wrote about it.

    ``watched`` is the sentence for somebody who had an eye on it.

    ``full`` gives the whole abstract, up to ten authors and what else is known, for whoever asked for this one paper.
    """
    body, origin = _whole_body(paper) if full else _short_body(paper)
    return Card(
        title=paper.title,
        url=_page(paper),
        byline=_long_byline(paper) if full else _byline(paper),
        facts=(*_facts(paper), *_stamps(paper)),
        body=body,
        body_origin=origin,
        matched=", ".join(dict.fromkeys(matched)),
        rows=_details(paper) if full else (),
        links=_links(paper),
        buttons=_buttons(paper, full) if buttons else (),
        picture=paper.picture,
        picture_alt=f"Picture for the paper “{paper.title}”" if paper.picture else "",
        label=" · ".join(part for part in (_label([paper]), watched) if part),
        footer=note,
        tags=_tags(paper),
        tone="warning" if paper.withdrawn else "paper",
    )


def paper_row(paper: Paper, lead: str, *, matched: Sequence[str] = ()) -> Row:
    """A paper as one line of a list; ``lead`` is its number there. The id stands in it because commands ask for it."""
    why = f"matched: {', '.join(dict.fromkeys(matched))}" if matched else ""
    withdrawn = "withdrawn" if paper.withdrawn else ""
    detail = " · ".join(part for part in (withdrawn, _byline(paper), *_facts(paper), paper.arxiv_id, why) if part)
    opened = f"/papers show {paper.name}"
    return Row(lead=lead, text=paper.title, detail=detail, url=_page(paper), command=opened)


def matched_words(reasons: Iterable[Reason]) -> tuple[str, ...]:
    """The words that hit, each once. A reason without words (``*``, conditions alone) speaks with its whole query."""
    return tuple(dict.fromkeys(word for reason in reasons for word in (reason.terms or (reason.query,))))


def _is_sample(paper: Paper) -> bool:
    return "sample" in paper.sources


def _label(papers: Sequence[Paper]) -> str:
    sample = SAMPLE_LABEL if any(map(_is_sample, papers)) else ""
    withdrawn = "WITHDRAWN" if papers and all(paper.withdrawn for paper in papers) else ""
    return " · ".join(part for part in (sample, withdrawn) if part)


def _byline(paper: Paper) -> str:
    return paper.organization.name if paper.organization else names(paper.authors)


def _long_byline(paper: Paper) -> str:
    organization = paper.organization.name if paper.organization else ""
    return " · ".join(part for part in (organization, names(paper.authors, _MANY_AUTHORS)) if part)


def _facts(paper: Paper) -> tuple[str, ...]:
    facts = paper.facts
    said = (
        f"▲ {count(facts.votes)}" if facts.votes is not None else "",
        plural(facts.comments, "comment") if facts.comments else "",
        f"★ {count(facts.stars)}" if facts.stars is not None else "",
        plural(facts.models, "model") if facts.models else "",
        f"trending #{facts.trending}" if facts.trending else "",
    )
    return tuple(fact for fact in said if fact)


def _stamps(paper: Paper) -> tuple[str, ...]:
    day = paper.published
    published = date_text(day) if day else ""
    version = f"version {paper.version}" if paper.version > 1 else ""
    return tuple(stamp for stamp in (*paper.categories[:1], published, version) if stamp)


def _short_body(paper: Paper) -> tuple[str, str]:
    if paper.facts.summary:
        return cut(paper.facts.summary, _SUMMARY_LIMIT), "AI summary, Hugging Face"
    if _is_sample(paper):
        return cut(paper.abstract, _SUMMARY_LIMIT), _SAMPLE_ORIGIN
    extract = brief(paper.title, paper.abstract)
    return extract, "from the abstract" if extract else ""


def _whole_body(paper: Paper) -> tuple[str, str]:
    return (paper.abstract, "abstract") if paper.abstract and not _is_sample(paper) else _short_body(paper)


def _details(paper: Paper) -> tuple[Row, ...]:
    known = (
        ("AI summary, Hugging Face", paper.facts.summary if paper.abstract else ""),
        ("keywords", ", ".join(paper.facts.keywords)),
        ("categories", ", ".join(paper.categories) if len(paper.categories) > 1 else ""),
        ("authors' comment", paper.comment),
        ("journal", paper.journal),
        ("doi", paper.doi),
    )
    urls = {"doi": f"https://doi.org/{paper.doi}"}
    return tuple(Row(lead="", text=name, detail=said, url=urls.get(name, "")) for name, said in known if said)


def _hub(paper: Paper) -> str:
    if "//huggingface.co/" in paper.links.page:
        return paper.links.page
    return f"https://huggingface.co/papers/{paper.arxiv_id}" if "huggingface" in paper.sources else ""


def _arxiv(paper: Paper, form: Literal["abs", "pdf"]) -> str:
    return f"https://arxiv.org/{form}/{paper.arxiv_id}" if paper.arxiv_id else ""


def _page(paper: Paper) -> str:
    return _hub(paper) or _arxiv(paper, "abs") or paper.links.page


def _links(paper: Paper) -> tuple[Link, ...]:
    offered = (
        ("HF", _hub(paper)),
        ("arXiv", _arxiv(paper, "abs")),
        ("page", paper.links.page if not paper.arxiv_id else ""),
        ("PDF", _arxiv(paper, "pdf") or paper.links.pdf),
        ("code", paper.links.code),
        ("project", paper.links.project),
    )
    first: dict[str, Link] = {}
    for label, url in offered:
        if url:
            first.setdefault(url.rstrip("/").lower(), Link(label, url))
    return tuple(first.values())


def _tags(paper: Paper) -> tuple[str, ...]:
    named = dict.fromkeys((*paper.categories, *paper.facts.keywords))
    return tuple(tag for tag in named if 0 < len(tag) <= _LONGEST_TAG)[:_MOST_TAGS]


def _buttons(paper: Paper, full: bool) -> tuple[Button, ...]:
    name = f"paper:{paper.name}"
    abstract = Button("Abstract", f"/papers show {name}")
    return (
        Button("Save", f"/papers save {name}"),
        Button("More like this", f"/papers similar {name}"),
        Button("Less", f"/papers me less {name}"),
        *(() if full else (abstract,)),
        Button("Cite", f"/papers cite {name}"),
    )


# --- posts ------------------------------------------------------------------------------------------------------------


def instant_post(items: Sequence[Match], format: Format = "card") -> Post:
    """New papers as they come, one card each, or one list of lines: alone, or over a thread."""
    title = plural(len(items), "new paper")
    return Post(kind="instant", cards=_said(items, format, title), mentions=_mentions(items))


def digest_post(items: Sequence[Match], folded: int, heading: str, format: Format = "card") -> Post:
    """A digest; ``folded`` papers are over its limit and only counted, with the command that opens them."""
    more = Button(f"Show {folded} more", "/papers more")
    rest = Card(body=f"{plural(folded, 'more paper')} — {more.command}", buttons=(more,))
    cards = _said(items, format, "") + ((rest,) if folded else ())
    return Post(kind="digest", heading=heading, cards=cards, mentions=_mentions(items))


def thread_posts(items: Sequence[Match]) -> tuple[Post, ...]:
    """What goes into the thread below a list of lines: a card for each paper, and nobody is called again."""
    return tuple(Post(kind="reply", cards=(card,)) for card in _cards(items))


def suspended_post(where: Address, reason: str, days: int) -> Post:
    """For whoever subscribed in a channel that takes no posts any more; what matches waits for ``days``."""
    room = f"#{(where.name or where.room).removeprefix('#')}"
    why = without_codes(reason).rstrip(". ")
    said = (
        f"I can no longer post in {room}: {why}. Nothing is lost: what matched waits up to {plural(days, 'day')}, and I"
        " try again every day. Once it is mended, any /papers command there lets me go on at once."
    )
    return Post(kind="notice", cards=(notice(said, "warning"),))


def fold_post(amount: int, day: str, *, label: str = "") -> Post:
    """One line for ``amount`` papers over the cap since the last such line, and the command that opens them.

    ``day`` (``2026-11-23``) is the day of the line; its papers may have matched on the day before.
    """
    command = f"/papers more date:{day}"
    said = f"{plural(amount, 'more paper')} matched, over the daily cap."
    button = Button(f"Show {amount} more", command)
    return Post(kind="fold", cards=(Card(body=f"{said} Open them: {command}", buttons=(button,), label=label),))


def _said(items: Sequence[Match], format: Format, title: str) -> tuple[Card, ...]:
    if format == "card":
        return _cards(items)
    rows = tuple(_line(paper, reasons) for paper, reasons in items)
    papers = [paper for paper, _ in items]
    return (Card(title=title, rows=rows, label=_label(papers), tone="paper"),)


def _cards(items: Sequence[Match]) -> tuple[Card, ...]:
    return tuple(paper_card(paper, matched=_matched(reasons), watched=_watched(reasons)) for paper, reasons in items)


def _line(paper: Paper, reasons: Sequence[Reason]) -> Row:
    row, watched = paper_row(paper, "▪", matched=_matched(reasons)), _watched(reasons)
    return replace(row, detail=f"{watched} · {row.detail}") if watched else row


def _matched(reasons: Iterable[Reason]) -> tuple[str, ...]:
    """Why a paper is here; ``*`` tells nobody anything."""
    return tuple(word for word in matched_words(r for r in reasons if r.subscription) if word != "*")


def _watched(reasons: Iterable[Reason]) -> str:
    """What to say to somebody who waited for this; empty where it comes for subscriptions alone."""
    came = matched_words(reason for reason in reasons if not reason.subscription)
    return f"You watched this: it now has {' and '.join(map(wished, came))}" if came else ""


def wished(query: str) -> str:
    """A watch's query behind "it has": ``20 votes or code`` for ``votes>=20 OR has:code``."""
    return " or ".join(map(_wished, query.split(" OR ")))


def _wished(condition: str) -> str:
    if votes := re.fullmatch(r"votes>=(\d+)", condition):
        return plural(int(votes[1]), "vote")
    return {"has:code": "code", "has:model": "a model"}.get(condition, condition)


def _mentions(items: Sequence[Match]) -> tuple[str, ...]:
    said = (reason.mention for _, reasons in items for reason in reasons)
    return tuple(dict.fromkeys(mention for mention in said if mention))


# --- replies ----------------------------------------------------------------------------------------------------------


def error_card(text: str, mended: str = "") -> Card:
    """What could not be done and why; ``mended`` is the command that would work, on its own to copy or press."""
    buttons = (Button("Do this instead", mended),) if mended.startswith("/papers") else ()
    return Card(body=text, code=mended, buttons=buttons, tone="error")


def notice(text: str, tone: Tone = "plain") -> Card:
    """One sentence."""
    return Card(body=text, tone=tone)
